//! Paying positions before the vote.

use anchor_lang::prelude::Pubkey;
use anchor_spl::associated_token::{
    ID as ASSOCIATED_TOKEN, spl_associated_token_account::instruction::create_associated_token_account_idempotent,
};
use bulkhead::instructions::{ClaimArgs, ProveInterimLeafArgs};
use bulkhead_core::{CoreError, interim::share, restoration::claims, snapshots::merkle};
use bulkhead_interface::{
    constants::proved,
    layout::{ClaimPage, Interim, Snapshot, space},
};
use solana_instruction::Instruction;

use super::{keys_of, read};
use crate::{
    chain::ChainError,
    decode,
    flows::{
        Done, FlowError, Session,
        claim::Who,
        snapshot::{Leaf, Proved, Prover, Tree, send::ensure, shards, size::fits},
    },
    instructions::{self as ix, InterimClaimKeys, InterimKeys},
    pda,
};

/// The leaves of the two states.
#[derive(Clone, Debug)]
pub struct InterimLeaves {
    /// Of the snapshot that was read in the incident.
    pub snapshot: Vec<Leaf>,
    /// Of the checkpoint.
    pub checkpoint: Vec<Leaf>,
}

/// What claiming did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterimClaimed {
    /// The transactions. Skipped: positions to which nothing is due.
    pub done: Done,
    /// Positions that this run paid.
    pub paid_claims: u64,
    /// Sum that this run paid. Native units.
    pub paid: u64,
    /// Positions that were not paid, and why.
    pub unpaid: Vec<(Pubkey, String)>,
}

/// Pays positions what both states agree on: all of them, or those of one owner, or one. Anyone may run it; the tokens
/// go to the owners' associated token accounts.
///
/// # Errors
/// [`FlowError::NotPossible`] when the leaves are not those of the two states. Otherwise [`FlowError`].
pub async fn claim_interim(
    session: &Session<'_>,
    incident: Pubkey,
    ledger_index: u8,
    who: Option<Who>,
    leaves: InterimLeaves,
) -> Result<InterimClaimed, FlowError> {
    let key = pda::interim(&incident, ledger_index);
    let state = read(session, &key).await?;
    let trees = Trees::build(session, &state, leaves).await?;
    let mut claimed = InterimClaimed::default();
    let accounts = sealed_shards(session, &state).await?;
    let mut provers = (Prover::new(&trees.snapshot), Prover::new(&trees.checkpoint));
    let total = trees.snapshot.count();
    for (place, leaf) in (0u32..).zip(trees.snapshot.leaves()) {
        session.report.progress("interim claims", u64::from(place) + 1, total);
        let is_wanted = match who {
            None => true,
            Some(Who::Owner(owner)) => leaf.owner == owner,
            Some(Who::Position(position)) => leaf.key == position,
        };
        let other = trees.checkpoint.leaves();
        let Some(other_place) = is_wanted
            .then(|| other.binary_search_by_key(&leaf.key, |leaf| leaf.key).ok())
            .flatten()
        else {
            continue;
        };
        let (Some(first), Some(second)) = (
            provers.0.prove(place),
            u32::try_from(other_place)
                .ok()
                .and_then(|place| provers.1.prove_to_root(place)),
        ) else {
            continue;
        };
        let number = merkle::shard_of(leaf.key.as_array());
        let Some(shard) = accounts.iter().find(|(shard, _)| *shard == number) else {
            continue;
        };
        let job = Job {
            session,
            keys: keys_of(&state),
            state: &state,
            shard: shard.1,
            pages: (trees.page(&first), trees.other_page(&second)),
        };
        job.pay(first, second, &mut claimed).await?;
    }
    Ok(claimed)
}

/// Both trees, checked against the accounts.
pub(super) struct Trees {
    pub(super) snapshot: Tree,
    pub(super) checkpoint: Tree,
}

impl Trees {
    async fn build(session: &Session<'_>, state: &Interim, leaves: InterimLeaves) -> Result<Self, FlowError> {
        let next = "is the cluster right?";
        let snapshot: Snapshot = session.load("snapshot", &state.snapshot, next).await?;
        let checkpoint: Snapshot = session.load("snapshot", &state.checkpoint, next).await?;
        let trees = Self {
            snapshot: Tree::build(snapshot.tag, leaves.snapshot)?,
            checkpoint: Tree::build(checkpoint.tag, leaves.checkpoint)?,
        };
        let is_same =
            trees.snapshot.root().hash == state.snapshot_root && trees.checkpoint.root().hash == checkpoint.root;
        if is_same {
            return Ok(trees);
        }
        Err(FlowError::NotPossible {
            why: "the leaves are not those of the two states of the interim share-out".into(),
            next: "pass the folders of this incident's snapshot and of its checkpoint".into(),
        })
    }

    fn page(&self, leaf: &Proved) -> claims::ClaimPlace {
        place_of(&self.snapshot, leaf)
    }

    fn other_page(&self, leaf: &Proved) -> claims::ClaimPlace {
        place_of(&self.checkpoint, leaf)
    }
}

