//! What endpoints are told (contract Ada §2.10, §3).

use crate::{Conversation, EndUserId, ExternalId, Profile, RemovalReason, Role, Timestamp, User};

macro_rules! event_types {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal, $description:literal;)*) => {
        /// What a message is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EventType {
            $($(#[$doc])* $variant = $number,)*
        }

        impl EventType {
            /// Every type there is.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What it is, in a sentence.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$variant => $description,)*
                }
            }
        }
    };
}

event_types! {
    /// An end user was made.
    EndUserCreated = 0, "v1.end_user.created", "An end user was created.";
    /// Something that Ada's dialect shows of an end user changed.
    EndUserUpdated = 1, "v1.end_user.updated", "The profile, the metadata or the external id of an end user changed.";
    /// An end user is gone. Beyond the vendor's.
    EndUserDeleted = 2, "v1.end_user.deleted", "An end user expired, was deleted, was merged into another one, or joined the team. Sent to endpoints that ask for it by name.";
    /// A conversation began.
    ConversationCreated = 3, "v1.conversation.created", "A conversation was created. Sent to endpoints that ask for it by name.";
    /// A conversation ended.
    ConversationEnded = 4, "v1.conversation.ended", "A conversation ended. Sent to endpoints that ask for it by name.";
}

impl EventType {
    /// The type of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event_type| event_type.name() == name)
    }

    /// The number under which a store keeps it.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// The type that a store keeps under this number.
    #[must_use]
    pub fn numbered(number: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|event_type| event_type.number() == number)
    }

    /// Whether endpoints get it that ask for nothing by name.
    #[must_use]
    pub const fn is_usual(self) -> bool {
        matches!(self, Self::EndUserCreated | Self::EndUserUpdated)
    }
}

/// The names of those types of the vendor's that nothing here ever sends: an endpoint may ask for
/// them all the same, as setups written for the vendor do.
pub const SILENT_EVENT_TYPES: [&str; 3] =
    ["v1.conversation.message", "v1.conversation.handoff.ended", "v1.audit_log.emitted"];

/// The types that an endpoint asks for by name, as it named them, each once. None means the usual
/// ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventTypes(Vec<&'static str>);

/// There is no type of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Must be one of the event types: {}.", known_names().collect::<Vec<_>>().join(", "))]
pub struct UnknownEventType;

fn known_names() -> impl Iterator<Item = &'static str> {
    EventType::ALL.iter().map(|event_type| event_type.name()).chain(SILENT_EVENT_TYPES)
}

impl EventTypes {
    /// The types of these names.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownEventType> {
        let mut types = Vec::new();
        for name in names {
            let name = known_names().find(|known| *known == name).ok_or(UnknownEventType)?;
            if !types.contains(&name) {
                types.push(name);
            }
        }
        Ok(Self(types))
    }

    /// The names, in the order in which they were given.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }

    /// Whether a message of this type was asked for.
    #[must_use]
    pub fn wants(&self, event_type: EventType) -> bool {
        if self.0.is_empty() { event_type.is_usual() } else { self.0.contains(&event_type.name()) }
    }

    /// Which types were asked for: the bit of each type's number.
    #[must_use]
    pub fn bits(&self) -> i64 {
        let wanted = EventType::ALL.iter().filter(|event_type| self.wants(**event_type));
        wanted.fold(0, |bits, event_type| bits | 1 << event_type.number())
    }
}

/// A message's number: those of an account that are committed later have larger ones, without a
/// gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageNumber(pub i64);

impl MessageNumber {
    /// The number of an account's first message.
    pub const FIRST: Self = Self(1);

    /// What every number is below.
    pub const END: Self = Self(i64::MAX);

    /// The number after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What Ada's dialect shows of an end user, as it was at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct EndUser {
    /// Their identifier.
    pub end_user_id: EndUserId,
    /// The caller's own key for them.
    pub external_id: Option<ExternalId>,
    /// What is known of them.
    pub profile: Profile,
    /// When they were made.
    pub created_at: Timestamp,
    /// When anything of them last changed.
    pub updated_at: Timestamp,
}

impl From<&User> for EndUser {
    fn from(user: &User) -> Self {
        Self {
            end_user_id: user.end_user_id,
            external_id: user.external_id.clone(),
            profile: user.profile.clone(),
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

/// Why there is an end user no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletionReason {
    /// They were removed.
    Removed(RemovalReason),
    /// They became an agent or admin, whom Ada's dialect does not show.
    JoinedTeam,
}

impl DeletionReason {
    /// Its name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Removed(RemovalReason::Expired) => "expired",
            Self::Removed(RemovalReason::Deleted) => "deleted",
            Self::Removed(RemovalReason::Merged) => "merged",
            Self::JoinedTeam => "joined_team",
        }
    }

    /// The reason of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let removed = [RemovalReason::Expired, RemovalReason::Deleted, RemovalReason::Merged];
        let all = removed.map(Self::Removed).into_iter().chain([Self::JoinedTeam]);
        all.into_iter().find(|reason| reason.name() == name)
    }
}

