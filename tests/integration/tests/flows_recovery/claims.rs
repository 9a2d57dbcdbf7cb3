//! Claims that are not simply paid: chosen ones, owners that cannot be paid, leaves that are not the chosen state.

use bulkhead::{instruction, instructions::RedirectClaimsArgs};
use bulkhead_client::flows::claim::{Who, claim};
use bulkhead_interface::constants::{CLAIMS_PER_PAGE, claim_wish};
use bulkhead_testbed::associated_token;
use bulkhead_tests::{
    checkpoints::Watched,
    recovery::{freeze, of_a_program, program_owner},
};

use super::*;

/// Claims all with the recovery's own leaves.
async fn all(cluster: &Cluster, recovery: &Recovery) -> bulkhead_client::flows::claim::Claimed {
    let rows = given(&leaves(recovery));
    claim_all(
        &cluster.session(),
        recovery.protocol.domain,
        recovery.incident,
        LEDGER,
        rows,
    )
    .await
    .expect("what can be paid is paid")
}

async fn one(
    cluster: &Cluster,
    recovery: &Recovery,
    who: Who,
    destination: Option<Pubkey>,
) -> Result<bulkhead_client::flows::claim::Claimed, FlowError> {
    let (domain, incident) = (recovery.protocol.domain, recovery.incident);
    let rows = given(&leaves(recovery));
    claim(&cluster.session(), domain, incident, LEDGER, who, rows, destination).await
}

#[tokio::test]
async fn an_owner_or_a_position_is_paid_alone() {
    let (machine, recovery) = restored(World::frozen(60, 1_000_000)).await;
    let cluster = on(machine, Fault::None);
    let mint = recovery.protocol.mint;
    let rows = leaves(&recovery);
    let (first, owner) = (rows[0], owner(3).pubkey());
    let paid = one(&cluster, &recovery, Who::Position(first.key), None)
        .await
        .expect("it has a claim");
    assert_eq!((paid.claims, paid.paid_claims, paid.paid), (1, 1, first.amount));
    assert_eq!(
        cluster.machine().balance(&associated_token(&first.owner, &mint)),
        first.amount
    );

    let own: Vec<_> = rows.iter().filter(|leaf| leaf.owner == owner).copied().collect();
    let unpaid: Vec<_> = own.iter().filter(|leaf| leaf.key != first.key).copied().collect();
    let paid = one(&cluster, &recovery, Who::Owner(owner), None)
        .await
        .expect("it has claims");
    assert_eq!((paid.claims, paid.paid), (own.len() as u64, total(&unpaid)));
    assert_eq!(cluster.machine().balance(&associated_token(&owner, &mint)), total(&own));
    let again = one(&cluster, &recovery, Who::Owner(owner), None)
        .await
        .expect("it has claims");
    assert_eq!((again.paid, again.done.receipts.len()), (0, 0));

    let nobody = keypair("nobody").pubkey();
    let none = one(&cluster, &recovery, Who::Owner(nobody), None).await;
    assert!(matches!(none, Err(FlowError::NotPossible { .. })), "{none:?}");
    all(&cluster, &recovery).await;
    assert_paid(&cluster.machine(), &recovery);
}

#[tokio::test]
async fn an_owner_who_signs_is_paid_to_another_account() {
    let (mut machine, recovery) = restored(World::frozen(40, 1_000_000)).await;
    let (owner, mint) = (owner(3).pubkey(), recovery.protocol.mint);
    let account = keypair("another account").pubkey();
    machine.create_token_account(&account, &mint, &keypair("a friend").pubkey(), 0);
    let cluster = on(machine, Fault::None);
    let paid = one(&cluster, &recovery, Who::Owner(owner), Some(account))
        .await
        .expect("the owner signs");
    assert!(paid.paid > 0);
    assert_eq!(cluster.machine().balance(&account), paid.paid);
    assert_eq!(cluster.machine().balance(&associated_token(&owner, &mint)), 0);
    // No token account of this mint.
    let mint_itself = one(&cluster, &recovery, Who::Owner(owner), Some(mint)).await;
    assert!(
        matches!(mint_itself, Err(FlowError::NotPossible { .. })),
        "{mint_itself:?}"
    );
}

/// One owner's frozen account keeps nobody else from being paid, and is paid when it thaws.
#[tokio::test]
async fn who_cannot_be_paid_is_named_and_paid_later() {
    let (mut machine, recovery) = restored(World::frozen(60, 60_000)).await;
    let (owner, mint) = (owner(3).pubkey(), recovery.protocol.mint);
    let account = machine.create_associated(&mint, &owner, 0);
    freeze(&mut machine, &account, true);
    let cluster = on(machine, Fault::None);
    let paid = all(&cluster, &recovery).await;
    assert!(!paid.unpaid.is_empty() && paid.unpaid.iter().all(|unpaid| unpaid.leaf.owner == owner));
    let due: u64 = paid.unpaid.iter().map(|unpaid| unpaid.due).sum();
    let books = paid.books.expect("of all claims");
    assert_eq!((books.left, books.paid + books.left + books.dust), (due, books.shared));
    assert!(paid.unpaid[0].why.contains("frozen"), "{}", paid.unpaid[0].why);

    freeze(&mut cluster.machine(), &account, false);
    let rest = all(&cluster, &recovery).await;
    assert_eq!((rest.paid, rest.unpaid.len()), (due, 0));
    assert_paid(&cluster.machine(), &recovery);
}

