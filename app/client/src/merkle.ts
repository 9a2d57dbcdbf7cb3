/**
 * The Merkle-sum tree of a ledger, byte for byte as the program builds it on chain.
 *
 * A node commits to the sum below it, so a root commits to the total. The top four bits of a position's key select one
 * of sixteen shards. Within a shard the leaves are in ascending order of their keys. A shard stores sixteen canopy
 * nodes: the roots of its subtrees of the smallest height that holds all its leaves. A proof goes from a leaf up to a
 * canopy node.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Address, ReadonlyUint8Array } from '@solana/kit';

import { addressBytes, bytesEqual, compareBytes, concat, littleEndian } from './bytes.ts';
import { CANOPY, CLAIMS_PER_PAGE, MAX_CANOPY_HEIGHT, SHARDS, SHARD_SHIFT, snapshotState } from './constants.ts';
import type { Node, ShardRoot, SnapshotShard } from './generated/bulkhead/index.ts';

export type { Node };

/** The owner, the amount and the host account of a position. */
export type Position = Readonly<{ key: Address; owner: Address; amount: bigint }>;

/** The location of the record of what a leaf was paid. */
export type ClaimPlace = Readonly<{ page: number; at: number }>;

/** All data that `claim` needs about a leaf. */
export type LeafProof = Position & Readonly<{ index: number; shard: number; proof: Uint8Array }>;

/** Size of one proof entry in bytes: hash, then sum in little endian. */
export const NODE_BYTES = 40;
const TAG_PREFIX = new TextEncoder().encode('bulkhead-ledger-v1');
const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);
const MAX_SUM = (1n << 64n) - 1n;

/** The tag that binds all leaves of a snapshot to it. */
export function ledgerTag(program: Address, snapshot: Address, ledgerIndex: number): Uint8Array {
    return sha256(concat(TAG_PREFIX, addressBytes(program), addressBytes(snapshot), littleEndian(ledgerIndex, 1)));
}

/** The shard a position belongs to. */
export function shardOf(key: ReadonlyUint8Array): number {
    return (key[0] as number) >> 4;
}

/** The index of a leaf in the ledger. */
export function leafIndex(shard: number, place: number): number {
    return shard * 2 ** SHARD_SHIFT + place;
}

/** A leaf. */
export function leaf(
    tag: ReadonlyUint8Array,
    index: number,
    key: ReadonlyUint8Array,
    owner: ReadonlyUint8Array,
    amount: bigint,
): Node {
    const preimage = concat(LEAF_PREFIX, tag, littleEndian(index, 4), key, owner, littleEndian(amount, 8));
    return { hash: sha256(preimage), sum: amount };
}

/** The parent of two nodes. Throws when their sum does not fit 64 bits. */
export function inner(left: Node, right: Node): Node {
    const sum = left.sum + right.sum;
    if (sum > MAX_SUM) throw new RangeError('the sum does not fit 64 bits');
    return { hash: sha256(concat(NODE_PREFIX, nodeBytes(left), nodeBytes(right))), sum };
}

/** The 40 bytes of a node. */
export function nodeBytes(node: Node): Uint8Array {
    return concat(node.hash, littleEndian(node.sum, 8));
}

const zeros: Node[] = [{ hash: new Uint8Array(32), sum: 0n }];

/** The node over `2 ** level` absent leaves. */
export function zero(level: number): Node {
    for (let above = zeros.length; above <= level; above++) {
        const below = zeros[above - 1] as Node;
        zeros.push(inner(below, below));
    }
    return zeros[level] as Node;
}

/** The node over sixteen nodes. */
export function overSixteen(nodes: readonly Node[]): Node {
    if (nodes.length !== CANOPY) throw new RangeError(`${nodes.length} nodes instead of ${CANOPY}`);
    let row = nodes;
    for (let level = 0; level < 4; level++) row = pairUp(row, zero(level));
    return row[0] as Node;
}

/** The parents of each pair of `row`; `padding` replaces a missing right sibling. */
function pairUp(row: readonly Node[], padding: Node): Node[] {
    return Array.from({ length: Math.ceil(row.length / 2) }, (_, i) =>
        inner(row[2 * i] as Node, row[2 * i + 1] ?? padding),
    );
}

/**
 * Folds a leaf with its siblings, bottom up. Bit l of `place` says whether the sibling at level l is on the left. A
 * place of `2 ** siblings` or more is not in such a tree, even if its low bits are right.
 */
export function foldProof(leafNode: Node, place: number, proof: ReadonlyUint8Array): Node {
    if (proof.length % NODE_BYTES !== 0) throw new RangeError('the proof is truncated');
    const levels = proof.length / NODE_BYTES;
    const isPlace = Number.isInteger(place) && place >= 0 && place < 2 ** levels;
    if (levels > 32 || !isPlace) throw new RangeError('the place is not below these siblings');
    let node = leafNode;
    for (let level = 0; level < levels; level++) {
        const entry = proof.slice(level * NODE_BYTES, (level + 1) * NODE_BYTES);
        const sum = new DataView(entry.buffer, entry.byteOffset + 32, 8).getBigUint64(0, true);
        const sibling = { hash: entry.slice(0, 32), sum };
        node = (place >> level) & 1 ? inner(sibling, node) : inner(node, sibling);
    }
    return node;
}

