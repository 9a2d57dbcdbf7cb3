//! Plots of four panels: the false trips that a threshold costs, and the losses that attacks cause under it.

use bulkhead_calibrate::{
    duration,
    flow::{self, Attack, CurvePoint},
    price,
};
use plotters::{
    coord::Shift,
    prelude::*,
    style::{
        Color,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::text::amount;

const SIZE: (u32, u32) = (1_120, 820);
const FORMULA: RGBColor = RGBColor(31, 119, 97);
const SIMULATED: RGBColor = RGBColor(44, 92, 160);
const CHOSEN: RGBColor = RGBColor(192, 57, 43);
const TARGET: RGBColor = RGBColor(178, 133, 21);
const INK: RGBColor = RGBColor(70, 78, 90);
const GRID: RGBColor = RGBColor(226, 229, 234);
const LINES: [RGBColor; 4] = [FORMULA, SIMULATED, TARGET, CHOSEN];
const DAY: f64 = 86_400.0;
const TEXT: i32 = 13;

/// Formats a number for an axis.
type Show<'a> = &'a dyn Fn(f64) -> String;
/// A name, a colour, and points.
type Line<'a> = (&'a str, RGBColor, Vec<(f64, f64)>);
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type PlotError<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

/// The plot of a flow calibration.
pub(super) fn flow(found: &flow::Calibration, decimals: u8) -> Option<String> {
    let mut text = String::new();
    draw_flow(found, decimals, SVGBackend::with_string(&mut text, SIZE)).ok()?;
    Some(text)
}

/// The plot of a price calibration.
pub(super) fn price(found: &price::Calibration) -> Option<String> {
    let mut text = String::new();
    draw_price(found, SVGBackend::with_string(&mut text, SIZE)).ok()?;
    Some(text)
}

fn draw_flow<'a>(found: &flow::Calibration, decimals: u8, backend: SVGBackend<'a>) -> Result<(), PlotError<'a>> {
    let root = backend.into_drawing_area();
    root.fill(&WHITE)?;
    let panels = root.split_evenly((2, 2));
    let shape = found.options.shape;
    let window = duration(shape.window_seconds as f64);
    let show = move |native: f64| amount(native, decimals);
    // The two limits share the target equally.
    let each = 2.0 * found.options.every;
    intervals(
        &panels[0],
        &Intervals {
            title: format!("False trips of the limit in any {window}"),
            axis: "limit",
            curve: &found.window.curve,
            chosen: found.window.limit as f64,
            target: each,
            show: &show,
        },
    )?;
    intervals(
        &panels[1],
        &Intervals {
            title: "False trips of the limit in one slot".into(),
            axis: "slot limit",
            curve: &found.slot.curve,
            chosen: found.slot.limit as f64,
            target: each,
            show: &show,
        },
    )?;
    let steady: Vec<_> = found
        .attacks
        .iter()
        .filter(|outcome| matches!(outcome.attack, Attack::Steady(_)))
        .enumerate()
        .map(|(place, outcome)| (place as f64, outcome))
        .collect();
    let rates: Vec<_> = flow::MULTIPLES.iter().map(|multiple| plain(*multiple)).collect();
    let stopped = steady.iter().filter(|(_, outcome)| outcome.stopped > 0.5);
    let delays = |value: fn(&flow::AttackOutcome) -> f64| -> Vec<(f64, f64)> {
        let points = stopped
            .clone()
            .map(|(x, outcome)| (*x, (value(outcome) / 60.0).max(0.001).log10()));
        points.filter(|point| point.1.is_finite()).collect()
    };
    curves(
        &panels[2],
        &Curves {
            title: "How long a steady drain goes on".into(),
            x: "rate, limits an hour",
            y: "minutes until it is stopped",
            lines: vec![
                ("closed form", FORMULA, delays(|outcome| outcome.delay_formula)),
                ("Monte Carlo", SIMULATED, delays(|outcome| outcome.delay)),
            ],
            sizes: &rates,
            show_y: &|log| plain(10f64.powf(log)),
            top: None,
            whole_y: true,
            legend: (0.7, 0.0),
        },
    )?;
    let limit = found.window.limit as f64;
    let losses = |value: fn(&flow::AttackOutcome) -> f64| -> Vec<(f64, f64)> {
        steady
            .iter()
            .map(|(x, outcome)| (*x, value(outcome) / limit * 100.0))
            .collect()
    };
    curves(
        &panels[3],
        &Curves {
            title: format!("What it takes until then (below 1 an hour: in one {window})"),
            x: "rate, limits an hour",
            y: "loss, % of the limit",
            lines: vec![
                ("closed form", FORMULA, losses(|outcome| outcome.loss_formula)),
                ("Monte Carlo", SIMULATED, losses(|outcome| outcome.loss)),
                ("95 of 100 below", TARGET, losses(|outcome| outcome.loss_95)),
            ],
            sizes: &rates,
            show_y: &plain,
            legend: (0.7, 0.6),
            top: Some((100.0 * (1.0 + 1.0 / f64::from(shape.sub_windows)), "bound")),
            whole_y: false,
        },
    )?;
    root.present()
}

