//! Interim claims, in every order with the choice of a state and with final claims.

use bulkhead_core::CoreError;
use bulkhead_interface::constants::{checkpoint_state, incident_state, interim_state, step};

use super::*;

const CUSTODY: Pubkey = key(13);
const VAULT: Pubkey = key(14);
/// What the vault's custody holds, and what its evacuation brought to the recovery account before.
const IN_CUSTODY: u64 = 80;
const EVACUATED: u64 = 30;
const BPS: u16 = 5_000;
const CAP: u64 = 12;
const BREACH: u64 = 50;
/// Amounts of four positions: in the snapshot, in the checkpoint, in a third state. The thief has only the first, a
/// victim of rewritten balances only the second, and somebody withdrew between them.
const AMOUNTS: [[u64; 3]; 4] = [[50, 40, 3], [60, 0, 20], [0, 50, 30], [20, 80, 80]];

/// Frozen, both states there, with a ballot that has chosen `state`. The proposal for it has matured.
fn agreed(state: usize) -> Recovery {
    let mut world = frozen();
    for (number, (_, snapshot)) in world.snapshots.iter_mut().enumerate() {
        snapshot.total = AMOUNTS.iter().map(|amounts| amounts[number]).sum();
        snapshot.checkpoint_slot = number as u64;
    }
    let mut log = CheckpointLog::zeroed();
    log.domain = DOMAIN;
    let entry = &mut log.entries[0];
    (entry.slot, entry.posted_slot, entry.state) = (1, 1, checkpoint_state::ATTESTED);
    world.log = Some(Rc::new(log));
    world.incident.1.steps[step::BREACH].slot = BREACH;
    world.incident.1.steps[step::BREACH].ts = NOW;
    let ledger = world.ledger.as_mut().expect("registered");
    (ledger.interim_bps, ledger.interim_cap) = (BPS, CAP);
    world.keys.interim = (key(42), 255);
    world.keys.vault = VAULT;
    world.keys.pool = key(43);
    world.vault.custody = CUSTODY;
    world.custody = IN_CUSTODY;
    world.vault.evacuation.moved = EVACUATED;
    // More than this vault brought: another one has the same recovery account.
    world.recovery_account.1 = EVACUATED + 20;
    world.council.members[0].roles |= role::GUARDIAN;
    world.council.members[0].pause_rights = 1;
    world.leaves = (1..)
        .zip(AMOUNTS)
        .map(|(number, [amount, second, third])| Leaf {
            others: Some([second, third]),
            ..leaf(number, amount)
        })
        .collect();
    world.treasury = 400;
    let (key, snapshot) = world.snapshots[state];
    world.matured = vec![Plan {
        incident: INCIDENT,
        snapshot: key,
        root: snapshot.root,
        ledger_index: 0,
    }];
    let mut ballot = bulkhead_interface::layout::Ballot::zeroed();
    (ballot.version, ballot.domain, ballot.incident) = (VERSION, DOMAIN, INCIDENT);
    (ballot.elected, ballot.elected_root) = (key, snapshot.root);
    world.ballot = Some(ballot);
    world
}

fn moves(state: usize) -> Vec<(Pubkey, Move)> {
    let claims = (0..AMOUNTS.len()).flat_map(|number| [Move::ClaimInterim(number), Move::Claim(number)]);
    let others = [
        Move::OpenInterim,
        Move::FundInterim(Purse::Custody),
        Move::FundInterim(Purse::RecoveryAccount),
        Move::Choose(state),
        Move::Draw,
        Move::ShareOut,
    ];
    let mut all: Vec<_> = claims.chain(others).map(|action| (STRANGER, action)).collect();
    all.push((HONEST, Move::StopInterim(0)));
    all
}

fn tokens(world: &Recovery) -> u64 {
    let received: u64 = world.leaves.iter().map(|leaf| leaf.received).sum();
    world.pool + world.custody + world.recovery_account.1 + world.treasury + received
}

