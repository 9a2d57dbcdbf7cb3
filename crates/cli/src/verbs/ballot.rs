//! `bulkhead ballot`: token holders choose the state to restart from.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{flows, instructions as ix, payload::hex, pda};
use bulkhead_core::{
    CoreError,
    ballots::ballot::{candidates, chosen, cools_off_at, is_stale, settled_at, stands_at, winner},
};
use bulkhead_interface::{
    constants::ballot_state,
    layout::{Ballot, Snapshot},
};
use clap::{Parser, Subcommand};
use serde::Serialize;

use super::{
    find::{self, Site, quiet},
    foreign::Before,
    ledger_at::{LedgerAt, Place},
    words,
};
use crate::context::Context;

const NO_BALLOT: &str = "`bulkhead ballot open` opens it";

/// Open a ballot, put states on it, start its vote, and show how it stands
#[derive(Parser)]
pub struct BallotCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Run(Run),
    Open(Open),
    Add(Add),
    Start(Start),
    Renew(Renew),
    Veto(Veto),
    Show(Show),
}

/// Runs the command.
///
/// # Errors
/// The command's error, by name.
pub async fn run(command: &BallotCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        What::Run(run) => run.run(context).await,
        What::Open(open) => open.run(context).await,
        What::Add(add) => add.run(context).await,
        What::Start(start) => start.run(context).await,
        What::Renew(renew) => renew.run(context).await,
        What::Veto(veto) => veto.run(context).await,
        What::Show(show) => show.run(context).await,
    }
}

/// Take the ballot of a ledger as far as it can go now
///
/// Opens it in the open incident, puts on it what is missing, starts the vote when it is due, and runs a vote without a
/// winner again. What is done is skipped. Without --candidate, it puts on the snapshot that was read in the incident.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead ballot run --domain DOMAIN -k approver.json")]
struct Run {
    /// Address of a snapshot to put on the ballot
    #[arg(long = "candidate", value_name = "ADDRESS")]
    candidates: Vec<Pubkey>,
    /// Number of the ledger
    #[arg(long, value_name = "N", default_value_t = 0)]
    ledger_index: u8,
}

impl Run {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let site = Site::of(context).await?;
        let mut candidates = self.candidates.clone();
        if candidates.is_empty() {
            candidates.push(pda::snapshot(&site.open_incident()?, self.ledger_index));
        }
        let session = context.session()?;
        let member = context.signer()?;
        let made = flows::open_ballot_with(&session, site.key, member, self.ledger_index, &candidates).await?;
        context.finish(&format!("ballot {}; next: {}", made.ballot, made.next), &made.done)
    }
}

/// Open the ballot of a ledger
///
/// Anyone may, while the domain is frozen. Nominations last at least a day.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead ballot open --domain DOMAIN")]
struct Open {
    #[command(flatten)]
    at: LedgerAt,
}

impl Open {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let (member, payer) = (context.signer()?, context.chain()?.payer());
        let open = ix::open_ballot(place.domain(), member, payer, place.incident, place.ledger_index);
        context.submit("open_ballot", &[open]).await
    }
}

/// Put a state on the ballot
///
/// Anyone may put on the snapshot that was read in the incident. A guardian or an approver may put on one other each.
/// Without an argument, this is the incident's own snapshot.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead ballot add --checkpoint 400000123 --domain DOMAIN -k approver.json")]
struct Add {
    /// Address of the snapshot [default: the one that was read in the incident]
    #[arg(value_name = "SNAPSHOT", conflicts_with = "checkpoint")]
    snapshot: Option<Pubkey>,
    /// The snapshot of the checkpoint of this slot
    #[arg(long, value_name = "SLOT")]
    checkpoint: Option<u64>,
    #[command(flatten)]
    at: LedgerAt,
}

impl Add {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let snapshot = match (self.snapshot, self.checkpoint) {
            (Some(key), _) => key,
            (None, Some(slot)) => pda::checkpoint_snapshot(&place.incident, place.ledger_index, slot),
            (None, None) => place.snapshot(),
        };
        let add = ix::add_candidate(place.domain(), context.signer()?, place.ballot(), snapshot);
        context.submit("add_candidate", &[add]).await
    }
}

