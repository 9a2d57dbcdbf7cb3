//! The kinds of accounts, and how each account names its parent.

use core::mem::offset_of;

use anchor_lang::prelude::Pubkey;
use bulkhead_interface::{
    constants::VERSION,
    discriminator as tag,
    layout::{
        AuthorityWatch, Ballot, BallotRules, CancelList, CheckpointLog, ClaimPage, ClaimRedirect, ClaimTerms, Council,
        DepositNote, DirectVault, Domain, EmergencyAction, EmergencyRun, HostProgram, Incident, InsuranceCover,
        InsurancePool, InsuranceStake, Interim, InterimProof, LeafEvidence, Ledger, Link, Migration, MintLedgers,
        OutflowBreaker, PauseBoard, Peer, PositionSample, PriceBreaker, ProofCheck, ProofKey, ProofRules, ProofRun,
        Proposal, Release, RestartCheck, Restoration, SealedLedger, Snapshot, SnapshotShard, SolvencyBreaker,
        StateProof, Vault, VoteRecord, VoterEscrow,
    },
};

/// Size of the discriminator in bytes.
pub(super) const TAG: usize = 8;

/// One request to a node: `getProgramAccounts` with two `memcmp` filters, the kind's discriminator at 0 and `key` at
/// `offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// Discriminator of the kind.
    pub discriminator: [u8; TAG],
    /// Offset of the key.
    pub offset: usize,
    /// The domain, or an account that belongs to it.
    pub key: Pubkey,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $tag:ident, $parent:ident;)*) => {
        /// Kind of an account.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            /// A domain.
            Domain,
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[Self::Domain, $(Self::$kind,)*];

            /// The kind by an account's discriminator, if the account has the known version.
            #[must_use]
            pub fn of(data: &[u8]) -> Option<Self> {
                let (found, rest) = data.split_first_chunk()?;
                let version = rest.first()?;
                let kind = match *found {
                    tag::DOMAIN => Self::Domain,
                    $(tag::$tag => Self::$kind,)*
                    _ => return None,
                };
                (*version == VERSION && data.len() >= TAG + kind.size()).then_some(kind)
            }

            /// Discriminator of the kind.
            #[must_use]
            pub const fn discriminator(self) -> [u8; TAG] {
                match self {
                    Self::Domain => tag::DOMAIN,
                    $(Self::$kind => tag::$tag,)*
                }
            }

            /// Minimum size of the fields after the discriminator, in bytes.
            #[must_use]
            pub const fn size(self) -> usize {
                match self {
                    Self::Domain => size_of::<Domain>(),
                    $(Self::$kind => size_of::<$kind>(),)*
                }
            }

            /// Offset and kind of the account's parent.
            const fn parent_at(self) -> Option<usize> {
                match self {
                    Self::Domain => None,
                    $(Self::$kind => Some(TAG + offset_of!($kind, $parent)),)*
                }
            }
        }
    };
}

