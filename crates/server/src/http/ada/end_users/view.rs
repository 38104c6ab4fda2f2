//! An end user as it is answered: every key, always (contract Ada §2.2, §9.31).

use std::sync::Arc;

use roster_directory::{EndUser, EndUserId, ExternalId, Profile, Timestamp, User};
use utoipa::ToSchema;

use crate::app::App;
use crate::http::ada::schemas;
use crate::http::ada::time::AdaTime;
use crate::http::json::{IdView, MetadataView, WriteJson, write_json};

/// An end user
#[derive(ToSchema)]
#[schema(as = EndUser)]
pub(in crate::http::ada) struct EndUserView<'a> {
    /// The unique identifier of the end user, given by the server
    #[schema(schema_with = schemas::id)]
    end_user_id: IdView,
    #[schema(required = true, schema_with = schemas::external_id_view)]
    external_id: Option<&'a str>,
    profile: ProfileView<'a>,
    /// When the end user was created
    created_at: AdaTime,
    /// When the end user last changed
    updated_at: AdaTime,
}

/// What is known of the end user. Sensitive metadata is never shown.
#[derive(ToSchema)]
#[schema(as = EndUserProfile)]
struct ProfileView<'a> {
    #[schema(required = true)]
    first_name: Option<&'a str>,
    #[schema(required = true)]
    last_name: Option<&'a str>,
    #[schema(required = true)]
    display_name: Option<&'a str>,
    #[schema(required = true)]
    avatar: Option<&'a str>,
    #[schema(required = true)]
    email: Option<&'a str>,
    #[schema(required = true)]
    language: Option<&'a str>,
    #[schema(schema_with = schemas::metadata_view)]
    metadata: MetadataView<'a>,
    system_properties: SystemProperties,
}

/// What the vendor's platform sets; here always null
#[derive(ToSchema)]
struct SystemProperties {
    #[schema(required = true)]
    sunshine_user_id: Option<&'static str>,
}

write_json!(EndUserView<'_> { end_user_id, external_id, profile, created_at, updated_at });
write_json!(ProfileView<'_> {
    first_name,
    last_name,
    display_name,
    avatar,
    email,
    language,
    metadata,
    system_properties,
});
write_json!(SystemProperties { sunshine_user_id });

/// Writes a user who may be asked for again.
pub(super) fn write_user(app: &App, user: &Arc<User>, text: &mut Vec<u8>) {
    app.ada_users.write(user, "", text, |text| EndUserView::from(&**user).write_json(text));
}

impl<'a> From<&'a User> for EndUserView<'a> {
    fn from(user: &'a User) -> Self {
        let moments = (user.created_at, user.updated_at);
        Self::of(user.end_user_id, user.external_id.as_ref(), &user.profile, moments)
    }
}

impl<'a> From<&'a EndUser> for EndUserView<'a> {
    fn from(user: &'a EndUser) -> Self {
        let moments = (user.created_at, user.updated_at);
        Self::of(user.end_user_id, user.external_id.as_ref(), &user.profile, moments)
    }
}

impl<'a> EndUserView<'a> {
    fn of(
        end_user_id: EndUserId,
        external_id: Option<&'a ExternalId>,
        profile: &'a Profile,
        (created_at, updated_at): (Timestamp, Timestamp),
    ) -> Self {
        Self {
            end_user_id: IdView(end_user_id.0),
            external_id: external_id.map(ExternalId::folded),
            profile: ProfileView::from(profile),
            created_at: AdaTime(created_at),
            updated_at: AdaTime(updated_at),
        }
    }
}

impl<'a> From<&'a Profile> for ProfileView<'a> {
    fn from(profile: &'a Profile) -> Self {
        Self {
            first_name: profile.first_name.as_deref(),
            last_name: profile.last_name.as_deref(),
            display_name: profile.display_name.as_deref(),
            avatar: profile.avatar.as_deref(),
            email: profile.email.as_deref(),
            language: profile.language.as_deref(),
            metadata: MetadataView(&profile.metadata),
            system_properties: SystemProperties { sunshine_user_id: None },
        }
    }
}
