//! A token holder votes: escrow, deposit and vote.

use anchor_lang::prelude::Pubkey;
use anchor_spl::associated_token::get_associated_token_address_with_program_id as associated_token;
use bulkhead_core::{
    CoreError,
    acts::{self, At, WeightSource},
    token,
};
use bulkhead_interface::{
    constants::{CHOICE_NONE, ballot_state},
    layout::{Ballot, Domain, VoteRecord, VoterEscrow},
};
use bytemuck::Zeroable;
use solana_instruction::Instruction;

use super::{Done, FlowError, Session, reading::token_program_of, refusal::refused};
use crate::{instructions as ix, pda, status::words};

/// What a voter has done on a ballot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Voted {
    /// Tokens in escrow. Native units.
    pub escrowed: u64,
    /// Weight of the vote, or 0 if it is not cast yet.
    pub weight: u64,
    /// What comes next and when, in words.
    pub next: String,
    /// What was sent.
    pub done: Done,
}

/// Brings the voter's escrow to `amount` tokens from their associated account, and casts their vote: the number of a
/// candidate, or 255 for none of them. Opens the domain's vote custody and the escrow if they are missing. Skips what is
/// done.
///
/// Only tokens that were in escrow before the vote started count. So before it starts this deposits; run it again while
/// the vote runs to cast. It deposits nothing then.
///
/// # Errors
/// [`FlowError`]: also, before anything is sent, what the program would refuse.
pub async fn vote(
    session: &Session<'_>,
    domain: Pubkey,
    voter: Pubkey,
    ballot: Pubkey,
    choice: u8,
    amount: u64,
) -> Result<Voted, FlowError> {
    let state: Domain = session.load("domain", &domain, "is the address right?").await?;
    let next = "a member opens the ballot first";
    let mut found: Ballot = session.load("ballot", &ballot, next).await?;
    if found.domain != domain {
        return Err(refused(CoreError::ForeignAccount, "name a ballot of this domain"));
    }
    if found.weight_program != Pubkey::default() {
        return Err(refused(CoreError::WrongWeightSource, WEIGHED));
    }
    let at = session.chain.now().await?;
    let now = at.now;
    let mut voted = Voted::default();
    let escrow: Option<VoterEscrow> = session.find(&pda::escrow(&domain, &voter)).await?;
    let record: Option<VoteRecord> = session.find(&pda::vote_record(&ballot, &voter)).await?;
    voted.escrowed = escrow.map_or(0, |escrow| escrow.amount);
    let is_withdrawn =
        |record: &VoteRecord| choice == CHOICE_NONE && record.choice != CHOICE_NONE && now < found.ends_ts;
    if let Some(record) = record.filter(|record| record.round == found.round && !is_withdrawn(record)) {
        if record.choice != choice {
            return Err(FlowError::NotPossible {
                why: format!("{voter} has voted for {}", words::choice(record.choice)),
                next: "a vote can only be changed to none; it counts until the vote is run again".into(),
            });
        }
        return Ok(Voted {
            weight: record.weight,
            next: words::vote_ends(found.ends_ts, now),
            done: Done {
                skipped: 1,
                ..Done::default()
            },
            ..voted
        });
    }
    let mut instructions = Vec::new();
    if found.state == ballot_state::NOMINATING {
        instructions.extend(deposit(session, &state, domain, voter, escrow.as_ref(), amount).await?);
        voted.escrowed = voted.escrowed.max(amount);
        voted.next = "the vote has not started: run this again once it has, to cast".to_owned();
    } else {
        let mut escrow = escrow.ok_or_else(|| refused(CoreError::VotesTooRecent, TOO_LATE))?;
        let old = record.filter(|record| record.round != found.round);
        let mut new = record.filter(|_| old.is_none()).unwrap_or_else(VoteRecord::zeroed);
        let before = found;
        voted.weight = cast((&ballot, &mut found), &mut escrow, &mut new, &voter, choice, at)
            .map_err(|error| refused(error, next_of(error, &before, now)))?;
        if old.is_some() {
            // The record of an earlier round is in the way.
            instructions.push(ix::close_vote_record(ballot, voter));
        }
        instructions.push(ix::cast_vote(domain, voter, session.chain.payer(), ballot, choice));
        voted.next = words::vote_ends(found.ends_ts, now);
    }
    voted.done.skipped = u64::from(instructions.is_empty());
    if !instructions.is_empty() {
        voted.done.receipts.push(session.chain.send(&instructions).await?);
    }
    Ok(voted)
}

