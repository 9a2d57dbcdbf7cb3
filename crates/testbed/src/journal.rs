//! What a machine was told to do, in order: enough to do the same on another runtime.

use anchor_lang::prelude::Pubkey;
use solana_account::Account;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;

/// One thing a machine was told.
pub enum Entry {
    /// The clock was set.
    Clock {
        /// To this slot.
        slot: u64,
        /// And this time.
        unix_timestamp: i64,
    },
    /// An account was overwritten.
    Account(Pubkey, Account),
    /// A transaction was sent.
    Sent {
        /// What was asked for.
        message: Message,
        /// Keys that may have to sign it.
        signers: Vec<Keypair>,
        /// The compute units it took, or why it was refused.
        result: Result<u64, TransactionError>,
    },
}

/// Signs a message. Keys that it does not ask for sign nothing.
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
