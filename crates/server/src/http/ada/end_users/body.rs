//! An end user as a request writes it. Both operations that write read the same fields; what an
//! absent field means differs.

use roster_directory::{
    Change, END_USER_METADATA_LIMIT, EndUserPatch, ExternalId, LanguageTag, Metadata,
    MetadataPatch, Profile, Text,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::ada::field::{Field, REPEATED_KEY, RawMap, Shape};
use crate::http::ada::metadata::{Kinds, read_metadata};
use crate::http::ada::problems::Problems;
use crate::http::ada::schemas;
use crate::http::ada::sensitive::{PlainSecrets, SensitiveBody, read_secrets};

/// The message over the problems of such a body (contract Ada §1.5).
pub(super) const INVALID: &str = "invalid end user data";

/// The fields of a profile that a request may write. Others are passed over: unknown ones, and
/// those that only the server writes.
#[derive(Deserialize, Default, ToSchema)]
#[schema(as = EndUserProfileChange)]
pub(super) struct ProfileBody {
    #[serde(default)]
    #[schema(schema_with = schemas::text_or_null)]
    first_name: Field<String>,
    #[serde(default)]
    #[schema(schema_with = schemas::text_or_null)]
    last_name: Field<String>,
    #[serde(default)]
    #[schema(schema_with = schemas::text_or_null)]
    display_name: Field<String>,
    #[serde(default)]
    #[schema(schema_with = schemas::text_or_null)]
    avatar: Field<String>,
    #[serde(default)]
    #[schema(schema_with = schemas::text_or_null)]
    email: Field<String>,
    #[serde(default)]
    #[schema(schema_with = schemas::language_or_null)]
    language: Field<String>,
    #[serde(default)]
    #[schema(schema_with = schemas::end_user_metadata_change)]
    metadata: Field<RawMap>,
    #[serde(default)]
    #[schema(value_type = Option<SensitiveBody>)]
    sensitive_metadata: Field<SensitiveBody>,
}

impl Shape for ProfileBody {
    const EXPECTED: &str = "an object";
    const STARTS: &[char] = &['{'];
    const READABLE: &str = REPEATED_KEY;
}

/// A change, with its secrets still in clear.
#[derive(Default)]
pub(super) struct Written {
    pub(super) patch: EndUserPatch,
    /// The metadata that the change makes of nothing.
    pub(super) own_metadata: Metadata,
    pub(super) secrets: PlainSecrets,
}

/// Reads the external id and the profile of a request.
pub(super) fn read(
    external_id: Field<String>,
    profile: Option<ProfileBody>,
    problems: &mut Problems,
) -> Written {
    let external_id = change(external_id, "$.external_id", problems, |text| ExternalId::ada(&text));
    let Some(profile) = profile else {
        return Written {
            patch: EndUserPatch { external_id, ..EndUserPatch::default() },
            ..Written::default()
        };
    };
    let mut text = |field, path| change(field, path, problems, Text::new);
    let patch = EndUserPatch {
        external_id,
        first_name: text(profile.first_name, "$.profile.first_name"),
        last_name: text(profile.last_name, "$.profile.last_name"),
        display_name: text(profile.display_name, "$.profile.display_name"),
        avatar: text(profile.avatar, "$.profile.avatar"),
        email: text(profile.email, "$.profile.email"),
        language: change(profile.language, "$.profile.language", problems, |text| {
            LanguageTag::new(&text)
        }),
        metadata: MetadataPatch::new(),
        sensitive_metadata: None,
    };
    let map = profile.metadata.optional("$.profile.metadata", problems).unwrap_or_default();
    let metadata = read_metadata(map, Kinds::EndUser, "$.profile.metadata", problems);
    let secrets = read_secrets(profile.sensitive_metadata, &metadata, problems);
    let own_metadata = problems.merged(&metadata, END_USER_METADATA_LIMIT, "$.profile.metadata");
    Written { patch: EndUserPatch { metadata, ..patch }, own_metadata, secrets }
}

fn change<T, E: ToString>(
    field: Field<String>,
    path: &'static str,
    problems: &mut Problems,
    parse: impl FnOnce(String) -> Result<T, E>,
) -> Change<T> {
    match field.change(path, problems) {
        Change::Keep => Change::Keep,
        Change::Clear => Change::Clear,
        Change::Set(text) => problems.check(path, parse(text)).map_or(Change::Keep, Change::Set),
    }
}

/// The profile of a new end user: null says the same as nothing (contract Ada §9.2, §9.3).
pub(super) fn into_profile(patch: EndUserPatch, metadata: Metadata) -> Profile {
    Profile {
        first_name: patch.first_name.into_option(),
        last_name: patch.last_name.into_option(),
        display_name: patch.display_name.into_option(),
        avatar: patch.avatar.into_option(),
        email: patch.email.into_option(),
        language: patch.language.into_option(),
        metadata,
    }
}
