//! `bulkhead trip`: brings the latch of a detector to the pause board.

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
use anyhow::{Context as _, bail};
use bulkhead_client::{
    bulkhead,
    chain::Chain,
    flows::{Done, Quiet, Session},
    instructions as ix, pda,
    watch::Kind,
};
use bulkhead_core::{
    CoreError,
    acts::{NewIncident, propagate},
    pause::incident::number_for_alarm,
};
use bulkhead_interface::{
    constants::cause,
    layout::{AuthorityWatch, Detector, Domain, Incident, OutflowBreaker, PriceBreaker, SolvencyBreaker, Vault},
};
use clap::Args;

use super::find::{Site, all, refused};
use crate::context::Context;

/// Bring the latch of a detector to the pause board, and open the incident.
///
/// Anyone may, once for each latch. Without an address: every detector of the domain whose latch is not on the board
/// yet, one transaction each.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  bulkhead trip --domain DOMAIN
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
    let chain = context.chain()?;
    if let Some(key) = command.detector {
        let account = chain.account(&key).await?;
        let account = account.filter(|account| account.owner == bulkhead::ID);
        let found = account.and_then(|account| head(&account.data));
        let (cause, detector) = found.with_context(|| {
            format!("NotFound: {key} is not a detector of Bulkhead on this cluster; `bulkhead status` lists those of a domain")
        })?;
        let site = Site::read(chain, detector.domain).await?;
        let trip = judged(chain, &site, (key, cause, detector)).await?.map_err(|error| {
            refused(
                error,
                "nothing is latched here that is not on the board; `bulkhead watch` and `bulkhead breaker view` look again",
            )
        })?;
        return context.submit(&format!("bring the latch of {key} to the board"), &[trip]).await;
    }
    let domain = context.domain()?;
    let site = Site::read(chain, domain).await?;
    let mut latched = Vec::new();
    for found in detectors(chain, &domain).await? {
        if let Ok(trip) = judged(chain, &site, found).await? {
            latched.push((found, trip));
        }
    }
    match latched.as_slice() {
        [] => bail!("NotLatched: no detector of {domain} has a latch that is not on the board; nothing was sent"),
        [(found, trip)] => {
            let act = format!("bring the latch of {} to the board", found.0);
            context.submit(&act, std::slice::from_ref(trip)).await
        }
        several => each(several, domain, context).await,
    }
}

/// Several latches, one transaction each: the first opens the incident that the others then belong to.
async fn each(
    latched: &[(Found, solana_instruction::Instruction)],
    domain: Pubkey,
    context: &Context,
) -> anyhow::Result<()> {
    let session = context.session()?;
    let mut done = Done::default();
    for (number, (found, _)) in (0_u64..).zip(latched) {
        session.report.progress("latches", number, latched.len() as u64);
        let site = Site::read(session.chain, domain).await?;
        match judged(session.chain, &site, *found).await? {
            Ok(trip) => done.receipts.push(session.chain.send(&[trip]).await?),
            Err(_) => done.skipped += 1,
        }
    }
    context.finish(&format!("bring {} latches to the board", latched.len()), &done)
}

type Found = (Pubkey, u8, Detector);

/// The instruction, or why the program would refuse it.
async fn judged(
    chain: &dyn Chain,
    site: &Site,
    (key, cause, detector): Found,
) -> anyhow::Result<Result<solana_instruction::Instruction, CoreError>> {
    let number = number_for_alarm(&site.domain);
    let incident = pda::incident(&site.key, number);
    let session = Session {
        chain,
        report: &Quiet,
        parallel: 1,
    };
    let open: Option<Incident> = session.find(&incident).await?;
    let mut record = open.unwrap_or_else(bytemuck::Zeroable::zeroed);
    let (mut domain, mut board, mut latch): (Domain, _, _) = (site.domain, site.board, detector.latch);
    let new = NewIncident {
        key: incident,
        bump: 0,
        domain: site.key,
    };
    let judged = propagate(
        &mut domain,
        &site.council,
        &mut board,
        &mut latch,
        (&key, cause),
        &mut record,
        &new,
        site.at,
    );
    Ok(judged.map(|_| ix::propagate_trip(site.key, chain.payer(), key, number)))
}

/// All detectors of a domain.
async fn detectors(chain: &dyn Chain, domain: &Pubkey) -> anyhow::Result<Vec<Found>> {
    let mut found = of::<OutflowBreaker>(chain, domain, cause::OUTFLOW).await?;
    found.extend(of::<PriceBreaker>(chain, domain, cause::PRICE).await?);
    found.extend(of::<SolvencyBreaker>(chain, domain, cause::SOLVENCY).await?);
    found.extend(of::<AuthorityWatch>(chain, domain, cause::AUTHORITY).await?);
    found.extend(of::<Vault>(chain, domain, cause::ROUTE).await?);
    Ok(found)
}

async fn of<T: ZeroCopy + Discriminator>(chain: &dyn Chain, domain: &Pubkey, cause: u8) -> anyhow::Result<Vec<Found>> {
    let found: Vec<(Pubkey, T)> = all(chain, Kind::Domain, domain).await?;
    let found = found.iter().filter_map(|(key, account)| {
        let bytes = bytemuck::bytes_of(account).get(..size_of::<Detector>())?;
        Some((*key, cause, bytemuck::pod_read_unaligned(bytes)))
    });
    Ok(found.collect())
}

/// What all detectors begin with, and the cause that one of this kind is.
fn head(data: &[u8]) -> Option<(u8, Detector)> {
    let cause = match Kind::of(data)? {
        Kind::OutflowBreaker => cause::OUTFLOW,
        Kind::PriceBreaker => cause::PRICE,
        Kind::SolvencyBreaker => cause::SOLVENCY,
        Kind::AuthorityWatch => cause::AUTHORITY,
        Kind::Vault => cause::ROUTE,
        _ => return None,
    };
    let body = data.get(8..)?.get(..size_of::<Detector>())?;
    Some((cause, bytemuck::pod_read_unaligned(body)))
}
