//! The cluster as flows see it: they read accounts, and send instructions that the other side signs.
//!
//! Flows never hold a key. An implementation holds whatever signs: key files, a wallet, or nothing at all for a dry run.
//! `bulkhead-rpc` implements it over a node, `bulkhead-testbed` over an embedded machine.

mod account_error;

use std::time::Duration;

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead::error::BulkheadError;
use bulkhead_core::acts::At;
use solana_account::Account;
use solana_instruction::Instruction;

/// The sysvar with the cluster's slot and time.
pub const CLOCK: Pubkey = Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");
/// Offset of the unix timestamp in the sysvar: it follows slot, epoch start, epoch and leader schedule epoch.
const UNIX_TIMESTAMP: usize = 32;

/// Slot and time of the clock sysvar. `None` if the account is too short.
#[must_use]
pub fn clock_of(account: &Account) -> Option<At> {
    let word = |at: usize| account.data.get(at..)?.first_chunk::<8>().copied();
    Some(At {
        slot: u64::from_le_bytes(word(0)?),
        now: i64::from_le_bytes(word(UNIX_TIMESTAMP)?),
    })
}

/// A condition on an account's data, as `getProgramAccounts` takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The data has this many bytes.
    Length(u64),
    /// The data has these bytes at this offset.
    Bytes {
        /// Offset in bytes.
        offset: usize,
        /// The bytes.
        bytes: Vec<u8>,
    },
}

impl Filter {
    /// Whether `data` meets the condition.
    #[must_use]
    pub fn matches(&self, data: &[u8]) -> bool {
        match self {
            Self::Length(length) => u64::try_from(data.len()) == Ok(*length),
            Self::Bytes { offset, bytes } => data.get(*offset..).is_some_and(|rest| rest.starts_with(bytes)),
        }
    }
}

/// Accounts of a program, as they were at the end of one slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnedAt {
    /// The slot.
    pub slot: u64,
    /// The accounts with their addresses.
    pub accounts: Vec<(Pubkey, Account)>,
}

/// A transaction that landed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The signature in base58. For a dry run and for a message that somebody else signs: empty.
    pub signature: String,
    /// Compute units used, if the cluster reports them.
    pub units: Option<u64>,
    /// Fee in lamports, base and priority, if it is known.
    pub fee: Option<u64>,
}

/// What a transaction would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulated {
    /// Why it would fail.
    pub error: Option<ChainError>,
    /// The programs' logs.
    pub logs: Vec<String>,
    /// Compute units used.
    pub units: Option<u64>,
    /// The requested accounts as they would be afterwards, in the order of the request.
    pub accounts: Vec<Option<Account>>,
}

/// Why the cluster did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// A program refused. The transaction changed nothing.
    #[error("{name} ({code}): {message}{logs}")]
    Program {
        /// The program's error number.
        code: u32,
        /// The error's name, or `ProgramError` for a program whose errors are not known.
        name: String,
        /// The error's message.
        message: String,
        /// The last lines of the logs, each on its own line; may be empty.
        logs: String,
    },
    /// The runtime or the node refused, without a program's error.
    #[error("RpcRefused: {reason}{logs}")]
    Refused {
        /// The reason as the node states it.
        reason: String,
        /// The last lines of the logs, each on its own line; may be empty.
        logs: String,
    },
    /// The node did not answer.
    #[error("RpcUnreachable: {node}: {reason}; is the URL right, and the node up?")]
    Unreachable {
        /// The node's host.
        node: String,
        /// What went wrong.
        reason: String,
    },
    /// The response is not valid.
    #[error("RpcUnreadable: {method}: {reason}; is {node} a Solana RPC node?")]
    Unreadable {
        /// The node's host.
        node: String,
        /// The method called.
        method: String,
        /// What is wrong with the response.
        reason: String,
    },
    /// The transaction did not land under any of several blockhashes.
    #[error(
        "TransactionExpired: {signature} did not land, and neither did {rounds} before it; the cluster is busy: run this \
         again, what is done already is skipped"
    )]
    Expired {
        /// Signature of the last transaction.
        signature: String,
        /// Number of transactions that expired before it.
        rounds: u32,
    },
    /// A required signing key is missing.
    #[error("MissingSigner: {0}")]
    MissingSigner(String),
}

