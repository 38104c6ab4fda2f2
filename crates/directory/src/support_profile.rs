//! What a support desk keeps of a person beyond the profile: Ada's dialect does not see it.

use std::ops::Deref;

use crate::{Change, CustomRoleId, GroupId, OrganizationId, Tags, Text};

/// Which tickets a user may reach (contract Zendesk §2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketRestriction {
    /// Those of their organization.
    Organization,
    /// Those of their groups.
    Groups,
    /// Those that are assigned to them.
    Assigned,
    /// Those that they asked for.
    Requested,
}

/// What only Zendesk's dialect knows of a user (contract Zendesk §2.2).
#[expect(clippy::struct_excessive_bools, reason = "the vendor's fields are independent of another")]
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SupportProfile {
    /// A telephone number, as it was written.
    pub phone: Option<Text>,
    /// Whether others share that number.
    pub shared_phone_number: bool,
    /// What end users see in place of the name.
    pub alias: Option<Text>,
    /// Anything to be known of them.
    pub details: Option<Text>,
    /// Notes of the team.
    pub notes: Option<Text>,
    /// What stands under an agent's messages.
    pub signature: Option<Text>,
    /// The name of a time zone, as it was written.
    pub time_zone: Option<Text>,
    /// Labels.
    pub tags: Tags,
    /// The organization that they belong to.
    pub organization_id: Option<OrganizationId>,
    /// The custom role (permission set) of a member of the team.
    pub custom_role_id: Option<CustomRoleId>,
    /// The group that a member of the team belongs to first.
    pub default_group_id: Option<GroupId>,
    /// Whether an identity of theirs was verified.
    pub verified: bool,
    /// Whether they were suspended.
    pub suspended: bool,
    /// Whether a member of the team may comment privately only.
    pub only_private_comments: bool,
    /// Whether they may moderate; what their role says when it is `None`.
    pub moderator: Option<bool>,
    /// Which tickets they may reach; what their role says when it is `None`.
    pub ticket_restriction: Option<TicketRestriction>,
}

/// A [`SupportProfile`] that takes no memory while there is nothing in it, as with nearly
/// everybody who came through Ada's dialect.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Support(Option<Box<SupportProfile>>);

static NOTHING: SupportProfile = SupportProfile {
    phone: None,
    shared_phone_number: false,
    alias: None,
    details: None,
    notes: None,
    signature: None,
    time_zone: None,
    tags: Tags::NONE,
    organization_id: None,
    custom_role_id: None,
    default_group_id: None,
    verified: false,
    suspended: false,
    only_private_comments: false,
    moderator: None,
    ticket_restriction: None,
};

impl Deref for Support {
    type Target = SupportProfile;

    fn deref(&self) -> &SupportProfile {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl From<SupportProfile> for Support {
    fn from(profile: SupportProfile) -> Self {
        Self((profile != NOTHING).then(|| Box::new(profile)))
    }
}

impl Support {
    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Changes what is in it.
    pub fn update(&mut self, change: impl FnOnce(&mut SupportProfile)) {
        let mut profile = self.0.take().map_or_else(SupportProfile::default, |profile| *profile);
        change(&mut profile);
        *self = profile.into();
    }
}

/// A change of a [`SupportProfile`]. `None` keeps what there is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SupportPatch {
    /// See [`SupportProfile::phone`]; as for the further fields.
    pub phone: Change<Text>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub shared_phone_number: Option<bool>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub alias: Change<Text>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub details: Change<Text>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub notes: Change<Text>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub signature: Change<Text>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub time_zone: Change<Text>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub tags: Option<Tags>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub organization_id: Change<OrganizationId>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub custom_role_id: Change<CustomRoleId>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub default_group_id: Change<GroupId>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub verified: Option<bool>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub suspended: Option<bool>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub only_private_comments: Option<bool>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub moderator: Option<bool>,
    #[expect(missing_docs, reason = "see SupportProfile")]
    pub ticket_restriction: Change<TicketRestriction>,
}

impl SupportPatch {
    /// Does to `profile` what this change says.
    pub(crate) fn apply(&self, profile: &mut SupportProfile) {
        self.phone.apply(&mut profile.phone);
        self.alias.apply(&mut profile.alias);
        self.details.apply(&mut profile.details);
        self.notes.apply(&mut profile.notes);
        self.signature.apply(&mut profile.signature);
        self.time_zone.apply(&mut profile.time_zone);
        self.organization_id.apply(&mut profile.organization_id);
        self.custom_role_id.apply(&mut profile.custom_role_id);
        self.default_group_id.apply(&mut profile.default_group_id);
        self.ticket_restriction.apply(&mut profile.ticket_restriction);
        if let Some(tags) = &self.tags {
            profile.tags = tags.clone();
        }
        if self.moderator.is_some() {
            profile.moderator = self.moderator;
        }
        for (change, current) in [
            (self.shared_phone_number, &mut profile.shared_phone_number),
            (self.verified, &mut profile.verified),
            (self.suspended, &mut profile.suspended),
            (self.only_private_comments, &mut profile.only_private_comments),
        ] {
            *current = change.unwrap_or(*current);
        }
        if profile.phone.is_none() {
            profile.shared_phone_number = false;
        }
    }
}
