//! A greedy adversary against the built program. It signs for the host, so it may meter, and claim
//! any inflow; it has the funds to move the reference up and down; it unpauses nothing and waits for no
//! one. Whatever the program lets through is written down, and every window of it is added up by
//! brute force: never more than (1 + 1/k) T.

use std::time::Instant;

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::OpenBreakerArgs;
use bulkhead_client::{instructions as ix, pda, view};
use bulkhead_interface::constants::verdict;
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::world_with;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// T of all shards together.
const LIMIT: u64 = 1_000_000;
const WINDOW: i64 = 960;
const COMPARTMENT: u8 = 3;

/// How the adversary plays.
#[derive(Clone, Copy, Debug)]
enum Strategy {
    /// Takes all there is room for, every few seconds.
    Always,
    /// Takes all at the last second of a sub-window and all at the first of the next.
    Edges,
    /// Claims endless inflow before it takes.
    InflowPump,
    /// Flashes a fortune into the reference for every look, and takes.
    ReferencePump,
    /// Half of the shards at a time, by turns.
    Shards,
    /// Takes in many pieces within each slot.
    SlotPacking,
}

const STRATEGIES: [Strategy; 6] = [
    Strategy::Always,
    Strategy::Edges,
    Strategy::InflowPump,
    Strategy::ReferencePump,
    Strategy::Shards,
    Strategy::SlotPacking,
];

struct Outflow {
    ts: i64,
    slot: u64,
    amount: u64,
}

struct Table {
    machine: Machine,
    protocol: Protocol,
    host: Keypair,
    k: u8,
    reference: Pubkey,
    breakers: Vec<Pubkey>,
    outflows: Vec<Outflow>,
}

