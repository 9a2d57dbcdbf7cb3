/**
 * Program-derived addresses. Each function mirrors one line of `crates/interface/src/seeds.rs`; a test checks that none
 * is missing.
 */
import { getProgramDerivedAddress, type Address, type ReadonlyUint8Array } from '@solana/kit';

import { addressBytes, littleEndian } from './bytes.ts';
import { seed, vaultFlag } from './constants.ts';
import { BULKHEAD_PROGRAM_ADDRESS, type Vault } from './generated/bulkhead/index.ts';

async function find(...seeds: (string | ReadonlyUint8Array)[]): Promise<Address> {
    const [address] = await getProgramDerivedAddress({ programAddress: BULKHEAD_PROGRAM_ADDRESS, seeds });
    return address;
}

const u8 = (value: number) => littleEndian(value, 1);
const u16 = (value: number) => littleEndian(value, 2);
const u32 = (value: number) => littleEndian(value, 4);
const u64 = (value: bigint | number) => littleEndian(value, 8);
const key = addressBytes;

/** A domain, by the setup authority that opened it. */
export const domain = (setupAuthority: Address) => find(seed.DOMAIN, key(setupAuthority));

/** A domain's pause board. */
export const board = (domain: Address) => find(seed.BOARD, key(domain));

/** A domain's council. */
export const council = (domain: Address) => find(seed.COUNCIL, key(domain));

/** The proposal of a proposer, by number. */
export const proposal = (domain: Address, proposer: Address, index: bigint | number) =>
    find(seed.PROPOSAL, key(domain), key(proposer), u64(index));

/** A domain's link to an upstream domain. */
export const link = (domain: Address, upstream: Address) => find(seed.LINK, key(domain), key(upstream));

/** A domain's peer: a domain on another chain, by who emits its messages there. */
export const peer = (domain: Address, chain: number, emitter: ReadonlyUint8Array) =>
    find(seed.PEER, key(domain), u16(chain), emitter);

/** A price breaker. The source is the Pyth feed id or the host's account. */
export const priceBreaker = (domain: Address, compartment: number, source: Address) =>
    find(seed.PRICE, key(domain), u8(compartment), key(source));

/** A solvency breaker. */
export const solvencyBreaker = (domain: Address, compartment: number, liabilities: Address) =>
    find(seed.SOLVENCY, key(domain), u8(compartment), key(liabilities));

/** An authority watch. */
export const authorityWatch = (domain: Address, account: Address, offset: number) =>
    find(seed.WATCH, key(domain), key(account), u32(offset));

/** An emergency action: an instruction that guardians can run at once. */
export const emergencyAction = (domain: Address, index: number) => find(seed.EMERGENCY_ACTION, key(domain), u8(index));

/** A guardian's run of an emergency action. */
export const emergencyRun = (emergencyAction: Address, guardian: Address) =>
    find(seed.EMERGENCY_RUN, key(emergencyAction), key(guardian));

/** A direct vault: tokens that the host keeps itself. */
export const directVault = (domain: Address, source: Address) => find(seed.DIRECT_VAULT, key(domain), key(source));

/** The record of a program whose upgrade authority the domain holds. */
export const hostProgram = (domain: Address, program: Address) => find(seed.HOST_PROGRAM, key(domain), key(program));

/** An outflow breaker. */
export const outflowBreaker = (domain: Address, compartment: number, mint: Address, shard: number) =>
    find(seed.OUTFLOW, key(domain), u8(compartment), key(mint), u8(shard));

/** The ledger that reads a vault's queue, if one is registered. */
export const queueLedger = async (vault: Pick<Vault, 'domain' | 'flags' | 'queueLedger'>) =>
    (vault.flags & vaultFlag.QUEUE_LEDGER) === 0 ? undefined : ledger(vault.domain, vault.queueLedger);

/** The list of the ledgers of a domain that pay `mint`. */
export const mintLedgers = (domain: Address, mint: Address) => find(seed.MINT_LEDGERS, key(domain), key(mint));

