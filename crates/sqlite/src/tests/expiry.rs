//! What it costs to remove what has expired.

use roster_directory::{AccountId, Job, JobId, SensitiveKey, SensitiveWrite, Timestamp};
use roster_relational::tables::{job, sensitive_value};
use roster_testkit::sample;

use super::lists::{cost, empty};

const COUNT: u32 = 3000;

fn account() -> AccountId {
    AccountId::from_stored(1)
}

#[test]
fn only_what_has_expired_is_looked_at() {
    let mut connection = empty();
    connection.execute_batch("BEGIN").unwrap();
    for number in 1..=COUNT {
        let expires_at = Timestamp::from_micros(i64::from(number));
        let key = SensitiveKey::new("key").unwrap();
        let sealed = Some(sample::sealed(1, b"secret"));
        let write = SensitiveWrite { changes: [(key, sealed)].into(), expires_at };
        let user = sample::end_user_id(number);
        sensitive_value::write(&connection, account(), user, &write).unwrap();
        let id = JobId(u128::from(number).to_be_bytes());
        let done = Job { id, completed_at: expires_at, ..sample::new_job(1) };
        job::insert(&connection, account(), &done).unwrap();
    }
    connection.execute_batch("COMMIT").unwrap();
    let steps = cost(&mut connection, |connection| {
        let until = Timestamp::from_micros;
        assert_eq!(sensitive_value::delete_expired(connection, until(2), 10), Ok(2));
        // There are more than may be removed at once.
        assert_eq!(sensitive_value::delete_expired(connection, until(1000), 3), Ok(3));
        job::delete_until(connection, until(1000), 3).unwrap();
    });
    assert!(steps < 1000, "{steps} steps");
    for (table, left) in [("sensitive_value", COUNT - 5), ("job", COUNT - 3)] {
        let sql = format!("SELECT count(*) FROM {table}");
        let count: u32 = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(count, left, "{table}");
    }
}
