//! The report as a single self-contained HTML file.

use std::fmt::Write;

use super::{
    Report, chart, haircut,
    markup::{escape, table},
    scale::{duration, grouped, percent, sol},
};

const STYLE: &str = include_str!("report.css");

/// The whole page.
#[must_use]
pub fn html(report: &Report) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write(report, &mut page);
    page
}

fn write(report: &Report, out: &mut String) -> std::fmt::Result {
    let title = escape(&report.title);
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}, {} · Bulkhead drill</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        escape(&report.date)
    )?;
    writeln!(out, "<h1>{title}, {}, replayed</h1>", escape(&report.date))?;
    writeln!(out, "<p>{}.</p>", escape(&report.how))?;
    writeln!(
        out,
        "<p class=\"soft\">{} positions, {} at risk, the same seed twice: once without Bulkhead, once with it. Every \
         step is a real transaction on the built programs.</p>",
        grouped(report.positions),
        report.dollars(report.custody_before)
    )?;
    cards(report, out)?;
    outflow(report, out)?;
    thresholds(report, out)?;
    downstream(report, out)?;
    haircuts(report, out)?;
    phases(report, out)?;
    refusals(report, out)?;
    claims(report, out)?;
    checks(report, out)?;
    assumed(report, out)?;
    writeln!(
        out,
        "<footer>Real figures are approximate; read the comparison as a ratio. The real incident ended after {}: {}.\
         </footer>\n</main>\n</body>\n</html>",
        duration(report.real_stop_seconds),
        escape(&report.real_stop)
    )
}

fn cards(report: &Report, out: &mut String) -> std::fmt::Result {
    let real = report.real_loss_usd.saturating_mul(report.whole());
    let against = |amount| format!("{} of the funds at risk", percent(amount, report.custody_before));
    let cards = [
        (
            "bad",
            "real loss",
            report.dollars(real),
            percent(report.real_loss_usd, report.real_tvl_usd) + " of the funds at risk",
        ),
        (
            "bad",
            "loss without Bulkhead",
            report.dollars(report.loss_without),
            against(report.loss_without),
        ),
        (
            "good",
            "loss with Bulkhead",
            report.dollars(report.loss_with),
            against(report.loss_with),
        ),
        (
            "bound",
            "maximum possible loss",
            report.dollars(report.bound),
            against(report.bound),
        ),
    ];
    writeln!(out, "<div class=\"cards\">")?;
    for (class, name, figure, note) in cards {
        writeln!(
            out,
            "<div class=\"card {class}\"><span>{name}</span><b>{figure}</b><span>{note}</span></div>"
        )?;
    }
    writeln!(out, "</div>")
}

fn plots(report: &Report, out: &mut String) -> std::fmt::Result {
    writeln!(out, "<h2>Funds taken by the attacker</h2>")?;
    // One plot per width: a single one would be unreadable on a phone.
    for (class, size) in [("wide", chart::WIDE), ("narrow", chart::NARROW)] {
        if let Some(svg) = chart::svg(report, size) {
            writeln!(out, "<div class=\"plot {class}\">{svg}</div>")?;
        }
    }
    Ok(())
}

fn outflow(report: &Report, out: &mut String) -> std::fmt::Result {
    if report.haircuts.is_some() {
        // Both curves would be one line.
        writeln!(out, "<h2>Loss</h2>")?;
    } else {
        plots(report, out)?;
    }
    if report.limit > 0 {
        writeln!(
            out,
            "<p class=\"soft\">Limits: {} in any {}, {} in any slot. The bound is {}. Requested and stopped: {}.</p>",
            report.dollars(report.limit),
            duration(report.window_seconds),
            report.dollars(report.slot_limit),
            escape(&report.bound_rule),
            report.dollars(report.stopped)
        )?;
    } else {
        writeln!(
            out,
            "<p class=\"soft\">The bound is {}.</p>",
            escape(&report.bound_rule)
        )?;
    }
    if report.warning_seconds > 0 {
        writeln!(
            out,
            "<p>The pause was in force <b>{}</b> before the theft would have begun.</p>",
            duration(report.warning_seconds)
        )?;
    }
    if report.left_behind > 0 {
        writeln!(
            out,
            "<p class=\"soft\">{} of the attacker's own deposits remained in custody. They are not subtracted from the loss, but \
             they are in the pool below.</p>",
            report.dollars(report.left_behind)
        )?;
    }
    writeln!(
        out,
        "<p>The attack began in slot {}. Breach in slot <b>{}</b>, latch in slot <b>{}</b>, pause in slot <b>{}</b>.</p>",
        report.first_slot, report.breach_slot, report.trip_slot, report.pause_slot
    )
}

