//! What leaves custody: releases, their queue, routes and evacuations.

use bulkhead_interface::{
    Pubkey,
    constants::{
        MAX_DELAY_SECONDS, MIN_DELAY_SECONDS, VERSION, incident_state, latch_state, migration_state, release_state,
        role, route_fault, step, vault_state,
    },
    layout::{Council, DepositNote, Domain, Evacuation, Incident, Migration, OutflowBreaker, Release, Vault},
};

use crate::{
    CoreError,
    acts::{At, decide},
    breakers::{
        verdict::Verdict,
        window::{self, Asker, Moment},
    },
    custody::{
        Receiver, is_active, is_void,
        migration::{self, Moved},
        release_list,
    },
    detectors::{
        latch::{self, Effect, Evidence, Found},
        watch::Observation,
    },
    domain::council::{burn, member_index},
    pause::incident::{covers, mark_again},
};

/// May releases wait so long?
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

/// Can a vault be opened over this breaker? `vault` has its fields already.
///
/// # Errors
/// [`CoreError`] by name.
pub fn open_vault(vault: &mut Vault, key: &Pubkey, breaker: &OutflowBreaker) -> Result<(), CoreError> {
    check_queue(vault.queue_seconds)?;
    if breaker.mint != vault.mint {
        return Err(CoreError::ForeignAccount.into());
    }
    if breaker.authority != *key {
        return Err(CoreError::NotMeterAuthority);
    }
    if breaker.compartment != vault.compartment {
        return Err(CoreError::ForeignAccount.into());
    }
    vault.board = breaker.board;
    vault.state = vault_state::ACTIVE;
    // A route that fails trips as far and as long as the breaker does.
    (vault.latch.scope, vault.latch.seconds) = (breaker.latch.scope, breaker.latch.seconds);
    latch::check(&vault.latch, vault.compartment)?;
    Ok(())
}

/// May an owner bring `amount` into this vault out of `source`? Whether deposits are closed is the host's to ask, for
/// repayments come in this way too.
///
/// # Errors
/// [`CoreError`] by name.
pub fn may_deposit(vault: &Vault, source: &Pubkey, amount: u64, unpaused_slot: u64) -> Result<(), CoreError> {
    if amount == 0 {
        return Err(CoreError::ZeroAmount);
    }
    if !is_active(vault, unpaused_slot) {
        return Err(CoreError::VaultEvacuated.into());
    }
    if *source == vault.custody {
        return Err(CoreError::WrongDestination.into());
    }
    Ok(())
}

/// Notes what has arrived of a deposit that [`may_deposit`] let in: so much leaves again to its owner within the window and
/// is counted nowhere.
pub fn note_deposit(vault: &Vault, breaker: &OutflowBreaker, note: &mut DepositNote, received: u64, now: i64) {
    window::note_deposit(note, breaker, vault.evacuations, received, now);
}

/// May `operator` ask this vault for `amount`, metered by the breaker at `breaker`?
///
/// # Errors
/// [`CoreError`] by name.
#[inline(always)]
pub fn may_release(vault: &Vault, breaker: &Pubkey, operator: &Pubkey, amount: u64) -> Result<(), CoreError> {
    if amount == 0 {
        return Err(CoreError::ZeroAmount);
    }
    if vault.operator != *operator {
        return Err(CoreError::NotOperator.into());
    }
    if vault.breaker != *breaker {
        return Err(CoreError::ForeignAccount.into());
    }
    Ok(())
}

/// The operator, who [`may_release`], asks a vault to pay. `is_closed`: the board closes withdrawals.
///
/// What is over a limit waits, and so does what the destination would not take: a host that pays many is not stopped by one
/// who is frozen or wants a memo. What may be paid now is counted; for the rest the caller looks whether a record can be
/// made, and then [`queue`]s it. Without a record nobody is debited: then it counts for nothing and latches nothing, or
/// whoever asks in vain would close the domain for fees. `asker`: what who asks has brought in within the window is counted nowhere.
///
/// # Errors
/// [`CoreError`] by name.
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
        return Err(CoreError::WrongDestination.into());
    }
    if !is_active(vault, at.unpaused_slot) {
        return Err(CoreError::VaultEvacuated.into());
    }
    if is_closed {
        return Err(CoreError::ActionPaused.into());
    }
    window::renew(breaker, vault.evacuations);
    if !receiver.takes {
        return Ok(Verdict::Queued);
    }
    Ok(window::release(breaker, asker, amount, at))
}

