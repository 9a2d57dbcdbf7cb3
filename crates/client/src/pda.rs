//! Program-derived addresses. Each function mirrors one line of `interface::seeds`.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::custody::queue_ledger;
use bulkhead_interface::{ID, ids::UPGRADEABLE_LOADER, layout::Vault, seeds::*};

/// The address and the canonical bump of `seeds`.
#[must_use]
pub fn find(seeds: &[&[u8]]) -> (Pubkey, u8) {
    Pubkey::find_program_address(seeds, &ID)
}

fn address(seeds: &[&[u8]]) -> Pubkey {
    find(seeds).0
}

/// A domain, by the setup authority that opened it.
#[must_use]
pub fn domain(setup_authority: &Pubkey) -> Pubkey {
    address(&[SEED_DOMAIN, setup_authority.as_ref()])
}

/// A domain's pause board.
#[must_use]
pub fn board(domain: &Pubkey) -> Pubkey {
    address(&[SEED_BOARD, domain.as_ref()])
}

/// A domain's council.
#[must_use]
pub fn council(domain: &Pubkey) -> Pubkey {
    address(&[SEED_COUNCIL, domain.as_ref()])
}

/// The proposal of a proposer, by number.
#[must_use]
pub fn proposal(domain: &Pubkey, proposer: &Pubkey, index: u64) -> Pubkey {
    address(&[SEED_PROPOSAL, domain.as_ref(), proposer.as_ref(), &index.to_le_bytes()])
}

/// An outflow breaker.
#[must_use]
pub fn outflow_breaker(domain: &Pubkey, compartment: u8, mint: &Pubkey, shard: u8) -> Pubkey {
    address(&[SEED_OUTFLOW, domain.as_ref(), &[compartment], mint.as_ref(), &[shard]])
}

/// A domain's link to an upstream domain.
#[must_use]
pub fn link(domain: &Pubkey, upstream: &Pubkey) -> Pubkey {
    address(&[SEED_LINK, domain.as_ref(), upstream.as_ref()])
}

/// A domain's peer: a domain on another chain, by who emits its messages there.
#[must_use]
pub fn peer(domain: &Pubkey, chain: u16, emitter: &[u8; 32]) -> Pubkey {
    address(&[SEED_PEER, domain.as_ref(), &chain.to_le_bytes(), emitter])
}

/// A price breaker. The source is the Pyth feed id or the host's account.
#[must_use]
pub fn price_breaker(domain: &Pubkey, compartment: u8, source: &Pubkey) -> Pubkey {
    address(&[SEED_PRICE, domain.as_ref(), &[compartment], source.as_ref()])
}

/// A solvency breaker.
#[must_use]
pub fn solvency_breaker(domain: &Pubkey, compartment: u8, liabilities: &Pubkey) -> Pubkey {
    address(&[SEED_SOLVENCY, domain.as_ref(), &[compartment], liabilities.as_ref()])
}

/// An authority watch.
#[must_use]
pub fn authority_watch(domain: &Pubkey, account: &Pubkey, offset: u32) -> Pubkey {
    address(&[SEED_WATCH, domain.as_ref(), account.as_ref(), &offset.to_le_bytes()])
}

/// An emergency action: an instruction that guardians can run at once.
#[must_use]
pub fn emergency_action(domain: &Pubkey, index: u8) -> Pubkey {
    address(&[SEED_EMERGENCY_ACTION, domain.as_ref(), &[index]])
}

/// A guardian's run of an emergency action.
#[must_use]
pub fn emergency_run(emergency_action: &Pubkey, guardian: &Pubkey) -> Pubkey {
    address(&[SEED_EMERGENCY_RUN, emergency_action.as_ref(), guardian.as_ref()])
}

/// A direct vault: tokens that the host keeps itself.
#[must_use]
pub fn direct_vault(domain: &Pubkey, source: &Pubkey) -> Pubkey {
    address(&[SEED_DIRECT_VAULT, domain.as_ref(), source.as_ref()])
}

