//! Positions are read once each, by instructions that can be nothing else.

use super::*;

/// Bytes a transaction may have.
const PACKET: usize = 1_232;
/// Positions a legacy transaction has the bytes for when the cranker pays for it.
const FULL: usize = 27;

#[test]
fn a_position_costs_at_most_500_compute_units() {
    let all = in_one_shard(10 * FULL as u64);
    let keys: Vec<_> = all.iter().map(|position| position.key).collect();
    let mut frozen = Frozen::new(&all);
    frozen.cranker = frozen.machine.payer.insecure_clone();
    frozen.must(frozen.open_shard(5));
    let mut spent = 0;
    for keys in keys.chunks(FULL) {
        let ingest = frozen.ingest(5, keys);
        let transaction = frozen.machine.sign(std::slice::from_ref(&ingest), &[]);
        let bytes = 1 + 64 * transaction.signatures.len() + transaction.message_data().len();
        assert!(bytes <= PACKET && bytes + 33 > PACKET, "{bytes}");
        spent += frozen.must(ingest).compute_units;
    }
    // All in: the transaction's own cost, the growth of the tree, the event.
    let each = spent.div_ceil(keys.len() as u64);
    println!("{each} each");
    assert!(each <= 500, "{each}");
}

#[test]
fn a_position_counts_once() {
    let all = in_one_shard(4);
    let mut frozen = Frozen::new(&all);
    let keys: Vec<_> = all.iter().map(|position| position.key).collect();
    frozen.must(frozen.open_shard(5));
    // Twice in a transaction, out of order, and again in a later transaction.
    for twice in [[keys[0], keys[0]], [keys[1], keys[0]]] {
        refused(
            frozen.send(frozen.ingest(5, &twice)),
            BulkheadError::PositionsNotAscending,
        );
    }
    frozen.must(frozen.ingest(5, &keys[..2]));
    for again in &keys[..2] {
        refused(
            frozen.send(frozen.ingest(5, &[*again])),
            BulkheadError::PositionsNotAscending,
        );
    }
    // In another shard.
    frozen.must(frozen.open_shard(6));
    refused(frozen.send(frozen.ingest(6, &keys[2..])), BulkheadError::WrongShard);
    // In another account of the same shard, sealed along with the first.
    frozen.must(frozen.ingest(5, &keys[2..]));
    let first = frozen.shard(5);
    frozen.cranker = keypair("another cranker");
    frozen.must(frozen.open_shard(5));
    frozen.must(frozen.ingest(5, &keys));
    let second = frozen.shard(5);
    refused(
        frozen.send(frozen.seal(&[first, second])),
        BulkheadError::ShardsNotAscending,
    );
    refused(
        frozen.send(frozen.seal(&[first, first])),
        BulkheadError::ShardsNotAscending,
    );
    frozen.must(frozen.seal(&[second]));
}

#[test]
fn a_position_that_changed_is_read_again() {
    let mut all = in_one_shard(3);
    let mut frozen = Frozen::new(&all);
    let shards = frozen.crank(&all);
    all[1].amount += 5;
    write(&mut frozen.machine, &frozen.protocol, &all);
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalMismatch);
    let close = ix::close_shard(
        frozen.cranker.pubkey(),
        frozen.snapshot,
        shards[0],
        frozen.cranker.pubkey(),
    );
    frozen.must(close);
    assert!(frozen.machine.account(&shards[0]).is_none());
    let shards = frozen.crank(&all);
    frozen.must(frozen.seal(&shards));
    assert_eq!(
        frozen.sealed().total,
        all.iter().map(|position| position.amount).sum::<u64>()
    );
    let close = ix::close_shard(
        frozen.cranker.pubkey(),
        frozen.snapshot,
        shards[0],
        frozen.cranker.pubkey(),
    );
    refused(frozen.send(close), BulkheadError::SnapshotSealed);
    refused(
        frozen.send(frozen.ingest(5, &[all[0].key])),
        BulkheadError::SnapshotSealed,
    );
}

#[test]
fn only_positions_of_the_ledger_pass() {
    let all = in_one_shard(2);
    let mut frozen = Frozen::new(&all);
    frozen.must(frozen.open_shard(5));
    let genuine = frozen.machine.account(&all[0].key).expect("written");
    let key = all[0].key;
    let mut foreign = genuine.clone();
    foreign.owner = keypair("another program").pubkey();
    let mut longer = genuine.clone();
    longer.data.push(0);
    let mut shorter = genuine.clone();
    shorter.data.pop();
    let mut other_kind = genuine.clone();
    other_kind.data[7] ^= 1;
    for forged in [foreign, longer, shorter, other_kind] {
        frozen.machine.write_account(&key, forged);
        refused(frozen.send(frozen.ingest(5, &[key])), BulkheadError::NotAPosition);
    }
    let domain = frozen.protocol.domain;
    refused(frozen.send(frozen.ingest(5, &[domain])), BulkheadError::NotAPosition);
    frozen.machine.write_account(&key, genuine);
    frozen.must(frozen.ingest(5, &[key]));
}

