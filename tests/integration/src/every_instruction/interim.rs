//! Interim claims: agreed, opened, funded, claimed, stopped, returned.

use super::*;
use crate::interim::{Shared, rule};
use bulkhead_interface::constants::proved;

pub(super) fn visit(visitor: &mut dyn Visitor) {
    agreed(visitor);
    let positions = positions(64);
    let mut shared = Shared::frozen(positions[..60].to_vec(), positions.clone(), positions.clone());
    let (keys, payer) = (shared.keys, shared.machine.payer.pubkey());
    let first = positions[0];
    let proof = Shared::proof(&shared.before.1, &first.key, 0);
    let (claim, args) = shared.prepare(&first.key);
    shared.machine.create_associated(&keys.mint, &first.owner, 0);
    let home = shared.machine.create_associated(&keys.mint, &keys.domain, 0);
    let Shared { machine, recovery, .. } = shared;
    let mut bench = Bench {
        visitor,
        machine,
        protocol: recovery.protocol,
    };
    bench.row("open_interim", ix::open_interim(keys, payer), &[]);
    let from = (bench.protocol.vault.vault, bench.protocol.custody());
    bench.row("fund_interim", ix::fund_interim(keys, Some(from)), &[]);
    for (row, of) in [
        ("open_interim_page", proved::SNAPSHOT),
        ("open_interim_page_checkpoint", proved::CHECKPOINT),
    ] {
        bench.row(row, ix::open_interim_page(keys, payer, of, 0), &[]);
    }
    let prove = ix::prove_interim_leaf(keys.interim(), keys.checkpoint, payer, proof);
    bench.row("prove_interim_leaf", prove.clone(), &[]);
    // The prover's account is there now.
    bench.row("prove_interim_leaf_again", prove, &[]);
    bench.row("claim_interim", ix::claim_interim(keys, claim, args), &[]);
    let guardian = bench.member(0);
    let stop = ix::stop_interim_claim(keys.domain, guardian.pubkey(), keys.interim(), positions[1].key);
    bench.row("stop_interim_claim", stop, &[&guardian]);
    let close = ix::close_interim_proof(keys.interim(), payer);
    bench.row("close_interim_proof", close, &[]);
    let resume = ResumeArgs {
        incident: keys.incident,
    };
    bench.machine.next_slot();
    let authority = bench.protocol.mature(&mut bench.machine, &resume);
    bench.send(ix::resume(authority, resume), &[]);
    bench.row("return_interim", ix::return_interim(keys, home), &[]);
}

fn agreed(visitor: &mut dyn Visitor) {
    let setup = Setup {
        activate: false,
        ..Setup::default()
    };
    let mut bench = Bench::new(visitor, &setup);
    let setup_authority = bench.protocol.setup_authority.insecure_clone();
    let authority = ix::Authority {
        signer: setup_authority.pubkey(),
        domain: bench.protocol.domain,
        proposal: None,
    };
    let set = ix::set_interim_rule(authority, rule());
    bench.row("set_interim_rule", set, &[&setup_authority]);
}
