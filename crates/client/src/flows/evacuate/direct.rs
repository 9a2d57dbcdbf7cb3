//! Evacuations of tokens that the host keeps itself.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{CoreError, acts};
use bulkhead_interface::{
    constants::route_fault as fault,
    layout::{DirectVault, Domain, Incident, Migration},
};
use solana_instruction::Instruction;

use super::VaultRow;
use crate::{
    direct_vault::Direct,
    instructions as ix, pda,
    status::{Accounts, words},
};

/// The direct vaults that can be moved now, in any order.
pub(super) fn due(accounts: &Accounts, incident: &Pubkey) -> Vec<Instruction> {
    all(accounts)
        .filter(|(_, direct)| judge(accounts, incident, &direct.header).is_ok_and(|amount| amount > 0))
        .map(|(_, direct)| {
            let DirectVault {
                domain, source, mint, ..
            } = direct.header;
            ix::evacuate_direct(domain, *incident, (source, mint), &direct.instruction)
        })
        .collect()
}

/// What `evacuate_direct` would say: the amount that the host would have to move.
fn judge(accounts: &Accounts, key: &Pubkey, vault: &DirectVault) -> Result<u64, CoreError> {
    let domain: Domain = accounts.find(&accounts.domain()).ok_or(CoreError::ForeignAccount)?;
    let incident: Incident = accounts.find(key).ok_or(CoreError::IncidentNotOpen)?;
    let migration: Migration = accounts
        .find(&pda::migration(key))
        .ok_or(CoreError::EvacuationNotConfirmed)?;
    let route = (fault_of(accounts, vault), accounts.balance(&vault.route).unwrap_or(0));
    let balance = accounts.balance(&vault.source).unwrap_or(0);
    acts::evacuate_direct(&domain, &migration, (key, &incident), &mut { *vault }, route, balance)
}

fn fault_of(accounts: &Accounts, vault: &DirectVault) -> u8 {
    match accounts.raw(&vault.route) {
        Some(route) => acts::direct_route_fault(vault, &route.owner, &route.data),
        None => fault::GONE,
    }
}

/// The direct vaults of the domain.
pub(super) fn all(accounts: &Accounts) -> impl Iterator<Item = (Pubkey, Direct)> {
    let found = accounts.all::<DirectVault>().into_iter();
    found.filter_map(|(key, _)| {
        let account = accounts.raw(&key)?;
        Some((key, Direct::of(&account.owner, &account.data)?))
    })
}

/// What became of each.
pub(super) fn rows(accounts: &Accounts, incident: &Pubkey) -> Vec<VaultRow> {
    let row = |(key, direct): (Pubkey, Direct)| {
        let vault = direct.header;
        let balance = accounts.balance(&vault.source).unwrap_or(0);
        let found = fault_of(accounts, &vault);
        let is_moved = vault.evacuation.incident == *incident;
        let evacuation = if is_moved {
            vault.evacuation
        } else {
            bytemuck::Zeroable::zeroed()
        };
        // What the host holds beyond what the last move left came later.
        let unmoved = balance.saturating_sub(evacuation.after);
        VaultRow {
            vault: key,
            mint: vault.mint,
            decimals: vault.decimals,
            recovery_account: Some(vault.route),
            before: evacuation.before.saturating_add(unmoved),
            moved: evacuation.moved,
            fee: evacuation.fee,
            after: evacuation.after.saturating_add(unmoved),
            recovered: accounts.balance(&vault.route).unwrap_or(0),
            fault: (balance > 0 && found != fault::NONE).then(|| words::route_fault(found).to_owned()),
        }
    };
    all(accounts).map(row).collect()
}
