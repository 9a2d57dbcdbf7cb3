//! A status as text, for a screen of 100 columns.

use std::fmt::Write;

use anchor_lang::prelude::Pubkey;
use bulkhead_interface::constants::{BPS, SCOPE_DOMAIN};

use super::{
    BreakerStatus, By, CheckpointLogStatus, Closed, DetectorStatus, DomainStatus, IncidentStatus, InsuranceStatus,
    LatchState, MemberStatus, Missing, NextStep, Observed, PeerStatus, ProposalStatus, RestorationStatus, VaultStatus,
    Why,
    words::{self, amount, closed as closed_words, count, from_now, when},
};

/// Columns of the screen.
const COLUMNS: usize = 100;
/// Columns of the headings.
const HEADING: usize = 11;
/// Characters at each end of an address that only has to be distinguished from others.
const SHORT: usize = 4;

/// The status as text of lines of at most 100 columns. Addresses that somebody has to pass on are complete; the others
/// are shortened.
#[must_use]
pub fn text(status: &DomainStatus) -> String {
    let entries = Entries { now: status.now };
    let mut screen = Screen::default();
    let one = |entry: String| std::iter::once(entry);
    screen.lines("domain", one(status.domain.to_string()));
    let time = format!("{}, slot {}", words::utc(status.now), status.slot);
    screen.lines("", one(format!("{}, {time}", status.phase.to_uppercase())));
    screen.lines("warning", status.warnings.iter().map(|warning| warning.words.clone()));
    if status.closed.is_empty() {
        screen.lines("closed", one("nothing".to_owned()));
    }
    screen.lines("closed", status.closed.iter().map(|closed| entries.closed(closed)));
    if status.ramp_bps != BPS {
        let share = format!("{}.{:02} % of the limits", status.ramp_bps / 100, status.ramp_bps % 100);
        screen.lines("ramp", one(share));
    }
    let incident = status.incident.iter();
    screen.lines("incident", incident.flat_map(|incident| entries.incident(incident)));
    let steps = status.next_steps.iter().enumerate();
    screen.lines("next", steps.map(|(place, step)| step_of(place, step)));
    let proposals = status.proposals.iter();
    screen.lines("proposals", proposals.map(|proposal| entries.proposal(proposal)));
    screen.lines(
        "breakers",
        status.breakers.iter().map(|breaker| entries.breaker(breaker)),
    );
    screen.lines("vaults", status.vaults.iter().map(|vault| entries.vault(vault)));
    let open = status.restorations.iter().filter(|restoration| !restoration.is_settled);
    screen.lines("claims", open.map(|open| restoration(open, status.now)));
    screen.lines("insurance", status.insurance.iter().map(|pool| entries.insurance(pool)));
    let detectors = status.detectors.iter();
    screen.lines("detectors", detectors.filter_map(|detector| entries.detector(detector)));
    screen.lines("peers", status.peers.iter().map(|peer| entries.peer(peer)));
    screen.lines("checkpoints", status.checkpoint_logs.iter().map(|log| entries.log(log)));
    screen.lines("members", status.members.iter().map(|member| entries.member(member)));
    screen.text
}

#[derive(Default)]
struct Screen {
    text: String,
}

impl Screen {
    /// Entries, wrapped, the first one behind the heading.
    fn lines(&mut self, heading: &str, entries: impl IntoIterator<Item = String>) {
        let width = COLUMNS - HEADING - 1;
        let lines = entries.into_iter().flat_map(|entry| wrap(&entry, width));
        let mut first = heading;
        for line in lines {
            // Writing into a string cannot fail.
            let _ = writeln!(self.text, "{first:<HEADING$} {line}");
            first = "";
        }
    }
}

/// What is written about the parts of a status at a time.
struct Entries {
    now: i64,
}

impl Entries {
    fn insurance(&self, pool: &InsuranceStatus) -> String {
        let units = |number: u64| amount(number, Some(pool.decimals));
        let mut words = format!(
            "ledger {}, order {}: {} staked, at most {} bps a restoration",
            pool.ledger,
            pool.order,
            units(pool.assets),
            pool.cap_bps
        );
        if pool.reserve > 0 {
            words += &format!(", {} held back", units(pool.reserve));
        }
        if pool.unnoted > 0 {
            words += &format!(", {} to note", count(pool.unnoted, "incident"));
        }
        if let Some(until) = pool.closed_until {
            words += &format!(", exits closed until {} at the latest", when(until, self.now));
        }
        if let Some(from) = pool.terms_from {
            words += &format!(", new terms from {}", when(from, self.now));
        }
        words
    }

    fn closed(&self, closed: &Closed) -> String {
        let why = match &closed.why {
            Why::Freeze { incident } => format!("frozen by incident {incident}"),
            Why::GuardianPause { guardians } => format!("paused by {}", short_list(guardians, "a guardian")),
            Why::Trip { detectors } => format!("tripped by {}", short_list(detectors, "a detector")),
            Why::Link { upstreams, peers } => {
                let others = [&upstreams[..], peers].concat();
                format!("linked to {}", short_list(&others, "another domain"))
            }
            Why::Grace => "grace period of the reopening".to_owned(),
        };
        let until = closed.until.map_or("until a proposal opens it".to_owned(), |until| {
            format!("until {}", when(until, self.now))
        });
        format!("{}: {}: {why}, {until}", scope(closed.scope), closed_words(closed.mask))
    }

