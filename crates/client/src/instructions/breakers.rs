use super::*;
use bulkhead::instructions::{LowerLimitArgs, OpenBreakerArgs, SetLimitArgs};

/// `open_breaker`: during set-up, or with a matured proposal.
#[must_use]
pub fn open_breaker(authority: Authority, payer: Pubkey, args: OpenBreakerArgs) -> Instruction {
    build(
        &bulkhead::accounts::OpenBreaker {
            config: authority.accounts(),
            payer,
            breaker: pda::outflow_breaker(&authority.domain, args.compartment, &args.mint, args.shard),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenBreaker { args },
    )
}

/// `set_limit`: during set-up, or with a matured proposal.
#[must_use]
pub fn set_limit(authority: Authority, args: SetLimitArgs) -> Instruction {
    build(
        &bulkhead::accounts::SetLimit {
            config: authority.accounts(),
            breaker: args.breaker,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::SetLimit { args },
    )
}

/// `lower_limit`: signed by one guardian. It can only lower limits.
#[must_use]
pub fn lower_limit(domain: Pubkey, guardian: Pubkey, breaker: Pubkey, args: LowerLimitArgs) -> Instruction {
    build(
        &bulkhead::accounts::LowerLimit {
            guardian,
            council: pda::council(&domain),
            breaker,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::LowerLimit { args },
    )
}

/// `meter_outflow`: signed by the breaker's authority. Hosts call it by CPI.
#[must_use]
pub fn meter_outflow(domain: Pubkey, breaker: Pubkey, authority: Pubkey, amount: u64) -> Instruction {
    build(
        &bulkhead::accounts::MeterOutflow {
            breaker,
            board: pda::board(&domain),
            authority,
        },
        &bulkhead::instruction::MeterOutflow { amount },
    )
}

/// `record_inflow`: signed by the breaker's authority, or by the operator of the `vault` that the breaker meters.
#[must_use]
pub fn record_inflow(breaker: Pubkey, authority: Pubkey, vault: Option<Pubkey>, amount: u64) -> Instruction {
    build(
        &bulkhead::accounts::RecordInflow {
            breaker,
            authority,
            vault,
        },
        &bulkhead::instruction::RecordInflow { amount },
    )
}

/// `observe_reference`: anyone may crank it, as the only instruction of its transaction.
#[must_use]
pub fn observe_reference(breaker: Pubkey, reference: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::ObserveReference {
            breaker,
            reference,
            instructions: INSTRUCTIONS_SYSVAR,
        },
        &bulkhead::instruction::ObserveReference {},
    )
}

/// `view_outflow`: needs no signature and answers with return data. [`crate::view`] computes the answer without a
/// transaction.
#[must_use]
pub fn view_outflow(domain: Pubkey, breaker: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::ViewOutflow {
            breaker,
            board: pda::board(&domain),
        },
        &bulkhead::instruction::ViewOutflow {},
    )
}

/// `propagate_trip`: anyone may crank it. `incident_index` is the open incident's number, or the domain's
/// `incident_count`.
#[must_use]
pub fn propagate_trip(domain: Pubkey, payer: Pubkey, detector: Pubkey, incident_index: u64) -> Instruction {
    build(
        &bulkhead::accounts::PropagateTrip {
            payer,
            domain,
            council: pda::council(&domain),
            board: pda::board(&domain),
            detector,
            incident: pda::incident(&domain, incident_index),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::PropagateTrip {},
    )
}
