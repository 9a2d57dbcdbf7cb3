//! Leaves that are published: nobody has to hold the tree.

use super::*;

const HALF: usize = 6;

/// Sends the leaves of every shard and finishes it; tells how many shards there were.
fn publish(watched: &mut Watched, slot: u64, tree: &Tree, rows: &[Position]) -> usize {
    let (log, payer) = (watched.log, watched.machine.payer.pubkey());
    let mut shards = 0;
    for number in 0..16u8 {
        let mut own: Vec<_> = rows
            .iter()
            .filter(|row| bulkhead_core::snapshots::merkle::shard_of(row.key.as_array()) == number)
            .copied()
            .collect();
        own.sort_by_key(|row| row.key);
        if own.is_empty() {
            continue;
        }
        shards += 1;
        for some in own.chunks(HALF) {
            let send = ix::publish_leaves(log, payer, slot, number, published(some));
            watched.protocol.must(&mut watched.machine, &[send], &[]);
        }
        let finish = ix::finish_publication(log, payer, slot, number, tree.roots());
        watched.protocol.must(&mut watched.machine, &[finish], &[]);
        let account = watched.machine.account(&pda::publication(&log, slot, number, &payer));
        assert!(account.is_none(), "the rent is given back");
    }
    shards
}

#[test]
fn a_log_may_want_the_leaves_before_the_vote() {
    let mut watched = Watched::new();
    let mut log = watched.log();
    // From now on.
    log.flags = log_flag::PUBLISHED_ONLY;
    forge(&mut watched.machine, &watched.log, &log);
    let rows = positions(40);
    let (slot, tree) = watched.attested(rows.clone());
    let incident = watched.freeze();
    refused(
        watched.open_snapshot(incident, slot, tree.roots()),
        BulkheadError::CheckpointNotPublished,
    );
    // It was committed to before the breach: anyone may show it afterwards.
    assert!(publish(&mut watched, slot, &tree, &rows) > 1);
    assert_eq!(watched.entry(slot).published, u16::MAX);
    watched.open_snapshot(incident, slot, tree.roots()).expect("published");
}

/// A tree that nobody could publish honestly is not published by sending something else.
#[test]
fn other_leaves_are_not_the_checkpoints() {
    let mut watched = Watched::new();
    let rows = positions(40);
    let (slot, tree) = watched.attested(rows.clone());
    let number = bulkhead_core::snapshots::merkle::shard_of(rows[0].key.as_array());
    let mut own: Vec<_> = rows
        .iter()
        .filter(|row| bulkhead_core::snapshots::merkle::shard_of(row.key.as_array()) == number)
        .copied()
        .collect();
    own.sort_by_key(|row| row.key);
    let (log, first) = (watched.log, keypair("first publisher"));
    let mut try_rows = |name: &str, rows: &[Position], expected: Option<BulkheadError>| {
        let publisher = keypair(name);
        watched.machine.fund(&publisher.pubkey(), 1_000_000_000);
        let send = ix::publish_leaves(log, publisher.pubkey(), slot, number, published(rows));
        let finish = ix::finish_publication(log, publisher.pubkey(), slot, number, tree.roots());
        let result = watched.machine.send(&[send, finish], &[&publisher]);
        match expected {
            Some(error) => refused(result, error),
            None => drop(result.expect("the checkpoint's")),
        }
    };
    let mut richer = own.clone();
    richer[0].amount += 1;
    let mut nothing = own.clone();
    nothing[0].amount = 0;
    let mut doubled = own.clone();
    doubled.insert(1, own[0]);
    let elsewhere = Position {
        key: [0xF0 ^ (number << 4); 32].into(),
        ..own[0]
    };
    try_rows("a", &richer, Some(BulkheadError::ShardsMismatch));
    try_rows("b", &own[1..], Some(BulkheadError::ShardsMismatch));
    try_rows("c", &nothing, Some(BulkheadError::InvalidProof));
    try_rows("d", &doubled, Some(BulkheadError::PositionsNotAscending));
    try_rows("e", &[elsewhere], Some(BulkheadError::WrongShard));
    try_rows("f", &own, None);
    assert_ne!(watched.entry(slot).published, 0);

    // Nobody adds to another's, and other shards are not the checkpoint's.
    watched.machine.fund(&first.pubkey(), 1_000_000_000);
    let send = ix::publish_leaves(log, first.pubkey(), slot, number, published(&own[..1]));
    watched.machine.send(&[send], &[&first]).expect("the first leaf");
    let stranger = keypair("stranger");
    watched.machine.fund(&stranger.pubkey(), 1_000_000_000);
    let mut more = ix::publish_leaves(log, stranger.pubkey(), slot, number, published(&own[1..]));
    more.accounts[2].pubkey = pda::publication(&log, slot, number, &first.pubkey());
    let failure = watched.machine.send(&[more], &[&stranger]).expect_err("another's");
    assert_eq!(
        failure.code(),
        Some(anchor_lang::error::ErrorCode::ConstraintSeeds.into())
    );
    let mut roots = *tree.roots();
    roots[usize::from(number)].count -= 1;
    let finish = ix::finish_publication(log, first.pubkey(), slot, number, &roots);
    refused(
        watched.machine.send(&[finish], &[&first]),
        BulkheadError::ShardsMismatch,
    );
    // A try that led nowhere gives its rent back.
    let shard = pda::publication(&log, slot, number, &first.pubkey());
    let close = ix::close_shard(first.pubkey(), None, shard, first.pubkey());
    watched.machine.send(&[close], &[&first]).expect("its own");
}

