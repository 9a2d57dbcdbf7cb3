//! From the state that was chosen to every account paid.

use bulkhead_interface::{
    Pubkey,
    constants::{NO_LEDGER, VERSION, snapshot_state, step},
    layout::{Ballot, ClaimRedirect, Domain, Incident, Restoration, Snapshot, Vault},
};

use crate::{
    CoreError,
    acts::At,
    ballots::ballot::check_winner,
    domain::phase::{Event, after},
    pause::incident::{mark, mark_again},
    restoration::share,
};

/// What a proposal to restore names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The incident it ends.
    pub incident: Pubkey,
    /// The sealed snapshot claims are paid by.
    pub snapshot: Pubkey,
    /// Its root.
    pub root: [u8; 32],
    /// Number of the ledger.
    pub ledger_index: u8,
}

/// The accounts of a new restoration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewRestoration {
    /// Where it is.
    pub key: Pubkey,
    /// Bump of its PDA.
    pub bump: u8,
    /// Its domain.
    pub domain: Pubkey,
    /// Token claims are paid in.
    pub mint: Pubkey,
    /// Its decimals.
    pub decimals: u8,
    /// Token account claims are paid from.
    pub pool: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
}

/// What is read when a state is chosen.
#[derive(Clone, Copy)]
pub struct Chosen<'a> {
    /// The ballot over the ledger.
    pub ballot: &'a Ballot,
    /// The snapshot the proposal names.
    pub snapshot: &'a Snapshot,
}

/// Restarts a ledger from the state that its ballot chose. Only a matured proposal for exactly that state says so.
///
/// # Errors
/// [`CoreError`] by name.
pub fn choose_restoration(
    domain: &mut Domain,
    incident: &mut Incident,
    restoration: &mut Restoration,
    chosen: Chosen<'_>,
    (plan, new): (&Plan, &NewRestoration),
    at: At,
) -> Result<(), CoreError> {
    let Chosen { ballot, snapshot } = chosen;
    if domain.open_incident != plan.incident {
        return Err(CoreError::IncidentNotOpen);
    }
    let is_own = |incident: &Pubkey, ledger: u8| *incident == plan.incident && ledger == plan.ledger_index;
    if !is_own(&snapshot.incident, snapshot.ledger_index)
        || !is_own(&ballot.incident, ballot.ledger_index)
        || snapshot.mint != new.mint
    {
        return Err(CoreError::ForeignAccount);
    }
    if snapshot.state != snapshot_state::SEALED {
        return Err(CoreError::SnapshotNotSealed);
    }
    if snapshot.root != plan.root {
        return Err(CoreError::PayloadMismatch);
    }
    check_winner(ballot, &plan.snapshot, snapshot, at.now)?;
    domain.state = after(domain.state, Event::ChooseRestoration)?;
    if domain.restoration == Pubkey::default() {
        domain.restoration = new.key;
    }
    // Every choice anew: a reopening has to know of all of them.
    mark_again(incident, step::RESTORATION, at.slot, at.now);

    restoration.version = VERSION;
    restoration.bump = new.bump;
    restoration.ledger_index = plan.ledger_index;
    restoration.decimals = new.decimals;
    restoration.domain = new.domain;
    restoration.incident = plan.incident;
    restoration.snapshot = plan.snapshot;
    restoration.mint = new.mint;
    restoration.pool = new.pool;
    restoration.token_program = new.token_program;
    restoration.total = snapshot.total;
    restoration.count = snapshot.count;
    restoration.chosen_slot = at.slot;
    Ok(())
}

/// Where a proposal sends the claims of one owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// Owner of the leaves.
    pub owner: Pubkey,
    /// Token account that is paid in its place.
    pub destination: Pubkey,
    /// Who holds that account.
    pub holder: Pubkey,
}

/// Only an address that no key signs for has its claims redirected: a wallet says itself where it is paid.
///
/// # Errors
/// [`CoreError::OwnerCanSign`].
pub const fn check_redirected(is_on_curve: bool) -> Result<(), CoreError> {
    if is_on_curve {
        Err(CoreError::OwnerCanSign)
    } else {
        Ok(())
    }
}

