//! The instructions as bytes and accounts, for any account type, and where their verdicts are read.

use core::{convert::TryInto, marker::PhantomData};

use bulkhead_guard::BULKHEAD_ID;

use crate::verdict::{metered, released, taken_back, Credit, Metered, NoVerdict, Released};

/// Discriminator of `meter_outflow`.
pub const METER_OUTFLOW: [u8; 8] = [74, 218, 72, 234, 59, 64, 186, 242];
/// Discriminator of `release`.
pub const RELEASE: [u8; 8] = [253, 249, 15, 206, 28, 127, 193, 241];
/// Discriminator of `receive_deposit`.
pub const RECEIVE_DEPOSIT: [u8; 8] = [219, 9, 95, 27, 224, 69, 20, 214];
/// Discriminator of `record_inflow`.
pub const RECORD_INFLOW: [u8; 8] = [66, 7, 180, 208, 106, 28, 58, 248];
/// Discriminator of `take_back_release`.
pub const TAKE_BACK_RELEASE: [u8; 8] = [194, 193, 190, 174, 163, 163, 41, 5];

/// Accounts of `meter_outflow`: Bulkhead counts, the host pays.
#[derive(Debug)]
pub struct MeterOutflow<'a, A> {
    /// The breaker. Compare it with the one the host stored; the caller must not choose it.
    pub breaker: &'a A,
    /// The breaker's board.
    pub board: &'a A,
    /// The breaker's authority, a PDA of the host. It signs.
    pub authority: &'a A,
}

/// Accounts of `release`: Bulkhead holds the tokens, and pays or queues.
#[derive(Debug)]
pub struct Release<'a, A> {
    /// The vault's operator, a PDA of the host. It signs.
    pub operator: &'a A,
    /// The vault. Compare it with the one the host stored.
    pub vault: &'a A,
    /// The vault's breaker.
    pub breaker: &'a A,
    /// The vault's board.
    pub board: &'a A,
    /// The vault's token account.
    pub custody: &'a A,
    /// Token account to pay.
    pub destination: &'a A,
    /// The vault's mint.
    pub mint: &'a A,
    /// The mint's token program.
    pub token_program: &'a A,
    /// The release account, created if the release has to wait.
    pub release: &'a A,
    /// Pays the release account's rent. It signs.
    pub payer: &'a A,
    /// The System program.
    pub system_program: &'a A,
    /// The requester's deposit note, for hosts that take deposits with [`ReceiveDeposit`]: the PDA of `deposit`, vault
    /// and owner, even if no account exists there yet. Derive it; the caller must not choose it.
    pub note: Option<&'a A>,
}

/// Accounts of `receive_deposit`: the owner's tokens go into custody. Within the window they may leave again to that
/// owner without counting towards its limits.
#[derive(Debug)]
pub struct ReceiveDeposit<'a, A> {
    /// The owner of the tokens. It signs.
    pub owner: &'a A,
    /// The vault. Compare it with the one the host stored.
    pub vault: &'a A,
    /// The vault's breaker.
    pub breaker: &'a A,
    /// The vault's board.
    pub board: &'a A,
    /// The owner's token account.
    pub source: &'a A,
    /// The vault's token account.
    pub custody: &'a A,
    /// The vault's mint.
    pub mint: &'a A,
    /// The mint's token program.
    pub token_program: &'a A,
    /// The owner's deposit note: the PDA of `deposit`, vault and owner.
    pub note: &'a A,
    /// Pays the deposit note's rent. It signs.
    pub payer: &'a A,
    /// The System program.
    pub system_program: &'a A,
}

/// Accounts of `record_inflow`: tokens that came in may leave again within the window, up to a bound.
#[derive(Debug)]
pub struct RecordInflow<'a, A> {
    /// The breaker. Compare it with the one the host stored.
    pub breaker: &'a A,
    /// The breaker's authority, or the operator of the breaker's vault: a PDA of the host. It signs.
    pub authority: &'a A,
    /// The vault, with custody. Pass Bulkhead's own program account if there is none.
    pub vault: &'a A,
}

/// Accounts of `take_back_release`: a queued release was cancelled, and the host owes its amount again.
#[derive(Debug)]
pub struct TakeBackRelease<'a, A> {
    /// The vault's operator, a PDA of the host. It signs.
    pub operator: &'a A,
    /// The vault. Compare it with the one the host stored.
    pub vault: &'a A,
    /// The release account. It is closed. Find out from it whom the host has debited.
    pub release: &'a A,
    /// Who paid the release account's rent and gets it back.
    pub payer: &'a A,
}

