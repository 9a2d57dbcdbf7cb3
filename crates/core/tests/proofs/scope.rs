//! Every state within a few deeds of anybody, from several beginnings.
//!
//! A domain reopens, and raises its ramp, only if the successor owes what its plan pays to the same owners or a proposal
//! that knew of the plan accepted it. From everywhere an honest prover proves and the domain reopens, whatever strangers
//! opened, proved or shared out; and where nobody can prove, a proposal leads out.

use std::collections::HashSet;

use bulkhead_core::{
    CoreError,
    machine::proofs::{Holding, Lie, ProofDeed, Proving},
};
use bulkhead_interface::{
    Pubkey,
    constants::{phase, proof_flag, proof_role},
    layout::ProofCheck,
};

use super::world::*;

/// How a deed is done: as the acts say, or wrongly.
pub type Step = fn(&Proving, &Pubkey, &ProofDeed) -> Result<Proving, CoreError>;

pub fn honest(world: &Proving, signer: &Pubkey, deed: &ProofDeed) -> Result<Proving, CoreError> {
    world.step(signer, deed)
}

/// What anybody may try now. Proposals mature in slots before and after the choice.
fn tries(world: &Proving) -> Vec<(Pubkey, ProofDeed)> {
    let mut all = vec![
        (STRANGER, ProofDeed::Share(1)),
        (STRANGER, ProofDeed::Share(100)),
        (HONEST, ProofDeed::Override(EARLY)),
        (HONEST, ProofDeed::Override(LATE)),
        (HONEST, ProofDeed::Register(2, LATE)),
        (HONEST, ProofDeed::Require([0; 32], LATE)),
        (HONEST, ProofDeed::Reopen(10_000, LATE)),
    ];
    if world.sealed.len() < 3 {
        all.push((STRANGER, ProofDeed::Seal(wrong(world.restoration.1.shared).remove(0))));
    }
    all.extend((0..world.sealed.len()).map(|number| (STRANGER, ProofDeed::Open(number))));
    for (proof, account) in &world.proofs {
        for which in [proof_role::CHOSEN, proof_role::SUCCESSOR] {
            let Ok((_, leaves)) = world.ledger(account, which) else {
                continue;
            };
            let shards: HashSet<u8> = leaves.iter().map(|leaf| leaf.key[0] >> 4).collect();
            for shard in shards {
                all.push((STRANGER, ProofDeed::Run(*proof, which, shard, None)));
                let other = (*proof, HONEST, which, shard);
                all.push((STRANGER, ProofDeed::Run(*proof, which, shard, Some(other))));
            }
            all.push((STRANGER, ProofDeed::FinishEmpty(*proof, which)));
        }
        all.push((STRANGER, ProofDeed::Record(*proof)));
    }
    for (place, run) in &world.runs {
        let Some(account) = world.proofs.get(&place.0) else {
            continue;
        };
        let Ok((_, leaves)) = world.ledger(account, place.2) else {
            continue;
        };
        let own: Vec<_> = leaves
            .iter()
            .filter(|leaf| leaf.key[0] >> 4 == run.shard)
            .copied()
            .collect();
        let after = u32::from_le_bytes(run.reached[80..84].try_into().expect("a count"));
        let next: Vec<_> = own.iter().skip(after as usize).take(2).copied().collect();
        let mut of_nobody: Vec<Holding> = own.iter().take(1).copied().collect();
        of_nobody.iter_mut().for_each(|leaf| leaf.owner = [0x0e; 32]);
        for lie in [
            Lie::None,
            Lie::Paid,
            Lie::Sum,
            Lie::Product,
            Lie::Accumulator,
            Lie::Start,
            Lie::OtherRole,
        ] {
            all.push((STRANGER, ProofDeed::Page(*place, next.clone(), lie)));
        }
        all.push((STRANGER, ProofDeed::Page(*place, of_nobody, Lie::None)));
        all.push((STRANGER, ProofDeed::Finish(*place)));
    }
    all
}

