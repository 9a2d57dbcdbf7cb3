//! Why a rule refuses. Names and numbers are the program's.

use bytemuck::CheckedBitPattern;

use crate::snapshots::{frontier::FrontierError, layout::LayoutError};

/// Why a rule refuses, under the program's name and number.
#[derive(CheckedBitPattern, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum CoreError {
    /// The account does not belong to this domain.
    ForeignAccount = 6_000,
    /// The signer is not a member of the council.
    NotAMember = 6_002,
    /// The member does not have the role this needs.
    RoleMissing = 6_003,
    /// Only the domain's setup authority may do this, and only during set-up.
    NotSetupAuthority = 6_004,
    /// The domain is not in a phase that allows this.
    WrongPhase = 6_005,
    /// A number in the arguments is outside its limits.
    ArgumentOutOfRange = 6_006,
    /// A sum or product does not fit its type.
    Overflow = 6_008,
    /// The council needs 1 to 16 different members, every role able to reach its threshold.
    InvalidCouncil = 6_009,
    /// The member has been silent: send a heartbeat; it counts again after a day.
    MemberSilent = 6_010,
    /// The guardian has paused as often as it may on one day, or in a row.
    GuardianPauseLimitReached = 6_011,
    /// The fallback may act only while too few approvers have been heard of for long enough.
    FallbackNotDue = 6_012,
    /// The heartbeat names another last sign of life than the member's: read the council and sign anew.
    ActiveSince = 6_013,
    /// The vetoer has no veto rights left; a proposal gives them back.
    NoVetoRights = 6_014,
    /// The action is paused.
    ActionPaused = 6_100,
    /// Compartments are numbered 0 to 63; 255 is the domain.
    CompartmentOutOfRange = 6_104,
    /// The guardian has no pause rights left; a council change gives them back.
    NoPauseRights = 6_105,
    /// The member has already confirmed.
    AlreadyConfirmed = 6_106,
    /// The incident is not the one that is open.
    IncidentNotOpen = 6_108,
    /// A pause of this incident is still in force.
    PauseInForce = 6_109,
    /// The approval names another payload or creation slot than the proposal has.
    ApprovalMismatch = 6_201,
    /// The council has changed since the proposal was made.
    StaleConfigEpoch = 6_202,
    /// The proposal is not open any more.
    ProposalNotOpen = 6_203,
    /// The proposal has expired.
    ProposalExpired = 6_204,
    /// The proposal lacks approvals.
    NotApproved = 6_205,
    /// The proposal's delay has not passed.
    DelayNotPassed = 6_206,
    /// The member has already approved.
    AlreadyApproved = 6_207,
    /// The member has not approved.
    ApprovalMissing = 6_208,
    /// The proposal is of another kind.
    WrongProposalKind = 6_209,
    /// The payload does not decode, or is not what is being executed.
    PayloadMismatch = 6_210,
    /// The proposal was made before the last tightening and would undo it.
    TightenedSince = 6_211,
    /// The payload is longer than a proposal can hold.
    PayloadTooLong = 6_212,
    /// The proposal can still be executed.
    ProposalStillOpen = 6_213,
    /// The member has already vetoed.
    AlreadyVetoed = 6_216,
    /// A proposal that was made later has decided the same thing.
    DecidedSince = 6_217,
    /// Only who made the proposal may edit it.
    NotProposer = 6_220,
    /// A veto stands against what this proposer makes; it ends a week after it was given.
    VetoStands = 6_225,
    /// The signer may not meter this breaker.
    NotMeterAuthority = 6_300,
    /// The breaker has no latch in force that is not on the board already.
    NotLatched = 6_301,
    /// The price is not newer than the last one.
    PriceNotNewer = 6_320,
    /// The price is too old.
    PriceTooOld = 6_321,
    /// The price is ahead of the clock.
    PriceFromTheFuture = 6_322,
    /// The price is of another feed, account or program, or not fully verified.
    ForeignPrice = 6_323,
    /// The price is zero, negative, too large, or not there.
    PriceUnreadable = 6_324,
    /// The price comes too soon after the last one.
    PriceTooSoon = 6_325,
    /// The host's liabilities cannot be read.
    LiabilitiesUnreadable = 6_340,
    /// The reserves are not the registered token accounts in their order.
    WrongReserves = 6_341,
    /// A reserve is given twice.
    DuplicateReserve = 6_342,
    /// The account does not have the authorities that were given.
    WatchMismatch = 6_350,
    /// The detector's latch is in force; a proposal has to unpause it first.
    LatchInForce = 6_351,
    /// The upstream is not paused in anything that the link counts, or the link is switched off.
    NothingToPropagate = 6_360,
    /// The linked compartments are closed as far and as long already.
    AlreadyPropagated = 6_361,
    /// A domain cannot depend on itself.
    LinkedToItself = 6_362,
    /// The signer is not the vault's operator.
    NotOperator = 6_400,
    /// The vault has been evacuated: it pays after the domain has reopened, and nothing queued before.
    VaultEvacuated = 6_401,
    /// The vault's route is not registered or is another account.
    WrongEvacuationRoute = 6_402,
    /// The release cannot be paid yet.
    ReleaseNotPayable = 6_403,
    /// The release has been paid or cancelled.
    ReleaseNotQueued = 6_404,
    /// Nothing can leave now: the limit is used up.
    LimitUsedUp = 6_405,
    /// The token account's balance after the transfer is not what was expected.
    ConservationBroken = 6_406,
    /// The guardians have not confirmed the evacuation.
    EvacuationNotConfirmed = 6_407,
    /// The vault is empty.
    NothingToMove = 6_410,
    /// The amount is zero.
    ZeroAmount = 6_411,
    /// The destination is not allowed here.
    WrongDestination = 6_412,
    /// The token account holds less than was asked of it.
    BalanceTooSmall = 6_414,
    /// The release was asked for before the incident.
    ReleaseBeforeBreach = 6_415,
    /// The release is still queued.
    ReleaseStillQueued = 6_416,
    /// The route is closed, frozen, somebody else's, wants a memo, or somebody besides its holder has a say over it.
    UnfitEvacuationRoute = 6_418,
    /// Only who owns the claim may name another account for it.
    NotReleaseOwner = 6_419,
    /// The account is frozen, or wants a memo and the memo program was not given.
    CannotReceive = 6_420,
    /// The release is not on the list that governance cancels.
    ReleaseNotListed = 6_421,
    /// The snapshot is sealed.
    SnapshotSealed = 6_500,
    /// The snapshot is not sealed.
    SnapshotNotSealed = 6_501,
    /// Positions must come in ascending order of their keys, each once.
    PositionsNotAscending = 6_502,
    /// The position's key belongs to another shard.
    WrongShard = 6_503,
    /// The account is not a position of this ledger.
    NotAPosition = 6_504,
    /// The sum of the positions is further from the total the host reports than the ledger tolerates.
    TotalMismatch = 6_505,
    /// Shards must be given in ascending order, each once.
    ShardsNotAscending = 6_506,
    /// The shard has no room for more leaves.
    ShardFull = 6_507,
    /// The layout cannot be read: offsets, widths or filters are out of range.
    InvalidLedger = 6_508,
    /// The host's total cannot be read.
    TotalUnreadable = 6_509,
    /// The position's amount does not fit 64 bits.
    AmountTooLarge = 6_510,
    /// Only the shard's cranker may add to it or close it.
    NotShardCranker = 6_511,
    /// The ledger is not read this way: by its bytes, or by its export.
    WrongLedgerMode = 6_520,
    /// The position says it has more slots in use than the layout knows.
    TooManySlots = 6_522,
    /// Sum, count, root or the difference to the host's total is not what the override states.
    OverrideMismatch = 6_523,
    /// A snapshot without a single position is sealed by a proposal only.
    NothingRead = 6_524,
    /// The ledger has been restored in this incident.
    LedgerRestored = 6_525,
    /// The ledger counts what another ledger of the same token counts, or has its total.
    LedgersOverlap = 6_526,
    /// All ledgers of the same token have to be given, in ascending order of their numbers.
    LedgersMissing = 6_527,
    /// Anyone can move this total, and the ledger has no tolerance in that direction.
    TotalMovable = 6_528,
    /// It is not the host's total, and a seal that is nearer may still replace it.
    SnapshotUnsettled = 6_529,
    /// No ledger of this number is registered.
    NoSuchLedger = 6_530,
    /// The sysvar does not have this slot: it is too old, has not ended, or was skipped.
    SlotUnknown = 6_540,
    /// On this fork the slot has another hash.
    SlotHashMismatch = 6_541,
    /// A checkpoint must be of a later slot than the one before.
    CheckpointNotLater = 6_542,
    /// The attester's last checkpoint is too recent.
    CheckpointTooSoon = 6_543,
    /// The place in the log, or the attester's share of it, is taken by checkpoints too young to be overwritten.
    CheckpointLogFull = 6_544,
    /// The log has no such checkpoint.
    NoSuchCheckpoint = 6_545,
    /// The checkpoint was posted under another council.
    CheckpointOfOtherCouncil = 6_546,
    /// The member attests this checkpoint already.
    AlreadyAttested = 6_547,
    /// The checkpoint is contested.
    CheckpointContested = 6_548,
    /// The checkpoint lacks attesters.
    CheckpointNotAttested = 6_549,
    /// The checkpoint was posted after the incident had begun.
    CheckpointAfterBreach = 6_550,
    /// Roots, sums, counts or caps are not those the checkpoint commits to.
    ShardsMismatch = 6_551,
    /// The evidence does not contradict the checkpoint.
    NoContradiction = 6_552,
    /// The evidence is on record already.
    EvidenceUsed = 6_553,
    /// The checkpoint behind the snapshot is not contested.
    CheckpointStands = 6_554,
    /// The checkpoint's total is further from the host's own than the log allows.
    CheckpointTotalDiffers = 6_555,
    /// The ledger was restored after this checkpoint: what it owes has been paid.
    CheckpointRestored = 6_556,
    /// The log wants the checkpoint's leaves published first.
    CheckpointNotPublished = 6_557,
    /// The checkpoint is further from what the program read in its slot than the log allows.
    CheckpointDoubted = 6_558,
    /// The record is needed as long as its checkpoint, or its slot, can be of use.
    EvidenceNeeded = 6_559,
    /// A sample is of the slot it is taken in.
    SampleOfOtherSlot = 6_560,
    /// The ballot is not taking candidates.
    BallotNotNominating = 6_600,
    /// The ballot is not open for votes.
    BallotNotVoting = 6_601,
    /// The ballot is still voting.
    BallotStillVoting = 6_602,
    /// The candidate is on the ballot already, or there is no room.
    CandidateRefused = 6_603,
    /// There is no such candidate.
    NoSuchCandidate = 6_604,
    /// The quorum was not reached.
    QuorumNotReached = 6_605,
    /// The state is not the one the ballot chose.
    NotTheWinner = 6_606,
    /// Escrowed tokens are locked until the ballot ends.
    EscrowLocked = 6_607,
    /// There is nothing in escrow, or less than asked for.
    EscrowTooSmall = 6_608,
    /// The proof does not lead to the sealed shard.
    InvalidProof = 6_609,
    /// The claim has been paid.
    AlreadyClaimed = 6_610,
    /// The share rounds down to nothing.
    NothingToClaim = 6_615,
    /// The ballot has a winner and cannot be run again.
    BallotDecided = 6_616,
    /// The pool holds nothing that is not shared out, or every claim is covered.
    NothingToShare = 6_617,
    /// Others still have time to nominate.
    NominationNotOver = 6_618,
    /// What is in escrow came when the vote had started.
    VotesTooRecent = 6_619,
    /// The owner is a wallet, which says itself where its claims are paid.
    OwnerCanSign = 6_623,
}

impl CoreError {
    /// The error code that the program returns.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }
}

impl From<FrontierError> for CoreError {
    fn from(error: FrontierError) -> Self {
        match error {
            FrontierError::Sealed => Self::SnapshotSealed,
            FrontierError::WrongShard => Self::WrongShard,
            FrontierError::NotAscending => Self::PositionsNotAscending,
            FrontierError::Full => Self::ShardFull,
            FrontierError::SumOverflow => Self::Overflow,
        }
    }
}

impl From<LayoutError> for CoreError {
    fn from(error: LayoutError) -> Self {
        match error {
            LayoutError::NotAPosition => Self::NotAPosition,
            LayoutError::AmountTooLarge => Self::AmountTooLarge,
            LayoutError::TooManySlots => Self::TooManySlots,
        }
    }
}
