/** The positions of one shard, and what their shard has to look like. */
import type { Address } from '@solana/kit';

import { addressBytes, bytesEqual } from '../../bytes.ts';
import { ledgerMode, SHARDS, snapshotState } from '../../constants.ts';
import type { Ledger, SnapshotShard } from '../../generated/bulkhead/public.ts';
import { nodeBytes, shardOf, shardRoot, ShardTree, type Node } from '../../merkle.ts';
import { countsHostUnits } from '../../positions.ts';
import { sumOf, type ListedPosition } from './positions.ts';
import type { Work } from '../session.ts';

/** What every step of the flow needs. */
export type Reading = Readonly<{
    work: Work;
    domain: Address;
    cranker: Address;
    incident: Address;
    ledger: Ledger;
    ledgerKey: Address;
    /** The domain's proof rules: a shard that is opened looks there whether its ledger needs a proof. */
    rules: Address;
    snapshot: Address;
    tag: Uint8Array;
}>;

/** Does the program call an export instead of reading bytes? Then nothing is known of a position but its key. */
export const isExported = ({ ledger }: Reading): boolean => ledger.mode === ledgerMode.EXPORT;

/** The positions of one shard. */
export class Part {
    readonly #reading: Reading;
    #expected: Read | undefined;

    constructor(
        reading: Reading,
        readonly number: number,
        /** In ascending order of their keys; not empty. */
        readonly positions: readonly ListedPosition[],
    ) {
        this.#reading = reading;
    }

    /** The shard after it has read all of them; `undefined` if an export reads them. */
    get expected(): Read | undefined {
        if (!isExported(this.#reading)) this.#expected ??= this.#read(this.positions);
        return this.#expected;
    }

    /**
     * Has the shard exactly the leaves of these positions? Of positions that an export reads, only their number and the
     * last key are known.
     */
    isComplete(shard: SnapshotShard): boolean {
        const { expected, positions } = this;
        if (expected !== undefined) return isSame(shard, expected);
        return shard.seen === positions.length && shard.lastKey === positions.at(-1)?.key;
    }

    /**
     * Has the open shard read exactly the first of these positions, so that the next one can follow? Not if a position
     * was left out, or has changed since.
     */
    isBegunBy(shard: SnapshotShard): boolean {
        if (shard.state !== snapshotState.OPEN || shard.seen > this.positions.length) return false;
        const read = this.positions.slice(0, shard.seen);
        const last = read.at(-1);
        if (last === undefined) return true;
        return shard.lastKey === last.key && (isExported(this.#reading) || isSame(shard, this.#read(read)));
    }

    #read(positions: readonly ListedPosition[]): Read {
        const { ledger, tag } = this.#reading;
        const leaves = positions.filter(({ amount }) => amount > 0n);
        const { root } = new ShardTree(this.number, tag, leaves);
        return { root, count: leaves.length, hostSum: countsHostUnits(ledger) ? sumOf(ledger, positions) : 0n };
    }
}

/** What was read into a shard. */
export type Read = Readonly<{
    root: Node;
    /** Number of leaves. */
    count: number;
    /** Sum before the scale, where it is kept. */
    hostSum: bigint;
}>;

/** What a shard account has read. */
export function readOf(shard: SnapshotShard): Read {
    const [low = 0n, high = 0n] = shard.hostSum;
    return { root: shardRoot(shard), count: shard.count, hostSum: (high << 64n) | low };
}

function isSame(shard: SnapshotShard, expected: Read): boolean {
    const { root, count, hostSum } = readOf(shard);
    const isSameRoot = bytesEqual(nodeBytes(root), nodeBytes(expected.root));
    return isSameRoot && count === expected.count && hostSum === expected.hostSum;
}

/** Splits positions by shard. Shards without a position are left out. */
export function split(reading: Reading, positions: readonly ListedPosition[]): Part[] {
    const buckets: ListedPosition[][] = Array.from({ length: SHARDS }, () => []);
    for (const position of positions) buckets[shardOf(addressBytes(position.key))]?.push(position);
    return buckets.flatMap((own, number) => (own.length === 0 ? [] : [new Part(reading, number, own)]));
}
