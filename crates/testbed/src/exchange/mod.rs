//! The example exchange on a machine, with its own custody or as a host under Bulkhead: its state and its instructions.

mod plan;
mod set_up;

use anchor_lang::{
    Discriminator, InstructionData, ToAccountMetas,
    prelude::Pubkey,
    solana_program::{instruction::Instruction, system_program},
};
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::{AmountConfig, ByteFilterConfig, RegisterLedgerArgs, ScaleConfig, TotalConfig};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::constants::{length_rule, total_unit};
use example_exchange::{
    accounts as host_accounts, instruction as host_instruction,
    seeds::{SEED_COLLATERAL, SEED_COLLATERAL_TOKENS, SEED_LP_MINT, SEED_MARGIN, SEED_ORACLE},
    state::{
        MARGIN_DEPOSIT_OFFSET, MARGIN_EXCHANGE_OFFSET, MARGIN_OWNER_OFFSET, MarginAccount, TOTAL_DEPOSITS_OFFSET, space,
    },
};
use solana_keypair::Keypair;
use solana_signer::Signer;

pub use self::plan::Plan;
use crate::protocol::Protocol;

/// Compartments of the board.
const MARGIN: u8 = 0;
const LIQUIDITY: u8 = 1;
const COMPARTMENTS: [u8; 2] = [MARGIN, LIQUIDITY];

/// The parameters of an exchange.
#[derive(Clone, Debug)]
pub struct ExchangeSetup {
    /// All keys are derived from this name.
    pub name: &'static str,
    /// Under Bulkhead, or unprotected with its own custody.
    pub protected: bool,
    /// Enables the bug of the drills.
    pub vulnerable_redemption: bool,
    /// The exchange's own limit per outflow, which its admin can change. Native units.
    pub withdraw_limit: u64,
    /// T of both breakers. Native units.
    pub limit: u64,
    /// Maximum outflow in one slot. Native units.
    pub slot_limit: u64,
    /// Amount, paid and queued together, above which the breakers latch. 0 stands for the program's default, twice the
    /// limit. Native units.
    pub trip_limit: u64,
    /// W of both breakers.
    pub window_seconds: i64,
    /// Another domain, whose pause closes this one's margin accounts. Only when protected.
    pub upstream: Option<Pubkey>,
}

/// An exchange that was set up.
pub struct Exchange {
    /// Its account, which also signs for its vaults.
    pub key: Pubkey,
    /// Its creator and admin.
    pub admin: Keypair,
    /// Token that is deposited and lent.
    pub mint: Pubkey,
    /// Token account with the deposits.
    pub tokens: Pubkey,
    /// Token account with the pool's liquidity.
    pub lp_tokens: Pubkey,
    /// Collateral valued by an oracle, if there is one.
    pub valued: Option<Pubkey>,
    /// Bulkhead, when it is protected. Its `operator` is not used: the exchange's account is the operator.
    pub protocol: Option<Protocol>,
}

impl Exchange {
    /// The ledger of margin accounts: number 0.
    #[must_use]
    pub fn ledger_args(&self) -> RegisterLedgerArgs {
        let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let filter = |at: usize, wanted: &[u8]| ByteFilterConfig {
            offset: offset(at),
            bytes: wanted.to_vec(),
        };
        RegisterLedgerArgs {
            index: 0,
            program: example_exchange::ID,
            mint: self.mint,
            total: TotalConfig {
                account: self.key,
                program: example_exchange::ID,
                offset: offset(TOTAL_DEPOSITS_OFFSET),
                width: 8,
                unit: total_unit::HOST,
                shortfall_bps: 0,
                excess_bps: 0,
            },
            length_rule: length_rule::EXACT,
            data_len: offset(space::<MarginAccount>()),
            filters: vec![
                filter(0, MarginAccount::DISCRIMINATOR),
                filter(MARGIN_EXCHANGE_OFFSET, self.key.as_ref()),
            ],
            owner_offset: offset(MARGIN_OWNER_OFFSET),
            amounts: vec![AmountConfig {
                offset: offset(MARGIN_DEPOSIT_OFFSET),
                width: 8,
                flags: 0,
            }],
            scale: ScaleConfig {
                multiplier: 1,
                divisor: 1,
                shift: 0,
            },
            slots: None,
            export: None,
            link: None,
        }
    }

