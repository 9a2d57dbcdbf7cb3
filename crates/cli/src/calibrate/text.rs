//! The result as plain text, for people.

use std::fmt::Write;

use bulkhead_calibrate::{
    Band, duration,
    flow::{self, Attack},
    price,
};

/// Formats a number.
type Show<'a> = &'a dyn Fn(f64) -> String;

/// The result for a terminal. Every line ends with a newline.
pub(super) fn flow(found: &flow::Calibration, gaps: usize, excluded: usize, decimals: u8) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_flow(&mut text, found, (gaps, excluded), decimals);
    text
}

/// The result for a terminal. Every line ends with a newline.
pub(super) fn price(found: &price::Calibration, gaps: usize, excluded: usize) -> String {
    let mut text = String::new();
    let _ = write_price(&mut text, found, (gaps, excluded));
    text
}

/// An amount in the units of the file, to four digits: `1,234`, `0.5620`, `35.10M`.
pub(super) fn amount(native: f64, decimals: u8) -> String {
    let whole = native / 10f64.powi(i32::from(decimals));
    let (scaled, unit) = match whole.abs() {
        size if size >= 1e12 => (whole / 1e12, "T"),
        size if size >= 1e9 => (whole / 1e9, "G"),
        size if size >= 1e6 => (whole / 1e6, "M"),
        size if size >= 1e4 => (whole / 1e3, "k"),
        _ => (whole, ""),
    };
    let digits = match scaled.abs() {
        size if size >= 1_000.0 || size == 0.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 10.0 => 2,
        _ => 3,
    };
    format!("{scaled:.digits$}{unit}")
}

fn range(band: &Band, show: impl Fn(f64) -> String) -> String {
    format!("{}  [{} to {}]", show(band.mid), show(band.low), show(band.high))
}

fn history(out: &mut String, rows: usize, span: f64, step: i64, (gaps, excluded): (usize, usize)) -> std::fmt::Result {
    write!(
        out,
        "{rows} rows over {}, one in {}",
        duration(span),
        duration(step as f64)
    )?;
    if gaps > 0 {
        write!(out, ", {gaps} gaps accepted")?;
    }
    if excluded > 0 {
        write!(out, ", {excluded} outliers excluded")?;
    }
    writeln!(out)
}

fn check(out: &mut String, every: f64, trips: u64, simulated: f64, band: &Band) -> std::fmt::Result {
    writeln!(
        out,
        "Check    {trips} false trips in {} of fresh simulated honest use: one in {} (95 %: {} to {}); target: {}",
        duration(simulated),
        duration(band.mid),
        duration(band.low),
        duration(band.high),
        duration(every),
    )
}

fn write_flow(out: &mut String, found: &flow::Calibration, left: (usize, usize), decimals: u8) -> std::fmt::Result {
    let show = |native: f64| amount(native, decimals);
    let shape = found.options.shape;
    let window = duration(shape.window_seconds as f64);
    let (limit, slot) = (found.window.limit, found.slot.limit);
    write!(out, "Outflow · ")?;
    history(out, found.rows, found.span, found.step, left)?;
    writeln!(out)?;
    writeln!(out, "limit       {limit:<22} {} in any {window}", show(limit as f64))?;
    writeln!(
        out,
        "slot_limit  {slot:<22} {} in one slot, and so in one transaction",
        show(slot as f64)
    )?;
    let trip = found.trip_limit;
    writeln!(
        out,
        "trip_limit  {trip:<22} {} requested over the limit and queued in any {window}",
        show(trip as f64)
    )?;
    writeln!(out)?;
    writeln!(
        out,
        "Above a limit honest users wait, once in {} at most. Above the trip limit the breaker latches: once in {} by closed form.",
        duration(found.options.every),
        duration(found.trip_every),
    )?;
    writeln!(
        out,
        "A false trip blocks {} an hour of honest use until it is unpaused or lapses. A late trip costs {} at most: the outflow",
        show(found.mean_held * 3_600.0 / shape.window_seconds as f64),
        show(limit as f64),
    )?;
    writeln!(
        out,
        "below the limit. The rest of an attacker's requests is queued and can be cancelled."
    )?;
    if let Some(balance) = found.least_balance.filter(|balance| *balance > 0) {
        let share = 100.0 * limit as f64 / balance as f64;
        writeln!(out, "The limit is {share:.1} % of the smallest balance of the history.")?;
    }
    writeln!(out)?;
    writeln!(
        out,
        "         {:<42} {:>12} {:>14}",
        "closed form  [confidence]", "Monte Carlo", "largest seen"
    )?;
    for (name, limit) in [("window", &found.window), ("slot", &found.slot)] {
        writeln!(
            out,
            "{name:<8} {:<42} {:>12} {:>14}",
            range(&limit.formula, show),
            show(limit.simulated),
            show(limit.seen)
        )?;
    }
    let (tail, confidence) = (&found.window.tail, found.options.confidence * 100.0);
    writeln!(
        out,
        "Both limits together trip once in {} at most, with {confidence:.0} % confidence. The window's tail: {} peaks, \
         shape {:.2}.",
        duration(found.options.every),
        tail.peaks,
        tail.shape
    )?;
    check(
        out,
        found.options.every,
        found.trips,
        found.simulated,
        &found.interval(),
    )?;
    writeln!(out)?;
    flow_attacks(out, found, decimals)
}

