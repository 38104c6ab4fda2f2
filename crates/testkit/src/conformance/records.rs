//! Records: organizations, groups, memberships and custom roles.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, CustomRole, CustomRoleId, CustomRolePatch, ExternalId, Group, GroupId,
    GroupPatch, MetadataTooLarge, MetadataValue, ORGANIZATION_FIELDS_LIMIT, Organization,
    OrganizationId, OrganizationPatch, PageLimit, Record, RecordError, RecordFilter, RecordKey,
    RecordKind, RecordPatch, RecordStart, Store, UserId,
};

use crate::look;
use crate::sample::{
    self, at, custom_role_patch, external_id, group_patch, metadata, metadata_patch,
    organization_patch, record_name, text, text_value,
};

async fn create(store: &dyn Store, account: AccountId, patch: RecordPatch, now: u64) -> Record {
    store.create_record(account, patch, at(now)).await.unwrap()
}

/// The record under its own number, as it is read alone.
async fn read(store: &dyn Store, account: AccountId, record: &Record) -> Option<Record> {
    store.record(account, RecordKey::Id(record.kind(), record.id())).await.unwrap()
}

fn full_organization(group: GroupId) -> OrganizationPatch {
    OrganizationPatch {
        name: Some(record_name("US \"Navy\" 🙂")),
        external_id: Change::Set(external_id("Org-1")),
        shared_tickets: Some(true),
        shared_comments: Some(true),
        domain_names: Some(vec![text("navy.example"), text("a.example")]),
        details: Change::Set(text("details")),
        notes: Change::Set(text("")),
        group_id: Change::Set(group),
        tags: Some(sample::tags(&["b", "a"])),
        fields: metadata_patch(&[("n", Some(MetadataValue::Integer(i64::MAX))), ("z", None)]),
    }
}

/// An organization is kept field by field, and one of which nothing is said but the name is plain.
pub async fn an_organization_is_kept_as_given(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let group_id = sample::group(&*store, account, "Support").await;
    let patch = RecordPatch::Organization(full_organization(group_id));
    let made = create(&*store, account, patch, 3).await;
    let expected = Organization {
        id: OrganizationId(made.id()),
        name: record_name("US \"Navy\" 🙂"),
        external_id: Some(external_id("Org-1")),
        shared_tickets: true,
        shared_comments: true,
        domain_names: vec![text("navy.example"), text("a.example")],
        details: Some(text("details")),
        notes: Some(text("")),
        group_id: Some(group_id),
        tags: sample::tags(&["b", "a"]),
        fields: metadata(&[("n", MetadataValue::Integer(i64::MAX))]),
        created_at: at(3),
        updated_at: at(3),
    };
    assert_eq!(made, Record::Organization(expected));
    assert_eq!(read(&*store, account, &made).await, Some(made));

    let plain = RecordPatch::Organization(organization_patch("Plain"));
    let plain = create(&*store, account, plain.clone(), 4).await;
    assert_eq!(read(&*store, account, &plain).await, Some(plain.clone()));
    let Record::Organization(plain) = plain else { unreachable!("{plain:?}") };
    assert_eq!((plain.external_id, plain.group_id, plain.notes), (None, None, None));
    assert!(!plain.shared_tickets && plain.domain_names.is_empty() && plain.tags.is_empty());
}

/// A group and a custom role are kept field by field.
pub async fn groups_and_roles_are_kept_as_given(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let patch = GroupPatch {
        name: Some(record_name("Support")),
        description: Some(text("it's \"one\"")),
        is_public: Some(false),
    };
    let group = create(&*store, account, RecordPatch::Group(patch), 3).await;
    let expected = Group {
        id: GroupId(group.id()),
        name: record_name("Support"),
        description: text("it's \"one\""),
        is_public: false,
        created_at: at(3),
        updated_at: at(3),
    };
    assert_eq!(group, Record::Group(expected));
    let configuration = [("chat", MetadataValue::Bool(true)), ("level", text_value("1"))];
    let patch = CustomRolePatch {
        name: Some(record_name("Light agent")),
        description: Some(text("reads")),
        configuration: metadata_patch(&configuration.clone().map(|(k, v)| (k, Some(v)))),
    };
    let role = create(&*store, account, RecordPatch::CustomRole(patch), 4).await;
    let expected = CustomRole {
        id: CustomRoleId(role.id()),
        name: record_name("Light agent"),
        description: text("reads"),
        configuration: metadata(&configuration),
        members: 0,
        created_at: at(4),
        updated_at: at(4),
    };
    assert_eq!(role, Record::CustomRole(expected));
    for record in [group, role] {
        assert_eq!(read(&*store, account, &record).await, Some(record));
    }
}

