//! The solvency breaker. Neither a flash deposit hides a hole nor a host halfway through looks like one.

use anchor_lang::{prelude::Pubkey, solana_program::program_pack::Pack};
use anchor_spl::token_2022::spl_token_2022;
use bulkhead::{
    error::BulkheadError,
    instructions::{OpenSolvencyBreakerArgs, ResumeArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{constants::cause, ids::TOKEN_2022, layout::SolvencyBreaker};
use bulkhead_testbed::{Machine, Protocol, keypair};
use bulkhead_tests::{
    detectors::{configure, observe_solvency, propagate, solvency_args, write, write_liabilities},
    refused,
};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::{activate, authority, by_a_host, company, mask, set_up, trip, unpause};

struct Books {
    machine: Machine,
    protocol: Protocol,
    breaker: Pubkey,
}

impl Books {
    /// A million in custody and as much owed; one per cent and fifty may be missing for half a minute.
    fn new() -> Self {
        let (mut machine, protocol) = set_up();
        write_liabilities(&mut machine, &protocol, 1_000_000);
        let args = solvency_args(&protocol);
        let breaker = pda::solvency_breaker(&protocol.domain, args.compartment, &args.liabilities);
        let open = ix::open_solvency_breaker(authority(&protocol), machine.payer.pubkey(), args);
        configure(&mut machine, &protocol, open).expect("it opens");
        activate(&mut machine, &protocol);
        Self {
            machine,
            protocol,
            breaker,
        }
    }

    fn owe(&mut self, liabilities: u128) {
        write_liabilities(&mut self.machine, &self.protocol, liabilities);
    }

    /// Looks, and says whether a latch is in force.
    fn look(&mut self) -> bool {
        let observe = observe_solvency(&self.protocol);
        self.protocol.must(&mut self.machine, &[observe], &[]);
        let unpaused = self.protocol.board(&self.machine).unpaused_slot;
        bulkhead_core::detectors::latch::is_in_force(&self.state().latch, unpaused, self.machine.clock().unix_timestamp)
    }

    fn state(&self) -> SolvencyBreaker {
        self.machine.load(&self.breaker)
    }

    fn observe(&self) -> Instruction {
        observe_solvency(&self.protocol)
    }
}

#[test]
fn a_hole_that_lasts_closes_the_compartment_in_the_same_slot() {
    let mut books = Books::new();
    assert!(!books.look());
    // One per cent of 1,010,151 is 10,101, and fifty: that much may be missing.
    books.owe(1_010_151);
    assert!(!books.look());
    assert_eq!(books.state().suspect_ts, 0);
    books.owe(1_010_153);
    assert!(!books.look());
    let suspect = books.state().suspect_ts;
    assert_eq!(suspect, books.machine.clock().unix_timestamp);
    books.machine.warp_seconds(29);
    assert!(!books.look());
    // Half a slot is lost by each of two odd numbers of seconds, and it has to last by slots as well.
    books.machine.warp_seconds(1);
    books.machine.next_slot();
    assert!(books.look());
    let latch = books.state().latch;
    assert_eq!((latch.seen, latch.allowed), (1_010_153, 1_010_151));
    trip(&mut books.machine, &books.protocol, books.breaker, cause::SOLVENCY);
}

/// Attack: clear the suspicion with borrowed money, or make a hole for one transaction. Neither is seen.
#[test]
fn solvency_is_observed_standalone() {
    let mut books = Books::new();
    books.owe(2_000_000);
    let (observe, company) = (books.observe(), company(&books.machine));
    for transaction in [
        vec![company.clone(), observe.clone()],
        vec![observe.clone(), company.clone()],
        vec![company.clone(), observe.clone(), company],
    ] {
        refused(books.machine.send(&transaction, &[]), BulkheadError::NotStandalone);
    }
    assert_eq!(books.state().suspect_ts, 0);

    // A flash deposit: the money comes and goes in the transaction of the look.
    books.look();
    let whale = keypair("whale");
    let source = books
        .machine
        .create_associated(&books.protocol.mint, &whale.pubkey(), 5_000_000);
    let deposit = anchor_spl::token::spl_token::instruction::transfer(
        &anchor_spl::token::ID,
        &source,
        &books.protocol.recovery_account,
        &whale.pubkey(),
        &[],
        5_000_000,
    )
    .expect("an instruction");
    let suspect = books.state().suspect_ts;
    refused(
        books.machine.send(&[deposit, observe], &[&whale]),
        BulkheadError::NotStandalone,
    );
    assert_eq!(books.state().suspect_ts, suspect);
    books.machine.warp_seconds(30);
    assert!(books.look());
}

/// Attack: be a host that looks at itself by CPI from the middle of its own instruction, when all is well or nothing is.
#[test]
fn a_host_cannot_have_it_looked_at_halfway() {
    let mut books = Books::new();
    books.owe(2_000_000);
    let observe = books.observe();
    let halfway = by_a_host(&mut books.machine, &observe);
    refused(
        books.machine.send(std::slice::from_ref(&halfway), &[]),
        BulkheadError::NotStandalone,
    );
    refused(
        books.machine.send(&[observe.clone(), halfway], &[]),
        BulkheadError::NotStandalone,
    );
    assert_eq!(books.state().suspect_ts, 0);
    // By itself the look works.
    books.protocol.must(&mut books.machine, &[observe], &[]);
    assert_ne!(books.state().suspect_ts, 0);
}

#[test]
fn a_whole_observation_in_between_starts_the_clock_anew() {
    let mut books = Books::new();
    books.owe(2_000_000);
    books.look();
    books.machine.warp_seconds(29);
    books.owe(1_000_000);
    books.look();
    books.machine.warp_seconds(1);
    books.owe(2_000_000);
    assert!(!books.look());
    books.machine.warp_seconds(30);
    assert!(books.look());
}

#[test]
fn an_unpause_accepts_the_hole_and_not_a_larger_one() {
    let mut books = Books::new();
    books.owe(2_000_000);
    books.look();
    books.machine.warp_seconds(30);
    assert!(books.look());
    trip(&mut books.machine, &books.protocol, books.breaker, cause::SOLVENCY);
    unpause(&mut books.machine, &books.protocol);
    books.machine.warp_seconds(100_000);
    assert!(!books.look(), "accepted");
    assert_eq!(mask(&books.machine, &books.protocol), 0);
    // By as much as is tolerated, as by interest.
    books.owe(2_020_050);
    assert!(!books.look());
    books.owe(2_020_051);
    assert!(!books.look());
    books.machine.warp_seconds(30);
    books.machine.next_slot();
    assert!(books.look(), "larger");
}

impl Books {
    /// Looks, half a minute apart, and carries what latches; says whether anything is closed.
    fn find(&mut self, liabilities: u128) -> bool {
        self.owe(liabilities);
        self.look();
        self.machine.warp_seconds(31);
        if self.look() {
            let crank = propagate(&self.machine, &self.protocol, self.breaker);
            let _ = self.machine.send(&[crank], &[]);
        }
        mask(&self.machine, &self.protocol) != 0
    }
}

/// Attack: have a large hole accepted, fill it but for a rest, and rob it again.
#[test]
fn a_theft_as_large_as_a_hole_that_was_filled_is_another_one() {
    let mut books = Books::new();
    assert!(books.find(1_900_000));
    unpause(&mut books.machine, &books.protocol);
    for _ in 0..3 {
        assert!(!books.find(1_030_000), "a rest");
        books.machine.warp_seconds(86_400);
    }
    assert!(books.find(1_900_000));
}

/// Attack: let an accepted hole grow by its interest, so that it is news to every resume.
#[test]
fn a_hole_that_grows_by_its_interest_is_unpaused_by_a_resume_that_knew_of_it() {
    let mut books = Books::new();
    let mut owed = 1_500_000;
    assert!(books.find(owed));
    let args = ResumeArgs {
        incident: books.protocol.state(&books.machine).open_incident,
    };
    let by = books.protocol.mature(&mut books.machine, &args);
    for _ in 0..3 {
        owed += 1;
        books.machine.warp_seconds(3_600);
        assert!(books.find(owed), "nobody has accepted it yet");
    }
    books.machine.next_slot();
    books.protocol.must(&mut books.machine, &[ix::resume(by, args)], &[]);
    assert_eq!(mask(&books.machine, &books.protocol), 0);
    for _ in 0..3 {
        owed += 1;
        books.machine.warp_seconds(3_600);
        assert!(!books.find(owed), "accepted");
    }
}

/// Attack: deposit capital of one's own for one look. Reserves and liabilities grow alike, and with them the tolerance.
#[test]
fn a_deposit_for_one_look_clears_no_suspicion() {
    let mut books = Books::new();
    books.owe(1_015_000);
    assert!(!books.look());
    let custody = books.protocol.custody();
    let deposit = |books: &mut Books, held: u64, owed: u128| {
        let mut account = books.machine.account(&custody).expect("it exists");
        account.data[64..72].copy_from_slice(&held.to_le_bytes());
        books.machine.write_account(&custody, account);
        books.owe(owed);
    };
    books.machine.warp_seconds(20);
    deposit(&mut books, 3_000_000, 3_015_000);
    assert!(!books.look());
    books.machine.warp_seconds(11);
    deposit(&mut books, 1_000_000, 1_015_000);
    assert!(books.look());
}

/// An account that is gone holds nothing: whoever could close a reserve cannot keep its loss from being seen.
#[test]
fn a_closed_reserve_holds_nothing() {
    let mut books = Books::new();
    let custody = books.protocol.custody();
    books.machine.write_account(&custody, Account::default());
    books.look();
    books.machine.warp_seconds(30);
    assert!(books.look());
    assert_eq!(books.state().latch.allowed, 10_050);
}

/// Attack: put a worthless token where the reserve was.
#[test]
fn a_reserve_of_another_token_holds_nothing() {
    let mut books = Books::new();
    let (custody, worthless) = (books.protocol.custody(), keypair("worthless").pubkey());
    books.machine.create_mint(&worthless, &keypair("issuer").pubkey(), 6);
    books
        .machine
        .create_token_account(&custody, &worthless, &books.protocol.vault.vault, u64::MAX / 2);
    books.look();
    books.machine.warp_seconds(30);
    assert!(books.look());
}

#[test]
fn all_reserves_are_given_in_their_order_and_the_books_are_the_hosts() {
    let mut books = Books::new();
    let sound = books.observe();
    let spoilt = |change: &dyn Fn(&mut Instruction)| {
        let mut spoilt = sound.clone();
        change(&mut spoilt);
        spoilt
    };
    for wrong in [
        spoilt(&|observe| {
            observe.accounts.pop();
        }),
        spoilt(&|observe| observe.accounts.swap(4, 5)),
        spoilt(&|observe| observe.accounts[5] = observe.accounts[4].clone()),
        spoilt(&|observe| observe.accounts.push(observe.accounts[5].clone())),
    ] {
        refused(books.machine.send(&[wrong], &[]), BulkheadError::WrongReserves);
    }
    let wrong = spoilt(&|observe| observe.accounts[2].pubkey = keypair("other books").pubkey());
    refused(books.machine.send(&[wrong], &[]), BulkheadError::LiabilitiesUnreadable);
    let args = solvency_args(&books.protocol);
    let mut account = books.machine.account(&args.liabilities).expect("it exists");
    account.owner = keypair("other program").pubkey();
    books.machine.write_account(&args.liabilities, account);
    // Not the host's any more: a shortfall of everything, noted.
    books.protocol.must(&mut books.machine, &[sound], &[]);
    assert_ne!(books.state().suspect_ts, 0);
}

/// Attack: close, cut or give away the account with the liabilities, so that the breaker is blind.
#[test]
fn liabilities_that_cannot_be_read_any_more_trip_when_that_lasts() {
    let spoil: [fn(&mut solana_account::Account); 3] = [
        |account| *account = solana_account::Account::default(),
        |account| account.data.truncate(4),
        |account| account.owner = keypair("other program").pubkey(),
    ];
    for spoil in spoil {
        let mut books = Books::new();
        let args = solvency_args(&books.protocol);
        let mut account = books.machine.account(&args.liabilities).expect("it exists");
        spoil(&mut account);
        books.machine.write_account(&args.liabilities, account);
        assert!(!books.look());
        books.machine.warp_seconds(59);
        assert!(!books.look());
        books.machine.warp_seconds(1);
        books.machine.next_slot();
        assert!(books.look());
        assert_eq!(books.state().latch.seen, u64::MAX);
    }
}

/// Token-2022: what is withheld as a fee lies behind the base and does not count; extensions do not disturb.
#[test]
fn token_2022_reserves_count_without_what_is_withheld() {
    let (mut machine, protocol) = set_up();
    let (mint, reserve) = (keypair("fee mint").pubkey(), keypair("fee reserve").pubkey());
    let mut data = vec![0; spl_token_2022::state::Account::LEN];
    spl_token_2022::state::Account {
        mint,
        owner: protocol.domain,
        amount: 700,
        state: spl_token_2022::state::AccountState::Initialized,
        ..Default::default()
    }
    .pack_into_slice(&mut data);
    // Kind of account, then TransferFeeAmount (type 2, 8 bytes): 5,000 withheld.
    data.extend([2, 2, 0, 8, 0]);
    data.extend(5_000_u64.to_le_bytes());
    write(&mut machine, &reserve, &TOKEN_2022, data);
    let args = OpenSolvencyBreakerArgs {
        tolerance: 0,
        tolerance_bps: 0,
        min_age_seconds: 0,
        reserves: vec![reserve],
        ..solvency_args(&protocol)
    };
    write_liabilities(&mut machine, &protocol, 700);
    let breaker = pda::solvency_breaker(&protocol.domain, args.compartment, &args.liabilities);
    let observe = ix::observe_solvency(protocol.domain, breaker, args.liabilities, &args.reserves);
    let open = ix::open_solvency_breaker(authority(&protocol), machine.payer.pubkey(), args);
    configure(&mut machine, &protocol, open).expect("it opens");
    protocol.must(&mut machine, std::slice::from_ref(&observe), &[]);
    assert_eq!(machine.load::<SolvencyBreaker>(&breaker).latch.ts, 0);
    write_liabilities(&mut machine, &protocol, 701);
    protocol.must(&mut machine, &[observe], &[]);
    let latch = machine.load::<SolvencyBreaker>(&breaker).latch;
    assert_eq!((latch.seen, latch.allowed), (701, 700));
}

#[test]
fn liabilities_of_sixteen_bytes_are_read_in_full() {
    let mut books = Books::new();
    books.owe(u128::MAX / 3);
    books.look();
    books.machine.warp_seconds(30);
    assert!(books.look());
    assert_eq!(books.state().latch.seen, u64::MAX);
    assert!(books.state().latched_high > u64::MAX / 4);
}

#[test]
fn a_solvency_breaker_that_could_not_work_is_not_opened() {
    let (mut machine, protocol) = set_up();
    write_liabilities(&mut machine, &protocol, 1);
    let payer = machine.payer.pubkey();
    let sound = solvency_args(&protocol);
    let five = vec![protocol.custody(); 5];
    for (args, error) in [
        (
            OpenSolvencyBreakerArgs {
                reserves: vec![],
                ..sound.clone()
            },
            BulkheadError::ArgumentOutOfRange,
        ),
        (
            OpenSolvencyBreakerArgs {
                reserves: five,
                ..sound.clone()
            },
            BulkheadError::ArgumentOutOfRange,
        ),
        (
            OpenSolvencyBreakerArgs {
                width: 4,
                ..sound.clone()
            },
            BulkheadError::ArgumentOutOfRange,
        ),
        (
            OpenSolvencyBreakerArgs {
                tolerance_bps: 10_000,
                ..sound.clone()
            },
            BulkheadError::ArgumentOutOfRange,
        ),
        (
            OpenSolvencyBreakerArgs {
                min_age_seconds: 86_401,
                ..sound.clone()
            },
            BulkheadError::ArgumentOutOfRange,
        ),
        (
            OpenSolvencyBreakerArgs {
                reserves: vec![protocol.mint],
                ..sound.clone()
            },
            BulkheadError::WrongReserves,
        ),
        (
            OpenSolvencyBreakerArgs {
                offset: 9,
                ..sound.clone()
            },
            BulkheadError::LiabilitiesUnreadable,
        ),
        (
            OpenSolvencyBreakerArgs {
                program: keypair("other program").pubkey(),
                ..sound.clone()
            },
            BulkheadError::LiabilitiesUnreadable,
        ),
        (
            OpenSolvencyBreakerArgs {
                reserves: vec![protocol.recovery_account; 2],
                ..sound.clone()
            },
            BulkheadError::DuplicateReserve,
        ),
    ] {
        let open = ix::open_solvency_breaker(authority(&protocol), payer, args);
        refused(configure(&mut machine, &protocol, open), error);
    }
    activate(&mut machine, &protocol);
    let open = ix::open_solvency_breaker(authority(&protocol), payer, sound.clone());
    refused(
        configure(&mut machine, &protocol, open),
        BulkheadError::ProposalRequired,
    );
    let matured = protocol.mature(&mut machine, &sound);
    let open = ix::open_solvency_breaker(matured, payer, sound);
    protocol.must(&mut machine, &[open], &[]);
}
