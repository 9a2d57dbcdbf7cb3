//! `bulkhead trip`: brings the latch of a detector to the pause board.

use anchor_lang::prelude::Pubkey;
use anyhow::Context as _;
use bulkhead_client::{flows, instructions as ix, pda, status::detector};
use bulkhead_core::{
    acts::{self, NewIncident},
    pause::incident::number_for_alarm,
};
use bulkhead_interface::layout::Incident;
use bytemuck::Zeroable;
use clap::Args;

use super::{
    facts,
    find::{Site, quiet, refused},
};
use crate::context::Context;

/// Bring what a detector has found to the pause board, and open the incident.
///
/// Anyone may, once for each latch. Without an address: every latch of the domain that is not on the board, and the
/// pauses of the domains that it is linked to.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  bulkhead trip --domain DOMAIN -k any.json
  bulkhead trip DETECTOR -k any.json")]
pub struct Trip {
    /// Address of a breaker, a watch, or a vault whose evacuation route is faulty
    #[arg(value_name = "DETECTOR")]
    detector: Option<Pubkey>,
}

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &Trip, context: &Context) -> anyhow::Result<()> {
    let Some(key) = command.detector else {
        let done = flows::propagate(&context.session()?, context.domain()?).await?;
        return context.finish("trip", &done);
    };
    let chain = context.chain()?;
    let account = chain.account(&key).await?;
    let (cause, mut found) = account.as_ref().and_then(detector::read).with_context(|| {
        format!(
            "NotFound: {key} is not a detector of Bulkhead on this cluster; `bulkhead status` lists those of a domain"
        )
    })?;
    let site = Site::read(chain, found.domain).await?;
    let number = number_for_alarm(&site.domain);
    let new = NewIncident {
        key: pda::incident(&site.key, number),
        domain: site.key,
        bump: 0,
    };
    let open: Option<Incident> = quiet(context)?.find(&new.key).await?;
    acts::propagate(
        &mut { site.domain },
        &site.council,
        &mut { site.board },
        &mut found.latch,
        (&key, cause),
        &mut open.unwrap_or_else(Incident::zeroed),
        &new,
        site.at,
    )
    .map_err(|error| {
        let next =
            "nothing is latched here that is not on the board; `bulkhead watch` and `bulkhead breaker view` look again";
        refused(error, next)
    })?;
    let trip = ix::propagate_trip(site.key, chain.payer(), key, number);
    facts::send(
        context,
        "trip",
        &[("detector", key.into()), ("incident", new.key.into())],
        trip,
    )
    .await
}
