//! Vetoes stand against their proposers and nobody else, and nobody stops its own removal alone.

use bulkhead::{
    error::BulkheadError,
    instructions::{CouncilConfig, GrantRightsArgs, ResumeArgs, SetLimitArgs},
};
use bulkhead_client::instructions as ix;
use bulkhead_interface::constants::{VETO_SECONDS, proposal_state, role};
use bulkhead_testbed::{HEARTBEAT_SECONDS, keypair};
use bulkhead_tests::refused;
use solana_signer::Signer;

use super::Table;

const ALL: u8 = role::GUARDIAN | role::APPROVER | role::VETOER;

/// The council without this member; somebody else has its place.
fn without(config: &CouncilConfig, member: usize) -> CouncilConfig {
    let mut council = config.clone();
    council.members[member].key = keypair("successor").pubkey();
    council
}

/// Two vetoers: 3 and 4.
fn two_vetoers() -> Table {
    Table::with(|council| council.members[4].roles |= role::VETOER)
}

fn config_of_two(table: &Table) -> CouncilConfig {
    let mut config = table.config();
    config.members[4].roles |= role::VETOER;
    config
}

#[test]
fn one_hostile_key_with_every_role_is_got_rid_of() {
    let mut table = Table::with(|council| council.members[0].roles = ALL);
    let incident = table.protocol.freeze(&mut table.machine);
    let mut successors = without(&table.config(), 0);
    successors.members[0].roles = ALL;
    // Member 1 proposes: the first's numbers and approvals are its own.
    let index = 7;
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let propose = ix::propose(domain, table.member(1), payer, index, &successors);
    table.send(propose).expect("an approver");
    let proposal = bulkhead_client::pda::proposal(&domain, &table.member(1), index);
    table.approve(&proposal, &[1, 2]);
    // Everything the hostile key has.
    table.veto(proposal, 0).expect("it may say so");
    refused(table.veto(proposal, 0), BulkheadError::AlreadyVetoed);
    assert_eq!(table.proposal(&proposal).state, proposal_state::OPEN);
    for _ in 0..3 {
        // As often as it may; the tightening voids nothing of the constitution.
        let _ = table.send(ix::pause(domain, table.member(0), 255, 0));
    }
    table
        .change_council(proposal, successors)
        .expect("one key stops nothing of it");
    assert_eq!(table.council().members[0].key, keypair("successor").pubkey());
    // And the domain is resumed without it.
    let args = ResumeArgs { incident };
    let propose = ix::propose(domain, table.member(1), payer, 8, &args);
    table.send(propose).expect("an approver");
    let proposal = bulkhead_client::pda::proposal(&domain, &table.member(1), 8);
    table.approve(&proposal, &[1, 2]);
    refused(table.veto(proposal, 0), BulkheadError::NotAMember);
    table.machine.warp_seconds(bulkhead_testbed::DELAY_SECONDS);
    table
        .send(ix::resume(table.authority(proposal), args))
        .expect("the way out is open");
}

#[test]
fn who_would_be_removed_stops_it_with_another_vetoer_in_either_order() {
    for order in [[3, 4], [4, 3]] {
        let mut table = two_vetoers();
        let mut council = without(&config_of_two(&table), 3);
        // Both would be vetoers no more.
        council.members[4].roles = role::APPROVER;
        let proposal = table.propose(&council);
        table.approve(&proposal, &[0, 1]);
        table.veto(proposal, order[0]).expect("a vetoer");
        assert_eq!(table.proposal(&proposal).state, proposal_state::OPEN);
        table.veto(proposal, order[1]).expect("another");
        assert_eq!(table.proposal(&proposal).state, proposal_state::VETOED);
        refused(table.change_council(proposal, council), BulkheadError::ProposalNotOpen);
    }
}

#[test]
fn who_stays_a_vetoer_stops_the_removal_of_another_alone() {
    let mut table = two_vetoers();
    let council = without(&config_of_two(&table), 3);
    let proposal = table.propose(&council);
    table.veto(proposal, 4).expect("not its own removal");
    assert_eq!(table.proposal(&proposal).state, proposal_state::VETOED);
    // Losing the role is a removal too.
    let mut council = config_of_two(&table);
    council.members[4].roles = role::APPROVER;
    let proposal = table.propose(&council);
    refused(table.veto(proposal, 4), BulkheadError::AlreadyVetoed);
    assert_eq!(table.proposal(&proposal).state, proposal_state::OPEN);
    table.veto(proposal, 3).expect("another");
    assert_eq!(table.proposal(&proposal).state, proposal_state::VETOED);
}

