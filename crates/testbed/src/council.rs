//! The council of every protocol on the test bed, and its timing.

use bulkhead::instructions::{CouncilConfig, MemberConfig, PolicyConfig};
use bulkhead_guard::action::DEFAULT_EMERGENCY;
use bulkhead_interface::constants::role;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::keys::keypair;

/// Two approvers, an hour of delay, a week until expiry: the same for every class.
pub const DELAY_SECONDS: i64 = 3_600;
const EXPIRY_SECONDS: i64 = 7 * 86_400;
/// Silence after which a member is not eligible.
pub const HEARTBEAT_SECONDS: i64 = 90 * 86_400;
/// How long there must be too few approvers before the fallback may act.
pub const FALLBACK_SECONDS: i64 = 30 * 86_400;
/// How long a ballot's vote lasts.
pub const VOTE_SECONDS: i64 = 3 * 86_400;

/// The council of every [`Protocol`](crate::Protocol).
#[must_use]
pub fn council_config(members: &[Keypair]) -> CouncilConfig {
    let all = role::GUARDIAN | role::APPROVER | role::ATTESTER;
    let roles = [all, all, all, role::VETOER, role::APPROVER];
    let policy = PolicyConfig {
        threshold: 2,
        delay_seconds: DELAY_SECONDS,
        expiry_seconds: EXPIRY_SECONDS,
    };
    CouncilConfig {
        members: members
            .iter()
            .zip(roles)
            .map(|(member, roles)| MemberConfig {
                key: member.pubkey(),
                roles,
            })
            .collect(),
        freeze_threshold: 2,
        pause_rights: 3,
        veto_rights: 3,
        guardian_pause_seconds: 6 * 3_600,
        trip_seconds: 72 * 3_600,
        default_mask: DEFAULT_EMERGENCY,
        policies: [policy.clone(), policy.clone(), policy.clone(), policy],
        heartbeat_seconds: HEARTBEAT_SECONDS,
        guardian_pauses_per_day: 3,
        guardian_pauses_in_a_row: 3,
        fallback: fallback().pubkey(),
        fallback_seconds: FALLBACK_SECONDS,
    }
}

/// The fallback of every [`council_config`], standing for a DAO's key.
#[must_use]
pub fn fallback() -> Keypair {
    keypair("fallback")
}
