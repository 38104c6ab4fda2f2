//! Numbers for new users, identities and records.
//!
//! A node takes them from the database a block at a time, in a transaction of its own, so that no
//! write of a user touches what all accounts share. What is left of a block when the node ends is
//! never given out: the numbers of a store ascend roughly.

use std::cmp::Ordering;
use std::ops::Range;

use parking_lot::Mutex;
use roster_directory::StoreError;
use roster_relational::params;
use roster_relational::sql::query_one;

use crate::row::Number;
use crate::session::Session;
use crate::unit_queue::Queued;

/// How many numbers are taken at once.
const BLOCK: i64 = 65_536;

/// The numbers that this node may give out. Whoever is given some is given higher ones than those
/// before: so a client that makes users through one node sees their numbers ascend.
#[derive(Default)]
pub(crate) struct Blocks(Mutex<Range<i64>>);

impl Blocks {
    /// How many numbers these units take at most.
    pub(crate) fn wanted_by(group: &[Queued]) -> i64 {
        let wanted = group.iter().map(|queued| queued.foretold.numbers).sum::<usize>();
        i64::try_from(wanted).unwrap_or(i64::MAX)
    }

    /// So many numbers, which nobody else gets.
    pub(crate) fn take(&self, session: &Session, wanted: i64) -> Result<Range<i64>, StoreError> {
        if let Some(taken) = cut(&mut self.0.lock(), wanted) {
            return Ok(taken);
        }
        let mut block = fetch(session, BLOCK.max(wanted))?;
        let mut left = self.0.lock();
        match block.start.cmp(&left.end) {
            Ordering::Equal => left.end = block.end,
            Ordering::Greater => *left = block,
            Ordering::Less => {
                // Others of this node have begun a later block meanwhile.
                return Ok(cut(&mut block, wanted).unwrap_or(block));
            }
        }
        Ok(cut(&mut left, wanted).unwrap_or_default())
    }

    /// Takes back what was not given out. What lies before numbers that others took is lost.
    pub(crate) fn give_back(&self, rest: Range<i64>) {
        let mut left = self.0.lock();
        if rest.end == left.start && !rest.is_empty() {
            left.start = rest.start;
        }
    }
}

/// Takes so many numbers from the beginning, if there are so many.
fn cut(numbers: &mut Range<i64>, count: i64) -> Option<Range<i64>> {
    let start = numbers.start;
    let taken = start..start.checked_add(count).filter(|end| *end <= numbers.end)?;
    numbers.start = taken.end;
    Some(taken)
}

/// Takes numbers from the database, in a transaction of its own: so it waits for others who do no
/// longer than any statement may take.
fn fetch(session: &Session, count: i64) -> Result<Range<i64>, StoreError> {
    let sql = "UPDATE allocation SET next_user_id = next_user_id + ?1 WHERE id = 1 \
               RETURNING next_user_id";
    session.begin();
    let end: Result<Option<Number>, _> = query_one(session, sql, params![count]);
    let end = end.and_then(|end| session.commit().map(|()| end));
    let end = end.inspect_err(|_| session.roll_back())?;
    let Number(end) = end.ok_or_else(|| StoreError::Corrupt("allocation.id".to_owned()))?;
    Ok(end - count..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_and_none_is_given_out_twice() {
        let numbers = Blocks(Mutex::new(100..200));
        let take = |count| cut(&mut numbers.0.lock(), count).unwrap();
        let (first, second) = (take(64), take(10));
        assert_eq!((&first, &second), (&(100..164), &(164..174)));
        // Those that were taken later are somebody's, so what is left of the first ones is lost.
        numbers.give_back(101..164);
        assert_eq!(take(5), 174..179);
        numbers.give_back(175..179);
        assert_eq!(take(5), 175..180);
        numbers.give_back(180..180);
        assert_eq!(cut(&mut numbers.0.lock(), 21), None);
        assert_eq!(take(20), 180..200);
    }
}
