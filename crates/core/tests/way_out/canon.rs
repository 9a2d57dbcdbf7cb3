//! What a state is known again by: 128 bits of everything that acts, the strategy, the adversary or the books will ever
//! look at again, and of nothing else.
//!
//! Times are relative to now, and slots by what they are compared with: the slots of live proposals, of the newest unpause, and
//! this one. So a state that comes back later is known again: who can make it come back can go on forever.

use bulkhead_core::{
    custody::is_active,
    detectors::latch,
    machine::{Decision, State, Which},
    permissiveness::AnyDetector,
};
use bulkhead_interface::{
    Pubkey,
    constants::{VETO_SECONDS, cause, incident_state, price_rule, step},
};

use crate::{
    books::is_live,
    game::Node,
    scene::{DELAY, DELAY_SLOTS, DETECTORS, HEARTBEAT, HOSTILE, TRIP, keys, latest},
};

struct Canon {
    lanes: [u64; 2],
    now: i64,
    /// Ascending.
    known: Vec<u64>,
}

impl Canon {
    fn mix(&mut self, word: u64) {
        let [first, second] = &mut self.lanes;
        *first = (first.rotate_left(5) ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
        *second = (second.rotate_left(23) ^ word).wrapping_mul(0xc4ce_b9fe_1a85_ec53) ^ (*first >> 29);
    }

    fn word(&mut self, word: impl Into<u64>) {
        self.mix(word.into());
    }

    fn ago(&mut self, time: i64) {
        self.mix(self.now.saturating_sub(time).unsigned_abs());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.mix(u64::from_le_bytes(word));
        }
    }

    /// What has passed is past.
    fn until(&mut self, until: i64) {
        self.mix(until.saturating_sub(self.now).max(0).unsigned_abs());
    }

    /// How many of the slots that count are not later.
    fn slot(&mut self, slot: u64) {
        let place = self.known.partition_point(|known| *known <= slot);
        self.mix(place as u64);
    }

    fn maybe_slot(&mut self, slot: Option<u64>) {
        match slot {
            Some(slot) => self.slot(slot),
            None => self.mix(u64::MAX),
        }
    }
}

/// The same by everything there is: nothing comes back then, and nothing that differs is taken as one.
pub fn whole(node: &Node, turn: u64) -> u128 {
    let Node { state, books, .. } = node;
    let mut canon = Canon {
        lanes: [0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f],
        now: 0,
        known: vec![],
    };
    canon.mix(turn);
    canon.ago(state.at.now);
    canon.mix(state.at.slot);
    canon.word(node.halts);
    canon.bytes(bytemuck::bytes_of(&*state.domain));
    canon.bytes(bytemuck::bytes_of(&*state.council));
    canon.bytes(&state.board_bytes());
    for (_, breaker) in state.breakers.iter() {
        canon.bytes(bytemuck::bytes_of(breaker));
    }
    for (_, detector) in state.detectors.iter() {
        canon.bytes(match detector {
            AnyDetector::Price(detector) => bytemuck::bytes_of(detector),
            AnyDetector::Solvency(detector) => bytemuck::bytes_of(detector),
            AnyDetector::Authority(detector) => bytemuck::bytes_of(detector),
        });
    }
    for (_, link) in state.links.iter() {
        canon.bytes(bytemuck::bytes_of(link));
    }
    for incident in state.incidents.iter() {
        canon.bytes(bytemuck::bytes_of(incident));
    }
    for (proposal, _) in state.proposals.iter() {
        canon.bytes(bytemuck::bytes_of(proposal));
    }
    for (_, vault) in &state.custody.vaults {
        canon.bytes(bytemuck::bytes_of(vault));
    }
    for migration in &state.custody.migrations {
        canon.bytes(bytemuck::bytes_of(migration));
    }
    for token in &state.custody.tokens {
        canon.mix(token.amount);
    }
    canon.bytes(format!("{books:?}").as_bytes());
    let [first, second] = canon.lanes;
    u128::from(first) << 64 | u128::from(second)
}

/// By what can still be looked at.
pub fn canon(node: &Node, turn: u64) -> u128 {
    let Node {
        state,
        books,
        has_papers,
        halts,
    } = node;
    let unpauses = state.proposals.iter().filter(|(_, decision)| is_unpause(decision));
    let mut known: Vec<_> = unpauses.map(|(proposal, _)| proposal.created_slot).collect();
    known.push(state.board.unpaused_slot);
    known.extend(books.iter().map(|books| books.unpaused));
    if *has_papers {
        // The honest propose a slot later, the adversary at once.
        known.push(state.at.slot);
    }
    known.sort_unstable();
    known.dedup();
    let mut canon = Canon {
        lanes: [0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f],
        now: state.at.now,
        known,
    };
    canon.mix(turn);
    canon.word(*halts);
    incidents(&mut canon, node);
    council(&mut canon, state);
    board(&mut canon, state);
    detectors(&mut canon, state);
    papers(&mut canon, node);
    custody(&mut canon, state);
    printed(&mut canon, node);
    let [first, second] = canon.lanes;
    u128::from(first) << 64 | u128::from(second)
}

