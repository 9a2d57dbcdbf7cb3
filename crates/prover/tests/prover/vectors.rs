//! `vectors/page.json` is what the code computes, and what the page in the docs says. `VECTORS_WRITE=1` writes it.

use std::{fs, path::PathBuf, process::Command};

use bulkhead_prover::{
    Commitment, Drawn, Leaf, PageProof, Role, Run, SHARDS, State, Subject, VerifyingKey, Word,
    field::{from_bytes, to_bytes},
    file::{hex, unhex},
    first_accumulator, poseidon, prove, verify,
};
use bulkhead_snapshot::Position;
use serde_json::{Value, json};

use super::{kit, position};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

fn word(word: &Word) -> String {
    hex(&to_bytes(word))
}

fn key(seed: u8, first: u8) -> [u8; 32] {
    let mut key = [0; 32];
    for (at, byte) in (0_u8..).zip(&mut key) {
        *byte = seed.wrapping_mul(37).wrapping_add(at.wrapping_mul(11));
    }
    key[0] = first;
    key
}

/// Positions of shards 0, 3 and 15: a key of zeros, keys that agree in their first half, a payout of 0, large amounts.
fn sample() -> Vec<Position> {
    let of = |key: [u8; 32], owner: [u8; 32], amount| Position {
        key: key.into(),
        owner: owner.into(),
        amount,
    };
    let mut twin = key(4, 0x35);
    twin[31] = twin[31].wrapping_add(1);
    vec![
        of([0; 32], key(1, 0xff), 1),
        of(key(2, 0x01), key(2, 0x10), 123_456_789),
        of(key(4, 0x35), key(3, 0x0f), 1 << 62),
        of(twin, key(3, 0x0f), (1 << 62) + 5),
        of(key(5, 0xff), [0xff; 32], 77),
    ]
}

fn state(state: &State) -> Value {
    json!({
        "bytes": hex(&state.to_bytes()),
        "accumulator": word(&state.accumulator),
        "high": word(&state.high),
        "low": state.low.to_string(),
        "count": state.count,
        "sum": state.sum.to_string(),
        "paid": state.paid.to_string(),
        "product": word(&state.product),
        "digest": word(&state.digest().unwrap()),
    })
}

