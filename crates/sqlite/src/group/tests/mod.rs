//! What happens inside of one group, made up here unit by unit.

use std::path::Path;

use roster_directory::{
    AccountId, Change, CreateEndUserError, Created, CustomRoleId, Description, EndUserPatch,
    Endpoint, EndpointId, EndpointStatus, EndpointUrl, EventTypes, MessageNumber, NewEndUser,
    NewEndpoint, ObjectId, PatchEndUserError, RecordError, RecordKind, RecordPatch, StoreError,
    User,
};
use roster_relational::lists;
use roster_relational::operations::{accounts, end_users, endpoints, records, removal, users};
use roster_relational::tables::{account, message, user};
use roster_relational::unit::{Undo, UnitError, unit};
use roster_testkit::sample;
use tempfile::TempDir;
use tokio::sync::oneshot::Receiver;

use super::*;
use crate::options::OpenMode;
use crate::{connection, migrate};

mod held_back;

/// A committer over a new file that has one account.
struct Bench {
    committer: Committer,
    account: AccountId,
    folder: TempDir,
    group: Vec<Box<dyn Unit>>,
}

fn committer(path: &Path) -> Committer {
    let mut connection = connection::open_writer(path, OpenMode::Serve).unwrap();
    migrate::migrate(&mut connection, path).unwrap();
    let signal = Arc::new(TokenSignal::beside(path).unwrap_or_else(|_| panic!()));
    Committer::new(connection, Arc::new(Cache::new(1 << 20)), signal, Arc::default())
        .unwrap()
        .holding_back(Some(Arc::default()), 10_000)
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.db");
        std::fs::File::create(&path).unwrap();
        let account = AccountId::from_stored(1);
        let mut bench = Self { committer: committer(&path), account, folder, group: Vec::new() };
        let made =
            bench.add(|transaction| accounts::create(transaction, sample::new_account("default")));
        bench.commit();
        assert_eq!(answer(made).unwrap().id, account);
        bench
    }

    fn add<F, T, E>(&mut self, work: F) -> Receiver<Result<T, E>>
    where
        F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: UnitError,
    {
        self.add_undone(Undo::Alone, work)
    }

    fn add_undone<F, T, E>(&mut self, undo: Undo, work: F) -> Receiver<Result<T, E>>
    where
        F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: UnitError,
    {
        let (unit, answer) = unit(undo, work);
        self.group.push(unit);
        answer
    }

    fn add_create(&mut self, new: NewEndUser) -> Receiver<Result<Created, CreateEndUserError>> {
        let account = self.account;
        let work =
            move |transaction: &mut Transaction<'_>| end_users::create(transaction, account, new);
        self.add_undone(Undo::WithGroup, work)
    }

    fn commit(&mut self) {
        self.committer.commit(&mut self.group);
        assert!(self.group.is_empty());
    }

    fn stored(&self, number: u32) -> Option<User> {
        let id = sample::end_user_id(number);
        user::end_user(&self.committer.connection, self.account, id).unwrap()
    }

    fn end_users(&self) -> u64 {
        account::all(&self.committer.connection).unwrap()[0].users.end_users
    }
}

fn answer<T, E>(mut receiver: Receiver<Result<T, E>>) -> Result<T, E> {
    receiver.try_recv().unwrap()
}

#[test]
fn a_refused_unit_harms_no_other() {
    let mut bench = Bench::new();
    let first = bench.add_create(sample::new_end_user(1));
    let account = bench.account;
    let refused = bench.add::<_, (), _>(move |transaction| {
        end_users::create(transaction, account, sample::new_end_user(2)).unwrap();
        Err(PatchEndUserError::NotFound)
    });
    let last = bench.add_create(sample::new_end_user(3));
    bench.commit();
    assert!(answer(first).is_ok());
    assert_eq!(answer(refused), Err(PatchEndUserError::NotFound));
    assert!(answer(last).is_ok());
    assert_eq!(bench.stored(2), None);
    assert!(bench.stored(1).unwrap().user_id < bench.stored(3).unwrap().user_id);
    assert_eq!(bench.end_users(), 2);
    let stats = bench.committer.stats.snapshot();
    assert_eq!((stats.committed, stats.group_sizes[0], stats.group_sizes[1]), (3, 1, 1));
}

