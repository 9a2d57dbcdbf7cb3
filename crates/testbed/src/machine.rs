use std::{
    ops::Deref,
    path::{Path, PathBuf},
};

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
use litesvm::{LiteSVM, types::TransactionMetadata};
use solana_account::Account;
use solana_clock::Clock;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;

use crate::{
    journal::{Entry, sign},
    keys::keypair,
};

/// Slot and time a machine starts at by default.
const START_SLOT: u64 = 400_000_000;
const START_TS: i64 = 1_770_000_000;
/// Milliseconds per slot.
const SLOT_MS: i64 = 400;

/// Slots that the SlotHashes sysvar keeps.
const SLOT_HASHES: u64 = 512;
/// The SlotHashes sysvar.
const SLOT_HASHES_SYSVAR: Pubkey = bulkhead::instructions::SLOT_HASHES_SYSVAR;
/// Owner of all sysvars.
const SYSVAR_OWNER: Pubkey = anchor_lang::prelude::pubkey!("Sysvar1111111111111111111111111111111111111");

/// Why a machine could not be started.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    /// A program has not been built.
    #[error("{0} is missing: run `make build` first")]
    ProgramMissing(PathBuf),
    /// The runtime refused a program.
    #[error("{0} does not load: {1}")]
    ProgramRefused(PathBuf, String),
}

/// The result of a transaction.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Compute units used by the whole transaction.
    pub compute_units: u64,
    /// Lamports paid in fees.
    pub fee: u64,
    /// Program logs.
    pub logs: Vec<String>,
    /// Return data of the last program.
    pub return_data: Vec<u8>,
}

/// Why a transaction failed. It changed nothing except the fee payer's balance. Boxed, because it contains the logs and
/// is rare.
#[derive(Clone, Debug)]
pub struct Failure(Box<Refusal>);

/// The contents of a [`Failure`].
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The runtime's error.
    pub error: TransactionError,
    /// The result up to the failure.
    pub outcome: Outcome,
}

impl Deref for Failure {
    type Target = Refusal;

    fn deref(&self) -> &Refusal {
        &self.0
    }
}

impl Failure {
    /// The runtime's error and the result up to the failure.
    #[must_use]
    pub fn new(error: TransactionError, outcome: Outcome) -> Self {
        Self(Box::new(Refusal { error, outcome }))
    }

    /// The program's own error number, if it returned one.
    #[must_use]
    pub fn code(&self) -> Option<u32> {
        match &self.error {
            TransactionError::InstructionError(_, solana_instruction::error::InstructionError::Custom(code)) => {
                Some(*code)
            }
            _ => None,
        }
    }

    /// Whether the program returned `MissingRequiredSignature`: the stake program's error for an unauthorised key.
    #[must_use]
    pub fn missing_signature(&self) -> Option<&'static str> {
        use solana_instruction::error::InstructionError::MissingRequiredSignature;
        let is_missing = matches!(
            self.error,
            TransactionError::InstructionError(_, MissingRequiredSignature)
        );
        is_missing.then_some("MissingRequiredSignature")
    }
}

/// A Solana virtual machine with the programs loaded, a funded payer, and a clock that only moves when it is set.
pub struct Machine {
    /// The virtual machine itself.
    pub svm: LiteSVM,
    /// Pays fees and rent.
    pub payer: Keypair,
    /// Total cost of all transactions that landed so far.
    pub spent: Spent,
    sub_slot_ms: i64,
    journal: Option<Vec<Entry>>,
}

/// The cost of a number of transactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Number of transactions.
    pub transactions: u64,
    /// Their compute units.
    pub compute_units: u64,
    /// Their fees.
    pub fee_lamports: u64,
}

/// Directory of the built programs: `BULKHEAD_DEPLOY_DIR`, or `target/deploy` of the checkout.
#[must_use]
pub fn deploy_dir() -> PathBuf {
    std::env::var_os("BULKHEAD_DEPLOY_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/deploy"),
        PathBuf::from,
    )
}

