//! Custody in the VM: a release pays or queues, and whoever holds whichever key, the limit holds.

use anchor_lang::prelude::Pubkey;
use anchor_spl::{token::spl_token, token_2022::spl_token_2022};
use bulkhead::{
    error::BulkheadError,
    instructions::{OpenBreakerArgs, OpenVaultArgs, RegisterEvacuationRouteArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, latch_state, release_state, verdict},
    layout::{OutflowBreaker, Release, Vault},
};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, Setup, keypair};
use bulkhead_tests::{receiver, refused, world, world_with};
use solana_account::Account;
use solana_signer::Signer;

const DAY: i64 = 86_400;
/// How long a latch of the test protocol lasts.
const LATCH: i64 = 3 * DAY;

fn record(protocol: &Protocol, index: u64) -> Pubkey {
    pda::release(&protocol.vault.vault, index)
}

/// Queues releases by a breach: the first one breaks the slot's limit, the others find the latch.
fn queued(machine: &mut Machine, protocol: &Protocol, user: Pubkey, amounts: &[u64]) {
    for (index, amount) in (0..).zip(amounts) {
        let outcome = protocol
            .release(machine, user, *amount, index)
            .expect("a breach does not fail");
        assert_eq!(outcome.return_data, [verdict::QUEUED]);
    }
}

fn settle(protocol: &Protocol, user: Pubkey, index: u64) -> solana_instruction::Instruction {
    ix::settle_release(protocol.vault, user, record(protocol, index))
}

#[test]
fn within_limits_the_user_is_paid_at_once() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    let outcome = protocol.release(&mut machine, user, 1_000, 1).expect("within limits");
    assert_eq!(outcome.return_data, [verdict::ALLOWED]);
    assert_eq!(machine.balance(&user), 1_000);
    assert_eq!(machine.balance(&protocol.custody()), 999_000);
    assert!(machine.account(&record(&protocol, 1)).is_none(), "no record is made");
}

#[test]
fn over_the_limit_it_becomes_a_claim_and_the_latch_survives() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    let now = machine.clock().unix_timestamp;
    let outcome = protocol
        .release(&mut machine, user, 100_001, 7)
        .expect("a breach does not fail");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    assert_eq!(machine.balance(&user), 0);
    let release: Release = machine.load(&record(&protocol, 7));
    assert_eq!(
        (release.amount, release.paid, release.state),
        (100_001, 0, release_state::QUEUED)
    );
    assert_eq!((release.destination, release.payable_ts), (user, now + DAY));
    // Everything waits now, be it ever so small; and a number is used once.
    let outcome = protocol
        .release(&mut machine, user, 1, 8)
        .expect("a latch does not fail");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    let outcome = protocol
        .release(&mut machine, user, 1, 8)
        .expect("a taken number does not fail");
    assert_eq!(outcome.return_data, [verdict::DENIED]);
    assert_eq!(machine.load::<Release>(&record(&protocol, 8)).amount, 1);
}

/// It debits nobody, and nobody closes a domain by what debits nobody.
#[test]
fn a_request_under_a_taken_number_latches_nothing() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    protocol
        .release(&mut machine, user, 1, 7)
        .expect("it is paid at once, and makes no record");
    queued(&mut machine, &protocol, user, &[60_001]);
    let before: OutflowBreaker = machine.load(&protocol.vault.breaker);
    for amount in [60_002, 100_001, 900_000, u64::MAX] {
        machine.next_slot();
        let outcome = protocol
            .release(&mut machine, user, amount, 0)
            .expect("a taken number does not fail");
        assert_eq!(outcome.return_data, [verdict::DENIED]);
    }
    let after: OutflowBreaker = machine.load(&protocol.vault.breaker);
    assert_eq!((after.latch.state, after.queued), (latch_state::ARMED, before.queued));
    assert_eq!(machine.balance(&user), 1);
}

