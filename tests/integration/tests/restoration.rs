//! A ballot's winner, a matured proposal, and money: then every account is paid its share.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{error::BulkheadError, instructions::ChooseRestorationArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::associated::token_address;
use bulkhead_interface::{
    constants::{CHOICE_NONE, kind, phase, snapshot_state, step},
    layout::{Ballot, ClaimBitmap, Domain, Incident, Restoration, SnapshotShard, Vault},
};
use bulkhead_sim::{Machine, Outcome, VOTE_SECONDS, associated_token, keypair};
use bulkhead_snapshot::Position;
use bulkhead_tests::{
    recovery::{LEDGER, Recovery, forge, owner, positions, positions_of_one_shard},
    refused, world,
};
use solana_signer::Signer;

fn held(positions: Vec<Position>) -> (Machine, Recovery) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions);
    (machine, recovery)
}

fn restored(count: u64) -> (Machine, Recovery) {
    let (mut machine, recovery) = held(positions(count));
    recovery.restore(&mut machine);
    (machine, recovery)
}

fn leaves(recovery: &Recovery) -> Vec<Position> {
    recovery.tree.leaves().map(|(_, leaf)| *leaf).collect()
}

/// What the ten owners have together.
fn owned(machine: &Machine, recovery: &Recovery) -> u64 {
    (0..10)
        .map(|i| machine.balance(&associated_token(&owner(i).pubkey(), &recovery.protocol.mint)))
        .sum()
}

#[test]
fn the_winner_is_restored() {
    let (machine, recovery) = restored(40);
    let domain = recovery.protocol.state(&machine);
    assert_eq!(
        (domain.state, domain.restoration),
        (phase::RECOVERING, recovery.restoration)
    );
    let plan: Restoration = machine.load(&recovery.restoration);
    assert_eq!((plan.total, plan.count), (recovery.tree.root().sum, 40));
    assert_eq!(
        (plan.snapshot, plan.pool, plan.decimals),
        (recovery.snapshot, recovery.pool(), 6)
    );
    assert!(recovery.protocol.incident(&machine).steps[step::RESTORATION].slot > 0);
}

#[test]
fn neither_vote_nor_proposal_alone_restores() {
    let (mut machine, recovery) = held(positions(40));
    let voter = recovery.voter(&mut machine, "a", 900);
    let other = recovery.voter(&mut machine, "b", 100);
    recovery.nominate(&mut machine);
    recovery.start(&mut machine);
    let authority = recovery
        .protocol
        .mature(&mut machine, kind::CHOOSE_RESTORATION, &recovery.args());
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::BallotStillVoting,
    );
    let unproposed = ix::Authority {
        proposal: None,
        ..authority
    };
    refused(
        recovery.choose(&mut machine, unproposed, recovery.args()),
        BulkheadError::ProposalRequired,
    );
    let larger = ChooseRestorationArgs {
        min_tranche: 1,
        ..recovery.args()
    };
    refused(
        recovery.choose(&mut machine, authority, larger),
        BulkheadError::PayloadMismatch,
    );

    recovery.vote(&mut machine, &other, 0).expect("voting");
    recovery.vote(&mut machine, &voter, CHOICE_NONE).expect("voting");
    machine.warp_seconds(VOTE_SECONDS);
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::NotTheWinner,
    );
    assert_eq!(recovery.protocol.state(&machine).state, phase::HELD);
}

#[test]
fn nothing_is_restored_below_the_quorum() {
    let (mut machine, recovery) = held(positions(40));
    let few = recovery.voter(&mut machine, "few", 99);
    recovery.voter(&mut machine, "many", 901);
    recovery.nominate(&mut machine);
    recovery.start(&mut machine);
    recovery.vote(&mut machine, &few, 0).expect("voting");
    let authority = recovery
        .protocol
        .mature(&mut machine, kind::CHOOSE_RESTORATION, &recovery.args());
    machine.warp_seconds(VOTE_SECONDS);
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::QuorumNotReached,
    );
}

