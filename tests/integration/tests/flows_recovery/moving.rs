//! Checkpoints of a ledger that moves while it is read: leaves, total and slot are of the same moment, or nothing is
//! posted.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bulkhead_client::{
    chain::{CLOCK, ChainError, Filter, OwnedAt, Receipt, Simulated},
    flows::{
        Quiet, Session,
        checkpoint::{Built, Positions, build_checkpoint, checkpoint},
    },
};
use bulkhead_core::{acts::At, checkpoints::checkpoint as rules};
use bulkhead_tests::checkpoints::Watched;
use solana_account::Account;
use solana_instruction::Instruction;

use super::*;

/// What happens before the n-th reading of the ledger or of its total.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// A slot passes.
    Slot,
    /// A slot passes in which a position grows.
    Move,
}

/// A cluster on which a host is used while others read it.
struct Busy {
    cluster: Cluster,
    protocol: Protocol,
    /// The listing lacks its first position.
    is_incomplete: bool,
    before: fn(usize) -> Before,
    state: Mutex<State>,
}

struct State {
    readings: usize,
    positions: Vec<Position>,
    /// The positions in each slot that was listed.
    listed: BTreeMap<u64, Vec<Position>>,
}

impl Busy {
    fn new(before: fn(usize) -> Before, is_incomplete: bool) -> Self {
        let Watched {
            mut machine, protocol, ..
        } = Watched::new();
        let positions = positions(30);
        for Position { key, owner, amount } in &positions {
            protocol.write_position(&mut machine, key, owner, *amount);
        }
        protocol.write_total(&mut machine, total(&positions));
        Self {
            cluster: on(machine, Fault::None),
            protocol,
            is_incomplete,
            before,
            state: Mutex::new(State {
                readings: 0,
                positions,
                listed: BTreeMap::new(),
            }),
        }
    }

    fn session(&self) -> Session<'_> {
        Session {
            chain: self,
            report: &Quiet,
            parallel: 1,
        }
    }

    async fn build(&self) -> Result<Built, FlowError> {
        build_checkpoint(&self.session(), self.protocol.domain, LEDGER, Positions::Now).await
    }

    /// The root of what the ledger was in a slot.
    fn root_of(&self, slot: u64) -> [u8; 32] {
        let log = pda::checkpoint_log(&self.protocol.domain, LEDGER);
        let tag = rules::tag(&bulkhead::ID, &log, LEDGER, slot);
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let positions = state.listed[&slot].clone();
        bulkhead_snapshot::Tree::build(tag, positions)
            .expect("a ledger")
            .root()
            .hash
    }

    fn readings(&self) -> usize {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).readings
    }

    /// One reading of the ledger or of its total.
    fn read(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let before = (self.before)(state.readings);
        state.readings += 1;
        let mut machine = self.cluster.machine();
        if before != Before::Nothing {
            machine.next_slot();
        }
        if before == Before::Move {
            let place = state.readings % state.positions.len();
            state.positions[place].amount += 1;
            let Position { key, owner, amount } = state.positions[place];
            self.protocol.write_position(&mut machine, &key, &owner, amount);
            self.protocol.write_total(&mut machine, total(&state.positions));
        }
    }
}

#[async_trait]
impl Chain for Busy {
    fn payer(&self) -> Pubkey {
        self.cluster.payer()
    }

    async fn now(&self) -> Result<At, ChainError> {
        self.cluster.now().await
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        if keys == [CLOCK, self.protocol.total_account] {
            self.read();
        }
        self.cluster.accounts(keys).await
    }

    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        if *program != self.protocol.host_program {
            return self.cluster.owned_at(program, filters).await;
        }
        self.read();
        let mut found = self.cluster.owned_at(program, filters).await?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let positions = state.positions.clone();
        state.listed.insert(found.slot, positions);
        if self.is_incomplete {
            found.accounts.sort_unstable_by_key(|(key, _)| *key);
            found.accounts.remove(0);
        }
        Ok(found)
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        self.cluster.send(instructions).await
    }

    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError> {
        self.cluster.simulate(instructions, accounts).await
    }

    async fn wait(&self, time: Duration) {
        self.cluster.wait(time).await;
    }
}

fn why(refused: &FlowError) -> &str {
    match refused {
        FlowError::NotPossible { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

/// The ledger moves before every reading but one: this one and the reading before it are of the same slot.
#[tokio::test]
async fn leaves_and_total_of_one_slot_are_taken_and_others_read_again() {
    let busy = Busy::new(|n| if n == 10 { Before::Nothing } else { Before::Move }, false);
    let built = busy.build().await.expect("two readings agree");
    assert!(busy.readings() > 10, "{}", busy.readings());
    assert_eq!(built.claim.root, busy.root_of(built.claim.slot));
}

/// Slots pass between any two readings, but nobody uses the host: the total is the same before and after.
#[tokio::test]
async fn a_ledger_that_stands_still_needs_no_common_slot() {
    let busy = Busy::new(|_| Before::Slot, false);
    let built = busy.build().await.expect("the total did not move");
    assert_eq!(built.claim.root, busy.root_of(built.claim.slot));
}

/// A host that is used in every slot, and a node that never answers twice of one slot: the flow ends and says so.
#[tokio::test]
async fn a_flow_ends_although_the_ledger_never_stands_still() {
    let busy = Busy::new(|_| Before::Move, false);
    let refused = busy.build().await.err().expect("no two readings agree");
    assert!(why(&refused).contains("lists the positions of slot"), "{refused}");
    assert!(busy.readings() <= 3 * 8, "{}", busy.readings());
    assert_eq!(busy.cluster.landed(), 0);
}

/// A listing that lacks a position is never a checkpoint, whatever slot the node states.
#[tokio::test]
async fn a_listing_that_lacks_a_position_is_refused() {
    for before in [(|_| Before::Nothing) as fn(usize) -> Before, |_| Before::Slot] {
        let busy = Busy::new(before, true);
        let refused = busy.build().await.err().expect("it is incomplete");
        assert!(why(&refused).contains("add up to"), "{refused}");
        assert_eq!(busy.cluster.landed(), 0);
    }
}

/// From the reading to the post, while the host is used in every slot.
#[tokio::test]
async fn the_checkpoint_of_a_busy_ledger_is_posted_without_given_leaves() {
    let busy = Busy::new(|n| if n % 2 == 1 { Before::Nothing } else { Before::Move }, false);
    let (domain, attester) = (busy.protocol.domain, busy.protocol.members[0].pubkey());
    let posted = checkpoint(&busy.session(), domain, attester, LEDGER, Positions::Now).await;
    let posted = posted.expect("leaves and total are of one slot");
    assert_eq!(posted.root, busy.root_of(posted.slot));
    assert_eq!((posted.count, busy.cluster.landed()), (30, 1));
}