fn incidents(canon: &mut Canon, node: &Node) {
    let state = &node.state;
    canon.word(state.domain.state);
    canon.word(state.domain.flags);
    canon.slot(state.domain.confirmed_slot);
    let is_open = state.domain.open_incident != Pubkey::default();
    canon.word(is_open);
    let Some(incident) = state.incidents.last() else { return };
    let happened = |number: usize| incident.steps[number].slot;
    for number in [step::EVACUATION, step::RESTORATION] {
        canon.slot(happened(number));
    }
    canon.slot(incident.alarm_slot);
    canon.word(incident.cause == cause::GUARDIAN);
    if let Some(books) = &node.books {
        canon.slot(books.alarm);
        canon.slot(books.evacuation.unwrap_or(0));
    }
    if !is_open {
        // Over: nothing more is confirmed of it.
        return;
    }
    for number in [step::FREEZE, step::EVACUATION] {
        canon.word(happened(number) != 0);
    }
    if let Some(books) = &node.books {
        canon.word(books.evacuation.is_some());
        canon.word(books.confirmed);
        canon.word(books.evacuating);
    }
    canon.word(incident.state == incident_state::OPEN);
    let is_current = |epoch: u64| epoch == state.council.config_epoch;
    canon.word(if is_current(incident.config_epoch) {
        incident.confirmations
    } else {
        0
    });
    if let Some(migration) = state.custody.migrations.get(state.incidents.len() - 1) {
        canon.word(migration.state);
        canon.word(if is_current(migration.config_epoch) {
            migration.confirmations
        } else {
            0
        });
    }
}

fn council(canon: &mut Canon, state: &State) {
    let council = &state.council;
    let count = usize::from(council.member_count);
    canon.mix(count as u64);
    for member in council.members.iter().take(count) {
        // The honest spend none: they have some, or none.
        let is_honest = member.key != HOSTILE;
        canon.word(if is_honest {
            member.pause_rights.min(1)
        } else {
            member.pause_rights
        });
        canon.word(state.at.now - member.last_active_ts > HEARTBEAT);
        canon.until(member.active_from_ts);
    }
    for kept in council.vetoes.iter().take(count) {
        for (by, ts) in kept.by.iter().zip(kept.ts) {
            canon.word(*by);
            canon.until(ts + VETO_SECONDS);
        }
    }
}

fn board(canon: &mut Canon, state: &State) {
    let board = &state.board;
    let now = state.at.now;
    let rows = || [&board.domain_row, &board.rows[1]].into_iter();
    for row in rows() {
        canon.word(row.freeze);
        canon.word(row.ramp_bps);
        for (mask, until) in [
            (row.guardian_pause, row.guardian_pause_until),
            (row.trip, row.trip_until),
            (row.linked, row.linked_until),
        ] {
            canon.word(if now < until { mask } else { 0 });
            canon.until(until);
        }
        canon.maybe_slot((now < row.trip_until).then(|| bulkhead_core::pause::board::trip_slot(row)));
    }
    let is_paused_by_guardian = rows().any(|row| now < row.guardian_pause_until);
    canon.maybe_slot(is_paused_by_guardian.then_some(board.guardian_pause_slot));
    let is_linked = rows().any(|row| now < row.linked_until);
    canon.maybe_slot(is_linked.then_some(board.linked_slot));
    canon.maybe_slot((board.domain_row.freeze != 0).then_some(board.frozen_slot));
    canon.word(board.unpaused_slot != 0);
    canon.slot(board.unpaused_slot);
    canon.until(board.grace_until);
}

fn detectors(canon: &mut Canon, state: &State) {
    for which in DETECTORS {
        let Some(latch) = state.latch(keys(), which) else {
            canon.mix(u64::MAX);
            continue;
        };
        let value = found(state, which);
        canon.word(value);
        let is_in_force = latch::is_in_force(latch, state.board.unpaused_slot, state.at.now);
        // What nobody can find again is over.
        if is_in_force || value != 0 {
            canon.slot(latch.slot);
        }
        if is_in_force {
            canon.word(latch.state);
            canon.until(latch.until);
            canon.until(latch.ts + TRIP);
        }
    }
    for (_, detector) in state.detectors.iter() {
        if let AnyDetector::Price(breaker) = detector {
            canon.word(breaker.statistics.seen_ts == state.at.now);
        }
    }
    for (_, breaker) in state.breakers.iter() {
        let is_lowered = state.at.now < breaker.lowered_until;
        canon.word(if is_lowered { breaker.limit } else { 0 });
        canon.until(breaker.lowered_until);
    }
    for (_, link) in state.links.iter() {
        canon.word(link.compartments);
    }
}

