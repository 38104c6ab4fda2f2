//! Prints the OpenAPI document of the Ada dialect, which is checked in as `openapi/ada.json`.

fn main() {
    print!("{}", roster_server::ada_openapi());
}
