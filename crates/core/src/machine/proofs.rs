//! The proofs of one restored ledger as one value: key, rules, statements, runs, check and reopening, and a step made of
//! nothing but [`crate::acts`]. What other machines prove is given here: the domain recovers, and which proposals matured.
//!
//! Proofs are ideal: the pairing accepts exactly what leaves lead to, whoever's leaves they are. Poseidon is another hash
//! here; that the real one gives the prover's numbers is a test of its own.

use alloc::{collections::BTreeMap, vec::Vec};

use bulkhead_interface::{
    Pubkey,
    constants::proof_role,
    layout::{
        Domain, Incident, PauseBoard, ProofCheck, ProofKey, ProofRules, ProofRun, Restoration, SealedLedger,
        SealedShard, StateProof,
    },
};
use bytemuck::Zeroable;

use crate::{
    CoreError,
    acts::{self, At, KeyDecision, NewProofKey, NewRun, ProofPage, Reopening, Statement},
    hash::sha256,
    proofs::{
        Curve,
        challenge::Challenge,
        leaf::{LeafWords, first_accumulator, packed},
        points::{KeyPoints, PROOF_KEY_LEN, PROOF_LEN, PageProof, SET_UP_INSECURE},
        state::{RunTerms, State},
        word::Word,
    },
    restoration::prorata::payout_floor,
    snapshots::merkle::shard_of,
};

/// Bulkhead's program here.
pub const PROGRAM: Pubkey = Pubkey::new_from_array([7; 32]);

/// A position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding {
    /// Key of the position.
    pub key: [u8; 32],
    /// Its owner.
    pub owner: [u8; 32],
    /// Its amount.
    pub amount: u64,
}

/// A pairing that accepts one public input, or none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ideal(pub Option<Word>);

impl Curve for Ideal {
    fn poseidon(&self, words: &[Word]) -> Option<Word> {
        let mut hash = sha256(&[b"another hash"]);
        for word in words {
            hash = sha256(&[&hash, word.bytes()]);
        }
        Some(Word::masked(hash))
    }

    fn are_points(&self, _: &KeyPoints) -> bool {
        true
    }

    fn accepts(&self, _: &KeyPoints, public: &Word, _: &PageProof) -> bool {
        self.0.as_ref() == Some(public)
    }
}

/// Where a run is: statement, prover, role and shard, as in its address.
pub type RunAt = (Pubkey, Pubkey, u8, u8);

/// What a prover says that differs from what its leaves lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Nothing.
    None,
    /// One unit more is paid.
    Paid,
    /// One unit more is in the sum.
    Sum,
    /// Another product.
    Product,
    /// Another accumulator: the sealed one.
    Accumulator,
    /// The page begins before the first leaf, wherever the run is.
    Start,
    /// The proof is of the other ledger's run.
    OtherRole,
}

/// What somebody does.
#[derive(Clone, Debug)]
pub enum ProofDeed {
    /// Slots pass.
    Wait(u64),
    /// A proposal of this slot registers the key of this number.
    Register(u8, u64),
    /// A proposal of this slot sets the ledgers that need a proof.
    Require([u8; 32], u64),
    /// Somebody funds the pool with so much, and shares it out.
    Share(u64),
    /// The host's ledger is read and sealed.
    Seal(Vec<Holding>),
    /// `open_proof` with the sealed ledger of this number as successor.
    Open(usize),
    /// `open_run`, from another run if one is named.
    Run(Pubkey, u8, u8, Option<RunAt>),
    /// `prove_page` on a run: the leaves, and what is said of them.
    Page(RunAt, Vec<Holding>, Lie),
    /// `finish_run`.
    Finish(RunAt),
    /// Both of the above for all shards of a ledger that have no leaf.
    FinishEmpty(Pubkey, u8),
    /// `record_proof`.
    Record(Pubkey),
    /// A proposal of this slot accepts the ledger without a proof.
    Override(u64),
    /// A proposal of this slot reopens, or raises the ramp.
    Reopen(u16, u64),
}

