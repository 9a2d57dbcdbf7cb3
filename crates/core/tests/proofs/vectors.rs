//! The prover's vectors: the chain computes the same words, digests, challenge and ids.

use std::{fs, path::Path};

use bulkhead_core::{
    CoreError,
    acts::{NewRun, ProofPage, Statement, finish_run, open_proof, open_run, prove_page},
    proofs::{
        Curve,
        challenge::{Challenge, LEDGER_LEN, context, draw, ledger_bytes},
        leaf::{LeafWords, first_accumulator},
        points::{KeyPoints, PROOF_KEY_LEN, PageProof},
        state::{PROOF_STATE_LEN, RunTerms, State},
        word::Word,
    },
};
use bulkhead_interface::{
    Pubkey,
    constants::{phase, proof_role},
    layout::{Domain, ProofKey, ProofRules, ProofRun, Restoration, SealedLedger, SealedShard, StateProof},
};
use bytemuck::Zeroable;
use serde_json::Value;

use super::poseidon::Real;

fn read(file: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../prover/vectors");
    serde_json::from_str(&fs::read_to_string(folder.join(file)).expect("the prover's vectors")).expect("JSON")
}

fn bytes<const LEN: usize>(value: &Value) -> [u8; LEN] {
    let text = value.as_str().expect("digits");
    assert_eq!(text.len(), 2 * LEN);
    let mut bytes = [0; LEN];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("digits");
    }
    bytes
}

fn word(value: &Value) -> Word {
    Word::read(&bytes(value)).expect("canonical")
}

