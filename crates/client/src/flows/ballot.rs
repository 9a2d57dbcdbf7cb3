//! The ballot over the state that a ledger restarts from: opened, filled, started, and run again.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{
    CoreError,
    acts::{self, At, Electorate, NewBallot, Renewal},
    ballots::{
        ballot::{self, candidates, is_stale},
        weight::WeightAccount,
    },
};
use bulkhead_interface::{
    constants::{NOMINATION_PATIENCE_SECONDS, NOMINATION_SECONDS, ballot_state, class, role},
    layout::{Ballot, BallotRules, Council, Incident, Ledger, Snapshot},
};
use bytemuck::Zeroable;
use solana_instruction::Instruction;

use super::{Done, FlowError, Session, reading::Scene, refusal::refused};
use crate::{instructions as ix, pda, status::words};

/// How far a ballot has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balloted {
    /// The ballot.
    pub ballot: Pubkey,
    /// What comes next, when, and who has to do it, in words.
    pub next: String,
    /// What was sent.
    pub done: Done,
}

/// Opens the ballot over a ledger in the open incident, adds the snapshots of `candidates` that are not on it, and starts
/// the vote if it is due. A vote that ended without a winner is run again. Skips what is done.
///
/// Anyone may add the snapshot that was read in the incident; `member`, a guardian or an approver, may nominate one
/// other.
///
/// # Errors
/// [`FlowError`]: also, before anything is sent, what the program would refuse.
pub async fn open_ballot_with(
    session: &Session<'_>,
    domain: Pubkey,
    member: Pubkey,
    ledger: u8,
    candidates: &[Pubkey],
) -> Result<Balloted, FlowError> {
    let scene = Scene::read(session, &domain).await?;
    let incident = scene.domain.open_incident;
    let key = pda::ballot(&incident, ledger);
    let mut plan = Plan {
        session,
        scene,
        domain,
        member,
        key,
        incident,
        state: Ballot::zeroed(),
        instructions: vec![],
        skipped: 0,
    };
    plan.open(ledger).await?;
    plan.renew().await?;
    for snapshot in candidates {
        plan.add(*snapshot).await?;
    }
    let next = plan.start().await?;
    let receipts = if plan.instructions.is_empty() {
        vec![]
    } else {
        vec![session.chain.send(&plan.instructions).await?]
    };
    Ok(Balloted {
        ballot: key,
        next,
        done: Done {
            receipts,
            skipped: plan.skipped,
        },
    })
}

/// One transaction, foreseen on copies of the accounts.
struct Plan<'a, 'b> {
    session: &'a Session<'b>,
    scene: Scene,
    domain: Pubkey,
    member: Pubkey,
    key: Pubkey,
    incident: Pubkey,
    state: Ballot,
    instructions: Vec<Instruction>,
    skipped: u64,
}

impl Plan<'_, '_> {
    async fn open(&mut self, ledger_index: u8) -> Result<(), FlowError> {
        if let Some(found) = self.session.find::<Ballot>(&self.key).await? {
            self.state = found;
            self.skipped += 1;
            return Ok(());
        }
        let ledger: Option<Ledger> = self.session.find(&pda::ledger(&self.domain, ledger_index)).await?;
        let rules: Option<BallotRules> = self.session.find(&pda::ballot_rules(&self.domain)).await?;
        let new = NewBallot {
            domain: self.domain,
            incident: self.incident,
            bump: 0,
            ledger_index,
        };
        let now = self.scene.at.now;
        acts::open_ballot(
            &self.scene.domain,
            (ledger.as_ref(), rules.as_ref()),
            &mut self.state,
            &new,
            now,
        )
        .map_err(|error| refused(error, next_of(error, &self.scene.council)))?;
        let (payer, incident) = (self.session.chain.payer(), self.incident);
        let open = ix::open_ballot(self.domain, self.member, payer, incident, ledger_index);
        self.instructions.push(open);
        Ok(())
    }

    /// Runs the vote again if it has ended without a winner, or its winner cannot be restored.
    async fn renew(&mut self) -> Result<(), FlowError> {
        let Scene {
            domain, council, at, ..
        } = self.scene;
        let stale = stale_winner(self.session, &self.state, at).await?;
        let given = stale.as_ref().map(|(key, snapshot)| (key, snapshot));
        let mut renewed = self.state;
        let how = Renewal::Again(given);
        if acts::renew_ballot(&domain, &council, &mut renewed, &self.member, how, at.now).is_ok() {
            self.state = renewed;
            let stale = stale.map(|(key, _)| key);
            let renew = ix::renew_ballot(self.domain, self.member, self.key, stale);
            self.instructions.push(renew);
        }
        Ok(())
    }

    async fn add(&mut self, key: Pubkey) -> Result<(), FlowError> {
        let next = "seal the snapshot first";
        let snapshot: Snapshot = self.session.load("snapshot", &key, next).await?;
        let listed = candidates(&self.state).iter().find(|row| row.snapshot == key);
        if listed.is_some_and(|row| row.root == snapshot.root) {
            self.skipped += 1;
            return Ok(());
        }
        let Scene {
            domain, council, at, ..
        } = self.scene;
        acts::add_candidate(
            &domain,
            &council,
            &mut self.state,
            (key, &snapshot),
            &self.member,
            at.now,
        )
        .map_err(|error| refused(error, next_of(error, &council)))?;
        let add = ix::add_candidate(self.domain, self.member, self.key, key);
        self.instructions.push(add);
        Ok(())
    }

