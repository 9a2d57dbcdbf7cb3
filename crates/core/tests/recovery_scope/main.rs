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
//!
//! Batches, wishes and successors: see `pushes.rs`.
//!
//! Interim claims: whichever state is chosen and when, no leaf is paid more before the vote than its fair share of what
//! was there, the books of both states say the same, and the final claims end with every leaf paid what is its.

mod books;
mod claims;
mod deadline;
mod escape;
mod interim;
mod pushes;
mod voting;

use std::{collections::HashSet, rc::Rc};

use books::Books;
use bulkhead_core::{
    acts::{At, Plan},
    ballots::ballot,
    machine::recovery::{Book, Leaf, Move, Purse, Recovery, RecoveryKeys, Voter},
    restoration::prorata::payout_floor,
};
use bulkhead_interface::{
    Pubkey,
    constants::{
        CHOICE_NONE, NOMINATION_PATIENCE_SECONDS, NOMINATION_SECONDS, VERSION, WINNER_SECONDS, ballot_state,
        interim_state, phase, role, snapshot_source, snapshot_state,
    },
    layout::{
        CheckpointLog, ClaimRedirect, Council, Domain, Evacuation, Incident, Ledger, Restoration, Snapshot, Vault,
        VoterEscrow,
    },
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
    /// What was paid before the vote is not written down under the checkpoint.
    ForgetsCheckpointsBook,
    /// A third state begins anew, as if nothing had been paid.
    ForgetsThirdState,
    /// A vault gives its share again from its other account.
    GivesTwice,
    /// Pages of interim claims are closed while they run.
    ClosesEarly,
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
        leaves: (1..)
            .zip([1, 2, 4])
            .map(|(number, amount)| leaf(number, amount))
            .collect(),
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
        custody: 0,
        interim: None,
        log: None,
        terms: None,
        rest: 0,
        wishes: vec![],
    }
}

fn leaf(number: u8, amount: u64) -> Leaf {
    Leaf {
        key: key(60 + number),
        owner: key(70 + number),
        amount,
        ..Leaf::default()
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
        (Broken::GivesTwice, Move::FundInterim(_)) => {
            if let Some(interim) = &mut before.interim {
                interim.sources = Zeroable::zeroed();
            }
        }
        (Broken::ClosesEarly, Move::ClosePage(_)) => {
            if let Some(interim) = &mut before.interim {
                interim.state = interim_state::ENDED;
            }
        }
        (Broken::ForgetsThirdState, Move::Claim(number)) => before.leaves[number].books[0] = 0,
        _ => {}
    }
    let mut after = before.step(signer, action).ok()?;
    match (broken, action) {
        (Broken::ClosesEarly, Move::ClosePage(_)) => {
            let state = world
                .interim
                .as_ref()
                .map_or(interim_state::OPEN, |interim| interim.state);
            after.interim.iter_mut().for_each(|interim| interim.state = state);
        }
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
        (Broken::ForgetsCheckpointsBook, Move::ClaimInterim(number)) => after.leaves[number].books[1] = 0,
        _ => {}
    }
    Some(after)
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
