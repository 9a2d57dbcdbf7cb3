//! The attacker's funds over time, as an inline SVG.

use plotters::{
    prelude::*,
    style::{
        Color,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{Point, Report};

/// Size of a plot, and the distance of its labels. Text keeps its size at any plot size.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pixels: (u32, u32),
    /// Maximum number of axis ticks.
    ticks: (usize, usize),
    /// Height of a line of text, as a share of the plot's height.
    line: f64,
}

/// For wide pages.
pub(super) const WIDE: Size = Size {
    pixels: (900, 380),
    ticks: (11, 11),
    line: 0.07,
};
/// For phones, drawn at display width.
pub(super) const NARROW: Size = Size {
    pixels: (350, 340),
    ticks: (5, 6),
    line: 0.08,
};
/// Time before the attack, as a share of the time shown.
const LEAD: f64 = 0.06;
/// Seconds per slot in a drill.
const SLOT_SECONDS: f64 = 0.4;
const WITHOUT: RGBColor = RGBColor(192, 57, 43);
const WITH: RGBColor = RGBColor(31, 119, 97);
const BOUND: RGBColor = RGBColor(178, 133, 21);
const INK: RGBColor = RGBColor(90, 98, 110);
const GRID: RGBColor = RGBColor(226, 229, 234);

type PlotError<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

/// The plot, or nothing if a curve could not be drawn.
pub(super) fn svg(report: &Report, size: Size) -> Option<String> {
    let mut text = String::new();
    draw(report, SVGBackend::with_string(&mut text, size.pixels), size).ok()?;
    // The plot is shown at any width and scales with it.
    let (width, height) = size.pixels;
    let fixed = format!("width=\"{width}\" height=\"{height}\" ");
    Some(text.replacen(&fixed, "", 1))
}

fn draw<'a>(report: &Report, backend: SVGBackend<'a>, size: Size) -> Result<(), PlotError<'a>> {
    let million = report.whole() as f64 * 1e6;
    let value = |taken: u64| taken as f64 / million;
    let end = horizon(report);
    let (unit, unit_name) = unit(end);
    let top = value(report.loss_without.max(report.loss_with).max(report.bound)) * 1.12;

    let root = backend.into_drawing_area();
    let mut chart = ChartBuilder::on(&root)
        .margin(12)
        .margin_right(24)
        .x_label_area_size(38)
        .y_label_area_size(62)
        .build_cartesian_2d(-LEAD * end / unit..end / unit, 0.0..top)?;
    let text = ("sans-serif", 13).into_font().color(&INK);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(size.ticks.0)
        .y_labels(size.ticks.1)
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .label_style(text.clone())
        .axis_desc_style(text.clone())
        .x_desc(if size.pixels.0 < WIDE.pixels.0 {
            format!("{unit_name} since the attack began")
        } else {
            format!("{unit_name} since the attack's first transaction")
        })
        .y_desc("taken, million dollars")
        .x_label_formatter(&|time| trimmed(*time))
        .y_label_formatter(&|millions| trimmed(*millions))
        .draw()?;

    let curve = |points: &[Point]| -> Vec<(f64, f64)> {
        steps(points, end)
            .into_iter()
            .map(|(seconds, taken)| (seconds / unit, value(taken)))
            .collect()
    };
    chart.draw_series(LineSeries::new(curve(&report.outflow.without), WITHOUT.stroke_width(3)))?;
    chart.draw_series(LineSeries::new(curve(&report.outflow.with), WITH.stroke_width(3)))?;

    // The pause, from the axis to the top.
    let pause = (paused(report) / unit).min(end / unit);
    chart.draw_series(DashedLineSeries::new(
        [(pause, 0.0), (pause, top)],
        3,
        4,
        WITH.stroke_width(1),
    ))?;
    let anchor = Pos::new(HPos::Left, VPos::Top);
    let style = ("sans-serif", 14).into_font().color(&WITH).pos(anchor);
    chart.draw_series([Text::new("pause".to_owned(), (pause + 0.006 * end / unit, top), style)])?;

    // Drawn last, because the curve may run along it.
    let bound = value(report.bound);
    if report.bound > 0 {
        chart.draw_series(DashedLineSeries::new(
            [(-LEAD * end / unit, bound), (end / unit, bound)],
            6,
            4,
            BOUND.stroke_width(2),
        ))?;
    }

    let label = |text: &str, height: f64, color: RGBColor, below: bool| {
        let anchor = Pos::new(HPos::Right, if below { VPos::Top } else { VPos::Bottom });
        let style = ("sans-serif", 14).into_font().color(&color).pos(anchor);
        Text::new(text.to_owned(), (end / unit, height), style)
    };
    let gap = top * 0.012;
    let without = value(report.loss_without);
    chart.draw_series([label("without Bulkhead", without + gap, WITHOUT, false)])?;
    if report.bound > 0 {
        chart.draw_series([label("the bound", bound + gap, BOUND, false)])?;
    }
    // Below its line only if there is room between line and axis.
    let with = value(report.loss_with);
    if with > top * (size.line + 0.01) {
        chart.draw_series([label("with Bulkhead", with - gap, WITH, true)])?;
    } else {
        // Above the bound's label, if there is one.
        let height = if report.bound > 0 {
            bound + top * size.line
        } else {
            with + gap
        };
        chart.draw_series([label("with Bulkhead", height, WITH, false)])?;
    }
    root.present()
}

