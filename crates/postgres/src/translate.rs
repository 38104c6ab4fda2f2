//! The shared statements in PostgreSQL's words.
//!
//! They are written for SQLite, too, which differs in five things: how parameters are written,
//! hints of which index to read, joins whose order is given, `user`, which is a word of
//! PostgreSQL's own, and two tables that stand there for what are indexes here.

use std::fmt::Write as _;

/// A statement as PostgreSQL reads it.
pub(crate) fn translate(sql: &str) -> String {
    let mut translated = String::with_capacity(sql.len() + 8);
    let (mut rest, mut bare) = (sql, 0);
    while let Some(character) = rest.chars().next() {
        let (token, after) = rest.split_at(token_length(rest, character));
        rest = after;
        match token {
            "?" => {
                bare += 1;
                // Writing to a string cannot fail.
                let _ = write!(translated, "${bare}");
            }
            "user" | "user_by_name" => translated.push_str("\"user\""),
            "identity_by_value" => translated.push_str("identity"),
            "INDEXED" => rest = without_index(rest),
            "CROSS" => rest = rest.trim_start(),
            _ if character == '?' => {
                translated.push('$');
                translated.push_str(&token[1..]);
            }
            _ => translated.push_str(token),
        }
    }
    translated
}

/// The length of the text, word or parameter that a statement begins with, or of one character.
fn token_length(rest: &str, first: char) -> usize {
    let while_true = |from: usize, is_part: fn(char) -> bool| {
        rest[from..].find(|character| !is_part(character)).map_or(rest.len(), |end| from + end)
    };
    let in_word = |character: char| character.is_alphanumeric() || character == '_';
    match first {
        '\'' => rest[1..].find('\'').map_or(rest.len(), |end| end + 2),
        '?' => while_true(1, |character| character.is_ascii_digit()),
        _ if in_word(first) => {
            while_true(0, |character| character.is_alphanumeric() || character == '_')
        }
        _ => first.len_utf8(),
    }
}

/// What follows `BY name` after `INDEXED`.
fn without_index(rest: &str) -> &str {
    let after = rest.trim_start().strip_prefix("BY").unwrap_or(rest).trim_start();
    after.trim_start_matches(|character: char| character.is_alphanumeric() || character == '_')
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn what_differs_is_translated_and_nothing_else() {
        let cases = [
            ("SELECT ?1, ?12 FROM user", "SELECT $1, $12 FROM \"user\""),
            ("a = ? AND b < ? LIMIT ?", "a = $1 AND b < $2 LIMIT $3"),
            ("FROM user INDEXED BY user_all_id WHERE x", "FROM \"user\"  WHERE x"),
            ("a CROSS JOIN b ON c", "a JOIN b ON c"),
            ("user.user_id, 'a user?', user_id", "\"user\".user_id, 'a user?', user_id"),
            ("it''s 'it''s user' user", "it''s 'it''s user' \"user\""),
            ("FROM user_by_name, identity_by_value", "FROM \"user\", identity"),
        ];
        for (sql, expected) in cases {
            assert_eq!(translate(sql), expected);
        }
    }
}
