//! What a configuration takes, step by step, and what of it is there already.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    bulkhead::instructions::{
        CouncilConfig, OpenBreakerArgs, OpenPriceBreakerArgs, OpenVaultArgs, RegisterLedgerArgs, RegisterRouteArgs,
    },
    decode,
    instructions::{self as ix, Authority},
    pda,
};
use bulkhead_core::price;
use bulkhead_core::window::{Limits, TripLimits};
use bulkhead_interface::{
    constants::phase,
    layout::{Council, Domain, Ledger, OutflowBreaker, PauseBoard, PriceBreaker, Vault, space},
};
use solana_instruction::Instruction;

use super::config::DomainConfig;
use crate::rpc::Account;

/// Bytes of a token account without extensions.
const TOKEN_ACCOUNT: usize = 165;

/// The plan cannot be carried out by the set-up key.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// What is there is not what the file says.
    #[error(
        "Differs: {name} {target}: {field} is {found}, the file says {wanted}; init changes nothing that exists, so correct \
         the file, or change the account by proposal"
    )]
    Differs {
        /// Step.
        name: &'static str,
        /// Account.
        target: Pubkey,
        /// What differs.
        field: &'static str,
        /// On chain.
        found: String,
        /// In the file.
        wanted: String,
    },
    /// The address is taken by something else.
    #[error(
        "NotOurs: {name} {target}: belongs to {owner}, or is of another kind or version; is this the right cluster?"
    )]
    NotOurs {
        /// Step.
        name: &'static str,
        /// Account.
        target: Pubkey,
        /// Its owner program.
        owner: Pubkey,
    },
    /// The set-up key has no power any more.
    #[error("SetupEnded: {missing} would take a proposal: set-up of this domain has ended")]
    SetupEnded {
        /// What is left to do.
        missing: String,
    },
    /// An account that is not Bulkhead's is needed and not there.
    #[error("NoSuchAccount: {what} {key}; create it first, or correct the file")]
    NoSuchAccount {
        /// What it is.
        what: &'static str,
        /// Its address.
        key: Pubkey,
    },
}

/// One account to create or change, and the instruction that does it.
pub struct Step {
    /// Of the instruction.
    pub name: &'static str,
    /// What it creates or changes.
    pub target: Pubkey,
    /// What to send.
    pub instruction: Instruction,
    /// Accounts it creates: name and bytes.
    pub creates: Vec<(&'static str, usize)>,
    /// Arguments, in the file's words.
    pub arguments: Vec<(&'static str, String)>,
    check: Check,
}

/// What has to be there for the step to be done.
enum Check {
    Domain(Box<Domain>, Box<CouncilConfig>),
    Breaker(Box<OpenBreakerArgs>),
    Vault(OpenVaultArgs),
    Route(Pubkey),
    Ledger(Box<RegisterLedgerArgs>),
    Price(Box<OpenPriceBreakerArgs>),
    Activated,
}

/// Every step of a configuration, in the order they can be done in. `owner_of` finds the token program of a mint.
///
/// # Errors
/// What `owner_of` says.
pub fn all_steps<E>(
    config: &DomainConfig,
    namespace: Pubkey,
    payer: Pubkey,
    mut owner_of: impl FnMut(Pubkey) -> Result<Pubkey, E>,
) -> Result<Vec<Step>, E> {
    let domain = pda::domain(&namespace);
    let authority = Authority {
        signer: namespace,
        domain,
        proposal: None,
    };
    let mut steps = vec![open_domain(config, namespace, payer)];
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
            steps.push(register_route(authority, target, destination));
        }
    }
    for (at, ledger) in config.ledgers.iter().enumerate() {
        // Those that are there by then and pay the same token.
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
            arguments: vec![
                ("index", ledger.index.to_string()),
                ("program", ledger.program.to_string()),
                ("mint", ledger.mint.to_string()),
                ("total_account", ledger.total.account.to_string()),
                ("total_offset", ledger.total.offset.to_string()),
                ("total_shortfall_bps", ledger.total.shortfall_bps.to_string()),
                ("total_excess_bps", ledger.total.excess_bps.to_string()),
                ("owner_offset", ledger.owner_offset.to_string()),
                ("amounts", ledger.amounts.len().to_string()),
                ("data_len", ledger.data_len.to_string()),
            ],
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
            instruction: ix::activate_domain(namespace),
            creates: Vec::new(),
            arguments: Vec::new(),
            check: Check::Activated,
        });
    }
    Ok(steps)
}

