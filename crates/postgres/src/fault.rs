//! What can go wrong between this process and the server, and what it means to a store's user.

use roster_directory::StoreError;
use tokio_postgres::error::{DbError, SqlState};

/// What went wrong, in words for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    kind: Kind,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The server is not there, or is going away.
    Away,
    /// The server does not answer.
    Silent,
    /// The server has more to do than it can.
    Strained,
    /// The connection leads to a server that takes no writes.
    Astray,
    /// Somebody else was in the way; what was begun is undone.
    Busy,
    /// There is no room.
    Full,
    /// Anything else.
    Other,
}

impl Fault {
    /// The server did not answer in time.
    pub(crate) fn no_answer() -> Self {
        Self { kind: Kind::Silent, text: "the database did not answer in time".to_owned() }
    }

    /// A connection could not be made, for whatever reason.
    pub(crate) fn no_connection(error: tokio_postgres::Error) -> Self {
        Self { kind: Kind::Away, ..Self::from(error) }
    }

    /// Others have prepared statements on the connection.
    pub(crate) fn shared_connection() -> Self {
        let text = format!("it is shared with other connections{POOLER_HINT}");
        Self { kind: Kind::Away, text }
    }

    /// Something that should not happen.
    pub(crate) fn other(text: &str) -> Self {
        Self { kind: Kind::Other, text: text.to_owned() }
    }

    /// What went wrong, in words.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the server was waited for in vain, so that nobody shall wait for it a second time.
    pub(crate) fn is_silence(&self) -> bool {
        self.kind == Kind::Silent
    }

    /// Whether the same again, at once, would only make things worse.
    pub(crate) fn is_strain(&self) -> bool {
        matches!(self.kind, Kind::Silent | Kind::Strained)
    }

    /// Whether the connection is of no use any more, whatever is undone on it.
    pub(crate) fn ends_connection(&self) -> bool {
        matches!(self.kind, Kind::Silent | Kind::Astray)
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(answer) = error.as_db_error() else {
            // The connection is gone, or could not be made.
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            let text = cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
            return Self { kind: Kind::Away, text };
        };
        let mut text = format!("{} ({})", answer.message(), answer.code().code());
        if is_of_statements(answer) {
            text.push_str(POOLER_HINT);
        }
        Self { kind: kind_of(answer.code()), text }
    }
}

/// What the operator can do about a pooler that was not told of.
const POOLER_HINT: &str = "; if a pooler such as PgBouncer lies in between, give --database-pooler";

/// Whether a statement that was prepared is not what the server knows by its name: so it is where
/// a pooler gives each transaction another connection.
fn is_of_statements(answer: &DbError) -> bool {
    match *answer.code() {
        SqlState::INVALID_SQL_STATEMENT_NAME | SqlState::DUPLICATE_PSTATEMENT => true,
        SqlState::PROTOCOL_VIOLATION => answer.message().contains("prepared statement"),
        _ => false,
    }
}

fn kind_of(code: &SqlState) -> Kind {
    const BUSY: [SqlState; 3] = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
    ];
    // Connections, and an operator who ends something.
    const AWAY_CLASSES: [&str; 2] = ["08", "57P"];
    // Means, such as memory and connections.
    const STRAINED_CLASS: &str = "53";
    if *code == SqlState::DISK_FULL {
        Kind::Full
    } else if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        Kind::Astray
    } else if BUSY.contains(code) {
        Kind::Busy
    } else if *code == SqlState::QUERY_CANCELED || code.code().starts_with(STRAINED_CLASS) {
        // A statement took too long, or there was no room for it.
        Kind::Strained
    } else if *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
        || AWAY_CLASSES.iter().any(|class| code.code().starts_with(class))
    {
        Kind::Away
    } else {
        Kind::Other
    }
}

/// What a fault means to the user of a store.
pub(crate) fn store_error(fault: &Fault) -> StoreError {
    match fault.kind {
        Kind::Away | Kind::Silent | Kind::Strained | Kind::Astray => {
            StoreError::Away(fault.text.clone())
        }
        Kind::Busy => StoreError::Busy,
        Kind::Full => StoreError::Full,
        Kind::Other => StoreError::Unavailable(fault.text.clone()),
    }
}
