//! What the domain runs on its host: a proposal's instruction, emergency actions, evacuations of what the host keeps
//! itself, upgrades.

mod confirm_emergency_build;
mod deploy_emergency_build;
mod evacuate_direct;
mod register_direct_vault;
mod register_emergency_action;
mod register_emergency_build;
mod register_emergency_steps;
mod run_emergency_action;
mod run_emergency_step;
mod run_instruction;
mod start_emergency_run;
mod upgrade;
mod upgrade_host;

use std::cell::RefMut;

use anchor_lang::prelude::*;
use bulkhead_interface::{constants::VERSION, layout::HostProgram};

use crate::{current::Current, pda};

pub use {
    confirm_emergency_build::*, deploy_emergency_build::*, evacuate_direct::*, register_direct_vault::*,
    register_emergency_action::*, register_emergency_build::*, register_emergency_steps::*, run_emergency_action::*,
    run_emergency_step::*, run_instruction::*, start_emergency_run::*, upgrade::*, upgrade_host::*,
};

/// The record of a program, which the first decision about it creates.
fn record_of<'a>(
    record: &'a AccountLoader<HostProgram>,
    bump: u8,
    domain: &Pubkey,
    program: &Pubkey,
) -> Result<RefMut<'a, HostProgram>> {
    if !pda::is_new(record.as_ref())? {
        return record.current_mut();
    }
    let mut record = record.load_init()?;
    (record.version, record.bump) = (VERSION, bump);
    (record.domain, record.program) = (*domain, *program);
    Ok(record)
}
