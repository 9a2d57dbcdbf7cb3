//! Durations in human-readable form.

/// Parses `180d`, `12h`, `1h 30m`, `45s`, or plain seconds.
///
/// # Errors
/// A description of what is accepted.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    let text = text.trim();
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => Some(seconds),
        Err(_) => humantime::parse_duration(text).ok().map(|duration| duration.as_secs()),
    };
    seconds
        .and_then(|seconds| i64::try_from(seconds).ok())
        .filter(|seconds| *seconds > 0)
        .ok_or_else(|| format!("NotADuration: `{text}`; write it like 180d, 12h, 30m or 45s"))
}

/// Formats a duration in two units: `45 s`, `1 h 5 min`, `180 d`, `3.2 years`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    const YEAR: f64 = 365.25 * 86_400.0;
    if !seconds.is_finite() {
        return "never".into();
    }
    if seconds >= 10.0 * YEAR {
        return format!("{:.0} years", seconds / YEAR);
    }
    if seconds >= 2.0 * YEAR {
        return format!("{:.1} years", seconds / YEAR);
    }
    if seconds < 10.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    let (big, big_unit, small, small_unit) = match whole {
        0..60 => return format!("{whole} s"),
        60..3_600 => (whole / 60, "min", whole % 60, "s"),
        3_600..86_400 => (whole / 3_600, "h", whole / 60 % 60, "min"),
        _ => (whole / 86_400, "d", whole / 3_600 % 24, "h"),
    };
    if small == 0 || big >= 30 {
        return format!("{big} {big_unit}");
    }
    format!("{big} {big_unit} {small} {small_unit}")
}

/// Rounds up to three significant digits. The limit becomes readable, and an increase of at most a hundredth does not
/// matter.
pub(crate) fn round_up(amount: f64) -> u64 {
    if amount < 1_000.0 {
        return amount.max(0.0).ceil() as u64;
    }
    let unit = 10f64.powi(amount.log10().floor() as i32 - 2);
    // `as` saturates: an amount beyond 64 bits becomes the maximum.
    ((amount / unit).ceil() * unit) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        for (text, seconds) in [
            ("180d", 15_552_000),
            ("90", 90),
            ("12h", 43_200),
            (" 2w ", 1_209_600),
            ("1h 30m", 5_400),
        ] {
            assert_eq!(parse_duration(text), Ok(seconds));
        }
        for text in ["", "d", "-1d", "0", "0s", "9999999999999999d", "1z"] {
            assert!(
                parse_duration(text).is_err_and(|printed| printed.contains("NotADuration")),
                "{text}"
            );
        }
        for (seconds, text) in [
            (2.04, "2.0 s"),
            (45.0, "45 s"),
            (3_900.0, "1 h 5 min"),
            (15_552_000.0, "180 d"),
            (1e8, "3.2 years"),
            (1e9, "32 years"),
            (f64::INFINITY, "never"),
        ] {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn limits_are_rounded_up() {
        for (amount, rounded) in [
            (0.2, 1),
            (999.1, 1_000),
            (123_401.0, 124_000),
            (1e30, u64::MAX),
            (-1.0, 0),
        ] {
            assert_eq!(round_up(amount), rounded);
        }
    }
}
