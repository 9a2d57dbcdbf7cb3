//! The table of compute units: measured by the tests, checked in as `compute_units.json` (a flat map of row to units)
//! and `compute_units.md` (the same with limits), and compared on every run.

use std::{collections::BTreeMap, env, fmt::Write as _, fs, path::Path};

pub mod limits;

/// Rewrites the two files instead of comparing: `make bench` sets it.
pub const WRITE_VARIABLE: &str = "CU_WRITE";
/// A row may move by this much of itself, either way: addresses and bumps differ by a few units.
const SLACK_PERCENT: u64 = 2;

type Rows = BTreeMap<String, u64>;

/// Collects rows, then compares or writes them.
#[derive(Debug, Default)]
pub struct Table {
    rows: Rows,
}

impl Table {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row. One name is one measurement.
    ///
    /// # Panics
    /// When the row is there already.
    pub fn record(&mut self, row: &str, compute_units: u64) {
        assert!(
            self.rows.insert(row.to_owned(), compute_units).is_none(),
            "row {row} is measured twice"
        );
    }

    /// Compares with the checked-in `json` and the `.md` beside it, or writes both when [`WRITE_VARIABLE`] is set.
    /// The error lists every row that is wrong. A broken limit is an error in both modes.
    pub fn check_or_write(&self, json: &Path) -> Result<(), String> {
        self.run(json, env::var_os(WRITE_VARIABLE).is_some_and(|value| value != "0"))
    }

    fn run(&self, json: &Path, write: bool) -> Result<(), String> {
        let markdown = json.with_extension("md");
        let mut problems = broken_limits(&self.rows);
        if write {
            put(json, &to_json(&self.rows)?)?;
            put(&markdown, &to_markdown(&self.rows))?;
        } else {
            let checked_in: Rows = serde_json::from_str(&get(json)?).map_err(|e| format!("{}: {e}", json.display()))?;
            problems.extend(differences(&checked_in, &self.rows));
            if get(&markdown)? != to_markdown(&checked_in) {
                problems.push(format!(
                    "{} does not show the figures of the JSON: run `make bench`",
                    markdown.display()
                ));
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems.join("\n"))
        }
    }
}

fn differences(checked_in: &Rows, measured: &Rows) -> Vec<String> {
    let mut problems = Vec::new();
    for (row, now) in measured {
        let Some(before) = checked_in.get(row) else {
            problems.push(format!("{row}: a new row ({now}): run `make bench`"));
            continue;
        };
        if now * 100 > before * (100 + SLACK_PERCENT) {
            problems.push(format!(
                "{row}: costs {now}, was {before}: make it cheaper, or justify it and run `make bench`"
            ));
        } else if now * 100 < before * (100 - SLACK_PERCENT) {
            problems.push(format!(
                "{row}: costs only {now}, was {before}: run `make bench` to keep the gain"
            ));
        }
    }
    let gone = checked_in.keys().filter(|row| !measured.contains_key(*row));
    problems.extend(gone.map(|row| format!("{row}: no longer measured")));
    problems
}

fn broken_limits(rows: &Rows) -> Vec<String> {
    let mut problems = Vec::new();
    for limit in limits::LIMITS {
        match rows.get(limit.row) {
            Some(cost) if *cost > limit.compute_units => {
                problems.push(format!(
                    "{}: costs {cost}, the limit is {}",
                    limit.row, limit.compute_units
                ));
            }
            Some(_) => {}
            None => problems.push(format!("{}: has a limit and no measurement", limit.row)),
        }
    }
    problems
}

fn to_json(rows: &Rows) -> Result<String, String> {
    let mut text = serde_json::to_string_pretty(rows).map_err(|e| e.to_string())?;
    text.push('\n');
    Ok(text)
}

