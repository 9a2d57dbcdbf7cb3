//! From the pause to the reopening: the steps of the council, the token holders and bystanders.

mod captured;
mod claims;

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    decision::EncodedDecision,
    instructions::{ChooseRestorationArgs, ReopenArgs, ResumeArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::snapshots::merkle;
use bulkhead_interface::{
    constants::{CHOICE_NONE, NOMINATION_SECONDS, phase, step},
    layout::{Ballot, Ledger, Restoration, Snapshot},
};
use bulkhead_snapshot::{Position, Progress, Tree};
use bulkhead_testbed::{DELAY_SECONDS, Protocol, VOTE_SECONDS, keypair};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{error::DrillError, phases::Recorder, scenario::AttackOutcome, stage::Stage};

/// Assumed: seconds from the breach until the guardians react.
pub(crate) const ANSWER_SECONDS: i64 = 20 * 60;
/// Assumed: seconds from the sealed snapshot until the evacuation, and until the ballot.
const STEP_SECONDS: i64 = 5 * 60;
/// Positions read per transaction: as many as fit into 1,232 bytes.
const READ_AT_ONCE: usize = 24;
/// Claims pushed per transaction: as many as fit.
const CLAIMED_AT_ONCE: usize = 3;
/// The only ledger of the exchange.
pub(crate) const LEDGER: u8 = 0;
/// At the end of a vote, how long only votes for none count, where a domain's rules say so.
pub(crate) const COOL_OFF_SECONDS: i64 = 86_400;
/// How long candidates stand and results can be vetoed, where a domain's rules say so.
pub(crate) const DISPUTE_SECONDS: i64 = 2 * 86_400;
/// Ramp of the reopening, and its grace period.
const REOPEN_BPS: u16 = 2_500;
const GRACE_SECONDS: i64 = 3_600;
/// Governance tokens of each voter.
const VOTERS: [u64; 5] = [400_000, 300_000, 200_000, 80_000, 20_000];

/// The amounts recovered and paid.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Recovered {
    /// Number of leaves in the snapshot.
    pub leaves: u64,
    /// Sum of the leaves.
    pub claims_total: u64,
    /// The host's own sum of its deposits.
    pub host_total: u64,
    /// Amount moved to the recovery account.
    pub evacuated: u64,
    /// Custody balance just before.
    pub custody: u64,
    /// Amount shared out.
    pub pool: u64,
    /// Number of claims paid.
    pub claims: u64,
    /// Sum that owners received.
    pub claims_paid: u64,
    /// The largest leaf, and what its owner received.
    pub largest: (u64, u64),
    /// Number of claims that paid anything but the exact share.
    pub wrong_payouts: u64,
    /// Do the domain and the exchange operate again?
    pub is_open: bool,
}

/// Nothing is lost: the council freezes the domain until that is certain, then resumes.
pub(crate) fn stand_down(
    stage: &mut Stage,
    attack_outcome: &mut AttackOutcome,
    recorder: &mut Recorder,
) -> Result<Recovered, DrillError> {
    with_recovery(stage, attack_outcome, recorder, |recovery| {
        recovery.freeze()?;
        recovery.resume()
    })
}

/// Recovers the exchange after an attack.
pub(crate) fn recover(
    stage: &mut Stage,
    attack_outcome: &mut AttackOutcome,
    recorder: &mut Recorder,
    progress: &dyn Progress,
) -> Result<Recovered, DrillError> {
    with_recovery(stage, attack_outcome, recorder, |recovery| recovery.run(progress))
}

fn with_recovery(
    stage: &mut Stage,
    attack_outcome: &mut AttackOutcome,
    recorder: &mut Recorder,
    run: impl FnOnce(&mut Recovery) -> Result<(), DrillError>,
) -> Result<Recovered, DrillError> {
    let protocol = stage.exchange.protocol.take().ok_or(DrillError::NoBreach)?;
    let mut recovery = Recovery {
        incident: protocol.state(&stage.machine).open_incident,
        stage,
        attack_outcome,
        recorder,
        protocol: &protocol,
        found: Recovered::default(),
    };
    let result = run(&mut recovery);
    let found = recovery.found;
    stage.exchange.protocol = Some(protocol);
    result?;
    let is_open = works_again(stage);
    Ok(Recovered { is_open, ..found })
}

