//! A webhook as a request writes it. Both operations that write read the same fields; what an
//! absent field means differs.

use roster_directory::{Change, Description, EndpointUrl, EventTypes};

use crate::http::ada::field::{Field, TextList};
use crate::http::ada::problems::Problems;
use crate::webhook::AddressPolicy;

/// The message over the problems of such a body.
pub(super) const INVALID: &str = "invalid webhook data";

/// Reads an address, and whether the operator's rules admit it.
pub(super) fn url(
    text: Option<String>,
    policy: &AddressPolicy,
    problems: &mut Problems,
) -> Option<EndpointUrl> {
    let url = problems.check("$.url", EndpointUrl::new(&text?))?;
    problems.check("$.url", policy.check_url(&url)).map(|()| url)
}

/// Reads a description; null empties it.
pub(super) fn description(field: Field<String>, problems: &mut Problems) -> Option<Description> {
    match field.change("$.description", problems) {
        Change::Keep => None,
        Change::Clear => Some(Description::default()),
        Change::Set(text) => problems.check("$.description", Description::new(&text)),
    }
}

/// Reads which event types are asked for; null asks for the usual ones.
pub(super) fn event_types(field: Field<TextList>, problems: &mut Problems) -> Option<EventTypes> {
    const PATH: &str = "$.event_filters";
    match field.change(PATH, problems) {
        Change::Keep => None,
        Change::Clear => Some(EventTypes::default()),
        Change::Set(list) => {
            let names = list.read(PATH, problems, |name| {
                // Each is looked at alone, so that the error says which one is unknown.
                EventTypes::named([name.as_str()]).map(|_| name)
            });
            EventTypes::named(names.iter().map(String::as_str)).ok()
        }
    }
}
