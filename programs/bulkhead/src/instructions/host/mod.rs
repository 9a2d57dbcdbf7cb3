//! What the domain does to its host: run a proposal's instruction, or an emergency action's.

mod register_emergency_action;
mod run_emergency_action;
mod run_instruction;

pub use {register_emergency_action::*, run_emergency_action::*, run_instruction::*};