#[test]
fn only_the_sealed_snapshot_of_the_ballots_own_ledger_is_restored() {
    let (mut machine, recovery) = held(positions(40));
    recovery.elect(&mut machine);
    let authority = recovery
        .protocol
        .mature(&mut machine, kind::CHOOSE_RESTORATION, &recovery.args());
    recovery.write_snapshot(&mut machine, snapshot_state::OPEN);
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::SnapshotNotSealed,
    );
    recovery.write_snapshot(&mut machine, snapshot_state::SEALED);
    let ballot: Ballot = machine.load(&recovery.ballot);
    forge(
        &mut machine,
        &recovery.ballot,
        &Ballot {
            ledger_index: LEDGER + 1,
            ..ballot
        },
    );
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::ForeignAccount,
    );
    forge(&mut machine, &recovery.ballot, &ballot);
    recovery
        .choose(&mut machine, authority, recovery.args())
        .expect("it won");
}

#[test]
fn every_account_is_paid_its_share_and_once() {
    let (mut machine, recovery) = restored(60);
    let total = recovery.tree.root().sum;
    let pool = total * 7 / 10;
    recovery.pay_out(&mut machine, 0, pool);
    // Claims are exits: they go on under every pause.
    assert_eq!(recovery.protocol.state(&machine).state, phase::RECOVERING);
    for leaf in leaves(&recovery) {
        let before = machine.balance(&associated_token(&leaf.owner, &recovery.protocol.mint));
        recovery.claim(&mut machine, &leaf.key, 0).expect("it is a leaf");
        let after = machine.balance(&associated_token(&leaf.owner, &recovery.protocol.mint));
        let share = u128::from(leaf.amount) * u128::from(pool) / u128::from(total);
        assert_eq!(u128::from(after - before), share);
        refused(
            recovery.claim(&mut machine, &leaf.key, 0),
            BulkheadError::AlreadyClaimed,
        );
    }
    let plan: Restoration = machine.load(&recovery.restoration);
    let dust = machine.balance(&recovery.pool());
    assert!(dust < 60, "{dust} left over");
    assert_eq!(owned(&machine, &recovery) + dust, pool);
    assert_eq!((plan.paid, plan.tranches[0].paid), (pool - dust, pool - dust));
    let page: ClaimBitmap = machine.load(&pda::claim_page(&recovery.restoration, 0, 0));
    assert_eq!((page.claimed, page.count), (60, 60));
    assert!(machine.load::<Incident>(&recovery.incident).steps[step::CLAIMS].slot > 0);
}

#[test]
fn later_recoveries_are_later_tranches() {
    let (mut machine, recovery) = restored(30);
    let total = recovery.tree.root().sum;
    let leaf = leaves(&recovery)[7];
    recovery.pay_out(&mut machine, 0, total / 2);
    recovery.claim(&mut machine, &leaf.key, 0).expect("first tranche");
    recovery.pay_out(&mut machine, 1, total - total / 2);
    let mut other_page = recovery.prepare(&machine, &leaf.key, 1);
    other_page.1.tranche = 0;
    let replay = ix::claim(recovery.keys(), other_page.0, other_page.1);
    refused(machine.send(&[replay], &[]), BulkheadError::AlreadyClaimed);
    recovery.claim(&mut machine, &leaf.key, 1).expect("second tranche");
    refused(
        recovery.claim(&mut machine, &leaf.key, 1),
        BulkheadError::AlreadyClaimed,
    );
    let paid = machine.balance(&associated_token(&leaf.owner, &recovery.protocol.mint));
    assert!(
        paid == leaf.amount || paid + 1 == leaf.amount,
        "{paid} of {}",
        leaf.amount
    );
}

#[test]
fn a_tranche_is_covered_by_the_pool_and_the_claims() {
    let (mut machine, recovery) = restored(30);
    let total = recovery.tree.root().sum;
    let approver = recovery.protocol.members[4].insecure_clone();
    recovery.fund(&mut machine, total + 5_000);
    for (member, error) in [
        (keypair("stranger"), BulkheadError::NotAMember),
        (
            recovery.protocol.members[3].insecure_clone(),
            BulkheadError::RoleMissing,
        ),
    ] {
        refused(recovery.open_tranche(&mut machine, &member, total), error);
    }
    refused(
        recovery.open_tranche(&mut machine, &approver, 0),
        BulkheadError::ZeroAmount,
    );
    for amount in [999, total + 1, u64::MAX] {
        refused(
            recovery.open_tranche(&mut machine, &approver, amount),
            BulkheadError::TrancheRefused,
        );
    }
    recovery
        .open_tranche(&mut machine, &approver, total - 1)
        .expect("covered");
    refused(
        recovery.open_tranche(&mut machine, &approver, 2),
        BulkheadError::TrancheRefused,
    );
    recovery
        .open_tranche(&mut machine, &approver, 1)
        .expect("it completes the claims");
}

