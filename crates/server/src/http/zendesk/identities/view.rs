//! An identity as it is answered (contract Zendesk §6).

use roster_directory::{Identity, IdentityKind};
use utoipa::ToSchema;

use crate::http::json::{IfAny, WriteJson, write_json};
use crate::http::links::Origin;
use crate::http::zendesk::request::Request;
use crate::http::zendesk::schemas;
use crate::http::zendesk::time::ZendeskTime;

/// An identity of a user
#[derive(ToSchema)]
#[schema(as = Identity)]
pub(in crate::http::zendesk) struct IdentityView<'a> {
    #[schema(value_type = String)]
    url: Url<'a>,
    id: i64,
    user_id: i64,
    #[schema(schema_with = schemas::identity_type)]
    r#type: &'static str,
    value: &'a str,
    verified: bool,
    #[schema(required = true)]
    verification_method: Option<&'static str>,
    /// When it was last changed, if it is verified
    #[schema(required = true)]
    verified_at: Option<ZendeskTime>,
    primary: bool,
    created_at: ZendeskTime,
    updated_at: ZendeskTime,
    /// How many messages did not arrive; none is ever sent
    undeliverable_count: i32,
    /// Of email addresses only
    #[schema(required = false, value_type = String)]
    deliverable_state: IfAny<&'static str>,
}

impl WriteJson for IdentityView<'_> {
    /// By hand, because `type` is no name that a macro can write.
    fn write_json(&self, text: &mut Vec<u8>) {
        self.url.write_member("{\"url\":", text);
        self.id.write_member(",\"id\":", text);
        self.user_id.write_member(",\"user_id\":", text);
        self.r#type.write_member(",\"type\":", text);
        self.value.write_member(",\"value\":", text);
        self.verified.write_member(",\"verified\":", text);
        self.verification_method.write_member(",\"verification_method\":", text);
        self.verified_at.write_member(",\"verified_at\":", text);
        self.primary.write_member(",\"primary\":", text);
        self.created_at.write_member(",\"created_at\":", text);
        self.updated_at.write_member(",\"updated_at\":", text);
        self.undeliverable_count.write_member(",\"undeliverable_count\":", text);
        self.deliverable_state.write_member(",\"deliverable_state\":", text);
        text.push(b'}');
    }
}

write_json!(IdentityView<'_>);

/// The address of an identity.
struct Url<'a> {
    origin: &'a Origin,
    identity: &'a Identity,
}

impl WriteJson for Url<'_> {
    fn write_json(&self, text: &mut Vec<u8>) {
        self.origin.as_str().write_json(text);
        // What follows goes on before the quotes that end the origin.
        text.pop();
        text.extend_from_slice(b"/api/v2/users/");
        self.identity.user_id.get().write_json(text);
        text.extend_from_slice(b"/identities/");
        self.identity.id.0.write_json(text);
        text.extend_from_slice(b".json\"");
    }
}

write_json!(Url<'_>);

/// Where an identity is found.
pub(super) fn address(identity: &Identity, request: &Request) -> String {
    let (id, user_id) = (identity.id, identity.user_id);
    request.link_to(&format!("/api/v2/users/{user_id}/identities/{id}.json"))
}

impl<'a> IdentityView<'a> {
    /// The identity, with links to where the client reached this server.
    pub(in crate::http::zendesk) fn new(identity: &'a Identity, request: &'a Request) -> Self {
        let (id, user_id) = (identity.id, identity.user_id);
        let is_address = identity.kind == IdentityKind::Email;
        Self {
            url: Url { origin: &request.origin, identity },
            id: id.0,
            user_id: user_id.get(),
            r#type: identity.kind.name(),
            value: identity.value.written(),
            verified: identity.verified,
            verification_method: None,
            verified_at: identity.verified.then_some(ZendeskTime(identity.updated_at)),
            primary: identity.primary,
            created_at: ZendeskTime(identity.created_at),
            updated_at: ZendeskTime(identity.updated_at),
            undeliverable_count: 0,
            deliverable_state: IfAny(is_address.then_some("deliverable")),
        }
    }
}
