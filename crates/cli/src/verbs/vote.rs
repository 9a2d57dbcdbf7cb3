//! `bulkhead vote`: deposit governance tokens, and cast their weight.

use std::{fmt, str::FromStr};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{flows, instructions as ix, pda};
use bulkhead_core::ballots::ballot::candidates;
use bulkhead_interface::{
    constants::{CHOICE_NONE, CHOICE_NOTED},
    layout::{Ballot, Domain, VoterEscrow},
};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use super::{
    find,
    foreign::Before,
    ledger_at::{LedgerAt, Place, associated, create_associated, not_possible, token_program},
    reported::report,
    words,
};
use crate::context::Context;

/// Vote for the state to restart from: deposit governance tokens, and cast their weight
///
/// CHOICE is the number of a candidate, the address of its snapshot, or `none`. `bulkhead ballot show` lists them. Only
/// tokens that are in escrow before the vote starts count: run this while nominations last, to deposit, and again when
/// the vote has started, to cast. They can be withdrawn after the vote.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead vote 0 --amount 1000000 --domain DOMAIN -k voter.json")]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct VoteCommand {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    vote: Vote,
}

#[derive(Args)]
struct Vote {
    /// Number of a candidate, address of its snapshot, or `none`
    #[arg(value_name = "CHOICE", required = true)]
    choice: Option<Choice>,
    /// Tokens to have in escrow. Native units; what lacks is deposited from the voter's associated token account
    #[arg(long, value_name = "UNITS", default_value_t = 0)]
    amount: u64,
    #[command(flatten)]
    at: LedgerAt,
}

#[derive(Subcommand)]
enum What {
    Custody(Custody),
    Escrow(Escrow),
    Deposit(Deposit),
    Withdraw(Withdraw),
    Cast(Cast),
    Note(Note),
    Close(Close),
}

/// What is voted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// Number of a candidate.
    Number(u8),
    /// Its snapshot.
    Snapshot(Pubkey),
    /// None of them.
    None,
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self::None);
        }
        let number = text.parse().ok().filter(|number| *number < CHOICE_NOTED);
        let address = || Pubkey::from_str(text).ok().map(Self::Snapshot);
        let choice = number.map(Self::Number).or_else(address);
        choice.ok_or_else(|| "it is neither the number of a candidate, nor an address, nor `none`".into())
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(out),
            Self::Snapshot(key) => key.fmt(out),
            Self::None => out.write_str("none"),
        }
    }
}

impl Choice {
    /// The number that the program takes.
    async fn number(self, context: &Context, place: &Place) -> anyhow::Result<u8> {
        let snapshot = match self {
            Self::Number(number) => return Ok(number),
            Self::None => return Ok(CHOICE_NONE),
            Self::Snapshot(key) => key,
        };
        let next = "`bulkhead ballot open` opens it";
        let ballot: Ballot = find::one(context, "ballot", &place.ballot(), next).await?;
        let numbers = (0..).zip(candidates(&ballot));
        let found = numbers.clone().find(|(_, row)| row.snapshot == snapshot);
        found.map(|(number, _)| number).ok_or_else(|| {
            not_possible(
                format!("snapshot {snapshot} is not on the ballot"),
                "`bulkhead ballot show` lists the candidates; `bulkhead ballot add` puts one on it while nominations last",
            )
        })
    }
}

impl Vote {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        // clap has asked for it.
        let choice = self.choice.unwrap_or(Choice::None).number(context, &place).await?;
        let (voter, ballot) = (context.signer()?, place.ballot());
        let session = context.session()?;
        let voted = flows::vote(&session, place.domain(), voter, ballot, choice, self.amount).await?;
        let shown = Shown {
            ballot: ballot.to_string(),
            voter: voter.to_string(),
            choice: (choice != CHOICE_NONE).then_some(choice),
            escrowed: voted.escrowed.to_string(),
            weight: voted.weight.to_string(),
            next: voted.next,
        };
        report(context, "vote", &voted.done, &shown, || shown.text())
    }
}

/// Where the voter stands afterwards.
#[derive(Serialize)]
struct Shown {
    ballot: String,
    voter: String,
    /// Number of the candidate, or null for none of them.
    choice: Option<u8>,
    escrowed: String,
    weight: String,
    next: String,
}

impl Shown {
    fn text(&self) -> String {
        let choice = self
            .choice
            .map_or_else(|| "none".to_owned(), |number| number.to_string());
        let cast = match self.weight.as_str() {
            "0" => format!("not cast yet, for {choice}"),
            weight => format!("{weight} for {choice}"),
        };
        words::lines(&[
            ("ballot", self.ballot.clone()),
            ("escrow", self.escrowed.clone()),
            ("vote", cast),
            ("next", self.next.clone()),
        ])
    }
}

/// Runs the command.
///
/// # Errors
/// The command's error, by name.
pub async fn run(command: &VoteCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        None => command.vote.run(context).await,
        Some(What::Custody(custody)) => custody.run(context).await,
        Some(What::Escrow(escrow)) => escrow.run(context).await,
        Some(What::Deposit(deposit)) => deposit.run(context).await,
        Some(What::Withdraw(withdraw)) => withdraw.run(context).await,
        Some(What::Cast(cast)) => cast.run(context).await,
        Some(What::Note(note)) => note.run(context).await,
        Some(What::Close(close)) => close.run(context).await,
    }
}

/// Open the domain's token account for votes; once per domain
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead vote custody --domain DOMAIN")]
struct Custody {}

impl Custody {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let (domain, mint, program) = governance(context).await?;
        let open = ix::open_vote_custody(domain, context.chain()?.payer(), mint, program);
        context.submit("open_vote_custody", &[open]).await
    }
}

