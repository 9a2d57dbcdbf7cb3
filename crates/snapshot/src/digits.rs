//! Converts keys, amounts and bytes from and to text.

use bulkhead_interface::Pubkey;

/// Formats bytes as hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Parses exactly N bytes of hexadecimal.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(digits.as_chunks().0) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

/// Parses a key in Base58 or 64 hexadecimal digits.
pub(crate) fn parse_key(text: &str) -> Result<Pubkey, String> {
    if text.len() == 64 {
        return unhex(text)
            .map(Pubkey::new_from_array)
            .ok_or_else(|| format!("`{text}` is not hexadecimal"));
    }
    text.parse()
        .map_err(|_| format!("`{}` is not a key", text.chars().take(64).collect::<String>()))
}

/// Parses an amount in decimal digits.
pub(crate) fn parse_amount(text: &str) -> Result<u64, String> {
    let printed = || format!("`{}` is not a 64-bit amount", text.chars().take(32).collect::<String>());
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(printed());
    }
    text.parse().map_err(|_| printed())
}
