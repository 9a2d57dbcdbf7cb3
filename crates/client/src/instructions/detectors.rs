use super::*;
use bulkhead::instructions::{
    CloseDetectorArgs, OpenAuthorityWatchArgs, OpenPriceBreakerArgs, OpenSolvencyBreakerArgs,
};

/// `open_price_breaker`: during set-up, or with a matured proposal.
#[must_use]
pub fn open_price_breaker(authority: Authority, payer: Pubkey, args: OpenPriceBreakerArgs) -> Instruction {
    build(
        &bulkhead::accounts::OpenPriceBreaker {
            config: authority.accounts(),
            payer,
            breaker: pda::price_breaker(&authority.domain, args.compartment, &args.source_key()),
            price: args.pinned(),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenPriceBreaker { args },
    )
}

/// `observe_price`: anyone may crank it, as the only instruction of its transaction. `price` is the price account.
#[must_use]
pub fn observe_price(domain: Pubkey, breaker: Pubkey, price: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::ObservePrice {
            breaker,
            board: pda::board(&domain),
            price,
            instructions: INSTRUCTIONS_SYSVAR,
        },
        &bulkhead::instruction::ObservePrice {},
    )
}

/// `open_solvency_breaker`: during set-up, or with a matured proposal.
#[must_use]
pub fn open_solvency_breaker(authority: Authority, payer: Pubkey, args: OpenSolvencyBreakerArgs) -> Instruction {
    let reserves = read_only(&args.reserves);
    build_with(
        &bulkhead::accounts::OpenSolvencyBreaker {
            config: authority.accounts(),
            payer,
            breaker: pda::solvency_breaker(&authority.domain, args.compartment, &args.liabilities),
            liabilities: args.liabilities,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenSolvencyBreaker { args },
        reserves,
    )
}

/// `observe_solvency`: anyone may crank it, as the only instruction of its transaction. The reserves are all registered
/// ones, in their order.
#[must_use]
pub fn observe_solvency(domain: Pubkey, breaker: Pubkey, liabilities: Pubkey, reserves: &[Pubkey]) -> Instruction {
    build_with(
        &bulkhead::accounts::ObserveSolvency {
            breaker,
            board: pda::board(&domain),
            liabilities,
            instructions: INSTRUCTIONS_SYSVAR,
        },
        &bulkhead::instruction::ObserveSolvency {},
        read_only(reserves),
    )
}

/// `open_authority_watch`: during set-up, or with a matured proposal.
#[must_use]
pub fn open_authority_watch(authority: Authority, payer: Pubkey, args: OpenAuthorityWatchArgs) -> Instruction {
    build(
        &bulkhead::accounts::OpenAuthorityWatch {
            config: authority.accounts(),
            payer,
            watch: pda::authority_watch(&authority.domain, &args.account, args.offset),
            account: args.account,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenAuthorityWatch { args },
    )
}

/// `observe_authority`: anyone may crank it, as the only instruction of its transaction.
#[must_use]
pub fn observe_authority(domain: Pubkey, watch: Pubkey, account: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::ObserveAuthority {
            watch,
            board: pda::board(&domain),
            account,
            instructions: INSTRUCTIONS_SYSVAR,
        },
        &bulkhead::instruction::ObserveAuthority {},
    )
}

/// `close_detector`: during set-up, or with a matured proposal.
#[must_use]
pub fn close_detector(authority: Authority, args: CloseDetectorArgs) -> Instruction {
    build(
        &bulkhead::accounts::CloseDetector {
            config: authority.accounts(),
            board: pda::board(&authority.domain),
            detector: args.detector,
            receiver: args.receiver,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseDetector { args },
    )
}

fn read_only(keys: &[Pubkey]) -> Vec<AccountMeta> {
    keys.iter().map(|key| AccountMeta::new_readonly(*key, false)).collect()
}
