//! A cancelled withdrawal goes back to the ledger of the real example exchange, to the unit, and to whoever was debited.

use bulkhead::{error::BulkheadError, instructions::RegisterLedgerArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::layout::Vault;
use bulkhead_testbed::{Exchange, ExchangeSetup, Machine, deploy_dir, keypair, must, refused};
use example_exchange::{error::ExchangeError, state::Exchange as State};
use solana_keypair::Keypair;
use solana_signer::Signer;

const LIMIT: u64 = 100_000;

fn exchange() -> (Machine, Exchange) {
    let programs = [(bulkhead::ID, "bulkhead"), (example_exchange::ID, "example_exchange")];
    let mut machine = Machine::new(&deploy_dir(), &programs).unwrap_or_else(|error| panic!("{error}"));
    let setup = ExchangeSetup {
        name: "restoring",
        protected: true,
        vulnerable_redemption: false,
        withdraw_limit: u64::MAX,
        limit: LIMIT,
        slot_limit: LIMIT,
        trip_limit: 100 * LIMIT,
        window_seconds: 3_600,
        upstream: None,
    };
    let exchange = Exchange::set_up(&mut machine, &setup);
    (machine, exchange)
}

fn user(machine: &mut Machine, exchange: &Exchange, name: &str, tokens: u64) -> Keypair {
    let key = keypair(name);
    machine.fund(&key.pubkey(), 1_000_000_000);
    let wallet = machine.create_associated(&exchange.mint, &key.pubkey(), tokens);
    let open = exchange.open_margin_account(key.pubkey(), key.pubkey());
    let deposit = exchange.deposit(key.pubkey(), wallet, tokens);
    must(machine.send(&[open, deposit], &[&key]));
    key
}

/// What the exchange owes, what the queue is owed, and what custody holds.
fn books(machine: &Machine, exchange: &Exchange) -> (u64, u64, u64) {
    let vault = exchange.protocol.as_ref().expect("protected").vault.vault;
    (
        machine.load::<State>(&exchange.key).total_deposits,
        machine.load::<Vault>(&vault).queued,
        machine.balance(&exchange.tokens),
    )
}

#[test]
fn a_cancelled_withdrawal_is_a_deposit_again_and_the_books_fit_to_the_unit() {
    let (mut machine, exchange) = exchange();
    let protocol = exchange.protocol.as_ref().expect("protected");
    let vault = protocol.vault.vault;
    // By a proposal, as in a domain that operates.
    let args = RegisterLedgerArgs::of_queue(7, &vault, &exchange.mint);
    let authority = protocol.mature(&mut machine, &args);
    let register = ix::register_ledger(authority, machine.payer.pubkey(), args, &[0]);
    protocol.must(&mut machine, &[register], &[]);

    let alice = user(&mut machine, &exchange, "alice", 500_000);
    let bob = user(&mut machine, &exchange, "bob", 300_000);
    // The notes of their deposits end first.
    machine.warp_seconds(3 * 3_600);
    let wallet = bulkhead_testbed::associated_token(&alice.pubkey(), &exchange.mint);
    let withdraw = exchange.withdraw(alice.pubkey(), wallet, 250_000, 1);
    must(machine.send(&[withdraw], &[&alice]));
    assert_eq!(books(&machine, &exchange), (550_000, 250_000, 800_000));
    let record = pda::release_of(&vault, &alice.pubkey(), 1);
    let payer = alice.pubkey();

    let restore = exchange.restore_withdrawal(alice.pubkey(), record, payer);
    refused(
        machine.send(std::slice::from_ref(&restore), &[]),
        BulkheadError::ReleaseNotCancelled,
    );
    machine.next_slot();
    let incident = protocol.freeze(&mut machine);
    let guardian = &protocol.members[0];
    let cancel = ix::cancel_release(protocol.domain, guardian.pubkey(), incident, vault, record);
    protocol.must(&mut machine, &[cancel], &[guardian]);
    assert_eq!(books(&machine, &exchange), (550_000, 0, 800_000), "nobody is owed it");
    // To nobody but whom it was debited from, although the exchange is closed.
    let to_bob = exchange.restore_withdrawal(bob.pubkey(), record, payer);
    refused(machine.send(&[to_bob], &[]), ExchangeError::NotTheOwner);
    machine.next_slot();
    must(machine.send(std::slice::from_ref(&restore), &[]));
    assert_eq!(books(&machine, &exchange), (800_000, 0, 800_000));
    machine.next_slot();
    assert!(machine.send(&[restore], &[]).is_err(), "once");
    assert_eq!(books(&machine, &exchange), (800_000, 0, 800_000));
}
