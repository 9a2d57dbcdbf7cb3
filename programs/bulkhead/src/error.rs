//! Every error by name. Bands of a hundred by topic, append-only: numbers never change.

use anchor_lang::{error::ERROR_CODE_OFFSET, prelude::*};
use bulkhead_core::CoreError;
use bulkhead_guard::GuardError;
use bytemuck::CheckedBitPattern;

#[error_code]
#[derive(PartialEq, Eq, CheckedBitPattern)]
pub enum BulkheadError {
    // 6000: accounts and authority
    #[msg("The account does not belong to this domain")]
    ForeignAccount = 0,
    #[msg("The account's layout version is not one this program knows")]
    UnknownVersion = 1,
    #[msg("The signer is not a member of the council")]
    NotAMember = 2,
    #[msg("The member does not have the role this needs")]
    RoleMissing = 3,
    #[msg("Only the domain's setup authority may do this, and only during set-up")]
    NotSetupAuthority = 4,
    #[msg("The domain is not in a phase that allows this")]
    WrongPhase = 5,
    #[msg("A number in the arguments is outside its limits")]
    ArgumentOutOfRange = 6,
    #[msg("A sum or product does not fit its type")]
    Overflow = 8,
    #[msg("The council needs 1 to 16 different members, every role able to reach its threshold")]
    InvalidCouncil = 9,
    #[msg("The member has been silent: send a heartbeat; it counts again after a day")]
    MemberSilent = 10,
    #[msg("The guardian has paused as often as it may on one day, or in a row")]
    GuardianPauseLimitReached = 11,
    #[msg("The fallback may act only while too few approvers have been heard of for long enough")]
    FallbackNotDue = 12,
    #[msg("The heartbeat names another last sign of life than the member's: read the council and sign anew")]
    ActiveSince = 13,
    #[msg("The vetoer has no veto rights left; a proposal gives them back")]
    NoVetoRights = 14,

    // 6100: pause. 6100 to 6104 are the guard's errors, by the same numbers.
    #[msg("The action is paused")]
    ActionPaused = 100,
    #[msg("The account is not the board that was expected")]
    WrongBoard = 101,
    #[msg("The account is no pause board of Bulkhead")]
    ForeignBoard = 102,
    #[msg("The board's version is not one the guard knows")]
    UnknownBoardVersion = 103,
    #[msg("Compartments are numbered 0 to 63; 255 is the domain")]
    CompartmentOutOfRange = 104,
    #[msg("The guardian has no pause rights left; a council change gives them back")]
    NoPauseRights = 105,
    #[msg("The member has already confirmed")]
    AlreadyConfirmed = 106,
    #[msg("The incident is not the one that is open")]
    IncidentNotOpen = 108,
    #[msg("A pause of this incident is still in force")]
    PauseInForce = 109,

