//! What it costs to crank a snapshot.

use anchor_lang::prelude::{Pubkey, Rent};
use bulkhead_interface::{
    constants::SHARDS,
    layout::{Export, Ledger, Snapshot, SnapshotShard, space},
};
use bytemuck::Zeroable;

use super::size::room;
use crate::instructions as ix;

/// Lamports per signature.
pub(in crate::flows) const SIGNATURE: u64 = 5_000;
/// Compute units of a position, by the limit that the compute table keeps to.
const POSITION_UNITS: u64 = 500;
/// Compute units of an ingestion besides its positions, and of the compute budget's own instructions.
const INGESTION_UNITS: u64 = 1_500;
/// Compute units of `open_snapshot` and `open_shard`.
const OPEN_UNITS: u64 = 12_000;
/// Compute units of `seal_snapshot` with all shards.
const SEAL_UNITS: u64 = 120_000;
/// Compute units that a call of an export costs besides what the host itself does.
const EXPORT_UNITS: u64 = 3_300;

/// How a crank proceeds, for [`snapshot_cost`] and [`claim_cost`](crate::flows::claim::claim_cost).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Transactions in flight at once. A snapshot cannot use more than sixteen, one per shard.
    pub parallel: u64,
    /// Slots from sending a transaction until it is seen to have landed.
    pub slots_per_transaction: u64,
    /// Priority fee, in micro-lamports per compute unit.
    pub unit_price: u64,
    /// Whether the cranker also pays. Otherwise each transaction has a second signature, and less room.
    pub cranker_pays: bool,
    /// Number of accounts that the ledger's export takes besides the position; `None` if the program reads bytes.
    pub export_accounts: Option<u8>,
}

impl Default for Pace {
    /// Sixteen at once, two slots each, no priority fee, by a cranker who pays, from bytes.
    fn default() -> Self {
        Self {
            parallel: 16,
            slots_per_transaction: 2,
            unit_price: 0,
            cranker_pays: true,
            export_accounts: None,
        }
    }
}

/// What a crank costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Number of transactions.
    pub transactions: u64,
    /// Positions or claims in each of them, at most.
    pub per_transaction: u64,
    /// Slots from the first transaction until the last has landed.
    pub slots: u64,
    /// Compute units, without what an export's host uses.
    pub units: u64,
    /// Rent of the accounts that are created. Lamports.
    pub rent: u64,
    /// Base and priority fees. Lamports.
    pub fees: u64,
}

impl Cost {
    /// Adds so many transactions of so many units.
    pub(in crate::flows) fn add(&mut self, transactions: u64, units: u64, signatures: u64, unit_price: u64) {
        let priority = u128::from(units) * u128::from(unit_price);
        let priority = u64::try_from(priority.div_ceil(1_000_000)).unwrap_or(u64::MAX);
        let fee = (signatures * SIGNATURE).saturating_add(priority);
        self.transactions = self.transactions.saturating_add(transactions);
        self.units = self.units.saturating_add(transactions.saturating_mul(units));
        self.fees = self.fees.saturating_add(transactions.saturating_mul(fee));
    }
}

/// What it costs to read and seal a ledger of so many positions, spread evenly over the shards, as the keys of accounts
/// are. The rent is at the clusters' present rate; that of the shards stays locked as long as claims are proved against
/// them.
#[must_use]
pub fn snapshot_cost(positions: u64, pace: &Pace) -> Cost {
    let (first, next) = (per_transaction(pace, true), per_transaction(pace, false));
    let shards = positions.min(SHARDS as u64);
    let signatures = if pace.cranker_pays { 1 } else { 2 };
    let unit = if pace.export_accounts.is_some() {
        EXPORT_UNITS
    } else {
        POSITION_UNITS
    };
    let mut cost = Cost {
        per_transaction: next,
        rent: rent(space::<Snapshot>()).saturating_add(rent(space::<SnapshotShard>()).saturating_mul(shards)),
        ..Cost::default()
    };
    cost.add(1, OPEN_UNITS, 1, pace.unit_price);
    let mut longest = 0;
    for number in 0..shards {
        let own = positions / shards + u64::from(number < positions % shards);
        let more = own.saturating_sub(first).div_ceil(next);
        let units = OPEN_UNITS + INGESTION_UNITS + unit * own.min(first);
        cost.add(1, units, signatures, pace.unit_price);
        cost.add(more, INGESTION_UNITS + unit * next, signatures, pace.unit_price);
        longest = longest.max(1 + more);
    }
    cost.add(1, SEAL_UNITS, 1, pace.unit_price);
    let rounds = shards.div_ceil(pace.parallel.max(1));
    let steps = rounds.saturating_mul(longest).saturating_add(2);
    cost.slots = steps.saturating_mul(pace.slots_per_transaction);
    cost
}

/// Positions in one transaction, by its size; beside the opening of the shard they are fewer.
fn per_transaction(pace: &Pace, opens: bool) -> u64 {
    let key = |number: u8| Pubkey::new_from_array([number; 32]);
    let (domain, payer, snapshot) = (key(1), key(2), key(3));
    let cranker = if pace.cranker_pays { payer } else { key(4) };
    let ingest = match pace.export_accounts {
        None => ix::ingest_positions(domain, cranker, snapshot, 0, 0, &[]),
        Some(accounts) => {
            let mut export = Export {
                program: key(5),
                account_count: accounts,
                ..Export::zeroed()
            };
            for (account, number) in export.accounts.iter_mut().zip(6..) {
                *account = key(number);
            }
            let ledger = Ledger {
                export,
                ..Ledger::zeroed()
            };
            ix::ingest_export(domain, cranker, snapshot, &ledger, 0, &[])
        }
    };
    let open = opens.then(|| ix::open_shard(domain, cranker, payer, snapshot, 0));
    let instructions: Vec<_> = open.into_iter().chain([ingest]).collect();
    (room(&payer, &instructions) as u64).max(1)
}

/// Rent of an account of so many bytes.
pub(in crate::flows) fn rent(len: usize) -> u64 {
    Rent::default().minimum_balance(len)
}
