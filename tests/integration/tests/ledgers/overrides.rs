//! A seal by a proposal that states the difference: for a host whose total is wrong, and for nothing else.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{OverrideSealArgs, RegisterLedgerArgs, ResumeArgs, TotalConfig},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::snapshots::merkle;
use bulkhead_interface::{
    constants::{phase, snapshot_flag, snapshot_state, step},
    layout::Incident,
};
use bulkhead_testbed::{DELAY_SECONDS, keypair};
use bulkhead_tests::{frozen::Frozen, refused};
use solana_signer::Signer;

use crate::{SHARD, key, owner, scale};

const PACKET: usize = 1_232;

/// Three positions of 100, 200 and 300, read; the host says `total`.
fn short_of(total: u64) -> (Frozen, Vec<Pubkey>) {
    let mut frozen = Frozen::reading(|protocol| protocol.ledger_args(1));
    for number in 0..3u8 {
        let amount = 100 * (1 + u64::from(number));
        frozen
            .protocol
            .write_position(&mut frozen.machine, &key(number), &owner(number), amount);
    }
    frozen.protocol.write_total(&mut frozen.machine, total);
    let shards = frozen.crank(&[key(0), key(1), key(2)]);
    (frozen, shards)
}

#[test]
fn the_difference_that_was_stated_is_sealed_and_stays_visible() {
    for (host_total, excess, shortfall) in [(593, 7, 0), (611, 0, 11), (600, 0, 0), (0, 600, 0)] {
        let (mut frozen, shards) = short_of(host_total);
        let args = frozen.stated(&shards, host_total);
        assert_eq!((args.total, args.count), (600, 3));
        let authority = frozen.mature(&args);
        let outcome = frozen.must(frozen.override_seal(authority, &shards, args.clone()));
        let sealed = frozen.snapshot();
        assert_eq!(
            (sealed.state, sealed.flags),
            (snapshot_state::SEALED, snapshot_flag::OVERRIDDEN)
        );
        assert_eq!((sealed.excess, sealed.shortfall), (excess, shortfall));
        assert_eq!((sealed.root, sealed.total, sealed.count), (args.root, 600, 3));
        let incident: Incident = frozen.machine.load(&frozen.incident);
        assert_eq!(incident.steps[step::SNAPSHOT].slot, sealed.sealed_slot);
        assert!(outcome.compute_units < 200_000, "{}", outcome.compute_units);
        // Once, and its shards take no more.
        refused(
            frozen.send(frozen.override_seal(authority, &shards, args)),
            BulkheadError::ProposalNotOpen,
        );
        refused(frozen.send(frozen.seal(&shards)), BulkheadError::SnapshotSealed);
        refused(
            frozen.send(frozen.ingest(SHARD, &[key(2)])),
            BulkheadError::SnapshotSealed,
        );
        // From here on it is a candidate like any other.
        let (domain, member, payer) = (
            frozen.protocol.domain,
            frozen.protocol.members[0].insecure_clone(),
            frozen.machine.payer.pubkey(),
        );
        let ballot = pda::ballot(&frozen.incident, 1);
        let open = ix::open_ballot(domain, member.pubkey(), payer, frozen.incident, 1);
        let add = ix::add_candidate(domain, member.pubkey(), ballot, frozen.snapshot);
        frozen.protocol.must(&mut frozen.machine, &[open, add], &[&member]);
    }
}

#[test]
fn a_seal_that_agrees_leaves_no_flag() {
    let (mut frozen, shards) = short_of(600);
    frozen.must(frozen.seal(&shards));
    let sealed = frozen.snapshot();
    assert_eq!((sealed.flags, sealed.excess, sealed.shortfall), (0, 0, 0));
}

