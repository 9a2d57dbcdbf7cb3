/** Insurance pools: what an owner does, and everything that anyone may crank. */
import { AccountRole, type Address, type Instruction } from '@solana/kit';

import { insuranceFlag } from '../constants.ts';
import {
    decodeDomain,
    decodeIncident,
    decodeInsuranceCover,
    decodeInsurancePool,
    decodeInsuranceStake,
    decodeRestoration,
    decodeVault,
    getNoteIncidentInstruction,
    getReturnRecoveredInstructionAsync,
    getSlashInstructionAsync,
    getStakeInstructionAsync,
    getStateShortfallInstructionAsync,
    getUnstakeInstructionAsync,
    type InsurancePool,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { NOBODY } from './reading.ts';
import { NotFound, NotYet, Work, type Done, type Session } from './session.ts';
import { signer } from './signing.ts';

/** A ledger has at most so many pools. */
const MAX_POOLS = 8;
const AGAIN = 'run this again';

export type StakeInput = Readonly<{
    pool: Address;
    owner: Address;
    /** Token account of the owner. */
    source: Address;
    /** Native units. */
    amount: bigint;
}>;

export type UnstakeInput = Readonly<{
    pool: Address;
    owner: Address;
    /** Token account that is paid. */
    destination: Address;
    /** All that are cooling, if it is left out. */
    shares?: bigint;
}>;

/** Stakes tokens, after noting what the pool has not noted. */
export async function stake(session: Session, { pool: key, owner, source, amount }: StakeInput): Promise<Done> {
    const work = new Work(session);
    await noteAll(work, key);
    const pool = await readPool(work, key);
    const made = await getStakeInstructionAsync({
        owner: signer(owner),
        payer: work.payer,
        domain: pool.domain,
        board: await pdas.board(pool.domain),
        ...bank(key, pool),
        stake: await pdas.insuranceStake(key, owner),
        source,
        amount,
    });
    await work.act([withReadonly(made, listed(pool.terms.detectors))], 'stake in peace only');
    return work.done();
}

/** Unstakes cooled shares, after noting what the pool has not noted. */
export async function unstake(session: Session, input: UnstakeInput): Promise<Done> {
    const { pool: key, owner, destination } = input;
    const work = new Work(session);
    await noteAll(work, key);
    const stakeKey = await pdas.insuranceStake(key, owner);
    const held = await work.load('stake', stakeKey, decodeInsuranceStake, 'stake first');
    const { now } = await work.chain.now();
    if (held.cooling === 0n || now < held.cooldownEndTs) {
        const next = held.cooling === 0n ? 'begin a cooldown' : `wait ${held.cooldownEndTs - now} seconds more`;
        throw new NotYet(`${held.cooling} of ${held.shares} shares are cooling`, next);
    }
    const pool = await readPool(work, key);
    const made = await getUnstakeInstructionAsync({
        owner: signer(owner),
        domain: pool.domain,
        board: await pdas.board(pool.domain),
        ...bank(key, pool),
        stake: stakeKey,
        destination,
        shares: input.shares ?? held.cooling,
    });
    const next = `exits are open again at ${pool.freezeEndTs} at the latest`;
    await work.act([withReadonly(made, listed(pool.terms.detectors))], next);
    return work.done();
}

/**
 * Notes incidents, states shortfalls, slashes, releases reserves and returns what was recovered, for all pools of a ledger
 * and the restoration of one incident, in their order of loss.
 */
export async function crankInsurance(
    session: Session,
    { domain, ledgerIndex, incident }: Readonly<{ domain: Address; ledgerIndex: number; incident: Address }>,
): Promise<Done> {
    const work = new Work(session);
    const pools: Address[] = [];
    for (let order = 0; order < MAX_POOLS; order += 1) {
        const key = await pdas.insurancePool(domain, ledgerIndex, order);
        if ((await work.find(key, decodeInsurancePool)) === undefined) break;
        pools.push(key);
    }
    const first = await pdas.insurancePool(domain, ledgerIndex, 0);
    if (pools.length === 0) throw new NotFound('insurance pool', first, 'propose to open one');
    for (const key of pools) await noteAll(work, key);
    const restoration = await pdas.restoration(incident, ledgerIndex);
    if ((await work.find(restoration, decodeRestoration)) === undefined) return work.done();
    for (const key of pools) await slash(work, key, restoration);
    for (const key of [...pools].reverse()) await giveBack(work, key, restoration);
    return work.done();
}

const readPool = (work: Work, key: Address) => work.load('insurance pool', key, decodeInsurancePool, AGAIN);

const bank = (pool: Address, { tokens, mint, tokenProgram }: InsurancePool) => ({ pool, tokens, mint, tokenProgram });

const listed = (keys: readonly Address[]) => keys.filter((key) => key !== NOBODY);

function withReadonly(instruction: Instruction, keys: readonly Address[]): Instruction {
    const more = keys.map((address) => ({ address, role: AccountRole.READONLY }));
    return { ...instruction, accounts: [...(instruction.accounts ?? []), ...more] };
}

/** Tells a pool of every incident, and states the shortfalls of those that were restored. */
async function noteAll(work: Work, key: Address): Promise<void> {
    for (let before = ''; ;) {
        const pool = await readPool(work, key);
        const stage = `${pool.nextIncident} ${pool.incident} ${pool.flags}`;
        if (stage === before) return;
        before = stage;
        const domain = await work.load('domain', pool.domain, decodeDomain, AGAIN);
        const isNoted = pool.incident !== NOBODY;
        if (!isNoted && pool.nextIncident >= domain.incidentCount) return;
        const incident = isNoted ? pool.incident : await pdas.incident(pool.domain, pool.nextIncident);
        await work.load('incident', incident, decodeIncident, AGAIN);
        const restoration = await pdas.restoration(incident, pool.ledgerIndex);
        const isRestored = (await work.find(restoration, decodeRestoration)) !== undefined;
        const isCovered = (pool.flags & insuranceFlag.COVERED) !== 0;
        if (isNoted && isRestored && !isCovered) {
            const done = {
                ShortfallStated: 'the shortfall is stated already',
                EarlierPoolFirst: 'an earlier pool is first',
            };
            await work.act([await stateShortfall(work, key, pool, restoration)], AGAIN, done);
        } else {
            const note = getNoteIncidentInstruction({ pool: key, incident, restoration });
            await work.act([note], AGAIN, { IncidentNoted: 'the incident is noted already' });
        }
    }
}

/** The claims' account, the cover, and the cover of the pool of the order before. */
async function covering(work: Work, key: Address, pool: InsurancePool, restoration: Address) {
    const cover = await pdas.insuranceCover(key, restoration);
    const claims = await pdas.pool(restoration);
    if (pool.order === 0) return { restoration, claims, cover };
    const before = await pdas.insurancePool(pool.domain, pool.ledgerIndex, pool.order - 1);
    const previous = await pdas.insuranceCover(before, restoration);
    const isThere = (await work.find(previous, decodeInsuranceCover)) !== undefined;
    return { restoration, claims, cover, ...(isThere ? { previous } : {}) };
}

/** The pool's vaults, each with its custody, the account that its last evacuation went to, and its queue's ledger, if any. */
async function vaults(work: Work, pool: InsurancePool): Promise<Address[]> {
    const keys: Address[] = [];
    for (const key of listed(pool.terms.vaults)) {
        const vault = await work.load('vault', key, decodeVault, "the pool's terms name it");
        const { custody, evacuation } = vault;
        const queueLedger = await pdas.queueLedger(vault);
        keys.push(key, custody, evacuation.destination === NOBODY ? custody : evacuation.destination);
        if (queueLedger !== undefined) keys.push(queueLedger);
    }
    return keys;
}

async function stateShortfall(work: Work, key: Address, pool: InsurancePool, restoration: Address) {
    const accounts = await covering(work, key, pool, restoration);
    const made = await getStateShortfallInstructionAsync({ payer: work.payer, pool: key, ...accounts });
    return withReadonly(made, await vaults(work, pool));
}

async function slash(work: Work, key: Address, restoration: Address): Promise<void> {
    const pool = await readPool(work, key);
    const accounts = await covering(work, key, pool, restoration);
    const cover = await work.find(accounts.cover, decodeInsuranceCover);
    if (cover === undefined || cover.reserve === 0n) return;
    const made = await getSlashInstructionAsync({ ...bank(key, pool), ...accounts });
    await work.act([withReadonly(made, await vaults(work, pool))], AGAIN, {
        NothingToMove: 'nothing is lacking that others do not hold',
        FundingNotOver: `it may be slashed from ${cover.dueTs}`,
        EarlierPoolFirst: 'an earlier pool pays first',
    });
}

async function giveBack(work: Work, key: Address, restoration: Address): Promise<void> {
    const pool = await readPool(work, key);
    const { claims, cover: coverKey } = await covering(work, key, pool, restoration);
    const cover = await work.find(coverKey, decodeInsuranceCover);
    if (cover === undefined || cover.returned >= cover.slashed) return;
    const nextPool = await pdas.insurancePool(pool.domain, pool.ledgerIndex, pool.order + 1);
    for (const vault of listed(pool.terms.vaults)) {
        const data = await work.load('vault', vault, decodeVault, "the pool's terms name it");
        const { evacuation } = data;
        if (evacuation.destination === NOBODY) continue;
        const queueLedger = await pdas.queueLedger(data);
        const made = await getReturnRecoveredInstructionAsync({
            ...bank(key, pool),
            domain: pool.domain,
            restoration,
            claims,
            cover: coverKey,
            vault,
            source: evacuation.destination,
            nextPool,
            nextCover: await pdas.insuranceCover(nextPool, restoration),
            ...(queueLedger === undefined ? {} : { queueLedger }),
        });
        await work.act([made], AGAIN, {
            NothingToMove: 'nothing was recovered that the claims do not need',
            ClaimsLackFunds: 'the claims come first',
            EarlierPoolFirst: 'a later pool is paid back first',
        });
    }
}
