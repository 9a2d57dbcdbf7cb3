//! Insurance: stakes and premiums, incidents that close exits, shortfalls and slashes.

mod note_incident;
mod open_insurance;
mod parts;
mod pay_premium;
mod return_recovered;
mod slash;
mod stake;
mod start_cooldown;
mod state_shortfall;
mod unstake;

pub use {
    note_incident::*, open_insurance::*, parts::*, pay_premium::*, return_recovered::*, slash::*, stake::*,
    start_cooldown::*, state_shortfall::*, unstake::*,
};
