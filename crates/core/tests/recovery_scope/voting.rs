//! Ballot and votes: only what won a fair vote is chosen, and the honest get a state chosen.

use super::*;

/// All that anybody may try in a ballot.
pub(super) fn ballot_moves() -> Vec<(Pubkey, Move)> {
    use Move as M;
    vec![
        (STRANGER, M::Wait(1)),
        (STRANGER, M::Wait(DAY)),
        (STRANGER, M::Wait(VOTE_SECONDS)),
        (STRANGER, M::Wait(LAPSE)),
        (STRANGER, M::OpenBallot),
        (STRANGER, M::Nominate(0)),
        (THIEF, M::Nominate(1)),
        (THIEF, M::Nominate(2)),
        (HONEST, M::Nominate(2)),
        (STRANGER, M::Start),
        (THIEF, M::Start),
        (STRANGER, M::Deposit(1, 250)),
        (STRANGER, M::Withdraw(1, 250)),
        (STRANGER, M::Withdraw(0, 100)),
        (STRANGER, M::Deposit(0, 100)),
        (STRANGER, M::Vote(0, 0)),
        (STRANGER, M::Vote(0, CHOICE_NONE)),
        (STRANGER, M::Vote(1, 1)),
        (STRANGER, M::CloseRecord(1)),
        (STRANGER, M::Renew(None)),
        (STRANGER, M::Renew(Some(0))),
        (STRANGER, M::Choose(0)),
        (STRANGER, M::Choose(1)),
    ]
}

fn fingerprint(world: &Recovery, books: &Books) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2_000);
    bytes.extend(world.at.now.to_le_bytes());
    bytes.push(world.domain.state);
    if let Some(ballot) = &world.ballot {
        bytes.extend_from_slice(bytemuck::bytes_of(ballot));
    }
    for voter in &world.voters {
        bytes.extend_from_slice(bytemuck::bytes_of(&voter.escrow));
        bytes.push(u8::from(voter.record.is_some()));
    }
    bytes.push(u8::from(world.restoration.is_some()));
    bytes.extend(format!("{books:?}").bytes());
    bytes
}

/// Where the exploration begins: before a ballot, nominating for a day, voting, won by the borrower.
fn beginnings() -> Vec<(Recovery, Books)> {
    let start = (frozen(), Books::of(&frozen()));
    let played = |moves: &[(Pubkey, Move)]| {
        let (mut world, mut books) = start.clone();
        for (signer, action) in moves {
            let next = world.step(signer, *action).expect("it works");
            books.note(&world, &next, *action).expect("lawful");
            world = next;
        }
        (world, books)
    };
    let nominating = [
        (STRANGER, Move::OpenBallot),
        (STRANGER, Move::Nominate(0)),
        (THIEF, Move::Nominate(1)),
        (STRANGER, Move::Wait(DAY)),
    ];
    let voting = [&nominating[..], &[(THIEF, Move::Start)]].concat();
    let borrowed = [
        &[(STRANGER, Move::Deposit(1, 250))],
        &nominating[..],
        &[
            (THIEF, Move::Start),
            (STRANGER, Move::Vote(1, 1)),
            (STRANGER, Move::Wait(VOTE_SECONDS)),
        ],
    ]
    .concat();
    vec![start.clone(), played(&nominating), played(&voting), played(&borrowed)]
}

/// Everything within reach; the first broken law, or how many states there are.
fn explore(depth: usize, broken: Broken, visit: impl FnMut(&Recovery) -> Result<(), String>) -> Result<usize, String> {
    explore_from(beginnings(), depth, broken, visit)
}

fn explore_from(
    mut frontier: Vec<(Recovery, Books)>,
    depth: usize,
    broken: Broken,
    mut visit: impl FnMut(&Recovery) -> Result<(), String>,
) -> Result<usize, String> {
    let moves = ballot_moves();
    let mut seen = HashSet::new();
    for _ in 0..depth {
        let mut next = Vec::new();
        for (world, books) in &frontier {
            for (signer, action) in &moves {
                let Some(after) = step(world, signer, *action, broken) else {
                    continue;
                };
                let mut books = books.clone();
                books
                    .note(world, &after, *action)
                    .map_err(|law| format!("{action:?}: {law}"))?;
                if seen.insert(fingerprint(&after, &books)) {
                    visit(&after)?;
                    next.push((after, books));
                }
            }
        }
        frontier = next;
    }
    Ok(seen.len())
}

