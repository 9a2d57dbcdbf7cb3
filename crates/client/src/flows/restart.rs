//! `check_restart`: reads every restored ledger again before a domain reopens.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    acts::{needs_proof, restored_ledgers},
    ledger_set,
    snapshots::layout::linked::factor_fields,
};
use bulkhead_interface::layout::{AuthorityWatch, Domain, Incident, Ledger, ProofRules, Vault};

use super::{Done, FlowError, Session};
use crate::{
    instructions::{self as ix, RestartChecks, RestartReading},
    pda,
    status::gather_kinds,
    watch::Kind,
};

/// What the check of a ledger reads.
pub(super) struct Read {
    total_account: Pubkey,
    factors: Vec<Pubkey>,
    vaults: Vec<Pubkey>,
    watches: Vec<(Pubkey, Pubkey)>,
}

impl Read {
    pub(super) fn reading(&self) -> RestartReading<'_> {
        RestartReading {
            total_account: self.total_account,
            factors: &self.factors,
            vaults: &self.vaults,
            watches: &self.watches,
        }
    }
}

/// Finds what the check of a ledger reads.
pub(super) async fn read(session: &Session<'_>, domain: Pubkey, ledger_index: u8) -> Result<Read, FlowError> {
    let key = pda::ledger(&domain, ledger_index);
    let ledger: Ledger = session.load("ledger", &key, "is the number right?").await?;
    let accounts = gather_kinds(session, domain, &[Kind::Vault, Kind::AuthorityWatch]).await?;
    let vaults = accounts.all::<Vault>().into_iter();
    let watches = accounts.all::<AuthorityWatch>().into_iter();
    Ok(Read {
        total_account: ledger.total_account,
        factors: factor_fields(&ledger).map(|(account, _)| *account).collect(),
        vaults: vaults
            .filter(|(_, vault)| vault.ledger == ledger_index && vault.mint == ledger.mint)
            .map(|(key, _)| key)
            .collect(),
        watches: watches.map(|(key, watch)| (key, watch.account)).collect(),
    })
}

/// The checks that a reopening after `incident` must pass, by the domain's rules.
pub(super) async fn checked(
    session: &Session<'_>,
    (key, domain): (Pubkey, &Domain),
    incident: &Pubkey,
) -> Result<RestartChecks, FlowError> {
    let is_named = domain.open_incident == *incident && *incident != Pubkey::default();
    let mut restored = [0; 32];
    if is_named {
        let incident: Incident = session.load("incident", incident, "is the cluster right?").await?;
        restored = incident.restored;
    }
    let mut checks = RestartChecks::default();
    if is_named && domain.restart_check_seconds != 0 {
        checks.covered = ledger_set::numbers(&restored).collect();
    }
    if let Some(rules) = session.find::<ProofRules>(&pda::proof_rules(&key)).await? {
        // A ramp is asked again for what the domain last reopened after.
        let (of, required) = if is_named {
            (*incident, restored)
        } else {
            (rules.reopened, rules.reopened_ledgers)
        };
        let needed = ledger_set::numbers(&required).filter(|index| needs_proof(Some(&rules), *index));
        checks.proved = needed.map(|index| (of, index)).collect();
    }
    Ok(checks)
}

/// Anyone records, for every ledger that was restored in the incident, that it is covered now. Run it right before the
/// domain reopens: a check becomes too old after the time that the domain's rules state.
///
/// # Errors
/// [`FlowError`]; the program names a ledger that is not covered, and an authority that is not as registered.
pub async fn check_restart(session: &Session<'_>, domain: Pubkey, incident: Pubkey) -> Result<Done, FlowError> {
    let record: Incident = session.load("incident", &incident, "is the cluster right?").await?;
    let mut done = Done::default();
    for index in restored_ledgers(&record) {
        let read = read(session, domain, index).await?;
        let check = ix::record_restart_check(domain, session.chain.payer(), incident, index, read.reading());
        done.receipts.push(session.chain.send(&[check]).await?);
    }
    Ok(done)
}
