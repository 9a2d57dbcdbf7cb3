//! The domain's state machine. Nothing else decides which phase follows which.

use crate::CoreError;
use bulkhead_interface::constants::phase::{ALERT, FROZEN, OPERATING, RECOVERING, SETUP};

/// What happens to a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The setup authority ends set-up.
    Activate,
    /// A breaker trips or a guardian raises the alarm.
    OpenIncident,
    /// The same after an incident was decided while something newer was in force: the alarm opens its own incident.
    OpenNextIncident,
    /// The guardians' threshold confirms.
    Confirm,
    /// The timed pauses ran out and nobody confirmed.
    Lapse,
    /// A proposal: false alarm, or fixed without a restoration.
    Resume,
    /// A proposal unpaused what it knew of, by `Resume` or `Reopen`, and something newer is still in force.
    UnpauseInPart,
    /// A proposal: restore the state the ballot chose.
    ChooseRestoration,
    /// A proposal: reopen, or raise the ramp of a reopening.
    Reopen,
}

/// The phase after `event`.
///
/// # Errors
/// [`CoreError::WrongPhase`] when the event cannot happen in `phase`.
pub const fn after(phase: u8, event: Event) -> Result<u8, CoreError> {
    match (phase, event) {
        (SETUP, Event::Activate)
        | (ALERT, Event::Lapse)
        | (ALERT | FROZEN, Event::Resume)
        | (RECOVERING | OPERATING, Event::Reopen) => Ok(OPERATING),
        (OPERATING, Event::OpenIncident)
        | (ALERT, Event::OpenNextIncident)
        | (ALERT | FROZEN | RECOVERING, Event::UnpauseInPart) => Ok(ALERT),
        (ALERT, Event::Confirm) => Ok(FROZEN),
        (FROZEN | RECOVERING, Event::ChooseRestoration) => Ok(RECOVERING),
        _ => Err(CoreError::WrongPhase),
    }
}
