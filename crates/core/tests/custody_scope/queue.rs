//! What holds of the queue in every step.

use super::*;

/// What the releases are owed that the vault, or an evacuation's reserve, still has to pay.
pub(super) fn owed(custody: &Custody) -> u64 {
    let ledger = custody.queue_ledgers[0].1;
    let waits = |release: &Release| {
        release.version != 0 && release.state == release_state::QUEUED && release.evacuations >= ledger.queue_from
    };
    let releases = custody.releases.iter().map(|(_, release)| release);
    releases
        .filter(|release| waits(release))
        .map(|release| release.amount - release.paid)
        .sum()
}

/// Nothing that is owed is forgotten, paid twice or kept for nobody.
pub(super) fn check_queue(before: &State, after: &State, signer: Pubkey, action: &Action, story: &str) {
    let (old, new) = (&before.custody, &after.custody);
    let (was, is) = (old.vaults[0].1, new.vaults[0].1);
    let (had, has) = (old.queue_ledgers[0].1, new.queue_ledgers[0].1);
    assert_eq!(is.queued, owed(new), "{story}: the queue is owed something else");
    if was.evacuations != is.evacuations {
        assert_eq!(has.queue_reserve, owed(old), "{story}: not kept for the queue");
    }
    if has.queue_from != had.queue_from {
        assert!(
            matches!(action, Action::Custody(Do::RestoreQueue(_, total)) if *total == owed(old)),
            "{story}: a part of the queue is restored"
        );
        let open = before.domain.open_incident;
        assert_eq!(was.evacuation.incident, open, "{story}: the vault would pay it too");
    }
    for (number, ((key, record), (_, next))) in old.releases.iter().zip(&new.releases).enumerate() {
        let is_restored = record.evacuations < had.queue_from;
        if record.version == 0 {
            // Its number is free, for another release that the host asks for.
            let is_another = signer == OPERATOR
                && matches!(action, Action::Custody(Do::ReleaseAgain(..)))
                && (next.version, next.state, next.paid) == (VERSION, release_state::QUEUED, 0)
                && next.requested_slot == before.at.slot
                && next.evacuations == new.vaults[0].1.evacuations;
            let is_same = bytemuck::bytes_of(record) == bytemuck::bytes_of(next);
            assert!(is_same || is_another, "{story}: it was closed");
            continue;
        }
        if next.version == 0 && record.version != 0 {
            let is_fine = match record.state {
                release_state::PAID => true,
                release_state::CANCELLED => {
                    signer == OPERATOR && matches!(action, Action::Custody(Do::TakeBack(taken)) if *taken == number)
                }
                _ => is_restored,
            };
            assert!(is_fine, "{story}: {key:?} is owed, and its record is gone");
            continue;
        }
        if is_restored && record.state == release_state::QUEUED {
            assert_eq!(
                bytemuck::bytes_of(record),
                bytemuck::bytes_of(next),
                "{story}: its claim pays it"
            );
            continue;
        }
        if record.evacuations != next.evacuations {
            let unpaused = before.board.unpaused_slot;
            // Of the incidents that the vault was evacuated in.
            let evacuated = before.incidents.iter();
            let evacuated = evacuated.filter(|incident| incident.steps[step::EVACUATED].ts != 0);
            let confirmed = evacuated.map(|incident| incident.steps[step::EVACUATION].slot);
            assert!(
                confirmed.max().is_some_and(|confirmed| confirmed < unpaused),
                "{story}: no unpause knew of the evacuation"
            );
            assert!(
                old.tokens[CUSTODY].amount >= owed(old),
                "{story}: others' deposits would pay it"
            );
            assert_eq!((record.state, record.paid), (next.state, next.paid), "{story}");
        }
        if record.state == release_state::QUEUED && next.state == release_state::CANCELLED {
            check_cancelled(before, after, signer, action, record, story);
        }
    }
}

/// Who cancels spends a right, or names what somebody decided.
fn check_cancelled(before: &State, after: &State, signer: Pubkey, action: &Action, record: &Release, story: &str) {
    let incident = before.incidents.last();
    let in_time = incident.is_some_and(|incident| {
        let confirmed = incident.steps[step::EVACUATION];
        let breach = incident.steps[step::BREACH];
        let is_its = record.requested_slot >= breach.slot || record.payable_ts > breach.ts;
        let is_stopped = is_stopped(&before.custody.vaults[0].1, record);
        is_its && (!is_stopped || confirmed.ts == 0 || before.at.now < confirmed.ts + 24 * HOUR)
    });
    let rights = |state: &State| state.council.members[0].pause_rights;
    match action {
        Action::Custody(Do::Cancel(_)) => {
            assert!(signer == GUARDIAN && in_time, "{story}");
            assert!(rights(after) < rights(before), "{story}: for free");
        }
        Action::Custody(Do::CancelListedBy(..)) => assert!(in_time, "{story}"),
        Action::Custody(Do::CancelListed(_)) => {
            assert_ne!(before.custody.vaults[0].1.cancel_root, [0; 32], "{story}");
        }
        _ => panic!("{story}: cancelled by something else"),
    }
}
