//! Checkpoints of shares: compared with the host's total at the rate of their slot, and the way that is left when the
//! account of the rate is gone.

use anchor_lang::prelude::Pubkey;
use bulkhead::{error::BulkheadError, instructions::PostCheckpointArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::layout::Ledger;
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Failure, Outcome, Protocol, Setup, associated_token};
use bulkhead_tests::{
    checkpoints::{Watched, leaf_of, rules, statement},
    machine,
    recovery::{LEDGER, owner},
    refused,
};
use solana_account::Account;
use solana_instruction::AccountMeta;
use solana_signer::Signer;

use crate::{
    factors::{bank, in_shares},
    key, named,
};

const RATE: u64 = 7;

fn write_rate(watched: &mut Watched, rate: u64) {
    let data = [&[0; 8][..], &u128::from(rate).to_le_bytes()].concat();
    let Watched { machine, protocol, .. } = watched;
    protocol.write_host_account(machine, &bank(), data);
}

/// Three positions of 10, 11 and 12 shares, and a log of their ledger.
fn watched() -> Watched {
    let mut machine = machine();
    let setup = Setup {
        activate: false,
        ledger: false,
        ..Setup::default()
    };
    let protocol = Protocol::set_up(&mut machine, &setup);
    let log = pda::checkpoint_log(&protocol.domain, LEDGER);
    let mut watched = Watched { machine, protocol, log };
    write_rate(&mut watched, RATE);
    let Watched { machine, protocol, .. } = &mut watched;
    let setup_authority = &protocol.setup_authority;
    let authority = ix::Authority {
        signer: setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let mut args = in_shares(protocol);
    args.index = LEDGER;
    let payer = machine.payer.pubkey();
    for step in [
        ix::register_ledger(authority, payer, args, &[]),
        ix::activate_domain(setup_authority.pubkey()),
    ] {
        protocol.must(machine, &[step], &[setup_authority]);
    }
    for number in 0..3 {
        protocol.write_position(
            machine,
            &key(number),
            &owner(number.into()).pubkey(),
            10 + u64::from(number),
        );
    }
    protocol.write_total(machine, 33);
    let authority = protocol.mature(machine, &rules());
    let open = ix::open_checkpoint_log(authority, payer, rules());
    protocol.must(machine, &[open], &[]);
    watched
}

fn worth(rate: u64) -> Vec<Position> {
    let position = |number: u8| Position {
        key: key(number),
        owner: owner(number.into()).pubkey(),
        amount: rate * (10 + u64::from(number)),
    };
    (0..3).map(position).collect()
}

/// `post_checkpoint` by member 0, with these accounts behind its own.
fn post(watched: &mut Watched, args: PostCheckpointArgs, factors: &[Pubkey]) -> Result<Outcome, Failure> {
    let mut post = watched.posting(0, args);
    let metas = factors.iter().map(|key| AccountMeta::new_readonly(*key, false));
    post.accounts.extend(metas);
    watched.machine.send(&[post], &[&watched.protocol.members[0]])
}

/// A checkpoint of the positions at this rate, attested by two.
fn attested(watched: &mut Watched, rate: u64) -> (u64, bulkhead_snapshot::Tree) {
    let slot = watched.slot();
    let tree = watched.tree(slot, worth(rate));
    let args = statement(slot, tree.root(), tree.roots());
    post(watched, args, &[bank()]).expect("it is what the host says");
    watched.attest(1, slot).expect("another agrees");
    (slot, tree)
}

#[test]
fn a_checkpoint_of_shares_is_compared_at_the_rate_of_its_slot() {
    use BulkheadError::{CheckpointTotalDiffers, FactorUnreadable, LinkedAccountMissing};
    let mut watched = watched();
    let said = |watched: &mut Watched, rate: u64| {
        let slot = watched.slot();
        let tree = watched.tree(slot, worth(rate));
        statement(slot, tree.root(), tree.roots())
    };
    let ledger: Ledger = watched.machine.load(&pda::ledger(&watched.protocol.domain, LEDGER));
    let args = said(&mut watched, RATE);
    // As the client builds it.
    let built = ix::with_factors(watched.posting(0, args.clone()), &ledger);
    assert_eq!(built.accounts.last().map(|meta| meta.pubkey), Some(bank()));
    refused(post(&mut watched, args.clone(), &[]), LinkedAccountMissing);
    let sound = watched.machine.account(&bank()).expect("written");
    watched.machine.write_account(&named("thief's bank"), sound.clone());
    refused(
        post(&mut watched, args.clone(), &[named("thief's bank")]),
        LinkedAccountMissing,
    );
    // In shares it would be a seventh of what the host owes.
    let shares = said(&mut watched, 1);
    refused(post(&mut watched, shares, &[bank()]), CheckpointTotalDiffers);
    // Whoever posts after the interest states it.
    write_rate(&mut watched, RATE + 1);
    let stale = said(&mut watched, RATE);
    refused(post(&mut watched, stale, &[bank()]), CheckpointTotalDiffers);
    watched.machine.write_account(&bank(), Account::default());
    let gone = said(&mut watched, RATE);
    refused(post(&mut watched, gone, &[bank()]), FactorUnreadable);
    watched.machine.write_account(&bank(), sound);
    attested(&mut watched, RATE);
}

/// Interest moves every leaf, so a leaf that differs from the account as it is now proves nothing.
#[test]
fn checkpoints_of_a_linked_ledger_are_neither_disputed_nor_sampled() {
    let mut watched = watched();
    let (slot, tree) = attested(&mut watched, RATE);
    let evidence = watched.prove(leaf_of(slot, &tree, &key(0))).expect("it is a leaf");
    let dispute = watched.disputing(evidence);
    refused(watched.machine.send(&[dispute], &[]), BulkheadError::WrongLedgerMode);
    let (domain, payer) = (watched.protocol.domain, watched.machine.payer.pubkey());
    let now = watched.machine.clock().slot;
    let sample = ix::sample_position(domain, payer, LEDGER, now, key(0));
    refused(watched.machine.send(&[sample], &[]), BulkheadError::WrongLedgerMode);
}

/// To jam: close the account of the rate. No snapshot opens, and the holders are paid by a checkpoint from before.
#[test]
fn without_the_rate_a_checkpoint_from_before_is_restored() {
    let mut watched = watched();
    let (slot, tree) = attested(&mut watched, RATE);
    watched.machine.write_account(&bank(), Account::default());
    let (mut machine, recovery) = watched.into_recovery(slot, tree);
    let ledger: Ledger = machine.load(&pda::ledger(&recovery.protocol.domain, LEDGER));
    let payer = machine.payer.pubkey();
    let open = ix::open_snapshot_of(recovery.protocol.domain, payer, recovery.incident, &ledger);
    refused(machine.send(&[open], &[]), BulkheadError::FactorUnreadable);
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, 33 * RATE);
    for leaf in worth(RATE) {
        recovery.claim(&mut machine, &leaf.key).expect("the holder's");
        let paid = machine.balance(&associated_token(&leaf.owner, &recovery.protocol.mint));
        assert_eq!(paid, leaf.amount);
    }
    assert_eq!(machine.balance(&recovery.pool()), 0);
}