    /// The margin account of `owner`.
    #[must_use]
    pub fn margin(&self, owner: &Pubkey) -> Pubkey {
        address(&[SEED_MARGIN, self.key.as_ref(), owner.as_ref()])
    }

    /// `open_margin_account`, signed by `owner` and `payer`.
    #[must_use]
    pub fn open_margin_account(&self, owner: Pubkey, payer: Pubkey) -> Instruction {
        build(
            &host_accounts::OpenMarginAccount {
                owner,
                payer,
                exchange: self.key,
                margin: self.margin(&owner),
                system_program: system_program::ID,
            },
            &host_instruction::OpenMarginAccount {},
        )
    }

    /// `deposit`, signed by `owner`.
    #[must_use]
    pub fn deposit(&self, owner: Pubkey, source: Pubkey, amount: u64) -> Instruction {
        build(
            &host_accounts::Deposit {
                owner,
                exchange: self.key,
                margin: self.margin(&owner),
                board: self.board(),
                payin: self.payin(self.vault(), self.tokens, owner, source),
            },
            &host_instruction::Deposit { amount },
        )
    }

    /// `withdraw`, signed by `owner`.
    #[must_use]
    pub fn withdraw(&self, owner: Pubkey, destination: Pubkey, amount: u64, release_index: u64) -> Instruction {
        build(
            &self.withdrawal(owner, destination, release_index),
            &host_instruction::Withdraw { amount, release_index },
        )
    }

    /// `redeem_at_stale_price`, signed by `owner`.
    #[must_use]
    pub fn redeem_at_stale_price(
        &self,
        owner: Pubkey,
        destination: Pubkey,
        amount: u64,
        release_index: u64,
    ) -> Instruction {
        build(
            &self.withdrawal(owner, destination, release_index),
            &host_instruction::RedeemAtStalePrice { amount, release_index },
        )
    }

    /// `borrow`, signed by `owner`.
    #[must_use]
    pub fn borrow(
        &self,
        owner: Pubkey,
        collateral_mint: &Pubkey,
        destination: Pubkey,
        amount: u64,
        release_index: u64,
    ) -> Instruction {
        build(
            &host_accounts::Borrow {
                owner,
                exchange: self.key,
                margin: self.margin(&owner),
                collateral: self.collateral(collateral_mint),
                oracle: (self.valued == Some(*collateral_mint)).then(|| self.oracle(collateral_mint)),
                payout: self.payout(owner, destination, release_index),
            },
            &host_instruction::Borrow { amount, release_index },
        )
    }

    /// `add_liquidity`, signed by `owner`.
    #[must_use]
    pub fn add_liquidity(&self, owner: Pubkey, source: Pubkey, shares: Pubkey, amount: u64) -> Instruction {
        build(
            &host_accounts::AddLiquidity {
                owner,
                exchange: self.key,
                lp_mint: self.lp_mint(),
                shares,
                board: self.board(),
                payin: self.payin(self.lp_vault(), self.lp_tokens, owner, source),
            },
            &host_instruction::AddLiquidity { amount },
        )
    }

    /// `remove_liquidity`, signed by `owner`.
    #[must_use]
    pub fn remove_liquidity(
        &self,
        owner: Pubkey,
        destination: Pubkey,
        shares: Pubkey,
        amount: u64,
        release_index: u64,
    ) -> Instruction {
        let vault = self.lp_vault();
        build(
            &host_accounts::RemoveLiquidity {
                owner,
                exchange: self.key,
                lp_mint: self.lp_mint(),
                shares,
                payout: self.payout_of(vault, self.lp_tokens, (owner, destination), release_index),
            },
            &host_instruction::RemoveLiquidity {
                shares: amount,
                release_index,
            },
        )
    }

