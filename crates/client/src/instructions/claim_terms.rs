use super::*;
use anchor_spl::associated_token::get_associated_token_address_with_program_id;
use bulkhead::instructions::{ExtendClaimsArgs, SetClaimTermsArgs};

/// `set_claim_terms`: the setup authority, or a matured proposal. `token` is the mint and its token program.
#[must_use]
pub fn set_claim_terms(
    authority: Authority,
    payer: Pubkey,
    token: (Pubkey, Pubkey),
    args: SetClaimTermsArgs,
) -> Instruction {
    let (mint, token_program) = token;
    let rest = get_associated_token_address_with_program_id(&args.rest_owner, &mint, &token_program);
    build(
        &bulkhead::accounts::SetClaimTerms {
            config: authority.accounts(),
            payer,
            ledger: pda::ledger(&authority.domain, args.ledger_index),
            destination: (args.claim_days != 0).then_some(rest),
            terms: pda::claim_terms(&authority.domain, args.ledger_index),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::SetClaimTerms { args },
    )
}

/// `extend_claims`: executes a matured proposal.
#[must_use]
pub fn extend_claims(authority: Authority, args: ExtendClaimsArgs) -> Instruction {
    build(
        &bulkhead::accounts::ExtendClaims {
            config: authority.accounts(),
            restoration: args.restoration,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::ExtendClaims { args },
    )
}

/// `sweep_unclaimed`: anyone may crank it after the end of claims. `destination` is the associated token account of the
/// owner of the rest.
#[must_use]
pub fn sweep_unclaimed(keys: RestorationKeys, destination: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::SweepUnclaimed {
            restoration: keys.restoration,
            pool: pda::pool(&keys.restoration),
            destination,
            mint: keys.mint,
            token_program: keys.token_program,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::SweepUnclaimed {},
    )
}

/// `close_restoration`: anyone may crank it once the rest was swept and the incident is over. `receiver` is the owner of
/// the rest.
#[must_use]
pub fn close_restoration(keys: RestorationKeys, domain: Pubkey, incident: Pubkey, receiver: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::CloseRestoration {
            domain,
            incident,
            restoration: keys.restoration,
            pool: pda::pool(&keys.restoration),
            receiver,
            token_program: keys.token_program,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseRestoration {},
    )
}
