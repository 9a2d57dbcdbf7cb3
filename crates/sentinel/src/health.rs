//! What is wrong with the daemon itself, its endpoints and its keys, and what the accounts of a domain say is wrong with
//! the domain. Found like what the rules find; nothing of it pauses.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    pda,
    status::{Accounts, DomainStatus, Warning, WarningKind},
};
use bulkhead_core::{
    acts::At,
    domain::council::{guardian_pauses_left, member_index, members},
};
use bulkhead_interface::{
    constants::role,
    layout::{Council, Vault},
};

use crate::{causes::Tally, config::Severity, setup::Setup, source::quorum::Eyes, state::DutyRow};

/// Failures in a row that are worth a notice.
const FAILURES: u32 = 5;

/// How long the daemon may take for what it does by itself.
const ABOUT_TO_SECONDS: i64 = 60;

/// Rules of the daemon itself begin with this.
pub const OWN: &str = "sentinel.";

/// What the daemon knows of itself.
pub struct Own<'a> {
    /// Its setup.
    pub setup: &'a Setup,
    /// The eyes.
    pub eyes: &'a Eyes,
    /// Those that are open.
    pub open: &'a [usize],
    /// Whether the daemon has only just started: an endpoint that has not answered yet is not down.
    pub is_starting: bool,
    /// The cluster's slot and time.
    pub at: At,
    /// The eyes that report other bytes than a quorum, with how many accounts.
    pub differing: &'a BTreeMap<usize, usize>,
    /// The duties.
    pub duties: &'a BTreeMap<String, DutyRow>,
    /// Lamports of the payer, if they are known.
    pub payer: Option<u64>,
    /// Whether the day's budget is spent.
    pub is_spent: bool,
    /// Why the state cannot be written.
    pub state_error: Option<&'a str>,
}

fn tally(own: &Own, domain: Pubkey, rule: &str, subject: String, severity: Severity, text: String) -> Tally {
    Tally {
        place: (domain, format!("{OWN}{rule}"), subject),
        severity,
        text,
        // It is the daemon that knows it, not an endpoint.
        eyes: own.eyes.quorum(),
        stands_seconds: 0,
    }
}

/// What is wrong with the daemon and its endpoints.
#[must_use]
pub fn own(own: &Own) -> Vec<Tally> {
    let none = Pubkey::default();
    let mut all = Vec::new();
    for (number, eye) in own.eyes.all().iter().enumerate() {
        let name = || eye.name.clone();
        if own.is_starting && eye.at.is_none() {
            continue;
        }
        if !own.open.contains(&number) {
            let why = eye.failed.clone().unwrap_or_else(|| "it is silent".into());
            let text = format!("endpoint {} does not answer: {why}", eye.name);
            all.push(tally(own, none, "endpoint-down", name(), Severity::Warning, text));
            continue;
        }
        let behind = eye.at.map_or(0, |at| own.at.slot.saturating_sub(at.slot));
        if behind > own.setup.file.reading.max_lag_slots {
            let text = format!("endpoint {} is {behind} slots behind the others", eye.name);
            all.push(tally(own, none, "endpoint-lags", name(), Severity::Warning, text));
        }
        if let Some(why) = &eye.undiscovered {
            let text = format!(
                "endpoint {} does not list the program's accounts, so it shows no detector that is new: {why}",
                eye.name
            );
            all.push(tally(
                own,
                none,
                "endpoint-lists-nothing",
                name(),
                Severity::Warning,
                text,
            ));
        }
        if let Some(count) = own.differing.get(&number) {
            let text = format!(
                "endpoint {} reports {count} accounts with other bytes than a quorum",
                eye.name
            );
            all.push(tally(own, none, "endpoint-disagrees", name(), Severity::Warning, text));
        }
    }
    let awaited = own.eyes.all().iter().filter(|eye| own.is_starting && eye.at.is_none());
    if own.open.len().saturating_add(awaited.count()) < own.eyes.quorum() {
        let text = format!(
            "{} endpoints answer and {} have to agree: nothing is confirmed and nothing is paused",
            own.open.len(),
            own.eyes.quorum()
        );
        all.push(tally(
            own,
            none,
            "quorum-lost",
            "endpoints".into(),
            Severity::Critical,
            text,
        ));
    }
    let low = own.setup.file.fees.payer_low;
    if let Some(lamports) = own.payer.filter(|lamports| *lamports < low) {
        let text = format!("the payer has {lamports} lamports, fewer than {low}: send it some");
        all.push(tally(own, none, "payer-low", "payer".into(), Severity::Warning, text));
    }
    if own.is_spent {
        let text = "routine transactions have cost what they may cost in a day; trips are still propagated and pauses \
                    still made";
        all.push(tally(
            own,
            none,
            "budget-spent",
            "payer".into(),
            Severity::Warning,
            text.into(),
        ));
    }
    if let Some(error) = own.state_error {
        all.push(tally(
            own,
            none,
            "state-error",
            "state".into(),
            Severity::Critical,
            error.to_owned(),
        ));
    }
    for row in own.duties.values().filter(|row| row.failures >= FAILURES) {
        let text = format!("{} has failed {} times in a row: {}", row.duty, row.failures, row.note);
        all.push(tally(
            own,
            row.domain,
            "duty-fails",
            row.duty.clone(),
            Severity::Warning,
            text,
        ));
    }
    all
}

