//! A seal by a proposal that states the difference: for a host whose total is wrong, and for nothing else.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{OverrideSealArgs, RegisterLedgerArgs, ResumeArgs, TotalConfig},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::merkle;
use bulkhead_interface::{
    constants::{phase, snapshot_flag, snapshot_state, step},
    layout::Incident,
};
use bulkhead_testbed::{DELAY_SECONDS, keypair};
use bulkhead_tests::{held::Held, refused};
use solana_signer::Signer;

use crate::{SHARD, key, owner, scale};

const PACKET: usize = 1_232;

/// Three positions of 100, 200 and 300, read; the host says `total`.
fn short_of(total: u64) -> (Held, Vec<Pubkey>) {
    let mut held = Held::reading(|protocol| protocol.ledger_args(1));
    for number in 0..3u8 {
        let amount = 100 * (1 + u64::from(number));
        held.protocol
            .write_position(&mut held.machine, &key(number), &owner(number), amount);
    }
    held.protocol.write_total(&mut held.machine, total);
    let shards = held.crank(&[key(0), key(1), key(2)]);
    (held, shards)
}

#[test]
fn the_difference_that_was_stated_is_sealed_and_stays_visible() {
    for (host_total, excess, shortfall) in [(593, 7, 0), (611, 0, 11), (600, 0, 0), (0, 600, 0)] {
        let (mut held, shards) = short_of(host_total);
        let args = held.stated(&shards, host_total);
        assert_eq!((args.total, args.count), (600, 3));
        let authority = held.mature(&args);
        let outcome = held.must(held.override_seal(authority, &shards, args.clone()));
        let sealed = held.snapshot();
        assert_eq!(
            (sealed.state, sealed.flags),
            (snapshot_state::SEALED, snapshot_flag::OVERRIDDEN)
        );
        assert_eq!((sealed.excess, sealed.shortfall), (excess, shortfall));
        assert_eq!((sealed.root, sealed.total, sealed.count), (args.root, 600, 3));
        let incident: Incident = held.machine.load(&held.incident);
        assert_eq!(incident.steps[step::SNAPSHOT].slot, sealed.sealed_slot);
        assert!(outcome.compute_units < 200_000, "{}", outcome.compute_units);
        // Once, and its shards take no more.
        refused(
            held.send(held.override_seal(authority, &shards, args)),
            BulkheadError::ProposalNotOpen,
        );
        refused(held.send(held.seal(&shards)), BulkheadError::SnapshotSealed);
        refused(held.send(held.ingest(SHARD, &[key(2)])), BulkheadError::SnapshotSealed);
        // From here on it is a candidate like any other.
        let (domain, member, payer) = (
            held.protocol.domain,
            held.protocol.members[0].insecure_clone(),
            held.machine.payer.pubkey(),
        );
        let ballot = pda::ballot(&held.incident, 1);
        let open = ix::open_ballot(domain, member.pubkey(), payer, held.incident, 1);
        let add = ix::add_candidate(domain, member.pubkey(), ballot, held.snapshot);
        held.protocol.must(&mut held.machine, &[open, add], &[&member]);
    }
}

#[test]
fn a_seal_that_agrees_leaves_no_flag() {
    let (mut held, shards) = short_of(600);
    held.must(held.seal(&shards));
    let sealed = held.snapshot();
    assert_eq!((sealed.flags, sealed.excess, sealed.shortfall), (0, 0, 0));
}

