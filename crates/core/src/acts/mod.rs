//! What may be done, one function an act, whoever asks: the program's handlers load accounts, call these and emit
//! events; the machine of the exhaustive check calls the same ones.
//!
//! An act that fails may have changed its accounts: callers throw them away, as the runtime does.

mod ballots;
mod checkpoints;
mod contagion;
mod council;
mod custody;
mod detectors;
mod limits;
mod pause;
mod proposals;
mod restoration;
mod snapshots;

pub use {
    ballots::*, checkpoints::*, contagion::*, council::*, custody::*, detectors::*, limits::*, pause::*, proposals::*,
    restoration::*, snapshots::*,
};

use crate::{
    ballot::BallotError,
    board::ScopeOutOfRange,
    checkpoint::CheckpointError,
    confirmation::AlreadyConfirmed,
    contagion::LinkError,
    council::{GuardianPauseError, InvalidCouncil, MemberError, NoVetoRights},
    custody::CustodyError,
    escrow::EscrowError,
    incident::TooMany,
    latch::LatchError,
    migration::MigrationError,
    phase::WrongPhase,
    price::{OutOfRange, PriceError},
    proposal::ProposalError,
    share::ShareError,
    window::WindowError,
};

/// The clock, read once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Slot.
    pub slot: u64,
    /// Unix seconds.
    pub now: i64,
}

/// Why an act is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActError {
    /// Who signs is not on the council.
    NotAMember,
    /// On the council, without the role.
    RoleMissing,
    /// Not heard of for too long, or heard of again less than a day ago.
    MemberSilent,
    /// Only the setup authority may, and only during set-up.
    NotSetupAuthority,
    /// The domain's phase does not allow it.
    WrongPhase,
    /// A number is outside its limits.
    ArgumentOutOfRange,
    /// A sum does not fit.
    Overflow,
    /// A council that could not act, or could act at once.
    InvalidCouncil,
    /// There is no such compartment.
    CompartmentOutOfRange,
    /// All pause rights are burnt.
    NoPauseRights,
    /// All veto rights are burnt.
    NoVetoRights,
    /// The heartbeat names another last sign of life than the member's.
    ActiveSince,
    /// The guardian has paused as often as it may on one day, or in a row.
    GuardianPauseLimitReached,
    /// The member has confirmed before.
    AlreadyConfirmed,
    /// Not the incident that is open.
    IncidentNotOpen,
    /// A timed pause is still in force.
    PauseInForce,
    /// Something was tightened since the proposal was made.
    TightenedSince,
    /// A proposal that was made later has decided the same thing.
    DecidedSince,
    /// The detector has no latch to propagate.
    NotLatched,
    /// Who signs may not meter this breaker.
    NotMeterAuthority,
    /// Nothing was asked for.
    ZeroAmount,
    /// The proposal is of another kind.
    WrongProposalKind,
    /// What is to run is not what was approved.
    PayloadMismatch,
    /// The payload is longer than what the execution has room for.
    PayloadTooLong,
    /// Only who made a proposal may edit it.
    NotProposer,
    /// An account belongs to something else.
    ForeignAccount,
    /// Only a sealed snapshot can be voted on and restored.
    SnapshotNotSealed,
    /// There is nothing to move: no claim lacks it, or nothing is there.
    NothingToMove,
    /// Not where an evacuation of this incident brought a vault that backs this ledger.
    NotARecoveryAccount,
    /// A wallet says itself where its claims are paid.
    OwnerCanSign,
    /// A rule of proposals.
    Proposal(ProposalError),
    /// A rule of checkpoints.
    Checkpoint(CheckpointError),
    /// A rule of custody.
    Custody(CustodyError),
    /// A rule of ledgers and snapshots.
    Snapshot(SnapshotError),
    /// A price that is refused.
    Price(PriceError),
    /// The host's liabilities cannot be read.
    LiabilitiesUnreadable,
    /// The reserves are not the registered ones.
    WrongReserves,
    /// A reserve is given twice.
    DuplicateReserve,
    /// The account does not have the authorities that were given.
    WatchMismatch,
    /// The detector's latch is in force.
    LatchInForce,
    /// A domain does not depend on itself.
    LinkedToItself,
    /// The upstream has closed nothing that the link counts, or the link is off.
    NothingToCarry,
    /// The linked compartments are closed as far and as long already.
    CarriedAlready,
    /// A rule of ballots.
    Ballot(BallotError),
    /// A rule of escrows.
    Escrow(EscrowError),
    /// A rule of sharing out.
    Share(ShareError),
}

