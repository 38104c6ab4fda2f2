//! Making and changing users through Zendesk's dialect, where a new user is a change of nobody.

use crate::{
    Change, END_USER_METADATA_LIMIT, EndUserId, ExternalId, LanguageTag, MetadataPatch,
    MetadataTooLarge, NewIdentity, Role, SupportPatch, Text, Timestamp, User,
};

/// A change of a user of any role (contract Zendesk §2.2, §6).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UserPatch {
    /// The name: it is the display name of the profile, and nothing else of it.
    pub name: Change<Text>,
    /// The caller's own key for them.
    pub external_id: Change<ExternalId>,
    /// What they are in the account.
    pub role: Option<Role>,
    /// Their language.
    pub language: Change<LanguageTag>,
    /// Where a picture of them is.
    pub avatar: Change<Text>,
    /// The caller's own keys: set, or removed where `None`.
    pub metadata: MetadataPatch,
    /// What Zendesk's dialect alone knows of them.
    pub support: SupportPatch,
    /// Identities that they shall have, if they do not have them yet. An email address of somebody
    /// who has none becomes the `email` of the profile.
    pub identities: Vec<NewIdentity>,
}

/// What it takes to make a user through Zendesk's dialect.
#[derive(Debug, Clone, PartialEq)]
pub struct NewUser {
    /// The identifier in Ada's dialect.
    pub end_user_id: EndUserId,
    /// Everything else.
    pub patch: UserPatch,
    /// When they are made.
    pub created_at: Timestamp,
}

impl UserPatch {
    /// The user after this change, but for the identities and what follows from them, and for
    /// `updated_at`.
    ///
    /// Whoever gets a custom role is a member of the team (contract Zendesk §2.2); whoever becomes
    /// an end user gives up what only members of the team have.
    pub fn apply(&self, user: &User) -> Result<User, MetadataTooLarge> {
        let mut changed = user.clone();
        self.external_id.apply(&mut changed.external_id);
        changed.role = self.role.unwrap_or(changed.role);
        let profile = &mut changed.profile;
        self.name.apply(&mut profile.display_name);
        self.language.apply(&mut profile.language);
        self.avatar.apply(&mut profile.avatar);
        if !self.metadata.is_empty() {
            profile.metadata = profile.metadata.merged(&self.metadata, END_USER_METADATA_LIMIT)?;
        }
        if changed.role == Role::EndUser
            && let Change::Set(_) = self.support.custom_role_id
        {
            changed.role = Role::Agent;
        }
        let becomes_end_user = changed.role == Role::EndUser;
        changed.support.update(|support| {
            self.support.apply(support);
            if becomes_end_user {
                support.custom_role_id = None;
                support.default_group_id = None;
                support.moderator = None;
                support.signature = None;
            }
        });
        // Who is a member of the team, if only for a while, does not expire.
        if changed.role != Role::EndUser {
            changed.expires_at = None;
        }
        Ok(changed)
    }
}
