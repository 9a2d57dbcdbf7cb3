//! A wrong seal is never the last word, and nobody keeps a snapshot unsealed: by a host whose total is wrong, by a
//! unit an hour, by what another ledger has come to.

mod overrides;
mod replacements;
mod tolerances;

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{OverrideSealArgs, RegisterLedgerArgs, TotalConfig},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{RESEAL_SECONDS, phase, snapshot_flag, snapshot_source, snapshot_state, total_unit},
    layout::{Domain, Restoration, Snapshot, SnapshotShard},
};
use bulkhead_snapshot::Position;
use bulkhead_testbed::keypair;
use bulkhead_tests::{frozen::Frozen, recovery::forge, refused};
use bytemuck::Zeroable;
use solana_signer::Signer;

use crate::{SHARD, assert_sealed_as, key, owner};

/// Positions 0, 1 and 2 of 100, 200 and 300; the host says `total`.
fn of_600(total: u64) -> Frozen {
    of_600_in(total, |protocol| protocol.ledger_args(1))
}

fn of_600_in(total: u64, args: impl FnOnce(&bulkhead_testbed::Protocol) -> RegisterLedgerArgs) -> Frozen {
    let mut frozen = Frozen::reading(args);
    for number in 0..3 {
        frozen
            .protocol
            .write_position(&mut frozen.machine, &key(number), &owner(number), amount(number));
    }
    frozen.protocol.write_total(&mut frozen.machine, total);
    frozen
}

fn amount(number: u8) -> u64 {
    100 * (1 + u64::from(number))
}

/// Reads these as another cranker.
fn read_as(frozen: &mut Frozen, name: &str, numbers: &[u8]) -> Vec<Pubkey> {
    frozen.cranker = keypair(name);
    let keys: Vec<_> = numbers.iter().map(|number| key(*number)).collect();
    frozen.crank(&keys)
}

/// With a tolerance of one in a hundred, where others can make the total larger and smaller.
fn tolerant(protocol: &bulkhead_testbed::Protocol) -> RegisterLedgerArgs {
    let args = protocol.ledger_args(1);
    RegisterLedgerArgs {
        total: TotalConfig {
            shortfall_bps: 100,
            excess_bps: 100,
            ..args.total
        },
        ..args
    }
}
