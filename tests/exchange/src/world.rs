//! An exchange on a machine, in any custody mode.

use anchor_lang::{
    InstructionData, ToAccountMetas,
    prelude::Pubkey,
    solana_program::{instruction::Instruction, system_program},
};
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    instructions::{OpenBreakerArgs, OpenDomainArgs, OpenVaultArgs},
    interface::{constants::SCOPE_DOMAIN, layout::OutflowBreaker},
};
use bulkhead_client::{instructions as ix, pda as bulkhead_pda};
use bulkhead_testbed::{Failure, Machine, Outcome, VOTE_SECONDS, council_config, deploy_dir, keypair, must, refused};
use example_exchange::{
    accounts,
    constants::custody_mode,
    error::ExchangeError,
    instruction,
    instructions::InitializeArgs,
    pda,
    state::{Exchange, MarginAccount},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// What every user starts with.
pub const WALLET: u64 = 1_000_000;
/// T of both breakers.
pub const LIMIT: u64 = 100_000;
/// Most in one slot.
pub const SLOT_LIMIT: u64 = 60_000;
/// What is asked for above it latches.
pub const TRIP_LIMIT: u64 = LIMIT;
/// Compartments of the two pools.
pub const MARGIN: u8 = 3;
pub const LIQUIDITY: u8 = 4;

pub struct World {
    pub machine: Machine,
    pub mode: u8,
    pub admin: Keypair,
    pub guardian: Keypair,
    pub domain: Pubkey,
    pub exchange: Pubkey,
    pub mint: Pubkey,
    /// Token accounts of the margin pool and the liquidity pool.
    pub tokens: [Pubkey; 2],
}

pub struct User {
    pub key: Keypair,
    pub wallet: Pubkey,
    pub margin: Pubkey,
}

impl World {
    pub fn new(mode: u8) -> Self {
        Self::with(mode, false, u64::MAX)
    }

    pub fn with(mode: u8, vulnerable_redemption: bool, withdraw_limit: u64) -> Self {
        let mut world = Self::bare(mode);
        let args = InitializeArgs {
            custody_mode: mode,
            withdraw_limit,
            vulnerable_redemption,
        };
        let initialize = world.initialize(args);
        world.must(&[initialize], &[]);
        world
    }

    /// Everything but the exchange itself.
    pub fn bare(mode: u8) -> Self {
        let programs = [(bulkhead::ID, "bulkhead"), (example_exchange::ID, "example_exchange")];
        let mut machine = Machine::new(&deploy_dir(), &programs).unwrap_or_else(|error| panic!("{error}"));
        let (admin, mint) = (keypair("admin"), keypair("mint").pubkey());
        machine.fund(&admin.pubkey(), 1_000_000_000_000);
        machine.create_mint(&mint, &keypair("issuer").pubkey(), 6);
        let exchange = pda::exchange(&admin.pubkey());
        let domain = bulkhead_pda::domain(&keypair("setup_authority").pubkey());
        let mut world = Self {
            machine,
            mode,
            admin,
            guardian: keypair("member 0"),
            domain,
            exchange,
            mint,
            tokens: [keypair("margin tokens").pubkey(), keypair("lp tokens").pubkey()],
        };
        if mode != custody_mode::UNPROTECTED {
            world.protect();
        }
        if mode != custody_mode::BULKHEAD {
            for tokens in world.tokens {
                world.machine.create_token_account(&tokens, &mint, &exchange, 0);
            }
        }
        world
    }

    fn protect(&mut self) {
        let (setup_authority, payer) = (keypair("setup_authority"), self.machine.payer.pubkey());
        let members: Vec<_> = (0..5).map(|i| keypair(&format!("member {i}"))).collect();
        let authority = ix::Authority {
            signer: setup_authority.pubkey(),
            domain: self.domain,
            proposal: None,
        };
        let open_domain = ix::open_domain(
            setup_authority.pubkey(),
            payer,
            self.mint,
            OpenDomainArgs {
                council: council_config(&members),
                host_program: example_exchange::ID,
                vote_seconds: VOTE_SECONDS,
                quorum_bps: 1_000,
            },
        );
        self.must(&[open_domain], &[&setup_authority]);
        for (index, compartment) in [(0, MARGIN), (1, LIQUIDITY)] {
            let vault = self.vault(index);
            let custody = self.mode == custody_mode::BULKHEAD;
            let breaker = OpenBreakerArgs {
                compartment,
                shard: 0,
                mint: self.mint,
                authority: if custody { vault } else { self.exchange },
                sub_windows: 12,
                trip_scope: SCOPE_DOMAIN,
                window_seconds: 3_600,
                limit: LIMIT,
                slot_limit: SLOT_LIMIT,
                trip_limit: TRIP_LIMIT,
                latch_seconds: 72 * 3_600,
                shards: 1,
                ..OpenBreakerArgs::default()
            };
            self.must(&[ix::open_breaker(authority, payer, breaker)], &[&setup_authority]);
            if custody {
                let open_vault = OpenVaultArgs {
                    index,
                    compartment,
                    operator: self.exchange,
                    breaker: self.breaker(index),
                    mint: self.mint,
                    queue_seconds: 24 * 3_600,
                    ledger: 0,
                };
                let open_vault = ix::open_vault(authority, payer, TOKEN_PROGRAM, open_vault);
                self.must(&[open_vault], &[&setup_authority]);
                self.tokens[usize::from(index)] = bulkhead_pda::custody(&vault);
            }
        }
        self.must(&[ix::activate_domain(setup_authority.pubkey())], &[&setup_authority]);
    }

    pub fn board(&self) -> Pubkey {
        bulkhead_pda::board(&self.domain)
    }

    pub fn vault(&self, index: u8) -> Pubkey {
        bulkhead_pda::vault(&self.domain, &self.mint, index)
    }

    pub fn breaker(&self, index: u8) -> Pubkey {
        bulkhead_pda::outflow_breaker(&self.domain, [MARGIN, LIQUIDITY][usize::from(index)], &self.mint, 0)
    }

    pub fn initialize_accounts(&self) -> accounts::Initialize {
        let only = |mode: u8, key: Pubkey| (self.mode == mode).then_some(key);
        accounts::Initialize {
            creator: self.admin.pubkey(),
            exchange: self.exchange,
            quote_mint: self.mint,
            lp_mint: pda::lp_mint(&self.exchange),
            margin_tokens: self.tokens[0],
            lp_tokens: self.tokens[1],
            margin_vault: only(custody_mode::BULKHEAD, self.vault(0)),
            lp_vault: only(custody_mode::BULKHEAD, self.vault(1)),
            margin_breaker: only(custody_mode::METERED, self.breaker(0)),
            lp_breaker: only(custody_mode::METERED, self.breaker(1)),
            token_program: TOKEN_PROGRAM,
            system_program: system_program::ID,
        }
    }

    pub fn initialize(&self, args: InitializeArgs) -> Instruction {
        build(&self.initialize_accounts(), &instruction::Initialize { args })
    }

    /// A user with a margin account and tokens in the wallet.
    pub fn user(&mut self, name: &str) -> User {
        let key = keypair(name);
        self.machine.fund(&key.pubkey(), 1_000_000_000);
        let user = User {
            wallet: self.machine.create_associated(&self.mint, &key.pubkey(), WALLET),
            margin: pda::margin(&self.exchange, &key.pubkey()),
            key,
        };
        let open = build(
            &accounts::OpenMarginAccount {
                owner: user.key.pubkey(),
                payer: self.machine.payer.pubkey(),
                exchange: self.exchange,
                margin: user.margin,
                system_program: system_program::ID,
            },
            &instruction::OpenMarginAccount {},
        );
        self.must(&[open], &[&user.key]);
        user
    }

    pub fn payin(&self, owner: Pubkey, source: Pubkey, pool: usize) -> accounts::Payin {
        let custody = self.mode == custody_mode::BULKHEAD;
        let number = if pool == 0 { 0 } else { 1 };
        accounts::Payin {
            source,
            tokens: self.tokens[pool],
            mint: self.mint,
            token_program: TOKEN_PROGRAM,
            vault: custody.then(|| self.vault(number)),
            breaker: custody.then(|| self.breaker(number)),
            note: custody.then(|| bulkhead_pda::deposit_note(&self.vault(number), &owner)),
            bulkhead: custody.then_some(bulkhead::ID),
            system_program: system_program::ID,
        }
    }

    pub fn payout(&self, owner: Pubkey, destination: Pubkey, pool: u8, release_index: u64) -> accounts::Payout {
        let custody = self.mode == custody_mode::BULKHEAD;
        let protected = self.mode != custody_mode::UNPROTECTED;
        accounts::Payout {
            tokens: self.tokens[usize::from(pool)],
            destination,
            mint: self.mint,
            token_program: TOKEN_PROGRAM,
            board: self.board(),
            breaker: protected.then(|| self.breaker(pool)),
            vault: custody.then(|| self.vault(pool)),
            release: custody.then(|| bulkhead_pda::release_of(&self.vault(pool), &owner, release_index)),
            note: custody.then(|| bulkhead_pda::deposit_note(&self.vault(pool), &owner)),
            bulkhead: protected.then_some(bulkhead::ID),
            system_program: system_program::ID,
        }
    }

    pub fn deposit_accounts(&self, user: &User) -> accounts::Deposit {
        accounts::Deposit {
            owner: user.key.pubkey(),
            exchange: self.exchange,
            margin: user.margin,
            board: self.board(),
            payin: self.payin(user.key.pubkey(), user.wallet, 0),
        }
    }

    pub fn withdraw_accounts(&self, user: &User, release_index: u64) -> accounts::Withdraw {
        accounts::Withdraw {
            owner: user.key.pubkey(),
            exchange: self.exchange,
            margin: user.margin,
            payout: self.payout(user.key.pubkey(), user.wallet, 0, release_index),
        }
    }

    pub fn deposit(&self, user: &User, amount: u64) -> Instruction {
        build(&self.deposit_accounts(user), &instruction::Deposit { amount })
    }

    pub fn repay(&self, user: &User, amount: u64) -> Instruction {
        build(&self.deposit_accounts(user), &instruction::Repay { amount })
    }

    pub fn withdraw(&self, user: &User, amount: u64, release_index: u64) -> Instruction {
        build(
            &self.withdraw_accounts(user, release_index),
            &instruction::Withdraw { amount, release_index },
        )
    }

    pub fn redeem(&self, user: &User, amount: u64, release_index: u64) -> Instruction {
        build(
            &self.withdraw_accounts(user, release_index),
            &instruction::RedeemAtStalePrice { amount, release_index },
        )
    }

    pub fn list_collateral(&self, admin: &Pubkey, mint: &Pubkey, price: u64) -> Instruction {
        build(
            &accounts::ListCollateral {
                admin: *admin,
                payer: self.machine.payer.pubkey(),
                exchange: self.exchange,
                mint: *mint,
                collateral: pda::collateral(&self.exchange, mint),
                collateral_tokens: pda::collateral_tokens(&self.exchange, mint),
                board: self.board(),
                token_program: TOKEN_PROGRAM,
                system_program: system_program::ID,
            },
            &instruction::ListCollateral { price },
        )
    }

    pub fn deposit_collateral(&self, user: &User, mint: &Pubkey, source: &Pubkey, amount: u64) -> Instruction {
        build(
            &accounts::DepositCollateral {
                owner: user.key.pubkey(),
                exchange: self.exchange,
                margin: user.margin,
                collateral: pda::collateral(&self.exchange, mint),
                mint: *mint,
                source: *source,
                collateral_tokens: pda::collateral_tokens(&self.exchange, mint),
                board: self.board(),
                token_program: TOKEN_PROGRAM,
            },
            &instruction::DepositCollateral { amount },
        )
    }

    pub fn withdraw_collateral(&self, user: &User, mint: &Pubkey, destination: &Pubkey, amount: u64) -> Instruction {
        build(
            &accounts::WithdrawCollateral {
                owner: user.key.pubkey(),
                exchange: self.exchange,
                margin: user.margin,
                collateral: pda::collateral(&self.exchange, mint),
                oracle: self.oracle(mint),
                mint: *mint,
                collateral_tokens: pda::collateral_tokens(&self.exchange, mint),
                destination: *destination,
                board: self.board(),
                token_program: TOKEN_PROGRAM,
            },
            &instruction::WithdrawCollateral { amount },
        )
    }

    pub fn borrow(&self, user: &User, mint: &Pubkey, amount: u64, release_index: u64) -> Instruction {
        build(
            &accounts::Borrow {
                owner: user.key.pubkey(),
                exchange: self.exchange,
                margin: user.margin,
                collateral: pda::collateral(&self.exchange, mint),
                oracle: self.oracle(mint),
                payout: self.payout(user.key.pubkey(), user.wallet, 0, release_index),
            },
            &instruction::Borrow { amount, release_index },
        )
    }

    /// The oracle of a collateral, if it has one.
    fn oracle(&self, mint: &Pubkey) -> Option<Pubkey> {
        let oracle = pda::oracle(&self.exchange, mint);
        self.machine.account(&oracle).map(|_| oracle)
    }

    pub fn open_oracle(&self, admin: &Pubkey, mint: &Pubkey, publisher: &Pubkey, price: u64) -> Instruction {
        build(
            &accounts::OpenOracle {
                admin: *admin,
                payer: self.machine.payer.pubkey(),
                exchange: self.exchange,
                collateral: pda::collateral(&self.exchange, mint),
                oracle: pda::oracle(&self.exchange, mint),
                board: self.board(),
                system_program: system_program::ID,
            },
            &instruction::OpenOracle {
                publisher: *publisher,
                price,
            },
        )
    }

    pub fn publish_price(&self, mint: &Pubkey, publisher: &Pubkey, price: u64) -> Instruction {
        build(
            &accounts::PublishPrice {
                publisher: *publisher,
                oracle: pda::oracle(&self.exchange, mint),
            },
            &instruction::PublishPrice { price },
        )
    }

    pub fn add_liquidity(&self, user: &User, shares: &Pubkey, amount: u64) -> Instruction {
        build(
            &accounts::AddLiquidity {
                owner: user.key.pubkey(),
                exchange: self.exchange,
                lp_mint: pda::lp_mint(&self.exchange),
                shares: *shares,
                board: self.board(),
                payin: self.payin(user.key.pubkey(), user.wallet, 1),
            },
            &instruction::AddLiquidity { amount },
        )
    }

    pub fn remove_liquidity(&self, user: &User, from: &Pubkey, shares: u64, release_index: u64) -> Instruction {
        build(
            &accounts::RemoveLiquidity {
                owner: user.key.pubkey(),
                exchange: self.exchange,
                lp_mint: pda::lp_mint(&self.exchange),
                shares: *from,
                payout: self.payout(user.key.pubkey(), user.wallet, 1, release_index),
            },
            &instruction::RemoveLiquidity { shares, release_index },
        )
    }

    pub fn administer(&self, admin: &Pubkey, data: &impl InstructionData) -> Instruction {
        let accounts = accounts::Administer {
            admin: *admin,
            exchange: self.exchange,
            board: self.board(),
        };
        build(&accounts, data)
    }

    /// One guardian pauses the whole domain with the emergency default.
    pub fn pause(&mut self, mask: u32) {
        let pause = ix::pause(self.domain, self.guardian.pubkey(), SCOPE_DOMAIN, mask);
        let guardian = keypair("member 0");
        self.must(&[pause], &[&guardian]);
    }

    pub fn state(&self) -> Exchange {
        self.machine.load(&self.exchange)
    }

    pub fn margin(&self, user: &User) -> MarginAccount {
        self.machine.load(&user.margin)
    }

    pub fn is_latched(&self, pool: u8) -> bool {
        self.machine.load::<OutflowBreaker>(&self.breaker(pool)).latch.until > 0
    }

    pub fn send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Outcome, Failure> {
        let admin = self.admin.insecure_clone();
        let mut signers = signers.to_vec();
        signers.push(&admin);
        self.machine.send(instructions, &signers)
    }

    pub fn must(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Outcome {
        must(self.send(instructions, signers))
    }

    /// Sends what the exchange has to refuse by this name.
    pub fn refused(&mut self, instruction: Instruction, signers: &[&Keypair], error: ExchangeError) {
        self.refused_code(instruction, signers, error.into());
    }

    pub fn refused_code(&mut self, instruction: Instruction, signers: &[&Keypair], code: u32) {
        refused(self.send(&[instruction], signers), code);
    }
}

pub fn build(accounts: &impl ToAccountMetas, data: &impl InstructionData) -> Instruction {
    Instruction {
        program_id: example_exchange::ID,
        accounts: accounts.to_account_metas(None),
        data: data.data(),
    }
}
