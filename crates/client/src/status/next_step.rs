//! What can be done about an open incident, in order, and who has to do it. Core's acts decide what is due.

use anchor_lang::prelude::Pubkey;
use bulkhead::decision::Decision;
use bulkhead_core::{
    acts::{self, At},
    domain::council::members,
    proposals::proposal::Status,
};
use bulkhead_interface::{
    constants::{domain_flag, migration_state, phase, role},
    layout::{Incident, Ledger, Migration, Proposal, Vault},
};
use serde::Serialize;

use super::{Accounts, custody::decimals, json, ledger_steps, missing, people::judge, seen::Seen, words};
use crate::{
    flows::{due_evacuations, due_propagations, judge_evacuation, parse_proposal},
    payload::Payload,
    pda,
};

/// One thing that can be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NextStep {
    /// What it is.
    pub step: Step,
    /// Number of the ledger that it concerns.
    pub ledger: Option<u8>,
    /// Who takes it.
    pub by: By,
    /// The members who can take it; empty if it takes no member.
    #[serde(serialize_with = "json::keys")]
    pub who: Vec<Pubkey>,
    /// When it can be taken, if not now.
    pub from: Option<i64>,
    /// What to do, in words.
    pub words: String,
    /// Whether it is another way instead of the steps before it.
    pub is_alternative: bool,
}

/// Steps of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is named like the flow that takes it")]
pub enum Step {
    Lapse,
    Propagate,
    Confirm,
    RaiseAlarm,
    ConfirmEvacuation,
    Evacuate,
    RegisterRoute,
    OpenSnapshot,
    Crank,
    Seal,
    OpenBallot,
    StartVote,
    Vote,
    RenewBallot,
    Choose,
    Fund,
    Share,
    Claim,
    Reopen,
    Resume,
    OpenInterim,
    OpenEscape,
    CheckRestart,
}

/// Who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Anyone who pays the fee.
    Anyone,
    /// Guardians.
    Guardians,
    /// Approvers.
    Approvers,
    /// Guardians or approvers.
    Members,
    /// Holders of the governance token.
    TokenHolders,
}

impl NextStep {
    pub(super) fn anyone(step: Step, words: impl Into<String>) -> Self {
        Self {
            step,
            ledger: None,
            by: By::Anyone,
            who: vec![],
            from: None,
            words: words.into(),
            is_alternative: false,
        }
    }

    pub(super) fn by(self, by: By, who: Vec<Pubkey>) -> Self {
        Self { by, who, ..self }
    }

    pub(super) fn of(self, ledger: u8) -> Self {
        Self {
            ledger: Some(ledger),
            ..self
        }
    }

    pub(super) fn from(self, ts: i64, now: i64) -> Self {
        Self {
            from: Some(ts).filter(|ts| now < *ts),
            ..self
        }
    }

    pub(super) fn alternative(self) -> Self {
        Self {
            is_alternative: true,
            ..self
        }
    }
}

/// The next step of the open incident.
#[must_use]
pub fn next_step(accounts: &Accounts, at: At) -> Option<NextStep> {
    next_steps(accounts, at).into_iter().next()
}

/// Everything that can be done about the open incident, in order. Empty without one.
#[must_use]
pub fn next_steps(accounts: &Accounts, at: At) -> Vec<NextStep> {
    Seen::of(accounts, at).map(|seen| steps(&seen)).unwrap_or_default()
}

pub(super) fn steps(seen: &Seen) -> Vec<NextStep> {
    let Some((key, incident)) = seen.incident else {
        return vec![];
    };
    let mut steps = match seen.domain.state {
        phase::ALERT => alert(seen, &incident),
        phase::FROZEN | phase::RECOVERING => {
            let mut steps = custody(seen, &key);
            let mut ledgers = seen.accounts.all::<Ledger>();
            ledgers.sort_by_key(|(_, ledger)| ledger.index);
            let of = |(_, ledger): &(Pubkey, Ledger)| ledger_steps::of(seen, (&key, &incident), ledger);
            steps.extend(ledgers.iter().flat_map(of));
            steps.extend(end(seen));
            steps
        }
        _ => vec![],
    };
    // What replaces the rest comes last.
    steps.sort_by_key(|step| step.is_alternative);
    steps
}

