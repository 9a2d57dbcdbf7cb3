//! A plug-in's weights in the machine, where anyone moves them at any moment: nothing of them is in Bulkhead's hands.

use bulkhead_core::CoreError;
use bulkhead_interface::{constants::CHOICE_NOTED, layout::BallotRules};

use super::*;

/// Weights of the voters: the holder of most, and the whale who has less and moves it around.
const WEIGHTS: [u64; 2] = [600, 500];

fn plugged() -> Recovery {
    let mut world = frozen();
    world.domain.escape_seconds = 30 * DAY;
    world.rules = Some(BallotRules {
        version: VERSION,
        domain: DOMAIN,
        weight_program: key(90),
        weight_realm: key(91),
        max_weight_record: key(92),
        ..BallotRules::zeroed()
    });
    for (voter, weight) in world.voters.iter_mut().zip(WEIGHTS) {
        voter.plugged = weight;
    }
    world
}

fn moves() -> Vec<(Pubkey, Move)> {
    use Move as M;
    vec![
        (STRANGER, M::Wait(DAY)),
        (STRANGER, M::Wait(VOTE_SECONDS)),
        (STRANGER, M::Nominate(0)),
        (THIEF, M::Nominate(1)),
        (THIEF, M::Start),
        (STRANGER, M::Note(0)),
        (STRANGER, M::Note(1)),
        (STRANGER, M::MoveWeight(0, 1, 300)),
        (STRANGER, M::MoveWeight(1, 0, 300)),
        (STRANGER, M::Vote(0, 0)),
        (STRANGER, M::Vote(1, 1)),
        (STRANGER, M::Vote(0, CHOICE_NONE)),
        (STRANGER, M::CloseRecord(1)),
        (STRANGER, M::Renew(None)),
        (STRANGER, M::Choose(0)),
        (STRANGER, M::Choose(1)),
    ]
}

/// By voter: what was there when it was noted in this round, before the vote.
type Noted = [Option<u64>; 2];

fn note(noted: &mut Noted, before: &Recovery, after: &Recovery, action: Move) -> Result<(), String> {
    match action {
        Move::Note(number) => {
            let is_nominating = before
                .ballot
                .is_some_and(|ballot| ballot.state == ballot_state::NOMINATING);
            if !is_nominating {
                return Err("a weight was noted after the vote had started".into());
            }
            noted[number] = Some(before.voters[number].plugged);
        }
        Move::Vote(number, choice) if choice != CHOICE_NONE || before.voters[number].record.is_some() => {
            let counted = after.voters[number].record.map_or(0, |record| record.weight);
            let is_change = before.voters[number]
                .record
                .is_some_and(|record| record.choice != CHOICE_NOTED);
            let most = noted[number].map_or(0, |noted| noted.min(before.voters[number].plugged));
            if !is_change && counted > most {
                return Err(format!("{counted} votes of {most} count"));
            }
        }
        Move::Renew(_) => *noted = [None; 2],
        Move::CloseRecord(number) => {
            let is_voting = before
                .ballot
                .is_some_and(|ballot| ballot.state == ballot_state::VOTING && before.at.now < ballot.ends_ts);
            let round = before.ballot.map(|ballot| ballot.round);
            if is_voting && before.voters[number].record.map(|record| record.round) == round {
                return Err("a record was closed while it keeps a second vote out".into());
            }
        }
        Move::Choose(_) => {
            let Some(ballot) = before.ballot else { return Ok(()) };
            let cast = ballot.none_votes + ballot::candidates(&ballot).iter().map(|row| row.votes).sum::<u64>();
            if cast > WEIGHTS.iter().sum() {
                return Err("a vote was decided by more weight than there is".into());
            }
        }
        _ => {}
    }
    Ok(())
}

/// What is wrong on purpose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Nothing,
    /// What is noted is not remembered: everything that is there counts.
    NotesNothing,
}

fn explore(depth: usize, wrong: Wrong) -> Result<usize, String> {
    let opened = plugged().step(&STRANGER, Move::OpenBallot).expect("open");
    let mut frontier = vec![(opened, Noted::default())];
    let mut seen = HashSet::new();
    for _ in 0..depth {
        let mut next = Vec::new();
        for (world, noted) in &frontier {
            for (signer, action) in moves() {
                let mut before = world.clone();
                if let (Wrong::NotesNothing, Move::Vote(number, _)) = (wrong, action) {
                    let records = before.voters[number].record.iter_mut();
                    records
                        .filter(|record| record.choice == CHOICE_NOTED)
                        .for_each(|record| record.weight = 9_999);
                }
                let Ok(after) = before.step(&signer, action) else {
                    continue;
                };
                let mut noted = *noted;
                note(&mut noted, world, &after, action).map_err(|law| format!("{action:?}: {law}"))?;
                let mut print = after.at.now.to_le_bytes().to_vec();
                print.extend(after.ballot.iter().flat_map(bytemuck::bytes_of));
                for voter in &after.voters {
                    print.extend(voter.plugged.to_le_bytes());
                    print.extend(voter.record.iter().flat_map(bytemuck::bytes_of));
                    print.push(u8::from(voter.record.is_some()));
                }
                print.push(u8::from(after.restoration.is_some()));
                if seen.insert(print) {
                    next.push((after, noted));
                }
            }
        }
        frontier = next;
    }
    Ok(seen.len())
}

#[test]
fn no_vote_counts_more_than_was_there_before_and_when_it_was_cast() {
    let states = explore(7, Wrong::Nothing).unwrap_or_else(|law| panic!("{law}"));
    assert!(states > 5_000, "{states}");
    assert!(explore(7, Wrong::NotesNothing).is_err());
}

