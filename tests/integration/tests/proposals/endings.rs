//! A veto, the expiry, another council; and the rent goes back.

use super::*;

const WEEK: i64 = 7 * 86_400;

#[test]
fn a_vetoer_stops_it_to_the_last_moment() {
    let mut table = Table::matured();
    table.veto(3).expect("not executed yet");
    assert_eq!(table.state().state, proposal_state::VETOED);
    refused(table.execute(), BulkheadError::ProposalNotOpen);
    refused(table.approve(2), BulkheadError::ProposalNotOpen);
    refused(table.veto(3), BulkheadError::ProposalNotOpen);
    assert_eq!(table.limit(), 100_000);
}

#[test]
fn it_expires() {
    let mut table = Table::approved();
    let expires = table.state().expires_ts;
    assert_eq!(expires, table.state().created_ts + WEEK);
    table
        .machine
        .warp_seconds(expires - table.machine.clock().unix_timestamp);
    let last_moment = table.machine.would_work(&[table.execution()], &[]);
    assert!(last_moment, "the last second counts");
    table.machine.warp_seconds(1);
    refused(table.execute(), BulkheadError::ProposalExpired);
    refused(table.approve(2), BulkheadError::ProposalExpired);
    refused(table.withdraw(0), BulkheadError::ProposalExpired);
}

#[test]
fn a_change_of_the_council_voids_it() {
    let mut table = Table::approved();
    let council = council_config(&table.protocol.members);
    let authority = table.protocol.mature(&mut table.machine, &council);
    // The same members, thresholds and delays: it is another council all the same.
    table
        .send(ix::change_council(authority, council))
        .expect("it has matured");
    refused(table.execute(), BulkheadError::StaleConfigEpoch);
    refused(table.approve(2), BulkheadError::StaleConfigEpoch);
    refused(table.withdraw(0), BulkheadError::StaleConfigEpoch);
    // No right is burnt on what is void.
    refused(table.veto(3), BulkheadError::StaleConfigEpoch);
}

#[test]
fn its_rent_goes_back_to_who_paid_it() {
    let mut table = Table::matured();
    refused(table.close(), BulkheadError::ProposalStillOpen);
    table.execute().expect("it has matured");

    let (domain, sponsor) = (table.protocol.domain, keypair("sponsor"));
    table.machine.fund(&sponsor.pubkey(), 1_000_000_000);
    let approver = table.protocol.members[0].insecure_clone();
    let propose = ix::propose(domain, approver.pubkey(), sponsor.pubkey(), 1, &table.args);
    table
        .protocol
        .must(&mut table.machine, &[propose], &[&approver, &sponsor]);
    let proposal = pda::proposal(&domain, &approver.pubkey(), 1);
    assert!(table.machine.account(&sponsor.pubkey()).expect("funded").lamports < 1_000_000_000);

    table.machine.warp_seconds(WEEK + 1);
    let thief = ix::close_proposal(domain, proposal, approver.pubkey());
    refused(table.send(thief), BulkheadError::ForeignAccount);
    let close = ix::close_proposal(domain, proposal, sponsor.pubkey());
    table.send(close).expect("it can never run again");
    assert_eq!(
        table.machine.account(&sponsor.pubkey()).expect("paid back").lamports,
        1_000_000_000
    );
    assert!(table.machine.account(&proposal).is_none());
    table.close().expect("an executed one is closed too");
    // Under its number another may be made, which nobody has approved.
    let next = table.protocol.propose(&mut table.machine, &table.args);
    assert_eq!(next, table.proposal);
    assert_eq!((table.state().approvals, table.state().approved_ts), (0, 0));
    refused(table.execute(), BulkheadError::NotApproved);
}
