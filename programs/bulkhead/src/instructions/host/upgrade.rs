//! The accounts of an upgrade, and the call of the loader as the domain.

use anchor_lang::{
    prelude::*,
    solana_program::{
        instruction::{AccountMeta, Instruction},
        program::invoke_signed,
    },
};
use bulkhead_core::acts::{self, Upgrade};
use bulkhead_interface::{
    ids::UPGRADEABLE_LOADER,
    layout::{AuthorityWatch, Domain},
    seeds::{SEED_DOMAIN, SEED_WATCH},
};

use crate::{
    authority::{clock, core_error, shown},
    current::{Current, typed_mut},
    error::BulkheadError,
};

/// `UpgradeableLoaderInstruction::Upgrade`.
const UPGRADE: [u8; 4] = [3, 0, 0, 0];

/// What the loader takes to upgrade a program.
#[derive(Accounts)]
pub struct Upgraded<'info> {
    /// CHECK: the loader checks it; compared with what was decided.
    #[account(mut)]
    pub program: UncheckedAccount<'info>,
    /// CHECK: compared with what the program names.
    #[account(mut)]
    pub program_data: UncheckedAccount<'info>,
    /// CHECK: its owner, authority and code are checked.
    #[account(mut)]
    pub buffer: UncheckedAccount<'info>,
    /// CHECK: compared with what was decided.
    #[account(mut)]
    pub spill: UncheckedAccount<'info>,
    /// CHECK: the domain's watch of the program data, by its address; it need not be there.
    #[account(mut)]
    pub watch: UncheckedAccount<'info>,
    pub rent: Sysvar<'info, Rent>,
    pub clock: Sysvar<'info, Clock>,
    /// CHECK: by address.
    #[account(address = UPGRADEABLE_LOADER)]
    pub loader: UncheckedAccount<'info>,
}

impl<'info> Upgraded<'info> {
    /// Would the loader upgrade the program? Returns the slot it was deployed in before, and the build's hash.
    pub fn check(&self, domain: &Pubkey) -> Result<(u64, [u8; 32])> {
        let program = self.program.try_borrow_data()?;
        let program_data = self.program_data.try_borrow_data()?;
        let buffer = self.buffer.try_borrow_data()?;
        acts::check_upgrade(&Upgrade {
            domain,
            program: shown(&self.program, &program),
            program_data: shown(&self.program_data, &program_data),
            buffer: shown(&self.buffer, &buffer),
            slot: clock()?.slot,
        })
        .map_err(core_error)
    }

    /// Has the loader upgrade the program, signed by the domain. Its watch, if there is one, takes note. Its address is
    /// derived, so that nobody can leave it out.
    pub fn run(&self, domain: &AccountLoader<'info, Domain>, deployed_slot: u64) -> Result<()> {
        let (domain_key, program_data) = (domain.key(), self.program_data.key());
        let seeds: &[&[u8]] = &[SEED_WATCH, domain_key.as_ref(), program_data.as_ref(), &[0; 4]];
        let (watch, _) = Pubkey::find_program_address(seeds, &crate::ID);
        require_keys_eq!(self.watch.key(), watch, BulkheadError::ForeignAccount);
        let (setup_authority, bump) = {
            let domain = domain.current()?;
            (domain.setup_authority, domain.bump)
        };
        let instruction = Instruction {
            program_id: UPGRADEABLE_LOADER,
            accounts: vec![
                AccountMeta::new(program_data, false),
                AccountMeta::new(self.program.key(), false),
                AccountMeta::new(self.buffer.key(), false),
                AccountMeta::new(self.spill.key(), false),
                AccountMeta::new_readonly(self.rent.key(), false),
                AccountMeta::new_readonly(self.clock.key(), false),
                AccountMeta::new_readonly(domain_key, true),
            ],
            data: UPGRADE.to_vec(),
        };
        let infos = [
            self.program_data.to_account_info(),
            self.program.to_account_info(),
            self.buffer.to_account_info(),
            self.spill.to_account_info(),
            self.rent.to_account_info(),
            self.clock.to_account_info(),
            domain.to_account_info(),
            self.loader.to_account_info(),
        ];
        let seeds: &[&[u8]] = &[SEED_DOMAIN, setup_authority.as_ref(), &[bump]];
        invoke_signed(&instruction, &infos, &[seeds])?;
        if *self.watch.owner == crate::ID {
            let mut watch = typed_mut::<AuthorityWatch>(&self.watch)?;
            acts::note_upgrade(&mut watch, &program_data, deployed_slot, clock()?);
        }
        Ok(())
    }
}
