//! A unit of work: one write of one caller, from the queue to its answer.

use std::panic::{AssertUnwindSafe, catch_unwind};

use roster_directory::{
    CreateAccountError, CreateConversationError, CreateEndUserError, CreateEndpointError,
    CreateTokenError, DeleteUserError, IdentityError, MergeUsersError, PatchConversationError,
    PatchEndUserError, RecordError, SaveUserError, StoreError,
};
use tokio::sync::oneshot;

use crate::transaction::Transaction;

/// A write that waits, whatever it does and whatever its answer is.
pub trait Unit: Send {
    /// Does the work and keeps the answer.
    fn run(&mut self, transaction: &mut Transaction<'_>) -> Outcome;

    /// Sends the answer that was kept.
    fn answer(self: Box<Self>);

    /// Sends an error in place of any answer.
    fn fail(self: Box<Self>, error: StoreError);

    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;

    /// How it is undone if it comes to nothing.
    fn undo(&self) -> Undo;
}

/// How a unit that comes to nothing is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// Alone: when it is refused it may have written something. SQLite remembers every page that
    /// such a unit touches as it was before.
    Alone,
    /// It writes nothing before all checks have passed, so a refusal leaves nothing to be undone.
    /// If it fails half way, which only a failure of the disk or a damaged file can bring about,
    /// it is undone with its whole group.
    WithGroup,
}

/// What the work of a unit came to.
pub enum Outcome {
    /// It is done, and to be kept.
    Done,
    /// The directory's rules refused it.
    Refused,
    /// The store could not do it.
    Failed(StoreError),
}

/// The error of a unit: a refusal of the directory, or a failure of the store.
pub trait UnitError: From<StoreError> + Send + 'static {
    /// The failure of the store, if it is one.
    fn failure(&self) -> Option<&StoreError>;
}

impl UnitError for StoreError {
    fn failure(&self) -> Option<&StoreError> {
        Some(self)
    }
}

macro_rules! unit_errors {
    ($($error:ident),*) => {$(
        impl UnitError for $error {
            fn failure(&self) -> Option<&StoreError> {
                match self {
                    Self::Store(failure) => Some(failure),
                    _ => None,
                }
            }
        }
    )*};
}

unit_errors!(
    CreateAccountError,
    CreateConversationError,
    CreateEndUserError,
    CreateEndpointError,
    CreateTokenError,
    DeleteUserError,
    IdentityError,
    MergeUsersError,
    PatchConversationError,
    PatchEndUserError,
    RecordError,
    SaveUserError
);

/// The unit that a closure makes.
struct Work<F, T, E> {
    closure: Option<F>,
    undo: Undo,
    answer: Result<T, E>,
    waiter: oneshot::Sender<Result<T, E>>,
}

/// Makes a unit of `work`, and the place where its answer will arrive.
pub fn unit<F, T, E>(undo: Undo, work: F) -> (Box<dyn Unit>, oneshot::Receiver<Result<T, E>>)
where
    F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: UnitError,
{
    let (waiter, receiver) = oneshot::channel();
    let answer = Err(panicked().into());
    (Box::new(Work { closure: Some(work), undo, answer, waiter }), receiver)
}

/// The answer of a unit that did not get to its end.
fn panicked() -> StoreError {
    StoreError::Unavailable("a write panicked and was undone".to_owned())
}

impl<F, T, E> Unit for Work<F, T, E>
where
    F: FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send,
    T: Send,
    E: UnitError,
{
    fn run(&mut self, transaction: &mut Transaction<'_>) -> Outcome {
        let Some(work) = self.closure.take() else { return Outcome::Failed(panicked()) };
        // What a unit that panics leaves half done is undone with its savepoint.
        let Ok(answer) = catch_unwind(AssertUnwindSafe(|| work(transaction))) else {
            tracing::error!("a write panicked and was undone");
            return Outcome::Failed(panicked());
        };
        self.answer = answer;
        match &self.answer {
            Ok(_) => Outcome::Done,
            Err(error) => match error.failure() {
                Some(failure) => Outcome::Failed(failure.clone()),
                None => Outcome::Refused,
            },
        }
    }

    fn answer(self: Box<Self>) {
        // `send` fails when the caller went away: then there is nobody to be told.
        let _ = self.waiter.send(self.answer);
    }

    fn fail(self: Box<Self>, error: StoreError) {
        let _ = self.waiter.send(Err(error.into()));
    }

    fn is_abandoned(&self) -> bool {
        self.waiter.is_closed()
    }

    fn undo(&self) -> Undo {
        self.undo
    }
}
