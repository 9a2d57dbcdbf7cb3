//! `restore`: from the ballot's winner to shares that can be claimed.
//!
//! Nothing here is anyone's choice: the vote chose the state, a matured proposal names it, and what an evacuation
//! recovered is due to its claims. So anyone may crank all of it.

use std::mem::offset_of;

use anchor_lang::prelude::Pubkey;
use bulkhead::{decision::EncodedDecision, instructions::ChooseRestorationArgs};
use bulkhead_core::{
    CoreError,
    acts::{self, Asked, At, RecoveryAccount},
    ballots::ballot,
    proposals::proposal::{self as rules, Progress, Status},
    restoration::share,
    token,
};
use bulkhead_interface::{
    ProposalKind, discriminator,
    layout::{Ballot, Council, Domain, Incident, PauseBoard, Proposal, Restoration, Snapshot, Vault},
};

use super::snapshot::send::refused;
use crate::{
    chain::{ChainError, Filter},
    decode,
    flows::{Done, FlowError, Session},
    instructions::{self as ix, Authority, RestorationKeys},
    payload::duration,
    pda,
};

/// What [`restore`] leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// What it did.
    pub done: Done,
    /// The restoration.
    pub restoration: Pubkey,
    /// Its snapshot.
    pub snapshot: Pubkey,
    /// Sum of all claims. Native units.
    pub total: u64,
    /// Shared out so far. Native units.
    pub shared: u64,
    /// Paid so far. Native units.
    pub paid: u64,
    /// Moved into the pool from recovery accounts by this run. Native units.
    pub funded: u64,
    /// What the pool still lacks until every claim can be paid in full. Native units.
    pub lacking: u64,
}

/// Restores a ledger to the state that its ballot chose: executes the matured proposal, moves what evacuations recovered
/// into the pool, and shares it out. `proposal` names the proposal; otherwise it is searched for.
///
/// # Errors
/// [`FlowError::NotYet`] says what is missing: a winner, a proposal, approvals, time, or money. Otherwise [`FlowError`].
pub async fn restore(
    session: &Session<'_>,
    domain: Pubkey,
    incident: Pubkey,
    ledger_index: u8,
    proposal: Option<Pubkey>,
) -> Result<Restored, FlowError> {
    let mut done = Done::default();
    let key = pda::restoration(&incident, ledger_index);
    if session.find::<Restoration>(&key).await?.is_some() {
        done.skipped += 1;
    } else {
        choose(session, (domain, incident, ledger_index), proposal, &key, &mut done).await?;
    }
    let next = "it was chosen, but this node does not have it yet: run this again";
    let mut restoration: Restoration = session.load("restoration", &key, next).await?;
    let funded = fund(session, domain, &key, &mut restoration, &mut done).await?;
    let balance = share_out(session, &key, &mut restoration, &mut done).await?;
    let lacking = share::lacking(&restoration, balance);
    if restoration.shared == 0 {
        return Err(FlowError::NotYet {
            why: format!("the state is chosen, and the pool {} is empty", restoration.pool),
            next: "evacuate the vaults that back the ledger, or pay in with `fund_restoration`; then run this again"
                .into(),
        });
    }
    if lacking > 0 {
        session.report.note(&format!(
            "the claims lack {lacking} of {}: what is paid into the pool later is shared out by running this again",
            restoration.total
        ));
    }
    Ok(Restored {
        done,
        restoration: key,
        snapshot: restoration.snapshot,
        total: restoration.total,
        shared: restoration.shared,
        paid: restoration.paid,
        funded,
        lacking,
    })
}

/// Executes the proposal for the winner.
async fn choose(
    session: &Session<'_>,
    (domain, incident, ledger_index): (Pubkey, Pubkey, u8),
    proposal: Option<Pubkey>,
    key: &Pubkey,
    done: &mut Done,
) -> Result<(), FlowError> {
    let state: Domain = session.load("domain", &domain, "is the address right?").await?;
    let at = session.chain.now().await?;
    let (snapshot, args) = winner(session, incident, ledger_index, at.now).await?;
    let proposal = match proposal {
        Some(proposal) => proposal,
        None => matured(session, &domain, &state, &args, at).await?,
    };
    require_ready(session, &domain, &state, &proposal, &args, at).await?;
    let mint = session
        .chain
        .account(&snapshot.mint)
        .await?
        .ok_or_else(|| FlowError::NotFound {
            what: "mint",
            key: snapshot.mint,
            next: "is this the right cluster?".into(),
        })?;
    let payer = session.chain.payer();
    let authority = Authority {
        signer: payer,
        domain,
        proposal: Some(proposal),
    };
    let choose = ix::choose_restoration(authority, payer, snapshot.mint, mint.owner, args);
    match session.chain.send(&[choose]).await {
        Ok(receipt) => done.receipts.push(receipt),
        // Anyone may execute it, and it may have landed although nothing was heard of it.
        Err(error) => match session.find::<Restoration>(key).await {
            Ok(Some(_)) => done.skipped += 1,
            _ => return Err(error.into()),
        },
    }
    Ok(())
}