#[test]
fn only_what_won_a_fair_vote_and_matured_is_chosen() {
    let states = explore(DEPTH, Broken::Nothing, |_| Ok(())).unwrap_or_else(|law| panic!("{law}"));
    assert!(states > 20_000, "{states}");
}

#[test]
fn broken_ballots_are_found() {
    for broken in [
        Broken::CountsAtOnce,
        Broken::LocksNothing,
        Broken::StartsAtOnce,
        Broken::ManyPlaces,
        Broken::LapsesAtOnce,
        Broken::ForgetsWinner,
    ] {
        assert!(explore(4, broken, |_| Ok(())).is_err());
    }
}

/// Whatever the thief, the borrower and a stranger would do between two steps of the honest.
fn meddle(world: &mut Recovery) {
    use Move as M;
    let tricks = [
        (THIEF, M::Nominate(1)),
        (THIEF, M::Nominate(2)),
        (THIEF, M::Start),
        (STRANGER, M::Deposit(1, 250)),
        (STRANGER, M::Vote(1, 1)),
        (STRANGER, M::Renew(None)),
        (STRANGER, M::OpenBallot),
    ];
    for (signer, action) in tricks {
        if let Ok(next) = world.step(&signer, action) {
            *world = next;
        }
    }
}

/// What the honest do; `starter` starts the votes. Says after how many rounds a state was chosen.
fn way_out(world: &Recovery, starter: Pubkey) -> Result<usize, String> {
    let mut world = world.clone();
    let attempt = |world: &mut Recovery, signer: Pubkey, action: Move| {
        let next = world.step(&signer, action);
        let result = next.map(|next| *world = next);
        meddle(world);
        result
    };
    // The holder of most votes keeps them where they count.
    let purse = world.voters[0].purse;
    if purse > 0 {
        let _ = attempt(&mut world, STRANGER, Move::Deposit(0, purse));
    }
    for round in 0..4 {
        if world.restoration.is_some() {
            return Ok(round);
        }
        let _ = attempt(&mut world, STRANGER, Move::OpenBallot);
        // Who has won and is not restored makes way.
        let has_won = |world: &Recovery| {
            world
                .ballot
                .is_some_and(|ballot| ballot::winner(&ballot, world.at.now).is_ok())
        };
        if has_won(&world) {
            let _ = attempt(&mut world, STRANGER, Move::Wait(LAPSE));
        }
        let _ = attempt(&mut world, STRANGER, Move::Renew(None));
        let _ = attempt(&mut world, STRANGER, Move::Nominate(0));
        if world
            .ballot
            .is_some_and(|ballot| ballot.state == ballot_state::NOMINATING)
        {
            let wait = if starter == STRANGER { WEEK } else { DAY };
            let _ = attempt(&mut world, STRANGER, Move::Wait(wait));
            let _ = attempt(&mut world, starter, Move::Start);
        }
        let _ = attempt(&mut world, STRANGER, Move::CloseRecord(0));
        let rows = world.ballot.as_ref().map(ballot::candidates).unwrap_or_default();
        let own = rows.iter().position(|row| row.snapshot == world.snapshots[0].0);
        let own = own.and_then(|own| u8::try_from(own).ok()).unwrap_or(CHOICE_NONE);
        let _ = attempt(&mut world, STRANGER, Move::Vote(0, own));
        let _ = attempt(&mut world, STRANGER, Move::Wait(VOTE_SECONDS));
        for number in [0, 1] {
            let _ = attempt(&mut world, STRANGER, Move::Choose(number));
        }
    }
    Err("after four rounds nothing is chosen".into())
}

#[test]
fn from_every_state_the_honest_get_a_state_chosen() {
    let mut seen = 0usize;
    let result = explore(5, Broken::Nothing, |world| {
        seen += 1;
        // A state was voted on by whom it belongs to and cannot be chosen without its proposal: not this test's.
        way_out(world, HONEST)?;
        if seen.is_multiple_of(10) {
            way_out(world, STRANGER)?;
        }
        Ok(())
    });
    result.unwrap_or_else(|law| panic!("{law}"));
}

/// The borrower has won, or may, and the council proposes nothing but the incident's own snapshot: the holders get it.
#[test]
fn what_the_council_declines_keeps_nothing_from_the_holders() {
    let mut worlds = beginnings();
    for (world, _) in &mut worlds {
        world.matured.truncate(1);
    }
    let seen = explore_from(worlds, 4, Broken::Nothing, |world| {
        way_out(world, HONEST)?;
        way_out(world, STRANGER).map(|_| ())
    });
    assert!(seen.unwrap_or_else(|law| panic!("{law}")) > 1_000);
}
