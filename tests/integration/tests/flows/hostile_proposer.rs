//! An approver who proposes what everybody wants, so that the others approve that proposal, and then edits it.

use std::{sync::Mutex, time::Duration};

use anchor_lang::Discriminator;
use async_trait::async_trait;
use bulkhead_client::{
    bulkhead::{
        decision::Decision,
        instruction::Approve,
        instructions::{ResumeArgs, SetLimitArgs},
    },
    chain::{ChainError, Filter, OwnedAt, Receipt, Simulated},
    flows::Stepped,
    instructions as ix, pda,
};
use bulkhead_core::acts::At;
use bulkhead_interface::layout::{OutflowBreaker, Proposal};
use bulkhead_testbed::DELAY_SECONDS;
use solana_account::Account;
use solana_instruction::Instruction;

use super::*;

/// The member that is hostile. Members 0 and 1 are honest, and two approvals are enough.
const HOSTILE: usize = 2;

/// A domain, and the decision that everybody wants.
struct Attack {
    world: World,
    wanted: Decision,
}

impl Attack {
    /// Everybody wants to unpause.
    async fn on_a_resume() -> Self {
        let world = World::new();
        let incident = world.freeze().await;
        Self::on(world, ResumeArgs { incident }.into())
    }

    /// Everybody wants a limit to be raised a little.
    fn on_a_limit() -> Self {
        let world = World::new();
        let little = limits(&world, 200_000);
        Self::on(world, little)
    }

    fn on(world: World, wanted: Decision) -> Self {
        world.chain.machine().next_slot();
        Self { world, wanted }
    }

    /// The hostile approver's n-th proposal.
    fn proposal(&self, index: u64) -> Pubkey {
        pda::proposal(&self.world.domain(), &self.world.member(HOSTILE), index)
    }

    async fn send(&self, instruction: Instruction) {
        self.world.chain.machine().next_slot();
        let sent = self.world.chain.send(&[instruction]).await;
        sent.unwrap_or_else(|error| panic!("{error}"));
    }

    async fn propose(&self, index: u64) {
        let (domain, hostile) = (self.world.domain(), self.world.member(HOSTILE));
        let payer = self.world.payer();
        self.send(ix::propose(domain, hostile, payer, index, &self.wanted))
            .await;
    }

    fn edit(&self, index: u64, to: &Decision) -> Instruction {
        let (domain, hostile) = (self.world.domain(), self.world.member(HOSTILE));
        ix::edit_proposal(domain, hostile, self.world.payer(), self.proposal(index), to)
    }

    /// A member's next step.
    async fn step(&self, member: usize) -> Result<Stepped, FlowError> {
        self.world.chain.machine().next_slot();
        let (session, domain) = (self.world.session(), self.world.domain());
        flows::advance(&session, domain, self.world.member(member), self.wanted.clone()).await
    }

    /// A member's next step towards an unpause, by the proposal of another.
    async fn resume_of(&self, member: usize, proposer: usize) -> Result<Stepped, FlowError> {
        self.world.chain.machine().next_slot();
        let proposer = Some(self.world.member(proposer));
        let (session, domain) = (self.world.session(), self.world.domain());
        flows::resume_of(&session, domain, self.world.member(member), proposer).await
    }

    /// What the limit is that everybody wants to be raised.
    fn limit(&self) -> u64 {
        let breaker = self.world.protocol.vault.breaker;
        self.world.chain.machine().load::<OutflowBreaker>(&breaker).limit
    }

    fn approvals(&self, index: u64) -> u16 {
        self.world
            .chain
            .machine()
            .load::<Proposal>(&self.proposal(index))
            .approvals
    }
}

fn limits(world: &World, limit: u64) -> Decision {
    let breaker = world.protocol.vault.breaker;
    let slot_limit = limit / 2;
    SetLimitArgs {
        breaker,
        limit,
        slot_limit,
        ..SetLimitArgs::default()
    }
    .into()
}

