//! The example exchange on a machine: in its own custody, or as a host under Bulkhead.

use anchor_lang::{
    Discriminator, InstructionData, ToAccountMetas,
    prelude::Pubkey,
    solana_program::{instruction::Instruction, system_program},
};
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::{
    AmountConfig, ByteFilterConfig, OpenBreakerArgs, OpenDomainArgs, OpenVaultArgs, RegisterLedgerArgs,
    RegisterRouteArgs, ScaleConfig, SetLinkArgs, TotalConfig,
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_guard::action;
use bulkhead_interface::constants::{SCOPE_DOMAIN, length_rule, total_unit};
use example_exchange::{
    accounts as host_accounts,
    constants::custody_mode,
    instruction as host_instruction,
    instructions::{CreateMarketArgs, InitializeArgs},
    seeds::{SEED_COLLATERAL, SEED_COLLATERAL_TOKENS, SEED_EXCHANGE, SEED_LP_MINT, SEED_MARGIN, SEED_ORACLE},
    state::{
        MARGIN_DEPOSIT_OFFSET, MARGIN_EXCHANGE_OFFSET, MARGIN_OWNER_OFFSET, MarginAccount, TOTAL_DEPOSITS_OFFSET, space,
    },
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{Machine, Market, Protocol, VOTE_SECONDS, council_config, keypair};

/// Compartments of the board.
const MARGIN: u8 = 0;
const LIQUIDITY: u8 = 1;

/// What an exchange is set up with.
#[derive(Clone, Debug)]
pub struct ExchangeSetup {
    /// Everything is derived from this name.
    pub name: &'static str,
    /// Under Bulkhead, or in its own custody with nothing in front of it.
    pub protected: bool,
    /// Enables the bug of the drills.
    pub vulnerable_redemption: bool,
    /// The exchange's own limit for one outflow, which its admin can change. Native units.
    pub withdraw_limit: u64,
    /// T of both breakers. Native units.
    pub limit: u64,
    /// Most in one slot. Native units.
    pub slot_limit: u64,
    /// Above which they latch, paid and queued together; 0 is twice the limit, as the program has it. Native units.
    pub trip_limit: u64,
    /// W of both breakers.
    pub window_seconds: i64,
    /// Another domain, whose pause closes the margin accounts of this one. Only when protected.
    pub upstream: Option<Pubkey>,
}

/// An exchange that has been set up.
pub struct Exchange {
    /// Its account, which also signs for its vaults.
    pub key: Pubkey,
    /// Who created it and is its admin.
    pub admin: Keypair,
    /// Token that is deposited and lent.
    pub mint: Pubkey,
    /// Token account with the deposits.
    pub tokens: Pubkey,
    /// Token account with the pool's liquidity.
    pub lp_tokens: Pubkey,
    /// Collateral that an oracle values, if there is one.
    pub valued: Option<Pubkey>,
    /// Bulkhead, when it is protected. Its `operator` has no part in it: the exchange's account is.
    pub protocol: Option<Protocol>,
}

impl Exchange {
    /// Sets one up.
    ///
    /// # Panics
    /// When a program refuses a step: a test or a drill went wrong.
    #[must_use]
    pub fn set_up(machine: &mut Machine, setup: &ExchangeSetup) -> Self {
        Self::set_up_with(machine, setup, None).0
    }

    /// Sets one up, with a market of its own base token.
    ///
    /// # Panics
    /// When a program refuses a step: a test or a drill went wrong.
    #[must_use]
    pub fn set_up_with_market(
        machine: &mut Machine,
        setup: &ExchangeSetup,
        terms: &CreateMarketArgs,
    ) -> (Self, Market) {
        let (exchange, market) = Self::set_up_with(machine, setup, Some(terms));
        (exchange, market.unwrap_or_else(|| panic!("a market was asked for")))
    }

    fn set_up_with(
        machine: &mut Machine,
        setup: &ExchangeSetup,
        terms: Option<&CreateMarketArgs>,
    ) -> (Self, Option<Market>) {
        let key_of = |what: &str| keypair(&format!("{}/{what}", setup.name));
        let admin = key_of("admin");
        let mint = key_of("mint").pubkey();
        let issuer = key_of("issuer").pubkey();
        machine.create_mint(&mint, &issuer, 6);
        machine.fund(&admin.pubkey(), 1_000_000_000_000);
        let key = Pubkey::find_program_address(&[SEED_EXCHANGE, admin.pubkey().as_ref()], &example_exchange::ID).0;
        let mut exchange = Self {
            key,
            tokens: key_of("margin tokens").pubkey(),
            lp_tokens: key_of("lp tokens").pubkey(),
            admin,
            mint,
            valued: None,
            protocol: None,
        };
        let market = if setup.protected {
            exchange.shelter(machine, setup, terms)
        } else {
            machine.create_token_account(&exchange.tokens, &mint, &key, 0);
            machine.create_token_account(&exchange.lp_tokens, &mint, &key, 0);
            let initialize = exchange.initialize(setup, [None, None]);
            must(machine, &initialize, &exchange.admin);
            terms.map(|terms| Market::open(machine, &exchange, setup, None, terms))
        };
        (exchange, market)
    }

    /// Domain, breakers, vaults, then the exchange itself, then its ledger and routes.
    fn shelter(
        &mut self,
        machine: &mut Machine,
        setup: &ExchangeSetup,
        terms: Option<&CreateMarketArgs>,
    ) -> Option<Market> {
        let key_of = |what: &str| keypair(&format!("{}/{what}", setup.name));
        let (namespace, mint, payer) = (key_of("namespace"), self.mint, machine.payer.pubkey());
        let members: Vec<_> = (0..5).map(|i| key_of(&format!("member {i}"))).collect();
        let governance_mint = key_of("governance mint").pubkey();
        machine.create_mint(&governance_mint, &key_of("issuer").pubkey(), 6);
        let domain = pda::domain(&namespace.pubkey());
        let authority = ix::Authority {
            signer: namespace.pubkey(),
            domain,
            proposal: None,
        };
        let open_domain = ix::open_domain(
            namespace.pubkey(),
            payer,
            governance_mint,
            OpenDomainArgs {
                council: council_config(&members),
                host_program: example_exchange::ID,
                vote_seconds: VOTE_SECONDS,
                quorum_bps: 1_000,
            },
        );
        must(machine, &open_domain, &namespace);
        must(
            machine,
            &ix::open_vote_custody(domain, payer, governance_mint, TOKEN_PROGRAM),
            &namespace,
        );

        let compartments = [MARGIN, LIQUIDITY];
        let vaults = compartments.map(|compartment| pda::vault(&domain, &mint, compartment));
        for (compartment, vault) in compartments.into_iter().zip(vaults) {
            let breaker = pda::outflow_breaker(&domain, compartment, &mint, 0);
            let open_breaker = OpenBreakerArgs {
                compartment,
                shard: 0,
                mint,
                authority: vault,
                sub_windows: 12,
                trip_scope: SCOPE_DOMAIN,
                window_seconds: setup.window_seconds,
                limit: setup.limit,
                slot_limit: setup.slot_limit,
                trip_limit: setup.trip_limit,
                latch_seconds: 72 * 3_600,
                shards: 1,
                ..OpenBreakerArgs::default()
            };
            must(machine, &ix::open_breaker(authority, payer, open_breaker), &namespace);
            let open_vault = OpenVaultArgs {
                index: compartment,
                compartment,
                operator: self.key,
                breaker,
                mint,
                queue_seconds: 24 * 3_600,
                // The margin accounts' is ledger 0, the pool shares' ledger 1.
                ledger: compartment,
            };
            must(
                machine,
                &ix::open_vault(authority, payer, TOKEN_PROGRAM, open_vault),
                &namespace,
            );
        }
        (self.tokens, self.lp_tokens) = (pda::custody(&vaults[0]), pda::custody(&vaults[1]));
        let initialize = self.initialize(setup, vaults.map(Some));
        must(machine, &initialize, &self.admin);

        must(
            machine,
            &ix::register_ledger(authority, payer, self.ledger_args(), &[]),
            &namespace,
        );
        let refuges = [key_of("refuge").pubkey(), key_of("lp refuge").pubkey()];
        for (vault, destination) in vaults.into_iter().zip(refuges) {
            machine.create_token_account(&destination, &mint, &domain, 0);
            let route = RegisterRouteArgs { vault, destination };
            must(machine, &ix::register_route(authority, route), &namespace);
        }
        if let Some(upstream) = setup.upstream {
            let link = SetLinkArgs {
                upstream,
                upstream_scope: SCOPE_DOMAIN,
                upstream_mask: action::ALL,
                compartments: 1 << MARGIN,
                mask: 0,
            };
            must(machine, &ix::set_link(authority, payer, link), &namespace);
        }
        let market = terms.map(|terms| Market::open(machine, self, setup, Some(&namespace), terms));
        must(machine, &ix::activate_domain(namespace.pubkey()), &namespace);
        self.protocol = Some(Protocol {
            members,
            operator: key_of("operator"),
            host_program: example_exchange::ID,
            domain,
            mint,
            governance_mint,
            vault: ix::VaultKeys {
                vault: vaults[0],
                domain,
                breaker: pda::outflow_breaker(&domain, MARGIN, &mint, 0),
                mint,
                token_program: TOKEN_PROGRAM,
            },
            refuge: refuges[0],
            total_account: self.key,
            namespace,
        });
        market
    }

    /// The ledger of margin accounts: number 0.
    pub(crate) fn ledger_args(&self) -> RegisterLedgerArgs {
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
        }
    }

    fn initialize(&self, setup: &ExchangeSetup, [margin_vault, lp_vault]: [Option<Pubkey>; 2]) -> Instruction {
        let mode = if setup.protected {
            custody_mode::BULKHEAD
        } else {
            custody_mode::UNPROTECTED
        };
        build(
            &host_accounts::Initialize {
                creator: self.admin.pubkey(),
                exchange: self.key,
                quote_mint: self.mint,
                lp_mint: self.lp_mint(),
                margin_tokens: self.tokens,
                lp_tokens: self.lp_tokens,
                margin_vault,
                lp_vault,
                margin_breaker: None,
                lp_breaker: None,
                token_program: TOKEN_PROGRAM,
                system_program: system_program::ID,
            },
            &host_instruction::Initialize {
                args: InitializeArgs {
                    custody_mode: mode,
                    withdraw_limit: setup.withdraw_limit,
                    vulnerable_redemption: setup.vulnerable_redemption,
                },
            },
        )
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

    /// `open_oracle`, signed by the admin and `payer`. From then on the collateral is [`Exchange::valued`] by it.
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

    /// The account with a collateral's price.
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

    /// The board, or any account where there is none.
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

/// What an owner brings into a pool, with custody or without.
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

/// Sends what has to work.
pub(crate) fn must(machine: &mut Machine, instruction: &Instruction, signer: &Keypair) {
    if let Err(failure) = machine.send(std::slice::from_ref(instruction), &[signer]) {
        panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
    }
}
