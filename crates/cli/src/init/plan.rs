//! The steps that a configuration takes, and which of them are done already.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    bulkhead::instructions::{
        CouncilConfig, OpenBreakerArgs, OpenPriceBreakerArgs, OpenVaultArgs, RegisterEvacuationRouteArgs,
        RegisterLedgerArgs,
    },
    instructions::{self as ix, Authority},
    pda,
};
use bulkhead_interface::layout::{Council, Domain, Ledger, OutflowBreaker, PauseBoard, PriceBreaker, Vault, space};
use solana_instruction::Instruction;

use super::config::DomainConfig;

/// Size of a token account without extensions, in bytes.
const TOKEN_ACCOUNT: usize = 165;

/// The setup authority cannot carry out the plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The account on chain differs from the file.
    #[error(
        "Differs: {name} {target}: {field} is {found}, the file says {wanted}; init never changes an existing account, so correct \
         the file, or change the account by proposal"
    )]
    Differs {
        /// The step.
        name: &'static str,
        /// The account.
        target: Pubkey,
        /// The field that differs.
        field: &'static str,
        /// The value on chain.
        found: String,
        /// The value in the file.
        wanted: String,
    },
    /// Another account occupies the address.
    #[error(
        "NotOurs: {name} {target}: belongs to {owner}, or is of another kind or version; check that this is the right cluster"
    )]
    NotOurs {
        /// The step.
        name: &'static str,
        /// The account.
        target: Pubkey,
        /// The program that owns it.
        owner: Pubkey,
    },
    /// The setup authority has no power any more.
    #[error("SetupEnded: {missing} needs a proposal: set-up of this domain has ended")]
    SetupEnded {
        /// The steps that are left.
        missing: String,
    },
    /// A required account that Bulkhead does not create does not exist.
    #[error("NoSuchAccount: {what} {key} does not exist; create it first, or correct the file")]
    NoSuchAccount {
        /// What the account is.
        what: &'static str,
        /// Its address.
        key: Pubkey,
    },
}