/**
 * Is this the leaf at `index` of the sealed shard? Gives the same answer as the program. `seal` is the snapshot's
 * number of seals: a shard of a replaced seal proves nothing.
 */
export function verifyLeaf(
    shard: Pick<SnapshotShard, 'state' | 'seal' | 'shard' | 'count' | 'canopyHeight' | 'tag' | 'canopy'>,
    seal: number,
    index: number,
    { key, owner, amount }: Position,
    proof: ReadonlyUint8Array,
): boolean {
    const place = index - leafIndex(shard.shard, 0);
    if (shard.state !== snapshotState.SEALED || shard.seal !== seal || place < 0 || place >= shard.count) return false;
    if (proof.length !== shard.canopyHeight * NODE_BYTES) return false;
    try {
        const start = leaf(shard.tag, index, addressBytes(key), addressBytes(owner), amount);
        const node = foldProof(start, place % 2 ** shard.canopyHeight, proof);
        const cap = shard.canopy[place >> shard.canopyHeight];
        return cap !== undefined && bytesEqual(nodeBytes(cap), nodeBytes(node));
    } catch (error) {
        if (error instanceof RangeError) return false;
        throw error;
    }
}

/**
 * The root that a shard account has, or, while it is open, would have if it was sealed now: completed with empty leaves.
 * The rule of `crates/core/src/snapshots/frontier.rs`.
 */
export function shardRoot(
    shard: Pick<SnapshotShard, 'state' | 'count' | 'canopyHeight' | 'canopyCount' | 'frontier' | 'canopy'>,
): Node {
    if (shard.state !== snapshotState.OPEN) return overSixteen(shard.canopy);
    const height = shard.canopyHeight;
    let node = zero(0);
    let isPartial = false;
    for (let level = 0; level < height; level++) {
        const hasLeft = Math.floor(shard.count / 2 ** level) % 2 === 1;
        const left = shard.frontier[level]?.left ?? zero(level);
        node = hasLeft ? inner(left, node) : inner(node, zero(level));
        isPartial ||= hasLeft;
    }
    const full = shard.canopy.slice(0, shard.canopyCount);
    const nodes = isPartial ? [...full, node] : full;
    return overSixteen([...nodes, ...Array.from({ length: CANOPY - nodes.length }, () => zero(height))]);
}

/** One shard's tree, with all data that proofs need. */
export class ShardTree {
    readonly canopyHeight: number;
    readonly canopy: readonly Node[];
    readonly root: Node;
    /** Row l holds the nodes of height l that have leaves below them, up to the canopy nodes. */
    readonly #rows: Node[][];

    /** `leaves` in ascending order of their keys; `keys` avoids decoding the keys again. */
    constructor(
        readonly shard: number,
        tag: ReadonlyUint8Array,
        readonly leaves: readonly Position[],
        keys: readonly ReadonlyUint8Array[] = [],
    ) {
        if (leaves.length > CANOPY * 2 ** MAX_CANOPY_HEIGHT)
            throw new RangeError('the shard has no room for more leaves');
        this.canopyHeight = 0;
        while (CANOPY * 2 ** this.canopyHeight < leaves.length) this.canopyHeight++;
        let row = leaves.map(({ key, owner, amount }, place) =>
            leaf(tag, leafIndex(shard, place), keys[place] ?? addressBytes(key), addressBytes(owner), amount),
        );
        this.#rows = [row];
        for (let level = 0; level < this.canopyHeight; level++) {
            row = pairUp(row, zero(level));
            this.#rows.push(row);
        }
        this.canopy = Array.from({ length: CANOPY }, (_, i) => row[i] ?? zero(this.canopyHeight));
        this.root = overSixteen(this.canopy);
    }

    /** The siblings from the leaf at `place` up to its canopy node. */
    proof(place: number): Uint8Array {
        if (!(place in this.leaves)) throw new RangeError(`shard ${this.shard} has no leaf ${place}`);
        return concat(
            ...this.#rows
                .slice(0, this.canopyHeight)
                .map((row, level) => nodeBytes(row[(place >> level) ^ 1] ?? zero(level))),
        );
    }
}

/** A whole ledger: its root, its total, and a proof for every position. */
export class LedgerTree {
    readonly shards: readonly ShardTree[];
    /** Hash and total. */
    readonly root: Node;
    /** Number of leaves. */
    readonly count: number;
    readonly #indices = new Map<Address, number>();

