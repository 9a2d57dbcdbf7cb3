//! Checks of restored ledgers, and the reopening that requires them.
//!
//! Only a check that succeeds is recorded, so nobody spoils one by naming fewer vaults. A ledger that cannot be read, or
//! is not covered, does not keep a domain closed for ever: a matured proposal states the difference it accepts.

use bulkhead_interface::{
    Pubkey,
    constants::{NO_LEDGER, VERSION, phase, restart_flag},
    layout::{AuthorityWatch, Domain, Incident, Ledger, RestartCheck, Vault},
};

use crate::{
    CoreError,
    acts::{At, decide},
    custody::queue_ledger,
    detectors::watch,
    ledger_set,
    snapshots::layout::{self, Factors},
};

/// Records that a ledger was restored in this incident.
pub(crate) fn note_restored(incident: &mut Incident, ledger_index: u8) {
    ledger_set::insert(&mut incident.restored, ledger_index);
}

/// Was this ledger restored in this incident?
#[must_use]
pub fn was_restored(incident: &Incident, ledger_index: u8) -> bool {
    ledger_set::contains(&incident.restored, ledger_index)
}

/// The ledgers that were restored in an incident.
pub fn restored_ledgers(incident: &Incident) -> impl Iterator<Item = u8> {
    ledger_set::numbers(&incident.restored)
}

/// What the vaults that back a ledger hold, counted one by one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backing {
    last: Option<Pubkey>,
    held: u64,
}

impl Backing {
    /// Adds a vault, by its address, and what its custody holds. Vaults come once each, in ascending order. What the vault
    /// owes to its queue covers nothing else: the host has debited it.
    ///
    /// # Errors
    /// A named [`CoreError`].
    pub fn add(
        &mut self,
        ledger: &Ledger,
        incident: &Pubkey,
        (key, vault): (&Pubkey, &Vault),
        held: u64,
    ) -> Result<(), CoreError> {
        let is_backing = vault.domain == ledger.domain && vault.ledger == ledger.index && vault.ledger != NO_LEDGER;
        if !is_backing || vault.mint != ledger.mint {
            return Err(CoreError::ForeignAccount);
        }
        if self.last.is_some_and(|last| *key <= last) {
            return Err(CoreError::VaultsNotAscending);
        }
        self.last = Some(*key);
        let held = held.saturating_sub(queue_ledger::owed_by_custody(vault, incident));
        self.held = self.held.checked_add(held).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    /// What they hold together.
    #[must_use]
    pub const fn held(&self) -> u64 {
        self.held
    }
}

/// The watches of a domain, each compared with the account it watches as it is now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Watches {
    last: Option<Pubkey>,
    count: u32,
}

impl Watches {
    /// Adds a watch, by its address, and its account. Watches come once each, in ascending order.
    ///
    /// # Errors
    /// A named [`CoreError`].
    pub fn add(
        &mut self,
        domain: &Pubkey,
        (key, watch): (&Pubkey, &AuthorityWatch),
        (account, owner, data): (&Pubkey, &Pubkey, &[u8]),
    ) -> Result<(), CoreError> {
        if watch.domain != *domain || watch.account != *account {
            return Err(CoreError::ForeignAccount);
        }
        if self.last.is_some_and(|last| *key <= last) {
            return Err(CoreError::VaultsNotAscending);
        }
        if watch::read(watch, owner, data) != watch.expected {
            return Err(CoreError::AuthorityStillLatched);
        }
        self.last = Some(*key);
        self.count = self.count.saturating_add(1);
        Ok(())
    }
}

/// What a check is about.
#[derive(Clone, Copy)]
pub struct Checking<'a> {
    /// Address and account of the domain.
    pub domain: (&'a Pubkey, &'a Domain),
    /// Address and account of the open incident.
    pub incident: (&'a Pubkey, &'a Incident),
    /// The ledger.
    pub ledger: &'a Ledger,
    /// The host's own total, if it can be read. In the unit it is stored in.
    pub host_total: Option<u128>,
    /// The ledger's factors, as they are now.
    pub factors: Factors,
    /// What the vaults that back it hold.
    pub backing: Backing,
    /// The domain's watches, as they were compared.
    pub watches: Watches,
    /// Bump of the check's PDA.
    pub bump: u8,
    /// The clock.
    pub at: At,
}