/// What is wrong with a domain, by its accounts. `is_read` says whether an endpoint has reported anything of an account:
/// what nobody has read yet is not missing.
#[must_use]
pub fn domain(own: &Own, accounts: &Accounts, is_read: &dyn Fn(&Pubkey) -> bool) -> Vec<Tally> {
    let key = accounts.domain();
    let mut all = Vec::new();
    let Some(status) = DomainStatus::of(accounts, own.at) else {
        let text = "no endpoint shows the domain: is the address right, and the cluster?";
        all.push(tally(
            own,
            key,
            "domain-missing",
            key.to_string(),
            Severity::Critical,
            text.into(),
        ));
        return all;
    };
    let route = |vault: &Pubkey| accounts.find::<Vault>(vault).map(|vault| vault.route);
    let is_unread = |warning: &Warning| {
        let route = warning.about.as_ref().and_then(route);
        warning.kind == WarningKind::Route && route.is_some_and(|route| route != Pubkey::default() && !is_read(&route))
    };
    for warning in status.warnings.iter().filter(|warning| !is_unread(warning)) {
        let severity = match warning.kind {
            WarningKind::NotPropagated | WarningKind::IncidentLapses | WarningKind::Route => Severity::Critical,
            _ => Severity::Warning,
        };
        let about = warning.about.map_or_else(|| "domain".into(), |key| key.to_string());
        let rule = warning_rule(warning.kind);
        all.push(Tally {
            // What the daemon itself is about to do is worth no notice yet.
            stands_seconds: match warning.kind {
                WarningKind::NotPropagated | WarningKind::NotObserved => ABOUT_TO_SECONDS,
                _ => 0,
            },
            ..tally(own, key, rule, about, severity, warning.words.clone())
        });
    }
    all.extend(guardian(own, accounts));
    all
}

const fn warning_rule(kind: WarningKind) -> &'static str {
    match kind {
        WarningKind::NotPropagated => "not-propagated",
        WarningKind::IncidentLapses => "incident-lapses",
        WarningKind::PauseLapses => "pause-lapses",
        WarningKind::ThresholdOutOfReach => "threshold-out-of-reach",
        WarningKind::GuardianWithoutRights => "guardian-without-rights",
        WarningKind::Route => "route",
        WarningKind::NotObserved => "not-observed",
        WarningKind::CheckpointsStandStill => "checkpoints-stand-still",
    }
}

/// Whether the daemon's own guardian can pause, before it has to.
fn guardian(own: &Own, accounts: &Accounts) -> Option<Tally> {
    let key = own.setup.guardian?;
    let domain = accounts.domain();
    let council: Council = accounts.find(&pda::council(&domain))?;
    let member = member_index(&council, &key, role::GUARDIAN).ok();
    let member = member.and_then(|index| members(&council).get(index));
    let text = match member {
        None => format!("{key} is no guardian of this domain, so the daemon cannot pause it"),
        Some(member) if member.roles != role::GUARDIAN && !own.setup.file.pausing.allow_other_roles => {
            format!("{key} has roles besides the guardian's, so the daemon does not pause with it")
        }
        Some(member) if guardian_pauses_left(&council, member, own.at.now) <= own.setup.file.pausing.keep_rights => {
            format!("{key} has no pause left that the daemon may use")
        }
        Some(_) => return None,
    };
    Some(tally(
        own,
        domain,
        "guardian-unfit",
        key.to_string(),
        Severity::Critical,
        text,
    ))
}