/// What a detector knows again. One thief's key is like the other's.
fn found(state: &State, which: Which) -> u64 {
    let key = which.key(keys());
    let detector = state.detectors.iter().find(|(own, _)| *own == key);
    match detector {
        Some((_, AnyDetector::Authority(watch))) => u64::from(watch.latched.keys[0] != Pubkey::default()),
        Some((_, AnyDetector::Solvency(breaker))) => breaker.latched_low,
        Some((_, AnyDetector::Price(breaker))) => u64::from(breaker.noted != price_rule::NONE),
        _ => 0,
    }
}

fn papers(canon: &mut Canon, node: &Node) {
    let state = &node.state;
    for (proposal, decision) in state.proposals.iter() {
        canon.word(is_live(state, proposal));
        canon.word(proposal.kind);
        canon.word(proposal.place);
        canon.word(approvals(proposal.approvals, node));
        canon.word(proposal.vetoes);
        canon.word(proposal.removes);
        canon.word(proposal.approved_ts != 0);
        canon.until(proposal.approved_ts + DELAY);
        // An hour has slots enough, or next to none.
        canon.word(state.at.slot >= proposal.approved_slot + DELAY_SLOTS);
        // When it expires is part of nothing: no play that ends is so long, which is asked in the end.
        if is_unpause(decision) {
            canon.slot(proposal.created_slot);
        }
        match decision {
            Decision::Resume { incident } => canon.word(latest(state) == Some(*incident)),
            Decision::Reopen(how) => {
                canon.word(latest(state) == Some(how.incident));
                canon.word(how.ramp_bps);
            }
            Decision::Close(which) => {
                canon.word(DETECTORS.iter().position(|known| known == which).unwrap_or(9) as u64);
                let latch = state.latch(keys(), *which);
                canon.word(latch.is_some_and(|latch| latch.slot < proposal.created_slot));
                canon.word(state.domain.confirmed_slot < proposal.created_slot);
                let lowered = state.breakers.iter().map(|(_, breaker)| breaker.lowered_slot).max();
                canon.word(lowered < Some(proposal.created_slot));
            }
            Decision::Grant(member, _) => canon.word(member.to_bytes()[0]),
            _ => {}
        }
    }
}

fn custody(canon: &mut Canon, state: &State) {
    for (_, vault) in &state.custody.vaults {
        let is_closed = !is_active(vault, state.board.unpaused_slot);
        canon.maybe_slot(is_closed.then_some(vault.evacuated_slot));
        canon.word(Some(vault.evacuation.incident) == latest(state));
        // Dust is dust.
        let balance = state.custody.tokens.iter().find(|token| token.key == vault.custody);
        canon.word(balance.is_some_and(|token| token.amount > 0));
    }
}

fn printed(canon: &mut Canon, node: &Node) {
    let Node {
        state,
        books: Some(books),
        ..
    } = node
    else {
        return;
    };
    for closing in &books.closings {
        canon.word(closing.by as u64);
        canon.word(closing.scope);
        canon.word(closing.mask);
        canon.until(closing.until);
        canon.slot(closing.slot);
    }
    canon.maybe_slot(books.freeze);
    canon.maybe_slot(books.decided);
    canon.mix(books.vetoes.len() as u64);
    canon.word(books.is_off);
    canon.slot(books.unpaused);
    canon.maybe_slot(books.moved.filter(|moved| *moved >= books.unpaused));
    for (number, finding) in books.findings.iter().enumerate() {
        let Some(finding) = finding else {
            canon.mix(u64::MAX);
            continue;
        };
        let value = match number {
            1 | 3 => finding.value.min(1),
            2 => finding.value,
            _ => 0,
        };
        canon.word(value);
        let is_in_force = finding.is_in_force(books.unpaused, state.at.now);
        if is_in_force || value != 0 {
            canon.slot(finding.slot);
        }
        if is_in_force {
            canon.word(finding.is_carried);
            canon.until(finding.until);
            canon.until(finding.ts + TRIP);
        }
    }
    // Their slots and vetoes are written where the proposals are; since when is compared after each step.
    for consent in &books.consents {
        canon.word(approvals(consent.approvals.into(), node));
    }
}

const fn is_unpause(decision: &Decision) -> bool {
    matches!(decision, Decision::Resume { .. } | Decision::Reopen(_))
}

/// Where both of the honest approve, the third decides nothing: looked at where it is about papers, and nowhere else.
const fn approvals(all: u16, node: &Node) -> u16 {
    if all & 3 == 3 && !node.has_papers { 3 } else { all }
}
