//! Emergency actions of several steps: registered in pieces, run in order, resumed by any guardian.

mod registering;

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::{ID as TOKEN_PROGRAM, instruction as spl};
use bulkhead::{
    call::StoredInstruction,
    error::BulkheadError as E,
    instructions::{RegisterEmergencyActionArgs, RegisterEmergencyStepsArgs, ResumeArgs},
};
use bulkhead_client::{
    chain::Chain,
    emergency::{pieces, whole_hash},
    flows::{self, FlowError, Quiet, Session},
    instructions as ix, pda,
};
use bulkhead_core::proposals::execution::room;
use bulkhead_interface::{
    ProposalKind,
    constants::{EMERGENCY_RUN_SECONDS, emergency_run_state},
    layout::{EmergencyAction, EmergencyRun},
};
use bulkhead_testbed::{Failure, Machine, OnMachine, Outcome, Protocol, Setup, keypair};
use bulkhead_tests::{receiver, refused, world, world_with};
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_signer::Signer;

/// Number of the action.
const ACTION: u8 = 2;

/// A domain whose host has three mints. Stopping each for good is a step.
struct Table {
    machine: Machine,
    protocol: Protocol,
    mints: Vec<Pubkey>,
    /// Holds the mints that the domain does not.
    admin: Keypair,
}

impl Table {
    fn new() -> Self {
        let (machine, protocol) = world();
        Self::of(machine, protocol)
    }

    fn of(mut machine: Machine, protocol: Protocol) -> Self {
        let mints: Vec<_> = ["a", "b", "c"].map(|name| keypair(name).pubkey()).to_vec();
        for mint in &mints {
            machine.create_mint(mint, &protocol.domain, 6);
        }
        Self {
            machine,
            protocol,
            mints,
            admin: keypair("host admin"),
        }
    }

    /// With the action of three steps registered.
    fn registered() -> Self {
        let mut table = Self::new();
        let steps = table.steps();
        table.register(&steps);
        table
    }

    fn stop(&self, mint: usize) -> StoredInstruction {
        let domain = self.protocol.domain;
        let kind = spl::AuthorityType::MintTokens;
        let stop = spl::set_authority(&TOKEN_PROGRAM, &self.mints[mint], None, kind, &domain, &[]);
        ix::stored(&stop.expect("it is well formed"))
    }

    fn steps(&self) -> Vec<StoredInstruction> {
        (0..self.mints.len()).map(|mint| self.stop(mint)).collect()
    }

    fn args(steps: &[StoredInstruction]) -> Vec<RegisterEmergencyStepsArgs> {
        pieces(ACTION, steps, room(ProposalKind::RegisterEmergencySteps)).expect("every step fits")
    }

    fn register(&mut self, steps: &[StoredInstruction]) {
        for piece in Self::args(steps) {
            self.register_piece(piece).expect("it has matured");
        }
    }

    fn register_piece(&mut self, piece: RegisterEmergencyStepsArgs) -> Result<Outcome, Failure> {
        let payer = self.machine.payer.pubkey();
        let authority = self.protocol.mature(&mut self.machine, &piece);
        self.send(&[ix::register_emergency_steps(authority, payer, piece)])
    }

    fn send(&mut self, instructions: &[Instruction]) -> Result<Outcome, Failure> {
        let members: Vec<_> = self.protocol.members.iter().collect();
        self.machine.send(instructions, &members)
    }

    fn guardian(&self, member: usize) -> Pubkey {
        self.protocol.members[member].pubkey()
    }

    fn action(&self) -> EmergencyAction {
        self.machine.load(&pda::emergency_action(&self.protocol.domain, ACTION))
    }

    fn run_of(&self, starter: usize) -> EmergencyRun {
        let action = pda::emergency_action(&self.protocol.domain, ACTION);
        self.machine.load(&pda::emergency_run(&action, &self.guardian(starter)))
    }

    fn starting(&self, member: usize) -> Instruction {
        let hash = self.action().instruction_hash;
        let payer = self.machine.payer.pubkey();
        ix::start_emergency_run(self.protocol.domain, self.guardian(member), payer, ACTION, hash)
    }

    fn start(&mut self, member: usize) -> Result<Outcome, Failure> {
        let start = self.starting(member);
        self.send(&[start])
    }

    /// Step `step` of the run that `starter` started, run by `member`.
    fn step(&self, starter: usize, member: usize, step: u8, stored: &StoredInstruction) -> Instruction {
        let keys = ix::RunKeys {
            domain: self.protocol.domain,
            index: ACTION,
            guardian: self.guardian(member),
            starter: self.guardian(starter),
        };
        ix::run_emergency_step(keys, step, stored)
    }