/// Anyone records that a restored ledger is covered in this slot: the vaults that back it hold at least what the host
/// owes, and every watched authority is as registered. The newest check replaces an older one.
///
/// # Errors
/// A named [`CoreError`].
pub fn record_restart_check(check: &mut RestartCheck, checking: &Checking<'_>) -> Result<(), CoreError> {
    require_restored(checking)?;
    let total = checking.host_total.ok_or(CoreError::TotalUnreadable)?;
    let owed = layout::native_total(checking.ledger, &checking.factors, total).ok_or(CoreError::LedgerNotCovered)?;
    if owed > checking.backing.held() {
        return Err(CoreError::LedgerNotCovered);
    }
    if checking.watches.count < checking.domain.1.watches {
        return Err(CoreError::AuthorityStillLatched);
    }
    write(check, checking, owed, 0);
    Ok(())
}

/// A matured proposal accepts a restored ledger as it is: the host owes at most `max_shortfall` more than the vaults
/// hold. A total that cannot be read, or does not fit, counts as `u64::MAX`, so a proposal that accepts anything says
/// so.
///
/// # Errors
/// A named [`CoreError`].
pub fn override_restart_check(
    check: &mut RestartCheck,
    checking: &Checking<'_>,
    max_shortfall: u64,
    proposed_slot: u64,
) -> Result<(), CoreError> {
    require_restored(checking)?;
    decide(&mut check.decided_slot, Some(proposed_slot))?;
    let total = checking.host_total;
    let owed = total.and_then(|total| layout::native_total(checking.ledger, &checking.factors, total));
    let owed = owed.unwrap_or(u64::MAX);
    if owed.saturating_sub(checking.backing.held()) > max_shortfall {
        return Err(CoreError::LedgerNotCovered);
    }
    write(check, checking, owed, restart_flag::OVERRIDDEN);
    Ok(())
}

fn require_restored(checking: &Checking<'_>) -> Result<(), CoreError> {
    let Checking {
        domain: (domain_key, domain),
        incident: (incident_key, incident),
        ledger,
        ..
    } = checking;
    if domain.state != phase::RECOVERING {
        return Err(CoreError::WrongPhase);
    }
    if domain.open_incident != **incident_key {
        return Err(CoreError::IncidentNotOpen);
    }
    if ledger.domain != **domain_key {
        return Err(CoreError::ForeignAccount);
    }
    if was_restored(incident, ledger.index) {
        Ok(())
    } else {
        Err(CoreError::LedgerNotRestored)
    }
}

fn write(check: &mut RestartCheck, checking: &Checking<'_>, owed: u64, flags: u8) {
    check.version = VERSION;
    check.bump = checking.bump;
    check.flags = flags;
    check.ledger_index = checking.ledger.index;
    check.domain = *checking.domain.0;
    check.incident = *checking.incident.0;
    check.owed = owed;
    check.held = checking.backing.held();
    check.slot = checking.at.slot;
    check.ts = checking.at.now;
}

/// May the domain reopen? If its rules require it, every ledger that was restored in the incident has a check that is
/// recent. What raises a ramp later is not asked again: the domain operates then, and its breakers and detectors watch.
///
/// # Errors
/// [`CoreError::RestartCheckMissing`]
pub fn require_restart_checks(
    domain: &Domain,
    (key, incident): (&Pubkey, &Incident),
    checks: &[RestartCheck],
    now: i64,
) -> Result<(), CoreError> {
    if domain.restart_check_seconds == 0 || domain.state != phase::RECOVERING {
        return Ok(());
    }
    let oldest = now.saturating_sub(domain.restart_check_seconds);
    let has_check = |index: u8| {
        let mut checks = checks.iter();
        checks.any(|check| check.incident == *key && check.ledger_index == index && check.ts >= oldest)
    };
    if restored_ledgers(incident).all(has_check) {
        Ok(())
    } else {
        Err(CoreError::RestartCheckMissing)
    }
}
