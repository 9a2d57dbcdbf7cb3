//! Cool-off, dispute window and vetoes in the machine: every state within a few steps of several beginnings, and the way
//! out of each, with a vetoer among the thieves.

use bulkhead_core::{CoreError, acts::HowToVote};
use bulkhead_interface::{
    constants::MAX_BALLOT_VETOES,
    layout::{Ballot, BallotRules},
};

use super::*;

const COOL: i64 = DAY;
const DISPUTE: i64 = 2 * DAY;

/// The thief is a vetoer as well.
fn ruled() -> Recovery {
    let mut world = frozen();
    let peace = Domain {
        state: phase::OPERATING,
        ..world.domain
    };
    let rules = HowToVote {
        cool_off_seconds: COOL,
        dispute_seconds: DISPUTE,
        ..HowToVote::default()
    };
    let mut account = BallotRules::zeroed();
    bulkhead_core::acts::set_ballot_rules((&DOMAIN, &peace), &mut account, 255, &rules, None).expect("in range");
    world.rules = Some(account);
    world.council.members[1].roles |= role::VETOER;
    world
}

fn moves() -> Vec<(Pubkey, Move)> {
    use Move as M;
    vec![
        (STRANGER, M::Wait(1)),
        (STRANGER, M::Wait(DAY)),
        (STRANGER, M::Wait(DISPUTE)),
        (STRANGER, M::Wait(VOTE_SECONDS - COOL)),
        (STRANGER, M::OpenBallot),
        (STRANGER, M::Nominate(0)),
        (THIEF, M::Nominate(1)),
        (HONEST, M::Nominate(2)),
        (THIEF, M::Start),
        (STRANGER, M::Deposit(1, 500)),
        (STRANGER, M::Vote(0, 0)),
        (STRANGER, M::Vote(0, CHOICE_NONE)),
        (STRANGER, M::Vote(1, 1)),
        (STRANGER, M::Vote(1, CHOICE_NONE)),
        (THIEF, M::Veto),
        (STRANGER, M::Veto),
        (STRANGER, M::Renew(None)),
        (STRANGER, M::Choose(0)),
        (STRANGER, M::Choose(1)),
    ]
}

/// What is wrong on purpose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Nothing,
    /// A result stands at once.
    StandsAtOnce,
    /// Vetoes are not counted.
    VetoesForEver,
    /// Every choice counts to the end.
    NeverCools,
    /// The list may change in the last second.
    NeverSettles,
}

fn play(world: &Recovery, signer: &Pubkey, action: Move, wrong: Wrong) -> Option<Recovery> {
    let mut before = world.clone();
    if let Some(ballot) = &mut before.ballot {
        match (wrong, action) {
            (Wrong::StandsAtOnce, Move::Choose(_)) | (Wrong::NeverSettles, Move::Start) => ballot.dispute_seconds = 0,
            (Wrong::NeverCools, Move::Vote(..)) => ballot.cool_off_seconds = 0,
            (Wrong::VetoesForEver, Move::Veto) => (ballot.vetoes, ballot.vetoed_root) = (0, [99; 32]),
            _ => {}
        }
    }
    let mut after = before.step(signer, action).ok()?;
    if let (Some(ballot), Some(was)) = (&mut after.ballot, &world.ballot) {
        ballot.dispute_seconds = was.dispute_seconds;
        ballot.cool_off_seconds = was.cool_off_seconds;
    }
    Some(after)
}

/// What happened so far, kept by the test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Story {
    changed: Option<i64>,
    opened: i64,
    started: Option<i64>,
    /// Results that were vetoed, by the number of the snapshot.
    vetoed: Vec<usize>,
}

fn leading(ballot: &Ballot) -> Vec<u64> {
    ballot::candidates(ballot).iter().map(|row| row.votes).collect()
}

