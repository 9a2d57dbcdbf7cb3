//! The sample files are what their generator says, and can be read.

use bulkhead_calibrate::{Input, read_flow, read_price, samples};

const FLOW: &str = include_str!("../samples/flow.csv");
const PRICE: &str = include_str!("../samples/price.csv");

#[test]
fn the_files_are_reproducible() {
    let again = "run `cargo run -p bulkhead-calibrate --example write_samples`";
    assert!(samples::flow_csv() == FLOW, "{again}");
    assert!(samples::price_csv() == PRICE, "{again}");
    assert!(FLOW.len() < 1_000_000 && PRICE.len() < 1_500_000);
}

#[test]
fn the_files_are_read_as_they_were_drawn() {
    let flow = read_flow(FLOW.as_bytes(), Input::default()).unwrap();
    assert_eq!((flow.rows.len(), flow.step, flow.gaps), (90 * 144, 600, 0));
    let price = read_price(PRICE.as_bytes(), Input::default()).unwrap();
    assert_eq!((price.rows.len(), price.step, price.gaps), (30 * 1_440, 60, 0));
    let drawn = samples::price(&samples::PriceShape::default(), 20_260_202);
    assert_eq!(price.rows, drawn.rows);
}

/// Rhythm, quiet days and heavy tails: what a limit has to live with.
#[test]
fn the_flow_looks_like_use() {
    let flow = read_flow(FLOW.as_bytes(), Input::default()).unwrap();
    let mut days = [0u64; 90];
    let mut hours = [0u64; 24];
    for (i, row) in flow.rows.iter().enumerate() {
        days[i / 144] += row.outflow;
        hours[i / 6 % 24] += row.outflow;
    }
    let mean = days.iter().sum::<u64>() / 90;
    let quiet = days.iter().filter(|day| **day < mean / 3).count();
    assert!((2..20).contains(&quiet), "{quiet} quiet days");
    let (least, most) = (hours.iter().min().unwrap(), hours.iter().max().unwrap());
    assert!(*most > 2 * least, "no rhythm: {least} {most}");
    let largest = flow.rows.iter().map(|row| row.outflow).max().unwrap();
    assert!(largest > 12 * mean / 144, "no tail");
    assert!(flow.rows.iter().all(|row| row.balance.unwrap() > 0));
}