kinds! {
    /// A pause board.
    PauseBoard, PAUSE_BOARD, domain;
    /// A council.
    Council, COUNCIL, domain;
    /// A proposal.
    Proposal, PROPOSAL, domain;
    /// An outflow breaker.
    OutflowBreaker, OUTFLOW_BREAKER, domain;
    /// A price breaker.
    PriceBreaker, PRICE_BREAKER, domain;
    /// A solvency breaker.
    SolvencyBreaker, SOLVENCY_BREAKER, domain;
    /// An authority watch.
    AuthorityWatch, AUTHORITY_WATCH, domain;
    /// A link to an upstream domain.
    Link, LINK, domain;
    /// A peer: a domain on another chain that is heard.
    Peer, PEER, domain;
    /// An emergency action.
    EmergencyAction, EMERGENCY_ACTION, domain;
    /// A vault.
    Vault, VAULT, domain;
    /// A queued release of a vault.
    Release, RELEASE, vault;
    /// A deposit note: what an owner recently brought into a vault.
    DepositNote, DEPOSIT_NOTE, vault;
    /// A ledger.
    Ledger, LEDGER, domain;
    /// The list of the ledgers that pay one token.
    MintLedgers, MINT_LEDGERS, domain;
    /// An incident.
    Incident, INCIDENT, domain;
    /// An incident's migration.
    Migration, MIGRATION, domain;
    /// A snapshot.
    Snapshot, SNAPSHOT, domain;
    /// A shard of a snapshot.
    SnapshotShard, SNAPSHOT_SHARD, domain;
    /// A ballot.
    Ballot, BALLOT, domain;
    /// A voter's escrow.
    VoterEscrow, VOTER_ESCROW, domain;
    /// A vote on a ballot.
    VoteRecord, VOTE_RECORD, ballot;
    /// A restoration.
    Restoration, RESTORATION, domain;
    /// A page of a restoration's claims.
    ClaimPage, CLAIM_PAGE, restoration;
    /// A redirect of an owner's claims that cannot be paid.
    ClaimRedirect, CLAIM_REDIRECT, domain;
    /// A checkpoint log.
    CheckpointLog, CHECKPOINT_LOG, domain;
    /// A leaf of a log's checkpoint.
    LeafEvidence, LEAF_EVIDENCE, log;
    /// A position that the program itself read, for the checkpoints of a log.
    PositionSample, POSITION_SAMPLE, log;
    /// The queued releases of a vault that a guardian cancels.
    CancelList, CANCEL_LIST, vault;
    /// A run of an emergency action.
    EmergencyRun, EMERGENCY_RUN, domain;
    /// Tokens that the host keeps itself.
    DirectVault, DIRECT_VAULT, domain;
    /// A program of the host whose upgrade authority the domain holds.
    HostProgram, HOST_PROGRAM, domain;
    /// An interim share-out.
    Interim, INTERIM, domain;
    /// Leaves proved for an interim share-out.
    InterimProof, INTERIM_PROOF, interim;
    /// The terms of a ledger's claims.
    ClaimTerms, CLAIM_TERMS, domain;
    /// Rules of a domain's ballots.
    BallotRules, BALLOT_RULES, domain;
    /// A check of a restored ledger.
    RestartCheck, RESTART_CHECK, domain;
    /// Which verifying key counts, and which ledgers need a proof of state.
    ProofRules, PROOF_RULES, domain;
    /// A verifying key.
    ProofKey, PROOF_KEY, domain;
    /// The ends of a sealed snapshot's shards.
    SealedLedger, SEALED_LEDGER, domain;
    /// A statement about two ledgers.
    StateProof, STATE_PROOF, domain;
    /// A prover's run over a shard.
    ProofRun, PROOF_RUN, proof;
    /// A restored ledger that was proved, or accepted without a proof.
    ProofCheck, PROOF_CHECK, domain;
    /// An insurance pool of a ledger.
    InsurancePool, INSURANCE_POOL, domain;
    /// What an owner staked in an insurance pool.
    InsuranceStake, INSURANCE_STAKE, pool;
    /// What an insurance pool owes to a restoration.
    InsuranceCover, INSURANCE_COVER, pool;
}

impl Kind {
    /// The account's parent: the domain, or an account of it. A domain is its own parent.
    pub(super) fn parent(self, key: Pubkey, data: &[u8]) -> Option<Pubkey> {
        let Some(at) = self.parent_at() else { return Some(key) };
        data.get(at..)?
            .first_chunk()
            .map(|bytes| Pubkey::new_from_array(*bytes))
    }

    /// The kind of the parent.
    const fn owner_kind(self) -> Self {
        match self {
            Self::Release | Self::DepositNote | Self::CancelList => Self::Vault,
            Self::VoteRecord => Self::Ballot,
            Self::ClaimPage => Self::Restoration,
            Self::LeafEvidence | Self::PositionSample => Self::CheckpointLog,
            Self::InterimProof => Self::Interim,
            Self::ProofRun => Self::StateProof,
            Self::InsuranceStake | Self::InsuranceCover => Self::InsurancePool,
            _ => Self::Domain,
        }
    }
}

/// The requests for everything that belongs to `owner`: a domain, a vault, a ballot, a restoration, a checkpoint log or an
/// insurance pool.
/// To watch for acts that matter, request the domain and its vaults. The domain account itself must be fetched by
/// address.
#[must_use]
pub fn questions(owner: Pubkey, of: Kind) -> Vec<Question> {
    let about = |kind: &&Kind| kind.owner_kind() == of;
    let question = |kind: &Kind| {
        Some(Question {
            discriminator: kind.discriminator(),
            offset: kind.parent_at()?,
            key: owner,
        })
    };
    Kind::ALL.iter().filter(about).filter_map(question).collect()
}
