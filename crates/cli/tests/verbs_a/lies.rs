//! One endpoint that lies to somebody who answers every question with `--yes`: what it can have signed, and what not.
//!
//! The program id and the addresses are computed here, and an approval names the hash of what was decoded here. So
//! whatever the node says, a signature serves for what was shown or for nothing: the program compares.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_client::{
    bulkhead::{authority::PROPOSAL_HEADER, decision::EncodedDecision, instructions::SetLimitArgs},
    chain::{Chain, ChainError, Filter, OwnedAt, Receipt, Simulated},
    pda,
};
use bulkhead_core::acts::At;
use bulkhead_interface::{
    constants::proposal_state,
    layout::{Council, OutflowBreaker, Proposal},
};
use bulkhead_testbed::DELAY_SECONDS;
use solana_account::Account;
use solana_instruction::Instruction;

use crate::world::{Recording, World};

/// What a node says instead of the truth.
#[derive(Clone, Default)]
struct Lie {
    accounts: Vec<(Pubkey, Account)>,
    /// The first of these is listed as the second.
    moved: Option<(Pubkey, Pubkey)>,
    seconds_ahead: i64,
}

/// A node that lies about what is read, and sends what is signed to the real cluster.
struct Lying {
    chain: Arc<Recording>,
    key: Pubkey,
    lie: Lie,
    signed: Arc<Mutex<Vec<Instruction>>>,
}

#[async_trait]
impl Chain for Lying {
    fn payer(&self) -> Pubkey {
        self.key
    }

    async fn now(&self) -> Result<At, ChainError> {
        let At { slot, now } = self.chain.inner.now().await?;
        let ahead = self.lie.seconds_ahead;
        let slots = u64::try_from(ahead * 5 / 2).expect("into the future");
        Ok(At {
            slot: slot + slots,
            now: now + ahead,
        })
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        let mut found = self.chain.inner.accounts(keys).await?;
        for (key, found) in keys.iter().zip(&mut found) {
            if let Some((_, forged)) = self.lie.accounts.iter().find(|(forged, _)| forged == key) {
                *found = Some(forged.clone());
            }
        }
        Ok(found)
    }

    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        let mut found = self.chain.inner.owned_at(program, filters).await?;
        for (key, _) in &mut found.accounts {
            if let Some((_, to)) = self.lie.moved.filter(|(from, _)| from == key) {
                *key = to;
            }
        }
        Ok(found)
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        {
            let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
            signed.extend_from_slice(instructions);
        }
        self.chain.inner.send(instructions).await
    }

    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError> {
        self.chain.inner.simulate(instructions, accounts).await
    }

    async fn wait(&self, time: Duration) {
        self.chain.inner.wait(time).await;
    }
}

/// Runs a verb behind the lying node. Returns why it was refused, and what was signed.
fn lied_to(world: &World, signer: Pubkey, lie: Lie, words: &[&str]) -> (String, Vec<Instruction>) {
    let signed = Arc::default();
    let chain = Lying {
        chain: world.chain.clone(),
        key: signer,
        lie,
        signed: Arc::clone(&signed),
    };
    let refused = world.run_on(Box::new(chain), words).err();
    let refused = refused.unwrap_or_else(|| panic!("bulkhead {} was not refused", words.join(" ")));
    let signed = signed.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for each in &signed {
        assert_eq!(
            each.program_id,
            bulkhead_interface::ID,
            "a signature for another program"
        );
    }
    (format!("{refused:#}"), signed)
}

fn limits(world: &World, limit: u64) -> SetLimitArgs {
    SetLimitArgs {
        breaker: world.protocol.vault.breaker,
        limit,
        slot_limit: limit / 2,
        ..SetLimitArgs::default()
    }
}

/// A proposal that raises a limit by far, and what the same account would be if it raised it a little.
struct Forged {
    world: World,
    proposal: Pubkey,
    harmless: SetLimitArgs,
    shown: Account,
}

impl Forged {
    fn new() -> Self {
        let world = World::new();
        let (harmful, harmless) = (limits(&world, u64::MAX / 4), limits(&world, 200_000));
        let mut fork = world.machine().fork();
        let proposal = world.protocol.propose(&mut fork, &harmless);
        let shown = fork.account(&proposal).expect("it was proposed");
        assert_eq!(world.protocol.propose(&mut world.machine(), &harmful), proposal);
        world.machine().next_slot();
        Self {
            world,
            proposal,
            harmless,
            shown,
        }
    }

    fn state(&self) -> Proposal {
        self.world.machine().load(&self.proposal)
    }

