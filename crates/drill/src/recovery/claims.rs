//! Every account is paid its share.

use anchor_lang::prelude::Pubkey;
use anchor_spl::{associated_token, token::spl_token::ID as TOKEN_PROGRAM};
use bulkhead::instructions::ClaimArgs;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    restoration::{claims::locate, prorata::payout_floor},
    snapshots::merkle,
};
use bulkhead_interface::{constants::CLAIMS_PER_PAGE, layout::Restoration};
use bulkhead_snapshot::{Progress, Tree};

use crate::error::{DrillError, refused};

use super::{CLAIMED_AT_ONCE, LEDGER, Recovery};

impl Recovery<'_> {
    /// The recovery account's funds are shared out, and a bystander pushes every claim.
    pub(super) fn claims(&mut self, tree: &Tree, progress: &dyn Progress) -> Result<(), DrillError> {
        let (protocol, incident) = (self.protocol, self.incident);
        let keys = ix::RestorationKeys {
            restoration: pda::restoration(&incident, LEDGER),
            mint: protocol.mint,
            token_program: TOKEN_PROGRAM,
        };
        let fund =
            ix::fund_from_recovery_account(keys, protocol.domain, protocol.vault.vault, protocol.recovery_account);
        self.land("fund the pool", fund, &[])?;
        let pool = self.stage.machine.balance(&pda::pool(&keys.restoration));
        self.found.pool = pool;
        self.land("share out the pool", ix::share_out(keys.restoration, incident), &[])?;
        for page in 0..tree.count().div_ceil(u64::from(CLAIMS_PER_PAGE)) {
            let page = u16::try_from(page).unwrap_or(u16::MAX);
            let open = ix::open_claim_page(keys.restoration, self.payer(), page);
            self.land("open a claim page", open, &[])?;
        }
        self.push_claims(tree, keys, progress)?;
        let restoration: Restoration = self.stage.machine.load(&keys.restoration);
        if restoration.paid != self.found.claims_paid {
            self.found.wrong_payouts += 1;
        }
        self.end("claims");
        Ok(())
    }

    fn push_claims(
        &mut self,
        tree: &Tree,
        keys: ix::RestorationKeys,
        progress: &dyn Progress,
    ) -> Result<(), DrillError> {
        let snapshot = pda::snapshot(&self.incident, LEDGER);
        let cranker = self.payer();
        let leaves: Vec<_> = tree.leaves().map(|(index, leaf)| (index, *leaf)).collect();
        progress.begin("pushing claims", Some(leaves.len() as u64));
        let mut again = None;
        for batch in leaves.chunks(CLAIMED_AT_ONCE) {
            let mut instructions = Vec::new();
            let mut due = Vec::new();
            for (index, leaf) in batch {
                let proof = tree
                    .prove(&leaf.key)
                    .ok_or(DrillError::TreeMismatch(leaf.key.to_string()))?;
                let place = locate(tree.roots(), *index).ok_or(DrillError::TreeMismatch(leaf.key.to_string()))?;
                let (destination, destination_bump) = associated(&leaf.owner, &keys.mint);
                let shard = pda::shard(&snapshot, merkle::shard_of(leaf.key.as_array()), &cranker);
                instructions.push(ix::claim(
                    keys,
                    ix::ClaimKeys {
                        snapshot,
                        shard,
                        page: place.page,
                        owner: leaf.owner,
                        owner_signs: false,
                        destination,
                    },
                    ClaimArgs {
                        index: *index,
                        key: leaf.key,
                        amount: leaf.amount,
                        destination_bump,
                        proof: proof.claim_bytes().to_vec(),
                    },
                ));
                let share = payout_floor(leaf.amount, self.found.pool, self.found.claims_total);
                let before = self.stage.machine.balance(&destination);
                due.push((destination, before, leaf.amount, share.unwrap_or(0)));
            }
            self.stage
                .machine
                .send(&instructions, &[])
                .map_err(|failure| refused("push claims", &failure))?;
            again = again.or(instructions.into_iter().next());
            for (destination, before, amount, share) in due {
                let received = self.stage.machine.balance(&destination) - before;
                self.found.claims += 1;
                self.found.claims_paid += received;
                self.found.largest = self.found.largest.max((amount, received));
                self.found.wrong_payouts += u64::from(received != share);
            }
            self.stage.machine.next_slot();
            progress.advance(batch.len() as u64);
        }
        if let Some(claim) = again {
            let result = self.stage.machine.send(&[claim], &[]);
            self.attack_outcome
                .attempts
                .note("claim a leaf a second time", self.stage.slot(), result);
        }
        Ok(())
    }
}

/// The owner's associated token account and its bump.
fn associated(owner: &Pubkey, mint: &Pubkey) -> (Pubkey, u8) {
    let seeds = [owner.as_ref(), TOKEN_PROGRAM.as_ref(), mint.as_ref()];
    Pubkey::find_program_address(&seeds, &associated_token::ID)
}