/// Start the vote
///
/// A guardian or an approver may a day after nominations began, if the incident's own snapshot is on the ballot; anyone
/// may after a week. Where the domain's rules have a dispute window, the candidates must have stood for it.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead ballot start --domain DOMAIN -k approver.json")]
struct Start {
    #[command(flatten)]
    before: Before,
    #[command(flatten)]
    at: LedgerAt,
}

impl Start {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let record = read(context, &place).await?.max_weight_record;
        let start = ix::start_weighed(
            place.domain(),
            context.signer()?,
            place.incident,
            place.ballot(),
            place.site.domain.governance_mint,
            (record != Pubkey::default()).then_some(record),
        );
        context.submit("start_voting", &self.before.and(start)?).await
    }
}

/// Run the ballot again
///
/// Anyone may after a vote without a winner, with a winner that is stale, or with one that nobody restored for weeks.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead ballot renew --domain DOMAIN")]
struct Renew {
    #[command(flatten)]
    at: LedgerAt,
}

impl Renew {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let ballot = read(context, &place).await?;
        let stale = stale_winner(context, &ballot, place.site.at.now).await?;
        let renew = ix::renew_ballot(place.domain(), context.signer()?, place.ballot(), stale);
        context.submit("renew_ballot", &[renew]).await
    }
}

/// Veto the ballot's result
///
/// A vetoer may, for as long as the domain's dispute window lasts after the vote. The holders are then asked again. A
/// ballot's result is vetoed twice at most, and a state that the holders choose again after a veto is not vetoed again.
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead ballot veto --domain DOMAIN -k vetoer.json")]
struct Veto {
    #[command(flatten)]
    at: LedgerAt,
}

impl Veto {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let veto = ix::veto_ballot(place.domain(), context.signer()?, place.ballot());
        context.submit("renew_ballot", &[veto]).await
    }
}

async fn read(context: &Context, place: &Place) -> anyhow::Result<Ballot> {
    find::one(context, "ballot", &place.ballot(), NO_BALLOT).await
}

/// The winner, if its snapshot is no longer what was voted on.
async fn stale_winner(context: &Context, ballot: &Ballot, now: i64) -> anyhow::Result<Option<Pubkey>> {
    let number = winner(ballot, now).ok();
    let row = number.and_then(|number| candidates(ballot).get(usize::from(number)));
    let Some(row) = row else { return Ok(None) };
    let snapshot = quiet(context)?.find::<Snapshot>(&row.snapshot).await?;
    let stale = snapshot.filter(|snapshot| is_stale(row, snapshot));
    Ok(stale.map(|_| row.snapshot))
}

/// Show the ballot
#[derive(Parser)]
#[command(after_help = "Example:\n  bulkhead ballot show --domain DOMAIN")]
struct Show {
    #[command(flatten)]
    at: LedgerAt,
}

#[derive(Serialize)]
struct Shown {
    ballot: String,
    incident: String,
    ledger_index: u8,
    state: &'static str,
    round: u16,
    nominating_ts: i64,
    starts_ts: i64,
    ends_ts: i64,
    quorum: String,
    none_votes: String,
    candidates: Vec<ShownCandidate>,
    winner: Option<u8>,
    outcome: &'static str,
    elected_before: Option<String>,
    /// The voter-weight plug-in, or none if escrowed tokens vote.
    weight_program: Option<String>,
    /// Until when the candidates must stand before the vote starts.
    settled_ts: i64,
    /// From when only votes for none count.
    cools_off_ts: i64,
    /// From when the result stands.
    stands_ts: i64,
    vetoes: u8,
    #[serde(skip)]
    now: i64,
}

#[derive(Serialize)]
struct ShownCandidate {
    number: u8,
    snapshot: String,
    root: String,
    nominator: Option<String>,
    votes: String,
}

impl Show {
    async fn run(&self, context: &Context) -> anyhow::Result<()> {
        let place = self.at.find(context).await?;
        let ballot = read(context, &place).await?;
        let shown = Shown::new(place.ballot(), &ballot, place.site.at.now);
        context.print(&shown, || shown.text())
    }
}

