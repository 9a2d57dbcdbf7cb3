//! A small ledger that was restored, its successors, and how an honest prover proves them equal.

use bulkhead_core::{
    CoreError,
    acts::At,
    machine::proofs::{Holding, Ideal, Lie, ProofDeed, Proving, seal},
    pause::board,
    restoration::prorata::payout_floor,
};
use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, phase, proof_role},
    layout::{Domain, Incident, PauseBoard, ProofRules, Restoration, SealedLedger},
};
use bytemuck::Zeroable;

pub const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

pub const HONEST: Pubkey = key(61);
pub const STRANGER: Pubkey = key(62);
pub const DOMAIN: Pubkey = key(40);
pub const INCIDENT: Pubkey = key(41);
pub const PLAN: Pubkey = key(42);
/// The chosen state's snapshot.
const CHOSEN: Pubkey = key(200);
/// When the state was chosen, and two proposals: one that could not know of it, and one that did.
pub const CHOSEN_SLOT: u64 = 100;
pub const EARLY: u64 = 50;
pub const LATE: u64 = 150;
pub const LEDGER: u8 = 9;

/// Only the ledger needs a proof.
pub fn required() -> [u8; 32] {
    let mut ledgers = [0; 32];
    ledgers[usize::from(LEDGER / 8)] = 1 << (LEDGER % 8);
    ledgers
}

const fn holding(key: u8, owner: u8, amount: u64) -> Holding {
    Holding {
        key: [key; 32],
        owner: [owner; 32],
        amount,
    }
}

/// Two positions of one owner, in two shards, and one of another whose first four bits are set.
pub fn chosen() -> Vec<Holding> {
    vec![
        holding(0x01, 0x21, 500),
        holding(0x02, 0xf2, 300),
        holding(0x13, 0x21, 200),
    ]
}

/// What a plan pays of a pool, under other keys and in another order.
pub fn owed(pool: u64) -> Vec<Holding> {
    let leaves = chosen();
    let total = leaves.iter().map(|leaf| leaf.amount).sum();
    let paid = |leaf: &Holding| payout_floor(leaf.amount, pool, total).expect("a share");
    let places = (0x31_u8..).zip(leaves.iter().rev());
    places
        .map(|(key, leaf)| Holding {
            key: [key; 32],
            owner: leaf.owner,
            amount: paid(leaf),
        })
        .filter(|leaf| leaf.amount > 0)
        .collect()
}

/// Successors that do not owe what is paid of this pool: owners exchanged, a unit moved, an account more, one unit less.
pub fn wrong(pool: u64) -> Vec<Vec<Holding>> {
    let mut all = vec![owed(pool); 4];
    let owner = all[0][0].owner;
    all[0][0].owner = all[0][1].owner;
    all[0][1].owner = owner;
    all[1][0].amount += 1;
    all[1][1].amount -= 1;
    all[2].push(holding(0x41, 0x77, 1));
    all[3][0].amount -= 1;
    all
}

/// Does this ledger owe, to each owner, the payouts of this pool and nothing else?
pub fn owes(successor: &[Holding], pool: u64) -> bool {
    let sorted = |leaves: &[Holding]| {
        let mut pairs: Vec<_> = leaves.iter().map(|leaf| (leaf.owner, leaf.amount)).collect();
        pairs.sort_unstable();
        pairs
    };
    sorted(successor) == sorted(&owed(pool))
}

