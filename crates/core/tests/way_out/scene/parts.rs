//! What a game is played with, and the domain made of it.

use std::{fmt, rc::Rc};

use bulkhead_core::{
    acts::{At, change_council},
    breakers::window,
    detectors::price,
    machine::{Custody, State, Token},
    pause::board,
    permissiveness::AnyDetector,
};
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, phase, price_source, reading},
    layout::{
        Authorities, AuthorityWatch, Council, Domain, Link, OutflowBreaker, PauseBoard, PriceBreaker, SolvencyBreaker,
        Vault,
    },
};
use bytemuck::Zeroable;

use super::{
    ADMIN, BREAKER, COMPARTMENT, CUSTODY, DOMAIN, HONEST, HOST, HOST_PROGRAM, HOSTILE, HOUR, LIMIT, NOW, PRICE, ROUTE,
    STRANGER, UPSTREAM, VAULT, armed, key, keys, limits, plan,
};

/// What a game is played with, besides the council.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    pub breaker: bool,
    pub watch: bool,
    pub books: bool,
    pub prices: bool,
    pub link: bool,
    pub vault: bool,
    /// The hostile member makes proposals of its own.
    pub papers: bool,
    /// Hours that the cluster may stand still, whenever the adversary likes.
    pub halts: u8,
}

impl Parts {
    pub const VAULT: Self = Self {
        vault: true,
        ..Self::NONE
    };
    /// The hostile member's own proposals change nothing that others do: where there is more to do it makes none.
    pub const PAPERS: Self = Self {
        papers: true,
        ..Self::NONE
    };
    pub const BREAKER: Self = Self {
        breaker: true,
        ..Self::NONE
    };
    pub const WATCH: Self = Self {
        watch: true,
        ..Self::NONE
    };
    pub const BOOKS: Self = Self {
        books: true,
        ..Self::NONE
    };
    pub const PRICES: Self = Self {
        prices: true,
        ..Self::NONE
    };
    pub const LINK: Self = Self {
        link: true,
        ..Self::NONE
    };
    pub const ALL: Self = Self {
        breaker: true,
        watch: true,
        books: true,
        prices: true,
        link: true,
        vault: true,
        papers: false,
        halts: 0,
    };
    pub const HALTED_VAULT: Self = Self {
        vault: true,
        halts: 2,
        ..Self::NONE
    };
    pub const HALTED_BREAKER: Self = Self {
        breaker: true,
        halts: 1,
        ..Self::NONE
    };

    const NONE: Self = Self {
        breaker: false,
        watch: false,
        books: false,
        prices: false,
        link: false,
        vault: false,
        papers: false,
        halts: 0,
    };
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let all = [
            (self.breaker, "breaker"),
            (self.watch, "watch"),
            (self.books, "solvency"),
            (self.prices, "prices"),
            (self.link, "link"),
            (self.vault, "vault"),
            (self.papers, "papers"),
            (self.halts != 0, "halts"),
        ];
        let names: Vec<_> = all
            .into_iter()
            .filter(|(is_there, _)| *is_there)
            .map(|(_, name)| name)
            .collect();
        write!(f, "{}", names.join(" and "))
    }
}

fn breaker() -> OutflowBreaker {
    let mut breaker = OutflowBreaker {
        version: VERSION,
        sub_windows: 4,
        shards: 1,
        authority: HOST,
        window_seconds: 4 * HOUR,
        latch: armed(COMPARTMENT),
        compartment: COMPARTMENT,
        domain: DOMAIN,
        ..OutflowBreaker::zeroed()
    };
    window::open_reference(&mut breaker);
    limits(LIMIT).put(&mut breaker);
    breaker.trip_limit = 2 * LIMIT;
    breaker
}

fn detectors(parts: Parts) -> Vec<(Pubkey, AnyDetector)> {
    let watch = AuthorityWatch {
        domain: DOMAIN,
        latch: armed(SCOPE_DOMAIN),
        expected: Authorities {
            reading: reading::READ,
            keys: [ADMIN, Pubkey::default(), Pubkey::default()],
            ..Authorities::zeroed()
        },
        ..AuthorityWatch::zeroed()
    };
    let books = SolvencyBreaker {
        domain: DOMAIN,
        latch: armed(SCOPE_DOMAIN),
        ..SolvencyBreaker::zeroed()
    };
    let config = price::Config {
        max_age_seconds: 3_600,
        min_interval_seconds: 1,
        max_confidence_bps: 100,
        ..price::Config::default()
    };
    let prices = PriceBreaker {
        domain: DOMAIN,
        latch: armed(COMPARTMENT),
        compartment: COMPARTMENT,
        kind: price_source::HOST,
        width: 8,
        source: PRICE,
        account: PRICE,
        program: HOST_PROGRAM,
        time_offset: 8,
        confidence_offset: 16,
        rules: price::rules(&config, true).expect("in range"),
        ..PriceBreaker::zeroed()
    };
    let all = [
        (parts.watch, AnyDetector::Authority(watch)),
        (parts.books, AnyDetector::Solvency(books)),
        (parts.prices, AnyDetector::Price(prices)),
    ];
    let numbered = keys().detectors.iter().copied().zip(all);
    numbered
        .filter(|(_, (is_there, _))| *is_there)
        .map(|(key, (_, detector))| (key, detector))
        .collect()
}

/// In peace.
pub fn operating(parts: Parts) -> State {
    let at = At { slot: 1_000, now: NOW };
    let mut council = Council {
        version: VERSION,
        domain: DOMAIN,
        ..Council::zeroed()
    };
    let [first, second] = HONEST;
    change_council(&mut council, &plan(&[first, second, HOSTILE]), NOW).expect("a sound council");
    let mut pauses = PauseBoard {
        version: VERSION,
        ..PauseBoard::zeroed()
    };
    board::open(&mut pauses);
    let domain = Domain {
        version: VERSION,
        state: phase::OPERATING,
        ..Domain::zeroed()
    };
    let breakers = if parts.breaker {
        vec![(BREAKER, breaker())]
    } else {
        vec![]
    };
    let mut state = State::new(at, domain, council, pauses, breakers);
    state.detectors = Rc::new(detectors(parts));
    if parts.link {
        let link = Link {
            upstream: UPSTREAM,
            upstream_board: key(51),
            upstream_scope: SCOPE_DOMAIN,
            upstream_mask: u32::MAX,
            compartments: 1 << COMPARTMENT,
            mask: action::WITHDRAW | action::TRADE,
            ..Link::zeroed()
        };
        state.links = Rc::new(vec![(key(50), link)]);
    }
    if parts.vault {
        state.custody = Rc::new(custody());
    }
    state
}

fn custody() -> Custody {
    let tokens = [(VAULT, 1_000), (DOMAIN, 0), (STRANGER, 1_000)];
    let tokens = (60..).zip(tokens).map(|(number, (holder, amount))| Token {
        key: key(number),
        holder,
        amount,
        is_frozen: false,
    });
    let tokens: Vec<_> = tokens.collect();
    let vault = Vault {
        version: VERSION,
        compartment: COMPARTMENT,
        domain: DOMAIN,
        latch: armed(COMPARTMENT),
        mint: key(70),
        token_program: key(71),
        custody: tokens[CUSTODY].key,
        operator: HOST,
        breaker: BREAKER,
        route: tokens[ROUTE].key,
        route_holder: DOMAIN,
        queue_seconds: HOUR,
        ..Vault::zeroed()
    };
    Custody {
        vaults: vec![(VAULT, vault)],
        tokens,
        ..Custody::default()
    }
}
