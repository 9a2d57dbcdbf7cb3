//! The small domain, and where games begin.

mod parts;

use std::{fmt, sync::LazyLock};

use bulkhead_core::{
    CoreError,
    acts::Reopening,
    breakers::window::Limits,
    detectors::latch,
    machine::{Action, CustodyAction, Decision, Keys, State, Which},
};
use bulkhead_guard::action;
use bulkhead_interface::{
    Pubkey,
    constants::{BPS, MIN_RUN_SECONDS, role},
    layout::{Council, Latch, Policy},
};
use bytemuck::Zeroable;

use crate::game::Node;

pub use parts::{Parts, operating};

/// Every time there is, is a multiple of it: nothing begins or ends in between.
pub const HOUR: i64 = 3_600;
pub const SLOTS_AN_HOUR: u64 = 9_000;
const SLOTS_OF_A_HALT: u64 = 8;
pub const DELAY: i64 = HOUR;
/// Half of a delay has to pass by slots besides.
pub const DELAY_SLOTS: u64 = SLOTS_AN_HOUR / 2;
/// As soon as a council may have it.
pub const EXPIRY: i64 = DELAY + MIN_RUN_SECONDS;
/// Longer than a delay, so that whatever is closed while a proposal waits is closed when it runs.
pub const GUARDIAN_PAUSE: i64 = 2 * HOUR;
/// Shorter than the trip, so that a detector latches again while its trip lasts.
pub const LATCH: i64 = 2 * HOUR;
pub const TRIP: i64 = 3 * HOUR;
pub const UPSTREAM_SECONDS: i64 = 2 * HOUR;
/// No game lasts so long: who was active stays so.
pub const HEARTBEAT: i64 = 30 * 24 * HOUR;
pub const RIGHTS: u8 = 2;
pub const LIMIT: u64 = 1_000;
const NOW: i64 = 20_000 * 86_400;

pub const HONEST: [Pubkey; 2] = [key(1), key(2)];
pub const HOSTILE: Pubkey = key(3);
pub const HOST: Pubkey = key(4);
pub const STRANGER: Pubkey = key(5);
pub const DOMAIN: Pubkey = key(10);
pub const BREAKER: Pubkey = key(11);
pub const UPSTREAM: Pubkey = key(12);
const VAULT: Pubkey = key(13);
const PRICE: Pubkey = key(14);
const HOST_PROGRAM: Pubkey = key(15);
const ADMIN: Pubkey = key(16);

/// Detectors, as the books number them.
pub const DETECTORS: [Which; 4] = [
    Which::Breaker(0),
    Which::Other(WATCH),
    Which::Other(BOOKS),
    Which::Other(PRICES),
];
pub const WATCH: usize = 0;
pub const BOOKS: usize = 1;
pub const PRICES: usize = 2;

/// Token accounts, by number.
pub const CUSTODY: usize = 0;
pub const ROUTE: usize = 1;
pub const DUST: usize = 2;

/// Where the breaker, the prices and the link close. The watch and the books close the domain.
pub const COMPARTMENT: u8 = 1;
/// One that nothing but the domain's own row closes.
pub const ELSEWHERE: u8 = 5;

pub const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

/// An authority that a thief has put in place, by number; 0 is the registered one.
pub fn admin(number: u8) -> Pubkey {
    if number == 0 { ADMIN } else { key(100 + number) }
}

pub fn keys() -> &'static Keys {
    static KEYS: LazyLock<Keys> = LazyLock::new(|| {
        let numbered =
            |first: u8, count: u8| -> Vec<_> { (0..count).map(|number| (key(first + number), 255)).collect() };
        let [first, second] = HONEST;
        Keys {
            domain: DOMAIN,
            breakers: vec![BREAKER],
            detectors: (20..23).map(key).collect(),
            incidents: numbered(110, 140),
            migrations: vec![(key(30), 255); 140],
            proposals: [first, second, HOSTILE]
                .map(|proposer| (proposer, vec![(key(40), 255); 96]))
                .into(),
            payer: key(7),
            ..Keys::default()
        }
    });
    &KEYS
}

