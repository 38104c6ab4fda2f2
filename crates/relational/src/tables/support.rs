//! What a support desk knows of a user, as compact JSON without what is as usual. What is found
//! by columns of their own, the organization and the custom role, is not in it.

use std::borrow::Cow;

use roster_directory::{GroupId, StoreError, SupportProfile, Tags, Text, TicketRestriction};
use serde::{Deserialize, Serialize};

use crate::sql::Fields;

#[expect(clippy::struct_excessive_bools, reason = "so is the profile that it holds")]
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Stored<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    phone: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "is_false")]
    shared_phone_number: bool,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    alias: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    details: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    notes: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    signature: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    time_zone: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_group_id: Option<i64>,
    #[serde(skip_serializing_if = "is_false")]
    verified: bool,
    #[serde(skip_serializing_if = "is_false")]
    suspended: bool,
    #[serde(skip_serializing_if = "is_false")]
    only_private_comments: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    moderator: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket_restriction: Option<StoredRestriction>,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoredRestriction {
    Organization,
    Groups,
    Assigned,
    Requested,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks like this")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// The text that is kept for `profile`; nothing when there is nothing to be told.
pub(super) fn to_json(profile: &SupportProfile) -> Result<Option<String>, StoreError> {
    let stored = Stored {
        phone: borrowed(profile.phone.as_ref()),
        shared_phone_number: profile.shared_phone_number,
        alias: borrowed(profile.alias.as_ref()),
        details: borrowed(profile.details.as_ref()),
        notes: borrowed(profile.notes.as_ref()),
        signature: borrowed(profile.signature.as_ref()),
        time_zone: borrowed(profile.time_zone.as_ref()),
        tags: profile.tags.iter().map(Cow::Borrowed).collect(),
        default_group_id: profile.default_group_id.map(|id| id.0),
        verified: profile.verified,
        suspended: profile.suspended,
        only_private_comments: profile.only_private_comments,
        moderator: profile.moderator,
        ticket_restriction: profile.ticket_restriction.map(StoredRestriction::from),
    };
    if stored == Stored::default() {
        return Ok(None);
    }
    let json = serde_json::to_string(&stored);
    json.map(Some).map_err(|error| StoreError::Unavailable(error.to_string()))
}

fn borrowed(text: Option<&Text>) -> Option<Cow<'_, str>> {
    text.map(|text| Cow::Borrowed(&**text))
}

impl Fields<'_> {
    /// What a support desk knows of a user, but for the organization and the custom role.
    pub(super) fn support(&mut self) -> Result<Option<SupportProfile>, StoreError> {
        let Some(json) = self.optional_text()? else { return Ok(None) };
        from_json(json).map(Some).ok_or_else(|| self.damaged())
    }
}

/// The profile that `json` was kept for; `None` if it was kept for none.
fn from_json(json: &str) -> Option<SupportProfile> {
    let stored: Stored<'_> = serde_json::from_str(json).ok()?;
    Some(SupportProfile {
        phone: text(stored.phone)?,
        shared_phone_number: stored.shared_phone_number,
        alias: text(stored.alias)?,
        details: text(stored.details)?,
        notes: text(stored.notes)?,
        signature: text(stored.signature)?,
        time_zone: text(stored.time_zone)?,
        tags: Tags::new(stored.tags.iter().map(|tag| &**tag)).ok()?,
        organization_id: None,
        custom_role_id: None,
        default_group_id: stored.default_group_id.map(GroupId),
        verified: stored.verified,
        suspended: stored.suspended,
        only_private_comments: stored.only_private_comments,
        moderator: stored.moderator,
        ticket_restriction: stored.ticket_restriction.map(TicketRestriction::from),
    })
}

/// The text, if there is one; `None` if it could be none.
#[expect(clippy::option_option, reason = "the outer one says whether the text is sound")]
fn text(stored: Option<Cow<'_, str>>) -> Option<Option<Text>> {
    stored.map(|text| Text::new(&*text)).transpose().ok()
}

impl From<TicketRestriction> for StoredRestriction {
    fn from(restriction: TicketRestriction) -> Self {
        match restriction {
            TicketRestriction::Organization => Self::Organization,
            TicketRestriction::Groups => Self::Groups,
            TicketRestriction::Assigned => Self::Assigned,
            TicketRestriction::Requested => Self::Requested,
        }
    }
}

impl From<StoredRestriction> for TicketRestriction {
    fn from(stored: StoredRestriction) -> Self {
        match stored {
            StoredRestriction::Organization => Self::Organization,
            StoredRestriction::Groups => Self::Groups,
            StoredRestriction::Assigned => Self::Assigned,
            StoredRestriction::Requested => Self::Requested,
        }
    }
}

#[cfg(test)]
mod tests {
    use roster_testkit::sample::text;

    use super::*;

    fn full() -> SupportProfile {
        SupportProfile {
            phone: Some(text("+1 555 123")),
            shared_phone_number: true,
            alias: Some(text("\"Ada\"\n")),
            details: Some(text("")),
            notes: Some(text("été")),
            signature: Some(text("-- \nAda")),
            time_zone: Some(text("Europe/Paris")),
            tags: Tags::new(["vip", "ÉTÉ"]).unwrap(),
            organization_id: None,
            custom_role_id: None,
            default_group_id: Some(GroupId(7)),
            verified: true,
            suspended: true,
            only_private_comments: true,
            moderator: Some(false),
            ticket_restriction: Some(TicketRestriction::Assigned),
        }
    }

    #[test]
    fn everything_comes_back_as_it_was() {
        for restriction in [
            None,
            Some(TicketRestriction::Organization),
            Some(TicketRestriction::Groups),
            Some(TicketRestriction::Assigned),
            Some(TicketRestriction::Requested),
        ] {
            let profile = SupportProfile { ticket_restriction: restriction, ..full() };
            let json = to_json(&profile).unwrap().unwrap();
            assert_eq!(from_json(&json), Some(profile));
        }
    }

    #[test]
    fn what_is_as_usual_takes_no_room() {
        assert_eq!(to_json(&SupportProfile::default()).unwrap(), None);
        let verified = SupportProfile { verified: true, ..SupportProfile::default() };
        // The step that brings in this column writes this very text for the owners of accounts.
        assert_eq!(to_json(&verified).unwrap().unwrap(), "{\"verified\":true}");
    }

    #[test]
    fn what_roster_would_not_write_is_damaged() {
        for json in ["", "7", "{\"phone\":1}", "{\"size\":1}", "{\"alias\":\"\\u0000\"}"] {
            assert_eq!(from_json(json), None, "{json}");
        }
    }
}
