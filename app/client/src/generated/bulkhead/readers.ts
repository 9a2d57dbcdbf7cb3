/**
 * Generated from the IDL by scripts/generate.mjs: do not edit.
 */

import { checked, fetchers } from '../../accounts.ts';
import {
    AUTHORITY_WATCH_DISCRIMINATOR,
    getAuthorityWatchDecoder,
    getAuthorityWatchSize,
    BALLOT_DISCRIMINATOR,
    getBallotDecoder,
    getBallotSize,
    BALLOT_RULES_DISCRIMINATOR,
    getBallotRulesDecoder,
    getBallotRulesSize,
    CANCEL_LIST_DISCRIMINATOR,
    getCancelListDecoder,
    getCancelListSize,
    CHECKPOINT_LOG_DISCRIMINATOR,
    getCheckpointLogDecoder,
    getCheckpointLogSize,
    CLAIM_PAGE_DISCRIMINATOR,
    getClaimPageDecoder,
    getClaimPageSize,
    CLAIM_REDIRECT_DISCRIMINATOR,
    getClaimRedirectDecoder,
    getClaimRedirectSize,
    CLAIM_TERMS_DISCRIMINATOR,
    getClaimTermsDecoder,
    getClaimTermsSize,
    COUNCIL_DISCRIMINATOR,
    getCouncilDecoder,
    getCouncilSize,
    DEPOSIT_NOTE_DISCRIMINATOR,
    getDepositNoteDecoder,
    getDepositNoteSize,
    DIRECT_VAULT_DISCRIMINATOR,
    getDirectVaultDecoder,
    getDirectVaultSize,
    DOMAIN_DISCRIMINATOR,
    getDomainDecoder,
    getDomainSize,
    EMERGENCY_ACTION_DISCRIMINATOR,
    getEmergencyActionDecoder,
    getEmergencyActionSize,
    EMERGENCY_RUN_DISCRIMINATOR,
    getEmergencyRunDecoder,
    getEmergencyRunSize,
    HOST_PROGRAM_DISCRIMINATOR,
    getHostProgramDecoder,
    getHostProgramSize,
    INCIDENT_DISCRIMINATOR,
    getIncidentDecoder,
    getIncidentSize,
    INSURANCE_COVER_DISCRIMINATOR,
    getInsuranceCoverDecoder,
    getInsuranceCoverSize,
    INSURANCE_POOL_DISCRIMINATOR,
    getInsurancePoolDecoder,
    getInsurancePoolSize,
    INSURANCE_STAKE_DISCRIMINATOR,
    getInsuranceStakeDecoder,
    getInsuranceStakeSize,
    INTERIM_DISCRIMINATOR,
    getInterimDecoder,
    getInterimSize,
    INTERIM_PROOF_DISCRIMINATOR,
    getInterimProofDecoder,
    getInterimProofSize,
    LEAF_EVIDENCE_DISCRIMINATOR,
    getLeafEvidenceDecoder,
    getLeafEvidenceSize,
    LEDGER_DISCRIMINATOR,
    getLedgerDecoder,
    getLedgerSize,
    LINK_DISCRIMINATOR,
    getLinkDecoder,
    getLinkSize,
    MIGRATION_DISCRIMINATOR,
    getMigrationDecoder,
    getMigrationSize,
    MINT_LEDGERS_DISCRIMINATOR,
    getMintLedgersDecoder,
    getMintLedgersSize,
    OUTFLOW_BREAKER_DISCRIMINATOR,
    getOutflowBreakerDecoder,
    getOutflowBreakerSize,
    PAUSE_BOARD_DISCRIMINATOR,
    getPauseBoardDecoder,
    getPauseBoardSize,
    PEER_DISCRIMINATOR,
    getPeerDecoder,
    getPeerSize,
    POSITION_SAMPLE_DISCRIMINATOR,
    getPositionSampleDecoder,
    getPositionSampleSize,
    PRICE_BREAKER_DISCRIMINATOR,
    getPriceBreakerDecoder,
    getPriceBreakerSize,
    PROOF_CHECK_DISCRIMINATOR,
    getProofCheckDecoder,
    getProofCheckSize,
    PROOF_KEY_DISCRIMINATOR,
    getProofKeyDecoder,
    getProofKeySize,
    PROOF_RULES_DISCRIMINATOR,
    getProofRulesDecoder,
    getProofRulesSize,
    PROOF_RUN_DISCRIMINATOR,
    getProofRunDecoder,
    getProofRunSize,
    PROPOSAL_DISCRIMINATOR,
    getProposalDecoder,
    getProposalSize,
    RELEASE_DISCRIMINATOR,
    getReleaseDecoder,
    getReleaseSize,
    RESTART_CHECK_DISCRIMINATOR,
    getRestartCheckDecoder,
    getRestartCheckSize,
    RESTORATION_DISCRIMINATOR,
    getRestorationDecoder,
    getRestorationSize,
    SEALED_LEDGER_DISCRIMINATOR,
    getSealedLedgerDecoder,
    getSealedLedgerSize,
    SNAPSHOT_DISCRIMINATOR,
    getSnapshotDecoder,
    getSnapshotSize,
    SNAPSHOT_SHARD_DISCRIMINATOR,
    getSnapshotShardDecoder,
    getSnapshotShardSize,
    SOLVENCY_BREAKER_DISCRIMINATOR,
    getSolvencyBreakerDecoder,
    getSolvencyBreakerSize,
    STATE_PROOF_DISCRIMINATOR,
    getStateProofDecoder,
    getStateProofSize,
    VAULT_DISCRIMINATOR,
    getVaultDecoder,
    getVaultSize,
    VOTE_RECORD_DISCRIMINATOR,
    getVoteRecordDecoder,
    getVoteRecordSize,
    VOTER_ESCROW_DISCRIMINATOR,
    getVoterEscrowDecoder,
    getVoterEscrowSize,
} from './accounts/index.ts';

