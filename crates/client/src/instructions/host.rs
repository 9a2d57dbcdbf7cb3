use super::*;
use bulkhead::{call::StoredInstruction, instructions::RegisterPlaybookArgs};

/// `run_instruction`: executes a matured proposal, whose payload `stored` is.
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

/// `register_playbook`: executes a matured proposal, or configures during set-up.
#[must_use]
pub fn register_playbook(authority: Authority, payer: Pubkey, args: RegisterPlaybookArgs) -> Instruction {
    build(
        &bulkhead::accounts::RegisterPlaybook {
            config: authority.accounts(),
            payer,
            playbook: pda::playbook(&authority.domain, args.index),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RegisterPlaybook { args },
    )
}

/// `run_playbook`: signed by one guardian. `stored` is what the playbook holds.
#[must_use]
pub fn run_playbook(domain: Pubkey, guardian: Pubkey, index: u8, stored: &StoredInstruction) -> Instruction {
    build_with(
        &bulkhead::accounts::RunPlaybook {
            guardian,
            domain,
            council: pda::council(&domain),
            playbook: pda::playbook(&domain, index),
            callee: stored.program_id,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RunPlaybook {},
        remaining(stored),
    )
}

/// An instruction as proposals and playbooks store it.
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

/// The stored accounts, in order. The domain signs inside, so nobody does outside.
fn remaining(stored: &StoredInstruction) -> impl Iterator<Item = AccountMeta> + '_ {
    stored.accounts.iter().map(|account| AccountMeta {
        pubkey: account.pubkey,
        is_signer: false,
        is_writable: account.is_writable,
    })
}
