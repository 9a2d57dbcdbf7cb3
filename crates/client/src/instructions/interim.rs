use super::*;
use bulkhead::instructions::{ClaimArgs, ProveInterimLeafArgs, SetInterimRuleArgs};

/// The accounts of an interim share-out.
#[derive(Clone, Copy)]
pub struct InterimKeys {
    /// Its domain.
    pub domain: Pubkey,
    /// Its incident.
    pub incident: Pubkey,
    /// Number of its ledger.
    pub ledger_index: u8,
    /// The snapshot that was read in the incident.
    pub snapshot: Pubkey,
    /// The snapshot account of the checkpoint.
    pub checkpoint: Pubkey,
    /// Mint of the token that claims are paid in.
    pub mint: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
}

impl InterimKeys {
    /// Its address.
    #[must_use]
    pub fn interim(&self) -> Pubkey {
        pda::interim(&self.incident, self.ledger_index)
    }

    /// Where the ledger's restoration is, or will be.
    #[must_use]
    pub fn restoration(&self) -> Pubkey {
        pda::restoration(&self.incident, self.ledger_index)
    }

    /// The pool.
    #[must_use]
    pub fn pool(&self) -> Pubkey {
        pda::pool(&self.restoration())
    }
}

/// `set_interim_rule`: during set-up, or with a matured proposal.
#[must_use]
pub fn set_interim_rule(authority: Authority, args: SetInterimRuleArgs) -> Instruction {
    build(
        &bulkhead::accounts::SetInterimRule {
            config: authority.accounts(),
            ledger: pda::ledger(&authority.domain, args.ledger_index),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::SetInterimRule { args },
    )
}

/// `open_interim`: anyone may crank it.
#[must_use]
pub fn open_interim(keys: InterimKeys, payer: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::OpenInterim {
            payer,
            domain: keys.domain,
            incident: keys.incident,
            ledger: pda::ledger(&keys.domain, keys.ledger_index),
            log: pda::checkpoint_log(&keys.domain, keys.ledger_index),
            snapshot: keys.snapshot,
            checkpoint: keys.checkpoint,
            interim: keys.interim(),
            restoration: keys.restoration(),
            mint: keys.mint,
            pool: keys.pool(),
            token_program: keys.token_program,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenInterim {},
    )
}

/// `fund_interim`: anyone may crank it. `from` is a vault that backs the ledger, and its custody or recovery account;
/// none to share out what was sent to the pool by hand.
#[must_use]
pub fn fund_interim(keys: InterimKeys, from: Option<(Pubkey, Pubkey)>) -> Instruction {
    build(
        &bulkhead::accounts::FundInterim {
            domain: keys.domain,
            interim: keys.interim(),
            vault: from.map(|(vault, _)| vault),
            source: from.map(|(_, source)| source),
            pool: keys.pool(),
            mint: keys.mint,
            token_program: keys.token_program,
            queue_ledger: None,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::FundInterim {},
    )
}

/// `open_interim_page`: anyone may crank it. `of`: one of `constants::proved`.
#[must_use]
pub fn open_interim_page(keys: InterimKeys, payer: Pubkey, of: u8, page: u16) -> Instruction {
    let book = if of == bulkhead_interface::constants::proved::CHECKPOINT {
        keys.checkpoint
    } else {
        keys.interim()
    };
    build(
        &bulkhead::accounts::OpenInterimPage {
            payer,
            interim: keys.interim(),
            book,
            claims: pda::claim_page(&book, page),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenInterimPage { of, page },
    )
}

/// `prove_interim_leaf`: anyone may store that a leaf is part of `state`, one of the two snapshots.
#[must_use]
pub fn prove_interim_leaf(interim: Pubkey, state: Pubkey, prover: Pubkey, args: ProveInterimLeafArgs) -> Instruction {
    build(
        &bulkhead::accounts::ProveInterimLeaf {
            prover,
            interim,
            state,
            proof: pda::interim_proof(&interim, &prover),
            system_program: system_program::ID,
        },
        &bulkhead::instruction::ProveInterimLeaf { args },
    )
}

/// The location and the owner of a leaf in both states.
#[derive(Clone, Copy)]
pub struct InterimClaimKeys {
    /// The sealed shard of the snapshot that contains the leaf.
    pub shard: Pubkey,
    /// Who proved the checkpoint's leaf.
    pub prover: Pubkey,
    /// Page of the snapshot's book.
    pub snapshot_page: u16,
    /// Page of the checkpoint's book.
    pub checkpoint_page: u16,
    /// Owner of the leaf.
    pub owner: Pubkey,
    /// Does the owner sign?
    pub owner_signs: bool,
    /// Token account to pay.
    pub destination: Pubkey,
}

/// `claim_interim`: anyone may crank it, to the owner's associated token account.
#[must_use]
pub fn claim_interim(keys: InterimKeys, claim: InterimClaimKeys, args: ClaimArgs) -> Instruction {
    let mut instruction = build(
        &bulkhead::accounts::ClaimInterim {
            interim: keys.interim(),
            domain: keys.domain,
            snapshot: keys.snapshot,
            shard: claim.shard,
            checkpoint: keys.checkpoint,
            proof: pda::interim_proof(&keys.interim(), &claim.prover),
            snapshot_claims: pda::claim_page(&keys.interim(), claim.snapshot_page),
            checkpoint_claims: pda::claim_page(&keys.checkpoint, claim.checkpoint_page),
            pool: keys.pool(),
            destination: claim.destination,
            owner: claim.owner,
            mint: keys.mint,
            token_program: keys.token_program,
            restoration: keys.restoration(),
        },
        &bulkhead::instruction::ClaimInterim { args },
    );
    for meta in &mut instruction.accounts {
        if meta.pubkey == claim.owner {
            meta.is_signer |= claim.owner_signs;
        }
    }
    instruction
}

/// `stop_interim_claim`: signed by a guardian.
#[must_use]
pub fn stop_interim_claim(domain: Pubkey, guardian: Pubkey, interim: Pubkey, position: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::StopInterimClaim {
            guardian,
            domain,
            council: pda::council(&domain),
            interim,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::StopInterimClaim { position },
    )
}

/// `return_interim`: anyone may crank it. `destination` is the domain's associated token account.
#[must_use]
pub fn return_interim(keys: InterimKeys, destination: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::ReturnInterim {
            interim: keys.interim(),
            incident: keys.incident,
            restoration: keys.restoration(),
            pool: keys.pool(),
            destination,
            mint: keys.mint,
            token_program: keys.token_program,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::ReturnInterim {},
    )
}

/// `close_interim_proof`: the prover takes back the rent.
#[must_use]
pub fn close_interim_proof(interim: Pubkey, prover: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::CloseInterimProof {
            prover,
            proof: pda::interim_proof(&interim, &prover),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseInterimProof {},
    )
}
