//! Who may do what: members by role, and matured proposals.

use anchor_lang::{Discriminator, prelude::*};
use bulkhead_core::{
    acts::{self, ActError, Asked, At, NewDetector, Shown},
    ballot::BallotError,
    checkpoint::CheckpointError,
    council,
    escrow::EscrowError,
    nonce,
    price::PriceError,
    proposal::ProposalError,
    share::ShareError,
    transaction,
    words::same_key,
};
use bulkhead_interface::layout::{Council, Domain, Proposal};

use crate::{
    current::Current,
    decision::{Judge, Scene},
    error::BulkheadError,
    instruction,
    instructions::{
        custody_error,
        snapshots::{frontier_error, snapshot_error},
    },
};

/// The sysvar that holds the transaction's instructions.
pub const INSTRUCTIONS_SYSVAR: Pubkey = pubkey!("Sysvar1nstructions1111111111111111111111111");

/// Bytes of a proposal account before its payload.
pub const PROPOSAL_HEADER: usize = bulkhead_interface::layout::space::<Proposal>();

/// The accounts of everything that loosens or configures.
///
/// During set-up the setup authority signs and no proposal is given. Afterwards anyone may sign
/// (executing is a crank) and a matured proposal of the right kind and payload is consumed.
#[derive(Accounts)]
pub struct ConfigAuthority<'info> {
    /// The setup authority during set-up; anyone afterwards.
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
    pub fn authorize<A: Judge>(&self, args: &A) -> Result<()> {
        let is_set_up = acts::is_set_up_by(&*self.domain.current()?, self.authority.key, A::KIND).map_err(act_error)?;
        if is_set_up {
            return Ok(());
        }
        let mut payload = Vec::new();
        args.serialize(&mut payload)?;
        let council = self.council.current()?;
        let scene = Scene {
            domain: self.domain.key(),
            council: &council,
        };
        args.judge(&scene, &mut |asked| self.consume(&council, asked, &payload))
    }

    /// Consumes a matured proposal that asks for exactly this.
    fn consume(&self, council: &Council, asked: &Asked, payload: &[u8]) -> Result<()> {
        let proposal = self.proposal.as_ref().ok_or(BulkheadError::ProposalRequired)?;
        refuse_durable_nonce(&self.instructions)?;
        let at = clock()?;
        let mut proposal = proposal.current_mut()?;
        require_keys_eq!(proposal.domain, self.domain.key(), BulkheadError::ForeignAccount);
        acts::consume(&*self.domain.current()?, council, &mut proposal, asked, payload, at).map_err(act_error)
    }

    /// The proposal's own payload, for a kind that runs what was stored.
    pub fn payload(&self) -> Result<Vec<u8>> {
        let proposal = self.proposal.as_ref().ok_or(BulkheadError::ProposalRequired)?;
        proposal.current()?;
        let data = proposal.as_ref().try_borrow_data()?;
        Ok(data.get(PROPOSAL_HEADER..).unwrap_or_default().to_vec())
    }

    /// What every detector is opened with.
    pub fn new_detector(&self, bump: u8, compartment: u8, trip_scope: u8, latch_seconds: i64) -> Result<NewDetector> {
        Ok(NewDetector {
            bump,
            domain: self.domain.key(),
            board: self.domain.current()?.board,
            compartment,
            trip_scope,
            latch_seconds,
            proposed_slot: self.proposal_slot()?,
        })
    }

    /// Slot the consumed proposal was made in; none during set-up.
    pub fn proposal_slot(&self) -> Result<Option<u64>> {
        let slot = |proposal: &AccountLoader<Proposal>| Ok(proposal.current()?.created_slot);
        self.proposal.as_ref().map(slot).transpose()
    }
}

/// The clock as the acts take it.
pub fn clock() -> Result<At> {
    let clock = Clock::get()?;
    Ok(At {
        slot: clock.slot,
        now: clock.unix_timestamp,
    })
}

/// The index of `key` on the council, if it has `role`.
pub fn require_member(council: &Council, key: &Pubkey, role: u8) -> Result<usize> {
    council::member_index(council, key, role).map_err(|error| match error {
        council::MemberError::NotAMember => BulkheadError::NotAMember.into(),
        council::MemberError::RoleMissing => BulkheadError::RoleMissing.into(),
    })
}

/// A durable-nonce transaction can be signed days before it lands: it carries no consent to what
/// is true now. An advance is refused in any place; the runtime only honours one in the first.
pub fn refuse_durable_nonce(instructions: &AccountInfo) -> Result<()> {
    let data = instructions.try_borrow_data()?;
    match nonce::advances_nonce(&data) {
        Some(false) => Ok(()),
        Some(true) | None => err!(BulkheadError::DurableNonce),
    }
}

/// Permissionless observations are refused in company: nothing of the same transaction can have bent
/// what is observed, and no host can be halfway through an instruction of its own. What the domain's PDA runs of others
/// is company too.
pub fn require_standalone(instructions: &AccountInfo) -> Result<()> {
    require_standalone_in(instructions.key, &instructions.try_borrow_data()?)
}

