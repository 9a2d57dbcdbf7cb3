//! A proposal as plain text and as JSON.

use std::fmt::Write;

use bulkhead_client::{
    payload::{Change, duration, hex},
    status::words::utc,
};
use bulkhead_core::{
    domain::council::{is_counted, member_bit, members},
    proposals::{
        proposal::{Progress, Status, is_fallbacks},
        veto,
    },
};
use bulkhead_interface::{
    ProposalKind,
    constants::{proposal_state, role},
    layout::Member,
};
use serde_json::{Value, json};

use super::Read;

/// The classes of proposals, by number.
pub(crate) const CLASSES: [&str; 4] = ["loosen", "constitution", "custody", "restoration"];

/// A proposal that is ready to be printed.
pub(super) struct Shown<'a> {
    read: &'a Read,
    /// The state by the program's own rule. `None` if the council or the time is unknown.
    progress: Option<Progress>,
}

/// The position of one member on the proposal.
struct Voice {
    name: String,
    /// The member has approved, or vetoed.
    speaks: bool,
    /// The member's approval is eligible now, or the member can veto now.
    counts: bool,
    /// Vetoes that the member has left now.
    vetoes_left: u8,
}

impl<'a> Shown<'a> {
    pub(super) fn new(read: &'a Read) -> Self {
        Self {
            read,
            progress: read.progress,
        }
    }

