//! Parses times, and checks how rows are spaced in time: in order, and on a grid or not.

use super::{InputError, MIN_ROWS};

/// Share of equal steps above which rows are treated as a grid.
const GRID_SHARE: f64 = 0.9;

/// Unix seconds of an RFC 3339 time. Fractions of a second are dropped.
pub(super) fn rfc3339(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |from: usize, digits: usize| -> Option<i64> {
        let part = bytes.get(from..from + digits)?;
        let is_number = part.iter().all(u8::is_ascii_digit);
        is_number.then(|| part.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
    };
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let longest = *days.get(usize::try_from(month - 1).ok()?)?;
    if !(1..=longest).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut zone = 19;
    if is(zone, b".") {
        zone += 1;
        let digits = bytes[zone..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        zone += digits;
    }
    let offset = if is(zone, b"Zz") && bytes.len() == zone + 1 {
        0
    } else if is(zone, b"+-") && is(zone + 3, b":") && bytes.len() == zone + 6 {
        let (hours, minutes) = (number(zone + 1, 2)?, number(zone + 4, 2)?);
        if hours > 23 || minutes > 59 {
            return None;
        }
        (hours * 60 + minutes) * if is(zone, b"-") { -60 } else { 60 }
    } else {
        return None;
    };
    // Days since 1970 of a civil date: H. Hinnant, "chrono-compatible low-level date algorithms", 2014.
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let date = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = date * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    (seconds >= 0).then_some(seconds)
}

/// How rows are spaced in time.
pub(super) struct Grid {
    pub(super) step: i64,
    pub(super) is_regular: bool,
}

pub(super) fn check_times(times: &[i64], lines: &[u64], columns: &'static str) -> Result<Grid, InputError> {
    if times.is_empty() {
        return Err(InputError::EmptyFile { columns });
    }
    for (pair, &line) in times.windows(2).zip(&lines[1..]) {
        let (before, timestamp) = (pair[0], pair[1]);
        if before == timestamp {
            return Err(InputError::DuplicateTimestamp { line, timestamp });
        }
        if before > timestamp {
            return Err(InputError::TimestampsOutOfOrder {
                line,
                timestamp,
                before,
            });
        }
    }
    if times.len() < MIN_ROWS {
        return Err(InputError::TooFewRows { rows: times.len() });
    }
    let mut steps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_unstable();
    let step = steps[steps.len() / 2];
    let equal = steps.iter().filter(|other| **other == step).count();
    Ok(Grid {
        step,
        is_regular: equal as f64 >= GRID_SHARE * steps.len() as f64,
    })
}

impl Grid {
    /// Steps longer than 1.5 grid steps. They are an error unless gaps are allowed.
    pub(super) fn gaps(&self, times: &[i64], lines: &[u64], allowed: bool) -> Result<usize, InputError> {
        let step = self.step;
        let holes: Vec<_> = times
            .windows(2)
            .zip(&lines[1..])
            .map(|(pair, line)| (pair[1] - pair[0], pair[1], *line))
            .filter(|(seconds, ..)| 2 * seconds >= 3 * step)
            .collect();
        match holes.first() {
            Some(&(seconds, timestamp, line)) if !allowed => Err(InputError::MissingRows {
                line,
                rows: (seconds + step / 2) / step - 1,
                timestamp,
                seconds,
                step,
                gaps: holes.len(),
                total: holes.iter().map(|(seconds, ..)| seconds - step).sum(),
            }),
            _ => Ok(holes.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_zones_are_read() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:30:15.250Z", 951_827_415),
            ("2026-02-02T03:40:00+01:00", 1_770_000_000),
            ("2026-02-01 21:40:00-05:00", 1_770_000_000),
        ] {
            assert_eq!(rfc3339(text), Some(seconds), "{text}");
        }
        for text in [
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-02-02T24:00:00Z",
            "2026-02-02T00:00:00",
            "2026-02-02T00:00:00.Z",
            "2026-02-02T00:00:00+1:00",
            "2026-02-02",
            "2026-02-02T00:00:00ZZ",
        ] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }
}
