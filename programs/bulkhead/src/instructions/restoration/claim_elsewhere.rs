//! Pays a claim that `claim` cannot pay: the destination requires a memo, or the owner is a program's address that
//! cannot sign and its associated token account is frozen or has a different owner now.
//!
//! Bulkhead writes its own memo. Any other destination must be one that a matured proposal named for this owner in this
//! restoration. It is paid only while the owner's associated token account cannot be paid, because until then no proposal
//! is needed; and only if the owner has not spoken for itself by `wish_claims`. Or it is the associated token account of
//! the address that the owner itself wished for with `wish_claims`: that one is paid at any time.

use anchor_lang::{
    prelude::*,
    solana_program::{instruction::Instruction, program::invoke},
};
use bulkhead_core::{acts, associated::token_address, token};
use bulkhead_interface::{constants::claim_wish, layout::ClaimRedirect, seeds::SEED_CLAIM_WISH};

use super::claim::*;
use crate::{
    authority::core_error,
    current::{Current, if_there},
    error::BulkheadError,
    token::{holder, require_receiver},
};

/// The SPL Memo program.
pub const MEMO_PROGRAM: Pubkey = pubkey!("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");
/// The text of the memo.
const MEMO: &[u8] = b"Bulkhead claim";

#[derive(Accounts)]
pub struct ClaimElsewhere<'info> {
    pub claim: Claim<'info>,
    /// The account to which a proposal redirects the owner's claims, if the owner cannot be paid; or the owner's wish.
    pub route: Option<AccountLoader<'info, ClaimRedirect>>,
    /// CHECK: the owner's associated token account; with a redirection it must be one that cannot be paid.
    pub associated: UncheckedAccount<'info>,
    /// CHECK: the owner's wish, by address; need not be there.
    #[account(
        seeds = [SEED_CLAIM_WISH, claim.restoration.current()?.domain.as_ref(), claim.owner.key.as_ref()], bump
    )]
    pub wish: UncheckedAccount<'info>,
    /// CHECK: the memo program, if the destination requires a memo.
    #[account(address = MEMO_PROGRAM @ BulkheadError::ForeignAccount)]
    pub memo_program: Option<UncheckedAccount<'info>>,
}

pub fn handle_claim_elsewhere<'info>(ctx: Context<'info, ClaimElsewhere<'info>>, args: ClaimArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let claim = &accounts.claim;
    claim.require_linked()?;
    claim.require_leaf(&args)?;
    match &accounts.route {
        Some(route) => accounts.require_route(&*route.current()?, args.destination_bump)?,
        None => claim.require_destination(args.destination_bump)?,
    }
    let amount = claim.book(&args, ctx.remaining_accounts)?;
    if let Some(program) = &accounts.memo_program {
        let memo = Instruction {
            program_id: MEMO_PROGRAM,
            accounts: vec![],
            data: MEMO.to_vec(),
        };
        invoke(&memo, &[program.to_account_info()])?;
    }
    claim.pay(args.index, &claim.destination, claim.owner.key, amount)
}

impl ClaimElsewhere<'_> {
    /// Checks that the redirection is this owner's, that its destination is the approved one, and that the owner cannot
    /// be paid otherwise.
    fn require_route(&self, route: &ClaimRedirect, bump: u8) -> Result<()> {
        let claim = &self.claim;
        let (owner, mint, token_program) = (claim.owner.key, claim.mint.key, claim.token_program.key);
        if route.state != claim_wish::NONE {
            let payee = acts::payee_of(route, &*claim.restoration.current()?, owner).map_err(core_error)?;
            require_receiver(&claim.destination, mint, token_program)?;
            return require_associated(&claim.destination, payee, (mint, token_program), bump);
        }
        require!(
            route.restoration == claim.restoration.key() && route.owner == *owner,
            BulkheadError::ForeignAccount
        );
        require!(
            route.destination == *claim.destination.key && route.holder == holder(&claim.destination)?,
            BulkheadError::WrongDestination
        );
        let wish = if_there::<ClaimRedirect>(&self.wish)?;
        acts::may_redirect(wish.as_deref(), &*claim.restoration.current()?, owner).map_err(core_error)?;
        require_receiver(&claim.destination, mint, token_program)?;
        let associated = token_address(owner, token_program, mint, bump);
        require!(
            associated == self.associated.key.to_bytes() && *self.associated.owner == *token_program,
            BulkheadError::OwnerPayable
        );
        let data = self.associated.try_borrow_data()?;
        let is_others = token::holder(&data) != Some(owner.to_bytes());
        require!(is_others || token::is_frozen(&data), BulkheadError::OwnerPayable);
        Ok(())
    }
}
