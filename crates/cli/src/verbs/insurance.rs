//! `bulkhead insurance`: what covers the shortfall of a ledger's restorations, and what stakers hold of it.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    flows,
    instructions::{self as ix, InsuranceKeys},
    pda,
    watch::Kind,
};
use bulkhead_core::insurance::shares::worth;
use bulkhead_interface::layout::{InsurancePool, InsuranceStake};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    find::{self, Site},
    ledger_at::associated,
    words,
};
use crate::context::Context;

/// Insurance pools: stakes, premiums, shortfalls.
#[derive(Args, Clone, Debug)]
pub struct InsuranceCommand {
    #[command(subcommand)]
    what: What,
}

/// Which pool.
#[derive(Args, Clone, Debug)]
struct PoolAt {
    /// Number of the ledger
    #[arg(long, value_name = "N", default_value_t = 0)]
    ledger_index: u8,
    /// Order of loss of the pool
    #[arg(long, value_name = "N", default_value_t = 0)]
    order: u8,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// Show the pools of the domain, and the stake of an owner in each
    #[command(after_help = "Example:\n  bulkhead insurance show --domain DOMAIN --owner OWNER")]
    Show {
        /// Owner of the stakes to show
        #[arg(long, value_name = "ADDRESS")]
        owner: Option<Pubkey>,
    },
    /// Stake tokens for shares of a pool
    #[command(after_help = "Example:\n  bulkhead insurance stake 25000000 --domain DOMAIN -k staker.json")]
    Stake {
        /// Number of tokens of the signer. Native units
        #[arg(value_name = "UNITS")]
        amount: u64,
        /// Token account of the signer to take from [default: the associated token account]
        #[arg(long, value_name = "ADDRESS")]
        source: Option<Pubkey>,
        #[command(flatten)]
        at: PoolAt,
    },
    /// Begin the cooldown of shares, in place of any before
    #[command(after_help = "Examples:
  bulkhead insurance cooldown --domain DOMAIN -k staker.json
  bulkhead insurance cooldown 0 --domain DOMAIN -k staker.json")]
    Cooldown {
        /// Number of shares; 0 ends the cooldown [default: all]
        #[arg(value_name = "SHARES")]
        shares: Option<u64>,
        #[command(flatten)]
        at: PoolAt,
    },
    /// Unstake cooled shares
    #[command(after_help = "Example:\n  bulkhead insurance unstake --domain DOMAIN -k staker.json")]
    Unstake {
        /// Number of shares [default: all that are cooling]
        #[arg(value_name = "SHARES")]
        shares: Option<u64>,
        /// Token account to pay to [default: the signer's associated token account]
        #[arg(long, value_name = "ADDRESS")]
        destination: Option<Pubkey>,
        #[command(flatten)]
        at: PoolAt,
    },
    /// Pay a premium, which the stakers earn over a week
    #[command(after_help = "Example:\n  bulkhead insurance premium 1000000 --domain DOMAIN -k treasury.json")]
    Premium {
        /// Number of tokens of the signer. Native units
        #[arg(value_name = "UNITS")]
        amount: u64,
        /// Token account of the signer to take from [default: the associated token account]
        #[arg(long, value_name = "ADDRESS")]
        source: Option<Pubkey>,
        #[command(flatten)]
        at: PoolAt,
    },
    /// Note incidents, state shortfalls, slash, and return what was recovered, whatever is due; anyone may
    #[command(after_help = "Example:\n  bulkhead insurance crank --domain DOMAIN -k any.json")]
    Crank {
        /// Number of the ledger
        #[arg(long, value_name = "N", default_value_t = 0)]
        ledger_index: u8,
    },
}

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &InsuranceCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        What::Show { owner } => show(*owner, context).await,
        What::Stake { amount, source, at } => {
            let (keys, _) = at.find(context).await?;
            let owner = context.signer()?;
            let source = source.unwrap_or_else(|| associated(&owner, &keys.mint, &keys.token_program));
            let done = flows::stake(&context.session()?, keys.pool, owner, source, *amount).await?;
            context.finish("stake", &done)
        }
        What::Cooldown { shares, at } => {
            let (keys, _) = at.find(context).await?;
            let owner = context.signer()?;
            let shares = match shares {
                Some(shares) => *shares,
                None => {
                    let key = pda::insurance_stake(&keys.pool, &owner);
                    let next = "`bulkhead insurance stake` makes one";
                    find::one::<InsuranceStake>(context, "stake", &key, next).await?.shares
                }
            };
            let cooldown = ix::start_cooldown(keys.pool, owner, shares);
            context.submit("start_cooldown", &[cooldown]).await
        }
        What::Unstake {
            shares,
            destination,
            at,
        } => {
            let (keys, _) = at.find(context).await?;
            let owner = context.signer()?;
            let own = || associated(&owner, &keys.mint, &keys.token_program);
            let destination = destination.unwrap_or_else(own);
            let done = flows::unstake(&context.session()?, keys.pool, owner, destination, *shares).await?;
            context.finish("unstake", &done)
        }
        What::Premium { amount, source, at } => {
            let (keys, _) = at.find(context).await?;
            let funder = context.signer()?;
            let source = source.unwrap_or_else(|| associated(&funder, &keys.mint, &keys.token_program));
            let premium = ix::pay_premium(keys, funder, source, *amount);
            context.submit("pay_premium", &[premium]).await
        }
        What::Crank { ledger_index } => {
            let done = flows::crank_insurance(&context.session()?, context.domain()?, *ledger_index).await?;
            context.finish("crank_insurance", &done)
        }
    }
}

