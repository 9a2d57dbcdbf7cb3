//! The steps of one ledger, from the snapshot to the claims.

use anchor_lang::prelude::Pubkey;
use bulkhead::decision::Decision;
use bulkhead_core::{
    CoreError,
    acts::{self, Gathered, Sealing, require_settled},
    ballots::ballot::{self, candidates},
    checkpoints::checkpoint::newest_usable,
    escape::clock,
    restoration::share,
    snapshots::layout::{self, Factors},
};
use bulkhead_interface::{
    constants::{
        NOMINATION_PATIENCE_SECONDS, NOMINATION_SECONDS, RESEAL_SECONDS, SHARDS, ballot_state, role, snapshot_state,
        step,
    },
    layout::{Ballot, CheckpointLog, Incident, Interim, Ledger, Restoration, Snapshot, SnapshotShard},
};

use super::{
    ClaimsEnd,
    next_step::{By, NextStep, Step, amount_of, proposed, with},
    recovery::{in_custody, recoverable},
    seen::Seen,
    words,
};
use crate::pda;

/// The steps of `ledger` in the open incident.
pub(super) fn of(seen: &Seen, incident: (&Pubkey, &Incident), ledger: &Ledger) -> Vec<NextStep> {
    let index = ledger.index;
    let restoration = seen.accounts.find::<Restoration>(&pda::restoration(incident.0, index));
    let steps = match restoration {
        Some(restoration) => paying(seen, incident.1, &restoration),
        None => std::iter::once(choosing(seen, incident, ledger))
            .chain(interim(seen, incident, ledger))
            .chain(escaping(seen, index))
            .collect(),
    };
    steps.into_iter().map(|step| step.of(index)).collect()
}

/// Where a share was agreed in peace, anyone opens it beside the vote.
fn interim(seen: &Seen, (incident_key, incident): (&Pubkey, &Incident), ledger: &Ledger) -> Option<NextStep> {
    let index = ledger.index;
    let is_open = seen
        .accounts
        .find::<Interim>(&pda::interim(incident_key, index))
        .is_some();
    if ledger.interim_bps == 0 || is_open {
        return None;
    }
    let snapshot = seen.accounts.find::<Snapshot>(&pda::snapshot(incident_key, index))?;
    let log = seen
        .accounts
        .find::<CheckpointLog>(&pda::checkpoint_log(&snapshot.domain, index))?;
    let breach = incident.steps.get(step::BREACH)?;
    let latest = breach.ts.saturating_sub(ledger.interim_age_seconds);
    let slot = newest_usable(&log, breach.slot, latest)?;
    if snapshot.state != snapshot_state::SEALED {
        return None;
    }
    let text = format!(
        "ledger {index}: anyone opens the interim share-out, of the snapshot and of the checkpoint of slot {slot}"
    );
    Some(once_settled(seen, &snapshot, NextStep::anyone(Step::OpenInterim, text)))
}

/// The escape, if the domain's rules have one: what anyone does when nobody resolves the incident.
fn escaping(seen: &Seen, index: u8) -> Option<NextStep> {
    let due = clock::due(&seen.domain)?;
    let text = format!(
        "ledger {index}: anyone opens the escape {}, without a vote and without the council",
        words::when(due, seen.at.now)
    );
    let step = NextStep::anyone(Step::OpenEscape, text).from(due, seen.at.now);
    Some(step.alternative())
}

