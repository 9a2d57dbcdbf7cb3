//! Who and what the sample consists of, derived from the keys: the same before the set-up, after it, and in another
//! process.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::CouncilConfig;
use bulkhead_client::pda;
use bulkhead_interface::constants::{MIN_DELAY_SECONDS, role};
use bulkhead_testbed::{Exchange, ExchangeSetup, Plan, Protocol, associated_token, council_config};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    keys::{ADMIN, FALLBACK, ISSUER, Keyring, PAYER, PUBLISHER, SETUP, VOTERS, owner, voter},
    manifest::Limits,
};

/// One dollar in native units of the quote token.
pub const DOLLAR: u64 = 1_000_000;
/// Decimals of every token of the sample.
pub const DECIMALS: u8 = 6;
/// One hour.
const WINDOW_SECONDS: i64 = 3_600;

/// The most that leaves in an hour, in basis points of the first deposits.
const LIMIT_BPS: u64 = 500;
/// The most that leaves in a slot.
const SLOT_LIMIT_BPS: u64 = 200;
/// What latches: twice the limit, as by default.
const TRIP_BPS: u64 = 1_000;
/// The exchange's own limit of one outflow, which its admin can change.
const OWN_LIMIT_BPS: u64 = 100;

/// The sample.
pub struct Cast {
    /// Its keys.
    pub keys: Keyring,
    /// The exchange, under Bulkhead.
    pub exchange: Exchange,
    /// Limits of the exchange and of its breakers.
    pub setup: ExchangeSetup,
}

impl Cast {
    /// The sample of these keys with `positions` positions.
    #[must_use]
    pub fn new(keys: Keyring, positions: u32) -> Self {
        let admin = keys.key(ADMIN);
        let mint = keys.key("quote-mint").pubkey();
        let total = total(positions);
        let setup = ExchangeSetup {
            name: "localnet",
            protected: true,
            vulnerable_redemption: false,
            withdraw_limit: share(total, OWN_LIMIT_BPS),
            limit: share(total, LIMIT_BPS),
            slot_limit: share(total, SLOT_LIMIT_BPS),
            trip_limit: share(total, TRIP_BPS),
            window_seconds: WINDOW_SECONDS,
            upstream: None,
        };
        let setup_authority = keys.key(SETUP);
        let key = example_exchange::pda::exchange(&admin.pubkey());
        let members = keys.members();
        let plan = Plan {
            setup: &setup,
            council: council_config(&members),
            vote_seconds: MIN_DELAY_SECONDS,
            setup_authority: setup_authority.pubkey(),
            payer: keys.key(PAYER).pubkey(),
            exchange: key,
            mint,
            governance_mint: keys.key("governance-mint").pubkey(),
        };
        let [tokens, lp_tokens] = plan.custody();
        let protocol = Protocol {
            members,
            // The exchange's account is the operator.
            operator: admin.insecure_clone(),
            host_program: example_exchange::ID,
            domain: plan.domain(),
            mint,
            governance_mint: plan.governance_mint,
            vault: plan.vault_keys(0),
            recovery_account: keys.key(&route(0)).pubkey(),
            total_account: key,
            setup_authority,
        };
        let exchange = Exchange {
            key,
            admin,
            mint,
            tokens,
            lp_tokens,
            valued: Some(keys.key("collateral-mint").pubkey()),
            protocol: Some(protocol),
        };
        Self { keys, exchange, setup }
    }

    /// The council, with the shortest delays that the program accepts.
    #[must_use]
    pub fn council(&self) -> CouncilConfig {
        let mut council = council_config(&self.keys.members());
        council.fallback = self.keys.key(FALLBACK).pubkey();
        for policy in &mut council.policies {
            policy.delay_seconds = MIN_DELAY_SECONDS;
        }
        council
    }

    /// The domain before it exists.
    #[must_use]
    pub fn plan(&self) -> Plan<'_> {
        Plan {
            setup: &self.setup,
            council: self.council(),
            vote_seconds: MIN_DELAY_SECONDS,
            setup_authority: self.keys.key(SETUP).pubkey(),
            payer: self.keys.key(PAYER).pubkey(),
            exchange: self.exchange.key,
            mint: self.exchange.mint,
            governance_mint: self.keys.key("governance-mint").pubkey(),
        }
    }

    /// The domain.
    #[must_use]
    pub fn domain(&self) -> Pubkey {
        pda::domain(&self.keys.key(SETUP).pubkey())
    }

    /// The setup authority.
    #[must_use]
    pub fn plan_authority(&self) -> Keypair {
        self.keys.key(SETUP)
    }

    /// Issues the tokens.
    #[must_use]
    pub fn issuer(&self) -> Keypair {
        self.keys.key(ISSUER)
    }

    /// Publishes the price of the collateral.
    #[must_use]
    pub fn publisher(&self) -> Keypair {
        self.keys.key(PUBLISHER)
    }

    /// The collateral that an oracle values.
    #[must_use]
    pub fn collateral(&self) -> Pubkey {
        self.keys.key("collateral-mint").pubkey()
    }

    /// The token account with an owner's tokens.
    #[must_use]
    pub fn tokens_of(&self, owner: &Pubkey) -> Pubkey {
        associated_token(owner, &self.exchange.mint)
    }

    /// The voters, with the governance tokens that each gets: 60, 30 and 10 percent.
    #[must_use]
    pub fn voters(&self) -> Vec<(Keypair, u64)> {
        let shares = [600_000, 300_000, 100_000];
        let voters = (0..VOTERS).map(|number| self.keys.key(&voter(number)));
        voters.zip(shares.map(|tokens| tokens * DOLLAR)).collect()
    }

    /// The owner of a position.
    #[must_use]
    pub fn owner(&self, number: u32) -> Keypair {
        self.keys.key(&owner(number))
    }

    /// Limits of the breakers.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        Limits {
            limit: self.setup.limit,
            slot_limit: self.setup.slot_limit,
            trip_limit: self.setup.trip_limit,
            window_seconds: self.setup.window_seconds,
        }
    }
}

/// The name of the key whose account is the evacuation route of a compartment's vault.
#[must_use]
pub fn route(compartment: u8) -> String {
    format!("route-{compartment}")
}

/// The first deposit of a position: 1,000 to 10,000 dollars.
#[must_use]
pub fn deposit(number: u32) -> u64 {
    (1_000 + u64::from(number % 37) * 250) * DOLLAR
}

/// The sum of all first deposits.
#[must_use]
pub fn total(positions: u32) -> u64 {
    (0..positions).map(deposit).sum()
}

fn share(total: u64, bps: u64) -> u64 {
    // At least a dollar: a limit of nothing is refused.
    (total / 10_000 * bps).max(DOLLAR)
}

/// Roles in words.
#[must_use]
pub fn roles(roles: u8) -> Vec<String> {
    let names = [
        (role::GUARDIAN, "guardian"),
        (role::APPROVER, "approver"),
        (role::VETOER, "vetoer"),
        (role::ATTESTER, "attester"),
    ];
    let held = names.into_iter().filter(|(role, _)| roles & role != 0);
    held.map(|(_, name)| name.to_string()).collect()
}