#[test]
fn a_tranche_does_not_spend_what_another_owes() {
    let (mut machine, recovery) = restored(30);
    let approver = recovery.protocol.members[0].insecure_clone();
    recovery.fund(&mut machine, 10_000);
    recovery.open_tranche(&mut machine, &approver, 10_000).expect("covered");
    refused(
        recovery.open_tranche(&mut machine, &approver, 1_000),
        BulkheadError::TrancheRefused,
    );
}

#[test]
fn pages_are_as_long_as_their_leaves() {
    let (mut machine, recovery) = restored(30);
    let payer = machine.payer.pubkey();
    let open = ix::open_claim_page(recovery.restoration, payer, 0, 0);
    refused(machine.send(&[open], &[]), BulkheadError::NoSuchTranche);
    recovery.pay_out(&mut machine, 0, 5_000);
    let page = machine
        .account(&pda::claim_page(&recovery.restoration, 0, 0))
        .expect("opened");
    assert_eq!(page.data.len(), 8 + 48 + 4);
    let open = ix::open_claim_page(recovery.restoration, payer, 0, 1);
    refused(machine.send(&[open], &[]), BulkheadError::WrongClaimPage);
}

#[test]
fn a_proof_proves_one_leaf_of_one_owner() {
    let (mut machine, recovery) = restored(60);
    recovery.pay_out(&mut machine, 0, recovery.tree.root().sum);
    let leaf = leaves(&recovery)[20];
    let (keys, args) = recovery.prepare(&machine, &leaf.key, 0);
    let spoil: [fn(&mut bulkhead::instructions::ClaimArgs); 9] = [
        |args| args.amount += 1,
        |args| args.amount = u64::MAX,
        |args| args.amount = 0,
        |args| args.index ^= 1,
        |args| args.index = u32::MAX,
        |args| args.index += 1 << 20,
        |args| args.key = keypair("another position").pubkey(),
        |args| args.proof.push(0),
        |args| args.proof.extend([0; 40]),
    ];
    for spoil in spoil {
        let mut args = args.clone();
        spoil(&mut args);
        let claim = ix::claim(recovery.keys(), keys, args);
        refused(machine.send(&[claim], &[]), BulkheadError::InvalidProof);
    }
    // Another owner with an account of its own.
    let thief = keypair("thief").pubkey();
    machine.create_associated(&recovery.protocol.mint, &thief, 0);
    let claim = ix::claim(recovery.keys(), ix::ClaimKeys { owner: thief, ..keys }, args);
    refused(machine.send(&[claim], &[]), BulkheadError::InvalidProof);
    recovery
        .claim(&mut machine, &leaf.key, 0)
        .expect("untouched by all this");
}

#[test]
fn a_node_is_no_leaf() {
    let (mut machine, recovery) = held(positions_of_one_shard(40));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 0, 1_000_000);
    let leaf = leaves(&recovery)[0];
    let (keys, mut args) = recovery.prepare(&machine, &leaf.key, 0);
    assert_eq!(args.proof.len(), 2 * 40);
    // A shorter proof would have to start at a node.
    args.proof.drain(..40);
    let claim = ix::claim(recovery.keys(), keys, args);
    refused(machine.send(&[claim], &[]), BulkheadError::InvalidProof);
}

#[test]
fn a_claim_is_proved_against_its_own_snapshot() {
    let (mut machine, recovery) = restored(60);
    recovery.pay_out(&mut machine, 0, 50_000);
    let leaf = leaves(&recovery)[0];
    let (keys, args) = recovery.prepare(&machine, &leaf.key, 0);
    let shard: SnapshotShard = machine.load(&keys.shard);
    let forged = keypair("forged shard").pubkey();
    forge(
        &mut machine,
        &forged,
        &SnapshotShard {
            snapshot: keypair("other snapshot").pubkey(),
            ..shard
        },
    );
    let claim = ix::claim(recovery.keys(), ix::ClaimKeys { shard: forged, ..keys }, args.clone());
    refused(machine.send(&[claim], &[]), BulkheadError::ForeignAccount);
    forge(
        &mut machine,
        &forged,
        &SnapshotShard {
            state: snapshot_state::OPEN,
            ..shard
        },
    );
    let claim = ix::claim(recovery.keys(), ix::ClaimKeys { shard: forged, ..keys }, args.clone());
    refused(machine.send(&[claim], &[]), BulkheadError::InvalidProof);
    let snapshot = machine.account(&recovery.snapshot).expect("sealed");
    machine.write_account(&forged, snapshot);
    let claim = ix::claim(
        recovery.keys(),
        ix::ClaimKeys {
            snapshot: forged,
            ..keys
        },
        args,
    );
    refused(machine.send(&[claim], &[]), BulkheadError::ForeignAccount);
}

