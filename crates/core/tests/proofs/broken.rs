//! Rules taken out one at a time: the laws find each.

use bulkhead_core::{
    CoreError,
    machine::proofs::{Ideal, Lie, ProofDeed, Proving, seal},
    proofs::{state::State, word::Word},
};
use bulkhead_interface::{
    Pubkey,
    constants::{phase, proof_role},
    layout::ProofCheck,
};

use super::{
    scope::{Step, beginnings, honest, reach},
    world::*,
};

/// The law that is broken first.
fn found(step: Step) -> Option<String> {
    let mut all = beginnings().into_iter();
    all.find_map(|(_, beginning)| reach(&beginning, 3, step).err())
}

type Outcome = Result<Proving, CoreError>;

/// Changes the state for one deed, and puts back what it changed.
fn around(
    world: &Proving,
    (signer, deed): (&Pubkey, &ProofDeed),
    change: impl FnOnce(&mut Proving),
    restore: impl FnOnce(&mut Proving, &Proving),
) -> Outcome {
    let mut changed = world.clone();
    change(&mut changed);
    let mut after = changed.step(signer, deed)?;
    restore(&mut after, world);
    Ok(after)
}

/// What a page says is taken as it is.
fn unverified(world: &Proving, signer: &Pubkey, deed: &ProofDeed) -> Outcome {
    let ProofDeed::Page(place, leaves, lie) = deed else {
        return honest(world, signer, deed);
    };
    let mut after = honest(world, signer, &ProofDeed::Page(*place, leaves.clone(), Lie::None))?;
    let run = after.runs.get_mut(place).expect("it moved");
    let mut state = State::read(&run.reached)?;
    match lie {
        Lie::Paid => state.paid += 1,
        Lie::Sum => state.sum += 1,
        // What the other ledger's products are, for whoever knows them.
        Lie::Product => {
            let products = world.proofs[&place.0].products;
            state.product = Word::read(&products[0]).expect("canonical");
        }
        _ => {}
    }
    run.reached = state.to_bytes();
    Ok(after)
}

/// A run that is not its prover's alone.
fn anybody_moves(world: &Proving, signer: &Pubkey, deed: &ProofDeed) -> Outcome {
    match deed {
        ProofDeed::Page(place, ..) if world.runs.contains_key(place) => around(
            world,
            (signer, deed),
            |world| world.runs.get_mut(place).expect("there").prover = *signer,
            |after, _| after.runs.get_mut(place).expect("there").prover = place.1,
        ),
        _ => honest(world, signer, deed),
    }
}

/// A run that took other leaves ends as if they were the sealed ones.
fn any_accumulator(world: &Proving, signer: &Pubkey, deed: &ProofDeed) -> Outcome {
    match deed {
        ProofDeed::Finish(place) if world.runs.contains_key(place) => around(
            world,
            (signer, deed),
            |world| {
                let proof = world.proofs[&place.0];
                let Ok((ledger, _)) = world.ledger(&proof, place.2).cloned() else {
                    return;
                };
                let sealed = ledger.shards[usize::from(place.3)];
                let run = world.runs.get_mut(place).expect("there");
                let mut state = State::read(&run.reached).expect("canonical");
                state.accumulator = Word::read(&sealed.accumulator).expect("canonical");
                state.count = sealed.count;
                run.reached = state.to_bytes();
            },
            |after, before| after.runs.clone_from(&before.runs),
        ),
        _ => honest(world, signer, deed),
    }
}

/// Two ledgers that count as equal if their sums are.
fn sums_suffice(world: &Proving, signer: &Pubkey, deed: &ProofDeed) -> Outcome {
    match deed {
        ProofDeed::Record(proof) if world.proofs.contains_key(proof) => around(
            world,
            (signer, deed),
            |world| {
                let proof = world.proofs.get_mut(proof).expect("there");
                proof.products[1] = proof.products[0];
            },
            |after, before| after.proofs.clone_from(&before.proofs),
        ),
        _ => honest(world, signer, deed),
    }
}

/// A proof of any pool is recorded, also over one that counts.
fn any_pool(world: &Proving, signer: &Pubkey, deed: &ProofDeed) -> Outcome {
    match deed {
        ProofDeed::Record(_) => around(
            world,
            (signer, deed),
            |world| world.restoration.1.counted_shared = 0,
            |after, before| after.restoration = before.restoration,
        ),
        _ => honest(world, signer, deed),
    }
}

/// A successor that was read before there was anything to owe.
fn any_time(world: &Proving, signer: &Pubkey, deed: &ProofDeed) -> Outcome {
    match deed {
        ProofDeed::Open(_) => around(
            world,
            (signer, deed),
            |world| world.restoration.1.chosen_slot = 0,
            |after, before| after.restoration = before.restoration,
        ),
        _ => honest(world, signer, deed),
    }
}

