//! The two servers that roster is compared with. Both give the same constant answer.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::server::{Server, free_address};

/// The name of the file with a page of users.
pub(crate) const PAGE: &str = "page.json";

/// Starts nginx over `folder`, answering `page` to `/page.json`, and `body` to everything else.
/// The page is a file, because the configuration takes no text as long.
pub(crate) async fn start_nginx(folder: &Path, body: &str, page: &str) -> anyhow::Result<Server> {
    let address = free_address().await?;
    std::fs::write(folder.join(PAGE), page)?;
    let configuration = folder.join("nginx.conf");
    let folder = &std::path::absolute(folder)?;
    std::fs::write(&configuration, nginx_configuration(address, body, folder))?;
    let mut command = Command::new("nginx");
    command.arg("-p").arg(folder).arg("-c").arg(configuration).args(["-e", "nginx-error.log"]);
    let mut server = Server::start(command, address)?;
    server.listening().await?;
    Ok(server)
}

/// Starts the bare axum handler, answering `body`, which it reads from a file in `folder`.
pub(crate) async fn start_bare_axum(folder: &Path, body: &str) -> anyhow::Result<Server> {
    let address = free_address().await?;
    let file = folder.join("body.json");
    std::fs::write(&file, body)?;
    let mut command = Command::new(built_beside("bare")?);
    command.arg(address.to_string()).arg(file);
    let mut server = Server::start(command, address)?;
    server.listening().await?;
    Ok(server)
}

/// The program of that name that was built together with this one.
pub(crate) fn built_beside(name: &str) -> std::io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name(name))
}

/// The body stands between single quotes; the profiles that the loader makes hold none, nor `$`.
fn nginx_configuration(address: SocketAddr, body: &str, folder: &Path) -> String {
    let folder = folder.display();
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
    server {{
        listen {address};
        location / {{ return 200 '{body}'; }}
        location = /{PAGE} {{ root {folder}; sendfile on; tcp_nopush on; open_file_cache max=10; }}
    }}
}}
"
    )
}
