//! What was sent, as text and as JSON.

use bulkhead_client::flows::Done;
use bulkhead_rpc::Node;
use serde_json::{Value, json};

use super::difference::sol;

/// Receipts that are listed one by one as text.
const LISTED: usize = 8;

/// A result in both formats.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// For programs.
    pub json: Value,
    /// For people; each line ends with a newline.
    pub text: String,
}

impl Outcome {
    /// Of what landed.
    pub(super) fn of(act: &str, done: &Done) -> Self {
        let receipts = &done.receipts;
        let fees: u64 = receipts
            .iter()
            .filter_map(|receipt| receipt.fee)
            .fold(0, u64::saturating_add);
        let units: u64 = receipts
            .iter()
            .filter_map(|receipt| receipt.units)
            .fold(0, u64::saturating_add);
        let mut text = String::new();
        match receipts.len() {
            0 => text += &format!("{act}: nothing to do, all of it is done already\n"),
            count if count <= LISTED => {
                for receipt in receipts {
                    text += &format!("{act:<9} {}\n", receipt.signature);
                }
            }
            count => text += &format!("{act:<9} {count} transactions\n"),
        }
        if receipts.len() > 1 && fees > 0 {
            text += &format!("fees      {} SOL\n", sol(fees));
        }
        if done.skipped > 0 && !receipts.is_empty() {
            text += &format!("skipped   {}, done already\n", done.skipped);
        }
        let signatures: Vec<_> = receipts.iter().map(|receipt| &receipt.signature).collect();
        Self {
            json: json!({
                "act": act,
                "signatures": signatures,
                "skipped": done.skipped,
                "compute_units": units,
                "fee_lamports": fees,
            }),
            text,
        }
    }
}

/// What a node said, on which "nothing to do" relies: nothing landed that would prove it.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub node: String,
    pub slot: u64,
    pub commitment: String,
}

impl Word {
    /// What the node has said last. `None` if it was not asked.
    pub(super) fn of(node: &Node) -> Option<Self> {
        Some(Self {
            node: node.to_string(),
            slot: node.seen()?,
            commitment: node.commitment().commitment.to_string(),
        })
    }
}

impl Outcome {
    /// The same, with the word of the node if nothing was sent.
    pub(super) fn relying_on(mut self, done: &Done, word: Option<Word>) -> Self {
        let Some(word) = word.filter(|_| done.receipts.is_empty()) else {
            return self;
        };
        let Word { node, slot, commitment } = word;
        self.text += &format!(
            "relied on {node}, slot {slot}, {commitment}; a node that lies or lags says the same: ask another with -u\n"
        );
        self.json["relied_on"] = json!({ "node": node, "slot": slot, "commitment": commitment });
        self
    }
}

#[cfg(test)]
mod tests {
    use bulkhead_client::chain::Receipt;

    use super::*;

    fn done(count: usize, skipped: u64) -> Done {
        let receipt = |place| Receipt {
            signature: format!("s{place}"),
            units: Some(100),
            fee: Some(5_000),
        };
        Done {
            receipts: (0..count).map(receipt).collect(),
            skipped,
        }
    }

    #[test]
    fn nothing_done_is_said() {
        let outcome = Outcome::of("pause", &done(0, 1));
        assert!(outcome.text.contains("done already") && outcome.json["skipped"] == 1);
    }

    #[test]
    fn what_was_done_already_names_who_said_so() {
        let word = || Word {
            node: "rpc.example".into(),
            slot: 77,
            commitment: "confirmed".into(),
        };
        let outcome = Outcome::of("pause", &done(0, 1)).relying_on(&done(0, 1), Some(word()));
        assert!(
            outcome.text.contains("rpc.example, slot 77, confirmed"),
            "{}",
            outcome.text
        );
        assert_eq!(outcome.json["relied_on"]["slot"], 77);
        // What landed speaks for itself.
        let outcome = Outcome::of("pause", &done(1, 0)).relying_on(&done(1, 0), Some(word()));
        assert!(!outcome.text.contains("relied on") && outcome.json["relied_on"].is_null());
    }

    #[test]
    fn every_signature_is_in_the_json_and_few_in_the_text() {
        let outcome = Outcome::of("claim", &done(3, 0));
        assert!(
            outcome.text.contains("s2") && outcome.text.contains("0.000015 SOL"),
            "{}",
            outcome.text
        );
        let outcome = Outcome::of("claim", &done(1_000, 0));
        assert!(outcome.text.contains("1000 transactions") && !outcome.text.contains("s2"));
        assert_eq!(outcome.json["signatures"].as_array().map(Vec::len), Some(1_000));
        assert_eq!(outcome.json["fee_lamports"], 5_000_000);
    }
}
