use super::*;
use bulkhead::instructions::SetLinkArgs;

/// `set_link`: during set-up, or with a matured proposal.
#[must_use]
pub fn set_link(authority: Authority, payer: Pubkey, args: SetLinkArgs) -> Instruction {
    build(
        &bulkhead::accounts::SetLink {
            config: authority.accounts(),
            payer,
            upstream: args.upstream,
            upstream_board: pda::board(&args.upstream),
            link: pda::link(&authority.domain, &args.upstream),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::SetLink { args },
    )
}

/// `propagate_contagion`: anyone may crank it.
#[must_use]
pub fn propagate_contagion(domain: Pubkey, upstream: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::PropagateContagion {
            link: pda::link(&domain, &upstream),
            council: pda::council(&domain),
            board: pda::board(&domain),
            upstream_board: pda::board(&upstream),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::PropagateContagion {},
    )
}
