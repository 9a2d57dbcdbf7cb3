//! Who may do what: members by role, and matured proposals.

use anchor_lang::prelude::*;
use bulkhead_core::{council, nonce, proposal as rules, transaction};
use bulkhead_interface::{
    constants::{phase, proposal_state},
    layout::{Council, Domain, Proposal},
};

use crate::{current::Current, error::BulkheadError};

/// The sysvar that holds the transaction's instructions.
pub const INSTRUCTIONS_SYSVAR: Pubkey = pubkey!("Sysvar1nstructions1111111111111111111111111");

/// Bytes of a proposal account before its payload.
pub const PROPOSAL_HEADER: usize = bulkhead_interface::layout::space::<Proposal>();

/// The accounts of everything that loosens or configures.
///
/// During set-up the namespace key signs and no proposal is given. Afterwards anyone may sign
/// (executing is a crank) and a matured proposal of the right kind and payload is consumed.
#[derive(Accounts)]
pub struct ConfigAuthority<'info> {
    /// The namespace key during set-up; anyone afterwards.
    pub authority: Signer<'info>,
    /// The domain that is configured.
    #[account(mut)]
    pub domain: AccountLoader<'info, Domain>,
    /// Its council. Writable for the one kind that changes it.
    #[account(mut, constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    /// The matured proposal; none during set-up.
    #[account(mut)]
    pub proposal: Option<AccountLoader<'info, Proposal>>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

impl ConfigAuthority<'_> {
    /// Accepts the set-up key, or consumes a matured proposal for exactly these arguments.
    pub fn authorize<A: AnchorSerialize>(&self, kind: u8, args: &A) -> Result<()> {
        let in_setup = {
            let domain = self.domain.current()?;
            domain.state == phase::SETUP
        };
        if in_setup && !rules::is_crisis_kind(kind) {
            require_keys_eq!(
                self.authority.key(),
                self.domain.current()?.namespace,
                BulkheadError::NotSetupAuthority
            );
            return Ok(());
        }
        require!(!in_setup, BulkheadError::WrongPhase);
        let proposal = self.proposal.as_ref().ok_or(BulkheadError::ProposalRequired)?;
        refuse_durable_nonce(&self.instructions)?;
        let now = Clock::get()?.unix_timestamp;
        let mut payload = Vec::new();
        args.serialize(&mut payload)?;
        consume(
            proposal,
            &self.domain.key(),
            &*self.council.current()?,
            kind,
            &payload,
            now,
        )
    }

    /// Slot the consumed proposal was made in; 0 during set-up.
    pub fn proposal_slot(&self) -> Result<u64> {
        self.proposal
            .as_ref()
            .map_or(Ok(0), |proposal| Ok(proposal.current()?.created_slot))
    }
}

/// Marks a matured proposal executed, or says by name why it cannot be.
fn consume(
    loader: &AccountLoader<Proposal>,
    domain: &Pubkey,
    council: &Council,
    kind: u8,
    payload: &[u8],
    now: i64,
) -> Result<()> {
    {
        let proposal = loader.current()?;
        require_keys_eq!(proposal.domain, *domain, BulkheadError::ForeignAccount);
        require!(proposal.kind == kind, BulkheadError::WrongProposalKind);
        rules::check_executable(&proposal, council, now).map_err(proposal_error)?;
        require!(
            rules::payload_hash(kind, payload) == proposal.payload_hash,
            BulkheadError::PayloadMismatch
        );
    }
    loader.current_mut()?.state = proposal_state::EXECUTED;
    Ok(())
}

/// The index of `key` on the council, if it has `role`.
pub fn require_member(council: &Council, key: &Pubkey, role: u8) -> Result<usize> {
    council::member_index(council, key, role).map_err(|error| match error {
        council::MemberError::NotAMember => BulkheadError::NotAMember.into(),
        council::MemberError::RoleMissing => BulkheadError::RoleMissing.into(),
    })
}

/// A durable-nonce transaction can be signed days before it lands: it carries no consent to what
/// is true now. The runtime only honours a nonce advance in the first instruction.
pub fn refuse_durable_nonce(instructions: &AccountInfo) -> Result<()> {
    let data = instructions.try_borrow_data()?;
    match nonce::starts_with_nonce_advance(&data) {
        Some(false) => Ok(()),
        Some(true) | None => err!(BulkheadError::DurableNonce),
    }
}

/// Permissionless observations are refused in company: nothing of the same transaction can have bent
/// what is observed, and no host can be halfway through an instruction of its own.
pub fn require_alone(instructions: &AccountInfo) -> Result<()> {
    require_keys_eq!(*instructions.key, INSTRUCTIONS_SYSVAR, BulkheadError::NotAlone);
    let data = instructions.try_borrow_data()?;
    match transaction::is_alone(&data, crate::ID.as_array()) {
        Some(true) => Ok(()),
        Some(false) | None => err!(BulkheadError::NotAlone),
    }
}

/// Names the program's error for a broken rule of `core::proposal`.
pub fn proposal_error(error: rules::ProposalError) -> Error {
    use rules::ProposalError as E;
    match error {
        E::NotOpen => BulkheadError::ProposalNotOpen,
        E::StaleEpoch => BulkheadError::StaleConfigEpoch,
        E::Expired => BulkheadError::ProposalExpired,
        E::NotApproved => BulkheadError::NotApproved,
        E::DelayNotPassed => BulkheadError::DelayNotPassed,
        E::AlreadyApproved => BulkheadError::AlreadyApproved,
        E::ApprovalMissing => BulkheadError::ApprovalMissing,
        E::Mismatch => BulkheadError::ApprovalMismatch,
        E::StillOpen => BulkheadError::ProposalStillOpen,
        E::Overflow => BulkheadError::Overflow,
    }
    .into()
}
