//! Stake accounts of the real stake program: an example of a treasury that no program of the host can hold.

use anchor_lang::{
    prelude::{AccountMeta, Pubkey, pubkey},
    solana_program::instruction::Instruction,
};
use bulkhead_client::chain::CLOCK;
use solana_account::Account;

use crate::Machine;

/// The stake program.
pub const STAKE_PROGRAM: Pubkey = pubkey!("Stake11111111111111111111111111111111111111");
/// Offset of the stake authority in a stake account.
pub const STAKER_OFFSET: u32 = 12;
/// Offset of the withdraw authority.
pub const WITHDRAWER_OFFSET: u32 = 44;

const RENT: Pubkey = pubkey!("SysvarRent111111111111111111111111111111111");
const STAKE_HISTORY: Pubkey = pubkey!("SysvarStakeHistory1111111111111111111111111");
/// Size of a stake account in bytes.
const LEN: usize = 200;

/// The kind of authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum StakeAuthority {
    /// May stake and change the staker.
    Staker = 0,
    /// May withdraw and change either authority.
    Withdrawer = 1,
}

impl Machine {
    /// An undelegated stake account, with `lamports` above its rent, and both authorities.
    ///
    /// # Panics
    /// When the stake program refuses it: a bug in a test or a drill.
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

/// Sets another authority. Signed by `signer`, the current authority of that kind or the withdraw authority.
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

/// Withdraws. Signed by the withdraw authority.
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