/// Until a state is chosen.
fn choosing(seen: &Seen, (incident_key, incident): (&Pubkey, &Incident), ledger: &Ledger) -> NextStep {
    let index = ledger.index;
    let key = pda::snapshot(incident_key, index);
    let named = |text: &str| format!("ledger {index}: {text}");
    let Some(snapshot) = seen.accounts.find::<Snapshot>(&key) else {
        let text = named("anyone opens the snapshot, then cranks its positions");
        return NextStep::anyone(Step::OpenSnapshot, text);
    };
    if snapshot.state == snapshot_state::OPEN {
        return cranking(seen, incident, (&key, &snapshot), ledger);
    }
    let Some(ballot) = seen.accounts.find::<Ballot>(&pda::ballot(incident_key, index)) else {
        let text = named("anyone opens the ballot and adds the sealed snapshot");
        return once_settled(seen, &snapshot, NextStep::anyone(Step::OpenBallot, text));
    };
    if ballot.state == ballot_state::NOMINATING {
        return nominating(seen, &ballot, &key, &snapshot);
    }
    let now = seen.at.now;
    if now < ballot.ends_ts {
        let ends = words::when(ballot.ends_ts, now);
        let text = named(&format!("token holders vote until {ends}"));
        return NextStep::anyone(Step::Vote, text).by(By::TokenHolders, vec![]);
    }
    match ballot::chosen(&ballot, now) {
        Ok(chosen) => {
            let is_it = |decision: &Decision| {
                matches!(decision, Decision::ChooseRestoration(args)
                    if args.snapshot == chosen.snapshot && args.incident == *incident_key && args.root == chosen.root)
            };
            proposed(seen, Step::Choose, is_it).unwrap_or_else(|| {
                let text = named(&format!("approvers propose to restore the winner, {}", chosen.snapshot));
                NextStep::anyone(Step::Choose, text).by(By::Approvers, with(seen, role::APPROVER))
            })
        }
        Err(CoreError::ResultDisputable) => {
            let stands = ballot::stands_at(&ballot);
            let text = named(&format!(
                "the result stands {}, unless a vetoer vetoes it",
                words::when(stands, now)
            ));
            NextStep::anyone(Step::Choose, text)
                .by(By::Approvers, with(seen, role::APPROVER))
                .from(stands, now)
        }
        Err(_) => {
            let text = named("anyone runs the vote again: it has no winner");
            NextStep::anyone(Step::RenewBallot, text)
        }
    }
}

/// A snapshot goes to the vote once no better seal can replace it.
fn once_settled(seen: &Seen, snapshot: &Snapshot, step: NextStep) -> NextStep {
    match require_settled(snapshot, seen.at.now) {
        Ok(()) => step,
        Err(_) => step.from(snapshot.first_sealed_ts.saturating_add(RESEAL_SECONDS), seen.at.now),
    }
}

fn nominating(seen: &Seen, ballot: &Ballot, key: &Pubkey, snapshot: &Snapshot) -> NextStep {
    let index = ballot.ledger_index;
    let listed = candidates(ballot).iter().find(|row| row.snapshot == *key);
    if listed.is_none_or(|row| row.root != snapshot.root) {
        let text = format!("ledger {index}: anyone adds the sealed snapshot to the ballot");
        return once_settled(seen, snapshot, NextStep::anyone(Step::OpenBallot, text));
    }
    let now = seen.at.now;
    // The candidates must have stood for the dispute window, if there is one.
    let settled = ballot::settled_at(ballot);
    let day = ballot.nominating_ts.saturating_add(NOMINATION_SECONDS).max(settled);
    let week = ballot.nominating_ts.saturating_add(NOMINATION_PATIENCE_SECONDS);
    let week = week.max(settled);
    let text = format!(
        "ledger {index}: a guardian or an approver starts the vote from {}; anyone from {}",
        words::when(day, now),
        words::utc(week)
    );
    let step = NextStep::anyone(Step::StartVote, text);
    if now < week {
        let members = with(seen, role::GUARDIAN | role::APPROVER);
        step.by(By::Members, members).from(day, now)
    } else {
        step
    }
}