fn open_domain(config: &DomainConfig, namespace: Pubkey, payer: Pubkey) -> Step {
    let args = &config.domain;
    let mut wanted: Domain = bytemuck::Zeroable::zeroed();
    wanted.host_program = args.host_program;
    wanted.governance_mint = config.governance_mint;
    wanted.vote_seconds = args.vote_seconds;
    wanted.quorum_bps = args.quorum_bps;
    let mut arguments = vec![
        ("host_program", args.host_program.to_string()),
        ("governance_mint", config.governance_mint.to_string()),
        ("vote_seconds", args.vote_seconds.to_string()),
        ("quorum_bps", args.quorum_bps.to_string()),
    ];
    arguments.extend(council_arguments(&args.council));
    Step {
        name: "open_domain",
        target: pda::domain(&namespace),
        instruction: ix::open_domain(namespace, payer, config.governance_mint, args.clone()),
        creates: vec![
            ("domain", space::<Domain>()),
            ("council", space::<Council>()),
            ("board", space::<PauseBoard>()),
        ],
        arguments,
        check: Check::Domain(Box::new(wanted), Box::new(args.council.clone())),
    }
}

fn council_arguments(council: &CouncilConfig) -> Vec<(&'static str, String)> {
    let members = council
        .members
        .iter()
        .map(|member| ("council.members", format!("{} roles {}", member.key, member.roles)));
    let mut all: Vec<_> = members.collect();
    all.extend([
        ("council.hold_threshold", council.hold_threshold.to_string()),
        ("council.pause_rights", council.pause_rights.to_string()),
        ("council.veto_rights", council.veto_rights.to_string()),
        ("council.contain_seconds", council.contain_seconds.to_string()),
        ("council.trip_seconds", council.trip_seconds.to_string()),
        ("council.heartbeat_seconds", council.heartbeat_seconds.to_string()),
        ("council.contains_per_day", council.contains_per_day.to_string()),
        ("council.contains_in_a_row", council.contains_in_a_row.to_string()),
        ("council.fallback", council.fallback.to_string()),
        ("council.fallback_seconds", council.fallback_seconds.to_string()),
        ("council.default_mask", format!("{:#010x}", council.default_mask)),
    ]);
    let names = ["loosen", "constitution", "custody", "restoration"];
    for (name, policy) in names.into_iter().zip(&council.policies) {
        let text = format!(
            "{name}: threshold {}, delay {} s, expiry {} s",
            policy.threshold, policy.delay_seconds, policy.expiry_seconds
        );
        all.push(("council.policies", text));
    }
    all
}

fn open_breaker(authority: Authority, payer: Pubkey, args: &OpenBreakerArgs) -> Step {
    Step {
        name: "open_breaker",
        target: pda::outflow_breaker(&authority.domain, args.compartment, &args.mint, args.shard),
        instruction: ix::open_breaker(authority, payer, args.clone()),
        creates: vec![("breaker", space::<OutflowBreaker>())],
        arguments: vec![
            ("compartment", args.compartment.to_string()),
            ("shard", format!("{} of {}", args.shard, args.shards)),
            ("mint", args.mint.to_string()),
            ("authority", args.authority.to_string()),
            ("sub_windows", args.sub_windows.to_string()),
            ("trip_scope", args.trip_scope.to_string()),
            ("window_seconds", args.window_seconds.to_string()),
            ("limit", args.limit.to_string()),
            ("slot_limit", args.slot_limit.to_string()),
            ("latch_seconds", args.latch_seconds.to_string()),
            ("limit_bps", args.limit_bps.to_string()),
            ("slot_bps", args.slot_bps.to_string()),
            ("reference", args.reference.to_string()),
            ("inflow_credit", args.inflow_credit.to_string()),
            ("trip_limit", trip_of(&args).limit.to_string()),
            ("trip_bps", trip_of(&args).bps.to_string()),
        ],
        check: Check::Breaker(Box::new(args.clone())),
    }
}

