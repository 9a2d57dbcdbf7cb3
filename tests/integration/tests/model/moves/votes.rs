//! Governance tokens into escrow and out of it.

use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::layout::VoterEscrow;
use bulkhead_testbed::associated_token;
use solana_signer::Signer;

use super::{Move, Table};
use crate::acts::{Act, Vote};

impl Table<'_> {
    pub(super) fn votes(&mut self) -> Option<Move> {
        let (domain, mint) = (self.domain(), self.site.protocol.governance_mint);
        let voter = self.rng.index(self.site.voters.len());
        let signer = self.site.voters[voter].pubkey();
        let Some(escrow) = self.machine.try_load::<VoterEscrow>(&pda::escrow(&domain, &signer)) else {
            let renter = self.renter();
            return Some(Move {
                name: "open_escrow",
                instruction: ix::open_escrow(domain, signer, renter),
                signer,
                act: Act::Other,
            });
        };
        let own = associated_token(&signer, &mint);
        // Most of the time most of it is in escrow: a vote needs a quorum.
        if self.rng.percent(70) {
            let amount = self.up_to(self.machine.balance(&own));
            return Some(Move {
                name: "deposit_votes",
                instruction: ix::deposit_votes(domain, signer, own, mint, TOKEN_PROGRAM, amount),
                signer,
                act: Act::Vote(Vote::Deposit(amount)),
            });
        }
        let amount = self.up_to(escrow.amount);
        Some(Move {
            name: "withdraw_votes",
            instruction: ix::withdraw_votes(domain, signer, own, mint, TOKEN_PROGRAM, amount),
            signer,
            act: Act::Vote(Vote::Withdraw(amount)),
        })
    }
}
