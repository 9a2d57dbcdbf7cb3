//! The restart gate: a ledger that needs a proof keeps the domain closed until it is proved, or a proposal accepts it.

use bulkhead::instructions::{
    OverrideProofArgs, RegisterVerifyingKeyArgs, ReopenArgs, RequireProofsArgs, VerifyingKey,
};
use bulkhead_interface::constants::phase;
use bulkhead_tests::{proving, world};

use super::*;

fn args(proving: &Proving) -> ReopenArgs {
    ReopenArgs {
        incident: proving.of().incident,
        ramp_bps: 10_000,
        grace_seconds: 0,
    }
}

#[test]
fn a_domain_reopens_once_its_ledger_is_proved_and_not_before() {
    let mut proving = Proving::opened();
    let args = args(&proving);
    let authority = proving.recovery.protocol.mature(&mut proving.machine, &args);
    let without = ix::reopen(authority, args.clone());
    refused(proving.send(without), E::ProofMissing);
    proving.prove_all();
    proving.must(proving.record());
    let check: ProofCheck = proving.machine.load(&pda::proof_check(&args.incident, LEDGER));
    assert_eq!(check.flags, proof_flag::INSECURE);
    assert_eq!(check.successor, proving.successor());
    // The check has to be shown.
    refused(proving.send(ix::reopen(authority, args.clone())), E::ProofMissing);
    let checks = proved(&proving);
    proving.must(ix::reopen_checked(authority, &checks, args));
    assert_eq!(
        proving.recovery.protocol.state(&proving.machine).state,
        phase::OPERATING
    );
}

#[test]
fn a_ramp_is_not_raised_without_the_proof_under_the_key_in_force() {
    let mut proving = Proving::opened();
    proving.prove_all();
    proving.must(proving.record());
    let checks = proved(&proving);
    let half = ReopenArgs {
        ramp_bps: 5_000,
        ..args(&proving)
    };
    let authority = proving.recovery.protocol.mature(&mut proving.machine, &half);
    proving.must(ix::reopen_checked(authority, &checks, half));

    let more = ReopenArgs {
        ramp_bps: 10_000,
        ..args(&proving)
    };
    let authority = proving.recovery.protocol.mature(&mut proving.machine, &more);
    refused(proving.send(ix::reopen(authority, more.clone())), E::ProofMissing);
    // Somebody knows secrets of the first key: with another one in force, what the first proved counts no more.
    let other = another_key(&proving);
    let decision = RegisterVerifyingKeyArgs {
        id: proving::id_of(&other),
        accepts_insecure: true,
    };
    let register = proving.recovery.protocol.mature(&mut proving.machine, &decision);
    let payer = proving.machine.payer.pubkey();
    proving.must(ix::register_verifying_key(register, payer, decision, other));
    refused(
        proving.send(ix::reopen_checked(authority, &checks, more.clone())),
        E::ProofMissing,
    );
    // The first key again, by another proposal.
    let decision = proving.answer.decision();
    let register = proving.recovery.protocol.mature(&mut proving.machine, &decision);
    let key = proving.answer.key.clone();
    proving.must(ix::register_verifying_key(register, payer, decision, key));
    proving.must(ix::reopen_checked(authority, &checks, more));
}

#[test]
fn a_proposal_made_after_the_choice_accepts_a_ledger_without_a_proof() {
    let mut proving = Proving::shared_out();
    let (payer, of) = (proving.machine.payer.pubkey(), proving.of());
    let accept = OverrideProofArgs {
        restoration: proving.recovery.restoration,
    };
    let args = args(&proving);
    let reopening = proving.recovery.protocol.mature(&mut proving.machine, &args);
    let authority = proving.recovery.protocol.mature(&mut proving.machine, &accept);
    let accepted = ix::override_proof(authority, payer, (of.incident, LEDGER), accept.clone());
    proving.must(accepted);
    let check: ProofCheck = proving.machine.load(&pda::proof_check(&of.incident, LEDGER));
    assert_eq!(check.flags, proof_flag::OVERRIDDEN);
    let checks = proved(&proving);
    proving.must(ix::reopen_checked(reopening, &checks, args));
}

