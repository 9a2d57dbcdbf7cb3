//! What a breaker measures by besides native limits: bps of a reference, inflow credit, shards, and the
//! view that tells hosts how much may leave. Mostly attempts to get more out of it than it says.

use anchor_lang::{
    AnchorDeserialize,
    prelude::Pubkey,
    solana_program::{
        system_instruction,
        sysvar::instructions::{BorrowedAccountMeta, BorrowedInstruction, construct_instructions_data},
    },
};
use anchor_spl::token::spl_token;
use bulkhead::{
    error::BulkheadError,
    instructions::{LowerLimitArgs, OpenBreakerArgs, OutflowView, ResumeArgs, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda, view};
use bulkhead_core::{transaction::is_standalone, window::UNSEEN};
use bulkhead_guard::action;
use bulkhead_interface::{
    constants::{VERSION, verdict},
    layout::OutflowBreaker,
};
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{receiver, refused, world_with};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Seconds of a sub-window.
const SUB_WINDOW: i64 = 100;
/// Tokens in the reference at first.
const BALANCE: u64 = 1_000_000;

/// A breaker of ten percent of a reference, native limits out of the way, and half a window's credit.
struct Table {
    machine: Machine,
    protocol: Protocol,
    host: Keypair,
    /// Owns the reference, and funds of its own.
    whale: Keypair,
    fortune: Pubkey,
    args: OpenBreakerArgs,
    breaker: Pubkey,
}

impl Table {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl Fn(&mut OpenBreakerArgs)) -> Self {
        let (mut machine, protocol) = world_with(&Setup {
            activate: false,
            ..Setup::default()
        });
        let (host, whale) = (keypair("metering host"), keypair("whale"));
        let reference = keypair("reference").pubkey();
        machine.create_token_account(&reference, &protocol.mint, &whale.pubkey(), BALANCE);
        let fortune = machine.create_associated(&protocol.mint, &whale.pubkey(), 1_000 * BALANCE);
        let mut args = OpenBreakerArgs {
            compartment: 3,
            shard: 0,
            mint: protocol.mint,
            authority: host.pubkey(),
            sub_windows: 4,
            trip_scope: 3,
            window_seconds: 4 * SUB_WINDOW,
            limit: 800_000,
            slot_limit: 800_000,
            latch_seconds: 60,
            shards: 1,
            limit_bps: 1_000,
            slot_bps: 500,
            reference,
            inflow_credit: 0,
            trip_limit: 800_000,
            trip_bps: 0,
        };
        change(&mut args);
        // No patience: whatever does not fit the window latches.
        args.trip_bps = args.limit_bps;
        let mut table = Self {
            breaker: pda::outflow_breaker(&protocol.domain, args.compartment, &args.mint, args.shard),
            machine,
            protocol,
            host,
            whale,
            fortune,
            args: args.clone(),
        };
        table.open(args).expect("a sound breaker opens");
        let activate = ix::activate_domain(table.protocol.setup_authority.pubkey());
        table
            .protocol
            .must(&mut table.machine, &[activate], &[&table.protocol.setup_authority]);
        table
    }

    fn open(&mut self, args: OpenBreakerArgs) -> Result<bulkhead_testbed::Outcome, bulkhead_testbed::Failure> {
        let authority = ix::Authority {
            signer: self.protocol.setup_authority.pubkey(),
            domain: self.protocol.domain,
            proposal: None,
        };
        let payer = self.machine.payer.pubkey();
        let open = ix::open_breaker(authority, payer, args);
        self.machine.send(&[open], &[&self.protocol.setup_authority])
    }

    fn state(&self) -> OutflowBreaker {
        self.machine.load(&self.breaker)
    }

    fn observe(&self) -> Instruction {
        ix::observe_reference(self.breaker, self.args.reference)
    }

    fn look(&mut self) {
        let observe = self.observe();
        self.protocol.must(&mut self.machine, &[observe], &[]);
    }

    fn meter(&mut self, amount: u64) -> u8 {
        let meter = ix::meter_outflow(self.protocol.domain, self.breaker, self.host.pubkey(), amount);
        self.protocol
            .must(&mut self.machine, &[meter], &[&self.host])
            .return_data[0]
    }

    /// A transfer of the whale's.
    fn transfer(&self, from: &Pubkey, to: &Pubkey, amount: u64) -> Instruction {
        spl_token::instruction::transfer(&spl_token::ID, from, to, &self.whale.pubkey(), &[], amount)
            .expect("a transfer")
    }

    fn deposit(&mut self, amount: u64) {
        let deposit = self.transfer(&self.fortune, &self.args.reference, amount);
        self.protocol.must(&mut self.machine, &[deposit], &[&self.whale]);
    }

    fn withdraw(&mut self, amount: u64) {
        let withdraw = self.transfer(&self.args.reference, &self.fortune, amount);
        self.protocol.must(&mut self.machine, &[withdraw], &[&self.whale]);
    }

    /// What the program answers. It has to be what the client works out from the accounts.
    fn view(&mut self) -> OutflowView {
        let board_key = pda::board(&self.protocol.domain);
        let accounts = [self.breaker, board_key].map(|key| self.machine.account(&key).expect("it exists"));
        let [breaker, board] =
            [(&self.breaker, &accounts[0]), (&board_key, &accounts[1])].map(|(key, account)| view::Fetched {
                key,
                owner: &account.owner,
                data: &account.data,
            });
        let clock = self.machine.clock();
        let expected = view::outflow(&breaker, &board, clock.slot, clock.unix_timestamp);
        let ask = ix::view_outflow(self.protocol.domain, self.breaker);
        let answer = self.protocol.must(&mut self.machine, &[ask], &[]).return_data;
        let answer = OutflowView::try_from_slice(&padded(answer)).expect("an answer");
        assert_eq!(Some(answer), expected, "program and client disagree");
        answer
    }
}

