//! Insurance: attacks, and a random model against a reference in exact arithmetic.

mod attacks;
mod exits;
mod model;
mod reference;

use bulkhead_core::{
    CoreError,
    acts::At,
    custody::queue_ledger,
    machine::insurance::{Insurance, InsuranceKeys, InsuranceMove},
};
use bulkhead_interface::{
    Pubkey,
    constants::{MIN_FUNDING_SECONDS, VERSION},
    layout::{InsuranceTerms, Ledger},
};
use bytemuck::Zeroable;

pub const DAY: i64 = 86_400;
pub const NOW: i64 = 1_800_000_000;
pub const COOLDOWN: i64 = 7 * DAY;
pub const WINDOW: i64 = 2 * DAY;
pub const FREEZE: i64 = 14 * DAY;
pub const OWNERS: usize = 4;
pub const INCIDENTS: usize = 12;

pub fn key(kind: u8, number: usize) -> Pubkey {
    let mut bytes = [kind; 32];
    bytes[0] = u8::try_from(number).expect("few");
    Pubkey::from(bytes)
}

pub fn terms(cap_bps: u16) -> InsuranceTerms {
    InsuranceTerms {
        cooldown_seconds: COOLDOWN,
        window_seconds: WINDOW,
        freeze_seconds: FREEZE,
        funding_seconds: MIN_FUNDING_SECONDS,
        minimum_assets: 100,
        cap_bps,
        ..InsuranceTerms::zeroed()
    }
}

/// A domain in peace, a pool for each cap, and a million tokens for everyone.
pub fn insurance(caps: &[u16]) -> Insurance {
    let keys = InsuranceKeys {
        domain: key(1, 0),
        ledger_index: 3,
        mint: key(2, 0),
        incidents: (0..INCIDENTS).map(|number| key(3, number)).collect(),
        restorations: (0..INCIDENTS).map(|number| key(4, number)).collect(),
        pools: (0..caps.len()).map(|number| key(5, number)).collect(),
        stakes: vec![vec![255; OWNERS]; caps.len()],
        covers: vec![vec![255; INCIDENTS]; caps.len()],
        owners: (0..OWNERS).map(|number| key(6, number)).collect(),
        recovery_account: key(7, 0),
        vault: key(8, 0),
    };
    let terms: Vec<_> = caps.iter().map(|cap| terms(*cap)).collect();
    let at = At { slot: 100, now: NOW };
    let mut state = Insurance::new(keys, &terms, vec![1_000_000; OWNERS], at).expect("sound terms");
    state.treasury = 100_000_000;
    state
}

/// The vault's queue becomes a ledger.
pub fn join_queue(state: &mut Insurance) {
    let vault = state.keys.vault;
    let mut ledger = Ledger {
        version: VERSION,
        domain: state.keys.domain,
        ..queue_ledger::layout(9, &vault, &state.keys.mint)
    };
    queue_ledger::join((&vault, &mut state.vault), &mut ledger).expect("of this vault");
    state.queue = Some(ledger);
}

/// Does all of it, or fails with the move that was refused.
pub fn run(state: &Insurance, moves: &[InsuranceMove]) -> Insurance {
    moves.iter().fold(state.clone(), |state, action| {
        state
            .step(*action)
            .unwrap_or_else(|error| panic!("{action:?}: {error:?}"))
    })
}

/// The error of a move.
pub fn refusal(state: &Insurance, action: InsuranceMove) -> CoreError {
    match state.step(action) {
        Err(error) => error,
        Ok(_) => panic!("{action:?} worked"),
    }
}

/// Shares of an owner in the first pool.
pub fn shares(state: &Insurance, owner: usize) -> u64 {
    state.pools[0].stakes[owner].map_or(0, |stake| stake.shares)
}

/// All tokens there are.
pub fn tokens(state: &Insurance) -> u64 {
    let pools: u64 = state.pools.iter().map(|pool| pool.balance).sum();
    let restored: u64 = state.restorations.iter().flatten().map(|(_, balance)| balance).sum();
    let purses: u64 = state.purses.iter().sum();
    pools + restored + purses + state.treasury + state.custody + state.recovered
}