/** A AuthorityWatch: Bulkhead's, and of the version this client knows. */
export const decodeAuthorityWatch = checked(
    'AuthorityWatch',
    AUTHORITY_WATCH_DISCRIMINATOR,
    getAuthorityWatchDecoder(),
    getAuthorityWatchSize(),
);
export const {
    fetch: fetchAuthorityWatch,
    fetchMaybe: fetchMaybeAuthorityWatch,
    fetchAll: fetchAllAuthorityWatch,
    fetchAllMaybe: fetchAllMaybeAuthorityWatch,
} = fetchers(decodeAuthorityWatch);

/** A Ballot: Bulkhead's, and of the version this client knows. */
export const decodeBallot = checked('Ballot', BALLOT_DISCRIMINATOR, getBallotDecoder(), getBallotSize());
export const {
    fetch: fetchBallot,
    fetchMaybe: fetchMaybeBallot,
    fetchAll: fetchAllBallot,
    fetchAllMaybe: fetchAllMaybeBallot,
} = fetchers(decodeBallot);

/** A BallotRules: Bulkhead's, and of the version this client knows. */
export const decodeBallotRules = checked(
    'BallotRules',
    BALLOT_RULES_DISCRIMINATOR,
    getBallotRulesDecoder(),
    getBallotRulesSize(),
);
export const {
    fetch: fetchBallotRules,
    fetchMaybe: fetchMaybeBallotRules,
    fetchAll: fetchAllBallotRules,
    fetchAllMaybe: fetchAllMaybeBallotRules,
} = fetchers(decodeBallotRules);

/** A CancelList: Bulkhead's, and of the version this client knows. */
export const decodeCancelList = checked(
    'CancelList',
    CANCEL_LIST_DISCRIMINATOR,
    getCancelListDecoder(),
    getCancelListSize(),
);
export const {
    fetch: fetchCancelList,
    fetchMaybe: fetchMaybeCancelList,
    fetchAll: fetchAllCancelList,
    fetchAllMaybe: fetchAllMaybeCancelList,
} = fetchers(decodeCancelList);

/** A CheckpointLog: Bulkhead's, and of the version this client knows. */
export const decodeCheckpointLog = checked(
    'CheckpointLog',
    CHECKPOINT_LOG_DISCRIMINATOR,
    getCheckpointLogDecoder(),
    getCheckpointLogSize(),
);
export const {
    fetch: fetchCheckpointLog,
    fetchMaybe: fetchMaybeCheckpointLog,
    fetchAll: fetchAllCheckpointLog,
    fetchAllMaybe: fetchAllMaybeCheckpointLog,
} = fetchers(decodeCheckpointLog);

/** A ClaimPage: Bulkhead's, and of the version this client knows. */
export const decodeClaimPage = checked(
    'ClaimPage',
    CLAIM_PAGE_DISCRIMINATOR,
    getClaimPageDecoder(),
    getClaimPageSize(),
);
export const {
    fetch: fetchClaimPage,
    fetchMaybe: fetchMaybeClaimPage,
    fetchAll: fetchAllClaimPage,
    fetchAllMaybe: fetchAllMaybeClaimPage,
} = fetchers(decodeClaimPage);

/** A ClaimRedirect: Bulkhead's, and of the version this client knows. */
export const decodeClaimRedirect = checked(
    'ClaimRedirect',
    CLAIM_REDIRECT_DISCRIMINATOR,
    getClaimRedirectDecoder(),
    getClaimRedirectSize(),
);
export const {
    fetch: fetchClaimRedirect,
    fetchMaybe: fetchMaybeClaimRedirect,
    fetchAll: fetchAllClaimRedirect,
    fetchAllMaybe: fetchAllMaybeClaimRedirect,
} = fetchers(decodeClaimRedirect);

/** A ClaimTerms: Bulkhead's, and of the version this client knows. */
export const decodeClaimTerms = checked(
    'ClaimTerms',
    CLAIM_TERMS_DISCRIMINATOR,
    getClaimTermsDecoder(),
    getClaimTermsSize(),
);
export const {
    fetch: fetchClaimTerms,
    fetchMaybe: fetchMaybeClaimTerms,
    fetchAll: fetchAllClaimTerms,
    fetchAllMaybe: fetchAllMaybeClaimTerms,
} = fetchers(decodeClaimTerms);

