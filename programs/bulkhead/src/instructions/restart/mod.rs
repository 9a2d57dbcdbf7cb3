//! The restart gate: a restored ledger is read again and must be covered before the domain reopens.

mod override_restart_check;
mod record_restart_check;

pub use {override_restart_check::*, record_restart_check::*};

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, Backing, Checking, Watches},
    snapshots::layout::{self, Factors, linked},
};
use bulkhead_interface::{
    discriminator,
    layout::{AuthorityWatch, Domain, Incident, Ledger, RestartCheck, Vault},
    seeds::SEED_RESTART_CHECK,
};
use bytemuck::Zeroable;

use crate::{
    authority::{clock, core_error},
    current::{Current, if_there},
    error::BulkheadError,
    events::RestartChecked,
    instructions::seen,
    pda, token,
};

/// The accounts of a check, as either instruction passes them.
struct Checked<'a, 'info> {
    payer: &'a AccountInfo<'info>,
    domain: &'a AccountLoader<'info, Domain>,
    incident: &'a AccountLoader<'info, Incident>,
    ledger: &'a AccountLoader<'info, Ledger>,
    total_account: &'a AccountInfo<'info>,
    check: &'a AccountInfo<'info>,
    system_program: Pubkey,
    bump: u8,
}

/// What a proposal accepts: the most that may be missing, and the slot it was created in.
type Accepted = Option<(u64, u64)>;

impl<'info> Checked<'_, 'info> {
    /// Reads everything again, and records the check. The accounts of the ledger's factors come first.
    #[inline(never)]
    fn record(&self, accounts: &'info [AccountInfo<'info>], accepted: Accepted) -> Result<RestartChecked> {
        let ledger = self.ledger.current()?;
        let (domain, incident) = (self.domain.key(), self.incident.key());
        let (of_factors, accounts) = accounts
            .split_at_checked(linked::factor_count(&ledger))
            .ok_or(BulkheadError::LinkedAccountMissing)?;
        let (backing, watches) = look((&domain, &incident), &ledger, accounts)?;
        let factors = seen(of_factors, |seen| Ok(Factors::read(&ledger, seen.iter().copied())))?;
        // Without its factors, a total says no more than one that cannot be read.
        let host_total = if factors.is_err() {
            None
        } else {
            let data = self.total_account.try_borrow_data()?;
            layout::read_total(&ledger, self.total_account.owner, &data)
        };
        let mut check = if pda::is_new(self.check)? {
            RestartCheck::zeroed()
        } else {
            if_there::<RestartCheck>(self.check)?.map_or_else(RestartCheck::zeroed, |check| *check)
        };
        let checking = Checking {
            domain: (&domain, &*self.domain.current()?),
            incident: (&incident, &*self.incident.current()?),
            ledger: &ledger,
            host_total,
            factors: factors.unwrap_or_default(),
            backing,
            watches,
            bump: self.bump,
            at: clock()?,
        };
        match accepted {
            None => acts::record_restart_check(&mut check, &checking),
            Some((most, slot)) => acts::override_restart_check(&mut check, &checking, most, slot),
        }
        .map_err(core_error)?;
        let seeds: &[&[u8]] = &[SEED_RESTART_CHECK, incident.as_ref(), &[ledger.index], &[self.bump]];
        pda::put(self.check, self.payer, self.system_program, seeds, &check)?;
        Ok(RestartChecked {
            domain,
            incident,
            ledger_index: ledger.index,
            owed: check.owed,
            held: check.held,
            is_overridden: accepted.is_some(),
        })
    }
}

/// Counts the vaults that back the ledger, and compares the domain's watches: each is followed by the account it is
/// about, its custody or what it watches.
fn look<'info>(
    (domain, incident): (&Pubkey, &Pubkey),
    ledger: &Ledger,
    accounts: &'info [AccountInfo<'info>],
) -> Result<(Backing, Watches)> {
    let (mut backing, mut watches) = (Backing::default(), Watches::default());
    let (pairs, rest) = accounts.as_chunks::<2>();
    require!(rest.is_empty(), BulkheadError::ForeignAccount);
    for [account, about] in pairs {
        let is_vault = account.try_borrow_data()?.starts_with(&discriminator::VAULT);
        if is_vault {
            let vault = AccountLoader::<Vault>::try_from(account)?;
            let vault = vault.current()?;
            require_keys_eq!(*about.key, vault.custody, BulkheadError::ForeignAccount);
            let held = token::balance(about)?;
            backing
                .add(ledger, incident, (account.key, &vault), held)
                .map_err(core_error)?;
        } else {
            let watch = AccountLoader::<AuthorityWatch>::try_from(account)?;
            let watch = watch.current()?;
            let data = about.try_borrow_data()?;
            let seen = (about.key, about.owner, &**data);
            watches.add(domain, (account.key, &watch), seen).map_err(core_error)?;
        }
    }
    Ok((backing, watches))
}
