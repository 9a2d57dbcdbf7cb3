//! A ballot's winner, a matured proposal, and money: then every account is paid its share.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    error::BulkheadError,
    instructions::{ChooseRestorationArgs, RedirectClaimsArgs, ReopenArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{associated::token_address, merkle};
use bulkhead_interface::{
    constants::{CHOICE_NONE, NO_LEDGER, phase, snapshot_state, step},
    layout::{Ballot, ClaimPage, Domain, Evacuation, Incident, Restoration, Snapshot, SnapshotShard, Vault},
};
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Machine, Outcome, VOTE_SECONDS, associated_token, keypair};
use bulkhead_tests::{
    recovery::{
        LEDGER, Recovery, forge, freeze, of_a_program, owner, positions, positions_of_one_shard, program_owner,
    },
    refused, world,
};
use bytemuck::Zeroable;
use solana_signer::Signer;

fn frozen(positions: Vec<Position>) -> (Machine, Recovery) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions);
    (machine, recovery)
}

fn restored(count: u64) -> (Machine, Recovery) {
    let (mut machine, recovery) = frozen(positions(count));
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
    let (mut machine, recovery) = frozen(positions(40));
    let voter = recovery.voter(&mut machine, "a", 900);
    let other = recovery.voter(&mut machine, "b", 100);
    recovery.nominate(&mut machine);
    recovery.start(&mut machine);
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
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
    let elsewhere = ChooseRestorationArgs {
        root: [1; 32],
        ..recovery.args()
    };
    refused(
        recovery.choose(&mut machine, authority, elsewhere),
        BulkheadError::PayloadMismatch,
    );

    recovery.vote(&mut machine, &other, 0).expect("voting");
    recovery.vote(&mut machine, &voter, CHOICE_NONE).expect("voting");
    machine.warp_seconds(VOTE_SECONDS);
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::NotTheWinner,
    );
    assert_eq!(recovery.protocol.state(&machine).state, phase::FROZEN);
}

#[test]
fn nothing_is_restored_below_the_quorum() {
    let (mut machine, recovery) = frozen(positions(40));
    let few = recovery.voter(&mut machine, "few", 99);
    recovery.voter(&mut machine, "many", 901);
    recovery.nominate(&mut machine);
    recovery.start(&mut machine);
    recovery.vote(&mut machine, &few, 0).expect("voting");
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
    machine.warp_seconds(VOTE_SECONDS);
    refused(
        recovery.choose(&mut machine, authority, recovery.args()),
        BulkheadError::QuorumNotReached,
    );
}

#[test]
fn only_the_sealed_snapshot_of_the_ballots_own_ledger_is_restored() {
    let (mut machine, recovery) = frozen(positions(40));
    recovery.elect(&mut machine);
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
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
    recovery.pay_out(&mut machine, pool);
    // Claims are exits: they go on under every pause.
    assert_eq!(recovery.protocol.state(&machine).state, phase::RECOVERING);
    for leaf in leaves(&recovery) {
        let before = machine.balance(&associated_token(&leaf.owner, &recovery.protocol.mint));
        recovery.claim(&mut machine, &leaf.key).expect("it is a leaf");
        let after = machine.balance(&associated_token(&leaf.owner, &recovery.protocol.mint));
        let share = u128::from(leaf.amount) * u128::from(pool) / u128::from(total);
        assert_eq!(u128::from(after - before), share);
        refused(recovery.claim(&mut machine, &leaf.key), BulkheadError::AlreadyClaimed);
    }
    let plan: Restoration = machine.load(&recovery.restoration);
    let dust = machine.balance(&recovery.pool());
    assert!(dust < 60, "{dust} left over");
    assert_eq!(owned(&machine, &recovery) + dust, pool);
    assert_eq!((plan.paid, plan.shared), (pool - dust, pool));
    let page: ClaimPage = machine.load(&pda::claim_page(&recovery.restoration, 0));
    assert_eq!(page.count, 60);
    assert!(machine.load::<Incident>(&recovery.incident).steps[step::CLAIMS].slot > 0);
}