/** A Council: Bulkhead's, and of the version this client knows. */
export const decodeCouncil = checked('Council', COUNCIL_DISCRIMINATOR, getCouncilDecoder(), getCouncilSize());
export const {
    fetch: fetchCouncil,
    fetchMaybe: fetchMaybeCouncil,
    fetchAll: fetchAllCouncil,
    fetchAllMaybe: fetchAllMaybeCouncil,
} = fetchers(decodeCouncil);

/** A DepositNote: Bulkhead's, and of the version this client knows. */
export const decodeDepositNote = checked(
    'DepositNote',
    DEPOSIT_NOTE_DISCRIMINATOR,
    getDepositNoteDecoder(),
    getDepositNoteSize(),
);
export const {
    fetch: fetchDepositNote,
    fetchMaybe: fetchMaybeDepositNote,
    fetchAll: fetchAllDepositNote,
    fetchAllMaybe: fetchAllMaybeDepositNote,
} = fetchers(decodeDepositNote);

/** A DirectVault: Bulkhead's, and of the version this client knows. */
export const decodeDirectVault = checked(
    'DirectVault',
    DIRECT_VAULT_DISCRIMINATOR,
    getDirectVaultDecoder(),
    getDirectVaultSize(),
);
export const {
    fetch: fetchDirectVault,
    fetchMaybe: fetchMaybeDirectVault,
    fetchAll: fetchAllDirectVault,
    fetchAllMaybe: fetchAllMaybeDirectVault,
} = fetchers(decodeDirectVault);

/** A Domain: Bulkhead's, and of the version this client knows. */
export const decodeDomain = checked('Domain', DOMAIN_DISCRIMINATOR, getDomainDecoder(), getDomainSize());
export const {
    fetch: fetchDomain,
    fetchMaybe: fetchMaybeDomain,
    fetchAll: fetchAllDomain,
    fetchAllMaybe: fetchAllMaybeDomain,
} = fetchers(decodeDomain);

/** A EmergencyAction: Bulkhead's, and of the version this client knows. */
export const decodeEmergencyAction = checked(
    'EmergencyAction',
    EMERGENCY_ACTION_DISCRIMINATOR,
    getEmergencyActionDecoder(),
    getEmergencyActionSize(),
);
export const {
    fetch: fetchEmergencyAction,
    fetchMaybe: fetchMaybeEmergencyAction,
    fetchAll: fetchAllEmergencyAction,
    fetchAllMaybe: fetchAllMaybeEmergencyAction,
} = fetchers(decodeEmergencyAction);

/** A EmergencyRun: Bulkhead's, and of the version this client knows. */
export const decodeEmergencyRun = checked(
    'EmergencyRun',
    EMERGENCY_RUN_DISCRIMINATOR,
    getEmergencyRunDecoder(),
    getEmergencyRunSize(),
);
export const {
    fetch: fetchEmergencyRun,
    fetchMaybe: fetchMaybeEmergencyRun,
    fetchAll: fetchAllEmergencyRun,
    fetchAllMaybe: fetchAllMaybeEmergencyRun,
} = fetchers(decodeEmergencyRun);

/** A HostProgram: Bulkhead's, and of the version this client knows. */
export const decodeHostProgram = checked(
    'HostProgram',
    HOST_PROGRAM_DISCRIMINATOR,
    getHostProgramDecoder(),
    getHostProgramSize(),
);
export const {
    fetch: fetchHostProgram,
    fetchMaybe: fetchMaybeHostProgram,
    fetchAll: fetchAllHostProgram,
    fetchAllMaybe: fetchAllMaybeHostProgram,
} = fetchers(decodeHostProgram);

/** A Incident: Bulkhead's, and of the version this client knows. */
export const decodeIncident = checked('Incident', INCIDENT_DISCRIMINATOR, getIncidentDecoder(), getIncidentSize());
export const {
    fetch: fetchIncident,
    fetchMaybe: fetchMaybeIncident,
    fetchAll: fetchAllIncident,
    fetchAllMaybe: fetchAllMaybeIncident,
} = fetchers(decodeIncident);

/** A InsuranceCover: Bulkhead's, and of the version this client knows. */
export const decodeInsuranceCover = checked(
    'InsuranceCover',
    INSURANCE_COVER_DISCRIMINATOR,
    getInsuranceCoverDecoder(),
    getInsuranceCoverSize(),
);
export const {
    fetch: fetchInsuranceCover,
    fetchMaybe: fetchMaybeInsuranceCover,
    fetchAll: fetchAllInsuranceCover,
    fetchAllMaybe: fetchAllMaybeInsuranceCover,
} = fetchers(decodeInsuranceCover);

/** A InsurancePool: Bulkhead's, and of the version this client knows. */
export const decodeInsurancePool = checked(
    'InsurancePool',
    INSURANCE_POOL_DISCRIMINATOR,
    getInsurancePoolDecoder(),
    getInsurancePoolSize(),
);
export const {
    fetch: fetchInsurancePool,
    fetchMaybe: fetchMaybeInsurancePool,
    fetchAll: fetchAllInsurancePool,
    fetchAllMaybe: fetchAllMaybeInsurancePool,
} = fetchers(decodeInsurancePool);