/// Everything that proofs of one ledger are about.
#[derive(Clone)]
pub struct Proving {
    /// The clock.
    pub at: At,
    /// Address and account of the domain.
    pub domain: (Pubkey, Domain),
    /// Its board.
    pub board: PauseBoard,
    /// The incident.
    pub incident: (Pubkey, Incident),
    /// The plan.
    pub restoration: (Pubkey, Restoration),
    /// The balance that its claims are paid from.
    pub pool: u64,
    /// The rules.
    pub rules: ProofRules,
    /// Registered keys, by id.
    pub keys: BTreeMap<[u8; 32], ProofKey>,
    /// The chosen state, and then the successors that were sealed; with their leaves.
    pub sealed: Vec<(SealedLedger, Vec<Holding>)>,
    /// Statements, by address.
    pub proofs: BTreeMap<Pubkey, StateProof>,
    /// Runs, by address.
    pub runs: BTreeMap<RunAt, ProofRun>,
    /// The check of the ledger.
    pub check: Option<ProofCheck>,
}

/// Points that look like a key's, of this number.
#[must_use]
pub fn key_points(number: u8) -> [u8; PROOF_KEY_LEN] {
    let mut points = [number; PROOF_KEY_LEN];
    for (at, coordinate) in (1_u8..).zip(points.as_chunks_mut::<32>().0) {
        if let Some(first) = coordinate.first_mut() {
            *first = at;
        }
    }
    points
}

/// Accumulators and counts of these leaves, as ingestion would leave them.
///
/// # Errors
/// [`CoreError::ProofNotCanonical`], never in fact.
pub fn seal(tag: [u8; 32], leaves: &[Holding], curve: &impl Curve) -> Result<SealedLedger, CoreError> {
    let mut ledger = SealedLedger {
        tag,
        ..SealedLedger::zeroed()
    };
    for (number, shard) in (0_u8..).zip(&mut ledger.shards) {
        let mut accumulator = first_accumulator(&tag, number, curve)?;
        let own = leaves.iter().filter(|leaf| shard_of(&leaf.key) == number);
        let mut count = 0_u32;
        for leaf in own {
            accumulator = LeafWords::of(&leaf.key, &leaf.owner, leaf.amount).fold(accumulator, curve)?;
            count = count.saturating_add(1);
        }
        *shard = SealedShard {
            accumulator: *accumulator.bytes(),
            count,
        };
    }
    let total = leaves.iter().try_fold(0_u64, |sum, leaf| sum.checked_add(leaf.amount));
    ledger.total = total.ok_or(CoreError::Overflow)?;
    Ok(ledger)
}

/// The state that these leaves lead to, as the circuit demands. `None` if no page can hold them.
#[must_use]
pub fn advance(terms: &RunTerms, before: &State, leaves: &[Holding], curve: &impl Curve) -> Option<State> {
    let mut state = *before;
    for leaf in leaves {
        let words = LeafWords::of(&leaf.key, &leaf.owner, leaf.amount);
        let is_first = state.high == Word::ZERO.minus(&Word::one());
        let last = (state.high, Word::from(state.low));
        if leaf.amount == 0 || !is_first && (words.high, words.low) <= last {
            return None;
        }
        let paid = payout_floor(leaf.amount, terms.pool, terms.total)?;
        if paid > 0 {
            let nibble = leaf.owner.first().map_or(0, |first| first.unbounded_shr(4));
            let of_payout = terms.challenge.beta.times(&packed(paid, nibble));
            let factor = terms.challenge.gamma.minus(&words.owner).minus(&of_payout);
            state.product = state.product.times(&factor);
        }
        state.accumulator = words.fold(state.accumulator, curve).ok()?;
        state.high = words.high;
        state.low = leaf.key.last_chunk().map(|half| u128::from_be_bytes(*half))?;
        state.count = state.count.checked_add(1)?;
        state.sum = state.sum.checked_add(leaf.amount)?;
        state.paid = state.paid.checked_add(paid)?;
    }
    Some(state)
}