#[test]
fn lamports_sent_to_a_records_address_do_not_stop_it() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    for (index, lamports) in [(1, 1), (2, 900_000), (3, 50_000_000)] {
        machine.fund(&record(&protocol, index), lamports);
        protocol
            .release(&mut machine, user, 100_001, index)
            .expect("a breach does not fail");
        let account = machine.account(&record(&protocol, index)).expect("the record exists");
        assert_eq!(account.owner, bulkhead::ID);
        assert!(account.lamports >= machine.svm.minimum_balance_for_rent_exemption(account.data.len()));
        assert_eq!(machine.load::<Release>(&record(&protocol, index)).index, index);
    }
}

#[test]
fn splitting_over_instructions_of_one_slot_gains_nothing() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    let part = |index| {
        let payer = machine.payer.pubkey();
        ix::release(protocol.vault, protocol.operator.pubkey(), payer, user, 20_000, index)
    };
    let parts: Vec<_> = (0..4).map(part).collect();
    protocol.must(&mut machine, &parts, &[&protocol.operator]);
    assert_eq!(machine.balance(&user), 60_000);
    assert_eq!(machine.load::<Release>(&record(&protocol, 3)).amount, 20_000);
}

#[test]
fn a_substituted_account_is_refused_by_name() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    let decoy = receiver(&mut machine, &protocol, "decoy");
    let other_mint = keypair("other mint").pubkey();
    machine.create_mint(&other_mint, &user, 6);
    let other_token = machine.create_associated(&other_mint, &user, 5);
    let other = Protocol::set_up(
        &mut machine,
        &Setup {
            name: "other",
            ..Setup::default()
        },
    );
    let payer = machine.payer.pubkey();
    let operator = protocol.operator.pubkey();
    let sound = ix::release(protocol.vault, operator, payer, user, 5, 1);

    for (place, key, error) in [
        (0, payer, BulkheadError::NotOperator),
        (1, other.vault.vault, BulkheadError::NotOperator),
        (2, other.vault.breaker, BulkheadError::ForeignAccount),
        (3, pda::board(&other.domain), BulkheadError::WrongBoard),
        (4, decoy, BulkheadError::ForeignAccount),
        (5, protocol.custody(), BulkheadError::WrongDestination),
        (5, other_token, BulkheadError::WrongDestination),
        (5, protocol.mint, BulkheadError::WrongDestination),
        (5, payer, BulkheadError::WrongDestination),
        (6, other_mint, BulkheadError::ForeignAccount),
        (7, spl_token_2022::ID, BulkheadError::ForeignAccount),
    ] {
        let mut release = sound.clone();
        release.accounts[place].pubkey = key;
        let signers: &[_] = if place == 0 { &[] } else { &[&protocol.operator] };
        refused(machine.send(&[release], signers), error);
    }
    let mut unsigned = sound;
    unsigned.accounts[0].is_signer = false;
    assert!(machine.send(&[unsigned], &[]).is_err());
    // The record's address counts once a record is made. Another is an answer and not an error, which would stop a host
    // that pays many; and as it debits nobody it latches nothing.
    for wrong in [record(&protocol, 2), payer, protocol.custody()] {
        let mut release = ix::release(protocol.vault, operator, payer, user, 100_001, 1);
        release.accounts[8].pubkey = wrong;
        let outcome = protocol.must(&mut machine, &[release], &[&protocol.operator]);
        assert_eq!(outcome.return_data, [verdict::DENIED]);
    }
    let breaker: OutflowBreaker = machine.load(&protocol.vault.breaker);
    assert_eq!(
        (breaker.latch.state, breaker.queued),
        (latch_state::ARMED, 0),
        "nobody owes it"
    );
    assert!(machine.account(&record(&protocol, 1)).is_none() && machine.account(&record(&protocol, 2)).is_none());
    assert_eq!(machine.balance(&protocol.custody()), 1_000_000);
}

#[test]
fn amounts_that_make_no_sense_are_refused_and_change_nothing() {
    let (mut machine, protocol) = world_with(&Setup {
        funds: 100,
        ..Setup::default()
    });
    let user = receiver(&mut machine, &protocol, "user");
    refused(protocol.release(&mut machine, user, 0, 1), BulkheadError::ZeroAmount);
    let before = machine.account(&protocol.vault.breaker);
    refused(
        protocol.release(&mut machine, user, 101, 1),
        BulkheadError::BalanceTooSmall,
    );
    assert_eq!(machine.account(&protocol.vault.breaker), before);
    let outcome = protocol
        .release(&mut machine, user, u64::MAX, 1)
        .expect("a breach does not fail");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
}

