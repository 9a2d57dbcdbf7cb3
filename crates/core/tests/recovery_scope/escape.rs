//! The escape: it opens after its time and never before, by the state it has to, and nobody keeps it closed.
//!
//! A council that does nothing or everything but resolve the incident, a thief, a borrower and a stranger make every
//! move of the ballot in any order. From every state reached the holders are paid once the clock has run out, with what
//! custody and the recovery account hold, without anybody's help.

use std::rc::Rc;

use super::{voting::ballot_moves, *};
use bulkhead_core::{CoreError, escape::clock};
use bulkhead_interface::{
    constants::{CHECKPOINTS, ESCAPE_SEAL_SECONDS, MIN_ESCAPE_SECONDS, checkpoint_state, snapshot_flag, step},
    layout::{CheckpointLog, PauseBoard},
};

/// Slots of the checkpoints, by number of their snapshots.
const SLOTS: [u64; 3] = [0, 10, 20];
const BREACH: u64 = 90;
const ESCAPE: i64 = MIN_ESCAPE_SECONDS;
const SEAL: i64 = ESCAPE_SEAL_SECONDS;
/// What custody holds; the recovery account has 3 for the ledger, and the claims are 7.
const IN_CUSTODY: u64 = 2;

/// How the own snapshot and the checkpoints stand.
#[derive(Clone, Copy, Debug)]
struct Begin {
    is_sealed: bool,
    /// By an override: the approvers say whose positions count.
    is_overridden: bool,
    published: [bool; 2],
}

fn log(published: [bool; 2]) -> CheckpointLog {
    let mut log = CheckpointLog {
        version: VERSION,
        domain: DOMAIN,
        ..CheckpointLog::zeroed()
    };
    for ((entry, slot), is_published) in log.entries.iter_mut().zip([SLOTS[1], SLOTS[2]]).zip(published) {
        (entry.slot, entry.posted_slot, entry.state) = (slot, slot, checkpoint_state::ATTESTED);
        entry.published = if is_published { u16::MAX } else { 0 };
    }
    const { assert!(CHECKPOINTS > 2) };
    log
}

fn beginning(begin: Begin) -> Recovery {
    let mut world = frozen();
    world.domain.escape_seconds = ESCAPE;
    clock::begin(&mut world.domain, &PauseBoard::zeroed(), NOW);
    world.incident.1.steps[step::BREACH].slot = BREACH;
    world.incident.1.steps[step::FREEZE].ts = NOW;
    world.snapshots[0].1.state = if begin.is_sealed {
        snapshot_state::SEALED
    } else {
        snapshot_state::OPEN
    };
    if begin.is_overridden {
        world.snapshots[0].1.flags = snapshot_flag::OVERRIDDEN;
    }
    for ((_, snapshot), slot) in world.snapshots.iter_mut().zip(SLOTS) {
        snapshot.checkpoint_slot = slot;
        snapshot.sealed_ts = NOW;
    }
    world.log = Some(Rc::new(log(begin.published)));
    world.custody = IN_CUSTODY;
    world
}

const fn begin(is_sealed: bool, is_overridden: bool, published: [bool; 2]) -> Begin {
    Begin {
        is_sealed,
        is_overridden,
        published,
    }
}

const BEGINNINGS: [Begin; 6] = [
    begin(true, false, [true, true]),
    begin(false, false, [true, true]),
    begin(false, false, [true, false]),
    begin(false, false, [false, false]),
    begin(true, true, [true, false]),
    begin(true, true, [false, false]),
];

/// By the test's own books: which snapshot the escape pays by at this time, if any.
fn lawful(begin: Begin, now: i64) -> Option<usize> {
    let newest = match begin.published {
        [_, true] => Some(2),
        [true, false] => Some(1),
        [false, false] => None,
    };
    if now < NOW + ESCAPE {
        return None;
    }
    if begin.is_sealed && !begin.is_overridden {
        return Some(0);
    }
    let last_resort = begin.is_sealed.then_some(0);
    newest.or(last_resort).filter(|_| now >= NOW + ESCAPE + SEAL)
}

fn moves() -> Vec<(Pubkey, Move)> {
    let mut all = ballot_moves();
    all.extend([
        (STRANGER, Move::Wait(SEAL)),
        (STRANGER, Move::Wait(ESCAPE)),
        (STRANGER, Move::Escape(0)),
        (STRANGER, Move::Escape(1)),
        (STRANGER, Move::Escape(2)),
        (STRANGER, Move::DrawCustody),
        (STRANGER, Move::Draw),
    ]);
    all
}