impl Proving {
    /// The state after `signer` does something.
    ///
    /// # Errors
    /// What the act says; an account that is not there is [`CoreError::ArgumentOutOfRange`].
    pub fn step(&self, signer: &Pubkey, deed: &ProofDeed) -> Result<Self, CoreError> {
        let mut next = self.clone();
        next.act(signer, deed)?;
        Ok(next)
    }

    fn act(&mut self, signer: &Pubkey, deed: &ProofDeed) -> Result<(), CoreError> {
        match deed {
            ProofDeed::Wait(slots) => self.at.slot = self.at.slot.saturating_add(*slots),
            ProofDeed::Register(number, slot) => self.register(*number, *slot)?,
            ProofDeed::Require(ledgers, slot) => {
                let key = (&self.domain.0, 255);
                acts::require_proofs(&self.domain.1, &mut self.rules, key, ledgers, Some(*slot))?;
            }
            ProofDeed::Share(amount) => {
                let plan = &mut self.restoration.1;
                let more = acts::fund(plan, self.pool, *amount)?;
                self.pool = self.pool.saturating_add(more);
                acts::share_out(plan, &mut self.incident.1, self.pool, self.at)?;
            }
            ProofDeed::Seal(leaves) => self.seal(leaves)?,
            ProofDeed::Open(successor) => self.open(*successor)?,
            ProofDeed::Run(proof, role, shard, from) => self.run(signer, proof, (*role, *shard), *from)?,
            ProofDeed::Page(run, leaves, lie) => self.page(signer, run, leaves, *lie)?,
            ProofDeed::Finish(run) => self.finish(run)?,
            ProofDeed::FinishEmpty(proof, role) => {
                for shard in self.empty_shards(proof, *role)? {
                    self.run(signer, proof, (*role, shard), None)?;
                    self.finish(&(*proof, *signer, *role, shard))?;
                    self.runs.remove(&(*proof, *signer, *role, shard));
                }
            }
            ProofDeed::Record(proof) => {
                let proof = self.proofs.get(proof).ok_or(CoreError::ArgumentOutOfRange)?;
                let mut check = self.check.unwrap_or_else(ProofCheck::zeroed);
                let (key, plan) = &self.restoration;
                let rules = (&self.domain.0, &self.domain.1, &self.rules);
                acts::record_proof(&mut check, rules, (key, plan), proof, 255, self.at)?;
                self.check = Some(check);
            }
            ProofDeed::Override(slot) => {
                let mut check = self.check.unwrap_or_else(ProofCheck::zeroed);
                let (key, plan) = &self.restoration;
                let rules = (&self.domain.0, &self.domain.1, &self.rules);
                acts::override_proof(&mut check, rules, (key, plan), *slot, 255, self.at)?;
                self.check = Some(check);
            }
            ProofDeed::Reopen(ramp_bps, slot) => self.reopen(*ramp_bps, *slot)?,
        }
        Ok(())
    }

    fn register(&mut self, number: u8, slot: u64) -> Result<(), CoreError> {
        let bytes = key_points(number);
        let page_size = 2;
        let decision = KeyDecision {
            id: KeyPoints::read(&bytes)?.id(page_size, SET_UP_INSECURE),
            accepts_insecure: true,
        };
        let new = NewProofKey {
            domain: self.domain.0,
            bumps: [255; 2],
            page_size,
            set_up: SET_UP_INSECURE,
            points: &bytes,
        };
        let (mut key, both) = (ProofKey::zeroed(), (&new, &decision));
        let domain = &self.domain.1;
        acts::register_verifying_key(domain, &mut self.rules, &mut key, both, &Ideal(None), Some(slot))?;
        self.keys.insert(key.id, key);
        Ok(())
    }