    fn run(&mut self, starter: usize, member: usize, step: u8) -> Result<Outcome, Failure> {
        let stored = self.stop(step.into());
        let run = self.step(starter, member, step, &stored);
        self.send(&[run])
    }

    fn rights(&self, member: usize) -> u8 {
        self.protocol.council(&self.machine).members[member].pause_rights
    }

    /// Which mints are stopped.
    fn stopped(&self) -> Vec<bool> {
        let has_none = |mint: &Pubkey| self.machine.account(mint).expect("a mint").data[..4] == [0; 4];
        self.mints.iter().map(has_none).collect()
    }

    /// The host takes a mint away from the domain, or gives it back.
    fn hand(&mut self, mint: usize, from: &Keypair, to: Pubkey) {
        let kind = spl::AuthorityType::MintTokens;
        let hand = spl::set_authority(&TOKEN_PROGRAM, &self.mints[mint], Some(&to), kind, &from.pubkey(), &[]);
        let signers = [from];
        self.machine
            .send(&[hand.expect("it is well formed")], &signers)
            .expect("the host's own");
    }

    /// A mint that the domain does not hold: its step fails.
    fn withhold(&mut self, mint: usize) {
        let key = keypair(&format!("withheld {mint}")).pubkey();
        self.machine.create_mint(&key, &self.admin.pubkey(), 6);
        self.mints[mint] = key;
    }
}

#[test]
fn steps_run_in_order_each_once_and_cost_one_right() {
    let mut table = Table::registered();
    assert_eq!((table.action().steps, table.action().registered_steps), (3, 3));
    let before = table.rights(0);
    table.start(0).expect("a guardian");
    assert_eq!(table.rights(0), before - 1);
    refused(table.run(0, 0, 1), E::StepNotNext);
    table.run(0, 0, 0).expect("the first");
    refused(table.run(0, 0, 0), E::StepNotNext);
    refused(table.run(0, 0, 2), E::StepNotNext);
    table.run(0, 0, 1).expect("the second");
    assert_eq!(table.stopped(), [true, true, false]);
    table.run(0, 0, 2).expect("the last");
    assert_eq!(table.stopped(), [true; 3]);
    assert_eq!(table.rights(0), before - 1, "one right for all steps");
    assert_eq!(table.run_of(0).state, emergency_run_state::FINISHED);
    refused(table.run(0, 0, 2), E::RunOver);
    refused(table.run(0, 0, 0), E::RunOver);
}

#[test]
fn the_start_and_several_steps_share_a_transaction() {
    let mut table = Table::registered();
    let together = [
        table.starting(1),
        table.step(1, 1, 0, &table.stop(0)),
        table.step(1, 1, 1, &table.stop(1)),
    ];
    table.send(&together).expect("both steps");
    assert_eq!(table.stopped(), [true, true, false]);
    assert_eq!(table.run_of(1).next_step, 2);
    // One that fails takes those in its transaction with it, and the run stays where it was.
    let with_a_repeat = [table.step(1, 1, 2, &table.stop(2)), table.step(1, 1, 2, &table.stop(2))];
    assert!(table.send(&with_a_repeat).is_err());
    assert_eq!((table.run_of(1).next_step, table.stopped()[2]), (2, false));
}

#[test]
fn a_failing_step_stops_there_and_another_guardian_goes_on() {
    let mut table = Table::new();
    table.withhold(1);
    let steps = table.steps();
    table.register(&steps);
    table.start(0).expect("a guardian");
    table.run(0, 0, 0).expect("the first");
    let failure = table.run(0, 0, 1).expect_err("the domain does not hold this mint");
    // The reason is the called program's own: `OwnerMismatch`.
    assert_eq!(failure.code(), Some(4));
    assert_eq!(
        (table.run_of(0).next_step, table.stopped()),
        (1, vec![true, false, false])
    );
    refused(table.run(0, 0, 2), E::StepNotNext);
    let (admin, domain) = (table.admin.insecure_clone(), table.protocol.domain);
    table.hand(1, &admin, domain);
    let before = [table.rights(0), table.rights(1)];
    table.run(0, 1, 1).expect("another guardian goes on");
    table.run(0, 1, 2).expect("to the end");
    assert_eq!(table.stopped(), [true; 3]);
    assert_eq!([table.rights(0), table.rights(1)], before, "going on costs nothing");
}

