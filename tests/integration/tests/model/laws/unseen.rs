//! Every account that matters was looked at.

use anchor_lang::Discriminator;
use bulkhead_interface::layout::{
    AuthorityWatch, EmergencyAction, Ledger, Link, OutflowBreaker, PriceBreaker, Release, SolvencyBreaker, Vault,
};

use super::Laws;
use crate::site::Accounts;

impl Laws {
    /// Every account that says what may happen was compared at every step.
    pub fn nothing_unseen(&self) {
        let known = |select: fn(&Accounts) -> usize| self.states.iter().map(select).sum::<usize>();
        let accounts = self.machine.svm.get_program_accounts(&bulkhead::ID);
        let count = |discriminator: &[u8]| {
            let of = |data: &[u8]| data.starts_with(discriminator);
            accounts.iter().filter(|(_, account)| of(&account.data)).count()
        };
        assert_eq!(
            count(OutflowBreaker::DISCRIMINATOR),
            known(|state| state.breakers.len())
        );
        assert_eq!(count(Vault::DISCRIMINATOR), known(|state| state.vaults.len()));
        assert_eq!(count(Release::DISCRIMINATOR), known(|state| state.releases.len()));
        assert_eq!(count(Ledger::DISCRIMINATOR), known(|state| state.ledgers.len()));
        assert_eq!(count(Link::DISCRIMINATOR), known(|state| state.links.len()));
        let detectors = [
            PriceBreaker::DISCRIMINATOR,
            SolvencyBreaker::DISCRIMINATOR,
            AuthorityWatch::DISCRIMINATOR,
        ];
        let found: usize = detectors.into_iter().map(count).sum();
        assert_eq!(found, known(|state| state.detectors.len()));
        assert_eq!(
            count(EmergencyAction::DISCRIMINATOR),
            known(|state| state.emergency_actions.len())
        );
    }
}
