//! The report as plain text for a terminal.

use std::fmt::Write;

use super::{
    Report, haircut,
    scale::{duration, grouped, percent, sol},
};

/// Length of the longest bar in characters.
const BAR: u64 = 46;

/// The whole report. Every line ends with a newline.
#[must_use]
pub fn terminal(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(report, &mut text);
    text
}

fn write(report: &Report, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "{} · {} · replayed with {} positions",
        report.title,
        report.date,
        grouped(report.positions)
    )?;
    writeln!(out, "{}.", report.how)?;
    writeln!(out)?;
    losses(report, out)?;
    moments(report, out)?;
    thresholds(report, out)?;
    downstream(report, out)?;
    haircuts(report, out)?;
    phases(report, out)?;
    refusals(report, out)?;
    claims(report, out)?;
    assumed(report, out)?;
    checks(report, out)
}

fn losses(report: &Report, out: &mut String) -> std::fmt::Result {
    let real = report.real_loss_usd.saturating_mul(report.whole());
    let largest = real.max(report.loss_without).max(1);
    let mut bar = |name: &str, amount: u64| {
        let length = u128::from(amount) * u128::from(BAR) / u128::from(largest);
        let filled = "█".repeat(usize::try_from(length).unwrap_or(0).max(usize::from(amount > 0)));
        let line = format!("  {name:<18}{:>11}  {filled}", report.dollars(amount));
        writeln!(out, "{}", line.trim_end())
    };
    bar("real loss", real)?;
    bar("without Bulkhead", report.loss_without)?;
    bar("with Bulkhead", report.loss_with)?;
    bar("bound", report.bound)?;
    writeln!(
        out,
        "  with/without: {}; the bound is {}.",
        percent(report.loss_with, report.loss_without),
        report.bound_rule
    )?;
    if report.limit > 0 {
        writeln!(
            out,
            "  limits: {} in any {}, {} in any slot; requested and stopped: {}.",
            report.dollars(report.limit),
            duration(report.window_seconds),
            report.dollars(report.slot_limit),
            report.dollars(report.stopped)
        )?;
    }
    if report.warning_seconds > 0 {
        writeln!(
            out,
            "  paused {} before the theft would have begun.",
            duration(report.warning_seconds)
        )?;
    }
    if report.left_behind > 0 {
        writeln!(
            out,
            "  {} of the attacker's own deposits remained in custody: not subtracted from the loss, but in the pool below.",
            report.dollars(report.left_behind)
        )?;
    }
    writeln!(out)
}

fn moments(report: &Report, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "  attack began in slot {}; breach {}, latch {}, pause {}.",
        report.first_slot, report.breach_slot, report.trip_slot, report.pause_slot
    )?;
    writeln!(
        out,
        "  the real attack ended after {}: {}.",
        duration(report.real_stop_seconds),
        report.real_stop
    )?;
    writeln!(out)
}

fn phases(report: &Report, out: &mut String) -> std::fmt::Result {
    let head = [
        "phase",
        "slot",
        "after breach",
        "transactions",
        "compute units",
        "fees (SOL)",
    ]
    .map(str::to_owned);
    let cost = |name: &str, slot: String, after: String, cost: super::Cost| {
        [
            name.to_owned(),
            slot,
            after,
            grouped(cost.transactions),
            grouped(cost.compute_units),
            sol(cost.fee_lamports),
        ]
    };
    let mut rows = vec![head];
    for phase in &report.phases {
        rows.push(cost(
            &phase.name,
            phase.slot.to_string(),
            duration(phase.seconds),
            phase.cost,
        ));
    }
    rows.push(cost("total", String::new(), String::new(), report.total()));
    table(out, &rows)?;
    let honest = report.honest;
    writeln!(
        out,
        "  honest users: {} deposits, {} withdrawals paid, {} queued by a limit, {} refused while paused.",
        honest.deposits, honest.withdrawals, honest.held_back, honest.refused
    )?;
    writeln!(
        out,
        "  before the attack {} of their {} withdrawals were queued, and nothing latched.",
        honest.held_back_before, honest.before
    )?;
    if report.restored && honest.held_back > 0 {
        writeln!(
            out,
            "  the queued {} were debited and still wait: the claims of a ledger of the queue, which the drill has not, pay them.",
            report.dollars(honest.held_back_amount)
        )?;
    }
    writeln!(out)
}