/// The laws of one state of the world.
fn lawful(world: &Recovery, start: &Recovery) -> Result<(), String> {
    let check = |holds: bool, law: &str| if holds { Ok(()) } else { Err(law.to_owned()) };
    check(tokens(world) == tokens(start), "tokens are conserved")?;
    let received: u64 = world.leaves.iter().map(|leaf| leaf.received).sum();
    let Some(interim) = world.interim.as_deref() else {
        return Ok(());
    };
    let totals: Vec<u64> = (0..3)
        .map(|number| AMOUNTS.iter().map(|amounts| amounts[number]).sum())
        .collect();
    // Of what was there when it was opened.
    let most = (IN_CUSTODY + EVACUATED) * u64::from(BPS) / 10_000;
    if interim.state == interim_state::OPEN {
        check(interim.shared <= most, "more than the share was shared out")?;
        check(received == interim.paid, "the share-out knows what it paid")?;
        check(
            interim.shared - interim.paid <= world.pool,
            "the pool covers what is due",
        )?;
        for (leaf, amounts) in world.leaves.iter().zip(AMOUNTS) {
            check(leaf.books == [leaf.received; 2], "both books say what was paid")?;
            check(leaf.received <= CAP, "a position got more than the most")?;
            for number in 0..2 {
                let fair = amounts[number] * most / totals[number];
                check(leaf.received <= fair, "a leaf got more than its share")?;
            }
        }
    }
    let Some(plan) = &world.restoration else { return Ok(()) };
    check(
        plan.paid <= plan.shared && plan.shared <= plan.total && plan.shared - plan.paid <= world.pool,
        "the pool covers the shares",
    )
}

fn fingerprint(world: &Recovery) -> Vec<u64> {
    let mut all = vec![world.pool, world.custody, world.recovery_account.1, world.treasury];
    all.extend([
        world.vault.evacuation.drawn,
        world.council.members[0].pause_rights.into(),
    ]);
    for leaf in &world.leaves {
        all.extend([leaf.paid, leaf.books[0], leaf.books[1], leaf.received]);
    }
    if let Some(interim) = &world.interim {
        all.extend([
            interim.shared,
            interim.paid,
            interim.state.into(),
            interim.sources[0].drawn,
        ]);
    }
    if let Some(plan) = &world.restoration {
        all.extend([plan.shared, plan.paid]);
    }
    all
}

/// Visits every state there is, and returns their number.
fn explore(
    state: usize,
    broken: Broken,
    mut visit: impl FnMut(&Recovery) -> Result<(), String>,
) -> Result<usize, String> {
    let start = agreed(state);
    let mut seen = HashSet::new();
    let mut frontier = vec![start.clone()];
    while let Some(world) = frontier.pop() {
        visit(&world)?;
        for (signer, action) in moves(state) {
            let Some(after) = step(&world, &signer, action, broken) else {
                continue;
            };
            lawful(&after, &start).map_err(|law| format!("{action:?}: {law}"))?;
            if seen.insert(fingerprint(&after)) {
                frontier.push(after);
            }
        }
    }
    Ok(seen.len())
}

/// Whatever happened, the chosen state is paid: by its amounts, or what was paid before if that was more.
fn ends_paid(world: &Recovery, state: usize, broken: Broken) -> Result<(), String> {
    let mut world = world.clone();
    let mut steps = vec![Move::Choose(state)];
    for _ in 0..3 {
        steps.extend([Move::Draw, Move::Fund(1_000), Move::ShareOut]);
        steps.extend((0..AMOUNTS.len()).map(Move::Claim));
    }
    for action in steps {
        if let Some(next) = step(&world, &STRANGER, action, broken) {
            world = next;
        }
    }
    for (number, (leaf, amounts)) in world.leaves.iter().zip(AMOUNTS).enumerate() {
        let amount = amounts[state];
        let is_paid = leaf.received == amount || (state == 2 && amount < leaf.received && leaf.received <= CAP);
        if !is_paid {
            return Err(format!("position {number} got {} of {}", leaf.received, amounts[state]));
        }
    }
    Ok(())
}

