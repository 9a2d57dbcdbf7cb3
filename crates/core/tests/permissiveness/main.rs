//! Every way to loosen is seen, every way to tighten is let through.

mod detectors;
mod members;
mod pauses;
mod vaults;

use bulkhead_core::{
    acts::At,
    breakers::{
        verdict::Verdict,
        window::{self, Moment},
    },
    domain::council,
    pause::board,
    permissiveness::{AnyDetector, Loosening, Safety, is_at_most, loosening},
};
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::{
    Pubkey,
    constants::{BPS, VERSION, phase, release_state, vault_state},
    discriminator,
    layout::{Council, Domain, EmergencyAction, Latch, Ledger, Link, OutflowBreaker, PauseBoard, Release, Vault},
};
use bytemuck::Zeroable;
use members::openly_equal;

const SLOT: u64 = 1_000;
const NOW: i64 = 100_000;
const AT: At = At { slot: SLOT, now: NOW };
const HOUR: i64 = 3_600;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

#[derive(Clone)]
struct World {
    domain: Domain,
    council: Council,
    board: PauseBoard,
    breakers: Vec<(Pubkey, OutflowBreaker)>,
    vaults: Vec<(Pubkey, Vault)>,
    releases: Vec<(Pubkey, Release)>,
    ledgers: Vec<(Pubkey, Ledger)>,
    links: Vec<(Pubkey, Link)>,
    detectors: Vec<(Pubkey, AnyDetector)>,
    emergency_actions: Vec<(Pubkey, EmergencyAction)>,
}

impl World {
    fn new() -> Self {
        let mut board = PauseBoard {
            version: VERSION,
            ..PauseBoard::zeroed()
        };
        board::open(&mut board);
        let mut council = Council {
            member_count: 2,
            freeze_threshold: 2,
            pause_rights: 3,
            default_mask: action::DEFAULT_EMERGENCY,
            heartbeat_seconds: 24 * HOUR,
            fallback_seconds: 7 * 24 * HOUR,
            guardian_pause_seconds: HOUR,
            guardian_pauses_per_day: 2,
            guardian_pauses_in_a_row: 2,
            fallback: key(9),
            ..Council::zeroed()
        };
        for (number, member) in (1..).zip(&mut council.members[..2]) {
            (member.key, member.roles, member.pause_rights) = (key(number), 3, 3);
            member.last_active_ts = NOW - HOUR;
        }
        let breaker = OutflowBreaker {
            sub_windows: 12,
            window_seconds: HOUR,
            shards: 1,
            limit: 1_000,
            slot_limit: 600,
            latch: Latch {
                seconds: HOUR,
                ..bytemuck::Zeroable::zeroed()
            },
            ..OutflowBreaker::zeroed()
        };
        let vault = Vault {
            route: key(20),
            operator: key(21),
            breaker: key(10),
            queue_seconds: 24 * HOUR,
            ..Vault::zeroed()
        };
        let release = Release {
            version: 1,
            amount: 50,
            payable_ts: NOW + HOUR,
            destination: key(22),
            vault: key(11),
            ..Release::zeroed()
        };
        Self {
            domain: Domain {
                state: phase::OPERATING,
                ..Domain::zeroed()
            },
            council,
            board,
            breakers: vec![(key(10), breaker)],
            vaults: vec![(key(11), vault)],
            releases: vec![(key(12), release)],
            ledgers: vec![(key(13), Ledger::zeroed())],
            links: vec![(key(17), Link::zeroed())],
            detectors: vec![
                (key(14), AnyDetector::Price(Zeroable::zeroed())),
                (key(15), AnyDetector::Solvency(Zeroable::zeroed())),
                (key(16), AnyDetector::Authority(Zeroable::zeroed())),
            ],
            emergency_actions: vec![(key(18), EmergencyAction::zeroed())],
        }
    }

    fn moment(&self) -> Moment {
        Moment {
            slot: SLOT,
            now: NOW,
            ramp_bps: self.board.domain_row.ramp_bps,
            unpaused_slot: self.board.unpaused_slot,
        }
    }

    fn board_bytes(&self) -> Vec<u8> {
        [&discriminator::PAUSE_BOARD[..], bytemuck::bytes_of(&self.board)].concat()
    }
}

fn compare(before: &World, after: &World) -> Option<Loosening> {
    let (old, new) = (before.board_bytes(), after.board_bytes());
    let (old, new) = (safety(before, &old), safety(after, &new));
    let found = loosening(&old, &new, SLOT, NOW);
    assert_eq!(found.is_none(), is_at_most(&new, &old, SLOT, NOW));
    found
}

fn safety<'a>(world: &'a World, board: &'a [u8]) -> Safety<'a> {
    Safety {
        domain: &world.domain,
        council: &world.council,
        board,
        breakers: &world.breakers,
        vaults: &world.vaults,
        releases: &world.releases,
        ledgers: &world.ledgers,
        links: &world.links,
        detectors: &world.detectors,
        emergency_actions: &world.emergency_actions,
    }
}

/// `change` loosens exactly this first.
fn loosens(before: &World, change: impl Fn(&mut World), expected: Loosening) {
    let mut after = before.clone();
    change(&mut after);
    assert_eq!(compare(before, &after), Some(expected));
}

/// `change` does not loosen; gives the state after it.
fn tightens(before: &World, change: impl Fn(&mut World)) -> World {
    let mut after = before.clone();
    change(&mut after);
    assert_eq!(compare(before, &after), None);
    after
}

#[test]
fn a_state_is_at_most_as_permissive_as_itself() {
    assert_eq!(compare(&World::new(), &World::new()), None);
}