fn draw_price<'a>(found: &price::Calibration, backend: SVGBackend<'a>) -> Result<(), PlotError<'a>> {
    let root = backend.into_drawing_area();
    root.fill(&WHITE)?;
    let panels = root.split_evenly((2, 2));
    let each = 3.0 * found.options.every;
    let percent = |log: f64| format!("{:.1} %", log.exp_m1() * 100.0);
    let plots: [(&str, &str, &price::Threshold, f64, Show<'_>); 3] = [
        (
            "False trips of the deviation rule",
            "distance from the mean",
            &found.deviation,
            found.rules.deviation,
            &percent,
        ),
        (
            "False trips of the return rule",
            "standard deviations in one update",
            &found.z,
            found.rules.z,
            &plain,
        ),
        (
            "False trips of the drift rule (closed form: normal returns)",
            "CUSUM threshold h",
            &found.h,
            found.rules.h,
            &plain,
        ),
    ];
    for (panel, (title, axis, threshold, chosen, show)) in panels.iter().zip(plots) {
        intervals(
            panel,
            &Intervals {
                title: title.into(),
                axis,
                curve: &threshold.curve,
                chosen,
                target: each,
                show,
            },
        )?;
    }
    let sizes: Vec<_> = price::PUSHES.iter().map(|push| plain(push * 100.0)).collect();
    let names: Vec<_> = price::MINUTES
        .iter()
        .map(|minutes| match minutes {
            0 => "in one update".to_owned(),
            minutes => format!("over {}", duration(f64::from(*minutes) * 60.0)),
        })
        .collect();
    let lines = price::MINUTES
        .iter()
        .zip(&names)
        .zip(LINES)
        .map(|((minutes, name), color)| {
            let pushes = found.pushes.iter().filter(|outcome| outcome.minutes == *minutes);
            let points = pushes
                .enumerate()
                .map(|(place, outcome)| (place as f64, outcome.loss * 100.0));
            (name.as_str(), color, points.collect())
        });
    curves(
        &panels[3],
        &Curves {
            title: "What a pushed price allows before it is stopped".into(),
            x: "push, %",
            y: "price wrong by, %",
            lines: lines.collect(),
            sizes: &sizes,
            show_y: &plain,
            top: None,
            whole_y: false,
            legend: (0.015, 0.0),
        },
    )?;
    root.present()
}

/// A threshold plotted against the time between false trips.
struct Intervals<'c> {
    title: String,
    axis: &'c str,
    curve: &'c [CurvePoint],
    chosen: f64,
    target: f64,
    show: Show<'c>,
}