#[test]
fn a_ledger_that_needs_no_proof_is_read_without_accumulators_and_reopens_as_ever() {
    let (mut machine, protocol) = world();
    let answer = proving::Answer::read();
    proving::decide(&mut machine, &protocol, &answer);
    let payer = machine.payer.pubkey();
    let none = RequireProofsArgs { ledgers: [0; 32] };
    let authority = protocol.mature(&mut machine, &none);
    protocol.must(&mut machine, &[ix::require_proofs(authority, payer, none)], &[]);
    let mut proving = Proving::restored_in(machine, protocol, answer);
    proving.recovery.pay_out(&mut proving.machine, proving::POOL);
    refused(proving.send(proving.fix(CHOSEN)), E::NotAccumulated);
    let args = args(&proving);
    let authority = proving.recovery.protocol.mature(&mut proving.machine, &args);
    proving.must(ix::reopen(authority, args));
}

/// The key with two of its points exchanged: nobody can prove with it.
fn another_key(proving: &Proving) -> VerifyingKey {
    let mut key = proving.answer.key.clone();
    let (constant, of_input) = (key.points.len() - 128, key.points.len() - 64);
    let first = key.points[constant..of_input].to_vec();
    key.points.copy_within(of_input.., constant);
    key.points[of_input..].copy_from_slice(&first);
    key
}

#[test]
fn keys_are_what_was_decided_and_points_of_their_groups() {
    let (mut machine, protocol) = world();
    let answer = proving::Answer::read();
    let payer = machine.payer.pubkey();
    let register = |authority, decision, key| ix::register_verifying_key(authority, payer, decision, key);
    let authority = protocol.mature(&mut machine, &answer.decision());
    let mut send = |decision: RegisterVerifyingKeyArgs, key| machine.send(&[register(authority, decision, key)], &[]);
    let mut off_curve = answer.key.clone();
    off_curve.points[63] ^= 1;
    refused(send(answer.decision(), off_curve.clone()), E::ProofKeyMismatch);
    let mut short = answer.key.clone();
    short.points.pop();
    refused(send(answer.decision(), short), E::ProofKeyInvalid);
    let mut wide = answer.key.clone();
    wide.points[..32].fill(0xff);
    refused(send(answer.decision(), wide), E::ProofNotCanonical);
    let named = RegisterVerifyingKeyArgs {
        id: proving::id_of(&off_curve),
        accepts_insecure: true,
    };
    let authority = protocol.mature(&mut machine, &named);
    let wrong = register(authority, named, off_curve);
    refused(machine.send(&[wrong], &[]), E::ProofKeyInvalid);
    let silent = RegisterVerifyingKeyArgs {
        accepts_insecure: false,
        ..answer.decision()
    };
    let authority = protocol.mature(&mut machine, &silent);
    let insecure = register(authority, silent, answer.key);
    refused(machine.send(&[insecure], &[]), E::ProofKeyInsecure);
}

#[test]
fn rules_are_decided_in_peace_only() {
    let (mut machine, protocol) = world();
    let answer = proving::Answer::read();
    let payer = machine.payer.pubkey();
    // Ledgers are required under a registered key only.
    let authority = protocol.mature(&mut machine, &proving::requirement());
    let early = ix::require_proofs(authority, payer, proving::requirement());
    refused(machine.send(&[early], &[]), E::ProofKeyMismatch);
    proving::decide(&mut machine, &protocol, &answer);
    let none = RequireProofsArgs { ledgers: [0; 32] };
    let dropping = protocol.mature(&mut machine, &none);
    protocol.freeze(&mut machine);
    let drop = ix::require_proofs(dropping, payer, none);
    let refusal = machine.send(&[drop], &[]).expect_err("frozen");
    assert!(refusal.code().is_some());
}
