//! `claim` and `claim_all`: pays leaves of the chosen state their shares.
//!
//! What a leaf was paid so far stands in its page, so a claim that was paid is skipped, whoever paid it. Claims go to
//! the owners' associated token accounts, which are created if they do not exist; nobody but the owner chooses another
//! account.

mod batch;
mod books;
mod consume;
mod cost;
mod desk;
mod pages;
mod pay;
mod routes;

pub use {
    books::Books,
    consume::{Consumable, consume, prepare_consumption},
    cost::claim_cost,
};

use anchor_lang::prelude::Pubkey;
use bulkhead_core::restoration::share;
use bulkhead_interface::layout::Restoration;

use self::desk::Desk;
use super::snapshot::Leaf;
use crate::{
    flows::{Done, FlowError, Session},
    pda,
};

/// Where the leaves of the chosen state come from.
#[derive(Clone, Debug)]
pub enum Leaves {
    /// The positions as the chain has them now. They are the chosen state as long as the domain is frozen and the state
    /// was read in this incident.
    Live,
    /// Leaves that the caller has, in any order, for example from the folder that `bulkhead snapshot build` wrote.
    Given(Vec<Leaf>),
}

impl Leaves {
    /// Leaves as keys, owners and amounts.
    pub fn given<L: Into<Leaf>>(leaves: impl IntoIterator<Item = L>) -> Self {
        Self::Given(leaves.into_iter().map(Into::into).collect())
    }
}

/// Whose claims are paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// All claims of this owner.
    Owner(Pubkey),
    /// The claim of the position with this key.
    Position(Pubkey),
}

/// A claim that could not be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpaid {
    /// Its leaf.
    pub leaf: Leaf,
    /// What is due to it. Native units.
    pub due: u64,
    /// Why it was not paid, and what to do next.
    pub why: String,
}

/// What claiming did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claimed {
    /// The transactions. Skipped: claims to which nothing is due, because they are paid or because their share rounds
    /// down to nothing.
    pub done: Done,
    /// Number of claims looked at.
    pub claims: u64,
    /// Number of claims that this run paid.
    pub paid_claims: u64,
    /// Sum that this run paid, by the shares as they were when it read them. Native units.
    pub paid: u64,
    /// Claims to which something is due and that could not be paid.
    pub unpaid: Vec<Unpaid>,
    /// The whole restoration afterwards; only of [`claim_all`].
    pub books: Option<Books>,
}

/// Pays the claims of one owner, or of one position. With `destination` they go to that token account, and the owner
/// signs; otherwise to the owner's associated token account, and nobody signs but the payer.
///
/// # Errors
/// [`FlowError::NotPossible`] when the leaves are not the chosen state, or there is no such claim. [`FlowError::NotYet`]
/// before anything was shared out. Otherwise [`FlowError`].
pub async fn claim(
    session: &Session<'_>,
    domain: Pubkey,
    incident: Pubkey,
    ledger_index: u8,
    who: Who,
    leaves: Leaves,
    destination: Option<Pubkey>,
) -> Result<Claimed, FlowError> {
    let Some(desk) = Desk::open(session, domain, incident, ledger_index, leaves).await? else {
        let mut claimed = Claimed::default();
        claimed.done.skipped += 1;
        return Ok(claimed);
    };
    let is_wanted = |leaf: &Leaf| match who {
        Who::Owner(owner) => leaf.owner == owner,
        Who::Position(key) => leaf.key == key,
    };
    let places = desk.places(is_wanted);
    if places.is_empty() {
        return Err(FlowError::NotPossible {
            why: match who {
                Who::Owner(owner) => format!("{owner} has no claim in this restoration"),
                Who::Position(key) => format!("position {key} has no claim in this restoration"),
            },
            next: "is the ledger's number right, and the owner or position?".into(),
        });
    }
    // Also where nothing is due any more: a wrong account is an error whatever was paid.
    if let Some(destination) = destination {
        desk.to_chosen(destination).await?;
    }
    desk.claim(&places, destination, false).await
}

/// Pays every claim to which something is due, page by page, and checks the whole restoration afterwards: what was paid,
/// what is left and what rounding keeps back is exactly what was shared out.
///
/// # Errors
/// As for [`claim`]. [`FlowError::NotPossible`] also when the accounts contradict that law.
pub async fn claim_all(
    session: &Session<'_>,
    domain: Pubkey,
    incident: Pubkey,
    ledger_index: u8,
    leaves: Leaves,
) -> Result<Claimed, FlowError> {
    let Some(desk) = Desk::open(session, domain, incident, ledger_index, leaves).await? else {
        return settled(session, incident, ledger_index).await;
    };
    let places = desk.places(|_| true);
    let mut claimed = desk.claim(&places, None, true).await?;
    claimed.books = Some(desk.books().await?);
    Ok(claimed)
}

/// Every claim was paid in full: the pages may be closed already, and nothing is left to read.
async fn settled(session: &Session<'_>, incident: Pubkey, ledger_index: u8) -> Result<Claimed, FlowError> {
    let key = pda::restoration(&incident, ledger_index);
    let restoration: Restoration = session.load("restoration", &key, "run this again").await?;
    let pool = desk::balance(session, &restoration.pool).await?;
    let mut claimed = Claimed {
        claims: restoration.count,
        books: Some(Books::settled(&restoration, pool)),
        ..Claimed::default()
    };
    claimed.done.skipped += restoration.count;
    Ok(claimed)
}

/// Has every claim been paid in full?
const fn is_settled(restoration: &Restoration) -> bool {
    share::is_settled(restoration)
}
