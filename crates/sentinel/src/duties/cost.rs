//! What a day of looks costs: shown before the daemon starts, so that nobody is surprised by a payer that runs dry.

use anchor_lang::prelude::Pubkey;
use bulkhead_interface::layout::CheckpointLog;

use super::{Duty, Scene, attend::heartbeat_period, looks::regular, recovery::checkpoint_seconds};

/// Base fee of a signature.
pub const SIGNATURE_LAMPORTS: u64 = 5_000;
/// Compute units that a look is assumed to use, rounded up from the measured table.
pub const UNITS: u64 = 20_000;
const DAY: i64 = 86_400;

/// What one regular duty costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Kind of the duty.
    pub duty: Duty,
    /// The account.
    pub account: Pubkey,
    /// Length of its period in seconds.
    pub seconds: i64,
    /// Seconds from when it is due to the end of the period, in which it may be repeated.
    pub spare: i64,
    /// Transactions in a day, rounded up.
    pub a_day: u64,
    /// Their fees in lamports.
    pub lamports_a_day: u64,
}

/// The regular duties of a domain. `price` is the assumed price of a compute unit, in micro-lamports. What happens only
/// in an incident is not regular.
#[must_use]
pub fn costs(scene: &Scene, price: u64) -> Vec<Cost> {
    let cost = |duty, account, seconds: i64, spare, signatures: u64| {
        let a_day = u64::try_from(DAY).unwrap_or(0).div_ceil(seconds.max(1).unsigned_abs());
        let priority = UNITS.saturating_mul(price).div_ceil(1_000_000);
        let fee = SIGNATURE_LAMPORTS.saturating_mul(signatures).saturating_add(priority);
        Cost {
            duty,
            account,
            seconds,
            spare,
            a_day,
            lamports_a_day: a_day.saturating_mul(fee),
        }
    };
    let mut all: Vec<Cost> = regular(scene)
        .into_iter()
        .map(|regular| {
            let period = regular.period;
            cost(regular.duty, regular.key, period.seconds(), period.spare(), 1)
        })
        .collect();
    let beats = scene
        .members
        .iter()
        .filter_map(|member| Some((member, heartbeat_period(scene, member)?)));
    all.extend(beats.map(|(member, period)| cost(Duty::Heartbeat, *member, period.seconds(), period.seconds(), 2)));
    if scene.attester.is_some() && scene.duties.checkpoint {
        for (key, log) in scene.accounts.all::<CheckpointLog>() {
            let seconds = checkpoint_seconds(scene, &log);
            all.push(cost(Duty::Checkpoint, key, seconds, seconds, 2));
        }
    }
    all
}