    fn seal(&mut self, leaves: &[Holding]) -> Result<(), CoreError> {
        let number = u8::try_from(self.sealed.len()).map_err(|_| CoreError::Overflow)?;
        let plan = &self.restoration.1;
        let ledger = SealedLedger {
            role: proof_role::SUCCESSOR,
            ledger_index: plan.ledger_index,
            domain: plan.domain,
            incident: plan.incident,
            snapshot: Pubkey::new_from_array([number; 32]),
            sealed_slot: self.at.slot,
            ..seal([number; 32], leaves, &Ideal(None))?
        };
        self.sealed.push((ledger, leaves.to_vec()));
        Ok(())
    }

    /// The statement that a sealed ledger is the successor, and its address.
    fn statement(&self, successor: usize) -> Result<(Pubkey, Statement<'_>), CoreError> {
        let ledger = |number: usize| self.sealed.get(number).ok_or(CoreError::ArgumentOutOfRange);
        let statement = Statement {
            domain: (&self.domain.0, &self.domain.1),
            rules: &self.rules,
            restoration: (&self.restoration.0, &self.restoration.1),
            chosen: &ledger(0)?.0,
            successor: &ledger(successor)?.0,
        };
        Ok((Pubkey::new_from_array(acts::statement_id(&statement)), statement))
    }

    /// Where the statement about this successor is.
    ///
    /// # Errors
    /// [`CoreError::ArgumentOutOfRange`] if it is not sealed.
    pub fn address(&self, successor: usize) -> Result<Pubkey, CoreError> {
        self.statement(successor).map(|(key, _)| key)
    }

    fn open(&mut self, successor: usize) -> Result<(), CoreError> {
        let (key, statement) = self.statement(successor)?;
        let mut proof = StateProof::zeroed();
        acts::open_proof(&mut proof, &statement, (&Pubkey::default(), 255))?;
        // The address is that of the statement: there is one.
        if self.proofs.contains_key(&key) {
            return Err(CoreError::ArgumentOutOfRange);
        }
        self.proofs.insert(key, proof);
        Ok(())
    }

    fn run(
        &mut self,
        signer: &Pubkey,
        proof: &Pubkey,
        (role, shard): (u8, u8),
        from: Option<RunAt>,
    ) -> Result<(), CoreError> {
        let account = self.proofs.get(proof).ok_or(CoreError::ArgumentOutOfRange)?;
        let from = match from {
            Some(place) => Some(*self.runs.get(&place).ok_or(CoreError::ArgumentOutOfRange)?),
            None => None,
        };
        let new = NewRun {
            program: &PROGRAM,
            prover: *signer,
            role,
            shard,
            bump: 255,
        };
        let mut run = ProofRun::zeroed();
        acts::open_run(&mut run, (proof, account), &new, from.as_ref(), &Ideal(None))?;
        self.runs.insert((*proof, *signer, role, shard), run);
        Ok(())
    }

