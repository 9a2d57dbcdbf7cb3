//! Every refusal of statements, runs, checks and the gate by its name; what is refused changes nothing that anybody keeps.

use bulkhead_core::{
    CoreError,
    acts::{NewRun, ProofPage, open_run, prove_page, require_state_proofs},
    machine::proofs::{Holding, Ideal, Lie, ProofDeed, Proving},
    proofs::{
        Curve,
        points::{KeyPoints, PROOF_LEN, PageProof},
        state::{PROOF_STATE_LEN, State},
        word::{ORDER, Word},
    },
};
use bulkhead_interface::{
    Pubkey,
    constants::{phase, proof_flag, proof_role},
    layout::{ProofKey, ProofRun, SealedShard},
};
use bytemuck::Zeroable;

use super::{encodings::NoPoints, world::*};

fn sealed() -> Proving {
    play(&recovering(700), &HONEST, [ProofDeed::Seal(owed(700))]).expect("sealed")
}

#[test]
fn a_statement_is_about_the_plan_and_a_successor_read_after_it() {
    let world = sealed();
    let open = |change: &dyn Fn(&mut Proving)| {
        let mut world = world.clone();
        change(&mut world);
        world.step(&STRANGER, &ProofDeed::Open(1)).err()
    };
    assert_eq!(open(&|_| ()), None);
    assert_eq!(
        open(&|world| world.sealed[1].0.sealed_slot = CHOSEN_SLOT),
        Some(CoreError::SuccessorTooEarly)
    );
    let foreign: [&dyn Fn(&mut Proving); 8] = [
        &|world| world.sealed[1].0.role = proof_role::CHOSEN,
        &|world| world.sealed[1].0.domain = key(1),
        &|world| world.sealed[1].0.incident = key(1),
        &|world| world.sealed[1].0.ledger_index += 1,
        &|world| world.sealed[0].0.snapshot = key(1),
        &|world| world.sealed[0].0.role = proof_role::SUCCESSOR,
        &|world| world.restoration.1.domain = key(1),
        &|world| world.rules.domain = key(1),
    ];
    for change in foreign {
        assert_eq!(open(change), Some(CoreError::ForeignAccount));
    }
    assert_eq!(
        open(&|world| world.sealed[0].0.total += 1),
        Some(CoreError::ProofSumMismatch)
    );
    assert_eq!(
        open(&|world| world.rules.key = [0; 32]),
        Some(CoreError::ProofKeyMismatch)
    );
    assert_eq!(
        open(&|world| world.domain.1.open_incident = key(1)),
        Some(CoreError::IncidentNotOpen)
    );
    assert_eq!(
        open(&|world| world.domain.1.state = phase::FROZEN),
        Some(CoreError::WrongPhase)
    );
    // Everything that a statement says is in its address.
    let address = world.address(1).expect("sealed");
    let others: [&dyn Fn(&mut Proving); 7] = [
        &|world| world.domain.0 = key(1),
        &|world| world.restoration.0 = key(1),
        &|world| world.rules.key = [1; 32],
        &|world| world.restoration.1.shared += 1,
        &|world| world.restoration.1.total += 1,
        &|world| {
            world.sealed[0].0.shards[15] = SealedShard {
                count: 1,
                ..world.sealed[0].0.shards[15]
            }
        },
        &|world| world.sealed[1].0.total += 1,
    ];
    for change in others {
        let mut other = world.clone();
        change(&mut other);
        assert_ne!(other.address(1).expect("sealed"), address);
    }
}

