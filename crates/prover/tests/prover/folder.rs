//! Folders: proved, resumed, and not believed.

use std::{fs, path::Path};

use bulkhead_prover::{Error, Plan, Verified, verify_folder};
use bulkhead_snapshot::Silent;
use serde_json::Value;

use super::*;

fn check(folder: &Path) -> Result<Verified, Error> {
    verify_folder(folder, &kit().key.verifying, &Silent).map(|(_, verified)| verified)
}

fn refused(folder: &Path) -> String {
    match check(folder) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("it is accepted"),
    }
}

const POOL: u64 = 70_001;

/// A folder with all pages of the sample.
fn proved() -> (tempfile::TempDir, Ledger, Plan) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(5, &positions());
    let plan = plan(&ledger, None, POOL);
    assert_eq!(prove_all(folder.path(), &plan, &ledger).proved, 5);
    (folder, ledger, plan)
}

fn page(folder: &Path, shard: u8, page: usize) -> std::path::PathBuf {
    folder.join(format!("shard-{shard:02}/page-{page:06}.json"))
}

fn edit(file: &Path, change: impl FnOnce(&mut Value)) {
    let mut value: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    change(&mut value);
    fs::write(file, serde_json::to_vec(&value).unwrap()).unwrap();
}

#[test]
fn a_ledger_is_proved_and_checked_without_its_leaves() {
    let (folder, ledger, _) = proved();
    let verified = check(folder.path()).unwrap();
    let share = |amount: u64| (u128::from(amount) * u128::from(POOL) / u128::from(ledger.total)) as u64;
    let paid: u64 = positions().iter().map(|position| share(position.amount)).sum();
    assert_eq!(verified.total, ledger.total.to_string());
    assert_eq!(verified.paid, paid.to_string());
    assert_eq!(verified.left_by_rounding, (POOL - paid).to_string());
    assert_eq!((verified.pages, verified.leaves), (5, 7));
    // The mark is in everything that is said or written.
    for file in ["run.json", "shard-00/page-000000.json"] {
        let text = fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(text.contains("\"set_up\": \"insecure\""), "{file}");
    }
    assert!(
        serde_json::to_string(&verified)
            .unwrap()
            .contains("\"set_up\":\"insecure\"")
    );
}

#[test]
fn a_run_goes_on_where_it_stopped_and_believes_nothing_broken() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(5, &positions());
    let plan = plan(&ledger, None, POOL);
    let first = prove_some(folder.path(), &plan, &ledger, Some(2)).unwrap();
    assert_eq!((first.proved, first.resumed, first.left), (2, 0, 3));
    assert!(first.seconds_left.is_some());
    assert!(refused(folder.path()).starts_with("Incomplete"));

    // What a kill leaves: a part that was never renamed. What a bad disk leaves: half a file.
    fs::write(page(folder.path(), 0, 1).with_extension("part"), "{").unwrap();
    let whole = fs::read(page(folder.path(), 0, 0)).unwrap();
    fs::write(page(folder.path(), 0, 0), &whole[..whole.len() / 2]).unwrap();
    let second = prove_some(folder.path(), &plan, &ledger, None).unwrap();
    assert_eq!((second.proved, second.resumed, second.left), (4, 1, 0));
    check(folder.path()).unwrap();

    // Nothing is left to do, and another run does not write here.
    assert_eq!(prove_all(folder.path(), &plan, &ledger).proved, 0);
    let other = super::plan(&ledger, None, POOL + 1);
    assert!(matches!(
        prove_some(folder.path(), &other, &ledger, None),
        Err(Error::OtherRun(_))
    ));
    let mut short = ledger.clone();
    short.total -= 1;
    assert!(matches!(
        prove_some(folder.path(), &plan, &short, None),
        Err(Error::ProofRefused(_))
    ));
}

#[test]
fn pages_swapped_dropped_or_repeated_are_refused() {
    let (folder, ..) = proved();
    let (first, second) = (page(folder.path(), 3, 0), page(folder.path(), 3, 1));
    let kept = (fs::read(&first).unwrap(), fs::read(&second).unwrap());
    let restore = || {
        fs::write(&first, &kept.0).unwrap();
        fs::write(&second, &kept.1).unwrap();
        check(folder.path()).unwrap();
    };
    // As they are, files name their place.
    fs::write(&first, &kept.1).unwrap();
    fs::write(&second, &kept.0).unwrap();
    assert!(refused(folder.path()).starts_with("Mismatch"));
    // With the names corrected, states do not fit.
    edit(&first, |value| value["page"] = 0.into());
    edit(&second, |value| value["page"] = 1.into());
    assert!(refused(folder.path()).contains("page 0 of shard 3"));
    restore();
    // The first page twice.
    fs::write(&second, &kept.0).unwrap();
    edit(&second, |value| value["page"] = 1.into());
    assert!(refused(folder.path()).contains("page 1 of shard 3"));
    restore();
    fs::remove_file(&second).unwrap();
    assert!(refused(folder.path()).starts_with("Incomplete"));
    restore();
    // The first page left out: the second alone cannot follow the empty shard.
    fs::write(&first, &kept.1).unwrap();
    edit(&first, |value| value["page"] = 0.into());
    fs::remove_file(&second).unwrap();
    edit(&folder.path().join("run.json"), |value| {
        value["drawn_from"]["chosen"]["shards"][3]["count"] = 1.into();
    });
    assert!(check(folder.path()).is_err());
}

