//! The authority watch. A takeover changes one key first; that is when it trips.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::{program_option::COption, program_pack::Pack},
};
use anchor_spl::token::spl_token::state::Account as TokenAccount;
use bulkhead::{error::BulkheadError, instructions::OpenAuthorityWatchArgs};
use bulkhead_client::instructions as ix;
use bulkhead_interface::{
    constants::{cause, watch_kind},
    layout::AuthorityWatch,
};
use bulkhead_testbed::{Machine, Protocol, keypair};
use bulkhead_tests::{
    detectors::{configure, program_args, token_args, watch, write, write_program_data},
    refused,
};
use solana_account::Account;
use solana_signer::Signer;

use crate::{activate, authority, by_a_host, company, mask, set_up, trip, unpause};

struct Post {
    machine: Machine,
    protocol: Protocol,
    watch: Pubkey,
    target: Pubkey,
}

impl Post {
    fn new(prepare: impl FnOnce(&mut Machine, &Protocol) -> OpenAuthorityWatchArgs) -> Self {
        let (mut machine, protocol) = set_up();
        let args = prepare(&mut machine, &protocol);
        let (watch, target) = (watch(&protocol, &args), args.account);
        let open = ix::open_authority_watch(authority(&protocol), machine.payer.pubkey(), args);
        configure(&mut machine, &protocol, open).expect("it opens");
        activate(&mut machine, &protocol);
        let mut post = Self {
            machine,
            protocol,
            watch,
            target,
        };
        assert!(!post.look(), "as registered");
        post
    }

    /// Looks, and says whether a latch is in force.
    fn look(&mut self) -> bool {
        let observe = ix::observe_authority(self.protocol.domain, self.watch, self.target);
        self.protocol.must(&mut self.machine, &[observe], &[]);
        let unpaused = self.protocol.board(&self.machine).unpaused_slot;
        let latch = self.machine.load::<AuthorityWatch>(&self.watch).latch;
        bulkhead_core::detectors::latch::is_in_force(&latch, unpaused, self.machine.clock().unix_timestamp)
    }
}

fn upgrader() -> Pubkey {
    keypair("upgrader").pubkey()
}

fn thief() -> Pubkey {
    keypair("thief").pubkey()
}

fn program(machine: &mut Machine, _: &Protocol) -> OpenAuthorityWatchArgs {
    let args = program_args(&upgrader());
    write_program_data(machine, &args.account, 7, Some(&upgrader()));
    args
}

#[test]
fn a_stolen_upgrade_authority_closes_the_compartment_in_the_same_slot() {
    let mut post = Post::new(program);
    write_program_data(&mut post.machine, &post.target, 8, Some(&upgrader()));
    assert!(
        !post.look(),
        "an upgrade by the registered authority is not asked about"
    );
    write_program_data(&mut post.machine, &post.target, 8, Some(&thief()));
    assert!(post.look());
    let state: AuthorityWatch = post.machine.load(&post.watch);
    assert_eq!((state.latch.seen, state.latched.keys[0]), (1, thief()));
    trip(&mut post.machine, &post.protocol, post.watch, cause::AUTHORITY);
}

#[test]
fn an_upgrade_trips_where_it_is_asked_about() {
    let mut post = Post::new(|machine, protocol| OpenAuthorityWatchArgs {
        watches_upgrades: true,
        ..program(machine, protocol)
    });
    write_program_data(&mut post.machine, &post.target, 8, Some(&upgrader()));
    assert!(post.look());
    assert_eq!(post.machine.load::<AuthorityWatch>(&post.watch).latch.seen, 8);
}

#[test]
fn a_program_that_is_closed_or_made_final_trips() {
    for is_final in [true, false] {
        let mut post = Post::new(program);
        if is_final {
            write_program_data(&mut post.machine, &post.target, 7, None);
        } else {
            post.machine.write_account(&post.target, Account::default());
        }
        assert!(post.look());
    }
}

