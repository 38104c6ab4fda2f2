//! The OpenAPI document around the routes: what holds for every operation is said once, here.

use utoipa::openapi::path::{Operation, Parameter, ParameterIn, ParameterStyle};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder, Schema,
};

use super::schemas;

/// The name of the schema of every error body.
const ERROR: &str = "Error";
const BASIC: &str = "basic";
const BEARER: &str = "bearer";

/// The answers that every operation may give, beside those that it names itself.
const COMMON: [(&str, &str); 8] = [
    ("400", "The request is not valid"),
    ("401", "The credentials are missing or wrong"),
    ("403", "The token lacks a scope, or the user's role does not allow it"),
    ("405", "The path does not have this method"),
    ("414", "The path and query are too long"),
    ("422", "The record breaks a rule"),
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
        .title("roster: Zendesk's List Users API and its neighbours")
        .description(Some(
            "The people that a support team talks to, as Zendesk's v2 API speaks of them. Every \
             path may end with .json.",
        ))
        .version(env!("CARGO_PKG_VERSION"))
        .build();
    let components = document.components.get_or_insert_default();
    components.schemas.insert(ERROR.to_owned(), schemas::any_error());
    for (name, scheme) in [(BASIC, HttpAuthScheme::Basic), (BEARER, HttpAuthScheme::Bearer)] {
        let scheme = HttpBuilder::new().scheme(scheme).build();
        components.add_security_scheme(name, SecurityScheme::Http(scheme));
    }
    let requirement = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
    document.security = Some(vec![requirement(BASIC), requirement(BEARER)]);
    for path in document.paths.paths.values_mut() {
        let operations = [&mut path.get, &mut path.post, &mut path.put, &mut path.delete];
        operations.into_iter().flatten().for_each(add_common);
    }
    document
}

fn add_common(operation: &mut Operation) {
    let with_body = operation.request_body.is_some();
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            finish_parameter(parameter);
        }
    }
    let common = COMMON.iter().chain(COMMON_WITH_BODY.iter().filter(|_| with_body));
    let responses = &mut operation.responses.responses;
    for (status, description) in common {
        responses.entry((*status).into()).or_insert_with(|| RefOr::T(error(description)));
    }
    let limited = "The rate limit is exceeded; Retry-After says when to try again";
    let limited = ResponseBuilder::new()
        .description(limited)
        .content("text/plain", ContentBuilder::new().schema(Some(schemas::plain_text())).build());
    responses.entry("429".into()).or_insert_with(|| RefOr::T(limited.build()));
}

/// In a query a number may be larger than any that there is, and the items of a list are separated
/// by commas, unless the parameter's name says that it is repeated.
fn finish_parameter(parameter: &mut Parameter) {
    if parameter.parameter_in != ParameterIn::Query {
        return;
    }
    match &mut parameter.schema {
        Some(RefOr::T(Schema::Object(object))) => object.format = None,
        Some(RefOr::T(Schema::Array(_))) if !parameter.name.ends_with("[]") => {
            parameter.style = Some(ParameterStyle::Form);
            parameter.explode = Some(false);
        }
        _ => {}
    }
}

fn error(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ERROR))).build();
    ResponseBuilder::new().description(description).content("application/json", content).build()
}