/// The trip limits a breaker gets: twice the limits where the file says nothing.
fn trip_of(args: &OpenBreakerArgs) -> TripLimits {
    let limits = Limits {
        limit: args.limit,
        slot_limit: args.slot_limit,
        limit_bps: args.limit_bps,
        slot_bps: args.slot_bps,
        inflow_credit: args.inflow_credit,
    };
    let given = TripLimits {
        limit: args.trip_limit,
        bps: args.trip_bps,
    };
    given.or_twice(&limits)
}

fn open_vault(authority: Authority, payer: Pubkey, token_program: Pubkey, target: Pubkey, args: OpenVaultArgs) -> Step {
    Step {
        name: "open_vault",
        target,
        instruction: ix::open_vault(authority, payer, token_program, args.clone()),
        // Tokens with extensions need more; then the program says so and the payer pays it.
        creates: vec![("vault", space::<Vault>()), ("custody", TOKEN_ACCOUNT)],
        arguments: vec![
            ("index", args.index.to_string()),
            ("compartment", args.compartment.to_string()),
            ("mint", args.mint.to_string()),
            ("operator", args.operator.to_string()),
            ("breaker", args.breaker.to_string()),
            ("queue_seconds", args.queue_seconds.to_string()),
            ("ledger", args.ledger.to_string()),
        ],
        check: Check::Vault(args),
    }
}

fn register_route(authority: Authority, vault: Pubkey, destination: Pubkey) -> Step {
    Step {
        name: "register_route",
        target: vault,
        instruction: ix::register_route(authority, RegisterRouteArgs { vault, destination }),
        creates: Vec::new(),
        arguments: vec![("destination", destination.to_string())],
        check: Check::Route(destination),
    }
}

fn open_price_breaker(authority: Authority, payer: Pubkey, args: &OpenPriceBreakerArgs) -> Step {
    let rules = &args.rules;
    let number = |value: u32| value.to_string();
    Step {
        name: "open_price_breaker",
        target: pda::price_breaker(&authority.domain, args.compartment, &args.source_key()),
        instruction: ix::open_price_breaker(authority, payer, args.clone()),
        creates: vec![("breaker", space::<PriceBreaker>())],
        arguments: vec![
            ("compartment", args.compartment.to_string()),
            ("source", args.source_key().to_string()),
            ("trip_scope", args.trip_scope.to_string()),
            ("latch_seconds", args.latch_seconds.to_string()),
            ("max_age_seconds", number(rules.max_age_seconds)),
            ("max_ahead_seconds", number(rules.max_ahead_seconds)),
            ("min_interval_seconds", number(rules.min_interval_seconds)),
            ("stale_seconds", number(rules.stale_seconds)),
            ("max_confidence_bps", number(rules.max_confidence_bps)),
            ("warmup", number(rules.warmup)),
            ("deviation_bps", number(rules.deviation_bps)),
            ("twap_seconds", number(rules.twap_seconds)),
            ("tau_seconds", number(rules.tau_seconds)),
            ("floor_ppm", number(rules.floor_ppm)),
            ("cap_ppm", number(rules.cap_ppm)),
            ("z_milli", number(rules.z_milli)),
            ("cusum_h_milli", number(rules.cusum_h_milli)),
            ("cusum_k_milli", number(rules.cusum_k_milli)),
            ("cusum_clip_milli", number(rules.cusum_clip_milli)),
        ],
        check: Check::Price(Box::new(args.clone())),
    }
}

impl Step {
    /// A second account to look at: the domain's council.
    #[must_use]
    pub fn beside(&self) -> Option<Pubkey> {
        matches!(self.check, Check::Domain(..)).then(|| pda::council(&self.target))
    }

