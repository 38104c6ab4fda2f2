//! Making end users, and what of them is kept.

use std::sync::Arc;

use roster_directory::{
    Created, Decimal, END_USER_METADATA_LIMIT, EventKind, LanguageTag, Metadata, MetadataValue,
    NewEndUser, Profile, Role, Store, Support, User, UserId, UserState,
};

use crate::look;
use crate::sample::{self, at, external_id, metadata, sealed, secrets, text, text_value};

/// Makes an end user with this metadata and reads them back.
async fn kept(store: &dyn Store, map: Metadata) -> Metadata {
    let account = sample::account(store, "acme").await;
    let profile = Profile { metadata: map, ..Profile::default() };
    let new = NewEndUser { profile, ..sample::new_end_user(1) };
    let id = sample::end_user(store, account, new).await.end_user_id;
    look::end_user(store, account, id).await.profile.metadata.clone()
}

/// A new end user is kept field by field, is of role end-user, and their making is an event.
pub async fn a_new_end_user_is_kept_as_given(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let profile = Profile {
        first_name: Some(text("Grace")),
        last_name: Some(text("Hopper")),
        display_name: Some(text("Amazing Grace")),
        avatar: Some(text("https://img.example/g.png")),
        email: Some(text("Grace@Example.org")),
        language: Some(LanguageTag::new("en-CA").unwrap()),
        metadata: metadata(&[("tier", text_value("gold")), ("seats", MetadataValue::Integer(12))]),
    };
    let new = NewEndUser {
        end_user_id: sample::end_user_id(7),
        external_id: Some(external_id("CRM-4711")),
        profile: profile.clone(),
        sensitive_metadata: None,
        created_at: at(3),
        expires_at: Some(at(90)),
    };
    let user = sample::end_user(&*store, account, new).await;
    let expected = User {
        user_id: user.user_id,
        end_user_id: sample::end_user_id(7),
        role: Role::EndUser,
        external_id: Some(external_id("CRM-4711")),
        profile,
        support: Support::default(),
        state: UserState::Active,
        created_at: at(3),
        updated_at: at(3),
        expires_at: Some(at(90)),
    };
    assert_eq!(*user, expected);
    assert_eq!(look::end_user(&*store, account, sample::end_user_id(7)).await, user);
    let events = look::events(&*store, account).await;
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].kind, events[0].at), (EventKind::Created, at(3)));
    assert_eq!((events[0].user_id, events[0].end_user_id), (user.user_id, user.end_user_id));
}

/// An end user of whom nothing is known is one all the same: what was not given stays unset.
pub async fn a_blank_end_user_stays_blank(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    sample::end_user(&*store, account, sample::new_end_user(1)).await;
    let user = look::end_user(&*store, account, sample::end_user_id(1)).await;
    assert_eq!(user.profile, Profile::default());
    assert_eq!((&user.external_id, user.expires_at), (&None, None));
}

/// End users without an external id are different people, however alike.
pub async fn end_users_without_external_id_are_never_the_same(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let profile = Profile { email: Some(text("one@acme.example")), ..Profile::default() };
    for number in 1..=3 {
        let new = NewEndUser { profile: profile.clone(), ..sample::new_end_user(number) };
        sample::end_user(&*store, account, new).await;
    }
    assert_eq!(look::counts(&*store, account).await.end_users, 3);
}

/// Users' numbers ascend, over all accounts, and JavaScript can hold them.
pub async fn user_numbers_ascend(store: Arc<dyn Store>) {
    let mut last = UserId::from_stored(UserId::FIRST.get() - 1);
    for (number, name) in [(1, "acme"), (2, "other"), (3, "third")] {
        let account = sample::account(&*store, name).await;
        let token = store.create_token(account, sample::new_token(number)).await.unwrap();
        let user = sample::end_user(&*store, account, sample::new_end_user(number)).await;
        assert!(last < token.user, "the owner's number is not new");
        assert!(token.user < user.user_id, "the end user's number is not new");
        last = user.user_id;
    }
    assert!(last.get() < 1 << 53);
}