fn alert(seen: &Seen, incident: &Incident) -> Vec<NextStep> {
    let (mut domain, mut ended) = (seen.domain, *incident);
    if acts::lapse(&mut domain, &seen.board, &mut ended, seen.at).is_ok() {
        let text = "anyone closes the incident: nobody confirmed it, and every pause has lapsed";
        return vec![NextStep::anyone(Step::Lapse, text)];
    }
    let now = seen.at.now;
    let lapses = words::when(lapses_at(seen), now);
    let mut steps = Vec::new();
    let due = due_propagations(seen.accounts, Pubkey::default(), seen.at).len();
    if due > 0 {
        let text = format!("anyone propagates {} to the board", words::count(due, "trip"));
        steps.push(NextStep::anyone(Step::Propagate, text));
    }
    if seen.domain.flags & domain_flag::DECIDED != 0 {
        let text = format!(
            "something newer than the unpause is closed until {lapses}; a guardian who wants more raises the alarm again"
        );
        steps.push(NextStep::anyone(Step::RaiseAlarm, text).by(By::Guardians, with(seen, role::GUARDIAN)));
        return steps;
    }
    let missing = missing::confirmations(&seen.council, incident.confirmations, incident.config_epoch, now);
    let count = words::count(missing.count, "more guardian");
    let text = format!("{count} to confirm the incident before its pauses lapse, {lapses}");
    steps.push(NextStep::anyone(Step::Confirm, text).by(By::Guardians, missing.from));
    steps.extend(resume(seen));
    steps
}

/// When the last timed pause of the domain's own ends.
pub(super) fn lapses_at(seen: &Seen) -> i64 {
    let rows = seen.board.rows.iter().chain([&seen.board.domain_row]);
    let ends = rows.flat_map(|row| [row.guardian_pause_until, row.trip_until]);
    ends.max().unwrap_or(0)
}

/// The members who have any of `roles`.
pub(super) fn with(seen: &Seen, roles: u8) -> Vec<Pubkey> {
    let found = members(&seen.council).iter().filter(|member| member.roles & roles != 0);
    found.map(|member| member.key).collect()
}

/// The vaults: out of reach first.
fn custody(seen: &Seen, incident: &Pubkey) -> Vec<NextStep> {
    let vaults = seen.accounts.all::<Vault>();
    let held = |vault: &Vault| seen.accounts.balance(&vault.custody).unwrap_or(0);
    let full: Vec<_> = vaults.iter().filter(|(_, vault)| held(vault) > 0).collect();
    let migration = seen.accounts.find::<Migration>(&pda::migration(incident));
    let is_confirmed = migration.is_some_and(|migration| migration.state == migration_state::ACTIVE);
    if !is_confirmed {
        if full.is_empty() {
            return vec![];
        }
        let (confirmations, epoch) = migration.map_or((0, seen.council.config_epoch), |migration| {
            (migration.confirmations, migration.config_epoch)
        });
        let missing = missing::confirmations(&seen.council, confirmations, epoch, seen.at.now);
        let holds = full
            .iter()
            .map(|(_, vault)| words::amount(held(vault), Some(vault.decimals)));
        let text = format!(
            "{} to confirm the evacuation of {} ({})",
            words::count(missing.count, "more guardian"),
            words::count(full.len(), "vault"),
            holds.collect::<Vec<_>>().join(", ")
        );
        return vec![NextStep::anyone(Step::ConfirmEvacuation, text).by(By::Guardians, missing.from)];
    }
    let mut steps = Vec::new();
    let due = due_evacuations(seen.accounts, incident, seen.at.now).len();
    if due > 0 {
        let text = format!("anyone evacuates {}", words::count(due, "vault"));
        steps.push(NextStep::anyone(Step::Evacuate, text));
    }
    let stuck = full
        .iter()
        .filter(|(key, vault)| judge_evacuation(seen.accounts, incident, (key, vault), seen.at.now).is_err());
    let stuck = stuck.count();
    if stuck > 0 {
        let text = format!(
            "approvers propose a sound evacuation route for {}, which cannot be moved now",
            words::count(stuck, "vault")
        );
        steps.push(NextStep::anyone(Step::RegisterRoute, text).by(By::Approvers, with(seen, role::APPROVER)));
    }
    steps
}