/// Fault D: whoever cranks what and when, all of the pool is shared out and every leaf ends with its share of the sum.
#[test]
fn nobodys_key_holds_money_back_and_dust_does_no_harm() {
    let (mut machine, recovery) = restored(30);
    let total = recovery.tree.root().sum;
    let leaf = leaves(&recovery)[7];
    let paid = |machine: &Machine| machine.balance(&associated_token(&leaf.owner, &recovery.protocol.mint));
    // Twenty times dust, and a claim after each: more than there ever were tranches.
    for _ in 0..20 {
        recovery.pay_out(&mut machine, 1);
        refused(recovery.share_out(&mut machine), BulkheadError::NothingToShare);
        refused(recovery.claim(&mut machine, &leaf.key), BulkheadError::NothingToClaim);
        machine.next_slot();
    }
    recovery.pay_out(&mut machine, total / 2 - 20);
    recovery.claim(&mut machine, &leaf.key).expect("half of it");
    let half = u128::from(leaf.amount) * u128::from(total / 2) / u128::from(total);
    assert_eq!(u128::from(paid(&machine)), half);
    refused(recovery.claim(&mut machine, &leaf.key), BulkheadError::AlreadyClaimed);
    recovery.pay_out(&mut machine, total - total / 2);
    recovery.claim_all(&mut machine);
    let plan: Restoration = machine.load(&recovery.restoration);
    assert_eq!((plan.shared, plan.paid), (total, total));
    assert_eq!(
        (owned(&machine, &recovery), machine.balance(&recovery.pool())),
        (total, 0)
    );
}

/// Tokens that arrive by themselves, without `fund_restoration`, are shared out like any other.
#[test]
fn whatever_is_in_the_pool_is_shared_out_by_anyone() {
    let (mut machine, recovery) = restored(30);
    machine.mint_to(&recovery.protocol.mint, &recovery.pool(), 700);
    recovery.share_out(&mut machine).expect("it is there");
    let plan: Restoration = machine.load(&recovery.restoration);
    assert_eq!(plan.shared, 700);
}

/// Fault N: the pool takes what claims lack, and gives back what they cannot need.
#[test]
fn a_pool_takes_what_claims_lack_and_gives_back_the_rest() {
    let (mut machine, recovery) = restored(30);
    let total = recovery.tree.root().sum;
    recovery.fund(&mut machine, total + 5_000);
    assert_eq!(machine.balance(&recovery.pool()), total);
    let funder = keypair("funder");
    let source = associated_token(&funder.pubkey(), &recovery.protocol.mint);
    assert_eq!(machine.balance(&source), 5_000);
    let fund = |amount| ix::fund_restoration(recovery.keys(), funder.pubkey(), source, amount);
    refused(machine.send(&[fund(1)], &[&funder]), BulkheadError::NothingToMove);
    refused(machine.send(&[fund(0)], &[&funder]), BulkheadError::ZeroAmount);

    let (domain, mint) = (recovery.protocol.domain, recovery.protocol.mint);
    let home = machine.create_associated(&mint, &domain, 0);
    let back = |destination| ix::return_surplus(recovery.keys(), destination);
    refused(machine.send(&[back(home)], &[]), BulkheadError::NothingToMove);
    machine.mint_to(&mint, &recovery.pool(), 123);
    for destination in [recovery.protocol.recovery_account, source] {
        refused(machine.send(&[back(destination)], &[]), BulkheadError::WrongDestination);
    }
    recovery.protocol.must(&mut machine, &[back(home)], &[]);
    assert_eq!(
        (machine.balance(&home), machine.balance(&recovery.pool())),
        (123, total)
    );
    recovery.share_out(&mut machine).expect("all of it");
    for page in 0..1 {
        let open = ix::open_claim_page(recovery.restoration, machine.payer.pubkey(), page);
        recovery.protocol.must(&mut machine, &[open], &[]);
    }
    recovery.claim_all(&mut machine);
    assert_eq!(owned(&machine, &recovery), total);
}

