//! A release is paid at once or queued, and splitting it gains nothing.

use super::*;

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
