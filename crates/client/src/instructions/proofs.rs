use super::{
    snapshots::{shards_and_crankers, with_frozen_factors},
    *,
};
use bulkhead::instructions::{
    OverrideProofArgs, ProvePageArgs, RegisterVerifyingKeyArgs, RequireProofsArgs, VerifyingKey,
};
use bulkhead_interface::layout::Ledger;

/// `register_verifying_key`: during set-up, or with a matured proposal. `key` is what the decision's id is a hash of.
#[must_use]
pub fn register_verifying_key(
    authority: Authority,
    payer: Pubkey,
    args: RegisterVerifyingKeyArgs,
    key: VerifyingKey,
) -> Instruction {
    build(
        &bulkhead::accounts::RegisterVerifyingKey {
            config: authority.accounts(),
            payer,
            rules: pda::proof_rules(&authority.domain),
            key: pda::proof_key(&authority.domain, &args.id),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RegisterVerifyingKey { args, key },
    )
}

/// `require_proofs`: during set-up, or with a matured proposal.
#[must_use]
pub fn require_proofs(authority: Authority, payer: Pubkey, args: RequireProofsArgs) -> Instruction {
    build(
        &bulkhead::accounts::RequireProofs {
            config: authority.accounts(),
            payer,
            rules: pda::proof_rules(&authority.domain),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RequireProofs { args },
    )
}

/// `override_proof`: with a matured proposal. The restoration is of this incident and ledger.
#[must_use]
pub fn override_proof(
    authority: Authority,
    payer: Pubkey,
    (incident, ledger_index): (Pubkey, u8),
    args: OverrideProofArgs,
) -> Instruction {
    build(
        &bulkhead::accounts::OverrideProof {
            config: authority.accounts(),
            payer,
            rules: pda::proof_rules(&authority.domain),
            restoration: args.restoration,
            check: pda::proof_check(&incident, ledger_index),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OverrideProof { args },
    )
}

/// A restored ledger in its incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestoredLedger {
    /// The domain.
    pub domain: Pubkey,
    /// The incident.
    pub incident: Pubkey,
    /// Number of the ledger.
    pub ledger_index: u8,
}

impl RestoredLedger {
    /// Its successor with this number.
    #[must_use]
    pub fn successor(&self, number: u16) -> Pubkey {
        pda::successor(&self.incident, self.ledger_index, number)
    }

    /// Its plan.
    #[must_use]
    pub fn restoration(&self) -> Pubkey {
        pda::restoration(&self.incident, self.ledger_index)
    }
}

/// `open_successor`: anyone, under a number that nobody has used. `ledger` as by [`open_snapshot`].
#[must_use]
pub fn open_successor(payer: Pubkey, of: RestoredLedger, number: u16, ledger: &Ledger) -> Instruction {
    let open = build(
        &bulkhead::accounts::OpenSuccessor {
            payer,
            domain: of.domain,
            incident: of.incident,
            ledger: pda::ledger(&of.domain, of.ledger_index),
            snapshot: of.successor(number),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenSuccessor { number },
    );
    with_frozen_factors(open, ledger)
}

/// `seal_successor`: anyone, with the shards that have leaves in ascending order, and their crankers' signatures as by
/// [`seal_snapshot`].
#[must_use]
pub fn seal_successor(
    of: RestoredLedger,
    number: u16,
    total_account: Pubkey,
    shards: &[Pubkey],
    crankers: &[Pubkey],
) -> Instruction {
    build_with(
        &bulkhead::accounts::SealSuccessor {
            domain: of.domain,
            ledger: pda::ledger(&of.domain, of.ledger_index),
            snapshot: of.successor(number),
            total_account,
            instructions: INSTRUCTIONS_SYSVAR,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::SealSuccessor {},
        shards_and_crankers(shards, crankers),
    )
}

/// `fix_ledger`: anyone, with the shards of the snapshot's last seal that have leaves. `restoration` is the plan that pays
/// by the snapshot, or `None` for a successor.
#[must_use]
pub fn fix_ledger(payer: Pubkey, snapshot: Pubkey, restoration: Option<Pubkey>, shards: &[Pubkey]) -> Instruction {
    build_with(
        &bulkhead::accounts::FixLedger {
            payer,
            snapshot,
            restoration,
            fixed: pda::sealed_ledger(&snapshot),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::FixLedger {},
        shards.iter().map(|key| AccountMeta::new_readonly(*key, false)),
    )
}

/// `open_proof`: anyone. `chosen` and `successor` are snapshots with fixed ledgers; `proof` is [`pda::state_proof`] of the
/// statement's id.
#[must_use]
pub fn open_proof(payer: Pubkey, of: RestoredLedger, [chosen, successor]: [Pubkey; 2], proof: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::OpenProof {
            payer,
            domain: of.domain,
            rules: pda::proof_rules(&of.domain),
            restoration: of.restoration(),
            chosen: pda::sealed_ledger(&chosen),
            successor: pda::sealed_ledger(&successor),
            proof,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenProof {},
    )
}

/// `open_run`: signed by the prover, from the beginning or from where the run `from` is.
#[must_use]
pub fn open_run(prover: Pubkey, proof: Pubkey, role: u8, shard: u8, from: Option<Pubkey>) -> Instruction {
    build(
        &bulkhead::accounts::OpenRun {
            prover,
            proof,
            from,
            run: pda::proof_run(&proof, &prover, role, shard),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenRun { role, shard },
    )
}

/// `prove_page`: signed by the run's prover. `key` is the account of the verifying key.
#[must_use]
pub fn prove_page(prover: Pubkey, proof: Pubkey, key: Pubkey, run: Pubkey, args: ProvePageArgs) -> Instruction {
    build(
        &bulkhead::accounts::ProvePage {
            prover,
            proof,
            key,
            run,
        },
        &bulkhead::instruction::ProvePage { args },
    )
}

/// `finish_run`: anyone. `snapshot` is the ledger that the run is of.
#[must_use]
pub fn finish_run(proof: Pubkey, run: Pubkey, snapshot: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::FinishRun {
            proof,
            run,
            ledger: pda::sealed_ledger(&snapshot),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::FinishRun {},
    )
}

/// `record_proof`: anyone.
#[must_use]
pub fn record_proof(payer: Pubkey, of: RestoredLedger, proof: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::RecordProof {
            payer,
            domain: of.domain,
            rules: pda::proof_rules(&of.domain),
            restoration: of.restoration(),
            proof,
            check: pda::proof_check(&of.incident, of.ledger_index),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::RecordProof {},
    )
}

/// `close_run`: signed by the prover, who gets the rent back.
#[must_use]
pub fn close_run(prover: Pubkey, run: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::CloseRun {
            prover,
            run,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseRun {},
    )
}

/// `close_proof`: anyone, once the incident is over and the domain reopened after another. The rent goes to whoever paid it.
#[must_use]
pub fn close_proof(domain: Pubkey, proof: Pubkey, payer: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::CloseProof {
            domain,
            rules: pda::proof_rules(&domain),
            proof,
            payer,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseProof {},
    )
}

/// `close_fixed_ledger`: anyone, once the incident is over and the domain reopened after another. The rent goes to whoever paid it.
#[must_use]
pub fn close_fixed_ledger(domain: Pubkey, snapshot: Pubkey, payer: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::CloseFixedLedger {
            domain,
            rules: pda::proof_rules(&domain),
            fixed: pda::sealed_ledger(&snapshot),
            payer,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseFixedLedger {},
    )
}