    fn incident(&self, incident: &IncidentStatus) -> Vec<String> {
        let mut lines = vec![format!(
            "{} {}, opened by {}",
            incident.index, incident.key, incident.cause
        )];
        let steps = incident.timeline.iter();
        let steps: Vec<_> = steps
            .map(|step| {
                let when = from_now(step.ts, self.now);
                match (step.slots_after_breach, step.seconds_after_breach) {
                    (0, _) => format!("{} {when}", step.step),
                    (slots, seconds) => format!("{} {when} (+{slots} slots, {seconds} s)", step.step),
                }
            })
            .collect();
        lines.push(steps.join(", "));
        if !incident.is_frozen {
            lines.push(self.confirmed("the incident", &incident.confirmed, &incident.missing));
        }
        if let Some(evacuation) = incident
            .evacuation
            .as_ref()
            .filter(|evacuation| !evacuation.is_confirmed)
        {
            lines.push(self.confirmed("the evacuation", &evacuation.confirmed, &evacuation.missing));
        }
        lines
    }

    fn confirmed(&self, what: &str, confirmed: &[Pubkey], missing: &Missing) -> String {
        format!(
            "{what} is confirmed by {}; {} missing, of {}",
            short_list(confirmed, "nobody"),
            missing.count,
            short_list(&missing.from, "nobody")
        )
    }

    fn proposal(&self, proposal: &ProposalStatus) -> String {
        let mut text = format!("{} {}: {}", proposal.key, proposal.kind, proposal.status);
        if proposal.missing.count > 0 {
            let (have, need) = (proposal.approvals.len(), proposal.needed);
            let from = short_list(&proposal.missing.from, "nobody eligible");
            text.push_str(&format!(", {have} of {need}, missing from {from}"));
        } else if !proposal.due.is_empty() && !proposal.is_ready {
            text.push_str(&format!(", {}", proposal.due));
        }
        format!("{text}; expires {}", from_now(proposal.expires_ts, self.now))
    }

    fn breaker(&self, breaker: &BreakerStatus) -> String {
        let units = |number: u64| amount(number, breaker.decimals);
        let shard = if breaker.shard.1 > 1 {
            format!(" shard {} of {}", breaker.shard.0, breaker.shard.1)
        } else {
            String::new()
        };
        let mut text = format!(
            "compartment {} {}{shard}: {} may leave now; {} of {} left in {}, {} left in the slot",
            breaker.compartment,
            short(&breaker.mint),
            units(breaker.remaining),
            units(breaker.in_window),
            units(breaker.limit),
            words::span(breaker.window_seconds),
            units(breaker.in_slot),
        );
        if let Some(until) = breaker.latched_until {
            text.push_str(&format!("; LATCHED, ends {}", from_now(until, self.now)));
        }
        if breaker.is_paused {
            text.push_str("; paused");
        }
        if let Some(until) = breaker.lowered_until {
            text.push_str(&format!("; lowered by a guardian, ends {}", from_now(until, self.now)));
        }
        text
    }

    fn vault(&self, vault: &VaultStatus) -> String {
        let units = |number: u64| amount(number, Some(vault.decimals));
        let mut text = format!(
            "{} compartment {} {}: {} in custody",
            short(&vault.key),
            vault.compartment,
            short(&vault.mint),
            units(vault.balance)
        );
        let queue = &vault.queue;
        if queue.count > 0 {
            text.push_str(&format!(
                "; {} queued, {} payable",
                units(queue.owed),
                units(queue.payable)
            ));
            if let Some(next) = queue.next_ts {
                text.push_str(&format!(", next {}", from_now(next, self.now)));
            }
        }
        if queue.stopped_count > 0 {
            text.push_str(&format!("; {} queued before the evacuation", units(queue.stopped)));
        }
        if queue.cancelled_count > 0 {
            text.push_str(&format!(
                "; {} cancelled and not taken back by the host",
                units(queue.cancelled)
            ));
        }
        if !vault.is_active {
            text.push_str("; EVACUATED");
        }
        text
    }

    /// A detector that is not simply armed and recently observed.
    fn detector(&self, detector: &DetectorStatus) -> Option<String> {
        let name = format!(
            "{} {} of {}",
            detector.kind,
            short(&detector.key),
            scope(detector.compartment)
        );
        let now = self.now;
        let latch = match detector.latch {
            LatchState::InForce => {
                let until = detector
                    .latched_until
                    .map_or(String::new(), |until| format!(", ends {}", from_now(until, now)));
                let board = if detector.is_unpropagated {
                    ", NOT ON THE BOARD"
                } else {
                    ""
                };
                format!("LATCHED{until}{board}, saw {} of {}", detector.seen, detector.allowed)
            }
            LatchState::RunOut => "has latched, run out".to_owned(),
            LatchState::Unpaused => "has latched, accepted by an unpause".to_owned(),
            LatchState::Armed => "armed".to_owned(),
        };
        let observed = match detector.observed {
            Observed::At(ts) => format!("; observed {}", from_now(ts, now)),
            Observed::Never => "; never observed".to_owned(),
            Observed::NotNeeded if detector.latch == LatchState::Armed => return None,
            Observed::NotKept | Observed::NotNeeded => String::new(),
        };
        Some(format!("{name}: {latch}{observed}"))
    }

