//! What the caller may do with a user: `include=abilities` (contract Zendesk §3).

use roster_directory::{Role, User, UserState};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::Url;
use crate::http::links::Origin;

/// What the caller may do with a user
#[derive(Serialize, ToSchema)]
#[schema(as = Abilities)]
#[expect(clippy::struct_excessive_bools, reason = "they are the vendor's fields")]
pub(in crate::http::zendesk) struct AbilitiesView<'a> {
    #[schema(value_type = String)]
    url: Url<'a>,
    user_id: i64,
    can_edit: bool,
    can_edit_password: bool,
    can_manage_identities_of: bool,
    can_verify_identities: bool,
    can_reset_password: bool,
    can_set_password: bool,
    can_create_password: bool,
    can_change_password: bool,
    can_set_alias: bool,
    can_send_verification_email: bool,
    can_verify_now: bool,
    can_make_comment_private: bool,
    can_edit_agent_forwarding: bool,
    can_modify_user_tags: bool,
    can_assume: bool,
    can_delete: bool,
    can_view_views: bool,
    can_view_reports: bool,
    can_export: bool,
    can_use_voice_console: bool,
    can_use_voice: bool,
    can_view_voice_dashboard: bool,
}

impl<'a> AbilitiesView<'a> {
    /// What `acting`, a member of the team, may do with `user`. roster keeps no passwords, sends
    /// no mail and has no telephone, so nobody may do what needs these.
    pub(in crate::http::zendesk) fn new(acting: &User, user: &User, origin: &'a Origin) -> Self {
        let id = user.user_id.get();
        let on_team = acting.role != Role::EndUser;
        let is_self = acting.user_id == user.user_id;
        let user_on_team = user.role != Role::EndUser;
        Self {
            url: Url { origin, id },
            user_id: id,
            can_edit: on_team || is_self,
            can_edit_password: false,
            can_manage_identities_of: on_team,
            can_verify_identities: on_team,
            can_reset_password: false,
            can_set_password: false,
            can_create_password: false,
            can_change_password: false,
            can_set_alias: on_team && user_on_team,
            can_send_verification_email: false,
            can_verify_now: on_team && !user.support.verified,
            can_make_comment_private: user_on_team,
            can_edit_agent_forwarding: false,
            can_modify_user_tags: on_team,
            can_assume: on_team && !user_on_team,
            can_delete: on_team && !is_self && user.state == UserState::Active,
            can_view_views: user_on_team,
            can_view_reports: user_on_team,
            can_export: user.role == Role::Admin,
            can_use_voice_console: false,
            can_use_voice: false,
            can_view_voice_dashboard: false,
        }
    }
}
