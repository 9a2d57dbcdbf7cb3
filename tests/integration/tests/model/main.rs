//! A model test: thousands of random instructions by random signers at random times against the
//! built program, with everything that must always hold checked after each of them.
//!
//! - Every instruction of the IDL works at least once.
//! - The phase on chain is the one `core::phase` gives for what has happened.
//! - Nothing is looser than before, unless the step executed a proposal that has matured by the model's own books, and
//!   then only in what such a proposal is about; no unpause takes what was not there when it was proposed.
//! - Tokens are conserved, and leave the domain's accounts by releases, evacuations, claims and decisions only.
//! - No window and no slot let out more than their limits, by brute force over all outflows, but for what its taker had
//!   brought in within the window.
//! - A leaf is paid its share of what was shared out, to the unit; a pool takes no more than its claims lack.
//! - A vote has the weight that was in escrow before it started, once, and stays there until it ends.
//! - Rent goes back to who paid it.
//! - A call with a forged account of the domain's fails.
//! - From wherever it is, honest members lead the domain out while an adversary moves between their steps (`liveness/`).
//!
//! Seeds are fixed; `BULKHEAD_MODEL_STEPS` sets the steps of each of the machines, and `BULKHEAD_MODEL_SEED` plays one
//! of them only.

mod acts;
mod args;
mod bookkeeping;
mod books;
mod confusion;
mod holdings;
mod laws;
mod liveness;
mod mood;
mod moves;
mod payloads;
mod posted;
mod reach;
mod rng;
mod said;
mod site;
mod watching;

use std::{collections::BTreeMap, time::Instant};

use bulkhead_interface::constants::verdict;
use bulkhead_testbed::deploy_dir;
use bulkhead_tests::{idl::Idl, machine};

use crate::{
    acts::Act,
    confusion::{confuse, forge},
    laws::Laws,
    liveness::lead_out,
    mood::Times,
    moves::Table,
    rng::Rng,
    site::Site,
};

const MACHINES: u64 = 8;
const STEPS: u64 = 6_000;
/// Once in so many steps a copy of the machine is led out.
const LEAD_OUT_EVERY: u64 = 2_500;

/// Tried and succeeded, by instruction.
type Tally = BTreeMap<&'static str, (u64, u64)>;

#[test]
fn random_instructions_loosen_nothing_and_lose_nothing() {
    let steps = std::env::var("BULKHEAD_MODEL_STEPS").map_or(STEPS, |text| text.parse().expect("a number of steps"));
    let started = Instant::now();
    let mut tally = Tally::new();
    std::thread::scope(|scope| {
        let only: Option<u64> = std::env::var("BULKHEAD_MODEL_SEED")
            .ok()
            .map(|text| text.parse().expect("a seed"));
        let seeds =
            move |half| (0..MACHINES).filter(move |seed| seed % 2 == half && only.is_none_or(|only| only == *seed));
        let halves =
            [0, 1].map(|half| scope.spawn(move || seeds(half).map(|seed| play(seed, steps)).collect::<Vec<_>>()));
        for half in halves {
            for (name, (tried, worked)) in half.join().expect("a law was broken").into_iter().flatten() {
                let row = tally.entry(name).or_default();
                *row = (row.0 + tried, row.1 + worked);
            }
        }
    });
    let (mut tried, mut worked) = (0, 0);
    for (name, row) in &tally {
        println!("{name:24} {:5} of {:5}", row.1, row.0);
        (tried, worked) = (tried + row.0, worked + row.1);
    }
    println!(
        "{worked} of {tried} instructions worked, {:.1} s",
        started.elapsed().as_secs_f64()
    );
    assert!(tried > 0, "nothing was played: seeds are below {MACHINES}");
    if steps >= STEPS && tried > STEPS {
        let never = reach::never(|name| tally.get(name).is_some_and(|row| row.1 > 0));
        assert!(never.is_empty(), "never worked: {never:?}");
    }
}

/// Two domains on one machine, so that each can be mistaken for the other.
fn play(seed: u64, steps: u64) -> Tally {
    let mut machine = machine();
    let probe = deploy_dir().join("bulkhead_export_probe.so");
    let loaded = machine.svm.add_program_from_file(holdings::probe(), probe);
    loaded.expect("run `make build` first");
    let mut rng = Rng::new(seed);
    let sites = vec![
        Site::new(&mut machine, "first", "second"),
        Site::new(&mut machine, "second", "first"),
    ];
    let sites = sites.into_iter().zip([true, seed.is_multiple_of(2)]);
    let sites = sites
        .map(|(site, is_active)| site.ready(&mut machine, is_active))
        .collect();
    let mut laws = Laws::new(machine, sites);
    let idl = Idl::read();
    let (mut tally, mut times) = (Tally::new(), Times::new());
    for step in 0..steps {
        let (mood, at) = times.next(&mut rng, &mut laws.machine, &laws.sites);
        laws.machine.write_slot_hashes(&[]);
        if rng.below(LEAD_OUT_EVERY) == 0 {
            lead_out(&laws, &mut rng, at, &format!("seed {seed}, before step {step}"));
        }
        let mut table = Table {
            machine: &laws.machine,
            site: &laws.sites[at],
            now: &laws.states[at],
            rng: &mut rng,
        };
        let mut made = table.make(mood);
        let is_tried = table.rng.percent(8) && made.act.fact().is_none() && table.would_work(&made);
        if is_tried {
            let story = format!("seed {seed}, step {step}: {}", made.name);
            let forged = forge(&mut rng, &mut laws, at, &made, &idl, &story);
            let row = tally.entry("(forged)").or_default();
            *row = (row.0 + u64::from(forged), row.1);
        }
        if rng.percent(3) {
            confuse(&mut rng, &laws, at, &mut made.instruction);
        }
        let story = format!("seed {seed}, step {step}: {} by {}", made.name, made.signer);
        let outcome = laws.send(at, &made, &story);
        let name = match (&made.act, outcome.as_deref()) {
            (Act::Release(..), Some([verdict::QUEUED])) => "release_queued",
            _ => made.name,
        };
        let row = tally.entry(name).or_default();
        *row = (row.0 + 1, row.1 + u64::from(outcome.is_some()));
    }
    for at in 0..laws.sites.len() {
        lead_out(&laws, &mut rng, at, &format!("seed {seed}, at the end, site {at}"));
    }
    laws.nothing_unseen();
    tally
}
