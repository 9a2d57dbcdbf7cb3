//! Stake accounts of the real stake program: what a treasury looks like that no program of the host's can hold.

use anchor_lang::{
    prelude::{AccountMeta, Pubkey, pubkey},
    solana_program::instruction::Instruction,
};
use solana_account::Account;

use crate::Machine;

/// The stake program.
pub const STAKE_PROGRAM: Pubkey = pubkey!("Stake11111111111111111111111111111111111111");
/// Where the authority to stake lies in a stake account.
pub const STAKER_OFFSET: u32 = 12;
/// Where the authority to withdraw lies.
pub const WITHDRAWER_OFFSET: u32 = 44;

const RENT: Pubkey = pubkey!("SysvarRent111111111111111111111111111111111");
const CLOCK: Pubkey = pubkey!("SysvarC1ock11111111111111111111111111111111");
const STAKE_HISTORY: Pubkey = pubkey!("SysvarStakeHistory1111111111111111111111111");
/// Bytes of a stake account.
const LEN: usize = 200;

/// Which authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum StakeAuthority {
    /// To stake and to change the staker.
    Staker = 0,
    /// To withdraw and to change either.
    Withdrawer = 1,
}

impl Machine {
    /// A stake account that is not delegated, with `lamports` over its rent, and both authorities.
    ///
    /// # Panics
    /// When the stake program refuses it: a test or a drill went wrong.
    pub fn create_stake(&mut self, key: &Pubkey, staker: &Pubkey, withdrawer: &Pubkey, lamports: u64) {
        let rent = self.svm.minimum_balance_for_rent_exemption(LEN);
        self.write_account(
            key,
            Account {
                lamports: rent + lamports,
                data: vec![0; LEN],
                owner: STAKE_PROGRAM,
                executable: false,
                rent_epoch: u64::MAX,
            },
        );
        // Initialize { authorized: { staker, withdrawer }, lockup: none }
        let mut data = 0_u32.to_le_bytes().to_vec();
        data.extend_from_slice(staker.as_ref());
        data.extend_from_slice(withdrawer.as_ref());
        data.extend_from_slice(&[0; 48]);
        let accounts = vec![AccountMeta::new(*key, false), AccountMeta::new_readonly(RENT, false)];
        let initialize = Instruction::new_with_bytes(STAKE_PROGRAM, &data, accounts);
        if let Err(failure) = self.send(&[initialize], &[]) {
            panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
        }
    }
}

/// Names another authority; signed by `signer`, who holds that one, or the one to withdraw.
#[must_use]
pub fn authorize(stake: Pubkey, signer: Pubkey, which: StakeAuthority, new: Pubkey) -> Instruction {
    let mut data = 1_u32.to_le_bytes().to_vec();
    data.extend_from_slice(new.as_ref());
    data.extend_from_slice(&(which as u32).to_le_bytes());
    let accounts = vec![
        AccountMeta::new(stake, false),
        AccountMeta::new_readonly(CLOCK, false),
        AccountMeta::new_readonly(signer, true),
    ];
    Instruction::new_with_bytes(STAKE_PROGRAM, &data, accounts)
}

/// Withdraws; signed by the one who may.
#[must_use]
pub fn withdraw_stake(stake: Pubkey, withdrawer: Pubkey, to: Pubkey, lamports: u64) -> Instruction {
    let mut data = 4_u32.to_le_bytes().to_vec();
    data.extend_from_slice(&lamports.to_le_bytes());
    let accounts = vec![
        AccountMeta::new(stake, false),
        AccountMeta::new(to, false),
        AccountMeta::new_readonly(CLOCK, false),
        AccountMeta::new_readonly(STAKE_HISTORY, false),
        AccountMeta::new_readonly(withdrawer, true),
    ];
    Instruction::new_with_bytes(STAKE_PROGRAM, &data, accounts)
}
