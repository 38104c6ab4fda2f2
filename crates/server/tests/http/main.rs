//! The service through its public face: real HTTP on a real socket, over each store.
#![expect(clippy::unwrap_used, reason = "a panic is how a test tells that something is wrong")]

mod support;

mod authentication;
mod bodies;
mod channels;
mod concurrency;
mod connections;
mod conversations;
mod create;
mod errors;
mod expiry;
mod external_id;
mod isolation;
mod limits;
mod links;
mod list;
mod metadata;
mod openapi;
mod operations;
mod patch;
mod secrecy;
mod sensitive;
