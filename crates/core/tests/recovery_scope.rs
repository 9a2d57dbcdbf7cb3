//! Every state that one ledger's way back can get into in small scope: ballot and votes within a number of steps,
//! sharing out and claims without a limit.
//!
//! The ballot: an honest member, a thief who is a member, a stranger; a holder of most votes and a borrower who comes and
//! goes; the incident's own snapshot and two checkpoints; the seconds that matter. By books of the test's own:
//!
//! - a state is chosen only with a matured proposal for exactly its root, after a vote of full length that began a day
//!   after nominations did, with quorum and more than half of the votes, and every vote was in escrow before the vote
//!   began and stayed until it ended;
//! - one key has one place on the ballot;
//! - a vote that was won is run again only when its winner was not restored for long, and that takes nothing from it;
//! - from every state reached the honest get the own snapshot chosen, whatever the others do between their steps, with a
//!   member's help or after a week without; also where another state has won and the council declines it.
//!
//! Claims: tokens are conserved, what was paid is a share of what was shared out, which the pool covers; and from every
//! state reached funding, sharing out and claiming end with every leaf paid in full. Deliberately broken steps are found.

use std::collections::HashSet;

use bulkhead_core::{
    acts::{At, Plan},
    ballot,
    machine::recovery::{Leaf, Move, Recovery, RecoveryKeys, Voter},
    prorata::payout_floor,
};
use bulkhead_interface::{
    Pubkey,
    constants::{
        CHOICE_NONE, NOMINATION_PATIENCE_SECONDS, NOMINATION_SECONDS, VERSION, WINNER_SECONDS, ballot_state, phase,
        role, snapshot_source, snapshot_state,
    },
    layout::{Council, Domain, Evacuation, Incident, Ledger, Restoration, Snapshot, Vault, VoterEscrow},
};
use bytemuck::Zeroable;

const HONEST: Pubkey = key(1);
const THIEF: Pubkey = key(2);
const STRANGER: Pubkey = key(3);
const DOMAIN: Pubkey = key(9);
const INCIDENT: Pubkey = key(10);
const RECOVERY_ACCOUNT: Pubkey = key(12);

const NOW: i64 = 1_000_000_000;
const VOTE_SECONDS: i64 = 3 * 86_400;
const DAY: i64 = NOMINATION_SECONDS;
const WEEK: i64 = NOMINATION_PATIENCE_SECONDS;
/// Restoring takes no delay here.
const LAPSE: i64 = WINNER_SECONDS;
/// Steps from a beginning of the ballot.
const DEPTH: usize = 6;

const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

/// What is wrong on purpose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Broken {
    Nothing,
    /// Tokens count from the second they come.
    CountsAtOnce,
    /// A vote locks nothing.
    LocksNothing,
    /// Nobody has time to nominate.
    StartsAtOnce,
    /// A key has as many places as it likes.
    ManyPlaces,
    /// Who has won makes way at once.
    LapsesAtOnce,
    /// Holding the vote again takes it from who had won.
    ForgetsWinner,
    /// What a leaf got is forgotten.
    PaysTwice,
    /// More is shared out than the pool has.
    SharesOutTwice,
    /// A recovery account pays what another vault brought.
    DrawsAll,
}

fn snapshot(number: u8, source: u8) -> (Pubkey, Snapshot) {
    let state = Snapshot {
        version: VERSION,
        state: snapshot_state::SEALED,
        source,
        domain: DOMAIN,
        incident: INCIDENT,
        root: [number; 32],
        total: 7,
        count: 3,
        ..Snapshot::zeroed()
    };
    (key(20 + number), state)
}

fn voter(number: u8, escrowed: u64, purse: u64) -> Voter {
    Voter {
        key: key(30 + number),
        escrow: VoterEscrow {
            version: VERSION,
            amount: escrowed,
            domain: DOMAIN,
            voter: key(30 + number),
            ..VoterEscrow::zeroed()
        },
        purse,
        record: None,
    }
}

