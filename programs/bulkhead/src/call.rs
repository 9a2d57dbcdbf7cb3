//! Running a stored instruction as the domain's PDA.
//!
//! What the domain's signature can reach. Not Bulkhead: it is refused by name, and the runtime lets no other program
//! call back into a program that is running, so no member, operator or authority could ever be played by the domain. A
//! host that pays through Bulkhead needs it among its accounts, so such an instruction is refused when it is proposed
//! and not on the day it runs: the domain has the host note what it may pay, and anyone has the host pay it.
//! Not custody: vaults and pools sign for themselves. Token accounts of the domain itself are looked at one by one:
//! escrowed votes are never touched, recovery accounts not while an incident is open, and an emergency action, which waits for nobody,
//! touches none. Whatever the callee does, it can only write accounts that the instruction names.

use anchor_lang::{
    prelude::*,
    solana_program::{
        instruction::{AccountMeta, Instruction},
        program::invoke_signed,
    },
};
use bulkhead_core::proposals::execution;
use bulkhead_interface::{
    layout::Domain,
    seeds::{SEED_DOMAIN, SEED_VOTES},
};

use crate::{current::Current, error::BulkheadError, token};

/// One account of a stored instruction.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct StoredAccount {
    /// Its address.
    pub pubkey: Pubkey,
    /// Signs; the domain alone can.
    pub is_signer: bool,
    /// May be written.
    pub is_writable: bool,
}

/// An instruction to a program of the host. Also the payload of a `RunInstruction` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct StoredInstruction {
    /// The program; not Bulkhead.
    pub program_id: Pubkey,
    /// Its accounts, in order.
    pub accounts: Vec<StoredAccount>,
    /// Its data.
    pub data: Vec<u8>,
}

/// Whose decision a run is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// A matured proposal's.
    ByProposal,
    /// One guardian's.
    ByGuardian,
}

impl StoredInstruction {
    /// Refuses what could never run: calls of Bulkhead, also by the program that is called, signatures other than the
    /// domain's, and more accounts than a transaction can name. So the one who cranks lends a stored instruction nothing
    /// but the fee.
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

    /// How many different accounts it names.
    fn distinct(&self) -> usize {
        let is_first = |(place, account): (usize, &StoredAccount)| {
            let before = self.accounts.get(..place).unwrap_or_default();
            before.iter().all(|other| other.pubkey != account.pubkey)
        };
        self.accounts.iter().enumerate().filter(|each| is_first(*each)).count()
    }

    /// Runs it, signed by the domain. `given` are the transaction's accounts, exactly those of the instruction.
    /// Nothing may be borrowed.
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
            if stored.is_writable && is_frozen_by(account, &domain_key) {
                require_movable(account, domain, decided)?;
                is_spent = true;
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

/// Is it a token account, of either token program, that the domain can move?
fn is_frozen_by(account: &AccountInfo, domain: &Pubkey) -> bool {
    let is_tokens = *account.owner == anchor_spl::token::ID || *account.owner == anchor_spl::token_2022::ID;
    is_tokens && token::holder(account).is_ok_and(|holder| holder == *domain)
}

/// Refuses tokens of the domain that are not the caller's to move.
fn require_movable(account: &AccountInfo, domain: &AccountLoader<Domain>, decided: Decided) -> Result<()> {
    let (is_peace, governance_mint) = {
        let domain = domain.current()?;
        (domain.open_incident == Pubkey::default(), domain.governance_mint)
    };
    // The address is searched for only where it could be the one: it costs as much as a transfer.
    let is_votes = || {
        let votes = Pubkey::find_program_address(&[SEED_VOTES, domain.key().as_ref()], &crate::ID).0;
        *account.key == votes
    };
    let is_movable =
        decided == Decided::ByProposal && is_peace && (token::mint(account)? != governance_mint || !is_votes());
    require!(is_movable, BulkheadError::TokensLocked);
    Ok(())
}