/// The approvals of what was edited are void, nothing else runs with them, and the honest approvers meet at the first
/// proposal that nobody edits, even if the hostile one is made to look the same again.
#[tokio::test]
async fn what_is_edited_has_no_approvals_and_the_others_go_on_with_their_own() {
    let attack = Attack::on_a_limit();
    attack.propose(0).await;
    let first = must(attack.step(0).await);
    assert_eq!(
        (first.proposal, first.step.as_str()),
        (Some(attack.proposal(0)), "approved it")
    );
    let hostile = attack.world.member(HOSTILE).to_string();
    assert!(
        first.next.contains(&format!("{hostile} proposed it and can edit it")),
        "{}",
        first.next
    );

    attack.send(attack.edit(0, &limits(&attack.world, u64::MAX / 4))).await;
    assert_eq!(attack.approvals(0), 0);
    let (session, payer) = (attack.world.session(), attack.world.payer());
    let run = flows::execute(&session, attack.proposal(0), payer).await;
    assert!(run.is_err(), "{run:?}");

    let own = must(attack.step(0).await);
    assert_eq!(own.step, "proposed it, approved it");
    assert_ne!(own.proposal, first.proposal);
    // The same again, approved by its proposer: as far as the honest one, and newer.
    attack.send(attack.edit(0, &attack.wanted)).await;
    let hash = attack
        .world
        .chain
        .machine()
        .load::<Proposal>(&attack.proposal(0))
        .payload_hash;
    must(flows::approve(&session, attack.proposal(0), attack.world.member(HOSTILE), hash).await);
    let second = must(attack.step(1).await);
    assert_eq!((second.proposal, second.step.as_str()), (own.proposal, "approved it"));
    attack.world.warp(DELAY_SECONDS);
    let last = must(attack.step(1).await);
    assert!(last.is_executed);
    assert_eq!((last.proposal, attack.limit()), (own.proposal, 200_000));
}

/// An edit that changes nothing voids the approvals and looks the same. Whoever names the proposer is not kept busy by
/// it, however often it happens.
#[tokio::test]
async fn approvers_who_name_a_proposer_meet_at_once() {
    let attack = Attack::on_a_resume().await;
    attack.propose(0).await;
    for _ in 0..3 {
        let vain = must(attack.step(0).await);
        assert_eq!(
            (vain.proposal, vain.step.as_str()),
            (Some(attack.proposal(0)), "approved it")
        );
        attack.send(attack.edit(0, &attack.wanted)).await;
        assert_eq!(attack.approvals(0), 0);
    }
    // Whoever is named goes first.
    let early = not_yet(attack.resume_of(1, 0).await);
    assert!(early.contains(&attack.world.member(0).to_string()), "{early}");
    let own = must(attack.resume_of(0, 0).await);
    assert_eq!(own.step, "proposed it, approved it");
    attack.send(attack.edit(0, &attack.wanted)).await;
    let second = must(attack.resume_of(1, 0).await);
    assert_eq!((second.proposal, second.step.as_str()), (own.proposal, "approved it"));
    attack.send(attack.edit(0, &attack.wanted)).await;
    attack.world.warp(DELAY_SECONDS);
    assert!(must(attack.resume_of(1, 0).await).is_executed);
}

/// Several identical proposals, to edit one after the other: none of them is taken.
#[tokio::test]
async fn a_proposer_with_several_identical_proposals_is_passed_over() {
    let attack = Attack::on_a_resume().await;
    for index in 0..3 {
        attack.propose(index).await;
    }
    let own = must(attack.step(0).await);
    assert_eq!(own.step, "proposed it, approved it");
    let second = must(attack.step(1).await);
    assert_eq!((second.proposal, second.step.as_str()), (own.proposal, "approved it"));
    assert!((0..3).all(|index| attack.approvals(index) == 0));
}

/// A cluster on which an edit lands just before the first approval.
struct Racing<'a> {
    world: &'a World,
    edit: Mutex<Option<Instruction>>,
}

#[async_trait]
impl Chain for Racing<'_> {
    fn payer(&self) -> Pubkey {
        self.world.payer()
    }

    async fn now(&self) -> Result<At, ChainError> {
        self.world.chain.now().await
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        self.world.chain.accounts(keys).await
    }

    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        self.world.chain.owned_at(program, filters).await
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        let approves = instructions
            .iter()
            .any(|each| each.data.starts_with(Approve::DISCRIMINATOR));
        let edit = self.edit.lock().expect("not poisoned").take_if(|_| approves);
        if let Some(edit) = edit {
            self.world.chain.send(&[edit]).await?;
        }
        self.world.chain.send(instructions).await
    }

    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError> {
        self.world.chain.simulate(instructions, accounts).await
    }

    async fn wait(&self, time: Duration) {
        self.world.chain.wait(time).await;
    }
}

/// The approval names the decision and the slot, so the program refuses it; the flow says who did that and what to do.
#[tokio::test]
async fn an_edit_in_the_moment_of_the_approval_is_named() {
    let attack = Attack::on_a_limit();
    attack.propose(0).await;
    attack.world.chain.machine().next_slot();
    let racing = Racing {
        world: &attack.world,
        edit: Mutex::new(Some(attack.edit(0, &limits(&attack.world, u64::MAX / 4)))),
    };
    let session = Session {
        chain: &racing,
        report: &Quiet,
        parallel: 1,
    };
    let honest = attack.world.member(0);
    let refused = flows::advance(&session, attack.world.domain(), honest, attack.wanted.clone()).await;
    match refused {
        Err(FlowError::NotPossible { why, next }) => {
            assert!(why.contains(&attack.world.member(HOSTILE).to_string()), "{why}");
            assert!(next.contains(&honest.to_string()), "{next}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(attack.approvals(0), 0);
}