/// Names a token account for the claims of one owner, in one restoration that the proposal, made in `proposed_slot`, knew
/// of. The latest proposal stands: a redirection is taken back by one to an account that the owner holds.
///
/// # Errors
/// [`CoreError`] by name.
pub fn redirect_claims(
    (restoration_key, restoration): (&Pubkey, &Restoration),
    route: &mut ClaimRedirect,
    how: &Redirection,
    is_on_curve: bool,
    proposed_slot: u64,
) -> Result<(), CoreError> {
    check_redirected(is_on_curve)?;
    let newest = restoration.chosen_slot.max(route.proposed_slot);
    if proposed_slot <= newest {
        return Err(CoreError::TightenedSince);
    }
    route.domain = restoration.domain;
    route.restoration = *restoration_key;
    route.owner = how.owner;
    route.destination = how.destination;
    route.holder = how.holder;
    route.proposed_slot = proposed_slot;
    Ok(())
}

/// Anyone shares out all that the pool holds and no share needs. Gives how much.
///
/// # Errors
/// [`CoreError`] by name.
pub fn share_out(
    restoration: &mut Restoration,
    incident: &mut Incident,
    balance: u64,
    at: At,
) -> Result<u64, CoreError> {
    let added = share::share_out(restoration, balance)?;
    mark(incident, step::CLAIMS, at.slot, at.now);
    Ok(added)
}

/// What of `asked` a pool takes: no more than its claims lack.
///
/// # Errors
/// [`CoreError::ZeroAmount`], [`CoreError::NothingToMove`].
pub fn fund(restoration: &Restoration, balance: u64, asked: u64) -> Result<u64, CoreError> {
    if asked == 0 {
        return Err(CoreError::ZeroAmount);
    }
    match asked.min(share::lacking(restoration, balance)) {
        0 => Err(CoreError::NothingToMove),
        amount => Ok(amount),
    }
}

/// What a pool holds beyond all that its claims can still be paid.
///
/// # Errors
/// [`CoreError::NothingToMove`].
pub fn surplus(restoration: &Restoration, balance: u64) -> Result<u64, CoreError> {
    match share::surplus(restoration, balance) {
        0 => Err(CoreError::NothingToMove),
        amount => Ok(amount),
    }
}

/// A vault, and the token account an evacuation brought its tokens to.
#[derive(Clone, Copy)]
pub struct RecoveryAccount<'a> {
    /// The vault.
    pub vault: &'a Vault,
    /// The token account.
    pub source: &'a Pubkey,
    /// What it holds.
    pub held: u64,
}

/// What of a recovery account's tokens the restoration is due: what the vault's evacuation in the restoration's own incident
/// brought there, and no restoration has drawn, as far as claims lack it. The vault must back this ledger, and no later
/// incident may have moved it.
///
/// # Errors
/// [`CoreError`] by name.
pub fn recovery_account_due(
    restoration: &Restoration,
    recovery_account: RecoveryAccount<'_>,
    balance: u64,
) -> Result<u64, CoreError> {
    let RecoveryAccount { vault, source, held } = recovery_account;
    let evacuation = &vault.evacuation;
    if vault.domain != restoration.domain {
        return Err(CoreError::ForeignAccount);
    }
    let is_own = evacuation.incident == restoration.incident
        && vault.ledger == restoration.ledger_index
        && vault.ledger != NO_LEDGER;
    if !is_own || evacuation.destination != *source {
        return Err(CoreError::WrongDestination);
    }
    let left = evacuation.moved.saturating_sub(evacuation.drawn).min(held);
    match left.min(share::lacking(restoration, balance)) {
        0 => Err(CoreError::NothingToMove),
        amount => Ok(amount),
    }
}

/// Writes down what a restoration drew of a recovery account.
///
/// # Errors
/// [`CoreError::Overflow`].
pub fn book_drawn(vault: &mut Vault, amount: u64) -> Result<(), CoreError> {
    let drawn = vault.evacuation.drawn.checked_add(amount);
    vault.evacuation.drawn = drawn.ok_or(CoreError::Overflow)?;
    Ok(())
}

/// Books what a leaf of `amount`, paid `paid` so far, gets now, and gives it. Works in every phase, also when a later
/// incident is open and when the state has become void since it was chosen.
///
/// # Errors
/// [`CoreError`] by name.
#[inline(always)]
pub fn claim(restoration: &mut Restoration, amount: u64, paid: &mut u64) -> Result<u64, CoreError> {
    Ok(share::pay(restoration, amount, paid)?)
}
