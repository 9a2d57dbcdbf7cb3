//! The report as one HTML file that needs nothing beside it.

use std::fmt::Write;

use super::{
    Report, plot,
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
    downstream(report, out)?;
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
    let against = |amount| format!("{} of what was at risk", percent(amount, report.custody_before));
    let cards = [
        (
            "bad",
            "really lost",
            report.dollars(real),
            percent(report.real_loss_usd, report.real_tvl_usd) + " of what was at risk",
        ),
        (
            "bad",
            "lost without Bulkhead",
            report.dollars(report.loss_without),
            against(report.loss_without),
        ),
        (
            "good",
            "lost with Bulkhead",
            report.dollars(report.loss_with),
            against(report.loss_with),
        ),
        (
            "bound",
            "most that can be taken",
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

fn outflow(report: &Report, out: &mut String) -> std::fmt::Result {
    writeln!(out, "<h2>What the attacker had</h2>")?;
    if let Some(svg) = plot::svg(report) {
        writeln!(out, "<div class=\"plot\">{svg}</div>")?;
    }
    if report.limit > 0 {
        writeln!(
            out,
            "<p class=\"soft\">Limits: {} in any {}, {} in any slot. The bound is {}. Asked for and stopped: {}.</p>",
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
            "<p class=\"soft\">{} of the attacker's own deposits stayed behind. They are not set off against the loss, but \
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

fn downstream(report: &Report, out: &mut String) -> std::fmt::Result {
    if report.downstream.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<h2>Who depended on it</h2>\n<p class=\"soft\">Protocols that lend against its deposit tokens. Their figures are \
         assumed. A link carries the pause to the compartment that lends; the pool beside it goes on. Without the link \
         their own breakers would have let out their own limits.</p>\n\
         <div class=\"scroll\"><table>\n<thead><tr><th>downstream</th>\
         <th class=\"n\">deposits</th><th class=\"n\">lost without Bulkhead</th><th class=\"n\">lost with</th>\
         <th class=\"n\">own limit</th><th class=\"n\">closed in slot</th><th class=\"n\">for</th>\
         <th class=\"n\">other trades</th></tr></thead>\n<tbody>"
    )?;
    for row in &report.downstream {
        writeln!(
            out,
            "<tr><td>{} <span class=\"soft\">(assumed)</span></td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{} of {}</td></tr>",
            escape(&row.name),
            report.dollars(row.tvl),
            report.dollars(row.loss_without),
            report.dollars(row.loss_with),
            report.dollars(row.own_limit),
            row.linked_slot,
            duration(row.linked_seconds),
            row.traded,
            row.trades
        )?;
    }
    writeln!(out, "</tbody>\n</table></div>")
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
    writeln!(
        out,
        "<h2>From the breach to the reopening</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>phase</th>\
         <th>time, to a logarithmic scale</th><th class=\"n\">slot</th><th class=\"n\">after the breach</th>\
         <th class=\"n\">transactions</th><th class=\"n\">compute units</th><th class=\"n\">fees, SOL</th></tr></thead>\n<tbody>"
    )?;
    let end = report.phases.last().map_or(0, |phase| phase.seconds);
    let mut began = 0;
    for phase in &report.phases {
        let (left, right) = (place(began, end), place(phase.seconds, end));
        began = phase.seconds;
        writeln!(
            out,
            "<tr><td>{}</td><td class=\"time\"><div class=\"track\"><i style=\"left:{left:.2}%;width:{:.2}%\"></i></div></td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escape(&phase.name),
            (right - left).max(0.0),
            phase.slot,
            duration(phase.seconds),
            grouped(phase.cost.transactions),
            grouped(phase.cost.compute_units),
            sol(phase.cost.fee_lamports)
        )?;
    }
    let total = report.total();
    writeln!(
        out,
        "</tbody>\n<tfoot><tr><td>total</td><td></td><td></td><td></td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
         <td class=\"n\">{}</td></tr></tfoot>\n</table></div>",
        grouped(total.transactions),
        grouped(total.compute_units),
        sol(total.fee_lamports)
    )?;
    let honest = report.honest;
    writeln!(
        out,
        "<p class=\"soft\">Honest users meanwhile: {} deposits, {} withdrawals paid, {} held back by a limit, {} refused \
         while paused.</p>",
        honest.deposits, honest.withdrawals, honest.held_back, honest.refused
    )
}

/// Where a moment lies on the logarithmic track, in percent.
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
    writeln!(
        out,
        "<h2>What the attacker tried, and how it was refused</h2>\n<div class=\"scroll\"><table>\n\
         <thead><tr><th>attempt</th><th>refused as</th><th class=\"n\">slot</th></tr></thead>\n<tbody>"
    )?;
    for refusal in &report.refused_attempts {
        writeln!(
            out,
            "<tr><td class=\"wrap\">{}</td><td><code>{}</code></td><td class=\"n\">{}</td></tr>",
            escape(&refusal.attempt),
            escape(&refusal.error),
            refusal.slot
        )?;
    }
    writeln!(out, "</tbody>\n</table></div>")
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
        "<p class=\"soft\">Tokens over all accounts: {} units before, {} after.</p>",
        grouped(report.tokens_before),
        grouped(report.tokens_after)
    )
}

fn checks(report: &Report, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "<h2>Checked by the drill</h2>\n<div class=\"scroll\"><table>\n<tbody>"
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

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    #[test]
    fn the_page_stands_alone_and_escapes_text() {
        let page = html(&example::report());
        for outside in ["http://", "https://", "src=", "<script", "@import", "url("] {
            // The namespace of the SVG is a name, not an address that is fetched.
            let rest = page.replace("http://www.w3.org/2000/svg", "");
            assert!(!rest.contains(outside), "{outside} in the page");
        }
        assert!(page.contains("taken &amp; &lt;guards&gt; off"));
        assert!(page.contains("<svg") && page.contains("DurableNonce") && page.ends_with("</html>\n"));
    }

    #[test]
    fn the_track_grows_with_time() {
        assert_eq!(place(0, 100), 0.0);
        assert!(place(1, 100_000) > 5.0 && place(50_000, 100_000) < 99.0);
        assert_eq!(place(5, 0), 0.0);
    }
}