/// The domain, its governance token, and that token's program.
async fn governance(context: &Context) -> anyhow::Result<(Pubkey, Pubkey, Pubkey)> {
    let key = context.domain()?;
    let domain: Domain = find::one(
        context,
        "domain",
        &key,
        "check --domain, and -u: is it on another cluster?",
    )
    .await?;
    let program = token_program(context.chain()?, &domain.governance_mint).await?;
    Ok((key, domain.governance_mint, program))
}

/// Open the voter's escrow
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead vote escrow --domain DOMAIN -k voter.json")]
struct Escrow {}

impl Escrow {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let open = ix::open_escrow(context.domain()?, context.signer()?, context.chain()?.payer());
        context.submit("open_escrow", &[open]).await
    }
}

/// Deposit governance tokens into the escrow, which is opened if it is missing
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead vote deposit 1000000 --domain DOMAIN -k voter.json")]
struct Deposit {
    /// Number of tokens. Native units
    #[arg(value_name = "UNITS")]
    amount: u64,
    /// Token account to deposit from [default: the voter's associated token account]
    #[arg(long, value_name = "ADDRESS")]
    source: Option<Pubkey>,
}

impl Deposit {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let session = context.session()?;
        let (domain, voter) = (context.domain()?, context.signer()?);
        let done = flows::deposit_votes(&session, domain, voter, self.source, self.amount).await?;
        context.finish("deposit_votes", &done)
    }
}

/// Withdraw governance tokens from the escrow
///
/// Tokens that voted stay until the vote ends.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead vote withdraw --domain DOMAIN -k voter.json")]
struct Withdraw {
    /// Number of tokens, in native units [default: all]
    #[arg(value_name = "UNITS")]
    amount: Option<u64>,
    /// Token account to withdraw to [default: the voter's associated token account]
    #[arg(long, value_name = "ADDRESS")]
    destination: Option<Pubkey>,
}

impl Withdraw {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let (domain, mint, program) = governance(context).await?;
        let (voter, payer) = (context.signer()?, context.chain()?.payer());
        let amount = match self.amount {
            Some(amount) => amount,
            None => {
                let key = pda::escrow(&domain, &voter);
                let next = "this key has deposited nothing; pass the voter's with -k";
                find::one::<VoterEscrow>(context, "escrow", &key, next).await?.amount
            }
        };
        let mut instructions = Vec::new();
        let destination = self.destination.unwrap_or_else(|| {
            instructions.push(create_associated(&payer, &voter, &mint, &program));
            associated(&voter, &mint, &program)
        });
        instructions.push(ix::withdraw_votes(domain, voter, destination, mint, program, amount));
        context.submit("withdraw_votes", &instructions).await
    }
}

/// Cast the weight of the escrow, or of a voter-weight plug-in
///
/// A vote that was cast for a candidate can be changed to `none` until the vote ends, and to nothing else.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead vote cast none --domain DOMAIN -k voter.json")]
struct Cast {
    /// Number of a candidate, address of its snapshot, or `none`
    #[arg(value_name = "CHOICE")]
    choice: Choice,
    /// The voter's record in the plug-in, in a ballot that counts a plug-in's weights
    #[arg(long, value_name = "ADDRESS")]
    weight: Option<Pubkey>,
    #[command(flatten)]
    before: Before,
    #[command(flatten)]
    at: LedgerAt,
}

impl Cast {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let choice = self.choice.number(context, &place).await?;
        let (voter, payer) = (context.signer()?, context.chain()?.payer());
        let cast = match self.weight {
            Some(weight) => ix::cast_weight(voter, payer, place.ballot(), weight, choice),
            None => ix::cast_vote(place.domain(), voter, payer, place.ballot(), choice),
        };
        context.submit("cast_vote", &self.before.and(cast)?).await
    }
}

/// Note the weight of a voter-weight plug-in before the vote starts
///
/// Only what was noted before the vote started, and is still there when it is cast, counts.
#[derive(Parser)]
#[command(
    after_help = "Example:\n  bulkhead vote note RECORD --before update-weight.json --domain DOMAIN -k voter.json"
)]
struct Note {
    /// The voter's record in the plug-in
    #[arg(value_name = "RECORD")]
    weight: Pubkey,
    #[command(flatten)]
    before: Before,
    #[command(flatten)]
    at: LedgerAt,
}

impl Note {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let (voter, payer) = (context.signer()?, context.chain()?.payer());
        let note = ix::cast_weight(voter, payer, place.ballot(), self.weight, CHOICE_NOTED);
        context.submit("cast_vote", &self.before.and(note)?).await
    }
}

/// Close a vote's record after the ballot; the rent goes to the voter
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead vote close --domain DOMAIN -k voter.json")]
struct Close {
    /// Who voted [default: the signer]
    #[arg(value_name = "VOTER")]
    voter: Option<Pubkey>,
    #[command(flatten)]
    at: LedgerAt,
}

impl Close {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let voter = self.voter.map_or_else(|| context.signer(), Ok)?;
        let close = ix::close_vote_record(place.ballot(), voter);
        context.submit("close_vote_record", &[close]).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_a_number_an_address_or_none() {
        let key = Pubkey::new_from_array([7; 32]);
        assert_eq!("0".parse(), Ok(Choice::Number(0)));
        assert_eq!("none".parse(), Ok(Choice::None));
        assert_eq!(key.to_string().parse(), Ok(Choice::Snapshot(key)));
        for number in ["254", "255"] {
            assert!(
                number.parse::<Choice>().is_err(),
                "the program's numbers for noted and none are no candidate's"
            );
        }
    }
}
