//! `warp`: moves the clock forward.

use std::{path::Path, time::Duration};

use clap::{ArgGroup, Args};

use crate::{
    error::LocalnetError,
    place::Place,
    rpc::{Connected, connect},
    text::{grouped, say, utc},
};

/// How long the clock is given between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// Number of looks until it has moved.
const LOOKS: u32 = 100;
/// Longest move: a year. Nothing in the program waits longer.
const MOST_SECONDS: i64 = 366 * 86_400;

/// Options of `warp`.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("by").required(true).args(["seconds", "slots"])))]
pub struct Warp {
    /// By this much time; slots pass as well
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(i64).range(1..=MOST_SECONDS))]
    seconds: Option<i64>,
    /// By this many slots; time passes as well
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    slots: Option<u64>,
}

/// Moves the clock of the localnet in `dir`.
///
/// # Errors
/// [`LocalnetError`]
pub async fn run(dir: &Path, command: &Warp) -> Result<(), LocalnetError> {
    let Connected { rpc, clock: before, .. } = connect(&Place::new(dir)).await?;
    let is_there = |now: &solana_clock::Clock| match (command.seconds, command.slots) {
        (Some(seconds), _) => now.unix_timestamp >= before.unix_timestamp.saturating_add(seconds),
        (None, Some(slots)) => now.slot >= before.slot.saturating_add(slots),
        (None, None) => true,
    };
    match (command.seconds, command.slots) {
        // One second more: the chain's clock is in milliseconds, and what is read of it is rounded down.
        (Some(seconds), _) => {
            rpc.travel_to_time(before.unix_timestamp.saturating_add(seconds + 1))
                .await?
        }
        (None, Some(slots)) => rpc.travel_to_slot(before.slot.saturating_add(slots)).await?,
        (None, None) => {}
    }
    for _ in 0..LOOKS {
        let now = rpc.clock().await?;
        if is_there(&now) {
            let (slots, seconds) = (now.slot - before.slot, now.unix_timestamp - before.unix_timestamp);
            say(&format!(
                "{} -> {}, {} slots and {} seconds later",
                utc(before.unix_timestamp),
                utc(now.unix_timestamp),
                grouped(slots),
                grouped(seconds.unsigned_abs())
            ));
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
    Err(LocalnetError::NotPossible(
        "the clock did not move; is it paused? Start the localnet again, and repeat this".into(),
    ))
}