#[test]
fn a_unit_that_panics_harms_no_other() {
    let mut bench = Bench::new();
    let first = bench.add_create(sample::new_end_user(1));
    let account = bench.account;
    let panicked = bench.add::<_, (), StoreError>(move |transaction| {
        end_users::create(transaction, account, sample::new_end_user(2)).unwrap();
        panic!("the test wants it so");
    });
    let last = bench.add_create(sample::new_end_user(3));
    bench.commit();
    assert!(answer(first).is_ok());
    assert!(matches!(answer(panicked), Err(StoreError::Unavailable(_))));
    assert!(answer(last).is_ok());
    assert_eq!(bench.stored(2), None);
    assert_eq!(bench.end_users(), 2);
}

#[test]
fn a_unit_that_writes_only_once_checked_harms_no_other_when_it_is_refused() {
    let mut bench = Bench::new();
    let first = bench.add_create(sample::new_end_user(1));
    let refused =
        bench.add_undone::<_, (), _>(Undo::WithGroup, |_| Err(PatchEndUserError::NotFound));
    let last = bench.add_create(sample::new_end_user(2));
    bench.commit();
    assert!(answer(first).is_ok());
    assert_eq!(answer(refused), Err(PatchEndUserError::NotFound));
    assert!(answer(last).is_ok());
    assert_eq!(bench.end_users(), 2);
}

#[test]
fn rows_that_cannot_be_inserted_are_undone_with_their_group() {
    let mut bench = Bench::new();
    let earlier = bench.add_create(sample::new_end_user(2));
    bench.commit();
    assert!(answer(earlier).is_ok());
    // Nobody can have the identifier of another user: that is found out while rows are written.
    let answers: Vec<_> =
        [1, 2, 3].map(|number| bench.add_create(sample::new_end_user(number))).into();
    bench.commit();
    for receiver in answers {
        assert!(matches!(answer(receiver), Err(CreateEndUserError::Store(_))));
    }
    assert_eq!((bench.stored(1), bench.stored(3)), (None, None));
    let later = bench.add_create(sample::new_end_user(1));
    bench.commit();
    assert!(answer(later).is_ok());
    assert_eq!(bench.end_users(), 2);
}

#[test]
fn however_many_are_made_at_once_all_are_kept() {
    let mut bench = Bench::new();
    let made: Vec<_> =
        (0..300).map(|number| bench.add_create(sample::new_end_user(number))).collect();
    bench.commit();
    for (number, receiver) in (0..).zip(made) {
        let Ok(Created::New(user)) = answer(receiver) else { panic!() };
        assert_eq!(bench.stored(number).as_ref(), Some(&*user));
    }
    assert_eq!(bench.end_users(), 300);
}

#[test]
fn a_unit_that_fails_half_way_against_its_word_is_undone_with_its_group() {
    let mut bench = Bench::new();
    let first = bench.add_create(sample::new_end_user(1));
    let account = bench.account;
    let failure = StoreError::Corrupt("user.role".to_owned());
    let own = failure.clone();
    let failed = bench.add_undone::<_, (), _>(Undo::WithGroup, move |transaction| {
        end_users::create(transaction, account, sample::new_end_user(2)).unwrap();
        Err(own)
    });
    bench.commit();
    assert_eq!(answer(first), Err(CreateEndUserError::Store(failure.clone())));
    assert_eq!(answer(failed), Err(failure));
    assert_eq!((bench.stored(1), bench.stored(2)), (None, None));
    let later = bench.add_create(sample::new_end_user(1));
    bench.commit();
    assert!(answer(later).is_ok());
}

#[test]
fn units_of_a_group_see_each_other() {
    let mut bench = Bench::new();
    let named = |number| NewEndUser {
        external_id: Some(sample::external_id("crm-1")),
        ..sample::new_end_user(number)
    };
    let first = bench.add_create(named(1));
    let again = bench.add_create(named(2));
    bench.commit();
    let Ok(Created::New(made)) = answer(first) else { panic!() };
    assert_eq!(answer(again), Ok(Created::Existing(made)));
}

#[test]
fn whoever_was_made_in_a_group_is_changed_in_it() {
    let mut bench = Bench::new();
    let account = bench.account;
    let made = bench.add_create(sample::new_end_user(1));
    let patch = EndUserPatch {
        first_name: Change::Set(sample::text("Ada")),
        external_id: Change::Set(sample::external_id("crm-1")),
        ..EndUserPatch::default()
    };
    let id = sample::end_user_id(1);
    let changed = bench.add_undone(Undo::WithGroup, move |transaction| {
        end_users::patch(transaction, account, id, &patch, sample::START)
    });
    bench.commit();
    assert!(answer(made).is_ok());
    assert_eq!(answer(changed).unwrap().profile.first_name, Some(sample::text("Ada")));
    assert_eq!(bench.stored(1).unwrap().profile.first_name, Some(sample::text("Ada")));
}

