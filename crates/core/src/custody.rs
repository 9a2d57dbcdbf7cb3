//! When a vault pays: always, but for the time between its evacuation and the next reopening.

use bulkhead_interface::{
    constants::vault_state,
    layout::{Release, Vault},
};

/// May the vault pay? Not after an evacuation, until a matured proposal has lifted the pause.
/// `lifted_slot` is the board's.
#[must_use]
pub const fn is_active(vault: &Vault, lifted_slot: u64) -> bool {
    vault.state == vault_state::ACTIVE || lifted_slot > vault.evacuated_slot
}

/// Is a queued release void? What was asked for before an evacuation was asked of funds that have
/// left; paying it out of deposits made after the reopening would rob their owners.
#[must_use]
pub const fn is_void(vault: &Vault, release: &Release) -> bool {
    release.requested_slot <= vault.evacuated_slot
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    #[test]
    fn a_vault_pays_again_only_after_a_lift_later_than_its_evacuation() {
        let mut vault = Vault::zeroed();
        assert!(is_active(&vault, 0));
        vault.state = vault_state::EVACUATED;
        vault.evacuated_slot = 100;
        assert!(!is_active(&vault, 0));
        assert!(!is_active(&vault, 100));
        assert!(is_active(&vault, 101));
    }

    #[test]
    fn an_evacuation_voids_what_was_queued_before_it() {
        let mut vault = Vault::zeroed();
        let mut release = Release::zeroed();
        release.requested_slot = 100;
        assert!(!is_void(&vault, &release));
        vault.evacuated_slot = 100;
        assert!(is_void(&vault, &release));
        release.requested_slot = 101;
        assert!(!is_void(&vault, &release));
    }
}