impl Table {
    fn new(strategy: Strategy, k: u8) -> Self {
        let (mut machine, protocol) = world_with(&Setup {
            activate: false,
            ..Setup::default()
        });
        let (host, reference) = (keypair("greedy host"), keypair("reference").pubkey());
        let is_referred = matches!(strategy, Strategy::ReferencePump);
        // At ten percent of the reference, T is half of what it is natively.
        machine.create_token_account(&reference, &protocol.mint, &host.pubkey(), 5 * LIMIT);
        let shards = if matches!(strategy, Strategy::Shards) { 4 } else { 1 };
        let payer = machine.payer.pubkey();
        let authority = ix::Authority {
            signer: protocol.setup_authority.pubkey(),
            domain: protocol.domain,
            proposal: None,
        };
        let breakers = (0..shards)
            .map(|shard| {
                let args = OpenBreakerArgs {
                    compartment: COMPARTMENT,
                    shard,
                    shards,
                    mint: protocol.mint,
                    authority: host.pubkey(),
                    sub_windows: k,
                    trip_scope: COMPARTMENT,
                    window_seconds: WINDOW,
                    limit: LIMIT,
                    slot_limit: LIMIT,
                    latch_seconds: 1,
                    limit_bps: if is_referred { 1_000 } else { 0 },
                    slot_bps: 0,
                    reference,
                    inflow_credit: LIMIT / u64::from(k),
                    trip_limit: LIMIT,
                    trip_bps: 0,
                };
                let open = ix::open_breaker(authority, payer, args);
                protocol.must(&mut machine, &[open], &[&protocol.setup_authority]);
                pda::outflow_breaker(&protocol.domain, COMPARTMENT, &protocol.mint, shard)
            })
            .collect();
        let activate = ix::activate_domain(protocol.setup_authority.pubkey());
        protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);
        Self {
            machine,
            protocol,
            host,
            k,
            reference,
            breakers,
            outflows: vec![],
        }
    }

    /// Seconds of a sub-window.
    fn sub_window(&self) -> i64 {
        (WINDOW + i64::from(self.k) - 1) / i64::from(self.k)
    }

    /// What anyone can work out from the accounts.
    fn room(&self, breaker: &Pubkey) -> u64 {
        let board_key = pda::board(&self.protocol.domain);
        let (state, board) = (self.machine.account(breaker), self.machine.account(&board_key));
        let (state, board) = (state.expect("a breaker"), board.expect("a board"));
        let breaker = view::Fetched {
            key: breaker,
            owner: &state.owner,
            data: &state.data,
        };
        let board = view::Fetched {
            key: &board_key,
            owner: &board.owner,
            data: &board.data,
        };
        let clock = self.machine.clock();
        let answer = view::outflow(&breaker, &board, clock.slot, clock.unix_timestamp);
        answer.expect("a breaker and its board").remaining
    }

    /// Takes `amount`, and says whether it was let through.
    fn take(&mut self, breaker: Pubkey, amount: u64) -> bool {
        let meter = ix::meter_outflow(self.protocol.domain, breaker, self.host.pubkey(), amount);
        let outcome = self.protocol.must(&mut self.machine, &[meter], &[&self.host]);
        let is_allowed = outcome.return_data == [verdict::ALLOWED];
        if is_allowed {
            let clock = self.machine.clock();
            self.outflows.push(Outflow {
                ts: clock.unix_timestamp,
                slot: clock.slot,
                amount,
            });
        }
        is_allowed
    }

    /// Takes all there is room for, and shows that one unit more is not let through.
    fn take_all(&mut self, breaker: Pubkey, parts: u64) {
        for part in (1..=parts).rev() {
            let amount = self.room(&breaker).div_ceil(part);
            if amount > 0 {
                assert!(self.take(breaker, amount), "what the view promised was refused");
            }
        }
        assert_eq!(self.room(&breaker), 0);
    }

    fn claim_inflow(&mut self, breaker: Pubkey) {
        let inflow = ix::record_inflow(breaker, self.host.pubkey(), None, u64::MAX);
        self.protocol.must(&mut self.machine, &[inflow], &[&self.host]);
    }

    /// A look at the reference while it holds `balance`.
    fn look(&mut self, breaker: Pubkey, balance: u64) {
        let mint = self.protocol.mint;
        let (reference, host) = (self.reference, self.host.pubkey());
        self.machine.create_token_account(&reference, &mint, &host, balance);
        let observe = ix::observe_reference(breaker, reference);
        self.protocol.must(&mut self.machine, &[observe], &[]);
    }

    fn play(&mut self, strategy: Strategy, steps: i64) {
        let (first, s) = (self.breakers[0], self.sub_window());
        if matches!(strategy, Strategy::ReferencePump) {
            self.look(first, 5 * LIMIT);
        }
        for step in 0..steps {
            match strategy {
                Strategy::Always => {
                    self.machine.warp_seconds(1 + step * 7 % (s / 2));
                    self.take_all(first, 1);
                }
                Strategy::Edges => {
                    let into = self.machine.clock().unix_timestamp % s;
                    // To the last second of the sub-window, then to the first of the next.
                    self.machine.warp_seconds(if into == s - 1 { 1 } else { s - 1 - into });
                    self.claim_inflow(first);
                    self.take_all(first, 1);
                }
                Strategy::InflowPump => {
                    self.machine.warp_seconds(1 + step * 11 % s);
                    self.claim_inflow(first);
                    self.take_all(first, 1);
                    self.claim_inflow(first);
                    self.take_all(first, 1);
                }
                Strategy::ReferencePump => {
                    // Two looks at a fortune and an honest one, over and over.
                    self.machine.warp_seconds(s / 2 + 1);
                    let fortune = if step % 3 == 2 { 5 * LIMIT } else { 5_000 * LIMIT };
                    self.look(first, fortune);
                    self.claim_inflow(first);
                    self.take_all(first, 1);
                }
                Strategy::Shards => {
                    self.machine.warp_seconds(1 + step * 5 % s);
                    for shard in [step % 4, (step + 1) % 4] {
                        let breaker = self.breakers[usize::try_from(shard).expect("one of four")];
                        self.claim_inflow(breaker);
                        self.take_all(breaker, 1);
                    }
                }
                Strategy::SlotPacking => {
                    self.machine.warp_seconds(1 + step * 3 % s);
                    self.claim_inflow(first);
                    self.take_all(first, 3);
                }
            }
        }
    }

    /// The most of any closed window of W seconds, trying every start.
    fn worst_window(&self) -> u64 {
        let from = |start: &Outflow| -> u64 {
            let inside = self
                .outflows
                .iter()
                .filter(|o| (start.ts..=start.ts + WINDOW).contains(&o.ts));
            inside.map(|o| o.amount).sum()
        };
        self.outflows.iter().map(from).max().unwrap_or(0)
    }

    fn worst_slot(&self) -> u64 {
        let of = |slot| self.outflows.iter().filter(|o| o.slot == slot).map(|o| o.amount).sum();
        self.outflows.iter().map(|o| of(o.slot)).max().unwrap_or(0)
    }
}

#[test]
fn greed_gets_no_more_than_t_and_a_kth_out_of_any_window() {
    let started = Instant::now();
    for k in [4, 8, 12, 24] {
        let mut worst = (0, None);
        for strategy in STRATEGIES {
            let mut table = Table::new(strategy, k);
            table.play(strategy, 10 * i64::from(k));
            let gross = table.worst_window();
            // At a tenth of the reference it may only take half.
            let limit = if matches!(strategy, Strategy::ReferencePump) {
                LIMIT / 2
            } else {
                LIMIT
            };
            let bound = limit + limit / u64::from(k);
            assert!(gross <= bound, "k = {k}, {strategy:?}: {gross} of {bound}");
            assert!(table.worst_slot() <= LIMIT, "k = {k}, {strategy:?}: too much in a slot");
            assert!(
                gross > limit / 2,
                "k = {k}, {strategy:?}: the adversary does not try hard enough"
            );
            let ratio = gross * 10_000 / limit;
            if ratio >= worst.0 {
                worst = (ratio, Some(strategy));
            }
        }
        let (ratio, bound) = (worst.0, 10_000 + 10_000 / u64::from(k));
        println!(
            "k = {k:2}: worst window {ratio} bps of T by {:?}, bound {bound}",
            worst.1.expect("some strategy")
        );
        assert!(ratio <= bound);
    }
    println!("{:.1} s", started.elapsed().as_secs_f64());
}
