/**
 * Generated from the IDL by scripts/generate.mjs: do not edit.
 */
import {
    getApprovalWithdrawnDecoder,
    getAuthorityChangeObservedDecoder,
    getAuthorityWatchOpenedDecoder,
    getBallotOpenedDecoder,
    getBallotRenewedDecoder,
    getBreakerLatchedDecoder,
    getBreakerOpenedDecoder,
    getCancelListSetDecoder,
    getCandidateAddedDecoder,
    getCheckpointAttestedDecoder,
    getCheckpointContestedDecoder,
    getCheckpointDisputedDecoder,
    getCheckpointLogOpenedDecoder,
    getCheckpointNodeContestedDecoder,
    getCheckpointPostedDecoder,
    getCheckpointShardOpenedDecoder,
    getCheckpointSnapshotOpenedDecoder,
    getCheckpointSnapshotVoidedDecoder,
    getClaimPageClosedDecoder,
    getClaimPageOpenedDecoder,
    getClaimPaidDecoder,
    getClaimsRedirectedDecoder,
    getContagionPropagatedDecoder,
    getCouncilChangedDecoder,
    getDepositNoteClosedDecoder,
    getDepositReceivedDecoder,
    getDetectorClosedDecoder,
    getDetectorLatchedDecoder,
    getDomainActivatedDecoder,
    getDomainFrozenDecoder,
    getDomainOpenedDecoder,
    getDomainReopenedDecoder,
    getDomainResumedDecoder,
    getEmergencyActionRegisteredDecoder,
    getEmergencyActionRunDecoder,
    getEscrowOpenedDecoder,
    getEvacuationConfirmedDecoder,
    getEvacuationRouteFaultObservedDecoder,
    getEvacuationRouteRegisteredDecoder,
    getEvacuationStartedDecoder,
    getEvidenceClosedDecoder,
    getIncidentConfirmedDecoder,
    getIncidentLapsedDecoder,
    getIncidentOpenedDecoder,
    getInflowRecordedDecoder,
    getInstructionRunDecoder,
    getLeafProvedDecoder,
    getLeavesPublishedDecoder,
    getLedgerRegisteredDecoder,
    getLimitLoweredDecoder,
    getLimitSetDecoder,
    getLinkSetDecoder,
    getListedReleaseCancelledDecoder,
    getMemberActiveDecoder,
    getOutflowMeteredDecoder,
    getPausedDecoder,
    getPositionSampledDecoder,
    getPositionsIngestedDecoder,
    getPriceBreakerOpenedDecoder,
    getPriceObservedDecoder,
    getProposalApprovedDecoder,
    getProposalClosedDecoder,
    getProposalCreatedDecoder,
    getProposalEditedDecoder,
    getProposalVetoedDecoder,
    getReferenceObservedDecoder,
    getReleaseCancelledDecoder,
    getReleaseClosedDecoder,
    getReleaseQueuedDecoder,
    getReleaseRedirectedDecoder,
    getReleaseSettledDecoder,
    getReleasedDecoder,
    getRestorationChosenDecoder,
    getRestorationFundedDecoder,
    getRightsGrantedDecoder,
    getSampleClosedDecoder,
    getSampleComparedDecoder,
    getSealOverriddenDecoder,
    getShardClosedDecoder,
    getShardOpenedDecoder,
    getShardPublishedDecoder,
    getSharedOutDecoder,
    getShortfallObservedDecoder,
    getSnapshotOpenedDecoder,
    getSnapshotSealedDecoder,
    getSolvencyBreakerOpenedDecoder,
    getSurplusReturnedDecoder,
    getTripPropagatedDecoder,
    getVaultEvacuatedDecoder,
    getVaultOpenedDecoder,
    getVoteCastDecoder,
    getVoteCustodyOpenedDecoder,
    getVoteRecordClosedDecoder,
    getVotesDepositedDecoder,
    getVotesWithdrawnDecoder,
    getVotingStartedDecoder,
    type ApprovalWithdrawn,
    type AuthorityChangeObserved,
    type AuthorityWatchOpened,
    type BallotOpened,
    type BallotRenewed,
    type BreakerLatched,
    type BreakerOpened,
    type CancelListSet,
    type CandidateAdded,
    type CheckpointAttested,
    type CheckpointContested,
    type CheckpointDisputed,
    type CheckpointLogOpened,
    type CheckpointNodeContested,
    type CheckpointPosted,
    type CheckpointShardOpened,
    type CheckpointSnapshotOpened,
    type CheckpointSnapshotVoided,
    type ClaimPageClosed,
    type ClaimPageOpened,
    type ClaimPaid,
    type ClaimsRedirected,
    type ContagionPropagated,
    type CouncilChanged,
    type DepositNoteClosed,
    type DepositReceived,
    type DetectorClosed,
    type DetectorLatched,
    type DomainActivated,
    type DomainFrozen,
    type DomainOpened,
    type DomainReopened,
    type DomainResumed,
    type EmergencyActionRegistered,
    type EmergencyActionRun,
    type EscrowOpened,
    type EvacuationConfirmed,
    type EvacuationRouteFaultObserved,
    type EvacuationRouteRegistered,
    type EvacuationStarted,
    type EvidenceClosed,
    type IncidentConfirmed,
    type IncidentLapsed,
    type IncidentOpened,
    type InflowRecorded,
    type InstructionRun,
    type LeafProved,
    type LeavesPublished,
    type LedgerRegistered,
    type LimitLowered,
    type LimitSet,
    type LinkSet,
    type ListedReleaseCancelled,
    type MemberActive,
    type OutflowMetered,
    type Paused,
    type PositionSampled,
    type PositionsIngested,
    type PriceBreakerOpened,
    type PriceObserved,
    type ProposalApproved,
    type ProposalClosed,
    type ProposalCreated,
    type ProposalEdited,
    type ProposalVetoed,
    type ReferenceObserved,
    type ReleaseCancelled,
    type ReleaseClosed,
    type ReleaseQueued,
    type ReleaseRedirected,
    type ReleaseSettled,
    type Released,
    type RestorationChosen,
    type RestorationFunded,
    type RightsGranted,
    type SampleClosed,
    type SampleCompared,
    type SealOverridden,
    type ShardClosed,
    type ShardOpened,
    type ShardPublished,
    type SharedOut,
    type ShortfallObserved,
    type SnapshotOpened,
    type SnapshotSealed,
    type SolvencyBreakerOpened,
    type SurplusReturned,
    type TripPropagated,
    type VaultEvacuated,
    type VaultOpened,
    type VoteCast,
    type VoteCustodyOpened,
    type VoteRecordClosed,
    type VotesDeposited,
    type VotesWithdrawn,
    type VotingStarted,
} from './types/index.ts';

