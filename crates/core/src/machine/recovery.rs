//! One ledger's way back as one value, and a step made of nothing but [`crate::acts`]: ballot, votes, restoration,
//! sharing out and claims. What other machines prove is given here: the domain is frozen, and which proposals matured.
//!
//! Tokens are numbers: who has how many outside of escrow, pool and recovery account is kept beside the accounts, so that a check
//! can add all of them up.

mod escape;
mod interim;
mod pages;
mod voting;

pub use voting::{max_record, weight_record};
mod pushes;

use alloc::{boxed::Box, rc::Rc, vec::Vec};

use bulkhead_interface::{
    Pubkey,
    constants::CHOICE_NOTED,
    layout::{
        Ballot, BallotRules, CheckpointLog, ClaimRedirect, ClaimTerms, Council, Domain, Incident, Interim, Ledger,
        Restoration, Snapshot, Vault, VoteRecord, VoterEscrow,
    },
};
use bytemuck::Zeroable;

use crate::{
    CoreError,
    acts::{self, At, Chosen, NewRestoration, Plan, RecoveryAccount},
};

/// A voter: what is escrowed, what is not, and the record of a vote.
#[derive(Clone, Copy)]
pub struct Voter {
    /// Who.
    pub key: Pubkey,
    /// The escrow.
    pub escrow: VoterEscrow,
    /// Tokens that are not escrowed.
    pub purse: u64,
    /// Weight in the plug-in.
    pub plugged: u64,
    /// The vote, until its record is closed.
    pub record: Option<VoteRecord>,
}

/// A position: what it is in each state, and what its owner received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leaf {
    /// Key of the position.
    pub key: Pubkey,
    /// Its owner, in every state.
    pub owner: Pubkey,
    /// Amount in the first of the snapshots, the incident's own, and in every state that the machine has no other
    /// amount for. 0 if it is no leaf.
    pub amount: u64,
    /// Amounts in the second and the third of the snapshots, if these are other states.
    pub others: Option<[u64; 2]>,
    /// As its page of the restoration's own book has it.
    pub paid: u64,
    /// As its pages of the interim share-out's books have it, of the snapshot's and of the checkpoint's.
    pub books: [u64; 2],
    /// Its owner's tokens.
    pub received: u64,
    /// What a successor was paid in its owner's place.
    pub consumed: u64,
    /// Whether its owner's token account cannot be paid: closed, frozen, or another's. Batches leave it out.
    pub is_shut: bool,
}

/// Where accounts are, and their bumps.
#[derive(Clone, Copy, Debug, Default)]
pub struct RecoveryKeys {
    /// The domain.
    pub domain: Pubkey,
    /// The ballot.
    pub ballot: (Pubkey, u8),
    /// The restoration.
    pub restoration: (Pubkey, u8),
    /// The token account claims are paid from.
    pub pool: Pubkey,
    /// Token claims are paid in.
    pub mint: Pubkey,
    /// Its decimals.
    pub decimals: u8,
    /// Its token program.
    pub token_program: Pubkey,
    /// The interim share-out.
    pub interim: (Pubkey, u8),
    /// The vault that backs the ledger.
    pub vault: Pubkey,
}

/// Everything that a ledger's way back is about.
#[derive(Clone)]
pub struct Recovery {
    /// Where everything is.
    pub keys: RecoveryKeys,
    /// The clock.
    pub at: At,
    /// The domain.
    pub domain: Domain,
    /// Its council.
    pub council: Council,
    /// The incident.
    pub incident: (Pubkey, Incident),
    /// Number of the ledger.
    pub ledger_index: u8,
    /// What is registered under that number.
    pub ledger: Option<Ledger>,
    /// States that could be voted on.
    pub snapshots: Vec<(Pubkey, Snapshot)>,
    /// The ballot, once it is open.
    pub ballot: Option<Ballot>,
    /// Who has votes.
    pub voters: Vec<Voter>,
    /// Supply of the governance token.
    pub supply: u64,
    /// Rules of the domain's ballots, if it has any.
    pub rules: Option<BallotRules>,
    /// Proposals to restore that have matured.
    pub matured: Vec<Plan>,
    /// The restoration, once one was chosen.
    pub restoration: Option<Restoration>,
    /// The leaves of whichever state.
    pub leaves: Vec<Leaf>,
    /// What the pool holds.
    pub pool: u64,
    /// The vault that backs the ledger.
    pub vault: Vault,
    /// The ledger of the vault's queue, if it has one.
    pub queue: Option<Ledger>,
    /// The recovery account, and what it holds.
    pub recovery_account: (Pubkey, u64),
    /// What others have that they could pay in.
    pub treasury: u64,
    /// What the vault's custody holds.
    pub custody: u64,
    /// The interim share-out, once it is open. It is of the first two of the snapshots.
    pub interim: Option<Box<Interim>>,
    /// The ledger's checkpoint log, if there is one.
    pub log: Option<Rc<CheckpointLog>>,
    /// The terms of the ledger's claims, if there are any.
    pub terms: Option<ClaimTerms>,
    /// What the owner of the rest has received.
    pub rest: u64,
    /// What owners wish for their claims.
    pub wishes: Vec<ClaimRedirect>,
}

