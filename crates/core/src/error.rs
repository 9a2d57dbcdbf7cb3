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
    /// The member does not have the role that this instruction requires.
    RoleMissing = 6_003,
    /// Only the domain's setup authority may do this, and only during set-up.
    NotSetupAuthority = 6_004,
    /// The domain's current phase does not allow this.
    WrongPhase = 6_005,
    /// An argument is out of range.
    ArgumentOutOfRange = 6_006,
    /// A sum or product does not fit its type.
    Overflow = 6_008,
    /// A council needs 1 to 16 different members, with enough members in every role to reach its threshold.
    InvalidCouncil = 6_009,
    /// The member is silent: send a heartbeat; the member is eligible again one day later.
    MemberSilent = 6_010,
    /// The guardian has reached the limit of pauses in one day or of pauses in a row.
    GuardianPauseLimitReached = 6_011,
    /// The fallback may act only after too few approvers have been active for the configured time.
    FallbackNotDue = 6_012,
    /// The heartbeat does not name the member's last activity: read the council and sign a new heartbeat.
    ActiveSince = 6_013,
    /// The vetoer has no veto rights left; a proposal restores them.
    NoVetoRights = 6_014,
    /// The action is paused.
    ActionPaused = 6_100,
    /// The compartment is out of range: use 0 to 63, or 255 for the whole domain.
    CompartmentOutOfRange = 6_104,
    /// The guardian has no pause rights left; a council change restores them.
    NoPauseRights = 6_105,
    /// The member has already confirmed.
    AlreadyConfirmed = 6_106,
    /// The incident is not the domain's open incident.
    IncidentNotOpen = 6_108,
    /// A pause of this incident is still in force.
    PauseInForce = 6_109,
    /// The approval's payload hash or creation slot does not match the proposal: read the proposal and sign again.
    ApprovalMismatch = 6_201,
    /// The council has changed since the proposal was created: propose again.
    StaleConfigEpoch = 6_202,
    /// The proposal is no longer open.
    ProposalNotOpen = 6_203,
    /// The proposal has expired.
    ProposalExpired = 6_204,
    /// The proposal does not have enough approvals.
    NotApproved = 6_205,
    /// The proposal's delay has not passed yet.
    DelayNotPassed = 6_206,
    /// The member has already approved.
    AlreadyApproved = 6_207,
    /// The member has not approved this proposal.
    ApprovalMissing = 6_208,
    /// The proposal is of a different kind than this instruction executes.
    WrongProposalKind = 6_209,
    /// The payload does not decode, or does not match the decision being executed.
    PayloadMismatch = 6_210,
    /// The proposal was created before the last tightening and would undo it: propose again.
    TightenedSince = 6_211,
    /// The payload is too long for a proposal.
    PayloadTooLong = 6_212,
    /// The proposal can still be executed, so it cannot be closed.
    ProposalStillOpen = 6_213,
    /// The member has already vetoed.
    AlreadyVetoed = 6_216,
    /// A proposal that was created later has already decided this.
    DecidedSince = 6_217,
    /// Only the proposer may edit the proposal.
    NotProposer = 6_220,
    /// A veto blocks this proposer's proposals until one week after the veto.
    VetoStands = 6_225,
    /// The signer is not the breaker's meter authority.
    NotMeterAuthority = 6_300,
    /// The breaker has no latch in force that is not on the board yet.
    NotLatched = 6_301,
    /// The price is not newer than the last observed price.
    PriceNotNewer = 6_320,
    /// The price is too old.
    PriceTooOld = 6_321,
    /// The price's timestamp is too far ahead of the clock.
    PriceFromTheFuture = 6_322,
    /// The price comes from another feed, account or program, or is not fully verified.
    ForeignPrice = 6_323,
    /// The price is zero, negative, too large or missing.
    PriceUnreadable = 6_324,
    /// The price follows the last one too soon.
    PriceTooSoon = 6_325,
    /// The host's liabilities cannot be read.
    LiabilitiesUnreadable = 6_340,
    /// The reserves are not the registered token accounts in the registered order.
    WrongReserves = 6_341,
    /// The same reserve is listed twice.
    DuplicateReserve = 6_342,
    /// The account's authorities do not match the arguments.
    WatchMismatch = 6_350,
    /// The detector's latch is in force: a proposal has to unpause it first.
    LatchInForce = 6_351,
    /// The upstream has paused nothing that the link covers, or the link is disabled.
    NothingToPropagate = 6_360,
    /// The linked compartments are already closed at least as far and as long.
    AlreadyPropagated = 6_361,
    /// A domain cannot be its own upstream.
    LinkedToItself = 6_362,
    /// The signer is not the vault's operator.
    NotOperator = 6_400,
    /// The vault was evacuated: it pays again after the domain reopens, but never a release queued before that.
    VaultEvacuated = 6_401,
    /// The vault has no registered evacuation route, or its route is another account.
    WrongEvacuationRoute = 6_402,
    /// The release is not payable yet.
    ReleaseNotPayable = 6_403,
    /// The release has already been paid or cancelled.
    ReleaseNotQueued = 6_404,
    /// Nothing can leave now because the limit is used up: try again later.
    LimitUsedUp = 6_405,
    /// The token account's balance after the transfer does not match the expected balance.
    ConservationBroken = 6_406,
    /// The guardians have not confirmed the evacuation.
    EvacuationNotConfirmed = 6_407,
    /// The vault is empty, or what it holds came after it was moved and a state was chosen: a refund, for the reopening.
    NothingToMove = 6_410,
    /// The amount is zero.
    ZeroAmount = 6_411,
    /// The destination is not allowed here.
    WrongDestination = 6_412,
    /// The token account's balance is smaller than the requested amount.
    BalanceTooSmall = 6_414,
    /// The release was requested before the incident's breach, so a guardian cannot cancel it.
    ReleaseBeforeBreach = 6_415,
    /// The release is still queued.
    ReleaseStillQueued = 6_416,
    /// The route is closed, frozen, owned by someone else, requires a memo, or another authority has power over it.
    UnfitEvacuationRoute = 6_418,
    /// Only the owner of the release may redirect it to another account.
    NotReleaseOwner = 6_419,
    /// The account is frozen, or it requires a memo and the memo program was not passed.
    CannotReceive = 6_420,
    /// The release is not on this list of releases to cancel.
    ReleaseNotListed = 6_421,
    /// The vault's queue is a ledger: pass that ledger's account.
    QueueLedgerMissing = 6_441,
    /// The release was restored after an evacuation: its claim pays it.
    ReleaseRestored = 6_442,
    /// Only a cancelled release goes back to the host's ledger.
    ReleaseNotCancelled = 6_443,
    /// The release is in the queue already: settle it.
    ReleaseInQueue = 6_444,
    /// The vault holds less than its queue is owed: bring the tokens back first.
    QueueNotCovered = 6_445,
    /// Guardians may cancel queued releases for a day after the evacuation was confirmed: seal the queue then.
    QueueStillCancellable = 6_446,
    /// The day in which guardians may cancel queued releases of an evacuated vault is over: governance still can.
    CancellationOver = 6_447,
    /// The vault was not evacuated in this incident: it pays its queue itself after the incident.
    QueueNotEvacuated = 6_448,
    /// The queue is owed another amount than the snapshot was sealed with: seal it again.
    QueueChanged = 6_449,
    /// The host owes a cancelled release again: only its operator closes the record, by taking the release back.
    ReleaseNotTakenBack = 6_450,
    /// Other claims were paid in the incident that evacuated the vault: a restoration of its own pays the queue, in the next incident.
    OthersRestored = 6_451,
    /// The snapshot is sealed.
    SnapshotSealed = 6_500,
    /// The snapshot is not sealed.
    SnapshotNotSealed = 6_501,
    /// Pass positions in ascending order of their keys, each once.
    PositionsNotAscending = 6_502,
    /// The position's key belongs to a different shard.
    WrongShard = 6_503,
    /// The account is not a position of this ledger.
    NotAPosition = 6_504,
    /// The sum of the positions differs from the host's total by more than the ledger's tolerance.
    TotalMismatch = 6_505,
    /// Pass shards in ascending order, each once.
    ShardsNotAscending = 6_506,
    /// The shard is full: it has no room for more leaves.
    ShardFull = 6_507,
    /// The ledger's layout is invalid: offsets, widths or filters are out of range.
    InvalidLedger = 6_508,
    /// The host's total cannot be read.
    TotalUnreadable = 6_509,
    /// The position's amount does not fit in 64 bits.
    AmountTooLarge = 6_510,
    /// Only the shard's cranker may append to it or close it.
    NotShardCranker = 6_511,
    /// The ledger uses the other read mode: either account bytes or an export.
    WrongLedgerMode = 6_520,
    /// The position reports more slots in use than the layout allows.
    TooManySlots = 6_522,
    /// The sum, count, root or difference to the host's total does not match the override.
    OverrideMismatch = 6_523,
    /// A crank cannot seal a snapshot without positions: this requires a proposal.
    NothingRead = 6_524,
    /// The ledger has already been restored in this incident.
    LedgerRestored = 6_525,
    /// The ledger counts amounts that another ledger of the same token counts, or uses the same total.
    LedgersOverlap = 6_526,
    /// Pass every ledger of the same token in ascending order of ledger number.
    LedgersMissing = 6_527,
    /// Anyone can move this total, but the ledger has no tolerance in that direction.
    TotalMovable = 6_528,
    /// The snapshot's sum is not the host's total, and a closer seal may still replace it.
    SnapshotUnsettled = 6_529,
    /// No ledger is registered under this number.
    NoSuchLedger = 6_530,
    /// The sysvar does not contain this slot: it is too old, has not ended, or was skipped.
    SlotUnknown = 6_540,
    /// The slot has a different hash on this fork.
    SlotHashMismatch = 6_541,
    /// A checkpoint's slot must be later than the previous checkpoint's slot.
    CheckpointNotLater = 6_542,
    /// The attester's last checkpoint is too recent: wait before posting another.
    CheckpointTooSoon = 6_543,
    /// The log entry, or the attester's share of the log, is taken by checkpoints too young to be overwritten.
    CheckpointLogFull = 6_544,
    /// The log does not contain this checkpoint.
    NoSuchCheckpoint = 6_545,
    /// The checkpoint was posted under a different council.
    CheckpointOfOtherCouncil = 6_546,
    /// The member has already attested this checkpoint.
    AlreadyAttested = 6_547,
    /// The checkpoint is contested.
    CheckpointContested = 6_548,
    /// The checkpoint does not have enough attestations.
    CheckpointNotAttested = 6_549,
    /// The checkpoint was posted after the incident began.
    CheckpointAfterBreach = 6_550,
    /// The roots, sums, counts or canopy nodes do not match the checkpoint's commitment.
    ShardsMismatch = 6_551,
    /// The evidence does not contradict the checkpoint.
    NoContradiction = 6_552,
    /// The evidence is already on record.
    EvidenceUsed = 6_553,
    /// The snapshot's checkpoint is not contested.
    CheckpointStands = 6_554,
    /// The checkpoint's total differs from the host's total by more than the log allows.
    CheckpointTotalDiffers = 6_555,
    /// The ledger was restored after this checkpoint, so its claims have already been paid.
    CheckpointRestored = 6_556,
    /// The log requires the checkpoint's leaves to be published first.
    CheckpointNotPublished = 6_557,
    /// The checkpoint differs from the program's samples of its slot by more than the log allows.
    CheckpointDoubted = 6_558,
    /// The record cannot be closed while its checkpoint or its slot may still be used.
    EvidenceNeeded = 6_559,
    /// A sample must be taken in its own slot.
    SampleOfOtherSlot = 6_560,
    /// The ballot does not accept candidates now.
    BallotNotNominating = 6_600,
    /// The ballot does not accept votes now.
    BallotNotVoting = 6_601,
    /// The ballot's voting period has not ended.
    BallotStillVoting = 6_602,
    /// The candidate is already on the ballot, or the ballot has no room.
    CandidateRefused = 6_603,
    /// The ballot has no candidate with this number.
    NoSuchCandidate = 6_604,
    /// The vote did not reach the quorum.
    QuorumNotReached = 6_605,
    /// The snapshot is not the one that the ballot chose.
    NotTheWinner = 6_606,
    /// The escrowed tokens are locked until the ballot ends.
    EscrowLocked = 6_607,
    /// The escrow is empty or holds less than the requested amount.
    EscrowTooSmall = 6_608,
    /// The proof does not match the sealed shard.
    InvalidProof = 6_609,
    /// The claim has already been paid.
    AlreadyClaimed = 6_610,
    /// The share rounds down to zero.
    NothingToClaim = 6_615,
    /// The ballot has a winner and cannot be run again.
    BallotDecided = 6_616,
    /// Every token in the pool is already shared out, or every claim is already covered.
    NothingToShare = 6_617,
    /// The nomination period has not ended.
    NominationNotOver = 6_618,
    /// The escrowed tokens were deposited after the vote started.
    VotesTooRecent = 6_619,
    /// The owner is a wallet: it must sign to choose where its claims are paid.
    OwnerCanSign = 6_623,
    /// The emergency action has several steps: start a run of it, then run its steps.
    ActionHasSteps = 6_900,
    /// Not every step of the emergency action is registered yet.
    ActionIncomplete = 6_901,
    /// The steps or their hash differ from those of the registered emergency action: read it again.
    StepsMismatch = 6_902,
    /// Another step of the run is next: read the run again.
    StepNotNext = 6_903,
    /// The run is finished or older than a day, or its incident or its action is not the same: start another run.
    RunOver = 6_904,
    /// The source is not a token account of the host, or the instruction does not write both source and route.
    WrongSource = 6_906,
    /// Less of the source's balance arrived than the direct vault requires.
    TooLittleArrived = 6_908,
    /// The account is not a buffer whose authority is the domain.
    ForeignBuffer = 6_910,
    /// The build's hash is another than was decided.
    BuildMismatch = 6_911,
    /// The account is not an upgradeable program whose upgrade authority is the domain.
    NotUpgradable = 6_912,
    /// The build is longer than the program's data: extend the program first, then try again in another slot.
    ProgramTooShort = 6_913,
    /// The program was deployed or extended in this slot: try again in the next.
    DeployedThisSlot = 6_914,
    /// No emergency build is registered, or the guardians have not confirmed it in this incident.
    BuildNotConfirmed = 6_915,
    /// The page does not cover this leaf, or belongs to another restoration.
    WrongClaimPage = 6_612,
    /// Claims are still open: the page can be closed only after every claim has been paid in full.
    ClaimsOpen = 6_621,
    /// No interim share is agreed for this ledger: it can be agreed only before an incident.
    InterimNotAgreed = 6_700,
    /// The snapshot is not of the newest checkpoint that the ledger's rule allows.
    NotTheNewestCheckpoint = 6_701,
    /// Interim claims have ended: a state was chosen, or one of the two states was replaced or voided.
    InterimEnded = 6_702,
    /// A guardian has stopped this position's interim claims: the vote decides.
    InterimStopped = 6_703,
    /// No further position or vault can be listed in this interim share-out.
    InterimListFull = 6_704,
    /// The stored proof is of another leaf: prove the leaf that this claim is about.
    InterimProofMissing = 6_705,
    /// The two states name different owners for the position: the vote decides.
    InterimOwnersDiffer = 6_706,
    /// The incident is not over, or a state was chosen: the pool belongs to its claims.
    InterimNotOver = 6_707,
    /// Interim claims were paid from another state: pass the interim share-out, a stored proof and its page.
    InterimBookMissing = 6_708,
    /// The domain is not frozen, or its rules have no escape.
    EscapeNotSet = 6_720,
    /// The freeze, or the time for its snapshot, has not lasted long enough for the escape.
    EscapeNotDue = 6_721,
    /// The incident's own snapshot is sealed: the escape pays by it.
    OwnStateSealed = 6_722,
    /// Another checkpoint can be used and is published: the escape pays by the newest one.
    NewerCheckpoint = 6_723,
    /// The escape is due: the vault's tokens can leave only for the claims, or for a recovery account of the domain.
    EscapeDue = 6_724,
    /// Claims with an end need an owner for the rest and run 90 to 3,650 days; claims without an end have no such owner.
    InvalidClaimTerms = 6_725,
    /// The time for claims has ended.
    ClaimsEnded = 6_726,
    /// Claims still run, or have no end.
    ClaimsStillRun = 6_727,
    /// The end of claims can only be postponed.
    DeadlineNotLater = 6_728,
    /// The host owes more than the vaults that back the ledger hold.
    LedgerNotCovered = 6_729,
    /// A restored ledger has no recent restart check: make one, or propose to accept the difference.
    RestartCheckMissing = 6_730,
    /// Vaults must be passed once each, in ascending order of their addresses.
    VaultsNotAscending = 6_731,
    /// The ledger was not restored in the open incident.
    LedgerNotRestored = 6_732,
    /// A watched authority is not the registered one, or a watch was not passed.
    AuthorityStillLatched = 6_733,
    /// The insurance terms are out of range.
    InsuranceTermsInvalid = 6_800,
    /// The pool has not noted every incident: call `note_incident` first.
    IncidentNotNoted = 6_801,
    /// The pool has already noted this incident as it stands, or has to note an earlier one first.
    IncidentNoted = 6_802,
    /// An open incident could slash the pool, so exits are closed until its shortfall is stated or their written end.
    ExitsClosed = 6_803,
    /// A detector of the pool has latched: propagate its trip first.
    DetectorLatched = 6_804,
    /// The incident has a restoration whose shortfall the pool has not stated: call `state_shortfall` first.
    ShortfallNotStated = 6_805,
    /// The pool still holds back a shortfall: stake after it was slashed or released.
    ShortfallPending = 6_806,
    /// The shortfall is already stated, and custody holds no less than it did.
    ShortfallStated = 6_807,
    /// The shares are not in their unstake window: begin a cooldown and wait for its end.
    NotCooled = 6_808,
    /// Fewer shares are staked or cooling than asked for, or too few would be made or left.
    TooFewShares = 6_809,
    /// The shares are worth less than one unit.
    WorthNothing = 6_810,
    /// The restoration may still be funded otherwise: slash after that time.
    FundingNotOver = 6_811,
    /// A pool of another order of loss comes first.
    EarlierPoolFirst = 6_812,
    /// The claims of the restoration still lack tokens: fund it first.
    ClaimsLackFunds = 6_813,
    /// The voter has a record on this ballot: a vote only changes to none, and the record of an earlier round is closed.
    AlreadyVoted = 6_950,
    /// The vote cools off: only votes for none count now.
    OnlyNoneCounts = 6_951,
    /// The ballot's result can still be disputed: restore it after that time.
    ResultDisputable = 6_952,
    /// The time to veto the ballot's result is over, or its rules give none.
    VetoTooLate = 6_953,
    /// The holders chose this state again after a veto, or the ballot's vetoes are used up: the result stands.
    VetoesSpent = 6_954,
    /// The candidates changed too recently: start the vote once they have stood for the ballot's dispute window.
    CandidatesChanged = 6_955,
    /// Too little time is left for everyone to examine another candidate in this round.
    NominationsClosed = 6_956,
    /// This ballot counts its weights from elsewhere: pass an escrow, or the plug-in's record.
    WrongWeightSource = 6_957,
    /// The account is not the registered plug-in's record of this voter, realm and governance token.
    ForeignWeight = 6_958,
    /// The plug-in did not compute this weight in this slot: update it in the same transaction.
    WeightNotFresh = 6_959,
    /// The plug-in computed this weight for another action or for another vote.
    WeightOfAnotherVote = 6_960,
    /// The plug-in's weight was not noted before the vote started, or is zero.
    WeightNotNoted = 6_961,
    /// More votes were cast than the plug-in says there are: the vote has no winner.
    MoreVotesThanWeight = 6_962,
    /// The ballot's rules are out of range.
    InvalidBallotRules = 6_963,
    /// A plug-in's weights need an escape in the domain's recovery rules: set that first.
    PlugInNeedsEscape = 6_964,
    /// A batch needs a destination and an owner for each of its leaves, which are neighbours on one page.
    BatchMismatch = 6_980,
    /// No claim of the batch could be paid: all were paid before, or their owners' accounts cannot be paid.
    NothingPaid = 6_981,
    /// The owner has not let this program consume the claim, and the ledger's terms do not name it.
    NotTheSuccessor = 6_982,
    /// The owners' notice still runs: until its end a successor consumes only what an owner lets it consume.
    SuccessorNoticeRuns = 6_983,
    /// The owner has decided otherwise about its claims: only the owner's signature overrides that.
    ClaimKept = 6_984,
    /// A wish about claims is 0 to 3. To be paid elsewhere, or to let a program consume them, it names an address.
    InvalidClaimWish = 6_985,
    /// The bytes are no message: too short, too long, of an unknown kind, or with a field that says nothing.
    MessageMalformed = 7_040,
    /// The message has a version that this program does not know.
    MessageVersionUnknown = 7_041,
    /// The message comes from another chain, emitter or domain than the peer's.
    ForeignSender = 7_042,
    /// The message was accepted before, or its number is too far below the highest one.
    MessageSeen = 7_043,
    /// The message was sent too long ago, or the pause it reports has ended.
    MessageExpired = 7_044,
    /// The peer has said something newer.
    MessageOvertaken = 7_045,
    /// The peer's messages do not arrive by this transport.
    TransportNotRegistered = 7_046,
    /// The terms of the peer are out of range.
    InvalidPeer = 7_047,
    /// A set has 1 to 12 different keys in ascending order, and needs signatures of more than half of them.
    InvalidAttesterSet = 7_048,
    /// Fewer attesters signed than the set needs.
    AttestationsTooFew = 7_049,
    /// A signature is not canonical, is not in the order of the keys, or is not by the key that it names.
    InvalidAttestation = 7_050,
    /// A rotation of the attesters is already waiting.
    RotationPending = 7_051,
    /// No rotation of the attesters is waiting.
    NoRotationPending = 7_052,
    /// A guardian has stopped the attesters' rotations: a proposal sets the next attesters.
    RotationStopped = 7_053,
    /// Attesters do not lower their own threshold, nor exchange more than one key at a time.
    RotationTooWide = 7_054,
    /// The account is not a verified message of the peer's core bridge.
    NotPostedByBridge = 7_055,
    /// The message is not as final as the peer's messages have to be.
    WrongFinality = 7_056,
    /// A word, a coordinate or a state is not in its one encoding.
    ProofNotCanonical = 7_060,
    /// The verifying key is unusable: a point is none of its group, delta is gamma up to its sign, or its set-up is unknown.
    ProofKeyInvalid = 7_061,
    /// The verifying key is another than was decided, or another has been registered since.
    ProofKeyMismatch = 7_062,
    /// One party made the verifying key and can prove anything: a proposal has to say that it accepts that.
    ProofKeyInsecure = 7_063,
    /// The proof does not show that leaves lead from the state of the run to this one.
    ProofRefused = 7_064,
    /// Only who opened a run moves it on: open a run of your own, which may begin where this one is.
    NotTheProver = 7_065,
    /// The run has not come to the accumulator and count that the shard was sealed with.
    RunNotAtEnd = 7_066,
    /// This shard was proved to its end.
    ShardEnded = 7_067,
    /// Not every shard of both ledgers was proved to its end.
    ProofIncomplete = 7_068,
    /// The amounts do not add up to the ledger's total.
    ProofSumMismatch = 7_069,
    /// The successor owes other amounts than the plan pays, or to other owners.
    SuccessorDiffers = 7_070,
    /// The successor's ledger was sealed before the state was chosen: seal it after the repair.
    SuccessorTooEarly = 7_071,
    /// A notable amount was shared out since the statement was opened: open it again and prove that.
    ProofOutdated = 7_072,
    /// A restored ledger has no proof that counts: prove it, or propose to accept it without.
    ProofMissing = 7_073,
    /// The ledger was read without accumulators, so nothing can be proved of it.
    NotAccumulated = 7_074,
    /// A shard that has leaves was not passed.
    ShardMissing = 7_075,
    /// This host's positions name a token as their owner: register that the token's holder is the owner.
    OwnerIsToken = 7_010,
    /// What this host's number is worth cannot be read from bytes: register an export that says it.
    ExportNeeded = 7_011,
    /// A factor of the ledger cannot be read, or is zero or negative.
    FactorUnreadable = 7_012,
    /// An account that the ledger or the position refers to is missing, or another one was passed.
    LinkedAccountMissing = 7_013,
    /// The position's owner is not a token with a supply of one and no decimals.
    NotASingleToken = 7_014,
    /// The token account does not hold the token that owns the position: read who holds it now and try again.
    NotTheHolder = 7_015,
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
            LayoutError::LinkMissing => Self::LinkedAccountMissing,
            LayoutError::FactorUnreadable => Self::FactorUnreadable,
            LayoutError::NotASingleToken => Self::NotASingleToken,
            LayoutError::NotTheHolder => Self::NotTheHolder,
        }
    }
}
