use super::*;
use bulkhead::instructions::OpenInsuranceArgs;
use bulkhead_core::acts::insured;
use bulkhead_interface::layout::{InsurancePool, Vault};

/// An insurance pool, and what it stores about its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InsuranceKeys {
    /// The domain.
    pub domain: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// Token that is staked.
    pub mint: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
}

impl InsuranceKeys {
    /// The keys of a pool that was read.
    #[must_use]
    pub const fn of(key: Pubkey, pool: &InsurancePool) -> Self {
        Self {
            domain: pool.domain,
            pool: key,
            mint: pool.mint,
            token_program: pool.token_program,
        }
    }

    fn bank(&self) -> bulkhead::accounts::InsuranceTokens {
        bulkhead::accounts::InsuranceTokens {
            pool: self.pool,
            tokens: pda::insurance_tokens(&self.pool),
            mint: self.mint,
            token_program: self.token_program,
        }
    }
}

/// A vault of an insurance pool, with the accounts whose balances are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InsuredVault {
    /// The vault.
    pub vault: Pubkey,
    /// Its custody.
    pub custody: Pubkey,
    /// The account that its last evacuation went to; any if there was none.
    pub recovery_account: Pubkey,
    /// The ledger of its queue, if it has one.
    pub queue_ledger: Option<Pubkey>,
}

impl InsuredVault {
    /// The accounts of a vault that was read.
    #[must_use]
    pub fn of(key: Pubkey, vault: &Vault) -> Self {
        let destination = vault.evacuation.destination;
        let is_evacuated = destination != Pubkey::default();
        Self {
            vault: key,
            custody: vault.custody,
            recovery_account: if is_evacuated { destination } else { vault.custody },
            queue_ledger: pda::queue_ledger(vault),
        }
    }
}

/// A restoration's accounts for an insurance pool.
#[derive(Clone, Copy, Debug)]
pub struct Covering<'a> {
    /// The restoration.
    pub restoration: Pubkey,
    /// The cover of the pool of the order before; `None` for order 0.
    pub previous: Option<Pubkey>,
    /// The pool's vaults, in its order.
    pub vaults: &'a [InsuredVault],
}

impl Covering<'_> {
    fn remaining(&self) -> Vec<AccountMeta> {
        let of_vault = |vault: &InsuredVault| {
            let keys = [vault.vault, vault.custody, vault.recovery_account];
            keys.into_iter().chain(vault.queue_ledger)
        };
        let keys = self.vaults.iter().flat_map(of_vault);
        keys.map(|key| AccountMeta::new_readonly(key, false)).collect()
    }
}

/// The detectors that a pool names, as `stake` and `unstake` take them.
#[must_use]
pub fn insured_detectors(pool: &InsurancePool) -> Vec<Pubkey> {
    insured(&pool.terms.detectors).copied().collect()
}

fn readonly(keys: &[Pubkey]) -> impl Iterator<Item = AccountMeta> {
    keys.iter().map(|key| AccountMeta::new_readonly(*key, false))
}

