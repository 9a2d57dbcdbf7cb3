//! What the domain does to its host: run a proposal's instruction, or a playbook's.

mod register_playbook;
mod run_instruction;
mod run_playbook;

pub use {register_playbook::*, run_instruction::*, run_playbook::*};