/// The snapshot that won, and what a proposal has to say to restore it.
async fn winner(
    session: &Session<'_>,
    incident: Pubkey,
    ledger_index: u8,
    now: i64,
) -> Result<(Snapshot, ChooseRestorationArgs), FlowError> {
    let key = pda::ballot(&incident, ledger_index);
    let next = "an approver opens it with `open_ballot` and nominates sealed snapshots";
    let state: Ballot = session.load("ballot", &key, next).await?;
    let chosen = ballot::chosen(&state, now).map_err(|error| {
        let next = match error {
            CoreError::BallotStillVoting if state.ends_ts > now => {
                format!("the vote ends in {}", duration(state.ends_ts - now))
            }
            CoreError::BallotStillVoting => "an approver starts the vote with `start_voting`".into(),
            _ => "run the ballot again with `renew_ballot`".into(),
        };
        FlowError::NotYet {
            why: format!("the ballot has no winner ({error:?})"),
            next,
        }
    })?;
    let next = "the ballot's winner is gone: run the ballot again with `renew_ballot`";
    let snapshot: Snapshot = session.load("snapshot", &chosen.snapshot, next).await?;
    ballot::check_winner(&state, &chosen.snapshot, &snapshot, now).map_err(|_| FlowError::NotYet {
        why: format!("the snapshot {} is not what was voted on any more", chosen.snapshot),
        next: "run the ballot again with `renew_ballot`".into(),
    })?;
    let args = ChooseRestorationArgs {
        incident,
        snapshot: chosen.snapshot,
        ledger_index,
        root: snapshot.root,
    };
    Ok((snapshot, args))
}

/// What approvers have to be asked for.
fn asked_for(args: &ChooseRestorationArgs) -> String {
    format!(
        "an approver proposes `choose_restoration` of snapshot {} for ledger {}",
        args.snapshot, args.ledger_index
    )
}

fn payload_hash(args: &ChooseRestorationArgs) -> [u8; 32] {
    let encoded = EncodedDecision::from(args);
    rules::payload_hash(ProposalKind::ChooseRestoration.number(), encoded.payload())
}

/// The proposal for the winner that can run; otherwise the one that gets there next.
async fn matured(
    session: &Session<'_>,
    domain: &Pubkey,
    state: &Domain,
    args: &ChooseRestorationArgs,
    at: At,
) -> Result<Pubkey, FlowError> {
    let bytes = |offset: usize, bytes: &[u8]| Filter::Bytes {
        offset,
        bytes: bytes.to_vec(),
    };
    let filters = [
        bytes(0, &discriminator::PROPOSAL),
        bytes(8 + offset_of!(Proposal, domain), domain.as_ref()),
        bytes(8 + offset_of!(Proposal, payload_hash), &payload_hash(args)),
    ];
    let mut best = None;
    for (key, account) in session.chain.owned(&bulkhead::ID, &filters).await? {
        let Some(proposal) = decode::owned::<Proposal>(&account.owner, &account.data) else {
            continue;
        };
        let progress = progress(session, domain, state, &proposal, args, at).await?;
        let rank = match progress.status {
            Status::Ready => 0,
            Status::Waiting => 1,
            Status::Collecting => 2,
            _ => continue,
        };
        let rank = (rank, progress.eta.unwrap_or(i64::MAX), key);
        best = Some(best.map_or(rank, |best| rank.min(best)));
    }
    best.map(|(_, _, key)| key).ok_or_else(|| FlowError::NotYet {
        why: "the ballot has a winner, and no proposal that can still run restores it".into(),
        next: asked_for(args),
    })
}

async fn progress(
    session: &Session<'_>,
    domain: &Pubkey,
    state: &Domain,
    proposal: &Proposal,
    args: &ChooseRestorationArgs,
    at: At,
) -> Result<Progress, FlowError> {
    let council: Council = session
        .load("council", &pda::council(domain), "is the domain right?")
        .await?;
    let board: PauseBoard = session
        .load("board", &pda::board(domain), "is the domain right?")
        .await?;
    let incident: Incident = session
        .load("incident", &args.incident, "is the incident right?")
        .await?;
    let scene = acts::Scene {
        domain: state,
        board: &board,
        incident: Some(&incident),
        breaker: None,
        closing: None,
        decided_slot: 0,
    };
    let asked = Asked::ChooseRestoration(&args.incident);
    Ok(acts::progress(proposal, &council, &asked, &scene, at))
}

