//! The users of the bench as the peers take them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::load::Users;
use crate::profile::{self, number};

/// The environment of Mockoon, in which a word stands for the text of the data.
const MOCKOON: &str = include_str!("../../peers/mockoon.json");
const MOCKOON_PLACE: &str = "\"USERS\"";
/// What each user says of when they were made, which the peers take from the client.
const TIMES: &str =
    r#""created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-01T00:00:00.000Z""#;

/// The files with the users, and with the bodies that make more.
#[derive(Debug)]
pub(super) struct Files {
    /// A JSON array of all users.
    pub(super) users: PathBuf,
    /// The same, for json-server.
    pub(super) json_server: PathBuf,
    /// The same, for Mockoon.
    pub(super) mockoon: PathBuf,
    /// A new user, in which twelve `#` stand for a number.
    pub(super) create: PathBuf,
    /// The same, for soul.
    pub(super) soul_create: PathBuf,
    /// The same, for Mockoon.
    pub(super) mockoon_create: PathBuf,
}

impl Files {
    /// Writes the files to `folder`.
    pub(super) fn write(users: &Users, folder: &Path) -> anyhow::Result<Self> {
        let files = Self {
            users: folder.join("users.json"),
            json_server: folder.join("json-server.json"),
            mockoon: folder.join("mockoon.json"),
            create: folder.join("create.json"),
            soul_create: folder.join("soul-create.json"),
            mockoon_create: folder.join("mockoon-create.json"),
        };
        let flat = flat_profile(&profile::of_one_name())?;
        let all = array(users)?;
        ensure!(MOCKOON.contains(MOCKOON_PLACE), "bench/peers/mockoon.json has no place for users");
        std::fs::write(&files.json_server, format!("{{\"users\":{all}}}"))?;
        std::fs::write(&files.mockoon, MOCKOON.replace(MOCKOON_PLACE, &quoted(&all)))?;
        std::fs::write(&files.users, all)?;
        // Twelve digits more make the number as long as an identifier.
        let identifier = format!("\"end_user_id\":\"{}{}\"", number(0), profile::NUMBER);
        let create = format!("{{{identifier},{TIMES},{flat}}}");
        std::fs::write(&files.soul_create, soul_body(&create)?)?;
        // It looks through the text of all of its data otherwise, to make an id.
        let with_id = format!("{{\"id\":1{},{}", profile::NUMBER, &create[1..]);
        std::fs::write(&files.mockoon_create, with_id)?;
        std::fs::write(&files.create, create)?;
        Ok(files)
    }
}

/// All users, numbered from one, with the identifiers that roster gave them.
fn array(users: &Users) -> anyhow::Result<String> {
    let identifiers = std::fs::read_to_string(&users.identifiers)?;
    let digits = identifiers.len() / users.count;
    let mut all = String::from("[");
    for place in 0..users.count {
        let identifier = &identifiers[place * digits..(place + 1) * digits];
        let flat = flat_profile(&profile::with_external_id(place))?;
        let comma = if place == 0 { "" } else { "," };
        let id = place + 1;
        write!(all, "{comma}{{\"id\":{id},\"end_user_id\":\"{identifier}\",{TIMES},{flat}}}")?;
    }
    all.push(']');
    Ok(all)
}

/// The fields of the profile beside the external id, as a table has them; without the brackets.
fn flat_profile(body: &str) -> anyhow::Result<String> {
    let fields = body.strip_prefix('{').and_then(|body| body.strip_suffix("}}"));
    let fields = fields.context("the body of an end user has another form")?;
    Ok(fields.replacen(r#""profile":{"#, "", 1))
}

/// soul takes a row as the values of its columns; the metadata is a text there.
fn soul_body(create: &str) -> anyhow::Result<String> {
    let (before, metadata) =
        create.split_once(r#""metadata":"#).context("the body has no metadata")?;
    let metadata = metadata.strip_suffix('}').context("the metadata is not the last field")?;
    Ok(format!(r#"{{"fields":{{{}"metadata":{}}}}}"#, &before[1..], quoted(metadata)))
}

/// JSON as a string within JSON. It has no control characters.
fn quoted(json: &str) -> String {
    format!("\"{}\"", json.replace('\\', "\\\\").replace('"', "\\\""))
}
