//! From the ballot to the last claim.

use bulkhead_client::pda;
use bulkhead_interface::{
    ID,
    constants::{CHOICE_NONE, NOMINATION_SECONDS, ballot_state},
    layout::{Ballot, ClaimPage, Restoration, VoteRecord, VoterEscrow},
};
use bulkhead_snapshot::TagInputs;
use bulkhead_testbed::{VOTE_SECONDS, associated_token, keypair};
use bulkhead_tests::{
    recovery::{Recovery, owner, positions},
    world,
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::bench::Bench;

const POSITIONS: u64 = 64;

/// A frozen domain with a sealed snapshot of [`POSITIONS`] positions of ten owners.
fn sealed() -> (Bench, Recovery) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(POSITIONS));
    let voter = keypair("voter").pubkey();
    machine.create_associated(&recovery.protocol.governance_mint, &voter, 1_000);
    let members = recovery.protocol.members.iter().map(Keypair::insecure_clone);
    let keys = members.chain(["voter", "funder", "anyone"].map(keypair)).collect();
    (Bench::new(machine, recovery.protocol.domain, keys), recovery)
}

/// The whole vote by command lines, and the proposal that restores the winner.
fn elected(bench: &Bench, recovery: &Recovery) {
    let (member, voter) = (&recovery.protocol.members[0], keypair("voter"));
    bench.must(member, "ballot run");
    bench.must(&voter, "vote 0 --amount 1000");
    bench.machine().warp_seconds(NOMINATION_SECONDS);
    bench.must(member, "ballot run");
    bench.must(&voter, &format!("vote {}", recovery.snapshot));
    bench.machine().warp_seconds(VOTE_SECONDS);
    recovery.protocol.mature(&mut bench.machine(), &recovery.args());
}

fn folder(bench: &Bench, recovery: &Recovery) -> String {
    bench.build(
        "snapshot",
        TagInputs::new(ID, recovery.snapshot, 0),
        &positions(POSITIONS),
    )
}

fn restoration(bench: &Bench, recovery: &Recovery) -> Restoration {
    bench.machine().load(&recovery.restoration)
}

#[test]
fn a_vote_is_held_by_its_single_acts() {
    let (bench, recovery) = sealed();
    let (member, voter) = (&recovery.protocol.members[0], keypair("voter"));
    let domain = recovery.protocol.domain;
    let ballot = || bench.machine().load::<Ballot>(&recovery.ballot);
    if bench.machine().account(&pda::votes(&domain)).is_none() {
        bench.must(&voter, "vote custody");
    }
    bench.must(&voter, "vote escrow");
    bench.must(&voter, "vote deposit 700");
    bench.must(&voter, "ballot open");
    // Not on it yet.
    bench.refused(&voter, &format!("vote {}", recovery.snapshot), "not on the ballot");
    bench.must(&voter, "ballot add");
    assert_eq!(ballot().candidates[0].snapshot, recovery.snapshot);
    let early = bench.run(member, "ballot start");
    assert!(early.is_err_and(|error| error.contains("NominationNotOver")));
    bench.machine().warp_seconds(NOMINATION_SECONDS);
    bench.must(member, "ballot start");
    assert_eq!(ballot().state, ballot_state::VOTING);
    bench.must(&voter, "vote cast none");
    let record: VoteRecord = bench
        .machine()
        .load(&pda::vote_record(&recovery.ballot, &voter.pubkey()));
    assert_eq!((record.choice, record.weight), (CHOICE_NONE, 700));
    bench.must(&voter, "ballot show");
    bench.machine().warp_seconds(VOTE_SECONDS);
    // More than half for none of them: the ballot is run again.
    bench.must(&voter, "ballot renew");
    assert_eq!((ballot().round, ballot().state), (1, ballot_state::NOMINATING));
    bench.must(&voter, "vote close");
    bench.must(&voter, "vote withdraw");
    let escrow: VoterEscrow = bench.machine().load(&pda::escrow(&domain, &voter.pubkey()));
    let wallet = associated_token(&voter.pubkey(), &recovery.protocol.governance_mint);
    assert_eq!((escrow.amount, bench.machine().balance(&wallet)), (0, 1_000));
}