/** A InsuranceStake: Bulkhead's, and of the version this client knows. */
export const decodeInsuranceStake = checked(
    'InsuranceStake',
    INSURANCE_STAKE_DISCRIMINATOR,
    getInsuranceStakeDecoder(),
    getInsuranceStakeSize(),
);
export const {
    fetch: fetchInsuranceStake,
    fetchMaybe: fetchMaybeInsuranceStake,
    fetchAll: fetchAllInsuranceStake,
    fetchAllMaybe: fetchAllMaybeInsuranceStake,
} = fetchers(decodeInsuranceStake);

/** A Interim: Bulkhead's, and of the version this client knows. */
export const decodeInterim = checked('Interim', INTERIM_DISCRIMINATOR, getInterimDecoder(), getInterimSize());
export const {
    fetch: fetchInterim,
    fetchMaybe: fetchMaybeInterim,
    fetchAll: fetchAllInterim,
    fetchAllMaybe: fetchAllMaybeInterim,
} = fetchers(decodeInterim);

/** A InterimProof: Bulkhead's, and of the version this client knows. */
export const decodeInterimProof = checked(
    'InterimProof',
    INTERIM_PROOF_DISCRIMINATOR,
    getInterimProofDecoder(),
    getInterimProofSize(),
);
export const {
    fetch: fetchInterimProof,
    fetchMaybe: fetchMaybeInterimProof,
    fetchAll: fetchAllInterimProof,
    fetchAllMaybe: fetchAllMaybeInterimProof,
} = fetchers(decodeInterimProof);

/** A LeafEvidence: Bulkhead's, and of the version this client knows. */
export const decodeLeafEvidence = checked(
    'LeafEvidence',
    LEAF_EVIDENCE_DISCRIMINATOR,
    getLeafEvidenceDecoder(),
    getLeafEvidenceSize(),
);
export const {
    fetch: fetchLeafEvidence,
    fetchMaybe: fetchMaybeLeafEvidence,
    fetchAll: fetchAllLeafEvidence,
    fetchAllMaybe: fetchAllMaybeLeafEvidence,
} = fetchers(decodeLeafEvidence);

/** A Ledger: Bulkhead's, and of the version this client knows. */
export const decodeLedger = checked('Ledger', LEDGER_DISCRIMINATOR, getLedgerDecoder(), getLedgerSize());
export const {
    fetch: fetchLedger,
    fetchMaybe: fetchMaybeLedger,
    fetchAll: fetchAllLedger,
    fetchAllMaybe: fetchAllMaybeLedger,
} = fetchers(decodeLedger);

/** A Link: Bulkhead's, and of the version this client knows. */
export const decodeLink = checked('Link', LINK_DISCRIMINATOR, getLinkDecoder(), getLinkSize());
export const {
    fetch: fetchLink,
    fetchMaybe: fetchMaybeLink,
    fetchAll: fetchAllLink,
    fetchAllMaybe: fetchAllMaybeLink,
} = fetchers(decodeLink);

/** A Migration: Bulkhead's, and of the version this client knows. */
export const decodeMigration = checked('Migration', MIGRATION_DISCRIMINATOR, getMigrationDecoder(), getMigrationSize());
export const {
    fetch: fetchMigration,
    fetchMaybe: fetchMaybeMigration,
    fetchAll: fetchAllMigration,
    fetchAllMaybe: fetchAllMaybeMigration,
} = fetchers(decodeMigration);

/** A MintLedgers: Bulkhead's, and of the version this client knows. */
export const decodeMintLedgers = checked(
    'MintLedgers',
    MINT_LEDGERS_DISCRIMINATOR,
    getMintLedgersDecoder(),
    getMintLedgersSize(),
);
export const {
    fetch: fetchMintLedgers,
    fetchMaybe: fetchMaybeMintLedgers,
    fetchAll: fetchAllMintLedgers,
    fetchAllMaybe: fetchAllMaybeMintLedgers,
} = fetchers(decodeMintLedgers);

/** A OutflowBreaker: Bulkhead's, and of the version this client knows. */
export const decodeOutflowBreaker = checked(
    'OutflowBreaker',
    OUTFLOW_BREAKER_DISCRIMINATOR,
    getOutflowBreakerDecoder(),
    getOutflowBreakerSize(),
);
export const {
    fetch: fetchOutflowBreaker,
    fetchMaybe: fetchMaybeOutflowBreaker,
    fetchAll: fetchAllOutflowBreaker,
    fetchAllMaybe: fetchAllMaybeOutflowBreaker,
} = fetchers(decodeOutflowBreaker);

/** A PauseBoard: Bulkhead's, and of the version this client knows. */
export const decodePauseBoard = checked(
    'PauseBoard',
    PAUSE_BOARD_DISCRIMINATOR,
    getPauseBoardDecoder(),
    getPauseBoardSize(),
);
export const {
    fetch: fetchPauseBoard,
    fetchMaybe: fetchMaybePauseBoard,
    fetchAll: fetchAllPauseBoard,
    fetchAllMaybe: fetchAllMaybePauseBoard,
} = fetchers(decodePauseBoard);