#[test]
fn there_is_nothing_to_publish_of_no_checkpoint_or_no_shard() {
    let mut watched = Watched::new();
    let (slot, _) = watched.attested(positions(4));
    let (log, payer) = (watched.log, watched.machine.payer.pubkey());
    let row = published(&positions(1));
    for (slot, number, error) in [
        (slot - 1, 0, BulkheadError::NoSuchCheckpoint),
        (slot, 16, BulkheadError::ArgumentOutOfRange),
    ] {
        let send = ix::publish_leaves(log, payer, slot, number, row.clone());
        refused(watched.machine.send(&[send], &[]), error);
    }
    let cut = ix::publish_leaves(log, payer, slot, 0, row[1..].to_vec());
    refused(watched.machine.send(&[cut], &[]), BulkheadError::InvalidProof);
}

/// Attesters leave a victim of 800 out. The host's total would be kept right by a shard of which they say that it has 800
/// and no leaf. It is not published thereby, compared with nothing, and cannot be put to the vote.
#[test]
fn a_shard_said_to_have_no_leaf_publishes_no_sum() {
    let mut watched = Watched::new();
    let rows = [position(1, 500), position(2, 700)];
    let slot = watched.slot();
    let mut lie = Forged::new(watched.tag(slot), &rows);
    lie.roots[15] = ShardRoot {
        root: Node {
            hash: [9; 32],
            sum: 800,
        },
        ..root::empty_shard()
    };
    let (top, count) = root::seal(&mut lie.roots).expect("it fits");
    assert_eq!((top.sum, count), (2_000, 2));
    watched
        .post(0, statement(slot, &top, &lie.roots))
        .expect("the total is right");
    watched.attest(1, slot).expect("the other liar");
    nothing_is_published(&mut watched, slot, &rows, &lie.roots);
    let incident = watched.freeze();
    refused(
        watched.open_snapshot(incident, slot, &lie.roots),
        BulkheadError::ShardsMismatch,
    );
}

/// Shards that do not make the checkpoint's root are nobody's, also where it commits to them.
#[test]
fn a_root_that_is_not_the_shards_is_never_published() {
    let mut watched = Watched::new();
    let rows = [position(1, 500), position(2, 700)];
    let slot = watched.slot();
    let tree = Forged::new(watched.tag(slot), &rows);
    let top = Node {
        hash: [9; 32],
        sum: 77_777,
    };
    watched
        .post(0, statement(slot, &top, &tree.roots))
        .expect("an attester");
    nothing_is_published(&mut watched, slot, &rows, &tree.roots);
}

fn nothing_is_published(watched: &mut Watched, slot: u64, rows: &[Position], roots: &[ShardRoot; 16]) {
    let (log, payer) = (watched.log, watched.machine.payer.pubkey());
    let send = ix::publish_leaves(log, payer, slot, 0, published(rows));
    let finish = ix::finish_publication(log, payer, slot, 0, roots);
    refused(
        watched.machine.send(&[send, finish], &[]),
        BulkheadError::ShardsMismatch,
    );
    assert_eq!(watched.entry(slot).published, 0);
}
