//! From the confirmation to the sealed snapshot, and the evacuation.

use super::*;

/// From the confirmation to the sealed snapshot, and the evacuation.
pub(super) fn visit(visitor: &mut dyn Visitor) {
    let mut bench = Bench::new(visitor, &Setup::default());
    let (payer, domain) = (bench.payer(), bench.protocol.domain);
    let (first, second) = (bench.member(0), bench.member(1));
    let cranker = bench.machine.payer.insecure_clone();
    let incident = pda::incident(&domain, 0);
    let snapshot = pda::snapshot(&incident, LEDGER);
    bench.send(ix::open_incident(domain, first.pubkey(), payer, 0), &[&first]);
    bench.row(
        "confirm_incident",
        ix::confirm_incident(domain, first.pubkey(), incident),
        &[&first],
    );
    bench.row(
        "confirm_incident_frozen",
        ix::confirm_incident(domain, second.pubkey(), incident),
        &[&second],
    );

    let mut rows = positions_of_one_shard(2 * BATCH);
    rows.sort_unstable_by_key(|position| position.key);
    let number = merkle::shard_of(rows[0].key.as_array());
    for row in &rows {
        bench
            .protocol
            .write_position(&mut bench.machine, &row.key, &row.owner, row.amount);
    }
    let total = rows.iter().map(|row| row.amount).sum();
    bench.protocol.write_total(&mut bench.machine, total);
    let keys: Vec<_> = rows.iter().map(|row| row.key).collect();
    let (warm, batch) = keys.split_at(BATCH as usize);
    let ingest = |keys: &[Pubkey]| ix::ingest_positions(domain, payer, snapshot, LEDGER, number, keys);

    bench.row("open_snapshot", ix::open_snapshot(domain, payer, incident, LEDGER), &[]);
    bench.row(
        "open_shard",
        ix::open_shard(domain, payer, payer, snapshot, number),
        &[],
    );
    bench.send(ingest(warm), &[]);
    let cost = bench.row("ingest_positions", ingest(batch), &[]);
    bench.visitor.done("ingest_position", cost.div_ceil(u64::from(BATCH)));

    // Another cranker's half-filled shard, to be closed.
    let other = keypair("another cranker");
    bench.send(
        ix::open_shard(domain, other.pubkey(), payer, snapshot, number),
        &[&other],
    );
    let abandoned = pda::shard(&snapshot, number, &other.pubkey());
    bench.row(
        "close_shard",
        ix::close_shard(other.pubkey(), snapshot, abandoned, payer),
        &[&other],
    );

    let shard = pda::shard(&snapshot, number, &cranker.pubkey());
    let total_account = bench.protocol.total_account;
    bench.row(
        "seal_snapshot",
        ix::seal_snapshot(domain, incident, LEDGER, total_account, &[shard], &[]),
        &[],
    );

    let confirm = |member: &Keypair| ix::confirm_evacuation(domain, member.pubkey(), payer, incident);
    bench.row("confirm_evacuation", confirm(&first), &[&first]);
    bench.row("confirm_evacuation_active", confirm(&second), &[&second]);
    let evacuate = ix::evacuate(bench.protocol.vault, incident, bench.protocol.recovery_account);
    bench.row("evacuate", evacuate, &[]);
}