/** A Peer: Bulkhead's, and of the version this client knows. */
export const decodePeer = checked('Peer', PEER_DISCRIMINATOR, getPeerDecoder(), getPeerSize());
export const {
    fetch: fetchPeer,
    fetchMaybe: fetchMaybePeer,
    fetchAll: fetchAllPeer,
    fetchAllMaybe: fetchAllMaybePeer,
} = fetchers(decodePeer);

/** A PositionSample: Bulkhead's, and of the version this client knows. */
export const decodePositionSample = checked(
    'PositionSample',
    POSITION_SAMPLE_DISCRIMINATOR,
    getPositionSampleDecoder(),
    getPositionSampleSize(),
);
export const {
    fetch: fetchPositionSample,
    fetchMaybe: fetchMaybePositionSample,
    fetchAll: fetchAllPositionSample,
    fetchAllMaybe: fetchAllMaybePositionSample,
} = fetchers(decodePositionSample);

/** A PriceBreaker: Bulkhead's, and of the version this client knows. */
export const decodePriceBreaker = checked(
    'PriceBreaker',
    PRICE_BREAKER_DISCRIMINATOR,
    getPriceBreakerDecoder(),
    getPriceBreakerSize(),
);
export const {
    fetch: fetchPriceBreaker,
    fetchMaybe: fetchMaybePriceBreaker,
    fetchAll: fetchAllPriceBreaker,
    fetchAllMaybe: fetchAllMaybePriceBreaker,
} = fetchers(decodePriceBreaker);

/** A ProofCheck: Bulkhead's, and of the version this client knows. */
export const decodeProofCheck = checked(
    'ProofCheck',
    PROOF_CHECK_DISCRIMINATOR,
    getProofCheckDecoder(),
    getProofCheckSize(),
);
export const {
    fetch: fetchProofCheck,
    fetchMaybe: fetchMaybeProofCheck,
    fetchAll: fetchAllProofCheck,
    fetchAllMaybe: fetchAllMaybeProofCheck,
} = fetchers(decodeProofCheck);

/** A ProofKey: Bulkhead's, and of the version this client knows. */
export const decodeProofKey = checked('ProofKey', PROOF_KEY_DISCRIMINATOR, getProofKeyDecoder(), getProofKeySize());
export const {
    fetch: fetchProofKey,
    fetchMaybe: fetchMaybeProofKey,
    fetchAll: fetchAllProofKey,
    fetchAllMaybe: fetchAllMaybeProofKey,
} = fetchers(decodeProofKey);

/** A ProofRules: Bulkhead's, and of the version this client knows. */
export const decodeProofRules = checked(
    'ProofRules',
    PROOF_RULES_DISCRIMINATOR,
    getProofRulesDecoder(),
    getProofRulesSize(),
);
export const {
    fetch: fetchProofRules,
    fetchMaybe: fetchMaybeProofRules,
    fetchAll: fetchAllProofRules,
    fetchAllMaybe: fetchAllMaybeProofRules,
} = fetchers(decodeProofRules);

/** A ProofRun: Bulkhead's, and of the version this client knows. */
export const decodeProofRun = checked('ProofRun', PROOF_RUN_DISCRIMINATOR, getProofRunDecoder(), getProofRunSize());
export const {
    fetch: fetchProofRun,
    fetchMaybe: fetchMaybeProofRun,
    fetchAll: fetchAllProofRun,
    fetchAllMaybe: fetchAllMaybeProofRun,
} = fetchers(decodeProofRun);

/** A Proposal: Bulkhead's, and of the version this client knows. */
export const decodeProposal = checked('Proposal', PROPOSAL_DISCRIMINATOR, getProposalDecoder(), getProposalSize());
export const {
    fetch: fetchProposal,
    fetchMaybe: fetchMaybeProposal,
    fetchAll: fetchAllProposal,
    fetchAllMaybe: fetchAllMaybeProposal,
} = fetchers(decodeProposal);

/** A Release: Bulkhead's, and of the version this client knows. */
export const decodeRelease = checked('Release', RELEASE_DISCRIMINATOR, getReleaseDecoder(), getReleaseSize());
export const {
    fetch: fetchRelease,
    fetchMaybe: fetchMaybeRelease,
    fetchAll: fetchAllRelease,
    fetchAllMaybe: fetchAllMaybeRelease,
} = fetchers(decodeRelease);

/** A RestartCheck: Bulkhead's, and of the version this client knows. */
export const decodeRestartCheck = checked(
    'RestartCheck',
    RESTART_CHECK_DISCRIMINATOR,
    getRestartCheckDecoder(),
    getRestartCheckSize(),
);
export const {
    fetch: fetchRestartCheck,
    fetchMaybe: fetchMaybeRestartCheck,
    fetchAll: fetchAllRestartCheck,
    fetchAllMaybe: fetchAllMaybeRestartCheck,
} = fetchers(decodeRestartCheck);

