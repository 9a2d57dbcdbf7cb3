//! Every instruction once, alone in its transaction, in the VM. The figures are checked in as
//! `tests/compute/compute_units.{json,md}`; `make bench` writes them.

use std::path::Path;

use anchor_lang::{InstructionData, prelude::Pubkey};
use bulkhead::instructions::OpenBreakerArgs;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_compute::Table;
use bulkhead_guard::action;
use bulkhead_guard_probe::{encode, op};
use bulkhead_testbed::{Machine, deploy_dir, keypair};
use bulkhead_tests::{
    every_instruction::{self, Visitor, outflow::referred_args},
    world,
};
use solana_instruction::{AccountMeta, Instruction};
use solana_signer::Signer;

struct Measure(Table);

impl Visitor for Measure {
    fn done(&mut self, row: &str, compute_units: u64) {
        // A direct call; what hosts pay by CPI is measured below.
        if row != "meter_outflow" {
            self.0.record(row, compute_units);
        }
    }
}

#[test]
fn the_table_holds() {
    let mut measure = Measure(Table::new());
    every_instruction::visit(&mut measure);
    let Measure(mut table) = measure;
    hosts(&mut table);
    let json = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compute/compute_units.json");
    if let Err(problems) = table.check_or_write(&json) {
        panic!("{problems}");
    }
}

/// What hosts pay: the guard's check, and a metering by CPI.
fn hosts(table: &mut Table) {
    let (mut machine, protocol) = world();
    let probe = keypair("probe").pubkey();
    let path = deploy_dir().join("bulkhead_guard_probe.so");
    machine
        .svm
        .add_program_from_file(probe, path)
        .expect("run `make build` first");
    // A breaker that a host meters with a key of its own.
    let host = keypair("metering host");
    let args = OpenBreakerArgs {
        compartment: 1,
        shard: 0,
        mint: protocol.mint,
        authority: host.pubkey(),
        sub_windows: 12,
        trip_scope: 1,
        window_seconds: 3_600,
        limit: 100_000,
        slot_limit: 60_000,
        latch_seconds: 3_600,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    let authority = protocol.mature(&mut machine, &args);
    let payer = machine.payer.pubkey();
    protocol.must(&mut machine, &[ix::open_breaker(authority, payer, args)], &[]);
    // Nothing leaves in the first window.
    machine.warp_seconds(2 * 3_600);
    let breaker = pda::outflow_breaker(&protocol.domain, 1, &protocol.mint, 0);
    let board = pda::board(&protocol.domain);

    let ask = |machine: &mut Machine, op: u8, breaker: Pubkey| {
        let now = machine.clock().unix_timestamp;
        let mut data = encode(op, 3, action::WITHDRAW, now, board.as_array()).to_vec();
        data.extend(bulkhead::instruction::MeterOutflow { amount: 10 }.data());
        let accounts = vec![
            AccountMeta::new_readonly(board, false),
            AccountMeta::new(breaker, false),
            AccountMeta::new_readonly(host.pubkey(), true),
            AccountMeta::new_readonly(bulkhead::ID, false),
        ];
        let call = Instruction {
            program_id: probe,
            accounts,
            data,
        };
        protocol.must(machine, &[call], &[&host]).compute_units
    };
    let nothing = ask(&mut machine, op::NOTHING, breaker);
    table.record("guard_check", ask(&mut machine, op::CHECK, breaker) - nothing);
    table.record("meter_outflow", ask(&mut machine, op::METER, breaker) - nothing);

    // The same with bps of a reference, inflow credit and shards all in use.
    let args = referred_args(&protocol, &host.pubkey());
    let breaker = pda::outflow_breaker(&protocol.domain, args.compartment, &args.mint, args.shard);
    let observe = ix::observe_reference(breaker, args.reference);
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::open_breaker(authority, payer, args)], &[]);
    // Nothing leaves in the first window.
    machine.warp_seconds(2 * 3_600);
    let inflow = ix::record_inflow(breaker, host.pubkey(), None, 5_000);
    protocol.must(&mut machine, &[observe], &[]);
    protocol.must(&mut machine, &[inflow], &[&host]);
    table.record("meter_outflow_bps", ask(&mut machine, op::METER, breaker) - nothing);
    // And the first of a sub-window, which turns the ring and adds up what is left.
    machine.warp_seconds(300);
    table.record(
        "meter_outflow_bps_turn",
        ask(&mut machine, op::METER, breaker) - nothing,
    );
}
