//! `bulkhead route`: where the vaults would be evacuated to, and whether they could be.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{status::words::route_fault as route_fault_words, watch::Kind};
use bulkhead_core::custody::route_fault;
use bulkhead_interface::{constants::route_fault as fault, layout::Vault};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    find::{Site, all},
    words,
};
use crate::context::Context;

/// Evacuation routes: the only accounts that vaults can be evacuated to.
#[derive(Args, Clone, Debug)]
pub struct RouteCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// Show the route of every vault, its registered holder, and what is wrong with it now
    #[command(after_help = "Example:\n  bulkhead route show --domain DOMAIN
`bulkhead watch route` makes the program look, and latches a fault.")]
    Show,
}

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &RouteCommand, context: &Context) -> anyhow::Result<()> {
    match command.what {
        What::Show => show(context).await,
    }
}

async fn show(context: &Context) -> anyhow::Result<()> {
    let (chain, site) = (context.chain()?, Site::of(context).await?);
    let found: Vec<(Pubkey, Vault)> = all(chain, Kind::Vault, &site.key).await?;
    let routes: Vec<_> = found.iter().map(|(_, vault)| vault.route).collect();
    let accounts = chain.accounts(&routes).await?;
    let now = site.at.now;
    let shown: Vec<Shown> = found
        .iter()
        .zip(&accounts)
        .map(|((key, vault), account)| {
            let has_route = vault.route != Pubkey::default();
            let account = account.as_ref().filter(|_| has_route);
            let seen = account.map_or(fault::GONE, |account| route_fault(vault, &account.owner, &account.data));
            Shown {
                key: *key,
                vault,
                fault: has_route.then_some(seen),
            }
        })
        .collect();
    let values: Vec<_> = shown.iter().map(Shown::json).collect();
    context.print(&values, || {
        if shown.is_empty() {
            return "no vault, so no evacuation route\n".into();
        }
        shown.iter().map(|each| each.text(now)).collect::<Vec<_>>().join("\n")
    })
}

struct Shown<'a> {
    key: Pubkey,
    vault: &'a Vault,
    /// What is wrong now; `None` without a route.
    fault: Option<u8>,
}

impl Shown<'_> {
    fn json(&self) -> Value {
        let vault = self.vault;
        json!({
            "vault": self.key.to_string(),
            "mint": vault.mint.to_string(),
            "route": self.fault.map(|_| vault.route.to_string()),
            "holder": self.fault.map(|_| vault.route_holder.to_string()),
            "fault": self.fault.map(route_fault_words),
            "is_sound": self.fault == Some(fault::NONE),
            "observed_ts": (vault.route_ts != 0).then_some(vault.route_ts),
            "observed_fault": route_fault_words(vault.route_fault),
        })
    }

    fn text(&self, now: i64) -> String {
        let vault = self.vault;
        let mut pairs = vec![("vault", format!("{} of {}", self.key, vault.mint))];
        match self.fault {
            None => pairs.push(("route", "NONE: `bulkhead propose register-evacuation-route`".into())),
            Some(seen) => {
                pairs.push(("route", vault.route.to_string()));
                pairs.push(("held by", vault.route_holder.to_string()));
                let state = if seen == fault::NONE {
                    "sound".to_owned()
                } else {
                    format!("FAULTY: {}; `bulkhead watch route` latches it", route_fault_words(seen))
                };
                pairs.push(("now", state));
            }
        }
        pairs.push(("last looked", words::time(vault.route_ts, now)));
        words::lines(&pairs)
    }
}
