//! A domain's status on one screen: what is wrong first, then what is closed, the incident, and the rest in tables.

use std::fmt::Write;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::status::{
    By, CheckpointLogStatus, Closed, DetectorStatus, DomainStatus, IncidentStatus, LatchState, NextStep, Observed, Why,
    words::{amount, closed, count, from_now, span, when},
};
use bulkhead_interface::constants::BPS;

use super::super::words::{scope, table};

/// The status as text.
pub(super) fn of(status: &DomainStatus) -> String {
    let mut out = String::new();
    let now = status.now;
    // Writing to a string cannot fail.
    let _ = writeln!(out, "domain  {}  {}", status.domain, status.phase.to_uppercase());
    let _ = writeln!(out, "host    {}", status.host_program);
    let _ = writeln!(out, "read    {} in slot {}", bulkhead_client::status::words::utc(now), status.slot);
    section(&mut out, "wrong", status.warnings.iter().map(|warning| format!("! {}", warning.words)));
    let shut = status.closed.iter().map(|each| closed_line(each, now));
    let ramp = (status.ramp_bps < BPS).then(|| format!("limits at {}%", f64::from(status.ramp_bps) / 100.0));
    if status.closed.is_empty() {
        section(&mut out, "closed", std::iter::once("nothing".to_owned()).chain(ramp));
    } else {
        section(&mut out, "closed", shut.chain(ramp));
    }
    if let Some(incident) = &status.incident {
        section(&mut out, "incident", incident_lines(incident, now));
    }
    let number = |(number, step): (usize, &NextStep)| step_line(number + 1, step, now);
    section(&mut out, "next", status.next_steps.iter().enumerate().map(number));
    section(&mut out, "proposals", proposal_lines(status));
    tables(&mut out, status);
    out
}

fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    for line in lines {
        let _ = writeln!(out, "  {line}");
    }
}

fn section_table(out: &mut String, title: &str, head: &[&str], rows: Vec<Vec<String>>) {
    if !rows.is_empty() {
        let text = table(head, &rows);
        section(out, title, text.lines().map(str::to_owned));
    }
}

