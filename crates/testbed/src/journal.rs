//! The operations performed on a machine, in order: enough to repeat them on another runtime.

use anchor_lang::prelude::Pubkey;
use solana_account::Account;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;

/// One operation on a machine.
pub enum Entry {
    /// The clock was set.
    Clock {
        /// To this slot.
        slot: u64,
        /// And to this time.
        unix_timestamp: i64,
    },
    /// An account was overwritten.
    Account(Pubkey, Account),
    /// A transaction was sent.
    Sent {
        /// The transaction's message.
        message: Message,
        /// Keys that may need to sign it.
        signers: Vec<Keypair>,
        /// The compute units it used, or the error.
        result: Result<u64, TransactionError>,
    },
}

/// Signs a message. Keys that the message does not require sign nothing.
#[must_use]
pub fn sign<'a>(message: Message, keys: impl IntoIterator<Item = &'a Keypair>) -> Transaction {
    let asked: Vec<_> = keys
        .into_iter()
        .filter(|key| message.signer_keys().contains(&&key.pubkey()))
        .collect();
    let blockhash = message.recent_blockhash;
    let mut transaction = Transaction::new_unsigned(message);
    transaction.partial_sign(&asked, blockhash);
    transaction
}
