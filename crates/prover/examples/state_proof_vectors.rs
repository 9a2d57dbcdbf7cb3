//! Answers `tests/vectors/state_proof/question.json`: makes a key for a drill, proves every page of both ledgers, and
//! writes the answer beside it. `make state-proof-vectors` runs it.

use std::{error::Error, fs, path::Path};

use bulkhead_prover::{
    Commitment, Drawn, Leaf, Role, Run, SHARDS, Shape, State, Subject,
    file::{hex, unhex},
    prove, set_up_insecurely,
};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    page_size: usize,
    program: String,
    domain: String,
    plan: String,
    pool: u64,
    total: u64,
    chosen: Ledger,
    successor: Ledger,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ledger {
    tag: String,
    /// Key, owner and amount, by ascending keys.
    leaves: Vec<(String, String, u64)>,
}

impl Ledger {
    fn shards(&self) -> Result<Vec<Vec<Leaf>>, Box<dyn Error>> {
        let mut shards = vec![vec![]; SHARDS];
        for (key, owner, amount) in &self.leaves {
            let (key, owner) = (bytes(key)?, bytes(owner)?);
            shards[usize::from(key[0] >> 4)].push(Leaf::of(&key, &owner, *amount));
        }
        Ok(shards)
    }

    fn commitment(&self) -> Result<Commitment, Box<dyn Error>> {
        let tag = bytes(&self.tag)?;
        let mut commitment = Commitment::empty(tag)?;
        for (leaves, shard) in self.shards()?.iter().zip(&mut commitment.shards) {
            for leaf in leaves {
                *shard = (leaf.fold(shard.0)?, shard.1 + 1);
            }
        }
        Ok(commitment)
    }

    fn total(&self) -> u64 {
        self.leaves.iter().map(|leaf| leaf.2).sum()
    }
}

fn bytes(text: &str) -> Result<[u8; 32], Box<dyn Error>> {
    unhex(text).ok_or_else(|| format!("{text} is not 32 bytes in hexadecimal").into())
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/state_proof");
    let question: Question = serde_json::from_slice(&fs::read(folder.join("question.json"))?)?;
    let shape = Shape::of(question.page_size)?;
    let key = set_up_insecurely(&shape)?;
    let drawn = Drawn {
        chosen: question.chosen.commitment()?,
        successor: Some(question.successor.commitment()?),
        pool: question.pool,
        total: question.total,
    };
    let owed = question.successor.total();
    let mut pages = vec![];
    for (number, role, ledger, pool, total) in [
        (0, Role::Chosen, &question.chosen, question.pool, question.total),
        (1, Role::Successor, &question.successor, owed, owed),
    ] {
        let tag = bytes(&ledger.tag)?;
        let subject = Subject {
            program: bytes(&question.program)?,
            domain: bytes(&question.domain)?,
            plan: bytes(&question.plan)?,
            tag,
            role,
        };
        for (shard, leaves) in (0_u8..).zip(ledger.shards()?) {
            let run = Run {
                context: subject.context(shard),
                pool,
                total,
                challenge: drawn.challenge(),
            };
            let mut state = State::first(&tag, shard)?;
            for page in leaves.chunks(question.page_size) {
                let (after, proof) = prove(&key, &shape, &run, &state, page)?;
                state = after;
                pages.push(json!({
                    "role": number, "shard": shard,
                    "after": hex(&state.to_bytes()), "proof": hex(&proof.0),
                }));
            }
        }
    }
    let verifying = &key.verifying;
    let answer = json!({
        "key": { "page_size": verifying.page_size, "set_up": 1, "points": hex(&verifying.points()) },
        "pages": pages,
    });
    fs::write(folder.join("answer.json"), serde_json::to_string_pretty(&answer)? + "\n")?;
    Ok(())
}
