//! Reading the command line, whose refusals show no secret.

use std::env;
use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::output;

/// Reads it. What is wrong with it, or the help, was told if there is an exit code.
pub(crate) fn read() -> Result<Cli, ExitCode> {
    Cli::try_parse().map_err(|error| {
        let urls: Vec<_> = arguments().filter_map(|argument| url_in(&argument)).collect();
        if !error.use_stderr() || urls.is_empty() {
            error.exit();
        }
        output::tell(&without(error.render().to_string(), urls));
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
    })
}

/// All texts that a refusal may show.
fn arguments() -> impl Iterator<Item = String> {
    let variables = env::vars_os()
        .filter(|(name, _)| name.to_str().is_some_and(|name| name.starts_with("ROSTER_")));
    let values = variables.map(|(_, value)| value);
    env::args_os().chain(values).map(|text| text.to_string_lossy().into_owned())
}

/// The URL of a database that an argument ends with, which may have a password in it.
fn url_in(argument: &str) -> Option<String> {
    let begin = ["postgres://", "postgresql://"].iter().filter_map(|scheme| argument.find(scheme));
    begin.min().map(|begin| argument[begin..].to_owned())
}

/// A text that names no URL but by its beginning.
fn without(text: String, mut urls: Vec<String>) -> String {
    // A long one may have a short one in it.
    urls.sort_by_key(|url| std::cmp::Reverse(url.len()));
    urls.iter().fold(text, |text, url| text.replace(url.as_str(), "postgres:…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_not_shown() {
        let urls = ["--from=postgres://a:b'c d@e/f", "--listen", "postgresql://a:x@e"];
        let urls: Vec<_> = urls.into_iter().filter_map(url_in).collect();
        let text = "error: 'postgres://a:b'c d@e/f' and 'postgresql://a:x@e' are wrong";
        let expected = "error: 'postgres:…' and 'postgres:…' are wrong";
        assert_eq!(without(text.to_owned(), urls), expected);
    }
}