/// A record is found by its number and kind, by its name, by its external id; in any case.
pub async fn records_are_found_by_what_they_have(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let group = sample::group(&*store, account, "Support").await;
    let made = RecordPatch::Organization(full_organization(group));
    let made = create(&*store, account, made, 3).await;
    let role = sample::custom_role(&*store, account, "US \"Navy\" 🙂").await;
    let find = async |key| store.record(account, key).await.unwrap();
    let id = made.id();
    for kind in [RecordKind::Group, RecordKind::Membership, RecordKind::CustomRole] {
        assert_eq!(find(RecordKey::Id(kind, id)).await, None);
    }
    assert_eq!(find(RecordKey::Id(RecordKind::Organization, 1)).await, None);
    let named = RecordKey::organization_named(" US \"NAVY\" 🙂 ");
    assert_eq!(find(named).await.as_ref(), Some(&made));
    let key = made.unique_key().unwrap();
    let found = find(RecordKey::Unique(RecordKind::CustomRole, key.clone())).await;
    assert_eq!(found.map(|record| record.id()), Some(role.0));
    assert_eq!(find(RecordKey::Unique(RecordKind::Group, key)).await, None);
    assert_eq!(find(RecordKey::organization_named("US")).await, None);
    for (key, expected) in [("ORG-1", Some(&made)), ("org", None)] {
        let found = find(RecordKey::OrganizationExternalId(external_id(key))).await;
        assert_eq!(found.as_ref(), expected);
    }
}

/// No two organizations and no two custom roles have the same name, in any case; groups may. No
/// two organizations have the same external id. What is refused takes no number.
pub async fn names_are_taken_once(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let named = |name: &str, id: Option<&str>| {
        let external_id: Change<ExternalId> = id.map(external_id).map_or(Change::Keep, Change::Set);
        RecordPatch::Organization(OrganizationPatch { external_id, ..organization_patch(name) })
    };
    let role = |name| RecordPatch::CustomRole(custom_role_patch(name));
    let first = create(&*store, account, named("Été", Some("Org-É")), 1).await.id();
    create(&*store, account, role("Été"), 1).await;
    for (patch, expected) in [
        (named(" ÉTÉ ", None), RecordError::Taken),
        (named("Other", Some("ORG-é")), RecordError::ExternalIdTaken),
        (named("été", Some("org-é")), RecordError::Taken),
        (role("éTÉ"), RecordError::Taken),
    ] {
        assert_eq!(store.create_record(account, patch, at(2)).await, Err(expected));
    }
    for (name, place) in [("Support", 2), ("Support", 3)] {
        let group = create(&*store, account, RecordPatch::Group(group_patch(name)), 1).await;
        assert_eq!(group.id(), first + place);
    }

    let other = create(&*store, account, named("Other", Some("org-2")), 1).await;
    for (patch, expected) in [
        (named("ÉTÉ", None), RecordError::Taken),
        (named("Third", Some("ORG-É")), RecordError::ExternalIdTaken),
    ] {
        let refused = store.update_record(account, other.id(), patch, at(2)).await;
        assert_eq!(refused, Err(expected));
    }
    assert_eq!(read(&*store, account, &other).await, Some(other.clone()));
    let own = named(" OTHER", Some("ORG-2"));
    store.update_record(account, other.id(), own, at(3)).await.unwrap();
    // A name that was given up is free.
    let renamed = named("Renamed", Some("org-3"));
    store.update_record(account, first, renamed, at(3)).await.unwrap();
    create(&*store, account, named("été", Some("org-é")), 4).await;
}