impl Shown {
    fn new(key: Pubkey, ballot: &Ballot, now: i64) -> Self {
        let named = |key: Pubkey| (key != Pubkey::default()).then(|| key.to_string());
        let result = winner(ballot, now);
        let state = state_name(ballot, now);
        Self {
            ballot: key.to_string(),
            incident: ballot.incident.to_string(),
            ledger_index: ballot.ledger_index,
            state,
            round: ballot.round,
            nominating_ts: ballot.nominating_ts,
            starts_ts: ballot.starts_ts,
            ends_ts: ballot.ends_ts,
            quorum: ballot.quorum.to_string(),
            none_votes: ballot.none_votes.to_string(),
            candidates: (0..)
                .zip(candidates(ballot))
                .map(|(number, row)| ShownCandidate {
                    number,
                    snapshot: row.snapshot.to_string(),
                    root: hex(&row.root),
                    nominator: named(row.nominator),
                    votes: row.votes.to_string(),
                })
                .collect(),
            winner: result.as_ref().ok().copied(),
            outcome: match (state, result) {
                ("nominating", _) => "nominations are open: `bulkhead ballot add`, then `bulkhead ballot start`",
                ("voting", _) => "the vote is under way: `bulkhead vote`",
                (_, Ok(_)) if matches!(chosen(ballot, now), Err(CoreError::ResultDisputable)) => {
                    "a candidate has won, and a vetoer can veto that until it stands"
                }
                (_, Ok(_)) => "a candidate has won: an approver runs `bulkhead restore`, which proposes it",
                (_, Err(CoreError::MoreVotesThanWeight)) => {
                    "more votes than weight: `bulkhead ballot renew` runs it again"
                }
                (_, Err(CoreError::QuorumNotReached)) => "too few tokens voted: `bulkhead ballot renew` runs it again",
                _ => "no candidate has more than half of the votes: `bulkhead ballot renew` runs it again",
            },
            elected_before: named(ballot.elected),
            weight_program: named(ballot.weight_program),
            settled_ts: settled_at(ballot),
            cools_off_ts: if ballot.starts_ts > 0 { cools_off_at(ballot) } else { 0 },
            stands_ts: if ballot.starts_ts > 0 { stands_at(ballot) } else { 0 },
            vetoes: ballot.vetoes,
            now,
        }
    }

    fn text(&self) -> String {
        let mut pairs = vec![
            ("ballot", self.ballot.clone()),
            ("incident", self.incident.clone()),
            ("ledger", self.ledger_index.to_string()),
            ("state", self.state.to_owned()),
            ("round", self.round.to_string()),
            ("nominations", words::time(self.nominating_ts, self.now)),
        ];
        if self.starts_ts > 0 {
            pairs.extend([
                ("began", words::time(self.starts_ts, self.now)),
                ("ends", words::time(self.ends_ts, self.now)),
                ("quorum", self.quorum.clone()),
            ]);
            if self.cools_off_ts < self.ends_ts {
                pairs.push(("only none counts from", words::time(self.cools_off_ts, self.now)));
            }
            if self.stands_ts > self.ends_ts {
                pairs.push(("result stands", words::time(self.stands_ts, self.now)));
            }
        } else if self.settled_ts > self.nominating_ts {
            pairs.push(("candidates stand until", words::time(self.settled_ts, self.now)));
        }
        if let Some(key) = &self.weight_program {
            pairs.push(("votes computed by", key.clone()));
        }
        if self.vetoes > 0 {
            pairs.push(("vetoes", self.vetoes.to_string()));
        }
        if let Some(key) = &self.elected_before {
            pairs.push(("won before", key.clone()));
        }
        pairs.push(("next", self.outcome.to_owned()));
        let row = |row: &ShownCandidate| {
            let is_winner = self.winner == Some(row.number);
            vec![
                row.number.to_string(),
                format!("{}{}", row.votes, if is_winner { " (won)" } else { "" }),
                row.snapshot.clone(),
                row.nominator
                    .clone()
                    .unwrap_or_else(|| "read in the incident".to_owned()),
            ]
        };
        let mut rows: Vec<_> = self.candidates.iter().map(row).collect();
        rows.push(vec![
            "none".to_owned(),
            self.none_votes.clone(),
            String::new(),
            String::new(),
        ]);
        let head = ["choice", "votes", "snapshot", "nominated by"];
        format!("{}\n{}", words::lines(&pairs), words::table(&head, &rows))
    }
}

fn state_name(ballot: &Ballot, now: i64) -> &'static str {
    match ballot.state {
        ballot_state::NOMINATING => "nominating",
        _ if now < ballot.ends_ts => "voting",
        _ => "ended",
    }
}
