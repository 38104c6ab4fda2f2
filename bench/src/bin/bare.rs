//! The bare axum handler that roster is measured against: no store, no authentication, no
//! metrics, no log; one route with a constant answer.
//!
//! Usage: `bare ADDRESS FILE`, where the file holds the body of the answer.

use anyhow::Context;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bytes::Bytes;
use tokio::net::TcpListener;

// The allocator that roster has, so that the ratio between them is not the allocator's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().context("the first argument is the address")?;
    let file = arguments.next().context("the second argument is the file with the body")?;
    let body = Bytes::from(std::fs::read(&file).with_context(|| format!("cannot read {file}"))?);

    let answer = move || {
        let body = body.clone();
        async move { ([(CONTENT_TYPE, "application/json")], body) }
    };
    let routes = Router::new().route("/api/v2/end-users/{end_user_id}", get(answer));
    axum::serve(TcpListener::bind(address).await?, routes).await?;
    Ok(())
}
