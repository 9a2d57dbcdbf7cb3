//! What holds of every step.

use super::*;

/// What somebody did, printed when it matters.
struct Story<'a>(&'a Action, Pubkey);

impl std::fmt::Display for Story<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{:?} by {:?}", self.0, self.1)
    }
}

/// What an owner's note says was brought in and has not left.
fn noted(custody: &Custody, owner: &Pubkey) -> (u64, u32) {
    let found = custody.notes.iter().find(|(whose, _)| whose == owner);
    let note = found.map_or(DepositNote::zeroed(), |(_, note)| *note);
    let amounts = note.entries.iter().map(|entry| entry.amount);
    (amounts.sum(), note.evacuations)
}

/// Notes grow by what arrives and shrink by what is asked for in their owner's name. Gives how much of that note was used.
fn check_notes(old: &Custody, new: &Custody, action: &Action, story: &Story) -> u64 {
    let mut used = 0;
    for (owner, _) in &new.notes {
        let ((before, _), (after, evacuations)) = (noted(old, owner), noted(new, owner));
        let arrived = new.tokens[CUSTODY].amount.saturating_sub(old.tokens[CUSTODY].amount);
        match action {
            Action::Custody(Do::Receive(..)) => assert!(after <= before + arrived, "{story}: noted, and never came"),
            Action::Custody(Do::ReleaseOf(_, _, _, whose)) if whose == owner => {
                assert!(after <= before, "{story}");
                used = before - after;
                let is_of_now = evacuations == old.vaults[0].1.evacuations;
                assert!(used == 0 || is_of_now, "{story}: what it was of has left");
            }
            _ => assert_eq!(after, before, "{story}: a note of {owner:?}"),
        }
    }
    used
}

