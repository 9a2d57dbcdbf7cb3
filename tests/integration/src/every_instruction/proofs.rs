//! Proofs of state, from the decision to the closing of what was left.

use bulkhead_interface::constants::proof_role;

use super::*;
use crate::{
    peers::in_set_up,
    proving::{Answer, Proving, requirement},
};

pub(super) fn visit(visitor: &mut dyn Visitor) {
    let setup = Setup {
        activate: false,
        ..Setup::default()
    };
    let mut bench = Bench::new(visitor, &setup);
    let (answer, payer) = (Answer::read(), bench.payer());
    let setup_authority = bench.protocol.setup_authority.insecure_clone();
    let authority = in_set_up(&bench.protocol);
    let register = ix::register_verifying_key(authority, payer, answer.decision(), answer.key.clone());
    bench.row("register_verifying_key", register, &[&setup_authority]);
    let require = ix::require_proofs(authority, payer, requirement());
    bench.row("require_proofs", require, &[&setup_authority]);
    bench.send(ix::activate_domain(setup_authority.pubkey()), &[&setup_authority]);

    let Bench {
        visitor,
        machine,
        protocol,
    } = bench;
    let mut proving = Proving::restored_in(machine, protocol, answer);
    let accept = OverrideProofArgs {
        restoration: proving.recovery.restoration,
    };
    let mut fork = proving.machine.fork();
    let authority = proving.recovery.protocol.mature(&mut fork, &accept);
    let of = (proving.of().incident, LEDGER);
    let overridden = ix::override_proof(authority, payer, of, accept);
    show(
        visitor,
        &mut fork,
        &proving.recovery.protocol,
        "override_proof",
        overridden,
    );

    proving.recovery.pay_out(&mut proving.machine, crate::proving::POOL);
    let owed = proving.owed();
    proving.machine.next_slot();
    proving.repair(&owed);
    row(visitor, &mut proving, "open_successor", Proving::open_successor);
    proving.read_into_successor(&owed);
    row(visitor, &mut proving, "seal_successor", Proving::seal_successor);
    row(visitor, &mut proving, "fix_ledger", |proving| {
        proving.fix(proof_role::CHOSEN)
    });
    proving.must(proving.fix(proof_role::SUCCESSOR));
    row(visitor, &mut proving, "open_proof", Proving::open_proof);
    let page = proving.pages(proof_role::CHOSEN, 3)[0].clone();
    row(visitor, &mut proving, "open_run", |proving| {
        proving.open_run(page.role, page.shard)
    });
    row(visitor, &mut proving, "prove_page", |proving| proving.prove(&page));
    row(visitor, &mut proving, "finish_run", |proving| {
        proving.finish(page.role, page.shard)
    });
    let run = proving.run(page.role, page.shard);
    row(visitor, &mut proving, "close_run", |proving| {
        ix::close_run(proving.prover.pubkey(), run)
    });
    for role in [proof_role::CHOSEN, proof_role::SUCCESSOR] {
        for shard in (0..16).filter(|shard| (role, *shard) != (page.role, page.shard)) {
            proving.prove_shard(role, shard);
        }
    }
    row(visitor, &mut proving, "record_proof", Proving::record);

    let (domain, proof) = (proving.of().domain, proving.proof());
    let reopen = ReopenArgs {
        incident: proving.of().incident,
        ramp_bps: 10_000,
        grace_seconds: 0,
    };
    let authority = proving.recovery.protocol.mature(&mut proving.machine, &reopen);
    let checks = ix::RestartChecks {
        covered: vec![],
        proved: vec![of],
    };
    row(visitor, &mut proving, "reopen_proved", |_| {
        ix::reopen_checked(authority, &checks, reopen.clone())
    });
    // The runs first: who watches knows them by their statement.
    for role in [proof_role::CHOSEN, proof_role::SUCCESSOR] {
        for shard in (0..16).filter(|shard| (role, *shard) != (page.role, page.shard)) {
            proving.must(ix::close_run(
                proving.prover.pubkey(),
                pda::proof_run(&proof, &proving.prover.pubkey(), role, shard),
            ));
        }
    }
    proving.reopened_after_another();
    row(visitor, &mut proving, "close_proof", |_| {
        ix::close_proof(domain, proof, payer)
    });
    row(visitor, &mut proving, "close_fixed_ledger", |proving| {
        ix::close_fixed_ledger(domain, proving.successor(), payer)
    });
}

fn row(
    visitor: &mut dyn Visitor,
    proving: &mut Proving,
    name: &str,
    instruction: impl FnOnce(&Proving) -> Instruction,
) {
    let instruction = instruction(proving);
    let prover = proving.prover.insecure_clone();
    let is_provers = |meta: &anchor_lang::prelude::AccountMeta| meta.is_signer && meta.pubkey == prover.pubkey();
    let signers: &[&Keypair] = if instruction.accounts.iter().any(is_provers) {
        &[&prover]
    } else {
        &[]
    };
    visitor.ready(&mut proving.machine, name, &instruction, signers);
    let outcome = proving.must(instruction);
    visitor.done(name, outcome.compute_units);
    visitor.worked(&mut proving.machine, name);
    proving.machine.next_slot();
}

fn show(visitor: &mut dyn Visitor, machine: &mut Machine, protocol: &Protocol, name: &str, instruction: Instruction) {
    visitor.ready(machine, name, &instruction, &[]);
    let outcome = protocol.must(machine, &[instruction], &[]);
    visitor.done(name, outcome.compute_units);
    visitor.worked(machine, name);
    machine.next_slot();
}
