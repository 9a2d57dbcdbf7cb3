//! `bulkhead incident`: shows an incident, and closes one that lapsed.

use bulkhead_client::{flows, pda, status};
use bulkhead_core::domain::council::{member_bit, members};
use bulkhead_interface::{
    constants::incident_state,
    layout::{Incident, Step},
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    find::{self, Site},
    pause::alarm,
    words,
};
use crate::context::Context;

/// Show an incident, or close one that lapsed without a confirmation.
#[derive(Args, Clone, Debug)]
pub struct IncidentCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// Show the open incident, the last one, or the one of a number: its cause, its timeline, who has confirmed
    #[command(after_help = "Example:\n  bulkhead incident show --number 3")]
    Show(Show),
    /// Raise the alarm: open an incident and pause the domain; signed by one guardian, burns a pause right
    #[command(after_help = "Example:\n  bulkhead incident open -k guardian.json")]
    Open,
    /// Close an incident that nobody confirmed, once every timed pause has lapsed; anyone may, and it opens nothing
    #[command(after_help = "Example:\n  bulkhead incident close")]
    Close,
}

#[derive(Args, Clone, Debug)]
struct Show {
    /// Number of the incident within the domain, from 0
    #[arg(long, value_name = "N")]
    number: Option<u64>,
}

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &IncidentCommand, context: &Context) -> anyhow::Result<()> {
    let site = Site::of(context).await?;
    match &command.what {
        What::Show(show) => {
            let named = show.number.map(|number| pda::incident(&site.key, number));
            let (key, incident) = find::incident(context, &site, named).await?;
            let shown = Shown {
                site: &site,
                key: key.to_string(),
                incident: &incident,
            };
            context.print(&shown.json(), || shown.text())
        }
        What::Open => alarm(&site, context).await,
        What::Close => {
            site.open_incident()?;
            let done = flows::lapse(&context.session()?, site.key).await?;
            context.finish("close", &done)
        }
    }
}

struct Shown<'a> {
    site: &'a Site,
    key: String,
    incident: &'a Incident,
}

impl Shown<'_> {
    /// Who has confirmed, of the present council.
    fn confirmed(&self) -> Vec<String> {
        let is_of_council = self.incident.config_epoch == self.site.council.config_epoch;
        let all = members(&self.site.council).iter().enumerate();
        let confirmed = all.filter(|(place, _)| is_of_council && self.incident.confirmations & member_bit(*place) != 0);
        confirmed.map(|(_, member)| member.key.to_string()).collect()
    }

    /// What has happened, in the order of `constants::step`.
    fn steps(&self) -> impl Iterator<Item = (&'static str, &Step)> {
        let all = self.incident.steps.iter().enumerate();
        let happened = all.filter(|(_, step)| step.ts != 0);
        happened.map(|(place, step)| (status::words::step(place), step))
    }

    fn state(&self) -> &'static str {
        if self.incident.state == incident_state::OPEN {
            "open"
        } else {
            "closed"
        }
    }

    fn json(&self) -> Value {
        let incident = self.incident;
        let steps = self.steps();
        let steps = steps.map(|(name, step)| json!({ "step": name, "slot": step.slot.to_string(), "ts": step.ts }));
        json!({
            "incident": self.key,
            "domain": self.site.key.to_string(),
            "number": incident.index,
            "state": self.state(),
            "phase": status::words::phase(self.site.domain.state),
            "cause": status::words::cause(incident.cause),
            "source": incident.source.to_string(),
            "breach_amount": incident.breach_amount.to_string(),
            "limit": incident.limit.to_string(),
            "evacuated": incident.evacuated.to_string(),
            "confirmed_by": self.confirmed(),
            "freeze_threshold": self.site.council.freeze_threshold,
            "steps": steps.collect::<Vec<_>>(),
        })
    }

    fn text(&self) -> String {
        let (incident, now) = (self.incident, self.site.at.now);
        let mut pairs = vec![
            ("incident", format!("{} {}", incident.index, self.key)),
            ("state", self.state().to_owned()),
            (
                "cause",
                format!("{} {}", status::words::cause(incident.cause), incident.source),
            ),
        ];
        if incident.breach_amount != 0 {
            let what = format!("{} where {} was allowed", incident.breach_amount, incident.limit);
            pairs.push(("breach", what));
        }
        let confirmed = self.confirmed();
        let threshold = self.site.council.freeze_threshold;
        pairs.push((
            "confirmed",
            format!("by {} of {threshold} guardians needed", confirmed.len()),
        ));
        pairs.extend(confirmed.into_iter().map(|key| ("", key)));
        for (name, step) in self.steps() {
            pairs.push((name, format!("{} in slot {}", words::time(step.ts, now), step.slot)));
        }
        words::lines(&pairs)
    }
}