/// Is everything read? The host's own total says so.
fn cranking(seen: &Seen, incident: &Incident, snapshot: (&Pubkey, &Snapshot), ledger: &Ledger) -> NextStep {
    let index = ledger.index;
    let mut fullest: [Option<SnapshotShard>; SHARDS] = [None; SHARDS];
    let shards = seen.accounts.all::<SnapshotShard>().into_iter().map(|(_, shard)| shard);
    for shard in shards.filter(|shard| shard.snapshot == *snapshot.0) {
        if let Some(place) = fullest.get_mut(usize::from(shard.shard))
            && place.is_none_or(|known| (known.count, known.seen) < (shard.count, shard.seen))
        {
            *place = Some(shard);
        }
    }
    let fullest: Vec<_> = fullest.into_iter().flatten().collect();
    let positions: u64 = fullest.iter().map(|shard| u64::from(shard.seen)).sum();
    if is_complete(seen, incident, snapshot, ledger, &fullest) {
        let text = format!(
            "ledger {index}: anyone seals the snapshot: its {} agree with the host's total",
            words::count(positions, "position")
        );
        return NextStep::anyone(Step::Seal, text);
    }
    let text = format!(
        "ledger {index}: anyone cranks the snapshot; {} read so far",
        words::count(positions, "position")
    );
    NextStep::anyone(Step::Crank, text)
}

fn is_complete(
    seen: &Seen,
    incident: &Incident,
    (key, snapshot): (&Pubkey, &Snapshot),
    ledger: &Ledger,
    shards: &[SnapshotShard],
) -> bool {
    let mut gathered = Gathered::default();
    for shard in shards {
        if gathered.take((key, snapshot), &mut { *shard }, true).is_err() {
            return false;
        }
    }
    let total = seen.accounts.raw(&ledger.total_account);
    let sealing = Sealing {
        domain: &seen.domain,
        ledger,
        host_total: total.and_then(|total| layout::read_total(ledger, &total.owner, &total.data)),
        // They only say how far a sum is from the total, which decides nothing here.
        factors: Factors::default(),
        is_restored: false,
        at: seen.at,
    };
    acts::seal_snapshot(&mut { *snapshot }, &mut { *incident }, gathered, &sealing).is_ok()
}

/// Once a state is chosen.
fn paying(seen: &Seen, incident: &Incident, restoration: &Restoration) -> Vec<NextStep> {
    let index = restoration.ledger_index;
    let pool = seen.accounts.balance(&restoration.pool).unwrap_or(0);
    let amount = |amount: u64| amount_of(seen, amount, &restoration.mint);
    let mut steps = Vec::new();
    let end = ClaimsEnd::of(restoration);
    let in_words = |end: ClaimsEnd| end.words(seen.at.now);
    if let Some(end) = end.filter(|end| end.is_swept || end.ts <= seen.at.now) {
        // A sweep moves everything; only what was sent to the pool since is left for another.
        let is_done = end.is_swept && pool == 0;
        let text = format!("ledger {index}: {}", in_words(end));
        return (!is_done)
            .then(|| NextStep::anyone(Step::Claim, text))
            .into_iter()
            .collect();
    }
    let locked = in_custody(seen, restoration, pool);
    if locked > 0 {
        let text = format!(
            "ledger {index}: anyone moves {} from custody into the pool, for the escape is due",
            amount(locked)
        );
        steps.push(NextStep::anyone(Step::Fund, text));
    }
    let due = recoverable(seen, restoration, pool);
    if due > 0 {
        let text = format!(
            "ledger {index}: anyone moves {} from the recovery accounts into the pool",
            amount(due)
        );
        steps.push(NextStep::anyone(Step::Fund, text));
    }
    if let Ok(added) = acts::share_out(&mut { *restoration }, &mut { *incident }, pool, seen.at) {
        let text = format!("ledger {index}: anyone shares out {} to the claims", amount(added));
        steps.push(NextStep::anyone(Step::Share, text));
    }
    let open = restoration.shared.saturating_sub(restoration.paid);
    if open > 0 {
        let text = format!(
            "ledger {index}: owners, or anyone for them, claim the {} of {} that are shared out and not paid{}",
            amount(open),
            amount(restoration.total),
            end.map_or_else(String::new, |end| format!("; {}", in_words(end)))
        );
        steps.push(NextStep::anyone(Step::Claim, text));
    }
    let lacking = share::lacking(restoration, pool).saturating_sub(due);
    if lacking > 0 {
        let text = format!(
            "ledger {index}: the claims lack {}, which anyone may pay into the pool",
            amount(lacking)
        );
        steps.push(NextStep::anyone(Step::Fund, text).alternative());
    }
    steps
}
