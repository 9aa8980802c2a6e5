//! Quotes names in the commands that a line offers. A person pastes such a command into a shell, and AWS allows a group or a
//! deployment group a name with `;` or `$(…)` in it.

use std::borrow::Cow;

/// One word for a POSIX shell, whatever is in the text. A control character, which no name has, becomes `?`.
pub(super) fn quote_word(text: &str) -> Cow<'_, str> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@+".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let shown = text.replace(char::is_control, "?").replace('\'', r"'\''");
    Cow::Owned(format!("'{shown}'"))
}