/// The record of a program whose upgrade authority the domain holds.
#[must_use]
pub fn host_program(domain: &Pubkey, program: &Pubkey) -> Pubkey {
    address(&[SEED_HOST_PROGRAM, domain.as_ref(), program.as_ref()])
}

/// The program data of an upgradeable program, as its loader derives it.
#[must_use]
pub fn program_data(program: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[program.as_ref()], &UPGRADEABLE_LOADER).0
}

/// A custody vault.
#[must_use]
pub fn vault(domain: &Pubkey, mint: &Pubkey, index: u8) -> Pubkey {
    address(&[SEED_VAULT, domain.as_ref(), mint.as_ref(), &[index]])
}

/// The token account of a vault.
#[must_use]
pub fn custody(vault: &Pubkey) -> Pubkey {
    address(&[SEED_CUSTODY, vault.as_ref()])
}

/// A deposit note: what an owner recently brought into a vault.
#[must_use]
pub fn deposit_note(vault: &Pubkey, owner: &Pubkey) -> Pubkey {
    address(&[SEED_DEPOSIT, vault.as_ref(), owner.as_ref()])
}

/// A queued release without a deposit note. The caller of `release` chooses the number.
#[must_use]
pub fn release(vault: &Pubkey, index: u64) -> Pubkey {
    numbered_release(vault, vault, index)
}

fn numbered_release(vault: &Pubkey, whose: &Pubkey, index: u64) -> Pubkey {
    address(&[SEED_RELEASE, vault.as_ref(), whose.as_ref(), &index.to_le_bytes()])
}

/// A queued release requested with the deposit note of `asker`. The number belongs to the asker.
#[must_use]
pub fn release_of(vault: &Pubkey, asker: &Pubkey, index: u64) -> Pubkey {
    numbered_release(vault, &deposit_note(vault, asker), index)
}

/// The queued releases of a vault that a guardian cancels in an incident.
#[must_use]
pub fn cancel_list(incident: &Pubkey, vault: &Pubkey, guardian: &Pubkey) -> Pubkey {
    address(&[SEED_CANCEL_LIST, incident.as_ref(), vault.as_ref(), guardian.as_ref()])
}

/// A registered ledger.
#[must_use]
pub fn ledger(domain: &Pubkey, index: u8) -> Pubkey {
    address(&[SEED_LEDGER, domain.as_ref(), &[index]])
}

/// The ledger that reads a vault's queue, if one is registered.
#[must_use]
pub fn queue_ledger(vault: &Vault) -> Option<Pubkey> {
    queue_ledger::index_of(vault).map(|index| ledger(&vault.domain, index))
}

/// The list of the ledgers of a domain that pay `mint`.
#[must_use]
pub fn mint_ledgers(domain: &Pubkey, mint: &Pubkey) -> Pubkey {
    address(&[SEED_MINT_LEDGERS, domain.as_ref(), mint.as_ref()])
}

/// An incident, by number.
#[must_use]
pub fn incident(domain: &Pubkey, index: u64) -> Pubkey {
    address(&[SEED_INCIDENT, domain.as_ref(), &index.to_le_bytes()])
}

/// An incident's migration.
#[must_use]
pub fn migration(incident: &Pubkey) -> Pubkey {
    address(&[SEED_MIGRATION, incident.as_ref()])
}

/// The snapshot of one ledger in one incident.
#[must_use]
pub fn snapshot(incident: &Pubkey, ledger_index: u8) -> Pubkey {
    address(&[SEED_SNAPSHOT, incident.as_ref(), &[ledger_index]])
}

/// One cranker's account of one shard of a snapshot.
#[must_use]
pub fn shard(snapshot: &Pubkey, shard: u8, cranker: &Pubkey) -> Pubkey {
    address(&[SEED_SHARD, snapshot.as_ref(), &[shard], cranker.as_ref()])
}

/// The ballot of one ledger in one incident.
#[must_use]
pub fn ballot(incident: &Pubkey, ledger_index: u8) -> Pubkey {
    address(&[SEED_BALLOT, incident.as_ref(), &[ledger_index]])
}

