//! Upgrades of the host's programs, whose upgrade authority the domain holds.

use bulkhead_interface::{
    Pubkey,
    constants::{build_state, phase, role, watch_flag, watch_kind},
    ids::UPGRADEABLE_LOADER,
    layout::{AuthorityWatch, Council, Domain, HostProgram},
};

use crate::{
    CoreError,
    acts::{At, Confirmed, Shown, decide},
    domain::council,
    hash::sha256,
    host::loader::{self, BUFFER_HEADER, PROGRAM_DATA_HEADER},
    pause::confirmation::confirm,
};

/// The accounts of an upgrade, as they were read.
#[derive(Clone, Copy, Debug)]
pub struct Upgrade<'a> {
    /// The domain.
    pub domain: &'a Pubkey,
    /// The program.
    pub program: Shown<'a>,
    /// Its program data.
    pub program_data: Shown<'a>,
    /// The buffer with the new build.
    pub buffer: Shown<'a>,
    /// Slot of the clock.
    pub slot: u64,
}

/// Would the loader upgrade the program, as the domain? Returns the slot it was deployed in before, and the build's
/// hash: SHA-256 of all code in the buffer.
///
/// # Errors
/// A named [`CoreError`].
pub fn check_upgrade(upgrade: &Upgrade) -> Result<(u64, [u8; 32]), CoreError> {
    let Upgrade {
        domain,
        program,
        program_data,
        buffer,
        slot,
    } = upgrade;
    let is_loaders = |shown: &Shown| *shown.owner == UPGRADEABLE_LOADER;
    if !is_loaders(program) || loader::program(program.data) != Some(program_data.key.to_bytes()) {
        return Err(CoreError::NotUpgradable);
    }
    let found = is_loaders(program_data).then(|| loader::program_data(program_data.data));
    let (deployed_slot, authority) = found.flatten().ok_or(CoreError::NotUpgradable)?;
    if authority != Some(domain.to_bytes()) {
        return Err(CoreError::NotUpgradable);
    }
    let found = is_loaders(buffer).then(|| loader::buffer(buffer.data)).flatten();
    let (authority, code) = found.ok_or(CoreError::ForeignBuffer)?;
    if authority != domain.to_bytes() {
        return Err(CoreError::ForeignBuffer);
    }
    let room = program_data.data.len().saturating_sub(PROGRAM_DATA_HEADER);
    if buffer.data.len().saturating_sub(BUFFER_HEADER) > room {
        return Err(CoreError::ProgramTooShort);
    }
    if deployed_slot == *slot {
        return Err(CoreError::DeployedThisSlot);
    }
    Ok((deployed_slot, sha256(&[code])))
}

/// A matured proposal upgrades a program to the build with the hash it names. Of two such proposals the later one
/// stands, and neither one from before an emergency build was confirmed.
///
/// # Errors
/// A named [`CoreError`].
pub fn upgrade_host(
    record: &mut HostProgram,
    decided_hash: &[u8; 32],
    found_hash: &[u8; 32],
    proposed_slot: Option<u64>,
    at: At,
) -> Result<(), CoreError> {
    decide(&mut record.decided_slot, proposed_slot)?;
    deployed(record, decided_hash, found_hash, at)
}

/// Registers the emergency build of a program; a hash of zero removes it. Confirmations of another build do not count
/// for it.
///
/// # Errors
/// [`CoreError::DecidedSince`].
pub fn register_emergency_build(
    record: &mut HostProgram,
    hash: &[u8; 32],
    spill: &Pubkey,
    proposed_slot: Option<u64>,
) -> Result<(), CoreError> {
    decide(&mut record.build_decided_slot, proposed_slot)?;
    (record.build_hash, record.build_spill) = (*hash, *spill);
    if record.state != build_state::DEPLOYED {
        (record.state, record.confirmations, record.confirmed_slot) = (build_state::PENDING, 0, 0);
    }
    Ok(())
}

/// A guardian confirms that the emergency build goes out, in a frozen or recovering domain. `hash` is that of the build
/// the guardian has read of. At the threshold anyone deploys it. Once in an incident: what governance decides after that
/// stands.
///
/// # Errors
/// A named [`CoreError`].
pub fn confirm_emergency_build(
    domain: &Domain,
    council: &Council,
    record: &mut HostProgram,
    guardian: &Pubkey,
    hash: &[u8; 32],
    at: At,
) -> Result<Confirmed, CoreError> {
    if !matches!(domain.state, phase::FROZEN | phase::RECOVERING) {
        return Err(CoreError::WrongPhase);
    }
    let index = council::member_index(council, guardian, role::GUARDIAN)?;
    if record.build_hash == [0; 32] {
        return Err(CoreError::BuildNotConfirmed);
    }
    if record.build_hash != *hash {
        return Err(CoreError::BuildMismatch);
    }
    if record.incident != domain.open_incident {
        record.incident = domain.open_incident;
        (record.state, record.confirmations, record.confirmed_slot) = (build_state::PENDING, 0, 0);
    }
    if record.state != build_state::PENDING {
        return Err(CoreError::AlreadyConfirmed);
    }
    let is_reached = confirm(
        &mut record.confirmations,
        &mut record.config_epoch,
        council,
        index,
        at.now,
    )?;
    if is_reached {
        (record.state, record.confirmed_slot) = (build_state::CONFIRMED, at.slot);
    }
    Ok(Confirmed {
        confirmations: record.confirmations,
        is_reached,
    })
}

/// Anyone deploys the emergency build that the guardians have confirmed in the open incident, unless governance, knowing
/// of the confirmation, has upgraded the program since.
///
/// # Errors
/// A named [`CoreError`].
pub fn deploy_emergency_build(
    domain: &Domain,
    record: &mut HostProgram,
    found_hash: &[u8; 32],
    at: At,
) -> Result<(), CoreError> {
    let is_open = record.incident != Pubkey::default() && record.incident == domain.open_incident;
    if !is_open || record.state != build_state::CONFIRMED {
        return Err(CoreError::BuildNotConfirmed);
    }
    if record.decided_slot > record.confirmed_slot {
        return Err(CoreError::DecidedSince);
    }
    let hash = record.build_hash;
    deployed(record, &hash, found_hash, at)?;
    (record.state, record.decided_slot) = (build_state::DEPLOYED, record.confirmed_slot);
    Ok(())
}

fn deployed(record: &mut HostProgram, decided_hash: &[u8; 32], found_hash: &[u8; 32], at: At) -> Result<(), CoreError> {
    if decided_hash != found_hash {
        return Err(CoreError::BuildMismatch);
    }
    (record.deployed_hash, record.deployed_slot) = (*found_hash, at.slot);
    Ok(())
}

/// A watch that trips on upgrades takes note of one that the domain has decided itself. One that it has not seen yet, and
/// that nobody decided, still trips: only what was in order before is in order afterwards.
pub fn note_upgrade(watch: &mut AuthorityWatch, program_data: &Pubkey, before_slot: u64, at: At) {
    let watches_upgrades = watch.kind == watch_kind::PROGRAM && watch.flags & watch_flag::UPGRADES != 0;
    if watches_upgrades && watch.account == *program_data && watch.expected.slot == before_slot {
        watch.expected.slot = at.slot;
    }
}
