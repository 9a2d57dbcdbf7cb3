//! What the domain runs on its host: a proposal's instruction or an emergency action.

mod register_emergency_action;
mod run_emergency_action;
mod run_instruction;

pub use {register_emergency_action::*, run_emergency_action::*, run_instruction::*};