#[test]
fn nothing_is_read_unless_the_domain_is_frozen_by_the_snapshots_incident() {
    let all = in_one_shard(3);
    let mut frozen = Frozen::new(&all);
    let shards = frozen.crank(&all[..2]);
    let (old_incident, old_snapshot) = (frozen.incident, frozen.snapshot);

    let args = bulkhead::instructions::ResumeArgs {
        incident: frozen.incident,
    };
    let authority = frozen.protocol.mature(&mut frozen.machine, &args);
    frozen.must(ix::resume(authority, args));
    let payer = frozen.machine.payer.pubkey();
    let domain = frozen.protocol.domain;
    refused(frozen.send(frozen.ingest(5, &[all[2].key])), BulkheadError::WrongPhase);
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::WrongPhase);
    refused(frozen.send(frozen.open_shard(6)), BulkheadError::WrongPhase);

    // A later incident does not revive it.
    frozen.incident = frozen.protocol.freeze(&mut frozen.machine);
    refused(
        frozen.send(frozen.ingest(5, &[all[2].key])),
        BulkheadError::IncidentNotOpen,
    );
    refused(frozen.send(frozen.open_shard(6)), BulkheadError::IncidentNotOpen);
    let mut seal = frozen.seal(&shards);
    (seal.accounts[1].pubkey, seal.accounts[3].pubkey) = (old_incident, old_snapshot);
    seal.accounts[5].pubkey = pda::restoration(&old_incident, 0);
    refused(frozen.send(seal), BulkheadError::IncidentNotOpen);

    // Nor do its shards serve the new incident's snapshot.
    frozen.must(ix::open_snapshot(domain, payer, frozen.incident, 0));
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::ForeignAccount);
    frozen.snapshot = pda::snapshot(&frozen.incident, 0);
    assert_ne!(frozen.snapshot, old_snapshot);
    let shards = frozen.crank(&all);
    frozen.must(frozen.seal(&shards));
}

#[test]
fn substituted_accounts_fail_by_name() {
    let all = in_one_shard(3);
    let mut frozen = Frozen::new(&all);
    let shards = frozen.crank(&all);
    let other = Protocol::set_up(
        &mut frozen.machine,
        &Setup {
            name: "other",
            ..Setup::default()
        },
    );
    write(&mut frozen.machine, &other, &[]);
    let other_incident = other.freeze(&mut frozen.machine);
    let payer = frozen.machine.payer.pubkey();
    frozen.must(ix::open_snapshot(other.domain, payer, other_incident, 0));

    let swaps = [
        (0, other.domain),
        (1, other_incident),
        (2, pda::ledger(&other.domain, 0)),
        (3, pda::snapshot(&other_incident, 0)),
        (4, other.total_account),
    ];
    for (at, key) in swaps {
        let mut seal = frozen.seal(&shards);
        seal.accounts[at].pubkey = key;
        refused(frozen.send(seal), BulkheadError::ForeignAccount);
    }
    for (at, key) in [(1, other.domain), (2, pda::ledger(&other.domain, 0))] {
        let mut ingest = frozen.ingest(5, &[]);
        ingest.accounts[at].pubkey = key;
        refused(frozen.send(ingest), BulkheadError::ForeignAccount);
    }
    let mut open = frozen.open_shard(6);
    open.accounts[2].pubkey = other.domain;
    refused(frozen.send(open), BulkheadError::ForeignAccount);
    let mut open = ix::open_snapshot(frozen.protocol.domain, payer, frozen.incident, 0);
    open.accounts[3].pubkey = pda::ledger(&other.domain, 0);
    assert!(frozen.send(open).is_err());
    frozen.must(frozen.seal(&shards));
}

/// Ingestions have an entry of their own, which only takes what it is sure of.
#[test]
fn what_only_looks_like_an_ingestion_changes_nothing() {
    const FALLBACK_NOT_FOUND: u32 = 101;
    const CONSTRAINT_MUT: u32 = 2_000;
    const NOT_SIGNER: u32 = 3_010;
    let all = in_one_shard(3);
    let keys: Vec<_> = all.iter().map(|position| position.key).collect();
    let mut frozen = Frozen::new(&all);
    frozen.must(frozen.open_shard(5));
    let shard = frozen.shard(5);
    let name = frozen.ingest(5, &[]).data;
    let other_name = frozen.seal(&[]).data;
    for data in [vec![], name[..7].to_vec(), other_name] {
        let mut ingest = frozen.ingest(5, &keys);
        ingest.data = data;
        let failure = frozen.send(ingest).expect_err("it has another name");
        assert_eq!(failure.code(), Some(FALLBACK_NOT_FOUND), "{failure:?}");
    }
    let mut unsigned = frozen.ingest(5, &keys);
    unsigned.accounts[0].is_signer = false;
    let failure = frozen.send(unsigned).expect_err("nobody signed");
    assert_eq!(failure.code(), Some(NOT_SIGNER), "{failure:?}");
    let mut read_only = frozen.ingest(5, &keys);
    read_only.accounts[3].is_writable = false;
    let failure = frozen.send(read_only).expect_err("the shard cannot be written");
    assert_eq!(failure.code(), Some(CONSTRAINT_MUT), "{failure:?}");
    for repeated in [shard, frozen.snapshot, frozen.protocol.domain] {
        refused(
            frozen.send(frozen.ingest(5, &[keys[0], repeated])),
            BulkheadError::NotAPosition,
        );
    }
    let state: SnapshotShard = frozen.machine.load(&shard);
    assert_eq!((state.seen, state.count, state.sum), (0, 0, 0));
    frozen.must(frozen.ingest(5, &keys));
}
