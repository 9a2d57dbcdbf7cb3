//! Shards and sums make a sealed ledger, or none.

use super::*;

#[test]
fn a_sealed_ledger_is_the_tree_of_its_positions() {
    for count in [2, 3, 17, 600] {
        let all = positions(count);
        let mut frozen = Frozen::new(&all);
        let shards = frozen.crank(&all);
        let outcome = frozen.must(frozen.seal(&shards));
        assert!(outcome.compute_units < 200_000, "{}", outcome.compute_units);

        let tag = merkle::tag(&bulkhead::ID, &frozen.snapshot, 0);
        let tree = Tree::build(tag, all).expect("a ledger");
        let sealed = frozen.sealed();
        assert_eq!(sealed.state, snapshot_state::SEALED);
        assert_eq!((sealed.tag, sealed.root), (tag, tree.root().hash));
        assert_eq!((sealed.total, sealed.count), (tree.root().sum, tree.count()));
        assert_eq!(sealed.shards_sealed.count_ones() as usize, shards.len());
        for (own, expected) in sealed.shards.iter().zip(tree.roots()) {
            assert_eq!((own.root.hash, own.root.sum), (expected.root.hash, expected.root.sum));
            assert_eq!((own.count, own.first), (expected.count, expected.first));
        }
        for proof in tree.proofs() {
            let number = merkle::shard_of(proof.position.key.as_array());
            let shard: SnapshotShard = frozen.machine.load(&frozen.shard(number));
            assert_eq!(proof.verify_in(&shard), Ok(()));
        }
        let incident: Incident = frozen.machine.load(&frozen.incident);
        assert_eq!(incident.steps[step::SNAPSHOT].slot, sealed.sealed_slot);
        refused(frozen.send(frozen.seal(&shards)), BulkheadError::SnapshotSealed);
    }
}

#[test]
fn nobody_is_left_out() {
    let all = in_one_shard(3);
    let mut frozen = Frozen::new(&all);
    frozen.must(frozen.open_shard(5));
    frozen.must(frozen.ingest(5, &[all[0].key, all[2].key]));
    let shard = frozen.shard(5);
    // Too late for the one in the middle, and the sum shows that it is missing.
    refused(
        frozen.send(frozen.ingest(5, &[all[1].key])),
        BulkheadError::PositionsNotAscending,
    );
    refused(frozen.send(frozen.seal(&[shard])), BulkheadError::TotalMismatch);
    refused(frozen.send(frozen.seal(&[])), BulkheadError::NothingRead);
    // Another cranker is not held up by it.
    frozen.cranker = keypair("honest cranker");
    let shards = frozen.crank(&all);
    frozen.must(frozen.seal(&shards));
}

#[test]
fn a_shard_is_its_crankers_alone() {
    let all = in_one_shard(2);
    let mut frozen = Frozen::new(&all);
    frozen.must(frozen.open_shard(5));
    let shard = frozen.shard(5);
    let griefer = keypair("griefer");
    let mut ingest = frozen.ingest(5, &[all[1].key]);
    ingest.accounts[0].pubkey = griefer.pubkey();
    refused(
        frozen.machine.send(&[ingest], &[&griefer]),
        BulkheadError::NotShardCranker,
    );
    let close = ix::close_shard(griefer.pubkey(), frozen.snapshot, shard, griefer.pubkey());
    refused(
        frozen.machine.send(&[close], &[&griefer]),
        BulkheadError::NotShardCranker,
    );
    refused(frozen.send(frozen.open_shard(16)), BulkheadError::ArgumentOutOfRange);
}

#[test]
fn shards_of_different_crankers_are_sealed_together() {
    let all = positions(60);
    let mut frozen = Frozen::new(&all);
    let mut shards = vec![];
    for (number, keys) in (0..).zip(by_shard(&all)) {
        frozen.cranker = keypair(&format!("cranker {}", number % 3));
        frozen.must(frozen.open_shard(number));
        if !keys.is_empty() {
            frozen.must(frozen.ingest(number, &keys));
        }
        shards.push(frozen.shard(number));
    }
    let mut swapped = shards.clone();
    swapped.swap(3, 4);
    refused(frozen.send(frozen.seal(&swapped)), BulkheadError::ShardsNotAscending);
    // Anyone may seal.
    frozen.must(frozen.seal(&shards));
}

