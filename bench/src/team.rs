//! The users that Zendesk's dialect has more to say about: those who belong to an organization, and
//! agents in groups. They are made in blocks as long as a page, one after the other, so that a page
//! among them has all of it.

use std::net::SocketAddr;

use anyhow::{Context, ensure};

use crate::http::Connection;
use crate::profile;

/// How many users a block has.
const BLOCK: usize = 100;
/// Among how many of them one is an agent.
const USERS_PER_AGENT: usize = 10;
const ORGANIZATIONS: usize = 20;
const GROUPS: usize = 5;
/// For how many users there is a block.
const USERS_PER_BLOCK: usize = 10_000;

/// How many blocks a directory of `users` has.
pub(crate) fn blocks(users: usize) -> usize {
    (users / USERS_PER_BLOCK).clamp(2, 20)
}

/// The external id of the user after whom a page full of them begins.
pub(crate) fn before_a_page() -> String {
    external_id(0)
}

/// Makes organizations, groups and `blocks` of users.
pub(crate) async fn make(address: SocketAddr, token: &str, blocks: usize) -> anyhow::Result<()> {
    let mut team = Team { connection: Connection::open(address).await?, token };
    let mut organizations = Vec::new();
    for place in 0..ORGANIZATIONS {
        let body = format!(
            r#"{{"organization":{{"name":"Organization {place}","domain_names":["o{place}.example.org"],"tags":["emea"]}}}}"#
        );
        organizations.push(team.create("organizations", &body).await?);
    }
    let mut groups = Vec::new();
    for place in 0..GROUPS {
        let body = format!(r#"{{"group":{{"name":"Group {place}"}}}}"#);
        groups.push(team.create("groups", &body).await?);
    }
    for place in 0..blocks * BLOCK {
        let organization = &organizations[place % ORGANIZATIONS];
        let agent = place % USERS_PER_AGENT == 1;
        let user = team.create("users", &user(place, organization, agent)).await?;
        if agent {
            let group = &groups[place / USERS_PER_AGENT % GROUPS];
            let body = format!(r#"{{"group_membership":{{"user_id":{user},"group_id":{group}}}}}"#);
            team.create("group_memberships", &body).await?;
        }
    }
    Ok(())
}

fn external_id(place: usize) -> String {
    format!("member-{place}")
}

fn user(place: usize, organization: &str, agent: bool) -> String {
    let (first, last) = profile::names(place);
    let role = if agent { "agent" } else { "end-user" };
    format!(
        r#"{{"user":{{"name":"{first} {last}","email":"member.{place}@example.org","role":"{role}","external_id":"{}","organization_id":{organization}}}}}"#,
        external_id(place)
    )
}

struct Team<'a> {
    connection: Connection,
    token: &'a str,
}

impl Team<'_> {
    /// Makes something, and tells its id.
    async fn create(&mut self, kind: &str, body: &str) -> anyhow::Result<String> {
        let path = format!("/api/v2/{kind}");
        let answer = self.connection.post(&path, self.token, body).await?;
        ensure!(answer.status == 201, "status {} at {path}: {}", answer.status, answer.body);
        let (_, rest) = answer.body.split_once("\"id\":").context("the answer has no id")?;
        Ok(rest.chars().take_while(char::is_ascii_digit).collect())
    }
}
