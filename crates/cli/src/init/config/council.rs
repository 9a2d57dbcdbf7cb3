//! Who decides, and how fast.

use bulkhead_client::bulkhead::instructions::{CouncilConfig, MemberConfig, PolicyConfig};
use bulkhead_guard::action::DEFAULT_EMERGENCY;
use bulkhead_interface::constants::MAX_MEMBERS;
use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Actions, Byte, Count, Few, Key, Names, Roles, Seconds, Whole};

/// A number of members.
type Threshold = Whole<u8, 1, { MAX_MEMBERS as u64 }>;

/// Who decides, and how fast.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Council {
    /// Who they are.
    members: Few<Member, 1, MAX_MEMBERS>,
    /// Guardians that hold the domain together.
    freeze_threshold: Threshold,
    /// Pauses that a guardian has before it is given more.
    pause_rights: Count,
    /// Proposers whom the vetoes of one vetoer can stand against at a time.
    veto_rights: Byte,
    /// How long a guardian's pause lasts by itself.
    guardian_pause_seconds: Seconds,
    /// How long a trip lasts by itself.
    trip_seconds: Seconds,
    /// What a pause closes: everything but repay, cancel, deposit and claim where nothing is said.
    #[serde(default = "usual_actions")]
    default_mask: Names<Actions>,
    /// A member that has not been heard of for so long does not count for what loosens.
    heartbeat_seconds: Seconds,
    /// Pauses of one guardian in a day.
    guardian_pauses_per_day: Count,
    /// Pauses of one guardian in a row.
    guardian_pauses_in_a_row: Count,
    /// Who may propose a new council when approvers have been too few for long. Not a member.
    fallback: Key,
    /// How long that is.
    fallback_seconds: Seconds,
    /// What each class of proposals takes.
    policies: Policies,
}

const fn usual_actions() -> Names<Actions> {
    Names::of(DEFAULT_EMERGENCY)
}

/// One member.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Its key.
    key: Key,
    /// What it may do.
    roles: Names<Roles>,
}

/// What each class of proposals takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// Whatever opens, or raises a limit.
    loosen: Policy,
    /// Another council, another fallback.
    constitution: Policy,
    /// Whatever moves what is kept.
    custody: Policy,
    /// The state to restart from.
    restoration: Policy,
}

/// What one class takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Approvals.
    threshold: Threshold,
    /// From the proposal until it can run.
    delay_seconds: Seconds,
    /// From the proposal until it can no longer run.
    expiry_seconds: Seconds,
}

impl From<Council> for CouncilConfig {
    fn from(council: Council) -> Self {
        let policies = council.policies;
        let members = council.members.0.into_iter().map(|member| MemberConfig {
            key: member.key.0,
            // A byte has room for all roles there are.
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