    fn peer(&self, peer: &PeerStatus) -> String {
        let rights = count(peer.pauses_left, "pause");
        let mut text = format!(
            "{} chain {}, by {}: epoch {}, {rights} left",
            short(&peer.key),
            peer.chain,
            peer.transports,
            peer.epoch
        );
        if let Some(request) = &peer.request {
            let sent = from_now(request.sent_ts, self.now);
            text.push_str(&format!("; asks to resume, epoch {}, sent {sent}", request.epoch));
        }
        if let Some(from) = peer.rotates_ts {
            text.push_str(&format!("; other attesters {}", from_now(from, self.now)));
        }
        text
    }

    fn log(&self, log: &CheckpointLogStatus) -> String {
        let now = self.now;
        let last = log.last.as_ref().map_or("none yet".to_owned(), |last| {
            let state = if last.is_contested { ", CONTESTED" } else { "" };
            format!(
                "slot {}, posted {}, {} of {} attestations{state}",
                last.slot,
                from_now(last.posted_ts, now),
                last.attested,
                last.threshold
            )
        });
        format!("ledger {}: {last}", log.ledger)
    }

    fn member(&self, member: &MemberStatus) -> String {
        let mut text = format!("{} {}", short(&member.key), member.roles);
        if member.roles.contains("guardian") {
            let rights = count(member.pause_rights, "pause");
            text.push_str(&format!(", {rights} ({} now)", member.pauses_left));
        }
        if member.roles.contains("vetoer") {
            let plural = if member.vetoes_left == 1 { "veto" } else { "vetoes" };
            text.push_str(&format!(", {} {plural}", member.vetoes_left));
        }
        text.push_str(&format!(", active {}", from_now(member.last_active_ts, self.now)));
        match (member.silent_from, member.eligible_from) {
            (None, _) => text.push_str(", SILENT"),
            (_, Some(from)) => text.push_str(&format!(", eligible {}", from_now(from, self.now))),
            _ => {}
        }
        text
    }
}

fn step_of(place: usize, step: &NextStep) -> String {
    let mark = match (place, step.is_alternative) {
        (_, true) => "or: ",
        (0, false) => "-> ",
        _ => "then: ",
    };
    let who = if step.who.is_empty() || step.by == By::Anyone {
        String::new()
    } else {
        format!(" [{}]", short_list(&step.who, ""))
    };
    format!("{mark}{}{who}", step.words)
}

fn short_list(keys: &[Pubkey], none: &str) -> String {
    let keys: Vec<_> = keys.iter().map(short).collect();
    if keys.is_empty() {
        none.to_owned()
    } else {
        keys.join(", ")
    }
}

fn restoration(restoration: &RestorationStatus, now: i64) -> String {
    let units = |number: u64| amount(number, Some(restoration.decimals));
    let mut text = format!(
        "ledger {}: {} paid of {} to {}; {} shared out, {} in the pool, {} lacking",
        restoration.ledger,
        units(restoration.paid),
        units(restoration.total),
        count(restoration.claims, "claim"),
        units(restoration.shared),
        units(restoration.pool),
        units(restoration.lacking)
    );
    if let Some(end) = restoration.claims_end {
        text.push_str(&format!("; {}", end.words(now)));
    }
    text
}

fn scope(scope: u8) -> String {
    if scope == SCOPE_DOMAIN {
        "domain".to_owned()
    } else {
        format!("compartment {scope}")
    }
}

/// An address by its ends.
pub(super) fn short(key: &Pubkey) -> String {
    let text = key.to_string();
    match (text.get(..SHORT), text.get(text.len().saturating_sub(SHORT)..)) {
        (Some(head), Some(tail)) => format!("{head}..{tail}"),
        _ => text,
    }
}

/// Lines of at most `width` characters, broken at spaces. Continuations are indented.
fn wrap(text: &str, width: usize) -> Vec<String> {
    const INDENT: &str = "  ";
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let is_first = line.is_empty() || line == INDENT;
        if !is_first && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, INDENT.to_owned()));
        } else if !is_first {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_entries_are_wrapped_at_spaces_and_keep_every_word() {
        let text = "one two three four five six seven eight nine ten";
        let lines = wrap(text, 12);
        assert!(lines.iter().all(|line| line.chars().count() <= 12), "{lines:?}");
        let words: Vec<_> = lines.iter().flat_map(|line| line.split_whitespace()).collect();
        assert_eq!(words.join(" "), text);
        assert_eq!(wrap("short", 12), ["short"]);
    }
}
