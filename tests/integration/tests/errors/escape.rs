//! 6720 to 6733: the escape, the end of claims and the restart gate.

use bulkhead::{
    error::BulkheadError as E,
    instructions::{ExtendClaimsArgs, RegisterEvacuationRouteArgs, ReopenArgs},
};
use bulkhead_client::instructions as ix;
use bulkhead_interface::{
    constants::{ESCAPE_SEAL_SECONDS, MIN_CLAIM_DAYS, VERSION, checkpoint_state, snapshot_source},
    layout::{CheckpointLog, Snapshot},
};
use bulkhead_testbed::{Machine, keypair};
use bulkhead_tests::{
    escaping::{CHECK, ESCAPE, check, draw, heir_account, open, open_by, set_rules, set_terms, terms},
    recovery::{LEDGER, Recovery, forge, positions},
    world,
};
use bytemuck::Zeroable;
use solana_signer::Signer;

use crate::Case;

pub const CASES: &[Case] = &[
    (E::EscapeNotSet, || {
        let (mut machine, protocol) = world();
        let recovery = Recovery::sealed(&mut machine, protocol, positions(3));
        machine.warp_seconds(ESCAPE);
        let open = open(&machine, &recovery);
        machine.send(&[open], &[])
    }),
    (E::EscapeNotDue, || {
        let (mut machine, recovery) = frozen(0, 0);
        machine.warp_seconds(ESCAPE - 1);
        let open = open(&machine, &recovery);
        machine.send(&[open], &[])
    }),
    (E::OwnStateSealed, || {
        let (mut machine, recovery) = frozen(0, 0);
        let older = checkpoint(&mut machine, &recovery, &[10], 10);
        machine.warp_seconds(ESCAPE + ESCAPE_SEAL_SECONDS);
        let open = open_by(&machine, &recovery, older);
        machine.send(&[open], &[])
    }),
    (E::NewerCheckpoint, || {
        let (mut machine, recovery) = frozen(0, 0);
        recovery.write_snapshot(&mut machine, 0);
        let older = checkpoint(&mut machine, &recovery, &[10, 20], 10);
        machine.warp_seconds(ESCAPE + ESCAPE_SEAL_SECONDS);
        let open = open_by(&machine, &recovery, older);
        machine.send(&[open], &[])
    }),
    (E::EscapeDue, || {
        let (mut machine, protocol) = world();
        set_rules(&mut machine, &protocol, ESCAPE, 0);
        let cold = machine.create_associated(&protocol.mint, &keypair("cold storage").pubkey(), 0);
        let args = RegisterEvacuationRouteArgs {
            vault: protocol.vault.vault,
            destination: cold,
        };
        let authority = protocol.mature(&mut machine, &args);
        protocol.must(&mut machine, &[ix::register_evacuation_route(authority, args)], &[]);
        let recovery = Recovery::sealed(&mut machine, protocol, positions(3));
        let protocol = &recovery.protocol;
        machine.warp_seconds(ESCAPE);
        for member in &protocol.members[..2] {
            let payer = machine.payer.pubkey();
            let confirm = ix::confirm_evacuation(protocol.domain, member.pubkey(), payer, recovery.incident);
            protocol.must(&mut machine, &[confirm], &[member]);
        }
        machine.send(&[ix::evacuate(protocol.vault, recovery.incident, cold)], &[])
    }),
    (E::InvalidClaimTerms, || {
        let (mut machine, protocol) = world();
        let args = terms(MIN_CLAIM_DAYS - 1);
        let (propose, _) = protocol.proposing(&machine, &args);
        machine.send(&[propose], &[&protocol.members[0]])
    }),
    (E::ClaimsEnded, || {
        let (mut machine, recovery) = ended();
        let leaf = recovery.tree.leaves().next().expect("it has leaves").1.key;
        recovery.claim(&mut machine, &leaf)
    }),
    (E::ClaimsStillRun, || {
        let (mut machine, recovery) = frozen(MIN_CLAIM_DAYS, 0);
        machine.warp_seconds(ESCAPE);
        let open = open(&machine, &recovery);
        recovery.protocol.must(&mut machine, &[open], &[]);
        let sweep = ix::sweep_unclaimed(recovery.keys(), heir_account(&recovery.protocol));
        machine.send(&[sweep], &[])
    }),
    (E::DeadlineNotLater, || {
        let (mut machine, recovery) = frozen(MIN_CLAIM_DAYS, 0);
        machine.warp_seconds(ESCAPE);
        let open = open(&machine, &recovery);
        recovery.protocol.must(&mut machine, &[open], &[]);
        let args = ExtendClaimsArgs {
            restoration: recovery.restoration,
            claim_days: MIN_CLAIM_DAYS,
        };
        let authority = recovery.protocol.mature(&mut machine, &args);
        machine.send(&[ix::extend_claims(authority, args)], &[])
    }),
    (E::LedgerNotCovered, || {
        let (mut machine, recovery) = escaped();
        recovery.protocol.write_total(&mut machine, u64::MAX);
        let check = check(&machine, &recovery, &[recovery.protocol.vault.vault]);
        machine.send(&[check], &[])
    }),
    (E::RestartCheckMissing, || {
        let (mut machine, recovery) = escaped();
        let args = ReopenArgs {
            incident: recovery.incident,
            ramp_bps: 10_000,
            grace_seconds: 0,
        };
        let authority = recovery.protocol.mature(&mut machine, &args);
        machine.send(&[ix::reopen(authority, args)], &[])
    }),
    (E::VaultsNotAscending, || {
        let (mut machine, recovery) = escaped();
        let vault = recovery.protocol.vault.vault;
        let check = check(&machine, &recovery, &[vault, vault]);
        machine.send(&[check], &[])
    }),
    (E::LedgerNotRestored, || {
        let (mut machine, recovery) = escaped();
        let protocol = &recovery.protocol;
        let mut incident = protocol.incident(&machine);
        incident.restored = [0; 32];
        forge(&mut machine, &recovery.incident, &incident);
        let check = check(&machine, &recovery, &[protocol.vault.vault]);
        machine.send(&[check], &[])
    }),
    (E::AuthorityStillLatched, || {
        let (mut machine, recovery) = escaped();
        let protocol = &recovery.protocol;
        let mut domain = protocol.state(&machine);
        domain.watches = 1;
        forge(&mut machine, &protocol.domain, &domain);
        let check = check(&machine, &recovery, &[protocol.vault.vault]);
        machine.send(&[check], &[])
    }),
];

