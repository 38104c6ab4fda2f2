//! The two servers that roster is compared with. Both give the same constant answer.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::server::{Server, free_address};

/// Starts nginx over `folder`, answering `body` to everything.
pub(crate) async fn start_nginx(folder: &Path, body: &str) -> anyhow::Result<Server> {
    let address = free_address().await?;
    let configuration = folder.join("nginx.conf");
    std::fs::write(&configuration, nginx_configuration(address, body))?;
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
fn nginx_configuration(address: SocketAddr, body: &str) -> String {
    format!(
        "daemon off;
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
    }}
}}
"
    )
}
