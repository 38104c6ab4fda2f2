//! The secrets of endpoints.

use std::sync::Arc;

use roster_directory::{
    EndpointSecrets, FORMER_SECRET_LIFETIME, KeyId, NewEndpoint, Store, Timestamp,
};

use crate::look;
use crate::sample::{self, HOLDER, START, at, endpoint_id, new_endpoint, sealed};

/// A new endpoint has the secret that it was given, and none before it.
pub async fn a_new_endpoint_has_one_secret(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let secret = sealed(7, &[0, 255, 39]);
    let new = NewEndpoint { secret: secret.clone(), ..new_endpoint(1, &[]) };
    store.create_endpoint(account, new).await.unwrap();
    let secrets = EndpointSecrets { current: secret, former: None };
    assert_eq!(store.endpoint_secrets(account, endpoint_id(1)).await, Ok(Some(secrets)));
    assert_eq!(store.endpoint_secrets(account, endpoint_id(2)).await, Ok(None));
}

/// A secret that is replaced signs for another day, and is forgotten when the next one is. The
/// endpoint itself stays as it was.
pub async fn a_replaced_secret_signs_for_a_day(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let id = sample::endpoint(&*store, account, 1).await;
    sample::endpoint(&*store, account, 2).await;
    let before = look::endpoints(&*store, account).await;
    let mut former = sealed(1, b"secret");
    for (key, seconds) in [(2, 5), (3, 6)] {
        let current = sealed(key, b"other");
        let rotated = store.rotate_endpoint_secret(account, id, current.clone(), at(seconds)).await;
        assert_eq!(rotated, Ok(true));
        let until = at(seconds).after(FORMER_SECRET_LIFETIME);
        let secrets = EndpointSecrets { current: current.clone(), former: Some((former, until)) };
        assert_eq!(store.endpoint_secrets(account, id).await, Ok(Some(secrets)));
        former = current;
    }
    assert_eq!(look::endpoints(&*store, account).await, before);
    let other = EndpointSecrets { current: sealed(1, b"secret"), former: None };
    assert_eq!(store.endpoint_secrets(account, endpoint_id(2)).await, Ok(Some(other)));
    let stranger = store.rotate_endpoint_secret(account, endpoint_id(9), former, at(7)).await;
    assert_eq!(stranger, Ok(false));
}

/// Who delivers is given the former secret as long as it signs.
pub async fn a_lease_has_the_secrets_that_sign(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let id = sample::endpoint(&*store, account, 1).await;
    let new = sealed(2, b"new");
    store.rotate_endpoint_secret(account, id, new.clone(), START).await.unwrap();
    let until = START.after(FORMER_SECRET_LIFETIME);
    let just_before = Timestamp::from_micros(until.as_micros() - 1);
    for (now, former) in [
        (START, Some((sealed(1, b"secret"), until))),
        (just_before, Some((sealed(1, b"secret"), until))),
        (until, None),
    ] {
        let leases = store.lease_endpoints(HOLDER, now, until).await.unwrap();
        let expected = EndpointSecrets { current: new.clone(), former };
        assert_eq!(leases[0].secrets, expected);
    }
}

/// A key that sealed an endpoint's secret is in use, also for the former one; when the endpoint
/// has gone it is not.
pub async fn a_key_of_an_endpoint_is_in_use(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    for key in 1..=3 {
        store.add_sealing_key(sealed(key, b"check")).await.unwrap();
    }
    let in_use = async || {
        let keys = store.sealing_keys().await.unwrap().into_iter();
        let mut in_use: Vec<KeyId> =
            keys.filter(|key| key.in_use).map(|key| key.check.key_id).collect();
        in_use.sort_unstable();
        in_use
    };
    let id = sample::endpoint(&*store, account, 1).await;
    assert_eq!(in_use().await, [KeyId(1)]);
    store.rotate_endpoint_secret(account, id, sealed(2, b"x"), at(1)).await.unwrap();
    assert_eq!(in_use().await, [KeyId(1), KeyId(2)]);
    store.rotate_endpoint_secret(account, id, sealed(3, b"x"), at(2)).await.unwrap();
    assert_eq!(in_use().await, [KeyId(2), KeyId(3)]);
    store.delete_endpoint(account, id).await.unwrap();
    assert_eq!(in_use().await, []);
}
