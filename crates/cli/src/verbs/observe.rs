//! `bulkhead watch`: anyone looks at a price, at reserves, at an authority or at an evacuation route.
//!
//! Each look is a transaction of its own: the program refuses a look that shares its transaction with anything else, so
//! that nobody looks at what was lent for a moment.

use anchor_lang::prelude::Pubkey;
use anyhow::bail;
use bulkhead_client::{instructions as ix, watch::Kind};
use bulkhead_core::{
    CoreError,
    detectors::{oracle, solvency},
};
use bulkhead_interface::{
    constants::price_source,
    layout::{AuthorityWatch, PriceBreaker, SolvencyBreaker, Vault},
};
use clap::{Args, Subcommand};

use super::{
    facts::{self, Fact},
    find::{self, VaultAt, all, only, refused},
};
use crate::context::Context;

/// Look at what a detector watches; anyone may, and a finding latches the detector.
///
/// `bulkhead trip` then brings the latch to the pause board.
#[derive(Args, Clone, Debug)]
pub struct WatchCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// Look at a price
    #[command(after_help = "Examples:
  bulkhead watch price DETECTOR
  bulkhead watch price --compartment 2 --account PRICE_UPDATE")]
    Price(Price),
    /// Compare reserves with what the host owes
    #[command(after_help = "Example:\n  bulkhead watch solvency --compartment 2")]
    Solvency(DetectorAt),
    /// Compare the authorities over an account with the registered ones
    #[command(after_help = "Example:\n  bulkhead watch authority DETECTOR")]
    Authority(DetectorAt),
    /// Look whether a vault's evacuation route could receive an evacuation
    #[command(after_help = "Example:\n  bulkhead watch route --mint MINT")]
    Route(VaultAt),
}

#[derive(Args, Clone, Debug)]
struct DetectorAt {
    /// Address of the detector; needless if the domain has only one that fits
    #[arg(value_name = "DETECTOR")]
    detector: Option<Pubkey>,
    /// Compartment that the detector guards
    #[arg(long, value_name = "N", conflicts_with = "detector")]
    compartment: Option<u8>,
}

#[derive(Args, Clone, Debug)]
struct Price {
    #[command(flatten)]
    at: DetectorAt,
    /// Account that holds the price: for a breaker that takes any update of a Pyth feed
    #[arg(long, value_name = "ADDRESS")]
    account: Option<Pubkey>,
}

const LIST: &str = "`bulkhead status` lists the detectors of a domain";

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &WatchCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        What::Price(price) => run_price(price, context).await,
        What::Solvency(at) => run_solvency(at, context).await,
        What::Authority(at) => run_authority(at, context).await,
        What::Route(at) => run_route(at, context).await,
    }
}

async fn run_price(command: &Price, context: &Context) -> anyhow::Result<()> {
    let (key, breaker): (_, PriceBreaker) = match command.at.detector {
        Some(key) => (key, find::one(context, "price breaker", &key, LIST).await?),
        None => {
            let mut found: Vec<(Pubkey, PriceBreaker)> =
                all(context.chain()?, Kind::PriceBreaker, &context.domain()?).await?;
            found.retain(|(_, breaker)| command.at.fits(breaker.compartment));
            only("price breaker", found, LIST)?
        }
    };
    let pinned = if breaker.kind == price_source::HOST {
        Some(breaker.source)
    } else {
        oracle::is_pinned(&breaker).then_some(breaker.account)
    };
    let account = match (command.account, pinned) {
        (Some(given), Some(pinned)) if given != pinned => {
            return Err(refused(
                CoreError::ForeignPrice,
                &format!("{key} reads only {pinned}; leave --account out"),
            ));
        }
        (given, pinned) => given.or(pinned),
    };
    let Some(account) = account else {
        bail!(
            "PriceMissing: {key} takes any update of the Pyth feed {}; give the account of a recent one with --account ADDRESS",
            bulkhead_client::payload::hex(&breaker.source.to_bytes())
        );
    };
    let observe = ix::observe_price(breaker.domain, key, account);
    facts::send(
        context,
        "look",
        &[("detector", key.into()), ("price", account.into())],
        observe,
    )
    .await
}

async fn run_solvency(at: &DetectorAt, context: &Context) -> anyhow::Result<()> {
    let (key, breaker): (_, SolvencyBreaker) = match at.detector {
        Some(key) => (key, find::one(context, "solvency breaker", &key, LIST).await?),
        None => {
            let mut found: Vec<(Pubkey, SolvencyBreaker)> =
                all(context.chain()?, Kind::SolvencyBreaker, &context.domain()?).await?;
            found.retain(|(_, breaker)| at.fits(breaker.compartment));
            only("solvency breaker", found, LIST)?
        }
    };
    let reserves: Vec<_> = solvency::reserves(&breaker)
        .iter()
        .map(|reserve| reserve.account)
        .collect();
    let observe = ix::observe_solvency(breaker.domain, key, breaker.liabilities, &reserves);
    let facts = [
        ("detector", key.into()),
        ("reserves", Fact::Keys(reserves)),
        ("liabilities", breaker.liabilities.into()),
    ];
    facts::send(context, "look", &facts, observe).await
}

async fn run_authority(at: &DetectorAt, context: &Context) -> anyhow::Result<()> {
    let (key, watch): (_, AuthorityWatch) = match at.detector {
        Some(key) => (key, find::one(context, "authority watch", &key, LIST).await?),
        None => {
            let mut found: Vec<(Pubkey, AuthorityWatch)> =
                all(context.chain()?, Kind::AuthorityWatch, &context.domain()?).await?;
            found.retain(|(_, watch)| at.fits(watch.compartment));
            only("authority watch", found, LIST)?
        }
    };
    let observe = ix::observe_authority(watch.domain, key, watch.account);
    facts::send(
        context,
        "look",
        &[("detector", key.into()), ("over", watch.account.into())],
        observe,
    )
    .await
}

async fn run_route(at: &VaultAt, context: &Context) -> anyhow::Result<()> {
    let (key, vault): (_, Vault) = at.find(context).await?;
    if vault.route == Pubkey::default() {
        let next = "register one first: `bulkhead propose register-evacuation-route`";
        return Err(refused(CoreError::WrongEvacuationRoute, next));
    }
    let observe = ix::observe_evacuation_route(vault.domain, key, vault.route);
    facts::send(
        context,
        "look",
        &[("vault", key.into()), ("route", vault.route.into())],
        observe,
    )
    .await
}

impl DetectorAt {
    fn fits(&self, compartment: u8) -> bool {
        self.compartment.is_none_or(|number| number == compartment)
    }
}
