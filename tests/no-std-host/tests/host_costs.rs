//! What hosts of three kinds pay for the same step, in compute units of the whole transaction.

mod common;

use bulkhead_client::{instructions as ix, pda};
use bulkhead_guard::{action, board};
use bulkhead_guard_probe::{encode, op};
use bulkhead_no_std_host::State;
use bulkhead_testbed::{Exchange, ExchangeSetup, Machine, deploy_dir, keypair};
use common::*;
use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// A step, what it costs each host, and the most it may cost the one without the standard library.
struct Row {
    step: &'static str,
    pinocchio: u64,
    other: u64,
    other_is: &'static str,
    most: u64,
}

#[test]
fn the_host_without_a_standard_library_is_the_cheapest_of_its_kind() {
    let mut world = World::new();
    let deposit = world.deposit(10);
    let withdraw = world.withdraw(10);
    let release = world.release(10, 1);
    let mut cost = |instruction: &Instruction| world.must(std::slice::from_ref(instruction)).compute_units;
    let ours = [cost(&deposit), cost(&withdraw), cost(&release)];
    assert_eq!(size_of::<State>(), 160, "a change of the state changes the costs");
    let [deposit, withdraw, release] = ours;
    let rows = [
        Row {
            step: "guarded deposit of SOL, recorded as inflow",
            pinocchio: deposit,
            other: native_deposit(&mut world),
            other_is: "native, example-vault, not recorded",
            most: 6_000,
        },
        Row {
            step: "guarded and metered withdrawal",
            pinocchio: withdraw,
            other: native_metering(&mut world),
            other_is: "native, a metering and nothing else",
            most: 8_000,
        },
        Row {
            step: "guarded release out of custody",
            pinocchio: release,
            other: anchor_release(),
            other_is: "Anchor, example-exchange",
            most: 10_000,
        },
    ];
    println!("| step | pinocchio | another host | which |\n|---|--:|--:|---|");
    for row in &rows {
        println!(
            "| {} | {} | {} | {} |",
            row.step, row.pinocchio, row.other, row.other_is
        );
    }
    for row in rows {
        assert!(
            row.pinocchio <= row.most,
            "{}: {} > {}",
            row.step,
            row.pinocchio,
            row.most
        );
        assert!(
            row.pinocchio < row.other,
            "{}: {} >= {}",
            row.step,
            row.pinocchio,
            row.other
        );
    }
}

/// The limit of the design, which the guard keeps over any kind of account.
const MAX_GUARD_CU: u64 = 100;

/// Every timed mask of both rows is running and closes something else: the longest way to "open".
#[test]
fn the_guard_costs_no_more_over_pinocchios_accounts() {
    use bulkhead_no_std_host::op;
    let mut world = World::new();
    let key = world.board();
    let mut account = world.machine.account(&key).expect("board");
    let later = (world.machine.clock().unix_timestamp + 1_000).to_le_bytes();
    account.data[board::GRACE_UNTIL_OFFSET..][..8].copy_from_slice(&later);
    let own = board::ROWS_OFFSET + usize::from(COMPARTMENT) * board::ROW_SIZE;
    for row in [board::DOMAIN_ROW_OFFSET, own] {
        for mask in [
            board::FREEZE_OFFSET,
            board::GUARDIAN_PAUSE_OFFSET,
            board::TRIP_OFFSET,
            board::LINKED_OFFSET,
        ] {
            account.data[row + mask..][..4].copy_from_slice(&action::TRADE.to_le_bytes());
        }
        for until in [
            board::GUARDIAN_PAUSE_UNTIL_OFFSET,
            board::TRIP_UNTIL_OFFSET,
            board::LINKED_UNTIL_OFFSET,
        ] {
            account.data[row + until..][..8].copy_from_slice(&later);
        }
    }
    world.machine.write_account(&key, account);
    let [asked, not_asked] = [op::ASK, op::NOTHING].map(|op| {
        let ask = world.ask(op, action::WITHDRAW);
        world.must(&[ask]).compute_units
    });
    println!("compute units of check_account over a view: {}", asked - not_asked);
    assert!(asked - not_asked <= MAX_GUARD_CU, "{asked} - {not_asked}");
    for closed in [action::TRADE, action::LIQUIDATE] {
        let ask = world.ask(op::ASK, closed);
        assert_eq!(world.refused(ask), Some(6100));
    }
}

