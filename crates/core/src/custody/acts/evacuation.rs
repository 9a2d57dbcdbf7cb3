//! Evacuation routes and evacuations.

use bulkhead_interface::{
    Pubkey,
    constants::{incident_state, latch_state, migration_state, route_fault, step, vault_state},
    layout::{Domain, Evacuation, Incident, Migration, Vault},
};

use super::{Queue, queue::stop};
use crate::{
    CoreError,
    acts::{At, decide, require_evacuable},
    custody::{
        migration::{self, Moved},
        queue_ledger,
    },
    detectors::{
        latch::{self, Effect, Evidence, Found},
        watch::Observation,
    },
    escape::clock,
    pause::incident::{has_happened, mark_again},
};

/// A token account that is to become a route, as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its address.
    pub key: Pubkey,
    /// Its holder.
    pub holder: Pubkey,
    /// Its holder has sole control, and it would accept any transfer of the vault's mint.
    pub is_fit: bool,
    /// It is the custody of a vault, the votes of a domain or a pool.
    pub is_own: bool,
}

/// Sets the one account that a vault can be evacuated to, and starts to watch it from scratch: a fault of the previous
/// route that is not on the board yet is dropped. Returns the previous route.
///
/// # Errors
/// A named [`CoreError`].
pub fn register_evacuation_route(
    vault: &mut Vault,
    route: &Route,
    proposed_slot: Option<u64>,
) -> Result<Pubkey, CoreError> {
    decide(&mut vault.route_decided_slot, proposed_slot)?;
    if route.is_own || route.key == vault.custody || route.key == Pubkey::default() {
        return Err(CoreError::WrongDestination);
    }
    if !route.is_fit {
        return Err(CoreError::UnfitEvacuationRoute);
    }
    (vault.route_holder, vault.route_fault, vault.latched_fault) = (route.holder, route_fault::NONE, route_fault::NONE);
    if vault.latch.state == latch_state::LATCHED {
        latch::disarm(&mut vault.latch);
    }
    Ok(core::mem::replace(&mut vault.route, route.key))
}