/// How an instruction uses an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// It may change.
    pub is_writable: bool,
    /// It signs.
    pub is_signer: bool,
}

const READ: Use = usage(false, false);
const WRITE: Use = usage(true, false);
const SIGN: Use = usage(false, true);
const WRITE_AND_SIGN: Use = usage(true, true);

const fn usage(is_writable: bool, is_signer: bool) -> Use {
    Use { is_writable, is_signer }
}

/// An instruction of Bulkhead over any account type. The host invokes it with its framework's own function: the program
/// is [`BULKHEAD_ID`](crate::BULKHEAD_ID), accounts and data are here. `V` is what it answers.
#[must_use = "invoke the instruction"]
#[derive(Debug)]
pub struct Call<'a, A, V, const ACCOUNTS: usize, const BYTES: usize> {
    /// The accounts in their order, and how each is used.
    pub accounts: [(&'a A, Use); ACCOUNTS],
    /// The instruction data.
    pub data: [u8; BYTES],
    amount: u64,
    answer: PhantomData<fn() -> V>,
}

impl<'a, A, V, const ACCOUNTS: usize, const BYTES: usize> Call<'a, A, V, ACCOUNTS, BYTES> {
    #[inline(always)]
    const fn new(accounts: [(&'a A, Use); ACCOUNTS], data: [u8; BYTES], amount: u64) -> Self {
        Self {
            accounts,
            data,
            amount,
            answer: PhantomData,
        }
    }
}

impl<A, const ACCOUNTS: usize, const BYTES: usize> Call<'_, A, Metered, ACCOUNTS, BYTES> {
    /// Reads the verdict. `answer` is the return data after the call, and the program that set it. Anything that is not
    /// Bulkhead's permission counts as a refusal.
    #[inline(always)]
    pub fn verdict<Program: AsRef<[u8]>, Data: AsRef<[u8]>>(self, answer: Option<(Program, Data)>) -> Metered {
        self.answered(said(&answer))
    }

    /// The verdict, from what [`of_bulkhead`] read.
    #[doc(hidden)]
    #[inline(always)]
    pub fn answered(self, said: Option<[u8; 1]>) -> Metered {
        metered(said, self.amount)
    }
}

impl<A, const ACCOUNTS: usize, const BYTES: usize> Call<'_, A, Released, ACCOUNTS, BYTES> {
    /// Reads the verdict. `answer` is the return data after the call, and the program that set it.
    ///
    /// # Errors
    /// [`NoVerdict`]: the host's instruction has to fail with it.
    #[inline(always)]
    pub fn verdict<Program: AsRef<[u8]>, Data: AsRef<[u8]>>(
        self,
        answer: Option<(Program, Data)>,
    ) -> Result<Released, NoVerdict> {
        self.answered(said(&answer))
    }

    /// The verdict, from what [`of_bulkhead`] read.
    #[doc(hidden)]
    #[inline(always)]
    pub fn answered(self, said: Option<[u8; 1]>) -> Result<Released, NoVerdict> {
        released(said, self.amount)
    }
}

impl<A, const ACCOUNTS: usize, const BYTES: usize> Call<'_, A, Credit, ACCOUNTS, BYTES> {
    /// Reads the amount to credit. `answer` is the return data after the call, and the program that set it.
    ///
    /// # Errors
    /// [`NoVerdict`]: the host's instruction has to fail with it, which reverts the closing of the release.
    #[inline(always)]
    pub fn verdict<Program: AsRef<[u8]>, Data: AsRef<[u8]>>(
        self,
        answer: Option<(Program, Data)>,
    ) -> Result<Credit, NoVerdict> {
        self.answered(said(&answer))
    }

    /// The amount, from what [`of_bulkhead`] read.
    #[doc(hidden)]
    #[inline(always)]
    pub fn answered(self, said: Option<[u8; 8]>) -> Result<Credit, NoVerdict> {
        taken_back(said)
    }
}

/// The return data, if it is Bulkhead's and of this length.
#[doc(hidden)]
#[inline(always)]
#[must_use]
pub fn of_bulkhead<const LEN: usize>(program: &[u8], data: &[u8]) -> Option<[u8; LEN]> {
    match (program.try_into(), data.try_into()) {
        (Ok(&BULKHEAD_ID), Ok(data)) => Some(data),
        _ => None,
    }
}