/// A change sets what it names and keeps the rest; when nothing changes, `updated_at` stays. It
/// never goes back.
pub async fn a_record_is_changed(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let group = sample::group(&*store, account, "Support").await;
    let made = RecordPatch::Organization(full_organization(group));
    let made = create(&*store, account, made, 3).await;
    let Record::Organization(before) = made.clone() else { unreachable!("{made:?}") };
    let update = |patch: OrganizationPatch, now| {
        store.update_record(account, made.id(), RecordPatch::Organization(patch), at(now))
    };
    let nothing = [OrganizationPatch::default(), full_organization(group)];
    for nothing in nothing {
        assert_eq!(update(nothing, 4).await.as_ref(), Ok(&made));
    }
    let change = OrganizationPatch {
        external_id: Change::Clear,
        shared_comments: Some(false),
        notes: Change::Clear,
        group_id: Change::Clear,
        fields: metadata_patch(&[("n", None), ("m", Some(text_value("1")))]),
        ..OrganizationPatch::default()
    };
    let expected = Record::Organization(Organization {
        external_id: None,
        shared_comments: false,
        notes: None,
        group_id: None,
        fields: metadata(&[("m", text_value("1"))]),
        updated_at: at(5),
        ..before
    });
    assert_eq!(update(change, 5).await.as_ref(), Ok(&expected));
    assert_eq!(read(&*store, account, &made).await, Some(expected));
    let later = update(organization_patch("Renamed"), 1).await.unwrap();
    let Record::Organization(later) = later else { unreachable!("{later:?}") };
    assert_eq!(later.updated_at, at(5));
    // A record is no user: nothing of this is told in the log.
    assert_eq!(look::events(&*store, account).await, []);
}

/// Only what is there is changed or removed, under its own kind.
pub async fn a_strange_record_is_not_found(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let group = sample::group(&*store, account, "Support").await;
    let organization = sample::organization(&*store, account, "US Navy").await;
    let before = look::everything(&*store, account).await;
    for (id, patch) in [
        (organization.0, RecordPatch::Group(group_patch("x"))),
        (group.0, RecordPatch::Organization(organization_patch("x"))),
        (group.0, RecordPatch::CustomRole(custom_role_patch("x"))),
        (1, RecordPatch::Group(group_patch("x"))),
    ] {
        let kind = patch.kind();
        let updated = store.update_record(account, id, patch, at(1)).await;
        assert_eq!(updated, Err(RecordError::NotFound));
        let deleted = store.delete_record(account, kind, id, at(1)).await;
        assert_eq!(deleted, Err(RecordError::NotFound));
    }
    assert_eq!(look::everything(&*store, account).await, before);
    let gone = store.delete_record(account, RecordKind::Group, group.0, at(1)).await.unwrap();
    assert_eq!(gone.id(), group.0);
    let again = store.delete_record(account, RecordKind::Group, group.0, at(1)).await;
    assert_eq!(again, Err(RecordError::NotFound));
    assert_eq!(read(&*store, account, &gone).await, None);
}

/// An error, and how to correct what it is about.
type Mistake = (RecordError, fn(&mut OrganizationPatch));

