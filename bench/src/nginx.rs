//! nginx, which answers constants: what roster is compared with.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;

use tokio::process::Command;

use crate::server::{Server, free_addresses};

/// The longest body that the configuration takes as text, in bytes. Others are files.
const TEXT_LIMIT: usize = 2_000;

/// How files are given.
const FILES: &str =
    "sendfile on; tcp_nopush on; open_file_cache max=100; open_file_cache_valid 1h;";

/// Starts nginx over `folder`, with an address for each of the constants that it answers.
pub(crate) async fn start(
    folder: &Path,
    constants: &[String],
) -> anyhow::Result<(Server, Vec<SocketAddr>)> {
    let addresses = free_addresses(constants.len()).await?;
    let folder = std::path::absolute(folder)?;
    let mut hosts = String::new();
    for (place, (constant, address)) in constants.iter().zip(&addresses).enumerate() {
        let file = format!("constant-{place}.json");
        std::fs::write(folder.join(&file), constant)?;
        let answer = answer(constant, &file, &folder);
        writeln!(hosts, "    server {{ listen {address}; {answer} }}")?;
    }
    let configuration = folder.join("nginx.conf");
    std::fs::write(&configuration, nginx_configuration(&hosts))?;
    let mut command = Command::new("nginx");
    command.arg("-p").arg(&folder).arg("-c").arg(configuration).args(["-e", "nginx-error.log"]);
    let mut server = Server::start(command, addresses[0])?;
    server.listening().await?;
    Ok((server, addresses))
}

/// A short body stands between single quotes; what the bench makes holds none, nor `$`.
fn answer(body: &str, file: &str, folder: &Path) -> String {
    if body.len() <= TEXT_LIMIT {
        return format!("location / {{ return 200 '{body}'; }}");
    }
    let folder = folder.display();
    format!("location / {{ root {folder}; try_files /{file} =404; {FILES} }}")
}

fn nginx_configuration(hosts: &str) -> String {
    format!(
        "daemon off;
# Its workers otherwise give up what it takes to read a private folder, if it is run by root.
user root root;
worker_processes auto;
pid nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path temporary;
    proxy_temp_path temporary;
    fastcgi_temp_path temporary;
    uwsgi_temp_path temporary;
    scgi_temp_path temporary;
    default_type application/json;
{hosts}}}
"
    )
}
