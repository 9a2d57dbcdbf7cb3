//! Queued releases: settled by instalments, or cancelled by a guardian.

use super::*;

/// How long a latch of the test protocol lasts.
const LATCH: i64 = 3 * DAY;

fn settle(protocol: &Protocol, user: Pubkey, index: u64) -> solana_instruction::Instruction {
    ix::settle_release(protocol.vault, user, record(protocol, index))
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
    // The host owes it again, and its operator alone ends the record.
    refused(
        machine.send(&[ix::close_release(record(&protocol, 1), payer)], &[]),
        BulkheadError::ReleaseNotTakenBack,
    );
    let operator = &protocol.operator;
    let back = ix::take_back_release(operator.pubkey(), protocol.vault.vault, record(&protocol, 1), payer);
    protocol.must(&mut machine, &[back], &[operator]);

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
