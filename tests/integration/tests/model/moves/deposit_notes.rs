//! What owners bring in through Bulkhead, and take out again.

use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::layout::DepositNote;
use solana_signer::Signer;

use super::{Move, Table};
use crate::acts::Act;

impl Table<'_> {
    /// An owner of tokens, and the account they are in.
    fn depositor(&mut self) -> (anchor_lang::prelude::Pubkey, anchor_lang::prelude::Pubkey) {
        let user = self.rng.index(self.site.users.len());
        (self.site.user(user).pubkey(), self.site.users[user])
    }

    pub(super) fn receive_deposit(&mut self) -> Option<Move> {
        let vault = self.vault();
        let (owner, source) = self.depositor();
        let amount = match self.rng.below(10) {
            0 => self.up_to(self.machine.balance(&source)),
            _ => 1 + self.rng.below(40_000).min(self.machine.balance(&source)),
        };
        let payer = self.renter();
        Some(Move {
            name: "receive_deposit",
            instruction: ix::receive_deposit(vault, owner, source, payer, amount),
            signer: owner,
            act: Act::Deposit {
                vault: vault.vault,
                owner,
                amount,
            },
        })
    }

    /// A release with a note: mostly to its owner, of about as much as the note has.
    pub(super) fn release_returning(&mut self) -> Option<Move> {
        let vault = self.vault();
        let signer = self.one_of(&[self.site.protocol.operator.pubkey()]);
        let (owner, account) = self.depositor();
        let destination = if self.rng.percent(10) { self.user() } else { account };
        let note = self
            .machine
            .try_load::<DepositNote>(&pda::deposit_note(&vault.vault, &owner));
        let noted: u64 = note.map_or(0, |note| note.entries.iter().map(|entry| entry.amount).sum());
        let (_, breaker) = self.now.breakers.iter().find(|(key, _)| *key == vault.breaker)?;
        let room = self.amount(&breaker.clone());
        let amount = match self.rng.below(6) {
            0 => room,
            1 => noted.saturating_add(room),
            2 => noted / 2,
            3 => self.up_to(noted),
            _ => noted,
        };
        let number = self.site.releases.len() as u64;
        let renter = self.renter();
        let instruction = ix::release_to(vault, signer, (owner, destination), renter, amount, number);
        Some(Move {
            name: "release_returning",
            instruction,
            signer,
            act: Act::Release(vault.vault, Some(owner)),
        })
    }

    pub(super) fn close_deposit_note(&mut self) -> Option<Move> {
        let vault = self.vault();
        let (owner, _) = self.depositor();
        let note: DepositNote = self.machine.try_load(&pda::deposit_note(&vault.vault, &owner))?;
        Some(Move {
            name: "close_deposit_note",
            instruction: ix::close_deposit_note(vault, &owner, note.payer),
            signer: self.payer(),
            act: Act::Other,
        })
    }
}
