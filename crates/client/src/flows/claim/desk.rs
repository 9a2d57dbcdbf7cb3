//! The accounts that claims are paid with, and the tree that proves them.

use std::sync::{Mutex, PoisonError};

use anchor_lang::prelude::Pubkey;
use bulkhead_core::token;
use bulkhead_interface::{
    constants::{CLAIMS_PER_PAGE, SHARDS, ledger_mode, restoration_flag, snapshot_source, snapshot_state},
    layout::{Ledger, Restoration, Snapshot},
};

use super::{Leaves, is_settled};
use crate::{
    flows::{
        Done, FlowError, Session, restore,
        snapshot::{Leaf, Tree, frozen_positions, positions, send::ensure, shards},
    },
    instructions as ix,
    payload::hex,
    pda,
};

/// A restoration whose claims are paid.
pub(super) struct Desk<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) key: Pubkey,
    pub(super) restoration: Restoration,
    pub(super) snapshot: Snapshot,
    pub(super) tree: Tree,
    /// The sealed account of each shard, if there is one.
    shards: Mutex<[Option<Pubkey>; SHARDS]>,
}

impl<'a> Desk<'a> {
    /// Reads everything and builds the tree. `None` if every claim has been paid in full.
    pub(super) async fn open(
        session: &'a Session<'a>,
        domain: Pubkey,
        incident: Pubkey,
        ledger_index: u8,
        leaves: Leaves,
    ) -> Result<Option<Self>, FlowError> {
        let key = pda::restoration(&incident, ledger_index);
        let next = "a state has to be chosen first: run `restore`";
        let restoration: Restoration = session.load("restoration", &key, next).await?;
        if is_settled(&restoration) {
            return Ok(None);
        }
        if restoration.flags & restoration_flag::AFTER_INTERIM != 0 {
            return Err(FlowError::NotPossible {
                why: "interim claims were paid from another state than the chosen one, and count against these claims"
                    .into(),
                next: "prove each leaf against the interim share-out and pay it with `interim settle`".into(),
            });
        }
        if restoration.shared == 0 {
            return Err(FlowError::NotYet {
                why: "nothing was shared out yet".into(),
                next: "run `restore`, which funds the pool and shares it out".into(),
            });
        }
        let snapshot: Snapshot = session
            .load("snapshot", &restoration.snapshot, "is the cluster right?")
            .await?;
        let leaves = match leaves {
            Leaves::Given(leaves) => leaves,
            Leaves::Live => live(session, &domain, ledger_index, (&restoration.snapshot, &snapshot)).await?,
        };
        let tree = Tree::build(snapshot.tag, leaves)?;
        require_chosen(&tree, &snapshot)?;
        let found = shards(session, &restoration.snapshot, None).await?;
        let mut accounts = [None; SHARDS];
        for (key, shard) in found {
            let is_of_seal = shard.state == snapshot_state::SEALED && shard.seal == snapshot.seals;
            if let Some(slot) = accounts.get_mut(usize::from(shard.shard)).filter(|_| is_of_seal) {
                *slot = Some(key);
            }
        }
        Ok(Some(Self {
            session,
            key,
            restoration,
            snapshot,
            tree,
            shards: Mutex::new(accounts),
        }))
    }

    /// Places of the leaves that are wanted, in ascending order.
    pub(super) fn places(&self, is_wanted: impl Fn(&Leaf) -> bool) -> Vec<u32> {
        let leaves = (0u32..).zip(self.tree.leaves());
        leaves
            .filter(|(_, leaf)| is_wanted(leaf))
            .map(|(place, _)| place)
            .collect()
    }

    /// The account that claims of a shard are proved against. That of a checkpoint's shard is created from the tree if
    /// nobody has created it yet.
    pub(super) async fn shard(&self, number: u8, done: &mut Done) -> Result<Pubkey, FlowError> {
        let known = || self.shards.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = known().get(usize::from(number)).copied().flatten() {
            return Ok(key);
        }
        let snapshot = self.restoration.snapshot;
        let payer = self.session.chain.payer();
        let key = pda::shard(&snapshot, number, &payer);
        let shard = self.tree.shard(number);
        let Some(shard) = shard.filter(|_| self.snapshot.source == snapshot_source::CHECKPOINT) else {
            return Err(FlowError::NotFound {
                what: "sealed shard",
                key: snapshot,
                next: format!("shard {number} of this snapshot is missing on this node: is it complete?"),
            });
        };
        let open = ix::open_checkpoint_shard(payer, snapshot, number, &shard.canopy);
        ensure(self.session, &key, &[open], done).await?;
        if let Some(slot) = known().get_mut(usize::from(number)) {
            *slot = Some(key);
        }
        Ok(key)
    }

    pub(super) fn keys(&self) -> ix::RestorationKeys {
        restore::keys(&self.key, &self.restoration)
    }

    /// Number of the page that a place over all shards lies on.
    pub(super) fn page_of(place: u32) -> u16 {
        // A ledger has at most 16 shards of 2^20 leaves: 16,384 pages.
        u16::try_from(place / CLAIMS_PER_PAGE).unwrap_or(u16::MAX)
    }
}

/// Balance of a token account, or 0 if there is none.
pub(super) async fn balance(session: &Session<'_>, key: &Pubkey) -> Result<u64, FlowError> {
    let account = session.chain.account(key).await?.unwrap_or_default();
    Ok(token::amount(&account.data).unwrap_or(0))
}

/// The leaves as the ledger's positions are now. Its factors are those that the incident's own snapshot was opened with:
/// of a checkpoint's, nobody keeps them, and they are as they are now.
async fn live(
    session: &Session<'_>,
    domain: &Pubkey,
    ledger_index: u8,
    (key, snapshot): (&Pubkey, &Snapshot),
) -> Result<Vec<Leaf>, FlowError> {
    let ledger: Ledger = session
        .load("ledger", &pda::ledger(domain, ledger_index), "is its number right?")
        .await?;
    if ledger.mode == ledger_mode::EXPORT {
        return Err(FlowError::NotPossible {
            why: "the ledger is read by the host's export, and its positions cannot be read off chain".into(),
            next: "pass the leaves as the host stated them while the snapshot was read".into(),
        });
    }
    let listed = if snapshot.source == snapshot_source::FROZEN {
        frozen_positions(session, &ledger, key).await?
    } else {
        positions(session, &ledger).await?
    };
    if let Some(warning) = listed.warning() {
        session.report.note(&warning);
    }
    Ok(listed.into_leaves())
}

/// Are the leaves exactly those of the chosen snapshot?
fn require_chosen(tree: &Tree, snapshot: &Snapshot) -> Result<(), FlowError> {
    let own = tree.root();
    let places =
        |shards: &[bulkhead_interface::layout::ShardRoot; SHARDS]| shards.map(|shard| (shard.first, shard.count));
    let is_same = own.hash == snapshot.root
        && own.sum == snapshot.total
        && tree.count() == snapshot.count
        && places(tree.roots()) == places(&snapshot.shards);
    if is_same {
        return Ok(());
    }
    Err(FlowError::NotPossible {
        why: format!(
            "these {} leaves with a total of {} have root {}, and the chosen state has {} leaves, a total of {} and \
             root {}",
            tree.count(),
            own.sum,
            hex(&own.hash),
            snapshot.count,
            snapshot.total,
            hex(&snapshot.root),
        ),
        next:
            "pass the leaves of the chosen snapshot, from the folder that was written when it was read; positions that \
               have changed since are another state"
                .into(),
    })
}