/// Making an end user with an external id that one has already returns that one as they are.
/// Nothing of the request is applied: no profile, no secret, no expiry, no identifier, no event.
pub async fn making_one_again_applies_nothing(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let first = NewEndUser {
        external_id: Some(external_id("crm-1")),
        sensitive_metadata: Some(secrets(&[("pin", Some(sealed(1, b"first")))], at(90))),
        expires_at: Some(at(50)),
        ..sample::new_end_user(1)
    };
    let user = sample::end_user(&*store, account, first).await;
    let again = NewEndUser {
        external_id: Some(external_id("CRM-1")),
        profile: Profile { first_name: Some(text("Eve")), ..Profile::default() },
        sensitive_metadata: Some(secrets(
            &[("pin", Some(sealed(1, b"second"))), ("new", Some(sealed(1, b"new")))],
            at(99),
        )),
        created_at: at(9),
        expires_at: None,
        ..sample::new_end_user(2)
    };
    let answer = store.create_end_user(account, again).await;
    assert_eq!(answer, Ok(Created::Existing(Arc::clone(&user))));

    assert_eq!(look::end_users(&*store, account).await, [user]);
    assert_eq!(store.end_user(account, sample::end_user_id(2)).await, Ok(None));
    assert_eq!(look::counts(&*store, account).await.end_users, 1);
    assert_eq!(look::events(&*store, account).await.len(), 1);
    let reader = sample::token_id(1);
    let kept = store.read_sensitive_metadata(account, sample::end_user_id(1), reader, at(9)).await;
    let kept = kept.unwrap().unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].sealed, sealed(1, b"first"));
}

/// Whatever the text, it comes back as it went in, and an empty one is not an unset one.
pub async fn every_text_survives(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let texts = [
        "",
        " ",
        "O'Brien; drop table users; --",
        "say \"hi\" \\ back\\n",
        "line\nbreak\r\ttab\u{1}\u{1f}\u{7f}",
        "👩🏽‍🚀 é e\u{301} ﷽ \u{202e}olleh\u{feff}",
        "%_*?[a-z]",
        "null",
        "\u{10ffff}\u{e000}",
        &"長".repeat(4096),
    ];
    for (number, sample_text) in (1..).zip(texts) {
        let profile = Profile {
            first_name: Some(text(sample_text)),
            metadata: metadata(&[(sample_text, text_value(sample_text))]),
            ..Profile::default()
        };
        // The largest text does not fit into metadata, where nothing checks it here.
        let profile = if sample_text.len() > 4096 {
            Profile { metadata: Metadata::default(), ..profile }
        } else {
            profile
        };
        let new = NewEndUser { profile: profile.clone(), ..sample::new_end_user(number) };
        sample::end_user(&*store, account, new).await;
        let user = look::end_user(&*store, account, sample::end_user_id(number)).await;
        assert_eq!(user.profile, profile);
    }
}

/// Integers keep all 64 bits.
pub async fn integers_are_exact(store: Arc<dyn Store>) {
    let integer = MetadataValue::Integer;
    let map = metadata(&[
        ("least", integer(i64::MIN)),
        ("most", integer(i64::MAX)),
        ("beyond a double", integer((1 << 53) + 1)),
        ("minus one", integer(-1)),
        ("zero", integer(0)),
    ]);
    assert_eq!(kept(&*store, map.clone()).await, map);
}

/// A decimal stays a decimal, bit for bit, even where an integer would be equal.
pub async fn decimals_stay_decimals(store: Arc<dyn Store>) {
    let numbers = [1.0, 0.0, -3.0, 1e300, -1e300, 0.1, 0.1 + 0.2, 5e-324, f64::MAX, f64::EPSILON];
    let names: Vec<_> = numbers.iter().map(|number| format!("{number:?}")).collect();
    let decimal = |number: f64| MetadataValue::Decimal(Decimal::new(number).unwrap());
    let entries: Vec<_> =
        names.iter().map(String::as_str).zip(numbers.iter().copied().map(decimal)).collect();
    let map = metadata(&entries);
    assert_eq!(kept(&*store, map.clone()).await, map);
}

/// A value keeps its kind: a text that looks like a number or a truth value stays a text, and a
/// truth value is no number.
pub async fn values_keep_their_kind(store: Arc<dyn Store>) {
    let map = metadata(&[
        ("number as text", text_value("1")),
        ("decimal as text", text_value("1.0")),
        ("truth as text", text_value("true")),
        ("null as text", text_value("null")),
        ("true", MetadataValue::Bool(true)),
        ("false", MetadataValue::Bool(false)),
        ("one", MetadataValue::Integer(1)),
        ("", text_value("")),
        ("Key", text_value("upper")),
        ("key", text_value("lower")),
        ("a.b[0]", text_value("no path")),
        ("\"quoted\"\\\n🙂", text_value("escaped")),
    ]);
    assert_eq!(kept(&*store, map.clone()).await, map);
}

/// Metadata as large as it may be is kept whole.
pub async fn the_largest_metadata_survives(store: Arc<dyn Store>) {
    let room = END_USER_METADATA_LIMIT - r#"{"k":""}"#.len();
    let map = metadata(&[("k", text_value(&"x".repeat(room)))]);
    assert_eq!(map.json_len(), END_USER_METADATA_LIMIT);
    assert_eq!(kept(&*store, map.clone()).await, map);
}