/// Is this a proposal for the winner, and may it run now?
async fn require_ready(
    session: &Session<'_>,
    domain: &Pubkey,
    state: &Domain,
    key: &Pubkey,
    args: &ChooseRestorationArgs,
    at: At,
) -> Result<(), FlowError> {
    let proposal: Proposal = session.load("proposal", key, &asked_for(args)).await?;
    if proposal.domain != *domain || proposal.payload_hash != payload_hash(args) {
        return Err(FlowError::NotPossible {
            why: format!("proposal {key} does not restore what the ballot chose"),
            next: asked_for(args),
        });
    }
    let progress = progress(session, domain, state, &proposal, args, at).await?;
    let not_yet = |why: String, next: String| Err(FlowError::NotYet { why, next });
    match progress.status {
        Status::Ready => Ok(()),
        Status::Collecting => not_yet(
            format!(
                "proposal {key} has {} of {} approvals",
                progress.eligible.count_ones(),
                progress.needed
            ),
            "approvers approve it".into(),
        ),
        Status::Waiting => {
            let seconds = progress.eta.map_or(0, |eta| eta.saturating_sub(at.now));
            let slots = progress.eta_slot.map_or(0, |slot| slot.saturating_sub(at.slot));
            not_yet(
                format!("the delay of proposal {key} has not passed"),
                format!(
                    "it can run in {} and not before {slots} more slots",
                    duration(seconds.max(0))
                ),
            )
        }
        status => not_yet(
            format!("proposal {key} cannot run any more ({status:?})"),
            asked_for(args),
        ),
    }
}

/// Moves what evacuations of this incident recovered into the pool.
async fn fund(
    session: &Session<'_>,
    domain: Pubkey,
    key: &Pubkey,
    restoration: &mut Restoration,
    done: &mut Done,
) -> Result<u64, FlowError> {
    let filters = [
        Filter::Bytes {
            offset: 0,
            bytes: discriminator::VAULT.to_vec(),
        },
        Filter::Bytes {
            offset: 8 + offset_of!(Vault, domain),
            bytes: domain.to_bytes().to_vec(),
        },
    ];
    let mut vaults = session.chain.owned(&bulkhead::ID, &filters).await?;
    vaults.sort_unstable_by_key(|(key, _)| *key);
    let mut funded = 0u64;
    for (vault_key, account) in vaults {
        let Some(vault) = decode::owned::<Vault>(&account.owner, &account.data) else {
            continue;
        };
        if vault.ledger != restoration.ledger_index || vault.evacuation.incident != restoration.incident {
            if vault.ledger == restoration.ledger_index && vault.mint == restoration.mint {
                session.report.note(&format!(
                    "vault {vault_key} backs the ledger and was not evacuated in this incident: what it holds is not \
                     shared out"
                ));
            }
            continue;
        }
        let source = vault.evacuation.destination;
        let accounts = session.chain.accounts(&[source, restoration.pool]).await?;
        let mut accounts = accounts.into_iter().map(Option::unwrap_or_default);
        let (recovery, pool) = (accounts.next().unwrap_or_default(), accounts.next().unwrap_or_default());
        if token::holder(&recovery.data) != Some(domain.to_bytes()) {
            session.report.note(&format!(
                "vault {vault_key} was evacuated to {source}, which the domain does not hold: its holder pays in with \
                 `fund_restoration`"
            ));
            continue;
        }
        let from = RecoveryAccount {
            vault: &vault,
            source: &source,
            held: token::amount(&recovery.data).unwrap_or(0),
        };
        let balance = token::amount(&pool.data).unwrap_or(0);
        let Ok(amount) = acts::recovery_account_due(restoration, from, balance) else {
            done.skipped += 1;
            continue;
        };
        let keys = keys(key, restoration);
        let fund = ix::fund_from_recovery_account(keys, domain, vault_key, source);
        let is_moved = crank(session, fund, CoreError::NothingToMove, done).await?;
        funded = funded.saturating_add(if is_moved { amount } else { 0 });
    }
    Ok(funded)
}

/// Shares out what the pool holds and no share needs. Gives the pool's balance.
async fn share_out(
    session: &Session<'_>,
    key: &Pubkey,
    restoration: &mut Restoration,
    done: &mut Done,
) -> Result<u64, FlowError> {
    let pool = session.chain.account(&restoration.pool).await?.unwrap_or_default();
    let balance = token::amount(&pool.data).unwrap_or(0);
    let state: Incident = session
        .load("incident", &restoration.incident, "run this again")
        .await?;
    let at = session.chain.now().await?;
    match acts::share_out(&mut { *restoration }, &mut { state }, balance, at) {
        Ok(_) => {
            let share = ix::share_out(*key, restoration.incident);
            crank(session, share, CoreError::NothingToShare, done).await?;
            *restoration = session.load("restoration", key, "run this again").await?;
        }
        Err(CoreError::NothingToShare) => done.skipped += 1,
        Err(error) => return Err(refused(error, "Nothing was shared out.")),
    }
    Ok(balance)
}

/// Sends what anyone may crank. Somebody else may have done it just before, which the program says with `done_before`.
async fn crank(
    session: &Session<'_>,
    instruction: solana_instruction::Instruction,
    done_before: CoreError,
    done: &mut Done,
) -> Result<bool, FlowError> {
    match session.chain.send(&[instruction]).await {
        Ok(receipt) => {
            done.receipts.push(receipt);
            Ok(true)
        }
        Err(ChainError::Program { code, .. }) if code == done_before.number() => {
            done.skipped += 1;
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// The accounts that follow from a restoration.
pub(super) const fn keys(key: &Pubkey, restoration: &Restoration) -> RestorationKeys {
    RestorationKeys {
        restoration: *key,
        mint: restoration.mint,
        token_program: restoration.token_program,
    }
}
