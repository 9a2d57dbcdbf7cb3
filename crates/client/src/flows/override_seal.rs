//! Finds the shards that an override of a seal states.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::OverrideSealArgs;
use bulkhead_core::snapshots::{
    frontier,
    root::{self, empty_shard},
};
use bulkhead_interface::{
    ID,
    constants::{SHARDS, snapshot_state},
    discriminator,
    layout::{Ledger, ShardRoot, Snapshot, SnapshotShard},
};
use core::mem::offset_of;
use solana_instruction::Instruction;

use super::{FlowError, Session};
use crate::{chain::Filter, decode, instructions as ix};

/// Sets of shards that are tried. Each cranker has their own account of a shard, so there can be many sets.
const MAX_TRIED: u32 = 100_000;

/// One account of a shard, and the root that it would be sealed with.
#[derive(Clone, Copy)]
struct Candidate {
    key: Pubkey,
    cranker: Pubkey,
    root: ShardRoot,
}

/// `override_seal` with the shards that have the root that it states.
pub(super) async fn override_seal(
    session: &Session<'_>,
    authority: ix::Authority,
    args: OverrideSealArgs,
) -> Result<Instruction, FlowError> {
    let next = "open the snapshot and crank its shards first";
    let snapshot: Snapshot = session.load("snapshot", &args.snapshot, next).await?;
    let next = "is the cluster right?";
    let ledger: Ledger = session.load("ledger", &snapshot.ledger, next).await?;
    let filters = [
        Filter::Bytes {
            offset: 0,
            bytes: discriminator::SNAPSHOT_SHARD.to_vec(),
        },
        Filter::Bytes {
            offset: 8 + offset_of!(SnapshotShard, snapshot),
            bytes: args.snapshot.to_bytes().to_vec(),
        },
    ];
    let accounts = session.chain.owned(&ID, &filters).await?;
    let shards = accounts.iter().filter_map(|(key, account)| {
        let shard: SnapshotShard = decode::owned(&account.owner, &account.data)?;
        Some((*key, shard))
    });
    let shards = find_shards(&shards.collect::<Vec<_>>(), &args).ok_or_else(|| FlowError::NotYet {
        why: "no set of this snapshot's shards has the root, sum and count that the proposal states".into(),
        next: "crank the shards that it states, or propose an override that states the shards there are".into(),
    })?;
    Ok(ix::override_seal(
        authority,
        snapshot.incident,
        snapshot.ledger_index,
        ledger.total_account,
        &shards,
        args,
    ))
}

/// The accounts, by shard, that seal to what `args` state. A cranker's shards are tried together before they are mixed
/// with others'.
fn find_shards(shards: &[(Pubkey, SnapshotShard)], args: &OverrideSealArgs) -> Option<Vec<Pubkey>> {
    let mut by_number: [Vec<Candidate>; SHARDS] = Default::default();
    for (key, shard) in shards {
        let mut state = *shard;
        let root = if state.state == snapshot_state::OPEN {
            frontier::finish(&mut state)
        } else {
            frontier::finished(&state)
        };
        let Ok(root) = root else { continue };
        if root.count == 0 {
            continue;
        }
        let place = by_number.get_mut(usize::from(shard.shard))?;
        place.push(Candidate {
            key: *key,
            cranker: shard.cranker,
            root,
        });
    }
    let leaves = |cranker: &Pubkey| -> u64 {
        let own = by_number.iter().flatten().filter(|found| found.cranker == *cranker);
        own.map(|found| u64::from(found.root.count)).sum()
    };
    let mut sorted = by_number.clone();
    for place in &mut sorted {
        place.sort_by_key(|found| (std::cmp::Reverse(leaves(&found.cranker)), found.key));
    }
    let mut search = Search {
        by_number: &sorted,
        args,
        roots: [empty_shard(); SHARDS],
        keys: Vec::new(),
        tried: 0,
    };
    search.from(0, 0, 0).then_some(search.keys)
}

/// Depth-first over the shards, without the sets whose sum or count is already too large.
struct Search<'a> {
    by_number: &'a [Vec<Candidate>; SHARDS],
    args: &'a OverrideSealArgs,
    roots: [ShardRoot; SHARDS],
    keys: Vec<Pubkey>,
    tried: u32,
}

impl Search<'_> {
    fn from(&mut self, number: usize, sum: u64, count: u64) -> bool {
        if sum > self.args.total || count > self.args.count || self.tried >= MAX_TRIED {
            return false;
        }
        let Some(candidates) = self.by_number.get(number) else {
            self.tried += 1;
            return (sum, count) == (self.args.total, self.args.count)
                && root::seal(&mut self.roots).is_ok_and(|(node, _)| node.hash == self.args.root);
        };
        for candidate in candidates {
            let Candidate { key, root, .. } = *candidate;
            let (Some(place), Some(sum)) = (self.roots.get_mut(number), sum.checked_add(root.root.sum)) else {
                return false;
            };
            *place = root;
            self.keys.push(key);
            if self.from(number + 1, sum, count + u64::from(root.count)) {
                return true;
            }
            self.keys.pop();
        }
        // What a cranker read into a shard may be wrong altogether.
        if let Some(place) = self.roots.get_mut(number) {
            *place = empty_shard();
        }
        self.from(number + 1, sum, count)
    }
}