/** A custody vault. */
export const vault = (domain: Address, mint: Address, index: number) =>
    find(seed.VAULT, key(domain), key(mint), u8(index));

/** The token account of a vault. */
export const custody = (vault: Address) => find(seed.CUSTODY, key(vault));

/** A deposit note: what an owner recently brought into a vault. */
export const depositNote = (vault: Address, owner: Address) => find(seed.DEPOSIT, key(vault), key(owner));

/** A queued release without a deposit note. The caller of `release` chooses the number. */
export const release = (vault: Address, index: bigint | number) => numberedRelease(vault, vault, index);
const numberedRelease = (vault: Address, whose: Address, index: bigint | number) =>
    find(seed.RELEASE, key(vault), key(whose), u64(index));

/** A queued release requested with the deposit note of `asker`. The number belongs to the asker. */
export const releaseOf = async (vault: Address, asker: Address, index: bigint | number) =>
    numberedRelease(vault, await depositNote(vault, asker), index);

/** The queued releases of a vault that a guardian cancels in an incident. */
export const cancelList = (incident: Address, vault: Address, guardian: Address) =>
    find(seed.CANCEL_LIST, key(incident), key(vault), key(guardian));

/** A registered ledger. */
export const ledger = (domain: Address, index: number) => find(seed.LEDGER, key(domain), u8(index));

/** An incident, by number. */
export const incident = (domain: Address, index: bigint | number) => find(seed.INCIDENT, key(domain), u64(index));

/** An incident's migration. */
export const migration = (incident: Address) => find(seed.MIGRATION, key(incident));

/** The snapshot of one ledger in one incident. */
export const snapshot = (incident: Address, ledgerIndex: number) => find(seed.SNAPSHOT, key(incident), u8(ledgerIndex));

/** One cranker's account of one shard of a snapshot. */
export const shard = (snapshot: Address, shard: number, cranker: Address) =>
    find(seed.SHARD, key(snapshot), u8(shard), key(cranker));

/** The ballot of one ledger in one incident. */
export const ballot = (incident: Address, ledgerIndex: number) => find(seed.BALLOT, key(incident), u8(ledgerIndex));

/** The token account of a domain's escrowed votes. */
export const votes = (domain: Address) => find(seed.VOTES, key(domain));

/** A voter's escrow. */
export const escrow = (domain: Address, voter: Address) => find(seed.ESCROW, key(domain), key(voter));

/** A voter's record on a ballot. */
export const voteRecord = (ballot: Address, voter: Address) => find(seed.VOTE, key(ballot), key(voter));

/** The restoration of one ledger in one incident. */
export const restoration = (incident: Address, ledgerIndex: number) =>
    find(seed.RESTORATION, key(incident), u8(ledgerIndex));

/** The token account that a restoration pays from. */
export const pool = (restoration: Address) => find(seed.POOL, key(restoration));

/**
 * One page of claims. Its book is the restoration, unless the restoration continues one of an interim share-out
 * (`Restoration.book`).
 */
export const claimPage = (book: Address, page: number) => find(seed.CLAIMS, key(book), u16(page));

/** The redirect of an owner's claims that cannot be paid in a restoration. */
export const claimRedirect = (restoration: Address, owner: Address) =>
    find(seed.CLAIM_REDIRECT, key(restoration), key(owner));

/** The authority of Anchor's self-CPI events. */
export const eventAuthority = () => find('__event_authority');

/** The checkpoint log of a ledger. */
export const checkpointLog = (domain: Address, ledgerIndex: number) =>
    find(seed.CHECKPOINTS, key(domain), u8(ledgerIndex));

/** The snapshot of the checkpoint at `slot` in one incident. */
export const checkpointSnapshot = (incident: Address, ledgerIndex: number, slot: bigint | number) =>
    find(seed.CHECKPOINT, key(incident), u8(ledgerIndex), u64(slot));

