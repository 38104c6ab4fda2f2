//! The requests of load at a constant rate.

use std::fs::File;
use std::net::SocketAddr;

use crate::http;
use crate::load::identifier_at;
use crate::open_loop::{RequestOf, scatter};
use crate::profile;
use crate::rows::Directory;

/// What it takes to ask for any user of a directory.
#[derive(Debug)]
struct Requests {
    address: SocketAddr,
    token: String,
    identifiers: File,
    count: usize,
}

impl Requests {
    fn new(directory: &Directory) -> std::io::Result<Self> {
        Ok(Self {
            address: directory.server.address,
            token: directory.token.clone(),
            identifiers: File::open(&directory.users.identifiers)?,
            count: directory.users.count,
        })
    }

    fn text(&self, method: &str, path: &str, body: &str) -> String {
        http::request(self.address, method, path, &self.token, body)
    }

    fn anybody(&self, number: u64) -> anyhow::Result<String> {
        identifier_at(&self.identifiers, scatter(number, self.count)?)
    }

    fn get(&self, number: u64) -> anyhow::Result<String> {
        Ok(self.text("GET", &format!("/api/v2/end-users/{}", self.anybody(number)?), ""))
    }

    fn list(&self, number: u64) -> anyhow::Result<String> {
        let path = format!("/api/v2/end-users/?limit=100&cursor={}", self.anybody(number)?);
        Ok(self.text("GET", &path, ""))
    }

    fn patch(&self, number: u64) -> anyhow::Result<String> {
        let body = format!(r#"{{"profile":{{"metadata":{{"seats":{number}}}}}}}"#);
        Ok(self.text("PATCH", &format!("/api/v2/end-users/{}", self.anybody(number)?), &body))
    }

    fn create(&self, number: u64) -> anyhow::Result<String> {
        let place = self.count + usize::try_from(number)?;
        Ok(self.text("POST", "/api/v2/end-users/", &profile::without_external_id(place)))
    }
}

/// Gets of any user.
pub(crate) fn gets(directory: &Directory) -> anyhow::Result<Box<RequestOf>> {
    let requests = Requests::new(directory)?;
    Ok(Box::new(move |number| Ok((requests.get(number)?, true))))
}

/// Of a hundred requests 80 are gets, 10 lists, 10 writes; the gets count. `mixed.lua` is the same.
pub(crate) fn mixed(directory: &Directory) -> anyhow::Result<Box<RequestOf>> {
    let requests = Requests::new(directory)?;
    Ok(Box::new(move |number| {
        // Another sequence of chance than that which picks the user.
        let kind = scatter(!number, 100)?;
        Ok(match kind {
            0..80 => (requests.get(number)?, true),
            80..90 => (requests.list(number)?, false),
            90..95 => (requests.create(number)?, false),
            _ => (requests.patch(number)?, false),
        })
    }))
}