/// What somebody does. Snapshots, voters and leaves are named by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Time passes.
    Wait(i64),
    /// `open_ballot`.
    OpenBallot,
    /// `add_candidate`.
    Nominate(usize),
    /// `start_voting`.
    Start,
    /// `deposit_votes`.
    Deposit(usize, u64),
    /// `withdraw_votes`.
    Withdraw(usize, u64),
    /// `cast_vote`.
    Vote(usize, u8),
    /// `close_vote_record`.
    CloseRecord(usize),
    /// `renew_ballot`, with a snapshot that may be stale.
    Renew(Option<usize>),
    /// `renew_ballot`, as a veto.
    Veto,
    /// `cast_vote`, which notes a plug-in's weight.
    Note(usize),
    /// Weight moves in the plug-in, from the first voter to the second: Bulkhead does not lock it.
    MoveWeight(usize, usize, u64),
    /// `choose_restoration`, of the snapshot as it stands now.
    Choose(usize),
    /// `fund_restoration`.
    Fund(u64),
    /// Tokens that are sent to the pool without being asked.
    Send(u64),
    /// `fund_from_recovery_account`.
    Draw,
    /// `share_out`.
    ShareOut,
    /// `claim`.
    Claim(usize),
    /// `claim_batch`, of the leaves from the first to the last of these.
    ClaimBatch(usize, usize),
    /// `wish_claims`, by the signer: what, and for whom.
    Wish(u8, Pubkey),
    /// `consume_claim`, by the signer; the owner signs too, or does not.
    Consume(usize, bool),
    /// `return_surplus`.
    ReturnSurplus,
    /// `open_interim`.
    OpenInterim,
    /// `fund_interim`, from the vault's custody, from its recovery account, or from what was sent.
    FundInterim(Purse),
    /// `claim_interim`.
    ClaimInterim(usize),
    /// `stop_interim_claim`.
    StopInterim(usize),
    /// `return_interim`.
    ReturnInterim,
    /// `close_claim_page`, and opening the page again, with zeros.
    ClosePage(Book),
    /// `open_escape`, by this snapshot; the first one is the incident's own.
    Escape(usize),
    /// `fund_from_custody`.
    DrawCustody,
    /// `sweep_unclaimed`.
    Sweep,
    /// `extend_claims`, by a proposal that has matured.
    Extend(u16),
}

/// Where it is recorded what leaves were paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Book {
    /// The restoration's own.
    Restoration,
    /// The interim share-out's, by the places of its snapshot.
    Snapshot,
    /// The interim share-out's, by the places of its checkpoint.
    Checkpoint,
}

/// Where an interim share-out is funded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purse {
    /// The vault's custody.
    Custody,
    /// The recovery account that the vault was evacuated to.
    RecoveryAccount,
    /// The pool itself.
    Pool,
}

impl Recovery {
    /// The state after `signer` does something.
    ///
    /// # Errors
    /// What the act says; what is not there is [`CoreError::ArgumentOutOfRange`].
    pub fn step(&self, signer: &Pubkey, action: Move) -> Result<Self, CoreError> {
        let mut next = self.clone();
        next.act(signer, action)?;
        Ok(next)
    }

    fn act(&mut self, signer: &Pubkey, action: Move) -> Result<(), CoreError> {
        match action {
            Move::Wait(seconds) => {
                self.at.now = self.at.now.checked_add(seconds).ok_or(CoreError::Overflow)?;
                self.at.slot = self.at.slot.checked_add(1).ok_or(CoreError::Overflow)?;
                Ok(())
            }
            Move::OpenBallot => self.open_ballot(),
            Move::Nominate(number) => self.nominate(signer, number),
            Move::Start => self.start(signer),
            Move::Deposit(number, amount) => self.deposit(number, amount),
            Move::Withdraw(number, amount) => self.withdraw(number, amount),
            Move::Vote(number, choice) => self.vote(number, choice),
            Move::CloseRecord(number) => self.close_record(signer, number),
            Move::Renew(stale) => self.renew(signer, stale),
            Move::Veto => self.veto(signer),
            Move::Note(number) => self.vote(number, CHOICE_NOTED),
            Move::MoveWeight(from, to, amount) => self.move_weight(from, to, amount),
            Move::Choose(number) => self.choose(number),
            Move::Fund(amount) => self.fund(amount),
            Move::Send(amount) => {
                let amount = amount.min(self.treasury);
                self.pay_in(amount)
            }
            Move::Draw => self.draw(),
            Move::ShareOut => self.share_out(),
            Move::Claim(number) => self.claim(number),
            Move::ClaimBatch(first, last) => self.claim_batch(first, last),
            Move::Wish(wish, to) => self.wish(signer, wish, to),
            Move::Consume(number, signs) => self.consume(signer, number, signs),
            Move::ReturnSurplus => self.return_surplus(),
            Move::OpenInterim => self.open_interim(),
            Move::FundInterim(purse) => self.fund_interim(purse),
            Move::ClaimInterim(number) => self.claim_interim(number),
            Move::StopInterim(number) => self.stop_interim(signer, number),
            Move::ReturnInterim => self.return_interim(),
            Move::ClosePage(book) => self.close_page(book),
            Move::Escape(number) => self.open_escape(number),
            Move::DrawCustody => self.draw_custody(),
            Move::Sweep => self.sweep(),
            Move::Extend(days) => self.extend(days),
        }
    }