/// Seconds per unit of the time axis, and the unit's name.
fn unit(end: f64) -> (f64, &'static str) {
    const HOUR: f64 = 3_600.0;
    if end > 72.0 * HOUR {
        (24.0 * HOUR, "days")
    } else if end > 6.0 * HOUR {
        (HOUR, "hours")
    } else {
        (60.0, "minutes")
    }
}

/// Seconds from the attack's first transaction to the pause.
fn paused(report: &Report) -> f64 {
    report.pause_slot.saturating_sub(report.first_slot) as f64 * SLOT_SECONDS
}

/// Number of seconds shown: the whole drain and a fifth more, at least a minute.
fn horizon(report: &Report) -> f64 {
    let last_change = |points: &[Point]| {
        let mut changes = points.windows(2).filter(|pair| pair[0].taken != pair[1].taken);
        changes.next_back().map_or(0, |pair| pair[1].seconds)
    };
    let end = last_change(&report.outflow.without).max(last_change(&report.outflow.with));
    (end as f64 * 1.2).max(60.0)
}

/// A step curve through the points, up to the end of the plot.
fn steps(points: &[Point], end: f64) -> Vec<(f64, u64)> {
    let mut stairs = vec![(-LEAD * end, 0)];
    let mut height = 0;
    for point in points.iter().filter(|point| point.seconds as f64 <= end) {
        let at = point.seconds.max(0) as f64;
        stairs.push((at, height));
        stairs.push((at, point.taken));
        height = point.taken;
    }
    stairs.push((end, height));
    stairs
}

/// One decimal, omitted if it is zero.
fn trimmed(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    #[test]
    fn both_curves_and_the_bound_are_drawn() {
        let svg = svg(&example::report(), WIDE).expect("a plot");
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        for color in ["#C0392B", "#1F7761", "#B28515"] {
            assert!(svg.contains(color), "{color} is missing");
        }
    }

    #[test]
    fn a_bound_of_nothing_is_not_drawn_and_long_plots_are_told_in_days() {
        let mut report = example::report();
        (report.bound, report.loss_with) = (0, 0);
        report.outflow.with.truncate(1);
        report.outflow.without.push(Point {
            seconds: 8 * 86_400,
            taken: 1,
        });
        let svg = svg(&report, NARROW).expect("a plot");
        assert!(!svg.contains("#B28515") && svg.contains("days since"));
        assert!(
            super::svg(&example::report(), WIDE)
                .expect("a plot")
                .contains("minutes since")
        );
        assert_eq!((unit(3_600.0).1, unit(30_000.0).1), ("minutes", "hours"));
    }

    #[test]
    fn a_curve_is_a_staircase_to_the_end() {
        let points = [Point { seconds: 0, taken: 0 }, Point { seconds: 10, taken: 5 }];
        assert_eq!(
            steps(&points, 20.0)[1..],
            [(0.0, 0), (0.0, 0), (10.0, 0), (10.0, 5), (20.0, 5)]
        );
    }

    #[test]
    fn an_attack_in_one_transaction_has_a_minute_of_chart() {
        let mut report = example::report();
        report.outflow.without.truncate(1);
        report.outflow.with.truncate(1);
        assert_eq!(horizon(&report), 60.0);
    }
}
