//! What leaves custody: releases, their queue, evacuation routes and evacuations.

mod cancellation;
mod evacuation;
mod queue;

use bulkhead_interface::{
    Pubkey,
    constants::{MAX_DELAY_SECONDS, MIN_DELAY_SECONDS, VERSION, release_state, vault_state},
    layout::{DepositNote, OutflowBreaker, Release, Vault},
};

use crate::{
    CoreError,
    breakers::{
        verdict::Verdict,
        window::{self, Asker, Moment},
    },
    custody::{Receiver, is_active, is_stopped},
    detectors::latch::{self},
};

pub use {cancellation::*, evacuation::*, queue::*};

/// May releases wait this long?
///
/// # Errors
/// [`CoreError::ArgumentOutOfRange`].
pub fn check_queue(queue_seconds: i64) -> Result<(), CoreError> {
    if (MIN_DELAY_SECONDS..=MAX_DELAY_SECONDS).contains(&queue_seconds) {
        Ok(())
    } else {
        Err(CoreError::ArgumentOutOfRange)
    }
}

/// Can a vault be opened over this breaker? `vault` already has its fields.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_vault(vault: &mut Vault, key: &Pubkey, breaker: &OutflowBreaker) -> Result<(), CoreError> {
    check_queue(vault.queue_seconds)?;
    if breaker.mint != vault.mint {
        return Err(CoreError::ForeignAccount);
    }
    if breaker.authority != *key {
        return Err(CoreError::NotMeterAuthority);
    }
    if breaker.compartment != vault.compartment {
        return Err(CoreError::ForeignAccount);
    }
    vault.board = breaker.board;
    vault.state = vault_state::ACTIVE;
    // A faulty route trips the same scope, for the same time, as the breaker.
    (vault.latch.scope, vault.latch.seconds) = (breaker.latch.scope, breaker.latch.seconds);
    latch::check(&vault.latch, vault.compartment)?;
    Ok(())
}

/// May an owner deposit `amount` from `source` into this vault? Checking whether deposits are paused is up to the host,
/// because repayments arrive this way too.
///
/// # Errors
/// A named [`CoreError`].
pub fn may_deposit(vault: &Vault, source: &Pubkey, amount: u64, unpaused_slot: u64) -> Result<(), CoreError> {
    if amount == 0 {
        return Err(CoreError::ZeroAmount);
    }
    if !is_active(vault, unpaused_slot) {
        return Err(CoreError::VaultEvacuated);
    }
    if *source == vault.custody {
        return Err(CoreError::WrongDestination);
    }
    Ok(())
}

/// Notes the amount that arrived of a deposit that [`may_deposit`] allowed. The same amount may leave again to its
/// owner within the window without being counted.
pub fn note_deposit(vault: &Vault, breaker: &OutflowBreaker, note: &mut DepositNote, received: u64, now: i64) {
    window::note_deposit(note, breaker, vault.evacuations, received, now);
}

/// May `operator` request `amount` from this vault, metered by the breaker at `breaker`?
///
/// # Errors
/// A named [`CoreError`].
#[inline(always)]
pub fn may_release(vault: &Vault, breaker: &Pubkey, operator: &Pubkey, amount: u64) -> Result<(), CoreError> {
    if amount == 0 {
        return Err(CoreError::ZeroAmount);
    }
    if vault.operator != *operator {
        return Err(CoreError::NotOperator);
    }
    if vault.breaker != *breaker {
        return Err(CoreError::ForeignAccount);
    }
    Ok(())
}

/// The operator, checked by [`may_release`], asks a vault to pay. `is_closed`: the board closes withdrawals.
///
/// An amount over a limit waits, and so does one that the destination cannot receive: a single frozen account, or one
/// that requires a memo, cannot block a host that pays many. An amount that may be paid now is counted. For the rest,
/// the caller checks whether a record can be created and then [`queue`]s it. Without a record nobody is debited, so
/// nothing is counted and nothing latches; otherwise hopeless requests could close the domain for the price of fees.
/// `asker`: the requester's deposits within the window, which leave again without being counted.
///
/// # Errors
/// A named [`CoreError`].
pub fn release(
    vault: &Vault,
    breaker: &mut OutflowBreaker,
    asker: Option<&mut Asker>,
    amount: u64,
    receiver: &Receiver,
    is_closed: bool,
    at: &Moment,
) -> Result<Verdict, CoreError> {
    if receiver.key == vault.custody {
        return Err(CoreError::WrongDestination);
    }
    if !is_active(vault, at.unpaused_slot) {
        return Err(CoreError::VaultEvacuated);
    }
    if is_closed {
        return Err(CoreError::ActionPaused);
    }
    window::renew(breaker, vault.evacuations);
    if !receiver.takes {
        return Ok(Verdict::Queued);
    }
    Ok(window::release(breaker, asker, amount, at))
}

