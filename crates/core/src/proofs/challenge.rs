//! What a run is about, and the challenge that is drawn once for both ledgers when all their leaves are fixed.

use bulkhead_interface::{Pubkey, constants::SHARDS, layout::SealedLedger};

use super::word::Word;
use crate::hash::sha256;

/// Bytes of a ledger as the challenge takes it.
pub const LEDGER_LEN: usize = 32 + SHARDS * 36;

/// Two words that nobody knows before all leaves are fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// γ.
    pub gamma: Word,
    /// β.
    pub beta: Word,
}

/// What one shard's run is about.
#[must_use]
pub fn context(program: &Pubkey, domain: &Pubkey, plan: &Pubkey, tag: &[u8; 32], role: u8, shard: u8) -> Word {
    Word::masked(sha256(&[
        b"bulkhead-proof-context-v1",
        program.as_ref(),
        domain.as_ref(),
        plan.as_ref(),
        tag,
        &[role, shard],
    ]))
}

/// What fixes the leaves of a ledger: its tag, and the final accumulator and count of each shard.
#[must_use]
pub fn ledger_bytes(ledger: &SealedLedger) -> [u8; LEDGER_LEN] {
    let mut bytes = [0; LEDGER_LEN];
    let shards = ledger.shards.iter().flat_map(|shard| {
        let count = shard.count.to_le_bytes();
        shard.accumulator.into_iter().chain(count)
    });
    for (to, from) in bytes.iter_mut().zip(ledger.tag.into_iter().chain(shards)) {
        *to = from;
    }
    bytes
}

/// The challenge. Before there is a successor its bytes are left out.
#[must_use]
pub fn draw(chosen: &SealedLedger, successor: Option<&SealedLedger>, pool: u64, total: u64) -> Challenge {
    let (chosen, successor) = (ledger_bytes(chosen), successor.map(ledger_bytes));
    let successor = successor.as_ref().map_or(&[][..], |bytes| bytes);
    let word = |number: u8| {
        Word::masked(sha256(&[
            b"bulkhead-proof-challenge-v1",
            &chosen,
            successor,
            &pool.to_le_bytes(),
            &total.to_le_bytes(),
            &[number],
        ]))
    };
    Challenge {
        gamma: word(0),
        beta: word(1),
    }
}