/** A Restoration: Bulkhead's, and of the version this client knows. */
export const decodeRestoration = checked(
    'Restoration',
    RESTORATION_DISCRIMINATOR,
    getRestorationDecoder(),
    getRestorationSize(),
);
export const {
    fetch: fetchRestoration,
    fetchMaybe: fetchMaybeRestoration,
    fetchAll: fetchAllRestoration,
    fetchAllMaybe: fetchAllMaybeRestoration,
} = fetchers(decodeRestoration);

/** A SealedLedger: Bulkhead's, and of the version this client knows. */
export const decodeSealedLedger = checked(
    'SealedLedger',
    SEALED_LEDGER_DISCRIMINATOR,
    getSealedLedgerDecoder(),
    getSealedLedgerSize(),
);
export const {
    fetch: fetchSealedLedger,
    fetchMaybe: fetchMaybeSealedLedger,
    fetchAll: fetchAllSealedLedger,
    fetchAllMaybe: fetchAllMaybeSealedLedger,
} = fetchers(decodeSealedLedger);

/** A Snapshot: Bulkhead's, and of the version this client knows. */
export const decodeSnapshot = checked('Snapshot', SNAPSHOT_DISCRIMINATOR, getSnapshotDecoder(), getSnapshotSize());
export const {
    fetch: fetchSnapshot,
    fetchMaybe: fetchMaybeSnapshot,
    fetchAll: fetchAllSnapshot,
    fetchAllMaybe: fetchAllMaybeSnapshot,
} = fetchers(decodeSnapshot);

/** A SnapshotShard: Bulkhead's, and of the version this client knows. */
export const decodeSnapshotShard = checked(
    'SnapshotShard',
    SNAPSHOT_SHARD_DISCRIMINATOR,
    getSnapshotShardDecoder(),
    getSnapshotShardSize(),
);
export const {
    fetch: fetchSnapshotShard,
    fetchMaybe: fetchMaybeSnapshotShard,
    fetchAll: fetchAllSnapshotShard,
    fetchAllMaybe: fetchAllMaybeSnapshotShard,
} = fetchers(decodeSnapshotShard);

/** A SolvencyBreaker: Bulkhead's, and of the version this client knows. */
export const decodeSolvencyBreaker = checked(
    'SolvencyBreaker',
    SOLVENCY_BREAKER_DISCRIMINATOR,
    getSolvencyBreakerDecoder(),
    getSolvencyBreakerSize(),
);
export const {
    fetch: fetchSolvencyBreaker,
    fetchMaybe: fetchMaybeSolvencyBreaker,
    fetchAll: fetchAllSolvencyBreaker,
    fetchAllMaybe: fetchAllMaybeSolvencyBreaker,
} = fetchers(decodeSolvencyBreaker);

/** A StateProof: Bulkhead's, and of the version this client knows. */
export const decodeStateProof = checked(
    'StateProof',
    STATE_PROOF_DISCRIMINATOR,
    getStateProofDecoder(),
    getStateProofSize(),
);
export const {
    fetch: fetchStateProof,
    fetchMaybe: fetchMaybeStateProof,
    fetchAll: fetchAllStateProof,
    fetchAllMaybe: fetchAllMaybeStateProof,
} = fetchers(decodeStateProof);

/** A Vault: Bulkhead's, and of the version this client knows. */
export const decodeVault = checked('Vault', VAULT_DISCRIMINATOR, getVaultDecoder(), getVaultSize());
export const {
    fetch: fetchVault,
    fetchMaybe: fetchMaybeVault,
    fetchAll: fetchAllVault,
    fetchAllMaybe: fetchAllMaybeVault,
} = fetchers(decodeVault);

/** A VoteRecord: Bulkhead's, and of the version this client knows. */
export const decodeVoteRecord = checked(
    'VoteRecord',
    VOTE_RECORD_DISCRIMINATOR,
    getVoteRecordDecoder(),
    getVoteRecordSize(),
);
export const {
    fetch: fetchVoteRecord,
    fetchMaybe: fetchMaybeVoteRecord,
    fetchAll: fetchAllVoteRecord,
    fetchAllMaybe: fetchAllMaybeVoteRecord,
} = fetchers(decodeVoteRecord);

/** A VoterEscrow: Bulkhead's, and of the version this client knows. */
export const decodeVoterEscrow = checked(
    'VoterEscrow',
    VOTER_ESCROW_DISCRIMINATOR,
    getVoterEscrowDecoder(),
    getVoterEscrowSize(),
);
export const {
    fetch: fetchVoterEscrow,
    fetchMaybe: fetchMaybeVoterEscrow,
    fetchAll: fetchAllVoterEscrow,
    fetchAllMaybe: fetchAllMaybeVoterEscrow,
} = fetchers(decodeVoterEscrow);

