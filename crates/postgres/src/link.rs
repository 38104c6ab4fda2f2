//! A connection that is made again when it was lost.

use roster_directory::StoreError;

use crate::fault::store_error;
use crate::session::{Manner, Session};
use crate::target::Target;

/// Where connections lead, and how they are used.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) target: Target,
    pub(crate) manner: Manner,
}

/// A thread's own connection, if it has one.
pub(crate) struct Link {
    route: Route,
    session: Option<Session>,
}

impl Link {
    /// A link that is not connected yet.
    pub(crate) const fn new(route: Route) -> Self {
        Self { route, session: None }
    }

    /// Does what may be done twice. If the connection turns out to have been lost since it was
    /// last used, that is done again on another one. A server that does not answer, or
    /// has too much to do, is not asked again.
    pub(crate) fn attempt<T>(
        &mut self,
        work: impl Fn(&Session) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let was_connected = self.session.as_ref().is_some_and(Session::is_sound);
        let mut answer = work(self.session()?);
        if matches!(answer, Err(StoreError::Away(_))) && was_connected && self.is_lost() {
            answer = work(self.session()?);
        }
        self.let_go();
        answer
    }

    /// Closes a connection that is not sound, so that the server gives up what it still does there.
    pub(crate) fn let_go(&mut self) {
        self.session.take_if(|session| !session.is_sound());
    }

    /// The connection, made anew if it is not sound.
    pub(crate) fn session(&mut self) -> Result<&Session, StoreError> {
        if !self.is_sound() {
            self.session = None;
            let session = Session::connect(&self.route);
            self.session = Some(session.map_err(|fault| store_error(&fault))?);
        }
        self.session.as_ref().ok_or(StoreError::Busy)
    }

    /// The connection that was used last, whatever has become of it: what is begun on one is never
    /// gone on with on another, where there would be no transaction.
    pub(crate) fn current(&self) -> Result<&Session, StoreError> {
        self.session.as_ref().ok_or(StoreError::Busy)
    }

    /// Whether the connection has gone, but perhaps not the server.
    fn is_lost(&self) -> bool {
        let fault = self.session.as_ref().and_then(Session::fault);
        !self.is_sound() && !fault.is_some_and(|fault| fault.is_strain())
    }

    /// Whether there is a connection that can be used.
    pub(crate) fn is_sound(&self) -> bool {
        self.session.as_ref().is_some_and(Session::is_sound)
    }
}
