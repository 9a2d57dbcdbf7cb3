//! What each step adds to the books.

use bulkhead_core::machine::{Action, CustodyAction, Decision, State, Which};
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::{Pubkey, constants::domain_flag};

use super::{Books, Closing, Consent, Finding, Veto, Wrong, are_enough, bit, counted, counts, records::By};
use crate::scene::{COMPARTMENT, DETECTORS, EXPIRY, GUARDIAN_PAUSE, HOSTILE, LATCH, LIMIT, Move, RIGHTS, TRIP};

impl Books {
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

    pub(super) fn write(&mut self, before: &State, what: &Move, after: &State) -> Result<(), Wrong> {
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