#[test]
fn a_queued_release_is_paid_by_instalments_within_the_limit() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    queued(&mut machine, &protocol, user, &[130_000]);
    let crank = settle(&protocol, user, 0);
    machine.warp_seconds(DAY - 1);
    refused(
        machine.send(std::slice::from_ref(&crank), &[]),
        BulkheadError::ReleaseNotPayable,
    );
    machine.warp_seconds(1);
    refused(
        machine.send(std::slice::from_ref(&crank), &[]),
        BulkheadError::LimitUsedUp,
    );

    machine.warp_seconds(LATCH);
    protocol.must(&mut machine, std::slice::from_ref(&crank), &[]);
    assert_eq!(machine.balance(&user), 60_000, "the slot's limit");
    // Where there is no room it pays nothing.
    protocol.must(&mut machine, std::slice::from_ref(&crank), &[]);
    assert_eq!(machine.balance(&user), 60_000, "once");
    machine.next_slot();
    protocol.must(&mut machine, std::slice::from_ref(&crank), &[]);
    machine.next_slot();
    protocol.must(&mut machine, std::slice::from_ref(&crank), &[]);
    assert_eq!(machine.balance(&user), 100_000, "the window's limit");
    let breaker: OutflowBreaker = machine.load(&protocol.vault.breaker);
    assert_eq!(breaker.turn_bucket, breaker.bucket, "and its turn has begun");

    let payer = machine.payer.pubkey();
    let close = ix::close_release(record(&protocol, 0), payer);
    refused(
        machine.send(std::slice::from_ref(&close), &[]),
        BulkheadError::ReleaseStillQueued,
    );
    machine.warp_seconds(2 * 3_600);
    protocol.must(&mut machine, std::slice::from_ref(&crank), &[]);
    assert_eq!(machine.balance(&user), 130_000);
    assert_eq!(
        machine.load::<Release>(&record(&protocol, 0)).state,
        release_state::PAID
    );
    refused(machine.send(&[crank], &[]), BulkheadError::ReleaseNotQueued);

    let mut elsewhere = close.clone();
    elsewhere.accounts[1].pubkey = user;
    refused(machine.send(&[elsewhere], &[]), BulkheadError::ForeignAccount);
    protocol.must(&mut machine, &[close], &[]);
    assert!(machine.account(&record(&protocol, 0)).is_none());
}

#[test]
fn a_queued_release_pays_nobody_else_and_nothing_while_paused() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    let thief = receiver(&mut machine, &protocol, "thief");
    queued(&mut machine, &protocol, user, &[70_000]);
    machine.warp_seconds(LATCH);
    refused(
        machine.send(&[settle(&protocol, thief, 0)], &[]),
        BulkheadError::WrongDestination,
    );
    let other = Protocol::set_up(
        &mut machine,
        &Setup {
            name: "other",
            ..Setup::default()
        },
    );
    let foreign = ix::settle_release(other.vault, user, record(&protocol, 0));
    assert!(machine.send(&[foreign], &[]).is_err());

    let guardian = &protocol.members[0];
    let pause = ix::pause(protocol.domain, guardian.pubkey(), 0, 0);
    protocol.must(&mut machine, &[pause], &[guardian]);
    refused(
        machine.send(&[settle(&protocol, user, 0)], &[]),
        BulkheadError::ActionPaused,
    );
}

#[test]
fn an_empty_vault_settles_what_it_has() {
    let (mut machine, protocol) = world_with(&Setup {
        funds: 30,
        ..Setup::default()
    });
    let user = receiver(&mut machine, &protocol, "user");
    queued(&mut machine, &protocol, user, &[70_000]);
    machine.warp_seconds(LATCH);
    let crank = settle(&protocol, user, 0);
    protocol.must(&mut machine, std::slice::from_ref(&crank), &[]);
    assert_eq!((machine.balance(&user), machine.balance(&protocol.custody())), (30, 0));
    refused(machine.send(&[crank], &[]), BulkheadError::NothingToMove);
}

