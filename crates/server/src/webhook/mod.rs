//! Webhooks: bringing each account's messages to its endpoints, by the rules of Svix (contract
//! Ada §3).
//!
//! [`deliverer`] holds the leases of endpoints and runs a [`worker`] for each; a worker reads what
//! its endpoint is to be told, has the [`client`] send it, and records what came of it. What has
//! been recorded is not sent again; what has not, is.

mod address;
mod client;
mod connect;
mod connections;
mod deliverer;
mod options;
mod probe;
mod secret;
mod sender;
mod worker;

pub use address::{AddressPolicy, RefusedUrl};
pub use deliverer::{Deliverer, run_deliveries};
pub use options::WebhookOptions;
pub use probe::{Probe, probe};
pub use secret::{MalformedSecret, WebhookSecret};
pub use sender::{WriteBody, message_id, message_number};
