//! `check_restart`: reads every restored ledger again before a domain reopens.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{acts::restored_ledgers, snapshots::layout::linked::factor_fields};
use bulkhead_interface::layout::{AuthorityWatch, Domain, Incident, Ledger, Vault};

use super::{Done, FlowError, Session};
use crate::{
    instructions::{self as ix, RestartReading},
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

/// The ledgers whose restart checks a reopening of `incident` must pass.
pub(super) async fn checked(session: &Session<'_>, domain: &Domain, incident: &Pubkey) -> Result<Vec<u8>, FlowError> {
    if domain.restart_check_seconds == 0 || domain.open_incident != *incident || *incident == Pubkey::default() {
        return Ok(vec![]);
    }
    let incident: Incident = session.load("incident", incident, "is the cluster right?").await?;
    Ok(restored_ledgers(&incident).collect())
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