    /// The state as one word, for programs.
    fn status(&self) -> &'static str {
        match self.progress.map(|progress| progress.status) {
            Some(Status::Executed) => "executed",
            Some(Status::Vetoed) => "vetoed",
            Some(Status::Stale) => "stale",
            Some(Status::Expired) => "expired",
            Some(Status::Collecting) => "collecting",
            Some(Status::FallbackNotDue) => "fallback_not_due",
            Some(Status::Waiting) => "waiting",
            Some(Status::Ready) => "ready",
            Some(Status::Refused) => "refused",
            None => match self.read.proposal.state {
                proposal_state::EXECUTED => "executed",
                proposal_state::VETOED => "vetoed",
                _ => "open",
            },
        }
    }

    /// The state as one phrase, for people.
    fn state(&self) -> &'static str {
        match self.status() {
            "stale" => "void: the council has changed since",
            "collecting" if self.progress.is_some_and(|progress| progress.lacks_a_clock()) => {
                "enough approvals, but the delay is not running: one of the approvers must approve again"
            }
            "collecting" => "collecting approvals",
            "fallback_not_due" => "refused: enough approvers are active, so the fallback may not act",
            "waiting" => "approved, waiting out its delay",
            "ready" => "ready to run",
            "refused" => "refused for now: its incident is over, or something was tightened after its creation",
            "open" => "open; whether it can be executed is unknown without the council and the cluster's clock",
            other => other,
        }
    }

    fn eta(&self) -> Option<i64> {
        self.progress?.eta
    }

    /// The members that have `role`.
    fn with(&self, role: u8, voice: impl Fn(usize, &Member) -> Voice) -> Vec<Voice> {
        let council = self.read.council.as_ref();
        let all = council.map(members).unwrap_or_default().iter().enumerate();
        all.filter(|(_, member)| member.roles & role != 0)
            .map(|(place, member)| voice(place, member))
            .collect()
    }

    /// The approvers and their positions.
    fn approvers(&self) -> Vec<Voice> {
        let proposal = &self.read.proposal;
        if self.read.council.is_none() {
            let bits = (0..16).filter(|place| proposal.approvals & member_bit(*place) != 0);
            let voice = |place| Voice {
                name: format!("member {place}"),
                speaks: true,
                counts: false,
                vetoes_left: 0,
            };
            return bits.map(voice).collect();
        }
        self.with(role::APPROVER, |place, member| Voice {
            name: member.key.to_string(),
            speaks: proposal.approvals & member_bit(place) != 0,
            counts: self
                .progress
                .is_some_and(|progress| progress.eligible & member_bit(place) != 0),
            vetoes_left: 0,
        })
    }

    fn vetoers(&self) -> Vec<Voice> {
        let proposal = &self.read.proposal;
        let Some(council) = &self.read.council else {
            return Vec::new();
        };
        let replaces = proposal.kind == ProposalKind::ChangeCouncil.number();
        self.with(role::VETOER, |place, member| {
            let now = self.read.now.map(|at| at.now);
            let left = now.map_or(0, |now| veto::left(council, place, now));
            let is_there = !replaces || now.is_some_and(|now| is_counted(council, member, now));
            Voice {
                name: member.key.to_string(),
                speaks: veto::against(proposal, council) & member_bit(place) != 0,
                counts: left > 0 && is_there,
                vetoes_left: left,
            }
        })
    }

    fn class(&self) -> &'static str {
        CLASSES
            .get(usize::from(self.read.proposal.class))
            .copied()
            .unwrap_or("unknown")
    }

    fn threshold(&self) -> Option<u8> {
        let council = self.read.council.as_ref()?;
        Some(council.policies.get(usize::from(self.read.proposal.class))?.threshold)
    }

    /// Plain text, for people.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let proposal = &self.read.proposal;
        let address = self
            .read
            .address
            .map_or_else(String::new, |address| address.to_string());
        writeln!(out, "proposal  {} {address}", proposal.index)?;
        writeln!(out, "domain    {}", proposal.domain)?;
        writeln!(out, "state     {}", self.state())?;
        writeln!(out, "class     {}", self.class())?;
        self.write_changes(out)?;
        writeln!(
            out,
            "action    {}",
            self.read.payload.to_string().replace('\n', "\n          ")
        )?;
        writeln!(out, "payload   {}", hex(&proposal.payload_hash))?;
        let by = if is_fallbacks(proposal) { ", the fallback" } else { "" };
        writeln!(
            out,
            "created   {} in slot {} by {}{by}",
            utc(proposal.created_ts),
            proposal.created_slot,
            proposal.proposer
        )?;
        let given = proposal.approvals.count_ones();
        match (self.threshold(), self.progress) {
            (Some(_), Some(progress)) if is_fallbacks(proposal) => {
                let has = if progress.eta.is_some() { "approved" } else { "approves" };
                writeln!(out, "{has}  by the fallback alone")?;
            }
            (Some(threshold), Some(progress)) => {
                let counted = progress.eligible.count_ones();
                writeln!(out, "approved  by {counted} eligible of {threshold} required")?;
            }
            (Some(threshold), None) => writeln!(out, "approved  by {given} of {threshold} required")?,
            (None, _) => writeln!(
                out,
                "approved  by {given}; give the council's account to see the approvers and the threshold"
            )?,
        }
        for voice in self.approvers() {
            let silent = voice.speaks && !voice.counts && self.progress.is_some();
            let note = if silent { ", not eligible now" } else { "" };
            let mark = if voice.speaks { "✓" } else { "·" };
            writeln!(out, "          {mark} {}{note}", voice.name)?;
        }
        match self.eta() {
            Some(eta) => writeln!(out, "executes  from {}{}", utc(eta), self.ahead(eta))?,
            None => writeln!(out, "executes  after the approvals and the delay of its class")?,
        }
        writeln!(
            out,
            "expires   {}{}",
            utc(proposal.expires_ts),
            self.ahead(proposal.expires_ts)
        )?;
        let vetoers = self.vetoers();
        if proposal.state == proposal_state::OPEN && !vetoers.is_empty() {
            writeln!(out, "veto      until execution, by any of:")?;
            for (place, voice) in vetoers.iter().enumerate() {
                let note = if voice.speaks {
                    ", has vetoed"
                } else if !voice.counts {
                    ", cannot veto now"
                } else if self.removes(place) {
                    ", needs a second vetoer: this proposal removes this one"
                } else {
                    ""
                };
                writeln!(out, "            {} ({} left{note})", voice.name, voice.vetoes_left)?;
            }
        }
        Ok(())
    }

    /// Would the proposal remove the vetoer at this place of the list?
    fn removes(&self, place: usize) -> bool {
        let council = self.read.council.as_ref();
        let vetoers = council.map(members).unwrap_or_default().iter().enumerate();
        let mut vetoers = vetoers.filter(|(_, member)| member.roles & role::VETOER != 0);
        let member = vetoers.nth(place).map(|(member, _)| member);
        member.is_some_and(|member| self.read.proposal.removes & member_bit(member) != 0)
    }

    /// Writes what the proposal changes and the outcome of its simulation, before any other detail.
    fn write_changes(&self, out: &mut String) -> std::fmt::Result {
        let unknown = vec![];
        let lines: Vec<_> = match &self.read.changes {
            Some(changes) if changes.is_empty() => vec!["nothing in the current state".to_owned()],
            Some(changes) => changes.iter().map(ToString::to_string).collect(),
            None => unknown,
        };
        for (title, lines) in [("changes", lines), ("trial", self.read.trial.lines())] {
            for (number, line) in lines.iter().enumerate() {
                let title = if number == 0 { title } else { "" };
                writeln!(out, "{title:<10}{line}")?;
            }
        }
        Ok(())
    }

    /// ` (in 2 h)` or ` (passed)`; empty if the time is unknown.
    fn ahead(&self, ts: i64) -> String {
        match self.read.now {
            Some(at) if ts > at.now => format!(" (in {})", duration(ts.saturating_sub(at.now))),
            Some(_) => " (passed)".into(),
            None => String::new(),
        }
    }

    /// JSON, for programs.
    pub(super) fn json(&self) -> Value {
        let proposal = &self.read.proposal;
        let approvers = self.approvers();
        let approvers = approvers
            .iter()
            .map(|voice| json!({ "member": voice.name, "approves": voice.speaks, "counts": voice.counts }));
        let vetoers = self.vetoers();
        let vetoers = vetoers.iter().map(|voice| {
            json!({
                "member": voice.name,
                "vetoed": voice.speaks,
                "can_veto": voice.counts && !voice.speaks,
                "vetoes_left": voice.vetoes_left,
            })
        });
        json!({
            "address": self.read.address.map(|address| address.to_string()),
            "domain": proposal.domain.to_string(),
            "index": proposal.index.to_string(),
            "status": self.status(),
            "state": self.state(),
            "class": self.class(),
            "changes": self.read.changes.as_ref().map(|changes| changes.iter().map(change_json).collect::<Vec<_>>()),
            "trial": self.read.trial.json(),
            "payload": self.read.payload,
            "payload_hash": hex(&proposal.payload_hash),
            "proposer": proposal.proposer.to_string(),
            "by_fallback": is_fallbacks(proposal),
            "created_slot": proposal.created_slot.to_string(),
            "created_ts": proposal.created_ts,
            "approvals": proposal.approvals.count_ones(),
            "eligible": self.progress.map(|progress| progress.eligible.count_ones()),
            "threshold": self.threshold(),
            "approvers": approvers.collect::<Vec<_>>(),
            "vetoers": vetoers.collect::<Vec<_>>(),
            "approved_ts": (proposal.approved_ts != 0).then_some(proposal.approved_ts),
            "eta": self.eta(),
            "eta_slot": self.progress.and_then(|progress| progress.eta_slot).map(|slot| slot.to_string()),
            "expires_ts": proposal.expires_ts,
            "now": self.read.now.map(|at| at.now),
        })
    }
}

fn change_json(change: &Change) -> Value {
    json!({
        "what": change.what,
        "from": change.from,
        "to": change.to,
        "direction": change.direction.name().to_lowercase(),
    })
}
