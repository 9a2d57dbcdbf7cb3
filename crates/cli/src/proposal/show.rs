//! A proposal in words and as JSON.

use std::fmt::Write;

use bulkhead_client::payload::{duration, hex};
use bulkhead_core::{
    council::member_bit,
    proposal::{check_live, eta, is_fallbacks},
};
use bulkhead_interface::constants::{proposal_state, role};
use serde_json::{Value, json};

use super::{Read, time::utc};

const CLASSES: [&str; 4] = ["loosen", "constitution", "custody", "restoration"];

/// A proposal, ready to be told.
pub(super) struct Shown<'a> {
    read: &'a Read,
    state: String,
    /// First moment it may run, once it is approved. Unix seconds.
    eta: Option<i64>,
}

impl<'a> Shown<'a> {
    pub(super) fn new(read: &'a Read) -> Self {
        let approved = read.proposal.approved_ts != 0;
        let eta = read
            .council
            .as_ref()
            .filter(|_| approved)
            .and_then(|council| eta(&read.proposal, council).ok());
        Self {
            read,
            state: state(read, eta),
            eta,
        }
    }

    fn class(&self) -> &'static str {
        CLASSES
            .get(usize::from(self.read.proposal.class))
            .copied()
            .unwrap_or("unknown")
    }

    /// Approvers, and what each says.
    fn approvers(&self) -> Vec<(String, bool)> {
        let Some(council) = &self.read.council else {
            let bits = (0..16).filter(|place| self.read.proposal.approvals & member_bit(*place) != 0);
            return bits.map(|place| (format!("member {place}"), true)).collect();
        };
        let members = council
            .members
            .iter()
            .take(usize::from(council.member_count))
            .enumerate();
        members
            .filter(|(_, member)| member.roles & role::APPROVER != 0)
            .map(|(place, member)| {
                (
                    member.key.to_string(),
                    self.read.proposal.approvals & member_bit(place) != 0,
                )
            })
            .collect()
    }

    fn vetoers(&self) -> Vec<String> {
        let Some(council) = &self.read.council else {
            return Vec::new();
        };
        let members = council.members.iter().take(usize::from(council.member_count));
        let vetoers = members.filter(|member| member.roles & role::VETOER != 0);
        vetoers.map(|member| member.key.to_string()).collect()
    }

    fn threshold(&self) -> Option<u8> {
        let council = self.read.council.as_ref()?;
        Some(council.policies.get(usize::from(self.read.proposal.class))?.threshold)
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail.
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
        writeln!(out, "state     {}", self.state)?;
        writeln!(out, "class     {}", self.class())?;
        writeln!(
            out,
            "does      {}",
            self.read.payload.to_string().replace('\n', "\n          ")
        )?;
        writeln!(out, "payload   {}", hex(&proposal.payload_hash))?;
        let by = if is_fallbacks(proposal) { ", the fallback" } else { "" };
        writeln!(
            out,
            "made      {} in slot {} by {}{by}",
            utc(proposal.created_ts),
            proposal.created_slot,
            proposal.proposer
        )?;
        let count = proposal.approvals.count_ones();
        match self.threshold() {
            Some(threshold) => writeln!(out, "approved  by {count} of {threshold} that are needed")?,
            None => writeln!(
                out,
                "approved  by {count}; give the council's account to see of whom and how many"
            )?,
        }
        for (name, approves) in self.approvers() {
            writeln!(out, "          {} {name}", if approves { "✓" } else { "·" })?;
        }
        match self.eta {
            Some(eta) => writeln!(out, "runs      from {}{}", utc(eta), self.ahead(eta))?,
            None => writeln!(out, "runs      after the approvals and the delay of its class")?,
        }
        writeln!(
            out,
            "expires   {}{}",
            utc(proposal.expires_ts),
            self.ahead(proposal.expires_ts)
        )?;
        let vetoers = self.vetoers();
        if proposal.state == proposal_state::OPEN && !vetoers.is_empty() {
            writeln!(out, "veto      until it runs, by any of:")?;
            for vetoer in vetoers {
                writeln!(out, "            {vetoer}")?;
            }
        }
        Ok(())
    }

    /// ` (in 2 h)`, ` (over)`, or nothing where nobody knows what time it is.
    fn ahead(&self, ts: i64) -> String {
        match self.read.now {
            Some(now) if ts > now => format!(" (in {})", duration(ts - now)),
            Some(_) => " (passed)".into(),
            None => String::new(),
        }
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let proposal = &self.read.proposal;
        let approvers = self.approvers();
        let approvers = approvers
            .iter()
            .map(|(member, approves)| json!({ "member": member, "approves": approves }));
        json!({
            "address": self.read.address.map(|address| address.to_string()),
            "domain": proposal.domain.to_string(),
            "index": proposal.index,
            "state": self.state,
            "class": self.class(),
            "payload": self.read.payload,
            "payload_hash": hex(&proposal.payload_hash),
            "proposer": proposal.proposer.to_string(),
            "by_fallback": is_fallbacks(proposal),
            "created_slot": proposal.created_slot,
            "created_ts": proposal.created_ts,
            "approvals": proposal.approvals.count_ones(),
            "threshold": self.threshold(),
            "approvers": approvers.collect::<Vec<_>>(),
            "vetoers": self.vetoers(),
            "approved_ts": (proposal.approved_ts != 0).then_some(proposal.approved_ts),
            "eta": self.eta,
            "expires_ts": proposal.expires_ts,
            "now": self.read.now,
        })
    }
}

/// Where it stands, in one phrase.
fn state(read: &Read, eta: Option<i64>) -> String {
    let proposal = &read.proposal;
    match proposal.state {
        proposal_state::EXECUTED => return "executed".into(),
        proposal_state::VETOED => return "vetoed".into(),
        _ => {}
    }
    let now = read.now.unwrap_or(0);
    if let Some(council) = &read.council
        && let Err(error) = check_live(proposal, council, now)
    {
        return match error {
            bulkhead_core::proposal::ProposalError::StaleEpoch => "void: the council has changed since".into(),
            _ => "expired".into(),
        };
    }
    match (eta, read.now) {
        (Some(eta), Some(now)) if now >= eta => "ready to run".into(),
        (Some(_), _) => "approved, waiting out its delay".into(),
        (None, _) => "collecting approvals".into(),
    }
}