fn to_markdown(rows: &Rows) -> String {
    let mut text = String::from(
        "# Compute units\n\nMeasured in LiteSVM on the built programs. Written by `make bench`, compared by `make test`.\n\n\
         | row | CU | limit | best peer |\n|---|---:|---:|---|\n",
    );
    for (row, cost) in rows {
        let (limit, peer) = limits::of(row).map_or((String::new(), ""), |limit| {
            (thousands(limit.compute_units), limit.best_peer)
        });
        let _ = writeln!(text, "| {row} | {} | {limit} | {peer} |", thousands(*cost));
    }
    text
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn get(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}: run `make bench`", path.display()))
}

fn put(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every promised row at its limit, and one without a promise.
    fn table() -> Table {
        let mut table = Table::new();
        for limit in limits::LIMITS {
            table.record(limit.row, limit.compute_units);
        }
        table.record("seal_snapshot", 10_000);
        table
    }

    fn json(test: &str) -> std::path::PathBuf {
        let folder = env::temp_dir().join(format!("bulkhead-compute-{}-{test}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder.join("compute_units.json")
    }

    /// Writes the table, changes a row, and returns what the comparison says.
    fn after(test: &str, change: impl FnOnce(&mut Rows)) -> Result<(), String> {
        let json = json(test);
        table().run(&json, true).unwrap();
        let mut changed = table();
        change(&mut changed.rows);
        let result = changed.run(&json, false);
        fs::remove_dir_all(json.parent().unwrap()).unwrap();
        result
    }

    fn set(row: &'static str, cost: u64) -> impl FnOnce(&mut Rows) {
        move |rows| *rows.get_mut(row).unwrap() = cost
    }

    #[test]
    fn what_was_written_compares_equal() {
        assert_eq!(after("equal", |_| {}), Ok(()));
    }

    #[test]
    fn two_percent_either_way_is_noise() {
        assert_eq!(after("up", set("seal_snapshot", 10_200)), Ok(()));
        assert_eq!(after("down", set("seal_snapshot", 9_800)), Ok(()));
    }

    #[test]
    fn more_or_less_than_the_slack_names_the_row() {
        assert!(
            after("more", set("seal_snapshot", 10_201))
                .unwrap_err()
                .starts_with("seal_snapshot: costs 10201, was 10000")
        );
        assert!(
            after("less", set("seal_snapshot", 9_799))
                .unwrap_err()
                .contains("make bench")
        );
    }

    #[test]
    fn a_new_and_a_lost_row_are_errors() {
        let new = after("new", |rows| {
            rows.insert("vote_twice".into(), 1);
        });
        assert!(new.unwrap_err().starts_with("vote_twice: a new row"));
        let lost = after("lost", |rows| {
            rows.remove("seal_snapshot");
        });
        assert_eq!(lost.unwrap_err(), "seal_snapshot: no longer measured");
    }

    #[test]
    fn a_limit_holds_even_when_writing() {
        let json = json("limit");
        let mut table = table();
        set("guard_check", 101)(&mut table.rows);
        assert_eq!(
            table.run(&json, true).unwrap_err(),
            "guard_check: costs 101, the limit is 100"
        );
        table.rows.remove("claim");
        assert!(
            table
                .run(&json, true)
                .unwrap_err()
                .contains("claim: has a limit and no measurement")
        );
        fs::remove_dir_all(json.parent().unwrap()).unwrap();
    }

    #[test]
    fn the_markdown_follows_the_json() {
        let json = json("markdown");
        table().run(&json, true).unwrap();
        let markdown = json.with_extension("md");
        let text = fs::read_to_string(&markdown).unwrap();
        assert!(text.contains("| guard_check | 100 | 100 | 6,702 and a CPI |\n"));
        assert!(text.contains("| seal_snapshot | 10,000 |  |  |\n"));
        fs::write(&markdown, text.replace("| 10,000 |", "| 9,000 |")).unwrap();
        assert!(table().run(&json, false).unwrap_err().contains("does not show"));
        fs::remove_dir_all(json.parent().unwrap()).unwrap();
    }

    #[test]
    #[should_panic(expected = "measured twice")]
    fn a_row_is_measured_once() {
        table().record("seal_snapshot", 1);
    }

    #[test]
    fn thousands_are_separated() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(thousands),
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
