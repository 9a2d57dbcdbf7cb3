//! A Solana node as [`Chain`](bulkhead_client::chain::Chain): few requests, responses of bounded size, transactions that
//! are simulated, priced, rebroadcast and signed again until they land, and errors that leak no API key.
//!
//! [`Node`] is one endpoint, [`Several`] are endpoints of one cluster. Both sign with a [`Keyring`].
#![deny(missing_docs)]

mod account;
mod budget;
mod failure;
mod keyring;
mod landing;
mod node;
mod send;
mod several;
mod transport;

pub use account::parse_account;
pub use budget::Price;
pub use bulkhead_snapshot::rpc::host_of;
pub use keyring::{Keyring, Signed};
pub use node::{Node, Options, Pace};
pub use send::unsigned;
pub use several::Several;
pub use solana_commitment_config::{CommitmentConfig, CommitmentLevel};
