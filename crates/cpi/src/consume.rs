//! A successor takes over a claim, to make the position anew.

use core::convert::TryFrom;

use crate::{call::said, verdict::NoVerdict, Use};

/// Discriminator of `consume_claim`.
pub const CONSUME_CLAIM: [u8; 8] = [194, 63, 77, 242, 206, 181, 228, 103];

/// Accounts of `consume_claim`: the share of a leaf goes to `destination`, and the host makes the position anew for its
/// owner.
///
/// The owner lets the host: it signs the transaction, or has said so in advance with `wish_claims`, or the ledger's terms
/// named the host's PDA before the vote and the owners' notice has passed.
#[derive(Debug)]
pub struct ConsumeClaim<'a, A> {
    /// The restoration.
    pub restoration: &'a A,
    /// The snapshot of the chosen state.
    pub snapshot: &'a A,
    /// The sealed shard that contains the leaf.
    pub shard: &'a A,
    /// The page that records what the leaf was paid.
    pub claims: &'a A,
    /// The pool that claims are paid from.
    pub pool: &'a A,
    /// Token account that receives the share: the host's own choice. Compare it with the one the host stored.
    pub destination: &'a A,
    /// Owner of the leaf. Passed on as signed if it signed the host's instruction.
    pub owner: &'a A,
    /// The restoration's mint.
    pub mint: &'a A,
    /// The mint's token program.
    pub token_program: &'a A,
    /// A PDA of the host. It signs.
    pub consumer: &'a A,
    /// The owner's wish: the PDA of `claim_wish`, domain and owner, even if no account exists there.
    pub wish: &'a A,
    /// The terms of the ledger's claims: the PDA of `claim_terms`, domain and ledger, even if no account exists there.
    pub terms: &'a A,
}

/// A leaf and its proof.
#[derive(Clone, Copy, Debug)]
pub struct Leaf<'a> {
    /// Its index.
    pub index: u32,
    /// Key of the position.
    pub key: &'a [u8; 32],
    /// Amount of the leaf. Native units.
    pub amount: u64,
    /// Siblings from the leaf up to the shard's canopy: 40 bytes each, hash and sum.
    pub proof: &'a [u8],
}

/// What Bulkhead says was consumed. To know what arrived, read the destination's balance before and after the call: the
/// mint may withhold a fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumed {
    /// Owner of the leaf.
    pub owner: [u8; 32],
    /// Key of the position.
    pub key: [u8; 32],
    /// Amount of the leaf. Native units.
    pub amount: u64,
    /// Amount that left the pool. Native units.
    pub paid: u64,
}

impl<'a, A> ConsumeClaim<'a, A> {
    /// The accounts in their order, and how each is used. `owner_signs`: the owner signed the host's instruction.
    #[must_use]
    pub fn accounts(&self, owner_signs: bool) -> [(&'a A, Use); 12] {
        let usage = |is_writable, is_signer| Use { is_writable, is_signer };
        let (read, write) = (usage(false, false), usage(true, false));
        [
            (self.restoration, write),
            (self.snapshot, read),
            (self.shard, read),
            (self.claims, write),
            (self.pool, write),
            (self.destination, write),
            (self.owner, usage(false, owner_signs)),
            (self.mint, read),
            (self.token_program, read),
            (self.consumer, usage(false, true)),
            (self.wish, read),
            (self.terms, read),
        ]
    }
}

impl Leaf<'_> {
    /// Writes the instruction's data, part by part.
    ///
    /// # Errors
    /// [`NoVerdict`]: the proof is longer than an instruction can be.
    pub fn write(&self, mut put: impl FnMut(&[u8])) -> Result<(), NoVerdict> {
        let len = u32::try_from(self.proof.len()).map_err(|_| NoVerdict)?;
        put(&CONSUME_CLAIM);
        put(&self.index.to_le_bytes());
        put(self.key);
        put(&self.amount.to_le_bytes());
        // The bump of an associated token account, which is of no use here.
        put(&[0]);
        put(&len.to_le_bytes());
        put(self.proof);
        Ok(())
    }
}

