//! A final claim under a state that interim claims were not paid from.

use anchor_lang::prelude::Pubkey;
use anchor_spl::associated_token::{
    ID as ASSOCIATED_TOKEN, spl_associated_token_account::instruction::create_associated_token_account_idempotent,
};
use bulkhead::instructions::ClaimArgs;
use bulkhead_core::{interim::places, restoration::claims, snapshots::merkle};
use bulkhead_interface::{
    constants::{proved, snapshot_state},
    layout::{Interim, Restoration, Snapshot},
};

use super::{claims::proof_args, keys_of, read};
use crate::{
    flows::{
        Done, FlowError, Session, restore,
        snapshot::{Leaf, Prover, Tree, send::ensure, shards},
    },
    instructions::{self as ix, ClaimKeys},
    pda,
};

/// Pays one position of a third state: proves its leaf of the interim snapshot, or the leaves around its place, and
/// claims. What the position was paid before the vote counts.
///
/// # Errors
/// [`FlowError::NotPossible`] when the leaves are not those of the two states. Otherwise [`FlowError`].
pub async fn settle_claim(
    session: &Session<'_>,
    incident: Pubkey,
    ledger_index: u8,
    position: Pubkey,
    (chosen, before): (Vec<Leaf>, Vec<Leaf>),
) -> Result<Done, FlowError> {
    let key = pda::interim(&incident, ledger_index);
    let interim = read(session, &key).await?;
    let next = "a state has to be chosen first: run `restore`";
    let restoration: Restoration = session.load("restoration", &interim.restoration, next).await?;
    let next = "is the cluster right?";
    let snapshot: Snapshot = session.load("snapshot", &restoration.snapshot, next).await?;
    let interim_snapshot: Snapshot = session.load("snapshot", &interim.snapshot, next).await?;
    let tree = Tree::build(snapshot.tag, chosen)?;
    let old = Tree::build(interim_snapshot.tag, before)?;
    if tree.root().hash != snapshot.root || old.root().hash != interim.snapshot_root {
        return Err(FlowError::NotPossible {
            why: "the leaves are not those of the chosen state and of the interim snapshot".into(),
            next: "pass both folders".into(),
        });
    }
    let mut done = Done::default();
    let payer = session.chain.payer();
    let page = prove_before(session, &interim, &old, &position, &mut done).await?;
    let place = tree.leaves().iter().position(|leaf| leaf.key == position);
    let proved = place
        .and_then(|place| u32::try_from(place).ok())
        .and_then(|place| Prover::new(&tree).prove(place))
        .ok_or_else(|| FlowError::NotPossible {
            why: format!("position {position} has no claim in this restoration"),
            next: "is the ledger's number right, and the position?".into(),
        })?;
    let number = merkle::shard_of(position.as_array());
    let found = shards(session, &restoration.snapshot, Some(number)).await?;
    let is_of_seal = |shard: &bulkhead_interface::layout::SnapshotShard| {
        shard.state == snapshot_state::SEALED && shard.seal == snapshot.seals
    };
    let shard = match found.iter().find(|(_, shard)| is_of_seal(shard)) {
        Some((key, _)) => *key,
        None => {
            let canopy = tree
                .shard(number)
                .map(|shard| shard.canopy)
                .unwrap_or([bytemuck::Zeroable::zeroed(); 16]);
            let open = ix::open_checkpoint_shard(payer, restoration.snapshot, number, &canopy);
            let key = pda::shard(&restoration.snapshot, number, &payer);
            ensure(session, &key, &[open], &mut done).await?;
            key
        }
    };
    let own = claims::locate(tree.roots(), proved.index).map_or(0, |place| place.page);
    let open = ix::open_book_page(interim.restoration, restoration.book, payer, own);
    ensure(session, &pda::claim_page(&restoration.book, own), &[open], &mut done).await?;
    let owner = proved.leaf.owner;
    let (token_program, mint) = (restoration.token_program, restoration.mint);
    let seeds = [owner.as_ref(), token_program.as_ref(), mint.as_ref()];
    let (destination, bump) = Pubkey::find_program_address(&seeds, &ASSOCIATED_TOKEN);
    let keys = ClaimKeys {
        snapshot: restoration.snapshot,
        shard,
        page: own,
        owner,
        owner_signs: false,
        destination,
    };
    let args = ClaimArgs {
        index: proved.index,
        key: position,
        amount: proved.leaf.amount,
        destination_bump: bump,
        proof: proved.proof,
    };
    let claim = ix::claim(restore::keys(&interim.restoration, &restoration), keys, args);
    let claim = ix::in_book(claim, &interim.restoration, &restoration.book, own);
    let claim = ix::after_interim(claim, key, pda::interim_proof(&key, &payer), page);
    let create = create_associated_token_account_idempotent(&payer, &owner, &mint, &token_program);
    done.receipts.push(session.chain.send(&[create]).await?);
    done.receipts.push(session.chain.send(&[claim]).await?);
    Ok(done)
}

/// Stores the position's leaf of the interim snapshot, or those around its place, and sees that its page is open.
/// Returns the page.
async fn prove_before(
    session: &Session<'_>,
    interim: &Interim,
    old: &Tree,
    position: &Pubkey,
    done: &mut Done,
) -> Result<u16, FlowError> {
    let payer = session.chain.payer();
    let leaves = old.leaves();
    let (places, at) = match leaves.binary_search_by_key(position, |leaf| leaf.key) {
        Ok(place) => (vec![place], place),
        Err(place) => (place.checked_sub(1).into_iter().chain([place]).collect(), place),
    };
    let number = merkle::shard_of(position.as_array());
    let mut prover = Prover::new(old);
    let mut row = 0;
    for place in places {
        let is_near = leaves
            .get(place)
            .is_some_and(|leaf| merkle::shard_of(leaf.key.as_array()) == number);
        let proved = u32::try_from(place).ok().and_then(|place| prover.prove_to_root(place));
        let Some(proved) = proved.filter(|_| is_near) else {
            continue;
        };
        let key = pda::interim(&interim.incident, interim.ledger_index);
        let prove = ix::prove_interim_leaf(key, interim.snapshot, payer, proof_args(row, proved));
        done.receipts.push(session.chain.send(&[prove]).await?);
        row += 1;
    }
    let page = u32::try_from(at)
        .ok()
        .and_then(|at| prover.prove(at))
        .and_then(|leaf| places::locate(interim, leaf.index))
        .map_or(0, |place| place.page);
    let keys = keys_of(interim);
    let open = ix::open_interim_page(keys, payer, proved::SNAPSHOT, page);
    ensure(session, &pda::claim_page(&keys.interim(), page), &[open], done).await?;
    Ok(page)
}
