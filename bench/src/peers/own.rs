//! roster over the same users as its peers, for the first rows of their table.

use std::path::Path;

use super::{PeerRow, Request};
use crate::arguments::Arguments;
use crate::load::Users;
use crate::roster::Roster;
use crate::wrk::{self, Load, Newcomers};

/// Measures each request on roster, over its embedded store.
pub(super) async fn measure(
    arguments: &Arguments,
    roster: &Roster,
    users: &Users,
    scratch: &Path,
) -> anyhow::Result<Vec<PeerRow>> {
    let (server, _) = roster.serve(&users.store).await?;
    let token = roster.make_token(&users.store).await?;
    let newcomers = Newcomers::write(scratch)?;
    // The list goes on after the user that the cursor names.
    let before_middle = users.identifier(users.count / 2 - 1)?;
    let peer = format!("roster {}", env!("CARGO_PKG_VERSION"));
    let mut rows = Vec::new();
    for request in Request::ALL {
        eprint!("{peer}, {request} … ");
        let load = match request {
            Request::Get => Load::Get(users.identifiers.clone()),
            Request::FirstPage => Load::Path("/api/v2/end-users/?limit=100".to_owned()),
            Request::MiddlePage => {
                Load::Path(format!("/api/v2/end-users/?limit=100&cursor={before_middle}"))
            }
            Request::Create => Load::Create(newcomers.clone()),
        };
        let measurement = wrk::measure(arguments, server.address, &token, &load).await?;
        eprintln!("{:.0} requests/s", measurement.rate);
        let memory = Some(server.resident_memory()?);
        rows.push(PeerRow { peer: peer.clone(), request, measurement, memory });
    }
    server.stop().await?;
    Ok(rows)
}