/// Where plays begin.
pub fn beginnings() -> Vec<(&'static str, Proving)> {
    let fresh = recovering(700);
    let sealed =
        |world: &Proving, leaves: Vec<Holding>| play(world, &HONEST, [ProofDeed::Seal(leaves)]).expect("sealed");
    let proved = |world: &Proving, number: usize, short: usize| {
        let mut deeds = pages(world, &HONEST, number).expect("pages");
        deeds.truncate(deeds.len() - short);
        play(world, &HONEST, deeds).expect("proved")
    };
    let right = sealed(&fresh, owed(700));
    let mut all = vec![
        (
            "a statement is open",
            play(&right, &HONEST, [ProofDeed::Open(1)]).expect("open"),
        ),
        ("a shard is under way", {
            let deeds = pages(&right, &HONEST, 1).expect("pages");
            play(&right, &HONEST, deeds.into_iter().take(2)).expect("under way")
        }),
        ("one shard is missing", proved(&right, 1, 2)),
        ("all is proved", proved(&right, 1, 0)),
        ("the successor's run is under way", proved(&right, 1, 3)),
        // Recorded with what is shared out now, and proved with less.
        ("two pools", {
            let early = proved(&right, 1, 0);
            let more = play(&early, &STRANGER, [ProofDeed::Share(300)]).expect("shared");
            prove(&more, &HONEST).expect("proved")
        }),
        ("sealed too early", {
            let mut early = right.clone();
            early.sealed[1].0.sealed_slot = CHOSEN_SLOT;
            early
        }),
    ];
    for successor in wrong(700) {
        let world = sealed(&fresh, successor);
        all.push(("another successor, proved to its end", proved(&world, 1, 0)));
        // A stranger's run is at its last page, and all else is proved.
        let mut deeds = pages(&world, &STRANGER, 1).expect("pages");
        let at = deeds.len() - 3;
        deeds.drain(at..at + 2);
        all.push((
            "another successor, all but its last page",
            play(&world, &STRANGER, deeds).expect("proved"),
        ));
    }
    // A stranger's run took the leaves that the successor ought to have.
    let exchanged = sealed(&fresh, wrong(700).remove(0));
    let deeds = pages(&exchanged, &STRANGER, 1).expect("pages").into_iter();
    let deeds = deeds.filter_map(|deed| match deed {
        ProofDeed::Page(place, leaves, lie) if place.2 == proof_role::SUCCESSOR => {
            let ought = owed(700).into_iter().take(2).collect();
            (leaves.len() == 2).then_some(ProofDeed::Page(place, ought, lie))
        }
        ProofDeed::Finish(place) if place.2 == proof_role::SUCCESSOR => None,
        other => Some(other),
    });
    all.push((
        "a run of other leaves",
        play(&exchanged, &STRANGER, deeds).expect("proved"),
    ));
    let reopened = |world: &Proving| play(world, &HONEST, [ProofDeed::Reopen(1_000, LATE)]).expect("reopened");
    let ramp = reopened(&prove(&fresh, &HONEST).expect("proved"));
    all.push(("a ramp", ramp.clone()));
    all.push((
        "a ramp after another key",
        play(&ramp, &HONEST, [ProofDeed::Register(3, 120)]).expect("peace"),
    ));
    let accepted = play(&fresh, &HONEST, [ProofDeed::Override(LATE - 1)]).expect("accepted");
    all.push(("a ramp after a proposal", reopened(&accepted)));
    all
}

/// Does a check let the domain reopen, by what is true and not by what an act says?
fn lets_reopen(world: &Proving, check: &ProofCheck) -> bool {
    let is_accepted = check.flags & proof_flag::OVERRIDDEN != 0 && check.decided_slot > CHOSEN_SLOT;
    let is_ramp = world.domain.1.state == phase::OPERATING;
    let is_enough = is_ramp || check.pool >= world.restoration.1.counted_shared;
    is_accepted || is_true(world, check) && is_enough && check.key == world.rules.key
}

/// Is what a proof recorded so?
fn is_true(world: &Proving, check: &ProofCheck) -> bool {
    let sealed = world.sealed.iter();
    let mut successors =
        sealed.filter(|(ledger, _)| ledger.snapshot == check.successor && ledger.role == proof_role::SUCCESSOR);
    successors.any(|(ledger, leaves)| ledger.sealed_slot > CHOSEN_SLOT && owes(leaves, check.pool))
}

