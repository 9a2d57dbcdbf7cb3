//! What is accepted, and what is refused.

use super::*;

/// A valid file, with line `at` replaced.
fn file(header: &str, at: usize, line: &str) -> String {
    let mut lines: Vec<_> = (0..250)
        .map(|i| format!("{},{}", 1_770_000_000 + i * 600, 100 + i % 7))
        .collect();
    lines.insert(0, header.to_owned());
    line.clone_into(&mut lines[at]);
    lines.join("\n")
}

fn flow(text: &str) -> Result<Flow, InputError> {
    read_flow(text.as_bytes(), Input::default())
}

fn price(text: &str) -> Result<Price, InputError> {
    read_price(text.as_bytes(), Input::default())
}

#[test]
fn sound_files_are_read() {
    let text = file("timestamp,outflow", 1, "2026-02-02T02:40:00Z,100");
    let read = flow(&text).unwrap();
    assert_eq!((read.rows.len(), read.step, read.gaps), (250, 600, 0));
    assert_eq!(read.rows[0].ts, 1_770_000_000);
    assert_eq!(read.rows[0].outflow, 100);
    assert_eq!(
        price(&file("timestamp,price", 1, "1770000000,0.5")).unwrap().rows[0].price,
        0.5
    );
    // Columns in any order, additional columns, a comment, spaces.
    let more = file("outflow,timestamp,note", 1, "x").replace("x\n", "");
    let swapped: String = more
        .lines()
        .enumerate()
        .map(|(i, line)| match line.split_once(',') {
            Some((ts, amount)) if i > 0 => format!(" {amount} , {ts} , withdrawal\n"),
            _ => format!("{line}\n# what follows is synthetic\n"),
        })
        .collect();
    assert_eq!(flow(&swapped).unwrap().rows.len(), 249);
}

#[test]
fn amounts_are_scaled_to_native_units() {
    let text = file("timestamp,outflow", 1, "1770000000,1.25");
    let read = |decimals| {
        let input = Input {
            scale: Scale(decimals),
            ..Input::default()
        };
        read_flow(text.as_bytes(), input)
    };
    assert_eq!(read(6).unwrap().rows[0].outflow, 1_250_000);
    let refused = read(0).unwrap_err().to_string();
    assert!(
        refused.starts_with("FractionOfAUnit: line 2: `outflow` is `1.25`"),
        "{refused}"
    );
    assert!(refused.contains("--decimals"));
    let exact = file("timestamp,outflow", 1, "1770000000,18446744073709551615");
    // An outlier is refused unless it is kept. If kept, it is included to the unit.
    let refused = flow(&exact).unwrap_err().to_string();
    assert!(
        refused.starts_with("Outlier: line 2: outflow 18446744073709551615;"),
        "{refused}"
    );
    let input = Input {
        outliers: Outliers::Keep,
        ..Input::default()
    };
    assert_eq!(read_flow(exact.as_bytes(), input).unwrap().rows[0].outflow, u64::MAX);
}

#[test]
fn sloppy_files_are_taken_where_it_is_harmless() {
    let sound = file("timestamp,outflow", 1, "1770000000,100");
    for sloppy in [
        format!("\u{feff}{sound}"),
        sound.replace("timestamp,outflow", " Timestamp , OUTFLOW "),
        sound.replace('\n', "\r\n"),
    ] {
        assert_eq!(flow(&sloppy).unwrap().rows.len(), 250);
    }
    let twice = sound
        .replace("timestamp,outflow", "timestamp,outflow,outflow")
        .replace(",100\n", ",100,7\n");
    let refused = flow(&twice).unwrap_err().to_string();
    assert!(
        refused.starts_with("ColumnTwice: line 1: `outflow` appears 2 times"),
        "{refused}"
    );
    assert!(matches!(flow("timestamp,outflow\n"), Err(InputError::EmptyFile { .. })));
}

#[test]
fn an_old_accident_is_named_and_left_out_when_asked() {
    let text = file("timestamp,outflow", 100, "1770059400,1000000000000000");
    let refused = flow(&text).unwrap_err().to_string();
    assert!(
        refused.starts_with("Outlier: line 101: outflow 1000000000000000; 99 of 100"),
        "{refused}"
    );
    let read = |outliers| {
        let input = Input {
            outliers,
            ..Input::default()
        };
        read_flow(text.as_bytes(), input).unwrap()
    };
    let (excluded, kept) = (read(Outliers::Exclude), read(Outliers::Keep));
    assert_eq!((excluded.excluded, excluded.rows[99].outflow, excluded.gaps), (1, 0, 0));
    assert_eq!((kept.excluded, kept.rows[99].outflow), (0, 1_000_000_000_000_000));
    let spike = file("timestamp,price", 100, "1770059400,1000000");
    let refused = price(&spike).unwrap_err().to_string();
    assert!(refused.starts_with("Outlier: line 101: price 1000000"), "{refused}");
    let input = Input {
        outliers: Outliers::Exclude,
        ..Input::default()
    };
    let read = read_price(spike.as_bytes(), input).unwrap();
    assert_eq!((read.excluded, read.rows[99].price), (1, read.rows[98].price));
}

