//! The query of a request (contract Zendesk §1.1).

use axum::http::request::Parts;
use form_urlencoded::{Serializer, parse};

/// The parameters that place a page, which each link sets anew.
const PAGE: [&str; 5] = ["page", "page[after]", "page[before]", "cursor", "start_time"];

/// The parameters that hold a cursor of a list.
const CURSORS: [&str; 2] = ["page[after]", "page[before]"];

/// The parameters of a request, in their order. Those with an empty value count as absent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// The query of this request.
    pub(crate) fn of(parts: &Parts) -> Self {
        Self::parse(parts.uri.query().unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let mut pairs: Vec<(String, String)> =
            parse(text.as_bytes()).map(|(name, value)| (name.into(), value.into())).collect();
        // Some programs encode a whole link again. Only the brackets of a name show it.
        let was_encoded_again = pairs.iter().any(|(name, _)| has_encoded_bracket(name));
        for (name, value) in &mut pairs {
            if has_encoded_bracket(name) {
                *name = decoded_again(name);
            }
            // No cursor has a percent sign of its own.
            if was_encoded_again || (CURSORS.contains(&name.as_str()) && value.contains('%')) {
                *value = decoded_again(value);
            }
        }
        pairs.retain(|(_, value)| !value.trim().is_empty());
        Self(pairs)
    }

    /// The value of a parameter; of a repeated one the last.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a parameter.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter says yes.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
    }

    /// The items of parameters that hold lists: `ids=1,2`, `include=groups, roles`.
    pub(crate) fn items<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name)
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .filter(|item| !item.is_empty())
    }

    /// This query with another place of the page: sorted by name, encoded (§1.3).
    pub(crate) fn with(&self, place: &[(&str, &str)]) -> String {
        let set_anew =
            |name: &str| PAGE.contains(&name) || place.iter().any(|(own, _)| *own == name);
        let kept = self.0.iter().filter(|(name, _)| !set_anew(name));
        let mut pairs: Vec<(&str, &str)> =
            kept.map(|(name, value)| (name.as_str(), value.as_str())).collect();
        pairs.extend_from_slice(place);
        // Stable, so the values of a repeated parameter stay in their order.
        pairs.sort_by_key(|(name, _)| *name);
        Serializer::new(String::new()).extend_pairs(pairs).finish()
    }
}

fn has_encoded_bracket(name: &str) -> bool {
    name.contains("%5B") || name.contains("%5b")
}

/// A text that was encoded twice, when it was decoded once.
fn decoded_again(text: &str) -> String {
    // What separates pairs is a part of the text here.
    let pair = text.replace('&', "%26").replace('=', "%3D");
    parse(pair.as_bytes()).next().map(|(text, _)| text.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_arrive_raw_encoded_and_encoded_twice() {
        for text in ["page[size]=5", "page%5Bsize%5D=5", "page%255Bsize%255D=5"] {
            assert_eq!(Query::parse(text).get("page[size]"), Some("5"), "{text}");
        }
    }

    #[test]
    fn a_link_keeps_everything_but_the_place() {
        let query = Query::parse("role[]=agent&page=3&zebra=1&role[]=admin&empty=&page[after]=x");
        assert_eq!(
            query.with(&[("page", "4")]),
            "page=4&role%5B%5D=agent&role%5B%5D=admin&zebra=1"
        );
    }
}
