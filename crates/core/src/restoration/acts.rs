//! From the chosen state to paid accounts.

use bulkhead_interface::{
    Pubkey,
    constants::{NO_LEDGER, VERSION, snapshot_state, step},
    layout::{Ballot, ClaimRedirect, DirectVault, Domain, Evacuation, Incident, Ledger, Restoration, Snapshot, Vault},
};

use crate::{
    CoreError,
    acts::At,
    ballots::ballot::check_winner,
    custody::queue_ledger,
    domain::phase::{Event, after},
    pause::incident::{mark, mark_again},
    restart::acts::note_restored,
    restoration::{
        share,
        terms::{count_anew, require_claims_run},
    },
};

/// What a restoration proposal names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The incident it ends.
    pub incident: Pubkey,
    /// The sealed snapshot that claims are paid by.
    pub snapshot: Pubkey,
    /// Its root.
    pub root: [u8; 32],
    /// Number of the ledger.
    pub ledger_index: u8,
}

/// The accounts of a new restoration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewRestoration {
    /// Its address.
    pub key: Pubkey,
    /// Bump of its PDA.
    pub bump: u8,
    /// Its domain.
    pub domain: Pubkey,
    /// Token that claims are paid in.
    pub mint: Pubkey,
    /// Its decimals.
    pub decimals: u8,
    /// Token account that claims are paid from.
    pub pool: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
}

/// The accounts that are read when a state is chosen.
#[derive(Clone, Copy)]
pub struct Chosen<'a> {
    /// The ballot over the ledger.
    pub ballot: &'a Ballot,
    /// The snapshot the proposal names.
    pub snapshot: &'a Snapshot,
}

/// Restores a ledger to the state that its ballot chose. Requires a matured proposal for exactly that state.
///
/// # Errors
/// A named [`CoreError`].
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
    begin_restoration(domain, incident, restoration, snapshot, (plan, new), at)
}

/// Begins to restore a ledger to the state of `snapshot`, which a vote or the escape has chosen.
///
/// # Errors
/// [`CoreError::WrongPhase`].
pub(crate) fn begin_restoration(
    domain: &mut Domain,
    incident: &mut Incident,
    restoration: &mut Restoration,
    snapshot: &Snapshot,
    (plan, new): (&Plan, &NewRestoration),
    at: At,
) -> Result<(), CoreError> {
    domain.state = after(domain.state, Event::ChooseRestoration)?;
    if domain.restoration == Pubkey::default() {
        domain.restoration = new.key;
    }
    // Updated by every choice: a reopening must know of all of them.
    mark_again(incident, step::RESTORATION, at.slot, at.now);
    note_restored(incident, plan.ledger_index);

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
    restoration.book = new.key;
    restoration.counted_ts = at.now;
    Ok(())
}

/// The redirection of one owner's claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// Owner of the leaves.
    pub owner: Pubkey,
    /// Token account that is paid instead.
    pub destination: Pubkey,
    /// Holder of that account.
    pub holder: Pubkey,
}

/// Claims can be redirected only for an address that no key signs for. A wallet itself chooses where it is paid.
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

/// Names a token account for the claims of one owner in one restoration, which must be older than the proposal created
/// in `proposed_slot`. The latest proposal wins: a redirection is revoked by one to an account that the owner holds.
///
/// # Errors
/// A named [`CoreError`].
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

/// Anyone shares out the whole unshared balance of the pool. Returns the amount.
///
/// # Errors
/// A named [`CoreError`].
pub fn share_out(
    restoration: &mut Restoration,
    incident: &mut Incident,
    balance: u64,
    at: At,
) -> Result<u64, CoreError> {
    require_claims_run(restoration, at.now)?;
    let added = share::share_out(restoration, balance)?;
    count_anew(restoration, at.now);
    mark(incident, step::CLAIMS, at.slot, at.now);
    Ok(added)
}

/// The part of `asked` that a pool accepts: no more than its claims lack.
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

/// The part of a pool's balance that exceeds all its claims can still be paid.
///
/// # Errors
/// [`CoreError::NothingToMove`].
pub fn surplus(restoration: &Restoration, balance: u64) -> Result<u64, CoreError> {
    match share::surplus(restoration, balance) {
        0 => Err(CoreError::NothingToMove),
        amount => Ok(amount),
    }
}

/// A vault, and the token account that an evacuation moved its tokens to.
#[derive(Clone, Copy)]
pub struct RecoveryAccount<'a> {
    /// Address of the vault.
    pub vault_key: &'a Pubkey,
    /// The vault.
    pub vault: &'a Vault,
    /// The token account.
    pub source: &'a Pubkey,
    /// Its balance.
    pub held: u64,
    /// The ledger of the vault's queue, if it has one.
    pub queue: Option<&'a Ledger>,
}

