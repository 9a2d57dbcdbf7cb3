//! Runs a stored instruction signed by the domain's PDA.
//!
//! What the domain's signature can reach:
//!
//! Not Bulkhead. A call of Bulkhead is refused with a named error, and the runtime does not let another program call
//! back into a running program, so the domain can never act as a member, operator or authority of Bulkhead. A host that
//! pays through Bulkhead needs Bulkhead among its accounts; such an instruction is refused when it is proposed, not on
//! the day it runs. Instead, the domain has the host record what it may pay, and anyone then has the host pay it.
//!
//! Not custody. Vaults and pools sign for themselves. Token accounts of the domain itself are checked one by one:
//! escrowed votes can never be used, recovery accounts cannot be used while an incident is open, and an emergency
//! action, which has no delay, can use none. The callee can write only accounts that the instruction names.
//!
//! Not programs, without a delay. An emergency action writes no account of the loader: the domain may hold upgrade
//! authorities, and an upgrade takes a proposal, or the guardians' threshold and a build that a proposal registered.
//!
//! An evacuation of a direct vault writes its source, its route and accounts of the called program, and nothing else.

use anchor_lang::{
    prelude::*,
    solana_program::{
        instruction::{AccountMeta, Instruction},
        program::invoke_signed,
    },
    system_program,
};
use bulkhead_core::proposals::execution;
use bulkhead_interface::{
    ids::{TOKEN, TOKEN_2022, UPGRADEABLE_LOADER},
    layout::{Domain, space},
    seeds::{SEED_DOMAIN, SEED_VOTES},
};

use crate::{current::Current, error::BulkheadError, token};

/// One account of a stored instruction.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct StoredAccount {
    /// Its address.
    pub pubkey: Pubkey,
    /// Whether it signs; only the domain can.
    pub is_signer: bool,
    /// Whether it is writable.
    pub is_writable: bool,
}

/// An instruction of a program of the host. Also the payload of a `RunInstruction` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct StoredInstruction {
    /// The called program; not Bulkhead.
    pub program_id: Pubkey,
    /// Its accounts, in order.
    pub accounts: Vec<StoredAccount>,
    /// Its data.
    pub data: Vec<u8>,
}

/// Who decided on the run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// A matured proposal.
    ByProposal,
    /// One guardian.
    ByGuardian,
    /// The guardians' threshold, about a direct vault.
    ByEvacuation {
        /// The host's token account.
        source: Pubkey,
        /// The token account that receives its tokens.
        route: Pubkey,
    },
}

impl StoredInstruction {
    /// Refuses instructions that could never run: calls of Bulkhead, directly or through the called program, signatures
    /// other than the domain's, and more accounts than a transaction can name. So whoever cranks a stored instruction
    /// contributes only the fee.
    pub fn check(&self, domain: &Pubkey) -> Result<()> {
        require_keys_neq!(self.program_id, crate::ID, BulkheadError::SelfCall);
        for account in &self.accounts {
            require_keys_neq!(account.pubkey, crate::ID, BulkheadError::SelfCall);
            require!(
                !account.is_signer || account.pubkey == *domain,
                BulkheadError::ForeignSigner
            );
        }
        require!(
            execution::stored_fits(self.accounts.len(), self.distinct()),
            BulkheadError::PayloadTooLong
        );
        Ok(())
    }

    /// Number of different accounts that it names.
    fn distinct(&self) -> usize {
        let is_first = |(place, account): (usize, &StoredAccount)| {
            let before = self.accounts.get(..place).unwrap_or_default();
            before.iter().all(|other| other.pubkey != account.pubkey)
        };
        self.accounts.iter().enumerate().filter(|each| is_first(*each)).count()
    }

