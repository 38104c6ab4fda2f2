//! Searching users by words.

use std::sync::Arc;

use roster_directory::{
    AccountId, Change, EndUserPatch, Identity, IdentityChange, NameKey, NewEndUser,
    OrganizationPatch, Profile, RecordKey, RecordKind, RecordPatch, Role, SEARCH_LIMIT,
    SearchQuery, Segment, Store, UserFilter, UserId, UserPatch,
};

use crate::look;
use crate::sample::{
    self, at, email, external_id, new_email, new_user, organization_patch, record_name, tags, text,
};
use crate::walk::ids;

/// Whom a query finds.
async fn found(store: &dyn Store, account: AccountId, query: &str) -> Vec<UserId> {
    let page = store.search_users(account, SearchQuery::parse(query), 0, 100).await.unwrap();
    assert_eq!(page.count, page.users.len() as u64, "{query}");
    ids(&page.users)
}

/// Makes four users who have something of everything.
async fn crowd(store: &dyn Store, account: AccountId) -> Vec<UserId> {
    let navy = sample::organization(store, account, "US Navy").await;
    let mut grace = new_user(9, "Grace Brewster Hopper");
    grace.patch.role = Some(Role::Agent);
    grace.patch.external_id = Change::Set(external_id("CRM-4711"));
    grace.patch.identities = vec![new_email("Grace.Hopper@navy.example")];
    grace.patch.support.phone = Change::Set(text("+1 (555) 123-4567"));
    grace.patch.support.notes = Change::Set(text("Found the first bug: a moth."));
    grace.patch.support.tags = Some(tags(&["vip", "compiler-author"]));
    grace.patch.support.organization_id = Change::Set(navy);
    let mut alan = new_user(8, "Alan Turing");
    alan.patch.external_id = Change::Set(external_id("42"));
    alan.patch.support.details = Change::Set(text("Hopper of trains; enigma"));
    alan.patch.support.tags = Some(tags(&["bletchley"]));
    let emilie = new_user(7, "Émilie du Châtelet");
    let mut made = Vec::new();
    for new in [grace, alan, emilie] {
        made.push(sample::user(store, account, new).await.user_id);
    }
    let profile = Profile {
        first_name: Some(text("Ada")),
        last_name: Some(text("Lovelace")),
        email: Some(text("ada")),
        ..Profile::default()
    };
    let ada = NewEndUser { profile, ..sample::new_end_user(6) };
    made.push(sample::end_user(store, account, ada).await.user_id);
    made
}

/// Words are found by their beginning, in any field and any case; all of them must be found.
pub async fn words_are_found_by_their_beginning(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let made = crowd(&*store, account).await;
    let [grace, alan, emilie, ada] = made[..] else { unreachable!("{made:?}") };
    for (query, expected) in [
        ("grace", vec![grace]),
        ("HOP", vec![grace, alan]),
        ("hopper grace", vec![grace]),
        ("hopper alan", vec![alan]),
        ("hopper nobody", vec![]),
        ("race", vec![]),
        ("émi", vec![emilie]),
        ("ÉMILIE CHÂ", vec![emilie]),
        ("emilie", vec![]),
        ("lovelace", vec![ada]),
        ("grace.hopper@navy", vec![grace]),
        ("navy.example", vec![grace]),
        ("moth", vec![grace]),
        ("vip", vec![grace]),
        ("+1555123", vec![grace]),
        ("crm-4711", vec![grace]),
        ("4711", vec![grace]),
    ] {
        assert_eq!(found(&*store, account, query).await, expected, "{query}");
    }
}

/// A field, a phrase and a negation narrow a search.
pub async fn a_search_can_be_narrowed(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let made = crowd(&*store, account).await;
    let [grace, alan, emilie, ada] = made[..] else { unreachable!("{made:?}") };
    let owner = store.owner(account).await.unwrap();
    for (query, expected) in [
        ("name:hopper", vec![grace]),
        ("details:hopper", vec![alan]),
        ("notes:hopper", vec![]),
        ("email:grace.hopper@navy.example", vec![grace]),
        ("email:ada", vec![ada]),
        ("phone:\"+1 (555) 123-4567\"", vec![grace]),
        ("phone:4567", vec![grace]),
        ("external_id:42", vec![alan]),
        ("external_id:crm-47", vec![grace]),
        ("tags:vip", vec![grace]),
        ("tags:author", vec![grace]),
        ("\"first bug\"", vec![grace]),
        ("\"bug first\"", vec![]),
        ("\"first bu\"", vec![]),
        ("\"vip compiler\"", vec![]),
        ("name:\"Brewster Hopper\"", vec![grace]),
        ("hopper -alan", vec![grace]),
        ("hopper -name:grace", vec![alan]),
        ("-role:admin -grace", vec![alan, emilie, ada]),
        ("role:agent", vec![grace]),
        ("role:end-user -role:agent", vec![alan, emilie, ada]),
        ("role:admin", vec![owner]),
        ("role:nonsense", vec![]),
        ("type:user grace", vec![grace]),
        ("", vec![owner, grace, alan, emilie, ada]),
    ] {
        assert_eq!(found(&*store, account, query).await, expected, "{query}");
    }
}

