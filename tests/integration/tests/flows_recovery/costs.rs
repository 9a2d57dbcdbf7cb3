//! What the flows say that they cost, and what they cost.

use bulkhead::instruction;
use bulkhead_client::flows::{
    claim::claim_cost,
    snapshot::{Pace, size, snapshot_cost},
};
use bulkhead_interface::constants::SHARDS;

use super::*;

/// Positions spread evenly over the shards.
fn even(per_shard: u8) -> Vec<Position> {
    let position = |shard: u8, number: u8| {
        let mut key = [7; 32];
        (key[0], key[1]) = (shard << 4, number);
        Position {
            key: key.into(),
            owner: owner(number.into()).pubkey(),
            amount: 1_000,
        }
    };
    (0..16)
        .flat_map(|shard| (0..per_shard).map(move |number| position(shard, number)))
        .collect()
}

/// The number of transactions and the rent are those of a real run.
#[tokio::test]
async fn a_snapshot_costs_what_it_said() {
    // One transaction per shard; two; and three.
    for (per_shard, each) in [(5u8, 1), (30, 2), (60, 3)] {
        let world = World::of(even(per_shard), 1);
        for cranker_pays in [true, false] {
            let cluster = world.cluster(Fault::None);
            let payer = cluster.payer();
            let key = if cranker_pays { payer } else { cranker().pubkey() };
            let before = cluster.machine().account(&payer).expect("a payer").lamports;
            let read = snapshot(&cluster.session(), world.protocol.domain, key, LEDGER).await;
            let read = read.expect("it is read and sealed");
            let after = cluster.machine().account(&payer).expect("a payer").lamports;
            let pace = Pace {
                cranker_pays,
                ..Pace::default()
            };
            let cost = snapshot_cost(16 * u64::from(per_shard), &pace);
            if cranker_pays {
                assert_eq!(cost.transactions, 2 + 16 * each, "{per_shard} per shard");
            }
            assert_eq!(
                cost.transactions,
                cluster.landed() as u64,
                "{per_shard} per shard, {cranker_pays}"
            );
            let fees: u64 = read.done.receipts.iter().filter_map(|receipt| receipt.fee).sum();
            assert_eq!(before - after - fees, cost.rent);
            // Less than what is sent here costs: behind a price of units.
            assert!(cost.fees <= fees, "{} and {fees}", cost.fees);
            let units: u64 = read.done.receipts.iter().filter_map(|receipt| receipt.units).sum();
            assert!(cost.units >= units, "{} and {units}", cost.units);
        }
        let used = cluster_shards(&world).await;
        assert_eq!(used, SHARDS);
    }
}

async fn cluster_shards(world: &World) -> usize {
    let cluster = world.cluster(Fault::None);
    crank(&cluster, world).await.expect("it is read and sealed");
    cluster.count::<instruction::OpenShard>()
}

/// As many positions as really fit a transaction, and not one more.
#[test]
fn the_batch_is_as_large_as_a_transaction_allows() {
    let key = |number: u8| Pubkey::new_from_array([number; 32]);
    for (cranker_pays, positions) in [(true, 26), (false, 23)] {
        let pace = Pace {
            cranker_pays,
            ..Pace::default()
        };
        assert_eq!(snapshot_cost(1_000_000, &pace).per_transaction, positions);
        let (domain, payer, snapshot) = (key(1), key(2), key(3));
        let cranker = if cranker_pays { payer } else { key(4) };
        for (count, is_fitting) in [(positions, true), (positions + 1, false)] {
            let keys: Vec<_> = (0..count).map(|number| key(100 + number as u8)).collect();
            let ingest = ix::ingest_positions(domain, cranker, snapshot, 0, 0, &keys);
            let bytes = cluster::size(&payer, &cluster::as_sent(std::slice::from_ref(&ingest)));
            assert_eq!(bytes <= 1_232, is_fitting, "{count} positions: {bytes} bytes");
            assert_eq!(size::fits(&payer, &[ingest]), is_fitting);
        }
    }
}

/// The size that a flow computes is the size of the encoded transaction.
#[test]
fn sizes_are_those_of_encoded_transactions() {
    let key = |number: u8| Pubkey::new_from_array([number; 32]);
    let (domain, payer, incident) = (key(1), key(2), key(3));
    let snapshot = pda::snapshot(&incident, LEDGER);
    let open = ix::open_snapshot(domain, payer, incident, LEDGER);
    let shard = ix::open_shard(domain, key(4), payer, snapshot, 7);
    let keys: Vec<_> = (10..200).map(key).collect();
    let ingest = |count: usize| ix::ingest_positions(domain, key(4), snapshot, LEDGER, 7, &keys[..count]);
    let seal = ix::seal_snapshot(domain, incident, LEDGER, key(5), &keys[..16], &[key(4), key(6)]);
    for instructions in [
        vec![],
        vec![open.clone()],
        vec![open, shard, ingest(3), ingest(0)],
        vec![ingest(122), ingest(123)],
        vec![ingest(190)],
        vec![seal],
    ] {
        let len = size::transaction_len(&payer, &instructions);
        assert_eq!(len, cluster::size(&payer, &instructions));
    }
}

/// A million positions, as the documentation says it.
#[test]
fn a_million_positions_are_cranked_from_a_laptop() {
    let cost = snapshot_cost(1_000_000, &Pace::default());
    // Sixteen shards of 62,500: 21 beside the opening, then 26 at a time.
    assert_eq!(cost.transactions, 2 + 16 * (1 + (62_500 - 21u64).div_ceil(26)));
    assert_eq!(cost.transactions, 38_482);
    assert_eq!(cost.fees, 5_000 * cost.transactions);
    // At two slots each, half an hour.
    assert_eq!(cost.slots, 2 * (2 + 2_405));
    assert!(cost.rent < 300_000_000, "0.3 SOL: {}", cost.rent);
    let priced = Pace {
        unit_price: 1_000_000,
        ..Pace::default()
    };
    // A lamport per unit.
    let units = cost.units;
    assert_eq!(snapshot_cost(1_000_000, &priced).fees, cost.fees + units);
    // Nothing but the opening and a seal that the program refuses.
    assert_eq!(snapshot_cost(0, &Pace::default()).transactions, 2);
}

/// A claim in a million shares its proof with a neighbour; most of the cost is its owner's account.
#[test]
fn a_million_claims_cost_an_account_each() {
    let pace = Pace::default();
    let paid = claim_cost(1_000_000, 0, &pace);
    assert!(paid.per_transaction >= 2);
    assert!(paid.transactions <= 500_000 + 16 + 977);
    let new = claim_cost(1_000_000, 1_000_000, &pace);
    assert!((paid.transactions..=1_000_000 + 977).contains(&new.transactions));
    assert_eq!(new.rent - paid.rent, 1_000_000 * 2_039_280);
    let small = claim_cost(1_000, 0, &pace);
    assert!(small.per_transaction >= 4 && small.transactions < 300);
}
