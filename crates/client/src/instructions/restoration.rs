use super::*;
use bulkhead::instructions::{ChooseRestorationArgs, ClaimArgs, ClaimBatchArgs, RedirectClaimsArgs};

/// The accounts derived from a restoration.
#[derive(Clone, Copy)]
pub struct RestorationKeys {
    /// The restoration.
    pub restoration: Pubkey,
    /// Mint of the token that claims are paid in.
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
    let keys = EscapeKeys {
        domain: authority.domain,
        incident: args.incident,
        ledger_index: args.ledger_index,
        snapshot: args.snapshot,
        mint,
        token_program,
    };
    build(
        &bulkhead::accounts::ChooseRestoration {
            config: authority.accounts(),
            begin: begin(payer, keys),
            ballot: pda::ballot(&args.incident, args.ledger_index),
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

/// `fund_from_recovery_account`: anyone may crank it. `source` belongs to the domain and is the account that `vault`
/// was evacuated to. The vault backs the restoration's ledger.
#[must_use]
pub fn fund_from_recovery_account(keys: RestorationKeys, domain: Pubkey, vault: Pubkey, source: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::FundFromRecoveryAccount {
            domain,
            restoration: keys.restoration,
            vault,
            source,
            pool: pda::pool(&keys.restoration),
            mint: keys.mint,
            token_program: keys.token_program,
            queue_ledger: None,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::FundFromRecoveryAccount {},
    )
}

/// `share_out`: anyone may crank it.
#[must_use]
pub fn share_out(restoration: Pubkey, incident: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::ShareOut {
            incident,
            restoration,
            pool: pda::pool(&restoration),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::ShareOut {},
    )
}

/// `return_surplus`: anyone may crank it. `destination` is the domain's associated token account.
#[must_use]
pub fn return_surplus(keys: RestorationKeys, destination: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::ReturnSurplus {
            restoration: keys.restoration,
            pool: pda::pool(&keys.restoration),
            destination,
            mint: keys.mint,
            token_program: keys.token_program,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::ReturnSurplus {},
    )
}

/// `open_claim_page`: anyone may crank it.
#[must_use]
pub fn open_claim_page(restoration: Pubkey, payer: Pubkey, page: u16) -> Instruction {
    open_book_page(restoration, restoration, payer, page)
}

/// [`open_claim_page`] in the book that the restoration names.
#[must_use]
pub fn open_book_page(restoration: Pubkey, book: Pubkey, payer: Pubkey, page: u16) -> Instruction {
    build(
        &bulkhead::accounts::OpenClaimPage {
            payer,
            restoration,
            claims: pda::claim_page(&book, page),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenClaimPage { page },
    )
}

/// `close_claim_page`: anyone may crank it once every claim is paid in full, or the rest was swept. The rent returns to `payer`, who paid it.
#[must_use]
pub fn close_claim_page(restoration: Pubkey, payer: Pubkey, page: u16) -> Instruction {
    close_book_page(restoration, restoration, None, payer, page)
}

/// [`close_claim_page`] in another book: the one that the restoration names, or one of `interim`, the interim share-out
/// of its ledger.
#[must_use]
pub fn close_book_page(
    restoration: Pubkey,
    book: Pubkey,
    interim: Option<Pubkey>,
    payer: Pubkey,
    page: u16,
) -> Instruction {
    build(
        &bulkhead::accounts::CloseClaimPage {
            restoration,
            claims: pda::claim_page(&book, page),
            payer,
            interim,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseClaimPage {},
    )
}

/// `redirect_claims`: executes a matured proposal.
#[must_use]
pub fn redirect_claims(authority: Authority, payer: Pubkey, args: RedirectClaimsArgs) -> Instruction {
    build(
        &bulkhead::accounts::RedirectClaims {
            config: authority.accounts(),
            payer,
            restoration: args.restoration,
            destination: args.destination,
            route: pda::claim_redirect(&args.restoration, &args.owner),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RedirectClaims { args },
    )
}

/// The location and the owner of a claim's leaf.
#[derive(Clone, Copy)]
pub struct ClaimKeys {
    /// The sealed snapshot.
    pub snapshot: Pubkey,
    /// The sealed shard that contains the leaf.
    pub shard: Pubkey,
    /// The page that records what the leaf was paid.
    pub page: u16,
    /// Owner of the leaf.
    pub owner: Pubkey,
    /// Does the owner sign? A signature is required to pay any account other than the owner's associated token account.
    pub owner_signs: bool,
    /// Token account to pay.
    pub destination: Pubkey,
}

/// `claim`: anyone may crank it, to the owner's associated token account.
#[must_use]
pub fn claim(keys: RestorationKeys, claim: ClaimKeys, args: ClaimArgs) -> Instruction {
    let mut instruction = build(&claim_accounts(keys, claim), &bulkhead::instruction::Claim { args });
    sign_by_owner(&mut instruction, claim);
    instruction
}

/// `claim_batch`: anyone may crank it, to the owners' associated token accounts. The leaves are neighbours on one page,
/// each with its owner and that account; the first of them is that of `claim`.
#[must_use]
pub fn claim_batch(
    keys: RestorationKeys,
    claim: ClaimKeys,
    others: impl IntoIterator<Item = (Pubkey, Pubkey)>,
    args: ClaimBatchArgs,
) -> Instruction {
    let mut instruction = build(
        &claim_accounts(keys, claim),
        &bulkhead::instruction::ClaimBatch { args },
    );
    for (owner, destination) in others {
        instruction.accounts.extend([
            AccountMeta::new(destination, false),
            AccountMeta::new_readonly(owner, false),
        ]);
    }
    instruction
}

/// `wish_claims`: signed by the owner of the leaves. `kind` is one of `claim_wish`, `to` the address that is paid or that
/// may consume the claims, or the default key. [`claim_wish::NONE`](bulkhead_interface::constants::claim_wish::NONE)
/// returns the rent to `payer`.
#[must_use]
pub fn wish_claims(domain: Pubkey, owner: Pubkey, payer: Pubkey, kind: u8, to: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::WishClaims {
            owner,
            payer,
            domain,
            wish: pda::claim_wish(&domain, &owner),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::WishClaims { kind, to },
    )
}

/// `consume_claim`: signed by `consumer`, which the owner or the ledger's terms let take the claim over. Programs sign
/// for their PDA by CPI.
#[must_use]
pub fn consume_claim(
    keys: RestorationKeys,
    claim: ClaimKeys,
    (domain, ledger_index): (Pubkey, u8),
    consumer: Pubkey,
    args: ClaimArgs,
) -> Instruction {
    let mut instruction = build(
        &bulkhead::accounts::ConsumeClaim {
            claim: claim_accounts(keys, claim),
            consumer,
            wish: pda::claim_wish(&domain, &claim.owner),
            terms: pda::claim_terms(&domain, ledger_index),
        },
        &bulkhead::instruction::ConsumeClaim { args },
    );
    sign_by_owner(&mut instruction, claim);
    instruction
}

/// [`claim_elsewhere`] to the associated token account of the address that the owner wished for, which is the
/// destination of `claim`. The bump in `args` is that account's.
#[must_use]
pub fn claim_as_wished(
    keys: RestorationKeys,
    claim: ClaimKeys,
    (domain, associated): (Pubkey, Pubkey),
    has_memo: bool,
    args: ClaimArgs,
) -> Instruction {
    let mut instruction = build(
        &bulkhead::accounts::ClaimElsewhere {
            claim: claim_accounts(keys, claim),
            route: Some(pda::claim_wish(&domain, &claim.owner)),
            associated,
            wish: pda::claim_wish(&domain, &claim.owner),
            memo_program: has_memo.then_some(bulkhead::instructions::MEMO_PROGRAM),
        },
        &bulkhead::instruction::ClaimElsewhere { args },
    );
    sign_by_owner(&mut instruction, claim);
    instruction
}

/// `claim_elsewhere`: for claims that `claim` cannot pay. With a redirect, pays the destination that a proposal named
/// for the owner, whose associated token account is `associated`. With a memo, if the destination requires one.
#[must_use]
pub fn claim_elsewhere(
    keys: RestorationKeys,
    claim: ClaimKeys,
    is_redirected: bool,
    (domain, associated): (Pubkey, Pubkey),
    has_memo: bool,
    args: ClaimArgs,
) -> Instruction {
    let mut instruction = build(
        &bulkhead::accounts::ClaimElsewhere {
            claim: claim_accounts(keys, claim),
            route: is_redirected.then(|| pda::claim_redirect(&keys.restoration, &claim.owner)),
            associated,
            wish: pda::claim_wish(&domain, &claim.owner),
            memo_program: has_memo.then_some(bulkhead::instructions::MEMO_PROGRAM),
        },
        &bulkhead::instruction::ClaimElsewhere { args },
    );
    sign_by_owner(&mut instruction, claim);
    instruction
}

/// [`claim`] or [`claim_elsewhere`], with its page in the book that the restoration names.
#[must_use]
pub fn in_book(mut claim: Instruction, restoration: &Pubkey, book: &Pubkey, page: u16) -> Instruction {
    let own = pda::claim_page(restoration, page);
    let claims = claim.accounts.iter_mut().filter(|meta| meta.pubkey == own);
    claims.for_each(|meta| meta.pubkey = pda::claim_page(book, page));
    claim
}

/// [`claim`] or [`claim_elsewhere`] under a state that interim claims were not paid from. `proof` shows the leaf of the
/// snapshot, which page `page` of its book covers, or that there was none.
#[must_use]
pub fn after_interim(mut claim: Instruction, interim: Pubkey, proof: Pubkey, page: u16) -> Instruction {
    claim.accounts.extend([
        AccountMeta::new_readonly(interim, false),
        AccountMeta::new_readonly(proof, false),
        AccountMeta::new(pda::claim_page(&interim, page), false),
    ]);
    claim
}

fn claim_accounts(keys: RestorationKeys, claim: ClaimKeys) -> bulkhead::accounts::Claim {
    bulkhead::accounts::Claim {
        restoration: keys.restoration,
        snapshot: claim.snapshot,
        shard: claim.shard,
        claims: pda::claim_page(&keys.restoration, claim.page),
        pool: pda::pool(&keys.restoration),
        destination: claim.destination,
        owner: claim.owner,
        mint: keys.mint,
        token_program: keys.token_program,
    }
}

fn sign_by_owner(instruction: &mut Instruction, claim: ClaimKeys) {
    for meta in &mut instruction.accounts {
        if meta.pubkey == claim.owner {
            meta.is_signer |= claim.owner_signs;
        }
    }
}