fn laws(before: &Proving, after: &Proving, (signer, deed): (&Pubkey, &ProofDeed)) -> Result<(), String> {
    let is_required = before.rules.ledgers != [0; 32];
    let was_let = before.check.as_ref().is_some_and(|check| lets_reopen(before, check));
    let is_strangers = *signer == STRANGER && !matches!(deed, ProofDeed::Share(100));
    let is_shown = |check: &ProofCheck| check.flags & proof_flag::OVERRIDDEN != 0 || is_true(after, check);
    let opens = matches!(deed, ProofDeed::Reopen(..)) && before.rules.reopened_ledgers != [0; 32]
        || before.domain.1.state == phase::RECOVERING && after.domain.1.state != phase::RECOVERING;
    let rules = [
        ("nothing reopens or ramps without", !opens || !is_required || was_let),
        ("what is recorded is so", after.check.as_ref().is_none_or(is_shown)),
        (
            "a proposal that did not know of the plan accepts nothing",
            after
                .check
                .is_none_or(|check| check.decided_slot == 0 || check.decided_slot > CHOSEN_SLOT),
        ),
        (
            "no stranger takes a check away",
            !is_strangers || !was_let || after.check.as_ref().is_some_and(|check| lets_reopen(after, check)),
        ),
        (
            "nobody moves somebody else's run",
            before.runs.iter().all(|(place, run)| {
                place.1 == *signer || after.runs.get(place).is_some_and(|kept| kept.reached == run.reached)
            }),
        ),
        (
            "a statement is about a successor that was read after the choice",
            after.proofs.values().all(|proof| {
                let successor = after.ledger(proof, proof_role::SUCCESSOR);
                successor.is_ok_and(|(ledger, _)| ledger.sealed_slot > CHOSEN_SLOT)
            }),
        ),
        (
            "what ended stays ended",
            before.proofs.iter().all(|(key, proof)| {
                let kept = after.proofs.get(key).map_or([0; 2], |proof| proof.ended);
                proof.ended.iter().zip(kept).all(|(old, new)| old & !new == 0)
            }),
        ),
        (
            "key and rules stand while nothing is at peace",
            before.domain.1.state != phase::RECOVERING
                || (before.rules.key, before.rules.ledgers) == (after.rules.key, after.rules.ledgers),
        ),
    ];
    match rules.iter().find(|(_, holds)| !holds) {
        Some((law, _)) => Err(format!("{deed:?}: {law}")),
        None => Ok(()),
    }
}

/// A way out with proofs, and one without.
fn ways_out(world: &Proving) -> Result<(), String> {
    let reopen = ProofDeed::Reopen(10_000, LATE);
    let reopens = |world: &Proving| world.step(&HONEST, &reopen).map(|_| ());
    let proved = prove(world, &HONEST).map_err(|error| format!("an honest prover is stopped: {error:?}"))?;
    reopens(&proved).map_err(|error| format!("proved and still closed: {error:?}"))?;
    // Nobody can prove: no key verifies anything.
    let mut stuck = world.clone();
    stuck.keys.clear();
    let later = world.check.map_or(LATE, |check| check.decided_slot.max(LATE)) + 1;
    let accepted = stuck.step(&HONEST, &ProofDeed::Override(later));
    let accepted = accepted.map_err(|error| format!("no proposal leads out: {error:?}"))?;
    reopens(&accepted).map_err(|error| format!("accepted and still closed: {error:?}"))
}

/// A state as bytes, to know it again.
fn image(world: &Proving) -> Vec<u8> {
    let mut image = bytemuck::bytes_of(&world.domain.1).to_vec();
    image.extend_from_slice(bytemuck::bytes_of(&world.restoration.1));
    image.extend_from_slice(bytemuck::bytes_of(&world.rules));
    image.extend_from_slice(&world.board.domain_row.ramp_bps.to_le_bytes());
    for (ledger, _) in &world.sealed {
        image.extend_from_slice(bytemuck::bytes_of(ledger));
    }
    for (key, proof) in &world.proofs {
        image.extend_from_slice(key.as_ref());
        image.extend_from_slice(bytemuck::bytes_of(proof));
    }
    for run in world.runs.values() {
        image.extend_from_slice(bytemuck::bytes_of(run));
    }
    if let Some(check) = &world.check {
        image.extend_from_slice(bytemuck::bytes_of(check));
    }
    image
}