/// One account to create or change, and the instruction that does it.
pub struct Step {
    /// Name of the instruction.
    pub name: &'static str,
    /// The account that the step creates or changes.
    pub target: Pubkey,
    /// The instruction to send.
    pub instruction: Instruction,
    /// Accounts that the step creates: name and size in bytes.
    pub creates: Vec<(&'static str, usize)>,
    pub(super) check: Check,
}

/// The state that the step must have produced.
pub(super) enum Check {
    Domain(Box<Domain>, Box<CouncilConfig>),
    Breaker(Box<OpenBreakerArgs>),
    Vault(OpenVaultArgs),
    Route(Pubkey),
    Ledger(Box<RegisterLedgerArgs>),
    Price(Box<OpenPriceBreakerArgs>),
    Activated,
}

/// All steps of a configuration, in an order in which they can run. `owner_of` finds the token program of a mint.
///
/// # Errors
/// Any error of `owner_of`.
pub fn all_steps<E>(
    config: &DomainConfig,
    setup_authority: Pubkey,
    payer: Pubkey,
    mut owner_of: impl FnMut(Pubkey) -> Result<Pubkey, E>,
) -> Result<Vec<Step>, E> {
    let domain = pda::domain(&setup_authority);
    let authority = Authority {
        signer: setup_authority,
        domain,
        proposal: None,
    };
    let mut steps = vec![open_domain(config, setup_authority, payer)];
    for breaker in &config.breakers {
        steps.push(open_breaker(authority, payer, breaker));
    }
    for vault in &config.vaults {
        let target = pda::vault(&domain, &vault.args.mint, vault.args.index);
        let breaker = open_breaker(
            authority,
            payer,
            &OpenBreakerArgs {
                authority: target,
                ..vault.breaker.clone()
            },
        );
        let args = OpenVaultArgs {
            breaker: breaker.target,
            ..vault.args.clone()
        };
        steps.push(breaker);
        let token_program = owner_of(args.mint)?;
        steps.push(open_vault(authority, payer, token_program, target, args));
        if let Some(destination) = vault.route {
            steps.push(register_evacuation_route(authority, target, destination));
        }
    }
    for (at, ledger) in config.ledgers.iter().enumerate() {
        // Ledgers that exist by then and pay the same token.
        let before = config.ledgers.iter().take(at);
        let mut others: Vec<_> = before
            .filter(|other| other.mint == ledger.mint)
            .map(|other| other.index)
            .collect();
        others.sort_unstable();
        steps.push(Step {
            name: "register_ledger",
            target: pda::ledger(&domain, ledger.index),
            instruction: ix::register_ledger(authority, payer, ledger.clone(), &others),
            creates: vec![("ledger", space::<Ledger>())],
            check: Check::Ledger(Box::new(ledger.clone())),
        });
    }
    for breaker in &config.price_breakers {
        steps.push(open_price_breaker(authority, payer, breaker));
    }
    if config.activate {
        steps.push(Step {
            name: "activate_domain",
            target: domain,
            instruction: ix::activate_domain(setup_authority),
            creates: Vec::new(),
            check: Check::Activated,
        });
    }
    Ok(steps)
}

fn open_domain(config: &DomainConfig, setup_authority: Pubkey, payer: Pubkey) -> Step {
    let args = &config.domain;
    let mut wanted: Domain = bytemuck::Zeroable::zeroed();
    wanted.host_program = args.host_program;
    wanted.governance_mint = config.governance_mint;
    wanted.vote_seconds = args.vote_seconds;
    wanted.quorum_bps = args.quorum_bps;
    Step {
        name: "open_domain",
        target: pda::domain(&setup_authority),
        instruction: ix::open_domain(setup_authority, payer, config.governance_mint, args.clone()),
        creates: vec![
            ("domain", space::<Domain>()),
            ("council", space::<Council>()),
            ("board", space::<PauseBoard>()),
        ],
        check: Check::Domain(Box::new(wanted), Box::new(args.council.clone())),
    }
}

fn open_breaker(authority: Authority, payer: Pubkey, args: &OpenBreakerArgs) -> Step {
    Step {
        name: "open_breaker",
        target: pda::outflow_breaker(&authority.domain, args.compartment, &args.mint, args.shard),
        instruction: ix::open_breaker(authority, payer, args.clone()),
        creates: vec![("breaker", space::<OutflowBreaker>())],
        check: Check::Breaker(Box::new(args.clone())),
    }
}

fn open_vault(authority: Authority, payer: Pubkey, token_program: Pubkey, target: Pubkey, args: OpenVaultArgs) -> Step {
    Step {
        name: "open_vault",
        target,
        instruction: ix::open_vault(authority, payer, token_program, args.clone()),
        // Tokens with extensions need a larger account. The program computes its size, and the payer pays the rent.
        creates: vec![("vault", space::<Vault>()), ("custody", TOKEN_ACCOUNT)],
        check: Check::Vault(args),
    }
}

fn register_evacuation_route(authority: Authority, vault: Pubkey, destination: Pubkey) -> Step {
    Step {
        name: "register_evacuation_route",
        target: vault,
        instruction: ix::register_evacuation_route(authority, RegisterEvacuationRouteArgs { vault, destination }),
        creates: Vec::new(),
        check: Check::Route(destination),
    }
}

fn open_price_breaker(authority: Authority, payer: Pubkey, args: &OpenPriceBreakerArgs) -> Step {
    Step {
        name: "open_price_breaker",
        target: pda::price_breaker(&authority.domain, args.compartment, &args.source_key()),
        instruction: ix::open_price_breaker(authority, payer, args.clone()),
        creates: vec![("breaker", space::<PriceBreaker>())],
        check: Check::Price(Box::new(args.clone())),
    }
}

impl Step {
    /// The second account that the check reads: the domain's council.
    #[must_use]
    pub fn beside(&self) -> Option<Pubkey> {
        matches!(self.check, Check::Domain(..)).then(|| pda::council(&self.target))
    }
}