#[test]
fn what_cannot_be_right_is_named_with_its_line() {
    let cases = [
        (
            "timestamp,amount",
            1,
            "1770000000,1",
            "MissingColumn: line 1: there is no column `outflow`",
        ),
        (
            "time,outflow",
            1,
            "1770000000,1",
            "MissingColumn: line 1: there is no column `timestamp`",
        ),
        (
            "timestamp,outflow",
            17,
            "1770009600,",
            "MissingValue: line 18: `outflow`",
        ),
        ("timestamp,outflow", 17, ",5", "MissingValue: line 18: `timestamp`"),
        (
            "timestamp,outflow",
            17,
            "1770009600,many",
            "NotANumber: line 18: `outflow` is `many`",
        ),
        (
            "timestamp,outflow",
            17,
            "1770009600,-5",
            "NegativeFlow: line 18: `outflow` is `-5`",
        ),
        ("timestamp,outflow", 17, "1770009600,NaN", "NotFinite: line 18"),
        ("timestamp,outflow", 17, "1770009600,inf", "NotFinite: line 18"),
        ("timestamp,outflow", 17, "1770009600,1e30", "AmountTooLarge: line 18"),
        (
            "timestamp,outflow",
            17,
            "1770009600,1,2",
            "NotCsv: line 18: 3 fields instead of 2",
        ),
        (
            "timestamp,outflow",
            17,
            "yesterday,5",
            "BadTimestamp: line 18: `yesterday`",
        ),
        (
            "timestamp,outflow",
            17,
            "1770009600000,5",
            "these look like milliseconds",
        ),
        ("timestamp,outflow", 17, "-5,5", "BadTimestamp: line 18"),
        (
            "timestamp,outflow",
            17,
            "1770009000,5",
            "DuplicateTimestamp: line 18: 1770009000",
        ),
        ("timestamp,outflow", 17, "1770000000,5", "TimestampsOutOfOrder: line 18"),
    ];
    for (header, at, line, wanted) in cases {
        let printed = flow(&file(header, at, line)).unwrap_err().to_string();
        assert!(printed.contains(wanted), "{line}: {printed}");
    }
    for (line, wanted) in [
        ("1770009600,0", "PriceNotPositive: line 18"),
        ("1770009600,-1", "PriceNotPositive: line 18"),
        ("1770009600,NaN", "NotFinite: line 18: `price`"),
        ("1770009600,inf", "NotFinite: line 18: `price`"),
    ] {
        let printed = price(&file("timestamp,price", 17, line)).unwrap_err().to_string();
        assert!(printed.contains(wanted), "{line}: {printed}");
    }
}

#[test]
fn a_file_needs_rows() {
    assert!(matches!(flow(""), Err(InputError::EmptyFile { .. })));
    assert!(matches!(flow("timestamp,outflow\n"), Err(InputError::EmptyFile { .. })));
    assert!(matches!(
        price("timestamp,price\n5,5\n"),
        Err(InputError::TooFewRows { rows: 1 })
    ));
}

#[test]
fn holes_in_a_grid_are_told_where_and_how_long() {
    let text: String = file("timestamp,price", 1, "1770000000,100")
        .lines()
        .enumerate()
        .filter(|(i, _)| !(17..20).contains(i) && *i != 40)
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    let printed = price(&text).unwrap_err().to_string();
    assert!(
        printed
            .starts_with("MissingRows: line 18: 3 rows are missing before 1770011400 (2400 s instead of 600); 2 gaps"),
        "{printed}"
    );
    assert!(printed.contains("2400 s;"), "{printed}");
    let input = Input {
        allow_gaps: true,
        ..Input::default()
    };
    assert_eq!(read_price(text.as_bytes(), input).unwrap().gaps, 2);
    assert!(
        flow(&text.replace("price", "outflow"))
            .unwrap_err()
            .to_string()
            .starts_with("MissingRows")
    );
}

#[test]
fn single_withdrawals_are_no_grid() {
    let mut ts = 1_770_000_000;
    let rows: String = (1..300)
        .map(|i| {
            ts += 1 + (i * 7_919) % 5_000;
            format!("{ts},{i}\n")
        })
        .collect();
    assert_eq!(flow(&format!("timestamp,outflow\n{rows}")).unwrap().gaps, 0);
}