    /// Starts the vote if it is due. Returns what comes next.
    async fn start(&mut self) -> Result<String, FlowError> {
        let Scene {
            domain, council, at, ..
        } = self.scene;
        if self.state.state == ballot_state::NOMINATING {
            let mut incident: Incident = self.session.load("incident", &self.incident, "run this again").await?;
            let mut started = self.state;
            let record = self.state.max_weight_record;
            let max_weight = (record != Pubkey::default()).then_some(record);
            let account = match &max_weight {
                Some(key) => self.session.chain.account(key).await?,
                None => None,
            };
            // The supply sets the quorum, and does not decide whether the vote may start.
            let electorate = Electorate {
                supply: 0,
                max_weight: account.as_ref().map(|account| WeightAccount {
                    key: &record,
                    owner: &account.owner,
                    data: &account.data,
                }),
            };
            match acts::start_voting(
                &domain,
                &council,
                &mut incident,
                &mut started,
                &self.member,
                electorate,
                at,
            ) {
                Ok(()) => {
                    self.state = started;
                    let mint = domain.governance_mint;
                    let start = ix::start_weighed(self.domain, self.member, self.incident, self.key, mint, max_weight);
                    self.instructions.push(start);
                }
                Err(CoreError::NominationNotOver | CoreError::NoSuchCandidate | CoreError::CandidatesChanged) => {}
                Err(error) => return Err(refused(error, next_of(error, &council))),
            }
        } else {
            self.skipped += 1;
        }
        Ok(next(&self.state, &council, at))
    }
}

/// The winner of a vote that has ended, if its snapshot is not what was voted on any more.
async fn stale_winner(session: &Session<'_>, state: &Ballot, at: At) -> Result<Option<(Pubkey, Snapshot)>, FlowError> {
    let Ok(number) = ballot::winner(state, at.now) else {
        return Ok(None);
    };
    let Some(row) = candidates(state).get(usize::from(number)) else {
        return Ok(None);
    };
    let snapshot: Option<Snapshot> = session.find(&row.snapshot).await?;
    let stale = snapshot.filter(|snapshot| is_stale(row, snapshot));
    Ok(stale.map(|snapshot| (row.snapshot, snapshot)))
}

/// What a ballot waits for.
fn next(state: &Ballot, council: &Council, at: At) -> String {
    if state.state == ballot_state::NOMINATING {
        let day = words::when(state.nominating_ts.saturating_add(NOMINATION_SECONDS), at.now);
        let week = words::when(state.nominating_ts.saturating_add(NOMINATION_PATIENCE_SECONDS), at.now);
        let members = words::members_with(council, role::GUARDIAN | role::APPROVER);
        let settled = ballot::settled_at(state);
        if settled > at.now && state.dispute_seconds > 0 {
            return format!(
                "the candidates stand until {}, unless the list changes; then one of these starts the vote: {members}; \
                 anyone does from {}",
                words::when(settled, at.now),
                words::when(ballot::nominations_end(state), at.now)
            );
        }
        return format!(
            "one of these starts the vote from {day}, if the incident's own snapshot is on the ballot: {members}; anyone \
             starts it from {week}, with any candidate"
        );
    }
    if at.now < state.ends_ts {
        return format!("token holders vote until {}", words::when(state.ends_ts, at.now));
    }
    let delay = council.policies.get(usize::from(class::RESTORATION));
    let patience = ballot::patience(delay.map_or(0, |policy| policy.delay_seconds));
    match ballot::chosen(state, at.now) {
        Ok(chosen) => format!(
            "approvers propose to restore {}; the vote can be run again from {}",
            chosen.snapshot,
            words::when(ballot::stands_at(state).saturating_add(patience), at.now)
        ),
        Err(CoreError::ResultDisputable) => format!(
            "a vetoer can veto the result until {}; approvers propose to restore it meanwhile",
            words::when(ballot::stands_at(state), at.now)
        ),
        Err(_) => "the vote has no winner: run this again, which runs the vote again".to_owned(),
    }
}

fn next_of(error: CoreError, council: &Council) -> String {
    match error {
        CoreError::WrongPhase | CoreError::IncidentNotOpen => "guardians freeze the domain first".to_owned(),
        CoreError::NoSuchLedger => "name the number of a registered ledger".to_owned(),
        CoreError::SnapshotNotSealed => "seal the snapshot first".to_owned(),
        CoreError::SnapshotUnsettled => "wait a day after its first seal".to_owned(),
        CoreError::CandidateRefused => "each member may nominate one snapshot in a round".to_owned(),
        CoreError::NominationsClosed => {
            "nominate in the next round: everyone must be able to examine a candidate".into()
        }
        CoreError::ForeignWeight | CoreError::WeightNotFresh => {
            "update the plug-in's record of all weight in the same transaction, as the plug-in says".to_owned()
        }
        CoreError::BallotNotNominating => "the vote runs already; a member nominates in the next round".to_owned(),
        CoreError::NotAMember | CoreError::RoleMissing => format!(
            "use the key of one of these: {}",
            words::members_with(council, role::GUARDIAN | role::APPROVER)
        ),
        _ => "read the domain's status".to_owned(),
    }
}