#[test]
fn nothing_but_what_was_stated_is_sealed() {
    let (mut held, shards) = short_of(593);
    let args = held.stated(&shards, 593);
    let authority = held.mature(&args);
    // Other arguments than were approved.
    let spoil: [fn(&mut OverrideSealArgs); 4] = [
        |args| args.root[0] ^= 1,
        |args| args.total += 1,
        |args| args.count += 1,
        |args| args.max_excess -= 1,
    ];
    for spoil in spoil {
        let mut other = args.clone();
        spoil(&mut other);
        refused(
            held.send(held.override_seal(authority, &shards, other.clone())),
            BulkheadError::PayloadMismatch,
        );
        // And approved, they are not what the shards give.
        let authority = held.mature(&other);
        refused(
            held.send(held.override_seal(authority, &shards, other)),
            BulkheadError::OverrideMismatch,
        );
    }
    // Other shards than were looked at: none, and those of a cranker who has skipped somebody.
    refused(
        held.send(held.override_seal(authority, &[], args.clone())),
        BulkheadError::OverrideMismatch,
    );
    let honest = std::mem::replace(&mut held.cranker, keypair("swapper"));
    held.must(held.open_shard(SHARD));
    held.must(held.ingest(SHARD, &[key(0), key(2)]));
    let swapped = held.shard(SHARD);
    refused(
        held.send(held.override_seal(authority, &[swapped], args.clone())),
        BulkheadError::OverrideMismatch,
    );
    refused(
        held.send(held.override_seal(authority, &[shards[0], swapped], args.clone())),
        BulkheadError::ShardsNotAscending,
    );
    held.cranker = honest;
    // The host's total has moved since.
    held.protocol.write_total(&mut held.machine, 592);
    refused(
        held.send(held.override_seal(authority, &shards, args.clone())),
        BulkheadError::OverrideMismatch,
    );
    held.protocol.write_total(&mut held.machine, 593);
    held.must(held.override_seal(authority, &shards, args));
}

#[test]
fn it_takes_a_matured_proposal_of_its_kind() {
    let (mut held, shards) = short_of(593);
    let args = held.stated(&shards, 593);
    let payer = held.machine.payer.pubkey();
    let domain = held.protocol.domain;
    let nobody = |proposal| ix::Authority {
        signer: payer,
        domain,
        proposal,
    };
    refused(
        held.send(held.override_seal(nobody(None), &shards, args.clone())),
        BulkheadError::ProposalRequired,
    );
    held.machine.next_slot();
    let proposal = held.protocol.propose(&mut held.machine, &args);
    let run = held.override_seal(nobody(Some(proposal)), &shards, args.clone());
    refused(held.send(run.clone()), BulkheadError::NotApproved);
    for member in 0..2 {
        let approve = held.protocol.approve(&held.machine, &proposal, member);
        let member = held.protocol.members[member].insecure_clone();
        held.protocol.must(&mut held.machine, &[approve], &[&member]);
    }
    refused(held.send(run.clone()), BulkheadError::DelayNotPassed);
    held.machine.warp_seconds(DELAY_SECONDS - 1);
    refused(held.send(run.clone()), BulkheadError::DelayNotPassed);
    held.machine.warp_seconds(1);
    // The namespace key has no say any more.
    let namespace = held.protocol.namespace.insecure_clone();
    let by_namespace = held.override_seal(
        ix::Authority {
            signer: namespace.pubkey(),
            domain,
            proposal: None,
        },
        &shards,
        args,
    );
    refused(
        held.machine.send(&[by_namespace], &[&namespace]),
        BulkheadError::ProposalRequired,
    );
    held.must(run);
}