    /// Runs it, signed by the domain. `given` are the transaction's accounts, exactly those of the instruction. Nothing
    /// may stay borrowed.
    pub fn run<'info>(
        self,
        domain: &AccountLoader<'info, Domain>,
        program: &AccountInfo<'info>,
        given: &[AccountInfo<'info>],
        decided: Decided,
    ) -> Result<()> {
        let domain_key = domain.key();
        self.check(&domain_key)?;
        require_keys_eq!(*program.key, self.program_id, BulkheadError::AccountsMismatch);
        require!(given.len() == self.accounts.len(), BulkheadError::AccountsMismatch);
        let (setup_authority, bump) = {
            let domain = domain.current()?;
            (domain.setup_authority, domain.bump)
        };
        let mut is_spent = false;
        for (account, stored) in given.iter().zip(&self.accounts) {
            require_keys_eq!(*account.key, stored.pubkey, BulkheadError::AccountsMismatch);
            require!(
                account.is_writable || !stored.is_writable,
                BulkheadError::AccountsMismatch
            );
            if stored.is_writable {
                is_spent |= self.judge_written(account, domain, decided)?;
            }
        }
        if is_spent {
            domain.current_mut()?.spent_slot = Clock::get()?.slot;
        }
        let metas = self.accounts.iter().map(|stored| AccountMeta {
            pubkey: stored.pubkey,
            is_signer: stored.is_signer,
            is_writable: stored.is_writable,
        });
        let instruction = Instruction {
            program_id: self.program_id,
            accounts: metas.collect(),
            data: self.data,
        };
        let mut infos = given.to_vec();
        infos.push(program.clone());
        let seeds: &[&[u8]] = &[SEED_DOMAIN, setup_authority.as_ref(), &[bump]];
        Ok(invoke_signed(&instruction, &infos, &[seeds])?)
    }
}

/// Reads the instruction that follows the header of an account with layout `T`. It may be followed by others.
pub fn stored_behind<T>(account: &AccountInfo) -> Result<StoredInstruction> {
    let data = account.try_borrow_data()?;
    let mut body = data.get(space::<T>()..).ok_or(BulkheadError::PayloadMismatch)?;
    StoredInstruction::deserialize(&mut body).map_err(|_| BulkheadError::PayloadMismatch.into())
}

impl StoredInstruction {
    /// Refuses a writable account that whoever decided may not use. Is it a token account of the domain?
    fn judge_written(&self, account: &AccountInfo, domain: &AccountLoader<Domain>, decided: Decided) -> Result<bool> {
        match decided {
            Decided::ByEvacuation { source, route } => {
                let is_end = *account.key == source || *account.key == route;
                // A program that anyone's accounts belong to is no host.
                let is_common = COMMON_PROGRAMS.contains(&self.program_id);
                let is_callees = *account.owner == self.program_id && !is_common;
                require!(is_end || is_callees, BulkheadError::UndeclaredAccount);
                return Ok(false);
            }
            Decided::ByGuardian => {
                require_keys_neq!(*account.owner, UPGRADEABLE_LOADER, BulkheadError::ProgramLocked);
            }
            Decided::ByProposal => {}
        }
        let is_domains = is_frozen_by(account, &domain.key());
        if is_domains {
            require_movable(account, domain, decided)?;
        }
        Ok(is_domains)
    }
}

/// Programs whose accounts belong to others than the program's operator.
const COMMON_PROGRAMS: [Pubkey; 4] = [TOKEN, TOKEN_2022, UPGRADEABLE_LOADER, system_program::ID];

/// Is it a token account, of either token program, that the domain can move?
fn is_frozen_by(account: &AccountInfo, domain: &Pubkey) -> bool {
    let is_tokens = *account.owner == TOKEN || *account.owner == TOKEN_2022;
    is_tokens && token::holder(account).is_ok_and(|holder| holder == *domain)
}

/// Refuses token accounts of the domain that this caller may not use.
fn require_movable(account: &AccountInfo, domain: &AccountLoader<Domain>, decided: Decided) -> Result<()> {
    let (is_peace, governance_mint) = {
        let domain = domain.current()?;
        (domain.open_incident == Pubkey::default(), domain.governance_mint)
    };
    // The address is derived only if it could match, because deriving it costs as much as a transfer.
    let is_votes = || {
        let votes = Pubkey::find_program_address(&[SEED_VOTES, domain.key().as_ref()], &crate::ID).0;
        *account.key == votes
    };
    let is_movable =
        decided == Decided::ByProposal && is_peace && (token::mint(account)? != governance_mint || !is_votes());
    require!(is_movable, BulkheadError::TokensLocked);
    Ok(())
}