fn fingerprint(world: &Recovery) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2_000);
    bytes.extend(world.at.now.to_le_bytes());
    bytes.push(world.domain.state);
    bytes.extend(world.custody.to_le_bytes());
    bytes.extend(world.pool.to_le_bytes());
    if let Some(ballot) = &world.ballot {
        bytes.extend_from_slice(bytemuck::bytes_of(ballot));
    }
    for voter in &world.voters {
        bytes.extend_from_slice(bytemuck::bytes_of(&voter.escrow));
        bytes.push(u8::from(voter.record.is_some()));
    }
    if let Some(restoration) = &world.restoration {
        bytes.extend_from_slice(restoration.snapshot.as_ref());
        bytes.push(restoration.flags);
    }
    bytes
}

/// The laws of one step.
fn check(begin: Begin, before: &Recovery, after: &Recovery, action: Move) -> Result<(), String> {
    if clock::due(&after.domain) != Some(NOW + ESCAPE) {
        return Err("the clock moved".into());
    }
    let now = before.at.now;
    match action {
        Move::Escape(number) if before.restoration.is_some() => Err(format!("{number} replaced what was chosen")),
        Move::Escape(number) if lawful(begin, now) != Some(number) => Err(format!("it opened by {number}")),
        Move::DrawCustody if now < NOW + ESCAPE => Err("custody was drawn before the escape".into()),
        _ => Ok(()),
    }
}

type Broken = fn(&Recovery, &Pubkey, Move) -> Result<Recovery, CoreError>;

fn explore(
    begin: Begin,
    depth: usize,
    step: Broken,
    mut visit: impl FnMut(&Recovery) -> Result<(), String>,
) -> Result<usize, String> {
    let mut seen = HashSet::new();
    let mut frontier = vec![beginning(begin)];
    let moves = moves();
    for _ in 0..depth {
        let mut next = Vec::new();
        for world in &frontier {
            visit(world)?;
            for (signer, action) in &moves {
                let Ok(after) = step(world, signer, *action) else {
                    continue;
                };
                check(begin, world, &after, *action).map_err(|law| format!("{action:?}: {law}"))?;
                if seen.insert(fingerprint(&after)) {
                    next.push(after);
                }
            }
        }
        frontier = next;
    }
    Ok(seen.len())
}

/// Everything that others would do between two steps: they run the ballot, choose what has won, and wait.
fn meddle(world: &mut Recovery) {
    let tricks = [
        (STRANGER, Move::OpenBallot),
        (THIEF, Move::Nominate(1)),
        (THIEF, Move::Nominate(2)),
        (THIEF, Move::Start),
        (STRANGER, Move::Deposit(1, 250)),
        (STRANGER, Move::Vote(1, 1)),
        (STRANGER, Move::Renew(None)),
        (STRANGER, Move::Send(1)),
    ];
    for (signer, action) in tricks {
        if let Ok(next) = world.step(&signer, action) {
            *world = next;
        }
    }
}

/// What anyone does, with nobody's help: waits, opens the escape, moves the tokens, and claims.
fn way_out(begin: Begin, world: &Recovery) -> Result<(), String> {
    let mut world = world.clone();
    let attempt = |world: &mut Recovery, action: Move| {
        if let Ok(next) = world.step(&STRANGER, action) {
            *world = next;
        }
        meddle(world);
    };
    for wait in [ESCAPE, SEAL] {
        attempt(&mut world, Move::Wait(wait));
    }
    for number in 0..3 {
        attempt(&mut world, Move::Escape(number));
    }
    if world.restoration.is_none() {
        return if lawful(begin, world.at.now).is_none() {
            Ok(())
        } else {
            Err("the escape does not open".into())
        };
    }
    for action in [
        Move::DrawCustody,
        Move::Draw,
        Move::ShareOut,
        Move::Claim(0),
        Move::Claim(1),
        Move::Claim(2),
    ] {
        attempt(&mut world, action);
    }
    let plan = world.restoration.ok_or("it is gone")?;
    // Strangers may have paid the claims in full; then custody keeps what it has.
    let is_left = world.custody != 0 && plan.shared < plan.total;
    if is_left || plan.shared < plan.total.min(IN_CUSTODY + 3) {
        return Err(format!("{} left in custody, {} shared out", world.custody, plan.shared));
    }
    for leaf in &world.leaves {
        if leaf.received < payout_floor(leaf.amount, IN_CUSTODY + 3, plan.total).unwrap_or(u64::MAX) {
            return Err(format!("{leaf:?} is not paid its share"));
        }
    }
    Ok(())
}

fn honest(world: &Recovery, signer: &Pubkey, action: Move) -> Result<Recovery, CoreError> {
    world.step(signer, action)
}

#[test]
fn the_escape_opens_in_time_by_the_right_state_and_nobody_keeps_it_closed() {
    let mut states = 0;
    for begin in BEGINNINGS {
        let mut seen = 0usize;
        let count = explore(begin, 5, honest, |world| {
            seen += 1;
            if seen.is_multiple_of(3) {
                way_out(begin, world)?;
            }
            Ok(())
        });
        states += count.unwrap_or_else(|law| panic!("{begin:?}: {law}"));
    }
    println!("{states} states");
    assert!(states > 10_000, "{states}");
}