/// The owner is an address that no key signs for: a proposal says where it is paid.
#[tokio::test]
async fn a_redirected_claim_goes_where_the_proposal_says() {
    let world = World::of(of_a_program(positions(40), 5), 1_000_000);
    let (mut machine, recovery) = restored(world).await;
    let mint = recovery.protocol.mint;
    let account = machine.create_associated(&mint, &program_owner(), 0);
    freeze(&mut machine, &account, true);
    let holder = keypair("successor").pubkey();
    let named = RedirectClaimsArgs {
        restoration: recovery.restoration,
        owner: program_owner(),
        destination: machine.create_associated(&mint, &holder, 0),
        holder,
    };
    let authority = recovery.protocol.mature(&mut machine, &named);
    let payer = machine.payer.pubkey();
    let redirect = ix::redirect_claims(authority, payer, named.clone());
    recovery.protocol.must(&mut machine, &[redirect], &[]);

    let cluster = on(machine, Fault::None);
    let paid = all(&cluster, &recovery).await;
    assert_eq!((paid.unpaid.len(), paid.paid_claims), (0, 40));
    assert_eq!(cluster.count::<instruction::ClaimElsewhere>(), 1);
    let leaf = leaves(&recovery).into_iter().find(|leaf| leaf.owner == program_owner());
    let leaf = leaf.expect("it has a leaf");
    assert_eq!(cluster.machine().balance(&named.destination), leaf.amount);
}

/// Neighbours are paid together, and owners' wishes are followed: one is paid elsewhere, one is left to a program when
/// everybody's claims are pushed, and paid when it asks for it.
#[tokio::test]
async fn wishes_are_followed_and_neighbours_paid_together() {
    let (mut machine, recovery) = restored(World::frozen(60, 1_000_000)).await;
    let (domain, mint, payer) = (recovery.protocol.domain, recovery.protocol.mint, machine.payer.pubkey());
    let (elsewhere, consumed) = (owner(3), owner(4));
    let friend = keypair("friend").pubkey();
    let program = keypair("successor").pubkey();
    for (owner, kind, to) in [
        (&elsewhere, claim_wish::PAY_TO, friend),
        (&consumed, claim_wish::CONSUMED_BY, program),
    ] {
        let wish = ix::wish_claims(domain, owner.pubkey(), payer, kind, to);
        recovery.protocol.must(&mut machine, &[wish], &[owner]);
    }
    let rows = leaves(&recovery);
    let of = |owner: &Keypair| -> Vec<_> {
        rows.iter()
            .filter(|leaf| leaf.owner == owner.pubkey())
            .copied()
            .collect()
    };
    let cluster = on(machine, Fault::None);
    let paid = all(&cluster, &recovery).await;
    assert!(cluster.count::<instruction::ClaimBatch>() > 0);
    assert!(
        paid.done.receipts.len() < rows.len() / 2,
        "{}",
        paid.done.receipts.len()
    );
    assert_eq!(
        cluster.machine().balance(&associated_token(&friend, &mint)),
        total(&of(&elsewhere))
    );
    assert!(paid.unpaid.iter().all(|unpaid| unpaid.leaf.owner == consumed.pubkey()));
    assert_eq!(paid.unpaid.len(), of(&consumed).len());
    assert!(paid.unpaid[0].why.contains("consume"), "{}", paid.unpaid[0].why);
    let asked = one(&cluster, &recovery, Who::Owner(consumed.pubkey()), None)
        .await
        .expect("it has claims");
    assert_eq!(asked.paid, total(&of(&consumed)));
}