/// The runtime cuts zeroes off the end of return data, as every client has to know.
fn padded(mut data: Vec<u8>) -> Vec<u8> {
    data.resize(5 * 8 + 1, 0);
    data
}

// The rule of being alone, on what the runtime writes.

#[test]
fn the_sysvar_as_the_runtime_writes_it_is_understood() {
    let (compute_budget, host) = (compute_budget(), keypair("host").pubkey());
    let key = keypair("account").pubkey();
    let written = |programs: &[Pubkey]| {
        let instructions: Vec<_> = programs
            .iter()
            .zip(0..)
            .map(|(program, number)| BorrowedInstruction {
                program_id: program,
                accounts: (0..number)
                    .map(|_| BorrowedAccountMeta {
                        pubkey: &key,
                        is_signer: true,
                        is_writable: false,
                    })
                    .collect(),
                data: &[1, 2, 3],
            })
            .collect();
        construct_instructions_data(&instructions)
    };
    let ask = |programs: &[Pubkey]| is_standalone(&written(programs), bulkhead::ID.as_array(), &[]);
    assert_eq!(ask(&[bulkhead::ID]), Some(true));
    assert_eq!(
        ask(&[compute_budget, compute_budget, bulkhead::ID, bulkhead::ID]),
        Some(true)
    );
    assert_eq!(ask(&[bulkhead::ID, host]), Some(false));
    assert_eq!(ask(&[host, compute_budget, bulkhead::ID]), Some(false));
    assert_eq!(ask(&[]), None);
}

fn compute_budget() -> Pubkey {
    "ComputeBudget111111111111111111111111111111"
        .parse()
        .expect("an address")
}

// References.

