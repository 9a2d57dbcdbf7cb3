//! What the domain runs on its host: a proposal's instruction or an emergency action.

mod register_emergency_action;
mod register_emergency_steps;
mod run_emergency_action;
mod run_emergency_step;
mod run_instruction;
mod start_emergency_run;

pub use {
    register_emergency_action::*, register_emergency_steps::*, run_emergency_action::*, run_emergency_step::*,
    run_instruction::*, start_emergency_run::*,
};
