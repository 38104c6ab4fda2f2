//! Locales: the vendor's numbers for the best known of them (contract Zendesk §2.2).

/// The locale of a user who has none.
pub(super) const DEFAULT: &str = "en-US";

/// The number of [`DEFAULT`], and of every locale that has none here.
const DEFAULT_ID: i32 = 1;

const LOCALES: [(&str, i32); 12] = [
    (DEFAULT, DEFAULT_ID),
    ("es", 2),
    ("de", 8),
    ("zh-CN", 10),
    ("fr", 16),
    ("pt-BR", 19),
    ("it", 22),
    ("ru", 27),
    ("ja", 67),
    ("ko", 69),
    ("nl", 1005),
    ("en-GB", 1176),
];

/// The number of a locale.
pub(super) fn id(locale: &str) -> i32 {
    let found = LOCALES.iter().find(|(name, _)| name.eq_ignore_ascii_case(locale));
    found.map_or(DEFAULT_ID, |(_, id)| *id)
}

/// The locale with a number.
pub(super) fn named(id: i64) -> Option<&'static str> {
    LOCALES.iter().find(|(_, own)| i64::from(*own) == id).map(|(name, _)| *name)
}