#[test]
fn a_full_shard_and_a_sum_beyond_64_bits_are_refused() {
    let all = in_one_shard(1);
    let mut frozen = Frozen::new(&all);
    frozen.must(frozen.open_shard(5));
    let shard = frozen.shard(5);
    let account = frozen.machine.account(&shard).expect("opened");
    let forge = |frozen: &mut Frozen, change: &dyn Fn(&mut SnapshotShard)| {
        let mut state: SnapshotShard = frozen.machine.load(&shard);
        change(&mut state);
        let mut forged = account.clone();
        forged.data[8..].copy_from_slice(bytemuck::bytes_of(&state));
        frozen.machine.write_account(&shard, forged);
    };
    forge(&mut frozen, &|state| state.sum = u64::MAX);
    refused(frozen.send(frozen.ingest(5, &[all[0].key])), BulkheadError::Overflow);
    forge(&mut frozen, &|state| {
        state.sum = 16;
        state.count = MAX_LEAVES;
        (state.canopy_height, state.canopy_count) = (16, 16);
        state.canopy = [Node { hash: [1; 32], sum: 1 }; 16];
    });
    refused(frozen.send(frozen.ingest(5, &[all[0].key])), BulkheadError::ShardFull);
    // The seal of a full shard is the dearest.
    frozen.protocol.write_total(&mut frozen.machine, 16);
    let outcome = frozen.must(frozen.seal(&[shard]));
    println!("sealed with {} compute units", outcome.compute_units);
}

#[test]
fn a_host_that_reports_no_total_is_not_sealed() {
    let all = in_one_shard(1);
    let mut frozen = Frozen::new(&all);
    let shards = frozen.crank(&all);
    let total = frozen.protocol.total_account;
    let genuine = frozen.machine.account(&total).expect("written");
    let mut short = genuine.clone();
    short.data.pop();
    let mut foreign = genuine.clone();
    foreign.owner = keypair("another program").pubkey();
    for forged in [short, foreign] {
        frozen.machine.write_account(&total, forged);
        refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalUnreadable);
    }
    frozen.machine.write_account(&total, genuine);
    frozen.must(frozen.seal(&shards));
}

#[test]
fn wide_amounts_have_to_fit_64_bits() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ledger: false,
        ..Setup::default()
    });
    let args = RegisterLedgerArgs {
        amounts: vec![AmountConfig {
            offset: 32,
            width: 16,
            flags: 0,
        }],
        owner_offset: 0,
        filters: vec![],
        ..protocol.ledger_args(1)
    };
    let register = ix::register_ledger(setup_authority(&protocol), machine.payer.pubkey(), args, &[]);
    protocol.must(&mut machine, &[register], &[&protocol.setup_authority]);
    let activate = ix::activate_domain(protocol.setup_authority.pubkey());
    protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);

    let (key, owner) = (in_one_shard(1)[0].key, keypair("owner").pubkey());
    protocol.write_position(&mut machine, &key, &owner, 7);
    let mut wide = machine.account(&key).expect("written");
    wide.data[32..].fill(0);
    wide.data[32] = 9;
    let incident = protocol.freeze(&mut machine);
    let payer = machine.payer.pubkey();
    let cranker = keypair("cranker");
    let snapshot = pda::snapshot(&incident, 1);
    protocol.must(
        &mut machine,
        &[ix::open_snapshot(protocol.domain, payer, incident, 1)],
        &[],
    );
    let open = ix::open_shard(protocol.domain, cranker.pubkey(), payer, snapshot, 5);
    protocol.must(&mut machine, &[open], &[&cranker]);
    let ingest = ix::ingest_positions(protocol.domain, cranker.pubkey(), snapshot, 1, 5, &[key]);
    let mut too_large = wide.clone();
    too_large.data[47] = 1;
    machine.write_account(&key, too_large);
    refused(
        machine.send(std::slice::from_ref(&ingest), &[&cranker]),
        BulkheadError::AmountTooLarge,
    );
    machine.write_account(&key, wide);
    protocol.must(&mut machine, &[ingest], &[&cranker]);
    let shard: SnapshotShard = machine.load(&pda::shard(&snapshot, 5, &cranker.pubkey()));
    assert_eq!((shard.count, shard.sum), (1, 9));
}