/// Can so much more wait? A sum beyond 64 bits cannot be owed to anybody. Like a taken number, that is a verdict and no
/// error: an error would revert the latch of whoever asks for such amounts.
#[must_use]
pub const fn has_room(vault: &Vault, amount: u64) -> bool {
    vault.queued.checked_add(amount).is_some()
}

/// A release that has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewRelease {
    /// Bump of its PDA.
    pub bump: u8,
    /// Number that the caller chose.
    pub index: u64,
    /// Requested amount. Native units.
    pub amount: u64,
    /// Its vault.
    pub vault: Pubkey,
    /// Payer of its rent.
    pub payer: Pubkey,
}

/// Creates the record of a release that has to wait, requested now, and counts it to what the vault's queue is owed. The
/// destination's current holder owns the claim.
///
/// # Errors
/// [`CoreError::Overflow`].
pub fn queue(
    vault: &mut Vault,
    breaker: &mut OutflowBreaker,
    asker: Option<&mut Asker>,
    new: &NewRelease,
    receiver: &Receiver,
    at: &Moment,
) -> Result<Release, CoreError> {
    window::wait(breaker, asker, new.amount, at);
    vault.queued = vault.queued.checked_add(new.amount).ok_or(CoreError::Overflow)?;
    Ok(Release {
        version: VERSION,
        bump: new.bump,
        state: release_state::QUEUED,
        evacuations: vault.evacuations,
        index: new.index,
        amount: new.amount,
        requested_ts: at.now,
        payable_ts: at.now.checked_add(vault.queue_seconds).ok_or(CoreError::Overflow)?,
        requested_slot: at.slot,
        vault: new.vault,
        destination: receiver.key,
        owner: receiver.holder,
        payer: new.payer,
        ..bytemuck::Zeroable::zeroed()
    })
}

/// Anyone settles a queued release. It pays the smallest of the amount owed, the amount the limit leaves and the
/// vault's balance. It pays the account that was named last, if that account still has the holder it had then. If there
/// is too little room, the turn of matured releases begins.
///
/// Returns the instalment, which may be zero.
///
/// # Errors
/// A named [`CoreError`].
pub fn settle(
    (vault_key, vault): (&Pubkey, &mut Vault),
    (breaker_key, breaker): (&Pubkey, &mut OutflowBreaker),
    release: &mut Release,
    receiver: &Receiver,
    balance: u64,
    is_closed: bool,
    at: &Moment,
) -> Result<u64, CoreError> {
    if vault.breaker != *breaker_key || release.vault != *vault_key {
        return Err(CoreError::ForeignAccount);
    }
    if release.destination != receiver.key || release.owner != receiver.holder {
        return Err(CoreError::WrongDestination);
    }
    if release.state != release_state::QUEUED {
        return Err(CoreError::ReleaseNotQueued);
    }
    if at.now < release.payable_ts {
        return Err(CoreError::ReleaseNotPayable);
    }
    if is_closed {
        return Err(CoreError::ActionPaused);
    }
    if !is_active(vault, at.unpaused_slot) || is_stopped(vault, release) {
        return Err(CoreError::VaultEvacuated);
    }
    if !receiver.takes {
        return Err(CoreError::CannotReceive);
    }
    let owed = release.amount.checked_sub(release.paid).ok_or(CoreError::Overflow)?;
    let payable = owed.min(balance);
    if payable == 0 {
        return Err(CoreError::NothingToMove);
    }
    if latch::is_in_force(&breaker.latch, at.unpaused_slot, at.now) {
        return Err(CoreError::LimitUsedUp);
    }
    window::renew(breaker, vault.evacuations);
    let instalment = window::take(breaker, payable, release.payable_ts, at);
    release.paid = release.paid.checked_add(instalment).ok_or(CoreError::Overflow)?;
    vault.queued = vault.queued.checked_sub(instalment).ok_or(CoreError::Overflow)?;
    if release.paid == release.amount {
        release.state = release_state::PAID;
    }
    Ok(instalment)
}

/// The owner of a queued release names another account for it; otherwise a closed, frozen or re-owned account would
/// block it forever. The holder of the new account then owns the claim. A release that an evacuation has stopped has an
/// owner already, to whom its claim is paid. Returns the account named before.
///
/// # Errors
/// A named [`CoreError`].
pub fn redirect_release(
    (vault_key, vault): (&Pubkey, &Vault),
    release: &mut Release,
    owner: &Pubkey,
    receiver: &Receiver,
) -> Result<Pubkey, CoreError> {
    if release.vault != *vault_key {
        return Err(CoreError::ForeignAccount);
    }
    if release.state != release_state::QUEUED {
        return Err(CoreError::ReleaseNotQueued);
    }
    if release.owner != *owner {
        return Err(CoreError::NotReleaseOwner);
    }
    if is_stopped(vault, release) {
        return Err(CoreError::VaultEvacuated);
    }
    if receiver.key == vault.custody {
        return Err(CoreError::WrongDestination);
    }
    release.owner = receiver.holder;
    Ok(core::mem::replace(&mut release.destination, receiver.key))
}