    fn lie(&self, shown: Account) -> Lie {
        Lie {
            accounts: vec![(self.proposal, shown)],
            ..Lie::default()
        }
    }
}

/// Changes the state in an account.
fn change<T: bytemuck::Pod>(account: &mut Account, change: impl FnOnce(&mut T)) {
    let place = 8..8 + size_of::<T>();
    let mut state: T = bytemuck::pod_read_unaligned(&account.data[place.clone()]);
    change(&mut state);
    account.data[place].copy_from_slice(bytemuck::bytes_of(&state));
}

/// The signature is for the decision that was shown, by a hash computed here; the program has another.
#[test]
fn an_approval_of_a_forged_proposal_approves_nothing() {
    let forged = Forged::new();
    let key = forged.proposal.to_string();
    let approver = forged.world.member(1);
    let before = forged.state().approvals;
    let (refused, signed) = lied_to(
        &forged.world,
        approver,
        forged.lie(forged.shown.clone()),
        &["approve", &key],
    );
    assert!(refused.contains("ApprovalMismatch"), "{refused}");
    let hash = EncodedDecision::from(&forged.harmless).hash();
    let [approve] = signed.as_slice() else {
        panic!("{signed:?}")
    };
    assert!(
        approve.data.windows(hash.len()).any(|bytes| bytes == hash),
        "what was shown is what was signed"
    );
    assert_eq!(forged.state().approvals, before);
}

/// A payload that is not its hash's, and another proposal's contents, are not shown and not signed.
#[test]
fn a_proposal_that_contradicts_itself_is_not_signed() {
    let forged = Forged::new();
    let key = forged.proposal.to_string();
    let approver = forged.world.member(1);
    let mut other = forged.shown.clone();
    other.data[PROPOSAL_HEADER + 40] ^= 1;
    let (refused, signed) = lied_to(&forged.world, approver, forged.lie(other), &["approve", &key]);
    assert!(
        refused.contains("does not match its hash") && signed.is_empty(),
        "{refused}"
    );
    // The harmless one under the address of the harmful one's successor.
    let next = pda::proposal(
        &forged.world.protocol.domain,
        &forged.state().proposer,
        forged.state().index + 1,
    );
    let lie = Lie {
        accounts: vec![(next, forged.shown.clone())],
        ..Lie::default()
    };
    let (refused, signed) = lied_to(&forged.world, approver, lie, &["approve", &next.to_string()]);
    assert!(
        refused.contains("the contents of another proposal") && signed.is_empty(),
        "{refused}"
    );
}

/// The node says that enough have approved, that the delay has passed, and that the council is satisfied with less.
#[test]
fn a_forged_council_and_a_forged_clock_execute_nothing() {
    let forged = Forged::new();
    let key = forged.proposal.to_string();
    let breaker = forged.world.protocol.vault.breaker;
    let before = forged.world.machine().load::<OutflowBreaker>(&breaker).limit;
    let council = pda::council(&forged.world.protocol.domain);
    let mut lenient = forged.world.machine().account(&council).expect("a council");
    change(&mut lenient, |council: &mut Council| {
        for policy in &mut council.policies {
            policy.threshold = 1;
        }
    });
    let mut approved = forged.world.machine().account(&forged.proposal).expect("a proposal");
    change(&mut approved, |proposal: &mut Proposal| {
        proposal.approvals = 0b111;
        proposal.approved_ts = proposal.created_ts;
        proposal.approved_slot = proposal.created_slot;
    });
    let lie = Lie {
        accounts: vec![(council, lenient), (forged.proposal, approved)],
        seconds_ahead: DELAY_SECONDS + 60,
        ..Lie::default()
    };
    let (refused, _) = lied_to(&forged.world, forged.world.member(1), lie, &["execute", &key]);
    assert!(!refused.is_empty());
    assert_eq!(forged.state().state, proposal_state::OPEN);
    assert_eq!(forged.world.machine().load::<OutflowBreaker>(&breaker).limit, before);
}

/// The domain's only vault, listed under a stranger's address: nobody deposits there.
#[test]
fn a_vault_under_another_address_receives_nothing() {
    let world = World::new();
    let stranger = Pubkey::new_from_array([5; 32]);
    let lie = Lie {
        moved: Some((world.protocol.vault.vault, stranger)),
        ..Lie::default()
    };
    let (refused, signed) = lied_to(&world, world.member(0), lie, &["vault", "deposit", "--amount", "5"]);
    assert!(refused.starts_with("NotFound") && signed.is_empty(), "{refused}");
}