/// How the incident ends.
fn end(seen: &Seen) -> Vec<NextStep> {
    if seen.domain.state == phase::FROZEN {
        return resume(seen);
    }
    let is_it =
        |decision: &Decision| matches!(decision, Decision::Reopen(args) if args.incident == seen.domain.open_incident);
    let step = proposed(seen, Step::Reopen, is_it).unwrap_or_else(|| {
        let text = "approvers propose to reopen: ramp of the limits, and grace period of liquidations";
        NextStep::anyone(Step::Reopen, text).by(By::Approvers, with(seen, role::APPROVER))
    });
    if seen.domain.restart_check_seconds > 0 {
        let text = "right before the reopening anyone checks that every restored ledger is covered";
        return vec![NextStep::anyone(Step::CheckRestart, text), step];
    }
    vec![step]
}

/// The way out of an alarm that needs no restoration.
fn resume(seen: &Seen) -> Vec<NextStep> {
    let is_it =
        |decision: &Decision| matches!(decision, Decision::Resume(args) if args.incident == seen.domain.open_incident);
    let step = proposed(seen, Step::Resume, is_it).unwrap_or_else(|| {
        let text = "if nothing has to be restored, approvers propose to resume";
        NextStep::anyone(Step::Resume, text).by(By::Approvers, with(seen, role::APPROVER))
    });
    vec![step.alternative()]
}

/// The step that the most advanced proposal of a decision waits for.
pub(super) fn proposed(seen: &Seen, step: Step, is_it: impl Fn(&Decision) -> bool) -> Option<NextStep> {
    let mut best: Option<(u8, NextStep)> = None;
    for (key, _) in seen.accounts.all::<Proposal>() {
        let data = &seen.accounts.raw(&key)?.data;
        let Ok(read) = parse_proposal(key, data) else {
            continue;
        };
        let Payload::Known(decision) = &read.payload else {
            continue;
        };
        if !is_it(decision) {
            continue;
        }
        let progress = judge(seen, &read.proposal, &read.payload);
        let name = read.payload.name();
        let found = match progress.status {
            Status::Ready => (
                0,
                NextStep::anyone(step, format!("anyone executes {name}, proposal {key}")),
            ),
            Status::Waiting => {
                let due = words::due(&progress, seen.at);
                let text = format!("anyone executes {name}, proposal {key}, {due}");
                let eta = progress.eta.unwrap_or(seen.at.now);
                (1, NextStep::anyone(step, text).from(eta, seen.at.now))
            }
            Status::Collecting => {
                let missing = missing::approvals(&read.proposal, &seen.council, &progress, seen.at.now);
                let count = words::count(missing.count, "more approver");
                let text = format!("{count} to approve {name}, proposal {key}");
                (2, NextStep::anyone(step, text).by(By::Approvers, missing.from))
            }
            _ => continue,
        };
        if best.as_ref().is_none_or(|(rank, _)| found.0 < *rank) {
            best = Some(found);
        }
    }
    best.map(|(_, step)| step)
}

/// An amount of a token, in words.
pub(super) fn amount_of(seen: &Seen, amount: u64, mint: &Pubkey) -> String {
    words::amount(amount, decimals(seen, mint))
}