fn write_token(machine: &mut Machine, key: &Pubkey, change: impl FnOnce(&mut TokenAccount)) {
    let mut account = machine.account(key).expect("it exists");
    let mut state = TokenAccount::unpack(&account.data).expect("a token account");
    change(&mut state);
    state.pack_into_slice(&mut account.data);
    machine.write_account(key, account);
}

/// Attack: not the owner but a delegate or a close authority.
#[test]
fn every_authority_of_a_token_account_trips() {
    let changes: [fn(&mut TokenAccount); 3] = [
        |state| state.owner = thief(),
        |state| state.delegate = COption::Some(thief()),
        |state| state.close_authority = COption::Some(thief()),
    ];
    for (bit, change) in [1, 2, 4].into_iter().zip(changes) {
        let mut post = Post::new(|_, protocol| token_args(&protocol.recovery_account, &protocol.domain));
        // What is held is not what is watched.
        write_token(&mut post.machine, &post.target, |state| state.amount = 5);
        assert!(!post.look());
        write_token(&mut post.machine, &post.target, change);
        assert!(post.look());
        assert_eq!(post.machine.load::<AuthorityWatch>(&post.watch).latch.seen, bit);
    }
}

fn write_host(machine: &mut Machine, protocol: &Protocol, admin: &Pubkey) -> Pubkey {
    let key = keypair("host config").pubkey();
    let data = [&[7; 12][..], admin.as_ref(), &[7; 5]].concat();
    write(machine, &key, &protocol.host_program, data);
    key
}

fn host(machine: &mut Machine, protocol: &Protocol) -> OpenAuthorityWatchArgs {
    OpenAuthorityWatchArgs {
        kind: watch_kind::HOST_FIELD,
        account: write_host(machine, protocol, &upgrader()),
        program: protocol.host_program,
        offset: 12,
        ..program_args(&upgrader())
    }
}

#[test]
fn a_hosts_admin_trips_and_an_unpause_accepts_exactly_that() {
    let mut post = Post::new(host);
    write_host(&mut post.machine, &post.protocol, &thief());
    assert!(post.look());
    trip(&mut post.machine, &post.protocol, post.watch, cause::AUTHORITY);
    unpause(&mut post.machine, &post.protocol);
    assert!(!post.look(), "accepted");
    assert_eq!(mask(&post.machine, &post.protocol), 0);
    write_host(&mut post.machine, &post.protocol, &keypair("another thief").pubkey());
    assert!(post.look(), "another");
}

/// Attack: hand the account to a program of one's own, which keeps the bytes.
#[test]
fn an_account_of_another_program_trips() {
    let mut post = Post::new(host);
    let mut account = post.machine.account(&post.target).expect("it exists");
    account.owner = keypair("another program").pubkey();
    post.machine.write_account(&post.target, account);
    assert!(post.look());
    assert_eq!(post.machine.load::<AuthorityWatch>(&post.watch).latch.seen, 17);
}

/// Attack: have a lent authority, given back within the transaction, taken for a theft; or keep it up forever.
#[test]
fn authorities_are_observed_standalone_and_a_latch_is_not_renewed() {
    let mut post = Post::new(host);
    write_host(&mut post.machine, &post.protocol, &thief());
    let observe = ix::observe_authority(post.protocol.domain, post.watch, post.target);
    let company = company(&post.machine);
    let halfway = by_a_host(&mut post.machine, &observe);
    for transaction in [
        vec![company.clone(), observe.clone()],
        vec![observe, company],
        vec![halfway],
    ] {
        refused(post.machine.send(&transaction, &[]), BulkheadError::NotStandalone);
    }
    assert!(post.look());
    let until = post.machine.load::<AuthorityWatch>(&post.watch).latch.until;
    post.machine.warp_seconds(1_800);
    assert!(post.look());
    assert_eq!(post.machine.load::<AuthorityWatch>(&post.watch).latch.until, until);
    // Another one is another finding.
    write_host(&mut post.machine, &post.protocol, &keypair("another thief").pubkey());
    assert!(post.look());
    assert_eq!(
        post.machine.load::<AuthorityWatch>(&post.watch).latch.until,
        until + 1_800
    );
    // Another account is not the one that is watched.
    let wrong = ix::observe_authority(post.protocol.domain, post.watch, post.protocol.recovery_account);
    refused(post.machine.send(&[wrong], &[]), BulkheadError::ForeignAccount);
}