/** How each kind of account begins, how its bytes read, and how many they are at least. */
export const LAYOUTS = {
    AuthorityWatch: {
        discriminator: AUTHORITY_WATCH_DISCRIMINATOR,
        decoder: getAuthorityWatchDecoder(),
        size: getAuthorityWatchSize(),
    },
    Ballot: { discriminator: BALLOT_DISCRIMINATOR, decoder: getBallotDecoder(), size: getBallotSize() },
    BallotRules: {
        discriminator: BALLOT_RULES_DISCRIMINATOR,
        decoder: getBallotRulesDecoder(),
        size: getBallotRulesSize(),
    },
    CancelList: {
        discriminator: CANCEL_LIST_DISCRIMINATOR,
        decoder: getCancelListDecoder(),
        size: getCancelListSize(),
    },
    CheckpointLog: {
        discriminator: CHECKPOINT_LOG_DISCRIMINATOR,
        decoder: getCheckpointLogDecoder(),
        size: getCheckpointLogSize(),
    },
    ClaimPage: { discriminator: CLAIM_PAGE_DISCRIMINATOR, decoder: getClaimPageDecoder(), size: getClaimPageSize() },
    ClaimRedirect: {
        discriminator: CLAIM_REDIRECT_DISCRIMINATOR,
        decoder: getClaimRedirectDecoder(),
        size: getClaimRedirectSize(),
    },
    ClaimTerms: {
        discriminator: CLAIM_TERMS_DISCRIMINATOR,
        decoder: getClaimTermsDecoder(),
        size: getClaimTermsSize(),
    },
    Council: { discriminator: COUNCIL_DISCRIMINATOR, decoder: getCouncilDecoder(), size: getCouncilSize() },
    DepositNote: {
        discriminator: DEPOSIT_NOTE_DISCRIMINATOR,
        decoder: getDepositNoteDecoder(),
        size: getDepositNoteSize(),
    },
    DirectVault: {
        discriminator: DIRECT_VAULT_DISCRIMINATOR,
        decoder: getDirectVaultDecoder(),
        size: getDirectVaultSize(),
    },
    Domain: { discriminator: DOMAIN_DISCRIMINATOR, decoder: getDomainDecoder(), size: getDomainSize() },
    EmergencyAction: {
        discriminator: EMERGENCY_ACTION_DISCRIMINATOR,
        decoder: getEmergencyActionDecoder(),
        size: getEmergencyActionSize(),
    },
    EmergencyRun: {
        discriminator: EMERGENCY_RUN_DISCRIMINATOR,
        decoder: getEmergencyRunDecoder(),
        size: getEmergencyRunSize(),
    },
    HostProgram: {
        discriminator: HOST_PROGRAM_DISCRIMINATOR,
        decoder: getHostProgramDecoder(),
        size: getHostProgramSize(),
    },
    Incident: { discriminator: INCIDENT_DISCRIMINATOR, decoder: getIncidentDecoder(), size: getIncidentSize() },
    InsuranceCover: {
        discriminator: INSURANCE_COVER_DISCRIMINATOR,
        decoder: getInsuranceCoverDecoder(),
        size: getInsuranceCoverSize(),
    },
    InsurancePool: {
        discriminator: INSURANCE_POOL_DISCRIMINATOR,
        decoder: getInsurancePoolDecoder(),
        size: getInsurancePoolSize(),
    },
    InsuranceStake: {
        discriminator: INSURANCE_STAKE_DISCRIMINATOR,
        decoder: getInsuranceStakeDecoder(),
        size: getInsuranceStakeSize(),
    },
    Interim: { discriminator: INTERIM_DISCRIMINATOR, decoder: getInterimDecoder(), size: getInterimSize() },
    InterimProof: {
        discriminator: INTERIM_PROOF_DISCRIMINATOR,
        decoder: getInterimProofDecoder(),
        size: getInterimProofSize(),
    },
    LeafEvidence: {
        discriminator: LEAF_EVIDENCE_DISCRIMINATOR,
        decoder: getLeafEvidenceDecoder(),
        size: getLeafEvidenceSize(),
    },
    Ledger: { discriminator: LEDGER_DISCRIMINATOR, decoder: getLedgerDecoder(), size: getLedgerSize() },
    Link: { discriminator: LINK_DISCRIMINATOR, decoder: getLinkDecoder(), size: getLinkSize() },
    Migration: { discriminator: MIGRATION_DISCRIMINATOR, decoder: getMigrationDecoder(), size: getMigrationSize() },
    MintLedgers: {
        discriminator: MINT_LEDGERS_DISCRIMINATOR,
        decoder: getMintLedgersDecoder(),
        size: getMintLedgersSize(),
    },
    OutflowBreaker: {
        discriminator: OUTFLOW_BREAKER_DISCRIMINATOR,
        decoder: getOutflowBreakerDecoder(),
        size: getOutflowBreakerSize(),
    },
    PauseBoard: {
        discriminator: PAUSE_BOARD_DISCRIMINATOR,
        decoder: getPauseBoardDecoder(),
        size: getPauseBoardSize(),
    },
    Peer: { discriminator: PEER_DISCRIMINATOR, decoder: getPeerDecoder(), size: getPeerSize() },
    PositionSample: {
        discriminator: POSITION_SAMPLE_DISCRIMINATOR,
        decoder: getPositionSampleDecoder(),
        size: getPositionSampleSize(),
    },
    PriceBreaker: {
        discriminator: PRICE_BREAKER_DISCRIMINATOR,
        decoder: getPriceBreakerDecoder(),
        size: getPriceBreakerSize(),
    },
    ProofCheck: {
        discriminator: PROOF_CHECK_DISCRIMINATOR,
        decoder: getProofCheckDecoder(),
        size: getProofCheckSize(),
    },
    ProofKey: { discriminator: PROOF_KEY_DISCRIMINATOR, decoder: getProofKeyDecoder(), size: getProofKeySize() },
    ProofRules: {
        discriminator: PROOF_RULES_DISCRIMINATOR,
        decoder: getProofRulesDecoder(),
        size: getProofRulesSize(),
    },
    ProofRun: { discriminator: PROOF_RUN_DISCRIMINATOR, decoder: getProofRunDecoder(), size: getProofRunSize() },
    Proposal: { discriminator: PROPOSAL_DISCRIMINATOR, decoder: getProposalDecoder(), size: getProposalSize() },
    Release: { discriminator: RELEASE_DISCRIMINATOR, decoder: getReleaseDecoder(), size: getReleaseSize() },
    RestartCheck: {
        discriminator: RESTART_CHECK_DISCRIMINATOR,
        decoder: getRestartCheckDecoder(),
        size: getRestartCheckSize(),
    },
    Restoration: {
        discriminator: RESTORATION_DISCRIMINATOR,
        decoder: getRestorationDecoder(),
        size: getRestorationSize(),
    },
    SealedLedger: {
        discriminator: SEALED_LEDGER_DISCRIMINATOR,
        decoder: getSealedLedgerDecoder(),
        size: getSealedLedgerSize(),
    },
    Snapshot: { discriminator: SNAPSHOT_DISCRIMINATOR, decoder: getSnapshotDecoder(), size: getSnapshotSize() },
    SnapshotShard: {
        discriminator: SNAPSHOT_SHARD_DISCRIMINATOR,
        decoder: getSnapshotShardDecoder(),
        size: getSnapshotShardSize(),
    },
    SolvencyBreaker: {
        discriminator: SOLVENCY_BREAKER_DISCRIMINATOR,
        decoder: getSolvencyBreakerDecoder(),
        size: getSolvencyBreakerSize(),
    },
    StateProof: {
        discriminator: STATE_PROOF_DISCRIMINATOR,
        decoder: getStateProofDecoder(),
        size: getStateProofSize(),
    },
    Vault: { discriminator: VAULT_DISCRIMINATOR, decoder: getVaultDecoder(), size: getVaultSize() },
    VoteRecord: {
        discriminator: VOTE_RECORD_DISCRIMINATOR,
        decoder: getVoteRecordDecoder(),
        size: getVoteRecordSize(),
    },
    VoterEscrow: {
        discriminator: VOTER_ESCROW_DISCRIMINATOR,
        decoder: getVoterEscrowDecoder(),
        size: getVoterEscrowSize(),
    },
} as const;