/// An organization is checked in a certain order, when it is made and when it is changed. What is
/// refused changes nothing.
pub async fn an_organization_is_checked(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let group = sample::group(&*store, account, "Support").await;
    let first = RecordPatch::Organization(full_organization(group));
    create(&*store, account, first, 1).await;
    let second = sample::organization(&*store, account, "Second").await;
    let before = look::everything(&*store, account).await;

    let huge = text_value(&"x".repeat(ORGANIZATION_FIELDS_LIMIT));
    let mut wrong = full_organization(GroupId(second.0));
    wrong.fields = metadata_patch(&[("k", Some(huge))]);
    let limit = ORGANIZATION_FIELDS_LIMIT;
    let mistakes: [Mistake; 4] = [
        (MetadataTooLarge { limit }.into(), |patch| patch.fields.clear()),
        (RecordError::NoGroup, |patch| patch.group_id = Change::Keep),
        (RecordError::Taken, |patch| patch.name = Some(record_name("Third"))),
        (RecordError::ExternalIdTaken, |patch| patch.external_id = Change::Keep),
    ];
    for (expected, correct) in mistakes {
        let patch = RecordPatch::Organization(wrong.clone());
        let refused = store.create_record(account, patch.clone(), at(2)).await;
        assert_eq!(refused, Err(expected.clone()));
        let refused = store.update_record(account, second.0, patch, at(2)).await;
        assert_eq!(refused, Err(expected));
        assert_eq!(look::everything(&*store, account).await, before);
        correct(&mut wrong);
    }
    create(&*store, account, RecordPatch::Organization(wrong), 3).await;
}

/// Records of a kind are listed by number, forth, back and by offset, with the count of all.
pub async fn records_are_listed_by_number(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut made = Vec::new();
    for number in 1..=5 {
        let name = format!("Group {}", 9 - number);
        made.push(sample::group(&*store, account, &name).await.0);
        sample::organization(&*store, account, &name).await;
    }
    let two = PageLimit::new(2).unwrap();
    let page = async |start| {
        let filter = RecordFilter::All(RecordKind::Group);
        let page = store.records(account, filter, start, two).await.unwrap();
        assert_eq!(page.count, 5);
        (page.records.iter().map(Record::id).collect::<Vec<_>>(), page.more)
    };
    assert_eq!(page(RecordStart::Offset(0)).await, (made[..2].to_vec(), true));
    assert_eq!(page(RecordStart::Offset(3)).await, (made[3..].to_vec(), false));
    assert_eq!(page(RecordStart::Offset(u64::MAX)).await, (Vec::new(), false));
    assert_eq!(page(RecordStart::After(0)).await, (made[..2].to_vec(), true));
    assert_eq!(page(RecordStart::After(made[1])).await, (made[2..4].to_vec(), true));
    assert_eq!(page(RecordStart::After(made[2] + 1)).await, (made[3..].to_vec(), false));
    assert_eq!(page(RecordStart::After(i64::MAX)).await, (Vec::new(), false));
    assert_eq!(page(RecordStart::Before(i64::MAX)).await, (made[3..].to_vec(), true));
    assert_eq!(page(RecordStart::Before(made[3])).await, (made[1..3].to_vec(), true));
    assert_eq!(page(RecordStart::Before(made[2])).await, (made[..2].to_vec(), false));
    assert_eq!(page(RecordStart::Before(made[0])).await, (Vec::new(), false));
    let filter = RecordFilter::All(RecordKind::CustomRole);
    let none = store.records(account, filter, RecordStart::Offset(0), two).await.unwrap();
    assert_eq!((none.records, none.more, none.count), (Vec::new(), false, 0));
}

/// Some records of a kind are read at once: those that there are, by number, each once.
pub async fn some_records_are_read_at_once(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut made = Vec::new();
    for name in ["c", "b", "a"] {
        made.push(sample::organization(&*store, account, name).await.0);
    }
    let group = sample::group(&*store, account, "Support").await.0;
    let read = async |kind, ids: &[i64]| {
        let records = store.records_by_id(account, kind, ids.to_vec()).await.unwrap();
        records.iter().map(Record::id).collect::<Vec<_>>()
    };
    let kind = RecordKind::Organization;
    let ids = [made[2], group, made[0], 1, made[2]];
    assert_eq!(read(kind, &ids).await, [made[0], made[2]]);
    assert_eq!(read(RecordKind::Group, &ids).await, [group]);
    assert_eq!(read(RecordKind::CustomRole, &ids).await, [0_i64; 0]);
    assert_eq!(read(kind, &[]).await, [0_i64; 0]);
    assert_eq!(store.user(account, UserId::from_stored(group)).await, Ok(None));
}