#[test]
fn a_restoration_pays_every_owner_once_whatever_is_run_twice() {
    let (bench, recovery) = sealed();
    let anyone = keypair("anyone");
    bench.refused(&anyone, "restore", "NotFound");
    elected(&bench, &recovery);
    // The state is chosen, and there is nothing to pay from.
    let empty = bench.run(&anyone, "restore");
    assert!(empty.is_err_and(|error| error.contains("NotYet")));
    let plan = restoration(&bench, &recovery);
    assert_eq!((plan.snapshot, plan.shared), (recovery.snapshot, 0));

    let funder = keypair("funder");
    let (mint, half) = (recovery.protocol.mint, plan.total / 2);
    bench.machine().create_associated(&mint, &funder.pubkey(), plan.total);
    bench.must(&funder, &format!("fund {half}"));
    bench.must(&anyone, "restore");
    assert_eq!(restoration(&bench, &recovery).shared, half);

    let folder = folder(&bench, &recovery);
    let one = positions(POSITIONS)[0];
    let claim = format!("claim --position {} --folder {folder}", one.key);
    bench.must(&anyone, &claim);
    let paid = restoration(&bench, &recovery).paid;
    assert!(paid > 0 && paid <= one.amount);
    bench.must(&anyone, &claim);
    assert_eq!(
        restoration(&bench, &recovery).paid,
        paid,
        "nothing is due to it any more"
    );
    bench.must(&anyone, &format!("claim {} --folder {folder}", owner(3).pubkey()));
    bench.must(&anyone, &format!("claim --all --folder {folder}"));

    bench.must(&funder, &format!("fund {}", plan.total - half));
    bench.must(&anyone, "share");
    for _ in 0..2 {
        bench.must(&anyone, &format!("claim --all --folder {folder}"));
    }
    for number in 0..10 {
        let own = positions(POSITIONS)
            .into_iter()
            .filter(|row| row.owner == owner(number).pubkey());
        let due: u64 = own.map(|row| row.amount).sum();
        let wallet = associated_token(&owner(number).pubkey(), &mint);
        assert_eq!(bench.machine().balance(&wallet), due, "owner {number}");
    }

    // All is paid: pages are closed, and what somebody sends on top goes back to the domain.
    let page = pda::claim_page(&recovery.restoration, 0);
    assert!(bench.machine().try_load::<ClaimPage>(&page).is_some());
    bench.must(&anyone, "claim close-page");
    assert!(bench.machine().account(&page).is_none());
    bench.refused(&anyone, "claim close-page 0", "is not open");
    bench.machine().mint_to(&mint, &recovery.pool(), 77);
    bench.must(&anyone, "surplus");
    let home = associated_token(&recovery.protocol.domain, &mint);
    assert_eq!(bench.machine().balance(&home), 77);
}

/// The leaves of a folder are checked against the root before anything is paid.
#[test]
fn claims_of_other_leaves_are_refused() {
    let (bench, recovery) = sealed();
    let (anyone, funder) = (keypair("anyone"), keypair("funder"));
    elected(&bench, &recovery);
    bench
        .machine()
        .create_associated(&recovery.protocol.mint, &funder.pubkey(), 1_000);
    // It chooses the state, and says that the pool is empty.
    assert!(bench.run(&anyone, "restore").is_err());
    bench.must(&funder, "fund 1000");
    bench.must(&anyone, "share");
    let tag = TagInputs::new(ID, recovery.snapshot, 0);
    let mut rows = positions(POSITIONS);
    rows[0].amount += 1;
    let forged = bench.build("forged", tag, &rows);
    bench.refused(&anyone, &format!("claim --all --folder {forged}"), "NotPossible");
    let folder = folder(&bench, &recovery);
    let stranger = keypair("stranger").pubkey();
    bench.refused(&anyone, &format!("claim {stranger} --folder {folder}"), "has no claim");
    bench.refused(&anyone, "fund --from-recovery", "no vault");
}
