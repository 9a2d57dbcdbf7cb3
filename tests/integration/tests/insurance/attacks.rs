//! How somebody would steal through a pool's accounts.

use anchor_spl::token::spl_token::{ID as TOKEN_PROGRAM, instruction::transfer_checked};
use bulkhead::{
    call::{StoredAccount, StoredInstruction},
    error::BulkheadError as E,
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_testbed::{Machine, associated_token, keypair};
use bulkhead_tests::{
    insurance::{DAY, Pool, insurance_args, restored, rob, staked},
    recovery::LEDGER,
    refused, world,
};
use solana_signer::Signer;

#[test]
fn no_proposal_reaches_the_pools_tokens() {
    let (mut machine, protocol, pool, _) = staked();
    let tokens = pda::insurance_tokens(&pool.keys.pool);
    let thief = machine.create_associated(&protocol.mint, &keypair("thief").pubkey(), 0);
    let steal = transfer_checked(
        &TOKEN_PROGRAM,
        &tokens,
        &protocol.mint,
        &thief,
        &protocol.domain,
        &[],
        1_000,
        6,
    )
    .expect("sound");
    let accounts = steal.accounts.iter().map(|meta| StoredAccount {
        pubkey: meta.pubkey,
        is_signer: meta.is_signer,
        is_writable: meta.is_writable,
    });
    let stored = StoredInstruction {
        program_id: steal.program_id,
        accounts: accounts.collect(),
        data: steal.data,
    };
    let authority = protocol.mature(&mut machine, &stored);
    let failure = machine
        .send(&[ix::run_instruction(authority, &stored)], &[])
        .expect_err("refused");
    assert_eq!(failure.code(), Some(4), "the token program: the owner does not match");
    assert_eq!(machine.balance(&tokens), 50_000);
}

#[test]
fn nobody_leaves_in_the_slot_of_the_latch() {
    let (mut machine, protocol, pool, staker) = staked();
    let owner = staker.pubkey();
    let destination = machine.create_associated(&protocol.mint, &keypair("thief").pubkey(), 0);
    // The theft latches the breaker, and the thief unstakes in the same transaction.
    let operator = protocol.operator.insecure_clone();
    let steal = ix::release(
        protocol.vault,
        operator.pubkey(),
        machine.payer.pubkey(),
        destination,
        100_001,
        7,
    );
    let leave = pool.unstake(&owner, 25_000_000);
    let before = machine.fork();
    refused(
        machine.send(&[steal.clone(), leave.clone()], &[&operator, &staker]),
        E::DetectorLatched,
    );
    machine = before;
    protocol.must(&mut machine, &[steal], &[&operator]);
    refused(
        machine.send(std::slice::from_ref(&leave), &[&staker]),
        E::DetectorLatched,
    );
    // Nor without the detector, nor with another in its place.
    let mut without = leave.clone();
    without.accounts.pop();
    refused(
        machine.send(std::slice::from_ref(&without), &[&staker]),
        E::AccountsMismatch,
    );
    let mut other = without;
    other.accounts.push(solana_instruction::AccountMeta::new_readonly(
        protocol.vault.vault,
        false,
    ));
    refused(machine.send(&[other], &[&staker]), E::AccountsMismatch);
    // Propagated: the incident has to be noted, and is open.
    let propagate = ix::propagate_trip(protocol.domain, machine.payer.pubkey(), protocol.vault.breaker, 0);
    protocol.must(&mut machine, &[propagate], &[]);
    refused(
        machine.send(std::slice::from_ref(&leave), &[&staker]),
        E::IncidentNotNoted,
    );
    let note = pool.note(pda::incident(&protocol.domain, 0));
    protocol.must(&mut machine, &[note], &[]);
    refused(machine.send(std::slice::from_ref(&leave), &[&staker]), E::ExitsClosed);
    machine.next_slot();
    let stake = pool.stake(&machine, &owner, 1_000);
    refused(machine.send(&[stake], &[&staker]), E::ExitsClosed);
    // The written end.
    machine.warp_seconds(7 * DAY);
    protocol.must(&mut machine, &[leave], &[&staker]);
    assert_eq!(machine.balance(&associated_token(&owner, &protocol.mint)), 75_000);
}

#[test]
fn what_custody_holds_is_not_slashed_and_no_vault_is_left_out() {
    let (mut machine, recovery, pool, _) = restored();
    let state = pool.state_shortfall(&machine, recovery.restoration);
    recovery.protocol.must(&mut machine, std::slice::from_ref(&state), &[]);
    refused(machine.send(std::slice::from_ref(&state), &[]), E::ShortfallStated);
    let slash = pool.slash(&machine, recovery.restoration);
    refused(machine.send(std::slice::from_ref(&slash), &[]), E::FundingNotOver);
    machine.warp_seconds(3_600);
    // 200,000 lie in custody.
    refused(machine.send(std::slice::from_ref(&slash), &[]), E::NothingToMove);
    let named = slash.accounts.len() - 3;
    let mut without = slash.clone();
    without.accounts.truncate(named);
    refused(machine.send(&[without], &[]), E::AccountsMismatch);
    for place in 0..2 {
        let mut other = slash.clone();
        other.accounts[named + place].pubkey = keypair("nothing").pubkey();
        refused(machine.send(&[other], &[]), E::AccountsMismatch);
    }
}

#[test]
fn a_frozen_domain_is_slashed_by_anyone_once() {
    let (mut machine, recovery, pool, staker) = restored();
    rob(&mut machine, &recovery);
    let total = recovery.tree.root().sum;
    refused(
        machine.send(&[pool.unstake(&staker.pubkey(), 25_000_000)], &[&staker]),
        E::ExitsClosed,
    );
    let state = pool.state_shortfall(&machine, recovery.restoration);
    recovery.protocol.must(&mut machine, &[state], &[]);
    // Who leaves now leaves half of the shortfall behind.
    let leave = pool.unstake(&staker.pubkey(), 25_000_000);
    recovery.protocol.must(&mut machine, &[leave], &[&staker]);
    let left = machine.balance(&associated_token(&staker.pubkey(), &recovery.protocol.mint));
    assert_eq!(left, 50_000 + (50_000 - total) / 2);
    machine.warp_seconds(3_600);
    assert_ne!(recovery.protocol.board(&machine).domain_row.freeze, 0);
    let slash = pool.slash(&machine, recovery.restoration);
    recovery.protocol.must(&mut machine, std::slice::from_ref(&slash), &[]);
    assert_eq!(machine.balance(&recovery.pool()), total);
    let slashed = pool.state(&machine);
    assert_eq!((slashed.slashed, slashed.reserve), (total, 0));
    refused(machine.send(&[slash], &[]), E::NothingToMove);
    recovery.share_out(&mut machine).expect("the claims are covered");
}

#[test]
fn a_cover_is_of_one_pool_and_one_restoration() {
    let (mut machine, recovery, pool, _) = restored();
    rob(&mut machine, &recovery);
    let state = pool.state_shortfall(&machine, recovery.restoration);
    recovery.protocol.must(&mut machine, &[state], &[]);
    machine.warp_seconds(3_600);
    let slash = pool.slash(&machine, recovery.restoration);
    // The accounts in order: pool, tokens, mint, token program, restoration, claims.
    for (place, key) in [
        (0, recovery.snapshot),
        (1, recovery.pool()),
        (4, recovery.incident),
        (5, pda::insurance_tokens(&pool.keys.pool)),
        (5, recovery.protocol.recovery_account),
    ] {
        let mut spoilt = slash.clone();
        spoilt.accounts[place].pubkey = key;
        assert!(machine.send(&[spoilt], &[]).is_err(), "{place}");
    }
}

#[test]
fn pools_are_opened_in_their_order() {
    let (mut machine, protocol) = world();
    let args = insurance_args(&protocol, 1);
    let authority = protocol.mature(&mut machine, &args);
    let payer = machine.payer.pubkey();
    let mut open = ix::open_insurance(authority, payer, protocol.mint, TOKEN_PROGRAM, args.clone());
    assert!(
        machine.send(std::slice::from_ref(&open), &[]).is_err(),
        "the pool before does not exist"
    );
    let previous = pda::insurance_pool(&protocol.domain, LEDGER, 0);
    for meta in open.accounts.iter_mut().filter(|meta| meta.pubkey == previous) {
        meta.pubkey = bulkhead::ID;
    }
    refused(machine.send(&[open], &[]), E::EarlierPoolFirst);
    let _ = Pool::open(&mut machine, &protocol, 0);
    let open = ix::open_insurance(authority, payer, protocol.mint, TOKEN_PROGRAM, args);
    protocol.must(&mut machine, &[open], &[]);
}

#[test]
fn new_terms_wait_for_a_cooldown_and_a_window() {
    let (mut machine, protocol, pool, staker) = staked();
    let args = bulkhead::instructions::OpenInsuranceArgs {
        cap_bps: 10_000,
        ..insurance_args(&protocol, 0)
    };
    let authority = protocol.mature(&mut machine, &args);
    let open = ix::open_insurance(authority, machine.payer.pubkey(), protocol.mint, TOKEN_PROGRAM, args);
    protocol.must(&mut machine, &[open], &[]);
    let state = pool.state(&machine);
    assert_eq!((state.terms.cap_bps, state.next_terms.cap_bps), (5_000, 10_000));
    assert_eq!(state.terms_ts, machine.clock().unix_timestamp + 21 * DAY);
    machine.warp_seconds(21 * DAY - 1);
    let stake = |machine: &Machine| pool.stake(machine, &staker.pubkey(), 1_000);
    let instruction = stake(&machine);
    protocol.must(&mut machine, &[instruction], &[&staker]);
    assert_eq!(pool.state(&machine).terms.cap_bps, 5_000);
    machine.warp_seconds(1);
    let instruction = stake(&machine);
    protocol.must(&mut machine, &[instruction], &[&staker]);
    assert_eq!(pool.state(&machine).terms.cap_bps, 10_000);
}

#[test]
fn an_empty_stake_is_closed_and_begins_again() {
    let (mut machine, protocol, pool, staker) = staked();
    let owner = staker.pubkey();
    protocol.must(&mut machine, &[pool.cooldown(&owner, 50_000_000)], &[&staker]);
    machine.warp_seconds(DAY);
    protocol.must(&mut machine, &[pool.unstake(&owner, 50_000_000)], &[&staker]);
    assert!(
        machine
            .account(&pda::insurance_stake(&pool.keys.pool, &owner))
            .is_none()
    );
    let stake = pool.stake(&machine, &owner, 1_000);
    protocol.must(&mut machine, &[stake], &[&staker]);
    refused(
        machine.send(&[pool.unstake(&owner, 1_000_000)], &[&staker]),
        E::NotCooled,
    );
}

#[test]
fn a_donation_belongs_to_nobody() {
    let (mut machine, protocol, pool, staker) = staked();
    let tokens = pda::insurance_tokens(&pool.keys.pool);
    machine.mint_to(&protocol.mint, &tokens, 40_000);
    let leave = pool.unstake(&staker.pubkey(), 25_000_000);
    protocol.must(&mut machine, &[leave], &[&staker]);
    assert_eq!(
        machine.balance(&associated_token(&staker.pubkey(), &protocol.mint)),
        75_000
    );
    assert_eq!(pool.state(&machine).assets, 25_000);
}
