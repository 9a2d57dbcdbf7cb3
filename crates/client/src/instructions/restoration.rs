use super::*;
use bulkhead::instructions::{ChooseRestorationArgs, ClaimArgs};

/// The accounts that follow from a restoration.
#[derive(Clone, Copy)]
pub struct RestorationKeys {
    /// The restoration.
    pub restoration: Pubkey,
    /// Token claims are paid in.
    pub mint: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
}

/// `choose_restoration`: executes a matured proposal.
#[must_use]
pub fn choose_restoration(
    authority: Authority,
    payer: Pubkey,
    mint: Pubkey,
    token_program: Pubkey,
    args: ChooseRestorationArgs,
) -> Instruction {
    let restoration = pda::restoration(&args.incident, args.ledger_index);
    build(
        &bulkhead::accounts::ChooseRestoration {
            config: authority.accounts(),
            payer,
            incident: args.incident,
            ballot: pda::ballot(&args.incident, args.ledger_index),
            snapshot: args.snapshot,
            log: pda::checkpoint_log(&authority.domain, args.ledger_index),
            restoration,
            mint,
            pool: pda::pool(&restoration),
            token_program,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::ChooseRestoration { args },
    )
}

/// `fund_restoration`: signed by the funder, who owns `source`.
#[must_use]
pub fn fund_restoration(keys: RestorationKeys, funder: Pubkey, source: Pubkey, amount: u64) -> Instruction {
    build(
        &bulkhead::accounts::FundRestoration {
            funder,
            restoration: keys.restoration,
            source,
            pool: pda::pool(&keys.restoration),
            mint: keys.mint,
            token_program: keys.token_program,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::FundRestoration { amount },
    )
}

/// `fund_from_refuge`: anyone may crank it. `source` belongs to the domain and is where `vault` was evacuated to.
#[must_use]
pub fn fund_from_refuge(keys: RestorationKeys, domain: Pubkey, vault: Pubkey, source: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::FundFromRefuge {
            domain,
            restoration: keys.restoration,
            vault,
            source,
            pool: pda::pool(&keys.restoration),
            mint: keys.mint,
            token_program: keys.token_program,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::FundFromRefuge {},
    )
}

/// `open_tranche`: signed by an approver.
#[must_use]
pub fn open_tranche(
    keys: RestorationKeys,
    domain: Pubkey,
    approver: Pubkey,
    incident: Pubkey,
    amount: u64,
) -> Instruction {
    build(
        &bulkhead::accounts::OpenTranche {
            approver,
            council: pda::council(&domain),
            incident,
            restoration: keys.restoration,
            pool: pda::pool(&keys.restoration),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenTranche { amount },
    )
}

/// `open_claim_page`: anyone may.
#[must_use]
pub fn open_claim_page(restoration: Pubkey, payer: Pubkey, tranche: u8, page: u16) -> Instruction {
    build(
        &bulkhead::accounts::OpenClaimPage {
            payer,
            restoration,
            claims: pda::claim_page(&restoration, tranche, page),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenClaimPage { tranche, page },
    )
}

/// Where a claim's leaf lies and whose it is.
#[derive(Clone, Copy)]
pub struct ClaimKeys {
    /// The sealed snapshot.
    pub snapshot: Pubkey,
    /// The sealed shard the leaf is in.
    pub shard: Pubkey,
    /// The page with the leaf's bit.
    pub page: u16,
    /// Owner of the leaf.
    pub owner: Pubkey,
    /// Does the owner sign, to be paid anywhere but in its associated token account?
    pub owner_signs: bool,
    /// Token account to pay.
    pub destination: Pubkey,
}

/// `claim`: anyone may push it to the owner's associated token account.
#[must_use]
pub fn claim(keys: RestorationKeys, claim: ClaimKeys, args: ClaimArgs) -> Instruction {
    let mut instruction = build(
        &bulkhead::accounts::Claim {
            restoration: keys.restoration,
            snapshot: claim.snapshot,
            shard: claim.shard,
            claims: pda::claim_page(&keys.restoration, args.tranche, claim.page),
            pool: pda::pool(&keys.restoration),
            destination: claim.destination,
            owner: claim.owner,
            mint: keys.mint,
            token_program: keys.token_program,
        },
        &bulkhead::instruction::Claim { args },
    );
    for meta in &mut instruction.accounts {
        if meta.pubkey == claim.owner {
            meta.is_signer |= claim.owner_signs;
        }
    }
    instruction
}