impl PoolAt {
    async fn find(&self, context: &Context) -> anyhow::Result<(InsuranceKeys, InsurancePool)> {
        let key = pda::insurance_pool(&context.domain()?, self.ledger_index, self.order);
        let next = "`bulkhead insurance show` lists the pools of a domain";
        let pool: InsurancePool = find::one(context, "insurance pool", &key, next).await?;
        Ok((InsuranceKeys::of(key, &pool), pool))
    }
}

async fn show(owner: Option<Pubkey>, context: &Context) -> anyhow::Result<()> {
    let site = Site::of(context).await?;
    let mut pools: Vec<(Pubkey, InsurancePool)> = find::all(context.chain()?, Kind::InsurancePool, &site.key).await?;
    pools.sort_by_key(|(_, pool)| (pool.ledger_index, pool.order));
    let mut shown = Vec::new();
    for (key, pool) in pools {
        let stake = match owner {
            Some(owner) => {
                let key = pda::insurance_stake(&key, &owner);
                find::quiet(context)?.find::<InsuranceStake>(&key).await?
            }
            None => None,
        };
        shown.push((key, pool, stake));
    }
    let values: Vec<_> = shown
        .iter()
        .map(|(key, pool, stake)| value(key, pool, stake.as_ref()))
        .collect();
    context.print(&values, || {
        if shown.is_empty() {
            return "no insurance pool; `bulkhead propose open-insurance` opens one\n".into();
        }
        let texts = shown
            .iter()
            .map(|(key, pool, stake)| text(key, pool, stake.as_ref(), site.at.now));
        texts.collect::<Vec<_>>().join("\n")
    })
}

/// What the shares of a stake are worth now.
fn worth_of(pool: &InsurancePool, stake: &InsuranceStake) -> u64 {
    worth(pool, stake.shares).unwrap_or(0)
}

fn value(key: &Pubkey, pool: &InsurancePool, stake: Option<&InsuranceStake>) -> serde_json::Value {
    json!({
        "pool": key.to_string(),
        "ledger_index": pool.ledger_index,
        "order": pool.order,
        "mint": pool.mint.to_string(),
        "assets": pool.assets.to_string(),
        "shares": pool.shares.to_string(),
        "reserve": pool.reserve.to_string(),
        "premium": pool.premium.to_string(),
        "slashed": pool.slashed.to_string(),
        "incident": (pool.incident != Pubkey::default()).then(|| pool.incident.to_string()),
        "freeze_end_ts": pool.freeze_end_ts,
        "cap_bps": pool.terms.cap_bps,
        "stake": stake.map(|stake| json!({
            "shares": stake.shares.to_string(),
            "worth": worth_of(pool, stake).to_string(),
            "cooling": stake.cooling.to_string(),
            "cooldown_end_ts": stake.cooldown_end_ts,
            "window_end_ts": stake.window_end_ts,
        })),
    })
}

fn text(key: &Pubkey, pool: &InsurancePool, stake: Option<&InsuranceStake>, now: i64) -> String {
    let mut lines = vec![
        ("pool", key.to_string()),
        (
            "covers",
            format!("ledger {}, order of loss {}", pool.ledger_index, pool.order),
        ),
        ("assets", format!("{} for {} shares", pool.assets, pool.shares)),
        ("held back", pool.reserve.to_string()),
        ("premium", format!("{} not earned yet", pool.premium)),
        ("slashed", pool.slashed.to_string()),
    ];
    if pool.incident != Pubkey::default() {
        let until = words::time(pool.freeze_end_ts, now);
        lines.push((
            "exits",
            format!("an incident is noted: open again {until} at the latest"),
        ));
    }
    if let Some(stake) = stake {
        let worth = worth_of(pool, stake);
        lines.push(("stake", format!("{} shares, worth {worth}", stake.shares)));
        if stake.cooling > 0 {
            let (from, until) = (
                words::time(stake.cooldown_end_ts, now),
                words::time(stake.window_end_ts, now),
            );
            lines.push((
                "cooling",
                format!("{} shares, to unstake from {from} until {until}", stake.cooling),
            ));
        }
    }
    words::lines(&lines)
}