#[test]
fn pages_are_as_long_as_their_leaves_and_their_rent_comes_back() {
    let (mut machine, recovery) = restored(30);
    let payer = machine.payer.pubkey();
    recovery.pay_out(&mut machine, 5_000);
    let key = pda::claim_page(&recovery.restoration, 0);
    let page = machine.account(&key).expect("opened");
    assert_eq!(page.data.len(), 8 + 80 + 30 * 8);
    let open = ix::open_claim_page(recovery.restoration, payer, 1);
    refused(machine.send(&[open], &[]), BulkheadError::WrongClaimPage);

    let close = ix::close_claim_page(recovery.restoration, payer, 0);
    recovery.claim_all(&mut machine);
    refused(
        machine.send(std::slice::from_ref(&close), &[]),
        BulkheadError::ClaimsOpen,
    );
    recovery.pay_out(&mut machine, recovery.tree.root().sum - 5_000);
    recovery.claim_all(&mut machine);
    recovery.protocol.must(&mut machine, &[close], &[]);
    assert!(machine.account(&key).is_none());
    // A new page remembers nothing, and nothing is left that it could pay twice.
    let open = ix::open_claim_page(recovery.restoration, payer, 0);
    recovery.protocol.must(&mut machine, &[open], &[]);
    machine.mint_to(&recovery.protocol.mint, &recovery.pool(), 5_000);
    refused(recovery.share_out(&mut machine), BulkheadError::NothingToShare);
    for leaf in leaves(&recovery) {
        refused(recovery.claim(&mut machine, &leaf.key), BulkheadError::Overflow);
    }
}

#[test]
fn a_proof_proves_one_leaf_of_one_owner() {
    let (mut machine, recovery) = restored(60);
    recovery.pay_out(&mut machine, recovery.tree.root().sum);
    let leaf = leaves(&recovery)[20];
    let (keys, args) = recovery.prepare(&machine, &leaf.key);
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
    recovery.claim(&mut machine, &leaf.key).expect("untouched by all this");
}

#[test]
fn a_node_is_no_leaf() {
    let (mut machine, recovery) = frozen(positions_of_one_shard(40));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 1_000_000);
    let leaf = leaves(&recovery)[0];
    let (keys, mut args) = recovery.prepare(&machine, &leaf.key);
    assert_eq!(args.proof.len(), 2 * 40);
    // A shorter proof would have to start at a node.
    args.proof.drain(..40);
    let claim = ix::claim(recovery.keys(), keys, args);
    refused(machine.send(&[claim], &[]), BulkheadError::InvalidProof);
}

#[test]
fn a_claim_is_proved_against_its_own_snapshot() {
    let (mut machine, recovery) = restored(60);
    recovery.pay_out(&mut machine, 50_000);
    let leaf = leaves(&recovery)[0];
    let (keys, args) = recovery.prepare(&machine, &leaf.key);
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

/// Claims beyond the first page write into a page of their own, and into no other.
#[test]
fn a_claim_is_written_into_its_own_page() {
    let (mut machine, recovery) = frozen(positions_of_one_shard(1_030));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, recovery.tree.root().sum / 3);
    let leaf = leaves(&recovery)[1_026];
    let (keys, args) = recovery.prepare(&machine, &leaf.key);
    assert_eq!(keys.page, 1);
    let wrong = ix::ClaimKeys { page: 0, ..keys };
    let claim = ix::claim(recovery.keys(), wrong, args.clone());
    refused(machine.send(&[claim], &[]), BulkheadError::WrongClaimPage);
    recovery.claim(&mut machine, &leaf.key).expect("its own page");
    let page = machine
        .account(&pda::claim_page(&recovery.restoration, 1))
        .expect("opened");
    let share = (u128::from(leaf.amount) * u128::from(recovery.tree.root().sum / 3)
        / u128::from(recovery.tree.root().sum)) as u64;
    assert_eq!(page.data.len(), 8 + 80 + 6 * 8);
    assert_eq!(page.data[8 + 80 + 2 * 8..][..8], share.to_le_bytes());
    let first = machine
        .account(&pda::claim_page(&recovery.restoration, 0))
        .expect("opened");
    assert!(first.data[8 + 80..].iter().all(|byte| *byte == 0));
}

#[test]
fn only_the_owner_is_paid() {
    let (mut machine, recovery) = restored(60);
    recovery.pay_out(&mut machine, 50_000);
    let leaf = leaves(&recovery)[5];
    let mint = recovery.protocol.mint;
    let (keys, args) = recovery.prepare(&machine, &leaf.key);
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
    let (mut machine, recovery) = frozen(list);
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 1_000);
    let smallest = leaves(&recovery)
        .into_iter()
        .min_by_key(|leaf| leaf.amount)
        .expect("three");
    refused(
        recovery.claim(&mut machine, &smallest.key),
        BulkheadError::NothingToClaim,
    );
    let plan: Restoration = machine.load(&recovery.restoration);
    assert_eq!(plan.paid, 0);
}

