//! Events of vaults, releases and evacuations.

use anchor_lang::prelude::*;

#[event]
pub struct VaultOpened {
    pub domain: Pubkey,
    pub vault: Pubkey,
    pub mint: Pubkey,
    pub custody: Pubkey,
    pub operator: Pubkey,
    pub breaker: Pubkey,
}

#[event]
pub struct EvacuationRouteRegistered {
    pub vault: Pubkey,
    pub previous: Pubkey,
    pub destination: Pubkey,
}

#[event]
pub struct EvacuationRouteFaultObserved {
    pub vault: Pubkey,
    pub route: Pubkey,
    /// One of `constants::route_fault`.
    pub fault: u8,
}

#[event]
pub struct Released {
    pub vault: Pubkey,
    pub destination: Pubkey,
    /// Amount that left the vault.
    pub amount: u64,
    /// Amount that arrived; the difference is the token's own fee.
    pub received: u64,
}

#[event]
pub struct DepositReceived {
    pub vault: Pubkey,
    pub owner: Pubkey,
    /// Amount that left the owner's account.
    pub amount: u64,
    /// Amount that arrived; the difference is the token's own fee.
    pub received: u64,
}

#[event]
pub struct DepositNoteClosed {
    pub note: Pubkey,
}

#[event]
pub struct ReleaseQueued {
    pub vault: Pubkey,
    pub release: Pubkey,
    pub destination: Pubkey,
    pub amount: u64,
    pub payable_ts: i64,
}

#[event]
pub struct ReleaseSettled {
    pub release: Pubkey,
    /// Amount of this instalment.
    pub amount: u64,
    pub paid: u64,
    pub owed: u64,
    /// One of `constants::release_state`.
    pub state: u8,
}

#[event]
pub struct ReleaseRedirected {
    pub release: Pubkey,
    pub previous: Pubkey,
    pub destination: Pubkey,
    /// New owner of the claim: the holder of the destination account.
    pub owner: Pubkey,
}

#[event]
pub struct ReleaseCancelled {
    pub release: Pubkey,
    pub incident: Pubkey,
    pub guardian: Pubkey,
    /// Amount that stays in the vault.
    pub unpaid: u64,
    pub rights_left: u8,
}

#[event]
pub struct CancelListSet {
    pub vault: Pubkey,
    /// Root of the list of releases that anyone may cancel now; zero for none.
    pub root: [u8; 32],
}

#[event]
pub struct ListedReleaseCancelled {
    pub release: Pubkey,
    pub vault: Pubkey,
    /// Amount that stays in the vault.
    pub unpaid: u64,
}

#[event]
pub struct GuardianCancelListSet {
    pub vault: Pubkey,
    pub incident: Pubkey,
    pub guardian: Pubkey,
    /// Account that holds the root.
    pub list: Pubkey,
    /// Root of the list of releases that anyone may cancel now.
    pub root: [u8; 32],
    pub rights_left: u8,
}

#[event]
pub struct ReleaseTakenBack {
    pub release: Pubkey,
    pub vault: Pubkey,
    pub owner: Pubkey,
    /// Amount that the host owes the owner again.
    pub amount: u64,
}

#[event]
pub struct ReleaseRequeued {
    pub release: Pubkey,
    pub vault: Pubkey,
    /// Amount that the vault still owes.
    pub unpaid: u64,
}

#[event]
pub struct ReleaseClosed {
    pub release: Pubkey,
}

#[event]
pub struct EvacuationConfirmed {
    pub incident: Pubkey,
    pub guardian: Pubkey,
    pub confirmations: u16,
}

#[event]
pub struct EvacuationStarted {
    pub domain: Pubkey,
    pub incident: Pubkey,
    pub migration: Pubkey,
}

#[event]
pub struct VaultEvacuated {
    pub incident: Pubkey,
    pub vault: Pubkey,
    pub destination: Pubkey,
    pub before: u64,
    pub moved: u64,
    pub fee: u64,
    pub after: u64,
}