#[tokio::test]
async fn leaves_of_another_state_pay_nothing() {
    let (mut machine, recovery) = restored(World::frozen(40, 30_000)).await;
    let rows = leaves(&recovery);
    let mut other = rows.clone();
    other[3].owner = keypair("thief").pubkey();
    let (domain, incident) = (recovery.protocol.domain, recovery.incident);
    let cluster = on(machine.fork(), Fault::None);
    for wrong in [&other[..], &rows[1..], &[]] {
        let refused = claim_all(&cluster.session(), domain, incident, LEDGER, given(wrong)).await;
        assert!(matches!(refused, Err(FlowError::NotPossible { .. })), "{refused:?}");
    }
    let twice = [&rows[..], &rows[..1]].concat();
    let refused = claim_all(&cluster.session(), domain, incident, LEDGER, given(&twice)).await;
    assert!(matches!(refused, Err(FlowError::NotPossible { .. })), "{refused:?}");
    assert_eq!(cluster.landed(), 0);

    // The host has moved on: live positions are not the chosen state any more, but what was written down is.
    let Position { key, owner, amount } = rows[3];
    recovery.protocol.write_position(&mut machine, &key, &owner, amount + 1);
    let cluster = on(machine, Fault::None);
    let refused = claim_all(&cluster.session(), domain, incident, LEDGER, Leaves::Live).await;
    assert!(matches!(refused, Err(FlowError::NotPossible { .. })), "{refused:?}");
    all(&cluster, &recovery).await;
    assert_paid(&cluster.machine(), &recovery);
}

/// More leaves than a page has, and a stranger who has paid some of them.
#[tokio::test]
async fn claims_of_several_pages_are_paid_beside_others_who_pay() {
    let count = u64::from(CLAIMS_PER_PAGE) + 76;
    let (mut machine, recovery) = restored(World::frozen(count, 1_000_000)).await;
    let payer = machine.payer.pubkey();
    let open = ix::open_claim_page(recovery.restoration, payer, 1);
    recovery.protocol.must(&mut machine, &[open], &[]);
    let rows = leaves(&recovery);
    let last = rows[rows.len() - 1];
    machine.create_associated(&recovery.protocol.mint, &last.owner, 0);
    // The stranger's claim is proved against the cranker's shards.
    let (mut keys, args) = recovery.prepare(&machine, &last.key);
    keys.shard = pda::shard(&recovery.snapshot, 15, &cranker().pubkey());
    recovery
        .protocol
        .must(&mut machine, &[ix::claim(recovery.keys(), keys, args)], &[]);

    let cluster = on(machine, Fault::None);
    let paid = all(&cluster, &recovery).await;
    assert_eq!((paid.claims, paid.paid_claims), (count, count - 1));
    assert_eq!(cluster.count::<instruction::OpenClaimPage>(), 1);
    assert_paid(&cluster.machine(), &recovery);
}

#[tokio::test]
async fn two_who_claim_all_at_once_pay_everything_once() {
    let (machine, recovery) = restored(World::frozen(60, 50_000)).await;
    let cluster = on(machine, Fault::None);
    let (a, b) = tokio::join!(all(&cluster, &recovery), all(&cluster, &recovery));
    assert_eq!(a.paid_claims + b.paid_claims, 60);
    assert_eq!(a.done.receipts.len() + b.done.receipts.len(), cluster.landed());
    assert_paid(&cluster.machine(), &recovery);
}

/// A state from a checkpoint has no shards until somebody opens them.
#[tokio::test]
async fn claims_of_a_checkpoint_open_its_shards() {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(40));
    let incident = watched.freeze();
    bulkhead_testbed::must(watched.open_snapshot(incident, slot, tree.roots()));
    let (mut machine, protocol) = (watched.machine, watched.protocol);
    let recovery = Recovery {
        snapshot: pda::checkpoint_snapshot(&incident, LEDGER, slot),
        ballot: pda::ballot(&incident, LEDGER),
        restoration: pda::restoration(&incident, LEDGER),
        incident,
        tree,
        protocol,
    };
    recovery.restore(&mut machine);
    recovery.fund(&mut machine, 30_000);
    bulkhead_testbed::must(recovery.share_out(&mut machine));
    let used = recovery.tree.roots().iter().filter(|shard| shard.count > 0).count();
    let cluster = on(machine, Fault::None);
    let paid = all(&cluster, &recovery).await;
    assert_eq!((paid.paid_claims, paid.unpaid.len()), (40, 0));
    assert_eq!(cluster.count::<instruction::OpenCheckpointShard>(), used);
    assert_paid(&cluster.machine(), &recovery);
}

#[tokio::test]
async fn before_anything_is_shared_out_it_says_what_is_missing() {
    let (mut machine, recovery) = voted(World::frozen(12, 10_000)).await;
    let (domain, incident) = (recovery.protocol.domain, recovery.incident);
    let cluster = on(machine.fork(), Fault::None);
    let early = claim_all(&cluster.session(), domain, incident, LEDGER, Leaves::Live).await;
    assert!(
        matches!(
            &early,
            Err(FlowError::NotFound {
                what: "restoration",
                ..
            })
        ),
        "{early:?}"
    );
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
    bulkhead_testbed::must(recovery.choose(&mut machine, authority, recovery.args()));
    let cluster = on(machine, Fault::None);
    let early = claim_all(&cluster.session(), domain, incident, LEDGER, Leaves::Live).await;
    assert!(
        matches!(&early, Err(FlowError::NotYet { next, .. }) if next.contains("restore")),
        "{early:?}"
    );
}