/** A leaf of a checkpoint that `payer` proved. */
export const evidence = (log: Address, slot: bigint | number, index: number, payer: Address) =>
    find(seed.EVIDENCE, key(log), u64(slot), u32(index), key(payer));

/** The record of a dispute about a leaf of a checkpoint. */
export const dispute = (log: Address, slot: bigint | number, index: number) =>
    find(seed.DISPUTE, key(log), u64(slot), u32(index));

/** A shard of a checkpoint that `payer` is publishing. */
export const publication = (log: Address, slot: bigint | number, number: number, payer: Address) =>
    find(seed.PUBLICATION, key(log), u64(slot), u8(number), key(payer));

/** A position that the program read in a slot. */
export const sample = (log: Address, slot: bigint | number, position: Address) =>
    find(seed.SAMPLE, key(log), u64(slot), key(position));

/** The interim share-out of a ledger in one incident. */
export const interim = (incident: Address, ledgerIndex: number) => find(seed.INTERIM, key(incident), u8(ledgerIndex));

/** The leaves that a prover proved for an interim share-out. */
export const interimProof = (interim: Address, prover: Address) => find(seed.INTERIM_PROOF, key(interim), key(prover));

/** The terms of a ledger's claims. */
/** What an owner wishes for its claims in a domain's restorations. */
export const claimWish = (domain: Address, owner: Address) => find(seed.CLAIM_WISH, key(domain), key(owner));
export const claimTerms = (domain: Address, ledgerIndex: number) =>
    find(seed.CLAIM_TERMS, key(domain), u8(ledgerIndex));

/** The rules of a domain's ballots. */
export const ballotRules = (domain: Address) => find(seed.BALLOT_RULES, key(domain));

/** The check of a restored ledger before the domain reopens. */
export const restartCheck = (incident: Address, ledgerIndex: number) =>
    find(seed.RESTART_CHECK, key(incident), u8(ledgerIndex));

/** Which verifying key counts in a domain, and which restored ledgers need a proof of state. */
export const proofRules = (domain: Address) => find(seed.PROOF_RULES, key(domain));

/** A verifying key of a domain, by its id. */
export const proofKey = (domain: Address, id: ReadonlyUint8Array) => find(seed.PROOF_KEY, key(domain), id);

/** A snapshot of what the repaired host starts with, by the number that whoever opened it chose. */
export const successor = (incident: Address, ledgerIndex: number, number: number) =>
    find(seed.SUCCESSOR, key(incident), u8(ledgerIndex), u16(number));

/** The ends of a sealed snapshot's shards. */
export const sealedLedger = (snapshot: Address) => find(seed.SEALED_LEDGER, key(snapshot));

/** A statement about two ledgers, by its id. */
export const stateProof = (id: ReadonlyUint8Array) => find(seed.STATE_PROOF, id);

/** A prover's run over one shard of one ledger. */
export const proofRun = (proof: Address, prover: Address, role: number, shard: number) =>
    find(seed.PROOF_RUN, key(proof), key(prover), u8(role), u8(shard));

/** That a restored ledger was proved, or accepted without a proof. */
export const proofCheck = (incident: Address, ledgerIndex: number) =>
    find(seed.PROOF_CHECK, key(incident), u8(ledgerIndex));

/** The insurance pool of a ledger, by its order of loss. */
export const insurancePool = (domain: Address, ledgerIndex: number, order: number) =>
    find(seed.INSURANCE, key(domain), u8(ledgerIndex), u8(order));

/** The token account of an insurance pool. */
export const insuranceTokens = (pool: Address) => find(seed.INSURANCE_TOKENS, key(pool));

/** What an owner staked in an insurance pool. */
export const insuranceStake = (pool: Address, owner: Address) => find(seed.STAKE, key(pool), key(owner));

/** What an insurance pool owes to a restoration. */
export const insuranceCover = (pool: Address, restoration: Address) => find(seed.COVER, key(pool), key(restoration));