fn intervals<'a>(panel: &Area<'a>, plot: &Intervals<'_>) -> Result<(), PlotError<'a>> {
    // In decades of days: from hours to centuries.
    let decades = |seconds: f64| (seconds / DAY).log10();
    let bottom = plot
        .curve
        .iter()
        .map(|point| decades(point.formula))
        .fold(0.0, f64::min)
        .max(-2.0);
    let top = (decades(plot.target) + 1.6).ceil();
    let (low, high) = (
        plot.curve.first().map_or(0.0, |point| point.level),
        plot.curve
            .last()
            .map_or(1.0, |point| point.level)
            .max(plot.chosen * 1.15),
    );
    let mut chart = ChartBuilder::on(panel)
        .margin(14)
        .caption(&plot.title, ("sans-serif", 17).into_font().color(&INK))
        .x_label_area_size(42)
        .y_label_area_size(84)
        .build_cartesian_2d(low..high, bottom..top)?;
    let style = ("sans-serif", TEXT).into_font().color(&INK);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .label_style(style.clone())
        .axis_desc_style(style)
        .x_labels(7)
        .y_labels(8)
        .x_desc(plot.axis)
        .y_desc("time between false trips")
        .x_label_formatter(&|level| (plot.show)(*level))
        .y_label_formatter(&|log| whole(*log).map_or_else(String::new, |log| duration(10f64.powf(log) * DAY)))
        .draw()?;
    let line = |value: fn(&CurvePoint) -> f64| -> Vec<(f64, f64)> {
        let points = plot.curve.iter().map(|point| (point.level, decades(value(point))));
        points
            .filter(|point| point.1.is_finite() && point.1 <= top && point.1 >= bottom)
            .collect()
    };
    chart.draw_series(LineSeries::new(
        line(|point| point.simulated),
        SIMULATED.stroke_width(2),
    ))?;
    chart.draw_series(LineSeries::new(line(|point| point.formula), FORMULA.stroke_width(2)))?;
    let target = decades(plot.target);
    chart.draw_series(DashedLineSeries::new(
        [(low, target), (high, target)],
        6,
        4,
        TARGET.stroke_width(2),
    ))?;
    chart.draw_series(DashedLineSeries::new(
        [(plot.chosen, bottom), (plot.chosen, top)],
        6,
        4,
        CHOSEN.stroke_width(2),
    ))?;
    let label = |text: String, at: (f64, f64), color: RGBColor, horizontal: HPos, vertical: VPos| {
        let style = ("sans-serif", TEXT)
            .into_font()
            .color(&color)
            .pos(Pos::new(horizontal, vertical));
        Text::new(text, at, style)
    };
    let step = (top - bottom) * 0.055;
    let edge = low + (high - low) * 0.015;
    let beside = plot.chosen - (high - low) * 0.012;
    let chosen = format!("configured: {}", (plot.show)(plot.chosen));
    let asked = format!("asked of this rule: {}", duration(plot.target));
    chart.draw_series([
        label(
            "closed form".into(),
            (edge, top - 0.2 * step),
            FORMULA,
            HPos::Left,
            VPos::Top,
        ),
        label(
            "Monte Carlo".into(),
            (edge, top - 1.2 * step),
            SIMULATED,
            HPos::Left,
            VPos::Top,
        ),
        label(asked, (edge, target + 0.2 * step), TARGET, HPos::Left, VPos::Bottom),
        label(chosen, (beside, bottom + 0.4 * step), CHOSEN, HPos::Right, VPos::Bottom),
    ])?;
    Ok(())
}

/// Named lines in one panel.
struct Curves<'c> {
    title: String,
    x: &'c str,
    y: &'c str,
    lines: Vec<Line<'c>>,
    /// The label at each position of the x axis.
    sizes: &'c [String],
    show_y: Show<'c>,
    /// A bound, and its name.
    top: Option<(f64, &'c str)>,
    /// Is the y axis logarithmic?
    whole_y: bool,
    /// Position of the legend, from the upper left corner.
    legend: (f64, f64),
}

