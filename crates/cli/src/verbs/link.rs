//! `bulkhead link`: the domains that this one depends on, and what their pauses close here.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, payload, pda, status::words::closed, watch::Kind};
use bulkhead_core::{
    acts::carry_link,
    contagion::{Carried, carried},
    pause::board::has_bit,
};
use bulkhead_interface::{
    constants::MAX_COMPARTMENTS,
    layout::{Link, PauseBoard},
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    facts::{self, Fact},
    find::{self, Site, all, quiet, refused},
    words,
};
use crate::context::Context;

/// Links to the domains that this one depends on.
#[derive(Args, Clone, Debug)]
pub struct LinkCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// List the links of the domain: what each closes, and whether its upstream is paused now
    #[command(after_help = "Example:\n  bulkhead link list --domain DOMAIN")]
    List,
    /// Close what is linked to an upstream that is paused; anyone may. `bulkhead trip` does so for every upstream
    #[command(after_help = "Example:\n  bulkhead link propagate UPSTREAM -k any.json")]
    Propagate(Propagate),
}

#[derive(Args, Clone, Debug)]
struct Propagate {
    /// Address of the upstream domain
    #[arg(value_name = "UPSTREAM")]
    upstream: Pubkey,
}

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &LinkCommand, context: &Context) -> anyhow::Result<()> {
    let site = Site::of(context).await?;
    match &command.what {
        What::List => list(&site, context).await,
        What::Propagate(propagate) => run_propagate(propagate, &site, context).await,
    }
}

async fn list(site: &Site, context: &Context) -> anyhow::Result<()> {
    let found: Vec<(Pubkey, Link)> = all(context.chain()?, Kind::Link, &site.key).await?;
    let mut shown = Vec::new();
    for (key, link) in found {
        let board: Option<PauseBoard> = quiet(context)?.find(&link.upstream_board).await?;
        let closes = board.and_then(|board| carried(&link, &board, &site.council, site.at.now));
        shown.push(Shown { key, link, closes });
    }
    let values: Vec<_> = shown.iter().map(|each| each.json(site)).collect();
    context.print(&values, || {
        if shown.is_empty() {
            return "no link; `bulkhead propose set-link` sets one\n".into();
        }
        let head = ["upstream", "closes", "in compartments", "now"];
        let rows = shown.iter().map(|each| {
            vec![
                each.link.upstream.to_string(),
                closed(each.mask(site)),
                each.compartments(),
                each.closes.map_or_else(
                    || "the upstream is open".into(),
                    |closes| format!("paused until {}", words::time(closes.until, site.at.now)),
                ),
            ]
        });
        words::table(&head, &rows.collect::<Vec<_>>())
    })
}

async fn run_propagate(command: &Propagate, site: &Site, context: &Context) -> anyhow::Result<()> {
    let key = pda::link(&site.key, &command.upstream);
    let next = "`bulkhead link list` shows the links of a domain";
    let link: Link = find::one(context, "link", &key, next).await?;
    let next = "the link names an upstream that is gone";
    let upstream: PauseBoard = find::one(context, "pause board of the upstream", &link.upstream_board, next).await?;
    let carried = carry_link(&link, &upstream, &site.council, &mut { site.board }, site.at)
        .map_err(|error| refused(error, "nothing was sent"))?;
    let facts = [
        ("closes", closed(carried.mask).into()),
        ("until", Fact::Time(carried.until)),
        ("because", format!("{} is paused", link.upstream).into()),
    ];
    facts::send(
        context,
        "propagate",
        &facts,
        ix::propagate_contagion(site.key, link.upstream),
    )
    .await
}

struct Shown {
    key: Pubkey,
    link: Link,
    closes: Option<Carried>,
}

impl Shown {
    const fn mask(&self, site: &Site) -> u32 {
        if self.link.mask == 0 {
            site.council.default_mask
        } else {
            self.link.mask
        }
    }

    fn numbers(&self) -> Vec<u32> {
        let all = 0..u32::try_from(MAX_COMPARTMENTS).unwrap_or(u32::MAX);
        all.filter(|number| has_bit(self.link.compartments, *number)).collect()
    }

    fn compartments(&self) -> String {
        if self.link.compartments == 0 {
            return "none: the link is off".into();
        }
        if self.link.compartments == u64::MAX {
            return "all".into();
        }
        let numbers = self.numbers();
        numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    fn json(&self, site: &Site) -> Value {
        json!({
            "link": self.key.to_string(),
            "upstream": self.link.upstream.to_string(),
            "upstream_scope": self.link.upstream_scope,
            "upstream_mask": self.link.upstream_mask,
            "compartments": self.numbers(),
            "mask": self.mask(site),
            "closes": payload::actions(self.mask(site)),
            "upstream_paused_until": self.closes.map(|closes| closes.until),
        })
    }
}
