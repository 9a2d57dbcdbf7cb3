//! A model test: thousands of random instructions by random signers at random times against the
//! built program, with everything that must always hold checked after each of them.
//!
//! - The phase on chain is the one `core::phase` gives for what has happened.
//! - Nothing is looser than before, unless the step executed a proposal that has matured by the
//!   model's own books, and then only in what such a proposal is about.
//! - Tokens are conserved, and custody shrinks by releases and evacuations only.
//! - No window and no slot let out more than their limits, by brute force over all outflows.
//!
//! Seeds are fixed; `BULKHEAD_MODEL_STEPS` sets the steps of each of the machines.

mod args;
mod bookkeeping;
mod chance;
mod laws;
mod moves;
mod payloads;
mod site;
mod watching;

use std::{collections::BTreeMap, time::Instant};

use bulkhead_interface::constants::verdict;
use bulkhead_sim::Machine;
use bulkhead_tests::machine;
use solana_instruction::Instruction;

use crate::{
    bookkeeping::Act,
    chance::Chance,
    laws::Laws,
    moves::{Move, Table},
    site::Site,
};

const MACHINES: u64 = 8;
const STEPS: u64 = 5_000;

/// Everything that has to have worked at least once.
const NAMES: &[&str] = &[
    "pause",
    "lower_limit",
    "open_incident",
    "confirm_incident",
    "close_lapsed_incident",
    "propagate_trip",
    "release",
    "release_queued",
    "settle_release",
    "cancel_release",
    "redirect_release",
    "observe_route",
    "close_release",
    "meter_outflow",
    "record_inflow",
    "observe_reference",
    "deposit",
    "confirm_evacuation",
    "evacuate",
    "propose",
    "approve",
    "edit_proposal",
    "heartbeat",
    "withdraw_approval",
    "veto",
    "close_proposal",
    "resume",
    "change_council",
    "grant_rights",
    "register_playbook",
    "run_playbook",
    "register_route",
    "choose_restoration",
    "reopen",
    "open_breaker",
    "open_vault",
    "register_ledger",
    "open_checkpoint_log",
    "post_checkpoint",
    "attest_checkpoint",
    "open_checkpoint_snapshot",
    "open_checkpoint_shard",
    "set_limit",
    "set_link",
    "propagate_contagion",
    "activate_domain",
    "open_price_breaker",
    "open_solvency_breaker",
    "open_authority_watch",
    "close_detector",
    "observe_price",
    "observe_solvency",
    "observe_authority",
    "open_snapshot",
    "open_shard",
    "ingest_positions",
    "seal_snapshot",
    "override_seal",
    "open_ballot",
    "add_candidate",
    "start_voting",
    "cast_vote",
];

/// Tried and succeeded, by instruction.
type Tally = BTreeMap<&'static str, (u64, u64)>;

#[test]
fn random_instructions_loosen_nothing_and_lose_nothing() {
    let steps = std::env::var("BULKHEAD_MODEL_STEPS").map_or(STEPS, |text| text.parse().expect("a number of steps"));
    let started = Instant::now();
    let mut tally = Tally::new();
    std::thread::scope(|scope| {
        let seeds = |half| (0..MACHINES).filter(move |seed| seed % 2 == half);
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
    if steps >= STEPS {
        let never: Vec<_> = NAMES
            .iter()
            .filter(|name| tally.get(*name).is_none_or(|row| row.1 == 0))
            .collect();
        assert!(never.is_empty(), "never worked: {never:?}");
    }
}

/// Two domains on one machine, so that each can be mistaken for the other.
fn play(seed: u64, steps: u64) -> Tally {
    let mut machine = machine();
    let mut chance = Chance::new(seed);
    let sites = vec![
        Site::new(&mut machine, "first", "second"),
        Site::new(&mut machine, "second", "first"),
    ];
    let sites = sites.into_iter().zip([true, seed.is_multiple_of(2)]);
    let sites = sites
        .map(|(site, is_active)| site.ready(&mut machine, is_active))
        .collect();
    let mut laws = Laws::new(machine, sites);
    let mut tally = Tally::new();
    // A bank run: where, and how many steps it still lasts.
    let mut run = (0, 0_u64);
    for step in 0..steps {
        run.1 = run.1.saturating_sub(1);
        if run.1 == 0 && chance.percent(2) {
            run = (chance.index(laws.sites.len()), 20);
        }
        let is_run = run.1 > 0;
        wait(&mut chance, &mut laws.machine, is_run);
        laws.machine.write_slot_hashes(&[]);
        let at = if is_run { run.0 } else { chance.index(laws.sites.len()) };
        let mut made = Table {
            machine: &laws.machine,
            site: &laws.sites[at],
            now: &laws.states[at],
            chance: &mut chance,
        }
        .make(is_run);
        if chance.percent(3) {
            confuse(&mut chance, &laws, at, &mut made.instruction);
        }
        let story = format!("seed {seed}, step {step}: {} by {}", made.name, made.signer);
        let outcome = laws.send(at, &made, &story);
        let name = match (&made.act, outcome.as_deref()) {
            (Act::Release(_), Some([verdict::QUEUED])) => "release_queued",
            _ => made.name,
        };
        let row = tally.entry(name).or_default();
        *row = (row.0 + 1, row.1 + u64::from(outcome.is_some()));
    }
    laws.nothing_unseen();
    tally
}

/// Nothing, a second, hours, days; minutes in a bank run.
fn wait(chance: &mut Chance, machine: &mut Machine, is_run: bool) {
    match chance.below(if is_run { 85 } else { 100 }) {
        0..40 => {}
        40..55 => machine.next_slot(),
        55..85 => machine.warp_seconds(chance.within(1, 600)),
        85..97 => machine.warp_seconds(chance.within(600, 9 * 3_600)),
        _ => machine.warp_seconds(chance.within(1, 3) * 86_400),
    }
}

/// Puts an account of the other domain in the place of one of this one's.
fn confuse(chance: &mut Chance, laws: &Laws, at: usize, instruction: &mut Instruction) {
    let index = chance.index(instruction.accounts.len());
    let other = laws.counterpart(at, &instruction.accounts[index].pubkey);
    if let Some(meta) = instruction.accounts.get_mut(index).filter(|meta| !meta.is_signer)
        && let Some(other) = other
    {
        meta.pubkey = other;
    }
}

impl Move {
    /// Every account of the instruction.
    fn accounts(&self) -> Vec<anchor_lang::prelude::Pubkey> {
        self.instruction.accounts.iter().map(|meta| meta.pubkey).collect()
    }
}