/// The token account of a domain's escrowed votes.
#[must_use]
pub fn votes(domain: &Pubkey) -> Pubkey {
    address(&[SEED_VOTES, domain.as_ref()])
}

/// A voter's escrow.
#[must_use]
pub fn escrow(domain: &Pubkey, voter: &Pubkey) -> Pubkey {
    address(&[SEED_ESCROW, domain.as_ref(), voter.as_ref()])
}

/// A voter's record on a ballot.
#[must_use]
pub fn vote_record(ballot: &Pubkey, voter: &Pubkey) -> Pubkey {
    address(&[SEED_VOTE, ballot.as_ref(), voter.as_ref()])
}

/// The restoration of one ledger in one incident.
#[must_use]
pub fn restoration(incident: &Pubkey, ledger_index: u8) -> Pubkey {
    address(&[SEED_RESTORATION, incident.as_ref(), &[ledger_index]])
}

/// The token account that a restoration pays from.
#[must_use]
pub fn pool(restoration: &Pubkey) -> Pubkey {
    address(&[SEED_POOL, restoration.as_ref()])
}

/// The checkpoint log of a ledger.
#[must_use]
pub fn checkpoint_log(domain: &Pubkey, ledger_index: u8) -> Pubkey {
    address(&[SEED_CHECKPOINTS, domain.as_ref(), &[ledger_index]])
}

/// The snapshot of the checkpoint at `slot` in one incident.
#[must_use]
pub fn checkpoint_snapshot(incident: &Pubkey, ledger_index: u8, slot: u64) -> Pubkey {
    address(&[SEED_CHECKPOINT, incident.as_ref(), &[ledger_index], &slot.to_le_bytes()])
}

/// A leaf of a checkpoint that `payer` proved.
#[must_use]
pub fn evidence(log: &Pubkey, slot: u64, index: u32, payer: &Pubkey) -> Pubkey {
    let (slot, index) = (slot.to_le_bytes(), index.to_le_bytes());
    address(&[SEED_EVIDENCE, log.as_ref(), &slot, &index, payer.as_ref()])
}

/// The record of a dispute about a leaf of a checkpoint.
#[must_use]
pub fn dispute(log: &Pubkey, slot: u64, index: u32) -> Pubkey {
    address(&[SEED_DISPUTE, log.as_ref(), &slot.to_le_bytes(), &index.to_le_bytes()])
}

/// A shard of a checkpoint that `payer` is publishing.
#[must_use]
pub fn publication(log: &Pubkey, slot: u64, number: u8, payer: &Pubkey) -> Pubkey {
    address(&[
        SEED_PUBLICATION,
        log.as_ref(),
        &slot.to_le_bytes(),
        &[number],
        payer.as_ref(),
    ])
}

/// A position that the program read in a slot.
#[must_use]
pub fn sample(log: &Pubkey, slot: u64, position: &Pubkey) -> Pubkey {
    address(&[SEED_SAMPLE, log.as_ref(), &slot.to_le_bytes(), position.as_ref()])
}

/// One page of claims. Its book is the restoration, unless the restoration continues one of an interim share-out
/// (`Restoration::book`).
#[must_use]
pub fn claim_page(book: &Pubkey, page: u16) -> Pubkey {
    address(&[SEED_CLAIMS, book.as_ref(), &page.to_le_bytes()])
}

/// The interim share-out of a ledger in one incident.
#[must_use]
pub fn interim(incident: &Pubkey, ledger_index: u8) -> Pubkey {
    address(&[SEED_INTERIM, incident.as_ref(), &[ledger_index]])
}

/// The leaves that `prover` proved for an interim share-out.
#[must_use]
pub fn interim_proof(interim: &Pubkey, prover: &Pubkey) -> Pubkey {
    address(&[SEED_INTERIM_PROOF, interim.as_ref(), prover.as_ref()])
}

/// The redirect of an owner's claims that cannot be paid in a restoration.
#[must_use]
pub fn claim_redirect(restoration: &Pubkey, owner: &Pubkey) -> Pubkey {
    address(&[SEED_CLAIM_REDIRECT, restoration.as_ref(), owner.as_ref()])
}

