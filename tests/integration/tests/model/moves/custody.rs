//! Releases, their queue, and what users bring in by a plain transfer.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::custody::release_list;
use bulkhead_interface::{
    constants::{release_state, role},
    layout::Release,
};
use solana_signer::Signer;

use super::{Move, Table};
use crate::acts::Act;

impl Table<'_> {
    pub(super) fn vault(&mut self) -> ix::VaultKeys {
        let count = self.now.vaults.len().max(1) as u64;
        let index = self.rng.byte(count);
        self.site.vault(index)
    }

    pub(super) fn user(&mut self) -> Pubkey {
        self.rng.pick(&self.site.users)
    }

    pub(super) fn release(&mut self) -> Option<Move> {
        let vault = self.vault();
        let signer = self.one_of(&[self.site.protocol.operator.pubkey()]);
        let destination = if self.rng.percent(3) {
            pda::custody(&vault.vault)
        } else {
            self.user()
        };
        let (number, renter) = (self.site.releases.len() as u64, self.renter());
        let (_, breaker) = self.now.breakers.iter().find(|(key, _)| *key == vault.breaker)?;
        let amount = self.amount(&breaker.clone());
        let instruction = ix::release(vault, signer, renter, destination, amount, number);
        Some(Move {
            name: "release",
            instruction,
            signer,
            act: Act::Release(vault.vault, None),
        })
    }

    pub(crate) fn a_release(&mut self) -> Option<(Pubkey, Release)> {
        let index = self.rng.index(self.now.releases.len());
        self.now.releases.get(index).copied()
    }

    pub(super) fn keys_of(&self, vault: &Pubkey) -> ix::VaultKeys {
        let is_first = *vault == self.site.protocol.vault.vault;
        self.site.vault(u8::from(!is_first))
    }

    pub(super) fn settle_release(&mut self) -> Option<Move> {
        let (key, release) = self.a_release()?;
        let destination = if self.rng.percent(5) {
            self.user()
        } else {
            release.destination
        };
        Some(Move {
            name: "settle_release",
            instruction: ix::settle_release(self.keys_of(&release.vault), destination, key),
            signer: self.payer(),
            act: Act::Release(release.vault, None),
        })
    }

    pub(super) fn cancel_release(&mut self) -> Option<Move> {
        let is_latest = self.rng.percent(70);
        let (key, release) = match self.now.releases.last() {
            Some(latest) if is_latest => *latest,
            _ => self.a_release()?,
        };
        let is_due = release.state == release_state::QUEUED && self.now.domain.open_incident != Pubkey::default();
        if !is_due && !self.rng.percent(10) {
            return None;
        }
        let (signer, incident) = (self.member(role::GUARDIAN), self.incident());
        Some(Move {
            name: "cancel_release",
            instruction: ix::cancel_release(self.domain(), signer, incident, release.vault, key),
            signer,
            act: Act::Other,
        })
    }

    /// What is on its vault's list, by itself or beside any other; now and then what is not.
    pub(super) fn cancel_listed_release(&mut self) -> Option<Move> {
        let leaf = |key: &Pubkey, release: &Release| release_list::leaf(key, release.requested_slot);
        let releases = &self.now.releases;
        let found = releases.iter().find_map(|(key, release)| {
            let (_, vault) = self.now.vaults.iter().find(|(vault, _)| *vault == release.vault)?;
            let own = leaf(key, release);
            if own == vault.cancel_root {
                return Some((*key, release.vault, vec![]));
            }
            let siblings = releases.iter().map(|(key, release)| leaf(key, release));
            let mut fits = siblings.filter(|other| release_list::node(&own, other) == vault.cancel_root);
            fits.next().map(|other| (*key, release.vault, vec![other]))
        });
        let (key, vault, proof) = match found {
            Some(found) => found,
            None if self.rng.percent(10) => {
                let (key, release) = self.a_release()?;
                (key, release.vault, vec![])
            }
            None => return None,
        };
        Some(Move {
            name: "cancel_listed_release",
            instruction: ix::cancel_listed_release(vault, key, proof),
            signer: self.payer(),
            act: Act::Other,
        })
    }

    /// A guardian's own list: of one release.
    pub(super) fn set_cancel_list(&mut self) -> Option<Move> {
        if self.now.domain.open_incident == Pubkey::default() && !self.rng.percent(10) {
            return None;
        }
        let (key, release) = self.a_release()?;
        let (signer, payer, incident) = (self.member(role::GUARDIAN), self.payer(), self.incident());
        let root = release_list::leaf(&key, release.requested_slot);
        Some(Move {
            name: "set_cancel_list",
            instruction: ix::set_cancel_list(self.domain(), (signer, payer), incident, release.vault, root),
            signer,
            act: Act::Other,
        })
    }

    /// By somebody's list, if there is one and the release is on it.
    pub(super) fn cancel_release_listed_by(&mut self) -> Option<Move> {
        let (key, release) = self.a_release()?;
        let (guardian, incident) = (self.member(role::GUARDIAN), self.incident());
        let list = pda::cancel_list(&incident, &release.vault, &guardian);
        if self.machine.account(&list).is_none() && !self.rng.percent(5) {
            return None;
        }
        Some(Move {
            name: "cancel_release_listed_by",
            instruction: ix::cancel_release_listed_by(&guardian, incident, release.vault, key, vec![]),
            signer: self.payer(),
            act: Act::Other,
        })
    }

    /// The host takes back what was cancelled; now and then what was not.
    pub(super) fn take_back_release(&mut self) -> Option<Move> {
        let cancelled = |(_, release): &&(Pubkey, Release)| release.state == release_state::CANCELLED;
        let found = self.now.releases.iter().find(cancelled).copied();
        let (key, release) = match found {
            Some(found) => found,
            None if self.rng.percent(10) => self.a_release()?,
            None => return None,
        };
        let signer = self.one_of(&[self.site.protocol.operator.pubkey()]);
        Some(Move {
            name: "take_back_release",
            instruction: ix::take_back_release(signer, release.vault, key, release.payer),
            signer,
            act: Act::Other,
        })
    }

    /// What an evacuation stopped waits again, once the vault pays again.
    pub(super) fn requeue_release(&mut self) -> Option<Move> {
        let vaults = &self.now.vaults;
        let stopped = |(_, release): &&(Pubkey, Release)| {
            let vault = vaults.iter().find(|(key, _)| *key == release.vault);
            let is_waiting = release.state == release_state::QUEUED;
            is_waiting && vault.is_some_and(|(_, vault)| vault.evacuations != release.evacuations)
        };
        let (key, release) = *self.now.releases.iter().find(stopped)?;
        let (_, vault) = vaults.iter().find(|(key, _)| *key == release.vault)?;
        let incident = vault.evacuation.incident;
        Some(Move {
            name: "requeue_release",
            instruction: ix::requeue_release(&self.domain(), release.vault, incident, key),
            signer: self.payer(),
            act: Act::Other,
        })
    }

    /// A user gives a claim to another, or takes another one's.
    pub(super) fn redirect_release(&mut self) -> Option<Move> {
        let (key, release) = self.a_release()?;
        let owner = self.site.user(self.rng.index(2)).pubkey();
        let (signer, destination) = (self.one_of(&[owner]), self.user());
        Some(Move {
            name: "redirect_release",
            instruction: ix::redirect_release(signer, release.vault, key, destination),
            signer,
            act: Act::Redirect(key, release.owner),
        })
    }

    pub(super) fn observe_evacuation_route(&mut self) -> Option<Move> {
        let vault = self.vault();
        let route = self.now.vaults.iter().find(|(key, _)| *key == vault.vault)?.1.route;
        Some(Move {
            name: "observe_evacuation_route",
            instruction: ix::observe_evacuation_route(self.domain(), vault.vault, route),
            signer: self.payer(),
            act: Act::Other,
        })
    }

    pub(super) fn close_release(&mut self) -> Option<Move> {
        let (key, release) = self.a_release()?;
        Some(Move {
            name: "close_release",
            instruction: ix::close_release(key, release.payer),
            signer: self.payer(),
            act: Act::Other,
        })
    }

    /// A user's deposit into custody: a plain transfer.
    pub(super) fn deposit(&mut self) -> Option<Move> {
        let vault = self.vault();
        let from = self.site.users[0];
        let amount = self.rng.below(150_000).min(self.machine.balance(&from));
        let signer = self.site.user(0).pubkey();
        let custody = pda::custody(&vault.vault);
        let instruction =
            spl_token::instruction::transfer(&spl_token::ID, &from, &custody, &signer, &[], amount).ok()?;
        Some(Move {
            name: "deposit",
            instruction,
            signer,
            act: Act::Other,
        })
    }
}
