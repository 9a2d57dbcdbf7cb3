//! IDLs that npm packages ship, which `scripts/adopt-heldout.sh` fetches: what is found of the positions that
//! `truth.json` states, which were read out of each IDL before `adopt` was run on it.

mod details;

use std::{collections::BTreeMap, fs, path::Path};

use bulkhead_adopt::{Adoption, Confidence, Options, Position, adopt};
use details::Details;
use serde_json::Value;

#[derive(Default)]
struct Score {
    expected: usize,
    types: usize,
    owners: usize,
    amounts: usize,
    wrong: usize,
    silent: Vec<String>,
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// Names of an IDL differ in case only, by the form it is in.
fn plain(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

/// Every amount that is stated is found, whole or by its parts, and nothing else is.
fn holds(found: &Position, stated: &[&str]) -> bool {
    let is_of = |field: &str, stated: &str| {
        let (field, stated) = (plain(field), plain(stated));
        field == stated || field.starts_with(&format!("{stated}."))
    };
    !found.amounts.is_empty()
        && found
            .amounts
            .iter()
            .all(|amount| stated.iter().any(|stated| is_of(&amount.field, stated)))
        && stated
            .iter()
            .all(|stated| found.amounts.iter().any(|amount| is_of(&amount.field, stated)))
}

/// Would a person who reads the warnings look at the right place? Each amount that is missing is named in one, and
/// each that is too much.
fn is_told(found: &Position, stated: &[&str]) -> bool {
    let warnings = plain(&found.warnings.join("\n"));
    let is_named = |name: &str| warnings.contains(&format!("`{}`", plain(name)));
    let is_stated = |field: &str| stated.iter().any(|stated| plain(stated) == plain(field));
    let is_found = |stated: &str| found.amounts.iter().any(|amount| plain(&amount.field) == plain(stated));
    let is_low = found.confidence == Confidence::Low && !warnings.is_empty();
    is_low
        || stated.iter().all(|stated| is_found(stated) || is_named(stated))
            && found
                .amounts
                .iter()
                .all(|amount| is_stated(&amount.field) || is_named(&amount.field))
}

fn score(idl: &Value, adoption: &Adoption) -> Score {
    let mut score = Score::default();
    let optional: Vec<_> = texts(&idl["optional"]).iter().map(|name| plain(name)).collect();
    let stated = idl["positions"].as_array().expect("positions");
    score.expected = stated.len();
    for found in &adoption.positions {
        let name = plain(&found.account);
        let mut is_silent = found.confidence > Confidence::Low || found.warnings.is_empty();
        let position = stated
            .iter()
            .find(|position| plain(position["account"].as_str().expect("a name")) == name);
        let mut faults = Vec::new();
        match position {
            None if optional.contains(&name) => continue,
            None => {
                score.wrong += 1;
                faults.push("no position".to_owned());
            }
            Some(position) => {
                score.types += 1;
                let owner = position["owner"].as_str().expect("an owner");
                if plain(&found.owner.field) == plain(owner) {
                    score.owners += 1;
                } else {
                    faults.push(format!("owner `{}`", found.owner.field));
                }
                is_silent = (plain(&found.owner.field) != plain(owner)
                    && !found.warnings.iter().any(|text| text.contains(&format!("`{owner}`"))))
                    || !is_told(found, &texts(&position["amounts"]));
                if holds(found, &texts(&position["amounts"])) {
                    score.amounts += 1;
                } else {
                    let fields: Vec<_> = found.amounts.iter().map(|amount| amount.field.as_str()).collect();
                    faults.push(format!("amounts {fields:?}"));
                }
            }
        }
        if !faults.is_empty() {
            let said = format!("{} ({:?}): {}", found.account, found.confidence, faults.join(", "));
            println!(
                "  {}: {said}{}",
                adoption.host,
                if is_silent { ", NOT WARNED" } else { "" }
            );
            if is_silent {
                score.silent.push(said);
            }
        }
    }
    for position in stated {
        let name = plain(position["account"].as_str().expect("a name"));
        if !adoption.positions.iter().any(|found| plain(&found.account) == name) {
            let why = adoption.rejected.iter().find(|other| plain(&other.account) == name);
            println!("  {}: {name} missed: {:?}", adoption.host, why.map(|other| &other.why));
        }
    }
    score
}

#[test]
#[ignore = "needs packages of npm: make bench-adopt"]
fn nothing_is_wrong_without_a_warning() {
    let folder = std::env::var("BULKHEAD_HELDOUT").expect("BULKHEAD_HELDOUT, the folder of the IDLs");
    let truth =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/heldout/truth.json")).expect("the truth");
    let truth: Vec<Value> = serde_json::from_str(&truth).expect("JSON");
    let mut sums: BTreeMap<String, Score> = BTreeMap::new();
    // These are counted and published, and fail nothing yet.
    let mut all: BTreeMap<String, Details> = BTreeMap::new();
    let mut details = Details::HEAD.map(str::to_owned).to_vec();
    let mut rows = vec!["| IDL | form | half | types | owners | amounts | no positions | not warned |".to_owned()];
    rows.push("|---|---|---|---:|---:|---:|---:|---:|".to_owned());
    let row = |name: &str, form: &str, half: &str, score: &Score| {
        let of = |part: usize| format!("{part} of {}", score.expected);
        format!(
            "| {name} | {form} | {half} | {} | {} | {} | {} | {} |",
            of(score.types),
            of(score.owners),
            of(score.amounts),
            score.wrong,
            score.silent.len()
        )
    };
    for idl in &truth {
        let name = idl["name"].as_str().expect("a name");
        let half = idl["half"].as_str().expect("a half");
        let text = fs::read_to_string(Path::new(&folder).join(format!("{name}.json"))).expect("the IDL was fetched");
        let sum = sums.entry(half.to_owned()).or_default();
        let score = match adopt(&text, &Options::default()) {
            Ok(adoption) => {
                let score = score(idl, &adoption);
                rows.push(row(name, &format!("{:?}", adoption.form), half, &score));
                let found = Details::of(idl, &adoption);
                details.push(found.row(name, half));
                all.entry(half.to_owned()).or_default().add(found);
                score
            }
            Err(error) => {
                println!("  {name}: {error}");
                let expected = idl["positions"].as_array().map_or(0, Vec::len);
                let score = Score {
                    expected,
                    ..Score::default()
                };
                rows.push(row(name, "refused", half, &score));
                score
            }
        };
        sum.expected += score.expected;
        sum.types += score.types;
        sum.owners += score.owners;
        sum.amounts += score.amounts;
        sum.wrong += score.wrong;
        sum.silent.extend(score.silent);
    }
    rows.extend(sums.iter().map(|(half, sum)| row("all", "", half, sum)));
    details.extend(all.iter().map(|(half, all)| all.row("all", half)));
    println!("{}\n\n{}", rows.join("\n"), details.join("\n"));
    let silent: Vec<_> = sums.values().flat_map(|sum| &sum.silent).collect();
    assert!(silent.is_empty(), "wrong without a warning: {silent:#?}");
}
