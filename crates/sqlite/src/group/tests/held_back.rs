//! Index entries that are held back, while groups succeed and fail.

use roster_directory::{NewEndUser, Profile};
use roster_testkit::sample;

use super::{Bench, answer};
use crate::change_buffer::merge;

/// How many users, the owner among them, are in the index by name.
fn by_name(bench: &Bench) -> i64 {
    let sql = "SELECT count(*) FROM user_by_name";
    bench.committer.connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn what_is_held_back_is_merged_when_nothing_is_to_be_written() {
    let mut bench = Bench::new();
    let made: Vec<_> =
        (1..=1400).map(|number| bench.add_create(sample::new_end_user(number))).collect();
    bench.commit();
    assert!(made.into_iter().all(|made| answer(made).is_ok()));
    assert_eq!((by_name(&bench), bench.committer.holds_back()), (0, true));
    let is_complete = |bench: &Bench| merge::is_complete(&bench.committer.connection).unwrap();
    assert!(!is_complete(&bench));
    // In parts, so that no write need wait for all of it.
    assert!(bench.committer.tidy());
    assert!((1..1401).contains(&by_name(&bench)));
    assert!(!bench.committer.tidy());
    assert_eq!((by_name(&bench), bench.committer.holds_back()), (1401, false));
    assert!(is_complete(&bench));
}

#[test]
fn what_a_failed_commit_merged_is_merged_again() {
    let mut bench = Bench::new();
    let made = bench.add_create(sample::new_end_user(1));
    bench.commit();
    assert!(answer(made).is_ok());

    bench.committer.connection.commit_hook(Some(|| true)).unwrap();
    let refused = bench.add_create(sample::new_end_user(2));
    bench.commit();
    assert!(answer(refused).is_err());
    assert!(!bench.committer.tidy());
    bench.committer.connection.commit_hook(None::<fn() -> bool>).unwrap();

    // This one gets the number of who was refused.
    let later = bench.add_create(sample::new_end_user(3));
    bench.commit();
    assert!(answer(later).is_ok());
    while bench.committer.tidy() {}
    assert_eq!(by_name(&bench), 3);
}

#[test]
fn an_address_is_taken_once_although_a_group_failed() {
    let mut bench = Bench::new();
    let with_address = |number| {
        let email = Some(sample::text(&format!("{number:05}@example.org")));
        let profile = Profile { email, ..Profile::default() };
        NewEndUser { profile, ..sample::new_end_user(number) }
    };
    bench.committer.connection.commit_hook(Some(|| true)).unwrap();
    // Their names fill more than one part, and their addresses another one.
    let refused: Vec<_> = (1..=1300).map(|number| bench.add_create(with_address(number))).collect();
    bench.commit();
    assert!(refused.into_iter().all(|refused| answer(refused).is_err()));
    bench.committer.connection.commit_hook(None::<fn() -> bool>).unwrap();
    assert!(bench.committer.tidy() && bench.committer.tidy(), "a part is left");

    // The first one gets the same numbers again, after their address was merged from no row.
    let claimed = bench.add_create(with_address(1));
    bench.commit();
    assert!(answer(claimed).is_ok());
    assert!(bench.committer.tidy(), "what has come since then is left");
    let too_late = NewEndUser { profile: with_address(1).profile, ..sample::new_end_user(2000) };
    let too_late = bench.add_create(too_late);
    bench.commit();
    assert!(answer(too_late).is_ok());
    let sql = "SELECT count(*) FROM identity WHERE value_key = '00001@example.org'";
    let count: i64 = bench.committer.connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
}

#[test]
fn groups_that_fail_hold_back_no_more_and_more() {
    let mut bench = Bench::new();
    bench.committer.connection.commit_hook(Some(|| true)).unwrap();
    for _ in 0..50 {
        let refused: Vec<_> =
            (0..1000).map(|number| bench.add_create(sample::new_end_user(number))).collect();
        bench.commit();
        assert!(refused.into_iter().all(|refused| answer(refused).is_err()));
    }
    assert!(bench.committer.buffer.len() <= 20_001, "{}", bench.committer.buffer.len());
}
