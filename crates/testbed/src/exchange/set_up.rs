//! Sets up an exchange: its domain if it is under one, the exchange itself, and a market if requested.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::{instruction::Instruction, system_program},
};
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::SetLinkArgs;
use bulkhead_client::instructions as ix;
use bulkhead_guard::action;
use bulkhead_interface::constants::SCOPE_DOMAIN;
use example_exchange::{
    accounts as host_accounts,
    constants::custody_mode,
    instruction as host_instruction,
    instructions::{CreateMarketArgs, InitializeArgs},
    pda as host_pda,
};
use solana_signer::Signer;

use super::{COMPARTMENTS, Exchange, ExchangeSetup, MARGIN, build, plan::Plan};
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
        let key = host_pda::exchange(&admin.pubkey());
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
        let plan = Plan {
            setup,
            council: council_config(&members),
            vote_seconds: VOTE_SECONDS,
            setup_authority: setup_authority.pubkey(),
            payer,
            exchange: self.key,
            mint,
            governance_mint,
        };
        let (domain, authority) = (plan.domain(), plan.authority());
        for step in plan.opening() {
            must(machine.send(&[step], &[&setup_authority]));
        }
        [self.tokens, self.lp_tokens] = plan.custody();
        let initialize = self.initialize(setup, plan.vaults().map(Some));
        must(machine.send(&[initialize], &[&self.admin]));

        must(machine.send(
            &[ix::register_ledger(authority, payer, self.ledger_args(), &[])],
            &[&setup_authority],
        ));
        let recovery_accounts = [
            key_of("recovery_account").pubkey(),
            key_of("lp recovery account").pubkey(),
        ];
        for (compartment, destination) in COMPARTMENTS.into_iter().zip(recovery_accounts) {
            machine.create_token_account(&destination, &mint, &domain, 0);
            must(machine.send(&[plan.route(compartment, destination)], &[&setup_authority]));
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
            vault: plan.vault_keys(MARGIN),
            recovery_account: recovery_accounts[0],
            total_account: self.key,
            setup_authority,
        });
        market
    }

    /// `initialize`, signed by the admin. `vaults` are those of the margin accounts and of the liquidity, if it is
    /// protected.
    #[must_use]
    pub fn initialize(&self, setup: &ExchangeSetup, [margin_vault, lp_vault]: [Option<Pubkey>; 2]) -> Instruction {
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