fn flow_attacks(out: &mut String, found: &flow::Calibration, decimals: u8) -> std::fmt::Result {
    let show = |native: f64| amount(native, decimals);
    writeln!(
        out,
        "{:<34} {:>12} {:>9} {:>10} {:>26} {:>20} {:>17}",
        "attack", "size", "stopped", "by", "delay (closed form)", "loss (closed form)", "95 of 100 below"
    )?;
    for outcome in &found.attacks {
        let (name, an_hour) = match outcome.attack {
            Attack::Steady(multiple) => (format!("drain of {multiple} limits an hour"), "/h"),
            Attack::Single(share) => (format!("one transaction, {share} slot limits"), ""),
            Attack::FullSpeed => ("a slot limit in every slot".into(), "/h"),
            Attack::Patient => ("patient, never over a limit".into(), "/h"),
        };
        writeln!(
            out,
            "{name:<34} {:>12} {:>7.0} % {:>10} {:>26} {:>20} {:>17}",
            format!("{}{an_hour}", show(outcome.size)),
            outcome.stopped * 100.0,
            match (outcome.stopped > 0.0, outcome.by_slot) {
                (false, _) => "–",
                (true, false) => "limit",
                (true, true) => "slot limit",
            },
            format!("{} ({})", duration(outcome.delay), duration(outcome.delay_formula)),
            format!("{} ({})", show(outcome.loss), show(outcome.loss_formula)),
            show(outcome.loss_95),
        )?;
    }
    let shape = found.options.shape;
    let bound = found.window.limit as f64 * (1.0 + 1.0 / f64::from(shape.sub_windows));
    writeln!(
        out,
        "An attack that is not stopped stays below the limit. No attack gets more than {} before it is stopped, or {} in any {}.",
        show(bound),
        show(found.window.limit as f64),
        duration(shape.window_seconds as f64),
    )
}