/// The same, of the sysvar's address and data.
#[inline(always)]
pub fn require_standalone_in(key: &Pubkey, data: &[u8]) -> Result<()> {
    if !same_key(key.as_array(), INSTRUCTIONS_SYSVAR.as_array()) {
        return err!(BulkheadError::NotStandalone);
    }
    const OUTWARD: [[u8; 8]; 2] = [
        name(instruction::RunInstruction::DISCRIMINATOR),
        name(instruction::RunEmergencyAction::DISCRIMINATOR),
    ];
    match transaction::is_standalone(data, crate::ID.as_array(), &OUTWARD) {
        Some(true) => Ok(()),
        Some(false) | None => err!(BulkheadError::NotStandalone),
    }
}

/// The name of an instruction of this program.
const fn name(discriminator: &[u8]) -> [u8; 8] {
    match discriminator.first_chunk() {
        Some(name) => *name,
        None => [0; 8],
    }
}

/// Names the program's error for a refused act.
pub fn act_error(error: ActError) -> Error {
    use ActError as A;
    match error {
        A::NotAMember => BulkheadError::NotAMember,
        A::RoleMissing => BulkheadError::RoleMissing,
        A::MemberSilent => BulkheadError::MemberSilent,
        A::NotSetupAuthority => BulkheadError::NotSetupAuthority,
        A::WrongPhase => BulkheadError::WrongPhase,
        A::ArgumentOutOfRange => BulkheadError::ArgumentOutOfRange,
        A::Overflow => BulkheadError::Overflow,
        A::InvalidCouncil => BulkheadError::InvalidCouncil,
        A::CompartmentOutOfRange => BulkheadError::CompartmentOutOfRange,
        A::NoPauseRights => BulkheadError::NoPauseRights,
        A::NoVetoRights => BulkheadError::NoVetoRights,
        A::ActiveSince => BulkheadError::ActiveSince,
        A::GuardianPauseLimitReached => BulkheadError::GuardianPauseLimitReached,
        A::AlreadyConfirmed => BulkheadError::AlreadyConfirmed,
        A::IncidentNotOpen => BulkheadError::IncidentNotOpen,
        A::PauseInForce => BulkheadError::PauseInForce,
        A::TightenedSince => BulkheadError::TightenedSince,
        A::DecidedSince => BulkheadError::DecidedSince,
        A::NotLatched => BulkheadError::NotLatched,
        A::NotMeterAuthority => BulkheadError::NotMeterAuthority,
        A::ZeroAmount => BulkheadError::ZeroAmount,
        A::WrongProposalKind => BulkheadError::WrongProposalKind,
        A::PayloadMismatch => BulkheadError::PayloadMismatch,
        A::PayloadTooLong => BulkheadError::PayloadTooLong,
        A::NotProposer => BulkheadError::NotProposer,
        A::LiabilitiesUnreadable => BulkheadError::LiabilitiesUnreadable,
        A::WrongReserves => BulkheadError::WrongReserves,
        A::DuplicateReserve => BulkheadError::DuplicateReserve,
        A::WatchMismatch => BulkheadError::WatchMismatch,
        A::LatchInForce => BulkheadError::LatchInForce,
        A::LinkedToItself => BulkheadError::LinkedToItself,
        A::NothingToCarry => BulkheadError::NothingToPropagate,
        A::CarriedAlready => BulkheadError::AlreadyPropagated,
        A::Price(error) => return price_error(error),
        A::ForeignAccount => BulkheadError::ForeignAccount,
        A::SnapshotNotSealed => BulkheadError::SnapshotNotSealed,
        A::NothingToMove => BulkheadError::NothingToMove,
        A::OwnerCanSign => BulkheadError::OwnerCanSign,
        A::NotARecoveryAccount => BulkheadError::WrongDestination,
        A::Proposal(error) => return proposal_error(error),
        A::Checkpoint(error) => return checkpoint_error(error),
        A::Custody(error) => custody_error(error),
        A::Snapshot(error) => return snapshot_error(error),
        A::Ballot(error) => return ballot_error(error),
        A::Escrow(error) => return escrow_error(error),
        A::Share(error) => return share_error(error),
    }
    .into()
}

/// Names the program's error for a broken rule of ballots.
pub fn ballot_error(error: BallotError) -> Error {
    use BallotError as E;
    match error {
        E::NotNominating => BulkheadError::BallotNotNominating,
        E::NominationNotOver => BulkheadError::NominationNotOver,
        E::NotVoting => BulkheadError::BallotNotVoting,
        E::StillVoting => BulkheadError::BallotStillVoting,
        E::CandidateRefused => BulkheadError::CandidateRefused,
        E::NoSuchCandidate => BulkheadError::NoSuchCandidate,
        E::NoWeight => BulkheadError::EscrowTooSmall,
        E::TooRecent => BulkheadError::VotesTooRecent,
        E::QuorumNotReached => BulkheadError::QuorumNotReached,
        E::NotTheWinner => BulkheadError::NotTheWinner,
        E::HasWinner => BulkheadError::BallotDecided,
        E::Overflow => BulkheadError::Overflow,
    }
    .into()
}