    /** Positions may be in any order. Positions with a zero amount are not leaves. Throws when a key occurs twice. */
    constructor(
        readonly tag: ReadonlyUint8Array,
        positions: Iterable<Position>,
    ) {
        const sorted = Array.from(positions, (position) => ({ position, key: addressBytes(position.key) }));
        sorted.sort((a, b) => compareBytes(a.key, b.key));
        const buckets = Array.from({ length: SHARDS }, () => ({
            leaves: [] as Position[],
            keys: [] as ReadonlyUint8Array[],
        }));
        for (const [i, { position, key }] of sorted.entries()) {
            if (sorted[i + 1]?.position.key === position.key) throw new RangeError(`${position.key} occurs twice`);
            if (position.amount === 0n) continue;
            const { leaves, keys } = buckets[shardOf(key)] as (typeof buckets)[number];
            this.#indices.set(position.key, leafIndex(shardOf(key), leaves.length));
            leaves.push(position);
            keys.push(key);
        }
        this.shards = buckets.map(({ leaves, keys }, shard) => new ShardTree(shard, tag, leaves, keys));
        this.root = overSixteen(this.shards.map(({ root }) => root));
        this.count = this.#indices.size;
    }

    /** The data that `claim` needs for the position with this key. */
    proof(key: Address): LeafProof {
        const index = this.#indices.get(key);
        if (index === undefined) throw new RangeError(`there is no leaf ${key} in this ledger`);
        const shard = this.shards[Math.floor(index / 2 ** SHARD_SHIFT)] as ShardTree;
        const place = index % 2 ** SHARD_SHIFT;
        return { ...(shard.leaves[place] as Position), index, shard: shard.shard, proof: shard.proof(place) };
    }

    /** Is the position with this key a leaf? */
    has(key: Address): boolean {
        return this.#indices.has(key);
    }

    /** As {@link proof}, with all siblings up to the root: as the leaf of a checkpoint is proved. */
    proofToRoot(key: Address): LeafProof {
        const proved = this.proof(key);
        const { canopy, canopyHeight } = this.shards[proved.shard] as ShardTree;
        const place = proved.index % 2 ** SHARD_SHIFT;
        const roots = this.shards.map(({ root }) => root);
        const above = [pathOfSixteen(canopy, place >> canopyHeight), pathOfSixteen(roots, proved.shard)];
        return { ...proved, proof: concat(proved.proof, ...above) };
    }
}

/** The siblings of node `at` of sixteen, up to the node over all of them. */
function pathOfSixteen(nodes: readonly Node[], at: number): Uint8Array {
    const siblings: Uint8Array[] = [];
    let row = nodes;
    for (let level = 0; row.length > 1; level++) {
        siblings.push(nodeBytes(row[(at >> level) ^ 1] as Node));
        row = pairUp(row, zero(level));
    }
    return concat(...siblings);
}

/** The counts and first dense places of a tree's shards. */
export function densePlaces({ shards }: Pick<LedgerTree, 'shards'>): Pick<ShardRoot, 'count' | 'first'>[] {
    let next = 0;
    return shards.map(({ leaves: { length: count } }) => {
        const first = next;
        next += count;
        return { count, first };
    });
}

/**
 * The proof of neighbours, made from those of the first and the last: whatever lies between them is above one of the
 * leaves. At each level the node to the left, if the row begins with a right child, then the one to its right, if it ends
 * with a left child. `undefined` if the proofs have different lengths, or the last is before the first.
 */
export function rangeProof(
    first: Pick<LeafProof, 'index' | 'proof'>,
    last: Pick<LeafProof, 'index' | 'proof'>,
): Uint8Array | undefined {
    if (first.index > last.index || first.proof.length !== last.proof.length) return undefined;
    const nodes: Uint8Array[] = [];
    let [low, high] = [first.index, last.index];
    for (let at = 0; at < first.proof.length; at += NODE_BYTES) {
        if (low % 2 === 1) nodes.push(first.proof.subarray(at, at + NODE_BYTES));
        if (high % 2 === 0) nodes.push(last.proof.subarray(at, at + NODE_BYTES));
        [low, high] = [low >> 1, high >> 1];
    }
    return concat(...nodes);
}

/** The location of the record of what a leaf was paid: places are dense over the leaves of all shards. */
export function claimPlace(shards: readonly Pick<ShardRoot, 'count' | 'first'>[], index: number): ClaimPlace {
    const shard = shards[Math.floor(index / 2 ** SHARD_SHIFT)];
    const place = index % 2 ** SHARD_SHIFT;
    if (shard === undefined || place >= shard.count) throw new RangeError(`there is no leaf ${index}`);
    const dense = shard.first + place;
    return { page: Math.floor(dense / CLAIMS_PER_PAGE), at: dense % CLAIMS_PER_PAGE };
}

/**
 * A leaf's share of the shared-out funds, rounded down so that all shares together never exceed them. `undefined` where
 * the program refuses too: when the total is 0, or less than the leaf, because no tree has such a leaf.
 */
export function payoutFloor(amount: bigint, pool: bigint, total: bigint): bigint | undefined {
    for (const value of [amount, pool, total]) {
        if (value < 0n || value > MAX_SUM) throw new RangeError(`${value} does not fit 64 bits`);
    }
    if (total === 0n || amount > total) return undefined;
    return (amount * pool) / total;
}