/// The same page of another plan, snapshot, program, domain, pool, shard.
#[test]
fn pages_of_another_run_are_refused() {
    let (folder, ledger, plan) = proved();
    let mut others = vec![];
    let mut other = |name: &str, ledger: Ledger, change: &dyn Fn(&mut Plan)| {
        let mut other = super::plan(&ledger, None, POOL);
        change(&mut other);
        others.push((name.to_owned(), ledger, other));
    };
    other("plan", ledger.clone(), &|plan| plan.subject.plan = [9; 32]);
    other("domain", ledger.clone(), &|plan| plan.subject.domain = [9; 32]);
    other("program", ledger.clone(), &|plan| plan.subject.program = [9; 32]);
    other("snapshot", super::ledger(6, &positions()), &|_| ());
    other("pool", ledger.clone(), &|plan| {
        (plan.pool, plan.drawn.pool) = (POOL - 1, POOL - 1)
    });
    let mut moved = positions();
    moved[6].amount += 1;
    other("leaves", super::ledger(5, &moved), &|_| ());
    for (name, other_ledger, other_plan) in others {
        assert_ne!(plan, other_plan, "{name}");
        let foreign = tempfile::tempdir().unwrap();
        prove_all(foreign.path(), &other_plan, &other_ledger);
        for (shard, number) in [(0, 0), (3, 1), (15, 0)] {
            let place = page(folder.path(), shard, number);
            let kept = fs::read(&place).unwrap();
            fs::copy(page(foreign.path(), shard, number), &place).unwrap();
            assert!(
                refused(folder.path()).starts_with("ProofRefused"),
                "{name}, shard {shard}"
            );
            fs::write(&place, kept).unwrap();
        }
    }
    // A page of another shard of the same ledger.
    let place = page(folder.path(), 0, 1);
    fs::copy(page(folder.path(), 3, 1), &place).unwrap();
    edit(&place, |value| value["shard"] = 0.into());
    assert!(refused(folder.path()).contains("page 1 of shard 0"));
}

#[test]
fn what_run_json_says_is_checked() {
    let (folder, ..) = proved();
    let file = folder.path().join("run.json");
    let kept = fs::read(&file).unwrap();
    let changes: [(&str, &dyn Fn(&mut Value)); 10] = [
        ("key", &|value| value["key"] = "00".repeat(32).into()),
        ("page_size", &|value| value["page_size"] = 3.into()),
        ("no pages", &|value| value["page_size"] = 0.into()),
        ("pool", &|value| value["pool"] = "70002".into()),
        ("both pools", &|value| {
            value["pool"] = "70002".into();
            value["drawn_from"]["pool"] = "70002".into();
        }),
        ("total", &|value| {
            value["total"] = "101049".into();
            value["drawn_from"]["total"] = "101049".into();
        }),
        ("role", &|value| value["role"] = "successor".into()),
        ("an accumulator", &|value| {
            value["drawn_from"]["chosen"]["shards"][1]["accumulator"] = "00".repeat(32).into();
        }),
        ("a word that is none", &|value| {
            value["drawn_from"]["chosen"]["shards"][1]["accumulator"] = "ff".repeat(32).into();
        }),
        ("schema_version", &|value| value["schema_version"] = 2.into()),
    ];
    for (name, change) in changes {
        edit(&file, change);
        assert!(check(folder.path()).is_err(), "{name}");
        fs::write(&file, &kept).unwrap();
        check(folder.path()).unwrap();
    }
}

#[test]
fn states_and_proofs_that_were_touched_are_refused() {
    let (folder, ..) = proved();
    let place = page(folder.path(), 15, 0);
    let kept = fs::read(&place).unwrap();
    let digits = |value: &Value, field: &str| value[field].as_str().unwrap().to_owned();
    // Every field of the state: accumulator, high, low, count, sum, paid, product.
    for at in [31, 63, 64, 80, 84, 92, 131] {
        edit(&place, |value| {
            let mut text = digits(value, "after").into_bytes();
            text[2 * at + 1] = if text[2 * at + 1] == b'0' { b'1' } else { b'0' };
            value["after"] = String::from_utf8(text).unwrap().into();
        });
        assert!(refused(folder.path()).starts_with("ProofRefused"), "byte {at}");
        fs::write(&place, &kept).unwrap();
    }
    // Every coordinate of the proof.
    for at in (0..8).map(|coordinate| coordinate * 32 + 31) {
        edit(&place, |value| {
            let mut text = digits(value, "proof").into_bytes();
            text[2 * at + 1] = if text[2 * at + 1] == b'0' { b'1' } else { b'0' };
            value["proof"] = String::from_utf8(text).unwrap().into();
        });
        assert!(refused(folder.path()).contains("NotCanonical"), "byte {at}");
        fs::write(&place, &kept).unwrap();
    }
    check(folder.path()).unwrap();
}