/// The part of a recovery account's tokens that is due to the restoration: what the vault's evacuation in the
/// restoration's own incident brought there, minus what restorations have drawn, and at most what the claims lack. The
/// vault must back this ledger, and no later incident may have evacuated it. What is kept for the vault's queue is due to
/// the restoration of the queue alone, and all the rest to the other.
///
/// # Errors
/// A named [`CoreError`].
pub fn recovery_account_due(
    restoration: &Restoration,
    recovery_account: RecoveryAccount<'_>,
    balance: u64,
) -> Result<u64, CoreError> {
    let RecoveryAccount {
        vault_key,
        vault,
        source,
        held,
        queue,
    } = recovery_account;
    let kept = queue_ledger::kept((vault_key, vault), queue, &restoration.incident)?;
    let part = if queue_ledger::is_of(vault, restoration.ledger_index) {
        Part::Kept(kept)
    } else {
        Part::Rest(kept)
    };
    let backing = (&vault.domain, vault.ledger, &vault.evacuation);
    due_of(restoration, backing, part, (source, held), balance)
}

/// [`recovery_account_due`] for a direct vault.
///
/// # Errors
/// A named [`CoreError`].
pub fn direct_vault_due(
    restoration: &Restoration,
    vault: &DirectVault,
    recovery_account: (&Pubkey, u64),
    balance: u64,
) -> Result<u64, CoreError> {
    let backing = (&vault.domain, vault.ledger, &vault.evacuation);
    due_of(restoration, backing, Part::Rest(0), recovery_account, balance)
}

/// What of an evacuation is due.
#[derive(Clone, Copy)]
enum Part {
    /// What is kept for the vault's queue, to the restoration of the queue.
    Kept(u64),
    /// All but what is kept, to the restoration of the ledger that the vault backs.
    Rest(u64),
}

/// The part of what an evacuation brought to `source` that is due to the restoration of the ledger it backs.
fn due_of(
    restoration: &Restoration,
    (domain, ledger, evacuation): (&Pubkey, u8, &Evacuation),
    part: Part,
    (source, held): (&Pubkey, u64),
    balance: u64,
) -> Result<u64, CoreError> {
    if *domain != restoration.domain {
        return Err(CoreError::ForeignAccount);
    }
    let backs = matches!(part, Part::Kept(_)) || ledger == restoration.ledger_index && ledger != NO_LEDGER;
    let is_own = evacuation.incident == restoration.incident && backs;
    if !is_own || evacuation.destination != *source {
        return Err(CoreError::WrongDestination);
    }
    let left = evacuation.moved.saturating_sub(evacuation.drawn).min(held);
    let due = match part {
        Part::Kept(kept) => left.min(kept),
        Part::Rest(kept) => left.saturating_sub(kept),
    };
    match due.min(share::lacking(restoration, balance)) {
        0 => Err(CoreError::NothingToMove),
        amount => Ok(amount),
    }
}

/// Records what a restoration drew from a recovery account. `queue` is the ledger of the vault's queue, if it has one.
///
/// # Errors
/// [`CoreError::Overflow`].
pub fn book_drawn(
    restoration: &Restoration,
    vault: &mut Vault,
    queue: Option<&mut Ledger>,
    amount: u64,
) -> Result<(), CoreError> {
    if let Some(ledger) = queue {
        book_kept(restoration, ledger, amount)?;
    }
    book_drawn_of(&mut vault.evacuation, amount)
}

/// Records what a restoration drew from a vault with this queue: the restoration of the queue itself draws what is kept.
///
/// # Errors
/// [`CoreError::Overflow`].
pub fn book_kept(restoration: &Restoration, queue: &mut Ledger, amount: u64) -> Result<(), CoreError> {
    if queue.index == restoration.ledger_index {
        queue.queue_reserve = queue.queue_reserve.checked_sub(amount).ok_or(CoreError::Overflow)?;
    }
    Ok(())
}

/// [`book_drawn`] for what any vault's evacuation brought there.
///
/// # Errors
/// [`CoreError::Overflow`].
pub fn book_drawn_of(evacuation: &mut Evacuation, amount: u64) -> Result<(), CoreError> {
    evacuation.drawn = evacuation.drawn.checked_add(amount).ok_or(CoreError::Overflow)?;
    Ok(())
}

/// Records the payment that a leaf of `amount`, paid `paid` so far, receives now, and returns it. Works in every phase,
/// also when a later incident is open or the state has become void since it was chosen.
///
/// # Errors
/// A named [`CoreError`].
#[inline(always)]
pub fn claim(restoration: &mut Restoration, amount: u64, paid: &mut u64) -> Result<u64, CoreError> {
    share::pay(restoration, amount, paid)
}