#[test]
fn only_guardians_start_and_go_on() {
    let mut table = Table::registered();
    refused(table.start(3), E::RoleMissing);
    table.start(0).expect("a guardian");
    refused(table.run(0, 3, 0), E::RoleMissing);
    let stored = table.stop(0);
    let keys = ix::RunKeys {
        domain: table.protocol.domain,
        index: ACTION,
        guardian: table.admin.pubkey(),
        starter: table.guardian(0),
    };
    let admin = table.admin.insecure_clone();
    let run = ix::run_emergency_step(keys, 0, &stored);
    refused(table.machine.send(&[run], &[&admin]), E::NotAMember);
    assert_eq!(table.stopped(), [false; 3]);
}

/// Attack: a stolen guardian starts the action again and again, so that nobody gets to its end.
#[test]
fn a_new_run_does_not_set_back_the_run_of_another() {
    let mut table = Table::registered();
    table.start(0).expect("a guardian");
    table.run(0, 0, 0).expect("the first");
    table.start(1).expect("the stolen key");
    assert_eq!((table.run_of(0).next_step, table.run_of(1).next_step), (1, 0));
    table.run(0, 0, 1).expect("goes on");
    // Nobody starts in another's place: the address of a run names its guardian.
    let mut forged = table.starting(1);
    let action = pda::emergency_action(&table.protocol.domain, ACTION);
    let run = pda::emergency_run(&action, &table.guardian(0));
    forged.accounts[5].pubkey = run;
    assert!(table.send(&[forged]).is_err());
    assert_eq!(table.run_of(0).next_step, 2);
    // Their own they can start again, for a right.
    let rights = table.rights(0);
    table.start(0).expect("once more");
    assert_eq!((table.run_of(0).next_step, table.run_of(0).number), (0, 2));
    assert_eq!(table.rights(0), rights - 1);
}

#[test]
fn no_right_no_run() {
    let mut table = Table::registered();
    for _ in 0..table.rights(0) {
        table.start(0).expect("rights are left");
    }
    refused(table.start(0), E::NoPauseRights);
    table.start(1).expect("another guardian");
}

#[test]
fn a_run_is_over_after_a_day() {
    let mut table = Table::registered();
    table.start(0).expect("a guardian");
    table.run(0, 0, 0).expect("the first");
    table.machine.warp_seconds(EMERGENCY_RUN_SECONDS - 1);
    table.run(0, 0, 1).expect("still today");
    table.machine.warp_seconds(1);
    refused(table.run(0, 0, 2), E::RunOver);
}

/// Attack: keep a run that was paid for in an incident, and close the host again for free once governance has resumed it.
#[test]
fn a_run_ends_with_its_incident() {
    let mut table = Table::registered();
    let incident = table.protocol.freeze(&mut table.machine);
    table.start(2).expect("a guardian");
    assert_eq!(table.run_of(2).incident, incident);
    table.run(2, 2, 0).expect("the first");
    let args = ResumeArgs { incident };
    let resume = table.protocol.mature(&mut table.machine, &args);
    table.send(&[ix::resume(resume, args)]).expect("it has matured");
    refused(table.run(2, 2, 1), E::RunOver);
}

#[test]
fn a_run_that_began_before_the_incident_goes_on_in_it() {
    let mut table = Table::registered();
    table.start(2).expect("a guardian");
    table.protocol.freeze(&mut table.machine);
    table.run(2, 2, 0).expect("nothing stops a run that only tightens");
}

#[test]
fn an_action_that_was_registered_again_needs_another_run() {
    let mut table = Table::registered();
    let old = table.starting(1);
    table.start(0).expect("a guardian");
    table.run(0, 0, 0).expect("the first");
    let turned: Vec<_> = table.steps().into_iter().rev().collect();
    table.register(&turned);
    refused(table.run(0, 0, 1), E::RunOver);
    // A guardian who has read the old one does not start the new one.
    refused(table.send(&[old]), E::StepsMismatch);
    table.start(1).expect("who has read it");
    let last = table.step(1, 1, 0, &turned[0]);
    table.send(&[last]).expect("its first step");
    assert_eq!(table.stopped(), [true, false, true]);
}