fn thresholds(report: &Report, out: &mut String) -> std::fmt::Result {
    if report.thresholds.is_empty() {
        return Ok(());
    }
    let head = [
        "trip limit",
        "latches above",
        "latched after",
        "lost",
        "attacker queued",
        "honest waited",
        "honest stopped",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    for row in &report.thresholds {
        rows.push([
            row.name.clone(),
            report.dollars(row.trip_limit),
            duration(row.latched_after),
            report.dollars(row.loss),
            report.dollars(row.waiting),
            row.honest.held_back.to_string(),
            row.honest.refused.to_string(),
        ]);
    }
    table(out, &rows)?;
    writeln!(out, "  this drill ran with the first trip limit, a breaker's default.")?;
    writeln!(out)
}

fn downstream(report: &Report, out: &mut String) -> std::fmt::Result {
    if report.downstream.is_empty() {
        return Ok(());
    }
    let head = [
        "downstream (assumed)",
        "deposits",
        "loss without",
        "loss with",
        "own limit",
        "closed in slot",
        "for",
        "other trades",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    for row in &report.downstream {
        rows.push([
            row.name.clone(),
            report.dollars(row.tvl),
            report.dollars(row.loss_without),
            report.dollars(row.loss_with),
            report.dollars(row.own_limit),
            row.linked_slot.to_string(),
            duration(row.linked_seconds),
            format!("{} of {}", row.traded, row.trades),
        ]);
    }
    table(out, &rows)?;
    writeln!(out)
}

fn haircuts(report: &Report, out: &mut String) -> std::fmt::Result {
    let Some(found) = &report.haircuts else {
        return Ok(());
    };
    let head = [
        "deployment",
        "protection",
        "deposits",
        "bad debt",
        "haircut",
        "published",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    for (protection, row) in found.rows() {
        rows.push([
            row.deployment.clone(),
            protection.to_owned(),
            report.dollars(row.deposits),
            report.dollars(row.bad_debt),
            haircut::text(row.haircut),
            haircut::text(row.published),
        ]);
    }
    aligned(out, &rows, 2)?;
    writeln!(out)
}

fn assumed(report: &Report, out: &mut String) -> std::fmt::Result {
    for assumption in &report.assumed {
        writeln!(out, "  assumed: {assumption}.")?;
    }
    if report.assumed.is_empty() {
        return Ok(());
    }
    writeln!(out)
}

fn refusals(report: &Report, out: &mut String) -> std::fmt::Result {
    if report.refused_attempts.is_empty() {
        return Ok(());
    }
    let mut rows = vec![["the attacker tried to", "refused as"].map(str::to_owned)];
    for refusal in &report.refused_attempts {
        rows.push([refusal.attempt.clone(), refusal.error.clone()]);
    }
    left_table(out, &rows)?;
    writeln!(out)
}

fn claims(report: &Report, out: &mut String) -> std::fmt::Result {
    if !report.restored {
        writeln!(
            out,
            "  nothing to restore: the council resumed, and no claims had to be paid."
        )?;
        return writeln!(out);
    }
    writeln!(
        out,
        "  {} of {} claims paid: {} of a pool of {}, dust {} units; each got {} of its balance.",
        grouped(report.claims),
        grouped(report.leaves),
        report.dollars(report.claims_paid),
        report.dollars(report.pool),
        grouped(report.dust),
        percent(report.pool, report.claims_total)
    )?;
    writeln!(
        out,
        "  tokens before {} and after {} units.",
        grouped(report.tokens_before),
        grouped(report.tokens_after)
    )?;
    writeln!(out)
}

fn checks(report: &Report, out: &mut String) -> std::fmt::Result {
    for check in &report.checks {
        let mark = if check.holds { "✓" } else { "✗" };
        writeln!(out, "  {mark} {}: {}", check.name, check.detail)?;
    }
    Ok(())
}

/// A table with every column but the first right-aligned.
fn table<const N: usize>(out: &mut String, rows: &[[String; N]]) -> std::fmt::Result {
    aligned(out, rows, 1)
}

/// A table with all columns left-aligned.
fn left_table<const N: usize>(out: &mut String, rows: &[[String; N]]) -> std::fmt::Result {
    aligned(out, rows, N)
}

/// Aligns the first `left` columns left and the others right, with a line under the header.
fn aligned<const N: usize>(out: &mut String, rows: &[[String; N]], left: usize) -> std::fmt::Result {
    let widths: [usize; N] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    for (number, row) in rows.iter().enumerate() {
        let mut line = String::from(" ");
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            if column < left {
                write!(line, " {cell:<width$} ")?;
            } else {
                write!(line, " {cell:>width$} ")?;
            }
        }
        writeln!(out, "{}", line.trim_end())?;
        if number == 0 {
            writeln!(out, "  {}", "─".repeat(widths.iter().sum::<usize>() + 2 * (N - 1)))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::report::example;

    #[test]
    fn the_report_names_every_phase_refusal_and_check() {
        let text = super::terminal(&example::report());
        for part in [
            "breach",
            "pause",
            "claims",
            "DurableNonce",
            "✓ LossWithinBound",
            "1,999 of 1,999 claims",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        assert!(
            text.lines()
                .all(|line| line.chars().count() <= 150 && line.trim_end() == line)
        );
    }

    #[test]
    fn a_small_loss_still_shows() {
        let mut report = example::report();
        report.loss_with = 1;
        let text = super::terminal(&report);
        let line = text.lines().find(|line| line.starts_with("  with Bulkhead"));
        assert_eq!(line.map(|line| line.matches('█').count()), Some(1));
    }
}