/// An organization is named by its number or its name, in any case. The number comes first.
pub async fn a_search_can_name_an_organization(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let made = crowd(&*store, account).await;
    let key = RecordKey::organization_named("us navy");
    let navy = store.record(account, key).await.unwrap().unwrap().id();
    let numbered = sample::organization(&*store, account, &navy.to_string()).await;
    let other = sample::organization(&*store, account, "42").await;
    for (place, organization) in [(1, numbered), (2, other)] {
        let mut patch = UserPatch::default();
        patch.support.organization_id = Change::Set(organization);
        store.update_user(account, made[place], patch, at(1)).await.unwrap();
    }
    for (query, expected) in [
        ("organization:\"US Navy\"".to_owned(), vec![made[0]]),
        (format!("organization:{navy}"), vec![made[0]]),
        (format!("organization_id:{numbered} alan"), vec![made[1]]),
        ("organization:42".to_owned(), vec![made[2]]),
        ("organization:navy".to_owned(), vec![]),
        (format!("organization:{}", made[0]), vec![]),
        ("organization:99999999999999999999".to_owned(), vec![]),
        ("-organization:\"us navy\" alan".to_owned(), vec![made[1]]),
    ] {
        assert_eq!(found(&*store, account, &query).await, expected, "{query}");
    }
    let patch = OrganizationPatch { name: Some(record_name("Renamed")), ..organization_patch("") };
    let patch = RecordPatch::Organization(patch);
    store.update_record(account, navy, patch, at(2)).await.unwrap();
    assert_eq!(found(&*store, account, "organization:renamed").await, [made[0]]);
    assert_eq!(found(&*store, account, "organization:\"us navy\"").await, []);
    store.delete_record(account, RecordKind::Organization, navy, at(3)).await.unwrap();
    assert_eq!(found(&*store, account, "organization:renamed").await, []);
    assert_eq!(found(&*store, account, &format!("organization:{navy}")).await, [made[1]]);
}

/// A search finds what users are now: through whichever dialect they change, whatever of them.
pub async fn a_search_follows_every_change(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let made = crowd(&*store, account).await;
    let [grace, alan, emilie, ada] = made[..] else { unreachable!("{made:?}") };
    let patch = EndUserPatch {
        first_name: Change::Set(text("Augusta")),
        email: Change::Set(text("countess@example.org")),
        ..EndUserPatch::default()
    };
    store.patch_end_user(account, sample::end_user_id(6), patch, at(1)).await.unwrap();
    assert_eq!(found(&*store, account, "ada").await, []);
    assert_eq!(found(&*store, account, "augusta countess").await, [ada]);

    let mut patch = UserPatch { name: Change::Set(text("Amazing")), ..UserPatch::default() };
    patch.support.tags = Some(tags(&["moved"]));
    store.update_user(account, grace, patch, at(2)).await.unwrap();
    assert_eq!(found(&*store, account, "brewster").await, []);
    assert_eq!(found(&*store, account, "tags:vip").await, []);
    assert_eq!(found(&*store, account, "amazing tags:moved").await, [grace]);
    let identity: Identity = look::identities(&*store, account, grace).await.remove(0);
    let value = Some(email("admiral@example.org"));
    let change = IdentityChange::Edit { value, verified: None };
    store.change_identity(account, grace, identity.id, change, at(3)).await.unwrap();
    assert_eq!(found(&*store, account, "email:admiral").await, [grace]);
    assert_eq!(found(&*store, account, "email:navy").await, []);

    store.delete_user(account, alan, at(4)).await.unwrap();
    assert_eq!(found(&*store, account, "turing").await, []);
    store.merge_users(account, emilie, ada, at(5)).await.unwrap();
    assert_eq!(found(&*store, account, "émilie").await, []);
    let new = NewEndUser {
        profile: Profile { first_name: Some(text("Passing")), ..Profile::default() },
        expires_at: Some(at(6)),
        ..sample::new_end_user(1)
    };
    let passing = sample::end_user(&*store, account, new).await.user_id;
    assert_eq!(found(&*store, account, "passing").await, [passing]);
    store.expire(at(6), 10).await.unwrap();
    assert_eq!(found(&*store, account, "passing").await, []);
}