/// Held, with nothing on the way back done yet.
fn frozen() -> Recovery {
    let mut council = Council {
        version: VERSION,
        member_count: 2,
        ..Council::zeroed()
    };
    for (member, key) in council.members.iter_mut().zip([HONEST, THIEF]) {
        (member.key, member.roles) = (key, role::APPROVER);
    }
    let snapshots = vec![
        snapshot(0, snapshot_source::FROZEN),
        snapshot(1, snapshot_source::CHECKPOINT),
        snapshot(2, snapshot_source::CHECKPOINT),
    ];
    let plan = |number: usize| Plan {
        incident: INCIDENT,
        snapshot: snapshots[number].0,
        root: snapshots[number].1.root,
        ledger_index: 0,
    };
    let matured = vec![plan(0), plan(1)];
    Recovery {
        keys: RecoveryKeys {
            domain: DOMAIN,
            ballot: (key(40), 255),
            restoration: (key(41), 255),
            ..RecoveryKeys::default()
        },
        at: At { slot: 100, now: NOW },
        domain: Domain {
            version: VERSION,
            state: phase::FROZEN,
            open_incident: INCIDENT,
            vote_seconds: VOTE_SECONDS,
            quorum_bps: 1_000,
            ..Domain::zeroed()
        },
        council,
        incident: (INCIDENT, Incident::zeroed()),
        ledger_index: 0,
        ledger: Some(Ledger {
            version: VERSION,
            domain: DOMAIN,
            ..Ledger::zeroed()
        }),
        snapshots,
        ballot: None,
        voters: vec![voter(0, 600, 0), voter(1, 0, 500)],
        supply: 1_100,
        matured,
        restoration: None,
        leaves: [1, 2, 4].map(leaf).to_vec(),
        pool: 0,
        vault: Vault {
            domain: DOMAIN,
            evacuation: Evacuation {
                incident: INCIDENT,
                destination: RECOVERY_ACCOUNT,
                moved: 3,
                ..Evacuation::zeroed()
            },
            ..Vault::zeroed()
        },
        // More than this vault brought: another one has the same recovery account.
        recovery_account: (RECOVERY_ACCOUNT, 5),
        treasury: 12,
    }
}

fn leaf(amount: u64) -> Leaf {
    Leaf {
        amount,
        paid: 0,
        received: 0,
    }
}

fn step(world: &Recovery, signer: &Pubkey, action: Move, broken: Broken) -> Option<Recovery> {
    let mut before = world.clone();
    match (broken, action) {
        (Broken::CountsAtOnce, Move::Vote(number, _)) => before.voters[number].escrow.recent = Zeroable::zeroed(),
        (Broken::StartsAtOnce, Move::Start) => before.ballot.iter_mut().for_each(|ballot| ballot.nominating_ts = 0),
        (Broken::ManyPlaces, Move::Nominate(_)) => {
            if let Some(ballot) = &mut before.ballot {
                let rows = ballot.candidates.iter_mut();
                rows.filter(|row| row.nominator == *signer)
                    .for_each(|row| row.nominator = key(99));
            }
        }
        (Broken::LapsesAtOnce, Move::Renew(_)) => {
            let ended = before.ballot.iter_mut().filter(|ballot| ballot.ends_ts <= world.at.now);
            ended.for_each(|ballot| ballot.ends_ts = 0);
        }
        (Broken::PaysTwice, Move::Claim(number)) => before.leaves[number].paid = 0,
        (Broken::SharesOutTwice, Move::ShareOut) => before.pool += 1,
        (Broken::DrawsAll, Move::Draw) => before.vault.evacuation.moved = 5,
        _ => {}
    }
    let mut after = before.step(signer, action).ok()?;
    match (broken, action) {
        (Broken::LocksNothing, Move::Vote(number, _)) => after.voters[number].escrow.locked_until = 0,
        (Broken::ForgetsWinner, Move::Renew(_)) => {
            after
                .ballot
                .iter_mut()
                .for_each(|ballot| ballot.elected = Pubkey::default());
        }
        (Broken::ManyPlaces, Move::Nominate(_)) => {
            if let Some(ballot) = &mut after.ballot {
                let rows = ballot.candidates.iter_mut();
                rows.filter(|row| row.nominator == key(99))
                    .for_each(|row| row.nominator = *signer);
            }
        }
        (Broken::SharesOutTwice, Move::ShareOut) => after.pool -= 1,
        _ => {}
    }
    Some(after)
}

/// What the test itself knows of a state, from what happened and not from the accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Books {
    nominating_since: i64,
    started: Option<i64>,
    /// Escrowed, by voter.
    escrowed: [u64; 2],
    /// Of that, in this very second.
    fresh: [u64; 2],
    /// What was there before the vote began, and ever since.
    eligible: [u64; 2],
    voted: [Option<(u8, u64)>; 2],
    /// The snapshot that won before the vote was run again.
    elected: Option<usize>,
}

/// How a vote stands.
enum Outcome {
    /// It is not over, or nobody has won.
    Open,
    /// More than half are for no state.
    Declined,
    /// More than half are for this snapshot.
    Won(usize),
}

impl Books {
    fn of(world: &Recovery) -> Self {
        Self {
            escrowed: [0, 1].map(|number| world.voters[number].escrow.amount),
            ..Self::default()
        }
    }

