//! A connection to the server, used by one thread.
//!
//! Statements that somebody waits for are sent at once, and their answers waited for. Those that
//! nobody asks about are sent along without waiting, so that a unit of work costs as many round
//! trips as it has questions.

mod connection;
mod sending;
mod waiting;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, TryStreamExt};
use roster_directory::StoreError;
use roster_relational::sql::ToValue;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, SimpleQueryMessage, Statement};

use crate::fault::{Fault, store_error};
use crate::foresight::Foresight;
use crate::gather::Rows;
use crate::link::Route;
use crate::translate::translate;
use crate::value::type_of;
use waiting::wait_for;

/// How statements are sent, and how long they may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Whether statements are prepared under a name, and stay so while the connection lasts.
    pub(crate) named: bool,
    /// How long the server may take for one statement.
    pub(crate) statement_timeout: Duration,
}

/// How much longer than the server this side waits: so it hears that the server has given up,
/// unless it cannot be reached.
const GRACE: Duration = Duration::from_millis(500);

/// How long connecting may take, however long statements may.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

impl Manner {
    /// How long this side waits for each answer.
    fn patience(&self) -> Duration {
        self.statement_timeout + GRACE
    }

    /// How long connecting may take.
    fn connect_limit(&self) -> Duration {
        self.statement_timeout.min(CONNECT_LIMIT)
    }

    /// What a connection begins with. Through a pooler it is shared with others, so there each
    /// transaction says it.
    fn limits(&self) -> String {
        let scope = if self.named { "SESSION" } else { "LOCAL" };
        let milliseconds = self.statement_timeout.as_millis();
        format!(
            "SET {scope} statement_timeout = {milliseconds}; \
             SET {scope} idle_in_transaction_session_timeout = {milliseconds}"
        )
    }

    /// What a transaction begins with.
    fn beginning(&self, begin: &str) -> String {
        if self.named { begin.to_owned() } else { format!("{begin}; {}", self.limits()) }
    }
}

type Sent = LocalBoxFuture<'static, Result<(), tokio_postgres::Error>>;

/// A connection, and the runtime that moves it: only while somebody waits.
pub(crate) struct Session {
    runtime: Runtime,
    client: Rc<Client>,
    manner: Manner,
    statements: RefCell<HashMap<Box<str>, Text>>,
    /// What was sent and not waited for.
    sent: RefCell<Vec<Sent>>,
    /// Why nothing more can be done here.
    fault: RefCell<Option<Fault>>,
    in_snapshot: Cell<bool>,
    foresight: RefCell<Foresight>,
    /// Rows that are to be inserted, by the statement that inserts one.
    gathered: RefCell<Vec<(Box<str>, Gathered)>>,
}

/// Rows, and the statement that inserts them all.
struct Gathered {
    many: Statement,
    rows: Rows,
}

/// A statement in PostgreSQL's words, and prepared if it may be.
#[derive(Clone)]
struct Text {
    sql: Rc<str>,
    prepared: Option<Statement>,
}