    /// Is it done, going by what is at its target, and beside it? What is there and differs is an error.
    ///
    /// # Errors
    /// [`PlanError::Differs`], [`PlanError::NotOurs`].
    pub fn is_done(&self, account: Option<&Account>, beside: Option<&Account>) -> Result<bool, PlanError> {
        let Some(account) = account else { return Ok(false) };
        match &self.check {
            Check::Domain(wanted, council) => {
                let found: Domain = self.decode(account)?;
                self.same("host_program", found.host_program, wanted.host_program)?;
                self.same("governance_mint", found.governance_mint, wanted.governance_mint)?;
                self.same("vote_seconds", found.vote_seconds, wanted.vote_seconds)?;
                self.same("quorum_bps", found.quorum_bps, wanted.quorum_bps)?;
                if let Some(beside) = beside {
                    self.same_council(&self.decode(beside)?, council)?;
                }
                Ok(true)
            }
            Check::Breaker(wanted) => self.same_breaker(&self.decode(account)?, wanted),
            Check::Vault(wanted) => {
                let found: Vault = self.decode(account)?;
                self.same("compartment", found.compartment, wanted.compartment)?;
                self.same("operator", found.operator, wanted.operator)?;
                self.same("breaker", found.breaker, wanted.breaker)?;
                self.same("queue_seconds", found.queue_seconds, wanted.queue_seconds)?;
                self.same("ledger", found.ledger, wanted.ledger)?;
                Ok(true)
            }
            // The one thing that set-up may change: it is done when it is as the file says.
            Check::Route(destination) => Ok(self.decode::<Vault>(account)?.route == *destination),
            Check::Ledger(wanted) => {
                let found: Ledger = self.decode(account)?;
                let found = ix::ledger_args(found.index, &found);
                self.same("index", found.index, wanted.index)?;
                self.same("program", found.program, wanted.program)?;
                self.same("mint", found.mint, wanted.mint)?;
                self.same("total_account", found.total.account, wanted.total.account)?;
                // A ledger is told from another by every byte of its layout.
                self.same("layout", format!("{found:?}"), format!("{wanted:?}"))?;
                Ok(true)
            }
            Check::Price(wanted) => self.same_price(&self.decode(account)?, wanted),
            Check::Activated => Ok(self.decode::<Domain>(account)?.state != phase::SETUP),
        }
    }

    fn same_council(&self, found: &Council, wanted: &CouncilConfig) -> Result<(), PlanError> {
        let members = found.members.iter().take(usize::from(found.member_count));
        let has: Vec<_> = members
            .map(|member| format!("{} roles {}", member.key, member.roles))
            .collect();
        let wants: Vec<_> = wanted
            .members
            .iter()
            .map(|member| format!("{} roles {}", member.key, member.roles))
            .collect();
        self.same("council.members", has.join(", "), wants.join(", "))?;
        self.same("council.hold_threshold", found.hold_threshold, wanted.hold_threshold)?;
        self.same("council.pause_rights", found.pause_rights, wanted.pause_rights)?;
        self.same("council.veto_rights", found.veto_rights, wanted.veto_rights)?;
        self.same("council.contain_seconds", found.contain_seconds, wanted.contain_seconds)?;
        self.same("council.trip_seconds", found.trip_seconds, wanted.trip_seconds)?;
        self.same(
            "council.heartbeat_seconds",
            found.heartbeat_seconds,
            wanted.heartbeat_seconds,
        )?;
        self.same(
            "council.contains_per_day",
            found.contains_per_day,
            wanted.contains_per_day,
        )?;
        self.same(
            "council.contains_in_a_row",
            found.contains_in_a_row,
            wanted.contains_in_a_row,
        )?;
        self.same("council.fallback", found.fallback, wanted.fallback)?;
        self.same(
            "council.fallback_seconds",
            found.fallback_seconds,
            wanted.fallback_seconds,
        )?;
        self.same("council.default_mask", found.default_mask, wanted.default_mask)?;
        for (has, wants) in found.policies.iter().zip(&wanted.policies) {
            self.same("council.policies threshold", has.threshold, wants.threshold)?;
            self.same("council.policies delay_seconds", has.delay_seconds, wants.delay_seconds)?;
            self.same(
                "council.policies expiry_seconds",
                has.expiry_seconds,
                wants.expiry_seconds,
            )?;
        }
        Ok(())
    }

