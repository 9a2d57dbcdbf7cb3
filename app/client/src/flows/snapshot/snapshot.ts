/**
 * Reads a ledger while nothing may move, all shards at once, and seals it.
 *
 * The flow goes on where the accounts say that reading stopped, whoever read. A shard that another cranker has read
 * completely is used as it is. A shard that another cranker has begun belongs to that cranker, so it is read again into an
 * account of this one. Where the sum is not exactly the host's total, the program takes only shards whose crankers sign,
 * so then every shard is read into accounts of this cranker.
 */
import type { Address, ReadonlyUint8Array } from '@solana/kit';

import { phase, RESEAL_SECONDS, snapshotFlag, snapshotState } from '../../constants.ts';
import {
    decodeDomain,
    decodeLedger,
    decodeSnapshot,
    getOpenSnapshotInstruction,
    type Snapshot,
} from '../../generated/bulkhead/public.ts';
import * as pdas from '../../pdas.ts';
import { NotYet, Rule, Work, type Done, type Session } from '../session.ts';
import { crank } from './crank.ts';
import { split, type Part, type Reading } from './parts.ts';
import { listPositions } from './positions.ts';
import { isNearer, isRestored, seal } from './seal.ts';

/** What {@link snapshot} leaves behind. */
export type Snapshotted = Done &
    Readonly<{
        /** The sealed snapshot. */
        snapshot: Address;
        root: ReadonlyUint8Array;
        /** Sum of its leaves. Native units. */
        total: bigint;
        /** Number of its leaves. */
        count: bigint;
        /** Excess of its total over the host's, and shortfall below it. Native units. */
        excess: bigint;
        shortfall: bigint;
    }>;

export type SnapshotInput = Readonly<{
    domain: Address;
    ledgerIndex: number;
    /** Signs, and owns the shards. The chain's payer unless stated. */
    cranker?: Address;
}>;

/** Opens the snapshot of a ledger in the open incident, reads all positions and seals it. */
export async function snapshot(session: Session, input: SnapshotInput): Promise<Snapshotted> {
    const work = new Work(session);
    const { domain, ledgerIndex, cranker = work.chain.payer } = input;
    const state = await work.load('domain', domain, decodeDomain, 'is the address right?');
    const ledgerKey = await pdas.ledger(domain, ledgerIndex);
    const ledger = await work.load('ledger', ledgerKey, decodeLedger, 'is its number right?');
    const incident = state.openIncident;
    const key = await pdas.snapshot(incident, ledgerIndex);

    const found = await work.find(key, decodeSnapshot);
    const sealed = found?.state === snapshotState.SEALED ? found : undefined;
    if (sealed !== undefined && (await isFinal(work, incident, sealed))) {
        work.skip('the snapshot is sealed already');
        return result(work, key, sealed);
    }
    if (state.state !== phase.FROZEN && state.state !== phase.RECOVERING) {
        throw new NotYet(
            'the domain is not frozen',
            'positions are read from the freeze to the reopening: the guardians confirm the incident first',
        );
    }
    if (await isRestored(work, incident, ledgerIndex)) {
        throw new Rule('LedgerRestored', 'its claims are being paid; nothing is left to read');
    }
    const accounts = { payer: work.payer, domain, incident, ledger: ledgerKey, snapshot: key };
    await work.ensure(key, getOpenSnapshotInstruction(accounts));
    const { tag } = await work.load('snapshot', key, decodeSnapshot, 'run this again');
    const rules = await pdas.proofRules(domain);
    const own = { work, rules, domain, cranker, incident, ledger, ledgerKey, snapshot: key, tag: new Uint8Array(tag) };
    const { positions } = await listPositions(work, ledger);
    const parts = split(own, positions);
    if (sealed !== undefined && !(await isNearer(own, parts))) {
        work.skip('the snapshot is sealed already');
        return result(work, key, sealed);
    }
    return result(work, key, await readAndSeal(own, parts));
}

/** Reads until the snapshot is sealed: first with what others have read, then alone if the program asks for that. */
async function readAndSeal(reading: Reading, parts: readonly Part[]): Promise<Snapshot> {
    for (const takesOthers of [true, false]) {
        await crank(reading, parts, takesOthers);
        const sealed = await seal(reading, parts, takesOthers);
        if (sealed !== undefined) return sealed;
        reading.work.report.note(
            "the positions do not add up to exactly the host's total, so the program asks for the signature of each " +
                "shard's cranker: reading others' shards again",
        );
    }
    throw new Rule('NotShardCranker', 'run this again');
}

/**
 * Can no other seal by crank replace this one? A seal of exactly the host's total, an override, a seal of yesterday, and
 * that of a ledger which was restored.
 */
async function isFinal(work: Work, incident: Address, sealed: Snapshot): Promise<boolean> {
    const isApart = sealed.excess > 0n || sealed.shortfall > 0n;
    const isOverridden = (sealed.flags & snapshotFlag.OVERRIDDEN) !== 0;
    if (!isApart || isOverridden) return true;
    const { now } = await work.chain.now();
    const isLate = now >= sealed.firstSealedTs + BigInt(RESEAL_SECONDS);
    return isLate || isRestored(work, incident, sealed.ledgerIndex);
}

function result(work: Work, snapshot: Address, sealed: Snapshot): Snapshotted {
    const { root, total, count, excess, shortfall } = sealed;
    return { ...work.done(), snapshot, root, total, count, excess, shortfall };
}