impl Session {
    /// Connects.
    pub(crate) fn connect(route: &Route) -> Result<Self, Fault> {
        let Route { target, manner } = route;
        let manner = *manner;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Fault::other(&error.to_string()))?;
        let config = target.config_within(manner.connect_limit());
        let connecting = config.connect(target.tls.clone());
        let connected = runtime.block_on(async {
            let connected = tokio::time::timeout(manner.connect_limit() + GRACE, connecting).await;
            let connected = connected.map_err(|_| Fault::no_answer())?;
            let (client, connection) = connected.map_err(Fault::no_connection)?;
            // It ends when the client goes; what went wrong is told to whoever waits then.
            tokio::spawn(connection.map(|_| ()));
            if manner.named {
                let begun = tokio::time::timeout(manner.patience(), begin_alone(&client, manner));
                begun.await.map_err(|_| Fault::no_answer())??;
            }
            Ok::<_, Fault>(client)
        });
        let client = match connected {
            Ok(client) => client,
            Err(fault) => {
                // A host's addresses may still be looked for, which nobody shall wait for.
                runtime.shutdown_background();
                return Err(fault);
            }
        };
        Ok(Self {
            runtime,
            client: Rc::new(client),
            manner,
            statements: RefCell::default(),
            sent: RefCell::default(),
            fault: RefCell::default(),
            in_snapshot: Cell::new(false),
            foresight: RefCell::default(),
            gathered: RefCell::default(),
        })
    }

    /// Whether nothing has gone wrong on this connection; one that is not sound is thrown away.
    pub(crate) fn is_sound(&self) -> bool {
        self.fault.borrow().is_none() && !self.client.is_closed()
    }

    /// What went wrong, if something did.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.fault.borrow().clone()
    }

    /// Begins a transaction without waiting.
    pub(crate) fn begin(&self) {
        self.send_text(self.manner.beginning("BEGIN ISOLATION LEVEL READ COMMITTED"));
    }

    /// Ends the transaction, and waits until all of it is done.
    pub(crate) fn commit(&self) -> Result<(), StoreError> {
        // A commit that waits for a standby must not be given up by the server, which would then
        // say that it had succeeded.
        const COMMIT: &str = "SET LOCAL statement_timeout = 0; COMMIT";
        self.insert_gathered();
        let client = Rc::clone(&self.client);
        self.wait(async move { client.batch_execute(COMMIT).await })
    }

    /// Undoes the transaction. A connection that cannot even do that is not sound any more.
    pub(crate) fn roll_back(&self) {
        self.in_snapshot.set(false);
        self.foresee(Foresight::default());
        self.gathered.borrow_mut().clear();
        let is_silent = self.fault.borrow().as_ref().is_some_and(Fault::is_silence);
        if is_silent || self.client.is_closed() {
            return;
        }
        // What was sent may have failed, which is why this is called.
        let sent = std::mem::take(&mut *self.sent.borrow_mut());
        let client = Rc::clone(&self.client);
        let undo = async { client.batch_execute("ROLLBACK").await };
        let undone = self.runtime.block_on(wait_for(sent, undo, self.manner.patience()));
        match undone {
            Ok((_, Ok(()))) => {
                self.fault.borrow_mut().take_if(|fault| !fault.ends_connection());
            }
            Ok((_, Err(error))) => self.note(Fault::from(error)),
            Err(_) => self.note(Fault::no_answer()),
        }
    }

    /// Answers from now on what was foreseen, once each.
    pub(crate) fn foresee(&self, foresight: Foresight) {
        self.foresight.replace(foresight);
    }

    /// Runs statements without parameters, and waits.
    pub(crate) fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.insert_gathered();
        let client = Rc::clone(&self.client);
        let sql = sql.to_owned();
        self.wait(async move { client.batch_execute(&sql).await })
    }

    /// Sends statements without parameters, and does not wait.
    pub(crate) fn send_text(&self, sql: String) {
        self.insert_gathered();
        let client = Rc::clone(&self.client);
        self.send(async move { client.batch_execute(&sql).await });
    }

    /// All rows of a statement of this crate's own, whose parameters may be lists.
    pub(crate) fn rows(
        &self,
        sql: &str,
        params: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        self.insert_gathered();
        let types = || params.iter().map(|(_, ty)| ty.clone()).collect();
        let text = self.text(sql, types, str::to_owned)?;
        self.wait(async {
            if let Some(statement) = &text.prepared {
                let params = params.iter().map(|(param, _)| *param);
                self.client.query_raw(statement, params).await?.try_collect().await
            } else {
                let params = params.iter().map(|(param, ty)| (*param, ty.clone()));
                self.client.query_typed_raw(&text.sql, params).await?.try_collect().await
            }
        })
    }

    /// Sends something without waiting for its end. It is on its way when this returns, before
    /// all that is sent later.
    fn send(&self, work: impl Future<Output = Result<(), tokio_postgres::Error>> + 'static) {
        let mut work = work.boxed_local();
        match (&mut work).now_or_never() {
            None => self.sent.borrow_mut().push(work),
            Some(Ok(())) => {}
            Some(Err(error)) => self.note(Fault::from(error)),
        }
    }

    /// Waits for an answer, and for all that was sent before.
    fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, StoreError> {
        if let Some(fault) = &*self.fault.borrow() {
            return Err(store_error(fault));
        }
        let sent = std::mem::take(&mut *self.sent.borrow_mut());
        let fault = match self.runtime.block_on(wait_for(sent, work, self.manner.patience())) {
            Err(_) => Fault::no_answer(),
            Ok((None, Ok(answer))) => return Ok(answer),
            Ok((Some(error), _) | (None, Err(error))) => Fault::from(error),
        };
        let error = store_error(&fault);
        self.note(fault);
        Err(error)
    }

    fn note(&self, fault: Fault) {
        self.fault.borrow_mut().get_or_insert(fault);
    }

    /// A statement, prepared if it may be.
    fn text(
        &self,
        sql: &str,
        types: impl FnOnce() -> Vec<Type>,
        translate: impl FnOnce(&str) -> String,
    ) -> Result<Text, StoreError> {
        if let Some(text) = self.statements.borrow().get(sql) {
            return Ok(text.clone());
        }
        let translated = translate(sql);
        let prepared = if self.manner.named {
            let types = types();
            Some(self.wait(async { self.client.prepare_typed(&translated, &types).await })?)
        } else {
            None
        };
        let text = Text { sql: translated.into(), prepared };
        self.statements.borrow_mut().insert(sql.into(), text.clone());
        Ok(text)
    }

    fn shared_text(&self, sql: &str, params: &[&dyn ToValue]) -> Result<Text, StoreError> {
        let types = || params.iter().map(|param| type_of(param.to_value())).collect();
        self.text(sql, types, translate)
    }
}

/// Says how long statements may take, once it is sure that the connection is nobody else's: through
/// a pooler that was not told of, a name could stand for another node's statement.
async fn begin_alone(client: &Client, manner: Manner) -> Result<(), Fault> {
    // The names that the library gives.
    let sql = "SELECT count(*) FROM pg_prepared_statements WHERE name ~ '^s[0-9]+$'";
    let answers = client.simple_query(&format!("{sql}; {}", manner.limits())).await?;
    let is_none = |answer: &SimpleQueryMessage| match answer {
        SimpleQueryMessage::Row(row) => row.get(0) == Some("0"),
        _ => false,
    };
    if answers.iter().any(is_none) { Ok(()) } else { Err(Fault::shared_connection()) }
}
