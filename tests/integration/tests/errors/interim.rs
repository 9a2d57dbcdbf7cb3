//! 6700 to 6708: interim claims.

use bulkhead::error::BulkheadError as E;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{INTERIM_STOPS, restoration_flag, snapshot_state},
    layout::{Interim, Ledger, Restoration, Snapshot},
};
use bulkhead_snapshot::Position;
use bulkhead_testbed::keypair;
use bulkhead_tests::{
    interim::Shared,
    recovery::{LEDGER, Recovery, forge, positions},
    world,
};
use solana_signer::Signer;

use crate::{Case, Refusal};

pub const CASES: &[Case] = &[
    (E::InterimNotAgreed, || {
        let mut shared = frozen();
        let key = pda::ledger(&shared.keys.domain, LEDGER);
        let ledger = Ledger {
            interim_bps: 0,
            ..shared.machine.load(&key)
        };
        forge(&mut shared.machine, &key, &ledger);
        shared.open()
    }),
    (E::NotTheNewestCheckpoint, || {
        let mut shared = frozen();
        shared.keys.checkpoint = pda::checkpoint_snapshot(&shared.keys.incident, LEDGER, shared.older.0);
        shared.open()
    }),
    (E::InterimEnded, || {
        let mut shared = open();
        let void = Snapshot {
            state: snapshot_state::VOID,
            ..shared.machine.load(&shared.keys.checkpoint)
        };
        forge(&mut shared.machine, &shared.keys.checkpoint.clone(), &void);
        shared.claim(&first().key)
    }),
    (E::InterimStopped, || {
        let mut shared = open();
        stop(&mut shared)?;
        shared.claim(&first().key)
    }),
    (E::InterimListFull, || {
        let mut shared = open();
        let full = Interim {
            stop_count: u8::try_from(INTERIM_STOPS).unwrap_or(u8::MAX),
            ..shared.interim()
        };
        forge(&mut shared.machine, &shared.keys.interim(), &full);
        stop(&mut shared)
    }),
    (E::InterimProofMissing, || {
        let mut shared = open();
        shared.prove_before(&positions(4)[1].key);
        shared.claim_proved(&first().key)
    }),
    (E::InterimOwnersDiffer, || {
        let mut after = positions(4);
        after[0].owner = keypair("thief").pubkey();
        let mut shared = Shared::frozen(positions(3), positions(4), after);
        shared.share_out();
        shared.claim(&first().key)
    }),
    (E::InterimNotOver, || {
        let mut shared = open();
        let home = shared
            .machine
            .create_associated(&shared.keys.mint, &shared.keys.domain, 0);
        shared.machine.send(&[ix::return_interim(shared.keys, home)], &[])
    }),
    (E::InterimBookMissing, || {
        let (mut machine, protocol) = world();
        let recovery = Recovery::sealed(&mut machine, protocol, positions(3));
        recovery.restore(&mut machine);
        recovery.pay_out(&mut machine, 1_000);
        let plan = Restoration {
            flags: restoration_flag::AFTER_INTERIM,
            ..machine.load(&recovery.restoration)
        };
        forge(&mut machine, &recovery.restoration, &plan);
        let key = recovery.tree.leaves().next().expect("there are leaves").1.key;
        recovery.claim(&mut machine, &key)
    }),
];

fn first() -> Position {
    positions(4)[0]
}

fn frozen() -> Shared {
    Shared::frozen(positions(3), positions(4), positions(4))
}

fn open() -> Shared {
    let mut shared = frozen();
    shared.share_out();
    shared
}

fn stop(shared: &mut Shared) -> Refusal {
    let guardian = shared.recovery.protocol.members[0].insecure_clone();
    let interim = shared.keys.interim();
    let stop = ix::stop_interim_claim(shared.keys.domain, guardian.pubkey(), interim, first().key);
    shared.machine.send(&[stop], &[&guardian])
}