#[test]
fn what_runs_is_what_is_registered() {
    let mut table = Table::registered();
    table.start(0).expect("a guardian");
    let stored = table.stop(0);
    let honest = table.step(0, 0, 0, &stored);
    let first = honest.accounts.len() - stored.accounts.len();
    let other = table.mints[2];
    let spoils: [&dyn Fn(&mut Instruction); 4] = [
        &|run| run.accounts[first].pubkey = other,
        &|run| run.accounts.swap(first, first + 1),
        &|run| run.accounts.push(AccountMeta::new(other, false)),
        &|run| run.accounts[first - 1].pubkey = anchor_spl::token_2022::ID,
    ];
    for spoil in spoils {
        let mut run = honest.clone();
        spoil(&mut run);
        refused(table.send(&[run]), E::AccountsMismatch);
    }
    // A run of another action.
    let mut other = honest.clone();
    let steps = [table.stop(0), table.stop(1)];
    for piece in pieces(ACTION + 1, &steps, room(ProposalKind::RegisterEmergencySteps)).expect("fits") {
        table.register_piece(piece).expect("it has matured");
    }
    other.accounts[3].pubkey = pda::emergency_action(&table.protocol.domain, ACTION + 1);
    refused(table.send(&[other]), E::ForeignAccount);
    assert_eq!(table.stopped(), [false; 3]);
    table.start(0).expect("the delays took more than a day");
    table.send(&[honest]).expect("what is registered");
}

#[test]
fn an_action_of_several_steps_does_not_run_in_one_instruction() {
    let mut table = Table::registered();
    let (domain, guardian) = (table.protocol.domain, table.guardian(0));
    let run = ix::run_emergency_action(domain, guardian, ACTION, &table.stop(0));
    refused(table.send(&[run]), E::ActionHasSteps);
    // One of a single step runs either way.
    let args = RegisterEmergencyActionArgs {
        index: ACTION,
        instruction: table.stop(0),
    };
    let payer = table.machine.payer.pubkey();
    let authority = table.protocol.mature(&mut table.machine, &args);
    table
        .send(&[ix::register_emergency_action(authority, payer, args)])
        .expect("it has matured");
    let together = [table.starting(0), table.step(0, 0, 0, &table.stop(0))];
    table.send(&together).expect("step by step");
    assert_eq!(table.run_of(0).state, emergency_run_state::FINISHED);
}

// The flow.

fn session(chain: &OnMachine) -> Session<'_> {
    Session {
        chain,
        report: &Quiet,
        parallel: 1,
    }
}

#[tokio::test]
async fn the_flow_tries_runs_stops_and_goes_on() {
    let mut table = Table::new();
    table.withhold(1);
    let steps = table.steps();
    table.register(&steps);
    let (domain, guardians) = (table.protocol.domain, [table.guardian(0), table.guardian(1)]);
    let keys = table.protocol.members.iter().chain([&table.admin]);
    let chain = OnMachine::new(table.machine, keys.map(Keypair::insecure_clone).collect());
    let session = session(&chain);
    let plan = flows::plan_emergency_run(&session, domain, guardians[0], ACTION, false)
        .await
        .expect("a guardian");
    assert!(plan.rights_left.is_some() && plan.next() == 0);
    let trials = flows::try_emergency_steps(&session, &plan).await.expect("simulated");
    let outcome: Vec<_> = trials
        .iter()
        .map(|trial| (trial.step, trial.fails.is_none(), trial.after_others))
        .collect();
    assert_eq!(outcome, [(0, true, true), (1, false, true), (2, true, false)]);

    let stopped = flows::run_emergency_action(&session, &plan).await;
    let Err(FlowError::NotPossible { why, .. }) = stopped else {
        panic!("{stopped:?}")
    };
    assert!(why.contains("step 2 of 3"), "{why}");
    let run = pda::emergency_run(&plan.action.key, &guardians[0]);
    assert_eq!(chain.machine().load::<EmergencyRun>(&run).next_step, 1);

    // The cause is removed, and another guardian goes on.
    let kind = spl::AuthorityType::MintTokens;
    let admin = table.admin.pubkey();
    let give = spl::set_authority(&TOKEN_PROGRAM, &table.mints[1], Some(&domain), kind, &admin, &[]);
    chain
        .send(&[give.expect("it is well formed")])
        .await
        .expect("the host's own");
    let plan = flows::plan_emergency_run(&session, domain, guardians[1], ACTION, false)
        .await
        .expect("a guardian");
    assert_eq!((plan.run, plan.rights_left), (Some((guardians[0], 1)), None));
    flows::run_emergency_action(&session, &plan)
        .await
        .expect("all that is left");
    let run: EmergencyRun = chain.machine().load(&run);
    assert_eq!((run.next_step, run.state), (3, emergency_run_state::FINISHED));
    // What is finished is not continued: the next run takes a right.
    let next = flows::plan_emergency_run(&session, domain, guardians[1], ACTION, false)
        .await
        .expect("a guardian");
    assert!(next.run.is_none() && next.rights_left.is_some());
}
