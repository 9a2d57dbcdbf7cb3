//! The first eight bytes of each account, in ASCII letters so that a hex dump is readable.

/// [`Domain`](crate::layout::Domain)
pub const DOMAIN: [u8; 8] = *b"bhDomain";
/// [`PauseBoard`](crate::layout::PauseBoard). The guard checks it, so the guard defines it.
pub const PAUSE_BOARD: [u8; 8] = bulkhead_guard::board::DISCRIMINATOR;
/// [`Council`](crate::layout::Council)
pub const COUNCIL: [u8; 8] = *b"bhCouncl";
/// [`Proposal`](crate::layout::Proposal)
pub const PROPOSAL: [u8; 8] = *b"bhPropsl";
/// [`OutflowBreaker`](crate::layout::OutflowBreaker)
pub const OUTFLOW_BREAKER: [u8; 8] = *b"bhOutflw";
/// [`PriceBreaker`](crate::layout::PriceBreaker)
pub const PRICE_BREAKER: [u8; 8] = *b"bhPrice_";
/// [`SolvencyBreaker`](crate::layout::SolvencyBreaker)
pub const SOLVENCY_BREAKER: [u8; 8] = *b"bhSolvcy";
/// [`AuthorityWatch`](crate::layout::AuthorityWatch)
pub const AUTHORITY_WATCH: [u8; 8] = *b"bhWatch_";
/// [`Link`](crate::layout::Link)
pub const LINK: [u8; 8] = *b"bhLink__";
/// [`EmergencyAction`](crate::layout::EmergencyAction)
pub const EMERGENCY_ACTION: [u8; 8] = *b"bhPlaybk";
/// [`Vault`](crate::layout::Vault)
pub const VAULT: [u8; 8] = *b"bhVault_";
/// [`Release`](crate::layout::Release)
pub const RELEASE: [u8; 8] = *b"bhReleas";
/// [`DepositNote`](crate::layout::DepositNote)
pub const DEPOSIT_NOTE: [u8; 8] = *b"bhDepNot";
/// [`Ledger`](crate::layout::Ledger)
pub const LEDGER: [u8; 8] = *b"bhLedger";
/// [`MintLedgers`](crate::layout::MintLedgers)
pub const MINT_LEDGERS: [u8; 8] = *b"bhMintLg";
/// [`Incident`](crate::layout::Incident)
pub const INCIDENT: [u8; 8] = *b"bhIncidt";
/// [`Migration`](crate::layout::Migration)
pub const MIGRATION: [u8; 8] = *b"bhMigrat";
/// [`Snapshot`](crate::layout::Snapshot)
pub const SNAPSHOT: [u8; 8] = *b"bhSnapsh";
/// [`SnapshotShard`](crate::layout::SnapshotShard)
pub const SNAPSHOT_SHARD: [u8; 8] = *b"bhShard_";
/// [`Ballot`](crate::layout::Ballot)
pub const BALLOT: [u8; 8] = *b"bhBallot";
/// [`VoterEscrow`](crate::layout::VoterEscrow)
pub const VOTER_ESCROW: [u8; 8] = *b"bhEscrow";
/// [`VoteRecord`](crate::layout::VoteRecord)
pub const VOTE_RECORD: [u8; 8] = *b"bhVoteRc";
/// [`Restoration`](crate::layout::Restoration)
pub const RESTORATION: [u8; 8] = *b"bhRestor";
/// [`ClaimPage`](crate::layout::ClaimPage)
pub const CLAIM_PAGE: [u8; 8] = *b"bhClaims";
/// [`ClaimRedirect`](crate::layout::ClaimRedirect)
pub const CLAIM_REDIRECT: [u8; 8] = *b"bhClmRte";
/// [`CheckpointLog`](crate::layout::CheckpointLog)
pub const CHECKPOINT_LOG: [u8; 8] = *b"bhChkLog";
/// [`LeafEvidence`](crate::layout::LeafEvidence)
pub const LEAF_EVIDENCE: [u8; 8] = *b"bhEvidnc";
/// [`PositionSample`](crate::layout::PositionSample)
pub const POSITION_SAMPLE: [u8; 8] = *b"bhSample";
/// [`CancelList`](crate::layout::CancelList)
pub const CANCEL_LIST: [u8; 8] = *b"bhCancel";
/// [`EmergencyRun`](crate::layout::EmergencyRun)
pub const EMERGENCY_RUN: [u8; 8] = *b"bhEmgRun";
/// [`DirectVault`](crate::layout::DirectVault)
pub const DIRECT_VAULT: [u8; 8] = *b"bhDirVlt";
/// [`HostProgram`](crate::layout::HostProgram)
pub const HOST_PROGRAM: [u8; 8] = *b"bhHostPg";
/// [`Interim`](crate::layout::Interim)
pub const INTERIM: [u8; 8] = *b"bhIntrim";
/// [`InterimProof`](crate::layout::InterimProof)
pub const INTERIM_PROOF: [u8; 8] = *b"bhIntPrf";
/// [`ClaimTerms`](crate::layout::ClaimTerms)
pub const CLAIM_TERMS: [u8; 8] = *b"bhClmTrm";
/// [`BallotRules`](crate::layout::BallotRules)
pub const BALLOT_RULES: [u8; 8] = *b"bhBalRul";
/// [`RestartCheck`](crate::layout::RestartCheck)
pub const RESTART_CHECK: [u8; 8] = *b"bhRestrt";
/// [`InsurancePool`](crate::layout::InsurancePool)
pub const INSURANCE_POOL: [u8; 8] = *b"bhInsPol";
/// [`InsuranceStake`](crate::layout::InsuranceStake)
pub const INSURANCE_STAKE: [u8; 8] = *b"bhInsStk";
/// [`InsuranceCover`](crate::layout::InsuranceCover)
pub const INSURANCE_COVER: [u8; 8] = *b"bhInsCov";
/// [`Peer`](crate::layout::Peer)
pub const PEER: [u8; 8] = *b"bhPeer__";
/// [`ProofKey`](crate::layout::ProofKey)
pub const PROOF_KEY: [u8; 8] = *b"bhPrfKey";
/// [`ProofRules`](crate::layout::ProofRules)
pub const PROOF_RULES: [u8; 8] = *b"bhPrfRul";
/// [`SealedLedger`](crate::layout::SealedLedger)
pub const SEALED_LEDGER: [u8; 8] = *b"bhSealLg";
/// [`StateProof`](crate::layout::StateProof)
pub const STATE_PROOF: [u8; 8] = *b"bhStProf";
/// [`ProofRun`](crate::layout::ProofRun)
pub const PROOF_RUN: [u8; 8] = *b"bhPrfRun";
/// [`ProofCheck`](crate::layout::ProofCheck)
pub const PROOF_CHECK: [u8; 8] = *b"bhPrfChk";
