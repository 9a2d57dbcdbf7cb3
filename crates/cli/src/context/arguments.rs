//! The arguments that every command takes.

use std::path::PathBuf;

use anchor_lang::prelude::Pubkey;
use bulkhead_rpc::CommitmentConfig;
use clap::{Args, ValueEnum};
use solana_message::Hash;

use crate::output::Output;

/// Arguments that may stand before or after any command.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Cluster: mainnet-beta (m), devnet (d), testnet (t), localhost (l) or the URL of an RPC node; without it, the one of
    /// Solana's configuration file
    #[arg(short, long, alias = "rpc", value_name = "URL_OR_MONIKER", global = true)]
    pub url: Option<String>,
    /// Solana's configuration file [default: ~/.config/solana/cli/config.yml]
    #[arg(short = 'C', long, value_name = "FILE", global = true)]
    pub solana_config: Option<PathBuf>,
    /// Key that signs: a file, `-` for standard input, `prompt://` to type a seed phrase or a secret key; an address with
    /// --dry-run, --sign-only and --dump-message; without it, the one of Solana's configuration file
    #[arg(short, long, value_name = "KEY", global = true)]
    pub keypair: Option<String>,
    /// Key or address that pays fees and rent, if not -k
    #[arg(long, value_name = "KEY", global = true)]
    pub fee_payer: Option<String>,
    /// A further key, or the signature of somebody whose key is elsewhere as ADDRESS=SIGNATURE; may be repeated
    #[arg(long = "signer", value_name = "KEY_OR_SIGNATURE", global = true)]
    pub signers: Vec<String>,
    /// What counts as read and as landed [default: that of Solana's configuration file, or confirmed]
    #[arg(long, value_enum, value_name = "COMMITMENT", global = true)]
    pub commitment: Option<Commitment>,
    /// Price per compute unit in micro-lamports; without it, the 75th percentile of recent fees for the same accounts
    #[arg(long, value_name = "MICRO_LAMPORTS", global = true)]
    pub with_compute_unit_price: Option<u64>,
    /// Send without simulating first; the node then checks, and the transaction asks for the most compute units
    #[arg(long, global = true)]
    pub skip_simulation: bool,
    /// Send nothing; print the message in base58 and the signatures of the keys that are here
    #[arg(long, global = true)]
    pub sign_only: bool,
    /// Blockhash to sign with, for --sign-only and for sending what was signed with it
    #[arg(long, value_name = "HASH", global = true)]
    pub blockhash: Option<Hash>,
    /// Send and sign nothing; print the message in base58, for the vault of a multisig to propose
    #[arg(long, global = true)]
    pub dump_message: bool,
    /// Send nothing and need no key; print what would be sent, and what it would change
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Answer every question with yes
    #[arg(long, global = true)]
    pub yes: bool,
    /// Format of the result on standard output [default: text]
    #[arg(long, value_enum, value_name = "FORMAT", global = true)]
    pub output: Option<Output>,
    /// Address of the domain; without it, BULKHEAD_DOMAIN, or `bulkhead_domain` of the configuration file
    #[arg(long, value_name = "ADDRESS", global = true)]
    pub domain: Option<Pubkey>,
}

/// How certain a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Commitment {
    /// The node has run the block.
    Processed,
    /// A supermajority of the stake has voted for the block.
    Confirmed,
    /// The cluster cannot undo the block.
    Finalized,
}

impl Commitment {
    /// As nodes name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::Confirmed => "confirmed",
            Self::Finalized => "finalized",
        }
    }

    /// For a node.
    #[must_use]
    pub const fn config(self) -> CommitmentConfig {
        match self {
            Self::Processed => CommitmentConfig::processed(),
            Self::Confirmed => CommitmentConfig::confirmed(),
            Self::Finalized => CommitmentConfig::finalized(),
        }
    }
}

impl Globals {
    /// Combinations that contradict each other, as the usage errors they are.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        let modes = [self.dry_run, self.sign_only, self.dump_message];
        if modes.into_iter().filter(|is_on| *is_on).count() > 1 {
            return Some("--dry-run, --sign-only and --dump-message exclude each other; give one");
        }
        if self.sign_only && self.blockhash.is_none() {
            return Some("--sign-only needs --blockhash HASH: everyone who signs has to sign the same bytes");
        }
        if self.skip_simulation && self.dry_run {
            return Some("--dry-run simulates, so it excludes --skip-simulation");
        }
        None
    }

    /// Whether signers may be addresses, because nothing has to be signed here.
    pub(super) const fn allows_addresses(&self) -> bool {
        self.dry_run || self.sign_only || self.dump_message
    }
}
