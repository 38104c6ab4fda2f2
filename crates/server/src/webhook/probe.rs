//! A message that is sent to try an endpoint.

use roster_directory::{
    AccountId, AccountName, Attempt, Content, EndUser, EndUserId, Endpoint, EndpointSecrets, Lease,
    Message, MessageNumber, ObjectId, Profile, Text, Timestamp,
};

use super::client::Caller;
use super::options::WebhookOptions;
use super::sender::{Sender, Target, WriteBody};
use crate::crypto::{Keyring, OpenError};

/// An endpoint to be tried.
pub struct Probe {
    /// Whose it is.
    pub account: AccountId,
    /// What the account is called.
    pub account_name: AccountName,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Its secrets.
    pub secrets: EndpointSecrets,
}

/// Sends an endpoint a message about an end user who does not exist, whose identifier is all
/// zeros, once. Nothing is kept of it. Fails if the secret does not open.
pub async fn probe(
    probe: Probe,
    options: &WebhookOptions,
    keyring: &Keyring,
    now: Timestamp,
    write_body: WriteBody,
) -> Result<Attempt, OpenError> {
    let Probe { account, account_name, endpoint, secrets } = probe;
    let lease = Lease { account, account_name, endpoint, secrets, cursor: MessageNumber::FIRST };
    let target = Target::open(&lease, keyring)?;
    let sender = Sender { caller: Caller::new(options), write_body };
    let (attempt, _) = sender.send(&target, &sample(now), now).await;
    Ok(attempt)
}

fn sample(now: Timestamp) -> Message {
    let end_user_id = EndUserId(ObjectId::from_bytes([0; 12]));
    let profile =
        Profile { display_name: Text::new("roster webhook test").ok(), ..Profile::default() };
    let end_user =
        EndUser { end_user_id, external_id: None, profile, created_at: now, updated_at: now };
    let content = Content::EndUserCreated(end_user);
    Message { number: MessageNumber(0), at: now, end_user_id, content }
}
