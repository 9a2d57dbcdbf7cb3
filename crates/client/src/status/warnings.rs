//! What is wrong, or will be within the hour.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    domain::council::{counted, guardian_pauses_left, having, members},
    pause::board::is_timed_pause_in_force,
};
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, class, domain_flag, phase, role},
    layout::{CheckpointLog, PriceBreaker},
};
use serde::Serialize;

use super::{
    Closed, DomainStatus,
    detectors::{DetectorStatus, Observed},
    json,
    next_step::lapses_at,
    seen::Seen,
    words,
};
use crate::payload::scope;

/// A detector without a rule of its own is expected to be observed this often, and what ends sooner than this is worth a
/// warning.
const HOUR: i64 = 3_600;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What kind of thing.
    pub kind: WarningKind,
    /// The account or the member that it is about.
    #[serde(serialize_with = "json::maybe_key")]
    pub about: Option<Pubkey>,
    /// What is wrong, in words.
    pub words: String,
}

/// Kinds of warnings, gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// A latch or a link that is not on the board.
    NotPropagated,
    /// An incident that nobody confirmed lapses soon.
    IncidentLapses,
    /// A pause lapses soon.
    PauseLapses,
    /// A threshold of eligible members cannot be reached.
    ThresholdOutOfReach,
    /// Guardians cannot pause.
    GuardianWithoutRights,
    /// An evacuation route is faulty, or there is none.
    Route,
    /// A detector that nobody looks at.
    NotObserved,
    /// A checkpoint log that stands still.
    CheckpointsStandStill,
}

/// All warnings, gravest first.
pub(super) fn of(seen: &Seen, status: &DomainStatus) -> Vec<Warning> {
    let mut found = Found { seen, all: Vec::new() };
    // During set-up nothing is protected yet.
    if seen.domain.state != phase::SETUP {
        found.pauses(status);
        found.council();
        found.custody(status);
        found.detectors(status);
        found.checkpoints(status);
    }
    found.all.sort_by_key(|warning| warning.kind);
    found.all
}

struct Found<'a> {
    seen: &'a Seen<'a>,
    all: Vec<Warning>,
}