/// Anyone observes a vault's route. A fault latches like a changed authority, by the same table ([`crate::detectors::latch`]): an
/// unpause accepts a fault that had latched before the unpause was proposed, until the route has been sound once.
///
/// # Errors
/// [`CoreError::WrongEvacuationRoute`] when there is no route.
pub fn observe_evacuation_route(
    vault: &mut Vault,
    fault: u8,
    unpaused_slot: u64,
    at: At,
) -> Result<Observation, CoreError> {
    if vault.route == Pubkey::default() {
        return Err(CoreError::WrongEvacuationRoute);
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

/// Anyone evacuates a vault, once the guardians have confirmed. From then on the vault is closed and its queue stands
/// still, even if the vault is empty or no route can receive its tokens: the tokens can move later, and the thief is paid
/// nothing in the meantime. What the queue is owed is kept for it out of what is moved.
///
/// Once the escape is due, tokens that back a ledger go only to a recovery account of the domain. Anyone may then stop the
/// queue of a vault without moving a token, although no guardian has confirmed, or the route is not the domain's: nobody
/// would pay the queue otherwise, and a queue that stands still can be restored by the escape.
///
/// What comes into a vault that was moved, once a state was chosen, stays: it is there for the reopening.
///
/// Returns the amount to move, which [`evacuated`] then records. `fault` is the route's fault, `held` the route's
/// balance, `balance` the vault's balance. Any account may be passed as the route of a vault that has none.
///
/// # Errors
/// A named [`CoreError`].
pub fn evacuate(
    domain: &Domain,
    migration: Option<&Migration>,
    (incident_key, incident): (&Pubkey, &Incident),
    queue: Queue,
    (route, fault, held): (&Pubkey, u8, u64),
    balance: u64,
    now: i64,
) -> Result<u64, CoreError> {
    let Queue { key, vault, ledger } = queue;
    let confirmed = migration.ok_or(CoreError::EvacuationNotConfirmed);
    let confirmed =
        confirmed.and_then(|migration| require_confirmed(migration, (incident_key, incident), &vault.domain));
    if let Err(error) = confirmed.and_then(|()| require_evacuable(domain, vault, now)) {
        if !may_stop(domain, (incident_key, incident), vault, now) {
            return Err(error);
        }
        // With another account in its place, what an earlier incident left at the route would be forgotten.
        require_route(vault, route)?;
        begin(domain, incident_key, Queue { key, vault, ledger }, held)?;
        close(vault, incident, step::FREEZE);
        return Ok(0);
    }
    let has_route = require_route(vault, route)?;
    let is_first = vault.evacuation.incident != *incident_key;
    let is_movable = has_route && fault == route_fault::NONE;
    if !is_first && (balance == 0 || is_refund(incident, &vault.evacuation)) {
        return Err(CoreError::NothingToMove);
    }
    if !is_first && !is_movable {
        let fault = if has_route {
            CoreError::UnfitEvacuationRoute
        } else {
            CoreError::WrongEvacuationRoute
        };
        return Err(fault);
    }
    if is_first {
        let vault = &mut *vault;
        begin(domain, incident_key, Queue { key, vault, ledger }, held)?;
    }
    close(vault, incident, step::EVACUATION);
    Ok(if is_movable { balance } else { 0 })
}

/// Is what a vault holds now a refund, for the reopening? It was moved in this incident, and a state was chosen since:
/// whoever moved it once more, and again after every refund, could keep the domain from ever reopening.
pub(crate) fn is_refund(incident: &Incident, evacuation: &Evacuation) -> bool {
    migration::has_moved(evacuation) && has_happened(incident, step::RESTORATION)
}

/// Refuses another account than the vault's route. Returns whether it has one.
fn require_route(vault: &Vault, route: &Pubkey) -> Result<bool, CoreError> {
    let has_route = vault.route != Pubkey::default();
    if has_route && vault.route != *route {
        return Err(CoreError::WrongEvacuationRoute);
    }
    Ok(has_route)
}

/// Begins a vault's evacuation in an incident, which stops its queue.
fn begin(domain: &Domain, incident: &Pubkey, queue: Queue, held: u64) -> Result<(), CoreError> {
    let Queue { key, vault, ledger } = queue;
    vault.evacuation = begun(domain, &vault.evacuation, incident, (&vault.route, held));
    vault.evacuations = vault.evacuations.checked_add(1).ok_or(CoreError::Overflow)?;
    stop(Queue { key, vault, ledger })
}

/// Closes a vault until an unpause that was proposed after the guardians' decision.
fn close(vault: &mut Vault, incident: &Incident, decided: usize) {
    vault.state = vault_state::EVACUATED;
    // Not the time of the move: anyone can choose that and could move the vault after every unpause.
    vault.evacuated_slot = incident.steps.get(decided).map_or(0, |decided| decided.slot);
}

/// May anyone stop this vault's queue, because the escape is due? Once, and only a queue that a restoration can pay.
fn may_stop(domain: &Domain, (key, incident): (&Pubkey, &Incident), vault: &Vault, now: i64) -> bool {
    domain.open_incident == *key
        && incident.state == incident_state::OPEN
        && incident.domain == vault.domain
        && vault.evacuation.incident != *key
        && queue_ledger::index_of(vault).is_some()
        && clock::is_due(domain, now)
}

/// Refuses an evacuation that the guardians have not confirmed in this open incident of the vault's domain.
pub(crate) fn require_confirmed(
    migration: &Migration,
    (incident_key, incident): (&Pubkey, &Incident),
    domain: &Pubkey,
) -> Result<(), CoreError> {
    if migration.incident != *incident_key || *domain != migration.domain {
        return Err(CoreError::ForeignAccount);
    }
    if migration.state != migration_state::ACTIVE {
        return Err(CoreError::EvacuationNotConfirmed);
    }
    if incident.state != incident_state::OPEN {
        return Err(CoreError::IncidentNotOpen);
    }
    Ok(())
}

/// The record of a vault's evacuation in another incident than the last. It begins with what is still there.
pub(crate) fn begun(
    domain: &Domain,
    earlier: &Evacuation,
    incident: &Pubkey,
    (route, held): (&Pubkey, u64),
) -> Evacuation {
    let left = left_at(earlier, route, held, domain.spent_slot);
    Evacuation {
        incident: *incident,
        destination: *route,
        before: left,
        moved: left,
        ..bytemuck::Zeroable::zeroed()
    }
}

/// Tokens that an earlier evacuation brought to a route and that are still there. They belong to the later incident,
/// whether or not the vault has something to move now. Only restorations and proposals move them on. What restorations
/// have drawn is counted. Proposals are trusted to leave nothing that belongs to anyone, because what remains after
/// them may be another vault's.
fn left_at(earlier: &Evacuation, route: &Pubkey, held: u64, spent_slot: u64) -> u64 {
    if earlier.destination == *route && earlier.slot > spent_slot {
        earlier.moved.saturating_sub(earlier.drawn).min(held)
    } else {
        0
    }
}

/// Records what an evacuation has moved.
///
/// # Errors
/// A named [`CoreError`].
pub fn evacuated(incident: &mut Incident, vault: &mut Vault, moved: &Moved, at: At) -> Result<(), CoreError> {
    let route = vault.route;
    migration::record(&mut vault.evacuation, &route, moved, at.slot, at.now)?;
    // Display only, in units of whatever tokens there are: a token with too many units must not block another token's
    // evacuation.
    incident.evacuated = incident.evacuated.saturating_add(moved.received);
    mark_again(incident, step::EVACUATED, at.slot, at.now);
    Ok(())
}
