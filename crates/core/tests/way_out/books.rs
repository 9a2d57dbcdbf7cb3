//! The test's own books: what was closed by whom and when, what the detectors found, who consented to what. They are
//! kept from what was done alone, and never from what the acts made of it, and say after each step how things must stand.

mod records;
mod write;

use bulkhead_core::{
    custody::is_active,
    detectors::latch,
    machine::{Decision, State, Which},
    proposals::proposal::check_live,
};
use bulkhead_guard::action;
use bulkhead_interface::{
    Pubkey,
    layout::{BoardRow, Council, Proposal},
};
use records::{Closing, Consent, Finding, Veto};

use crate::scene::{BREAKER, COMPARTMENT, DETECTORS, ELSEWHERE, HEARTBEAT, HONEST, HOSTILE, HOUR, Move, TRIP, keys};

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

/// Active, and not just back.
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

    /// After a step from `before`, which it was, to `after`.
    pub fn follow(&self, before: &State, what: &Move, after: &State) -> Result<Self, Wrong> {
        let mut books = self.clone();
        books.write(before, what, after)?;
        let now = after.at.now;
        books.closings.retain(|closing| now < closing.until);
        books.compare(after)?;
        Ok(books)
    }

    /// Does everything stand as the books say, now and at every hour that something ends?
    fn compare(&self, state: &State) -> Result<(), Wrong> {
        let hours = || (0..=TRIP / HOUR).map(|hour| state.at.now + hour * HOUR);
        for (now, compartment) in hours().flat_map(|now| [(now, COMPARTMENT), (now, ELSEWHERE)]) {
            let (reported, is) = (self.mask(compartment, now), mask(state, compartment, now));
            if reported & !is != 0 {
                return Err(Wrong::NewerUnpaused(compartment));
            }
            if is & !reported != 0 {
                return Err(Wrong::KeptClosed(compartment));
            }
        }
        for (number, which) in DETECTORS.into_iter().enumerate() {
            let (reported, latch) = (&self.findings[number], state.latch(keys(), which));
            let differs = |now: i64| {
                let is = latch.is_some_and(|latch| latch::is_in_force(latch, state.board.unpaused_slot, now));
                reported.is_some_and(|finding| finding.is_in_force(self.unpaused, now)) != is
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

/// Is the breaker still there?
pub fn has_breaker(state: &State) -> bool {
    state.breakers.iter().any(|(key, _)| *key == BREAKER)
}
