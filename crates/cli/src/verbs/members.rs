//! `bulkhead council`, `bulkhead heartbeat` and `bulkhead domain`: who guards the domain, and who is still there.

use bulkhead_client::{
    flows, instructions as ix,
    payload::{self, duration, roles_of},
    pda, status,
};
use bulkhead_core::{
    CoreError,
    domain::council::{guardian_pauses_left, is_active, is_counted, members},
    proposals::veto,
};
use bulkhead_interface::{
    constants::{phase, role},
    layout::{Domain, Member},
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    facts,
    find::{self, Site, refused},
    words,
};
use crate::{context::Context, proposal::CLASSES};

/// Show the council.
#[derive(Args, Clone, Debug)]
pub struct CouncilCommand {
    #[command(subcommand)]
    what: CouncilWhat,
}

#[derive(Subcommand, Clone, Debug)]
enum CouncilWhat {
    /// Show the members with their roles, rights and last activity, and the thresholds and delays
    #[command(after_help = "Example:\n  bulkhead council show --domain DOMAIN")]
    Show,
}

/// Show that a member is still active.
///
/// A member who has been silent for longer than the council's heartbeat is not eligible to approve; after a silence the
/// member is eligible again one day after the heartbeat.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  bulkhead heartbeat -k member.json")]
pub struct Heartbeat {}

/// End the set-up of a domain, or close what is over.
#[derive(Args, Clone, Debug)]
pub struct DomainCommand {
    #[command(subcommand)]
    what: DomainWhat,
}

#[derive(Subcommand, Clone, Debug)]
enum DomainWhat {
    /// End set-up: from then on every change needs a proposal, and the setup authority has no power. Signed by it
    #[command(after_help = "Example:\n  bulkhead domain activate -k setup-authority.json")]
    Activate,
    /// Close proposals, releases, deposit notes and shards that are over; their rent goes to whoever paid it
    #[command(after_help = "Example:\n  bulkhead domain tidy -k any.json")]
    Tidy,
}

/// Runs `bulkhead council`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn council(command: &CouncilCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        CouncilWhat::Show => {
            let site = Site::of(context).await?;
            context.print(&council_json(&site), || council_text(&site))
        }
    }
}

/// Runs `bulkhead heartbeat`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn heartbeat(_: &Heartbeat, context: &Context) -> anyhow::Result<()> {
    let done = flows::heartbeat(&context.session()?, context.domain()?, context.signer()?).await?;
    context.finish("heartbeat", &done)
}

/// Runs `bulkhead domain`.
///
/// # Errors
/// A named error that says what to do next.
pub async fn domain(command: &DomainCommand, context: &Context) -> anyhow::Result<()> {
    match command.what {
        DomainWhat::Activate => activate(context).await,
        DomainWhat::Tidy => {
            let closed = flows::close_leftovers(&context.session()?, context.domain()?, context.signer()?).await?;
            let facts = [
                ("proposals", closed.proposals.into()),
                ("releases", closed.releases.into()),
                ("notes", closed.notes.into()),
                ("shards", closed.shards.into()),
                ("returned_lamports", closed.lamports.into()),
            ];
            facts::finish(context, "tidy", &facts, &closed.done)
        }
    }
}

async fn activate(context: &Context) -> anyhow::Result<()> {
    let signer = context.signer()?;
    // A domain's address is derived from its setup authority, so --domain is needless.
    let key = context.domain().unwrap_or_else(|_| pda::domain(&signer));
    let domain: Domain = find::one(context, "domain", &key, "`bulkhead init` opens one").await?;
    if domain.state != phase::SETUP {
        let next = "set-up has ended already: every change needs a proposal now";
        return Err(refused(CoreError::WrongPhase, next));
    }
    if domain.setup_authority != signer {
        let next = format!("sign with {}", domain.setup_authority);
        return Err(refused(CoreError::NotSetupAuthority, &next));
    }
    context.confirm(&format!(
        "End the set-up of {key}? From then on every change needs a proposal; this cannot be undone"
    ))?;
    facts::send(
        context,
        "activate",
        &[("domain", key.into())],
        ix::activate_domain(signer),
    )
    .await
}

