//! Which ledger, in which incident, a verb is about, and the addresses that follow.

use std::{fmt, str::FromStr};

use anchor_lang::prelude::Pubkey;
use anchor_spl::associated_token::{get_associated_token_address_with_program_id, spl_associated_token_account};
use anyhow::Context as _;
use bulkhead_client::{chain::Chain, flows::FlowError, instructions::RestorationKeys, pda};
use bulkhead_interface::layout::{Ledger, Restoration};
use clap::Args;
use solana_instruction::Instruction;

use super::find::{self, Site};
use crate::context::Context;

/// An incident by number, or by address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IncidentName {
    /// Its number within the domain.
    Number(u64),
    /// Its address.
    Address(Pubkey),
}

impl FromStr for IncidentName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.parse().map(Self::Number);
        let address = || Pubkey::from_str(text).map(Self::Address);
        number
            .or_else(|_| address())
            .map_err(|_| "it is neither a number nor an address".into())
    }
}

impl fmt::Display for IncidentName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(out),
            Self::Address(address) => address.fmt(out),
        }
    }
}

/// A ledger of the domain, in one of its incidents.
#[derive(Args, Clone, Debug)]
pub struct LedgerAt {
    /// Number of the ledger
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) ledger_index: u8,
    /// Number or address of the incident [default: the open one, or else the last]
    #[arg(long, value_name = "INCIDENT")]
    pub(crate) incident: Option<IncidentName>,
}

/// Where a ledger stands in an incident.
pub(crate) struct Place {
    /// The domain and what belongs to it.
    pub(crate) site: Site,
    /// Address of the incident.
    pub(crate) incident: Pubkey,
    /// Number of the ledger.
    pub(crate) ledger_index: u8,
}

impl LedgerAt {
    /// Reads the domain, and finds the incident.
    pub(crate) async fn find(&self, context: &Context) -> anyhow::Result<Place> {
        let site = Site::of(context).await?;
        let named = self.incident.map(|named| match named {
            IncidentName::Number(number) => pda::incident(&site.key, number),
            IncidentName::Address(address) => address,
        });
        let (incident, state) = find::incident(context, &site, named).await?;
        if state.domain != site.key {
            return Err(not_possible(
                format!("incident {incident} is of domain {}", state.domain),
                "pass that domain with --domain, or another incident",
            ));
        }
        Ok(Place {
            site,
            incident,
            ledger_index: self.ledger_index,
        })
    }
}

impl Place {
    /// Address of the domain.
    pub(crate) const fn domain(&self) -> Pubkey {
        self.site.key
    }

    /// The snapshot of the ledger that is read in the incident.
    pub(crate) fn snapshot(&self) -> Pubkey {
        pda::snapshot(&self.incident, self.ledger_index)
    }

    /// The snapshot to read into: the incident's own, or the successor with this number.
    pub(crate) fn read_into(&self, successor: Option<u16>) -> Pubkey {
        successor.map_or_else(
            || self.snapshot(),
            |number| pda::successor(&self.incident, self.ledger_index, number),
        )
    }

    /// The ledger's ballot.
    pub(crate) fn ballot(&self) -> Pubkey {
        pda::ballot(&self.incident, self.ledger_index)
    }

    /// The ledger's restoration.
    pub(crate) fn restoration(&self) -> Pubkey {
        pda::restoration(&self.incident, self.ledger_index)
    }

    /// The checkpoint log of the ledger.
    pub(crate) fn log(&self) -> Pubkey {
        pda::checkpoint_log(&self.site.key, self.ledger_index)
    }

    /// Reads the ledger.
    pub(crate) async fn ledger(&self, context: &Context) -> anyhow::Result<Ledger> {
        let key = pda::ledger(&self.site.key, self.ledger_index);
        find::one(context, "ledger", &key, "--ledger-index names another").await
    }

    /// Reads the restoration, with the accounts that go with it.
    pub(crate) async fn restored(&self, context: &Context) -> anyhow::Result<(RestorationKeys, Restoration)> {
        let key = self.restoration();
        let next = "a matured proposal chooses the state first: `bulkhead restore`";
        let state: Restoration = find::one(context, "restoration", &key, next).await?;
        let keys = RestorationKeys {
            restoration: key,
            mint: state.mint,
            token_program: state.token_program,
        };
        Ok((keys, state))
    }
}

/// Why nothing was sent: the arguments contradict each other or the accounts.
pub(crate) fn not_possible(why: impl Into<String>, next: impl Into<String>) -> anyhow::Error {
    FlowError::NotPossible {
        why: why.into(),
        next: next.into(),
    }
    .into()
}

/// The token program of a mint: the owner of its account.
pub(crate) async fn token_program(chain: &dyn Chain, mint: &Pubkey) -> anyhow::Result<Pubkey> {
    let account = chain.account(mint).await?;
    let account = account.with_context(|| format!("NotFound: mint {mint} does not exist on this cluster; check -u"))?;
    let is_token = account.owner == anchor_spl::token::ID || account.owner == anchor_spl::token_2022::ID;
    if is_token {
        return Ok(account.owner);
    }
    Err(not_possible(
        format!("{mint} belongs to {}, so it is not a mint", account.owner),
        "check the address",
    ))
}

/// The associated token account of `owner`.
pub(crate) fn associated(owner: &Pubkey, mint: &Pubkey, token_program: &Pubkey) -> Pubkey {
    get_associated_token_address_with_program_id(owner, mint, token_program)
}

/// Creates the associated token account of `owner` if it does not exist.
pub(crate) fn create_associated(payer: &Pubkey, owner: &Pubkey, mint: &Pubkey, token_program: &Pubkey) -> Instruction {
    spl_associated_token_account::instruction::create_associated_token_account_idempotent(
        payer,
        owner,
        mint,
        token_program,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_is_a_number_or_an_address() {
        let key = Pubkey::new_from_array([7; 32]);
        assert_eq!("3".parse(), Ok(IncidentName::Number(3)));
        assert_eq!(key.to_string().parse(), Ok(IncidentName::Address(key)));
        assert!("the last".parse::<IncidentName>().is_err());
    }
}