    fn same_breaker(&self, found: &OutflowBreaker, wanted: &OpenBreakerArgs) -> Result<bool, PlanError> {
        self.same("authority", found.authority, wanted.authority)?;
        self.same("shards", found.shards, wanted.shards)?;
        self.same("sub_windows", found.sub_windows, wanted.sub_windows)?;
        self.same("window_seconds", found.window_seconds, wanted.window_seconds)?;
        self.same("limit", found.limit, wanted.limit)?;
        self.same("slot_limit", found.slot_limit, wanted.slot_limit)?;
        self.same("limit_bps", found.limit_bps, wanted.limit_bps)?;
        self.same("slot_bps", found.slot_bps, wanted.slot_bps)?;
        self.same("reference", found.reference, wanted.reference)?;
        self.same("inflow_credit", found.inflow_credit, wanted.inflow_credit)?;
        self.same("trip_limit", found.trip_limit, trip_of(wanted).limit)?;
        self.same("trip_bps", found.trip_bps, trip_of(wanted).bps)?;
        self.same("trip_scope", found.latch.scope, wanted.trip_scope)?;
        self.same("latch_seconds", found.latch.seconds, wanted.latch_seconds)?;
        Ok(true)
    }

    fn same_price(&self, found: &PriceBreaker, wanted: &OpenPriceBreakerArgs) -> Result<bool, PlanError> {
        self.same("account", found.account, wanted.pinned().unwrap_or_default())?;
        self.same("trip_scope", found.latch.scope, wanted.trip_scope)?;
        self.same("latch_seconds", found.latch.seconds, wanted.latch_seconds)?;
        let (has, wants) = (&found.rules, &wanted.rules);
        self.same("max_age_seconds", has.max_age_seconds, wants.max_age_seconds)?;
        self.same("max_ahead_seconds", has.max_ahead_seconds, wants.max_ahead_seconds)?;
        self.same(
            "min_interval_seconds",
            has.min_interval_seconds,
            wants.min_interval_seconds,
        )?;
        self.same("stale_seconds", has.stale_seconds, wants.stale_seconds)?;
        self.same("max_confidence_bps", has.max_confidence_bps, wants.max_confidence_bps)?;
        self.same("warmup", has.warmup, wants.warmup)?;
        self.same("twap_seconds", has.twap_seconds, wants.twap_seconds)?;
        self.same("tau_seconds", has.tau_seconds, wants.tau_seconds)?;
        self.same("z_milli", has.z_milli, wants.z_milli)?;
        self.same("cusum_h_milli", has.cusum_h_milli, wants.cusum_h_milli)?;
        self.same("cusum_k_milli", has.cusum_k_milli, wants.cusum_k_milli)?;
        self.same("cusum_clip_milli", has.cusum_clip_milli, wants.cusum_clip_milli)?;
        // The chain has these in its own units.
        self.same(
            "floor_ppm",
            has.variance_floor,
            price::variance_per_second(wants.floor_ppm),
        )?;
        self.same("cap_ppm", has.variance_cap, price::variance_per_second(wants.cap_ppm))?;
        let distance = price::Config {
            max_age_seconds: 1,
            min_interval_seconds: 1,
            twap_seconds: 15,
            deviation_bps: wants.deviation_bps,
            max_confidence_bps: 1,
            ..price::Config::default()
        };
        let distance = price::rules(&distance, false).map_or(0, |rules| rules.deviation);
        self.same("deviation_bps", has.deviation, distance)?;
        Ok(true)
    }

    fn decode<T: anchor_lang::ZeroCopy + anchor_lang::Discriminator>(&self, account: &Account) -> Result<T, PlanError> {
        let found = decode::owned(&account.owner, &account.data);
        found.ok_or(PlanError::NotOurs {
            name: self.name,
            target: self.target,
            owner: account.owner,
        })
    }

    fn same<T: PartialEq + ToString>(&self, field: &'static str, found: T, wanted: T) -> Result<(), PlanError> {
        if found == wanted {
            return Ok(());
        }
        Err(PlanError::Differs {
            name: self.name,
            target: self.target,
            field,
            found: found.to_string(),
            wanted: wanted.to_string(),
        })
    }
}