/** The reader of each kind of account, by its name. */
export const READERS = {
    AuthorityWatch: decodeAuthorityWatch,
    Ballot: decodeBallot,
    BallotRules: decodeBallotRules,
    CancelList: decodeCancelList,
    CheckpointLog: decodeCheckpointLog,
    ClaimPage: decodeClaimPage,
    ClaimRedirect: decodeClaimRedirect,
    ClaimTerms: decodeClaimTerms,
    Council: decodeCouncil,
    DepositNote: decodeDepositNote,
    DirectVault: decodeDirectVault,
    Domain: decodeDomain,
    EmergencyAction: decodeEmergencyAction,
    EmergencyRun: decodeEmergencyRun,
    HostProgram: decodeHostProgram,
    Incident: decodeIncident,
    InsuranceCover: decodeInsuranceCover,
    InsurancePool: decodeInsurancePool,
    InsuranceStake: decodeInsuranceStake,
    Interim: decodeInterim,
    InterimProof: decodeInterimProof,
    LeafEvidence: decodeLeafEvidence,
    Ledger: decodeLedger,
    Link: decodeLink,
    Migration: decodeMigration,
    MintLedgers: decodeMintLedgers,
    OutflowBreaker: decodeOutflowBreaker,
    PauseBoard: decodePauseBoard,
    Peer: decodePeer,
    PositionSample: decodePositionSample,
    PriceBreaker: decodePriceBreaker,
    ProofCheck: decodeProofCheck,
    ProofKey: decodeProofKey,
    ProofRules: decodeProofRules,
    ProofRun: decodeProofRun,
    Proposal: decodeProposal,
    Release: decodeRelease,
    RestartCheck: decodeRestartCheck,
    Restoration: decodeRestoration,
    SealedLedger: decodeSealedLedger,
    Snapshot: decodeSnapshot,
    SnapshotShard: decodeSnapshotShard,
    SolvencyBreaker: decodeSolvencyBreaker,
    StateProof: decodeStateProof,
    Vault: decodeVault,
    VoteRecord: decodeVoteRecord,
    VoterEscrow: decodeVoterEscrow,
} as const;