fn curves<'a>(panel: &Area<'a>, plot: &Curves<'_>) -> Result<(), PlotError<'a>> {
    let all = || plot.lines.iter().flat_map(|line| &line.2);
    let (left, right) = (0.0, plot.sizes.len().saturating_sub(1) as f64);
    let (least, most) = all().fold((f64::MAX, f64::MIN), |(low, high), point| {
        (low.min(point.1), high.max(point.1))
    });
    if left >= right || least > most {
        return Ok(());
    }
    let most = plot.top.map_or(most, |(top, _)| most.max(top));
    let (bottom, top) = if plot.whole_y {
        (least.floor(), most.ceil())
    } else {
        (0.0, (most * 1.18).max(1.0))
    };
    let mut chart = ChartBuilder::on(panel)
        .margin(14)
        .caption(&plot.title, ("sans-serif", 17).into_font().color(&INK))
        .x_label_area_size(42)
        .y_label_area_size(84)
        .build_cartesian_2d(left..right, bottom..top)?;
    let style = ("sans-serif", TEXT).into_font().color(&INK);
    let show_y = |value: &f64| match (plot.whole_y, whole(*value)) {
        (true, None) => String::new(),
        (true, Some(value)) => (plot.show_y)(value),
        (false, _) => (plot.show_y)(*value),
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .label_style(style.clone())
        .axis_desc_style(style)
        .x_desc(plot.x)
        .y_desc(plot.y)
        .x_labels(plot.sizes.len())
        .y_labels(7)
        .x_label_formatter(&|value| {
            let place = whole(*value).map(|place| place as usize);
            place
                .and_then(|place| plot.sizes.get(place))
                .cloned()
                .unwrap_or_default()
        })
        .y_label_formatter(&show_y)
        .draw()?;
    for (i, (name, color, points)) in plot.lines.iter().enumerate() {
        chart.draw_series(LineSeries::new(points.clone(), color.stroke_width(2)))?;
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, color.filled())))?;
        let style = ("sans-serif", TEXT)
            .into_font()
            .color(color)
            .pos(Pos::new(HPos::Left, VPos::Top));
        let row = top - (plot.legend.1 + (0.2 + i as f64) * 0.06) * (top - bottom);
        let column = left + plot.legend.0 * (right - left);
        chart.draw_series([Text::new((*name).to_owned(), (column, row), style)])?;
    }
    if let Some((bound, name)) = plot.top {
        chart.draw_series(DashedLineSeries::new(
            [(left, bound), (right, bound)],
            6,
            4,
            CHOSEN.stroke_width(2),
        ))?;
        let style = ("sans-serif", TEXT)
            .into_font()
            .color(&CHOSEN)
            .pos(Pos::new(HPos::Right, VPos::Bottom));
        let at = (right, bound + 0.01 * (top - bottom));
        chart.draw_series([Text::new(name.to_owned(), at, style)])?;
    }
    Ok(())
}

/// The integer at which a tick stands.
fn whole(value: f64) -> Option<f64> {
    ((value - value.round()).abs() < 1e-6).then(|| value.round())
}

/// At most two decimals, without trailing zeros.
fn plain(number: f64) -> String {
    let digits = if number.abs() < 10.0 {
        2
    } else {
        usize::from(number.abs() < 100.0)
    };
    let text = format!("{number:.digits$}");
    if text.contains('.') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_calibrate::samples::{self, FlowShape, PriceShape};

    fn quiet(_: &'static str, _: f64) {}

    #[test]
    fn every_panel_is_drawn() {
        let history = samples::flow(&FlowShape::default(), 1);
        let options = flow::Options {
            simulated_targets: 4.0,
            ..flow::Options::new(30.0 * DAY)
        };
        let found = flow::calibrate(&history, &options, &mut quiet).expect("a calibration");
        let svg = flow(&found, 6).expect("a plot");
        for part in [
            "False trips of the limit in any 1 h",
            "configured:",
            "How long a steady drain",
            "bound",
            "#1F7761",
        ] {
            assert!(svg.contains(part), "{part} is missing");
        }
        let history = samples::price(&PriceShape::default(), 1);
        let options = price::Options {
            simulated_targets: 4.0,
            ..price::Options::new(30.0 * DAY)
        };
        let found = price::calibrate(&history, &options, &mut quiet).expect("a calibration");
        let svg = price(&found).expect("a plot");
        for part in [
            "deviation rule",
            "return rule",
            "drift rule",
            "over 30 min",
            "configured:",
        ] {
            assert!(svg.contains(part), "{part} is missing");
        }
    }

    #[test]
    fn numbers_are_short() {
        for (number, text) in [
            (0.25, "0.25"),
            (2.0, "2"),
            (99.96, "100"),
            (1.5, "1.5"),
            (20.04, "20"),
            (100.0, "100"),
        ] {
            assert_eq!(plain(number), text);
        }
    }
}
