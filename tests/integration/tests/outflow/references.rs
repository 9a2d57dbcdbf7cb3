//! Limits in bps of a reference.

use super::*;

#[test]
fn a_flash_loan_is_not_seen_in_either_direction() {
    let mut table = Table::new();
    table.look();
    let before = table.state();
    // Deposit, look, withdraw, and withdraw, look, deposit: each in one transaction.
    let (reference, fortune) = (table.args.reference, table.fortune);
    for (there, back) in [(fortune, reference), (reference, fortune)] {
        let attack = [
            table.transfer(&there, &back, BALANCE),
            table.observe(),
            table.transfer(&back, &there, BALANCE),
        ];
        refused(
            table.machine.send(&attack, &[&table.whale]),
            BulkheadError::NotStandalone,
        );
    }
    // Nor with anything else before or behind it.
    let payer = table.machine.payer.pubkey();
    let other = system_instruction::transfer(&payer, &fortune, 1);
    for company in [[other.clone(), table.observe()], [table.observe(), other]] {
        refused(table.machine.send(&company, &[]), BulkheadError::NotStandalone);
    }
    assert_eq!(bytemuck::bytes_of(&table.state()), bytemuck::bytes_of(&before));
    // A priority fee is no company, and neither is Bulkhead itself.
    let fee = Instruction {
        program_id: compute_budget(),
        accounts: vec![],
        data: [&[3][..], &1_000u64.to_le_bytes()].concat(),
    };
    let view = ix::view_outflow(table.protocol.domain, table.breaker);
    let sound = [fee, table.observe(), view];
    table.protocol.must(&mut table.machine, &sound, &[]);
}

#[test]
fn a_deposit_of_one_slot_raises_nothing_and_one_of_a_window_does() {
    let mut table = Table::new();
    assert_eq!(table.view().limit, 800_000, "native until the first look");
    table.look();
    assert_eq!((table.view().limit, table.view().in_slot), (100_000, 50_000));

    // The whale deposits, looks and withdraws, in transactions of their own, in every other sub-window.
    for _ in 0..10 {
        table.machine.warp_seconds(2 * SUB_WINDOW);
        table.deposit(100 * BALANCE);
        table.look();
        table.withdraw(100 * BALANCE);
        assert_eq!(table.view().limit, 100_000);
    }
    // One honest look a window undoes any number of others.
    for number in 0..12 {
        table.machine.warp_seconds(SUB_WINDOW);
        table.deposit(100 * BALANCE);
        table.look();
        table.withdraw(100 * BALANCE);
        if number % 4 == 0 {
            table.look();
        }
        assert_eq!(table.view().limit, 100_000);
    }
    table.look();
    // A deposit that stays, and is seen in every sub-window, counts after a whole window of it.
    table.deposit(BALANCE);
    let now = table.machine.clock().unix_timestamp;
    table.machine.warp_seconds(SUB_WINDOW - now % SUB_WINDOW);
    for _ in 0..4 {
        table.look();
        assert_eq!(table.view().limit, 100_000);
        table.machine.warp_seconds(SUB_WINDOW);
    }
    assert_eq!(table.view().limit, 200_000);
    // And a withdrawal at once.
    table.withdraw(2 * BALANCE);
    table.look();
    assert_eq!(table.view().limit, 0);
    assert_eq!(table.meter(1), verdict::QUEUED);
}

#[test]
fn bps_are_enforced_and_what_left_is_seen_in_them() {
    let mut table = Table::new();
    table.look();
    assert_eq!(table.meter(50_001), verdict::QUEUED, "over a slot's share");
    table.machine.warp_seconds(60);
    for _ in 0..2 {
        assert_eq!(table.meter(50_000), verdict::ALLOWED);
        table.machine.next_slot();
    }
    assert_eq!(table.meter(1), verdict::QUEUED, "over the window's share");
    let state = table.state();
    assert_eq!((state.latch.seen, state.latch.allowed), (100_001, 100_000));
}

#[test]
fn only_the_reference_itself_is_looked_at() {
    let mut table = Table::new();
    let wrong = ix::observe_reference(table.breaker, table.fortune);
    refused(table.machine.send(&[wrong], &[]), BulkheadError::ForeignAccount);
    let reference = table.args.reference;
    let sound = table.machine.account(&reference).expect("it exists");

    let mut forged = sound.clone();
    forged.owner = keypair("some program").pubkey();
    table.machine.write_account(&reference, forged);
    refused(
        table.machine.send(&[table.observe()], &[]),
        BulkheadError::ForeignAccount,
    );
    let mut other_mint = sound.clone();
    other_mint.data[..32].copy_from_slice(table.protocol.governance_mint.as_ref());
    table.machine.write_account(&reference, other_mint);
    refused(
        table.machine.send(&[table.observe()], &[]),
        BulkheadError::ForeignAccount,
    );
    let mut short = sound.clone();
    short.data.truncate(100);
    table.machine.write_account(&reference, short);
    refused(
        table.machine.send(&[table.observe()], &[]),
        BulkheadError::ForeignAccount,
    );
    assert_eq!(table.state().reference_min, UNSEEN);

    table.machine.write_account(&reference, sound);
    let mut not_the_sysvar = table.observe();
    not_the_sysvar.accounts[2].pubkey = reference;
    assert!(table.machine.send(&[not_the_sysvar], &[]).is_err());
    table.look();
    assert_eq!(table.state().reference_min, BALANCE);

    // A breaker without a reference has nothing to look at.
    let mut none = Table::with(|args| {
        (args.limit_bps, args.slot_bps, args.reference) = (0, 0, Pubkey::default());
    });
    let observe = none.observe();
    refused(none.machine.send(&[observe], &[]), BulkheadError::ForeignAccount);
}

/// A vault's breaker may take the vault's own custody as its reference: the limit follows what is there.
#[test]
fn a_vault_that_shrinks_lets_out_less() {
    let (mut machine, protocol) = world_with(&Setup {
        limit: 500_000,
        slot_limit: 500_000,
        ..Setup::default()
    });
    let user = receiver(&mut machine, &protocol, "user");
    let args = OpenBreakerArgs {
        compartment: 0,
        shard: 1,
        shards: 2,
        mint: protocol.mint,
        authority: protocol.vault.vault,
        sub_windows: 4,
        trip_scope: 0,
        window_seconds: 400,
        limit: 500_000,
        slot_limit: 500_000,
        latch_seconds: 60,
        limit_bps: 1_000,
        reference: protocol.custody(),
        ..OpenBreakerArgs::default()
    };
    let authority = protocol.mature(&mut machine, &args);
    let payer = machine.payer.pubkey();
    protocol.must(&mut machine, &[ix::open_breaker(authority, payer, args)], &[]);
    let breaker = pda::outflow_breaker(&protocol.domain, 0, &protocol.mint, 1);
    let look = ix::observe_reference(breaker, protocol.custody());
    let limit = |machine: &mut Machine| {
        protocol.must(machine, std::slice::from_ref(&look), &[]);
        let ask = ix::view_outflow(protocol.domain, breaker);
        let answer = protocol.must(machine, &[ask], &[]).return_data;
        OutflowView::try_from_slice(&padded(answer)).expect("an answer").limit
    };
    assert_eq!(limit(&mut machine), 50_000, "half of ten percent of a million");
    let outcome = protocol.release(&mut machine, user, 400_000, 1).expect("within limits");
    assert_eq!(outcome.return_data, [verdict::ALLOWED]);
    assert_eq!(limit(&mut machine), 30_000);
}