impl Machine {
    /// A machine with all of `programs`, each given by address and file name without `.so`.
    ///
    /// # Errors
    /// [`MachineError`] when a program is missing or does not load.
    pub fn new(dir: &Path, programs: &[(Pubkey, &str)]) -> Result<Self, MachineError> {
        let mut svm = LiteSVM::new().with_log_bytes_limit(None);
        for (id, name) in programs {
            let path = dir.join(name).with_extension("so");
            if !path.exists() {
                return Err(MachineError::ProgramMissing(path));
            }
            svm.add_program_from_file(*id, &path)
                .map_err(|error| MachineError::ProgramRefused(path, format!("{error:?}")))?;
        }
        let payer = keypair("payer");
        let mut machine = Self {
            svm,
            payer,
            spent: Spent::default(),
            sub_slot_ms: 0,
            journal: None,
        };
        machine.set_clock(START_SLOT, START_TS);
        let payer = machine.payer.pubkey();
        machine.fund(&payer, 1_000_000 * 1_000_000_000);
        Ok(machine)
    }

    /// An independent copy. It keeps no journal.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self {
            svm: self.svm.clone(),
            payer: self.payer.insecure_clone(),
            spent: self.spent,
            sub_slot_ms: self.sub_slot_ms,
            journal: None,
        }
    }

    /// Sends one transaction, paid and signed by [`Machine::payer`] and signed by `signers`.
    ///
    /// # Errors
    /// [`Failure`] when the runtime or a program refuses it.
    pub fn send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Outcome, Failure> {
        let transaction = self.sign(instructions, signers);
        if self.journal.is_none() {
            return self.send_signed(transaction);
        }
        let message = transaction.message.clone();
        let signers = std::iter::once(&self.payer).chain(signers.iter().copied());
        let signers = signers.map(Keypair::insecure_clone).collect();
        let result = self.send_signed(transaction);
        self.note(|| Entry::Sent {
            message,
            signers,
            result: match &result {
                Ok(outcome) => Ok(outcome.compute_units),
                Err(failure) => Err(failure.error.clone()),
            },
        });
        result
    }

    /// Signs without sending. Keys that the instructions do not require sign nothing.
    #[must_use]
    pub fn sign(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Transaction {
        let mut message = Message::new(instructions, Some(&self.payer.pubkey()));
        message.recent_blockhash = self.svm.latest_blockhash();
        sign(message, std::iter::once(&self.payer).chain(signers.iter().copied()))
    }

    /// Sends a transaction that is already signed. Each transaction gets its own blockhash, so that two equal ones are
    /// not taken for a replay.
    ///
    /// # Errors
    /// [`Failure`] when the runtime or a program refuses it.
    pub fn send_signed(&mut self, transaction: Transaction) -> Result<Outcome, Failure> {
        let result = self.svm.send_transaction(transaction);
        self.svm.expire_blockhash();
        match result {
            Ok(meta) => {
                self.spent.transactions += 1;
                self.spent.compute_units += meta.compute_units_consumed;
                self.spent.fee_lamports += meta.fee;
                Ok(meta.into())
            }
            Err(failed) => Err(Failure::new(failed.err, failed.meta.into())),
        }
    }

    /// Simulates a transaction. Changes nothing.
    #[must_use]
    pub fn would_work(&self, instructions: &[Instruction], signers: &[&Keypair]) -> bool {
        self.svm.simulate_transaction(self.sign(instructions, signers)).is_ok()
    }

    /// Advances by one slot.
    pub fn next_slot(&mut self) {
        self.warp_slots(1);
    }

    /// Advances by `slots`, and by the corresponding time.
    pub fn warp_slots(&mut self, slots: u64) {
        let clock = self.clock();
        let ms = self.sub_slot_ms + i64::try_from(slots).unwrap_or(i64::MAX / SLOT_MS) * SLOT_MS;
        self.sub_slot_ms = ms % 1_000;
        self.set_clock(clock.slot + slots, clock.unix_timestamp + ms / 1_000);
    }

    /// Advances by `seconds`, and by the corresponding slots.
    pub fn warp_seconds(&mut self, seconds: i64) {
        let clock = self.clock();
        let slots = u64::try_from(seconds * 1_000 / SLOT_MS).unwrap_or(0);
        self.set_clock(clock.slot + slots, clock.unix_timestamp + seconds);
    }

    /// The clock as programs see it.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.svm.get_sysvar()
    }

    /// Sets slot and time.
    pub fn set_clock(&mut self, slot: u64, unix_timestamp: i64) {
        let mut clock = self.clock();
        clock.slot = slot;
        clock.unix_timestamp = unix_timestamp;
        self.svm.set_sysvar(&clock);
        self.note(|| Entry::Clock { slot, unix_timestamp });
    }

    /// The hash of a slot on this machine's fork.
    #[must_use]
    pub fn slot_hash(slot: u64) -> [u8; 32] {
        let mut hash = [0x5a; 32];
        hash[..8].copy_from_slice(&slot.to_le_bytes());
        hash
    }

    /// Fills the SlotHashes sysvar as the runtime does: with the 512 slots before this one, except skipped slots.
    pub fn write_slot_hashes(&mut self, skipped: &[u64]) {
        let newest = self.clock().slot.saturating_sub(1);
        let slots = (0..SLOT_HASHES).map(|back| newest.saturating_sub(back));
        let slots: Vec<_> = slots.filter(|slot| !skipped.contains(slot)).collect();
        let mut data = (slots.len() as u64).to_le_bytes().to_vec();
        for slot in slots {
            data.extend_from_slice(&slot.to_le_bytes());
            data.extend_from_slice(&Self::slot_hash(slot));
        }
        let account = Account {
            lamports: self.svm.minimum_balance_for_rent_exemption(data.len()),
            data,
            owner: SYSVAR_OWNER,
            executable: false,
            rent_epoch: 0,
        };
        self.write_account(&SLOT_HASHES_SYSVAR, account);
    }

    /// Gives lamports to an account.
    pub fn fund(&mut self, key: &Pubkey, lamports: u64) {
        let mut account = self.svm.get_account(key).unwrap_or_default();
        account.lamports += lamports;
        self.write_account(key, account);
    }

    /// Overwrites an account. Tests use this to forge accounts.
    ///
    /// # Panics
    /// When the runtime refuses it, which happens only for broken programs and sysvars.
    pub fn write_account(&mut self, key: &Pubkey, account: Account) {
        self.note(|| Entry::Account(*key, account.clone()));
        #[allow(clippy::expect_used)]
        self.svm
            .set_account(*key, account)
            .expect("the machine takes any plain account");
    }

    /// Starts a journal. It begins with the clock and the payer.
    pub fn keep_journal(&mut self) {
        self.journal = Some(Vec::new());
        let (clock, payer) = (self.clock(), self.payer.pubkey());
        self.set_clock(clock.slot, clock.unix_timestamp);
        self.fund(&payer, 0);
    }

    /// The operations recorded since [`Machine::keep_journal`].
    #[must_use]
    pub fn take_journal(&mut self) -> Vec<Entry> {
        self.journal.take().unwrap_or_default()
    }

    fn note(&mut self, entry: impl FnOnce() -> Entry) {
        if let Some(journal) = &mut self.journal {
            journal.push(entry());
        }
    }

    /// The raw account, if there is one.
    #[must_use]
    pub fn account(&self, key: &Pubkey) -> Option<Account> {
        self.svm.get_account(key).filter(|account| account.lamports > 0)
    }

    /// Decodes a Bulkhead or host account.
    ///
    /// # Panics
    /// When the account does not exist or is of another type: a bug in a test or a drill.
    #[must_use]
    pub fn load<T: ZeroCopy + Discriminator>(&self, key: &Pubkey) -> T {
        self.try_load(key)
            .unwrap_or_else(|| panic!("{key} is no {}", std::any::type_name::<T>()))
    }

    /// The lowest index for which `proposer` has no proposal.
    #[must_use]
    pub fn free_proposal(&self, domain: &Pubkey, proposer: &Pubkey) -> u64 {
        let is_taken = |index: u64| {
            let key = bulkhead_client::pda::proposal(domain, proposer, index);
            self.account(&key)
                .is_some_and(|account| account.owner == bulkhead_interface::ID)
        };
        (0..u64::MAX).find(|index| !is_taken(*index)).unwrap_or(u64::MAX)
    }

    /// Decodes a Bulkhead or host account, if it is one.
    #[must_use]
    pub fn try_load<T: ZeroCopy + Discriminator>(&self, key: &Pubkey) -> Option<T> {
        bulkhead_client::decode::account(&self.account(key)?.data)
    }
}

impl From<TransactionMetadata> for Outcome {
    fn from(meta: TransactionMetadata) -> Self {
        Self {
            compute_units: meta.compute_units_consumed,
            fee: meta.fee,
            logs: meta.logs,
            return_data: meta.return_data.data,
        }
    }
}
