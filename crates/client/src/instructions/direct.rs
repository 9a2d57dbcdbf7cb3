use super::*;
use bulkhead::{call::StoredInstruction, instructions::RegisterDirectVaultArgs};

/// `register_direct_vault`: executes a matured proposal, or configures during set-up. `mint` is that of the source.
#[must_use]
pub fn register_direct_vault(
    authority: Authority,
    payer: Pubkey,
    mint: Pubkey,
    args: RegisterDirectVaultArgs,
) -> Instruction {
    build(
        &bulkhead::accounts::RegisterDirectVault {
            config: authority.accounts(),
            payer,
            direct_vault: pda::direct_vault(&authority.domain, &args.source),
            source: args.source,
            route: args.route,
            mint,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RegisterDirectVault { args },
    )
}

/// `evacuate_direct`: anyone may crank it. `stored` is the instruction of the direct vault.
#[must_use]
pub fn evacuate_direct(
    domain: Pubkey,
    incident: Pubkey,
    (source, mint): (Pubkey, Pubkey),
    stored: &StoredInstruction,
) -> Instruction {
    build_with(
        &bulkhead::accounts::EvacuateDirect {
            domain,
            migration: pda::migration(&incident),
            incident,
            direct_vault: pda::direct_vault(&domain, &source),
            mint,
            callee: stored.program_id,
        },
        &bulkhead::instruction::EvacuateDirect {},
        host::remaining(stored),
    )
}
