//! The OpenAPI document around the routes: what holds for every operation is said once, here.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, path::Operation,
};

const SCHEME: &str = "bearer";

/// The answers that every operation may give, beside those that it names itself.
const COMMON: [(&str, &str); 7] = [
    ("400", "The request is not valid; details tell each problem"),
    ("401", "The token is missing, unknown or revoked"),
    ("403", "The token lacks a scope"),
    ("405", "The path does not have this method"),
    ("429", "The rate limit is exceeded; Retry-After says when to try again"),
    ("500", "The server failed"),
    ("503", "The server cannot write now; nothing was changed"),
];

/// The answers that every operation with a body may give.
const COMMON_WITH_BODY: [(&str, &str); 3] = [
    ("408", "The body did not arrive in time"),
    ("413", "The body exceeds 10 MB"),
    ("415", "The body is not declared to be JSON"),
];

/// Adds what holds for every operation.
pub(crate) fn finish_document(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("roster: Ada's End Users API")
        .description(Some(
            "The people that a support team talks to, as Ada's v2 API speaks of them.",
        ))
        .version(env!("CARGO_PKG_VERSION"))
        .build();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    document
        .components
        .get_or_insert_default()
        .add_security_scheme(SCHEME, SecurityScheme::Http(bearer));
    document.security = Some(vec![SecurityRequirement::new(SCHEME, Vec::<String>::new())]);
    for path in document.paths.paths.values_mut() {
        let methods = [&mut path.get, &mut path.post, &mut path.patch, &mut path.delete];
        for operation in methods.into_iter().flatten() {
            add_common(operation);
        }
    }
    document
}

fn add_common(operation: &mut Operation) {
    let with_body = operation.request_body.is_some();
    let common = COMMON.iter().chain(COMMON_WITH_BODY.iter().filter(|_| with_body));
    for (status, description) in common {
        let responses = &mut operation.responses.responses;
        responses.entry((*status).into()).or_insert_with(|| RefOr::T(error(description)));
    }
}

fn error(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Errors"))).build();
    ResponseBuilder::new().description(description).content("application/json", content).build()
}