#[test]
fn a_run_is_moved_by_its_prover_from_where_it_is() {
    let world = sealed();
    let proof = world.address(1).expect("sealed");
    let deeds = [ProofDeed::Open(1), ProofDeed::Run(proof, proof_role::CHOSEN, 0, None)];
    let world = play(&world, &HONEST, deeds).expect("a run");
    let place = (proof, HONEST, proof_role::CHOSEN, 0);
    let leaves: Vec<Holding> = chosen().into_iter().filter(|leaf| leaf.key[0] >> 4 == 0).collect();
    let page = |lie| ProofDeed::Page(place, leaves.clone(), lie);
    assert_eq!(
        world.step(&STRANGER, &page(Lie::None)).err(),
        Some(CoreError::NotTheProver)
    );
    for lie in [Lie::Paid, Lie::Sum, Lie::Product, Lie::OtherRole] {
        assert_eq!(
            world.step(&HONEST, &page(lie)).err(),
            Some(CoreError::ProofRefused),
            "{lie:?}"
        );
    }
    assert_eq!(
        world.step(&STRANGER, &ProofDeed::Finish(place)).err(),
        Some(CoreError::RunNotAtEnd)
    );
    let half = ProofDeed::Page(place, leaves[..1].to_vec(), Lie::None);
    let half = world.step(&HONEST, &half).expect("a page");
    let again = ProofDeed::Page(place, leaves.clone(), Lie::Start);
    assert_eq!(
        half.step(&HONEST, &again).err(),
        Some(CoreError::ProofRefused),
        "it begins elsewhere"
    );
    assert_eq!(
        half.step(&STRANGER, &ProofDeed::Finish(place)).err(),
        Some(CoreError::RunNotAtEnd)
    );
    // A stranger goes on from there in a run of its own.
    let own = (proof, STRANGER, proof_role::CHOSEN, 0);
    let deeds = [
        ProofDeed::Run(proof, proof_role::CHOSEN, 0, Some(place)),
        ProofDeed::Page(own, leaves[1..].to_vec(), Lie::None),
        ProofDeed::Finish(own),
    ];
    let ended = play(&half, &STRANGER, deeds).expect("the end");
    assert_eq!(
        ended.step(&HONEST, &ProofDeed::Finish(own)).err(),
        Some(CoreError::ShardEnded)
    );
    let anew = ProofDeed::Run(proof, proof_role::CHOSEN, 0, None);
    assert_eq!(ended.step(&HONEST, &anew).err(), Some(CoreError::ShardEnded));
    assert_eq!(
        ended.step(&HONEST, &ProofDeed::Record(proof)).err(),
        Some(CoreError::ProofIncomplete)
    );
    // Not from a run of another shard.
    let other = ProofDeed::Run(proof, proof_role::CHOSEN, 1, Some(own));
    assert_eq!(ended.step(&HONEST, &other).err(), Some(CoreError::ForeignAccount));
    // Not more leaves than the key has places, and not none.
    let many: Vec<Holding> = (1..=3)
        .map(|number| Holding {
            key: [number; 32],
            ..leaves[0]
        })
        .collect();
    let many = ProofDeed::Page(place, many, Lie::None);
    assert_eq!(world.step(&HONEST, &many).err(), Some(CoreError::ProofRefused));
    let none = ProofDeed::Page(place, vec![], Lie::Paid);
    assert_eq!(half.step(&HONEST, &none).err(), Some(CoreError::ProofRefused));
}

#[test]
fn what_a_page_is_sent_with_is_canonical_and_of_this_statement() {
    let world = sealed();
    let proof_key = world.address(1).expect("sealed");
    let world = play(&world, &HONEST, [ProofDeed::Open(1)]).expect("open");
    let (proof, key) = (world.proofs[&proof_key], *world.keys.values().next().expect("a key"));
    let new = NewRun {
        program: &PLAN,
        prover: HONEST,
        role: proof_role::CHOSEN,
        shard: 0,
        bump: 255,
    };
    let mut run = ProofRun::zeroed();
    for (role, shard) in [(2, 0), (0, 16)] {
        let new = NewRun { role, shard, ..new };
        let opened = open_run(&mut run, (&proof_key, &proof), &new, None, &Ideal(None));
        assert_eq!(opened, Err(CoreError::ArgumentOutOfRange));
    }
    open_run(&mut run, (&proof_key, &proof), &new, None, &Ideal(None)).expect("a run");
    let before = run;
    let mut send = |after: [u8; PROOF_STATE_LEN], bytes: [u8; PROOF_LEN], of: &Pubkey, key: &ProofKey| {
        let page = ProofPage {
            after: &after,
            proof: &bytes,
        };
        let sent = prove_page(&mut run, (of, &proof), key, &HONEST, &page, &Accepting);
        let unchanged = bytemuck::bytes_of(&run) == bytemuck::bytes_of(&before);
        run = before;
        (sent, unchanged)
    };
    let first = State::read(&before.reached).expect("canonical");
    let next = State {
        count: 1,
        high: Word::from(1_u64),
        ..first
    };
    assert_eq!(
        send(next.to_bytes(), [0; PROOF_LEN], &proof_key, &key),
        (Ok(true), false)
    );
    assert_eq!(
        send(next.to_bytes(), [0xff; PROOF_LEN], &proof_key, &key).0,
        Err(CoreError::ProofNotCanonical)
    );
    let mut beyond = next.to_bytes();
    beyond[100..].copy_from_slice(&ORDER);
    assert_eq!(
        send(beyond, [0; PROOF_LEN], &proof_key, &key),
        (Err(CoreError::ProofNotCanonical), true)
    );
    // A last key that is no key.
    let wide = State {
        high: first.high,
        ..next
    };
    assert_eq!(
        send(wide.to_bytes(), [0; PROOF_LEN], &proof_key, &key),
        (Err(CoreError::ProofNotCanonical), true)
    );
    let back = State { count: 0, ..next };
    assert_eq!(
        send(back.to_bytes(), [0; PROOF_LEN], &proof_key, &key),
        (Err(CoreError::ProofRefused), true)
    );
    assert_eq!(
        send(next.to_bytes(), [0; PROOF_LEN], &PLAN, &key),
        (Err(CoreError::ForeignAccount), true)
    );
    let other = ProofKey { id: [0; 32], ..key };
    assert_eq!(
        send(next.to_bytes(), [0; PROOF_LEN], &proof_key, &other),
        (Err(CoreError::ProofKeyMismatch), true)
    );
    let other = ProofKey { domain: PLAN, ..key };
    assert_eq!(
        send(next.to_bytes(), [0; PROOF_LEN], &proof_key, &other),
        (Err(CoreError::ProofKeyMismatch), true)
    );
    // A word that the hash does not take.
    let page = ProofPage {
        after: &next.to_bytes(),
        proof: &[0; PROOF_LEN],
    };
    let sent = prove_page(&mut run, (&proof_key, &proof), &key, &HONEST, &page, &NoPoints);
    assert_eq!(sent, Err(CoreError::ProofNotCanonical));
}