/** The program's errors. */
export const ERROR_NAMES = {
    6000: 'ForeignAccount',
    6001: 'UnknownVersion',
    6002: 'NotAMember',
    6003: 'RoleMissing',
    6004: 'NotSetupAuthority',
    6005: 'WrongPhase',
    6006: 'ArgumentOutOfRange',
    6008: 'Overflow',
    6009: 'InvalidCouncil',
    6010: 'MemberSilent',
    6011: 'GuardianPauseLimitReached',
    6012: 'FallbackNotDue',
    6013: 'ActiveSince',
    6014: 'NoVetoRights',
    6100: 'ActionPaused',
    6101: 'WrongBoard',
    6102: 'ForeignBoard',
    6103: 'UnknownBoardVersion',
    6104: 'CompartmentOutOfRange',
    6105: 'NoPauseRights',
    6106: 'AlreadyConfirmed',
    6108: 'IncidentNotOpen',
    6109: 'PauseInForce',
    6200: 'DurableNonce',
    6201: 'ApprovalMismatch',
    6202: 'StaleConfigEpoch',
    6203: 'ProposalNotOpen',
    6204: 'ProposalExpired',
    6205: 'NotApproved',
    6206: 'DelayNotPassed',
    6207: 'AlreadyApproved',
    6208: 'ApprovalMissing',
    6209: 'WrongProposalKind',
    6210: 'PayloadMismatch',
    6211: 'TightenedSince',
    6212: 'PayloadTooLong',
    6213: 'ProposalStillOpen',
    6214: 'ProposalRequired',
    6215: 'ProposalNumberTaken',
    6216: 'AlreadyVetoed',
    6217: 'DecidedSince',
    6220: 'NotProposer',
    6221: 'SelfCall',
    6222: 'ForeignSigner',
    6223: 'AccountsMismatch',
    6224: 'TokensLocked',
    6225: 'VetoStands',
    6300: 'NotMeterAuthority',
    6301: 'NotLatched',
    6310: 'NotStandalone',
    6320: 'PriceNotNewer',
    6321: 'PriceTooOld',
    6322: 'PriceFromTheFuture',
    6323: 'ForeignPrice',
    6324: 'PriceUnreadable',
    6325: 'PriceTooSoon',
    6340: 'LiabilitiesUnreadable',
    6341: 'WrongReserves',
    6342: 'DuplicateReserve',
    6350: 'WatchMismatch',
    6351: 'LatchInForce',
    6360: 'NothingToPropagate',
    6361: 'AlreadyPropagated',
    6362: 'LinkedToItself',
    6400: 'NotOperator',
    6401: 'VaultEvacuated',
    6402: 'WrongEvacuationRoute',
    6403: 'ReleaseNotPayable',
    6404: 'ReleaseNotQueued',
    6405: 'LimitUsedUp',
    6406: 'ConservationBroken',
    6407: 'EvacuationNotConfirmed',
    6409: 'UnsafeMintExtension',
    6410: 'NothingToMove',
    6411: 'ZeroAmount',
    6412: 'WrongDestination',
    6414: 'BalanceTooSmall',
    6415: 'ReleaseBeforeBreach',
    6416: 'ReleaseStillQueued',
    6417: 'UnsafeTransferFee',
    6418: 'UnfitEvacuationRoute',
    6419: 'NotReleaseOwner',
    6420: 'CannotReceive',
    6421: 'ReleaseNotListed',
    6440: 'NoteInForce',
    6500: 'SnapshotSealed',
    6501: 'SnapshotNotSealed',
    6502: 'PositionsNotAscending',
    6503: 'WrongShard',
    6504: 'NotAPosition',
    6505: 'TotalMismatch',
    6506: 'ShardsNotAscending',
    6507: 'ShardFull',
    6508: 'InvalidLedger',
    6509: 'TotalUnreadable',
    6510: 'AmountTooLarge',
    6511: 'NotShardCranker',
    6520: 'WrongLedgerMode',
    6521: 'BadExport',
    6522: 'TooManySlots',
    6523: 'OverrideMismatch',
    6524: 'NothingRead',
    6525: 'LedgerRestored',
    6526: 'LedgersOverlap',
    6527: 'LedgersMissing',
    6528: 'TotalMovable',
    6529: 'SnapshotUnsettled',
    6530: 'NoSuchLedger',
    6540: 'SlotUnknown',
    6541: 'SlotHashMismatch',
    6542: 'CheckpointNotLater',
    6543: 'CheckpointTooSoon',
    6544: 'CheckpointLogFull',
    6545: 'NoSuchCheckpoint',
    6546: 'CheckpointOfOtherCouncil',
    6547: 'AlreadyAttested',
    6548: 'CheckpointContested',
    6549: 'CheckpointNotAttested',
    6550: 'CheckpointAfterBreach',
    6551: 'ShardsMismatch',
    6552: 'NoContradiction',
    6553: 'EvidenceUsed',
    6554: 'CheckpointStands',
    6555: 'CheckpointTotalDiffers',
    6556: 'CheckpointRestored',
    6557: 'CheckpointNotPublished',
    6558: 'CheckpointDoubted',
    6559: 'EvidenceNeeded',
    6560: 'SampleOfOtherSlot',
    6600: 'BallotNotNominating',
    6601: 'BallotNotVoting',
    6602: 'BallotStillVoting',
    6603: 'CandidateRefused',
    6604: 'NoSuchCandidate',
    6605: 'QuorumNotReached',
    6606: 'NotTheWinner',
    6607: 'EscrowLocked',
    6608: 'EscrowTooSmall',
    6609: 'InvalidProof',
    6610: 'AlreadyClaimed',
    6612: 'WrongClaimPage',
    6614: 'OwnerMustSign',
    6615: 'NothingToClaim',
    6616: 'BallotDecided',
    6617: 'NothingToShare',
    6618: 'NominationNotOver',
    6619: 'VotesTooRecent',
    6620: 'FreezableVotes',
    6621: 'ClaimsOpen',
    6622: 'OwnerPayable',
    6623: 'OwnerCanSign',
} as const;