fn after(world: &Recovery, steps: &[Move]) -> Recovery {
    let mut world = world.clone();
    for action in steps {
        world = world
            .step(&HONEST, *action)
            .unwrap_or_else(|error| panic!("{action:?}: {error:?}"));
    }
    world
}

/// With the holder's weight noted, and the whale's only if it was there.
fn voting(steps: &[Move]) -> Recovery {
    use Move as M;
    let mut all = vec![M::OpenBallot, M::Nominate(0), M::Nominate(2)];
    all.extend_from_slice(steps);
    all.extend([M::Wait(DAY), M::Start]);
    after(&plugged(), &all)
}

/// Borrowed into the plug-in, updated, voted and taken out again, all in one transaction.
#[test]
fn a_flash_loan_decides_nothing() {
    use Move as M;
    let world = voting(&[M::Note(0)]);
    let borrowed = after(&world, &[M::MoveWeight(0, 1, 600)]);
    assert_eq!(
        borrowed.step(&STRANGER, M::Vote(1, 1)).map(|_| ()),
        Err(CoreError::WeightNotNoted),
        "it was not there before the start"
    );
    // Nor does it if it is borrowed before the start and gone when the vote is cast.
    let early = voting(&[M::MoveWeight(0, 1, 600), M::Note(1), M::MoveWeight(1, 0, 600)]);
    let early = after(&early, &[M::MoveWeight(1, 0, 500)]);
    let empty = early.step(&STRANGER, M::Vote(1, 1)).map(|_| ());
    assert_eq!(empty, Err(CoreError::WeightNotNoted));
}

#[test]
fn a_late_whale_is_not_counted() {
    use Move as M;
    let world = voting(&[M::Note(0), M::MoveWeight(1, 0, 499), M::Note(1)]);
    let late = after(&world, &[M::MoveWeight(0, 1, 499), M::Vote(1, 1)]);
    assert_eq!(late.voters[1].record.map(|record| record.weight), Some(1));
    assert_eq!(
        world.step(&STRANGER, M::Note(1)).map(|_| ()),
        Err(CoreError::BallotNotNominating)
    );
}

/// The same weight is noted and cast by two voters, which a plug-in that locks nothing allows. The sum shows it, and
/// nobody wins by it.
#[test]
fn a_double_vote_is_seen_in_the_sum_and_wins_nothing() {
    use Move as M;
    let steps = [
        M::Note(0),
        M::MoveWeight(0, 1, 600),
        M::Note(1),
        M::MoveWeight(1, 0, 600),
    ];
    let world = voting(&steps);
    let cast = [
        M::Vote(0, 1),
        M::MoveWeight(0, 1, 600),
        M::Vote(1, 1),
        M::Wait(VOTE_SECONDS),
    ];
    let world = after(&world, &cast);
    let ballot = world.ballot.expect("open");
    assert_eq!(ballot.candidates[1].votes, 1_700);
    assert_eq!(
        ballot::winner(&ballot, world.at.now),
        Err(CoreError::MoreVotesThanWeight)
    );
    // It is run again at once, by anyone.
    assert!(world.step(&STRANGER, M::Renew(None)).is_ok());
    // One voter has one record.
    let once = after(&voting(&[M::Note(0)]), &[M::Vote(0, 0)]);
    assert_eq!(
        once.step(&STRANGER, M::Vote(0, 0)).map(|_| ()),
        Err(CoreError::AlreadyVoted)
    );
    assert_eq!(
        once.step(&STRANGER, M::CloseRecord(0)).map(|_| ()),
        Err(CoreError::BallotStillVoting)
    );
}

/// A ballot takes escrows or records: no token counts in both, whatever is deposited meanwhile.
#[test]
fn escrows_do_not_count_beside_a_plug_in() {
    use Move as M;
    let world = voting(&[M::Note(0)]);
    let mut both = world;
    // The machine brings what the ballot counts; here an escrow is brought all the same.
    let mut ballot = both.ballot.expect("open");
    let mut record = bytemuck::Zeroable::zeroed();
    let source = bulkhead_core::acts::WeightSource::Escrow(&mut both.voters[0].escrow);
    let cast = |ballot: &mut _, source, record: &mut _| {
        bulkhead_core::acts::cast_vote((&key(40), ballot), source, record, &key(30), 0, both.at)
    };
    assert_eq!(
        cast(&mut ballot, source, &mut record),
        Err(CoreError::WrongWeightSource)
    );
    let nothing = bulkhead_core::acts::WeightSource::Nothing;
    assert_eq!(
        cast(&mut ballot, nothing, &mut record),
        Err(CoreError::WrongWeightSource)
    );
}

/// A plug-in that stopped keeps a ballot empty. The escape, which such rules require, ends that.
#[test]
fn the_escape_ends_what_a_dead_plug_in_holds() {
    let mut world = plugged();
    world.domain.frozen_ts = NOW;
    let keys = bulkhead_core::acts::HowToVote {
        weight_program: key(90),
        weight_realm: key(91),
        ..Default::default()
    };
    let peace = Domain {
        state: phase::OPERATING,
        escape_seconds: 0,
        ..world.domain
    };
    assert_eq!(
        bulkhead_core::acts::check_ballot_rules(&peace, &keys),
        Err(CoreError::PlugInNeedsEscape)
    );
    let opened = world.step(&STRANGER, Move::OpenBallot).expect("open");
    let stuck = after(&opened, &[Move::Nominate(0), Move::Wait(30 * DAY - 1)]);
    assert!(stuck.step(&STRANGER, Move::Escape(0)).is_err());
    let due = after(&stuck, &[Move::Wait(1)]);
    let escaped = due.step(&STRANGER, Move::Escape(0)).expect("nobody votes");
    assert!(escaped.restoration.is_some());
}
