//! Reading single users and callers, many at once.
//!
//! What is asked while a statement is under way is gathered, and asked with the next one: so a
//! busy node asks the server far less often than it is asked itself, and nobody is answered from
//! before they asked.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;
use roster_directory::StoreError;
use tokio::sync::oneshot;

use crate::reader::Readers;
use crate::session::Session;

/// The most that one statement asks for.
const MOST: usize = 128;

/// How many statements of a kind are under way at most.
const STATEMENTS: usize = 2;

/// Reads what several callers want with one statement: those of these keys that there are.
pub(crate) type ReadMany<G, K, V> = fn(&Session, G, &[K]) -> Result<Vec<(K, V)>, StoreError>;

/// Gathers look-ups of one kind. `G` is what one statement has in common: the account.
pub(crate) struct Lookups<G, K, V> {
    read: ReadMany<G, K, V>,
    state: Arc<Mutex<State<G, K, V>>>,
}

struct State<G, K, V> {
    waiting: Vec<Wanted<G, K, V>>,
    under_way: usize,
}

struct Wanted<G, K, V> {
    group: G,
    key: K,
    waiter: oneshot::Sender<Result<Option<V>, StoreError>>,
}

impl<G, K, V> Wanted<G, K, V> {
    fn fail(self, error: &StoreError) {
        // Whoever went away has dropped the other end.
        let _ = self.waiter.send(Err(error.clone()));
    }
}

impl<G, K, V> Lookups<G, K, V>
where
    G: Copy + Eq + Send + 'static,
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
{
    pub(crate) fn new(read: ReadMany<G, K, V>) -> Self {
        let state = State { waiting: Vec::new(), under_way: 0 };
        Self { read, state: Arc::new(Mutex::new(state)) }
    }

    /// What there is under a key.
    pub(crate) async fn find(
        &self,
        readers: &Arc<Readers>,
        group: G,
        key: K,
    ) -> Result<Option<V>, StoreError> {
        let (waiter, answer) = oneshot::channel();
        let begin = {
            let mut state = self.state.lock();
            state.waiting.push(Wanted { group, key, waiter });
            let begin = state.under_way < STATEMENTS;
            state.under_way += usize::from(begin);
            begin
        };
        if begin && self.start(readers).is_err() {
            let mut state = self.state.lock();
            state.under_way -= 1;
            // Whoever waits learns that there will be no answer.
            state.waiting.clear();
        }
        answer.await.unwrap_or(Err(StoreError::Busy))
    }

    /// Has a thread answer until nobody waits.
    fn start(&self, readers: &Arc<Readers>) -> Result<(), StoreError> {
        let (state, read) = (Arc::clone(&self.state), self.read);
        readers.hand_over(move |link| {
            let _end = End(&state);
            while let Some(wanted) = take(&state) {
                let read = |group, keys: &[K]| link.attempt(|session| read(session, group, keys));
                if let Err(error) = answer(wanted, read)
                    && !link.is_sound()
                {
                    // Nobody shall wait for one time-out after the other.
                    let waiting = std::mem::take(&mut state.lock().waiting);
                    for wanted in waiting {
                        wanted.fail(&error);
                    }
                }
            }
        })
    }
}

/// After a panic nobody shall wait for an answer in vain.
struct End<'a, G, K, V>(&'a Mutex<State<G, K, V>>);

impl<G, K, V> Drop for End<'_, G, K, V> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut state = self.0.lock();
            state.under_way -= 1;
            state.waiting.clear();
        }
    }
}

/// Takes what waits and can be asked for at once; without anything, notes the end of the work.
fn take<G: Copy + Eq, K, V>(state: &Mutex<State<G, K, V>>) -> Option<Vec<Wanted<G, K, V>>> {
    let mut state = state.lock();
    let Some(group) = state.waiting.first().map(|wanted| wanted.group) else {
        state.under_way -= 1;
        return None;
    };
    let mut count = 0;
    let fits = |wanted: &mut Wanted<G, K, V>| {
        let fits = wanted.group == group && count < MOST;
        count += usize::from(fits);
        fits
    };
    Some(state.waiting.extract_if(.., fits).collect())
}

/// Answers those who want something. An error was told to all of them.
fn answer<G: Copy, K: Clone + Eq + Hash, V: Clone>(
    wanted: Vec<Wanted<G, K, V>>,
    mut read: impl FnMut(G, &[K]) -> Result<Vec<(K, V)>, StoreError>,
) -> Result<(), StoreError> {
    let Some(group) = wanted.first().map(|wanted| wanted.group) else { return Ok(()) };
    let keys: HashSet<K> = wanted.iter().map(|wanted| wanted.key.clone()).collect();
    match read_each(&Vec::from_iter(keys), &mut |keys| read(group, keys)) {
        Ok(found) => {
            for Wanted { key, waiter, .. } in wanted {
                let answer = found.get(&key).cloned().transpose();
                // Whoever went away has dropped the other end.
                let _ = waiter.send(answer);
            }
            Ok(())
        }
        Err(error) => {
            for wanted in wanted {
                wanted.fail(&error);
            }
            Err(error)
        }
    }
}

/// What there is under each of these keys. A row that is damaged is so for its own key alone: which
/// one that is comes out when ever fewer are asked for.
fn read_each<K: Clone + Eq + Hash, V>(
    keys: &[K],
    read: &mut impl FnMut(&[K]) -> Result<Vec<(K, V)>, StoreError>,
) -> Result<HashMap<K, Result<V, StoreError>>, StoreError> {
    match (read(keys), keys) {
        (Ok(found), _) => Ok(found.into_iter().map(|(key, value)| (key, Ok(value))).collect()),
        (Err(damaged @ StoreError::Corrupt(_)), [key]) => {
            Ok(HashMap::from([(key.clone(), Err(damaged))]))
        }
        (Err(StoreError::Corrupt(_)), [_, _, ..]) => {
            let (some, others) = keys.split_at(keys.len() / 2);
            let mut found = read_each(some, read)?;
            found.extend(read_each(others, read)?);
            Ok(found)
        }
        (Err(error), _) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of which row 7 is damaged, and how often it was asked.
    fn rows(asked: &mut usize, keys: &[i64]) -> Result<Vec<(i64, i64)>, StoreError> {
        *asked += 1;
        if keys.contains(&7) {
            return Err(StoreError::Corrupt("table.column".to_owned()));
        }
        Ok(keys.iter().filter(|key| **key < 100).map(|key| (*key, key * 2)).collect())
    }

    #[test]
    fn a_damaged_row_fails_for_those_who_ask_for_it() {
        let (mut wanted, mut answers) = (Vec::new(), Vec::new());
        for key in (0..128).chain([7, 7]) {
            let (waiter, answer) = oneshot::channel();
            wanted.push(Wanted { group: (), key, waiter });
            answers.push((key, answer));
        }
        let mut asked = 0;
        answer(wanted, |(), keys| rows(&mut asked, keys)).unwrap();
        assert!(asked <= 15, "asked {asked} times");
        for (key, mut answer) in answers {
            let expected = match key {
                7 => Err(StoreError::Corrupt("table.column".to_owned())),
                100.. => Ok(None),
                _ => Ok(Some(key * 2)),
            };
            assert_eq!(answer.try_recv().unwrap(), expected);
        }
    }

    #[test]
    fn any_other_error_is_everybodys() {
        let mut asked = 0;
        let found = read_each::<i64, i64>(&[1, 2, 3], &mut |_| {
            asked += 1;
            Err(StoreError::Busy)
        });
        assert_eq!((found, asked), (Err(StoreError::Busy), 1));
    }
}
