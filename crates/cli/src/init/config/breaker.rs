//! Outflow breakers, and the vaults they meter.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::bulkhead::instructions::{OpenBreakerArgs, OpenVaultArgs};
use bulkhead_interface::constants::{MAX_COMPARTMENTS, MAX_SUB_WINDOWS, MIN_SUB_WINDOWS};
use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Amount, Bps, Byte, Count, Key, Scope, Seconds, Whole};

/// Number of a compartment.
pub type Compartment = Whole<u8, 0, { MAX_COMPARTMENTS as u64 - 1 }>;
type SubWindows = Whole<u8, { MIN_SUB_WINDOWS as u64 }, { MAX_SUB_WINDOWS as u64 }>;

/// A table with a breaker's limits and further keys. The limits cannot be a flattened table: serde rejects unknown keys
/// only in tables that are not flattened.
macro_rules! with_limits {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $key:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$doc])* $key: $kind,)*
            /// Index of this breaker among those that share the limits, from 0.
            #[serde(default = "none")]
            shard: Byte,
            /// Number of breakers that share the limits.
            #[serde(default = "one")]
            shards: Count,
            /// Number of sub-windows; the window advances by one of them at a time.
            sub_windows: SubWindows,
            /// Scope that a latch closes: `"domain"` or a compartment number.
            #[serde(default)]
            trip_scope: Scope,
            /// Length of the window.
            window_seconds: Seconds,
            /// Maximum outflow in a window.
            limit: Amount,
            /// Maximum outflow in a slot.
            slot_limit: Amount,
            /// Time until a latch lapses by itself.
            latch_seconds: Seconds,
            /// Second limit, as a share of the reference's lowest balance in the window; 0 for none.
            #[serde(default = "no_share")]
            limit_bps: Bps,
            /// Second limit of a slot, as such a share.
            #[serde(default = "no_share")]
            slot_bps: Bps,
            /// Token account whose balance is the base of the shares.
            reference: Option<Key>,
            /// Maximum amount that inflow can add to a window.
            #[serde(default = "nothing")]
            inflow_credit: Amount,
            /// Outflow requested but queued in a window, above which the breaker latches; 0 for twice the limit.
            #[serde(default = "nothing")]
            trip_limit: Amount,
            /// The trip limit as a share of the same balance.
            #[serde(default = "nothing_of_it")]
            trip_bps: Whole<u16, 0, { u16::MAX as u64 }>,
        }

        impl $name {
            fn limits(&self) -> OpenBreakerArgs {
                OpenBreakerArgs {
                    compartment: 0,
                    mint: Pubkey::default(),
                    authority: Pubkey::default(),
                    shard: self.shard.0,
                    shards: self.shards.0,
                    sub_windows: self.sub_windows.0,
                    trip_scope: self.trip_scope.0,
                    window_seconds: self.window_seconds.0,
                    limit: self.limit.0,
                    slot_limit: self.slot_limit.0,
                    latch_seconds: self.latch_seconds.0,
                    limit_bps: self.limit_bps.0,
                    slot_bps: self.slot_bps.0,
                    reference: self.reference.map(|key| key.0).unwrap_or_default(),
                    inflow_credit: self.inflow_credit.0,
                    trip_limit: self.trip_limit.0,
                    trip_bps: self.trip_bps.0,
                }
            }
        }
    };
}

const fn none() -> Byte {
    Whole(0)
}

const fn one() -> Count {
    Whole(1)
}

const fn no_share() -> Bps {
    Whole(0)
}

const fn nothing() -> Amount {
    Amount(0)
}

const fn nothing_of_it() -> Whole<u16, 0, { u16::MAX as u64 }> {
    Whole(0)
}

with_limits! {
    /// A breaker of a host that keeps its own tokens.
    Breaker {
        /// Compartment that it meters.
        compartment: Compartment,
        /// Mint of the token that it meters.
        mint: Key,
        /// Authority that may meter outflow: the host's signer PDA.
        authority: Key,
    }
}

with_limits! {
    /// The breaker of a vault. Its compartment and token are the vault's.
    VaultBreaker {}
}

/// A vault, with the breaker that meters it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vault {
    /// Mint of the token that the vault keeps.
    mint: Key,
    /// Number of the vault among the vaults of its token.
    #[serde(default = "none")]
    index: Byte,
    /// Compartment that the vault belongs to.
    compartment: Compartment,
    /// Signer PDA of the host that may release.
    operator: Key,
    /// Time that a queued release waits.
    queue_seconds: Seconds,
    /// Number of the only ledger whose claims the vault's tokens pay after an evacuation; 255 for none.
    ledger: Byte,
    /// The breaker that meters the vault.
    breaker: VaultBreaker,
    /// The only token account that the vault can be evacuated to.
    route: Option<Key>,
}

/// A vault comes with the breaker that meters it.
pub struct VaultConfig {
    /// Its arguments; the breaker's address is not known yet.
    pub args: OpenVaultArgs,
    /// The breaker's; its authority is not known yet.
    pub breaker: OpenBreakerArgs,
    /// The only token account that the vault can be evacuated to.
    pub route: Option<Pubkey>,
}

impl From<Breaker> for OpenBreakerArgs {
    fn from(breaker: Breaker) -> Self {
        Self {
            compartment: breaker.compartment.0,
            mint: breaker.mint.0,
            authority: breaker.authority.0,
            ..breaker.limits()
        }
    }
}

impl From<Vault> for VaultConfig {
    fn from(vault: Vault) -> Self {
        let (mint, compartment) = (vault.mint.0, vault.compartment.0);
        Self {
            args: OpenVaultArgs {
                index: vault.index.0,
                compartment,
                operator: vault.operator.0,
                breaker: Pubkey::default(),
                mint,
                queue_seconds: vault.queue_seconds.0,
                ledger: vault.ledger.0,
            },
            breaker: OpenBreakerArgs {
                compartment,
                mint,
                ..vault.breaker.limits()
            },
            route: vault.route.map(|key| key.0),
        }
    }
}
