//! Which way tokens move in an instruction.

use super::Flow;
use crate::{
    find::has,
    model::{Instruction, Meta},
    names::words,
};

/// Which way tokens move, by the roles of token accounts and of who signs for them.
pub fn flow(instruction: &Instruction) -> Flow {
    let is_token = |meta: &&Meta| {
        let words = words(&meta.name);
        meta.is_writable
            && !has(&words, &["program", "mint", "authority"])
            && (has(&words, &["ata", "vault", "custody", "treasury"])
                || has(&words, &["token"])
                    && has(
                        &words,
                        &[
                            "account",
                            "owner",
                            "user",
                            "source",
                            "destination",
                            "vault",
                            "a",
                            "b",
                            "x",
                            "y",
                            "0",
                            "1",
                            "in",
                            "out",
                            "input",
                            "output",
                        ],
                    )
                || has(&words, &["source", "destination"])
                    && has(&words, &["liquidity", "collateral", "token", "account"]))
    };
    let has_program = instruction.accounts.iter().any(|meta| {
        let words = words(&meta.name);
        has(&words, &["token"]) && has(&words, &["program"])
    });
    let tokens: Vec<_> = instruction.accounts.iter().filter(is_token).collect();
    if !has_program || tokens.is_empty() {
        return Flow::None;
    }
    let is = |meta: &Meta, known: &[&str]| has(&words(&meta.name), known);
    let hosts = |meta: &&&Meta| {
        is(meta, &["vault", "custody", "reserve", "pool", "treasury"])
            && !is(meta, &["user", "owner", "source", "destination"])
    };
    let kept = tokens.iter().filter(hosts).count();
    let theirs = tokens.len().saturating_sub(kept);
    // Tokens of a vault leave by a signature of the host: an authority that does not sign the transaction.
    let is_authority =
        |meta: &Meta| !meta.is_signer && is(meta, &["authority", "signer"]) && !is(meta, &["event", "mint"]);
    let signs_itself = instruction.accounts.iter().any(is_authority);
    let named_in = tokens.iter().any(|meta| is(meta, &["source", "from"]));
    let named_out = tokens
        .iter()
        .any(|meta| is(meta, &["destination", "dest", "to", "recipient", "receiver"]));
    match (kept, theirs) {
        _ if named_in && named_out => Flow::Both,
        (2.., 2..) if signs_itself => Flow::Both,
        _ if named_in => Flow::In,
        _ if named_out => Flow::Out,
        (1.., 1..) if signs_itself => Flow::Out,
        _ => Flow::Unknown,
    }
}