#[test]
fn a_flash_loan_is_not_seen_in_either_direction() {
    let mut table = Table::new();
    table.look();
    let before = table.state();
    // Deposit, look, withdraw, and withdraw, look, deposit: each in one transaction.
    let (reference, fortune) = (table.args.reference, table.fortune);
    for (there, back) in [(fortune, reference), (reference, fortune)] {
        let attack = [
            table.transfer(&there, &back, BALANCE),
            table.observe(),
            table.transfer(&back, &there, BALANCE),
        ];
        refused(
            table.machine.send(&attack, &[&table.whale]),
            BulkheadError::NotStandalone,
        );
    }
    // Nor with anything else before or behind it.
    let payer = table.machine.payer.pubkey();
    let other = system_instruction::transfer(&payer, &fortune, 1);
    for company in [[other.clone(), table.observe()], [table.observe(), other]] {
        refused(table.machine.send(&company, &[]), BulkheadError::NotStandalone);
    }
    assert_eq!(bytemuck::bytes_of(&table.state()), bytemuck::bytes_of(&before));
    // A priority fee is no company, and neither is Bulkhead itself.
    let fee = Instruction {
        program_id: compute_budget(),
        accounts: vec![],
        data: [&[3][..], &1_000u64.to_le_bytes()].concat(),
    };
    let view = ix::view_outflow(table.protocol.domain, table.breaker);
    let sound = [fee, table.observe(), view];
    table.protocol.must(&mut table.machine, &sound, &[]);
}

#[test]
fn a_deposit_of_one_slot_raises_nothing_and_one_of_a_window_does() {
    let mut table = Table::new();
    assert_eq!(table.view().limit, 800_000, "native until the first look");
    table.look();
    assert_eq!((table.view().limit, table.view().in_slot), (100_000, 50_000));

    // The whale deposits, looks and withdraws, in transactions of their own, in every other sub-window.
    for _ in 0..10 {
        table.machine.warp_seconds(2 * SUB_WINDOW);
        table.deposit(100 * BALANCE);
        table.look();
        table.withdraw(100 * BALANCE);
        assert_eq!(table.view().limit, 100_000);
    }
    // One honest look a window undoes any number of others.
    for number in 0..12 {
        table.machine.warp_seconds(SUB_WINDOW);
        table.deposit(100 * BALANCE);
        table.look();
        table.withdraw(100 * BALANCE);
        if number % 4 == 0 {
            table.look();
        }
        assert_eq!(table.view().limit, 100_000);
    }
    table.look();
    // A deposit that stays, and is seen in every sub-window, counts after a whole window of it.
    table.deposit(BALANCE);
    let now = table.machine.clock().unix_timestamp;
    table.machine.warp_seconds(SUB_WINDOW - now % SUB_WINDOW);
    for _ in 0..4 {
        table.look();
        assert_eq!(table.view().limit, 100_000);
        table.machine.warp_seconds(SUB_WINDOW);
    }
    assert_eq!(table.view().limit, 200_000);
    // And a withdrawal at once.
    table.withdraw(2 * BALANCE);
    table.look();
    assert_eq!(table.view().limit, 0);
    assert_eq!(table.meter(1), verdict::QUEUED);
}

#[test]
fn bps_are_enforced_and_what_left_is_seen_in_them() {
    let mut table = Table::new();
    table.look();
    assert_eq!(table.meter(50_001), verdict::QUEUED, "over a slot's share");
    table.machine.warp_seconds(60);
    for _ in 0..2 {
        assert_eq!(table.meter(50_000), verdict::ALLOWED);
        table.machine.next_slot();
    }
    assert_eq!(table.meter(1), verdict::QUEUED, "over the window's share");
    let state = table.state();
    assert_eq!((state.latch.seen, state.latch.allowed), (100_001, 100_000));
}

