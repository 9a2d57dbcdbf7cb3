//! The kinds of accounts, and how each says what it belongs to.

use core::mem::offset_of;

use anchor_lang::prelude::Pubkey;
use bulkhead_interface::{
    constants::VERSION,
    discriminator as tag,
    layout::{
        AuthorityWatch, Ballot, CheckpointLog, ClaimPage, ClaimRedirect, Council, DepositNote, Domain, EmergencyAction,
        Incident, LeafEvidence, Ledger, Link, Migration, MintLedgers, OutflowBreaker, PauseBoard, PositionSample,
        PriceBreaker, Proposal, Release, Restoration, Snapshot, SnapshotShard, SolvencyBreaker, Vault, VoteRecord,
        VoterEscrow,
    },
};

/// Bytes before an account's fields.
pub(super) const TAG: usize = 8;

/// One question to a node: `getProgramAccounts` with two `memcmp` filters, the kind's first bytes at 0 and `key` at
/// `offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// First bytes of the account.
    pub discriminator: [u8; TAG],
    /// Where the key stands.
    pub offset: usize,
    /// The domain, or an account of it.
    pub key: Pubkey,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $tag:ident, $parent:ident;)*) => {
        /// What an account is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            /// A domain.
            Domain,
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[Self::Domain, $(Self::$kind,)*];

            /// By an account's first bytes, if it is of the version that is known.
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

            /// Its first bytes.
            #[must_use]
            pub const fn discriminator(self) -> [u8; TAG] {
                match self {
                    Self::Domain => tag::DOMAIN,
                    $(Self::$kind => tag::$tag,)*
                }
            }

            /// Bytes of its fields, which follow the first ones, at least.
            #[must_use]
            pub const fn size(self) -> usize {
                match self {
                    Self::Domain => size_of::<Domain>(),
                    $(Self::$kind => size_of::<$kind>(),)*
                }
            }

            /// Where it names what it belongs to, and what that is.
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
    /// A link to a domain that this one depends on.
    Link, LINK, domain;
    /// An emergency action.
    EmergencyAction, EMERGENCY_ACTION, domain;
    /// A vault.
    Vault, VAULT, domain;
    /// A queued release of a vault.
    Release, RELEASE, vault;
    /// What an owner brought into a vault.
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
    /// Where the claims of an owner go that cannot be paid.
    ClaimRedirect, CLAIM_REDIRECT, domain;
    /// A checkpoint log.
    CheckpointLog, CHECKPOINT_LOG, domain;
    /// A leaf of a log's checkpoint.
    LeafEvidence, LEAF_EVIDENCE, log;
    /// A position that the program read itself, for a log's checkpoints.
    PositionSample, POSITION_SAMPLE, log;
}

impl Kind {
    /// What the account belongs to: the domain, which belongs to itself, or an account of it.
    pub(super) fn parent(self, key: Pubkey, data: &[u8]) -> Option<Pubkey> {
        let Some(at) = self.parent_at() else { return Some(key) };
        data.get(at..)?
            .first_chunk()
            .map(|bytes| Pubkey::new_from_array(*bytes))
    }

    /// Of which kind is what it belongs to?
    const fn owner_kind(self) -> Self {
        match self {
            Self::Release | Self::DepositNote => Self::Vault,
            Self::VoteRecord => Self::Ballot,
            Self::ClaimPage => Self::Restoration,
            Self::LeafEvidence | Self::PositionSample => Self::CheckpointLog,
            _ => Self::Domain,
        }
    }
}

/// What to ask a node for about `owner`, which is a domain, a vault, a ballot, a restoration or a checkpoint log. Whoever
/// watches for acts that matter asks about the domain and its vaults; the domain's own account has to be fetched as such.
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