/// Reads Bulkhead's answer: the return data after the call, and the program that set it.
///
/// # Errors
/// [`NoVerdict`], if it is none of Bulkhead's, or not of this form: the host's instruction has to fail with it.
pub fn consumed<Program: AsRef<[u8]>, Data: AsRef<[u8]>>(
    answer: &Option<(Program, Data)>,
) -> Result<Consumed, NoVerdict> {
    let data: [u8; 80] = said(answer).ok_or(NoVerdict)?;
    let key = |at: usize| {
        let mut key = [0; 32];
        key.copy_from_slice(&data[at..at + 32]);
        key
    };
    let number = |at: usize| {
        let mut number = [0; 8];
        number.copy_from_slice(&data[at..at + 8]);
        u64::from_le_bytes(number)
    };
    Ok(Consumed {
        owner: key(0),
        key: key(32),
        amount: number(64),
        paid: number(72),
    })
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::{string::String, vec::Vec};

    use serde_json::Value;

    use super::*;

    /// Accounts of an instruction in order, those of composite structs in place.
    fn flatten(list: &Value, into: &mut Vec<String>) {
        for item in list.as_array().expect("accounts") {
            match item.get("accounts") {
                Some(inner) => flatten(inner, into),
                None => into.push(item["name"].as_str().expect("a name").into()),
            }
        }
    }

    #[test]
    fn it_is_the_compiled_instruction() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../idl/bulkhead.json");
        let idl: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("the IDL")).expect("JSON");
        let all = idl["instructions"].as_array().expect("instructions");
        let found = all
            .iter()
            .find(|each| each["name"] == "consume_claim")
            .expect("in the IDL");
        assert_eq!(found["discriminator"], Value::from(CONSUME_CLAIM.to_vec()));
        let mut accounts = Vec::new();
        flatten(&found["accounts"], &mut accounts);
        let ours = [
            "restoration",
            "snapshot",
            "shard",
            "claims",
            "pool",
            "destination",
            "owner",
            "mint",
            "token_program",
            "consumer",
            "wish",
            "terms",
        ];
        assert_eq!(accounts, ours);
        let fields = |name: &str| -> Vec<String> {
            let types = idl["types"].as_array().expect("types");
            let found = types.iter().find(|each| each["name"] == name).expect("in the IDL");
            let fields = found["type"]["fields"].as_array().expect("fields");
            let name = |field: &Value| String::from(field["name"].as_str().expect("a name"));
            fields.iter().map(name).collect()
        };
        assert_eq!(
            fields("ClaimArgs"),
            ["index", "key", "amount", "destination_bump", "proof"]
        );
        assert_eq!(fields("ConsumedClaim"), ["owner", "key", "amount", "paid"]);
    }

    #[test]
    fn only_bulkheads_whole_answer_counts() {
        let mut data = Vec::new();
        data.extend([1; 32]);
        data.extend([2; 32]);
        data.extend(3u64.to_le_bytes());
        data.extend(4u64.to_le_bytes());
        let told = Consumed {
            owner: [1; 32],
            key: [2; 32],
            amount: 3,
            paid: 4,
        };
        let id = bulkhead_guard::BULKHEAD_ID;
        let says = |program: [u8; 32], data: &[u8]| consumed(&Some((program, data)));
        assert_eq!(says(id, &data), Ok(told));
        assert_eq!(says([9; 32], &data), Err(NoVerdict));
        assert_eq!(consumed(&None::<([u8; 32], &[u8])>), Err(NoVerdict));
        assert_eq!(says(id, &data[1..]), Err(NoVerdict));
        data.push(0);
        assert_eq!(says(id, &data), Err(NoVerdict));
    }
}
