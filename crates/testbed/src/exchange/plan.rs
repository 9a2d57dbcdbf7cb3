//! What brings an exchange under Bulkhead, as instructions in the order in which the program accepts them: for an
//! embedded machine, and for a node.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::{
    CouncilConfig, OpenBreakerArgs, OpenDomainArgs, OpenVaultArgs, RegisterEvacuationRouteArgs,
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::constants::SCOPE_DOMAIN;

use super::{COMPARTMENTS, ExchangeSetup};

/// An exchange's domain before it exists. The setup authority signs every instruction, and `payer` pays.
pub struct Plan<'a> {
    /// Limits and window of both breakers.
    pub setup: &'a ExchangeSetup,
    /// The council.
    pub council: CouncilConfig,
    /// How long a ballot's vote lasts.
    pub vote_seconds: i64,
    /// Opens the domain.
    pub setup_authority: Pubkey,
    /// Pays the rent.
    pub payer: Pubkey,
    /// The exchange's account, which operates the vaults.
    pub exchange: Pubkey,
    /// Token that is deposited, lent and pooled.
    pub mint: Pubkey,
    /// Governance token.
    pub governance_mint: Pubkey,
}

impl Plan<'_> {
    /// The domain.
    #[must_use]
    pub fn domain(&self) -> Pubkey {
        pda::domain(&self.setup_authority)
    }

    /// The authority that configures until the domain is activated.
    #[must_use]
    pub fn authority(&self) -> ix::Authority {
        ix::Authority {
            signer: self.setup_authority,
            domain: self.domain(),
            proposal: None,
        }
    }

    /// The vault of a compartment, and the addresses derived from it.
    #[must_use]
    pub fn vault_keys(&self, compartment: u8) -> ix::VaultKeys {
        let domain = self.domain();
        ix::VaultKeys {
            vault: pda::vault(&domain, &self.mint, compartment),
            domain,
            breaker: pda::outflow_breaker(&domain, compartment, &self.mint, 0),
            mint: self.mint,
            token_program: TOKEN_PROGRAM,
        }
    }

    /// The vaults of the margin accounts and of the liquidity.
    #[must_use]
    pub fn vaults(&self) -> [Pubkey; 2] {
        COMPARTMENTS.map(|compartment| self.vault_keys(compartment).vault)
    }

    /// Their token accounts.
    #[must_use]
    pub fn custody(&self) -> [Pubkey; 2] {
        self.vaults().map(|vault| pda::custody(&vault))
    }

    /// The domain, the escrow of its votes, and for each compartment a breaker and a vault behind it. The exchange is
    /// initialized next.
    #[must_use]
    pub fn opening(&self) -> Vec<Instruction> {
        let (domain, payer) = (self.domain(), self.payer);
        let open_domain = OpenDomainArgs {
            council: self.council.clone(),
            host_program: example_exchange::ID,
            vote_seconds: self.vote_seconds,
            quorum_bps: 1_000,
        };
        let mut steps = vec![
            ix::open_domain(self.setup_authority, payer, self.governance_mint, open_domain),
            ix::open_vote_custody(domain, payer, self.governance_mint, TOKEN_PROGRAM),
        ];
        for compartment in COMPARTMENTS {
            let ix::VaultKeys { vault, breaker, .. } = self.vault_keys(compartment);
            let open_breaker = OpenBreakerArgs {
                compartment,
                shard: 0,
                mint: self.mint,
                authority: vault,
                sub_windows: 12,
                trip_scope: SCOPE_DOMAIN,
                window_seconds: self.setup.window_seconds,
                limit: self.setup.limit,
                slot_limit: self.setup.slot_limit,
                trip_limit: self.setup.trip_limit,
                latch_seconds: 72 * 3_600,
                shards: 1,
                ..OpenBreakerArgs::default()
            };
            let open_vault = OpenVaultArgs {
                index: compartment,
                compartment,
                operator: self.exchange,
                breaker,
                mint: self.mint,
                queue_seconds: 24 * 3_600,
                // Ledger 0 is that of the margin accounts, ledger 1 that of the pool shares.
                ledger: compartment,
            };
            steps.push(ix::open_breaker(self.authority(), payer, open_breaker));
            steps.push(ix::open_vault(self.authority(), payer, TOKEN_PROGRAM, open_vault));
        }
        steps
    }

    /// The evacuation route of a compartment's vault, to a token account that exists.
    #[must_use]
    pub fn route(&self, compartment: u8, destination: Pubkey) -> Instruction {
        let route = RegisterEvacuationRouteArgs {
            vault: self.vault_keys(compartment).vault,
            destination,
        };
        ix::register_evacuation_route(self.authority(), route)
    }
}