    // 6200: proposals
    #[msg("Approvals and executions are refused in a transaction that advances a durable nonce")]
    DurableNonce = 200,
    #[msg("The approval names another payload or creation slot than the proposal has")]
    ApprovalMismatch = 201,
    #[msg("The council has changed since the proposal was made")]
    StaleConfigEpoch = 202,
    #[msg("The proposal is not open any more")]
    ProposalNotOpen = 203,
    #[msg("The proposal has expired")]
    ProposalExpired = 204,
    #[msg("The proposal lacks approvals")]
    NotApproved = 205,
    #[msg("The proposal's delay has not passed")]
    DelayNotPassed = 206,
    #[msg("The member has already approved")]
    AlreadyApproved = 207,
    #[msg("The member has not approved")]
    ApprovalMissing = 208,
    #[msg("The proposal is of another kind")]
    WrongProposalKind = 209,
    #[msg("The payload does not decode, or is not what is being executed")]
    PayloadMismatch = 210,
    #[msg("The proposal was made before the last tightening and would undo it")]
    TightenedSince = 211,
    #[msg("The payload is longer than a proposal can hold")]
    PayloadTooLong = 212,
    #[msg("The proposal can still be executed")]
    ProposalStillOpen = 213,
    #[msg("After set-up this needs a matured proposal")]
    ProposalRequired = 214,
    #[msg("The proposer has a proposal of this number")]
    ProposalNumberTaken = 215,
    #[msg("The member has already vetoed")]
    AlreadyVetoed = 216,
    #[msg("A proposal that was made later has decided the same thing")]
    DecidedSince = 217,
    #[msg("Only who made the proposal may edit it")]
    NotProposer = 220,
    #[msg("The instruction calls Bulkhead, itself or through the host, which the runtime refuses: split it in two")]
    SelfCall = 221,
    #[msg("The instruction asks for a signature other than the domain's")]
    ForeignSigner = 222,
    #[msg("The accounts are not the stored instruction's, in its order")]
    AccountsMismatch = 223,
    #[msg(
        "The token account is out of reach: escrowed votes always, recovery accounts while an incident is open, all to an emergency action"
    )]
    TokensLocked = 224,
    #[msg("A veto stands against what this proposer makes; it ends a week after it was given")]
    VetoStands = 225,

    // 6300: breakers
    #[msg("The signer may not meter this breaker")]
    NotMeterAuthority = 300,
    #[msg("The breaker has no latch in force that is not on the board already")]
    NotLatched = 301,
    #[msg(
        "This may only be sent in a transaction of its own, with nothing but compute budget and Bulkhead instructions"
    )]
    NotStandalone = 310,

    // 6320: prices
    #[msg("The price is not newer than the last one")]
    PriceNotNewer = 320,
    #[msg("The price is too old")]
    PriceTooOld = 321,
    #[msg("The price is ahead of the clock")]
    PriceFromTheFuture = 322,
    #[msg("The price is of another feed, account or program, or not fully verified")]
    ForeignPrice = 323,
    #[msg("The price is zero, negative, too large, or not there")]
    PriceUnreadable = 324,
    #[msg("The price comes too soon after the last one")]
    PriceTooSoon = 325,

    // 6340: solvency
    #[msg("The host's liabilities cannot be read")]
    LiabilitiesUnreadable = 340,
    #[msg("The reserves are not the registered token accounts in their order")]
    WrongReserves = 341,
    #[msg("A reserve is given twice")]
    DuplicateReserve = 342,

    // 6350: authority watches, and detectors of any kind
    #[msg("The account does not have the authorities that were given")]
    WatchMismatch = 350,
    #[msg("The detector's latch is in force; a proposal has to unpause it first")]
    LatchInForce = 351,
    // 6360: contagion
    #[msg("The upstream is not paused in anything that the link counts, or the link is switched off")]
    NothingToPropagate = 360,
    #[msg("The linked compartments are closed as far and as long already")]
    AlreadyPropagated = 361,
    #[msg("A domain cannot depend on itself")]
    LinkedToItself = 362,

    // 6400: custody
    #[msg("The signer is not the vault's operator")]
    NotOperator = 400,
    #[msg("The vault has been evacuated: it pays after the domain has reopened, and nothing queued before")]
    VaultEvacuated = 401,
    #[msg("The vault's route is not registered or is another account")]
    WrongEvacuationRoute = 402,
    #[msg("The release cannot be paid yet")]
    ReleaseNotPayable = 403,
    #[msg("The release has been paid or cancelled")]
    ReleaseNotQueued = 404,
    #[msg("Nothing can leave now: the limit is used up")]
    LimitUsedUp = 405,
    #[msg("The token account's balance after the transfer is not what was expected")]
    ConservationBroken = 406,
    #[msg("The guardians have not confirmed the evacuation")]
    EvacuationNotConfirmed = 407,
    #[msg("The mint has an extension that custody cannot hold safely")]
    UnsafeMintExtension = 409,
    #[msg("The vault is empty")]
    NothingToMove = 410,
    #[msg("The amount is zero")]
    ZeroAmount = 411,
    #[msg("The destination is not allowed here")]
    WrongDestination = 412,
    #[msg("The token account holds less than was asked of it")]
    BalanceTooSmall = 414,
    #[msg("The release was asked for before the incident")]
    ReleaseBeforeBreach = 415,
    #[msg("The release is still queued")]
    ReleaseStillQueued = 416,
    #[msg("Somebody can raise the mint's transfer fee, or it takes everything")]
    UnsafeTransferFee = 417,
    #[msg(
        "The route is closed, frozen, somebody else's, wants a memo, or somebody besides its holder has a say over it"
    )]
    UnfitEvacuationRoute = 418,
    #[msg("Only who owns the claim may name another account for it")]
    NotReleaseOwner = 419,
    #[msg("The account is frozen, or wants a memo and the memo program was not given")]
    CannotReceive = 420,
    #[msg("The release is not on the list that governance cancels")]
    ReleaseNotListed = 421,
    #[msg("The note still covers a deposit of this window")]
    NoteInForce = 440,

    // 6500: snapshots
    #[msg("The snapshot is sealed")]
    SnapshotSealed = 500,
    #[msg("The snapshot is not sealed")]
    SnapshotNotSealed = 501,
    #[msg("Positions must come in ascending order of their keys, each once")]
    PositionsNotAscending = 502,
    #[msg("The position's key belongs to another shard")]
    WrongShard = 503,
    #[msg("The account is not a position of this ledger")]
    NotAPosition = 504,
    #[msg("The sum of the positions is further from the total the host reports than the ledger tolerates")]
    TotalMismatch = 505,
    #[msg("Shards must be given in ascending order, each once")]
    ShardsNotAscending = 506,
    #[msg("The shard has no room for more leaves")]
    ShardFull = 507,
    #[msg("The layout cannot be read: offsets, widths or filters are out of range")]
    InvalidLedger = 508,
    #[msg("The host's total cannot be read")]
    TotalUnreadable = 509,
    #[msg("The position's amount does not fit 64 bits")]
    AmountTooLarge = 510,
    #[msg("Only the shard's cranker may add to it or close it")]
    NotShardCranker = 511,
    #[msg("The ledger is not read this way: by its bytes, or by its export")]
    WrongLedgerMode = 520,
    #[msg("The export gave no owner and amount, or another program answered")]
    BadExport = 521,
    #[msg("The position says it has more slots in use than the layout knows")]
    TooManySlots = 522,
    #[msg("Sum, count, root or the difference to the host's total is not what the override states")]
    OverrideMismatch = 523,
    #[msg("A snapshot without a single position is sealed by a proposal only")]
    NothingRead = 524,
    #[msg("The ledger has been restored in this incident")]
    LedgerRestored = 525,
    #[msg("The ledger counts what another ledger of the same token counts, or has its total")]
    LedgersOverlap = 526,
    #[msg("All ledgers of the same token have to be given, in ascending order of their numbers")]
    LedgersMissing = 527,
    #[msg("Anyone can move this total, and the ledger has no tolerance in that direction")]
    TotalMovable = 528,
    #[msg("It is not the host's total, and a seal that is nearer may still replace it")]
    SnapshotUnsettled = 529,
    #[msg("No ledger of this number is registered")]
    NoSuchLedger = 530,

    // 6540: checkpoints
    #[msg("The sysvar does not have this slot: it is too old, has not ended, or was skipped")]
    SlotUnknown = 540,
    #[msg("On this fork the slot has another hash")]
    SlotHashMismatch = 541,
    #[msg("A checkpoint must be of a later slot than the one before")]
    CheckpointNotLater = 542,
    #[msg("The attester's last checkpoint is too recent")]
    CheckpointTooSoon = 543,
    #[msg("The place in the log, or the attester's share of it, is taken by checkpoints too young to be overwritten")]
    CheckpointLogFull = 544,
    #[msg("The log has no such checkpoint")]
    NoSuchCheckpoint = 545,
    #[msg("The checkpoint was posted under another council")]
    CheckpointOfOtherCouncil = 546,
    #[msg("The member attests this checkpoint already")]
    AlreadyAttested = 547,
    #[msg("The checkpoint is contested")]
    CheckpointContested = 548,
    #[msg("The checkpoint lacks attesters")]
    CheckpointNotAttested = 549,
    #[msg("The checkpoint was posted after the incident had begun")]
    CheckpointAfterBreach = 550,
    #[msg("Roots, sums, counts or caps are not those the checkpoint commits to")]
    ShardsMismatch = 551,
    #[msg("The evidence does not contradict the checkpoint")]
    NoContradiction = 552,
    #[msg("The evidence is on record already")]
    EvidenceUsed = 553,
    #[msg("The checkpoint behind the snapshot is not contested")]
    CheckpointStands = 554,
    #[msg("The checkpoint's total is further from the host's own than the log allows")]
    CheckpointTotalDiffers = 555,
    #[msg("The ledger was restored after this checkpoint: what it owes has been paid")]
    CheckpointRestored = 556,
    #[msg("The log wants the checkpoint's leaves published first")]
    CheckpointNotPublished = 557,
    #[msg("The checkpoint is further from what the program read in its slot than the log allows")]
    CheckpointDoubted = 558,
    #[msg("The record is needed as long as its checkpoint, or its slot, can be of use")]
    EvidenceNeeded = 559,
    #[msg("A sample is of the slot it is taken in")]
    SampleOfOtherSlot = 560,

    // 6600: ballot, restoration, claims. 611 and 613 were of tranches and are retired.
    #[msg("The ballot is not taking candidates")]
    BallotNotNominating = 600,
    #[msg("The ballot is not open for votes")]
    BallotNotVoting = 601,
    #[msg("The ballot is still voting")]
    BallotStillVoting = 602,
    #[msg("The candidate is on the ballot already, or there is no room")]
    CandidateRefused = 603,
    #[msg("There is no such candidate")]
    NoSuchCandidate = 604,
    #[msg("The quorum was not reached")]
    QuorumNotReached = 605,
    #[msg("The state is not the one the ballot chose")]
    NotTheWinner = 606,
    #[msg("Escrowed tokens are locked until the ballot ends")]
    EscrowLocked = 607,
    #[msg("There is nothing in escrow, or less than asked for")]
    EscrowTooSmall = 608,
    #[msg("The proof does not lead to the sealed shard")]
    InvalidProof = 609,
    #[msg("The claim has been paid")]
    AlreadyClaimed = 610,
    #[msg("The page does not hold this leaf, or is not the restoration's")]
    WrongClaimPage = 612,
    #[msg("The leaf's owner must sign to be paid anywhere but its associated token account")]
    OwnerMustSign = 614,
    #[msg("The share rounds down to nothing")]
    NothingToClaim = 615,
    #[msg("The ballot has a winner and cannot be run again")]
    BallotDecided = 616,
    #[msg("The pool holds nothing that is not shared out, or every claim is covered")]
    NothingToShare = 617,
    #[msg("Others still have time to nominate")]
    NominationNotOver = 618,
    #[msg("What is in escrow came when the vote had started")]
    VotesTooRecent = 619,
    #[msg("Somebody can freeze the token, and with it every vote")]
    FreezableVotes = 620,
    #[msg("Claims are open: the page can be closed when every claim has been paid in full")]
    ClaimsOpen = 621,
    #[msg("The owner's associated token account can be paid")]
    OwnerPayable = 622,
    #[msg("The owner is a wallet, which says itself where its claims are paid")]
    OwnerCanSign = 623,
}

impl BulkheadError {
    /// The error of a number that core or the guard returns.
    fn numbered(number: u32) -> Self {
        let place = number.saturating_sub(ERROR_CODE_OFFSET);
        // A test looks at every number they have.
        bytemuck::checked::try_cast(place).unwrap_or(Self::Overflow)
    }
}

impl From<CoreError> for BulkheadError {
    fn from(error: CoreError) -> Self {
        Self::numbered(error.number())
    }
}

impl From<GuardError> for BulkheadError {
    fn from(error: GuardError) -> Self {
        Self::numbered(error as u32)
    }
}
