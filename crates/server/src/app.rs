//! What every request needs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use roster_directory::{Clock, ObjectId, ObjectIdSource, Store, Timestamp};

use crate::clock::{Randomness, RandomnessError};
use crate::crypto::Keyring;
use crate::http::{BodyLimits, EncodedUsers, Limits};
use crate::log::LogSink;
use crate::metrics::Metrics;
use crate::readiness::Readiness;
use crate::settings::{LimitMode, Settings};

/// What every request needs: the store, the clock, the keys, the settings.
pub struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) keyring: Keyring,
    pub(crate) settings: Settings,
    pub(crate) metrics: Metrics,
    pub(crate) readiness: Readiness,
    pub(crate) log: Option<LogSink>,
    pub(crate) limits: Option<Limits>,
    pub(crate) body_limits: BodyLimits,
    /// Users as Ada's dialect writes them.
    pub(crate) ada_users: EncodedUsers,
    /// Users as Zendesk's dialect writes them, by the origin of their links.
    pub(crate) zendesk_users: EncodedUsers,
    object_ids: ObjectIdSource,
    request_ids: AtomicU64,
}

impl App {
    /// The service over `store`. Requests are logged to `log`, if there is one.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        keyring: Keyring,
        settings: Settings,
        log: Option<LogSink>,
    ) -> Result<Arc<Self>, RandomnessError> {
        let (mut process, mut first_request) = ([0; 5], [0; 8]);
        randomness.fill(&mut process)?;
        randomness.fill(&mut first_request)?;
        let limits = match settings.limits {
            LimitMode::None => None,
            LimitMode::Vendor => Some(Limits::new(settings.support_per_minute)),
        };
        let body_limits = BodyLimits::new(settings.timeouts.body);
        Ok(Arc::new(Self {
            store,
            clock,
            randomness,
            keyring,
            settings,
            metrics: Metrics::default(),
            readiness: Readiness::default(),
            log,
            limits,
            body_limits,
            ada_users: EncodedUsers::default(),
            zendesk_users: EncodedUsers::default(),
            object_ids: ObjectIdSource::new(process),
            request_ids: AtomicU64::new(u64::from_be_bytes(first_request)),
        }))
    }

    /// What the operator has decided.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new identifier.
    pub(crate) fn new_object_id(&self, now: Timestamp) -> ObjectId {
        self.object_ids.next(now)
    }

    /// A number that no other request of this process has, for its id in the log.
    pub(crate) fn next_request_number(&self) -> u64 {
        self.request_ids.fetch_add(1, Ordering::Relaxed)
    }
}
