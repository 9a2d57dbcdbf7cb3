//! A ledger that needs a proof of state, from the decision to the reopening. The pages were proved by `crates/prover`:
//! `tests/vectors/state_proof` has what it was asked and what it answered.

mod answer;

pub use answer::{Answer, Page, id_of};

use std::fs;

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::RequireProofsArgs;
use bulkhead_client::{
    instructions::{self as ix, RestoredLedger},
    payload::hex,
    pda,
};
use bulkhead_core::{
    acts::{Statement, statement_id},
    restoration::prorata::payout_floor,
    snapshots::merkle,
};
use bulkhead_interface::{
    constants::{SHARDS, proof_role},
    layout::{Domain, Ledger, ProofRules, Restoration, SealedLedger, Snapshot},
};
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, keypair};
use serde_json::{Value, json};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use self::answer::{file, read};
use crate::{
    frozen::{Frozen, NUMBER},
    recovery::{LEDGER, Recovery, forge, owner},
    world,
};

/// Leaves of a page. Small, so that shards have more pages than one.
pub const PAGE_SIZE: u64 = 4;
/// What is shared out: no share comes out even.
pub const POOL: u64 = 5_003;
/// Number of the successor.
pub const SUCCESSOR: u16 = 7;

/// The decision that a proof is needed for the ledger.
#[must_use]
pub fn requirement() -> RequireProofsArgs {
    let mut ledgers = [0; 32];
    ledgers[usize::from(LEDGER / 8)] = 1 << (LEDGER % 8);
    RequireProofsArgs { ledgers }
}

/// Six leaves in shard 1, two pages of them; two in shard 3, one of a few units that is paid nothing.
#[must_use]
pub fn positions() -> Vec<Position> {
    let at = |shard: u8, number: u8, amount| {
        let mut key = [number; 32];
        key[0] = shard << 4 | 5;
        Position {
            key: key.into(),
            owner: owner(u64::from(number) % 3).pubkey(),
            amount,
        }
    };
    let mut positions: Vec<_> = (1..=6)
        .map(|number| at(1, number, 1_000 + 37 * u64::from(number)))
        .collect();
    positions.extend([at(3, 1, 9_000), at(3, 2, 2)]);
    positions
}

/// A domain whose ledger needs a proof, and its recovery so far.
pub struct Proving {
    pub machine: Machine,
    pub recovery: Recovery,
    pub answer: Answer,
    /// The chosen state's shards, and the successor's.
    pub shards: [Vec<Pubkey>; 2],
    pub prover: Keypair,
}

impl Proving {
    /// Decided in peace, then read, sealed, voted on and shared out.
    #[must_use]
    pub fn shared_out() -> Self {
        let mut proving = Self::restored();
        proving.recovery.pay_out(&mut proving.machine, POOL);
        proving
    }

    /// The same before anything is shared out.
    #[must_use]
    pub fn restored() -> Self {
        let (mut machine, protocol) = world();
        let answer = Answer::read();
        decide(&mut machine, &protocol, &answer);
        Self::restored_in(machine, protocol, answer)
    }

    /// The same in a world where something was decided, or nothing.
    #[must_use]
    pub fn restored_in(mut machine: Machine, protocol: Protocol, answer: Answer) -> Self {
        let positions = positions();
        write(&mut machine, &protocol, &positions);
        let incident = protocol.freeze(&mut machine);
        let payer = machine.payer.pubkey();
        let open = ix::open_snapshot(protocol.domain, payer, incident, LEDGER);
        protocol.must(&mut machine, &[open], &[]);
        let snapshot = pda::snapshot(&incident, LEDGER);
        let shards = ingest(&mut machine, &protocol, snapshot, &positions);
        let seal = ix::seal_snapshot(protocol.domain, incident, LEDGER, protocol.total_account, &shards, &[]);
        protocol.must(&mut machine, &[seal], &[]);
        let recovery = Recovery::of(protocol, incident, positions);
        machine.next_slot();
        recovery.restore(&mut machine);
        machine.next_slot();
        let prover = keypair("prover");
        machine.fund(&prover.pubkey(), 10_000_000_000);
        Self {
            machine,
            recovery,
            answer,
            shards: [shards, vec![]],
            prover,
        }
    }

