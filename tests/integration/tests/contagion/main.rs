//! Links in the VM: an upstream's pause closes what depends on it, for as long as it lasts there, and nothing else.
//! Most tests are somebody who tries to close more, for longer, or to open something with a crank.

mod cycles;
mod links;
mod propagation;
mod unpauses;

use bulkhead::{
    error::BulkheadError,
    instructions::{MaskView, ResumeArgs, SetLinkArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_guard::{
    action::{self, DEFAULT_EMERGENCY},
    board::SCOPE_DOMAIN,
    effective_mask,
};
use bulkhead_interface::{
    constants::{phase, verdict},
    layout::{BoardRow, Domain, PauseBoard},
};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, Setup, keypair};
use bulkhead_tests::{
    linked::{LINKED, domains, link_args, pair, set_up_link, view},
    receiver, refused, world,
};
use solana_signer::Signer;

const HOUR: i64 = 3_600;
/// The council's `guardian_pause_seconds` and `trip_seconds`.
const GUARDIAN_PAUSE: i64 = 6 * HOUR;
const TRIP: i64 = 72 * HOUR;

fn crank(machine: &mut Machine, domain: &Protocol, upstream: &Protocol) -> Result<Outcome, Failure> {
    machine.send(&[ix::propagate_contagion(domain.domain, upstream.domain)], &[])
}

fn must_crank(machine: &mut Machine, domain: &Protocol, upstream: &Protocol) {
    domain.must(machine, &[ix::propagate_contagion(domain.domain, upstream.domain)], &[]);
}

/// A guardian closes `scope` for [`GUARDIAN_PAUSE`].
fn pause(machine: &mut Machine, domain: &Protocol, member: usize, scope: u8) {
    let guardian = &domain.members[member];
    let pause = ix::pause(domain.domain, guardian.pubkey(), scope, 0);
    domain.must(machine, &[pause], &[guardian]);
}

fn now(machine: &Machine) -> i64 {
    machine.clock().unix_timestamp
}

fn mask(machine: &Machine, domain: &Protocol, compartment: u8) -> u32 {
    let board = machine.account(&pda::board(&domain.domain)).expect("it exists");
    effective_mask(&board.data, compartment, now(machine)).expect("it is a board")
}