/// What somebody does.
#[derive(Clone, Debug)]
pub enum Move {
    Act(Pubkey, Action),
    /// Anyone shows the host's price, which the host has made nonsense of, or not.
    Price {
        is_sound: bool,
    },
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self::Act(signer, action) = self else {
            return write!(f, "anyone: {self:?}");
        };
        let [first, second] = HONEST;
        let names = [
            (first, "first"),
            (second, "second"),
            (HOSTILE, "hostile"),
            (HOST, "host"),
        ];
        let name = names
            .iter()
            .find(|(key, _)| key == signer)
            .map_or("anyone", |(_, name)| name);
        write!(f, "{name}: {action:?}")
    }
}

/// How things are done: as the acts say, or wrongly.
pub type Step = fn(&State, &Move) -> Result<State, CoreError>;

pub fn step(state: &State, what: &Move) -> Result<State, CoreError> {
    match what {
        Move::Act(signer, action) => state.step(keys(), signer, action),
        Move::Price { is_sound } => {
            // As unsure as it is high.
            let confidence: u64 = if *is_sound { 0 } else { 1_000 };
            let data = [
                1_000_u64.to_le_bytes(),
                state.at.now.to_le_bytes(),
                confidence.to_le_bytes(),
            ]
            .concat();
            state.step(keys(), &Pubkey::default(), &Action::ObservePrice(PRICES, data))
        }
    }
}

/// Two of three decide everything; the third may be hostile.
pub fn plan(members: &[Pubkey]) -> Council {
    let policy = Policy {
        threshold: 2,
        delay_seconds: DELAY,
        expiry_seconds: EXPIRY,
        ..Policy::zeroed()
    };
    let mut plan = Council {
        member_count: u8::try_from(members.len()).expect("few"),
        freeze_threshold: 2,
        pause_rights: RIGHTS,
        veto_rights: RIGHTS,
        guardian_pause_seconds: GUARDIAN_PAUSE,
        trip_seconds: TRIP,
        default_mask: action::DEFAULT_EMERGENCY,
        // Rights alone keep a guardian from pausing: the day's caps would only help.
        guardian_pauses_per_day: 2 * RIGHTS,
        guardian_pauses_in_a_row: 2 * RIGHTS,
        heartbeat_seconds: HEARTBEAT,
        fallback_seconds: HEARTBEAT,
        fallback: key(8),
        policies: [policy; 4],
        domain: DOMAIN,
        ..Council::zeroed()
    };
    for (member, key) in plan.members.iter_mut().zip(members) {
        (member.key, member.roles) = (*key, role::GUARDIAN | role::APPROVER | role::VETOER);
    }
    plan
}

pub fn limits(limit: u64) -> Limits {
    Limits {
        limit,
        slot_limit: limit,
        limit_bps: 0,
        slot_bps: 0,
        inflow_credit: 0,
    }
}

fn armed(scope: u8) -> Latch {
    latch::armed(COMPARTMENT, scope, LATCH).expect("in range")
}

pub fn wait(slots: u64, seconds: i64) -> Move {
    Move::Act(STRANGER, Action::Wait { slots, seconds })
}

pub fn an_hour() -> Move {
    wait(SLOTS_AN_HOUR, HOUR)
}

/// The cluster's clock goes on, and the cluster does not.
pub fn a_halt() -> Move {
    wait(SLOTS_OF_A_HALT, HOUR)
}

pub fn is_halt(what: &Move) -> bool {
    matches!(
        what,
        Move::Act(
            _,
            Action::Wait {
                slots: SLOTS_OF_A_HALT,
                ..
            }
        )
    )
}

pub fn custody_of(signer: Pubkey, action: CustodyAction) -> Move {
    Move::Act(signer, Action::Custody(action))
}

/// The incident that is open, or was last.
pub fn latest(state: &State) -> Option<Pubkey> {
    let number = usize::try_from(state.domain.incident_count)
        .expect("few")
        .checked_sub(1)?;
    keys().incidents.get(number).map(|(key, _)| *key)
}

pub fn reopening(state: &State, ramp_bps: u16) -> Option<Decision> {
    latest(state).map(|incident| {
        Decision::Reopen(Reopening {
            incident,
            ramp_bps,
            grace_seconds: 0,
        })
    })
}

pub fn full(state: &State) -> Option<Decision> {
    reopening(state, BPS)
}

/// The moves of a story, one after the other.
pub fn after(parts: Parts, story: &[Move]) -> Node {
    let start = Node::new(operating(parts));
    story.iter().fold(start, |node, what| {
        let next = node.follow(step, what);
        next.unwrap_or_else(|error| panic!("{what:?}: {error:?}"))
            .unwrap_or_else(|wrong| panic!("{what:?}: {wrong:?}"))
    })
}