fn place_of(tree: &Tree, leaf: &Proved) -> claims::ClaimPlace {
    claims::locate(tree.roots(), leaf.index).unwrap_or(claims::ClaimPlace { page: 0, at: 0 })
}

/// The accounts of the snapshot's sealed shards.
async fn sealed_shards(session: &Session<'_>, state: &Interim) -> Result<Vec<(u8, Pubkey)>, FlowError> {
    let snapshot: Snapshot = session
        .load("snapshot", &state.snapshot, "is the cluster right?")
        .await?;
    let found = shards(session, &state.snapshot, None).await?;
    let own = |(key, shard): (Pubkey, bulkhead_interface::layout::SnapshotShard)| {
        (shard.seal == snapshot.seals).then_some((shard.shard, key))
    };
    Ok(found.into_iter().filter_map(own).collect())
}

/// The payment of one position.
struct Job<'a> {
    session: &'a Session<'a>,
    keys: InterimKeys,
    state: &'a Interim,
    shard: Pubkey,
    pages: (claims::ClaimPlace, claims::ClaimPlace),
}

impl Job<'_> {
    async fn pay(&self, first: Proved, second: Proved, claimed: &mut InterimClaimed) -> Result<(), FlowError> {
        let paid = self
            .paid(&self.keys.interim(), self.pages.0)
            .await?
            .max(self.paid(&self.keys.checkpoint, self.pages.1).await?);
        let share = share::entitled_floor(self.state, first.leaf.amount, second.leaf.amount);
        let due = share.saturating_sub(paid);
        if due == 0 || first.leaf.owner != second.leaf.owner {
            claimed.done.skipped += 1;
            return Ok(());
        }
        let leaf = first.leaf;
        let payer = self.session.chain.payer();
        for (of, book, place) in [
            (proved::SNAPSHOT, self.keys.interim(), self.pages.0),
            (proved::CHECKPOINT, self.keys.checkpoint, self.pages.1),
        ] {
            let open = ix::open_interim_page(self.keys, payer, of, place.page);
            let page = pda::claim_page(&book, place.page);
            ensure(self.session, &page, &[open], &mut claimed.done).await?;
        }
        for steps in self.steps(&payer, first, second) {
            match self.session.chain.send(&steps).await {
                Ok(receipt) => claimed.done.receipts.push(receipt),
                Err(error @ (ChainError::Program { .. } | ChainError::Refused { .. })) => {
                    if error.code() == Some(CoreError::AlreadyClaimed.number()) {
                        claimed.done.skipped += 1;
                    } else {
                        claimed.unpaid.push((leaf.key, error.to_string()));
                    }
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
        claimed.paid_claims += 1;
        claimed.paid = claimed.paid.saturating_add(due);
        Ok(())
    }

    /// What the leaf at a place of a book was paid so far.
    async fn paid(&self, book: &Pubkey, place: claims::ClaimPlace) -> Result<u64, FlowError> {
        let account = self.session.chain.account(&pda::claim_page(book, place.page)).await?;
        let Some(account) = account else { return Ok(0) };
        if decode::owned::<ClaimPage>(&account.owner, &account.data).is_none() {
            return Ok(0);
        }
        let mut entries = account.data.get(space::<ClaimPage>()..).unwrap_or_default().to_vec();
        Ok(claims::paid(&mut entries, place.at).map_or(0, |bytes| u64::from_le_bytes(*bytes)))
    }

    /// One transaction if everything fits, otherwise one for the proof and one for the claim.
    fn steps(&self, payer: &Pubkey, first: Proved, second: Proved) -> Vec<Vec<Instruction>> {
        let InterimKeys {
            mint, token_program, ..
        } = self.keys;
        let owner = first.leaf.owner;
        let seeds = [owner.as_ref(), token_program.as_ref(), mint.as_ref()];
        let (destination, bump) = Pubkey::find_program_address(&seeds, &ASSOCIATED_TOKEN);
        let prove = ix::prove_interim_leaf(self.keys.interim(), self.keys.checkpoint, *payer, proof_args(0, second));
        let create = create_associated_token_account_idempotent(payer, &owner, &mint, &token_program);
        let claim = InterimClaimKeys {
            shard: self.shard,
            prover: *payer,
            snapshot_page: self.pages.0.page,
            checkpoint_page: self.pages.1.page,
            owner,
            owner_signs: false,
            destination,
        };
        let args = ClaimArgs {
            index: first.index,
            key: first.leaf.key,
            amount: first.leaf.amount,
            destination_bump: bump,
            proof: first.proof,
        };
        let claim = ix::claim_interim(self.keys, claim, args);
        let all = vec![prove.clone(), create.clone(), claim.clone()];
        if fits(payer, &all) {
            vec![all]
        } else {
            vec![vec![prove], vec![create, claim]]
        }
    }
}

/// Arguments that store a leaf in a row of the prover's account.
pub(super) fn proof_args(row: u8, leaf: Proved) -> ProveInterimLeafArgs {
    ProveInterimLeafArgs {
        row,
        index: leaf.index,
        key: leaf.leaf.key,
        owner: leaf.leaf.owner,
        amount: leaf.leaf.amount,
        proof: leaf.proof,
    }
}