    /// Which ledger everything is about.
    #[must_use]
    pub fn of(&self) -> RestoredLedger {
        RestoredLedger {
            domain: self.recovery.protocol.domain,
            incident: self.recovery.incident,
            ledger_index: LEDGER,
        }
    }

    /// The successor's snapshot.
    #[must_use]
    pub fn successor(&self) -> Pubkey {
        self.of().successor(SUCCESSOR)
    }

    /// Snapshot of a role.
    #[must_use]
    pub fn snapshot_of(&self, role: u8) -> Pubkey {
        if role == proof_role::CHOSEN {
            self.recovery.snapshot
        } else {
            self.successor()
        }
    }

    /// What the plan pays of each position, where it pays anything: what the repaired host owes.
    #[must_use]
    pub fn owed(&self) -> Vec<Position> {
        let plan: Restoration = self.machine.load(&self.recovery.restoration);
        let pay = |position: Position| Position {
            amount: payout_floor(position.amount, plan.shared, plan.total).expect("a share"),
            ..position
        };
        positions().into_iter().map(pay).collect()
    }

    /// `open_successor`.
    #[must_use]
    pub fn open_successor(&self) -> Instruction {
        let ledger: Ledger = self.machine.load(&pda::ledger(&self.of().domain, LEDGER));
        ix::open_successor(self.machine.payer.pubkey(), self.of(), SUCCESSOR, &ledger)
    }

    /// `seal_successor`.
    #[must_use]
    pub fn seal_successor(&self) -> Instruction {
        let [_, shards] = &self.shards;
        ix::seal_successor(self.of(), SUCCESSOR, self.recovery.protocol.total_account, shards, &[])
    }

    /// The host owes `positions` now.
    pub fn repair(&mut self, positions: &[Position]) {
        write(&mut self.machine, &self.recovery.protocol, positions);
    }

    /// Opens the successor, and reads what the host owes into it.
    pub fn read_successor(&mut self, positions: &[Position]) {
        self.repair(positions);
        self.must(self.open_successor());
        self.read_into_successor(positions);
    }

    /// Reads what the host owes into the successor.
    pub fn read_into_successor(&mut self, positions: &[Position]) {
        let successor = self.successor();
        self.shards[1] = ingest(&mut self.machine, &self.recovery.protocol, successor, positions);
    }

    /// The same, sealed.
    pub fn seal_the_successor(&mut self, positions: &[Position]) {
        self.machine.next_slot();
        self.read_successor(positions);
        self.must(self.seal_successor());
    }

    /// `fix_ledger` of a role.
    #[must_use]
    pub fn fix(&self, role: u8) -> Instruction {
        let plan = (role == proof_role::CHOSEN).then_some(self.recovery.restoration);
        let payer = self.machine.payer.pubkey();
        ix::fix_ledger(payer, self.snapshot_of(role), plan, &self.shards[usize::from(role)])
    }

    /// Both ledgers sealed and fixed.
    #[must_use]
    pub fn fixed() -> Self {
        let mut proving = Self::shared_out();
        proving.seal_the_successor(&proving.owed());
        proving.must(proving.fix(proof_role::CHOSEN));
        proving.must(proving.fix(proof_role::SUCCESSOR));
        proving
    }

    /// Id of the statement as it would be opened now.
    #[must_use]
    pub fn statement(&self) -> [u8; 32] {
        let of = self.of();
        let machine = &self.machine;
        let domain: Domain = machine.load(&of.domain);
        let rules: ProofRules = machine.load(&pda::proof_rules(&of.domain));
        let plan: Restoration = machine.load(&self.recovery.restoration);
        let [chosen, successor]: [SealedLedger; 2] = [proof_role::CHOSEN, proof_role::SUCCESSOR]
            .map(|role| machine.load(&pda::sealed_ledger(&self.snapshot_of(role))));
        statement_id(&Statement {
            domain: (&of.domain, &domain),
            rules: &rules,
            restoration: (&self.recovery.restoration, &plan),
            chosen: &chosen,
            successor: &successor,
        })
    }

    /// The statement's account.
    #[must_use]
    pub fn proof(&self) -> Pubkey {
        pda::state_proof(&self.statement())
    }

    /// `open_proof`.
    #[must_use]
    pub fn open_proof(&self) -> Instruction {
        let both = [proof_role::CHOSEN, proof_role::SUCCESSOR].map(|role| self.snapshot_of(role));
        ix::open_proof(self.machine.payer.pubkey(), self.of(), both, self.proof())
    }