impl From<CheckpointError> for ActError {
    fn from(error: CheckpointError) -> Self {
        Self::Checkpoint(error)
    }
}

impl From<MemberError> for ActError {
    fn from(error: MemberError) -> Self {
        match error {
            MemberError::NotAMember => Self::NotAMember,
            MemberError::RoleMissing => Self::RoleMissing,
        }
    }
}

impl From<GuardianPauseError> for ActError {
    fn from(error: GuardianPauseError) -> Self {
        match error {
            GuardianPauseError::NoPauseRights => Self::NoPauseRights,
            GuardianPauseError::CapReached => Self::GuardianPauseLimitReached,
        }
    }
}

impl From<NoVetoRights> for ActError {
    fn from(_: NoVetoRights) -> Self {
        Self::NoVetoRights
    }
}

impl From<WindowError> for ActError {
    fn from(error: WindowError) -> Self {
        match error {
            WindowError::OutOfRange => Self::ArgumentOutOfRange,
            WindowError::NoSuchCompartment => Self::CompartmentOutOfRange,
        }
    }
}

impl From<LatchError> for ActError {
    fn from(error: LatchError) -> Self {
        WindowError::from(error).into()
    }
}

impl From<LinkError> for ActError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::ToItself => Self::LinkedToItself,
            LinkError::NoSuchCompartment => Self::CompartmentOutOfRange,
            LinkError::OutOfRange => Self::ArgumentOutOfRange,
        }
    }
}

impl From<OutOfRange> for ActError {
    fn from(_: OutOfRange) -> Self {
        Self::ArgumentOutOfRange
    }
}

impl From<PriceError> for ActError {
    fn from(error: PriceError) -> Self {
        Self::Price(error)
    }
}

impl From<ProposalError> for ActError {
    fn from(error: ProposalError) -> Self {
        Self::Proposal(error)
    }
}

impl From<CustodyError> for ActError {
    fn from(error: CustodyError) -> Self {
        Self::Custody(error)
    }
}

impl From<MigrationError> for ActError {
    fn from(error: MigrationError) -> Self {
        Self::Custody(match error {
            MigrationError::NotConserved => CustodyError::NotConserved,
            MigrationError::Overflow => CustodyError::Overflow,
        })
    }
}

impl From<BallotError> for ActError {
    fn from(error: BallotError) -> Self {
        Self::Ballot(error)
    }
}

impl From<EscrowError> for ActError {
    fn from(error: EscrowError) -> Self {
        Self::Escrow(error)
    }
}

impl From<ShareError> for ActError {
    fn from(error: ShareError) -> Self {
        Self::Share(error)
    }
}

impl From<WrongPhase> for ActError {
    fn from(_: WrongPhase) -> Self {
        Self::WrongPhase
    }
}

impl From<ScopeOutOfRange> for ActError {
    fn from(_: ScopeOutOfRange) -> Self {
        Self::CompartmentOutOfRange
    }
}

impl From<AlreadyConfirmed> for ActError {
    fn from(_: AlreadyConfirmed) -> Self {
        Self::AlreadyConfirmed
    }
}

impl From<InvalidCouncil> for ActError {
    fn from(_: InvalidCouncil) -> Self {
        Self::InvalidCouncil
    }
}

impl From<TooMany> for ActError {
    fn from(_: TooMany) -> Self {
        Self::Overflow
    }
}