/// A frozen domain with an escape, whose claims have this many days.
fn frozen(claim_days: u16, restart_check_seconds: i64) -> (Machine, Recovery) {
    let (mut machine, protocol) = world();
    set_rules(&mut machine, &protocol, ESCAPE, restart_check_seconds);
    if claim_days > 0 {
        set_terms(&mut machine, &protocol, claim_days);
    }
    let recovery = Recovery::sealed(&mut machine, protocol, positions(3));
    (machine, recovery)
}

/// A domain whose ledger has escaped, and which reopens only with a check.
fn escaped() -> (Machine, Recovery) {
    let (mut machine, recovery) = frozen(0, CHECK);
    machine.warp_seconds(ESCAPE);
    let open = open(&machine, &recovery);
    recovery.protocol.must(&mut machine, &[open], &[]);
    (machine, recovery)
}

/// A restoration whose claims have ended.
fn ended() -> (Machine, Recovery) {
    let (mut machine, recovery) = frozen(MIN_CLAIM_DAYS, 0);
    machine.warp_seconds(ESCAPE);
    let open = open(&machine, &recovery);
    recovery.protocol.must(&mut machine, &[open, draw(&recovery)], &[]);
    recovery
        .share_out(&mut machine)
        .expect("there is something to share out");
    let page = ix::open_claim_page(recovery.restoration, machine.payer.pubkey(), 0);
    recovery.protocol.must(&mut machine, &[page], &[]);
    for (_, leaf) in recovery.tree.leaves() {
        let mint = recovery.protocol.mint;
        if machine
            .account(&bulkhead_testbed::associated_token(&leaf.owner, &mint))
            .is_none()
        {
            machine.create_associated(&mint, &leaf.owner, 0);
        }
    }
    machine.warp_seconds(i64::from(MIN_CLAIM_DAYS) * 86_400);
    (machine, recovery)
}

/// Published checkpoints of these slots, and the address of the snapshot of one of them.
fn checkpoint(machine: &mut Machine, recovery: &Recovery, slots: &[u64], slot: u64) -> anchor_lang::prelude::Pubkey {
    let domain = recovery.protocol.domain;
    let mut log = CheckpointLog {
        version: VERSION,
        ledger_index: LEDGER,
        domain,
        ..CheckpointLog::zeroed()
    };
    for (entry, slot) in log.entries.iter_mut().zip(slots) {
        (entry.slot, entry.posted_slot, entry.state) = (*slot, *slot, checkpoint_state::ATTESTED);
        entry.published = u16::MAX;
    }
    forge(machine, &bulkhead_client::pda::checkpoint_log(&domain, LEDGER), &log);
    let key = bulkhead_client::pda::checkpoint_snapshot(&recovery.incident, LEDGER, slot);
    let snapshot = Snapshot {
        state: 1,
        source: snapshot_source::CHECKPOINT,
        checkpoint_slot: slot,
        ..machine.load::<Snapshot>(&recovery.snapshot)
    };
    forge(machine, &key, &snapshot);
    key
}