/// `open_insurance`: opens a pool of the ledger that pays `mint`, or announces new terms.
#[must_use]
pub fn open_insurance(
    authority: Authority,
    payer: Pubkey,
    mint: Pubkey,
    token_program: Pubkey,
    args: OpenInsuranceArgs,
) -> Instruction {
    let of_order = |order| pda::insurance_pool(&authority.domain, args.ledger_index, order);
    let pool = of_order(args.order);
    build(
        &bulkhead::accounts::OpenInsurance {
            config: authority.accounts(),
            payer,
            ledger: pda::ledger(&authority.domain, args.ledger_index),
            previous: args.order.checked_sub(1).map(of_order),
            mint,
            pool,
            tokens: pda::insurance_tokens(&pool),
            token_program,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenInsurance { args },
    )
}

/// `stake`: signed by the owner, who owns `source`. `detectors` are the pool's.
#[must_use]
pub fn stake(
    keys: InsuranceKeys,
    owner: Pubkey,
    payer: Pubkey,
    source: Pubkey,
    detectors: &[Pubkey],
    amount: u64,
) -> Instruction {
    build_with(
        &bulkhead::accounts::Stake {
            owner,
            payer,
            domain: keys.domain,
            board: pda::board(&keys.domain),
            bank: keys.bank(),
            stake: pda::insurance_stake(&keys.pool, &owner),
            source,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::Stake { amount },
        readonly(detectors),
    )
}

/// `start_cooldown`: signed by the owner.
#[must_use]
pub fn start_cooldown(pool: Pubkey, owner: Pubkey, shares: u64) -> Instruction {
    build(
        &bulkhead::accounts::StartCooldown {
            owner,
            pool,
            stake: pda::insurance_stake(&pool, &owner),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::StartCooldown { shares },
    )
}

/// `unstake`: signed by the owner. `detectors` are the pool's.
#[must_use]
pub fn unstake(
    keys: InsuranceKeys,
    owner: Pubkey,
    destination: Pubkey,
    detectors: &[Pubkey],
    shares: u64,
) -> Instruction {
    build_with(
        &bulkhead::accounts::Unstake {
            owner,
            domain: keys.domain,
            board: pda::board(&keys.domain),
            bank: keys.bank(),
            stake: pda::insurance_stake(&keys.pool, &owner),
            destination,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::Unstake { shares },
        readonly(detectors),
    )
}

/// `pay_premium`: signed by the funder, who owns `source`.
#[must_use]
pub fn pay_premium(keys: InsuranceKeys, funder: Pubkey, source: Pubkey, amount: u64) -> Instruction {
    build(
        &bulkhead::accounts::PayPremium {
            funder,
            bank: keys.bank(),
            source,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::PayPremium { amount },
    )
}

/// `note_incident`: anyone may crank it. `incident` is the domain's, of the ledger with this number.
#[must_use]
pub fn note_incident(pool: Pubkey, incident: Pubkey, ledger_index: u8) -> Instruction {
    build(
        &bulkhead::accounts::NoteIncident {
            pool,
            incident,
            restoration: pda::restoration(&incident, ledger_index),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::NoteIncident {},
    )
}

/// `state_shortfall`: anyone may crank it.
#[must_use]
pub fn state_shortfall(pool: Pubkey, payer: Pubkey, covering: &Covering<'_>) -> Instruction {
    let restoration = covering.restoration;
    build_with(
        &bulkhead::accounts::StateShortfall {
            payer,
            pool,
            restoration,
            claims: pda::pool(&restoration),
            cover: pda::insurance_cover(&pool, &restoration),
            previous: covering.previous,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::StateShortfall {},
        covering.remaining(),
    )
}

/// `slash`: anyone may crank it.
#[must_use]
pub fn slash(keys: InsuranceKeys, covering: &Covering<'_>) -> Instruction {
    let restoration = covering.restoration;
    build_with(
        &bulkhead::accounts::Slash {
            bank: keys.bank(),
            restoration,
            claims: pda::pool(&restoration),
            cover: pda::insurance_cover(&keys.pool, &restoration),
            previous: covering.previous,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::Slash {},
        covering.remaining(),
    )
}

/// `return_recovered`: anyone may crank it. `source` is the account that `vault` was evacuated to; `next_pool` the pool
/// of the next order, which need not exist. [`with_queue`] adds the ledger of the vault's queue.
#[must_use]
pub fn return_recovered(
    keys: InsuranceKeys,
    restoration: Pubkey,
    vault: Pubkey,
    source: Pubkey,
    next_pool: Pubkey,
) -> Instruction {
    build(
        &bulkhead::accounts::ReturnRecovered {
            bank: keys.bank(),
            domain: keys.domain,
            restoration,
            claims: pda::pool(&restoration),
            cover: pda::insurance_cover(&keys.pool, &restoration),
            vault,
            source,
            next_pool,
            next_cover: pda::insurance_cover(&next_pool, &restoration),
            queue_ledger: None,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::ReturnRecovered {},
    )
}