/// Everything but keys and proofs, which are random.
fn computed() -> Value {
    let hashes: Vec<_> = (1..=7_u64)
        .map(|inputs| {
            let words: Vec<_> = (1..=inputs).map(Word::from).collect();
            json!({"inputs": inputs, "of": "1, 2 and so on", "hash": word(&poseidon(&words).unwrap())})
        })
        .collect();
    let tag = key(6, 0xaa);
    let positions = sample();
    let total: u64 = positions.iter().map(|position| position.amount).sum();
    let pool = total / 3;
    let mut shards = [const { Vec::new() }; SHARDS];
    for position in &positions {
        shards[usize::from(position.key.to_bytes()[0] >> 4)].push(position);
    }
    let mut chosen = Commitment::empty(tag).unwrap();
    for (leaves, (accumulator, count)) in shards.iter().zip(&mut chosen.shards) {
        for position in leaves {
            *accumulator = Leaf::from(*position).fold(*accumulator).unwrap();
            *count += 1;
        }
    }
    let successor = Commitment::empty(key(7, 0xbb)).unwrap();
    let drawn = Drawn {
        chosen: chosen.clone(),
        successor: Some(successor),
        pool,
        total,
    };
    let alone = Drawn {
        successor: None,
        ..drawn.clone()
    };
    let subject = Subject {
        program: key(8, 1),
        domain: key(9, 2),
        plan: key(10, 3),
        tag,
        role: Role::Chosen,
    };
    let challenge = drawn.challenge();
    let pages: Vec<_> = (0_u8..)
        .zip(&shards)
        .filter(|(_, leaves)| !leaves.is_empty())
        .map(|(shard, leaves)| {
            let run = subject.run(shard, pool, total, challenge);
            let before = State::first(&tag, shard).unwrap();
            let leaves: Vec<_> = leaves.iter().map(|position| Leaf::from(*position)).collect();
            let after = run.advance_all(&before, &leaves).unwrap();
            json!({
                "shard": shard,
                "context": word(&run.context),
                "run": word(&run.digest().unwrap()),
                "before": state(&before),
                "after": state(&after),
                "public_input": word(&run.public_input(&before, &after).unwrap()),
            })
        })
        .collect();
    json!({
        "poseidon": hashes,
        "subject": {
            "program": hex(&subject.program), "domain": hex(&subject.domain), "plan": hex(&subject.plan),
            "tag": hex(&tag), "role": "chosen",
        },
        "positions": positions.iter().map(|position| json!({
            "key": hex(&position.key.to_bytes()),
            "owner": hex(&position.owner.to_bytes()),
            "amount": position.amount.to_string(),
            "words": Leaf::from(position).words().iter().map(word).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "pool": pool.to_string(),
        "total": total.to_string(),
        "first_accumulators": (0..16).map(|shard| word(&first_accumulator(&tag, shard).unwrap())).collect::<Vec<_>>(),
        "chosen": hex(&drawn.chosen.to_bytes()),
        "successor": drawn.successor.as_ref().map(|successor| hex(&successor.to_bytes())),
        "challenge": {"gamma": word(&challenge.gamma), "beta": word(&challenge.beta)},
        "challenge_without_successor": {
            "gamma": word(&alone.challenge().gamma), "beta": word(&alone.challenge().beta),
        },
        "pages": pages,
    })
}

fn read(name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder().join(name)).unwrap()).unwrap()
}

fn write(name: &str, value: &Value) {
    fs::write(folder().join(name), serde_json::to_string_pretty(value).unwrap() + "\n").unwrap();
}

fn writes() -> bool {
    std::env::var_os("VECTORS_WRITE").is_some()
}

#[test]
fn what_is_computed_is_in_the_vectors() {
    if writes() {
        write("page.json", &computed());
    }
    assert_eq!(read("page.json"), computed());
}

/// A key, a page and its proof, which anybody's verifier has to accept; and a wrong one of each kind.
#[test]
fn the_proof_in_the_vectors_verifies() {
    let run = Run {
        context: Word::from(77_u64),
        pool: 600,
        total: 1_003,
        challenge: bulkhead_prover::Challenge {
            gamma: Word::from(123_456_789_u64),
            beta: Word::from(987_654_321_u64),
        },
    };
    let before = State::first(&[3; 32], 0).unwrap();
    let leaves = [position(0, 1, 200, 500), position(0, 2, 201, 40)].map(|position| Leaf::from(&position));
    if writes() {
        let (after, proof) = prove(&kit().key, &kit().shape, &run, &before, &leaves).unwrap();
        kit().key.verifying.write(&folder().join("verifying-key.json")).unwrap();
        write(
            "proof.json",
            &json!({
                "key": "verifying-key.json",
                "points": hex(&kit().key.verifying.points()),
                "run": {
                    "context": word(&run.context), "pool": "600", "total": "1003",
                    "gamma": word(&run.challenge.gamma), "beta": word(&run.challenge.beta),
                },
                "before": state(&before),
                "after": state(&after),
                "public_input": word(&run.public_input(&before, &after).unwrap()),
                "proof": hex(&proof.0),
            }),
        );
    }
    let found = read("proof.json");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let verifying = VerifyingKey::read(&folder().join("verifying-key.json")).unwrap();
    assert_eq!(hex(&verifying.points()), text(&found["points"]));
    let proof = PageProof(unhex(&text(&found["proof"])).unwrap());
    let after = State::from_bytes(&unhex(&text(&found["after"]["bytes"])).unwrap()).unwrap();
    assert_eq!(after, run.advance_all(&before, &leaves).unwrap());
    let input = from_bytes(&unhex(&text(&found["public_input"])).unwrap()).unwrap();
    assert_eq!(input, run.public_input(&before, &after).unwrap());
    verify(&verifying, &run, &before, &after, &proof).unwrap();
    let more = State {
        paid: after.paid + 1,
        ..after
    };
    assert!(verify(&verifying, &run, &before, &more, &proof).is_err());
}

/// An implementation in another language, written from the page in the docs.
#[test]
fn the_docs_suffice_to_recompute_them() {
    let script = folder().join("recompute.py");
    let output = Command::new("python3").arg(&script).output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