/// A proposal from before the choice accepts what was chosen.
fn any_proposal(world: &Proving, signer: &Pubkey, deed: &ProofDeed) -> Outcome {
    match deed {
        ProofDeed::Override(_) => around(
            world,
            (signer, deed),
            |world| world.restoration.1.chosen_slot = 0,
            |after, before| after.restoration = before.restoration,
        ),
        _ => honest(world, signer, deed),
    }
}

/// Nobody asks before reopening.
fn no_gate(world: &Proving, signer: &Pubkey, deed: &ProofDeed) -> Outcome {
    match deed {
        ProofDeed::Reopen(..) => around(
            world,
            (signer, deed),
            |world| world.rules.ledgers = [0; 32],
            |after, before| after.rules = before.rules,
        ),
        _ => honest(world, signer, deed),
    }
}

/// Nobody asks again before a ramp is raised.
fn no_gate_of_ramps(world: &Proving, signer: &Pubkey, deed: &ProofDeed) -> Outcome {
    match deed {
        ProofDeed::Reopen(..) if world.domain.1.state == phase::OPERATING => no_gate(world, signer, deed),
        _ => honest(world, signer, deed),
    }
}

/// A key that was replaced still lets ramps rise.
fn any_key(world: &Proving, signer: &Pubkey, deed: &ProofDeed) -> Outcome {
    let as_of_key = |check: ProofCheck, key| ProofCheck { key, ..check };
    match deed {
        ProofDeed::Reopen(..) => around(
            world,
            (signer, deed),
            |world| world.check = world.check.map(|check| as_of_key(check, world.rules.key)),
            |after, before| after.check = before.check,
        ),
        _ => honest(world, signer, deed),
    }
}

/// Key and rules are changed with the incident in view.
fn not_in_peace(world: &Proving, signer: &Pubkey, deed: &ProofDeed) -> Outcome {
    match deed {
        ProofDeed::Register(..) | ProofDeed::Require(..) => around(
            world,
            (signer, deed),
            |world| world.domain.1.state = phase::OPERATING,
            |after, before| after.domain = before.domain,
        ),
        _ => honest(world, signer, deed),
    }
}

/// A proof that ends before both ledgers do.
fn incomplete(world: &Proving, signer: &Pubkey, deed: &ProofDeed) -> Outcome {
    match deed {
        ProofDeed::Record(proof) if world.proofs.contains_key(proof) => around(
            world,
            (signer, deed),
            |world| {
                let proof = world.proofs.get_mut(proof).expect("there");
                (proof.ended, proof.sums) = ([u16::MAX; 2], proof.totals);
                proof.paid[0] = proof.totals[1];
                proof.products[1] = proof.products[0];
            },
            |after, before| after.proofs.clone_from(&before.proofs),
        ),
        _ => honest(world, signer, deed),
    }
}

#[test]
fn every_rule_that_is_taken_out_is_missed() {
    let all: [(Step, &str); 12] = [
        (unverified, "what is recorded is so"),
        (anybody_moves, "nobody moves somebody else's run"),
        (any_accumulator, "what is recorded is so"),
        (sums_suffice, "what is recorded is so"),
        (any_pool, "no stranger takes a check away"),
        (
            any_time,
            "a statement is about a successor that was read after the choice",
        ),
        (any_proposal, "a proposal that did not know of the plan accepts nothing"),
        (no_gate, "nothing reopens or ramps without"),
        (no_gate_of_ramps, "nothing reopens or ramps without"),
        (any_key, "nothing reopens or ramps without"),
        (not_in_peace, "key and rules stand while nothing is at peace"),
        (incomplete, "what is recorded is so"),
    ];
    for (step, law) in all {
        let found = found(step).unwrap_or_default();
        assert!(found.ends_with(law), "{law}: {found}");
    }
    assert_eq!(found(honest), None);
}

/// The ideal pairing accepts statements that are so, and none that is not: what the laws rest on.
#[test]
fn ingestion_and_pages_come_to_the_same_accumulators() {
    let world = prove(&recovering(700), &HONEST).expect("proved");
    let sealed = seal([200; 32], &chosen(), &Ideal(None)).expect("leaves");
    for (place, run) in world.runs.iter().filter(|(place, _)| place.2 == proof_role::CHOSEN) {
        let state = State::read(&run.reached).expect("canonical");
        assert_eq!(
            *state.accumulator.bytes(),
            sealed.shards[usize::from(place.3)].accumulator
        );
    }
    assert!(owes(&owed(700), 700) && wrong(700).iter().all(|other| !owes(other, 700)));
}