#[test]
fn nothing_but_what_was_stated_is_sealed() {
    let (mut frozen, shards) = short_of(593);
    let args = frozen.stated(&shards, 593);
    let authority = frozen.mature(&args);
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
            frozen.send(frozen.override_seal(authority, &shards, other.clone())),
            BulkheadError::PayloadMismatch,
        );
        // And approved, they are not what the shards give.
        let authority = frozen.mature(&other);
        refused(
            frozen.send(frozen.override_seal(authority, &shards, other)),
            BulkheadError::OverrideMismatch,
        );
    }
    // Other shards than were looked at: none, and those of a cranker who has skipped somebody.
    refused(
        frozen.send(frozen.override_seal(authority, &[], args.clone())),
        BulkheadError::OverrideMismatch,
    );
    let honest = std::mem::replace(&mut frozen.cranker, keypair("swapper"));
    frozen.must(frozen.open_shard(SHARD));
    frozen.must(frozen.ingest(SHARD, &[key(0), key(2)]));
    let swapped = frozen.shard(SHARD);
    refused(
        frozen.send(frozen.override_seal(authority, &[swapped], args.clone())),
        BulkheadError::OverrideMismatch,
    );
    refused(
        frozen.send(frozen.override_seal(authority, &[shards[0], swapped], args.clone())),
        BulkheadError::ShardsNotAscending,
    );
    frozen.cranker = honest;
    // The host's total has moved since.
    frozen.protocol.write_total(&mut frozen.machine, 592);
    refused(
        frozen.send(frozen.override_seal(authority, &shards, args.clone())),
        BulkheadError::OverrideMismatch,
    );
    frozen.protocol.write_total(&mut frozen.machine, 593);
    frozen.must(frozen.override_seal(authority, &shards, args));
}

#[test]
fn it_takes_a_matured_proposal_of_its_kind() {
    let (mut frozen, shards) = short_of(593);
    let args = frozen.stated(&shards, 593);
    let payer = frozen.machine.payer.pubkey();
    let domain = frozen.protocol.domain;
    let nobody = |proposal| ix::Authority {
        signer: payer,
        domain,
        proposal,
    };
    refused(
        frozen.send(frozen.override_seal(nobody(None), &shards, args.clone())),
        BulkheadError::ProposalRequired,
    );
    frozen.machine.next_slot();
    let proposal = frozen.protocol.propose(&mut frozen.machine, &args);
    let run = frozen.override_seal(nobody(Some(proposal)), &shards, args.clone());
    refused(frozen.send(run.clone()), BulkheadError::NotApproved);
    for member in 0..2 {
        let approve = frozen.protocol.approve(&frozen.machine, &proposal, member);
        let member = frozen.protocol.members[member].insecure_clone();
        frozen.protocol.must(&mut frozen.machine, &[approve], &[&member]);
    }
    refused(frozen.send(run.clone()), BulkheadError::DelayNotPassed);
    frozen.machine.warp_seconds(DELAY_SECONDS - 1);
    refused(frozen.send(run.clone()), BulkheadError::DelayNotPassed);
    frozen.machine.warp_seconds(1);
    // The setup authority has no say any more.
    let setup_authority = frozen.protocol.setup_authority.insecure_clone();
    let by_setup_authority = frozen.override_seal(
        ix::Authority {
            signer: setup_authority.pubkey(),
            domain,
            proposal: None,
        },
        &shards,
        args,
    );
    refused(
        frozen.machine.send(&[by_setup_authority], &[&setup_authority]),
        BulkheadError::ProposalRequired,
    );
    frozen.must(run);
}