struct Recovery<'a> {
    stage: &'a mut Stage,
    attack_outcome: &'a mut AttackOutcome,
    recorder: &'a mut Recorder,
    protocol: &'a Protocol,
    incident: Pubkey,
    found: Recovered,
}

impl Recovery<'_> {
    fn run(&mut self, progress: &dyn Progress) -> Result<(), DrillError> {
        self.freeze()?;
        let tree = self.snapshot(progress)?;
        self.evacuate()?;
        match self.attack_outcome.false_state {
            Some(false_state) => self.captured_ballot(false_state)?,
            None => self.ballot()?,
        }
        self.restore()?;
        self.claims(&tree, progress)?;
        self.reopen()
    }

    fn land(&mut self, step: &str, instruction: Instruction, signers: &[&Keypair]) -> Result<(), DrillError> {
        self.stage.land(step, &[instruction], signers).map(|_| ())
    }

    fn end(&mut self, name: &str) {
        self.recorder.end(name, &self.stage.machine);
    }

    /// Seconds from the attack's first transaction to the breach.
    fn breach_seconds(&self) -> i64 {
        let incident = self.protocol.incident(&self.stage.machine);
        incident.steps[step::BREACH].ts - self.stage.incident.first_ts
    }

    fn payer(&self) -> Pubkey {
        self.stage.machine.payer.pubkey()
    }

    /// The guardians confirm, and cancel the attacker's queued release.
    fn freeze(&mut self) -> Result<(), DrillError> {
        let protocol = self.protocol;
        let answered = self.breach_seconds() + ANSWER_SECONDS;
        self.stage.at(answered.max(self.stage.now()));
        self.recorder.begin(&self.stage.machine);
        for guardian in &protocol.members[..2] {
            let confirm = ix::confirm_incident(protocol.domain, guardian.pubkey(), self.incident);
            self.land("confirm the incident", confirm, &[guardian])?;
            self.stage.machine.next_slot();
        }
        if let Some(release) = self.attack_outcome.queued {
            let guardian = &protocol.members[1];
            let vault = protocol.vault.vault;
            let cancel = ix::cancel_release(protocol.domain, guardian.pubkey(), self.incident, vault, release);
            self.land("cancel the attacker's release", cancel, &[guardian])?;
        }
        self.end("freeze");
        Ok(())
    }

    /// Bystanders read every margin account into the sixteen shards, and seal the snapshot.
    fn snapshot(&mut self, progress: &dyn Progress) -> Result<Tree, DrillError> {
        let (protocol, incident, payer) = (self.protocol, self.incident, self.payer());
        let domain = protocol.domain;
        let snapshot = pda::snapshot(&incident, LEDGER);
        let keys = self.position_keys();
        progress.begin("reading positions on chain", Some(keys.len() as u64));
        self.land(
            "open the snapshot",
            ix::open_snapshot(domain, payer, incident, LEDGER),
            &[],
        )?;
        let mut shards = Vec::new();
        for number in 0..16 {
            let of_shard: Vec<_> = keys
                .iter()
                .copied()
                .filter(|key| merkle::shard_of(key.as_array()) == number)
                .collect();
            if of_shard.is_empty() {
                continue;
            }
            self.land(
                "open a shard",
                ix::open_shard(domain, payer, payer, snapshot, number),
                &[],
            )?;
            shards.push(pda::shard(&snapshot, number, &payer));
            for positions in of_shard.chunks(READ_AT_ONCE) {
                self.stage.machine.next_slot();
                let ingest = ix::ingest_positions(domain, payer, snapshot, LEDGER, number, positions);
                self.land("read positions", ingest, &[])?;
                progress.advance(positions.len() as u64);
            }
        }
        self.stage.machine.next_slot();
        let seal = ix::seal_snapshot(domain, incident, LEDGER, protocol.total_account, &shards, &[]);
        self.land("seal the snapshot", seal, &[])?;
        self.end("snapshot");
        self.verify_tree(&snapshot, &keys)
    }

    /// All margin accounts in ascending order, including the attacker's.
    fn position_keys(&self) -> Vec<Pubkey> {
        let owners = self.stage.users.iter().map(|user| user.key.pubkey());
        let mut keys: Vec<_> = owners
            .chain([self.stage.attacker.pubkey()])
            .map(|owner| self.stage.exchange.margin(&owner))
            .collect();
        keys.sort_unstable();
        keys
    }

    /// Builds the same tree off chain from the same accounts, and compares root and total.
    fn verify_tree(&mut self, snapshot: &Pubkey, keys: &[Pubkey]) -> Result<Tree, DrillError> {
        let machine = &self.stage.machine;
        let ledger: Ledger = machine.load(&pda::ledger(&self.protocol.domain, LEDGER));
        let mut positions = Vec::with_capacity(keys.len());
        for key in keys {
            let account = machine.account(key).unwrap_or_default();
            let position = Position::read(&ledger, *key, &account.owner, &account.data)
                .map_err(|error| DrillError::TreeMismatch(error.to_string()))?;
            positions.push(position);
        }
        let sealed: Snapshot = machine.load(snapshot);
        let tree = Tree::build(sealed.tag, positions).map_err(|error| DrillError::TreeMismatch(error.to_string()))?;
        if tree.root().hash != sealed.root || tree.root().sum != sealed.total || tree.count() != sealed.count {
            return Err(DrillError::TreeMismatch("root or total of the sealed snapshot".into()));
        }
        let host = machine.load::<example_exchange::state::Exchange>(&self.stage.exchange.key);
        self.found.leaves = sealed.count;
        self.found.claims_total = sealed.total;
        self.found.host_total = host.total_deposits;
        Ok(tree)
    }

    /// The guardians confirm the evacuation, and a bystander moves the vault's tokens to its recovery account.
    fn evacuate(&mut self) -> Result<(), DrillError> {
        let protocol = self.protocol;
        self.stage.machine.warp_seconds(STEP_SECONDS);
        self.found.custody = self.stage.custody();
        for guardian in &protocol.members[..2] {
            let confirm = ix::confirm_evacuation(protocol.domain, guardian.pubkey(), self.payer(), self.incident);
            self.land("confirm the evacuation", confirm, &[guardian])?;
            self.stage.machine.next_slot();
        }
        let elsewhere = ix::evacuate(protocol.vault, self.incident, self.stage.attacker_tokens);
        let result = self.stage.machine.send(&[elsewhere], &[]);
        self.attack_outcome.attempts.note(
            "evacuate the vault to the attacker's account",
            self.stage.slot(),
            result,
        );
        let evacuate = ix::evacuate(protocol.vault, self.incident, protocol.recovery_account);
        self.land("evacuate the vault", evacuate, &[])?;
        self.found.evacuated = self.stage.machine.balance(&protocol.recovery_account);
        self.end("evacuation");
        Ok(())
    }

    /// The holders of the governance token escrow their tokens and vote.
    fn ballot(&mut self) -> Result<(), DrillError> {
        let (protocol, incident, payer) = (self.protocol, self.incident, self.payer());
        let (domain, mint) = (protocol.domain, protocol.governance_mint);
        self.stage.machine.warp_seconds(STEP_SECONDS);
        let member = &protocol.members[0];
        let key = member.pubkey();
        let ballot = pda::ballot(&incident, LEDGER);
        let voters: Vec<_> = (0..VOTERS.len())
            .map(|number| keypair(&format!("voter {number}")))
            .collect();
        for (voter, weight) in voters.iter().zip(VOTERS) {
            let source = self.stage.give(&mint, voter, weight);
            let steps = [
                ix::open_escrow(domain, voter.pubkey(), payer),
                ix::deposit_votes(domain, voter.pubkey(), source, mint, TOKEN_PROGRAM, weight),
            ];
            self.stage.land("escrow votes", &steps, &[voter])?;
        }
        // A bystander opens the ballot and adds the snapshot. Others can nominate candidates for a day.
        let steps = [
            ix::open_ballot(domain, payer, payer, incident, LEDGER),
            ix::add_candidate(domain, payer, ballot, pda::snapshot(&incident, LEDGER)),
        ];
        for step in steps {
            self.land("open the ballot", step, &[])?;
        }
        let start = ix::start_voting(domain, key, incident, ballot, mint);
        let result = self.stage.machine.send(std::slice::from_ref(&start), &[member]);
        self.attack_outcome
            .attempts
            .note("start the vote before others nominate", self.stage.slot(), result);
        self.stage.machine.warp_seconds(NOMINATION_SECONDS);
        self.land("start the vote", start, &[member])?;
        // The last voter votes against it.
        for (number, voter) in voters.iter().enumerate() {
            let choice = if number + 1 == voters.len() { CHOICE_NONE } else { 0 };
            let vote = ix::cast_vote(domain, voter.pubkey(), payer, ballot, choice);
            self.land("cast a vote", vote, &[voter])?;
        }
        self.stage.machine.warp_seconds(VOTE_SECONDS);
        self.end("ballot");
        Ok(())
    }

    /// A proposal, approved by two approvers, and its delay.
    fn mature(&mut self, decision: impl Into<EncodedDecision>) -> Result<ix::Authority, DrillError> {
        let protocol = self.protocol;
        let domain = protocol.domain;
        // What happens in the slot of a proposal's creation is newer than the proposal.
        self.stage.machine.next_slot();
        let proposer = &protocol.members[0];
        let index = self.stage.machine.free_proposal(&domain, &proposer.pubkey());
        let propose = ix::propose(domain, proposer.pubkey(), self.payer(), index, decision);
        self.land("propose", propose, &[proposer])?;
        let proposal = pda::proposal(&domain, &proposer.pubkey(), index);
        for number in 0..2 {
            self.stage.machine.next_slot();
            let approve = protocol.approve(&self.stage.machine, &proposal, number);
            self.land("approve", approve, &[&protocol.members[number]])?;
        }
        self.stage.machine.warp_seconds(DELAY_SECONDS);
        Ok(ix::Authority {
            signer: self.payer(),
            domain,
            proposal: Some(proposal),
        })
    }

    /// The proposal that executes the ballot's choice.
    fn restore(&mut self) -> Result<(), DrillError> {
        let snapshot = pda::snapshot(&self.incident, LEDGER);
        let args = ChooseRestorationArgs {
            incident: self.incident,
            root: self.stage.machine.load::<Snapshot>(&snapshot).root,
            snapshot,
            ledger_index: LEDGER,
        };
        let authority = self.mature(&args)?;
        let choose = ix::choose_restoration(authority, self.payer(), self.protocol.mint, TOKEN_PROGRAM, args);
        self.land("choose the restoration", choose, &[])?;
        let restored: Restoration = self.stage.machine.load(&pda::restoration(&self.incident, LEDGER));
        if let Some(vote) = &mut self.attack_outcome.vote {
            vote.is_undone = restored.snapshot == snapshot;
        }
        self.end("restoration");
        Ok(())
    }

    /// The proposal that ends the pause without restoring a state.
    fn resume(&mut self) -> Result<(), DrillError> {
        let args = ResumeArgs {
            incident: self.incident,
        };
        let authority = self.mature(&args)?;
        self.land("resume", ix::resume(authority, args), &[])?;
        self.end("resumption");
        Ok(())
    }

    /// The proposal to reopen, with a ramp and a grace period.
    fn reopen(&mut self) -> Result<(), DrillError> {
        let args = ReopenArgs {
            incident: self.incident,
            ramp_bps: REOPEN_BPS,
            grace_seconds: GRACE_SECONDS,
        };
        let authority = self.mature(&args)?;
        self.land("reopen", ix::reopen(authority, args), &[])?;
        self.end("reopening");
        Ok(())
    }
}

/// Does the domain operate again, and can a user deposit and withdraw?
fn works_again(stage: &mut Stage) -> bool {
    let operating = stage
        .protocol()
        .is_some_and(|protocol| protocol.state(&stage.machine).state == phase::OPERATING);
    let index = stage.next_release();
    let Some(user) = stage.users.first() else {
        return false;
    };
    let (key, tokens, amount) = (user.key.insecure_clone(), user.tokens, user.deposit / 1_000);
    let owner = key.pubkey();
    stage.machine.fund(&owner, 10_000_000);
    let moves = [
        stage.exchange.deposit(owner, tokens, amount),
        stage.exchange.withdraw(owner, tokens, amount, index),
    ];
    let before = stage.machine.balance(&tokens);
    operating && stage.machine.send(&moves, &[&key]).is_ok() && stage.machine.balance(&tokens) == before
}