/// A release that has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewRelease {
    /// Bump of its PDA.
    pub bump: u8,
    /// Number the caller chose.
    pub index: u64,
    /// Asked for. Native units.
    pub amount: u64,
    /// Its vault.
    pub vault: Pubkey,
    /// Who pays its rent.
    pub payer: Pubkey,
}

/// The record of a release that has to wait, and is asked for from now on. The claim is whose the destination is now.
///
/// # Errors
/// [`CoreError::Overflow`].
pub fn queue(
    vault: &Vault,
    breaker: &mut OutflowBreaker,
    asker: Option<&mut Asker>,
    new: &NewRelease,
    receiver: &Receiver,
    at: &Moment,
) -> Result<Release, CoreError> {
    window::wait(breaker, asker, new.amount, at);
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

/// Anyone settles a queued release: what is owed, what the limit leaves and what the vault has, whichever is least. It pays
/// the account that was named last, if who held it then holds it still. Where it finds
/// too little room, its turn begins.
///
/// Returns the instalment, which may be nothing.
///
/// # Errors
/// [`CoreError`] by name.
pub fn settle(
    (vault_key, vault): (&Pubkey, &Vault),
    (breaker_key, breaker): (&Pubkey, &mut OutflowBreaker),
    release: &mut Release,
    receiver: &Receiver,
    balance: u64,
    is_closed: bool,
    at: &Moment,
) -> Result<u64, CoreError> {
    if vault.breaker != *breaker_key || release.vault != *vault_key {
        return Err(CoreError::ForeignAccount.into());
    }
    if release.destination != receiver.key || release.owner != receiver.holder {
        return Err(CoreError::WrongDestination.into());
    }
    if release.state != release_state::QUEUED {
        return Err(CoreError::ReleaseNotQueued.into());
    }
    if at.now < release.payable_ts {
        return Err(CoreError::ReleaseNotPayable.into());
    }
    if is_closed {
        return Err(CoreError::ActionPaused.into());
    }
    if !is_active(vault, at.unpaused_slot) || is_void(vault, release) {
        return Err(CoreError::VaultEvacuated.into());
    }
    if !receiver.takes {
        return Err(CoreError::CannotReceive.into());
    }
    let owed = release.amount.checked_sub(release.paid).ok_or(CoreError::Overflow)?;
    let payable = owed.min(balance);
    if payable == 0 {
        return Err(CoreError::NothingToMove.into());
    }
    if latch::is_in_force(&breaker.latch, at.unpaused_slot, at.now) {
        return Err(CoreError::LimitUsedUp.into());
    }
    window::renew(breaker, vault.evacuations);
    let instalment = window::take(breaker, payable, release.payable_ts, at);
    release.paid = release.paid.checked_add(instalment).ok_or(CoreError::Overflow)?;
    if release.paid == release.amount {
        release.state = release_state::PAID;
    }
    Ok(instalment)
}

/// Who owns a queued release names another account for it: a closed, frozen or re-owned one would keep it forever. The
/// claim is then whose that account is. Returns the account named before.
///
/// # Errors
/// [`CoreError`] by name.
pub fn redirect_release(
    (vault_key, vault): (&Pubkey, &Vault),
    release: &mut Release,
    owner: &Pubkey,
    receiver: &Receiver,
) -> Result<Pubkey, CoreError> {
    if release.vault != *vault_key {
        return Err(CoreError::ForeignAccount.into());
    }
    if release.state != release_state::QUEUED {
        return Err(CoreError::ReleaseNotQueued.into());
    }
    if release.owner != *owner {
        return Err(CoreError::NotReleaseOwner.into());
    }
    if receiver.key == vault.custody {
        return Err(CoreError::WrongDestination.into());
    }
    release.owner = receiver.holder;
    Ok(core::mem::replace(&mut release.destination, receiver.key))
}

/// One guardian cancels a queued release of the open incident, or one that was not payable yet at its breach: nobody had
/// come too late for it. Burns a pause right.
///
/// Returns what was not paid and stays in the vault, and the rights left.
///
/// # Errors
/// [`CoreError`] by name.
pub fn cancel_release(
    council: &mut Council,
    incident: &Incident,
    release: &mut Release,
    guardian: &Pubkey,
) -> Result<(u64, u8), CoreError> {
    let index = member_index(council, guardian, role::GUARDIAN)?;
    if release.state != release_state::QUEUED {
        return Err(CoreError::ReleaseNotQueued.into());
    }
    let breach = incident.steps.get(step::BREACH).map_or(0, |breach| breach.ts);
    if !covers(incident, release.requested_slot) && release.payable_ts <= breach {
        return Err(CoreError::ReleaseBeforeBreach.into());
    }
    let rights_left = burn(council, index)?;
    Ok((call_off(release)?, rights_left))
}

/// Ends a queued release. Returns what was not paid.
fn call_off(release: &mut Release) -> Result<u64, CoreError> {
    let unpaid = release.amount.checked_sub(release.paid).ok_or(CoreError::Overflow)?;
    release.state = release_state::CANCELLED;
    Ok(unpaid)
}

/// A matured proposal says which queued releases are cancelled, by the root of their list; zero ends an earlier list. A
/// guardian reaches what an alarm was in time for, this reaches everything: a theft that waits for its limits is no news
/// to any detector.
///
/// # Errors
/// [`CoreError::DecidedSince`].
pub fn cancel_releases(vault: &mut Vault, root: [u8; 32], proposed_slot: u64) -> Result<(), CoreError> {
    decide(&mut vault.cancel_decided_slot, Some(proposed_slot))?;
    vault.cancel_root = root;
    Ok(())
}

/// Anyone cancels a queued release that is on the vault's list. Returns what was not paid and stays in the vault.
///
/// # Errors
/// [`CoreError`] by name.
pub fn cancel_listed(
    (vault_key, vault): (&Pubkey, &Vault),
    (release_key, release): (&Pubkey, &mut Release),
    proof: &[[u8; 32]],
) -> Result<u64, CoreError> {
    if release.vault != *vault_key {
        return Err(CoreError::ForeignAccount.into());
    }
    if release.state != release_state::QUEUED {
        return Err(CoreError::ReleaseNotQueued.into());
    }
    let leaf = release_list::leaf(release_key, release.requested_slot);
    if vault.cancel_root == [0; 32] || release_list::root_of(leaf, proof) != vault.cancel_root {
        return Err(CoreError::ReleaseNotListed.into());
    }
    call_off(release)
}

/// May the record of a release be closed? Not one that an evacuation has voided: it is what shows that the host owes it.
///
/// # Errors
/// [`CoreError::ReleaseStillQueued`].
pub fn close_release(release: &Release) -> Result<(), CoreError> {
    if release.state == release_state::QUEUED {
        return Err(CoreError::ReleaseStillQueued.into());
    }
    Ok(())
}

/// A token account that is to be a route, as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its address.
    pub key: Pubkey,
    /// Who holds it.
    pub holder: Pubkey,
    /// It is its holder's alone and would take any transfer of the vault's mint.
    pub is_fit: bool,
    /// It is custody of a vault, the votes or a pool.
    pub is_own: bool,
}

