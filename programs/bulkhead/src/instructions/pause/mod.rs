//! The emergency pause: one guardian pauses, the guardians' threshold freezes, a proposal unpauses.

mod close_lapsed_incident;
mod confirm_incident;
mod open_incident;
// The instruction has the same name as its mechanism.
#[allow(clippy::module_inception)]
mod pause;
mod reopen;
mod resume;
mod view_mask;

pub use {
    close_lapsed_incident::*, confirm_incident::*, open_incident::*, pause::*, reopen::*, resume::*, view_mask::*,
};