#[test]
fn only_the_reference_itself_is_looked_at() {
    let mut table = Table::new();
    let wrong = ix::observe_reference(table.breaker, table.fortune);
    refused(table.machine.send(&[wrong], &[]), BulkheadError::ForeignAccount);
    let reference = table.args.reference;
    let sound = table.machine.account(&reference).expect("it exists");

    let mut forged = sound.clone();
    forged.owner = keypair("some program").pubkey();
    table.machine.write_account(&reference, forged);
    refused(
        table.machine.send(&[table.observe()], &[]),
        BulkheadError::ForeignAccount,
    );
    let mut other_mint = sound.clone();
    other_mint.data[..32].copy_from_slice(table.protocol.governance_mint.as_ref());
    table.machine.write_account(&reference, other_mint);
    refused(
        table.machine.send(&[table.observe()], &[]),
        BulkheadError::ForeignAccount,
    );
    let mut short = sound.clone();
    short.data.truncate(100);
    table.machine.write_account(&reference, short);
    refused(
        table.machine.send(&[table.observe()], &[]),
        BulkheadError::ForeignAccount,
    );
    assert_eq!(table.state().reference_min, UNSEEN);

    table.machine.write_account(&reference, sound);
    let mut not_the_sysvar = table.observe();
    not_the_sysvar.accounts[2].pubkey = reference;
    assert!(table.machine.send(&[not_the_sysvar], &[]).is_err());
    table.look();
    assert_eq!(table.state().reference_min, BALANCE);

    // A breaker without a reference has nothing to look at.
    let mut none = Table::with(|args| {
        (args.limit_bps, args.slot_bps, args.reference) = (0, 0, Pubkey::default());
    });
    let observe = none.observe();
    refused(none.machine.send(&[observe], &[]), BulkheadError::ForeignAccount);
}

// Inflow.

#[test]
fn a_host_that_lies_about_inflow_gains_the_credit_and_no_more() {
    let mut table = Table::with(|args| {
        (args.limit_bps, args.slot_bps) = (0, 0);
        args.inflow_credit = 200_000;
    });
    let lie = ix::record_inflow(table.breaker, table.host.pubkey(), None, u64::MAX);
    for _ in 0..3 {
        table
            .protocol
            .must(&mut table.machine, std::slice::from_ref(&lie), &[&table.host]);
    }
    assert_eq!((table.view().in_window, table.view().remaining), (1_000_000, 800_000));
    assert_eq!(table.meter(800_000), verdict::ALLOWED);
    table.machine.next_slot();
    table
        .protocol
        .must(&mut table.machine, std::slice::from_ref(&lie), &[&table.host]);
    assert_eq!(table.meter(200_000), verdict::ALLOWED);
    table.machine.next_slot();
    table
        .protocol
        .must(&mut table.machine, std::slice::from_ref(&lie), &[&table.host]);
    assert_eq!(table.meter(1), verdict::QUEUED);
    // A latch is not unpaused by inflow.
    table.protocol.must(&mut table.machine, &[lie], &[&table.host]);
    assert_eq!(table.view().remaining, 0);
    assert!(table.view().latched_until > table.machine.clock().unix_timestamp);
}

#[test]
fn inflow_is_the_authoritys_word_or_the_vaults_operators() {
    let mut table = Table::new();
    let (vault, operator) = (table.protocol.vault, &table.protocol.operator);
    let stranger = keypair("stranger");
    let cases = [
        // Neither the breaker's authority, nor an operator without its vault, nor one of another vault's breaker.
        (table.breaker, &stranger, None, BulkheadError::NotMeterAuthority),
        (vault.breaker, operator, None, BulkheadError::NotMeterAuthority),
        (
            vault.breaker,
            &stranger,
            Some(vault.vault),
            BulkheadError::NotMeterAuthority,
        ),
        (
            table.breaker,
            operator,
            Some(vault.vault),
            BulkheadError::ForeignAccount,
        ),
        (
            table.breaker,
            &table.host,
            Some(vault.vault),
            BulkheadError::ForeignAccount,
        ),
    ];
    for (breaker, signer, vault, error) in cases {
        let inflow = ix::record_inflow(breaker, signer.pubkey(), vault, 5);
        refused(table.machine.send(&[inflow], &[signer]), error);
    }
    let nothing = ix::record_inflow(table.breaker, table.host.pubkey(), None, 0);
    refused(
        table.machine.send(&[nothing], &[&table.host]),
        BulkheadError::ZeroAmount,
    );

    let own = ix::record_inflow(vault.breaker, operator.pubkey(), Some(vault.vault), 5);
    table.protocol.must(&mut table.machine, &[own], &[operator]);
    assert_eq!(table.machine.load::<OutflowBreaker>(&vault.breaker).inflow, 5);
}

