//! Names: their words, and addresses that stand for what a person has to fill in.

use sha2::{Digest, Sha256};

/// Longest name that is taken.
const MAX_NAME: usize = 128;
/// How a placeholder begins and ends.
const PLACEHOLDER: &str = "FiLLMe";
/// Characters of what is said in between, and of what tells longer ones apart.
const WORD: usize = 34;
const END: usize = 4;
/// What makes an address of 32 bytes 43 or 44 characters long.
const FILL: char = '1';

/// Letters, digits and underscores, not beginning with a digit: what may be written into Rust, TOML and a command.
#[must_use]
pub fn is_identifier(name: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    !name.is_empty()
        && name.len() <= MAX_NAME
        && name.chars().all(is_letter)
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

/// The words of a name in lower case, of any way to join them: `depositedAmountX`, `deposited_amount_x`.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).copied();
        let after = letters.get(at + 1).copied();
        let begins = match before {
            None => false,
            Some(before) => {
                letter.is_ascii_uppercase()
                    && (before.is_ascii_lowercase()
                        || before.is_ascii_digit()
                        || after.is_some_and(|after| after.is_ascii_lowercase()) && before.is_ascii_uppercase())
                    || letter.is_ascii_digit() != before.is_ascii_digit() && before != '_'
            }
        };
        if (begins || !letter.is_ascii_alphanumeric()) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_ascii_alphanumeric(), words.last_mut()) {
            word.push(letter.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The name in snake case.
#[must_use]
pub fn snake(name: &str) -> String {
    words(name).join("_")
}

/// The name in Pascal case.
#[must_use]
pub fn pascal(name: &str) -> String {
    words(name).iter().map(|word| capital(word)).collect()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// An address that nobody has, which says what belongs there: `FiLLMePooLMint1111…`.
#[must_use]
pub fn placeholder(what: &str) -> String {
    // Base58 has no 0, O, I and l.
    let swap = |letter: char| match letter {
        '0' => 'o',
        'O' => 'o',
        'I' => 'i',
        'l' => 'L',
        other => other,
    };
    let mut word: String = pascal(what).chars().map(swap).collect();
    if word.len() > WORD {
        // What is cut off still tells one from another.
        let end = bs58::encode(Sha256::digest(&word)).into_string();
        word = word.chars().take(WORD - END).chain(end.chars().take(END)).collect();
    }
    let text = format!("{PLACEHOLDER}{word}");
    [44, 43]
        .into_iter()
        .map(|length: usize| format!("{text}{}", FILL.to_string().repeat(length.saturating_sub(text.len()))))
        .find(|text| is_address(text))
        .unwrap_or(text)
}

/// Is it an address that stands for another?
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    text.starts_with(PLACEHOLDER) && is_address(text)
}

/// Base58 of 32 bytes?
#[must_use]
pub fn is_address(text: &str) -> bool {
    address(text).is_some()
}

/// The bytes of an address.
#[must_use]
pub fn address(text: &str) -> Option<[u8; 32]> {
    bs58::decode(text).into_vec().ok()?.try_into().ok()
}

/// Bytes in hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words_however_they_are_joined() {
        for (name, wanted) in [
            ("depositedAmountX", "deposited amount x"),
            ("deposited_amount_x", "deposited amount x"),
            ("UserLPShares", "user lp shares"),
            ("token0Vault", "token 0 vault"),
            ("DLMMPosition", "dlmm position"),
            ("_padding", "padding"),
            ("ts", "ts"),
        ] {
            assert_eq!(words(name).join(" "), wanted, "{name}");
        }
    }

    #[test]
    fn placeholders_are_addresses_and_known_again() {
        let whats = [
            "total_of_pool",
            "OIl0",
            "",
            "a_name_that_is_much_longer_than_an_address_may_be_at_all",
        ];
        for what in whats {
            let text = placeholder(what);
            assert!(is_placeholder(&text), "{what}: {text}");
        }
        assert_ne!(placeholder("mint_a"), placeholder("mint_b"));
        let long = "total_of_the_second_personal_position_state_";
        assert_ne!(placeholder(&format!("{long}a")), placeholder(&format!("{long}b")));
        assert!(!is_placeholder("So11111111111111111111111111111111111111112"));
    }

    #[test]
    fn an_identifier_cannot_end_a_string_or_a_line() {
        for name in ["", "1st", "a b", "a\"b", "a\nb", "a;b", "é"] {
            assert!(!is_identifier(name), "{name:?}");
        }
        assert!(is_identifier("Position_2"));
    }
}
