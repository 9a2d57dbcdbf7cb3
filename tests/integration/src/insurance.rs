//! An insurance pool of the protocol's ledger.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::OpenInsuranceArgs;
use bulkhead_client::{
    instructions::{self as ix, Covering, InsuranceKeys, InsuredVault},
    pda,
};
use bulkhead_interface::layout::{InsurancePool, Vault};
use bulkhead_testbed::{Machine, Protocol, Setup, associated_token, keypair};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    recovery::{LEDGER, Recovery, positions},
    world_with,
};

pub const DAY: i64 = 86_400;

/// Terms of the pool of `order`, which names the protocol's vault and its breaker.
#[must_use]
pub fn insurance_args(protocol: &Protocol, order: u8) -> OpenInsuranceArgs {
    OpenInsuranceArgs {
        ledger_index: LEDGER,
        order,
        cap_bps: 5_000,
        cooldown_seconds: DAY,
        window_seconds: 20 * DAY,
        freeze_seconds: 7 * DAY,
        funding_seconds: 3_600,
        minimum_assets: 100,
        vaults: vec![protocol.vault.vault],
        detectors: vec![protocol.vault.breaker],
    }
}

/// A pool that was opened by a proposal.
pub struct Pool {
    pub keys: InsuranceKeys,
    /// What `stake` and `unstake` take.
    pub detectors: Vec<Pubkey>,
    vault: Pubkey,
    order: u8,
}

impl Pool {
    /// Opens the pool of `order`.
    #[must_use]
    pub fn open(machine: &mut Machine, protocol: &Protocol, order: u8) -> Self {
        Self::open_with(machine, protocol, insurance_args(protocol, order))
    }

    /// Opens a pool with these terms.
    #[must_use]
    pub fn open_with(machine: &mut Machine, protocol: &Protocol, args: OpenInsuranceArgs) -> Self {
        let payer = machine.payer.pubkey();
        let authority = protocol.mature(machine, &args);
        let open = ix::open_insurance(authority, payer, protocol.mint, TOKEN_PROGRAM, args.clone());
        protocol.must(machine, &[open], &[]);
        Self::of(protocol, args.order)
    }

    /// The pool of `order`.
    #[must_use]
    pub fn of(protocol: &Protocol, order: u8) -> Self {
        Self {
            keys: InsuranceKeys {
                domain: protocol.domain,
                pool: pda::insurance_pool(&protocol.domain, LEDGER, order),
                mint: protocol.mint,
                token_program: TOKEN_PROGRAM,
            },
            detectors: vec![protocol.vault.breaker],
            vault: protocol.vault.vault,
            order,
        }
    }

    /// The pool as it stands.
    #[must_use]
    pub fn state(&self, machine: &Machine) -> InsurancePool {
        machine.load(&self.keys.pool)
    }

    /// A staker with tokens in the associated account.
    #[must_use]
    pub fn staker(&self, machine: &mut Machine, name: &str, amount: u64) -> Keypair {
        let staker = keypair(name);
        machine.create_associated(&self.keys.mint, &staker.pubkey(), amount);
        staker
    }

    fn own(&self, owner: &Pubkey) -> Pubkey {
        associated_token(owner, &self.keys.mint)
    }

    #[must_use]
    pub fn stake(&self, machine: &Machine, owner: &Pubkey, amount: u64) -> Instruction {
        let payer = machine.payer.pubkey();
        ix::stake(self.keys, *owner, payer, self.own(owner), &self.detectors, amount)
    }

    #[must_use]
    pub fn unstake(&self, owner: &Pubkey, shares: u64) -> Instruction {
        ix::unstake(self.keys, *owner, self.own(owner), &self.detectors, shares)
    }

    #[must_use]
    pub fn cooldown(&self, owner: &Pubkey, shares: u64) -> Instruction {
        ix::start_cooldown(self.keys.pool, *owner, shares)
    }

    #[must_use]
    pub fn premium(&self, funder: &Pubkey, amount: u64) -> Instruction {
        ix::pay_premium(self.keys, *funder, self.own(funder), amount)
    }

    #[must_use]
    pub fn note(&self, incident: Pubkey) -> Instruction {
        ix::note_incident(self.keys.pool, incident, LEDGER)
    }

    #[must_use]
    pub fn state_shortfall(&self, machine: &Machine, restoration: Pubkey) -> Instruction {
        let payer = machine.payer.pubkey();
        self.covering(machine, restoration, |covering| {
            ix::state_shortfall(self.keys.pool, payer, covering)
        })
    }

    #[must_use]
    pub fn slash(&self, machine: &Machine, restoration: Pubkey) -> Instruction {
        self.covering(machine, restoration, |covering| ix::slash(self.keys, covering))
    }

    fn covering(
        &self,
        machine: &Machine,
        restoration: Pubkey,
        build: impl FnOnce(&Covering<'_>) -> Instruction,
    ) -> Instruction {
        let vault: Vault = machine.load(&self.vault);
        let before = self.order.checked_sub(1);
        let before = before.map(|order| pda::insurance_pool(&self.keys.domain, LEDGER, order));
        build(&Covering {
            restoration,
            previous: before.map(|pool| pda::insurance_cover(&pool, &restoration)),
            vaults: &[InsuredVault::of(self.vault, &vault)],
        })
    }

    #[must_use]
    pub fn give_back(&self, protocol: &Protocol, restoration: Pubkey) -> Instruction {
        let next = pda::insurance_pool(&self.keys.domain, LEDGER, self.order + 1);
        let (vault, source) = (self.vault, protocol.recovery_account);
        ix::return_recovered(self.keys, restoration, vault, source, next)
    }
}

/// A pool of 50,000 units, half of which is cooled.
#[must_use]
pub fn staked() -> (Machine, Protocol, Pool, Keypair) {
    let setup = Setup {
        funds: 200_000,
        ..Setup::default()
    };
    let (mut machine, protocol) = world_with(&setup);
    let pool = Pool::open(&mut machine, &protocol, 0);
    let staker = pool.staker(&mut machine, "staker", 100_000);
    let owner = staker.pubkey();
    let stake = pool.stake(&machine, &owner, 50_000);
    protocol.must(&mut machine, &[stake, pool.cooldown(&owner, 25_000_000)], &[&staker]);
    machine.warp_seconds(DAY);
    (machine, protocol, pool, staker)
}

/// Restored with 5 claims, about 6,000 units, and nothing to pay them with but the pool.
#[must_use]
pub fn restored() -> (Machine, Recovery, Pool, Keypair) {
    let (mut machine, protocol, pool, staker) = staked();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(5));
    recovery.restore(&mut machine);
    recovery
        .protocol
        .must(&mut machine, &[pool.note(recovery.incident)], &[]);
    (machine, recovery, pool, staker)
}

/// Empties custody, as a theft did.
pub fn rob(machine: &mut Machine, recovery: &Recovery) {
    let custody = recovery.protocol.custody();
    let mut account = machine.account(&custody).expect("there");
    account.data[64..72].fill(0);
    machine.write_account(&custody, account);
}