#[test]
fn no_state_is_overpaid_before_the_vote_and_every_state_is_paid_after_it() {
    for state in 0..3 {
        let states = explore(state, Broken::Nothing, |world| ends_paid(world, state, Broken::Nothing));
        let states = states.unwrap_or_else(|law| panic!("state {state}: {law}"));
        assert!(states > 300, "{states}");
    }
}

#[test]
fn broken_interim_claims_are_found() {
    let is_found =
        |state: usize, broken: Broken| explore(state, broken, |world| ends_paid(world, state, broken)).is_err();
    assert!(is_found(0, Broken::GivesTwice));
    assert!(is_found(1, Broken::ForgetsCheckpointsBook));
    assert!(is_found(2, Broken::ForgetsThirdState));
}

/// A contested checkpoint pays nothing more, nor does a snapshot that was sealed again, nor an incident that is over.
#[test]
fn interim_claims_end() {
    let open = |world: &Recovery| {
        let world = world.step(&STRANGER, Move::OpenInterim).expect("both states are there");
        world
            .step(&STRANGER, Move::FundInterim(Purse::Custody))
            .expect("there are tokens")
    };
    let world = open(&agreed(0));
    let claim = |world: &Recovery| world.step(&STRANGER, Move::ClaimInterim(0)).map(|_| ());
    assert_eq!(claim(&world), Ok(()));
    let mut void = world.clone();
    void.snapshots[1].1.state = snapshot_state::VOID;
    assert_eq!(claim(&void), Err(CoreError::InterimEnded));
    let mut again = world.clone();
    again.snapshots[0].1.root = [99; 32];
    assert_eq!(claim(&again), Err(CoreError::InterimEnded));
    let mut over = world.clone();
    over.domain.state = phase::OPERATING;
    assert_eq!(claim(&over), Err(CoreError::WrongPhase));
    assert_eq!(
        over.step(&STRANGER, Move::ReturnInterim).map(|_| ()),
        Err(CoreError::InterimNotOver)
    );
    over.incident.1.state = incident_state::CLOSED;
    let returned = over.step(&STRANGER, Move::ReturnInterim).expect("it is over");
    assert_eq!(returned.pool, 0);
    let chosen = world.step(&STRANGER, Move::Choose(0)).expect("it has won");
    assert_eq!(claim(&chosen), Err(CoreError::InterimEnded));
    assert_eq!(
        chosen.step(&STRANGER, Move::ReturnInterim).map(|_| ()),
        Err(CoreError::InterimNotOver)
    );
}