/// Accepts every page.
struct Accepting;

impl Curve for Accepting {
    fn poseidon(&self, words: &[Word]) -> Option<Word> {
        Ideal(None).poseidon(words)
    }

    fn are_points(&self, _: &KeyPoints) -> bool {
        true
    }

    fn accepts(&self, _: &KeyPoints, _: &Word, _: &PageProof) -> bool {
        true
    }
}

#[test]
fn a_successor_that_differs_is_never_recorded() {
    for successor in wrong(700) {
        let world = play(&recovering(700), &HONEST, [ProofDeed::Seal(successor)]).expect("sealed");
        let proof = world.address(1).expect("sealed");
        let deeds = pages(&world, &HONEST, 1).expect("pages");
        let world = play(&world, &HONEST, deeds).expect("proved to its end");
        assert_eq!(
            world.step(&HONEST, &ProofDeed::Record(proof)).err(),
            Some(CoreError::SuccessorDiffers)
        );
        let reopen = ProofDeed::Reopen(10_000, LATE);
        assert_eq!(world.step(&HONEST, &reopen).err(), Some(CoreError::ProofMissing));
    }
}

#[test]
fn a_key_of_a_last_leaf_is_of_its_shard_and_sums_are_the_sealed_ones() {
    let mut world = sealed();
    let proof = world.address(1).expect("sealed");
    let deeds = pages(&world, &HONEST, 1).expect("pages");
    let end = deeds
        .iter()
        .position(|deed| matches!(deed, ProofDeed::Finish(_)))
        .expect("an end");
    world = play(&world, &HONEST, deeds[..end].to_vec()).expect("pages");
    let place = (proof, HONEST, proof_role::CHOSEN, 0);
    let mut elsewhere = world.clone();
    let run = elsewhere.runs.get_mut(&place).expect("a run");
    let state = State::read(&run.reached).expect("canonical");
    run.reached = State {
        high: Word::from(0x1f_u128 << 120),
        ..state
    }
    .to_bytes();
    assert_eq!(
        elsewhere.step(&HONEST, &ProofDeed::Finish(place)).err(),
        Some(CoreError::WrongShard)
    );
    // Leaves that were sealed otherwise since.
    let mut changed = world.clone();
    changed.sealed[0].0.shards[3].count += 1;
    assert_eq!(
        changed.step(&HONEST, &ProofDeed::Finish(place)).err(),
        Some(CoreError::ForeignAccount)
    );
    let mut world = play(&world, &HONEST, deeds[end..].to_vec()).expect("proved");
    world.proofs.get_mut(&proof).expect("there").sums[0] -= 1;
    assert_eq!(
        world.step(&HONEST, &ProofDeed::Record(proof)).err(),
        Some(CoreError::ProofSumMismatch)
    );
}

#[test]
fn a_notable_share_asks_for_another_proof_and_dust_does_not() {
    let world = prove(&recovering(700), &HONEST).expect("proved");
    let reopen = ProofDeed::Reopen(1_000, LATE);
    let dust = play(&world, &STRANGER, [ProofDeed::Share(9)]).expect("shared");
    assert!(dust.step(&HONEST, &reopen).is_ok());
    let notable = play(&dust, &STRANGER, [ProofDeed::Share(1)]).expect("shared");
    assert_eq!(notable.step(&HONEST, &reopen).err(), Some(CoreError::ProofMissing));
    let old = *notable.proofs.keys().next().expect("a statement");
    assert_eq!(
        notable.step(&STRANGER, &ProofDeed::Record(old)).err(),
        Some(CoreError::ProofOutdated)
    );
    assert!(
        prove(&notable, &STRANGER)
            .expect("proved")
            .step(&HONEST, &reopen)
            .is_ok()
    );
}