#[test]
fn an_edit_to_remove_a_vetoer_is_judged_as_a_new_proposal() {
    let mut table = Table::new();
    let same = table.config();
    let proposal = table.propose(&same);
    assert_eq!(table.proposal(&proposal).removes, 0);
    let council = without(&same, 3);
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let edit = ix::edit_proposal(domain, table.member(0), payer, proposal, &council);
    table.send(edit).expect("its proposer");
    assert_eq!(table.proposal(&proposal).removes, 1 << 3);
    table.veto(proposal, 3).expect("a vetoer");
    assert_eq!(table.proposal(&proposal).vetoes, 1 << 3);
    let edit = ix::edit_proposal(domain, table.member(0), payer, proposal, &council);
    table.send(edit).expect("its proposer");
    assert_eq!(table.proposal(&proposal).vetoes, 0, "it is another proposal");
    refused(table.veto(proposal, 3), BulkheadError::AlreadyVetoed);
    assert_eq!(table.proposal(&proposal).state, proposal_state::OPEN);
    // An edit wears no veto out: it may not become what the vetoer stops alone.
    let edit = ix::edit_proposal(domain, table.member(0), payer, proposal, &same);
    refused(table.send(edit), BulkheadError::VetoStands);
}

#[test]
fn a_veto_stands_against_its_proposer_for_a_week_and_its_right_comes_back() {
    let mut table = Table::with(|council| council.veto_rights = 1);
    let same = table.config();
    let first = table.propose(&same);
    let other = table.propose(&same);
    let anothers = table.propose_as(1, &same);
    table.veto(first, 3).expect("a right is left");
    assert_eq!(table.vetoes_left(3), 0);
    // What it has made is void, what it makes is refused, and nobody else's is touched.
    let approve = table.protocol.approve(&table.machine, &other, 1);
    refused(table.send(approve), BulkheadError::ProposalNotOpen);
    let (propose, _) = table.protocol.proposing(&table.machine, &same);
    refused(table.send(propose), BulkheadError::VetoStands);
    table.approve(&anothers, &[0, 1]);
    refused(table.veto(anothers, 3), BulkheadError::NoVetoRights);
    // But not its vetoer's removal.
    let removal = table.propose(&without(&same, 3));
    refused(table.veto(removal, 3), BulkheadError::AlreadyVetoed);
    assert_eq!(table.proposal(&removal).state, proposal_state::OPEN);
    table.machine.warp_seconds(VETO_SECONDS);
    assert_eq!(table.vetoes_left(3), 1);
    table.propose(&same);
    // What was void stays so: whoever paid for it gets the rent back.
    let payer = table.proposal(&other).payer;
    let close = ix::close_proposal(table.protocol.domain, other, payer);
    table.send(close).expect("it can never run again");
}

/// A captured threshold proposes far more often than vetoers have rights, and removes the one that vetoes besides.
#[test]
fn a_captured_threshold_wears_nobody_out_by_proposing() {
    let mut table = two_vetoers();
    let all = SetLimitArgs {
        breaker: table.protocol.vault.breaker,
        limit: u64::MAX / 4,
        slot_limit: u64::MAX / 4,
        ..SetLimitArgs::default()
    };
    let mut malicious = vec![];
    for proposer in [0, 1] {
        for _ in 0..4 {
            let proposal = table.propose_as(proposer, &all);
            table.approve(&proposal, &[0, 1]);
            malicious.push(proposal);
        }
    }
    table.veto(malicious[0], 3).expect("a right for one captured proposer");
    table.veto(malicious[4], 3).expect("and for the other");
    let config = config_of_two(&table);
    for proposer in [0, 1] {
        let removal = table.propose_as(proposer, &without(&config, 3));
        table.approve(&removal, &[0, 1]);
        table.veto(removal, 4).expect("not its own removal");
        assert_eq!(table.proposal(&removal).state, proposal_state::VETOED);
    }
    table.machine.warp_seconds(bulkhead_testbed::DELAY_SECONDS);
    for proposal in malicious {
        let run = ix::set_limit(table.authority(proposal), all.clone());
        refused(table.send(run), BulkheadError::ProposalNotOpen);
    }
    assert_eq!((table.vetoes_left(3), table.vetoes_left(4)), (1, 1));
    for proposer in [0, 1] {
        let propose = table.proposing_as(proposer, &all).0;
        refused(table.send(propose), BulkheadError::VetoStands);
    }
}

#[test]
fn the_silent_stop_everything_but_what_replaces_them() {
    let mut table = Table::new();
    let grant = GrantRightsArgs {
        member: table.member(0),
        pause_rights: 1,
    };
    table.machine.warp_seconds(HEARTBEAT_SECONDS + 1);
    let same = table.config();
    let change = table.propose(&same);
    refused(table.veto(change, 3), BulkheadError::MemberSilent);
    assert_eq!(table.vetoes_left(3), same.veto_rights, "nothing is used");
    let other = table.propose(&grant);
    table.veto(other, 3).expect("tightening is never refused for silence");
    table.heartbeat(3).expect("a member");
    refused(table.veto(change, 3), BulkheadError::MemberSilent);
    table
        .machine
        .warp_seconds(bulkhead_interface::constants::REVIVAL_SECONDS);
    table.veto(change, 3).expect("it counts again");
}
