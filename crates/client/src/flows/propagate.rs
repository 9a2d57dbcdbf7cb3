//! Carries to the board whatever detectors and upstream domains have closed.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    acts::{self, At, NewIncident},
    pause::incident::{is_next_due, number_for_alarm},
};
use bulkhead_interface::layout::{Council, Domain, Incident, Link, PauseBoard};
use bytemuck::Zeroable;
use solana_instruction::Instruction;

use super::{Done, FlowError, Session};
use crate::{
    instructions as ix, pda,
    status::{Accounts, detector, gather_kinds},
    watch::Kind,
};

/// A linked pause in force is propagated again once that extends it by more than this.
const RENEW_SECONDS: i64 = 3_600;

/// Anyone propagates the latches that are not on the board, and the pauses of linked upstream domains. A latch opens the
/// incident if none is open.
///
/// # Errors
/// [`FlowError`]
pub async fn propagate(session: &Session<'_>, domain: Pubkey) -> Result<Done, FlowError> {
    const KINDS: [Kind; 7] = [
        Kind::OutflowBreaker,
        Kind::PriceBreaker,
        Kind::SolvencyBreaker,
        Kind::AuthorityWatch,
        Kind::Vault,
        Kind::Link,
        Kind::Incident,
    ];
    let mut accounts = gather_kinds(session, domain, &KINDS).await?;
    let links = accounts.all::<Link>();
    let boards: Vec<_> = links.iter().map(|(_, link)| link.upstream_board).collect();
    accounts.add(session, &boards).await?;
    let at = session.chain.now().await?;
    let due = due_propagations(&accounts, session.chain.payer(), at);
    let total = u64::try_from(due.len()).unwrap_or(u64::MAX);
    let mut receipts = Vec::new();
    // In this order: the first latch may open the incident that the others are added to.
    for (instruction, sent) in due.into_iter().zip(1..) {
        receipts.push(session.chain.send(&[instruction]).await?);
        session.report.progress("trips and links", sent, total);
    }
    Ok(Done {
        skipped: u64::from(receipts.is_empty()),
        receipts,
    })
}

/// The propagations that are due, in an order in which all of them succeed.
#[must_use]
pub fn due_propagations(accounts: &Accounts, payer: Pubkey, at: At) -> Vec<Instruction> {
    let domain_key = accounts.domain();
    let found = accounts
        .find::<Domain>(&domain_key)
        .zip(accounts.find::<Council>(&pda::council(&domain_key)))
        .zip(accounts.find::<PauseBoard>(&pda::board(&domain_key)));
    let Some(((mut domain, council), mut board)) = found else {
        return vec![];
    };
    let mut instructions = Vec::new();
    let mut incident: Incident = accounts.find(&domain.open_incident).unwrap_or_else(Incident::zeroed);
    for (key, account) in accounts.iter() {
        let Some((cause, mut found)) = detector::read(account) else {
            continue;
        };
        let number = number_for_alarm(&domain);
        let new = NewIncident {
            key: pda::incident(&domain_key, number),
            domain: domain_key,
            bump: 0,
        };
        let mut next = if is_next_due(&domain) {
            Incident::zeroed()
        } else {
            incident
        };
        // An act that fails may have changed its accounts.
        let (mut state, mut rows) = (domain, board);
        let propagated = acts::propagate(
            &mut state,
            &council,
            &mut rows,
            &mut found.latch,
            (key, cause),
            &mut next,
            &new,
            at,
        );
        if propagated.is_ok() {
            (domain, board, incident) = (state, rows, next);
            instructions.push(ix::propagate_trip(domain_key, payer, *key, number));
        }
    }
    for (_, link) in accounts.all::<Link>() {
        let Some(upstream) = accounts.outside::<PauseBoard>(&link.upstream_board) else {
            continue;
        };
        if link_is_due(&link, &upstream, &council, &board, at) {
            // What another link adds to the same compartments is compared with this.
            let _ = acts::carry_link(&link, &upstream, &council, &mut board, at);
            instructions.push(ix::propagate_contagion(domain_key, link.upstream));
        }
    }
    instructions
}

/// Would propagating a link close anything more, or for longer by enough to matter? A freeze upstream has no end, so it
/// is propagated again and again, each time for as long as a trip lasts.
pub(crate) fn link_is_due(link: &Link, upstream: &PauseBoard, council: &Council, board: &PauseBoard, at: At) -> bool {
    let mut after = *board;
    if acts::carry_link(link, upstream, council, &mut after, at).is_err() {
        return false;
    }
    let enough = RENEW_SECONDS.min(council.trip_seconds / 2);
    board.rows.iter().zip(&after.rows).any(|(before, after)| {
        let was = if at.now < before.linked_until { before.linked } else { 0 };
        let longer = after.linked_until.saturating_sub(before.linked_until);
        after.linked & !was != 0 || longer > enough
    })
}