/// All states within so many deeds of a beginning.
pub fn reach(beginning: &Proving, deeds: usize, step: Step) -> Result<Vec<Proving>, String> {
    use sha2::Digest;
    let hash_of = |world: &Proving| <[u8; 32]>::from(sha2::Sha256::digest(image(world)));
    let mut known = HashSet::from([hash_of(beginning)]);
    let (mut row, mut all) = (vec![beginning.clone()], vec![beginning.clone()]);
    for _ in 0..deeds {
        let mut next = vec![];
        for world in &row {
            for (signer, deed) in tries(world) {
                let Ok(after) = step(world, &signer, &deed) else {
                    continue;
                };
                laws(world, &after, (&signer, &deed))?;
                if known.insert(hash_of(&after)) {
                    next.push(after);
                }
            }
        }
        all.extend(next.iter().cloned());
        row = next;
    }
    Ok(all)
}

#[test]
fn nothing_reopens_without_a_proof_and_nobody_keeps_a_domain_closed() {
    let mut states = vec![];
    for (name, beginning) in beginnings() {
        let reached = reach(&beginning, 4, honest).unwrap_or_else(|law| panic!("{name}: {law}"));
        for world in &reached {
            ways_out(world).unwrap_or_else(|why| panic!("{name}: {why}"));
        }
        states.extend(reached);
    }
    assert!(states.len() > 10_000, "{} states", states.len());
    let has = |what: fn(&Proving) -> bool| states.iter().any(what);
    let is_recorded = |world: &Proving| {
        world
            .check
            .is_some_and(|check| check.flags & proof_flag::OVERRIDDEN == 0)
    };
    assert!(
        states
            .iter()
            .any(|world| is_recorded(world) && world.domain.1.state == phase::OPERATING)
    );
    assert!(has(|world| world
        .check
        .is_some_and(|check| check.flags & proof_flag::OVERRIDDEN != 0)
        && world.domain.1.state == phase::OPERATING));
    assert!(has(
        |world| world.board.domain_row.ramp_bps == 10_000 && world.rules.reopened_ledgers != [0; 32]
    ));
    assert!(has(|world| world.runs.keys().any(|place| place.1 == STRANGER)));
}

/// A stranger shares out dust after each of an honest prover's deeds, and proves pages of nobody's leaves.
#[test]
fn a_prover_comes_to_the_end_whatever_strangers_do_in_between() {
    let world = play(&recovering(700), &HONEST, [ProofDeed::Seal(owed(700))]).expect("sealed");
    let proof = world.address(1).expect("sealed");
    let mut world = world.clone();
    // The address is of what was shared out so far: dust moves it for those who come later only.
    let deeds = pages(&world, &HONEST, 1).expect("pages").into_iter();
    let mut shared = 0;
    for deed in deeds.chain([ProofDeed::Record(proof), ProofDeed::Reopen(10_000, LATE)]) {
        world = world
            .step(&HONEST, &deed)
            .unwrap_or_else(|error| panic!("{deed:?}: {error:?}"));
        let strangers = tries(&world).into_iter().filter(|(signer, deed)| {
            *signer == STRANGER && !matches!(deed, ProofDeed::Share(100) | ProofDeed::Seal(_))
        });
        for (signer, other) in strangers {
            // What a stranger finishes is finished; the prover's own deed for it is then not needed.
            if matches!(
                other,
                ProofDeed::Finish(_) | ProofDeed::FinishEmpty(..) | ProofDeed::Record(_) | ProofDeed::Open(_)
            ) {
                continue;
            }
            if matches!(other, ProofDeed::Share(_)) {
                shared += 1;
                if shared > 9 {
                    continue;
                }
            }
            if let Ok(after) = world.step(&signer, &other) {
                world = after;
            }
        }
    }
    assert_eq!(world.domain.1.state, phase::OPERATING);
    assert!(world.restoration.1.shared > 700);
}