#[test]
fn a_broken_escape_is_found() {
    let early: Broken = |world, signer, action| {
        let mut world = world.clone();
        if matches!(action, Move::Escape(_)) {
            world.domain.frozen_ts -= ESCAPE;
            let mut after = world.step(signer, action)?;
            after.domain.frozen_ts += ESCAPE;
            return Ok(after);
        }
        world.step(signer, action)
    };
    let older: Broken = |world, signer, action| {
        let mut before = world.clone();
        if action == Move::Escape(1)
            && let Some(log) = &mut before.log
        {
            Rc::make_mut(log).entries[1].published = 0;
        }
        before.step(signer, action)
    };
    let forgetful: Broken = |world, signer, action| {
        let mut after = world.step(signer, action)?;
        if matches!(action, Move::Renew(_) | Move::OpenBallot) {
            after.domain.frozen_ts = after.at.now + 1;
        }
        Ok(after)
    };
    let locked: Broken = |world, signer, action| match action {
        Move::Escape(_) if world.ballot.is_some() => Err(CoreError::BallotStillVoting),
        _ => world.step(signer, action),
    };
    for (name, broken) in [("early", early), ("older", older), ("forgetful", forgetful)] {
        let found = BEGINNINGS
            .into_iter()
            .any(|begin| explore(begin, 4, broken, |_| Ok(())).is_err());
        assert!(found, "{name} was not found");
    }
    // A ballot that kept the escape closed would be a way to keep it closed for ever.
    let world = beginning(BEGINNINGS[0]);
    let opened = world.step(&STRANGER, Move::OpenBallot).expect("it opens");
    let late = opened.step(&STRANGER, Move::Wait(ESCAPE)).expect("it waits");
    assert!(locked(&late, &STRANGER, Move::Escape(0)).is_err() && late.step(&STRANGER, Move::Escape(0)).is_ok());
}

#[test]
fn a_chosen_state_and_an_escape_exclude_each_other() {
    let mut world = beginning(BEGINNINGS[0]);
    world.at.now += ESCAPE;
    let escaped = world.step(&STRANGER, Move::Escape(0)).expect("it is due");
    assert_eq!(
        escaped.step(&STRANGER, Move::Escape(0)).map(|_| ()),
        Err(CoreError::ArgumentOutOfRange)
    );
    assert_eq!(
        escaped.step(&STRANGER, Move::Choose(0)).map(|_| ()),
        Err(CoreError::ArgumentOutOfRange)
    );
}

#[test]
fn after_the_incident_custody_belongs_to_the_host_again() {
    let mut world = beginning(BEGINNINGS[0]);
    world.at.now += ESCAPE;
    let mut escaped = world.step(&STRANGER, Move::Escape(0)).expect("it is due");
    for state in [phase::ALERT, phase::OPERATING] {
        escaped.domain.state = state;
        assert_eq!(
            escaped.step(&STRANGER, Move::DrawCustody).map(|_| ()),
            Err(CoreError::WrongPhase)
        );
    }
    escaped.domain.state = phase::FROZEN;
    escaped.domain.open_incident = key(77);
    assert_eq!(
        escaped.step(&STRANGER, Move::DrawCustody).map(|_| ()),
        Err(CoreError::IncidentNotOpen)
    );
}

#[test]
fn a_contested_or_doubted_checkpoint_is_passed_over() {
    let begin = BEGINNINGS[1];
    let mut world = beginning(begin);
    world.at.now += ESCAPE + SEAL;
    let older = world.step(&STRANGER, Move::Escape(1)).map(|_| ());
    assert_eq!(older, Err(CoreError::NewerCheckpoint));
    Rc::make_mut(world.log.as_mut().expect("there")).entries[1].state = checkpoint_state::CONTESTED;
    assert_eq!(
        world.step(&STRANGER, Move::Escape(2)).map(|_| ()),
        Err(CoreError::CheckpointContested)
    );
    assert!(world.step(&STRANGER, Move::Escape(1)).is_ok());
    // Nor one whose snapshot was opened only now: others need time to void it.
    world.snapshots[1].1.sealed_ts = world.at.now - SEAL + 1;
    assert_eq!(
        world.step(&STRANGER, Move::Escape(1)).map(|_| ()),
        Err(CoreError::EscapeNotDue)
    );
    world.snapshots[1].1.state = snapshot_state::VOID;
    assert_eq!(
        world.step(&STRANGER, Move::Escape(1)).map(|_| ()),
        Err(CoreError::SnapshotNotSealed)
    );
}
