//! Funding and sharing out: every account is paid its share, and nobody's key keeps money back.

use super::*;

/// What the ten owners have together.
fn owned(machine: &Machine, recovery: &Recovery) -> u64 {
    (0..10)
        .map(|i| machine.balance(&associated_token(&owner(i).pubkey(), &recovery.protocol.mint)))
        .sum()
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