#[test]
fn what_is_watched_has_to_be_true_when_it_is_registered() {
    let (mut machine, protocol) = set_up();
    let sound = program(&mut machine, &protocol);
    let payer = machine.payer.pubkey();
    let token = token_args(&protocol.recovery_account, &protocol.domain);
    for (args, error) in [
        (
            OpenAuthorityWatchArgs {
                expected: [thief(), Pubkey::default(), Pubkey::default()],
                ..sound.clone()
            },
            BulkheadError::WatchMismatch,
        ),
        (
            OpenAuthorityWatchArgs {
                expected: [Pubkey::default(); 3],
                ..sound.clone()
            },
            BulkheadError::WatchMismatch,
        ),
        (
            OpenAuthorityWatchArgs {
                account: protocol.mint,
                ..token.clone()
            },
            BulkheadError::WatchMismatch,
        ),
        (
            OpenAuthorityWatchArgs {
                account: protocol.recovery_account,
                ..sound.clone()
            },
            BulkheadError::WatchMismatch,
        ),
        (
            OpenAuthorityWatchArgs {
                program: bulkhead::ID,
                ..sound.clone()
            },
            BulkheadError::ArgumentOutOfRange,
        ),
        (
            OpenAuthorityWatchArgs {
                offset: 4,
                ..sound.clone()
            },
            BulkheadError::ArgumentOutOfRange,
        ),
        (
            OpenAuthorityWatchArgs {
                kind: 3,
                ..sound.clone()
            },
            BulkheadError::ArgumentOutOfRange,
        ),
        (
            OpenAuthorityWatchArgs {
                watches_upgrades: true,
                ..token
            },
            BulkheadError::ArgumentOutOfRange,
        ),
        (
            OpenAuthorityWatchArgs {
                compartment: 64,
                ..sound.clone()
            },
            BulkheadError::CompartmentOutOfRange,
        ),
        (
            OpenAuthorityWatchArgs {
                latch_seconds: 0,
                ..sound.clone()
            },
            BulkheadError::ArgumentOutOfRange,
        ),
    ] {
        let open = ix::open_authority_watch(authority(&protocol), payer, args);
        refused(configure(&mut machine, &protocol, open), error);
    }
    // Nobody may be expected, too.
    let finals = OpenAuthorityWatchArgs {
        expected: [Pubkey::default(); 3],
        ..sound.clone()
    };
    write_program_data(&mut machine, &sound.account, 7, None);
    let open = ix::open_authority_watch(authority(&protocol), payer, finals.clone());
    configure(&mut machine, &protocol, open).expect("it opens");

    activate(&mut machine, &protocol);
    let args = host(&mut machine, &protocol);
    let open = ix::open_authority_watch(authority(&protocol), payer, args.clone());
    refused(
        configure(&mut machine, &protocol, open),
        BulkheadError::ProposalRequired,
    );
    // Changed while the proposal waited: what was approved is not true any more.
    let matured = protocol.mature(&mut machine, &args);
    write_host(&mut machine, &protocol, &thief());
    let open = ix::open_authority_watch(matured, payer, args.clone());
    refused(
        machine.send(std::slice::from_ref(&open), &[]),
        BulkheadError::WatchMismatch,
    );
    write_host(&mut machine, &protocol, &upgrader());
    protocol.must(&mut machine, &[open], &[]);
}
