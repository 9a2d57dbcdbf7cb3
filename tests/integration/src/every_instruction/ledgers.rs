//! Ledgers that are more than one number, ledgers that are asked for, and a seal by override.

use bulkhead::instructions::{AmountConfig, ByteFilterConfig, ExportConfig, RegisterLedgerArgs, SlotTableConfig};
use bulkhead_client::instructions as ix;
use bulkhead_export_probe::op;
use bulkhead_interface::constants::amount_flag;
use bulkhead_testbed::deploy_dir;

use super::*;
use crate::frozen::{Frozen, NUMBER};

/// Positions of one export transaction.
const EXPORTS: u32 = 10;
/// The shard of `positions_of_one_shard`.
const SHARD: u8 = 1;

pub fn visit(visitor: &mut dyn Visitor) {
    slots(visitor);
    exported(visitor);
}

/// Signed numbers of 128 bits with 48 fractional bits, in the last of eight slots: the dearest that
/// protocols in use have.
fn slots(visitor: &mut dyn Visitor) {
    let rows = positions_of_one_shard(BATCH);
    let asset = [9; 32];
    let mut frozen = Frozen::reading(|protocol| RegisterLedgerArgs {
        data_len: 48 + 8 * 64,
        amounts: vec![
            AmountConfig {
                offset: 32,
                width: 16,
                flags: amount_flag::SIGNED | amount_flag::IN_SLOT,
            },
            AmountConfig {
                offset: 48,
                width: 16,
                flags: amount_flag::SIGNED | amount_flag::SUBTRACT | amount_flag::IN_SLOT,
            },
        ],
        scale: bulkhead::instructions::ScaleConfig {
            multiplier: 1,
            divisor: 1,
            shift: 48,
        },
        slots: Some(SlotTableConfig {
            offset: 48,
            stride: 64,
            count: 8,
            used_offset: 0,
            used_width: 0,
            filter: Some(ByteFilterConfig {
                offset: 0,
                bytes: asset.to_vec(),
            }),
        }),
        ..protocol.ledger_args(NUMBER)
    });
    frozen.cranker = frozen.machine.payer.insecure_clone();
    frozen.must(frozen.open_shard(SHARD));
    for row in &rows {
        let mut data = b"position".to_vec();
        data.extend_from_slice(row.owner.as_ref());
        data.resize(48 + 7 * 64, 0);
        data.extend_from_slice(&asset);
        data.extend_from_slice(&(i128::from(row.amount) << 48).to_le_bytes());
        data.resize(48 + 8 * 64, 0);
        frozen.protocol.write_host_account(&mut frozen.machine, &row.key, data);
    }
    let keys: Vec<_> = rows.iter().map(|row| row.key).collect();
    let cost = frozen.must(frozen.ingest(SHARD, &keys)).compute_units;
    visitor.done("ingest_position_slots", cost.div_ceil(u64::from(BATCH)));
}

/// Positions the probe values, and the override that seals them: the host reports no sum for those.
fn exported(visitor: &mut dyn Visitor) {
    let probe = keypair("export probe").pubkey();
    let mut rows = positions_of_one_shard(2 * EXPORTS);
    rows.sort_unstable_by_key(|row| row.key);
    let mut frozen = Frozen::reading(|protocol| RegisterLedgerArgs {
        owner_offset: 0,
        amounts: vec![],
        export: Some(ExportConfig {
            program: probe,
            data: vec![op::ANSWER],
            accounts: vec![],
            position_accounts: 0,
        }),
        ..protocol.ledger_args(NUMBER)
    });
    let path = deploy_dir().join("bulkhead_export_probe.so");
    frozen
        .machine
        .svm
        .add_program_from_file(probe, path)
        .unwrap_or_else(|error| panic!("{error:?}: run `make build` first"));
    for row in &rows {
        frozen
            .protocol
            .write_position(&mut frozen.machine, &row.key, &row.owner, row.amount);
    }
    let cranker = frozen.cranker.insecure_clone();
    frozen.must(frozen.open_shard(SHARD));
    let keys: Vec<_> = rows.iter().map(|row| row.key).collect();
    let (warm, batch) = keys.split_at(EXPORTS as usize);
    frozen.must(frozen.ingest(SHARD, warm));
    let mut bench = Bench {
        visitor,
        machine: frozen.machine,
        protocol: frozen.protocol,
    };
    let domain = bench.protocol.domain;
    let ledger = bench.machine.load(&pda::ledger(&domain, NUMBER));
    let ingest = ix::ingest_export(domain, cranker.pubkey(), frozen.snapshot, &ledger, SHARD, batch);
    let cost = bench.row("ingest_export", ingest, &[&cranker]);
    let each = cost.div_ceil(u64::from(EXPORTS));
    bench.visitor.done("ingest_exported_position", each);

    let Bench {
        visitor,
        machine,
        protocol,
    } = bench;
    let frozen = Frozen {
        machine,
        protocol,
        ..frozen
    };
    let shards = [frozen.shard(SHARD)];
    let args = frozen.stated(&shards, 0);
    let Frozen {
        machine,
        protocol,
        incident,
        ..
    } = frozen;
    let mut bench = Bench {
        visitor,
        machine,
        protocol,
    };
    let authority = bench.protocol.mature(&mut bench.machine, &args);
    let total_account = bench.protocol.total_account;
    let seal = ix::override_seal(authority, incident, NUMBER, total_account, &shards, args);
    bench.row("override_seal", seal, &[]);
}
