//! What a localnet prints.

use std::{
    io::{self, Write},
    time::{Duration, UNIX_EPOCH},
};

use crate::{manifest::Manifest, place::Place, sample::cast::DOLLAR};

/// Prints a line. A closed pipe ends the output, not the localnet.
pub fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// An amount of the quote token, in dollars.
#[must_use]
pub fn dollars(amount: u64) -> String {
    let (whole, cents) = (amount / DOLLAR, amount % DOLLAR / (DOLLAR / 100));
    format!("${}.{cents:02}", grouped(whole))
}

/// A number with commas.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time in UTC.
#[must_use]
pub fn utc(seconds: i64) -> String {
    let time = UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    humantime::format_rfc3339_seconds(time).to_string()
}

/// What runs, where, and what to do with it.
#[must_use]
pub fn summary(place: &Place, manifest: &Manifest) -> String {
    let dir = place.dir().display();
    let mut lines = vec![
        String::new(),
        format!("JSON-RPC   {}", manifest.url),
        format!("websocket  {}", manifest.ws),
        format!("domain     {}", manifest.domain),
        format!(
            "exchange   {}, {} positions, {} deposited",
            manifest.exchange.key,
            grouped(manifest.positions.count.into()),
            dollars(manifest.positions.total)
        ),
        format!(
            "limits     {} an hour, {} a slot; paid and queued above {} latch",
            dollars(manifest.limits.limit),
            dollars(manifest.limits.slot_limit),
            dollars(manifest.limits.trip_limit)
        ),
        format!("keys       {dir}/keys"),
    ];
    for member in &manifest.members {
        let number = member.number;
        lines.push(format!(
            "  member-{number}.json     {}  {}",
            member.key,
            member.roles.join(", ")
        ));
    }
    lines.push(format!(
        "  voter-0..2.json   {} governance tokens each",
        governance(manifest)
    ));
    lines.push(format!(
        "  attacker.json     {}  the exchange's admin, stolen",
        manifest.attacker.key
    ));
    lines.push(format!("everything else is in {}", place.manifest().display()));
    lines.push(String::new());
    lines.push(format!("look at it:   bulkhead -C {} status", place.config().display()));
    lines.push("rob it:       make localnet-attack".into());
    lines.push("pass time:    make localnet-warp SECONDS=3600".into());
    lines.push("the whole way from the attack to the last claim: docs/localnet.md".into());
    lines.push("stop it with Ctrl-C; the next start goes on from there".into());
    lines.join("\n")
}

fn governance(manifest: &Manifest) -> String {
    let amounts = manifest.voters.iter().map(|voter| grouped(voter.amount / DOLLAR));
    amounts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_readable() {
        assert_eq!(dollars(0), "$0.00");
        assert_eq!(dollars(1_234_567_890_000), "$1,234,567.89");
        assert_eq!(grouped(100_000), "100,000");
        assert_eq!(grouped(999), "999");
    }

    #[test]
    fn times_are_in_utc() {
        assert_eq!(utc(1_770_000_000), "2026-02-02T02:40:00Z");
    }
}
