//! What is wrong with an IDL.

/// Why nothing is drafted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdoptError {
    /// Not JSON.
    #[error("BadIdl: not JSON: {0}")]
    NotJson(String),
    /// JSON, and none of the forms that are known.
    #[error(
        "UnknownIdl: neither an Anchor IDL (accounts and instructions at the top) nor a Codama root node (kind \
         \"rootNode\"); write one with `anchor idl build`, or convert yours to Codama's form"
    )]
    UnknownForm,
    /// A part of it is missing or has another type.
    #[error("BadIdl: {at}: {why}")]
    Bad {
        /// Where, as a path in the file.
        at: String,
        /// What is wrong there.
        why: String,
    },
    /// A name that is no identifier. Names are written into Rust, TOML and commands.
    #[error("BadName: {at}: {name:?} is no identifier of letters, digits and underscores")]
    BadName {
        /// Where, as a path in the file.
        at: String,
        /// The name.
        name: String,
    },
    /// An address that is none.
    #[error("BadAddress: {0:?} is not the base58 of 32 bytes")]
    BadAddress(String),
    /// Types that contain each other.
    #[error("TooDeep: {0}: types within types beyond {max}; does one contain itself?", max = crate::layout::MAX_DEPTH)]
    TooDeep(String),
    /// Nothing to draft from.
    #[error("NoAccounts: the IDL describes no account types; a program that keeps positions describes them")]
    NoAccounts,
}

impl AdoptError {
    /// Something wrong at a path.
    pub(crate) fn bad(at: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Bad {
            at: at.into(),
            why: why.into(),
        }
    }
}