impl Found<'_> {
    fn push(&mut self, kind: WarningKind, about: impl Into<Option<Pubkey>>, words: impl Into<String>) {
        self.all.push(Warning {
            kind,
            about: about.into(),
            words: words.into(),
        });
    }

    fn pauses(&mut self, status: &DomainStatus) {
        let now = self.seen.at.now;
        for closed in &status.closed {
            let Some(until) = closed.until.filter(|until| until.saturating_sub(now) <= HOUR) else {
                continue;
            };
            let opens = opens(closed, &status.closed, now);
            if opens == 0 {
                continue;
            }
            let text = format!(
                "a pause of {} lapses {}, which opens {}",
                scope(closed.scope),
                words::from_now(until, now),
                words::closed(opens)
            );
            self.push(WarningKind::PauseLapses, None, text);
        }
        let is_undecided = self.seen.domain.flags & domain_flag::DECIDED == 0;
        let is_unconfirmed = self.seen.domain.state == phase::ALERT && is_undecided;
        let ends = lapses_at(self.seen);
        if is_unconfirmed && ends.saturating_sub(now) <= HOUR {
            let text = if is_timed_pause_in_force(&self.seen.board, now) {
                format!(
                    "the incident lapses {} unless the guardians confirm it",
                    words::from_now(ends, now)
                )
            } else {
                "the incident has lapsed: everything is open again".to_owned()
            };
            self.push(WarningKind::IncidentLapses, self.seen.domain.open_incident, text);
        }
        for link in status.links.iter().filter(|link| link.is_due) {
            let text = format!(
                "the upstream {} is paused, and the linked compartments are not",
                link.upstream
            );
            self.push(WarningKind::NotPropagated, link.key, text);
        }
        for detector in status.detectors.iter().filter(|detector| detector.is_unpropagated) {
            let text = format!("the {} has latched, and its trip is not on the board", detector.kind);
            self.push(WarningKind::NotPropagated, detector.key, text);
        }
    }

    fn council(&mut self) {
        let (council, now) = (&self.seen.council, self.seen.at.now);
        let approvers = counted(council, role::APPROVER, now).count_ones();
        let names = [
            (class::LOOSEN, "resume and reopen"),
            (class::CONSTITUTION, "council changes"),
            (class::CUSTODY, "vaults, breakers and ledgers"),
            (class::RESTORATION, "restorations"),
        ];
        for (number, name) in names {
            let Some(policy) = council.policies.get(usize::from(number)) else {
                continue;
            };
            if approvers < u32::from(policy.threshold) {
                let text = format!(
                    "{name} need {} approvals, and {approvers} approvers are eligible; silent ones send a heartbeat",
                    policy.threshold
                );
                self.push(WarningKind::ThresholdOutOfReach, None, text);
            }
        }
        if counted(council, role::GUARDIAN, now) == 0 {
            let text = "no guardian is eligible; a freeze needs the whole threshold of silent guardians";
            self.push(WarningKind::ThresholdOutOfReach, None, text);
        }
        let attesters = having(council, role::ATTESTER).count_ones();
        for (key, log) in self.seen.accounts.all::<CheckpointLog>() {
            if attesters < u32::from(log.threshold) {
                let text = format!(
                    "checkpoints of ledger {} need {} attestations, and there are {attesters} attesters",
                    log.ledger_index, log.threshold
                );
                self.push(WarningKind::ThresholdOutOfReach, key, text);
            }
        }
        let guardians = members(council)
            .iter()
            .filter(|member| member.roles & role::GUARDIAN != 0);
        let unable: Vec<_> = guardians
            .clone()
            .filter(|member| guardian_pauses_left(council, member, now) == 0)
            .map(|member| (member.key, member.pause_rights))
            .collect();
        let is_all = unable.len() == guardians.count();
        for (key, rights) in &unable {
            let text = match (is_all, *rights) {
                (true, _) => "no guardian can pause now".to_owned(),
                (false, 0) => format!("guardian {key} has no pause rights left; a proposal grants them"),
                (false, _) => format!("guardian {key} has reached its limit of pauses"),
            };
            self.push(WarningKind::GuardianWithoutRights, *key, text);
            if is_all {
                break;
            }
        }
    }

    fn custody(&mut self, status: &DomainStatus) {
        for vault in &status.vaults {
            match (vault.route, vault.route_fault) {
                (Some(route), Some(fault)) => {
                    let text = format!("the evacuation route {route} {fault}");
                    self.push(WarningKind::Route, vault.key, text);
                }
                (None, _) => self.push(WarningKind::Route, vault.key, "the vault has no evacuation route"),
                _ => {}
            }
        }
    }

    fn detectors(&mut self, status: &DomainStatus) {
        let now = self.seen.at.now;
        for detector in &status.detectors {
            let rule = self.rule(detector);
            let text = match detector.observed {
                Observed::At(ts) if now.saturating_sub(ts) > rule => {
                    format!(
                        "nobody has observed the {} since {}",
                        detector.kind,
                        words::when(ts, now)
                    )
                }
                Observed::Never => format!("nobody has ever observed the {}", detector.kind),
                _ => continue,
            };
            self.push(WarningKind::NotObserved, detector.key, text);
        }
    }

    /// How long a detector may go without an observation: a price breaker as long as its price may be old.
    fn rule(&self, detector: &DetectorStatus) -> i64 {
        let breaker = self.seen.accounts.find::<PriceBreaker>(&detector.key);
        match breaker.map(|breaker| breaker.rules.stale_seconds) {
            Some(seconds) if seconds != 0 => i64::from(seconds),
            _ => HOUR,
        }
    }

    fn checkpoints(&mut self, status: &DomainStatus) {
        let now = self.seen.at.now;
        for log in &status.checkpoint_logs {
            let text = match (&log.last, &log.last_attested) {
                (None, _) => format!("ledger {} has never had a checkpoint", log.ledger),
                (Some(_), None) => format!("no checkpoint of ledger {} is attested", log.ledger),
                (_, Some(last)) if last.age > log.still_after => format!(
                    "the last attested checkpoint of ledger {} is from {}",
                    log.ledger,
                    words::when(last.posted_ts, now)
                ),
                _ => continue,
            };
            self.push(WarningKind::CheckpointsStandStill, log.key, text);
        }
    }
}

/// The actions of a pause that nothing else keeps closed for another hour.
fn opens(pause: &Closed, all: &[Closed], now: i64) -> u32 {
    let lasts = |other: &&Closed| {
        let is_longer = other.until.is_none_or(|until| until.saturating_sub(now) > HOUR);
        is_longer && (other.scope == SCOPE_DOMAIN || other.scope == pause.scope)
    };
    let kept = all.iter().filter(lasts).fold(0, |kept, other| kept | other.mask);
    pause.mask & !kept
}
