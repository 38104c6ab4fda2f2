//! The people that the bench makes: of one form, with names and a number that differ.

use std::path::Path;
use std::sync::LazyLock;

/// Stands for what makes a user unlike all others.
pub(crate) const NUMBER: &str = "############";

static FIRST_NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    "Grace Ada Alan Edsger Barbara Donald Frances Dennis Radia Ken Hedy Tim \
    Margaret Linus Sophie Claude Katherine Niklaus Dorothy Guido Mary Bjarne Joan Vint Adele John \
    Karen Leslie Lynn Robin Shafi Tony Anita Whitfield Evelyn Brian Irene Charles Jean Peter Kathleen \
    Ole Maria Yukihiro Noor Ivan Aisha Kofi Mei Diego Ingrid Rajesh Olga Tariq Chloe Mateo Zanele \
    Hiroshi Fatima Lars Amara Stefan Leila Pavel"
        .split_whitespace()
        .collect()
});

static LAST_NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    "Hopper Lovelace Turing Dijkstra Liskov Knuth Allen Ritchie Perlman Thompson \
    Lamarr Berners Hamilton Torvalds Wilson Shannon Johnson Wirth Vaughan Rossum Keller Stroustrup \
    Clarke Cerf Goldberg McCarthy Jones Lamport Conway Milner Goldwasser Hoare Borg Diffie Boyd \
    Kernighan Greif Babbage Bartik Naur Booth Dahl Garcia Matsumoto Rahman Petrov Khan Mensah Chen \
    Fernandez Larsen Patel Ivanova Aziz Dubois Rossi Dlamini Tanaka Haddad Nilsson Okafor Novak \
    Karimi Sokolov Schmidt Moreau Silva Santos Kim Park Nguyen Tran Singh Gupta Mbeki Diallo Traore \
    Andersson Virtanen Horvath Kowalski Popescu Papadopoulos Yilmaz Cohen Levy Murphy Kelly Walsh \
    Campbell Stewart Young Walker Wright Scott Green Baker Adams Nelson Carter"
        .split_whitespace()
        .collect()
});

/// What stands for a user's own is in braces, or is [`NUMBER`].
const PROFILE: &str = r#""profile":{"first_name":"{first}","last_name":"{last}","display_name":"{first} {last}","avatar":"https://images.example.org/people/############.png","email":"{mail}.############@example.org","language":"en-CA","metadata":{"tier":"gold","seats":12,"beta":false,"region":"emea"}}"#;

/// The body that makes an end user with an external id of their own, for the scripts of wrk.
pub(crate) fn template() -> String {
    format!(r#"{{"external_id":"customer-{NUMBER}",{PROFILE}}}"#)
}

/// The body that makes an end user with an external id.
pub(crate) fn with_external_id(place: usize) -> String {
    fill(&template(), place)
}

/// The body that makes an end user without an external id.
pub(crate) fn without_external_id(place: usize) -> String {
    fill(&format!("{{{PROFILE}}}"), place)
}

/// The number of a user, as it stands in their profile.
pub(crate) fn number(place: usize) -> String {
    format!("{place:012}")
}

/// The names of a user: neighbours differ, and ten thousand users have few in common.
pub(crate) fn names(place: usize) -> (&'static str, &'static str) {
    let (firsts, lasts) = (&*FIRST_NAMES, &*LAST_NAMES);
    (firsts[place % firsts.len()], lasts[place / 7 % lasts.len()])
}

/// Writes the names to `file`, for the scripts of wrk: a line of first names, one of last names.
pub(crate) fn write_names(file: &Path) -> std::io::Result<()> {
    std::fs::write(file, format!("{}\n{}\n", FIRST_NAMES.join(" "), LAST_NAMES.join(" ")))
}

/// The body that makes end users of one name, where only [`NUMBER`] is left to be filled in.
pub(crate) fn of_one_name() -> String {
    fill_names(&template(), 0)
}

fn fill(template: &str, place: usize) -> String {
    fill_names(template, place).replace(NUMBER, &number(place))
}

fn fill_names(template: &str, place: usize) -> String {
    let (first, last) = names(place);
    template
        .replace("{first}", first)
        .replace("{last}", last)
        .replace("{mail}", &format!("{first}.{last}").to_ascii_lowercase())
}
