//! The end user that the bench makes, again and again, with another number each time.

/// Stands for a number of twelve digits.
pub(crate) const NUMBER: &str = "############";

const PROFILE: &str = r#""profile":{"first_name":"Grace","last_name":"Hopper","display_name":"Grace Hopper","avatar":"https://images.example.org/people/############.png","email":"grace.############@example.org","language":"en-CA","metadata":{"tier":"gold","seats":12,"beta":false,"region":"emea"}}"#;

/// The body that makes an end user with an external id of their own.
pub(crate) fn with_external_id() -> String {
    format!(r#"{{"external_id":"customer-{NUMBER}",{PROFILE}}}"#)
}

/// The body that makes an end user without an external id.
pub(crate) fn without_external_id() -> String {
    format!("{{{PROFILE}}}")
}