/// Sets the one account a vault can be evacuated to, and begins to watch it anew: what was wrong with the one before, and is
/// not on the board yet, is over. Returns the one before.
///
/// # Errors
/// [`CoreError`] by name.
pub fn register_evacuation_route(
    vault: &mut Vault,
    route: &Route,
    proposed_slot: Option<u64>,
) -> Result<Pubkey, CoreError> {
    decide(&mut vault.route_decided_slot, proposed_slot)?;
    if route.is_own || route.key == vault.custody || route.key == Pubkey::default() {
        return Err(CoreError::WrongDestination.into());
    }
    if !route.is_fit {
        return Err(CoreError::UnfitEvacuationRoute.into());
    }
    (vault.route_holder, vault.route_fault, vault.latched_fault) = (route.holder, route_fault::NONE, route_fault::NONE);
    if vault.latch.state == latch_state::LATCHED {
        latch::disarm(&mut vault.latch);
    }
    Ok(core::mem::replace(&mut vault.route, route.key))
}

/// Anyone looks at a vault's route. A fault latches as a changed authority does, by the same table ([`crate::latch`]): an unpause
/// accepts the fault that had latched before it was proposed, until the route was sound once.
///
/// # Errors
/// [`CoreError::WrongEvacuationRoute`] when there is none.
pub fn observe_evacuation_route(
    vault: &mut Vault,
    fault: u8,
    unpaused_slot: u64,
    at: At,
) -> Result<Observation, CoreError> {
    if vault.route == Pubkey::default() {
        return Err(CoreError::WrongEvacuationRoute.into());
    }
    (vault.route_fault, vault.route_ts) = (fault, at.now);
    let found = if fault == route_fault::NONE {
        Found::InOrder
    } else if fault == vault.latched_fault {
        Found::Same
    } else {
        Found::News
    };
    let evidence = Evidence {
        seen: fault.into(),
        allowed: 0,
    };
    Ok(
        match latch::look(&mut vault.latch, found, evidence, unpaused_slot, at) {
            Effect::Forget => {
                vault.latched_fault = route_fault::NONE;
                Observation::Sound
            }
            Effect::Accept => Observation::Sound,
            Effect::Stand => Observation::Changed,
            Effect::Latch | Effect::Again => {
                vault.latched_fault = fault;
                Observation::Latched
            }
        },
    )
}

