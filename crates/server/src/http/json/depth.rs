//! How deep a body nests.

/// How deep a body may nest. Nothing that is read is deeper than five.
pub(crate) const NESTING_LIMIT: usize = 64;

/// Whether brackets outside of strings nest deeper than [`NESTING_LIMIT`].
pub(crate) fn nests_too_deep(text: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > NESTING_LIMIT {
            return true;
        }
    }
    false
}