/// Holds of every step, or the story of the one that broke it.
pub(super) fn check(before: &State, after: &State, signer: Pubkey, action: &Action) {
    let story = Story(action, signer);
    let (old, new) = (&before.custody, &after.custody);
    assert_eq!(old.supply(), new.supply(), "{story}");
    if !matches!(action, Action::Wait { .. }) {
        let (old_board, new_board) = (before.board_bytes(), after.board_bytes());
        let (slot, now) = (after.at.slot, after.at.now);
        let looser = loosening(&before.safety(&old_board), &after.safety(&new_board), slot, now);
        let is_fine = match (looser, action) {
            (None, _) => true,
            (Some(Loosening::Release(key)), Action::Custody(Do::Redirect(number, _))) => {
                let (own, record) = old.releases[*number];
                own == key && record.owner == signer && record.state == release_state::QUEUED
            }
            (Some(looser), Action::Execute(number)) => {
                let record = &before.proposals[*number].0;
                let is_due = record.approved_ts != 0 && now >= record.approved_ts + HOUR;
                let is_about = match before.proposals[*number].1 {
                    Decision::RegisterEvacuationRoute(..) => matches!(looser, Loosening::Vault(_)),
                    _ => true,
                };
                is_due && is_about
            }
            _ => false,
        };
        assert!(is_fine, "{story}: {looser:?}");
    }
    if let Action::Execute(number) = action {
        let (record, decision) = &before.proposals[*number];
        let is_councils = matches!(decision, Decision::ChangeCouncil(_) | Decision::Grant(..));
        let mut confirmed = (before.incidents.iter())
            .flat_map(|incident| [incident.steps[step::FREEZE], incident.steps[step::EVACUATION]])
            .filter(|confirmed| confirmed.ts != 0);
        assert!(
            is_councils || confirmed.all(|confirmed| record.created_slot > confirmed.slot),
            "{story}: it knew nothing of what the guardians have confirmed"
        );
    }
    let vault = old.vaults[0].1;
    // What lies in a recovery account stays somebody's: no proposal here moves it, and no restoration.
    let (was, is) = (vault.evacuation, new.vaults[0].1.evacuation);
    if was.destination == is.destination {
        assert!(
            is.moved - is.drawn >= was.moved - was.drawn,
            "{story}: a recovery account is nobody's"
        );
    }
    // What latches adds up what the host was debited for, and nothing else.
    let owed = new
        .releases
        .iter()
        .filter(|(_, release)| !is_stopped(&new.vaults[0].1, release));
    let owed: u64 = owed.map(|(_, release)| release.amount).sum();
    let breaker = &after.breakers[0].1;
    let is_stale = breaker.evacuations != new.vaults[0].1.evacuations;
    assert!(
        is_stale || breaker.queued <= owed,
        "{story}: {} asked for, {owed} owed",
        breaker.queued
    );
    if let Action::Custody(Do::Release(..) | Do::ReleaseAgain(..)) = action {
        let [was, is] = [before, after].map(|state| state.breakers[0].1.latch);
        let is_new = |(number, (_, release)): (usize, &(Pubkey, Release))| {
            let was = old.releases.get(number).is_some_and(|(_, old)| old.version != 0);
            release.version != 0 && !was
        };
        let is_owed_more = new.releases.iter().enumerate().any(is_new);
        assert!(
            (was.slot, was.until) == (is.slot, is.until) || is_owed_more,
            "{story}: latched, and nobody owes more"
        );
    }
    check_queue(before, after, signer, action, &story.to_string());
    let used = check_notes(old, new, action, &story);
    let left = old.tokens[CUSTODY].amount.checked_sub(new.tokens[CUSTODY].amount);
    let Some(left) = left.filter(|left| *left > 0) else {
        return;
    };
    let (reached, token) = (old.tokens.iter().zip(&new.tokens).enumerate())
        .find(|(_, (old, new))| new.amount > old.amount)
        .map(|(number, (old, _))| (number, *old))
        .expect("it went somewhere");
    let closed = effective_mask(&before.board_bytes(), 1, before.at.now).expect("a board") & action::WITHDRAW;
    match *action {
        Action::Custody(Do::Release(..) | Do::ReleaseAgain(..) | Do::ReleaseOf(..)) => {
            let is_its = matches!(*action, Action::Custody(Do::ReleaseOf(_, _, _, owner)) if owner == token.holder);
            assert!(used == 0 || is_its, "{story}: by another's note");
            assert!(signer == OPERATOR && closed == 0 && left <= 60 + used, "{story}");
            let breaker = &before.breakers[0].1;
            let in_slot = if breaker.last_slot == after.at.slot {
                breaker.slot_outflow
            } else {
                0
            };
            let counted = after.breakers[0].1.slot_outflow - in_slot;
            assert_eq!(counted + used, left, "{story}: counted nowhere");
            assert!(is_active(&vault, before.board.unpaused_slot), "{story}");
        }
        Action::Custody(Do::Settle(number, _)) => {
            let record = old.releases[number].1;
            assert!(closed == 0 && left <= 60, "{story}");
            assert_eq!((record.destination, record.owner), (token.key, token.holder), "{story}");
            assert_eq!(new.releases[number].1.paid, record.paid + left, "{story}");
            assert!(is_active(&vault, before.board.unpaused_slot), "{story}");
            // By the incidents' own timelines, not by the vault's books.
            let evacuated = before.incidents.iter();
            let evacuated = evacuated.filter(|incident| incident.steps[step::EVACUATED].ts != 0);
            assert_eq!(
                usize::try_from(record.evacuations),
                Ok(evacuated.count()),
                "{story}: it stands still, and is paid"
            );
        }
        Action::Custody(Do::Evacuate(..)) => {
            assert_eq!((token.key, token.holder), (vault.route, vault.route_holder), "{story}");
            assert!(
                !token.is_frozen && new.tokens[CUSTODY].amount == 0,
                "{story}: to {reached}"
            );
        }
        _ => panic!("{story}: {left} left custody"),
    }
}