/// What an owner wishes for its claims in a domain's restorations.
#[must_use]
pub fn claim_wish(domain: &Pubkey, owner: &Pubkey) -> Pubkey {
    address(&[SEED_CLAIM_WISH, domain.as_ref(), owner.as_ref()])
}

/// The terms of a ledger's claims.
#[must_use]
pub fn claim_terms(domain: &Pubkey, ledger_index: u8) -> Pubkey {
    address(&[SEED_CLAIM_TERMS, domain.as_ref(), &[ledger_index]])
}

/// The rules of a domain's ballots.
#[must_use]
pub fn ballot_rules(domain: &Pubkey) -> Pubkey {
    address(&[SEED_BALLOT_RULES, domain.as_ref()])
}

/// The check of a restored ledger before the domain reopens.
#[must_use]
pub fn restart_check(incident: &Pubkey, ledger_index: u8) -> Pubkey {
    address(&[SEED_RESTART_CHECK, incident.as_ref(), &[ledger_index]])
}

/// Which verifying key counts in a domain, and which restored ledgers need a proof of state.
#[must_use]
pub fn proof_rules(domain: &Pubkey) -> Pubkey {
    address(&[SEED_PROOF_RULES, domain.as_ref()])
}

/// A verifying key of a domain, by its id.
#[must_use]
pub fn proof_key(domain: &Pubkey, id: &[u8; 32]) -> Pubkey {
    address(&[SEED_PROOF_KEY, domain.as_ref(), id])
}

/// A snapshot of what the repaired host starts with, by the number that whoever opened it chose.
#[must_use]
pub fn successor(incident: &Pubkey, ledger_index: u8, number: u16) -> Pubkey {
    address(&[
        SEED_SUCCESSOR,
        incident.as_ref(),
        &[ledger_index],
        &number.to_le_bytes(),
    ])
}

/// The ends of a sealed snapshot's shards.
#[must_use]
pub fn sealed_ledger(snapshot: &Pubkey) -> Pubkey {
    address(&[SEED_SEALED_LEDGER, snapshot.as_ref()])
}

/// A statement about two ledgers, by its id.
#[must_use]
pub fn state_proof(id: &[u8; 32]) -> Pubkey {
    address(&[SEED_STATE_PROOF, id])
}

/// A prover's run over one shard of one ledger.
#[must_use]
pub fn proof_run(proof: &Pubkey, prover: &Pubkey, role: u8, shard: u8) -> Pubkey {
    address(&[SEED_PROOF_RUN, proof.as_ref(), prover.as_ref(), &[role], &[shard]])
}

/// That a restored ledger was proved, or accepted without a proof.
#[must_use]
pub fn proof_check(incident: &Pubkey, ledger_index: u8) -> Pubkey {
    address(&[SEED_PROOF_CHECK, incident.as_ref(), &[ledger_index]])
}

/// The insurance pool of a ledger, by its order of loss.
#[must_use]
pub fn insurance_pool(domain: &Pubkey, ledger_index: u8, order: u8) -> Pubkey {
    address(&[SEED_INSURANCE, domain.as_ref(), &[ledger_index], &[order]])
}

/// The token account of an insurance pool.
#[must_use]
pub fn insurance_tokens(pool: &Pubkey) -> Pubkey {
    address(&[SEED_INSURANCE_TOKENS, pool.as_ref()])
}

/// What an owner staked in an insurance pool.
#[must_use]
pub fn insurance_stake(pool: &Pubkey, owner: &Pubkey) -> Pubkey {
    address(&[SEED_STAKE, pool.as_ref(), owner.as_ref()])
}

/// What an insurance pool owes to a restoration.
#[must_use]
pub fn insurance_cover(pool: &Pubkey, restoration: &Pubkey) -> Pubkey {
    address(&[SEED_COVER, pool.as_ref(), restoration.as_ref()])
}

/// The authority of Anchor's self-CPI events.
#[must_use]
pub fn event_authority() -> Pubkey {
    address(&[b"__event_authority"])
}
