use super::*;
use bulkhead::{
    call::StoredInstruction,
    instructions::{RegisterEmergencyActionArgs, RegisterEmergencyStepsArgs},
};

/// `run_instruction`: executes a matured proposal with the payload `stored`.
#[must_use]
pub fn run_instruction(authority: Authority, stored: &StoredInstruction) -> Instruction {
    build_with(
        &bulkhead::accounts::RunInstruction {
            config: authority.accounts(),
            callee: stored.program_id,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RunInstruction {},
        remaining(stored),
    )
}

/// `register_emergency_action`: executes a matured proposal, or configures during set-up.
#[must_use]
pub fn register_emergency_action(
    authority: Authority,
    payer: Pubkey,
    args: RegisterEmergencyActionArgs,
) -> Instruction {
    build(
        &bulkhead::accounts::RegisterEmergencyAction {
            config: authority.accounts(),
            payer,
            emergency_action: pda::emergency_action(&authority.domain, args.index),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RegisterEmergencyAction { args },
    )
}

/// `run_emergency_action`: signed by one guardian. `stored` is the instruction of the emergency action.
#[must_use]
pub fn run_emergency_action(domain: Pubkey, guardian: Pubkey, index: u8, stored: &StoredInstruction) -> Instruction {
    build_with(
        &bulkhead::accounts::RunEmergencyAction {
            guardian,
            domain,
            council: pda::council(&domain),
            emergency_action: pda::emergency_action(&domain, index),
            callee: stored.program_id,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RunEmergencyAction {},
        remaining(stored),
    )
}

/// `register_emergency_steps`: executes a matured proposal, or configures during set-up.
#[must_use]
pub fn register_emergency_steps(authority: Authority, payer: Pubkey, args: RegisterEmergencyStepsArgs) -> Instruction {
    build(
        &bulkhead::accounts::RegisterEmergencySteps {
            config: authority.accounts(),
            payer,
            emergency_action: pda::emergency_action(&authority.domain, args.index),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RegisterEmergencySteps { args },
    )
}

/// `start_emergency_run`: signed by one guardian, who has read the action with this hash.
#[must_use]
pub fn start_emergency_run(
    domain: Pubkey,
    guardian: Pubkey,
    payer: Pubkey,
    index: u8,
    instruction_hash: [u8; 32],
) -> Instruction {
    let emergency_action = pda::emergency_action(&domain, index);
    build(
        &bulkhead::accounts::StartEmergencyRun {
            guardian,
            payer,
            domain,
            council: pda::council(&domain),
            emergency_action,
            run: pda::emergency_run(&emergency_action, &guardian),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::StartEmergencyRun { instruction_hash },
    )
}

/// A run of an emergency action, and who continues it.
#[derive(Clone, Copy, Debug)]
pub struct RunKeys {
    /// The domain.
    pub domain: Pubkey,
    /// Number of the action.
    pub index: u8,
    /// The guardian who signs.
    pub guardian: Pubkey,
    /// The guardian who started the run.
    pub starter: Pubkey,
}

/// `run_emergency_step`: signed by one guardian. `stored` is the instruction of the step.
#[must_use]
pub fn run_emergency_step(keys: RunKeys, step: u8, stored: &StoredInstruction) -> Instruction {
    let RunKeys {
        domain,
        index,
        guardian,
        starter,
    } = keys;
    let emergency_action = pda::emergency_action(&domain, index);
    build_with(
        &bulkhead::accounts::RunEmergencyStep {
            guardian,
            domain,
            council: pda::council(&domain),
            emergency_action,
            run: pda::emergency_run(&emergency_action, &starter),
            callee: stored.program_id,
        },
        &bulkhead::instruction::RunEmergencyStep { step },
        remaining(stored),
    )
}

/// A stored instruction as the domain would sign it: to simulate it.
#[must_use]
pub fn unstored(stored: &StoredInstruction) -> Instruction {
    let metas = stored.accounts.iter().map(|account| AccountMeta {
        pubkey: account.pubkey,
        is_signer: account.is_signer,
        is_writable: account.is_writable,
    });
    Instruction {
        program_id: stored.program_id,
        accounts: metas.collect(),
        data: stored.data.clone(),
    }
}

/// An instruction in the form that proposals and emergency actions store.
#[must_use]
pub fn stored(instruction: &Instruction) -> StoredInstruction {
    let accounts = instruction.accounts.iter().map(|meta| bulkhead::call::StoredAccount {
        pubkey: meta.pubkey,
        is_signer: meta.is_signer,
        is_writable: meta.is_writable,
    });
    StoredInstruction {
        program_id: instruction.program_id,
        accounts: accounts.collect(),
        data: instruction.data.clone(),
    }
}

/// The stored accounts, in order. The domain signs by CPI, so no account signs the transaction.
pub(super) fn remaining(stored: &StoredInstruction) -> impl Iterator<Item = AccountMeta> + '_ {
    stored.accounts.iter().map(|account| AccountMeta {
        pubkey: account.pubkey,
        is_signer: false,
        is_writable: account.is_writable,
    })
}
