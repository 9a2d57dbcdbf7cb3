//! The test's own books: what was closed by whom and when, what the detectors found, who consented to what. They are
//! kept from what was done alone, and never from what the acts made of it, and say after each step how things must stand.

use bulkhead_core::{
    acts::At,
    custody::is_active,
    latch,
    machine::{Action, CustodyAction, Decision, State, Which},
    proposal::check_live,
};
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::{
    Pubkey,
    constants::{VETO_SECONDS, domain_flag},
    layout::{BoardRow, Council, Proposal},
};

use crate::scene::{
    BREAKER, COMPARTMENT, DELAY, DELAY_SLOTS, DETECTORS, ELSEWHERE, EXPIRY, GUARDIAN_PAUSE, HEARTBEAT, HONEST, HOSTILE,
    HOUR, LATCH, LIMIT, Move, RIGHTS, TRIP, keys,
};

/// What is wrong with a step, or with a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code)] // Read when it is printed.
pub enum Wrong {
    /// Open, though it was closed by something that no unpause knew of.
    NewerUnpaused(u8),
    /// Closed, though whatever closed it is over or was unpaused.
    KeptClosed(u8),
    /// A detector's latch is in force that should not be, or the other way round.
    LatchDiffers(usize),
    /// A vault pays that should not, or the other way round.
    VaultDiffers,
    /// A latch that is not in force was carried, or one that was carried already.
    CarriedTwice,
    /// A link that is switched off carries.
    CarriedOff,
    /// A detector is gone, and what it had found was never carried.
    ReasonTaken,
    /// It ran before two had consented for the whole delay.
    Unripe,
    /// Dead, and nobody who may had stopped it; or alive, and somebody had.
    StoppedByNobody,
    /// Nobody vetoes it, and it may not propose.
    BarredByNobody,
    /// It ran, and knew nothing of what the guardians had confirmed.
    Outdated,
    /// Its delay began again, though nobody took consent back.
    DelayPushedAway,
    /// It had matured, nothing was decided since, and it is refused.
    MaturedIsRefused,
    /// It cost no right.
    ForFree,
    /// The domain is frozen, or a vault moved, by too few.
    DecidedByOne,
    /// It comes back to where it was: the adversary can go on forever.
    Endless,
    /// It takes more steps or hours than it may.
    TooLong,
    /// The strategy has nothing to do, and the domain does not operate.
    Stuck,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    Guardian,
    Trip,
    Link,
}

/// What closes actions somewhere for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Closing {
    pub by: By,
    pub scope: u8,
    pub mask: u32,
    pub until: i64,
    pub slot: u64,
}

impl Closing {
    /// Guardians' pauses and linked ones go together; trips by where they close.
    fn goes_with(&self, other: &Self) -> bool {
        self.by == other.by && (self.by != By::Trip || self.scope == other.scope)
    }

    const fn closes(&self, compartment: u8, now: i64) -> bool {
        now < self.until && (self.scope == compartment || self.scope == SCOPE_DOMAIN)
    }
}

/// What a detector has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// Which authority, how much is missing; 0 is nothing.
    pub value: u64,
    /// First seen.
    pub slot: u64,
    pub ts: i64,
    pub until: i64,
    pub has_latched: bool,
    pub is_carried: bool,
}

impl Finding {
    pub const fn is_in_force(&self, unpaused: u64, now: i64) -> bool {
        self.has_latched && now < self.until && self.slot >= unpaused
    }
}

/// A veto, and whom it stands against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Veto {
    by: u8,
    against: u8,
    ts: i64,
    /// Who gave it did not count.
    is_silent: bool,
}

impl Veto {
    const fn stands(&self, then: i64) -> bool {
        then < self.ts + VETO_SECONDS
    }
}

/// Who consents to a proposal, since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    pub slot: u64,
    proposer: u8,
    made: i64,
    pub approvals: u8,
    pub since: Option<At>,
    expires: i64,
    epoch: u64,
    vetoes: u8,
    removes: u8,
    is_over: bool,
}