fn keys(keys: &[Pubkey]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn closed_line(shut: &Closed, now: i64) -> String {
    let by = |what: &str, who: &[Pubkey]| {
        if who.is_empty() {
            what.to_owned()
        } else {
            format!("{what} of {}", keys(who))
        }
    };
    let why = match &shut.why {
        Why::Freeze { incident } => format!("frozen by incident {incident}"),
        Why::GuardianPause { guardians } => by("a guardian pause", guardians),
        Why::Trip { detectors } => by("a trip", detectors),
        Why::Link { upstreams } => by("a pause", upstreams),
        Why::Grace => "the grace period after the reopening".to_owned(),
    };
    let until = match shut.until {
        Some(until) => format!("until {}", when(until, now)),
        None => "until a proposal opens it".to_owned(),
    };
    format!("{}: {}, {until}; {why}", scope(shut.scope), closed(shut.mask))
}

fn incident_lines(incident: &IncidentStatus, now: i64) -> impl Iterator<Item = String> {
    let mut lines = vec![format!(
        "{} {}: {} {}",
        incident.index, incident.key, incident.cause, incident.source
    )];
    if incident.breach_amount != 0 {
        lines.push(format!("{} seen where {} was allowed", incident.breach_amount, incident.limit));
    }
    if incident.is_decided {
        lines.push("decided: what is still closed is newer, and gets its own incident".to_owned());
    }
    for step in &incident.timeline {
        lines.push(format!("{:<20} {}", step.step, from_now(step.ts, now)));
    }
    if incident.is_frozen {
        lines.push("confirmed by the guardians' threshold: frozen".to_owned());
    } else {
        lines.push(format!(
            "confirmed by {}; {} more freeze the domain: {}",
            if incident.confirmed.is_empty() { "nobody".into() } else { keys(&incident.confirmed) },
            incident.missing.count,
            keys(&incident.missing.from)
        ));
    }
    if let Some(evacuation) = &incident.evacuation {
        lines.push(if evacuation.is_confirmed {
            format!("evacuation confirmed, {} units moved", incident.evacuated)
        } else {
            format!(
                "evacuation confirmed by {}, {} more needed: {}",
                keys(&evacuation.confirmed),
                evacuation.missing.count,
                keys(&evacuation.missing.from)
            )
        });
    }
    lines.into_iter()
}

fn step_line(number: usize, step: &NextStep, now: i64) -> String {
    let by = match (step.by, step.who.is_empty()) {
        (By::Anyone, _) => "anyone".to_owned(),
        (By::TokenHolders, _) => "holders of the governance token".to_owned(),
        (By::Guardians, true) => "guardians".to_owned(),
        (By::Approvers, true) => "approvers".to_owned(),
        (By::Members, true) => "guardians or approvers".to_owned(),
        (_, false) => keys(&step.who),
    };
    let or = if step.is_alternative { "or: " } else { "" };
    let from = step.from.map_or_else(String::new, |from| format!(", from {}", when(from, now)));
    format!("{number}. {or}{} ({by}{from})", step.words)
}

fn proposal_lines(status: &DomainStatus) -> impl Iterator<Item = String> {
    let line = |proposal: &bulkhead_client::status::ProposalStatus| {
        let lacks = if proposal.missing.count == 0 {
            String::new()
        } else {
            format!("; {} more of {}", proposal.missing.count, keys(&proposal.missing.from))
        };
        format!(
            "{} {}: {}, {} of {} approvals{lacks}; runs {}; expires {}",
            proposal.kind,
            proposal.key,
            proposal.status,
            proposal.approvals.len(),
            proposal.needed,
            proposal.due,
            from_now(proposal.expires_ts, status.now)
        )
    };
    status.proposals.iter().map(line)
}

fn tables(out: &mut String, status: &DomainStatus) {
    let now = status.now;
    let breakers = status.breakers.iter().map(|breaker| {
        let state = if breaker.is_paused {
            "paused".to_owned()
        } else if let Some(until) = breaker.latched_until {
            format!("latched, {}", from_now(until, now))
        } else if let Some(until) = breaker.lowered_until {
            format!("lowered, ends {}", from_now(until, now))
        } else {
            "open".to_owned()
        };
        vec![
            breaker.key.to_string(),
            breaker.compartment.to_string(),
            amount(breaker.remaining, breaker.decimals),
            amount(breaker.limit, breaker.decimals),
            span(breaker.window_seconds),
            state,
        ]
    });
    let head = ["breaker", "compartment", "may leave now", "limit", "window", "state"];
    section_table(out, "breakers", &head, breakers.collect());
    let vaults = status.vaults.iter().map(|vault| {
        let queue = match vault.queue.count {
            0 => "empty".to_owned(),
            waiting => format!("{}, {}", count(waiting, "release"), amount(vault.queue.owed, Some(vault.decimals))),
        };
        let route = match (&vault.route, vault.route_fault) {
            (None, _) => "NONE".to_owned(),
            (Some(_), Some(fault)) => format!("FAULTY: {fault}"),
            (Some(_), None) => "sound".to_owned(),
        };
        vec![
            vault.key.to_string(),
            vault.compartment.to_string(),
            amount(vault.balance, Some(vault.decimals)),
            if vault.is_active { "pays" } else { "evacuated" }.to_owned(),
            queue,
            route,
        ]
    });
    let head = ["vault", "compartment", "holds", "state", "queue", "route"];
    section_table(out, "vaults", &head, vaults.collect());
    let detectors = status.detectors.iter().map(|detector| detector_row(detector, now));
    let head = ["detector", "kind", "trips", "latch", "last looked"];
    section_table(out, "detectors", &head, detectors.collect());
    let links = status.links.iter().map(|link| {
        let state = match (link.upstream_until, link.is_due) {
            (None, _) => "open".to_owned(),
            (Some(_), true) => "PAUSED, not on the board".to_owned(),
            (Some(until), false) => format!("paused, {}", from_now(until, now)),
        };
        vec![link.upstream.to_string(), count(link.compartments.len() as u64, "compartment"), state]
    });
    section_table(out, "links", &["upstream", "closes", "state"], links.collect());
    let logs = status.checkpoint_logs.iter().map(|log| log_row(log));
    section_table(out, "checkpoints", &["ledger", "posted", "latest", "latest attested"], logs.collect());
    let restorations = status.restorations.iter().map(|restoration| {
        let units = |units| amount(units, Some(restoration.decimals));
        vec![
            restoration.ledger.to_string(),
            restoration.key.to_string(),
            restoration.claims.to_string(),
            units(restoration.total),
            units(restoration.paid),
            units(restoration.lacking),
        ]
    });
    let head = ["ledger", "restoration", "claims", "owed", "paid", "lacking"];
    section_table(out, "restorations", &head, restorations.collect());
    let members = status.members.iter().map(|member| {
        let standing = match (member.is_eligible, member.eligible_from, member.silent_from) {
            (true, _, Some(from)) => format!("eligible, silent {}", from_now(from, now)),
            (true, _, None) => "eligible".to_owned(),
            (false, Some(from), _) => format!("eligible again {}", from_now(from, now)),
            (false, None, _) => "SILENT: `bulkhead heartbeat`".to_owned(),
        };
        vec![
            member.key.to_string(),
            member.roles.clone(),
            member.pauses_left.to_string(),
            member.vetoes_left.to_string(),
            from_now(member.last_active_ts, now),
            standing,
        ]
    });
    let head = ["member", "roles", "pauses", "vetoes", "active", "standing"];
    section_table(out, "members", &head, members.collect());
}

fn detector_row(detector: &DetectorStatus, now: i64) -> Vec<String> {
    let latch = match (detector.latch, detector.is_unpropagated) {
        (LatchState::InForce, true) => "LATCHED, not on the board: `bulkhead trip`".to_owned(),
        (LatchState::InForce, false) => match detector.latched_until {
            Some(until) => format!("latched, ends {}", from_now(until, now)),
            None => "latched".to_owned(),
        },
        (LatchState::Armed, _) => "armed".to_owned(),
        (LatchState::RunOut, _) => "run out".to_owned(),
        (LatchState::Unpaused, _) => "unpaused".to_owned(),
    };
    let looked = match detector.observed {
        Observed::At(ts) => from_now(ts, now),
        Observed::Never => "NEVER: `bulkhead watch`".to_owned(),
        Observed::NotKept => "not kept".to_owned(),
        Observed::NotNeeded => "needs none".to_owned(),
    };
    vec![
        detector.key.to_string(),
        format!("{} of compartment {}", detector.kind, detector.compartment),
        scope(detector.scope),
        latch,
        looked,
    ]
}

fn log_row(log: &CheckpointLogStatus) -> Vec<String> {
    let checkpoint = |found: &Option<bulkhead_client::status::CheckpointStatus>| {
        found.as_ref().map_or_else(
            || "none".to_owned(),
            |found| {
                let contested = if found.is_contested { ", CONTESTED" } else { "" };
                format!("slot {}, {} old, {} of {}{contested}", found.slot, span(found.age), found.attested, found.threshold)
            },
        )
    };
    vec![
        log.ledger.to_string(),
        log.posted.to_string(),
        checkpoint(&log.last),
        checkpoint(&log.last_attested),
    ]
}
