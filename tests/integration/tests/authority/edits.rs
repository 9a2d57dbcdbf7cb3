//! An edited proposal starts anew.

use super::*;

#[test]
fn an_edit_starts_anew() {
    let mut table = Table::new();
    let raise = table.raise();
    let proposal = table.protocol.propose(&mut table.machine, &raise);
    let old_approval = table.protocol.approve(&table.machine, &proposal, 2);
    for member in [0, 1] {
        table.approve(&proposal, member).expect("an approver");
    }
    table.machine.warp_seconds(DELAY_SECONDS);
    let before: Proposal = table.machine.load(&proposal);
    let more = SetLimitArgs {
        limit: 900_000,
        ..raise.clone()
    };
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let edit = ix::edit_proposal(domain, table.member(0), payer, proposal, &more);
    table.send(edit).expect("its proposer");
    let after: Proposal = table.machine.load(&proposal);
    let clock = table.machine.clock();
    assert_eq!((after.approvals, after.approved_ts), (0, 0));
    assert_eq!(
        (after.created_slot, after.created_ts),
        (clock.slot, clock.unix_timestamp)
    );
    assert_eq!(after.expires_ts - before.expires_ts, DELAY_SECONDS);
    // Neither the old payload nor the new one runs on the old approvals.
    let authority = table.authority(proposal);
    refused(table.send(ix::set_limit(authority, raise)), BulkheadError::NotApproved);
    refused(
        table.send(ix::set_limit(authority, more.clone())),
        BulkheadError::NotApproved,
    );
    // An approval that was signed before the edit is of another payload.
    refused(table.send(old_approval), BulkheadError::ApprovalMismatch);
    for member in [0, 1] {
        table.approve(&proposal, member).expect("an approver");
    }
    table.machine.warp_seconds(DELAY_SECONDS);
    table.send(ix::set_limit(authority, more)).expect("the edited one");
}

#[test]
fn an_edit_back_to_the_same_payload_revives_no_approval_either() {
    let mut table = Table::new();
    let raise = table.raise();
    let proposal = table.protocol.propose(&mut table.machine, &raise);
    let kept = table.protocol.approve(&table.machine, &proposal, 1);
    table.machine.next_slot();
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let edit = ix::edit_proposal(domain, table.member(0), payer, proposal, &raise);
    table.send(edit).expect("its proposer");
    refused(table.send(kept), BulkheadError::ApprovalMismatch);
}

#[test]
fn an_edit_is_of_the_same_kind_and_fits_the_account() {
    let mut table = Table::new();
    let mut council = council_config(&table.protocol.members);
    let proposal = table.protocol.propose(&mut table.machine, &council);
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let raise = table.raise();
    let edit = |table: &Table, decision: EncodedDecision| {
        ix::edit_proposal(domain, table.member(0), payer, proposal, decision)
    };
    refused(
        table.send(edit(&table, (&raise).into())),
        BulkheadError::WrongProposalKind,
    );
    let too_long = EncodedDecision(vec![ProposalKind::ChangeCouncil.number(); MAX_PAYLOAD + 2]);
    refused(table.send(edit(&table, too_long)), BulkheadError::PayloadTooLong);
    for spare in [0, 4, 1] {
        let mut changed = council.clone();
        let more = (0..spare).map(|index| MemberConfig {
            key: keypair(&format!("spare {index}")).pubkey(),
            roles: role::ATTESTER,
        });
        changed.members.extend(more);
        table.send(edit(&table, (&changed).into())).expect("longer and shorter");
        let account = table.machine.account(&proposal).expect("it exists");
        let header = bulkhead::authority::PROPOSAL_HEADER;
        assert_eq!(&account.data[header..], EncodedDecision::from(&changed).payload());
        let rent = table.machine.svm.minimum_balance_for_rent_exemption(account.data.len());
        assert!(account.lamports >= rent);
    }
    council.members.clear();
    // Who is not an approver any more edits nothing; nor does anyone once it is decided.
    let veto = ix::veto(domain, table.member(3), proposal);
    table.send(veto).expect("a vetoer");
    refused(
        table.send(edit(&table, (&council).into())),
        BulkheadError::ProposalNotOpen,
    );
}
