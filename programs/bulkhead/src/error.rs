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
    #[msg("This program does not support the account's layout version")]
    UnknownVersion = 1,
    #[msg("The signer is not a member of the council")]
    NotAMember = 2,
    #[msg("The member does not have the role that this instruction requires")]
    RoleMissing = 3,
    #[msg("Only the domain's setup authority may do this, and only during set-up")]
    NotSetupAuthority = 4,
    #[msg("The domain's current phase does not allow this")]
    WrongPhase = 5,
    #[msg("An argument is out of range")]
    ArgumentOutOfRange = 6,
    #[msg("A sum or product does not fit its type")]
    Overflow = 8,
    #[msg("A council needs 1 to 16 different members, with enough members in every role to reach its threshold")]
    InvalidCouncil = 9,
    #[msg("The member is silent: send a heartbeat; the member is eligible again one day later")]
    MemberSilent = 10,
    #[msg("The guardian has reached the limit of pauses in one day or of pauses in a row")]
    GuardianPauseLimitReached = 11,
    #[msg("The fallback may act only after too few approvers have been active for the configured time")]
    FallbackNotDue = 12,
    #[msg("The heartbeat does not name the member's last activity: read the council and sign a new heartbeat")]
    ActiveSince = 13,
    #[msg("The vetoer has no veto rights left; a proposal restores them")]
    NoVetoRights = 14,

    // 6100: pause. 6100 to 6104 are the guard's errors, by the same numbers.
    #[msg("The action is paused")]
    ActionPaused = 100,
    #[msg("The account is not the expected pause board")]
    WrongBoard = 101,
    #[msg("The account is not a Bulkhead pause board")]
    ForeignBoard = 102,
    #[msg("The guard does not support the board's version")]
    UnknownBoardVersion = 103,
    #[msg("The compartment is out of range: use 0 to 63, or 255 for the whole domain")]
    CompartmentOutOfRange = 104,
    #[msg("The guardian has no pause rights left; a council change restores them")]
    NoPauseRights = 105,
    #[msg("The member has already confirmed")]
    AlreadyConfirmed = 106,
    #[msg("The incident is not the domain's open incident")]
    IncidentNotOpen = 108,
    #[msg("A pause of this incident is still in force")]
    PauseInForce = 109,

    // 6200: proposals
    #[msg("The transaction advances a durable nonce: sign it again with a recent blockhash")]
    DurableNonce = 200,
    #[msg("The approval's payload hash or creation slot does not match the proposal: read the proposal and sign again")]
    ApprovalMismatch = 201,
    #[msg("The council has changed since the proposal was created: propose again")]
    StaleConfigEpoch = 202,
    #[msg("The proposal is no longer open")]
    ProposalNotOpen = 203,
    #[msg("The proposal has expired")]
    ProposalExpired = 204,
    #[msg("The proposal does not have enough approvals")]
    NotApproved = 205,
    #[msg("The proposal's delay has not passed yet")]
    DelayNotPassed = 206,
    #[msg("The member has already approved")]
    AlreadyApproved = 207,
    #[msg("The member has not approved this proposal")]
    ApprovalMissing = 208,
    #[msg("The proposal is of a different kind than this instruction executes")]
    WrongProposalKind = 209,
    #[msg("The payload does not decode, or does not match the decision being executed")]
    PayloadMismatch = 210,
    #[msg("The proposal was created before the last tightening and would undo it: propose again")]
    TightenedSince = 211,
    #[msg("The payload is too long for a proposal")]
    PayloadTooLong = 212,
    #[msg("The proposal can still be executed, so it cannot be closed")]
    ProposalStillOpen = 213,
    #[msg("After set-up this requires a matured proposal")]
    ProposalRequired = 214,
    #[msg("The proposer already has a proposal with this number: choose another number")]
    ProposalNumberTaken = 215,
    #[msg("The member has already vetoed")]
    AlreadyVetoed = 216,
    #[msg("A proposal that was created later has already decided this")]
    DecidedSince = 217,
    #[msg("Only the proposer may edit the proposal")]
    NotProposer = 220,
    #[msg("The instruction calls Bulkhead directly or through the host, which the runtime refuses: split it in two")]
    SelfCall = 221,
    #[msg("The instruction requires a signature other than the domain's")]
    ForeignSigner = 222,
    #[msg("The accounts do not match the stored instruction's accounts in the same order")]
    AccountsMismatch = 223,
    #[msg(
        "The token account is off limits: escrowed votes always, recovery accounts in an incident, any in an emergency action"
    )]
    TokensLocked = 224,
    #[msg("A veto blocks this proposer's proposals until one week after the veto")]
    VetoStands = 225,

    // 6300: breakers
    #[msg("The signer is not the breaker's meter authority")]
    NotMeterAuthority = 300,
    #[msg("The breaker has no latch in force that is not on the board yet")]
    NotLatched = 301,
    #[msg("Send this in a transaction of its own that contains only compute budget and Bulkhead instructions")]
    NotStandalone = 310,

    // 6320: prices
    #[msg("The price is not newer than the last observed price")]
    PriceNotNewer = 320,
    #[msg("The price is too old")]
    PriceTooOld = 321,
    #[msg("The price's timestamp is too far ahead of the clock")]
    PriceFromTheFuture = 322,
    #[msg("The price comes from another feed, account or program, or is not fully verified")]
    ForeignPrice = 323,
    #[msg("The price is zero, negative, too large or missing")]
    PriceUnreadable = 324,
    #[msg("The price follows the last one too soon")]
    PriceTooSoon = 325,

    // 6340: solvency
    #[msg("The host's liabilities cannot be read")]
    LiabilitiesUnreadable = 340,
    #[msg("The reserves are not the registered token accounts in the registered order")]
    WrongReserves = 341,
    #[msg("The same reserve is listed twice")]
    DuplicateReserve = 342,

    // 6350: authority watches, and detectors of any kind
    #[msg("The account's authorities do not match the arguments")]
    WatchMismatch = 350,
    #[msg("The detector's latch is in force: a proposal has to unpause it first")]
    LatchInForce = 351,
    // 6360: contagion
    #[msg("The upstream has paused nothing that the link covers, or the link is disabled")]
    NothingToPropagate = 360,
    #[msg("The linked compartments are already closed at least as far and as long")]
    AlreadyPropagated = 361,
    #[msg("A domain cannot be its own upstream")]
    LinkedToItself = 362,

    // 6400: custody
    #[msg("The signer is not the vault's operator")]
    NotOperator = 400,
    #[msg("The vault was evacuated: it pays again after the domain reopens, but never a release queued before that")]
    VaultEvacuated = 401,
    #[msg("The vault has no registered evacuation route, or its route is another account")]
    WrongEvacuationRoute = 402,
    #[msg("The release is not payable yet")]
    ReleaseNotPayable = 403,
    #[msg("The release has already been paid or cancelled")]
    ReleaseNotQueued = 404,
    #[msg("Nothing can leave now because the limit is used up: try again later")]
    LimitUsedUp = 405,
    #[msg("The token account's balance after the transfer does not match the expected balance")]
    ConservationBroken = 406,
    #[msg("The guardians have not confirmed the evacuation")]
    EvacuationNotConfirmed = 407,
    #[msg("The mint has an extension that custody cannot hold safely")]
    UnsafeMintExtension = 409,
    #[msg("There is nothing to move: it is empty, or holds a refund that came after a state was chosen")]
    NothingToMove = 410,
    #[msg("The amount is zero")]
    ZeroAmount = 411,
    #[msg("The destination is not allowed here")]
    WrongDestination = 412,
    #[msg("The token account's balance is smaller than the requested amount")]
    BalanceTooSmall = 414,
    #[msg("The release was requested before the incident's breach, so a guardian cannot cancel it")]
    ReleaseBeforeBreach = 415,
    #[msg("The release is still queued")]
    ReleaseStillQueued = 416,
    #[msg("An authority can raise the mint's transfer fee, or the fee takes the whole amount")]
    UnsafeTransferFee = 417,
    #[msg(
        "The route is closed, frozen, owned by someone else, requires a memo, or another authority has power over it"
    )]
    UnfitEvacuationRoute = 418,
    #[msg("Only the owner of the release may redirect it to another account")]
    NotReleaseOwner = 419,
    #[msg("The account is frozen, or it requires a memo and the memo program was not passed")]
    CannotReceive = 420,
    #[msg("The release is not on this list of releases to cancel")]
    ReleaseNotListed = 421,
    #[msg("The note still covers a deposit of the current window")]
    NoteInForce = 440,
    #[msg("The vault's queue is a ledger: pass that ledger's account")]
    QueueLedgerMissing = 441,
    #[msg("The release was restored after an evacuation: its claim pays it")]
    ReleaseRestored = 442,
    #[msg("Only a cancelled release goes back to the host's ledger")]
    ReleaseNotCancelled = 443,
    #[msg("The release is in the queue already: settle it")]
    ReleaseInQueue = 444,
    #[msg("The vault holds less than its queue is owed: bring the tokens back first")]
    QueueNotCovered = 445,
    #[msg("Guardians may cancel queued releases for a day after the evacuation was confirmed: seal the queue then")]
    QueueStillCancellable = 446,
    #[msg("The day in which guardians may cancel queued releases of an evacuated vault is over: governance still can")]
    CancellationOver = 447,
    #[msg("The vault was not evacuated in this incident: it pays its queue itself after the incident")]
    QueueNotEvacuated = 448,
    #[msg("The queue is owed another amount than the snapshot was sealed with: seal it again")]
    QueueChanged = 449,
    #[msg("The host owes a cancelled release again: only its operator closes the record, by taking the release back")]
    ReleaseNotTakenBack = 450,
    #[msg(
        "Other claims were paid in the incident that evacuated the vault: a restoration of its own pays the queue, in the next incident"
    )]
    OthersRestored = 451,

    // 6500: snapshots
    #[msg("The snapshot is sealed")]
    SnapshotSealed = 500,
    #[msg("The snapshot is not sealed")]
    SnapshotNotSealed = 501,
    #[msg("Pass positions in ascending order of their keys, each once")]
    PositionsNotAscending = 502,
    #[msg("The position's key belongs to a different shard")]
    WrongShard = 503,
    #[msg("The account is not a position of this ledger")]
    NotAPosition = 504,
    #[msg("The sum of the positions differs from the host's total by more than the ledger's tolerance")]
    TotalMismatch = 505,
    #[msg("Pass shards in ascending order, each once")]
    ShardsNotAscending = 506,
    #[msg("The shard is full: it has no room for more leaves")]
    ShardFull = 507,
    #[msg("The ledger's layout is invalid: offsets, widths or filters are out of range")]
    InvalidLedger = 508,
    #[msg("The host's total cannot be read")]
    TotalUnreadable = 509,
    #[msg("The position's amount does not fit in 64 bits")]
    AmountTooLarge = 510,
    #[msg("Only the shard's cranker may append to it or close it")]
    NotShardCranker = 511,
    #[msg("The ledger uses the other read mode: either account bytes or an export")]
    WrongLedgerMode = 520,
    #[msg("The export did not return an owner and an amount, or another program set the return data")]
    BadExport = 521,
    #[msg("The position reports more slots in use than the layout allows")]
    TooManySlots = 522,
    #[msg("The sum, count, root or difference to the host's total does not match the override")]
    OverrideMismatch = 523,
    #[msg("A crank cannot seal a snapshot without positions: this requires a proposal")]
    NothingRead = 524,
    #[msg("The ledger has already been restored in this incident")]
    LedgerRestored = 525,
    #[msg("The ledger counts amounts that another ledger of the same token counts, or uses the same total")]
    LedgersOverlap = 526,
    #[msg("Pass every ledger of the same token in ascending order of ledger number")]
    LedgersMissing = 527,
    #[msg("Anyone can move this total, but the ledger has no tolerance in that direction")]
    TotalMovable = 528,
    #[msg("The snapshot's sum is not the host's total, and a closer seal may still replace it")]
    SnapshotUnsettled = 529,
    #[msg("No ledger is registered under this number")]
    NoSuchLedger = 530,

    // 6540: checkpoints
    #[msg("The sysvar does not contain this slot: it is too old, has not ended, or was skipped")]
    SlotUnknown = 540,
    #[msg("The slot has a different hash on this fork")]
    SlotHashMismatch = 541,
    #[msg("A checkpoint's slot must be later than the previous checkpoint's slot")]
    CheckpointNotLater = 542,
    #[msg("The attester's last checkpoint is too recent: wait before posting another")]
    CheckpointTooSoon = 543,
    #[msg("The log entry, or the attester's share of the log, is taken by checkpoints too young to be overwritten")]
    CheckpointLogFull = 544,
    #[msg("The log does not contain this checkpoint")]
    NoSuchCheckpoint = 545,
    #[msg("The checkpoint was posted under a different council")]
    CheckpointOfOtherCouncil = 546,
    #[msg("The member has already attested this checkpoint")]
    AlreadyAttested = 547,
    #[msg("The checkpoint is contested")]
    CheckpointContested = 548,
    #[msg("The checkpoint does not have enough attestations")]
    CheckpointNotAttested = 549,
    #[msg("The checkpoint was posted after the incident began")]
    CheckpointAfterBreach = 550,
    #[msg("The roots, sums, counts or canopy nodes do not match the checkpoint's commitment")]
    ShardsMismatch = 551,
    #[msg("The evidence does not contradict the checkpoint")]
    NoContradiction = 552,
    #[msg("The evidence is already on record")]
    EvidenceUsed = 553,
    #[msg("The snapshot's checkpoint is not contested")]
    CheckpointStands = 554,
    #[msg("The checkpoint's total differs from the host's total by more than the log allows")]
    CheckpointTotalDiffers = 555,
    #[msg("The ledger was restored after this checkpoint, so its claims have already been paid")]
    CheckpointRestored = 556,
    #[msg("The log requires the checkpoint's leaves to be published first")]
    CheckpointNotPublished = 557,
    #[msg("The checkpoint differs from the program's samples of its slot by more than the log allows")]
    CheckpointDoubted = 558,
    #[msg("The record cannot be closed while its checkpoint or its slot may still be used")]
    EvidenceNeeded = 559,
    #[msg("A sample must be taken in its own slot")]
    SampleOfOtherSlot = 560,

    // 6600: ballot, restoration, claims. 611 and 613 belonged to tranches and are retired.
    #[msg("The ballot does not accept candidates now")]
    BallotNotNominating = 600,
    #[msg("The ballot does not accept votes now")]
    BallotNotVoting = 601,
    #[msg("The ballot's voting period has not ended")]
    BallotStillVoting = 602,
    #[msg("The candidate is already on the ballot, or the ballot has no room")]
    CandidateRefused = 603,
    #[msg("The ballot has no candidate with this number")]
    NoSuchCandidate = 604,
    #[msg("The vote did not reach the quorum")]
    QuorumNotReached = 605,
    #[msg("The snapshot is not the one that the ballot chose")]
    NotTheWinner = 606,
    #[msg("The escrowed tokens are locked until the ballot ends")]
    EscrowLocked = 607,
    #[msg("The escrow is empty or holds less than the requested amount")]
    EscrowTooSmall = 608,
    #[msg("The proof does not match the sealed shard")]
    InvalidProof = 609,
    #[msg("The claim has already been paid")]
    AlreadyClaimed = 610,
    #[msg("The page does not cover this leaf, or belongs to another restoration")]
    WrongClaimPage = 612,
    #[msg("The leaf's owner must sign unless the payment goes to the owner's associated token account")]
    OwnerMustSign = 614,
    #[msg("The share rounds down to zero")]
    NothingToClaim = 615,
    #[msg("The ballot has a winner and cannot be run again")]
    BallotDecided = 616,
    #[msg("Every token in the pool is already shared out, or every claim is already covered")]
    NothingToShare = 617,
    #[msg("The nomination period has not ended")]
    NominationNotOver = 618,
    #[msg("The escrowed tokens were deposited after the vote started")]
    VotesTooRecent = 619,
    #[msg("An authority can freeze the token, and with it every vote")]
    FreezableVotes = 620,
    #[msg("Claims are still open: the page can be closed only after every claim has been paid in full")]
    ClaimsOpen = 621,
    #[msg("The owner's associated token account can be paid: use it instead")]
    OwnerPayable = 622,
    #[msg("The owner is a wallet: it must sign to choose where its claims are paid")]
    OwnerCanSign = 623,

    // 6900: the host
    #[msg("The emergency action has several steps: start a run of it, then run its steps")]
    ActionHasSteps = 900,
    #[msg("Not every step of the emergency action is registered yet")]
    ActionIncomplete = 901,
    #[msg("The steps or their hash differ from those of the registered emergency action: read it again")]
    StepsMismatch = 902,
    #[msg("Another step of the run is next: read the run again")]
    StepNotNext = 903,
    #[msg("The run is finished or older than a day, or its incident or its action is not the same: start another run")]
    RunOver = 904,
    #[msg(
        "An emergency action cannot write a program, its data or a buffer: an upgrade takes a proposal or the threshold"
    )]
    ProgramLocked = 905,
    #[msg("The source is not a token account of the host, or the instruction does not write both source and route")]
    WrongSource = 906,
    #[msg("An evacuation may write only the source, the route and accounts of the called program")]
    UndeclaredAccount = 907,
    #[msg("Less of the source's balance arrived than the direct vault requires")]
    TooLittleArrived = 908,
    #[msg("The called program changed who has power over the route")]
    RouteChanged = 909,
    #[msg("The account is not a buffer whose authority is the domain")]
    ForeignBuffer = 910,
    #[msg("The build's hash is another than was decided")]
    BuildMismatch = 911,
    #[msg("The account is not an upgradeable program whose upgrade authority is the domain")]
    NotUpgradable = 912,
    #[msg("The build is longer than the program's data: extend the program first, then try again in another slot")]
    ProgramTooShort = 913,
    #[msg("The program was deployed or extended in this slot: try again in the next")]
    DeployedThisSlot = 914,
    #[msg("No emergency build is registered, or the guardians have not confirmed it in this incident")]
    BuildNotConfirmed = 915,

    // 6700: interim claims
    #[msg("No interim share is agreed for this ledger: it can be agreed only before an incident")]
    InterimNotAgreed = 700,
    #[msg("The snapshot is not of the newest checkpoint that the ledger's rule allows")]
    NotTheNewestCheckpoint = 701,
    #[msg("Interim claims have ended: a state was chosen, or one of the two states was replaced or voided")]
    InterimEnded = 702,
    #[msg("A guardian has stopped this position's interim claims: the vote decides")]
    InterimStopped = 703,
    #[msg("No further position or vault can be listed in this interim share-out")]
    InterimListFull = 704,
    #[msg("The stored proof is of another leaf: prove the leaf that this claim is about")]
    InterimProofMissing = 705,
    #[msg("The two states name different owners for the position: the vote decides")]
    InterimOwnersDiffer = 706,
    #[msg("The incident is not over, or a state was chosen: the pool belongs to its claims")]
    InterimNotOver = 707,
    #[msg("Interim claims were paid from another state: pass the interim share-out, a stored proof and its page")]
    InterimBookMissing = 708,

    // 6720: escape, terms of claims, restart gate
    #[msg("The domain is not frozen, or its rules have no escape")]
    EscapeNotSet = 720,
    #[msg("The freeze, or the time for its snapshot, has not lasted long enough for the escape")]
    EscapeNotDue = 721,
    #[msg("The incident's own snapshot is sealed: the escape pays by it")]
    OwnStateSealed = 722,
    #[msg("Another checkpoint can be used and is published: the escape pays by the newest one")]
    NewerCheckpoint = 723,
    #[msg(
        "The escape is due: the vault's tokens can leave only for the claims, or for a recovery account of the domain"
    )]
    EscapeDue = 724,
    #[msg(
        "Claims with an end need an owner for the rest and run 90 to 3,650 days; claims without an end have no such owner"
    )]
    InvalidClaimTerms = 725,
    #[msg("The time for claims has ended")]
    ClaimsEnded = 726,
    #[msg("Claims still run, or have no end")]
    ClaimsStillRun = 727,
    #[msg("The end of claims can only be postponed")]
    DeadlineNotLater = 728,
    #[msg("The host owes more than the vaults that back the ledger hold")]
    LedgerNotCovered = 729,
    #[msg("A restored ledger has no recent restart check: make one, or propose to accept the difference")]
    RestartCheckMissing = 730,
    #[msg("Vaults must be passed once each, in ascending order of their addresses")]
    VaultsNotAscending = 731,
    #[msg("The ledger was not restored in the open incident")]
    LedgerNotRestored = 732,
    #[msg("A watched authority is not the registered one, or a watch was not passed")]
    AuthorityStillLatched = 733,

    // 6800: insurance
    #[msg("The insurance terms are out of range")]
    InsuranceTermsInvalid = 800,
    #[msg("The pool has not noted every incident: call `note_incident` first")]
    IncidentNotNoted = 801,
    #[msg("The pool has already noted this incident as it stands, or has to note an earlier one first")]
    IncidentNoted = 802,
    #[msg(
        "An open incident could slash the pool, so exits are closed until its shortfall is stated or their written end"
    )]
    ExitsClosed = 803,
    #[msg("A detector of the pool has latched: propagate its trip first")]
    DetectorLatched = 804,
    #[msg("The incident has a restoration whose shortfall the pool has not stated: call `state_shortfall` first")]
    ShortfallNotStated = 805,
    #[msg("The pool still holds back a shortfall: stake after it was slashed or released")]
    ShortfallPending = 806,
    #[msg("The shortfall is already stated, and custody holds no less than it did")]
    ShortfallStated = 807,
    #[msg("The shares are not in their unstake window: begin a cooldown and wait for its end")]
    NotCooled = 808,
    #[msg("Fewer shares are staked or cooling than asked for, or too few would be made or left")]
    TooFewShares = 809,
    #[msg("The shares are worth less than one unit")]
    WorthNothing = 810,
    #[msg("The restoration may still be funded otherwise: slash after that time")]
    FundingNotOver = 811,
    #[msg("A pool of another order of loss comes first")]
    EarlierPoolFirst = 812,
    #[msg("The claims of the restoration still lack tokens: fund it first")]
    ClaimsLackFunds = 813,

    // 6950: rules of a ballot
    #[msg(
        "The voter has a record on this ballot: a vote only changes to none, and the record of an earlier round is closed"
    )]
    AlreadyVoted = 950,
    #[msg("The vote cools off: only votes for none count now")]
    OnlyNoneCounts = 951,
    #[msg("The ballot's result can still be disputed: restore it after that time")]
    ResultDisputable = 952,
    #[msg("The time to veto the ballot's result is over, or its rules give none")]
    VetoTooLate = 953,
    #[msg("The holders chose this state again after a veto, or the ballot's vetoes are used up: the result stands")]
    VetoesSpent = 954,
    #[msg("The candidates changed too recently: start the vote once they have stood for the ballot's dispute window")]
    CandidatesChanged = 955,
    #[msg("Too little time is left for everyone to examine another candidate in this round")]
    NominationsClosed = 956,
    #[msg("This ballot counts its weights from elsewhere: pass an escrow, or the plug-in's record")]
    WrongWeightSource = 957,
    #[msg("The account is not the registered plug-in's record of this voter, realm and governance token")]
    ForeignWeight = 958,
    #[msg("The plug-in did not compute this weight in this slot: update it in the same transaction")]
    WeightNotFresh = 959,
    #[msg("The plug-in computed this weight for another action or for another vote")]
    WeightOfAnotherVote = 960,
    #[msg("The plug-in's weight was not noted before the vote started, or is zero")]
    WeightNotNoted = 961,
    #[msg("More votes were cast than the plug-in says there are: the vote has no winner")]
    MoreVotesThanWeight = 962,
    #[msg("The ballot's rules are out of range")]
    InvalidBallotRules = 963,
    #[msg("A plug-in's weights need an escape in the domain's recovery rules: set that first")]
    PlugInNeedsEscape = 964,
    #[msg("A batch needs a destination and an owner for each of its leaves, which are neighbours on one page")]
    BatchMismatch = 980,
    #[msg("No claim of the batch could be paid: all were paid before, or their owners' accounts cannot be paid")]
    NothingPaid = 981,
    #[msg("The owner has not let this program consume the claim, and the ledger's terms do not name it")]
    NotTheSuccessor = 982,
    #[msg("The owners' notice still runs: until its end a successor consumes only what an owner lets it consume")]
    SuccessorNoticeRuns = 983,
    #[msg("The owner has decided otherwise about its claims: only the owner's signature overrides that")]
    ClaimKept = 984,
    #[msg("A wish about claims is 0 to 3. To be paid elsewhere, or to let a program consume them, it names an address")]
    InvalidClaimWish = 985,
    #[msg("This host's positions name a token as their owner: register that the token's holder is the owner")]
    OwnerIsToken = 1010,
    #[msg("What this host's number is worth cannot be read from bytes: register an export that says it")]
    ExportNeeded = 1011,
    #[msg("A factor of the ledger cannot be read, or is zero or negative")]
    FactorUnreadable = 1012,
    #[msg("An account that the ledger or the position refers to is missing, or another one was passed")]
    LinkedAccountMissing = 1013,
    #[msg("The position's owner is not a token with a supply of one and no decimals")]
    NotASingleToken = 1014,
    #[msg("The token account does not hold the token that owns the position: read who holds it now and try again")]
    NotTheHolder = 1015,

    // 7040: messages between chains
    #[msg("The bytes are no message: too short, too long, of an unknown kind, or with a field that says nothing")]
    MessageMalformed = 1040,
    #[msg("The message has a version that this program does not know")]
    MessageVersionUnknown = 1041,
    #[msg("The message comes from another chain, emitter or domain than the peer's")]
    ForeignSender = 1042,
    #[msg("The message was accepted before, or its number is too far below the highest one")]
    MessageSeen = 1043,
    #[msg("The message was sent too long ago, or the pause it reports has ended")]
    MessageExpired = 1044,
    #[msg("The peer has said something newer")]
    MessageOvertaken = 1045,
    #[msg("The peer's messages do not arrive by this transport")]
    TransportNotRegistered = 1046,
    #[msg("The terms of the peer are out of range")]
    InvalidPeer = 1047,
    #[msg("A set has 1 to 12 different keys in ascending order, and needs signatures of more than half of them")]
    InvalidAttesterSet = 1048,
    #[msg("Fewer attesters signed than the set needs")]
    AttestationsTooFew = 1049,
    #[msg("A signature is not canonical, is not in the order of the keys, or is not by the key that it names")]
    InvalidAttestation = 1050,
    #[msg("A rotation of the attesters is already waiting")]
    RotationPending = 1051,
    #[msg("No rotation of the attesters is waiting")]
    NoRotationPending = 1052,
    #[msg("A guardian has stopped the attesters' rotations: a proposal sets the next attesters")]
    RotationStopped = 1053,
    #[msg("Attesters do not lower their own threshold, nor exchange more than one key at a time")]
    RotationTooWide = 1054,
    #[msg("The account is not a verified message of the peer's core bridge")]
    NotPostedByBridge = 1055,
    #[msg("The message is not as final as the peer's messages have to be")]
    WrongFinality = 1056,

    // 7060: proofs of state
    #[msg("A word, a coordinate or a state is not in its one encoding")]
    ProofNotCanonical = 1060,
    #[msg(
        "The verifying key cannot be used: a point is not of its group, delta is gamma up to its sign, or its set-up is unknown"
    )]
    ProofKeyInvalid = 1061,
    #[msg("The verifying key is not the one that was decided, or another one was registered since")]
    ProofKeyMismatch = 1062,
    #[msg(
        "A single party made the verifying key and can prove anything with it: the decision must say that it accepts that"
    )]
    ProofKeyInsecure = 1063,
    #[msg("The proof does not show that leaves lead from the run's state to this one")]
    ProofRefused = 1064,
    #[msg("Only its prover moves a run on: open a run of your own, which may begin where this one is")]
    NotTheProver = 1065,
    #[msg("The run has not come to the accumulator and count that the shard was sealed with")]
    RunNotAtEnd = 1066,
    #[msg("The shard was already proved to its end")]
    ShardEnded = 1067,
    #[msg("Not every shard of both ledgers was proved to its end")]
    ProofIncomplete = 1068,
    #[msg("The amounts do not add up to the ledger's total")]
    ProofSumMismatch = 1069,
    #[msg("The successor owes other amounts than the plan pays, or owes them to other owners")]
    SuccessorDiffers = 1070,
    #[msg("The successor was sealed before the state was chosen: read it again after the repair")]
    SuccessorTooEarly = 1071,
    #[msg("A notable amount was shared out since the statement was opened: open a new one and prove it")]
    ProofOutdated = 1072,
    #[msg("A restored ledger has no proof that counts: prove it, or propose to accept it without one")]
    ProofMissing = 1073,
    #[msg(
        "The ledger was read without accumulators, so nothing can be proved of it: propose to accept it without a proof"
    )]
    NotAccumulated = 1074,
    #[msg("A shard that has leaves was not passed")]
    ShardMissing = 1075,
}

impl BulkheadError {
    /// The error of a number that core or the guard returns.
    fn numbered(number: u32) -> Self {
        // A test looks at every number they have.
        Self::of_number(number).unwrap_or(Self::Overflow)
    }

    /// The error of a number as transactions report it, for clients.
    #[must_use]
    pub fn of_number(number: u32) -> Option<Self> {
        bytemuck::checked::try_cast(number.checked_sub(ERROR_CODE_OFFSET)?).ok()
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