fn number(value: &Value) -> u64 {
    value.as_str().expect("digits").parse().expect("a number")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn ledger(value: &Value) -> SealedLedger {
    let whole: [u8; LEDGER_LEN] = bytes(value);
    let mut ledger = SealedLedger::zeroed();
    let (tag, rest) = whole.split_at(32);
    ledger.tag.copy_from_slice(tag);
    for (shard, bytes) in ledger.shards.iter_mut().zip(rest.chunks(36)) {
        *shard = SealedShard {
            accumulator: bytes[..32].try_into().expect("32"),
            count: u32::from_le_bytes(bytes[32..].try_into().expect("4")),
        };
    }
    assert_eq!(ledger_bytes(&ledger), whole);
    ledger
}

fn challenge(value: &Value) -> Challenge {
    Challenge {
        gamma: word(&value["gamma"]),
        beta: word(&value["beta"]),
    }
}

fn state(value: &Value, curve: &Real) -> State {
    let whole: [u8; PROOF_STATE_LEN] = bytes(&value["bytes"]);
    let state = State::read(&whole).expect("canonical");
    assert_eq!(state.to_bytes(), whole);
    assert_eq!(state.accumulator, word(&value["accumulator"]));
    assert_eq!(state.high, word(&value["high"]));
    assert_eq!(state.low.to_string(), value["low"].as_str().expect("digits"));
    assert_eq!(u64::from(state.count), value["count"].as_u64().expect("a number"));
    assert_eq!((state.sum, state.paid), (number(&value["sum"]), number(&value["paid"])));
    assert_eq!(state.product, word(&value["product"]));
    assert_eq!(state.digest(curve).expect("a hash"), word(&value["digest"]));
    state
}

#[test]
fn the_hash_and_the_words_are_the_provers() {
    let (vectors, curve) = (read("page.json"), Real::default());
    for one in list(&vectors["poseidon"]) {
        let inputs = one["inputs"].as_u64().expect("a number");
        let words: Vec<_> = (1..=inputs).map(Word::from).collect();
        assert_eq!(curve.poseidon(&words), Some(word(&one["hash"])), "{inputs} inputs");
    }
    let tag = bytes(&vectors["subject"]["tag"]);
    let mut accumulators = vec![];
    for (shard, value) in (0_u8..).zip(list(&vectors["first_accumulators"])) {
        let first = first_accumulator(&tag, shard, &curve).expect("a hash");
        assert_eq!(first, word(value));
        accumulators.push(first);
    }
    assert_eq!(accumulators.len(), 16);
    for position in list(&vectors["positions"]) {
        let (key, owner): ([u8; 32], [u8; 32]) = (bytes(&position["key"]), bytes(&position["owner"]));
        let words = LeafWords::of(&key, &owner, number(&position["amount"]));
        let expected: Vec<_> = list(&position["words"]).iter().map(word).collect();
        assert_eq!(vec![words.high, words.low, words.owner, words.packed], expected);
        let accumulator = &mut accumulators[usize::from(key[0] >> 4)];
        *accumulator = words.fold(*accumulator, &curve).expect("a hash");
    }
    let sealed = ledger(&vectors["chosen"]).shards.map(|shard| shard.accumulator);
    assert_eq!(
        accumulators.iter().map(|word| *word.bytes()).collect::<Vec<_>>(),
        sealed
    );
}

#[test]
fn the_challenge_is_the_provers() {
    let vectors = read("page.json");
    let (chosen, successor) = (ledger(&vectors["chosen"]), ledger(&vectors["successor"]));
    let (pool, total) = (number(&vectors["pool"]), number(&vectors["total"]));
    let drawn = draw(&chosen, Some(&successor), pool, total);
    assert_eq!(drawn, challenge(&vectors["challenge"]));
    assert_eq!(
        draw(&chosen, None, pool, total),
        challenge(&vectors["challenge_without_successor"])
    );
    // Whatever the products depend on moves it.
    let mut others = vec![
        draw(&chosen, Some(&successor), pool + 1, total),
        draw(&chosen, Some(&successor), pool, total + 1),
        draw(&successor, Some(&chosen), pool, total),
    ];
    for which in 0..2 {
        for shard in 0..16 {
            for of_count in [false, true] {
                let mut both = [chosen, successor];
                let shard = &mut both[which].shards[shard];
                match of_count {
                    true => shard.count += 1,
                    false => shard.accumulator[31] ^= 1,
                }
                others.push(draw(&both[0], Some(&both[1]), pool, total));
            }
        }
    }
    assert!(
        others
            .iter()
            .all(|other| other.gamma != drawn.gamma && other.beta != drawn.beta)
    );
}

#[test]
fn the_public_input_is_the_provers() {
    let (vectors, curve) = (read("page.json"), Real::default());
    let subject = &vectors["subject"];
    let key = |name: &str| Pubkey::new_from_array(bytes(&subject[name]));
    let tag = bytes(&subject["tag"]);
    for page in list(&vectors["pages"]) {
        let shard = u8::try_from(page["shard"].as_u64().expect("a number")).expect("a shard");
        let terms = RunTerms {
            context: context(
                &key("program"),
                &key("domain"),
                &key("plan"),
                &tag,
                proof_role::CHOSEN,
                shard,
            ),
            pool: number(&vectors["pool"]),
            total: number(&vectors["total"]),
            challenge: challenge(&vectors["challenge"]),
        };
        assert_eq!(terms.context, word(&page["context"]));
        assert_eq!(terms.digest(&curve).expect("a hash"), word(&page["run"]));
        let (before, after) = (state(&page["before"], &curve), state(&page["after"], &curve));
        assert_eq!(before, State::first(&tag, shard, &curve).expect("a hash"));
        let public = terms.public_input(&before, &after, &curve).expect("a hash");
        assert_eq!(public, word(&page["public_input"]));
    }
}

#[test]
fn the_acts_take_the_provers_pages_and_end_where_they_do() {
    let vectors = read("page.json");
    let subject = &vectors["subject"];
    let key = |name: &str| Pubkey::new_from_array(bytes(&subject[name]));
    let (program, domain_key, plan_key) = (key("program"), key("domain"), key("plan"));
    let incident = Pubkey::new_from_array([3; 32]);
    let domain = Domain {
        state: phase::RECOVERING,
        open_incident: incident,
        ..Domain::zeroed()
    };
    let rules = ProofRules {
        domain: domain_key,
        key: [5; 32],
        ..ProofRules::zeroed()
    };
    let plan = Restoration {
        domain: domain_key,
        incident,
        total: number(&vectors["total"]),
        shared: number(&vectors["pool"]),
        ..Restoration::zeroed()
    };
    let sealed = |ledger: SealedLedger, role: u8, total: u64| SealedLedger {
        role,
        total,
        domain: domain_key,
        incident,
        sealed_slot: 1,
        ..ledger
    };
    let chosen = sealed(ledger(&vectors["chosen"]), proof_role::CHOSEN, plan.total);
    let successor = sealed(ledger(&vectors["successor"]), proof_role::SUCCESSOR, 0);
    let statement = Statement {
        domain: (&domain_key, &domain),
        rules: &rules,
        restoration: (&plan_key, &plan),
        chosen: &chosen,
        successor: &successor,
    };
    let mut proof = StateProof::zeroed();
    open_proof(&mut proof, &statement, (&Pubkey::default(), 255)).expect("a statement");
    let points: [u8; PROOF_KEY_LEN] = bytes(&read("proof.json")["points"]);
    let verifying = ProofKey {
        id: rules.key,
        domain: domain_key,
        page_size: 256,
        points,
        ..ProofKey::zeroed()
    };
    let publics = list(&vectors["pages"]).iter().map(|page| word(&page["public_input"]));
    let curve = Real(publics.collect());
    let at = Pubkey::new_from_array([9; 32]);
    let (mut sum, mut product) = (0, Word::one());
    for shard in 0..16 {
        let new = NewRun {
            program: &program,
            prover: at,
            role: proof_role::CHOSEN,
            shard,
            bump: 255,
        };
        let mut run = ProofRun::zeroed();
        open_run(&mut run, (&at, &proof), &new, None, &curve).expect("a run");
        let pages = list(&vectors["pages"]).iter();
        for page in pages.filter(|page| page["shard"].as_u64() == Some(u64::from(shard))) {
            let after = state(&page["after"], &curve);
            let page = ProofPage {
                after: &after.to_bytes(),
                proof: &bytes(&read("proof.json")["proof"]),
            };
            let moved = prove_page(&mut run, (&at, &proof), &verifying, &at, &page, &curve);
            assert_eq!(moved, Ok(true));
            let again = prove_page(&mut run, (&at, &proof), &verifying, &at, &page, &Real::default());
            assert_eq!(again, Ok(false), "the same page changes nothing");
            (sum, product) = (sum + after.sum, product.times(&after.product));
        }
        finish_run((&at, &mut proof), &run, &chosen).expect("the shard's end");
        assert_eq!(finish_run((&at, &mut proof), &run, &chosen), Err(CoreError::ShardEnded));
    }
    assert_eq!(proof.ended, [u16::MAX, 0]);
    assert_eq!((proof.sums[0], sum), (plan.total, plan.total));
    assert_eq!(proof.products[0], *product.bytes());
}

#[test]
fn keys_and_proofs_are_named_and_read_as_the_provers() {
    let (file, proof) = (read("verifying-key.json"), read("proof.json"));
    let points: [u8; PROOF_KEY_LEN] = bytes(&proof["points"]);
    let read = KeyPoints::read(&points).expect("a key");
    assert_eq!(
        read.id(file["page_size"].as_u64().expect("a size"), 1),
        bytes(&file["id"])
    );
    assert!(PageProof::read(&bytes(&proof["proof"])).is_ok());
    let curve = Real::default();
    let (before, after) = (state(&proof["before"], &curve), state(&proof["after"], &curve));
    let terms = RunTerms {
        context: word(&proof["run"]["context"]),
        pool: number(&proof["run"]["pool"]),
        total: number(&proof["run"]["total"]),
        challenge: challenge(&proof["run"]),
    };
    assert_eq!(
        terms.public_input(&before, &after, &curve).expect("a hash"),
        word(&proof["public_input"])
    );
}