#[test]
fn a_guardian_cancels_what_was_queued_in_the_incident_and_nothing_older() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    let guardian = &protocol.members[2];
    let payer = machine.payer.pubkey();
    queued(&mut machine, &protocol, user, &[100_001]);
    machine.warp_seconds(LATCH);
    let cancel = |index, incident| {
        let (domain, vault) = (protocol.domain, protocol.vault.vault);
        ix::cancel_release(domain, guardian.pubkey(), incident, vault, record(&protocol, index))
    };
    let incident = pda::incident(&protocol.domain, 0);
    assert!(
        machine.send(&[cancel(0, incident)], &[guardian]).is_err(),
        "there is no incident"
    );

    protocol
        .release(&mut machine, user, 100_001, 1)
        .expect("a breach does not fail");
    protocol
        .release(&mut machine, user, 5, 2)
        .expect("a latch does not fail");
    let trip = ix::propagate_trip(protocol.domain, payer, protocol.vault.breaker, 0);
    protocol.must(&mut machine, &[trip], &[]);
    refused(
        machine.send(&[cancel(0, incident)], &[guardian]),
        BulkheadError::ReleaseBeforeBreach,
    );
    protocol.must(&mut machine, &[cancel(1, incident)], &[guardian]);
    assert_eq!(
        machine.load::<Release>(&record(&protocol, 1)).state,
        release_state::CANCELLED
    );
    assert_eq!(protocol.council(&machine).members[2].pause_rights, 2);
    refused(
        machine.send(&[cancel(1, incident)], &[guardian]),
        BulkheadError::ReleaseNotQueued,
    );
    protocol.must(&mut machine, &[ix::close_release(record(&protocol, 1), payer)], &[]);

    let stranger = keypair("stranger");
    let (domain, vault) = (protocol.domain, protocol.vault.vault);
    let foreign = ix::cancel_release(domain, stranger.pubkey(), incident, vault, record(&protocol, 2));
    refused(machine.send(&[foreign], &[&stranger]), BulkheadError::NotAMember);
}

#[test]
fn a_guardian_reaches_no_other_domains_releases() {
    let (mut machine, protocol) = world();
    let guardian = &protocol.members[0];
    let ours = protocol.freeze(&mut machine);
    let other = Protocol::set_up(
        &mut machine,
        &Setup {
            name: "other",
            ..Setup::default()
        },
    );
    let user = receiver(&mut machine, &other, "user of the other");
    queued(&mut machine, &other, user, &[100_001]);
    let crank = ix::propagate_trip(other.domain, machine.payer.pubkey(), other.vault.breaker, 0);
    protocol.must(&mut machine, &[crank], &[]);
    let theirs = pda::incident(&other.domain, 0);
    for (incident, error) in [
        (theirs, BulkheadError::IncidentNotOpen),
        (ours, BulkheadError::ForeignAccount),
    ] {
        let (vault, release) = (other.vault.vault, record(&other, 0));
        let cancel = ix::cancel_release(protocol.domain, guardian.pubkey(), incident, vault, release);
        refused(machine.send(&[cancel], &[guardian]), error);
    }
}

// Vaults and routes.

