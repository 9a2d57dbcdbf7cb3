//! Who puts which state on a ballot, and for how long.

use super::*;

fn start_by(recovery: &Recovery, signer: &Keypair) -> Instruction {
    let protocol = &recovery.protocol;
    ix::start_voting(
        protocol.domain,
        signer.pubkey(),
        recovery.incident,
        recovery.ballot,
        protocol.governance_mint,
    )
}

#[test]
fn anyone_opens_a_ballot_and_puts_the_incidents_own_snapshot_on_it() {
    let (mut machine, recovery) = frozen();
    let (domain, payer, stranger) = (recovery.protocol.domain, machine.payer.pubkey(), keypair("stranger"));
    let open = ix::open_ballot(domain, stranger.pubkey(), payer, recovery.incident, LEDGER);
    let add = ix::add_candidate(domain, stranger.pubkey(), recovery.ballot, recovery.snapshot);
    recovery.protocol.must(&mut machine, &[open, add], &[&stranger]);
    let ballot = recovery.ballot(&machine);
    assert_eq!(
        (ballot.candidate_count, ballot.candidates[0].snapshot),
        (1, recovery.snapshot)
    );
    assert_eq!(ballot.candidates[0].nominator, Pubkey::default());
}

/// It would take rent forever, and there is nothing to vote on.
#[test]
fn a_number_without_a_ledger_gets_no_ballot() {
    let (mut machine, recovery) = frozen();
    let (domain, payer, incident) = (recovery.protocol.domain, machine.payer.pubkey(), recovery.incident);
    for number in [LEDGER + 1, u8::MAX] {
        let open = ix::open_ballot(domain, payer, payer, incident, number);
        refused(
            machine.send(std::slice::from_ref(&open), &[]),
            BulkheadError::NoSuchLedger,
        );
        // Nor does another ledger pass for it, nor what is none.
        for other in [pda::ledger(&domain, LEDGER), recovery.snapshot] {
            let mut open = open.clone();
            for meta in &mut open.accounts {
                if meta.pubkey == pda::ledger(&domain, number) {
                    meta.pubkey = other;
                }
            }
            refused(machine.send(&[open], &[]), BulkheadError::ForeignAccount);
        }
        assert!(machine.account(&pda::ballot(&incident, number)).is_none());
    }
}

#[test]
fn only_guardians_and_approvers_nominate_other_states() {
    let (mut machine, recovery) = frozen();
    recovery.nominate(&mut machine);
    let domain = recovery.protocol.domain;
    let other = checkpoint(&mut machine, &recovery, "checkpoint");
    for (member, error) in [
        (&keypair("stranger"), BulkheadError::NotAMember),
        (&recovery.protocol.members[3], BulkheadError::RoleMissing),
    ] {
        let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, other);
        refused(machine.send(&[add], &[member]), error);
    }
    let member = &recovery.protocol.members[0];
    let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, other);
    recovery.protocol.must(&mut machine, &[add], &[member]);
}

/// Fault C: eight old checkpoints by one key keep the honest snapshot off the ballot.
#[test]
fn one_key_fills_one_place_and_the_incidents_own_snapshot_always_has_its_own() {
    let (mut machine, recovery) = frozen();
    let (domain, payer) = (recovery.protocol.domain, machine.payer.pubkey());
    let thief = recovery.protocol.members[0].insecure_clone();
    let open = ix::open_ballot(domain, payer, payer, recovery.incident, LEDGER);
    recovery.protocol.must(&mut machine, &[open], &[]);
    for number in 0..8 {
        let old = checkpoint(&mut machine, &recovery, &format!("old checkpoint {number}"));
        let add = ix::add_candidate(domain, thief.pubkey(), recovery.ballot, old);
        let result = machine.send(&[add], &[&thief]);
        if number == 0 {
            result.expect("its place");
        } else {
            refused(result, BulkheadError::CandidateRefused);
        }
    }
    // Even were all the other places taken.
    let mut full = recovery.ballot(&machine);
    for (number, row) in full.candidates.iter_mut().take(7).enumerate() {
        row.snapshot = keypair(&format!("full {number}")).pubkey();
        row.nominator = keypair(&format!("nominator {number}")).pubkey();
    }
    full.candidate_count = 7;
    forge(&mut machine, &recovery.ballot, &full);
    let another = recovery.protocol.members[1].insecure_clone();
    let one_more = checkpoint(&mut machine, &recovery, "one more");
    let add = ix::add_candidate(domain, another.pubkey(), recovery.ballot, one_more);
    refused(machine.send(&[add], &[&another]), BulkheadError::CandidateRefused);
    let own = ix::add_candidate(domain, payer, recovery.ballot, recovery.snapshot);
    recovery.protocol.must(&mut machine, &[own], &[]);
    assert_eq!(recovery.ballot(&machine).candidates[7].snapshot, recovery.snapshot);
}

