//! Who has to act before a threshold is reached, by core's rules.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    domain::council::{counted, having, member_bit, members},
    pause::confirmation::is_enough,
    proposals::proposal::{Progress, adds},
};
use bulkhead_interface::{
    constants::role,
    layout::{Council, Proposal},
};
use serde::Serialize;

use super::json;

/// What a threshold lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Number of members who still have to act.
    pub count: u32,
    /// The members who can.
    #[serde(serialize_with = "json::keys")]
    pub from: Vec<Pubkey>,
}

/// The members whose bits are set.
#[must_use]
pub fn keys_of(council: &Council, bits: u16) -> Vec<Pubkey> {
    let set = members(council).iter().enumerate();
    set.filter(|(index, _)| bits & member_bit(*index) != 0)
        .map(|(_, member)| member.key)
        .collect()
}

/// The guardians' confirmations that are missing until a freeze or an evacuation. `epoch` is the council epoch that
/// `confirmations` belong to.
#[must_use]
pub fn confirmations(council: &Council, confirmations: u16, epoch: u64, now: i64) -> Missing {
    let mut so_far = if epoch == council.config_epoch {
        confirmations
    } else {
        0
    };
    let eligible = counted(council, role::GUARDIAN, now);
    let able = if eligible == 0 {
        having(council, role::GUARDIAN)
    } else {
        eligible
    } & !so_far;
    let mut count = 0;
    for bit in (0..16).map(|index| 1 << index).filter(|bit| able & bit != 0) {
        if is_enough(council, so_far, now) {
            break;
        }
        so_far |= bit;
        count += 1;
    }
    Missing {
        count,
        from: if count == 0 { vec![] } else { keys_of(council, able) },
    }
}

/// The approvals that are missing until the clock of `proposal` runs.
#[must_use]
pub fn approvals(proposal: &Proposal, council: &Council, progress: &Progress, now: i64) -> Missing {
    let eligible = counted(council, role::APPROVER, now);
    let has_effect = |index: &usize| eligible & member_bit(*index) != 0 && adds(proposal, council, *index, now);
    let able = (0..members(council).len()).filter(has_effect).map(member_bit);
    let able = able.fold(0, |all, bit| all | bit);
    let lacking = u32::from(progress.needed).saturating_sub(progress.eligible.count_ones());
    let count = if progress.lacks_a_clock() { 1 } else { lacking };
    Missing {
        count,
        from: if count == 0 { vec![] } else { keys_of(council, able) },
    }
}