/** An event, by its name. */
export type ProgramEvent =
    | { name: 'ApprovalWithdrawn'; data: ApprovalWithdrawn }
    | { name: 'AuthorityChangeObserved'; data: AuthorityChangeObserved }
    | { name: 'AuthorityWatchOpened'; data: AuthorityWatchOpened }
    | { name: 'BallotOpened'; data: BallotOpened }
    | { name: 'BallotRenewed'; data: BallotRenewed }
    | { name: 'BreakerLatched'; data: BreakerLatched }
    | { name: 'BreakerOpened'; data: BreakerOpened }
    | { name: 'CancelListSet'; data: CancelListSet }
    | { name: 'CandidateAdded'; data: CandidateAdded }
    | { name: 'CheckpointAttested'; data: CheckpointAttested }
    | { name: 'CheckpointContested'; data: CheckpointContested }
    | { name: 'CheckpointDisputed'; data: CheckpointDisputed }
    | { name: 'CheckpointLogOpened'; data: CheckpointLogOpened }
    | { name: 'CheckpointNodeContested'; data: CheckpointNodeContested }
    | { name: 'CheckpointPosted'; data: CheckpointPosted }
    | { name: 'CheckpointShardOpened'; data: CheckpointShardOpened }
    | { name: 'CheckpointSnapshotOpened'; data: CheckpointSnapshotOpened }
    | { name: 'CheckpointSnapshotVoided'; data: CheckpointSnapshotVoided }
    | { name: 'ClaimPageClosed'; data: ClaimPageClosed }
    | { name: 'ClaimPageOpened'; data: ClaimPageOpened }
    | { name: 'ClaimPaid'; data: ClaimPaid }
    | { name: 'ClaimsRedirected'; data: ClaimsRedirected }
    | { name: 'ContagionPropagated'; data: ContagionPropagated }
    | { name: 'CouncilChanged'; data: CouncilChanged }
    | { name: 'DepositNoteClosed'; data: DepositNoteClosed }
    | { name: 'DepositReceived'; data: DepositReceived }
    | { name: 'DetectorClosed'; data: DetectorClosed }
    | { name: 'DetectorLatched'; data: DetectorLatched }
    | { name: 'DomainActivated'; data: DomainActivated }
    | { name: 'DomainFrozen'; data: DomainFrozen }
    | { name: 'DomainOpened'; data: DomainOpened }
    | { name: 'DomainReopened'; data: DomainReopened }
    | { name: 'DomainResumed'; data: DomainResumed }
    | { name: 'EmergencyActionRegistered'; data: EmergencyActionRegistered }
    | { name: 'EmergencyActionRun'; data: EmergencyActionRun }
    | { name: 'EscrowOpened'; data: EscrowOpened }
    | { name: 'EvacuationConfirmed'; data: EvacuationConfirmed }
    | { name: 'EvacuationRouteFaultObserved'; data: EvacuationRouteFaultObserved }
    | { name: 'EvacuationRouteRegistered'; data: EvacuationRouteRegistered }
    | { name: 'EvacuationStarted'; data: EvacuationStarted }
    | { name: 'EvidenceClosed'; data: EvidenceClosed }
    | { name: 'IncidentConfirmed'; data: IncidentConfirmed }
    | { name: 'IncidentLapsed'; data: IncidentLapsed }
    | { name: 'IncidentOpened'; data: IncidentOpened }
    | { name: 'InflowRecorded'; data: InflowRecorded }
    | { name: 'InstructionRun'; data: InstructionRun }
    | { name: 'LeafProved'; data: LeafProved }
    | { name: 'LeavesPublished'; data: LeavesPublished }
    | { name: 'LedgerRegistered'; data: LedgerRegistered }
    | { name: 'LimitLowered'; data: LimitLowered }
    | { name: 'LimitSet'; data: LimitSet }
    | { name: 'LinkSet'; data: LinkSet }
    | { name: 'ListedReleaseCancelled'; data: ListedReleaseCancelled }
    | { name: 'MemberActive'; data: MemberActive }
    | { name: 'OutflowMetered'; data: OutflowMetered }
    | { name: 'Paused'; data: Paused }
    | { name: 'PositionSampled'; data: PositionSampled }
    | { name: 'PositionsIngested'; data: PositionsIngested }
    | { name: 'PriceBreakerOpened'; data: PriceBreakerOpened }
    | { name: 'PriceObserved'; data: PriceObserved }
    | { name: 'ProposalApproved'; data: ProposalApproved }
    | { name: 'ProposalClosed'; data: ProposalClosed }
    | { name: 'ProposalCreated'; data: ProposalCreated }
    | { name: 'ProposalEdited'; data: ProposalEdited }
    | { name: 'ProposalVetoed'; data: ProposalVetoed }
    | { name: 'ReferenceObserved'; data: ReferenceObserved }
    | { name: 'ReleaseCancelled'; data: ReleaseCancelled }
    | { name: 'ReleaseClosed'; data: ReleaseClosed }
    | { name: 'ReleaseQueued'; data: ReleaseQueued }
    | { name: 'ReleaseRedirected'; data: ReleaseRedirected }
    | { name: 'ReleaseSettled'; data: ReleaseSettled }
    | { name: 'Released'; data: Released }
    | { name: 'RestorationChosen'; data: RestorationChosen }
    | { name: 'RestorationFunded'; data: RestorationFunded }
    | { name: 'RightsGranted'; data: RightsGranted }
    | { name: 'SampleClosed'; data: SampleClosed }
    | { name: 'SampleCompared'; data: SampleCompared }
    | { name: 'SealOverridden'; data: SealOverridden }
    | { name: 'ShardClosed'; data: ShardClosed }
    | { name: 'ShardOpened'; data: ShardOpened }
    | { name: 'ShardPublished'; data: ShardPublished }
    | { name: 'SharedOut'; data: SharedOut }
    | { name: 'ShortfallObserved'; data: ShortfallObserved }
    | { name: 'SnapshotOpened'; data: SnapshotOpened }
    | { name: 'SnapshotSealed'; data: SnapshotSealed }
    | { name: 'SolvencyBreakerOpened'; data: SolvencyBreakerOpened }
    | { name: 'SurplusReturned'; data: SurplusReturned }
    | { name: 'TripPropagated'; data: TripPropagated }
    | { name: 'VaultEvacuated'; data: VaultEvacuated }
    | { name: 'VaultOpened'; data: VaultOpened }
    | { name: 'VoteCast'; data: VoteCast }
    | { name: 'VoteCustodyOpened'; data: VoteCustodyOpened }
    | { name: 'VoteRecordClosed'; data: VoteRecordClosed }
    | { name: 'VotesDeposited'; data: VotesDeposited }
    | { name: 'VotesWithdrawn'; data: VotesWithdrawn }
    | { name: 'VotingStarted'; data: VotingStarted };