/// Nobody picks the checkpoint, nor opens without a rule, a freeze or a settled seal.
#[test]
fn the_opener_has_nothing_to_choose() {
    let attempt = |change: &dyn Fn(&mut Recovery)| {
        let mut world = agreed(0);
        change(&mut world);
        world.step(&STRANGER, Move::OpenInterim).map(|_| ())
    };
    let of_log = |world: &mut Recovery, change: &dyn Fn(&mut CheckpointLog)| {
        let mut log = *world.log.as_deref().expect("there");
        change(&mut log);
        world.log = Some(Rc::new(log));
    };
    let rule = |world: &mut Recovery, change: &dyn Fn(&mut Ledger)| {
        change(world.ledger.as_mut().expect("registered"));
    };
    assert_eq!(attempt(&|_| {}), Ok(()));
    let newer = |log: &mut CheckpointLog| {
        let entry = &mut log.entries[1];
        (entry.slot, entry.posted_slot, entry.state) = (20, 21, checkpoint_state::ATTESTED);
    };
    let refused = Err(CoreError::NotTheNewestCheckpoint);
    assert_eq!(attempt(&|world| of_log(world, &newer)), refused);
    // One that was contested, not attested, posted after the breach, or is too young by the rule does not count.
    for state in [checkpoint_state::CONTESTED, checkpoint_state::POSTED] {
        let other = |log: &mut CheckpointLog| {
            newer(log);
            log.entries[1].state = state;
        };
        assert_eq!(attempt(&|world| of_log(world, &other)), Ok(()));
    }
    let late = |log: &mut CheckpointLog| {
        newer(log);
        log.entries[1].posted_slot = BREACH;
    };
    assert_eq!(attempt(&|world| of_log(world, &late)), Ok(()));
    let young = |log: &mut CheckpointLog| {
        newer(log);
        log.entries[1].posted_ts = NOW - 59;
    };
    let old = |ledger: &mut Ledger| ledger.interim_age_seconds = 60;
    assert_eq!(
        attempt(&|world| {
            of_log(world, &young);
            rule(world, &old);
        }),
        Ok(())
    );
    assert_eq!(attempt(&|world| of_log(world, &young)), refused);
    let contested = |log: &mut CheckpointLog| log.entries[0].state = checkpoint_state::CONTESTED;
    assert_eq!(attempt(&|world| of_log(world, &contested)), refused);
    assert_eq!(
        attempt(&|world| rule(world, &|ledger| ledger.interim_bps = 0)),
        Err(CoreError::InterimNotAgreed)
    );
    assert_eq!(
        attempt(&|world| world.domain.state = phase::ALERT),
        Err(CoreError::WrongPhase)
    );
    assert_eq!(
        attempt(&|world| world.snapshots[0].1.state = snapshot_state::OPEN),
        Err(CoreError::SnapshotNotSealed)
    );
    assert_eq!(
        attempt(&|world| {
            world.snapshots[0].1.shortfall = 1;
            world.snapshots[0].1.first_sealed_ts = NOW;
        }),
        Err(CoreError::SnapshotUnsettled)
    );
    let restored = |world: &mut Recovery| world.restoration = Some(Restoration::zeroed());
    assert_eq!(attempt(&restored), Err(CoreError::LedgerRestored));
    let foreign = |world: &mut Recovery| world.snapshots[1].1.incident = key(99);
    assert_eq!(attempt(&foreign), Err(CoreError::ForeignAccount));
    let of_other_mint = |world: &mut Recovery| world.snapshots[0].1.mint = key(99);
    assert_eq!(attempt(&of_other_mint), Err(CoreError::ForeignAccount));
}

/// A stop costs a right, is bounded by rights, and has no hold on the final claim.
#[test]
fn a_stop_ends_with_the_vote() {
    let world = agreed(0);
    let world = world.step(&STRANGER, Move::OpenInterim).expect("both states are there");
    let world = world
        .step(&STRANGER, Move::FundInterim(Purse::Custody))
        .expect("tokens");
    let refused = |world: &Recovery, signer: &Pubkey, action| world.step(signer, action).map(|_| ());
    assert_eq!(
        refused(&world, &STRANGER, Move::StopInterim(0)),
        Err(CoreError::NotAMember)
    );
    let stopped = world.step(&HONEST, Move::StopInterim(0)).expect("a guardian");
    assert_eq!(
        refused(&stopped, &STRANGER, Move::ClaimInterim(0)),
        Err(CoreError::InterimStopped)
    );
    assert_eq!(refused(&stopped, &STRANGER, Move::ClaimInterim(3)), Ok(()));
    assert_eq!(
        refused(&stopped, &HONEST, Move::StopInterim(0)),
        Err(CoreError::InterimStopped)
    );
    assert_eq!(
        refused(&stopped, &HONEST, Move::StopInterim(3)),
        Err(CoreError::NoPauseRights)
    );
    let chosen = stopped.step(&STRANGER, Move::Choose(0)).expect("it has won");
    assert_eq!(refused(&chosen, &STRANGER, Move::Claim(0)), Ok(()));
}
