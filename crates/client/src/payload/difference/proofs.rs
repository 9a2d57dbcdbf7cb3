//! What a domain demands of restored ledgers, against what it demands now.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{OverrideProofArgs, RegisterVerifyingKeyArgs, RequireProofsArgs};
use bulkhead_interface::layout::{ProofRules, Restoration};

use super::{Changes, Direction};
use crate::{
    payload::words::{hex, set_of},
    pda,
};

impl Changes<'_> {
    pub(super) fn verifying_key(&mut self, args: &RegisterVerifyingKeyArgs, domain: &Pubkey) {
        let now = self.load::<ProofRules>(&pda::proof_rules(domain));
        let key = now.map(|rules| rules.key).filter(|key| *key != [0; 32]);
        let from = key.map_or_else(|| "none".to_owned(), |key| hex(&key));
        let to = match args.accepts_insecure {
            true => format!("{}, also if one party made it and can prove anything", hex(&args.id)),
            false => hex(&args.id),
        };
        // Whoever knows the secrets of a key proves what is not so.
        self.push("verifying key of proofs of state", from, to, Direction::Looser);
    }

    pub(super) fn required_proofs(&mut self, args: &RequireProofsArgs, domain: &Pubkey) {
        let now = self.load::<ProofRules>(&pda::proof_rules(domain));
        let now = now.map_or([0; 32], |rules| rules.ledgers);
        if now == args.ledgers {
            return;
        }
        let drops = now.iter().zip(&args.ledgers).any(|(now, next)| now & !next != 0);
        let direction = if drops { Direction::Looser } else { Direction::Tighter };
        self.push(
            "ledgers that need a proof of state before reopening",
            set_of(&now),
            set_of(&args.ledgers),
            direction,
        );
    }

    pub(super) fn overridden_proof(&mut self, args: &OverrideProofArgs, domain: &Pubkey) {
        let found = self.own("restoration", (&args.restoration, domain), |plan: &Restoration| {
            plan.domain
        });
        if let Some(plan) = found {
            let what = format!("ledger {} of incident {}", plan.ledger_index, plan.incident);
            self.push(
                what,
                "needs a proof of state",
                "accepted without one",
                Direction::Looser,
            );
        }
    }
}
