//! Every state that a small vault can get into, within a few steps, from several beginnings: who would steal through the
//! queue, the route, an evacuation or an account that changed hands, and who would keep a vault closed.
//!
//! One vault, one guardian who is the approver too, an operator, a user with two token accounts, a thief who can do
//! whatever anyone can and makes other people's token accounts their own (as who made one can, that was closed), and a domain
//! with two recovery accounts. After every step:
//!
//! - tokens are conserved;
//! - nothing is looser (`core::permissiveness`), but by a matured proposal and in what it is about, or in a claim that its
//!   owner has redirected;
//! - custody pays what the operator asks for now, within limits; an owner's claim, to an account that the owner holds; or a
//!   route that is whose it was;
//! - a vault that was evacuated pays nothing until an unpause that was proposed after the evacuation was confirmed, and what
//!   was queued before only once it is back in the queue, which the vault can pay whole;
//! - what its queue is owed is the sum of its releases, to the unit, and an evacuation keeps that much for them;
//! - nothing that is owed is forgotten: a release ends paid, by the vault or by the claims of a restoration but never by
//!   both, or cancelled, and then the host alone closes its record, once;
//! - what adds up to a trip or latches is owed by somebody: what is denied and what stands still do neither;
//! - what leaves beyond the limits was brought in by who is paid, is of no earlier evacuation, and leaves once.
//!
//! And from every state there is a way out, whatever the thief does between its steps: the vault pays again after one
//! proposal, and every claim that is not cancelled is paid to whom its owner names, though somebody takes all that may leave
//! at once, first in every sub-window; and every cancelled one goes back to the host.

mod beginnings;
mod broken;
mod check;
mod domain;
mod queue;
mod way_out;

use std::{
    cell::Cell,
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    panic::catch_unwind,
    rc::Rc,
};

use beginnings::beginnings;
use broken::step_of;
use bulkhead_core::{
    CoreError,
    acts::{At, change_council},
    breakers::window::{self, Limits, Moment},
    custody::{is_active, is_stopped, queue_ledger},
    detectors::latch::{self, Evidence},
    machine::{Action, Custody, CustodyAction as Do, Decision, Keys, State, Token, Which},
    pause::board,
    permissiveness::{Loosening, loosening},
};
use bulkhead_guard::{action, effective_mask};
use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, incident_state, phase, release_state, role, step},
    layout::{Council, DepositNote, Domain, Ledger, OutflowBreaker, PauseBoard, Policy, Release, Vault},
};
use bytemuck::Zeroable;
use check::check;
use domain::{keys, moves, operating, wait};
use queue::{check_queue, owed};
use way_out::{must, way_out};

const DEPTH: usize = 5;
/// Fewer than these would mean that something is not reached any more.
const LEAST_STATES: usize = 100_000;
const LEAST_UNPAUSES: usize = 300;

const HOUR: i64 = 3_600;
const NOW: i64 = 20_000 * 86_400;

const GUARDIAN: Pubkey = key(1);
const OPERATOR: Pubkey = key(2);
const USER: Pubkey = key(3);
const THIEF: Pubkey = key(4);
const DOMAIN: Pubkey = key(10);
const BREAKER: Pubkey = key(11);
const VAULT: Pubkey = key(12);
const LEDGER: Pubkey = key(13);

// Token accounts, by number.
const CUSTODY: usize = 0;
const USERS: usize = 1;
const USERS_OTHER: usize = 2;
const THIEFS: usize = 3;
const ROUTE: usize = 4;
const SPARE: usize = 5;

const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn fingerprint(state: &State) -> u64 {
    let mut hasher = DefaultHasher::new();
    (state.at.slot, state.at.now).hash(&mut hasher);
    bytemuck::bytes_of(&*state.domain).hash(&mut hasher);
    bytemuck::bytes_of(&*state.council).hash(&mut hasher);
    let board = &state.board;
    (board.epoch, board.unpaused_slot).hash(&mut hasher);
    for row in [&board.domain_row, &board.rows[1]] {
        bytemuck::bytes_of(row).hash(&mut hasher);
    }
    let breaker = &state.breakers[0].1;
    bytemuck::bytes_of(&breaker.latch).hash(&mut hasher);
    (breaker.outflow, breaker.slot_outflow, breaker.last_slot, breaker.bucket).hash(&mut hasher);
    (
        breaker.queued,
        breaker.evacuations,
        breaker.turn_ts,
        breaker.turn_bucket,
    )
        .hash(&mut hasher);
    for incident in state.incidents.iter() {
        bytemuck::bytes_of(incident).hash(&mut hasher);
    }
    for (proposal, _) in state.proposals.iter() {
        bytemuck::bytes_of(proposal).hash(&mut hasher);
    }
    let custody = &state.custody;
    bytemuck::bytes_of(&custody.vaults[0].1).hash(&mut hasher);
    for (_, release) in &custody.releases {
        bytemuck::bytes_of(release).hash(&mut hasher);
    }
    let ledger = &custody.queue_ledgers[0].1;
    (ledger.queue_from, ledger.queue_until, ledger.queue_reserve).hash(&mut hasher);
    for (_, list) in &custody.lists {
        bytemuck::bytes_of(list).hash(&mut hasher);
    }
    for migration in &custody.migrations {
        bytemuck::bytes_of(migration).hash(&mut hasher);
    }
    for (_, note) in &custody.notes {
        bytemuck::bytes_of(note).hash(&mut hasher);
    }
    for token in &custody.tokens {
        (token.holder.as_ref(), token.amount, token.is_frozen).hash(&mut hasher);
    }
    hasher.finish()
}

/// Walks from every beginning. Gives the states and the unpauses seen.
fn walk(depth: usize) -> (usize, usize) {
    let (mut states, mut unpauses) = (0, 0);
    for (name, beginning) in beginnings() {
        let mut seen = HashSet::from([fingerprint(&beginning)]);
        let mut edge = vec![beginning];
        for number in 1..=depth {
            let mut next = vec![];
            for state in &edge {
                for (signer, action) in moves(state) {
                    let Ok(after) = step_of(state, &signer, &action) else {
                        continue;
                    };
                    check(state, &after, signer, &action);
                    unpauses += usize::from(after.board.unpaused_slot != state.board.unpaused_slot);
                    if seen.insert(fingerprint(&after)) {
                        next.push(after);
                    }
                }
            }
            // A sample of the outermost, all of the rest.
            let every = if number == DEPTH { 7 } else { 1 };
            next.iter().step_by(every).for_each(way_out);
            edge = next;
        }
        println!("{name}: {} states", seen.len());
        states += seen.len();
    }
    (states, unpauses)
}

#[test]
fn nothing_is_stolen_and_nothing_is_locked() {
    let (states, unpauses) = walk(DEPTH);
    println!("{states} states, {unpauses} unpauses");
    assert!(states >= LEAST_STATES && unpauses >= LEAST_UNPAUSES);
}