/// A vault for `mint` with a breaker of its own, during set-up.
fn open_vault(
    machine: &mut Machine,
    protocol: &Protocol,
    mint: Pubkey,
    token_program: Pubkey,
    queue_seconds: i64,
) -> Result<Outcome, Failure> {
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let payer = machine.payer.pubkey();
    let breaker = OpenBreakerArgs {
        compartment: 1,
        shard: 0,
        mint,
        authority: pda::vault(&protocol.domain, &mint, 0),
        sub_windows: 12,
        trip_scope: SCOPE_DOMAIN,
        window_seconds: 3_600,
        limit: 100_000,
        slot_limit: 60_000,
        latch_seconds: 3_600,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    let vault = OpenVaultArgs {
        index: 0,
        compartment: 1,
        operator: protocol.operator.pubkey(),
        breaker: pda::outflow_breaker(&protocol.domain, 1, &mint, 0),
        mint,
        queue_seconds,
        ledger: 0,
    };
    let instructions = [
        ix::open_breaker(authority, payer, breaker),
        ix::open_vault(authority, payer, token_program, vault),
    ];
    machine.send(&instructions, &[&protocol.setup_authority])
}

fn setting_up() -> (Machine, Protocol) {
    world_with(&Setup {
        activate: false,
        ..Setup::default()
    })
}

/// A Token-2022 mint with one extension, as its bytes lie.
fn create_mint_2022(machine: &mut Machine, name: &str, extension: u16, contents: &[u8]) -> Pubkey {
    let mint = keypair(name).pubkey();
    machine.create_mint(&mint, &keypair("issuer").pubkey(), 6);
    let mut data = machine.account(&mint).expect("it was made").data;
    data.resize(165, 0);
    data.push(1);
    data.extend_from_slice(&extension.to_le_bytes());
    data.extend_from_slice(&u16::try_from(contents.len()).expect("it is short").to_le_bytes());
    data.extend_from_slice(contents);
    write_2022(machine, &mint, data);
    mint
}

fn write_2022(machine: &mut Machine, key: &Pubkey, data: Vec<u8>) {
    let account = Account {
        lamports: machine.svm.minimum_balance_for_rent_exemption(data.len()),
        data,
        owner: spl_token_2022::ID,
        executable: false,
        rent_epoch: u64::MAX,
    };
    machine.write_account(key, account);
}

#[test]
fn mints_that_others_can_move_lock_or_hide_are_refused() {
    use spl_token_2022::extension::ExtensionType as E;
    for (extension, len) in [
        (E::MintCloseAuthority, 32),
        (E::ConfidentialTransferMint, 65),
        (E::DefaultAccountState, 1),
        (E::NonTransferable, 0),
        (E::PermanentDelegate, 32),
        (E::TransferHook, 64),
        (E::Pausable, 33),
    ] {
        let (mut machine, protocol) = setting_up();
        let mut contents = vec![0; len];
        if extension == E::DefaultAccountState {
            contents[0] = 1;
        }
        let mint = create_mint_2022(&mut machine, "unsafe mint", u16::from(extension), &contents);
        refused(
            open_vault(&mut machine, &protocol, mint, spl_token_2022::ID, DAY),
            BulkheadError::UnsafeMintExtension,
        );
    }
}

#[test]
fn a_fee_that_somebody_can_raise_is_refused_though_it_is_nothing_today() {
    let issuer = keypair("issuer").pubkey();
    for (authority, bps) in [(issuer, 0), (issuer, 100), (Pubkey::default(), 10_000)] {
        let (mut machine, protocol) = setting_up();
        let mint = create_mint_2022(&mut machine, "mint with a fee", 1, &transfer_fee(&authority, bps));
        refused(
            open_vault(&mut machine, &protocol, mint, spl_token_2022::ID, DAY),
            BulkheadError::UnsafeTransferFee,
        );
    }
}

/// Since epoch 0, without a maximum.
fn transfer_fee(authority: &Pubkey, bps: u16) -> Vec<u8> {
    let mut config = [authority.as_ref(), keypair("issuer").pubkey().as_ref(), &[0; 8]].concat();
    for _ in 0..2 {
        config.extend_from_slice(&[&[0; 8][..], &u64::MAX.to_le_bytes(), &bps.to_le_bytes()].concat());
    }
    config
}

#[test]
fn a_fixed_transfer_fee_is_accounted_for() {
    let (mut machine, protocol) = setting_up();
    let fee = transfer_fee(&Pubkey::default(), 100);
    let mint = create_mint_2022(&mut machine, "mint with a fee", 1, &fee);
    open_vault(&mut machine, &protocol, mint, spl_token_2022::ID, DAY).expect("a fixed fee is allowed");
    let vault = ix::VaultKeys {
        vault: pda::vault(&protocol.domain, &mint, 0),
        domain: protocol.domain,
        breaker: pda::outflow_breaker(&protocol.domain, 1, &mint, 0),
        mint,
        token_program: spl_token_2022::ID,
    };
    let custody = pda::custody(&vault.vault);
    let user = keypair("user's tokens").pubkey();
    let mut data = machine.account(&custody).expect("it was made").data;
    data[32..64].copy_from_slice(keypair("user").pubkey().as_ref());
    write_2022(&mut machine, &user, data.clone());
    data[32..64].copy_from_slice(vault.vault.as_ref());
    data[64..72].copy_from_slice(&5_000u64.to_le_bytes());
    write_2022(&mut machine, &custody, data);

    let payer = machine.payer.pubkey();
    let release = ix::release(vault, protocol.operator.pubkey(), payer, user, 1_000, 0);
    protocol.must(&mut machine, &[release], &[&protocol.operator]);
    assert_eq!((machine.balance(&custody), machine.balance(&user)), (4_000, 990));

    // Nobody can do this to a mint without the authority. If it were done all the same, nothing leaves for less.
    create_mint_2022(
        &mut machine,
        "mint with a fee",
        1,
        &transfer_fee(&keypair("issuer").pubkey(), 10_000),
    );
    let release = ix::release(vault, protocol.operator.pubkey(), payer, user, 1_000, 1);
    refused(
        machine.send(&[release], &[&protocol.operator]),
        BulkheadError::UnsafeTransferFee,
    );
}

#[test]
fn a_vault_is_opened_over_its_own_breaker_only() {
    let (mut machine, protocol) = setting_up();
    let mint = keypair("second mint").pubkey();
    machine.create_mint(&mint, &keypair("issuer").pubkey(), 9);
    for queue_seconds in [0, 3_599, i64::MAX] {
        refused(
            open_vault(&mut machine, &protocol, mint, spl_token::ID, queue_seconds),
            BulkheadError::ArgumentOutOfRange,
        );
    }
    open_vault(&mut machine, &protocol, mint, spl_token::ID, DAY).expect("a sound vault opens");
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let payer = machine.payer.pubkey();
    let taken = OpenVaultArgs {
        index: 1,
        compartment: 0,
        operator: protocol.operator.pubkey(),
        breaker: protocol.vault.breaker,
        mint: protocol.mint,
        queue_seconds: DAY,
        ledger: 0,
    };
    let of_another_mint = OpenVaultArgs { mint, ..taken.clone() };
    let of_another_compartment = OpenVaultArgs {
        compartment: 5,
        ..taken.clone()
    };
    for (args, error) in [
        (taken, BulkheadError::NotMeterAuthority),
        (of_another_mint, BulkheadError::ForeignAccount),
        (of_another_compartment, BulkheadError::NotMeterAuthority),
    ] {
        let open = ix::open_vault(authority, payer, spl_token::ID, args);
        refused(machine.send(&[open], &[&protocol.setup_authority]), error);
    }
}

#[test]
fn a_route_is_registered_by_proposal_and_is_a_place_to_receive() {
    let (mut machine, protocol) = world();
    let vault = protocol.vault.vault;
    let new = receiver(&mut machine, &protocol, "new recovery account");
    let other_mint = keypair("other mint").pubkey();
    machine.create_mint(&other_mint, &vault, 6);
    let other_token = machine.create_associated(&other_mint, &vault, 0);
    let frozen = receiver(&mut machine, &protocol, "frozen recovery account");
    let mut account = machine.account(&frozen).expect("it exists");
    account.data[108] = 2;
    machine.write_account(&frozen, account);

    for (destination, error) in [
        (protocol.custody(), BulkheadError::WrongDestination),
        (other_token, BulkheadError::WrongDestination),
        (frozen, BulkheadError::UnfitEvacuationRoute),
    ] {
        let args = RegisterEvacuationRouteArgs { vault, destination };
        let authority = protocol.mature(&mut machine, &args);
        refused(
            machine.send(&[ix::register_evacuation_route(authority, args)], &[]),
            error,
        );
    }
    let args = RegisterEvacuationRouteArgs {
        vault,
        destination: new,
    };
    let setup = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    refused(
        machine.send(
            &[ix::register_evacuation_route(setup, args.clone())],
            &[&protocol.setup_authority],
        ),
        BulkheadError::ProposalRequired,
    );
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::register_evacuation_route(authority, args)], &[]);
    assert_eq!(machine.load::<Vault>(&vault).route, new);
}