#[inline(always)]
pub(crate) fn said<Program: AsRef<[u8]>, Data: AsRef<[u8]>, const LEN: usize>(
    answer: &Option<(Program, Data)>,
) -> Option<[u8; LEN]> {
    let (program, data) = answer.as_ref()?;
    of_bulkhead(program.as_ref(), data.as_ref())
}

/// The data of an instruction with one argument.
#[inline(always)]
fn one(discriminator: [u8; 8], argument: u64) -> [u8; 16] {
    let mut data = [0; 16];
    let (first, second) = data.split_at_mut(8);
    first.copy_from_slice(&discriminator);
    second.copy_from_slice(&argument.to_le_bytes());
    data
}

/// The data of an instruction with two arguments.
#[inline(always)]
fn two(discriminator: [u8; 8], argument: u64, next: u64) -> [u8; 24] {
    let mut data = [0; 24];
    let (first, last) = data.split_at_mut(16);
    first.copy_from_slice(&one(discriminator, argument));
    last.copy_from_slice(&next.to_le_bytes());
    data
}

impl<'a, A> MeterOutflow<'a, A> {
    /// The instruction that asks whether `amount` may leave.
    #[inline(always)]
    pub fn call(&self, amount: u64) -> Call<'a, A, Metered, 3, 16> {
        let accounts = [(self.breaker, WRITE), (self.board, READ), (self.authority, SIGN)];
        Call::new(accounts, one(METER_OUTFLOW, amount), amount)
    }
}

impl<'a, A> Release<'a, A> {
    /// The instruction of a host that takes no deposits with [`ReceiveDeposit`]: without a note, even if there is one.
    #[inline(always)]
    pub fn call_without_note(&self, amount: u64, index: u64) -> Call<'a, A, Released, 11, 24> {
        Call::new(self.accounts(), two(RELEASE, amount, index), amount)
    }

    /// The instruction with the requester's deposit note, [`Release::note`].
    #[inline(always)]
    pub fn call_with_note(&self, note: &'a A, amount: u64, index: u64) -> Call<'a, A, Released, 12, 24> {
        let [a, b, c, d, e, f, g, h, i, j, k] = self.accounts();
        let accounts = [a, b, c, d, e, f, g, h, i, j, k, (note, WRITE)];
        Call::new(accounts, two(RELEASE, amount, index), amount)
    }

    #[inline(always)]
    const fn accounts(&self) -> [(&'a A, Use); 11] {
        [
            (self.operator, SIGN),
            (self.vault, WRITE),
            (self.breaker, WRITE),
            (self.board, READ),
            (self.custody, WRITE),
            (self.destination, WRITE),
            (self.mint, READ),
            (self.token_program, READ),
            (self.release, WRITE),
            (self.payer, WRITE_AND_SIGN),
            (self.system_program, READ),
        ]
    }
}

impl<'a, A> TakeBackRelease<'a, A> {
    /// The instruction that takes a cancelled release back and closes its record.
    #[inline(always)]
    pub fn call(&self) -> Call<'a, A, Credit, 4, 8> {
        let accounts = [
            (self.operator, SIGN),
            (self.vault, READ),
            (self.release, WRITE),
            (self.payer, WRITE),
        ];
        Call::new(accounts, TAKE_BACK_RELEASE, 0)
    }
}

impl<'a, A> ReceiveDeposit<'a, A> {
    /// The instruction that takes `amount` of the owner's tokens into custody.
    #[inline(always)]
    pub fn call(&self, amount: u64) -> Call<'a, A, (), 11, 16> {
        let accounts = [
            (self.owner, SIGN),
            (self.vault, READ),
            (self.breaker, READ),
            (self.board, READ),
            (self.source, WRITE),
            (self.custody, WRITE),
            (self.mint, READ),
            (self.token_program, READ),
            (self.note, WRITE),
            (self.payer, WRITE_AND_SIGN),
            (self.system_program, READ),
        ];
        Call::new(accounts, one(RECEIVE_DEPOSIT, amount), amount)
    }
}

impl<'a, A> RecordInflow<'a, A> {
    /// The instruction that reports `amount` as come in.
    #[inline(always)]
    pub fn call(&self, amount: u64) -> Call<'a, A, (), 3, 16> {
        let accounts = [(self.breaker, WRITE), (self.authority, SIGN), (self.vault, READ)];
        Call::new(accounts, one(RECORD_INFLOW, amount), amount)
    }
}

/// Compares the instructions with the IDL of the compiled program.
#[cfg(test)]
mod tests {
    extern crate std;

    use std::{string::String, vec::Vec};

