//! Texts of others on a terminal.

/// The text without characters that control the terminal: control characters are replaced, and those that change the
/// direction of text are removed.
pub(in crate::cli) fn harmless(text: &str) -> String {
    let changes_direction = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|&c| !changes_direction(c)).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}
