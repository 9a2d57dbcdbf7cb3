//! Makes foreign text safe to print on a terminal.

/// Text from a node, a file or a library. Control characters, which a terminal obeys, and characters that change the
/// reading order are escaped. At most `longest` characters are kept.
#[must_use]
pub fn harmless(text: &str, longest: usize) -> String {
    let mut printed = String::new();
    for (count, letter) in text.chars().enumerate() {
        if count == longest {
            printed.push('…');
            break;
        }
        if is_harmless(letter) {
            printed.push(letter);
        } else {
            printed.extend(letter.escape_unicode());
        }
    }
    printed
}

/// Neither a control character nor one that changes the reading order.
#[must_use]
pub const fn is_harmless(letter: char) -> bool {
    !matches!(letter,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(
            harmless("a\u{1b}[2Jb\r\n\u{9b}c\u{202e}", 100),
            "a\\u{1b}[2Jb\\u{d}\\u{a}\\u{9b}c\\u{202e}"
        );
        assert_eq!(harmless("größe 表", 100), "größe 表");
        assert_eq!(harmless("abcdef", 3), "abc…");
    }
}