/// What is found ascends by number, in parts of any size; the count is that of all.
pub async fn what_is_found_ascends_by_number(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    let mut made = Vec::new();
    for number in 1..=5 {
        made.push(sample::user(&*store, account, new_user(90 - number, "Grace")).await.user_id);
    }
    let part = async |query, offset, limit| {
        let query = SearchQuery::parse(query);
        let page = store.search_users(account, query, offset, limit).await.unwrap();
        (ids(&page.users), page.count)
    };
    assert_eq!(part("grace", 0, 2).await, (made[..2].to_vec(), 5));
    assert_eq!(part("grace", 2, 2).await, (made[2..4].to_vec(), 5));
    assert_eq!(part("grace", 4, 2).await, (made[4..].to_vec(), 5));
    assert_eq!(part("grace", 5, 2).await, (Vec::new(), 5));
    assert_eq!(part("grace", u64::MAX, u64::MAX).await, (Vec::new(), 5));
    assert_eq!(part("grace", 0, 0).await, (Vec::new(), 5));
    assert_eq!(part("", 1, 3).await, (made[..3].to_vec(), 6));
    assert_eq!(part("nobody", 0, 3).await, (Vec::new(), 0));
}

/// Names that could mean something to an index of words, parted by bars.
const NAMES: &str = "OR|AND not|NEAR|a*b|\"quoted\"|it's|50%|under_score|(brackets)|ß|STRASSE|\
    İstanbul|日本語|🙂|e\u{301}te|x:y|Ⅷ|naïve|a-b|^start|{1}|null|ﬁne|Σίσυφος";

/// Queries that could, beyond the names.
const QUERIES: &str = "NOT|*|\"|\"\"|-|--|- -x|:|name:|name:*|a*|\"a b\"|NEAR(a b)|name:\"a|x AND y|\
    -\"|col:val|'|ss|strasse|istanbul|日本|本|e|été|fine|σίσυφοσ|(|grace OR alan|{name}: x|^grace|\
    grace*|+grace|phone:|external_id:\"crm 4711\"|+1 (555)|email:@|-name:\"\"|role:|name:a -b|\\|%|_|\
    \u{1}|a\tb\u{a0}c";

/// No text of a query is an error or means anything to what lies below: a search finds what its
/// definition says, of whatever users.
pub async fn a_search_finds_what_its_definition_says(store: Arc<dyn Store>) {
    let account = sample::account(&*store, "acme").await;
    crowd(&*store, account).await;
    for (number, name) in (20..).zip(NAMES.split('|')) {
        sample::user(&*store, account, new_user(number, name)).await;
    }
    let everybody = look::people(&*store, account).await;
    for query in NAMES.split('|').chain(QUERIES.split('|')) {
        let parsed = SearchQuery::parse(query);
        let expected = everybody.iter().filter(|user| parsed.matches(user, |_| None));
        let expected: Vec<_> = expected.map(|user| user.user_id).collect();
        assert_eq!(found(&*store, account, query).await, expected, "{query:?}");
    }
}

/// A search finds so many users at most, the first ones by number, and a count of names goes no
/// further either.
pub async fn a_search_has_a_limit(store: Arc<dyn Store>) {
    const MAKERS: u32 = 200;
    let account = sample::account(&*store, "acme").await;
    let makers: Vec<_> = (0..MAKERS)
        .map(|maker| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let each = u32::try_from(SEARCH_LIMIT).unwrap() / MAKERS;
                for number in 0..=each {
                    let profile = Profile { first_name: Some(text("Grace")), ..Profile::default() };
                    let number = maker * 1000 + number;
                    let new = NewEndUser { profile, ..sample::new_end_user(number) };
                    sample::end_user(&*store, account, new).await;
                }
            })
        })
        .collect();
    for maker in makers {
        maker.await.unwrap();
    }
    let all = look::counts(&*store, account).await.end_users;
    assert_eq!(all, SEARCH_LIMIT + u64::from(MAKERS));
    let query = SearchQuery::parse("grace");
    let end = SEARCH_LIMIT - 3;
    let page = store.search_users(account, query.clone(), end, 100).await.unwrap();
    assert_eq!((page.users.len(), page.count), (3, SEARCH_LIMIT));
    // The owner has the first number, and the first ten thousand of the others are found.
    let owner = store.owner(account).await.unwrap().get();
    let numbers: Vec<_> = page.users.iter().map(|user| user.user_id.get() - owner).collect();
    assert_eq!(numbers, [9_998, 9_999, 10_000]);
    let beyond = store.search_users(account, query, SEARCH_LIMIT, 100).await.unwrap();
    assert_eq!((beyond.users.len(), beyond.count), (0, SEARCH_LIMIT));

    let everybody = UserFilter::all(Segment::Account);
    let named = UserFilter { name_prefix: Some(NameKey::new("gr")), ..everybody.clone() };
    assert_eq!(store.count_users(account, named).await, Ok(SEARCH_LIMIT));
    assert_eq!(store.count_users(account, everybody).await, Ok(all + 1));
}