impl Consent {
    pub fn has_matured(&self, at: At) -> bool {
        self.since
            .is_some_and(|since| at.now >= since.now + DELAY && at.slot >= since.slot + DELAY_SLOTS)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Books {
    pub closings: Vec<Closing>,
    /// Since when the domain is frozen.
    pub freeze: Option<u64>,
    /// `None` once it is closed.
    pub findings: [Option<Finding>; 4],
    pub is_off: bool,
    /// When the newest unpause that ran was proposed.
    pub unpaused: u64,
    /// When the guardians last confirmed anything.
    pub decided: Option<u64>,
    /// When a guardian last lowered limits.
    pub lowered: Option<u64>,
    pub vetoes: Vec<Veto>,
    /// The latest incident's alarm.
    pub alarm: u64,
    /// When its evacuation was confirmed.
    pub evacuation: Option<u64>,
    /// The vault was moved, by an evacuation confirmed then.
    pub moved: Option<u64>,
    pub confirmed: u8,
    pub evacuating: u8,
    pub consents: Vec<Consent>,
}

pub fn bit(member: &Pubkey) -> u8 {
    let [first, second] = HONEST;
    let number = [first, second, HOSTILE].iter().position(|known| known == member);
    number.map_or(0, |number| 1 << number)
}

/// Heard of, and not just back.
pub fn counts(council: &Council, member: &Pubkey, now: i64) -> bool {
    let found = council.members.iter().find(|found| found.key == *member);
    found.is_some_and(|found| now - found.last_active_ts <= HEARTBEAT && now >= found.active_from_ts)
}

fn counted(state: &State, mask: u8) -> u32 {
    let [first, second] = HONEST;
    let who = [first, second, HOSTILE]
        .map(|member| mask & bit(&member) != 0 && counts(&state.council, &member, state.at.now));
    who.into_iter().map(u32::from).sum()
}

/// Two of the guardians that count, or the one that is left; where nobody counts, two of all.
fn are_enough(state: &State, confirmations: u8) -> bool {
    match counted(state, u8::MAX) {
        0 => confirmations.count_ones() >= 2,
        left => counted(state, confirmations) >= left.min(2),
    }
}

/// As hosts read it, from a typed board.
pub fn mask(state: &State, compartment: u8, now: i64) -> u32 {
    let rows = [&state.board.domain_row, &state.board.rows[usize::from(compartment)]];
    let of = |row: &BoardRow| {
        let timed = [
            (row.guardian_pause, row.guardian_pause_until),
            (row.trip, row.trip_until),
            (row.linked, row.linked_until),
        ];
        let timed = timed.into_iter().filter(|(_, until)| now < *until);
        timed.fold(row.freeze, |all, (mask, _)| all | mask)
    };
    rows.into_iter().map(of).fold(0, |all, mask| all | mask)
}

impl Books {
    pub fn new(state: &State) -> Self {
        let mut books = Self::default();
        for (finding, which) in books.findings.iter_mut().zip(DETECTORS) {
            *finding = state.latch(keys(), which).map(|_| Finding::default());
        }
        books
    }

    fn mask(&self, compartment: u8, now: i64) -> u32 {
        let held = self.freeze.map_or(0, |_| action::FROZEN);
        let closings = self.closings.iter().filter(|closing| closing.closes(compartment, now));
        closings.fold(held, |all, closing| all | closing.mask)
    }

    /// Did the members decide on something since that a proposal made then had to know, or does a later unpause stand?
    pub fn has_voided(&self, decision: &Decision, slot: u64) -> bool {
        let is_since = |decision: Option<u64>| decision.is_some_and(|decision| decision >= slot);
        match decision {
            Decision::ChangeCouncil(_) | Decision::Grant(..) => false,
            Decision::Resume { .. } => is_since(self.decided) || self.alarm >= slot || self.unpaused > slot,
            // Where the domain operates, an alarm since has lapsed, and nobody has confirmed it.
            Decision::Reopen(_) => is_since(self.decided) || self.unpaused > slot,
            Decision::Close(Which::Breaker(_)) => is_since(self.decided) || is_since(self.lowered),
            _ => is_since(self.decided),
        }
    }

    /// Who is against it, itself or what its proposer makes.
    fn against(&self, consent: &Consent) -> u8 {
        let is_active = |veto: &Veto| !veto.is_silent || consent.removes == 0;
        let standing = self
            .vetoes
            .iter()
            .filter(|veto| veto.against == consent.proposer && veto.stands(consent.made) && is_active(veto));
        standing.fold(consent.vetoes, |all, veto| all | veto.by)
    }

    fn is_live(&self, consent: &Consent, now: i64) -> bool {
        let against = self.against(consent);
        let is_stopped = against & !consent.removes != 0 || against.count_ones() > 1;
        !consent.is_over && !is_stopped && now <= consent.expires
    }

    /// Does a veto stand against what it makes now?
    pub fn is_barred(&self, member: &Pubkey, now: i64) -> bool {
        let member = bit(member);
        self.vetoes
            .iter()
            .any(|veto| veto.against == member && veto.stands(now))
    }

    /// One more, for which there has to be a right: a veto takes one as long as it stands, and no second one against
    /// whom it stands against.
    fn veto(&mut self, before: &State, signer: &Pubkey, number: usize) -> Result<(), Wrong> {
        let now = before.at.now;
        let veto = Veto {
            by: bit(signer),
            against: self.consents[number].proposer,
            ts: now,
            is_silent: !counts(&before.council, signer, now),
        };
        self.consents[number].vetoes |= veto.by;
        self.vetoes
            .retain(|old| (old.by, old.against, old.is_silent) != (veto.by, veto.against, veto.is_silent));
        self.vetoes.push(veto);
        let standing = self.vetoes.iter().filter(|old| old.by == veto.by && old.stands(now));
        let held = standing.fold(0_u8, |all, old| all | old.against);
        if held.count_ones() > u32::from(RIGHTS) {
            return Err(Wrong::ForFree);
        }
        Ok(())
    }

    /// After a step from `before`, which it was, to `after`.
    pub fn follow(&self, before: &State, what: &Move, after: &State) -> Result<Self, Wrong> {
        let mut books = self.clone();
        books.write(before, what, after)?;
        let now = after.at.now;
        books.closings.retain(|closing| now < closing.until);
        books.compare(after)?;
        Ok(books)
    }

    fn write(&mut self, before: &State, what: &Move, after: &State) -> Result<(), Wrong> {
        let (slot, now) = (before.at.slot, before.at.now);
        let (signer, what) = match what {
            Move::Act(signer, what) => (signer, what),
            Move::Price { is_sound } => {
                self.look(3, (!is_sound).into(), slot, now);
                return Ok(());
            }
        };
        match what {
            Action::Wait { .. } | Action::Heartbeat | Action::Lapse => {}
            Action::Pause { scope, mask } => {
                burns(before, after, signer)?;
                let mask = if *mask == 0 { action::DEFAULT_EMERGENCY } else { *mask };
                self.close(By::Guardian, *scope, mask, now + GUARDIAN_PAUSE, slot);
            }
            Action::OpenIncident => {
                burns(before, after, signer)?;
                self.close(
                    By::Guardian,
                    SCOPE_DOMAIN,
                    action::DEFAULT_EMERGENCY,
                    now + GUARDIAN_PAUSE,
                    slot,
                );
                self.begin(slot);
            }
            Action::LowerLimit(..) => {
                burns(before, after, signer)?;
                self.lowered = Some(slot);
            }
            Action::Confirm => {
                self.confirmed |= bit(signer);
                if are_enough(before, self.confirmed) {
                    (self.freeze, self.decided) = (Some(slot), Some(slot));
                }
            }
            Action::Meter(_, amount) => {
                let lets_out = self.findings[0].is_some_and(|finding| !finding.is_in_force(self.unpaused, now));
                if lets_out && self.mask(COMPARTMENT, now) & action::WITHDRAW == 0 && *amount > 2 * LIMIT {
                    self.find(0, 0, slot, now);
                }
            }
            Action::ObserveAuthority(_, found) => {
                let number = u64::from(found.to_bytes()[0]);
                self.look(1, if number > 100 { number } else { 0 }, slot, now);
            }
            Action::ObserveSolvency(_, liabilities, reserves) => {
                let missing = liabilities.saturating_sub(*reserves);
                self.look(2, u64::try_from(missing).expect("small"), slot, now);
            }
            Action::Propagate(which) => self.carry(before, *which)?,
            Action::Carry(_, _, seconds) => {
                if self.is_off {
                    return Err(Wrong::CarriedOff);
                }
                self.close(
                    By::Link,
                    COMPARTMENT,
                    action::WITHDRAW | action::TRADE,
                    now + seconds,
                    slot,
                );
            }
            Action::Custody(CustodyAction::ConfirmEvacuation) => {
                self.evacuating |= bit(signer);
                if are_enough(before, self.evacuating) && self.evacuation.is_none() {
                    (self.evacuation, self.decided) = (Some(slot), Some(slot));
                }
            }
            Action::Custody(CustodyAction::Evacuate(..)) => {
                self.moved = Some(self.evacuation.ok_or(Wrong::DecidedByOne)?);
            }
            Action::Custody(_) => {}
            _ => self.paper(before, signer, what)?,
        }
        Ok(())
    }

    /// What is about proposals.
    fn paper(&mut self, before: &State, signer: &Pubkey, what: &Action) -> Result<(), Wrong> {
        let now = before.at.now;
        let new = |decision: &Decision| Consent {
            slot: before.at.slot,
            proposer: bit(signer),
            made: now,
            approvals: 0,
            since: None,
            expires: now + EXPIRY,
            epoch: before.council.config_epoch,
            vetoes: 0,
            removes: match decision {
                Decision::ChangeCouncil(_) => bit(&HOSTILE),
                _ => 0,
            },
            is_over: false,
        };
        match what {
            Action::Propose(decision) => self.consents.push(new(decision)),
            Action::Edit(number, decision) => self.consents[*number] = new(decision),
            Action::Approve(number) => self.consents[*number].approvals |= bit(signer),
            Action::Withdraw(number) => self.consents[*number].approvals &= !bit(signer),
            Action::Veto(number) => self.veto(before, signer, *number)?,
            Action::Execute(number) => {
                let consent = self.consents[*number];
                if !self.is_live(&consent, now) || !consent.has_matured(before.at) {
                    return Err(Wrong::Unripe);
                }
                if self.has_voided(&before.proposals[*number].1, consent.slot) {
                    return Err(Wrong::Outdated);
                }
                self.consents[*number].is_over = true;
                self.run(before, &before.proposals[*number].1, consent.slot)?;
            }
            _ => unreachable!("nobody does that: {what:?}"),
        }
        for consent in &mut self.consents {
            let is_enough = counted(before, consent.approvals) >= 2;
            consent.since = consent.since.or(Some(before.at)).filter(|_| is_enough);
        }
        Ok(())
    }

    fn run(&mut self, before: &State, decision: &Decision, slot: u64) -> Result<(), Wrong> {
        match decision {
            Decision::Resume { .. } | Decision::Reopen(_) => self.unpause(slot),
            Decision::Close(Which::Link(_)) => self.is_off = true,
            Decision::Close(which) => {
                let number = DETECTORS.iter().position(|known| known == which).expect("one of them");
                let finding = self.findings[number].take().ok_or(Wrong::ReasonTaken)?;
                let is_news = finding.is_in_force(self.unpaused, before.at.now) && !finding.is_carried;
                if is_news && (finding.slot >= slot || before.at.now < finding.ts + TRIP) {
                    return Err(Wrong::ReasonTaken);
                }
            }
            Decision::ChangeCouncil(_) => {
                for consent in &mut self.consents {
                    consent.is_over |= consent.epoch == before.council.config_epoch;
                }
                (self.confirmed, self.evacuating) = (0, 0);
                self.vetoes.clear();
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes away what was known then.
    fn unpause(&mut self, slot: u64) {
        let all = self.closings.clone();
        self.closings
            .retain(|closing| all.iter().any(|other| other.goes_with(closing) && other.slot >= slot));
        self.freeze = self.freeze.filter(|freeze| *freeze >= slot);
        self.unpaused = self.unpaused.max(slot);
        // Those who confirmed did so of what is over now.
        self.confirmed = 0;
    }

    /// What is in force there is widened, and lasts as long as the longer of the two.
    fn close(&mut self, by: By, scope: u8, mask: u32, until: i64, slot: u64) {
        let there = self
            .closings
            .iter_mut()
            .find(|known| (known.by, known.scope) == (by, scope));
        if let Some(known) = there {
            known.mask |= mask;
            (known.until, known.slot) = (known.until.max(until), known.slot.max(slot));
        } else {
            self.closings.push(Closing {
                by,
                scope,
                mask,
                until,
                slot,
            });
            self.closings.sort_unstable();
        }
    }

    fn begin(&mut self, slot: u64) {
        (self.alarm, self.evacuation, self.confirmed, self.evacuating) = (slot, None, 0, 0);
    }

    /// A look at what can be the same as last time: nothing is forgotten, what is the same or no worse is news to nobody
    /// who knew, and anything else is, in force or not.
    fn look(&mut self, number: usize, value: u64, slot: u64, now: i64) {
        let unpaused = self.unpaused;
        let Some(finding) = &mut self.findings[number] else {
            return;
        };
        let is_smaller = number == 2 && value <= finding.value;
        if value == 0 {
            finding.value = 0;
        } else if value == finding.value || is_smaller {
            finding.value = value;
            if finding.slot >= unpaused && !finding.is_in_force(unpaused, now) {
                let first = finding.slot;
                self.find(number, value, first, now);
            }
        } else {
            self.find(number, value, slot, now);
        }
    }

    /// It latches over what was first seen then.
    fn find(&mut self, number: usize, value: u64, slot: u64, now: i64) {
        if let Some(finding) = &mut self.findings[number] {
            *finding = Finding {
                value,
                slot,
                ts: now,
                until: now + LATCH,
                has_latched: true,
                is_carried: false,
            };
        }
    }

    fn carry(&mut self, before: &State, which: Which) -> Result<(), Wrong> {
        let now = before.at.now;
        let is_decided = before.domain.flags & domain_flag::DECIDED != 0;
        let is_next = is_decided || before.domain.open_incident == Pubkey::default();
        let number = DETECTORS.iter().position(|known| *known == which).expect("one of them");
        let finding = self.findings[number].as_mut().ok_or(Wrong::CarriedTwice)?;
        if !finding.is_in_force(self.unpaused, now) || finding.is_carried && !is_decided {
            return Err(Wrong::CarriedTwice);
        }
        finding.is_carried = true;
        let Finding { slot, ts, .. } = *finding;
        if now < ts + TRIP {
            let scope = if matches!(number, 1 | 2) {
                SCOPE_DOMAIN
            } else {
                COMPARTMENT
            };
            self.close(By::Trip, scope, action::DEFAULT_EMERGENCY, ts + TRIP, slot);
        }
        if is_next {
            self.begin(slot);
        }
        Ok(())
    }

    /// Does everything stand as the books say, now and at every hour that something ends?
    fn compare(&self, state: &State) -> Result<(), Wrong> {
        let hours = || (0..=TRIP / HOUR).map(|hour| state.at.now + hour * HOUR);
        for (now, compartment) in hours().flat_map(|now| [(now, COMPARTMENT), (now, ELSEWHERE)]) {
            let (told, is) = (self.mask(compartment, now), mask(state, compartment, now));
            if told & !is != 0 {
                return Err(Wrong::NewerUnpaused(compartment));
            }
            if is & !told != 0 {
                return Err(Wrong::KeptClosed(compartment));
            }
        }
        for (number, which) in DETECTORS.into_iter().enumerate() {
            let (told, latch) = (&self.findings[number], state.latch(keys(), which));
            let differs = |now: i64| {
                let is = latch.is_some_and(|latch| latch::is_in_force(latch, state.board.unpaused_slot, now));
                told.is_some_and(|finding| finding.is_in_force(self.unpaused, now)) != is
            };
            if hours().any(differs) {
                return Err(Wrong::LatchDiffers(number));
            }
        }
        if let Some((_, vault)) = state.custody.vaults.first() {
            let is_open = self.moved.is_none_or(|moved| moved < self.unpaused);
            if is_active(vault, state.board.unpaused_slot) != is_open {
                return Err(Wrong::VaultDiffers);
            }
        }
        self.compare_papers(state)
    }

    fn compare_papers(&self, state: &State) -> Result<(), Wrong> {
        for (consent, (proposal, _)) in self.consents.iter().zip(state.proposals.iter()) {
            let is_live = is_live(state, proposal);
            if is_live != self.is_live(consent, state.at.now) {
                return Err(Wrong::StoppedByNobody);
            }
            if is_live && proposal.approved_ts != consent.since.map_or(0, |since| since.now) {
                return Err(Wrong::DelayPushedAway);
            }
        }
        Ok(())
    }
}

/// As the accounts have it.
pub fn is_live(state: &State, proposal: &Proposal) -> bool {
    check_live(proposal, &state.council, state.at.now).is_ok()
}

/// One right of who did it, and nobody else's.
fn burns(before: &State, after: &State, signer: &Pubkey) -> Result<(), Wrong> {
    let rights = |state: &State| {
        let member = state.council.members.iter().find(|member| member.key == *signer);
        member.map_or(0, |member| member.pause_rights)
    };
    if rights(after) + 1 == rights(before) {
        Ok(())
    } else {
        Err(Wrong::ForFree)
    }
}

/// Is the breaker still there?
pub fn has_breaker(state: &State) -> bool {
    state.breakers.iter().any(|(key, _)| *key == BREAKER)
}