/// A domain that recovers, with a pool of which so much was shared out, and a key in force.
pub fn recovering(shared: u64) -> Proving {
    let domain = Domain {
        version: VERSION,
        state: phase::OPERATING,
        ..Domain::zeroed()
    };
    let mut incident = Incident {
        alarm_slot: 10,
        domain: DOMAIN,
        ..Incident::zeroed()
    };
    incident.restored = required();
    // Another ledger of the incident, which needs no proof.
    incident.restored[0] |= 1;
    let restoration = Restoration {
        ledger_index: LEDGER,
        domain: DOMAIN,
        incident: INCIDENT,
        snapshot: CHOSEN,
        total: 1_000,
        count: 3,
        shared,
        counted_shared: shared,
        chosen_slot: CHOSEN_SLOT,
        ..Restoration::zeroed()
    };
    let mut board = PauseBoard::zeroed();
    board::open(&mut board);
    let ledger = SealedLedger {
        role: proof_role::CHOSEN,
        ledger_index: LEDGER,
        domain: DOMAIN,
        incident: INCIDENT,
        snapshot: CHOSEN,
        sealed_slot: EARLY,
        ..seal([200; 32], &chosen(), &Ideal(None)).expect("leaves")
    };
    let peace = Proving {
        at: At { slot: 200, now: 1_000 },
        domain: (DOMAIN, domain),
        board,
        incident: (INCIDENT, incident),
        restoration: (PLAN, restoration),
        pool: shared,
        rules: ProofRules {
            domain: DOMAIN,
            ..ProofRules::zeroed()
        },
        keys: [].into(),
        sealed: vec![(ledger, chosen())],
        proofs: [].into(),
        runs: [].into(),
        check: None,
    };
    let mut world = play(
        &peace,
        &HONEST,
        [ProofDeed::Register(1, 5), ProofDeed::Require(required(), 6)],
    )
    .expect("peace");
    world.domain.1.state = phase::RECOVERING;
    world.domain.1.open_incident = INCIDENT;
    world
}

/// The state after all of these.
pub fn play(
    world: &Proving,
    signer: &Pubkey,
    deeds: impl IntoIterator<Item = ProofDeed>,
) -> Result<Proving, CoreError> {
    let mut world = world.clone();
    for deed in deeds {
        world = world.step(signer, &deed)?;
    }
    Ok(world)
}

/// Everything that a prover of their own does until all shards of both ledgers are proved. Skips what is done.
pub fn pages(world: &Proving, prover: &Pubkey, successor: usize) -> Result<Vec<ProofDeed>, CoreError> {
    let proof = world.address(successor)?;
    let mut deeds = vec![];
    if !world.proofs.contains_key(&proof) {
        deeds.push(ProofDeed::Open(successor));
    }
    let ended = world.proofs.get(&proof).map_or([0; 2], |proof| proof.ended);
    for (which, ended) in (0_u8..).zip(ended) {
        let leaves = &world.sealed[if which == proof_role::CHOSEN { 0 } else { successor }].1;
        let mut is_empty_left = false;
        for shard in (0..16_u8).filter(|shard| ended >> shard & 1 == 0) {
            let own: Vec<_> = leaves
                .iter()
                .filter(|leaf| leaf.key[0] >> 4 == shard)
                .copied()
                .collect();
            if own.is_empty() {
                is_empty_left = true;
                continue;
            }
            let place = (proof, *prover, which, shard);
            deeds.push(ProofDeed::Run(proof, which, shard, None));
            deeds.extend(
                own.chunks(2)
                    .map(|page| ProofDeed::Page(place, page.to_vec(), Lie::None)),
            );
            deeds.push(ProofDeed::Finish(place));
        }
        if is_empty_left {
            deeds.push(ProofDeed::FinishEmpty(proof, which));
        }
    }
    Ok(deeds)
}

/// The host reads a ledger that owes what was shared out, and a prover proves and records it.
pub fn prove(world: &Proving, prover: &Pubkey) -> Result<Proving, CoreError> {
    let leaves = owed(world.restoration.1.shared);
    let world = play(world, &HONEST, [ProofDeed::Seal(leaves)])?;
    let successor = world.sealed.len() - 1;
    let proof = world.address(successor)?;
    let deeds = pages(&world, prover, successor)?;
    play(&world, prover, deeds.into_iter().chain([ProofDeed::Record(proof)]))
}