impl ChainError {
    /// A program's refusal with its own number, named by the logs.
    #[must_use]
    pub fn program(code: u32, logs: &[String]) -> Self {
        // The innermost program that failed is the first that the logs report.
        let failed = logs.iter().find(|line| line.contains(" failed: "));
        let is_ours = failed.is_none_or(|line| line.contains(&bulkhead::ID.to_string()));
        let named = is_ours.then(|| BulkheadError::of_number(code)).flatten();
        let (name, message) = match named {
            Some(error) => (error.name(), error.to_string()),
            None => refusal_of_another(code, logs, is_ours),
        };
        let last = logs.get(logs.len().saturating_sub(8)..).unwrap_or_default();
        Self::Program {
            code,
            name,
            message,
            logs: last.iter().map(|line| format!("\n{line}")).collect(),
        }
    }

    /// Whether the same request may succeed when it is repeated: the network failed, not the act.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Unreadable { .. } | Self::Expired { .. }
        )
    }

    /// The program's error number, if a program refused.
    #[must_use]
    pub const fn code(&self) -> Option<u32> {
        match self {
            Self::Program { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Did a program or the runtime refuse this one transaction? Others may still succeed.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Program { .. } | Self::Refused { .. })
    }
}

/// A cluster, and the keys with which it is used.
#[async_trait]
pub trait Chain: Send + Sync {
    /// Pays fees and rent.
    fn payer(&self) -> Pubkey;

    /// The cluster's clock: the sysvar, so what programs see.
    async fn now(&self) -> Result<At, ChainError>;

    /// Reads accounts, in order. Any number; an implementation splits the request.
    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError>;

    /// All accounts of a program that meet all of the filters, and the slot at whose end they were so.
    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError>;

    /// Sends one transaction and waits until it has landed. Simulates it first, sets the compute budget and the
    /// priority fee, and signs with the payer and with the keys that the instructions name as signers.
    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError>;

    /// Simulates one transaction as if every signer had signed, and reads `accounts` as they would be afterwards.
    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError>;

    /// Waits, at least until the cluster may have moved on.
    async fn wait(&self, time: Duration);

    /// All accounts of a program that meet all of the filters.
    async fn owned(&self, program: &Pubkey, filters: &[Filter]) -> Result<Vec<(Pubkey, Account)>, ChainError> {
        Ok(self.owned_at(program, filters).await?.accounts)
    }

    /// Reads one account.
    async fn account(&self, key: &Pubkey) -> Result<Option<Account>, ChainError> {
        Ok(self
            .accounts(std::slice::from_ref(key))
            .await?
            .into_iter()
            .next()
            .flatten())
    }
}

/// Name and message of an error that is not in the program's own table: Anchor's, the system program's or a stranger's.
fn refusal_of_another(code: u32, logs: &[String], is_ours: bool) -> (String, String) {
    if let Some(message) = account_error::in_use(logs) {
        return ("AccountInUse".into(), message);
    }
    let logged = anchor_error(logs);
    let account = logged.as_ref().and_then(|logged| logged.account.as_deref());
    let explained = account_error::explain(account, code).filter(|_| is_ours);
    match (logged, explained) {
        (Some(logged), explained) => (logged.name, explained.unwrap_or(logged.message)),
        // Without logs the number is all that is known.
        (None, Some(message)) => (account_error::name(code).into(), message),
        (None, None) => ("ProgramError".into(), "a program refused".into()),
    }
}

/// An error as Anchor logs it.
struct AnchorError {
    name: String,
    message: String,
    /// The account that caused it, by its name in the IDL.
    account: Option<String>,
}

fn anchor_error(logs: &[String]) -> Option<AnchorError> {
    let line = logs.iter().find(|line| line.contains("Error Code: "))?;
    let (before, rest) = line.split_once("Error Code: ")?;
    let (name, rest) = rest.split_once(". Error Number: ")?;
    let (_, message) = rest.split_once(". Error Message: ")?;
    let account = before.split_once("caused by account: ");
    Some(AnchorError {
        name: name.into(),
        message: message.trim_end_matches('.').into(),
        account: account.map(|(_, account)| account.trim_end_matches([' ', '.']).into()),
    })
}