    /// Both ledgers fixed, and the statement opened. What the prover was asked is what is proved here.
    #[must_use]
    pub fn opened() -> Self {
        let mut proving = Self::fixed();
        proving.must(proving.open_proof());
        let question = proving.question();
        if std::env::var_os("UPDATE_VECTORS").is_some() {
            let text = serde_json::to_string_pretty(&question).expect("JSON") + "\n";
            fs::write(file("question.json"), text).expect("the vectors are writable");
        }
        assert_eq!(
            question,
            read("question.json"),
            "other accounts than the prover was asked about: `UPDATE_VECTORS=1` writes the question, and `make \
             state-proof-vectors` answers it"
        );
        proving
    }

    /// What a prover is asked.
    #[must_use]
    pub fn question(&self) -> Value {
        let plan: Restoration = self.machine.load(&self.recovery.restoration);
        let ledger = |role: u8, positions: Vec<Position>| {
            let snapshot: Snapshot = self.machine.load(&self.snapshot_of(role));
            let leaves = positions.into_iter().filter(|position| position.amount != 0);
            let leaves = leaves.map(|leaf| json!([hex(leaf.key.as_ref()), hex(leaf.owner.as_ref()), leaf.amount]));
            json!({ "tag": hex(&snapshot.tag), "leaves": leaves.collect::<Vec<_>>() })
        };
        json!({
            "page_size": PAGE_SIZE,
            "program": hex(bulkhead::ID.as_ref()),
            "domain": hex(self.of().domain.as_ref()),
            "plan": hex(self.recovery.restoration.as_ref()),
            "pool": plan.shared,
            "total": plan.total,
            "chosen": ledger(proof_role::CHOSEN, positions()),
            "successor": ledger(proof_role::SUCCESSOR, self.owed()),
        })
    }

    /// The prover's run.
    #[must_use]
    pub fn run(&self, role: u8, shard: u8) -> Pubkey {
        pda::proof_run(&self.proof(), &self.prover.pubkey(), role, shard)
    }

    /// `open_run` of the prover.
    #[must_use]
    pub fn open_run(&self, role: u8, shard: u8) -> Instruction {
        ix::open_run(self.prover.pubkey(), self.proof(), role, shard, None)
    }

    /// `prove_page` of the prover.
    #[must_use]
    pub fn prove(&self, page: &Page) -> Instruction {
        let key = pda::proof_key(&self.of().domain, &self.answer.key_id());
        let run = self.run(page.role, page.shard);
        ix::prove_page(self.prover.pubkey(), self.proof(), key, run, page.args.clone())
    }

    /// `finish_run` of the prover's run.
    #[must_use]
    pub fn finish(&self, role: u8, shard: u8) -> Instruction {
        ix::finish_run(self.proof(), self.run(role, shard), self.snapshot_of(role))
    }

    /// Pages of a shard, in their order.
    #[must_use]
    pub fn pages(&self, role: u8, shard: u8) -> Vec<Page> {
        let all = self.answer.pages.iter();
        all.filter(|page| (page.role, page.shard) == (role, shard))
            .cloned()
            .collect()
    }

    /// Proves a shard to its end, and notes it.
    pub fn prove_shard(&mut self, role: u8, shard: u8) {
        self.must(self.open_run(role, shard));
        for page in self.pages(role, shard) {
            self.must(self.prove(&page));
        }
        self.must(self.finish(role, shard));
    }

    /// Proves every shard of both ledgers.
    pub fn prove_all(&mut self) {
        for role in [proof_role::CHOSEN, proof_role::SUCCESSOR] {
            for shard in 0..u8::try_from(SHARDS).expect("16") {
                self.prove_shard(role, shard);
            }
        }
    }

    /// As if the domain had reopened after another incident since.
    pub fn reopened_after_another(&mut self) {
        let key = pda::proof_rules(&self.of().domain);
        let rules: ProofRules = self.machine.load(&key);
        let rules = ProofRules {
            reopened: keypair("another incident").pubkey(),
            ..rules
        };
        forge(&mut self.machine, &key, &rules);
    }

    /// `record_proof`.
    #[must_use]
    pub fn record(&self) -> Instruction {
        ix::record_proof(self.machine.payer.pubkey(), self.of(), self.proof())
    }