/// The act, foreseen.
fn cast(
    ballot: (&Pubkey, &mut Ballot),
    escrow: &mut VoterEscrow,
    record: &mut VoteRecord,
    voter: &Pubkey,
    choice: u8,
    at: At,
) -> Result<u64, CoreError> {
    acts::cast_vote(ballot, WeightSource::Escrow(escrow), record, voter, choice, at)
}

const WEIGHED: &str = "note the plug-in's weight with `cast_weight` and choice 254 while nominations last, and cast it \
                       with `cast_weight`, each behind the plug-in's own instruction that updates its record";

const TOO_LATE: &str = "only tokens that were in escrow before the vote started count; deposit before the next vote";

/// What is missing until the escrow holds `amount`.
async fn deposit(
    session: &Session<'_>,
    state: &Domain,
    domain: Pubkey,
    voter: Pubkey,
    escrow: Option<&VoterEscrow>,
    amount: u64,
) -> Result<Vec<Instruction>, FlowError> {
    let (mint, payer) = (state.governance_mint, session.chain.payer());
    let lacking = amount.saturating_sub(escrow.map_or(0, |escrow| escrow.amount));
    if lacking == 0 {
        return Ok(vec![]);
    }
    let deposit = Deposit {
        domain,
        voter,
        mint,
        payer,
        source: None,
        amount: lacking,
    };
    deposit.instructions(session, escrow.is_some()).await
}

/// Deposits `amount` more tokens into the voter's escrow, from `source` or the voter's associated token account. Opens
/// the domain's vote custody and the escrow in the same transaction if they are missing.
///
/// # Errors
/// [`FlowError`]: also, before anything is sent, when the tokens are not there.
pub async fn deposit_votes(
    session: &Session<'_>,
    domain: Pubkey,
    voter: Pubkey,
    source: Option<Pubkey>,
    amount: u64,
) -> Result<Done, FlowError> {
    let state: Domain = session.load("domain", &domain, "is the address right?").await?;
    let escrow: Option<VoterEscrow> = session.find(&pda::escrow(&domain, &voter)).await?;
    let deposit = Deposit {
        domain,
        voter,
        mint: state.governance_mint,
        payer: session.chain.payer(),
        source,
        amount,
    };
    let instructions = deposit.instructions(session, escrow.is_some()).await?;
    Ok(Done {
        receipts: vec![session.chain.send(&instructions).await?],
        skipped: 0,
    })
}

/// A deposit into a voter's escrow.
struct Deposit {
    domain: Pubkey,
    voter: Pubkey,
    mint: Pubkey,
    payer: Pubkey,
    /// The voter's associated token account if none is named.
    source: Option<Pubkey>,
    amount: u64,
}

impl Deposit {
    /// With what has to be opened before it.
    async fn instructions(&self, session: &Session<'_>, has_escrow: bool) -> Result<Vec<Instruction>, FlowError> {
        let Self {
            domain,
            voter,
            mint,
            payer,
            amount,
            ..
        } = *self;
        let token_program = token_program_of(session, &mint).await?;
        let source = self
            .source
            .unwrap_or_else(|| associated_token(&voter, &mint, &token_program));
        let found = session.chain.accounts(&[pda::votes(&domain), source]).await?;
        let balance = found.get(1).and_then(Option::as_ref);
        let balance = balance.and_then(|account| token::amount(&account.data)).unwrap_or(0);
        if balance < amount {
            return Err(FlowError::NotPossible {
                why: format!("{source} holds {balance} of the {amount} governance tokens to deposit (native units)"),
                next: format!("move tokens there, or deposit at most {balance}"),
            });
        }
        let mut instructions = Vec::new();
        if !matches!(found.first(), Some(Some(_))) {
            instructions.push(ix::open_vote_custody(domain, payer, mint, token_program));
        }
        if !has_escrow {
            instructions.push(ix::open_escrow(domain, voter, payer));
        }
        instructions.push(ix::deposit_votes(domain, voter, source, mint, token_program, amount));
        Ok(instructions)
    }
}

fn next_of(error: CoreError, ballot: &Ballot, now: i64) -> String {
    match error {
        CoreError::VotesTooRecent | CoreError::EscrowTooSmall => TOO_LATE.to_owned(),
        CoreError::NoSuchCandidate => format!(
            "candidates are 0 to {}, or 255 for none",
            ballot.candidate_count.max(1) - 1
        ),
        CoreError::OnlyNoneCounts => "until it ends, only votes for none (255) count".to_owned(),
        CoreError::BallotNotVoting => words::vote_ends(ballot.ends_ts, now),
        _ => "read the domain's status".to_owned(),
    }
}