    /// Mint of the pool's shares.
    #[must_use]
    pub fn lp_mint(&self) -> Pubkey {
        address(&[SEED_LP_MINT, self.key.as_ref()])
    }

    /// `list_collateral`, signed by the admin and `payer`.
    #[must_use]
    pub fn list_collateral(&self, admin: Pubkey, payer: Pubkey, mint: Pubkey, price: u64) -> Instruction {
        build(
            &host_accounts::ListCollateral {
                admin,
                payer,
                exchange: self.key,
                mint,
                collateral: self.collateral(&mint),
                collateral_tokens: self.collateral_tokens(&mint),
                board: self.board(),
                token_program: TOKEN_PROGRAM,
                system_program: system_program::ID,
            },
            &host_instruction::ListCollateral { price },
        )
    }

    /// `open_oracle`, signed by the admin and `payer`. From then on the collateral is [`Exchange::valued`] by the
    /// oracle.
    #[must_use]
    pub fn open_oracle(&mut self, payer: Pubkey, mint: Pubkey, publisher: Pubkey, price: u64) -> Instruction {
        self.valued = Some(mint);
        build(
            &host_accounts::OpenOracle {
                admin: self.admin.pubkey(),
                payer,
                exchange: self.key,
                collateral: self.collateral(&mint),
                oracle: self.oracle(&mint),
                board: self.board(),
                system_program: system_program::ID,
            },
            &host_instruction::OpenOracle { publisher, price },
        )
    }

    /// `publish_price`, signed by the publisher.
    #[must_use]
    pub fn publish_price(&self, mint: &Pubkey, publisher: Pubkey, price: u64) -> Instruction {
        build(
            &host_accounts::PublishPrice {
                publisher,
                oracle: self.oracle(mint),
            },
            &host_instruction::PublishPrice { price },
        )
    }

    /// The account that stores a collateral's price.
    #[must_use]
    pub fn oracle(&self, mint: &Pubkey) -> Pubkey {
        address(&[SEED_ORACLE, self.key.as_ref(), mint.as_ref()])
    }

    /// `deposit_collateral`, signed by `owner`.
    #[must_use]
    pub fn deposit_collateral(&self, owner: Pubkey, mint: Pubkey, source: Pubkey, amount: u64) -> Instruction {
        build(
            &host_accounts::DepositCollateral {
                owner,
                exchange: self.key,
                margin: self.margin(&owner),
                collateral: self.collateral(&mint),
                mint,
                source,
                collateral_tokens: self.collateral_tokens(&mint),
                board: self.board(),
                token_program: TOKEN_PROGRAM,
            },
            &host_instruction::DepositCollateral { amount },
        )
    }

    /// `update_admin`, signed by the admin.
    #[must_use]
    pub fn update_admin(&self, admin: Pubkey, new_admin: Pubkey) -> Instruction {
        build(&self.administer(admin), &host_instruction::UpdateAdmin { new_admin })
    }

    /// `set_withdraw_limit`, signed by the admin.
    #[must_use]
    pub fn set_withdraw_limit(&self, admin: Pubkey, limit: u64) -> Instruction {
        build(&self.administer(admin), &host_instruction::SetWithdrawLimit { limit })
    }

    fn administer(&self, admin: Pubkey) -> host_accounts::Administer {
        host_accounts::Administer {
            admin,
            exchange: self.key,
            board: self.board(),
        }
    }

    fn withdrawal(&self, owner: Pubkey, destination: Pubkey, release_index: u64) -> host_accounts::Withdraw {
        host_accounts::Withdraw {
            owner,
            exchange: self.key,
            margin: self.margin(&owner),
            payout: self.payout(owner, destination, release_index),
        }
    }

