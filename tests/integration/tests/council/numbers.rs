//! Numbers of proposals are their proposers' own.

use bulkhead::error::BulkheadError;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_tests::refused;
use solana_signer::Signer;

use super::Table;

#[test]
fn nobody_takes_anothers_number() {
    let mut table = Table::new();
    let (domain, payer, same) = (table.protocol.domain, table.machine.payer.pubkey(), table.config());
    let propose = |table: &Table, member, index| ix::propose(domain, table.member(member), payer, index, &same);
    for index in [0, 1, u64::MAX] {
        for member in [0, 1, 2, 4] {
            let proposal = propose(&table, member, index);
            table.send(proposal.clone()).expect("its own number");
            refused(table.send(proposal), BulkheadError::ProposalNumberTaken);
            let found = table.proposal(&pda::proposal(&domain, &table.member(member), index));
            assert_eq!((found.index, found.proposer), (index, table.member(member)));
        }
    }
    // Not under another's number, and no stranger's.
    let mut forged = propose(&table, 1, 5);
    forged.accounts[4].pubkey = pda::proposal(&domain, &table.member(0), 5);
    assert!(table.send(forged).is_err());
}

#[test]
fn lamports_at_a_proposals_address_do_not_stop_it() {
    let mut table = Table::new();
    let same = table.config();
    let (propose, address) = table.protocol.proposing(&table.machine, &same);
    table.machine.fund(&address, 1);
    table.send(propose).expect("anyone can send lamports anywhere");
    assert_eq!(table.proposal(&address).proposer, table.member(0));
}