/// A member's standing in a few words.
fn standing(site: &Site, member: &Member) -> &'static str {
    let now = site.at.now;
    match (
        is_active(&site.council, member, now),
        is_counted(&site.council, member, now),
    ) {
        (_, true) => "eligible",
        (true, false) => "back, not eligible yet",
        (false, _) => "silent",
    }
}

fn council_json(site: &Site) -> Value {
    let (council, now) = (&site.council, site.at.now);
    let all = members(council).iter().enumerate().map(|(place, member)| {
        json!({
            "member": member.key.to_string(),
            "roles": roles_of(member.roles),
            "standing": standing(site, member),
            "last_active_ts": member.last_active_ts,
            "eligible_from_ts": member.active_from_ts,
            "pause_rights": member.pause_rights,
            "pauses_left_now": guardian_pauses_left(council, member, now),
            "vetoes_left_now": (member.roles & role::VETOER != 0).then(|| veto::left(council, place, now)),
        })
    });
    let policies = CLASSES.iter().zip(&council.policies).map(|(class, policy)| {
        json!({
            "class": class,
            "threshold": policy.threshold,
            "delay_seconds": policy.delay_seconds,
            "expiry_seconds": policy.expiry_seconds,
        })
    });
    json!({
        "domain": site.key.to_string(),
        "phase": status::words::phase(site.domain.state),
        "members": all.collect::<Vec<_>>(),
        "policies": policies.collect::<Vec<_>>(),
        "freeze_threshold": council.freeze_threshold,
        "guardian_pause_seconds": council.guardian_pause_seconds,
        "trip_seconds": council.trip_seconds,
        "default_mask": council.default_mask,
        "closes_by_default": payload::actions(council.default_mask),
        "heartbeat_seconds": council.heartbeat_seconds,
        "guardian_pauses_per_day": council.guardian_pauses_per_day,
        "guardian_pauses_in_a_row": council.guardian_pauses_in_a_row,
        "fallback": council.fallback.to_string(),
        "fallback_seconds": council.fallback_seconds,
        "epoch": council.config_epoch.to_string(),
        "now": now,
    })
}

fn council_text(site: &Site) -> String {
    let (council, now) = (&site.council, site.at.now);
    let rows = members(council).iter().enumerate().map(|(place, member)| {
        let vetoes = if member.roles & role::VETOER != 0 {
            veto::left(council, place, now).to_string()
        } else {
            "-".into()
        };
        vec![
            member.key.to_string(),
            roles_of(member.roles),
            standing(site, member).to_owned(),
            guardian_pauses_left(council, member, now).to_string(),
            vetoes,
            words::time(member.last_active_ts, now),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let head = [
        "member",
        "roles",
        "standing",
        "pauses left",
        "vetoes left",
        "last active",
    ];
    let policies = CLASSES.iter().zip(&council.policies).map(|(class, policy)| {
        vec![
            (*class).to_owned(),
            policy.threshold.to_string(),
            duration(policy.delay_seconds),
            duration(policy.expiry_seconds),
        ]
    });
    let policies: Vec<_> = policies.collect();
    let more = words::lines(&[
        ("freeze", format!("{} guardians confirm", council.freeze_threshold)),
        (
            "guardian pause",
            format!("lasts {}", duration(council.guardian_pause_seconds)),
        ),
        ("trip", format!("lasts {}", duration(council.trip_seconds))),
        ("closes by default", status::words::closed(council.default_mask)),
        ("silent after", duration(council.heartbeat_seconds)),
        (
            "fallback",
            format!(
                "{} after {} without approvers",
                council.fallback,
                duration(council.fallback_seconds)
            ),
        ),
    ]);
    format!(
        "{}\n{}\n{more}",
        words::table(&head, &rows),
        words::table(&["proposals that", "approvals", "delay", "expire after"], &policies)
    )
}