#[test]
fn a_claim_of_a_million_leaves_costs_what_it_may() {
    // 16 shards of 65,536 leaves hold a million: twelve levels below the caps, and thirteen as
    // soon as a shard has one more.
    let (mut machine, recovery) = frozen(positions_of_one_shard(65_537));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, recovery.tree.root().sum / 2);
    let all = leaves(&recovery);
    let mut worst = Outcome::default();
    for leaf in [all[0], all[1], all[40_000], all[65_535], all[65_536]] {
        let (_, args) = recovery.prepare(&machine, &leaf.key);
        assert_eq!(args.proof.len(), 13 * 40);
        let outcome = recovery.claim(&mut machine, &leaf.key).expect("it is a leaf");
        if outcome.compute_units > worst.compute_units {
            worst = outcome;
        }
        refused(recovery.claim(&mut machine, &leaf.key), BulkheadError::AlreadyClaimed);
    }
    assert!(worst.compute_units <= 10_000, "{worst:#?}");
}

/// As if the incident's evacuation had moved the vault there.
fn evacuate(machine: &mut Machine, recovery: &Recovery, destination: Pubkey, moved: u64) {
    let key = recovery.protocol.vault.vault;
    let mut vault: Vault = machine.load(&key);
    vault.evacuation = Evacuation {
        incident: recovery.incident,
        destination,
        before: moved,
        moved,
        slot: 77,
        ..Evacuation::zeroed()
    };
    forge(machine, &key, &vault);
}

fn draw(recovery: &Recovery, source: Pubkey) -> solana_instruction::Instruction {
    let protocol = &recovery.protocol;
    let vault = protocol.vault.vault;
    ix::fund_from_recovery_account(recovery.keys(), protocol.domain, vault, source)
}

#[test]
fn the_recovery_account_pays_what_claims_lack_and_keeps_the_rest() {
    let (mut machine, recovery) = restored(30);
    let total = recovery.tree.root().sum;
    let domain = recovery.protocol.domain;
    let (mint, recovery_account) = (recovery.protocol.mint, recovery.protocol.recovery_account);
    machine.mint_to(&mint, &recovery_account, total + 500);

    // Other accounts of the domain's, its escrowed votes first of all.
    let votes = pda::votes(&domain);
    let treasury = keypair("treasury").pubkey();
    machine.create_token_account(&treasury, &mint, &domain, 900);
    evacuate(&mut machine, &recovery, recovery_account, total + 500);
    for source in [treasury, votes] {
        refused(
            machine.send(&[draw(&recovery, source)], &[]),
            BulkheadError::WrongDestination,
        );
    }
    evacuate(&mut machine, &recovery, votes, 900);
    refused(
        machine.send(&[draw(&recovery, votes)], &[]),
        BulkheadError::WrongDestination,
    );
    // A route that leads out of the domain.
    let stranger = machine.create_associated(&mint, &keypair("stranger").pubkey(), 900);
    evacuate(&mut machine, &recovery, stranger, 900);
    refused(
        machine.send(&[draw(&recovery, stranger)], &[]),
        BulkheadError::ForeignAccount,
    );

    evacuate(&mut machine, &recovery, recovery_account, total + 500);
    recovery.fund(&mut machine, 1_000);
    recovery
        .protocol
        .must(&mut machine, &[draw(&recovery, recovery_account)], &[]);
    assert_eq!(machine.balance(&recovery.pool()), total);
    assert_eq!(machine.balance(&recovery_account), 1_500);
    let vault: Vault = machine.load(&recovery.protocol.vault.vault);
    assert_eq!(vault.evacuation.drawn, total - 1_000);
    refused(
        machine.send(&[draw(&recovery, recovery_account)], &[]),
        BulkheadError::NothingToMove,
    );
    assert_eq!(machine.balance(&treasury), 900);
}

