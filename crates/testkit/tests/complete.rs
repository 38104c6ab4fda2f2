//! No rule of the suite is forgotten: each one that is written is also run.

use std::fs;
use std::path::Path;

#[test]
fn every_rule_is_in_the_suite() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/conformance");
    let suite = fs::read_to_string(folder.join("mod.rs")).unwrap();
    let mut rules = 0;
    for file in fs::read_dir(folder).unwrap() {
        let source = fs::read_to_string(file.unwrap().path()).unwrap();
        for rule in source.lines().filter_map(|line| line.strip_prefix("pub async fn ")) {
            let (name, _) = rule.split_once('(').unwrap();
            let run = suite.lines().any(|line| line.trim().trim_end_matches(';') == name);
            assert!(run, "the suite does not run {name}");
            rules += 1;
        }
    }
    assert!(rules > 200, "only {rules} rules were found");
}