fn thresholds(report: &Report, out: &mut String) -> std::fmt::Result {
    if report.thresholds.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<h2>What latches, and who is stopped</h2>\n<p class=\"soft\">A release above the limit waits. Above the trip \
         limit, counting what a window queued, the breaker latches. This drill ran with the first row, a breaker's default. \
         The second row is the same attack replayed with another trip limit.</p>"
    )?;
    let columns = [
        ("trip limit", ""),
        ("latches above", "n"),
        ("latched after", "n"),
        ("lost", "n"),
        ("attacker queued", "n"),
        ("honest waited", "n"),
        ("honest stopped", "n"),
    ];
    let rows = report.thresholds.iter().map(|row| {
        vec![
            escape(&row.name),
            report.dollars(row.trip_limit),
            duration(row.latched_after),
            report.dollars(row.loss),
            report.dollars(row.waiting),
            row.honest.held_back.to_string(),
            row.honest.refused.to_string(),
        ]
    });
    table(out, &columns, rows, None)
}

fn downstream(report: &Report, out: &mut String) -> std::fmt::Result {
    if report.downstream.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<h2>Downstream protocols</h2>\n<p class=\"soft\">Protocols that lend against its deposit tokens. Their figures are \
         assumed. A link propagates the pause to the compartment that lends; the pool beside it stays open. Without the link \
         their own breakers would have limited the outflow to their own limits.</p>"
    )?;
    let columns = [
        ("downstream", ""),
        ("deposits", "n"),
        ("loss without Bulkhead", "n"),
        ("loss with", "n"),
        ("own limit", "n"),
        ("closed in slot", "n"),
        ("for", "n"),
        ("other trades", "n"),
    ];
    let rows = report.downstream.iter().map(|row| {
        vec![
            format!("{} <span class=\"soft\">(assumed)</span>", escape(&row.name)),
            report.dollars(row.tvl),
            report.dollars(row.loss_without),
            report.dollars(row.loss_with),
            report.dollars(row.own_limit),
            row.linked_slot.to_string(),
            duration(row.linked_seconds),
            format!("{} of {}", row.traded, row.trades),
        ]
    });
    table(out, &columns, rows, None)
}

fn haircuts(report: &Report, out: &mut String) -> std::fmt::Result {
    let Some(found) = &report.haircuts else {
        return Ok(());
    };
    writeln!(
        out,
        "<h2>Bad debt</h2>\n<p class=\"soft\">What lenders lose of their balances. With Bulkhead it is what a claim lacked; \
         with Bulkhead at the pool as well, the collateral keeps its value.</p>"
    )?;
    let columns = [
        ("deployment", ""),
        ("protection", ""),
        ("deposits", "n"),
        ("bad debt", "n"),
        ("haircut", "n"),
        ("as published", "n"),
    ];
    let rows = found.rows().map(|(protection, row)| {
        vec![
            escape(&row.deployment),
            protection.to_owned(),
            report.dollars(row.deposits),
            report.dollars(row.bad_debt),
            haircut::text(row.haircut),
            haircut::text(row.published),
        ]
    });
    table(out, &columns, rows, None)
}

fn assumed(report: &Report, out: &mut String) -> std::fmt::Result {
    if report.assumed.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>Assumed</h2>\n<ul>")?;
    for assumption in &report.assumed {
        writeln!(out, "<li>{}</li>", escape(assumption))?;
    }
    writeln!(out, "</ul>")
}

fn phases(report: &Report, out: &mut String) -> std::fmt::Result {
    writeln!(out, "<h2>From the breach to the reopening</h2>")?;
    let columns = [
        ("phase", ""),
        ("time, logarithmic scale", "time"),
        ("slot", "n"),
        ("after the breach", "n"),
        ("transactions", "n"),
        ("compute units", "n"),
        ("fees, SOL", "n"),
    ];
    let end = report.phases.last().map_or(0, |phase| phase.seconds);
    let mut began = 0;
    let rows: Vec<_> = report
        .phases
        .iter()
        .map(|phase| {
            let (left, right) = (place(began, end), place(phase.seconds, end));
            began = phase.seconds;
            let width = (right - left).max(0.0);
            vec![
                escape(&phase.name),
                format!("<div class=\"track\"><i style=\"left:{left:.2}%;width:{width:.2}%\"></i></div>"),
                phase.slot.to_string(),
                duration(phase.seconds),
                grouped(phase.cost.transactions),
                grouped(phase.cost.compute_units),
                sol(phase.cost.fee_lamports),
            ]
        })
        .collect();
    let total = report.total();
    let foot = vec![
        "total".to_owned(),
        String::new(),
        String::new(),
        String::new(),
        grouped(total.transactions),
        grouped(total.compute_units),
        sol(total.fee_lamports),
    ];
    table(out, &columns, rows, Some(foot))?;
    let honest = report.honest;
    writeln!(
        out,
        "<p class=\"soft\">Honest users meanwhile: {} deposits, {} withdrawals paid, {} queued by a limit, {} refused \
         while paused.</p>",
        honest.deposits, honest.withdrawals, honest.held_back, honest.refused
    )?;
    writeln!(
        out,
        "<p class=\"soft\">Before the attack {} of their {} withdrawals were queued, and nothing latched.</p>",
        honest.held_back_before, honest.before
    )?;
    if report.restored && honest.held_back > 0 {
        writeln!(
            out,
            "<p>The queued {} were debited and still wait: the claims of a ledger of the queue, which the drill has not, pay \
             them.</p>",
            report.dollars(honest.held_back_amount)
        )?;
    }
    Ok(())
}