    use bulkhead_interface::constants::verdict;
    use serde_json::Value;

    use super::*;
    use crate::{ALLOWED, DENIED, QUEUED};

    fn instruction(name: &str) -> Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../idl/bulkhead.json");
        let idl: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("the IDL")).expect("JSON");
        let all = idl["instructions"].as_array().expect("instructions");
        let found = all.iter().find(|instruction| instruction["name"] == name);
        found.expect("in the IDL").clone()
    }

    /// `accounts` names each of the call's accounts.
    fn is_as_compiled<V, const N: usize, const B: usize>(
        name: &str,
        call: &Call<&str, V, N, B>,
        returns: Option<&str>,
    ) {
        let compiled = instruction(name);
        let as_json = |account: &Value| {
            let is = |what: &str| account[what].as_bool().unwrap_or(false);
            (
                String::from(account["name"].as_str().expect("a name")),
                is("writable"),
                is("signer"),
            )
        };
        let expected: Vec<_> = compiled["accounts"]
            .as_array()
            .expect("accounts")
            .iter()
            .map(as_json)
            .collect();
        let ours = call
            .accounts
            .iter()
            .map(|(name, used)| (String::from(**name), used.is_writable, used.is_signer));
        assert_eq!(ours.collect::<Vec<_>>(), expected, "{name}");
        let (discriminator, words) = call.data.split_at(8);
        assert_eq!(compiled["discriminator"], Value::from(discriminator.to_vec()), "{name}");
        let arguments = compiled["args"].as_array().expect("args");
        assert_eq!(arguments.len() * 8, words.len(), "{name}");
        for (argument, word) in arguments.iter().zip(words.chunks_exact(8)) {
            assert_eq!(argument["type"], "u64", "{name}");
            // Each argument is a number derived from its name, so that a swap of two arguments is detected.
            let name = argument["name"].as_str().expect("a name");
            assert_eq!(word, number(name).to_le_bytes(), "{name}");
        }
        assert_eq!(compiled["returns"].as_str(), returns, "{name}");
    }

    /// A number that stands for a name.
    fn number(name: &str) -> u64 {
        name.bytes().fold(7, |sum, byte| sum * 31 + u64::from(byte))
    }

    #[test]
    fn meter_outflow_is_the_compiled_instruction() {
        let accounts = MeterOutflow {
            breaker: &"breaker",
            board: &"board",
            authority: &"authority",
        };
        is_as_compiled("meter_outflow", &accounts.call(number("amount")), Some("u8"));
    }

    #[test]
    fn release_is_the_compiled_instruction() {
        let accounts = Release {
            operator: &"operator",
            vault: &"vault",
            breaker: &"breaker",
            board: &"board",
            custody: &"custody",
            destination: &"destination",
            mint: &"mint",
            token_program: &"token_program",
            release: &"release",
            payer: &"payer",
            system_program: &"system_program",
            note: None,
        };
        let call = accounts.call_with_note(&"note", number("amount"), number("index"));
        is_as_compiled("release", &call, Some("u8"));
        let without = accounts.call_without_note(number("amount"), number("index"));
        assert_eq!(without.accounts, call.accounts[..11]);
        assert_eq!(without.data, call.data);
    }

    #[test]
    fn receive_deposit_is_the_compiled_instruction() {
        let accounts = ReceiveDeposit {
            owner: &"owner",
            vault: &"vault",
            breaker: &"breaker",
            board: &"board",
            source: &"source",
            custody: &"custody",
            mint: &"mint",
            token_program: &"token_program",
            note: &"note",
            payer: &"payer",
            system_program: &"system_program",
        };
        is_as_compiled("receive_deposit", &accounts.call(number("amount")), Some("u64"));
    }

    #[test]
    fn record_inflow_is_the_compiled_instruction() {
        let accounts = RecordInflow {
            breaker: &"breaker",
            authority: &"authority",
            vault: &"vault",
        };
        is_as_compiled("record_inflow", &accounts.call(number("amount")), None);
    }

    #[test]
    fn take_back_release_is_the_compiled_instruction() {
        let accounts = TakeBackRelease {
            operator: &"operator",
            vault: &"vault",
            release: &"release",
            payer: &"payer",
        };
        is_as_compiled("take_back_release", &accounts.call(), Some("u64"));
    }

    #[test]
    fn the_verdicts_are_those_of_the_program() {
        assert_eq!(
            [ALLOWED, QUEUED, DENIED],
            [verdict::ALLOWED, verdict::QUEUED, verdict::DENIED]
        );
    }
}