fn write_price(out: &mut String, found: &price::Calibration, left: (usize, usize)) -> std::fmt::Result {
    let rules = &found.rules;
    let percent = |log: f64| format!("{:.2} %", log.exp_m1() * 100.0);
    let plain = |value: f64| format!("{value:.2}");
    write!(out, "Price · ")?;
    history(out, found.rows, found.span, found.step, left)?;
    writeln!(out)?;
    writeln!(
        out,
        "deviation   {:<9} from the mean of the last {}",
        percent(rules.deviation),
        duration(rules.twap_seconds as f64)
    )?;
    writeln!(
        out,
        "return      {:<9} standard deviations in one update",
        plain(rules.z)
    )?;
    writeln!(
        out,
        "drift       {:<9} CUSUM threshold h; k = {:.2}, one update adds {:.1} at most",
        plain(rules.h),
        rules.k,
        rules.clip
    )?;
    writeln!(
        out,
        "variance    {:<9} time constant; volatility clamped between {:.2} % and {:.2} % an hour",
        duration(rules.tau_seconds),
        f64::from(found.floor_ppm) / 1e4,
        f64::from(found.cap_ppm) / 1e4
    )?;
    if found.confidence_bps > 0 {
        let bps = format!("{} bps", found.confidence_bps);
        writeln!(
            out,
            "confidence  {bps:<9} of the price, 1.5 times the widest interval seen"
        )?;
    }
    writeln!(out)?;
    writeln!(
        out,
        "           {:<36} {:>12} {:>12} {:>14}",
        "closed form  [confidence]", "model", "Monte Carlo", "largest seen"
    )?;
    let rows: [(&str, &price::Threshold, Show<'_>); 3] = [
        ("deviation", &found.deviation, &percent),
        ("return", &found.z, &plain),
        ("drift", &found.h, &plain),
    ];
    for (name, threshold, show) in rows {
        let formula = threshold
            .formula
            .as_ref()
            .map_or_else(String::new, |band| range(band, show));
        writeln!(
            out,
            "{name:<10} {formula:<36} {:>12} {:>12} {:>14}",
            show(threshold.model),
            show(threshold.simulated),
            show(threshold.seen)
        )?;
    }
    let (target, run) = found.normal_run;
    let raised = found.h.level > found.h.model * 1.001;
    writeln!(
        out,
        "Drift on normal returns at {:.2}: {target:.0} updates between alarms by closed form, {run:.0} by Monte Carlo \
         ({:+.1} %).",
        found.h.model,
        (run / target - 1.0) * 100.0
    )?;
    writeln!(
        out,
        "{}",
        if raised {
            "Real returns are heavier: h was raised until the simulation on resampled history kept the target."
        } else {
            "Resampled history keeps the target at that threshold: it was not raised."
        }
    )?;
    writeln!(
        out,
        "All rules together trip once in {} at most, with {:.0} % confidence; each has a third of it.",
        duration(found.options.every),
        found.options.confidence * 100.0
    )?;
    check(
        out,
        found.options.every,
        found.trips,
        found.simulated,
        &found.interval(),
    )?;
    writeln!(out)?;
    delays(out, found)?;
    pushes(out, found)
}

fn delays(out: &mut String, found: &price::Calibration) -> std::fmt::Result {
    writeln!(
        out,
        "{:<24} {:>22} {:>14}",
        "drift of each return", "updates (closed form)", "time"
    )?;
    for delay in &found.delays {
        writeln!(
            out,
            "{:<24} {:>22} {:>14}",
            format!("{} standard deviations", delay.shift),
            format!("{:.1} ({:.1})", delay.simulated, delay.formula),
            duration(delay.simulated * found.step as f64)
        )?;
    }
    writeln!(out)
}

fn pushes(out: &mut String, found: &price::Calibration) -> std::fmt::Result {
    writeln!(
        out,
        "{:<28} {:>8} {:>14} {:>14} {:>17}  by deviation/return/drift",
        "price pushed by", "stopped", "delay", "wrong by", "95 of 100 below"
    )?;
    for outcome in &found.pushes {
        let over = if outcome.minutes == 0 {
            "in one update".to_owned()
        } else {
            format!("over {}", duration(f64::from(outcome.minutes) * 60.0))
        };
        let [deviation, size, drift] = outcome.by;
        writeln!(
            out,
            "{:<28} {:>6.0} % {:>14} {:>14} {:>17}  {deviation}/{size}/{drift}",
            format!("{:.0} % {over}", outcome.push * 100.0),
            outcome.stopped * 100.0,
            duration(outcome.delay),
            format!("{:.2} %", outcome.loss * 100.0),
            format!("{:.2} %", outcome.loss_95 * 100.0),
        )?;
    }
    writeln!(
        out,
        "\"Wrong by\" is the price error at which the host could still trade before the update that tripped: the share lost on \
         each trade."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_four_digits() {
        for (native, decimals, text) in [
            (1_234_500_000.0, 6, "1234"),
            (35_100_000e6, 6, "35.10M"),
            (0.0, 0, "0"),
            (562_000.0, 6, "0.562"),
            (5e12, 0, "5.000T"),
        ] {
            assert_eq!(amount(native, decimals), text);
        }
    }
}