#[test]
fn units_of_a_group_see_whose_address_is_taken() {
    let mut bench = Bench::new();
    let addressed = |number| {
        let mut new = sample::new_end_user(number);
        new.profile.email = Some(sample::text("ada@example.org"));
        new
    };
    let both = [1, 2].map(|number| bench.add_create(addressed(number)));
    bench.commit();
    let users = both.map(|receiver| match answer(receiver) {
        Ok(Created::New(user)) => user.user_id,
        other => panic!("{other:?}"),
    });
    let connection = &bench.committer.connection;
    let identities = lists::identities(connection, bench.account, users.into()).unwrap();
    let owners: Vec<_> = identities.into_iter().map(|identity| identity.user_id).collect();
    assert_eq!(owners, [users[0]]);
}

#[test]
fn units_of_a_group_see_whom_the_others_have_counted() {
    let mut bench = Bench::new();
    let account = bench.account;
    let role = RecordPatch::CustomRole(sample::custom_role_patch("Support"));
    let made =
        bench.add(move |transaction| records::create(transaction, account, &role, sample::START));
    bench.commit();
    let role = answer(made).unwrap().id();

    let mut user = sample::new_user(1, "Ada");
    user.patch.support.custom_role_id = Change::Set(CustomRoleId(role));
    let user = bench.add(move |transaction| users::create(transaction, account, &user));
    let delete = move |transaction: &mut Transaction<'_>| {
        records::delete(transaction, account, RecordKind::CustomRole, role, sample::START)
    };
    let refused = bench.add(delete);
    bench.commit();
    assert_eq!(answer(refused), Err(RecordError::InUse));

    let user = answer(user).unwrap().user_id;
    let gone =
        bench.add(move |transaction| removal::delete(transaction, account, user, sample::START));
    let deleted = bench.add(delete);
    bench.commit();
    assert!(answer(gone).is_ok());
    assert!(answer(deleted).unwrap().is_some());
}

#[test]
fn changes_of_a_group_happen_one_after_the_other() {
    let mut bench = Bench::new();
    let made: Vec<_> =
        (1..5).map(|number| bench.add_create(sample::new_end_user(number))).collect();
    bench.commit();
    let mut moments = Vec::new();
    for made in made {
        let Ok(Created::New(user)) = answer(made) else { panic!() };
        moments.push(user.updated_at.as_micros() - sample::START.as_micros());
    }
    assert_eq!(moments, [0, 1, 2, 3]);
}

/// The numbers of the messages that the account has.
fn message_numbers(bench: &Bench) -> Vec<i64> {
    let connection = &bench.committer.connection;
    let all = MessageNumber(i64::MIN)..MessageNumber::END;
    let found = message::moments(connection, bench.account, &all).unwrap();
    found.into_iter().map(|message| message.number.0).collect()
}

#[test]
fn a_refused_unit_takes_no_number_of_a_message() {
    let mut bench = Bench::new();
    let account = bench.account;
    let endpoint = bench.add(move |transaction| {
        let endpoint = Endpoint {
            endpoint_id: EndpointId(ObjectId::from_bytes([7; 12])),
            url: EndpointUrl::new("https://example.org").unwrap(),
            description: Description::default(),
            event_types: EventTypes::default(),
            status: EndpointStatus::Enabled,
            failing_since: None,
            last_failed_at: None,
            created_at: sample::START,
            updated_at: sample::START,
        };
        let new = NewEndpoint { endpoint, secret: sample::sealed(1, b"secret") };
        endpoints::create(transaction, account, new)
    });
    let first = bench.add_create(sample::new_end_user(1));
    let refused = bench.add::<_, (), _>(move |transaction| {
        end_users::create(transaction, account, sample::new_end_user(2)).unwrap();
        end_users::create(transaction, account, sample::new_end_user(3)).unwrap();
        Err(PatchEndUserError::NotFound)
    });
    let panicked = bench.add::<_, (), StoreError>(move |transaction| {
        end_users::create(transaction, account, sample::new_end_user(4)).unwrap();
        panic!("the test wants it so");
    });
    let second = bench.add_create(sample::new_end_user(5));
    bench.commit();
    assert!(answer(endpoint).is_ok() && answer(first).is_ok() && answer(second).is_ok());
    assert!(answer(refused).is_err() && answer(panicked).is_err());
    assert_eq!(message_numbers(&bench), [1, 2]);

    let third = bench.add_create(sample::new_end_user(6));
    bench.commit();
    assert!(answer(third).is_ok());
    assert_eq!(message_numbers(&bench), [1, 2, 3]);
}

