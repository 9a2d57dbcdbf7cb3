//! Mints and token accounts, written directly into the machine, because drills and tests are not about their creation.
//! Transfers always run through the real token program.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::{program_option::COption, program_pack::Pack},
};
use anchor_spl::token::spl_token::{
    ID as TOKEN_PROGRAM,
    state::{Account as TokenAccount, AccountState, Mint},
};
use solana_account::Account;

use crate::Machine;

impl Machine {
    /// A mint with `authority`, at `mint`.
    pub fn create_mint(&mut self, mint: &Pubkey, authority: &Pubkey, decimals: u8) {
        self.write_packed(
            mint,
            Mint {
                mint_authority: COption::Some(*authority),
                supply: 0,
                decimals,
                is_initialized: true,
                freeze_authority: COption::None,
            },
        );
    }

    /// A token account of `owner` with `amount`, at `key`. The mint's supply grows by the amount.
    pub fn create_token_account(&mut self, key: &Pubkey, mint: &Pubkey, owner: &Pubkey, amount: u64) {
        self.write_packed(
            key,
            TokenAccount {
                mint: *mint,
                owner: *owner,
                amount,
                state: AccountState::Initialized,
                ..TokenAccount::default()
            },
        );
        let mut state = self.mint(mint);
        state.supply += amount;
        self.write_packed(mint, state);
    }

    /// Adds `amount` to an existing token account. The mint's supply grows by the amount.
    ///
    /// # Panics
    /// When the account does not exist: a bug in a test or a drill.
    pub fn mint_to(&mut self, mint: &Pubkey, key: &Pubkey, amount: u64) {
        let mut state = self
            .account(key)
            .and_then(|account| TokenAccount::unpack_from_slice(account.data.get(..TokenAccount::LEN)?).ok())
            .unwrap_or_else(|| panic!("{key} is no token account"));
        state.amount += amount;
        self.write_packed(key, state);
        let mut state = self.mint(mint);
        state.supply += amount;
        self.write_packed(mint, state);
    }

    /// The associated token account of `owner`, with `amount` in it.
    pub fn create_associated(&mut self, mint: &Pubkey, owner: &Pubkey, amount: u64) -> Pubkey {
        let key = associated_token(owner, mint);
        self.create_token_account(&key, mint, owner, amount);
        key
    }

    /// Balance of a token account, or 0 if there is none.
    #[must_use]
    pub fn balance(&self, key: &Pubkey) -> u64 {
        self.account(key)
            .and_then(|account| TokenAccount::unpack_from_slice(account.data.get(..TokenAccount::LEN)?).ok())
            .map_or(0, |account| account.amount)
    }

    /// Balance of a mint, summed over all token accounts.
    #[must_use]
    pub fn circulation(&self, mint: &Pubkey) -> u64 {
        let accounts = self.svm.get_program_accounts(&TOKEN_PROGRAM);
        accounts
            .iter()
            .filter_map(|(_, account)| TokenAccount::unpack(&account.data).ok())
            .filter(|account| account.mint == *mint)
            .map(|account| account.amount)
            .sum()
    }

    /// A mint's state.
    ///
    /// # Panics
    /// When `mint` is not a mint: a bug in a test or a drill.
    #[must_use]
    pub fn mint(&self, mint: &Pubkey) -> Mint {
        self.account(mint)
            .and_then(|account| Mint::unpack_from_slice(account.data.get(..Mint::LEN)?).ok())
            .unwrap_or_else(|| panic!("{mint} is no mint"))
    }

    fn write_packed<T: Pack>(&mut self, key: &Pubkey, state: T) {
        let mut data = vec![0; T::LEN];
        state.pack_into_slice(&mut data);
        let lamports = self.svm.minimum_balance_for_rent_exemption(data.len());
        self.write_account(
            key,
            Account {
                lamports,
                data,
                owner: TOKEN_PROGRAM,
                executable: false,
                rent_epoch: u64::MAX,
            },
        );
    }
}

/// The associated token account of `owner`, under SPL Token.
#[must_use]
pub fn associated_token(owner: &Pubkey, mint: &Pubkey) -> Pubkey {
    anchor_spl::associated_token::get_associated_token_address_with_program_id(owner, mint, &TOKEN_PROGRAM)
}