    fn page(&mut self, signer: &Pubkey, place: &RunAt, leaves: &[Holding], lie: Lie) -> Result<(), CoreError> {
        let (proof_key, _, which, shard) = *place;
        let proof = self.proofs.get(&proof_key).ok_or(CoreError::ArgumentOutOfRange)?;
        let ledger = self.ledger(proof, which)?;
        let tag = ledger.0.tag;
        let run = self.runs.get(place).ok_or(CoreError::ArgumentOutOfRange)?;
        let before = match lie {
            Lie::Start => State::first(&tag, shard, &Ideal(None))?,
            _ => State::read(&run.reached)?,
        };
        let of = if lie == Lie::OtherRole {
            1_u8.saturating_sub(which)
        } else {
            which
        };
        let terms = terms(proof, run, of).ok_or(CoreError::ArgumentOutOfRange)?;
        let proved = advance(&terms, &before, leaves, &Ideal(None)).ok_or(CoreError::ProofRefused)?;
        let public = terms.public_input(&before, &proved, &Ideal(None))?;
        let mut said = proved;
        match lie {
            Lie::Paid => said.paid = said.paid.saturating_add(1),
            Lie::Sum => said.sum = said.sum.saturating_add(1),
            Lie::Product => said.product = said.product.plus(&Word::one()),
            Lie::Accumulator => {
                let shard = ledger.0.shards.get(usize::from(shard));
                said.accumulator = shard
                    .and_then(|shard| Word::read(&shard.accumulator))
                    .unwrap_or(Word::ZERO);
            }
            Lie::None | Lie::Start | Lie::OtherRole => {}
        }
        let key = self.keys.get(&proof.key).ok_or(CoreError::ArgumentOutOfRange)?;
        let page = ProofPage {
            after: &said.to_bytes(),
            proof: &[0; PROOF_LEN],
        };
        let both = (&proof_key, proof);
        let run = self.runs.get_mut(place).ok_or(CoreError::ArgumentOutOfRange)?;
        acts::prove_page(run, both, key, signer, &page, &Ideal(Some(public))).map(|_| ())
    }

    fn finish(&mut self, place: &RunAt) -> Result<(), CoreError> {
        let run = self.runs.get(place).ok_or(CoreError::ArgumentOutOfRange)?;
        let proof = self.proofs.get(&place.0).ok_or(CoreError::ArgumentOutOfRange)?;
        let ledger = self.ledger(proof, place.2)?.0;
        let proof = self.proofs.get_mut(&place.0).ok_or(CoreError::ArgumentOutOfRange)?;
        acts::finish_run((&place.0, proof), run, &ledger)
    }

    /// One of the two ledgers of a statement.
    ///
    /// # Errors
    /// [`CoreError::ArgumentOutOfRange`] if there is none.
    pub fn ledger(&self, proof: &StateProof, which: u8) -> Result<&(SealedLedger, Vec<Holding>), CoreError> {
        let snapshot = proof.snapshots.get(usize::from(which));
        let mut sealed = self.sealed.iter();
        let found = sealed.find(|(ledger, _)| Some(&ledger.snapshot) == snapshot && ledger.role == which);
        found.ok_or(CoreError::ArgumentOutOfRange)
    }

    fn empty_shards(&self, proof: &Pubkey, which: u8) -> Result<Vec<u8>, CoreError> {
        let proof = self.proofs.get(proof).ok_or(CoreError::ArgumentOutOfRange)?;
        let shards = &self.ledger(proof, which)?.0.shards;
        let empty = (0_u8..).zip(shards).filter(|(_, shard)| shard.count == 0);
        Ok(empty.map(|(number, _)| number).collect())
    }

    fn reopen(&mut self, ramp_bps: u16, slot: u64) -> Result<(), CoreError> {
        let (key, plan) = (&self.restoration.0, &self.restoration.1);
        let shown: Vec<_> = self.check.iter().map(|check| (check, Some((key, plan)))).collect();
        let named = Some((&self.incident.0, &self.incident.1));
        acts::require_state_proofs(&self.domain.1, Some(&mut self.rules), named, &shown)?;
        let how = Reopening {
            incident: self.incident.0,
            ramp_bps,
            grace_seconds: 0,
        };
        let incident = Some(&mut self.incident.1);
        acts::reopen(&mut self.domain.1, &mut self.board, incident, &how, slot, self.at).map(|_| ())
    }
}

/// What is the same on every page of a run, if it were of this ledger.
#[must_use]
pub fn terms(proof: &StateProof, run: &ProofRun, which: u8) -> Option<RunTerms> {
    Some(RunTerms {
        context: Word::read(&run.context)?,
        pool: *proof.pools.get(usize::from(which))?,
        total: *proof.totals.get(usize::from(which))?,
        challenge: Challenge {
            gamma: Word::read(&proof.gamma)?,
            beta: Word::read(&proof.beta)?,
        },
    })
}
