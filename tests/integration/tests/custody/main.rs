//! Custody in the VM: a release pays or queues, and whoever holds whichever key, the limit holds.

mod queued_releases;
mod releases;
mod vaults;

use anchor_lang::prelude::Pubkey;
use anchor_spl::{token::spl_token, token_2022::spl_token_2022};
use bulkhead::{
    error::BulkheadError,
    instructions::{OpenBreakerArgs, OpenVaultArgs, RegisterEvacuationRouteArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, latch_state, release_state, verdict},
    layout::{OutflowBreaker, Release, Vault},
};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, Setup, keypair};
use bulkhead_tests::{receiver, refused, world, world_with};
use solana_account::Account;
use solana_signer::Signer;

const DAY: i64 = 86_400;

fn record(protocol: &Protocol, index: u64) -> Pubkey {
    pda::release(&protocol.vault.vault, index)
}

/// Queues releases by a breach: the first one breaks the slot's limit, the others find the latch.
fn queued(machine: &mut Machine, protocol: &Protocol, user: Pubkey, amounts: &[u64]) {
    for (index, amount) in (0..).zip(amounts) {
        let outcome = protocol
            .release(machine, user, *amount, index)
            .expect("a breach does not fail");
        assert_eq!(outcome.return_data, [verdict::QUEUED]);
    }
}
