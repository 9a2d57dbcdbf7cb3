//! Sets up an exchange: its domain if it is under one, the exchange itself, and a market if requested.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::{instruction::Instruction, system_program},
};
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::{
    OpenBreakerArgs, OpenDomainArgs, OpenVaultArgs, RegisterEvacuationRouteArgs, SetLinkArgs,
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_guard::action;
use bulkhead_interface::constants::SCOPE_DOMAIN;
use example_exchange::{
    accounts as host_accounts,
    constants::custody_mode,
    instruction as host_instruction,
    instructions::{CreateMarketArgs, InitializeArgs},
    seeds::SEED_EXCHANGE,
};
use solana_signer::Signer;

use super::{Exchange, ExchangeSetup, LIQUIDITY, MARGIN, build};
use crate::{
    council::{VOTE_SECONDS, council_config},
    expect::must,
    keys::keypair,
    machine::Machine,
    market::Market,
    protocol::Protocol,
};

impl Exchange {
    /// Sets up an exchange.
    ///
    /// # Panics
    /// When a program refuses a step: a bug in a test or a drill.
    #[must_use]
    pub fn set_up(machine: &mut Machine, setup: &ExchangeSetup) -> Self {
        Self::set_up_with(machine, setup, None).0
    }

    /// Sets up an exchange with a market of its own base token.
    ///
    /// # Panics
    /// When a program refuses a step: a bug in a test or a drill.
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
            exchange.protect(machine, setup, terms)
        } else {
            machine.create_token_account(&exchange.tokens, &mint, &key, 0);
            machine.create_token_account(&exchange.lp_tokens, &mint, &key, 0);
            let initialize = exchange.initialize(setup, [None, None]);
            must(machine.send(&[initialize], &[&exchange.admin]));
            terms.map(|terms| Market::open(machine, &exchange, setup, None, terms))
        };
        (exchange, market)
    }

    /// Domain, breakers and vaults, then the exchange itself, then its ledger and evacuation routes.
    fn protect(
        &mut self,
        machine: &mut Machine,
        setup: &ExchangeSetup,
        terms: Option<&CreateMarketArgs>,
    ) -> Option<Market> {
        let key_of = |what: &str| keypair(&format!("{}/{what}", setup.name));
        let (setup_authority, mint, payer) = (key_of("setup"), self.mint, machine.payer.pubkey());
        let members: Vec<_> = (0..5).map(|i| key_of(&format!("member {i}"))).collect();
        let governance_mint = key_of("governance mint").pubkey();
        machine.create_mint(&governance_mint, &key_of("issuer").pubkey(), 6);
        let domain = pda::domain(&setup_authority.pubkey());
        let authority = ix::Authority {
            signer: setup_authority.pubkey(),
            domain,
            proposal: None,
        };
        let open_domain = ix::open_domain(
            setup_authority.pubkey(),
            payer,
            governance_mint,
            OpenDomainArgs {
                council: council_config(&members),
                host_program: example_exchange::ID,
                vote_seconds: VOTE_SECONDS,
                quorum_bps: 1_000,
            },
        );
        must(machine.send(&[open_domain], &[&setup_authority]));
        must(machine.send(
            &[ix::open_vote_custody(domain, payer, governance_mint, TOKEN_PROGRAM)],
            &[&setup_authority],
        ));

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
            must(machine.send(&[ix::open_breaker(authority, payer, open_breaker)], &[&setup_authority]));
            let open_vault = OpenVaultArgs {
                index: compartment,
                compartment,
                operator: self.key,
                breaker,
                mint,
                queue_seconds: 24 * 3_600,
                // Ledger 0 is that of the margin accounts, ledger 1 that of the pool shares.
                ledger: compartment,
            };
            must(machine.send(
                &[ix::open_vault(authority, payer, TOKEN_PROGRAM, open_vault)],
                &[&setup_authority],
            ));
        }
        (self.tokens, self.lp_tokens) = (pda::custody(&vaults[0]), pda::custody(&vaults[1]));
        let initialize = self.initialize(setup, vaults.map(Some));
        must(machine.send(&[initialize], &[&self.admin]));

        must(machine.send(
            &[ix::register_ledger(authority, payer, self.ledger_args(), &[])],
            &[&setup_authority],
        ));
        let recovery_accounts = [
            key_of("recovery_account").pubkey(),
            key_of("lp recovery account").pubkey(),
        ];
        for (vault, destination) in vaults.into_iter().zip(recovery_accounts) {
            machine.create_token_account(&destination, &mint, &domain, 0);
            let route = RegisterEvacuationRouteArgs { vault, destination };
            must(machine.send(&[ix::register_evacuation_route(authority, route)], &[&setup_authority]));
        }
        if let Some(upstream) = setup.upstream {
            let link = SetLinkArgs {
                upstream,
                upstream_scope: SCOPE_DOMAIN,
                upstream_mask: action::ALL,
                compartments: 1 << MARGIN,
                mask: 0,
            };
            must(machine.send(&[ix::set_link(authority, payer, link)], &[&setup_authority]));
        }
        let market = terms.map(|terms| Market::open(machine, self, setup, Some(&setup_authority), terms));
        must(machine.send(&[ix::activate_domain(setup_authority.pubkey())], &[&setup_authority]));
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
            recovery_account: recovery_accounts[0],
            total_account: self.key,
            setup_authority,
        });
        market
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
}