    /// Sends an instruction, signed by the prover where it has to.
    ///
    /// # Errors
    /// What the program says.
    pub fn send(&mut self, instruction: Instruction) -> Result<Outcome, Failure> {
        let prover = self.prover.insecure_clone();
        let signs = |meta: &anchor_lang::prelude::AccountMeta| meta.is_signer && meta.pubkey == prover.pubkey();
        let is_provers = instruction.accounts.iter().any(signs);
        let signers: &[&Keypair] = if is_provers { &[&prover] } else { &[] };
        self.machine.send(&[instruction], signers)
    }

    /// The same, and it works.
    ///
    /// # Panics
    /// When the program refuses.
    pub fn must(&mut self, instruction: Instruction) -> Outcome {
        match self.send(instruction) {
            Ok(outcome) => outcome,
            Err(failure) => panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n")),
        }
    }
}

/// Proposals register the key and require a proof of the ledger.
pub fn decide(machine: &mut Machine, protocol: &Protocol, answer: &Answer) {
    let payer = machine.payer.pubkey();
    let authority = protocol.mature(machine, &answer.decision());
    let register = ix::register_verifying_key(authority, payer, answer.decision(), answer.key.clone());
    protocol.must(machine, &[register], &[]);
    let authority = protocol.mature(machine, &requirement());
    protocol.must(machine, &[ix::require_proofs(authority, payer, requirement())], &[]);
}

/// The setup authority registers the key and requires a proof of [`NUMBER`], before the domain is active.
pub fn decide_in_set_up(frozen: &mut Frozen) {
    let answer = Answer::read();
    let authority = ix::Authority {
        signer: frozen.protocol.setup_authority.pubkey(),
        domain: frozen.protocol.domain,
        proposal: None,
    };
    let payer = frozen.machine.payer.pubkey();
    let mut ledgers = [0; 32];
    ledgers[usize::from(NUMBER / 8)] = 1 << (NUMBER % 8);
    let register = ix::register_verifying_key(authority, payer, answer.decision(), answer.key);
    let require = ix::require_proofs(authority, payer, RequireProofsArgs { ledgers });
    let Frozen { machine, protocol, .. } = frozen;
    protocol.must(machine, &[register], &[&protocol.setup_authority]);
    protocol.must(machine, &[require], &[&protocol.setup_authority]);
}

/// Asserts that these reads, one position each, all enter the shard's accumulator.
///
/// # Panics
/// When one of them does not.
pub fn assert_accumulates(frozen: &mut Frozen, shard: u8, reads: &[Instruction]) {
    let mut seen = vec![frozen.shard_state(shard).accumulator];
    assert_ne!(seen[0], [0; 32], "it has none");
    for (number, read) in (1..).zip(reads) {
        frozen.must(read.clone());
        let state = frozen.shard_state(shard);
        assert_eq!(state.count, number);
        assert!(!seen.contains(&state.accumulator), "position {number} is not in it");
        seen.push(state.accumulator);
    }
}

fn write(machine: &mut Machine, protocol: &Protocol, positions: &[Position]) {
    for position in positions {
        protocol.write_position(machine, &position.key, &position.owner, position.amount);
    }
    protocol.write_total(machine, positions.iter().map(|position| position.amount).sum());
}

/// Reads the positions into the payer's shards. Returns the shards.
fn ingest(machine: &mut Machine, protocol: &Protocol, snapshot: Pubkey, positions: &[Position]) -> Vec<Pubkey> {
    let (domain, payer) = (protocol.domain, machine.payer.pubkey());
    let shard_of = |position: &Position| merkle::shard_of(position.key.as_array());
    let mut shards = vec![];
    for of_shard in positions.chunk_by(|a, b| shard_of(a) == shard_of(b)) {
        let number = shard_of(&of_shard[0]);
        let open = ix::open_shard(domain, payer, payer, snapshot, number);
        let keys: Vec<_> = of_shard.iter().map(|position| position.key).collect();
        let read = ix::ingest_positions(domain, payer, snapshot, LEDGER, number, &keys);
        protocol.must(machine, &[open], &[]);
        protocol.must(machine, &[read], &[]);
        shards.push(pda::shard(&snapshot, number, &payer));
    }
    shards
}