// Shards.

#[test]
fn shards_together_let_through_no_more_than_one() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let host = keypair("metering host");
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let payer = machine.payer.pubkey();
    let args = |shard, shards| OpenBreakerArgs {
        compartment: 3,
        shard,
        shards,
        mint: protocol.mint,
        authority: host.pubkey(),
        sub_windows: 4,
        trip_scope: 3,
        window_seconds: 400,
        limit: 1_000,
        slot_limit: 1_000,
        latch_seconds: 60,
        trip_limit: 1_000,
        ..OpenBreakerArgs::default()
    };
    // There is no shard beyond the number of them, and none without a share.
    for broken in [args(3, 3), args(0, 0)] {
        let open = ix::open_breaker(authority, payer, broken);
        refused(
            machine.send(&[open], &[&protocol.setup_authority]),
            BulkheadError::ArgumentOutOfRange,
        );
    }
    let mut taken = 0;
    for shard in 0..3 {
        let open = ix::open_breaker(authority, payer, args(shard, 3));
        protocol.must(&mut machine, &[open], &[&protocol.setup_authority]);
        let breaker = pda::outflow_breaker(&protocol.domain, 3, &protocol.mint, shard);
        for (amount, expected) in [(333, verdict::ALLOWED), (1, verdict::QUEUED)] {
            let meter = ix::meter_outflow(protocol.domain, breaker, host.pubkey(), amount);
            let outcome = protocol.must(&mut machine, &[meter], &[&host]);
            assert_eq!(outcome.return_data, [expected]);
        }
        taken += 333;
    }
    assert!(taken <= 1_000);
}

// Limits.