#[test]
fn a_claim_marks_the_page_of_its_own_tranche() {
    let (mut machine, recovery) = restored(60);
    recovery.pay_out(&mut machine, 0, 20_000);
    recovery.pay_out(&mut machine, 1, 20_000);
    let leaf = leaves(&recovery)[3];
    let (keys, args) = recovery.prepare(&machine, &leaf.key, 0);
    let own = pda::claim_page(&recovery.restoration, 0, 0);
    let other = pda::claim_page(&recovery.restoration, 1, 0);
    let mut claim = ix::claim(recovery.keys(), keys, args);
    for meta in claim.accounts.iter_mut().filter(|meta| meta.pubkey == own) {
        meta.pubkey = other;
    }
    refused(machine.send(&[claim], &[]), BulkheadError::WrongClaimPage);
}

#[test]
fn only_the_owner_is_paid() {
    let (mut machine, recovery) = restored(60);
    recovery.pay_out(&mut machine, 0, 50_000);
    let leaf = leaves(&recovery)[5];
    let mint = recovery.protocol.mint;
    let (keys, args) = recovery.prepare(&machine, &leaf.key, 0);
    let thief = machine.create_associated(&mint, &keypair("thief").pubkey(), 0);
    let side_account = keypair("side account").pubkey();
    machine.create_token_account(&side_account, &mint, &leaf.owner, 0);
    for destination in [thief, side_account] {
        let claim = ix::claim(recovery.keys(), ix::ClaimKeys { destination, ..keys }, args.clone());
        refused(machine.send(&[claim], &[]), BulkheadError::OwnerMustSign);
    }
    let other_token = machine.create_associated(&recovery.protocol.governance_mint, &leaf.owner, 0);
    for destination in [other_token, machine.payer.pubkey(), recovery.snapshot] {
        let claim = ix::claim(recovery.keys(), ix::ClaimKeys { destination, ..keys }, args.clone());
        refused(machine.send(&[claim], &[]), BulkheadError::WrongDestination);
    }

    // An associated account whose owner was changed pays nobody by itself.
    let honest = machine.account(&keys.destination).expect("created");
    machine.create_token_account(&keys.destination, &mint, &keypair("thief").pubkey(), 0);
    let claim = ix::claim(recovery.keys(), keys, args.clone());
    refused(machine.send(&[claim], &[]), BulkheadError::OwnerMustSign);
    machine.write_account(&keys.destination, honest);

    // The owner's signature sends it anywhere.
    let signer = (0..10)
        .map(owner)
        .find(|key| key.pubkey() == leaf.owner)
        .expect("one of the ten");
    let keys = ix::ClaimKeys {
        destination: side_account,
        owner_signs: true,
        ..keys
    };
    machine
        .send(&[ix::claim(recovery.keys(), keys, args)], &[&signer])
        .expect("signed");
    assert!(machine.balance(&side_account) > 0);
}

#[test]
fn the_associated_account_is_the_runtimes() {
    let mint = keypair("mint").pubkey();
    for number in 0..50 {
        let owner = owner(number).pubkey();
        let seeds: &[&[u8]] = &[owner.as_ref(), TOKEN_PROGRAM.as_ref(), mint.as_ref()];
        let (address, bump) = Pubkey::find_program_address(seeds, &anchor_spl::associated_token::ID);
        assert_eq!(address.to_bytes(), token_address(&owner, &TOKEN_PROGRAM, &mint, bump));
        assert_ne!(
            address.to_bytes(),
            token_address(&owner, &TOKEN_PROGRAM, &mint, bump.wrapping_sub(1))
        );
    }
}

