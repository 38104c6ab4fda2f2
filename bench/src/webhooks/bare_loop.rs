//! The same load from an HTTP client that does nothing else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// About what a message takes, in bytes.
const BODY_SIZE: usize = 640;

/// Posts a second, by this program started once more, so that the receiver is as far away from it
/// as from roster.
pub(super) async fn measure(address: SocketAddr, count: u64) -> anyhow::Result<f64> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--post-to", &address.to_string(), "--messages", &count.to_string()]);
    let output = command.kill_on_drop(true).output().await?;
    ensure!(output.status.success(), "the bare loop failed: {}", output.status);
    String::from_utf8(output.stdout)?.trim().parse().context("the bare loop says no number")
}

/// Posts so many messages, and prints how many that were a second.
pub(crate) async fn run(address: SocketAddr, count: u64) -> anyhow::Result<()> {
    println!("{}", post(address, count).await?);
    Ok(())
}

/// How many posts a second an HTTP client makes that does nothing else: the client library that
/// roster calls endpoints with, without a store, signatures or anything to be written.
async fn post(address: SocketAddr, count: u64) -> anyhow::Result<f64> {
    let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(super::CONNECTIONS)
        .build_http();
    let body = Bytes::from("x".repeat(BODY_SIZE));
    let uri: Uri = format!("http://{address}/hook").parse()?;
    let next = Arc::new(AtomicU64::new(0));
    let begin = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..super::CONNECTIONS {
        let (client, body, uri, next) =
            (client.clone(), body.clone(), uri.clone(), Arc::clone(&next));
        tasks.spawn(async move {
            while next.fetch_add(1, Ordering::Relaxed) < count {
                let request = Request::post(uri.clone())
                    .header("content-type", "application/json")
                    .header("svix-id", "msg_000000000000000000000000000000000")
                    .header("svix-timestamp", "1790000000")
                    .header("svix-signature", "v1,0000000000000000000000000000000000000000000=")
                    .body(Full::new(body.clone()))?;
                let answer = client.request(request).await?;
                ensure!(answer.status() == 204, "status {}", answer.status());
                answer.into_body().collect().await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(super::per_second(count, begin.elapsed()))
}