#[test]
fn a_unit_that_nobody_waits_for_is_not_run() {
    let mut bench = Bench::new();
    drop(bench.add_create(sample::new_end_user(1)));
    bench.commit();
    assert_eq!(bench.stored(1), None);
}

/// Lets the file grow no more, as if the disk were full.
fn fill_disk(bench: &Bench) {
    let pages: i64 =
        bench.committer.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    limit_pages(bench, pages);
}

fn limit_pages(bench: &Bench, pages: i64) {
    let sql = format!("PRAGMA max_page_count = {pages}");
    bench.committer.connection.query_row(&sql, [], |_| Ok(())).unwrap();
}

#[test]
fn a_full_disk_undoes_the_whole_group() {
    let mut bench = Bench::new();
    let earlier = bench.add_create(sample::new_end_user(1));
    bench.commit();
    assert!(answer(earlier).is_ok());

    fill_disk(&bench);
    let refused: Vec<_> =
        (2..200).map(|number| bench.add_create(sample::new_end_user(number))).collect();
    bench.commit();
    for receiver in refused {
        assert_eq!(answer(receiver), Err(CreateEndUserError::Store(StoreError::Full)));
    }
    assert_eq!(bench.stored(2), None);
    assert!(bench.stored(1).is_some());

    limit_pages(&bench, i64::from(u32::MAX) - 1);
    let later = bench.add_create(sample::new_end_user(2));
    bench.commit();
    assert!(answer(later).is_ok());
    assert_eq!(bench.end_users(), 2);
}

#[test]
fn a_commit_that_fails_undoes_the_whole_group() {
    let mut bench = Bench::new();
    let refused: Vec<_> =
        (1..4).map(|number| bench.add_create(sample::new_end_user(number))).collect();
    // The hook turns the commit into a rollback.
    bench.committer.connection.commit_hook(Some(|| true)).unwrap();
    bench.commit();
    bench.committer.connection.commit_hook(None::<fn() -> bool>).unwrap();
    for receiver in refused {
        assert!(matches!(
            answer(receiver),
            Err(CreateEndUserError::Store(StoreError::Unavailable(_)))
        ));
    }
    assert_eq!(bench.end_users(), 0);

    let later = bench.add_create(sample::new_end_user(1));
    bench.commit();
    assert!(answer(later).is_ok());
    assert_eq!(bench.end_users(), 1);
}

#[test]
fn a_token_that_could_not_be_announced_is_not_reported() {
    let mut bench = Bench::new();
    let signal = bench.folder.path().join("tokens.changed");
    std::fs::remove_file(&signal).unwrap();
    std::fs::create_dir(&signal).unwrap();
    let unannounced = bench.add(|transaction| {
        transaction.tokens_changed();
        Ok::<_, StoreError>(())
    });
    let other = bench.add_create(sample::new_end_user(1));
    bench.commit();
    assert!(matches!(answer(unannounced), Err(StoreError::Unavailable(_))));
    assert!(answer(other).is_ok());
}

#[test]
fn the_log_is_moved_into_the_database() {
    let mut bench = Bench::new();
    let path = bench.folder.path().join("roster.db");
    let size = |path: &Path| path.metadata().unwrap().len();
    let before = size(&path);
    let blob = vec![0_u8; 20 * 1024 * 1024];
    let written = bench.add(move |transaction| {
        let check = sample::sealed(1, &blob);
        roster_relational::tables::sealing_key::insert(transaction.connection, &check)
    });
    bench.commit();
    assert!(answer(written).is_ok());
    assert!(size(&path) > before + 20 * 1024 * 1024);
}

#[test]
fn the_log_stays_short_while_a_thread_moves_it() {
    let mut bench = Bench::new();
    let path = bench.folder.path().join("roster.db");
    let other = connection::open_writer(&path, OpenMode::Command).unwrap();
    bench.committer = bench.committer.moving_log_over(other).unwrap();
    let log = bench.folder.path().join("roster.db-wal");
    for number in 1..=40 {
        let blob = vec![0_u8; 2 * 1024 * 1024];
        let written = bench.add(move |transaction| {
            let check = sample::sealed(number, &blob);
            roster_relational::tables::sealing_key::insert(transaction.connection, &check)
        });
        bench.commit();
        assert!(answer(written).is_ok());
        assert!(log.metadata().unwrap().len() < 52 * 1024 * 1024);
    }
    assert!(path.metadata().unwrap().len() > 40 * 1024 * 1024);
    let Bench { committer, folder, .. } = bench;
    committer.close(true);
    assert!(path.metadata().unwrap().len() > 80 * 1024 * 1024);
    assert!(!folder.path().join("roster.db-wal").exists());
}