/// Position of a time on the logarithmic track, in percent.
fn place(seconds: i64, end: i64) -> f64 {
    let log = |seconds: i64| (seconds.max(0) as f64).ln_1p();
    if end <= 0 {
        0.0
    } else {
        (log(seconds) / log(end) * 100.0).min(99.0)
    }
}

fn refusals(report: &Report, out: &mut String) -> std::fmt::Result {
    if report.refused_attempts.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>The attacker's attempts, and how they were refused</h2>")?;
    let columns = [("attempt", "wrap"), ("refused as", ""), ("slot", "n")];
    let rows = report.refused_attempts.iter().map(|refusal| {
        vec![
            escape(&refusal.attempt),
            format!("<code>{}</code>", escape(&refusal.error)),
            refusal.slot.to_string(),
        ]
    });
    table(out, &columns, rows, None)
}

fn claims(report: &Report, out: &mut String) -> std::fmt::Result {
    if !report.restored {
        return writeln!(
            out,
            "<h2>Claims</h2>\n<p>Nothing to restore: the council resumed, and no claims had to be paid.</p>"
        );
    }
    writeln!(out, "<h2>Claims</h2>")?;
    writeln!(
        out,
        "<p><b>{}</b> of {} claims paid: {} of a pool of {}. Each account got {} of its balance; rounding left {} units.</p>",
        grouped(report.claims),
        grouped(report.leaves),
        report.dollars(report.claims_paid),
        report.dollars(report.pool),
        percent(report.pool, report.claims_total),
        grouped(report.dust)
    )?;
    writeln!(
        out,
        "<p class=\"soft\">Sum of all token accounts: {} units before, {} after.</p>",
        grouped(report.tokens_before),
        grouped(report.tokens_after)
    )
}

fn checks(report: &Report, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "<h2>Checked by the drill</h2>\n<div class=\"scroll\"><table class=\"checks\">\n<tbody>"
    )?;
    for check in &report.checks {
        let (class, mark) = if check.holds { ("yes", "✓") } else { ("no", "✗") };
        writeln!(
            out,
            "<tr><td class=\"{class}\">{mark}</td><td><code>{}</code></td><td class=\"wrap\">{}</td></tr>",
            escape(&check.name),
            escape(&check.detail)
        )?;
    }
    writeln!(out, "</tbody>\n</table></div>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    fn without_bad_debt() -> Report {
        Report {
            haircuts: None,
            ..example::report()
        }
    }

    #[test]
    fn bad_debt_is_a_table_in_place_of_a_plot() {
        let page = html(&example::report());
        assert!(!page.contains("<svg") && page.contains("a &lt;deployment&gt;"));
        assert!(page.contains(">56.019 %<") && page.contains("paused by hand"));
        assert!(!html(&without_bad_debt()).contains("56.019 %"));
    }

    #[test]
    fn the_page_stands_alone_and_escapes_text() {
        let page = html(&without_bad_debt());
        for outside in ["http://", "https://", "src=", "<script", "@import", "url("] {
            // The namespace of SVG is a name, not a URL that is fetched.
            let rest = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!rest.contains(outside), "{outside} in the page");
        }
        assert!(page.contains("taken &amp; &lt;guards&gt; off"));
        assert!(page.contains("<svg") && page.contains("DurableNonce") && page.ends_with("</html>\n"));
    }

    /// On a phone a row is a list of names and values, so each cell must contain its column's name. No word may be
    /// broken.
    #[test]
    fn a_page_on_a_phone_keeps_words_and_columns() {
        let page = html(&without_bad_debt());
        let phone = STYLE.split_once("max-width: 640px").expect("rules for phones").1;
        assert!(phone.contains("attr(data-name)") && !STYLE.contains("overflow-wrap: anywhere"));
        for name in ["attempt", "refused as", "slot", "phase", "after the breach"] {
            assert!(page.contains(&format!("data-name=\"{name}\"")), "{name}");
        }
        assert!(page.contains("class=\"plot narrow\"") && page.contains("class=\"plot wide\""));
    }

    #[test]
    fn the_track_grows_with_time() {
        assert_eq!(place(0, 100), 0.0);
        assert!(place(1, 100_000) > 5.0 && place(50_000, 100_000) < 99.0);
        assert_eq!(place(5, 0), 0.0);
    }
}
