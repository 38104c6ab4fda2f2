//! Prints the OpenAPI document of a dialect, `ada` or `zendesk`, which is checked in as
//! `openapi/ada.json` or `openapi/zendesk.json`.

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("ada") => print!("{}", roster_server::ada_openapi()),
        Some("zendesk") => print!("{}", roster_server::zendesk_openapi()),
        _ => eprintln!("name a dialect: ada or zendesk"),
    }
}
