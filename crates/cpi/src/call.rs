//! The instructions as bytes and accounts, for any account type.

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
pub(crate) enum Use {
    Read,
    Write,
    Sign,
    WriteAndSign,
}

impl Use {
    pub(crate) const fn is_writable(self) -> bool {
        matches!(self, Self::Write | Self::WriteAndSign)
    }

    pub(crate) const fn is_signer(self) -> bool {
        matches!(self, Self::Sign | Self::WriteAndSign)
    }
}

/// An instruction with `N` accounts and `W` words of data: the discriminator and the arguments.
pub(crate) struct Call<'a, A, const N: usize, const W: usize> {
    pub(crate) accounts: [(&'a A, Use); N],
    pub(crate) words: [[u8; 8]; W],
}

impl<'a, A> MeterOutflow<'a, A> {
    pub(crate) const fn call(&self, amount: u64) -> Call<'a, A, 3, 2> {
        Call {
            accounts: [
                (self.breaker, Use::Write),
                (self.board, Use::Read),
                (self.authority, Use::Sign),
            ],
            words: [METER_OUTFLOW, amount.to_le_bytes()],
        }
    }
}

impl<'a, A> Release<'a, A> {
    pub(crate) const fn call(&self, amount: u64, index: u64) -> Call<'a, A, 11, 3> {
        Call {
            accounts: [
                (self.operator, Use::Sign),
                (self.vault, Use::Write),
                (self.breaker, Use::Write),
                (self.board, Use::Read),
                (self.custody, Use::Write),
                (self.destination, Use::Write),
                (self.mint, Use::Read),
                (self.token_program, Use::Read),
                (self.release, Use::Write),
                (self.payer, Use::WriteAndSign),
                (self.system_program, Use::Read),
            ],
            words: [RELEASE, amount.to_le_bytes(), index.to_le_bytes()],
        }
    }

    pub(crate) const fn call_noted(&self, note: &'a A, amount: u64, index: u64) -> Call<'a, A, 12, 3> {
        let Call { accounts, words } = self.call(amount, index);
        let [a, b, c, d, e, f, g, h, i, j, k] = accounts;
        Call {
            accounts: [a, b, c, d, e, f, g, h, i, j, k, (note, Use::Write)],
            words,
        }
    }
}

impl<'a, A> ReceiveDeposit<'a, A> {
    pub(crate) const fn call(&self, amount: u64) -> Call<'a, A, 11, 2> {
        Call {
            accounts: [
                (self.owner, Use::Sign),
                (self.vault, Use::Read),
                (self.breaker, Use::Read),
                (self.board, Use::Read),
                (self.source, Use::Write),
                (self.custody, Use::Write),
                (self.mint, Use::Read),
                (self.token_program, Use::Read),
                (self.note, Use::Write),
                (self.payer, Use::WriteAndSign),
                (self.system_program, Use::Read),
            ],
            words: [RECEIVE_DEPOSIT, amount.to_le_bytes()],
        }
    }
}

impl<'a, A> RecordInflow<'a, A> {
    pub(crate) const fn call(&self, amount: u64) -> Call<'a, A, 3, 2> {
        Call {
            accounts: [
                (self.breaker, Use::Write),
                (self.authority, Use::Sign),
                (self.vault, Use::Read),
            ],
            words: [RECORD_INFLOW, amount.to_le_bytes()],
        }
    }
}

impl<'a, A> TakeBackRelease<'a, A> {
    pub(crate) const fn call(&self) -> Call<'a, A, 4, 1> {
        Call {
            accounts: [
                (self.operator, Use::Sign),
                (self.vault, Use::Read),
                (self.release, Use::Write),
                (self.payer, Use::Write),
            ],
            words: [TAKE_BACK_RELEASE],
        }
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
    fn is_as_compiled<const N: usize, const W: usize>(name: &str, call: &Call<&str, N, W>, returns: Option<&str>) {
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
            .map(|(name, way)| (String::from(**name), way.is_writable(), way.is_signer()));
        assert_eq!(ours.collect::<Vec<_>>(), expected, "{name}");
        assert_eq!(compiled["discriminator"], Value::from(call.words[0].to_vec()), "{name}");
        let arguments = compiled["args"].as_array().expect("args");
        assert_eq!(arguments.len(), W - 1, "{name}");
        for (argument, word) in arguments.iter().zip(&call.words[1..]) {
            assert_eq!(argument["type"], "u64", "{name}");
            // Each argument is a number derived from its name, so that a swap of two arguments is detected.
            let name = argument["name"].as_str().expect("a name");
            assert_eq!(u64::from_le_bytes(*word), number(name), "{name}");
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
        let call = accounts.call_noted(&"note", number("amount"), number("index"));
        is_as_compiled("release", &call, Some("u8"));
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
