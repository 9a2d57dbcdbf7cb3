//! `bulkhead pause` and `bulkhead confirm`: what one guardian does first.

use anyhow::ensure;
use bulkhead_client::{
    flows::{self, Confirmed},
    instructions as ix,
    payload::scope as scope_words,
    pda,
    status::words::closed,
};
use bulkhead_core::acts::{self, NewIncident};
use bulkhead_interface::{
    constants::{MAX_COMPARTMENTS, SCOPE_DOMAIN},
    layout::Incident,
};
use bytemuck::Zeroable;
use clap::Args;

use super::{
    facts::{self, Fact},
    find::{Site, refused},
    words,
};
use crate::context::Context;

/// Close actions at once; signed by one guardian, burns a pause right.
///
/// The pause lapses by itself. Without --compartment it closes the whole domain, without --actions what the council
/// closes by default. Run again while the same pause is in force, it does nothing.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  bulkhead pause -k guardian.json
  bulkhead pause --compartment 2 --actions withdraw,borrow -k guardian.json")]
pub struct Pause {
    /// Close one compartment, 0 to 63, instead of the whole domain
    #[arg(long, value_name = "N")]
    compartment: Option<u8>,
    /// Actions to close: all, or some of deposit, withdraw, borrow, repay, trade, cancel, liquidate, settle, claim,
    /// admin, other
    #[arg(long, value_name = "ACTIONS", value_parser = words::actions)]
    actions: Option<u32>,
}

/// Confirm the incident; signed by one guardian.
///
/// If no incident is open, this opens one, which pauses the domain and burns a pause right. Once enough guardians have
/// confirmed, the domain is frozen until a proposal unpauses it.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  bulkhead confirm -k guardian.json")]
pub struct Confirm {}

/// Runs `bulkhead pause`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn pause(command: &Pause, context: &Context) -> anyhow::Result<()> {
    let scope = command.compartment.unwrap_or(SCOPE_DOMAIN);
    ensure!(
        command
            .compartment
            .is_none_or(|number| usize::from(number) < MAX_COMPARTMENTS),
        "CompartmentOutOfRange: {scope}; a compartment is a number from 0 to {}; without --compartment the whole domain is \
         paused",
        MAX_COMPARTMENTS - 1
    );
    ensure!(
        command.actions != Some(0),
        "NoActions: --actions names nothing to close; leave it out for what the council closes by default"
    );
    let (domain, guardian) = (context.domain()?, context.signer()?);
    let mask = command.actions.unwrap_or(0);
    let done = flows::pause(&context.session()?, domain, guardian, scope, mask).await?;
    let what = if mask == 0 {
        "what the council closes by default".into()
    } else {
        closed(mask)
    };
    let facts = [("scope", scope_words(scope).into()), ("closes", what.into())];
    facts::finish(context, "pause", &facts, &done)
}

/// Runs `bulkhead confirm`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn confirm(_: &Confirm, context: &Context) -> anyhow::Result<()> {
    let (domain, guardian) = (context.domain()?, context.signer()?);
    let confirmed = flows::confirm(&context.session()?, domain, guardian).await?;
    facts::finish(
        context,
        "confirm",
        &confirmations(&confirmed, "the domain is frozen"),
        &confirmed.done,
    )
}

/// How far the confirmations have come. `reached` says what follows at the threshold.
pub(super) fn confirmations(confirmed: &Confirmed, reached: &str) -> Vec<facts::Named> {
    let mut facts = vec![("incident", confirmed.incident.into())];
    if confirmed.is_reached {
        facts.push(("reached", reached.into()));
    } else {
        facts.push(("missing", u64::from(confirmed.missing.count).into()));
        facts.push(("missing_from", Fact::Keys(confirmed.missing.from.clone())));
    }
    facts
}

/// Raises the alarm without a confirmation: `bulkhead incident open`.
pub(super) async fn alarm(site: &Site, context: &Context) -> anyhow::Result<()> {
    let guardian = context.signer()?;
    let number = site.domain.incident_count;
    let key = pda::incident(&site.key, number);
    let new = NewIncident {
        key,
        domain: site.key,
        bump: 0,
    };
    acts::open_incident(
        &mut { site.domain },
        &mut { site.council },
        &mut { site.board },
        &mut Incident::zeroed(),
        &new,
        &guardian,
        site.at,
    )
    .map_err(|error| {
        refused(
            error,
            "`bulkhead council show` lists the guardians who can pause, `bulkhead confirm` joins an open incident",
        )
    })?;
    let open = ix::open_incident(site.key, guardian, context.chain()?.payer(), number);
    facts::send(
        context,
        "alarm",
        &[("incident", key.into()), ("number", number.into())],
        open,
    )
    .await
}
