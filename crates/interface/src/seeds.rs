//! PDA seeds. The comment above each constant lists the seeds that follow the prefix.

/// `setup_authority`
pub const SEED_DOMAIN: &[u8] = b"domain";
/// `domain`
pub const SEED_BOARD: &[u8] = b"board";
/// `domain`
pub const SEED_COUNCIL: &[u8] = b"council";
/// `domain, proposer, index: u64` (the proposer chooses the index)
pub const SEED_PROPOSAL: &[u8] = b"proposal";
/// `domain, compartment: u8, mint, shard: u8`
pub const SEED_OUTFLOW: &[u8] = b"outflow";
/// `domain, compartment: u8, source`
pub const SEED_PRICE: &[u8] = b"price";
/// `domain, compartment: u8, liabilities account`
pub const SEED_SOLVENCY: &[u8] = b"solvency";
/// `domain, watched account, offset: u32`
pub const SEED_WATCH: &[u8] = b"watch";
/// `domain, upstream domain`
pub const SEED_LINK: &[u8] = b"link";
/// `domain, chain: u16, emitter`
pub const SEED_PEER: &[u8] = b"peer";
/// `domain, index: u8`
pub const SEED_EMERGENCY_ACTION: &[u8] = b"emergency_action";
/// `domain, mint, index: u8`
pub const SEED_VAULT: &[u8] = b"vault";
/// `vault`: the token account that holds a vault's funds
pub const SEED_CUSTODY: &[u8] = b"custody";
/// `vault, whose, index: u64`; whose is the requester's deposit note, else the vault; the caller chooses the index
pub const SEED_RELEASE: &[u8] = b"release";
/// `vault, owner`: an owner's recent deposits into a vault
pub const SEED_DEPOSIT: &[u8] = b"deposit";
/// `domain, index: u8`
pub const SEED_LEDGER: &[u8] = b"ledger";
/// `domain, mint`: the ledgers that pay this mint
pub const SEED_MINT_LEDGERS: &[u8] = b"ledgers";
/// `domain, index: u64`
pub const SEED_INCIDENT: &[u8] = b"incident";
/// `incident`
pub const SEED_MIGRATION: &[u8] = b"migration";
/// `incident, ledger index: u8`
pub const SEED_SNAPSHOT: &[u8] = b"snapshot";
/// `snapshot, shard: u8, cranker`
pub const SEED_SHARD: &[u8] = b"shard";
/// `incident, ledger index: u8`
pub const SEED_BALLOT: &[u8] = b"ballot";
/// `domain`: the token account that holds escrowed governance tokens
pub const SEED_VOTES: &[u8] = b"votes";
/// `domain, voter`
pub const SEED_ESCROW: &[u8] = b"escrow";
/// `ballot, voter`
pub const SEED_VOTE: &[u8] = b"vote";
/// `incident, ledger index: u8`
pub const SEED_RESTORATION: &[u8] = b"restoration";
/// `restoration`: the token account that claims are paid from
pub const SEED_POOL: &[u8] = b"pool";
/// `restoration, page: u16`
pub const SEED_CLAIMS: &[u8] = b"claims";
/// `restoration, owner`
pub const SEED_CLAIM_REDIRECT: &[u8] = b"claim_redirect";
/// `domain, ledger index: u8`
pub const SEED_CHECKPOINTS: &[u8] = b"checkpoints";
/// `incident, ledger index: u8, slot: u64`: the snapshot of a checkpoint
pub const SEED_CHECKPOINT: &[u8] = b"checkpoint";
/// `log, slot: u64, leaf index: u32, payer`
pub const SEED_EVIDENCE: &[u8] = b"evidence";
/// `log, slot: u64, leaf index: u32`: the record of a dispute
pub const SEED_DISPUTE: &[u8] = b"dispute";
/// `log, slot: u64, shard: u8, payer`: a checkpoint's shard that is being published
pub const SEED_PUBLICATION: &[u8] = b"publication";
/// `log, slot: u64, position`
pub const SEED_SAMPLE: &[u8] = b"sample";
/// `incident, vault, guardian`: the releases that this guardian cancels
pub const SEED_CANCEL_LIST: &[u8] = b"cancel_list";
/// `emergency action, guardian`: the guardian's run of it
pub const SEED_EMERGENCY_RUN: &[u8] = b"emergency_run";
/// `domain, source`: a token account that the host keeps itself
pub const SEED_DIRECT_VAULT: &[u8] = b"direct_vault";
/// `domain, program`: a program whose upgrade authority the domain holds
pub const SEED_HOST_PROGRAM: &[u8] = b"host_program";
/// `incident, ledger index: u8`
pub const SEED_INTERIM: &[u8] = b"interim";
/// `interim, prover`: leaves that the prover proved
pub const SEED_INTERIM_PROOF: &[u8] = b"interim_proof";
/// `domain, ledger index: u8`: the terms of a ledger's claims
pub const SEED_CLAIM_TERMS: &[u8] = b"claim_terms";
/// `domain`: the rules of a domain's ballots
pub const SEED_BALLOT_RULES: &[u8] = b"ballot_rules";
/// `domain, owner`: what an owner wishes for its claims
pub const SEED_CLAIM_WISH: &[u8] = b"claim_wish";
/// `incident, ledger index: u8`: the check of a restored ledger before the domain reopens
pub const SEED_RESTART_CHECK: &[u8] = b"restart_check";
/// `domain, ledger index: u8, order: u8`
pub const SEED_INSURANCE: &[u8] = b"insurance";
/// `insurance pool`: the token account that holds stakes and premiums
pub const SEED_INSURANCE_TOKENS: &[u8] = b"insurance_tokens";
/// `insurance pool, owner`
pub const SEED_STAKE: &[u8] = b"stake";
/// `insurance pool, restoration`
pub const SEED_COVER: &[u8] = b"cover";
/// `domain`: which verifying key counts, and which restored ledgers need a proof
pub const SEED_PROOF_RULES: &[u8] = b"proof_rules";
/// `domain, id: [u8; 32]`: a verifying key
pub const SEED_PROOF_KEY: &[u8] = b"proof_key";
/// `incident, ledger index: u8, number: u16`: the ledger that the repaired host starts with
pub const SEED_SUCCESSOR: &[u8] = b"successor";
/// `snapshot`: the ends of its shards
pub const SEED_SEALED_LEDGER: &[u8] = b"sealed_ledger";
/// `statement id: [u8; 32]`
pub const SEED_STATE_PROOF: &[u8] = b"state_proof";
/// `state proof, prover, role: u8, shard: u8`
pub const SEED_PROOF_RUN: &[u8] = b"proof_run";
/// `incident, ledger index: u8`: a restored ledger was proved, or accepted without a proof
pub const SEED_PROOF_CHECK: &[u8] = b"proof_check";