    fn choose(&mut self, number: usize) -> Result<(), CoreError> {
        let (key, snapshot) = self.snapshots.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        let plan = Plan {
            incident: self.incident.0,
            snapshot: *key,
            root: snapshot.root,
            ledger_index: self.ledger_index,
        };
        if !self.matured.contains(&plan) || self.restoration.is_some() {
            return Err(CoreError::ArgumentOutOfRange);
        }
        let ballot = self.ballot.as_ref().ok_or(CoreError::ArgumentOutOfRange)?;
        let new = self.new_restoration();
        let mut restoration = Restoration::zeroed();
        acts::choose_restoration(
            &mut self.domain,
            &mut self.incident.1,
            &mut restoration,
            Chosen { ballot, snapshot },
            (&plan, &new),
            self.at,
        )?;
        let interim = self.interim.as_deref_mut();
        let interim = interim.map(|interim| (&self.keys.interim.0, interim));
        acts::end_interim(interim, (&self.keys.restoration.0, &mut restoration), snapshot)?;
        acts::copy_claim_terms(&mut restoration, self.terms.as_ref())?;
        self.restoration = Some(restoration);
        Ok(())
    }

    const fn new_restoration(&self) -> NewRestoration {
        NewRestoration {
            key: self.keys.restoration.0,
            bump: self.keys.restoration.1,
            domain: self.keys.domain,
            mint: self.keys.mint,
            decimals: self.keys.decimals,
            pool: self.keys.pool,
            token_program: self.keys.token_program,
        }
    }

    fn pay_in(&mut self, amount: u64) -> Result<(), CoreError> {
        self.treasury = self.treasury.checked_sub(amount).ok_or(CoreError::ArgumentOutOfRange)?;
        self.pool = self.pool.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    fn fund(&mut self, amount: u64) -> Result<(), CoreError> {
        let plan = self.restoration.as_ref().ok_or(CoreError::ArgumentOutOfRange)?;
        acts::require_claims_run(plan, self.at.now)?;
        let amount = acts::fund(plan, self.pool, amount)?;
        self.pay_in(amount)
    }

    fn draw(&mut self) -> Result<(), CoreError> {
        let plan = self.restoration.as_ref().ok_or(CoreError::ArgumentOutOfRange)?;
        let recovery_account = RecoveryAccount {
            vault_key: &self.keys.vault,
            queue: self.queue.as_ref(),
            vault: &self.vault,
            source: &self.recovery_account.0,
            held: self.recovery_account.1,
        };
        acts::require_claims_run(plan, self.at.now)?;
        let amount = acts::recovery_account_due(plan, recovery_account, self.pool)?;
        acts::book_drawn(plan, &mut self.vault, self.queue.as_mut(), amount)?;
        self.recovery_account.1 = self.recovery_account.1.checked_sub(amount).ok_or(CoreError::Overflow)?;
        self.pool = self.pool.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    fn share_out(&mut self) -> Result<(), CoreError> {
        let plan = self.restoration.as_mut().ok_or(CoreError::ArgumentOutOfRange)?;
        acts::share_out(plan, &mut self.incident.1, self.pool, self.at).map(|_| ())
    }

    fn claim(&mut self, number: usize) -> Result<(), CoreError> {
        let due = self.book_claim(number)?;
        let leaf = self.leaves.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)?;
        leaf.received = leaf.received.checked_add(due).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    /// What leaves the pool for a leaf.
    fn book_claim(&mut self, number: usize) -> Result<u64, CoreError> {
        let plan = self.restoration.as_mut().ok_or(CoreError::ArgumentOutOfRange)?;
        let leaf = self.leaves.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)?;
        acts::require_claims_run(plan, self.at.now)?;
        let amount = interim::amount_in(leaf, &self.snapshots, &plan.snapshot);
        if amount == 0 {
            return Err(CoreError::ArgumentOutOfRange);
        }
        let due = interim::pay(plan, self.interim.as_deref(), &self.keys.interim.0, leaf, amount)?;
        // The token program moves no more than there is.
        self.pool = self.pool.checked_sub(due).ok_or(CoreError::Overflow)?;
        Ok(due)
    }

    fn return_surplus(&mut self) -> Result<(), CoreError> {
        let plan = self.restoration.as_ref().ok_or(CoreError::ArgumentOutOfRange)?;
        let amount = acts::surplus(plan, self.pool)?;
        self.pool = self.pool.checked_sub(amount).ok_or(CoreError::Overflow)?;
        self.treasury = self.treasury.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }
}