/** The decoder of each event, by its discriminator in hex. */
export const EVENT_DECODERS = {
    d10007eed65bd547: { name: 'ApprovalWithdrawn', decoder: getApprovalWithdrawnDecoder() },
    f25290f6e1fdd37e: { name: 'AuthorityChangeObserved', decoder: getAuthorityChangeObservedDecoder() },
    '660fc6491eb5bd59': { name: 'AuthorityWatchOpened', decoder: getAuthorityWatchOpenedDecoder() },
    '8d52b7bb9ccfcdcd': { name: 'BallotOpened', decoder: getBallotOpenedDecoder() },
    '9e073d76f2cb703b': { name: 'BallotRenewed', decoder: getBallotRenewedDecoder() },
    '2cae62b366c77060': { name: 'BreakerLatched', decoder: getBreakerLatchedDecoder() },
    c187c7b82c66694e: { name: 'BreakerOpened', decoder: getBreakerOpenedDecoder() },
    '487e7974027d32a8': { name: 'CancelListSet', decoder: getCancelListSetDecoder() },
    '09af1c6725cf353b': { name: 'CandidateAdded', decoder: getCandidateAddedDecoder() },
    '50d89c7703f16324': { name: 'CheckpointAttested', decoder: getCheckpointAttestedDecoder() },
    dab476cd5bf62be2: { name: 'CheckpointContested', decoder: getCheckpointContestedDecoder() },
    a79204a1c48964c2: { name: 'CheckpointDisputed', decoder: getCheckpointDisputedDecoder() },
    aab86841a2066017: { name: 'CheckpointLogOpened', decoder: getCheckpointLogOpenedDecoder() },
    '89695129f217be36': { name: 'CheckpointNodeContested', decoder: getCheckpointNodeContestedDecoder() },
    fa7a40766e610937: { name: 'CheckpointPosted', decoder: getCheckpointPostedDecoder() },
    '6c4555490005c367': { name: 'CheckpointShardOpened', decoder: getCheckpointShardOpenedDecoder() },
    d27b59ba95313b11: { name: 'CheckpointSnapshotOpened', decoder: getCheckpointSnapshotOpenedDecoder() },
    ec10c9437c727f82: { name: 'CheckpointSnapshotVoided', decoder: getCheckpointSnapshotVoidedDecoder() },
    d6a37ef1562c4003: { name: 'ClaimPageClosed', decoder: getClaimPageClosedDecoder() },
    '37d730bd3874f6c0': { name: 'ClaimPageOpened', decoder: getClaimPageOpenedDecoder() },
    d49b58768063842a: { name: 'ClaimPaid', decoder: getClaimPaidDecoder() },
    '7247ea5614568b19': { name: 'ClaimsRedirected', decoder: getClaimsRedirectedDecoder() },
    '05548f98ed0e4527': { name: 'ContagionPropagated', decoder: getContagionPropagatedDecoder() },
    b8f5a0f5e586a574: { name: 'CouncilChanged', decoder: getCouncilChangedDecoder() },
    '1732a8b5c1635486': { name: 'DepositNoteClosed', decoder: getDepositNoteClosedDecoder() },
    '09d0983f4020b976': { name: 'DepositReceived', decoder: getDepositReceivedDecoder() },
    '4e567941f56d5ba2': { name: 'DetectorClosed', decoder: getDetectorClosedDecoder() },
    '61ab034fa1da00e1': { name: 'DetectorLatched', decoder: getDetectorLatchedDecoder() },
    '5cc444b5f87c7afc': { name: 'DomainActivated', decoder: getDomainActivatedDecoder() },
    f53f2a2f149895a7: { name: 'DomainFrozen', decoder: getDomainFrozenDecoder() },
    '1a4e722a530e1903': { name: 'DomainOpened', decoder: getDomainOpenedDecoder() },
    '8120c943dc78538a': { name: 'DomainReopened', decoder: getDomainReopenedDecoder() },
    '11f487508d438fba': { name: 'DomainResumed', decoder: getDomainResumedDecoder() },
    '8e5956e34ca0b9ad': { name: 'EmergencyActionRegistered', decoder: getEmergencyActionRegisteredDecoder() },
    '3d59036c87fe81e2': { name: 'EmergencyActionRun', decoder: getEmergencyActionRunDecoder() },
    c92a60087b09d4a4: { name: 'EscrowOpened', decoder: getEscrowOpenedDecoder() },
    '30597770660a1e3d': { name: 'EvacuationConfirmed', decoder: getEvacuationConfirmedDecoder() },
    cdd97ce72600b087: { name: 'EvacuationRouteFaultObserved', decoder: getEvacuationRouteFaultObservedDecoder() },
    '6eccced77424b1a7': { name: 'EvacuationRouteRegistered', decoder: getEvacuationRouteRegisteredDecoder() },
    d1d7ee33ccffea33: { name: 'EvacuationStarted', decoder: getEvacuationStartedDecoder() },
    '1bb2b34f8b439ca2': { name: 'EvidenceClosed', decoder: getEvidenceClosedDecoder() },
    e86e6636c849dc2a: { name: 'IncidentConfirmed', decoder: getIncidentConfirmedDecoder() },
    '4a8c7896a7bb24dc': { name: 'IncidentLapsed', decoder: getIncidentLapsedDecoder() },
    ef2ae153ac160947: { name: 'IncidentOpened', decoder: getIncidentOpenedDecoder() },
    ba5471ad8cb8e497: { name: 'InflowRecorded', decoder: getInflowRecordedDecoder() },
    '390eaeaf76ec9c30': { name: 'InstructionRun', decoder: getInstructionRunDecoder() },
    '080affb2bfe7e165': { name: 'LeafProved', decoder: getLeafProvedDecoder() },
    '12a925ebeb43c2c2': { name: 'LeavesPublished', decoder: getLeavesPublishedDecoder() },
    '0b4dd1f164f2b773': { name: 'LedgerRegistered', decoder: getLedgerRegisteredDecoder() },
    '7b47e71abbf4f0f1': { name: 'LimitLowered', decoder: getLimitLoweredDecoder() },
    '3dcf0f7346084966': { name: 'LimitSet', decoder: getLimitSetDecoder() },
    '6c286674117b5104': { name: 'LinkSet', decoder: getLinkSetDecoder() },
    '8ac981a5e8c1f16a': { name: 'ListedReleaseCancelled', decoder: getListedReleaseCancelledDecoder() },
    '62d3e7d6e35ed895': { name: 'MemberActive', decoder: getMemberActiveDecoder() },
    '07b78a4fddeae69b': { name: 'OutflowMetered', decoder: getOutflowMeteredDecoder() },
    acf805fd31ffffe8: { name: 'Paused', decoder: getPausedDecoder() },
    f564fe8091ceeb8c: { name: 'PositionSampled', decoder: getPositionSampledDecoder() },
    '90be0dc857c088a6': { name: 'PositionsIngested', decoder: getPositionsIngestedDecoder() },
    c0f9a10723a79f48: { name: 'PriceBreakerOpened', decoder: getPriceBreakerOpenedDecoder() },
    '7c4d911b3cd19cf8': { name: 'PriceObserved', decoder: getPriceObservedDecoder() },
    '46319be49d2b5831': { name: 'ProposalApproved', decoder: getProposalApprovedDecoder() },
    '395a2fa46937611b': { name: 'ProposalClosed', decoder: getProposalClosedDecoder() },
    ba08a06c510d33ce: { name: 'ProposalCreated', decoder: getProposalCreatedDecoder() },
    '116c6e2cc9b533cb': { name: 'ProposalEdited', decoder: getProposalEditedDecoder() },
    b91d4d1786fb9b1b: { name: 'ProposalVetoed', decoder: getProposalVetoedDecoder() },
    ed95690986bcdb15: { name: 'ReferenceObserved', decoder: getReferenceObservedDecoder() },
    '6b6426ce301b5cb2': { name: 'ReleaseCancelled', decoder: getReleaseCancelledDecoder() },
    '797c89cae4c1fbbe': { name: 'ReleaseClosed', decoder: getReleaseClosedDecoder() },
    '6f7cf4d4e926b8fb': { name: 'ReleaseQueued', decoder: getReleaseQueuedDecoder() },
    c6c84f481751d495: { name: 'ReleaseRedirected', decoder: getReleaseRedirectedDecoder() },
    e2599d4635adb2f7: { name: 'ReleaseSettled', decoder: getReleaseSettledDecoder() },
    e8e5ff8865bd0fdc: { name: 'Released', decoder: getReleasedDecoder() },
    '2324ce03b2c251f6': { name: 'RestorationChosen', decoder: getRestorationChosenDecoder() },
    '1816184a57041808': { name: 'RestorationFunded', decoder: getRestorationFundedDecoder() },
    '155e58858e7373b9': { name: 'RightsGranted', decoder: getRightsGrantedDecoder() },
    '6e254e0e1fa0e0fc': { name: 'SampleClosed', decoder: getSampleClosedDecoder() },
    d750d521da77c92f: { name: 'SampleCompared', decoder: getSampleComparedDecoder() },
    '017de9d5c08cc382': { name: 'SealOverridden', decoder: getSealOverriddenDecoder() },
    b54f4f298bb19a0e: { name: 'ShardClosed', decoder: getShardClosedDecoder() },
    e51e5e961f034c74: { name: 'ShardOpened', decoder: getShardOpenedDecoder() },
    c849b9ca9f435467: { name: 'ShardPublished', decoder: getShardPublishedDecoder() },
    '047061a18ab9f96d': { name: 'SharedOut', decoder: getSharedOutDecoder() },
    ee93dad0075f3c4f: { name: 'ShortfallObserved', decoder: getShortfallObservedDecoder() },
    '9435eb0b8a810b34': { name: 'SnapshotOpened', decoder: getSnapshotOpenedDecoder() },
    '3e5a87bb915fbb6e': { name: 'SnapshotSealed', decoder: getSnapshotSealedDecoder() },
    '48450fc326becd4a': { name: 'SolvencyBreakerOpened', decoder: getSolvencyBreakerOpenedDecoder() },
    '63f25b4d81eb087a': { name: 'SurplusReturned', decoder: getSurplusReturnedDecoder() },
    '1be82263c7299b5d': { name: 'TripPropagated', decoder: getTripPropagatedDecoder() },
    '2dc91e9aec96ce4b': { name: 'VaultEvacuated', decoder: getVaultEvacuatedDecoder() },
    c6fac3191a6bc510: { name: 'VaultOpened', decoder: getVaultOpenedDecoder() },
    '2735c368bc11e1d5': { name: 'VoteCast', decoder: getVoteCastDecoder() },
    '1e97cc5417db26b5': { name: 'VoteCustodyOpened', decoder: getVoteCustodyOpenedDecoder() },
    '1751e937ea48b121': { name: 'VoteRecordClosed', decoder: getVoteRecordClosedDecoder() },
    '607d44fa70232661': { name: 'VotesDeposited', decoder: getVotesDepositedDecoder() },
    '60c0c017ffca54d8': { name: 'VotesWithdrawn', decoder: getVotesWithdrawnDecoder() },
    '675220ca88cc2570': { name: 'VotingStarted', decoder: getVotingStartedDecoder() },
} as const;
