//! Direct vaults: tokens that the host keeps itself, evacuated by an instruction of the host.

use bulkhead_interface::{
    Pubkey,
    constants::{route_fault, step},
    layout::{DirectVault, Domain, Incident, Migration},
};

use crate::{
    CoreError,
    acts::{At, Route, decide},
    custody::{
        acts::{begun, is_refund, require_confirmed},
        migration::{self, Balances, Moved, conserve},
        route_fault_of,
    },
    pause::incident::mark_again,
};

/// Basis points of a whole.
const WHOLE_BPS: u16 = 10_000;

/// The host's token account that a direct vault empties, as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectSource {
    /// Its address.
    pub key: Pubkey,
    /// Its holder.
    pub holder: Pubkey,
    /// It is the custody of a vault, the votes of a domain or a pool.
    pub is_own: bool,
    /// The instruction writes it, and the route.
    pub is_written: bool,
}

/// Registers how the host's `source` is evacuated and where to. The caller writes the instruction.
///
/// # Errors
/// A named [`CoreError`].
pub fn register_direct_vault(
    vault: &mut DirectVault,
    source: &DirectSource,
    route: &Route,
    least_bps: u16,
    proposed_slot: Option<u64>,
) -> Result<(), CoreError> {
    decide(&mut vault.decided_slot, proposed_slot)?;
    if least_bps == 0 || least_bps > WHOLE_BPS {
        return Err(CoreError::ArgumentOutOfRange);
    }
    // What the domain holds is no host's: votes, recovery accounts.
    if source.is_own || source.holder == vault.domain || !source.is_written {
        return Err(CoreError::WrongSource);
    }
    if route.is_own || route.key == source.key || route.holder == source.holder {
        return Err(CoreError::WrongDestination);
    }
    if !route.is_fit {
        return Err(CoreError::UnfitEvacuationRoute);
    }
    (vault.source, vault.least_bps) = (source.key, least_bps);
    (vault.route, vault.route_holder) = (route.key, route.holder);
    Ok(())
}

/// Anyone evacuates a direct vault, once the guardians have confirmed. Returns the source's balance; if that is not 0,
/// the caller calls the host, and [`evacuated_direct`] then judges what it did. `fault` is the route's fault, `held` the
/// route's balance.
///
/// # Errors
/// A named [`CoreError`].
pub fn evacuate_direct(
    domain: &Domain,
    migration: &Migration,
    (incident_key, incident): (&Pubkey, &Incident),
    vault: &mut DirectVault,
    (fault, held): (u8, u64),
    balance: u64,
) -> Result<u64, CoreError> {
    require_confirmed(migration, (incident_key, incident), &vault.domain)?;
    if fault != route_fault::NONE {
        return Err(CoreError::UnfitEvacuationRoute);
    }
    if vault.evacuation.incident != *incident_key {
        vault.evacuation = begun(domain, &vault.evacuation, incident_key, (&vault.route, held));
        vault.evacuations = vault.evacuations.checked_add(1).ok_or(CoreError::Overflow)?;
    } else if balance == 0 || is_refund(incident, &vault.evacuation) {
        return Err(CoreError::NothingToMove);
    }
    Ok(balance)
}

/// Records what the host did, if the route has exactly what the source lacks, but for the mint's fee, and no less than
/// the vault requires.
///
/// # Errors
/// A named [`CoreError`].
pub fn evacuated_direct(
    incident: &mut Incident,
    vault: &mut DirectVault,
    balances: &Balances,
    fee_bps: u16,
    at: At,
) -> Result<Moved, CoreError> {
    let sent = balances.source_before.checked_sub(balances.source_after);
    let moved = conserve(sent.ok_or(CoreError::ConservationBroken)?, fee_bps, balances)?;
    let arrived = u128::from(moved.received).saturating_mul(WHOLE_BPS.into());
    if arrived < u128::from(moved.before).saturating_mul(vault.least_bps.into()) {
        return Err(CoreError::TooLittleArrived);
    }
    // The host may have used its tokens since the last move. They were never part of what was moved.
    let evacuation = &mut vault.evacuation;
    let used = evacuation.after.saturating_sub(moved.before);
    evacuation.before = evacuation.before.saturating_sub(used);
    evacuation.after = evacuation.after.saturating_sub(used);
    migration::record(evacuation, &vault.route, &moved, at.slot, at.now)?;
    incident.evacuated = incident.evacuated.saturating_add(moved.received);
    mark_again(incident, step::EVACUATED, at.slot, at.now);
    Ok(moved)
}

/// What is wrong with a direct vault's route, of which `program` owns the `data`: one of `constants::route_fault`.
#[must_use]
pub fn direct_route_fault(vault: &DirectVault, program: &Pubkey, data: &[u8]) -> u8 {
    let expected = (&vault.token_program, &vault.mint, &vault.route_holder);
    route_fault_of(expected, program, data)
}