/// Fault L: one member starts every round before anybody can nominate.
#[test]
fn everybody_has_a_day_to_nominate_in_every_round() {
    let (mut machine, recovery) = frozen();
    let thief = recovery.protocol.members[0].insecure_clone();
    recovery.nominate(&mut machine);
    let start = start_by(&recovery, &thief);
    for _ in 0..2 {
        machine.warp_seconds(NOMINATION_SECONDS - 1);
        refused(
            machine.send(std::slice::from_ref(&start), &[&thief]),
            BulkheadError::NominationNotOver,
        );
        machine.warp_seconds(1);
        recovery
            .protocol
            .must(&mut machine, std::slice::from_ref(&start), &[&thief]);
        machine.warp_seconds(VOTE_SECONDS);
        let payer = machine.payer.pubkey();
        let renew = ix::renew_ballot(recovery.protocol.domain, payer, recovery.ballot, None);
        recovery.protocol.must(&mut machine, &[renew], &[]);
    }
}

#[test]
fn nobody_is_waited_for_longer_than_a_week() {
    let (mut machine, recovery) = frozen();
    let (domain, payer) = (recovery.protocol.domain, machine.payer.pubkey());
    let (member, stranger) = (recovery.protocol.members[1].insecure_clone(), keypair("stranger"));
    let open = ix::open_ballot(domain, payer, payer, recovery.incident, LEDGER);
    recovery.protocol.must(&mut machine, &[open], &[]);
    let other = checkpoint(&mut machine, &recovery, "checkpoint");
    let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, other);
    recovery.protocol.must(&mut machine, &[add], &[&member]);
    // The incident's own snapshot is not on it.
    machine.warp_seconds(NOMINATION_PATIENCE_SECONDS - 1);
    for signer in [&member, &stranger] {
        let start = start_by(&recovery, signer);
        refused(machine.send(&[start], &[signer]), BulkheadError::NominationNotOver);
    }
    machine.warp_seconds(1);
    let start = start_by(&recovery, &stranger);
    recovery.protocol.must(&mut machine, &[start], &[&stranger]);
}

#[test]
fn a_stranger_does_not_start_a_vote_that_members_still_nominate_for() {
    let (mut machine, recovery) = frozen();
    recovery.nominate(&mut machine);
    machine.warp_seconds(NOMINATION_SECONDS);
    let stranger = keypair("stranger");
    let start = start_by(&recovery, &stranger);
    refused(machine.send(&[start], &[&stranger]), BulkheadError::NominationNotOver);
}

#[test]
fn there_is_no_ballot_in_peace() {
    let (mut machine, protocol) = world();
    let (member, payer) = (&protocol.members[0], machine.payer.pubkey());
    let incident = pda::incident(&protocol.domain, 0);
    let open = ix::open_incident(protocol.domain, member.pubkey(), payer, 0);
    protocol.must(&mut machine, &[open], &[member]);
    let open = ix::open_ballot(protocol.domain, member.pubkey(), payer, incident, LEDGER);
    refused(machine.send(&[open], &[member]), BulkheadError::WrongPhase);
}

#[test]
fn only_sealed_snapshots_of_the_ledger_are_candidates() {
    let (mut machine, recovery) = frozen();
    let (domain, member, payer) = (
        recovery.protocol.domain,
        recovery.protocol.members[1].insecure_clone(),
        machine.payer.pubkey(),
    );
    let open = ix::open_ballot(domain, member.pubkey(), payer, recovery.incident, LEDGER);
    recovery.protocol.must(&mut machine, &[open], &[&member]);
    let start = ix::start_voting(
        domain,
        member.pubkey(),
        recovery.incident,
        recovery.ballot,
        recovery.protocol.governance_mint,
    );
    machine.warp_seconds(NOMINATION_SECONDS);
    refused(
        machine.send(std::slice::from_ref(&start), &[&member]),
        BulkheadError::NominationNotOver,
    );

    let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, recovery.snapshot);
    recovery.write_snapshot(&mut machine, snapshot_state::OPEN);
    refused(
        machine.send(std::slice::from_ref(&add), &[&member]),
        BulkheadError::SnapshotNotSealed,
    );
    recovery.write_snapshot(&mut machine, snapshot_state::SEALED);

    let other = keypair("other snapshot").pubkey();
    let sealed: Snapshot = machine.load(&recovery.snapshot);
    for foreign in [
        Snapshot {
            ledger_index: 1,
            ..sealed
        },
        Snapshot {
            incident: other,
            ..sealed
        },
    ] {
        forge(&mut machine, &other, &foreign);
        let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, other);
        refused(machine.send(&[add], &[&member]), BulkheadError::ForeignAccount);
    }

    recovery
        .protocol
        .must(&mut machine, std::slice::from_ref(&add), &[&member]);
    refused(
        machine.send(std::slice::from_ref(&add), &[&member]),
        BulkheadError::CandidateRefused,
    );
    recovery
        .protocol
        .must(&mut machine, std::slice::from_ref(&start), &[&member]);
    refused(machine.send(&[add], &[&member]), BulkheadError::BallotNotNominating);
    refused(machine.send(&[start], &[&member]), BulkheadError::BallotNotNominating);
}