fn load(machine: &mut Machine, id: Pubkey, name: &str) {
    let file = deploy_dir().join(name).with_extension("so");
    machine
        .svm
        .add_program_from_file(id, file)
        .expect("run `make build` first");
}

/// The native vault's deposit into a receipt that is there already.
fn native_deposit(world: &mut World) -> u64 {
    use example_vault::instruction::{deposit, initialize, vault_address};
    load(&mut world.machine, example_vault::ID, "example_vault");
    let (owner, board) = (world.owner.pubkey(), world.board());
    let vault = vault_address(&owner);
    world.must(&[initialize(&owner, &board, COMPARTMENT)]);
    world.must(&[deposit(&owner, &vault, &board, 10)]);
    world.must(&[deposit(&owner, &vault, &board, 10)]).compute_units
}

/// `meter_outflow` by a native program that keeps nothing and pays nothing.
fn native_metering(world: &mut World) -> u64 {
    let (probe, host) = (keypair("probe").pubkey(), keypair("metering host"));
    load(&mut world.machine, probe, "bulkhead_guard_probe");
    let (domain, board) = (world.protocol.domain, world.board());
    let mint = world.protocol.governance_mint;
    let args = breaker_args(mint, host.pubkey());
    let authority = world.protocol.mature(&mut world.machine, &args);
    let payer = world.machine.payer.pubkey();
    world.must(&[ix::open_breaker(authority, payer, args)]);
    // Nothing leaves in the first window.
    world.machine.warp_seconds(2 * 3_600);
    let breaker = pda::outflow_breaker(&domain, COMPARTMENT, &mint, 0);
    let now = world.machine.clock().unix_timestamp;
    let mut data = encode(op::METER, COMPARTMENT, action::WITHDRAW, now, board.as_array()).to_vec();
    data.extend(ix::meter_outflow(domain, breaker, host.pubkey(), 10).data);
    let call = Instruction {
        program_id: probe,
        accounts: vec![
            AccountMeta::new_readonly(board, false),
            AccountMeta::new(breaker, false),
            AccountMeta::new_readonly(host.pubkey(), true),
            AccountMeta::new_readonly(bulkhead::ID, false),
        ],
        data,
    };
    world.machine.send(&[call], &[&host]).expect("metered").compute_units
}

/// The exchange's withdrawal, out of custody as well.
fn anchor_release() -> u64 {
    let programs = [(bulkhead::ID, "bulkhead"), (example_exchange::ID, "example_exchange")];
    let mut machine = Machine::new(&deploy_dir(), &programs).unwrap_or_else(|error| panic!("{error}"));
    let setup = ExchangeSetup {
        name: "exchange",
        protected: true,
        vulnerable_redemption: false,
        withdraw_limit: u64::MAX,
        limit: LIMIT,
        slot_limit: SLOT_LIMIT,
        trip_limit: LIMIT,
        window_seconds: 3_600,
        upstream: None,
    };
    let exchange = Exchange::set_up(&mut machine, &setup);
    let user = keypair("user");
    machine.fund(&user.pubkey(), 1_000_000_000);
    let wallet = machine.create_associated(&exchange.mint, &user.pubkey(), 1_000);
    let steps = [
        exchange.open_margin_account(user.pubkey(), user.pubkey()),
        exchange.deposit(user.pubkey(), wallet, 100),
        exchange.withdraw(user.pubkey(), wallet, 10, 1),
    ];
    let mut last = 0;
    for step in steps {
        last = machine
            .send(&[step], &[&user])
            .expect("the exchange works")
            .compute_units;
    }
    last
}