    /// Notes a move that went through, and says what law it broke, if any.
    fn note(&mut self, before: &Recovery, after: &Recovery, action: Move) -> Result<(), String> {
        let now = before.at.now;
        match action {
            Move::Wait(_) => self.fresh = [0; 2],
            Move::OpenBallot | Move::Renew(_) => {
                self.elected = match self.outcome(before) {
                    Outcome::Open => self.elected,
                    Outcome::Declined => None,
                    Outcome::Won(_) if self.started.is_none_or(|started| now < started + VOTE_SECONDS + LAPSE) => {
                        return Err("who has won had no time to be restored".into());
                    }
                    Outcome::Won(number) => Some(number),
                };
                let key = self.elected.map(|number| before.snapshots[number].0);
                let chosen = after.ballot.and_then(|ballot| ballot::chosen(&ballot, now).ok());
                if chosen.map(|chosen| chosen.snapshot) != key {
                    return Err("holding the vote again took what was chosen".into());
                }
                self.nominating_since = now;
                (self.started, self.voted) = (None, [None; 2]);
            }
            Move::Start => {
                if now - self.nominating_since < DAY {
                    return Err("others had no day to nominate".into());
                }
                self.started = Some(now);
                self.eligible = [0, 1].map(|number: usize| self.escrowed[number] - self.fresh[number]);
            }
            Move::Deposit(number, amount) => {
                self.escrowed[number] += amount;
                self.fresh[number] += amount;
            }
            Move::Withdraw(number, amount) => {
                let is_voting = self.started.is_some_and(|started| now < started + VOTE_SECONDS);
                if is_voting && self.voted[number].is_some() {
                    return Err("votes left before the vote had ended".into());
                }
                self.escrowed[number] -= amount;
                self.fresh[number] = self.fresh[number].saturating_sub(amount);
                self.eligible[number] = self.eligible[number].min(self.escrowed[number]);
            }
            Move::Vote(number, choice) => {
                let counted = after.voters[number].record.map_or(0, |record| record.weight);
                if counted > self.eligible[number] || self.voted[number].is_some() {
                    return Err(format!("{counted} votes of {} count", self.eligible[number]));
                }
                self.voted[number] = Some((choice, counted));
            }
            Move::Choose(number) => return self.judge(before, number),
            _ => {}
        }
        let rows = after.ballot.as_ref().map(ballot::candidates).unwrap_or_default();
        for (place, row) in rows.iter().enumerate() {
            if rows[..place].iter().any(|other| other.nominator == row.nominator) {
                return Err("one key has two places".into());
            }
        }
        Ok(())
    }

    /// How the vote stands, by what was voted.
    fn outcome(&self, before: &Recovery) -> Outcome {
        let rows = before.ballot.as_ref().map(ballot::candidates).unwrap_or_default();
        let votes = |wanted: Option<usize>| -> u64 {
            let cast = self.voted.iter().flatten();
            cast.filter(|(choice, _)| wanted.is_none_or(|wanted| usize::from(*choice) == wanted))
                .map(|(_, weight)| weight)
                .sum()
        };
        let has_ended = self
            .started
            .is_some_and(|started| before.at.now >= started + VOTE_SECONDS);
        if !has_ended || votes(None) < before.supply.div_ceil(10) {
            return Outcome::Open;
        }
        if 2 * votes(Some(usize::from(CHOICE_NONE))) > votes(None) {
            return Outcome::Declined;
        }
        let won = (0..rows.len()).find(|place| 2 * votes(Some(*place)) > votes(None));
        let number = |place: usize| {
            before
                .snapshots
                .iter()
                .position(|(key, _)| *key == rows[place].snapshot)
        };
        won.and_then(number).map_or(Outcome::Open, Outcome::Won)
    }

    fn judge(&self, before: &Recovery, number: usize) -> Result<(), String> {
        let (key, snapshot) = &before.snapshots[number];
        let is_matured = before
            .matured
            .iter()
            .any(|plan| plan.snapshot == *key && plan.root == snapshot.root);
        let has_won = match self.outcome(before) {
            Outcome::Won(winner) => winner == number,
            Outcome::Open => self.elected == Some(number),
            Outcome::Declined => false,
        };
        if is_matured && has_won {
            Ok(())
        } else {
            Err(format!("{number} was chosen: {is_matured} {has_won}"))
        }
    }
}

