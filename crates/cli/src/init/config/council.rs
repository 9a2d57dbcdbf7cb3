//! The council: members, thresholds and delays.

use bulkhead_client::bulkhead::instructions::{CouncilConfig, MemberConfig, PolicyConfig};
use bulkhead_guard::action::DEFAULT_EMERGENCY;
use bulkhead_interface::constants::MAX_MEMBERS;
use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Actions, Byte, Count, Few, Key, Names, Roles, Seconds, Whole};

/// A number of members.
type Threshold = Whole<u8, 1, { MAX_MEMBERS as u64 }>;

/// The council: members, thresholds and delays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Council {
    /// The members.
    members: Few<Member, 1, MAX_MEMBERS>,
    /// Number of guardians that together freeze the domain.
    freeze_threshold: Threshold,
    /// Pauses that each guardian starts with. Every pause uses one; a council change restores them.
    pause_rights: Count,
    /// Number of proposers that the vetoes of one vetoer can be in force against at the same time.
    veto_rights: Byte,
    /// Time until a guardian pause lapses by itself.
    guardian_pause_seconds: Seconds,
    /// Time until a trip lapses by itself.
    trip_seconds: Seconds,
    /// Actions that a pause closes. By default all except repay, cancel, deposit and claim.
    #[serde(default = "usual_actions")]
    default_mask: Names<Actions>,
    /// A member that has not been active for this long is not eligible to approve what loosens.
    heartbeat_seconds: Seconds,
    /// Maximum pauses by one guardian in a day.
    guardian_pauses_per_day: Count,
    /// Maximum pauses by one guardian in a row.
    guardian_pauses_in_a_row: Count,
    /// Key that may propose a new council after too few approvers have been active for too long. Not a member.
    fallback: Key,
    /// The time after which the fallback may act.
    fallback_seconds: Seconds,
    /// Thresholds and delays of each proposal class.
    policies: Policies,
}

const fn usual_actions() -> Names<Actions> {
    Names::of(DEFAULT_EMERGENCY)
}

/// One member.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The member's key.
    key: Key,
    /// The member's roles.
    roles: Names<Roles>,
}

/// Thresholds and delays of each proposal class.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// Proposals that reopen something or raise a limit.
    loosen: Policy,
    /// Proposals for another council or another fallback.
    constitution: Policy,
    /// Proposals that move what is in custody.
    custody: Policy,
    /// Proposals for the state to restart from.
    restoration: Policy,
}

/// Threshold and delays of one proposal class.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Number of approvals.
    threshold: Threshold,
    /// Time from the last required approval until the proposal can be executed.
    delay_seconds: Seconds,
    /// Time from the creation of a proposal until it can no longer be executed.
    expiry_seconds: Seconds,
}

impl From<Council> for CouncilConfig {
    fn from(council: Council) -> Self {
        let policies = council.policies;
        let members = council.members.0.into_iter().map(|member| MemberConfig {
            key: member.key.0,
            // All roles fit into one byte.
            roles: u8::try_from(member.roles.0).unwrap_or(u8::MAX),
        });
        Self {
            members: members.collect(),
            freeze_threshold: council.freeze_threshold.0,
            pause_rights: council.pause_rights.0,
            veto_rights: council.veto_rights.0,
            guardian_pause_seconds: council.guardian_pause_seconds.0,
            trip_seconds: council.trip_seconds.0,
            default_mask: council.default_mask.0,
            policies: [
                policies.loosen.into(),
                policies.constitution.into(),
                policies.custody.into(),
                policies.restoration.into(),
            ],
            heartbeat_seconds: council.heartbeat_seconds.0,
            guardian_pauses_per_day: council.guardian_pauses_per_day.0,
            guardian_pauses_in_a_row: council.guardian_pauses_in_a_row.0,
            fallback: council.fallback.0,
            fallback_seconds: council.fallback_seconds.0,
        }
    }
}

impl From<Policy> for PolicyConfig {
    fn from(policy: Policy) -> Self {
        Self {
            threshold: policy.threshold.0,
            delay_seconds: policy.delay_seconds.0,
            expiry_seconds: policy.expiry_seconds.0,
        }
    }
}