/// Names the program's error for a broken rule of escrows.
pub fn escrow_error(error: EscrowError) -> Error {
    match error {
        EscrowError::Locked => BulkheadError::EscrowLocked,
        EscrowError::TooSmall => BulkheadError::EscrowTooSmall,
        EscrowError::Overflow => BulkheadError::Overflow,
    }
    .into()
}

/// Names the program's error for a broken rule of sharing out.
pub fn share_error(error: ShareError) -> Error {
    match error {
        ShareError::NothingToShare => BulkheadError::NothingToShare,
        ShareError::NotALeaf => BulkheadError::InvalidProof,
        ShareError::NothingToClaim => BulkheadError::NothingToClaim,
        ShareError::AlreadyClaimed => BulkheadError::AlreadyClaimed,
        ShareError::Overflow => BulkheadError::Overflow,
    }
    .into()
}

/// Names the program's error for a price that is refused.
pub fn price_error(error: PriceError) -> Error {
    match error {
        PriceError::Foreign => BulkheadError::ForeignPrice,
        PriceError::Unreadable => BulkheadError::PriceUnreadable,
        PriceError::NotNewer => BulkheadError::PriceNotNewer,
        PriceError::TooOld => BulkheadError::PriceTooOld,
        PriceError::FromTheFuture => BulkheadError::PriceFromTheFuture,
        PriceError::TooSoon => BulkheadError::PriceTooSoon,
    }
    .into()
}

/// An account as the acts take it.
pub fn shown<'a>(account: &'a AccountInfo, data: &'a [u8]) -> Shown<'a> {
    Shown {
        key: account.key,
        owner: account.owner,
        data,
    }
}

/// Names the program's error for a broken rule of proposals.
pub fn proposal_error(error: ProposalError) -> Error {
    use ProposalError as E;
    match error {
        E::NotOpen => BulkheadError::ProposalNotOpen,
        E::StaleEpoch => BulkheadError::StaleConfigEpoch,
        E::Expired => BulkheadError::ProposalExpired,
        E::NotApproved => BulkheadError::NotApproved,
        E::DelayNotPassed => BulkheadError::DelayNotPassed,
        E::AlreadyApproved => BulkheadError::AlreadyApproved,
        E::AlreadyVetoed => BulkheadError::AlreadyVetoed,
        E::ApprovalMissing => BulkheadError::ApprovalMissing,
        E::Mismatch => BulkheadError::ApprovalMismatch,
        E::StillOpen => BulkheadError::ProposalStillOpen,
        E::FallbackNotDue => BulkheadError::FallbackNotDue,
        E::VetoStands => BulkheadError::VetoStands,
        E::Overflow => BulkheadError::Overflow,
    }
    .into()
}

/// Names the program's error for a broken rule of checkpoints.
pub fn checkpoint_error(error: CheckpointError) -> Error {
    use CheckpointError as E;
    match error {
        E::OutOfRange => BulkheadError::ArgumentOutOfRange,
        E::UnknownSlot => BulkheadError::SlotUnknown,
        E::ForeignFork => BulkheadError::SlotHashMismatch,
        E::NotAscending => BulkheadError::CheckpointNotLater,
        E::TooSoon => BulkheadError::CheckpointTooSoon,
        E::Full => BulkheadError::CheckpointLogFull,
        E::Missing => BulkheadError::NoSuchCheckpoint,
        E::OtherCouncil => BulkheadError::CheckpointOfOtherCouncil,
        E::AlreadyAttested => BulkheadError::AlreadyAttested,
        E::Contested => BulkheadError::CheckpointContested,
        E::NotAttested => BulkheadError::CheckpointNotAttested,
        E::NotBeforeBreach => BulkheadError::CheckpointAfterBreach,
        E::WrongShards => BulkheadError::ShardsMismatch,
        E::NoContradiction => BulkheadError::NoContradiction,
        E::NotInTree => BulkheadError::InvalidProof,
        E::Overflow => BulkheadError::Overflow,
        E::TotalDiffers => BulkheadError::CheckpointTotalDiffers,
        E::TotalUnreadable => BulkheadError::TotalUnreadable,
        E::BeforeRestoration => BulkheadError::CheckpointRestored,
        E::NotPublished => BulkheadError::CheckpointNotPublished,
        E::Doubted => BulkheadError::CheckpointDoubted,
        E::Stands => BulkheadError::CheckpointStands,
        E::NotSealed => BulkheadError::SnapshotNotSealed,
        E::EvidenceUsed => BulkheadError::EvidenceUsed,
        E::EvidenceNeeded => BulkheadError::EvidenceNeeded,
        E::WrongMode => BulkheadError::WrongLedgerMode,
        E::NotAPosition => BulkheadError::NotAPosition,
        E::OtherSlot => BulkheadError::SampleOfOtherSlot,
        E::Leaf(error) => return frontier_error(error),
    }
    .into()
}
