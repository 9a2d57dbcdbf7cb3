//! Why a context is not enough.

/// Why the arguments are not enough.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    /// Arguments that contradict each other or miss one.
    #[error("{0}")]
    Usage(String),
    /// No key is given, and there is none in the usual place.
    #[error("NoKeypair: give the key that signs with -k FILE; `solana-keygen new` creates one ({0})")]
    NoKeypair(String),
    /// No cluster is given.
    #[error(
        "NoCluster: give the cluster with -u URL or a moniker (m, d, t, l), or set it with `solana config set --url`"
    )]
    NoCluster,
    /// No domain is given.
    #[error("NoDomain: give the domain with --domain ADDRESS, or set BULKHEAD_DOMAIN")]
    NoDomain,
}
