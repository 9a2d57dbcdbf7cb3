//! When a vault pays, when a queued release stands still, and what is wrong with an evacuation route.

pub(crate) mod acts;
pub mod migration;
pub mod queue_ledger;
pub mod release_list;

use bulkhead_interface::{
    Pubkey,
    constants::{route_fault as fault, vault_state},
    layout::{Release, Vault},
};

use crate::token::{self, Unfit};

/// A token account to be paid, as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// Its address.
    pub key: Pubkey,
    /// Its holder.
    pub holder: Pubkey,
    /// A transfer would succeed now: it is not frozen, and if it requires a memo there is one.
    pub takes: bool,
}

/// May the vault pay? Not after an evacuation, until an unpause that was proposed after the evacuation was confirmed,
/// and whose proposer therefore knew of it. `unpaused_slot` is the board's.
#[must_use]
pub const fn is_active(vault: &Vault, unpaused_slot: u64) -> bool {
    vault.state == vault_state::ACTIVE || vault.evacuated_slot < unpaused_slot
}

/// Does a queued release stand still, because its vault was evacuated since? It was asked of funds that have left: a claim
/// pays it, or the vault once it is back in the queue. Counted, not timed: slots can be the same.
#[must_use]
pub const fn is_stopped(vault: &Vault, release: &Release) -> bool {
    release.evacuations != vault.evacuations
}

/// What is wrong with a vault's route, of which `program` owns the `data`: one of `constants::route_fault`.
#[must_use]
pub fn route_fault(vault: &Vault, program: &Pubkey, data: &[u8]) -> u8 {
    route_fault_of((&vault.token_program, &vault.mint, &vault.route_holder), program, data)
}

/// What is wrong with the route of any vault, which is of this token program and mint, and had this holder.
pub(crate) fn route_fault_of(
    (token_program, mint, route_holder): (&Pubkey, &Pubkey, &Pubkey),
    program: &Pubkey,
    data: &[u8],
) -> u8 {
    if program != token_program || token::mint(data) != Some(mint.to_bytes()) {
        return fault::GONE;
    }
    match token::check_fit(data) {
        Err(Unfit::NotInUse) => fault::GONE,
        // Checked before anything that only its holder can fix.
        _ if token::holder(data) != Some(route_holder.to_bytes()) => fault::OTHER_HOLDER,
        Ok(()) => fault::NONE,
        Err(Unfit::Frozen) => fault::FROZEN,
        Err(Unfit::Delegated) => fault::DELEGATED,
        Err(Unfit::Closable) => fault::CLOSABLE,
        Err(Unfit::WantsMemo) => fault::WANTS_MEMO,
        Err(Unfit::Extension) => fault::EXTENSION,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    #[test]
    fn a_vault_pays_again_after_an_unpause_that_was_proposed_later_than_its_evacuation() {
        let mut vault = Vault::zeroed();
        assert!(is_active(&vault, 0));
        vault.state = vault_state::EVACUATED;
        vault.evacuated_slot = 100;
        assert!(!is_active(&vault, 0));
        assert!(!is_active(&vault, 100), "who proposed it then may not have known");
        assert!(is_active(&vault, 101));
    }

    #[test]
    fn an_evacuation_stops_what_was_queued_before_it_even_in_its_own_slot() {
        let mut vault = Vault::zeroed();
        let mut release = Release::zeroed();
        assert!(!is_stopped(&vault, &release));
        vault.evacuations = 1;
        assert!(is_stopped(&vault, &release));
        release.evacuations = 1;
        assert!(!is_stopped(&vault, &release));
    }

    #[test]
    fn every_fault_of_a_route_has_its_name() {
        let key = |n: u8| Pubkey::new_from_array([n; 32]);
        let vault = Vault {
            mint: key(1),
            token_program: key(2),
            route_holder: key(3),
            ..Vault::zeroed()
        };
        let mut sound = [&[1; 32][..], &[3; 32], &[0; 101]].concat();
        sound[108] = 1;
        let with = |place: usize, byte: u8| {
            let mut data = sound.clone();
            data[place] = byte;
            data
        };
        let seen = |data: &[u8]| route_fault(&vault, &key(2), data);
        assert_eq!(seen(&sound), fault::NONE);
        assert_eq!(route_fault(&vault, &key(9), &sound), fault::GONE);
        assert_eq!(seen(&[]), fault::GONE);
        assert_eq!(seen(&with(0, 9)), fault::GONE, "of another mint");
        assert_eq!(seen(&with(108, 0)), fault::GONE);
        assert_eq!(seen(&with(32, 9)), fault::OTHER_HOLDER);
        assert_eq!(seen(&with(108, 2)), fault::FROZEN);
        let mut delegated = with(72, 1);
        delegated[76] = 9;
        assert_eq!(seen(&delegated), fault::DELEGATED);
        let mut closable = with(129, 1);
        closable[133] = 9;
        assert_eq!(seen(&closable), fault::CLOSABLE);
        let memo = [&sound[..], &[2, 8, 0, 1, 0, 1]].concat();
        assert_eq!(seen(&memo), fault::WANTS_MEMO);
        let unknown = [&sound[..], &[2, 99, 0, 1, 0, 1]].concat();
        assert_eq!(seen(&unknown), fault::EXTENSION);
    }
}