#[test]
fn a_ramp_needs_a_key_in_force_or_a_proposal() {
    let world = prove(&recovering(700), &HONEST).expect("proved");
    let check = world.check.expect("a check");
    assert_eq!(
        (check.flags, check.pool, check.key),
        (proof_flag::INSECURE, 700, world.rules.key)
    );
    let reopened = play(&world, &HONEST, [ProofDeed::Reopen(1_000, LATE)]).expect("reopened");
    let ramp = ProofDeed::Reopen(10_000, LATE);
    assert!(reopened.step(&HONEST, &ramp).is_ok());
    // More that is shared out is for claims to pay.
    assert!(play(&reopened, &STRANGER, [ProofDeed::Share(300), ramp.clone()]).is_ok());
    let revoked = play(&reopened, &HONEST, [ProofDeed::Register(2, 160)]).expect("peace");
    assert_eq!(revoked.step(&HONEST, &ramp).err(), Some(CoreError::ProofMissing));
    let old = *revoked.proofs.keys().next().expect("a statement");
    assert_eq!(
        revoked.step(&HONEST, &ProofDeed::Record(old)).err(),
        Some(CoreError::ProofKeyMismatch)
    );
    assert!(prove(&revoked, &STRANGER).expect("proved").step(&HONEST, &ramp).is_ok());
    assert!(play(&revoked, &HONEST, [ProofDeed::Override(LATE), ramp.clone()]).is_ok());
    assert!(play(&revoked, &HONEST, [ProofDeed::Require([0; 32], 160), ramp]).is_ok());
}

#[test]
fn a_proposal_accepts_a_ledger_without_a_proof_once_and_knowing_the_plan() {
    let world = recovering(700);
    let accept = ProofDeed::Override(CHOSEN_SLOT);
    assert_eq!(world.step(&HONEST, &accept).err(), Some(CoreError::TightenedSince));
    let accepted = world.step(&HONEST, &ProofDeed::Override(LATE)).expect("accepted");
    let check = accepted.check.expect("a check");
    assert_eq!((check.flags, check.decided_slot), (proof_flag::OVERRIDDEN, LATE));
    assert_eq!(
        accepted.step(&HONEST, &ProofDeed::Override(LATE)).err(),
        Some(CoreError::DecidedSince)
    );
    assert!(accepted.step(&HONEST, &ProofDeed::Reopen(10_000, LATE)).is_ok());
    let mut foreign = world.clone();
    foreign.restoration.1.domain = key(1);
    assert_eq!(
        foreign.step(&HONEST, &ProofDeed::Override(LATE)).err(),
        Some(CoreError::ForeignAccount)
    );
    let mut other = world;
    other.restoration.1.incident = key(1);
    assert_eq!(
        other.step(&HONEST, &ProofDeed::Override(LATE)).err(),
        Some(CoreError::IncidentNotOpen)
    );
}

#[test]
fn the_gate_takes_checks_of_this_incident_ledger_and_plan_only() {
    let world = prove(&recovering(700), &HONEST).expect("proved");
    let reopen = ProofDeed::Reopen(10_000, LATE);
    let with = |change: &dyn Fn(&mut Proving)| {
        let mut world = world.clone();
        change(&mut world);
        world.step(&HONEST, &reopen).err()
    };
    assert_eq!(with(&|_| ()), None);
    let others: [&dyn Fn(&mut Proving); 6] = [
        &|world| world.check = None,
        &|world| world.check.as_mut().expect("a check").incident = key(1),
        &|world| world.check.as_mut().expect("a check").ledger_index += 1,
        &|world| world.check.as_mut().expect("a check").restoration = key(1),
        &|world| world.check.as_mut().expect("a check").key = [1; 32],
        // Another ledger that was restored needs one as well.
        &|world| world.rules.ledgers[0] |= 1,
    ];
    for change in others {
        assert_eq!(with(change), Some(CoreError::ProofMissing));
    }
    assert_eq!(with(&|world| world.rules.ledgers = [0; 32]), None);
    assert_eq!(
        with(&|world| world.incident.1.restored = [0; 32]),
        None,
        "nothing was restored"
    );
    assert_eq!(
        with(&|world| world.incident.0 = key(1)),
        Some(CoreError::IncidentNotOpen)
    );
    // A domain that has no rules needs nothing.
    assert_eq!(require_state_proofs(&world.domain.1, None, None, &[]), Ok(()));
}