impl Story {
    fn note(&mut self, before: &Recovery, after: &Recovery, action: Move) -> Result<(), String> {
        let now = before.at.now;
        let was = before.ballot.as_ref();
        match action {
            Move::OpenBallot => (self.opened, self.changed) = (now, None),
            Move::Nominate(_) => self.changed = Some(now),
            Move::Start => {
                let stood = self.changed.is_none_or(|changed| now >= changed + DISPUTE);
                if !stood && now < self.opened + WEEK {
                    return Err("nobody had the time to examine a candidate".into());
                }
                self.started = Some(now);
            }
            Move::Vote(_, choice) => {
                let is_cooling = self.started.is_some_and(|started| now >= started + VOTE_SECONDS - COOL);
                let (Some(was), Some(is)) = (was, after.ballot.as_ref()) else {
                    return Err("a vote without a ballot".into());
                };
                let gained = leading(was).iter().zip(leading(is)).any(|(was, is)| is > *was);
                if is_cooling && (gained || choice != CHOICE_NONE) {
                    return Err("a candidate gained while the vote cooled off".into());
                }
            }
            Move::Veto => {
                let number = was.and_then(|ballot| {
                    let number = ballot::winner(ballot, now).ok()?;
                    let key = ballot::candidates(ballot)[usize::from(number)].snapshot;
                    before.snapshots.iter().position(|(found, _)| *found == key)
                });
                let number = number.ok_or("a veto of no result")?;
                if self
                    .started
                    .is_none_or(|started| now >= started + VOTE_SECONDS + DISPUTE)
                {
                    return Err("a result that stood was vetoed".into());
                }
                if self.vetoed.last() == Some(&number) || self.vetoed.len() >= usize::from(MAX_BALLOT_VETOES) {
                    return Err("the council vetoes without end".into());
                }
                self.vetoed.push(number);
                (self.opened, self.changed, self.started) = (now, Some(now), None);
            }
            Move::Renew(_) => (self.opened, self.changed, self.started) = (now, Some(now), None),
            Move::Choose(_) => {
                let stands = self
                    .started
                    .is_none_or(|started| now >= started + VOTE_SECONDS + DISPUTE);
                // Or it is an earlier winner, and this vote has no result yet.
                let has_ended = self.started.is_some_and(|started| now >= started + VOTE_SECONDS);
                if has_ended && !stands && was.is_some_and(|ballot| ballot::winner(ballot, now).is_ok()) {
                    return Err("a result was restored that did not stand".into());
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn fingerprint(world: &Recovery, story: &Story) -> Vec<u8> {
    let mut bytes = world.at.now.to_le_bytes().to_vec();
    bytes.push(world.domain.state);
    if let Some(ballot) = &world.ballot {
        bytes.extend_from_slice(bytemuck::bytes_of(ballot));
    }
    for voter in &world.voters {
        bytes.extend_from_slice(bytemuck::bytes_of(&voter.escrow));
        bytes.push(voter.record.map_or(0, |record| 1 + record.choice % 100));
    }
    bytes.push(u8::from(world.restoration.is_some()));
    bytes.extend(format!("{story:?}").bytes());
    bytes
}

fn played(steps: &[(Pubkey, Move)]) -> (Recovery, Story) {
    let (mut world, mut story) = (ruled(), Story::default());
    for (signer, action) in steps {
        let next = world
            .step(signer, *action)
            .unwrap_or_else(|error| panic!("{action:?}: {error:?}"));
        story.note(&world, &next, *action).expect("lawful");
        world = next;
    }
    (world, story)
}

/// Before a ballot; with candidates that stood; voting; a result of the holders' that does not stand; one of the thief's.
fn beginnings() -> Vec<(Recovery, Story)> {
    use Move as M;
    let nominated = vec![
        (STRANGER, M::Deposit(1, 500)),
        (STRANGER, M::OpenBallot),
        (STRANGER, M::Nominate(0)),
        (THIEF, M::Nominate(1)),
        (STRANGER, M::Wait(DISPUTE)),
    ];
    let and = |start: &[(Pubkey, Move)], more: &[(Pubkey, Move)]| [start, more].concat();
    let voting = and(&nominated, &[(THIEF, M::Start)]);
    let won = |number: usize, choice: u8| {
        let cast = [(STRANGER, M::Vote(number, choice)), (STRANGER, M::Wait(VOTE_SECONDS))];
        and(&voting, &cast)
    };
    vec![
        played(&[]),
        played(&nominated),
        played(&voting),
        played(&won(0, 0)),
        played(&won(1, 1)),
    ]
}

fn explore(
    depth: usize,
    wrong: Wrong,
    mut visit: impl FnMut(&Recovery) -> Result<(), String>,
) -> Result<usize, String> {
    let mut frontier = beginnings();
    let mut seen = HashSet::new();
    for _ in 0..depth {
        let mut next = Vec::new();
        for (world, story) in &frontier {
            for (signer, action) in moves() {
                let Some(after) = play(world, &signer, action, wrong) else {
                    continue;
                };
                let mut story = story.clone();
                let noted = story.note(world, &after, action);
                noted.map_err(|law| format!("{action:?}: {law}"))?;
                if seen.insert(fingerprint(&after, &story)) {
                    visit(&after)?;
                    next.push((after, story));
                }
            }
        }
        frontier = next;
    }
    Ok(seen.len())
}

#[test]
fn candidates_stand_votes_cool_off_and_results_wait() {
    let states = explore(6, Wrong::Nothing, |_| Ok(())).unwrap_or_else(|law| panic!("{law}"));
    assert!(states > 15_000, "{states}");
}

#[test]
fn broken_rules_are_found() {
    for wrong in [
        Wrong::StandsAtOnce,
        Wrong::VetoesForEver,
        Wrong::NeverCools,
        Wrong::NeverSettles,
    ] {
        let depth = if wrong == Wrong::VetoesForEver { 8 } else { 5 };
        let found = match wrong {
            // A second veto is many steps away: one path leads to it.
            Wrong::VetoesForEver => vetoed_again(wrong),
            _ => explore(depth, wrong, |_| Ok(())).map(|_| ()),
        };
        assert!(found.is_err());
    }
}

/// The holders choose the same state three times, and each time it is vetoed if that is possible.
fn vetoed_again(wrong: Wrong) -> Result<(), String> {
    let (mut world, mut story) = (ruled(), Story::default());
    let round = [
        (STRANGER, Move::OpenBallot),
        (STRANGER, Move::Nominate(0)),
        (STRANGER, Move::Wait(DISPUTE)),
        (HONEST, Move::Start),
        (STRANGER, Move::CloseRecord(0)),
        (STRANGER, Move::Vote(0, 0)),
        (STRANGER, Move::Wait(VOTE_SECONDS)),
        (THIEF, Move::Veto),
    ];
    for _ in 0..3 {
        for (signer, action) in round {
            if let Some(after) = play(&world, &signer, action, wrong) {
                story.note(&world, &after, action)?;
                world = after;
            }
        }
    }
    Ok(())
}

#[test]
fn what_is_chosen_again_is_not_vetoed_again() {
    assert_eq!(vetoed_again(Wrong::Nothing), Ok(()));
}

/// Whatever the thief, who is a vetoer, and the borrower would do between two steps of the honest.
fn meddle(world: &mut Recovery) {
    use Move as M;
    let tricks = [
        (THIEF, M::Veto),
        (THIEF, M::Nominate(1)),
        (THIEF, M::Nominate(2)),
        (THIEF, M::Start),
        (STRANGER, M::Deposit(1, 500)),
        (STRANGER, M::CloseRecord(1)),
        (STRANGER, M::Vote(1, 1)),
        (STRANGER, M::Vote(1, CHOICE_NONE)),
        (STRANGER, M::Renew(None)),
        (STRANGER, M::OpenBallot),
    ];
    for (signer, action) in tricks {
        if let Ok(next) = world.step(&signer, action) {
            *world = next;
        }
    }
}

/// The honest do what they can; `starter` starts the votes. Says after how many rounds a state was chosen.
fn way_out(world: &Recovery, starter: Pubkey) -> Result<usize, String> {
    let mut world = world.clone();
    let attempt = |world: &mut Recovery, signer: Pubkey, action: Move| {
        if let Ok(next) = world.step(&signer, action) {
            *world = next;
        }
        meddle(world);
    };
    // At most two vetoes, a vote that had begun badly, and a winner that the council declines.
    for round in 0..8 {
        if world.restoration.is_some() {
            return Ok(round);
        }
        let is_won = |world: &Recovery| {
            let now = world.at.now;
            world.ballot.is_some_and(|ballot| ballot::winner(&ballot, now).is_ok())
        };
        attempt(&mut world, STRANGER, Move::OpenBallot);
        if is_won(&world) {
            attempt(&mut world, STRANGER, Move::Wait(DISPUTE));
            for number in [0, 1] {
                attempt(&mut world, STRANGER, Move::Choose(number));
            }
            if world.restoration.is_some() {
                continue;
            }
            attempt(&mut world, STRANGER, Move::Wait(LAPSE));
        }
        attempt(&mut world, STRANGER, Move::Renew(None));
        attempt(&mut world, STRANGER, Move::Nominate(0));
        let is_nominating = |world: &Recovery| {
            let ballot = world.ballot.as_ref();
            ballot.is_some_and(|ballot| ballot.state == ballot_state::NOMINATING)
        };
        if is_nominating(&world) {
            // Members nominate at most once a round, and never after the written end.
            attempt(
                &mut world,
                STRANGER,
                Move::Wait(if starter == STRANGER { WEEK } else { DISPUTE }),
            );
            attempt(&mut world, starter, Move::Start);
            if is_nominating(&world) {
                attempt(&mut world, STRANGER, Move::Wait(DISPUTE));
                attempt(&mut world, starter, Move::Start);
            }
        }
        attempt(&mut world, STRANGER, Move::CloseRecord(0));
        let rows = world.ballot.as_ref().map(ballot::candidates).unwrap_or_default();
        let own = rows.iter().position(|row| row.snapshot == world.snapshots[0].0);
        let own = own.and_then(|own| u8::try_from(own).ok()).unwrap_or(CHOICE_NONE);
        attempt(&mut world, STRANGER, Move::Vote(0, own));
        attempt(&mut world, STRANGER, Move::Wait(VOTE_SECONDS));
        attempt(&mut world, STRANGER, Move::Wait(DISPUTE));
        for number in [0, 1] {
            attempt(&mut world, STRANGER, Move::Choose(number));
        }
    }
    Err("after eight rounds nothing is chosen".into())
}

#[test]
fn from_every_state_the_honest_get_a_state_chosen_whoever_vetoes() {
    let mut seen = 0usize;
    let result = explore(4, Wrong::Nothing, |world| {
        seen += 1;
        way_out(world, HONEST)?;
        if seen.is_multiple_of(5) {
            way_out(world, STRANGER)?;
        }
        Ok(())
    });
    result.unwrap_or_else(|law| panic!("{law}"));
}

/// Who is no vetoer vetoes nothing, and neither does anyone once the incident is over.
#[test]
fn a_veto_is_a_vetoers_and_needs_the_incident() {
    let (world, _) = beginnings().pop().expect("the last: the thief's state has won");
    let attempt = |world: &Recovery, signer: Pubkey| world.step(&signer, Move::Veto).map(|_| ());
    assert_eq!(attempt(&world, STRANGER), Err(CoreError::NotAMember));
    assert_eq!(attempt(&world, HONEST), Err(CoreError::RoleMissing));
    assert_eq!(attempt(&world, THIEF), Ok(()));
    let mut over = world;
    over.domain.state = phase::OPERATING;
    assert_eq!(attempt(&over, THIEF), Err(CoreError::WrongPhase));
}
