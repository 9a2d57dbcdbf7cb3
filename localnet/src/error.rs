//! Why the localnet does not do what was asked, and what to do next.

use std::path::{Path, PathBuf};

use bulkhead_client::chain::ChainError;

/// An error of the localnet. Each says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum LocalnetError {
    /// Another process runs on the same directory.
    #[error(
        "AlreadyRunning: process {pid} runs a localnet in {}; stop it first (Ctrl-C there, or: kill {pid}), or choose \
         another --dir",
        dir.display()
    )]
    AlreadyRunning {
        /// The directory.
        dir: PathBuf,
        /// The process, or `unknown`.
        pid: String,
    },
    /// Another program listens on a port.
    #[error("PortInUse: a program already listens on 127.0.0.1:{port}; stop it, or choose another {option}")]
    PortInUse {
        /// The port.
        port: u16,
        /// The option that chooses another.
        option: &'static str,
    },
    /// A program has not been built.
    #[error("ProgramMissing: {} does not exist; build the programs first: make build", .0.display())]
    ProgramMissing(PathBuf),
    /// There is no localnet to talk to.
    #[error("NoLocalnet: {} does not exist; start a localnet there first: make localnet", .0.display())]
    NoLocalnet(PathBuf),
    /// The localnet does not run.
    #[error("NotRunning: nothing answers at {url} ({reason}); start the localnet in {} first: make localnet", dir.display())]
    NotRunning {
        /// Where it listened last.
        url: String,
        /// What went wrong.
        reason: String,
        /// Its directory.
        dir: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("FileRefused: {}: {reason}; correct that, and run this again", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// The saved state cannot be used.
    #[error("StateUnreadable: {}: {reason}; start over with --reset, which deletes this localnet", path.display())]
    State {
        /// The database.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The node did not start, or stopped.
    #[error("NodeStopped: {reason}; its log is {}", log.display())]
    Node {
        /// The node's reason.
        reason: String,
        /// Its log.
        log: PathBuf,
    },
    /// A step of the sample's set-up was refused.
    #[error("SetUpRefused: {step}: {source}; are the programs those of this checkout? Build them again: make build")]
    SetUp {
        /// The step.
        step: String,
        /// The refusal.
        source: ChainError,
    },
    /// The arguments contradict each other, or the localnet.
    #[error("NotPossible: {0}")]
    NotPossible(String),
    /// The node or a program refused.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl LocalnetError {
    /// The system refused a file.
    pub fn file(path: &Path, error: impl ToString) -> Self {
        Self::File {
            path: path.to_path_buf(),
            reason: error.to_string(),
        }
    }
}