#[test]
fn a_share_of_nothing_is_not_claimed() {
    let mut list = positions(3);
    list[0].amount = 1;
    list[1].amount = 1_000_000;
    let (mut machine, recovery) = held(list);
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 0, 1_000);
    let smallest = leaves(&recovery)
        .into_iter()
        .min_by_key(|leaf| leaf.amount)
        .expect("three");
    refused(
        recovery.claim(&mut machine, &smallest.key, 0),
        BulkheadError::NothingToClaim,
    );
    let page: ClaimBitmap = machine.load(&pda::claim_page(&recovery.restoration, 0, 0));
    assert_eq!(page.claimed, 0);
}

#[test]
fn a_claim_of_a_million_leaves_costs_what_it_may() {
    // 16 shards of 65,536 leaves hold a million: twelve levels below the caps, and thirteen as
    // soon as a shard has one more.
    let (mut machine, recovery) = held(positions_of_one_shard(65_537));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 0, recovery.tree.root().sum / 2);
    let all = leaves(&recovery);
    let mut worst = Outcome::default();
    for leaf in [all[0], all[1], all[40_000], all[65_535], all[65_536]] {
        let (_, args) = recovery.prepare(&machine, &leaf.key, 0);
        assert_eq!(args.proof.len(), 13 * 40);
        let outcome = recovery.claim(&mut machine, &leaf.key, 0).expect("it is a leaf");
        if outcome.compute_units > worst.compute_units {
            worst = outcome;
        }
        refused(
            recovery.claim(&mut machine, &leaf.key, 0),
            BulkheadError::AlreadyClaimed,
        );
    }
    assert!(worst.compute_units <= 10_000, "{worst:#?}");
}

#[test]
fn the_refuge_pays_what_claims_lack_and_keeps_the_rest() {
    let (mut machine, recovery) = restored(30);
    let total = recovery.tree.root().sum;
    let (domain, incident) = (recovery.protocol.domain, recovery.incident);
    let (mint, refuge) = (recovery.protocol.mint, recovery.protocol.refuge);
    machine.mint_to(&mint, &refuge, total + 500);
    let vault = recovery.protocol.vault.vault;
    let evacuate = |machine: &mut Machine, destination| {
        let mut state: Vault = machine.load(&vault);
        (state.evacuation.incident, state.evacuation.destination) = (incident, destination);
        forge(machine, &vault, &state);
    };
    let crank = |source| ix::fund_from_refuge(recovery.keys(), domain, vault, source);

    // Other accounts of the domain's, its escrowed votes first of all.
    let votes = pda::votes(&domain);
    let treasury = keypair("treasury").pubkey();
    machine.create_token_account(&treasury, &mint, &domain, 900);
    evacuate(&mut machine, refuge);
    for source in [treasury, votes] {
        refused(machine.send(&[crank(source)], &[]), BulkheadError::WrongDestination);
    }
    evacuate(&mut machine, votes);
    refused(machine.send(&[crank(votes)], &[]), BulkheadError::WrongDestination);
    // A route that leads out of the domain.
    let stranger = machine.create_associated(&mint, &keypair("stranger").pubkey(), 900);
    evacuate(&mut machine, stranger);
    refused(machine.send(&[crank(stranger)], &[]), BulkheadError::ForeignAccount);

    evacuate(&mut machine, refuge);
    recovery.fund(&mut machine, 1_000);
    recovery.protocol.must(&mut machine, &[crank(refuge)], &[]);
    assert_eq!(machine.balance(&recovery.pool()), total);
    assert_eq!(machine.balance(&refuge), 1_500);
    refused(machine.send(&[crank(refuge)], &[]), BulkheadError::NothingToMove);
    assert_eq!(machine.balance(&treasury), 900);
}

#[test]
fn an_earlier_restoration_takes_nothing_of_a_later_incident() {
    let (mut machine, recovery) = restored(30);
    let (domain, incident) = (recovery.protocol.domain, recovery.incident);
    let refuge = recovery.protocol.refuge;
    machine.mint_to(&recovery.protocol.mint, &refuge, 5_000);
    let vault = recovery.protocol.vault.vault;
    let mut evacuated: Vault = machine.load(&vault);
    (evacuated.evacuation.incident, evacuated.evacuation.destination) = (incident, refuge);
    forge(&mut machine, &vault, &evacuated);
    let mut state: Domain = machine.load(&domain);
    state.open_incident = keypair("later incident").pubkey();
    state.restoration = Default::default();
    forge(&mut machine, &domain, &state);
    let crank = ix::fund_from_refuge(recovery.keys(), domain, vault, refuge);
    refused(machine.send(&[crank], &[]), BulkheadError::IncidentNotOpen);
}
