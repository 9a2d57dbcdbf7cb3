//! The domain's state machine. Nothing else decides which phase follows which.

use bulkhead_interface::constants::phase::{ALERT, HELD, OPERATING, RECOVERING, SETUP};

/// What happens to a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The namespace key ends set-up.
    Activate,
    /// A breaker trips or a guardian raises the alarm.
    OpenIncident,
    /// The same after an incident was decided while something newer was in force: that gets an incident of its own.
    OpenNextIncident,
    /// The guardians' threshold confirms.
    Confirm,
    /// The timed pauses ran out and nobody confirmed.
    Lapse,
    /// A proposal: false alarm, or fixed without a restoration.
    Resume,
    /// A proposal lifted what it knew of, by `Resume` or `Reopen`, and something newer is still in force.
    LiftInPart,
    /// A proposal: restart from the state the ballot chose.
    ChooseRestoration,
    /// A proposal: reopen, or raise the stage of a reopening.
    Reopen,
}

/// The event does not happen in this phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongPhase;

/// The phase after `event`.
///
/// # Errors
/// [`WrongPhase`] when the event cannot happen in `phase`.
pub const fn after(phase: u8, event: Event) -> Result<u8, WrongPhase> {
    match (phase, event) {
        (SETUP, Event::Activate)
        | (ALERT, Event::Lapse)
        | (ALERT | HELD, Event::Resume)
        | (RECOVERING | OPERATING, Event::Reopen) => Ok(OPERATING),
        (OPERATING, Event::OpenIncident)
        | (ALERT, Event::OpenNextIncident)
        | (ALERT | HELD | RECOVERING, Event::LiftInPart) => Ok(ALERT),
        (ALERT, Event::Confirm) => Ok(HELD),
        (HELD | RECOVERING, Event::ChooseRestoration) => Ok(RECOVERING),
        _ => Err(WrongPhase),
    }
}