#[test]
fn it_is_of_one_snapshot_and_only_while_that_is_held() {
    let (mut held, shards) = short_of(593);
    let args = held.stated(&shards, 593);
    let authority = held.mature(&args);
    let run = held.override_seal(authority, &shards, args);
    let (old_incident, old_snapshot) = (held.incident, held.snapshot);
    let resume = ResumeArgs {
        incident: held.incident,
    };
    let by = held.protocol.mature(&mut held.machine, &resume);
    held.must(ix::resume(by, resume));
    assert_eq!(held.protocol.state(&held.machine).state, phase::OPERATING);
    refused(held.send(run.clone()), BulkheadError::WrongPhase);
    held.hold_again();
    assert_ne!((held.incident, held.snapshot), (old_incident, old_snapshot));
    refused(held.send(run.clone()), BulkheadError::TightenedSince);
    // Nor is the new incident's snapshot sealed by it, or by the old one's shards.
    let mut moved = run;
    for meta in &mut moved.accounts {
        if meta.pubkey == old_snapshot {
            meta.pubkey = held.snapshot;
        } else if meta.pubkey == old_incident {
            meta.pubkey = held.incident;
        }
    }
    refused(held.send(moved), BulkheadError::ForeignAccount);
    let args = OverrideSealArgs {
        snapshot: held.snapshot,
        ..held.stated(&shards, 593)
    };
    let authority = held.mature(&args);
    refused(
        held.send(held.override_seal(authority, &shards, args)),
        BulkheadError::ForeignAccount,
    );
}

/// A robbed host may have lost its total, or have nonsense in it.
#[test]
fn a_total_that_is_gone_or_absurd_stops_nobody() {
    let (mut held, shards) = short_of(600);
    let total = held.protocol.total_account;
    let genuine = held.machine.account(&total).expect("written");
    let mut short = genuine.clone();
    short.data.truncate(7);
    let mut foreign = genuine;
    foreign.owner = keypair("another program").pubkey();
    for forged in [short, foreign] {
        held.machine.write_account(&total, forged);
        refused(held.send(held.seal(&shards)), BulkheadError::TotalUnreadable);
    }
    let args = held.stated(&shards, 0);
    let authority = held.mature(&args);
    held.must(held.override_seal(authority, &shards, args));
    assert_eq!((held.snapshot().excess, held.snapshot().shortfall), (600, 0));

    // 128 bits, all ones, in a unit of the host's.
    let mut held = Held::in_set_up();
    let put = |held: &mut Held, byte| {
        let total = held.protocol.total_account;
        held.protocol
            .write_host_account(&mut held.machine, &total, vec![byte; 16]);
    };
    put(&mut held, 0);
    let plain = held.protocol.ledger_args(1);
    let args = RegisterLedgerArgs {
        scale: scale(1, 2, 0),
        total: TotalConfig {
            width: 16,
            ..plain.total.clone()
        },
        ..plain
    };
    held.register(args).expect("it can be read");
    held.hold();
    put(&mut held, 0xff);
    held.protocol.write_position(&mut held.machine, &key(0), &owner(0), 9);
    let shards = held.crank(&[key(0)]);
    let args = held.stated(&shards, u64::MAX);
    let authority = held.mature(&args);
    held.must(held.override_seal(authority, &shards, args));
    assert_eq!(held.snapshot().shortfall, u64::MAX - 4);
    // A total in the host's unit is compared in native units.
    assert_eq!(held.snapshot().total, 4);
}

#[test]
fn all_sixteen_shards_fit_one_transaction() {
    let mut held = Held::reading(|protocol| protocol.ledger_args(1));
    let keys: Vec<_> = (0..16u8)
        .map(|number| {
            let mut key = [number + 1; 32];
            key[0] = number << 4;
            Pubkey::new_from_array(key)
        })
        .collect();
    for key in &keys {
        held.protocol.write_position(&mut held.machine, key, &owner(0), 5);
    }
    let shards = held.crank(&keys);
    assert_eq!(shards.len(), 16);
    assert!((0..16).all(|number| merkle::shard_of(keys[usize::from(number)].as_array()) == number));
    let args = held.stated(&shards, 0);
    let authority = held.mature(&args);
    let run = held.override_seal(authority, &shards, args);
    let transaction = held.machine.sign(std::slice::from_ref(&run), &[]);
    let bytes = 1 + 64 * transaction.signatures.len() + transaction.message_data().len();
    assert!(bytes <= PACKET, "{bytes}");
    held.must(run);
    assert_eq!(held.snapshot().excess, 80);
}