/// Fault E: the recovery account of an untouched ledger pays the robbed one, both being of one mint.
#[test]
fn a_recovery_account_pays_the_ledger_that_its_vault_backs_and_no_other() {
    let (mut machine, recovery) = restored(30);
    let (mint, recovery_account) = (recovery.protocol.mint, recovery.protocol.recovery_account);
    machine.mint_to(&mint, &recovery_account, 50_000);
    evacuate(&mut machine, &recovery, recovery_account, 50_000);
    let key = recovery.protocol.vault.vault;
    let own: Vault = machine.load(&key);
    for ledger in [LEDGER + 1, NO_LEDGER] {
        forge(&mut machine, &key, &Vault { ledger, ..own });
        refused(
            machine.send(&[draw(&recovery, recovery_account)], &[]),
            BulkheadError::WrongDestination,
        );
    }
    // Nor is there a ledger that is paid by every vault that backs none.
    let plan: Restoration = machine.load(&recovery.restoration);
    let of_none = Restoration {
        ledger_index: NO_LEDGER,
        ..plan
    };
    forge(&mut machine, &recovery.restoration, &of_none);
    refused(
        machine.send(&[draw(&recovery, recovery_account)], &[]),
        BulkheadError::WrongDestination,
    );
    forge(&mut machine, &recovery.restoration, &plan);
    forge(&mut machine, &key, &own);
    recovery
        .protocol
        .must(&mut machine, &[draw(&recovery, recovery_account)], &[]);
}

/// Two vaults share a recovery account: each ledger draws what its own vault brought there.
#[test]
fn a_shared_recovery_account_pays_each_ledger_what_its_own_vault_brought() {
    let (mut machine, recovery) = restored(30);
    let (mint, recovery_account) = (recovery.protocol.mint, recovery.protocol.recovery_account);
    machine.mint_to(&mint, &recovery_account, 30_000);
    evacuate(&mut machine, &recovery, recovery_account, 12_000);
    recovery
        .protocol
        .must(&mut machine, &[draw(&recovery, recovery_account)], &[]);
    assert_eq!(machine.balance(&recovery.pool()), 12_000);
    refused(
        machine.send(&[draw(&recovery, recovery_account)], &[]),
        BulkheadError::NothingToMove,
    );
    assert_eq!(machine.balance(&recovery_account), 18_000);
}

/// Fault F: neither the reopening nor a later incident stops funding, sharing out and claims. A later evacuation of
/// the same vault does end funding from its recovery account: what is there then belongs to that incident.
#[test]
fn an_older_restoration_goes_on_until_a_later_incident_moves_its_vault() {
    let (mut machine, recovery) = restored(30);
    let domain = recovery.protocol.domain;
    let (mint, recovery_account) = (recovery.protocol.mint, recovery.protocol.recovery_account);
    machine.mint_to(&mint, &recovery_account, 5_000);
    evacuate(&mut machine, &recovery, recovery_account, 9_000);
    let mut state: Domain = machine.load(&domain);
    state.open_incident = keypair("later incident").pubkey();
    state.restoration = Default::default();
    forge(&mut machine, &domain, &state);
    recovery
        .protocol
        .must(&mut machine, &[draw(&recovery, recovery_account)], &[]);
    assert_eq!(machine.balance(&recovery.pool()), 5_000);
    recovery.pay_out(&mut machine, 1_000);
    let leaf = leaves(&recovery)[3];
    recovery.claim(&mut machine, &leaf.key).expect("an exit");

    machine.mint_to(&mint, &recovery_account, 4_000);
    let key = recovery.protocol.vault.vault;
    let mut vault: Vault = machine.load(&key);
    (vault.evacuation.incident, vault.evacuation.drawn) = (state.open_incident, 0);
    forge(&mut machine, &key, &vault);
    refused(
        machine.send(&[draw(&recovery, recovery_account)], &[]),
        BulkheadError::WrongDestination,
    );
    assert_eq!(machine.balance(&recovery_account), 4_000);
}

/// Fault B, this side of it: claims do not ask what became of the snapshot since.
#[test]
fn a_state_that_becomes_void_after_it_was_chosen_stays_claimable() {
    let (mut machine, recovery) = restored(30);
    recovery.pay_out(&mut machine, 20_000);
    recovery.write_snapshot(&mut machine, snapshot_state::VOID);
    let leaf = leaves(&recovery)[3];
    recovery.claim(&mut machine, &leaf.key).expect("chosen is chosen");
}

