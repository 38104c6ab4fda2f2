//! The secrets of endpoints, and what they sign (contract Ada §3.1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use roster_directory::{AccountId, EndpointId, EndpointSecrets, Sealed, Timestamp};
use sha2::Sha256;

use crate::clock::{Randomness, RandomnessError};
use crate::crypto::{Keyring, OpenError, SealError, SealedFor};

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// How long a secret is that was made here, in bytes.
const LENGTH: usize = 32;

/// How short and how long a secret may be that somebody else made, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// Room for two signatures, in bytes.
const SIGNATURES: usize = 96;

/// An endpoint's secret in clear. It has neither `Debug` nor `Serialize`, so that it is shown only
/// where [`Self::reveal`] says so.
pub struct WebhookSecret(Vec<u8>);

/// The text is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Must be whsec_ and the base64 of 24 to 64 bytes.")]
pub struct MalformedSecret;

impl WebhookSecret {
    /// A new secret.
    pub fn generate(randomness: &dyn Randomness) -> Result<Self, RandomnessError> {
        let mut bytes = vec![0; LENGTH];
        randomness.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The secret that a text stands for.
    pub fn parse(text: &str) -> Result<Self, MalformedSecret> {
        let text = text.strip_prefix(PREFIX).ok_or(MalformedSecret)?;
        let bytes = STANDARD.decode(text).map_err(|_| MalformedSecret)?;
        if LENGTHS.contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(MalformedSecret) }
    }

    /// The text that stands for it.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// The secret, sealed for one endpoint.
    pub fn seal(
        &self,
        keyring: &Keyring,
        account: AccountId,
        endpoint: EndpointId,
        randomness: &dyn Randomness,
    ) -> Result<Sealed, SealError> {
        keyring.seal(&self.0, SealedFor::Endpoint(account, endpoint), randomness)
    }

    /// Opens an endpoint's secret.
    pub fn open(
        keyring: &Keyring,
        account: AccountId,
        endpoint: EndpointId,
        sealed: &Sealed,
    ) -> Result<Self, OpenError> {
        keyring.open(sealed, SealedFor::Endpoint(account, endpoint)).map(Self)
    }

    fn signing_key(&self) -> SigningKey {
        // A key of any length is one of this algorithm.
        SigningKey(Hmac::new_from_slice(&self.0).ok())
    }
}

/// A secret as the algorithm needs it, which is worked out once for many messages.
#[derive(Clone)]
struct SigningKey(Option<Hmac<Sha256>>);

impl SigningKey {
    fn sign(&self, signed: &[&[u8]], signatures: &mut String) {
        signatures.push_str("v1,");
        let Some(mut mac) = self.0.clone() else { return };
        for part in signed {
            mac.update(part);
        }
        STANDARD.encode_string(mac.finalize().into_bytes(), signatures);
    }
}

/// What signs an endpoint's messages: its secret, and the one before it for a while.
pub(super) struct Signer {
    current: SigningKey,
    former: Option<(SigningKey, Timestamp)>,
}

impl Signer {
    /// Opens an endpoint's secrets. A former one that does not open does not sign.
    pub(super) fn open(
        keyring: &Keyring,
        account: AccountId,
        endpoint: EndpointId,
        secrets: &EndpointSecrets,
    ) -> Result<Self, OpenError> {
        let current = WebhookSecret::open(keyring, account, endpoint, &secrets.current)?;
        let former = secrets.former.as_ref().and_then(|(sealed, until)| {
            let secret = WebhookSecret::open(keyring, account, endpoint, sealed).ok()?;
            Some((secret.signing_key(), *until))
        });
        Ok(Self { current: current.signing_key(), former })
    }

    /// The signatures of a message that is sent at this moment, as the header lists them. The
    /// moment is also given as the text that its own header has.
    pub(super) fn sign(&self, id: &str, now: Timestamp, timestamp: &str, body: &[u8]) -> String {
        let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
        let mut signatures = String::with_capacity(SIGNATURES);
        self.current.sign(&signed, &mut signatures);
        if let Some((former, until)) = &self.former
            && now < *until
        {
            signatures.push(' ');
            former.sign(&signed, &mut signatures);
        }
        signatures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_read_back_and_are_long_enough() {
        let text = format!("whsec_{}", STANDARD.encode([7; 24]));
        assert_eq!(WebhookSecret::parse(&text).map(|secret| secret.reveal()), Ok(text.clone()));
        let short = format!("whsec_{}", STANDARD.encode([7; 23]));
        let long = format!("whsec_{}", STANDARD.encode([7; 65]));
        for wrong in ["", "whsec_", "whsec_???", &text[6..], &short, &long] {
            assert!(WebhookSecret::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_known_message_has_its_known_signature() {
        // The example of the Standard Webhooks specification.
        let secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signer = Signer { current: secret.signing_key(), former: None };
        let now = Timestamp::from_micros(1_614_265_330_000_000);
        let signature = signer.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            now,
            "1614265330",
            b"{\"test\": 2432232314}",
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