    /// Anyone returns a cancelled withdrawal of `owner` to their margin account. `payer` paid the record's rent.
    ///
    /// # Panics
    /// When the exchange is unprotected: nothing waits there.
    #[must_use]
    pub fn restore_withdrawal(&self, owner: Pubkey, release: Pubkey, payer: Pubkey) -> Instruction {
        let vault = self.vault().unwrap_or_else(|| panic!("the exchange is unprotected"));
        let accounts = host_accounts::RestoreWithdrawal {
            exchange: self.key,
            margin: self.margin(&owner),
            vault: vault.vault,
            release,
            payer,
            bulkhead: bulkhead::ID,
        };
        build(&accounts, &host_instruction::RestoreWithdrawal {})
    }

    fn payout(&self, owner: Pubkey, destination: Pubkey, release_index: u64) -> host_accounts::Payout {
        self.payout_of(self.vault(), self.tokens, (owner, destination), release_index)
    }

    fn payout_of(
        &self,
        vault: Option<ix::VaultKeys>,
        tokens: Pubkey,
        (owner, destination): (Pubkey, Pubkey),
        release_index: u64,
    ) -> host_accounts::Payout {
        host_accounts::Payout {
            tokens,
            destination,
            mint: self.mint,
            token_program: TOKEN_PROGRAM,
            board: self.board(),
            breaker: vault.map(|vault| vault.breaker),
            vault: vault.map(|vault| vault.vault),
            release: vault.map(|vault| pda::release_of(&vault.vault, &owner, release_index)),
            note: vault.map(|vault| pda::deposit_note(&vault.vault, &owner)),
            bulkhead: vault.map(|_| bulkhead::ID),
            system_program: system_program::ID,
        }
    }

    fn payin(
        &self,
        vault: Option<ix::VaultKeys>,
        tokens: Pubkey,
        owner: Pubkey,
        source: Pubkey,
    ) -> host_accounts::Payin {
        payin(vault, (self.mint, tokens), owner, source)
    }

    fn vault(&self) -> Option<ix::VaultKeys> {
        self.protocol.as_ref().map(|protocol| protocol.vault)
    }

    fn lp_vault(&self) -> Option<ix::VaultKeys> {
        self.protocol.as_ref().map(|protocol| ix::VaultKeys {
            vault: pda::vault(&protocol.domain, &self.mint, LIQUIDITY),
            breaker: pda::outflow_breaker(&protocol.domain, LIQUIDITY, &self.mint, 0),
            ..protocol.vault
        })
    }

    /// The board, or any account if there is none.
    fn board(&self) -> Pubkey {
        let protocol = self.protocol.as_ref();
        protocol.map_or(system_program::ID, |protocol| pda::board(&protocol.domain))
    }

    fn collateral(&self, mint: &Pubkey) -> Pubkey {
        address(&[SEED_COLLATERAL, self.key.as_ref(), mint.as_ref()])
    }

    fn collateral_tokens(&self, mint: &Pubkey) -> Pubkey {
        address(&[SEED_COLLATERAL_TOKENS, self.key.as_ref(), mint.as_ref()])
    }
}

/// The accounts for an owner's deposit into a pool, with custody or without.
pub(crate) fn payin(
    vault: Option<ix::VaultKeys>,
    (mint, tokens): (Pubkey, Pubkey),
    owner: Pubkey,
    source: Pubkey,
) -> host_accounts::Payin {
    host_accounts::Payin {
        source,
        tokens,
        mint,
        token_program: TOKEN_PROGRAM,
        vault: vault.map(|vault| vault.vault),
        breaker: vault.map(|vault| vault.breaker),
        note: vault.map(|vault| pda::deposit_note(&vault.vault, &owner)),
        bulkhead: vault.map(|_| bulkhead::ID),
        system_program: system_program::ID,
    }
}

/// An instruction of the exchange.
pub(crate) fn build(accounts: &impl ToAccountMetas, data: &impl InstructionData) -> Instruction {
    Instruction {
        program_id: example_exchange::ID,
        accounts: accounts.to_account_metas(None),
        data: data.data(),
    }
}

pub(crate) fn address(seeds: &[&[u8]]) -> Pubkey {
    Pubkey::find_program_address(seeds, &example_exchange::ID).0
}