#[test]
fn it_is_of_one_snapshot_and_only_while_that_is_frozen() {
    let (mut frozen, shards) = short_of(593);
    let args = frozen.stated(&shards, 593);
    let authority = frozen.mature(&args);
    let run = frozen.override_seal(authority, &shards, args);
    let (old_incident, old_snapshot) = (frozen.incident, frozen.snapshot);
    let resume = ResumeArgs {
        incident: frozen.incident,
    };
    let by = frozen.protocol.mature(&mut frozen.machine, &resume);
    frozen.must(ix::resume(by, resume));
    assert_eq!(frozen.protocol.state(&frozen.machine).state, phase::OPERATING);
    refused(frozen.send(run.clone()), BulkheadError::WrongPhase);
    frozen.freeze_again();
    assert_ne!((frozen.incident, frozen.snapshot), (old_incident, old_snapshot));
    refused(frozen.send(run.clone()), BulkheadError::TightenedSince);
    // Nor is the new incident's snapshot sealed by it, or by the old one's shards.
    let mut moved = run;
    for meta in &mut moved.accounts {
        if meta.pubkey == old_snapshot {
            meta.pubkey = frozen.snapshot;
        } else if meta.pubkey == old_incident {
            meta.pubkey = frozen.incident;
        }
    }
    refused(frozen.send(moved), BulkheadError::ForeignAccount);
    let args = OverrideSealArgs {
        snapshot: frozen.snapshot,
        ..frozen.stated(&shards, 593)
    };
    let authority = frozen.mature(&args);
    refused(
        frozen.send(frozen.override_seal(authority, &shards, args)),
        BulkheadError::ForeignAccount,
    );
}

/// An exploited host may have lost its total, or have nonsense in it.
#[test]
fn a_total_that_is_gone_or_absurd_stops_nobody() {
    let (mut frozen, shards) = short_of(600);
    let total = frozen.protocol.total_account;
    let genuine = frozen.machine.account(&total).expect("written");
    let mut short = genuine.clone();
    short.data.truncate(7);
    let mut foreign = genuine;
    foreign.owner = keypair("another program").pubkey();
    for forged in [short, foreign] {
        frozen.machine.write_account(&total, forged);
        refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalUnreadable);
    }
    let args = frozen.stated(&shards, 0);
    let authority = frozen.mature(&args);
    frozen.must(frozen.override_seal(authority, &shards, args));
    assert_eq!((frozen.snapshot().excess, frozen.snapshot().shortfall), (600, 0));

    // 128 bits, all ones, in a unit of the host's.
    let mut frozen = Frozen::in_set_up();
    let put = |frozen: &mut Frozen, byte| {
        let total = frozen.protocol.total_account;
        frozen
            .protocol
            .write_host_account(&mut frozen.machine, &total, vec![byte; 16]);
    };
    put(&mut frozen, 0);
    let plain = frozen.protocol.ledger_args(1);
    let args = RegisterLedgerArgs {
        scale: scale(1, 2, 0),
        total: TotalConfig {
            width: 16,
            ..plain.total.clone()
        },
        ..plain
    };
    frozen.register(args).expect("it can be read");
    frozen.freeze();
    put(&mut frozen, 0xff);
    frozen
        .protocol
        .write_position(&mut frozen.machine, &key(0), &owner(0), 9);
    let shards = frozen.crank(&[key(0)]);
    let args = frozen.stated(&shards, u64::MAX);
    let authority = frozen.mature(&args);
    frozen.must(frozen.override_seal(authority, &shards, args));
    assert_eq!(frozen.snapshot().shortfall, u64::MAX - 4);
    // A total in the host's unit is compared in native units.
    assert_eq!(frozen.snapshot().total, 4);
}

#[test]
fn all_sixteen_shards_fit_one_transaction() {
    let mut frozen = Frozen::reading(|protocol| protocol.ledger_args(1));
    let keys: Vec<_> = (0..16u8)
        .map(|number| {
            let mut key = [number + 1; 32];
            key[0] = number << 4;
            Pubkey::new_from_array(key)
        })
        .collect();
    for key in &keys {
        frozen.protocol.write_position(&mut frozen.machine, key, &owner(0), 5);
    }
    let shards = frozen.crank(&keys);
    assert_eq!(shards.len(), 16);
    assert!((0..16).all(|number| merkle::shard_of(keys[usize::from(number)].as_array()) == number));
    let args = frozen.stated(&shards, 0);
    let authority = frozen.mature(&args);
    let run = frozen.override_seal(authority, &shards, args);
    let transaction = frozen.machine.sign(std::slice::from_ref(&run), &[]);
    let bytes = 1 + 64 * transaction.signatures.len() + transaction.message_data().len();
    assert!(bytes <= PACKET, "{bytes}");
    frozen.must(run);
    assert_eq!(frozen.snapshot().excess, 80);
}