#[test]
fn what_a_guardian_lowers_only_a_later_proposal_raises() {
    let mut table = Table::with(|args| args.inflow_credit = 200_000);
    let guardian = table.protocol.members[0].insecure_clone();
    let whole = LowerLimitArgs {
        limit: 800_000,
        slot_limit: 800_000,
        limit_bps: 1_000,
        slot_bps: 500,
        inflow_credit: 200_000,
    };
    let (domain, breaker) = (table.protocol.domain, table.breaker);
    let lower = |args| ix::lower_limit(domain, guardian.pubkey(), breaker, args);
    for refusal in [
        LowerLimitArgs {
            limit_bps: 1_001,
            ..whole
        },
        LowerLimitArgs { slot_bps: 249, ..whole },
        LowerLimitArgs { limit_bps: 0, ..whole },
        LowerLimitArgs { slot_bps: 0, ..whole },
        LowerLimitArgs {
            inflow_credit: 200_001,
            ..whole
        },
        // More than a sub-window's share of the lower limit.
        LowerLimitArgs {
            limit: 500_000,
            slot_limit: 500_000,
            ..whole
        },
    ] {
        let lower = lower(refusal);
        refused(
            table.machine.send(&[lower], &[&guardian]),
            BulkheadError::ArgumentOutOfRange,
        );
    }
    let raise = SetLimitArgs {
        breaker,
        limit: 900_000,
        slot_limit: 900_000,
        limit_bps: 0,
        slot_bps: 0,
        inflow_credit: 225_000,
        trip_limit: 0,
        trip_bps: 0,
    };
    let early = table.protocol.mature(&mut table.machine, &raise);
    let halved = LowerLimitArgs {
        limit: 400_000,
        slot_limit: 400_000,
        limit_bps: 500,
        slot_bps: 250,
        inflow_credit: 0,
    };
    table.protocol.must(&mut table.machine, &[lower(halved)], &[&guardian]);
    refused(
        table.machine.send(&[ix::set_limit(early, raise.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    table.look();
    assert_eq!(table.view().limit, 50_000);

    table.machine.next_slot();
    let unkept = SetLimitArgs {
        inflow_credit: 225_001,
        ..raise.clone()
    };
    // More than the share of the fewest sub-windows a breaker can have: nobody is asked to approve it.
    let proposed = table.protocol.try_mature(&mut table.machine, &unkept);
    let Err(refusal) = proposed else {
        panic!("no breaker could keep it")
    };
    refused(Err(refusal), BulkheadError::ArgumentOutOfRange);
    let late = table.protocol.mature(&mut table.machine, &raise);
    table
        .protocol
        .must(&mut table.machine, &[ix::set_limit(late, raise)], &[]);
    assert_eq!(table.view().limit, 900_000);
}

#[test]
fn limits_that_could_not_be_kept_are_not_opened() {
    let mut table = Table::new();
    let sound = OpenBreakerArgs {
        compartment: 4,
        trip_scope: 4,
        ..table.args.clone()
    };
    // After set-up this takes a proposal; the limits are looked at before anyone approves it.
    for broken in [
        OpenBreakerArgs {
            limit_bps: 10_001,
            ..sound.clone()
        },
        OpenBreakerArgs {
            slot_bps: 1_001,
            ..sound.clone()
        },
        OpenBreakerArgs {
            reference: Pubkey::default(),
            ..sound.clone()
        },
        OpenBreakerArgs {
            inflow_credit: 200_001,
            ..sound.clone()
        },
        OpenBreakerArgs {
            shards: 200,
            slot_limit: 199,
            ..sound
        },
    ] {
        let proposed = table.protocol.try_mature(&mut table.machine, &broken);
        let Err(refusal) = proposed else {
            panic!("it could not be kept")
        };
        refused(Err(refusal), BulkheadError::ArgumentOutOfRange);
    }
}

// The view.

#[test]
fn the_view_is_what_the_next_instruction_does() {
    let mut table = Table::with(|args| args.inflow_credit = 200_000);
    table.look();
    for step in 0..60 {
        table.machine.warp_seconds(step * 37 % 150);
        let room = table.view();
        assert_eq!((room.is_paused, room.latched_until), (0, 0));
        assert_eq!(room.remaining, room.in_window.min(room.in_slot));
        if step % 5 == 0 {
            let inflow = ix::record_inflow(table.breaker, table.host.pubkey(), None, 10_000);
            table.protocol.must(&mut table.machine, &[inflow], &[&table.host]);
        }
        let room = table.view();
        let amount = if step % 3 == 0 {
            room.remaining
        } else {
            room.remaining / 2
        };
        if amount > 0 {
            assert_eq!(table.meter(amount), verdict::ALLOWED);
            assert_eq!(table.view().in_window, room.in_window - amount);
        }
    }
    let room = table.view();
    assert_eq!(table.meter(room.remaining + 1), verdict::QUEUED);
    assert_eq!(table.meter(1_000_000), verdict::QUEUED);
    let latched = table.view();
    assert_eq!((latched.remaining, latched.in_window), (0, room.in_window));
    assert_eq!(latched.latched_until, table.machine.clock().unix_timestamp + 60);
}

#[test]
fn the_view_knows_pauses_and_stages_and_its_own_board() {
    let mut table = Table::new();
    let guardian = table.protocol.members[0].insecure_clone();
    let pause = ix::pause(table.protocol.domain, guardian.pubkey(), 3, action::WITHDRAW);
    table.protocol.must(&mut table.machine, &[pause], &[&guardian]);
    let paused = table.view();
    assert_eq!((paused.is_paused, paused.remaining, paused.in_window), (1, 0, 800_000));

    let incident = table.protocol.freeze(&mut table.machine);
    let args = ResumeArgs { incident };
    let authority = table.protocol.mature(&mut table.machine, &args);
    table
        .protocol
        .must(&mut table.machine, &[ix::resume(authority, args)], &[]);
    assert_eq!((table.view().is_paused, table.view().remaining), (0, 800_000));

    let mut other_board = ix::view_outflow(table.protocol.domain, table.breaker);
    other_board.accounts[1].pubkey = pda::council(&table.protocol.domain);
    refused(table.machine.send(&[other_board], &[]), BulkheadError::WrongBoard);

    // A client that is given the wrong accounts gets no answer, as the program gives none.
    let board_key = pda::board(&table.protocol.domain);
    let (state, board) = (table.machine.account(&table.breaker), table.machine.account(&board_key));
    let (state, board) = (state.expect("it exists"), board.expect("it exists"));
    let mut future = state.data.clone();
    future[8] = VERSION + 1;
    let clock = table.machine.clock();
    let ask = |owner: &Pubkey, data: &[u8], board_at: &Pubkey, board_data: &[u8]| {
        let breaker = view::Fetched {
            key: &table.breaker,
            owner,
            data,
        };
        let board = view::Fetched {
            key: board_at,
            owner: &board.owner,
            data: board_data,
        };
        view::outflow(&breaker, &board, clock.slot, clock.unix_timestamp)
    };
    assert!(ask(&bulkhead::ID, &state.data, &board_key, &board.data).is_some());
    assert!(
        ask(&board_key, &state.data, &board_key, &board.data).is_none(),
        "owned by another"
    );
    assert!(
        ask(&bulkhead::ID, &future, &board_key, &board.data).is_none(),
        "of another version"
    );
    assert!(
        ask(&bulkhead::ID, &board.data, &board_key, &board.data).is_none(),
        "no breaker"
    );
    assert!(
        ask(&bulkhead::ID, &state.data, &table.breaker, &board.data).is_none(),
        "another board"
    );
    assert!(
        ask(&bulkhead::ID, &state.data, &board_key, &board.data[..20]).is_none(),
        "cut short"
    );
}

/// A vault's breaker may take the vault's own custody as its reference: the limit follows what is there.
#[test]
fn a_vault_that_shrinks_lets_out_less() {
    let (mut machine, protocol) = world_with(&Setup {
        limit: 500_000,
        slot_limit: 500_000,
        ..Setup::default()
    });
    let user = receiver(&mut machine, &protocol, "user");
    let args = OpenBreakerArgs {
        compartment: 0,
        shard: 1,
        shards: 2,
        mint: protocol.mint,
        authority: protocol.vault.vault,
        sub_windows: 4,
        trip_scope: 0,
        window_seconds: 400,
        limit: 500_000,
        slot_limit: 500_000,
        latch_seconds: 60,
        limit_bps: 1_000,
        reference: protocol.custody(),
        ..OpenBreakerArgs::default()
    };
    let authority = protocol.mature(&mut machine, &args);
    let payer = machine.payer.pubkey();
    protocol.must(&mut machine, &[ix::open_breaker(authority, payer, args)], &[]);
    let breaker = pda::outflow_breaker(&protocol.domain, 0, &protocol.mint, 1);
    let look = ix::observe_reference(breaker, protocol.custody());
    let limit = |machine: &mut Machine| {
        protocol.must(machine, std::slice::from_ref(&look), &[]);
        let ask = ix::view_outflow(protocol.domain, breaker);
        let answer = protocol.must(machine, &[ask], &[]).return_data;
        OutflowView::try_from_slice(&padded(answer)).expect("an answer").limit
    };
    assert_eq!(limit(&mut machine), 50_000, "half of ten percent of a million");
    let outcome = protocol.release(&mut machine, user, 400_000, 1).expect("within limits");
    assert_eq!(outcome.return_data, [verdict::ALLOWED]);
    assert_eq!(limit(&mut machine), 30_000);
}
