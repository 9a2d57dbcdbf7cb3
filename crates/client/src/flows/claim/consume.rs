//! A program's address takes a claim over, with a key that signs for it. Programs call `consume_claim` themselves.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::ClaimArgs;

use super::{Leaves, desk::Desk};
use crate::{
    flows::{
        Done, FlowError, Session,
        snapshot::{Prover, send::ensure},
    },
    instructions as ix, pda,
};

/// Everything that `consume_claim` of one position takes, with its proof. For a program that consumes it by CPI, and for
/// [`consume`].
#[derive(Clone)]
pub struct Consumable {
    /// The accounts of the restoration.
    pub restoration: ix::RestorationKeys,
    /// The leaf's accounts. The destination is the owner's associated token account until the program names its own.
    pub keys: ix::ClaimKeys,
    /// The leaf and its proof.
    pub args: ClaimArgs,
    /// The page that records the claim.
    pub claims: Pubkey,
}

/// Proves the leaf of a position, and opens its page if nobody has.
///
/// # Errors
/// As for [`claim`](super::claim).
pub async fn prepare_consumption(
    session: &Session<'_>,
    (domain, incident, ledger_index): (Pubkey, Pubkey, u8),
    position: Pubkey,
    leaves: Leaves,
    done: &mut Done,
) -> Result<Consumable, FlowError> {
    let paid = || FlowError::NotPossible {
        why: "every claim of this restoration has been paid in full".into(),
        next: "is it the right ledger, and the right incident?".into(),
    };
    let desk = Desk::open(session, domain, incident, ledger_index, leaves)
        .await?
        .ok_or_else(paid)?;
    let missing = || FlowError::NotPossible {
        why: format!("position {position} has no claim in this restoration"),
        next: "is the ledger's number right, and the position?".into(),
    };
    let place = desk.places(|leaf| leaf.key == position);
    let place = *place.first().ok_or_else(missing)?;
    let proved = Prover::new(&desk.tree).prove(place).ok_or_else(missing)?;
    let (number, book) = (Desk::page_of(place), desk.restoration.book);
    let claims = pda::claim_page(&book, number);
    let open = ix::open_book_page(desk.key, book, session.chain.payer(), number);
    if session.chain.account(&claims).await?.is_none() {
        ensure(session, &claims, &[open], done).await?;
    }
    let shard = bulkhead_core::snapshots::merkle::shard_of(position.as_array());
    let (destination, destination_bump) = desk.associated(&proved.leaf.owner);
    Ok(Consumable {
        restoration: desk.keys(),
        keys: ix::ClaimKeys {
            snapshot: desk.restoration.snapshot,
            shard: desk.shard(shard, done).await?,
            page: number,
            owner: proved.leaf.owner,
            owner_signs: false,
            destination,
        },
        args: ClaimArgs {
            index: proved.index,
            key: position,
            amount: proved.leaf.amount,
            destination_bump,
            proof: proved.proof,
        },
        claims,
    })
}

/// Consumes the claim of a position: `consumer`, who signs, has the share paid to `destination`.
///
/// # Errors
/// As for [`claim`](super::claim).
pub async fn consume(
    session: &Session<'_>,
    place: (Pubkey, Pubkey, u8),
    position: Pubkey,
    leaves: Leaves,
    (consumer, destination): (Pubkey, Pubkey),
) -> Result<Done, FlowError> {
    let (domain, _, ledger_index) = place;
    let mut done = Done::default();
    let ready = prepare_consumption(session, place, position, leaves, &mut done).await?;
    let keys = ix::ClaimKeys {
        owner_signs: ready.keys.owner == session.chain.payer(),
        destination,
        ..ready.keys
    };
    let mut consume = ix::consume_claim(ready.restoration, keys, (domain, ledger_index), consumer, ready.args);
    // The book is the one that the restoration names.
    let own = pda::claim_page(&ready.restoration.restoration, keys.page);
    for meta in &mut consume.accounts {
        if meta.pubkey == own {
            meta.pubkey = ready.claims;
        }
    }
    done.receipts.push(session.chain.send(&[consume]).await?);
    Ok(done)
}