/// What a message says.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// An end user was made.
    EndUserCreated(EndUser),
    /// An end user changed, and is like this now.
    EndUserUpdated(EndUser),
    /// An end user is gone. Nothing personal is told of them any more.
    EndUserDeleted {
        /// The caller's own key for them.
        external_id: Option<ExternalId>,
        /// Why.
        reason: DeletionReason,
    },
    /// A conversation began.
    ConversationCreated(Conversation),
    /// A conversation ended.
    ConversationEnded(Conversation),
}

impl Content {
    /// The type of a message with this content.
    #[must_use]
    pub const fn event_type(&self) -> EventType {
        match self {
            Self::EndUserCreated(_) => EventType::EndUserCreated,
            Self::EndUserUpdated(_) => EventType::EndUserUpdated,
            Self::EndUserDeleted { .. } => EventType::EndUserDeleted,
            Self::ConversationCreated(_) => EventType::ConversationCreated,
            Self::ConversationEnded(_) => EventType::ConversationEnded,
        }
    }

    /// What endpoints are told when a user is made.
    #[must_use]
    pub fn of_new_user(user: &User) -> Option<Self> {
        (user.role == Role::EndUser).then(|| Self::EndUserCreated(user.into()))
    }

    /// What endpoints are told when a user changes: of what Ada's dialect shows, so of end users
    /// only, and nothing when it shows no difference.
    #[must_use]
    pub fn of_change(before: &User, after: &User) -> Option<Self> {
        match (before.role, after.role) {
            (Role::EndUser, Role::EndUser) => {
                let same = before.profile == after.profile
                    && before.external_id.as_ref().map(ExternalId::folded)
                        == after.external_id.as_ref().map(ExternalId::folded);
                (!same).then(|| Self::EndUserUpdated(after.into()))
            }
            (Role::EndUser, Role::Agent | Role::Admin) => Some(Self::EndUserDeleted {
                external_id: before.external_id.clone(),
                reason: DeletionReason::JoinedTeam,
            }),
            (Role::Agent | Role::Admin, Role::EndUser) => Some(Self::EndUserCreated(after.into())),
            (Role::Agent | Role::Admin, Role::Agent | Role::Admin) => None,
        }
    }

    /// What endpoints are told when a user is removed.
    #[must_use]
    pub fn of_removal(user: &User, reason: RemovalReason) -> Option<Self> {
        (user.role == Role::EndUser).then(|| Self::EndUserDeleted {
            external_id: user.external_id.clone(),
            reason: DeletionReason::Removed(reason),
        })
    }
}

/// A change of an end user or a conversation as endpoints are told of it, kept in the commit that
/// made the change.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its number.
    pub number: MessageNumber,
    /// When what it tells of happened.
    pub at: Timestamp,
    /// Whom it is about. Messages about the same end user are sent in their order.
    pub end_user_id: EndUserId,
    /// What it says.
    pub content: Content,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ObjectId, Text, UserId};

    fn user(role: Role) -> User {
        let id = EndUserId(ObjectId::from_bytes([1; 12]));
        User::blank(UserId::FIRST, id, role, Timestamp::from_micros(0))
    }

    #[test]
    fn no_names_are_the_usual_types() {
        let usual = EventTypes::default();
        assert!(usual.wants(EventType::EndUserCreated) && usual.wants(EventType::EndUserUpdated));
        assert!(!usual.wants(EventType::EndUserDeleted));
        let named = ["v1.end_user.deleted", "v1.conversation.message", "v1.end_user.deleted"];
        let named = EventTypes::named(named).unwrap();
        assert_eq!(named.names().count(), 2);
        assert!(named.wants(EventType::EndUserDeleted) && !named.wants(EventType::EndUserCreated));
        assert_eq!(named.bits(), 4);
        assert_eq!(EventTypes::named(["v1.end_user"]), Err(UnknownEventType));
    }

    #[test]
    fn only_what_ada_shows_is_told() {
        let before = user(Role::EndUser);
        let mut after = before.clone();
        after.support.update(|support| support.notes = Text::new("likes tea").ok());
        after.updated_at = Timestamp::from_micros(1);
        assert_eq!(Content::of_change(&before, &after), None);
        after.external_id = ExternalId::new("Key").ok();
        let told = Content::of_change(&before, &after);
        assert_eq!(told, Some(Content::EndUserUpdated(EndUser::from(&after))));
        // Ada's dialect shows the folded form.
        let rewritten = User { external_id: ExternalId::new("KEY").ok(), ..after.clone() };
        assert_eq!(Content::of_change(&after, &rewritten), None);
    }

    #[test]
    fn whoever_joins_the_team_is_gone_and_comes_back_when_they_leave_it() {
        let (end_user, agent) = (user(Role::EndUser), user(Role::Agent));
        let left = Content::of_change(&end_user, &agent).unwrap();
        assert_eq!(left.event_type(), EventType::EndUserDeleted);
        let back = Content::of_change(&agent, &end_user).unwrap();
        assert_eq!(back.event_type(), EventType::EndUserCreated);
        assert_eq!(Content::of_change(&agent, &user(Role::Admin)), None);
        assert_eq!(Content::of_new_user(&agent), None);
        assert_eq!(Content::of_removal(&agent, RemovalReason::Deleted), None);
    }

    #[test]
    fn reasons_read_back() {
        for name in ["expired", "deleted", "merged", "joined_team"] {
            assert_eq!(DeletionReason::named(name).unwrap().name(), name);
        }
        assert_eq!(DeletionReason::named(""), None);
    }
}
