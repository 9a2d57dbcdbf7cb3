//! Formats figures for people.

/// Formats native units in dollars, rounded: `$14.86M`, `$1,234.50`.
pub(super) fn dollars(amount: u64, whole: u64) -> String {
    let cents = nearest(amount, 100, whole.max(1));
    if cents >= 100_000_000 {
        let hundredths = (cents + 500_000) / 1_000_000;
        return format!("${}.{:02}M", grouped(hundredths / 100), hundredths % 100);
    }
    format!("${}.{:02}", grouped(cents / 100), cents % 100)
}

/// Groups digits in threes.
pub(super) fn grouped(number: impl Into<u128>) -> String {
    let digits = number.into().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats a duration: `40 s`, `12 min 20 s`, `3 h 5 min`, `3 d 2 h`.
pub(super) fn duration(seconds: i64) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    let seconds = seconds.unsigned_abs();
    let (big, big_unit, small, small_unit) = match seconds {
        0..60 => return format!("{sign}{seconds} s"),
        60..3_600 => (seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => (seconds / 3_600, "h", seconds / 60 % 60, "min"),
        _ => (seconds / 86_400, "d", seconds / 3_600 % 24, "h"),
    };
    if small == 0 {
        return format!("{sign}{big} {big_unit}");
    }
    format!("{sign}{big} {big_unit} {small} {small_unit}")
}

/// Formats lamports in SOL.
pub(super) fn sol(lamports: u64) -> String {
    format!("{}.{:06}", lamports / 1_000_000_000, lamports % 1_000_000_000 / 1_000)
}

/// Formats a share in percent, rounded to hundredths.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".into();
    }
    let hundredths = nearest(part, 10_000, whole);
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

/// `amount * factor / whole`, rounded.
fn nearest(amount: u64, factor: u64, whole: u64) -> u128 {
    let whole = u128::from(whole);
    (u128::from(amount) * u128::from(factor) + whole / 2) / whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_well() {
        assert_eq!(dollars(14_857_142_857_140, 1_000_000), "$14.86M");
        assert_eq!(dollars(1_234_500_000, 1_000_000), "$1,234.50");
        assert_eq!(dollars(960, 1_000_000), "$0.00");
        assert_eq!(dollars(u64::MAX, 1), "$18,446,744,073,709.55M");
        assert_eq!(grouped(0_u64), "0");
        assert_eq!(grouped(1_234_567_u64), "1,234,567");
        assert_eq!(sol(12_345_678), "0.012345");
        assert_eq!(percent(1, 0), "–");
        assert_eq!(percent(1, 3), "33.33 %");
    }

    #[test]
    fn durations_name_two_units() {
        assert_eq!(duration(0), "0 s");
        assert_eq!(duration(-61), "-1 min 1 s");
        assert_eq!(duration(3_600), "1 h");
        assert_eq!(duration(5_469), "1 h 31 min");
        assert_eq!(duration(266_400), "3 d 2 h");
    }
}