/// Anyone moves a vault, once the guardians have confirmed. It is closed and its queue is void from then on, be there
/// nothing in it to move or no route that could take it: that comes later then, and the thief is paid nothing meanwhile.
///
/// Returns what has to be moved, which [`evacuated`] then writes down. `fault` is the route's, `held` what it has, `balance`
/// what the vault has; any account may stand for the route of a vault that has none.
///
/// # Errors
/// [`CoreError`] by name.
pub fn evacuate(
    domain: &Domain,
    migration: &Migration,
    (incident_key, incident): (&Pubkey, &Incident),
    vault: &mut Vault,
    (route, fault, held): (&Pubkey, u8, u64),
    balance: u64,
) -> Result<u64, CoreError> {
    if migration.incident != *incident_key || vault.domain != migration.domain {
        return Err(CoreError::ForeignAccount.into());
    }
    if migration.state != migration_state::ACTIVE {
        return Err(CoreError::EvacuationNotConfirmed.into());
    }
    if incident.state != incident_state::OPEN {
        return Err(CoreError::IncidentNotOpen);
    }
    let has_route = vault.route != Pubkey::default();
    if has_route && vault.route != *route {
        return Err(CoreError::WrongEvacuationRoute.into());
    }
    let is_first = vault.evacuation.incident != *incident_key;
    let is_movable = has_route && fault == route_fault::NONE;
    if !is_first && balance == 0 {
        return Err(CoreError::NothingToMove.into());
    }
    if !is_first && !is_movable {
        let fault = if has_route {
            CoreError::UnfitEvacuationRoute
        } else {
            CoreError::WrongEvacuationRoute
        };
        return Err(fault.into());
    }
    if is_first {
        let left = left_at(&vault.evacuation, &vault.route, held, domain.spent_slot);
        vault.evacuation = Evacuation {
            incident: *incident_key,
            destination: vault.route,
            before: left,
            moved: left,
            ..bytemuck::Zeroable::zeroed()
        };
        vault.evacuations = vault.evacuations.checked_add(1).ok_or(CoreError::Overflow)?;
    }
    vault.state = vault_state::EVACUATED;
    // Not when it was moved: that anyone chooses, and could move it past every unpause.
    vault.evacuated_slot = incident
        .steps
        .get(step::EVACUATION)
        .map_or(0, |confirmed| confirmed.slot);
    Ok(if is_movable { balance } else { 0 })
}

/// What an earlier evacuation brought to a route and is there still: the later incident's, be there something in the vault to
/// move now or not. Restorations and proposals alone move it on: what the first have drawn is counted, and the second are
/// trusted to leave nothing that is anybody's, for what is there after them may be another vault's.
fn left_at(earlier: &Evacuation, route: &Pubkey, held: u64, spent_slot: u64) -> u64 {
    if earlier.destination == *route && earlier.slot > spent_slot {
        earlier.moved.saturating_sub(earlier.drawn).min(held)
    } else {
        0
    }
}

/// Writes down what an evacuation has moved.
///
/// # Errors
/// [`CoreError`] by name.
pub fn evacuated(incident: &mut Incident, vault: &mut Vault, moved: &Moved, at: At) -> Result<(), CoreError> {
    let route = vault.route;
    migration::record(&mut vault.evacuation, &route, moved, at.slot, at.now)?;
    // Units of whatever tokens there are, to be shown: one that has too many stops no other's evacuation.
    incident.evacuated = incident.evacuated.saturating_add(moved.received);
    mark_again(incident, step::EVACUATED, at.slot, at.now);
    Ok(())
}
