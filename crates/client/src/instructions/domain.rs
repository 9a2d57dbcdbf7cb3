use super::*;
use bulkhead::instructions::{CouncilConfig, GrantRightsArgs, OpenDomainArgs};

/// `open_domain`: signed by the setup authority and the payer.
#[must_use]
pub fn open_domain(
    setup_authority: Pubkey,
    payer: Pubkey,
    governance_mint: Pubkey,
    args: OpenDomainArgs,
) -> Instruction {
    let domain = pda::domain(&setup_authority);
    build(
        &bulkhead::accounts::OpenDomain {
            setup_authority,
            payer,
            domain,
            council: pda::council(&domain),
            board: pda::board(&domain),
            governance_mint,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenDomain { args },
    )
}

/// `activate_domain`: signed by the setup authority.
#[must_use]
pub fn activate_domain(setup_authority: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::ActivateDomain {
            setup_authority,
            domain: pda::domain(&setup_authority),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::ActivateDomain {},
    )
}

/// `change_council`: executes a matured proposal.
#[must_use]
pub fn change_council(authority: Authority, args: CouncilConfig) -> Instruction {
    build(
        &bulkhead::accounts::ChangeCouncil {
            config: authority.accounts(),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::ChangeCouncil { args },
    )
}

/// `heartbeat`: signed by any member, with the member's last activity as the council records it.
#[must_use]
pub fn heartbeat(domain: Pubkey, member: Pubkey, last_active_ts: i64) -> Instruction {
    build(
        &bulkhead::accounts::Heartbeat {
            member,
            council: pda::council(&domain),
            instructions: INSTRUCTIONS_SYSVAR,
        },
        &bulkhead::instruction::Heartbeat { last_active_ts },
    )
}

/// `grant_rights`: executes a matured proposal.
#[must_use]
pub fn grant_rights(authority: Authority, args: GrantRightsArgs) -> Instruction {
    build(
        &bulkhead::accounts::GrantRights {
            config: authority.accounts(),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::GrantRights { args },
    )
}