/// A reopening knows of every restoration there is: the second ledger's, chosen since, voids it as the first would.
#[test]
fn a_reopening_knows_of_every_restoration() {
    let (mut machine, recovery) = restored(20);
    let protocol = &recovery.protocol;
    machine.next_slot();
    let args = ReopenArgs {
        incident: recovery.incident,
        ramp_bps: 10_000,
        grace_seconds: 0,
    };
    let reopen = protocol.mature(&mut machine, &args);
    // Ledger 1 has its vote as well, as it would have been held.
    let second = pda::snapshot(&recovery.incident, 1);
    let mut snapshot: Snapshot = machine.load(&recovery.snapshot);
    snapshot.ledger_index = 1;
    snapshot.tag = merkle::tag(&bulkhead::ID, &second, 1);
    forge(&mut machine, &second, &snapshot);
    let mut ballot: Ballot = machine.load(&recovery.ballot);
    ballot.ledger_index = 1;
    ballot.candidates[0].snapshot = second;
    forge(&mut machine, &pda::ballot(&recovery.incident, 1), &ballot);
    let mut choose = recovery.args();
    (choose.ledger_index, choose.snapshot) = (1, second);
    let by = protocol.mature(&mut machine, &choose);
    recovery
        .choose(&mut machine, by, choose)
        .expect("the second ledger's restoration");
    machine.next_slot();
    refused(
        machine.send(&[ix::reopen(reopen, args.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    assert_eq!(protocol.state(&machine).state, phase::RECOVERING);
    let reopen = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::reopen(reopen, args)], &[]);
    assert_eq!(protocol.state(&machine).state, phase::OPERATING);
}

/// A restoration that pays, one of whose owners is a program's address, and that owner's leaf.
fn restored_for_a_program() -> (Machine, Recovery, Position) {
    let (mut machine, recovery) = frozen(of_a_program(positions(60), 5));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 50_000);
    machine.create_associated(&recovery.protocol.mint, &program_owner(), 0);
    let leaf = leaves(&recovery)
        .into_iter()
        .find(|leaf| leaf.owner == program_owner())
        .expect("a leaf of its");
    (machine, recovery, leaf)
}

/// A redirection of the program's claims to somebody's account.
fn to(machine: &mut Machine, recovery: &Recovery, name: &str) -> RedirectClaimsArgs {
    let holder = keypair(name).pubkey();
    RedirectClaimsArgs {
        restoration: recovery.restoration,
        owner: program_owner(),
        destination: machine.create_associated(&recovery.protocol.mint, &holder, 0),
        holder,
    }
}

/// Executes it by a matured proposal.
fn redirect(machine: &mut Machine, recovery: &Recovery, named: &RedirectClaimsArgs) {
    let (protocol, payer) = (&recovery.protocol, machine.payer.pubkey());
    let authority = protocol.mature(machine, named);
    protocol.must(machine, &[ix::redirect_claims(authority, payer, named.clone())], &[]);
}

/// Fault N: a program's address that cannot sign, whose associated account cannot be paid.
#[test]
fn an_owner_that_cannot_be_paid_is_paid_where_a_proposal_says_and_only_then() {
    let (mut machine, recovery, leaf) = restored_for_a_program();
    let (protocol, payer) = (&recovery.protocol, machine.payer.pubkey());
    let named = to(&mut machine, &recovery, "successor");
    let unproposed = ix::Authority {
        signer: payer,
        domain: protocol.domain,
        proposal: None,
    };
    let early = ix::redirect_claims(unproposed, payer, named.clone());
    refused(machine.send(&[early], &[]), BulkheadError::ProposalRequired);
    redirect(&mut machine, &recovery, &named);

    let (keys, args) = recovery.prepare(&machine, &leaf.key);
    let own = keys.destination;
    let route = |destination, associated| {
        let keys = ix::ClaimKeys { destination, ..keys };
        ix::claim_elsewhere(recovery.keys(), keys, true, associated, false, args.clone())
    };
    // As long as the owner can be paid, the route is of no use to anyone.
    refused(
        machine.send(&[route(named.destination, own)], &[]),
        BulkheadError::OwnerPayable,
    );
    freeze(&mut machine, &own, true);
    refused(
        machine.send(&[route(named.destination, payer)], &[]),
        BulkheadError::OwnerPayable,
    );
    // Whoever holds the account now is not who was approved.
    let approved = machine.account(&named.destination).expect("created");
    let thief = keypair("thief").pubkey();
    machine.create_token_account(&named.destination, &protocol.mint, &thief, 0);
    refused(
        machine.send(&[route(named.destination, own)], &[]),
        BulkheadError::WrongDestination,
    );
    machine.write_account(&named.destination, approved);
    // The route is one owner's.
    let other = leaves(&recovery)
        .into_iter()
        .find(|other| other.owner != leaf.owner)
        .expect("ten owners");
    let (other_keys, other_args) = recovery.prepare(&machine, &other.key);
    freeze(&mut machine, &other_keys.destination, true);
    let mut stolen = ix::claim_elsewhere(
        recovery.keys(),
        ix::ClaimKeys {
            destination: named.destination,
            ..other_keys
        },
        true,
        other_keys.destination,
        false,
        other_args,
    );
    let theirs = pda::claim_redirect(&recovery.restoration, &other.owner);
    for meta in stolen.accounts.iter_mut().filter(|meta| meta.pubkey == theirs) {
        meta.pubkey = pda::claim_redirect(&recovery.restoration, &leaf.owner);
    }
    refused(machine.send(&[stolen], &[]), BulkheadError::ForeignAccount);

    protocol.must(&mut machine, &[route(named.destination, own)], &[]);
    let share = u128::from(leaf.amount) * 50_000 / u128::from(recovery.tree.root().sum);
    assert_eq!(u128::from(machine.balance(&named.destination)), share);
    refused(
        machine.send(&[route(named.destination, own)], &[]),
        BulkheadError::AlreadyClaimed,
    );
}

/// Attack: have a council, captured once or careless, redirect claims in peace, and wait for the incident.
#[test]
fn claims_are_redirected_in_a_restoration_that_is_known_and_of_owners_that_cannot_sign() {
    let (mut machine, protocol) = world();
    // The address of the restoration to come is anybody's to tell.
    let incident = pda::incident(&protocol.domain, 0);
    let holder = keypair("thief").pubkey();
    let named = RedirectClaimsArgs {
        restoration: pda::restoration(&incident, LEDGER),
        owner: program_owner(),
        destination: machine.create_associated(&protocol.mint, &holder, 0),
        holder,
    };
    let wallet = RedirectClaimsArgs {
        owner: owner(5).pubkey(),
        ..named.clone()
    };
    let proposed = protocol.try_mature(&mut machine, &wallet);
    assert_eq!(
        proposed.err().and_then(|failure| failure.code()),
        Some(BulkheadError::OwnerCanSign.into())
    );
    let kept = protocol.mature(&mut machine, &named);
    let payer = machine.payer.pubkey();
    assert!(
        machine
            .send(&[ix::redirect_claims(kept, payer, named.clone())], &[])
            .is_err()
    );
    let recovery = Recovery::sealed(&mut machine, protocol, of_a_program(positions(60), 5));
    // Nor one from the incident, but from before the state was chosen.
    recovery.elect(&mut machine);
    let early = recovery.protocol.mature(&mut machine, &named);
    let args = recovery.args();
    let authority = recovery.protocol.mature(&mut machine, &args);
    recovery.choose(&mut machine, authority, args).expect("it was elected");
    machine.next_slot();
    refused(
        machine.send(&[ix::redirect_claims(early, payer, named.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    assert!(
        machine
            .account(&pda::claim_redirect(&recovery.restoration, &named.owner))
            .is_none()
    );
}

/// The latest proposal stands, whoever cranks which when, and one to an account of the owner's takes it all back.
#[test]
fn a_redirection_is_replaced_by_a_later_proposal_and_by_no_earlier_one() {
    let (mut machine, recovery, leaf) = restored_for_a_program();
    let (protocol, payer) = (&recovery.protocol, machine.payer.pubkey());
    let first = to(&mut machine, &recovery, "first");
    let earlier = protocol.mature(&mut machine, &first);
    machine.next_slot();
    let others = keypair("account of the owner's").pubkey();
    machine.create_token_account(&others, &protocol.mint, &program_owner(), 0);
    let back = RedirectClaimsArgs {
        destination: others,
        holder: program_owner(),
        ..first.clone()
    };
    redirect(&mut machine, &recovery, &back);
    refused(
        machine.send(&[ix::redirect_claims(earlier, payer, first.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    let (keys, args) = recovery.prepare(&machine, &leaf.key);
    let own = keys.destination;
    freeze(&mut machine, &own, true);
    let claim = |destination| {
        let keys = ix::ClaimKeys { destination, ..keys };
        ix::claim_elsewhere(recovery.keys(), keys, true, own, false, args.clone())
    };
    refused(
        machine.send(&[claim(first.destination)], &[]),
        BulkheadError::WrongDestination,
    );
    protocol.must(&mut machine, &[claim(others)], &[]);
    assert!(machine.balance(&others) > 0);
}