/// All that anybody may try in a ballot.
fn ballot_moves() -> Vec<(Pubkey, Move)> {
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

/// A restoration was chosen; nothing was paid yet.
fn recovering() -> Recovery {
    let mut world = frozen();
    world.domain.state = phase::RECOVERING;
    world.restoration = Some(Restoration {
        domain: DOMAIN,
        incident: INCIDENT,
        total: 7,
        count: 3,
        ..Restoration::zeroed()
    });
    world
}

const CLAIM_MOVES: [Move; 11] = [
    Move::Fund(1),
    Move::Fund(100),
    Move::Send(1),
    Move::Send(5),
    Move::Draw,
    Move::ShareOut,
    Move::Claim(0),
    Move::Claim(1),
    Move::Claim(2),
    Move::ReturnSurplus,
    Move::Wait(1),
];

fn tokens(world: &Recovery) -> u64 {
    let received: u64 = world.leaves.iter().map(|leaf| leaf.received).sum();
    world.pool + world.recovery_account.1 + world.treasury + received
}

/// The laws of sharing out, of one state.
fn conserved(world: &Recovery) -> Result<(), String> {
    let plan = world.restoration.ok_or("no restoration")?;
    let paid: u64 = world.leaves.iter().map(|leaf| leaf.received).sum();
    let is_share = |leaf: &Leaf| {
        leaf.paid == leaf.received && Some(leaf.received) <= payout_floor(leaf.amount, plan.shared, plan.total)
    };
    let laws = [
        ("tokens are conserved", tokens(world) == tokens(&recovering())),
        ("every leaf has at most its share", world.leaves.iter().all(is_share)),
        ("what was paid is what was written down", paid == plan.paid),
        (
            "no more is paid than was shared out, nor shared out than claimed",
            paid <= plan.shared && plan.shared <= plan.total,
        ),
        ("the pool covers what is due", plan.shared - paid <= world.pool),
        (
            "the recovery account keeps what others brought",
            world.recovery_account.1 >= 2,
        ),
    ];
    match laws.iter().find(|(_, holds)| !holds) {
        Some((law, _)) => Err((*law).into()),
        None => Ok(()),
    }
}

/// Every state there is.
fn explore_claims(broken: Broken) -> Result<Vec<Recovery>, String> {
    let mut seen = HashSet::new();
    let (mut all, mut frontier) = (Vec::new(), vec![recovering()]);
    while let Some(world) = frontier.pop() {
        for action in CLAIM_MOVES {
            let Some(mut after) = step(&world, &STRANGER, action, broken) else {
                continue;
            };
            after.at = world.at;
            conserved(&after).map_err(|law| format!("{action:?}: {law}"))?;
            let plan = after.restoration.ok_or("no restoration")?;
            let leaves = [0, 1, 2].map(|number: usize| after.leaves[number].received);
            let drawn = after.vault.evacuation.drawn;
            if seen.insert((after.pool, after.treasury, plan.shared, plan.paid, leaves, drawn)) {
                all.push(after.clone());
                frontier.push(after);
            }
        }
    }
    Ok(all)
}

#[test]
fn nothing_is_paid_that_was_not_shared_out_and_every_claim_ends_paid() {
    let states = explore_claims(Broken::Nothing).unwrap_or_else(|law| panic!("{law}"));
    assert!(states.len() > 500, "{}", states.len());
    for state in states {
        let mut world = state;
        let steps = [
            Move::Fund(100),
            Move::ShareOut,
            Move::Claim(0),
            Move::Claim(1),
            Move::Claim(2),
        ];
        for action in steps {
            if let Ok(next) = world.step(&STRANGER, action) {
                world = next;
            }
        }
        for leaf in &world.leaves {
            assert_eq!(leaf.received, leaf.amount);
        }
        // And what was too much comes back.
        let _ = world.step(&STRANGER, Move::ReturnSurplus).map(|next| world = next);
        assert_eq!(world.pool, 0);
    }
}

#[test]
fn broken_claims_are_found() {
    for broken in [Broken::PaysTwice, Broken::SharesOutTwice, Broken::DrawsAll] {
        assert!(explore_claims(broken).is_err());
    }
}

/// Over a number that nobody has registered there is no ballot, and none over another domain's ledger.
#[test]
fn a_ballot_is_over_a_registered_ledger() {
    use bulkhead_core::CoreError;
    let attempt = |ledger| {
        let world = Recovery { ledger, ..frozen() };
        world.step(&STRANGER, Move::OpenBallot).map(|_| ())
    };
    let own = frozen().ledger;
    assert_eq!(attempt(own), Ok(()));
    assert_eq!(attempt(None), Err(CoreError::NoSuchLedger));
    let number = own.map(|ledger| Ledger { index: 1, ..ledger });
    let domain = own.map(|ledger| Ledger {
        domain: key(99),
        ..ledger
    });
    assert_eq!(attempt(number), Err(CoreError::ForeignAccount));
    assert_eq!(attempt(domain), Err(CoreError::ForeignAccount));
}
