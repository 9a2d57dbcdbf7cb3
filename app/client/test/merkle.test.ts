import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';

import { addressBytes, concat, littleEndian, toAddress } from '../src/bytes.ts';
import { CANOPY, CLAIMS_PER_PAGE, SHARDS, snapshotState } from '../src/constants.ts';
import {
    claimPlace,
    densePlaces,
    foldProof,
    inner,
    leaf,
    leafIndex,
    LedgerTree,
    ledgerTag,
    NODE_BYTES,
    nodeBytes,
    overSixteen,
    payoutFloor,
    rangeProof,
    shardOf,
    ShardTree,
    verifyLeaf,
    zero,
    type Node,
    type Position,
} from '../src/merkle.ts';

const TAG = new Uint8Array(32).fill(0xa7);
const hash = (...parts: readonly Uint8Array[]) =>
    new Uint8Array(
        createHash('sha256')
            .update(concat(...parts))
            .digest(),
    );
const filled = (byte: number) => new Uint8Array(32).fill(byte);

/** `count` positions of one shard, keys ascending. */
function positions(shard: number, count: number): Position[] {
    return Array.from({ length: count }, (_, i) => {
        const key = new Uint8Array(32);
        key[0] = shard << 4;
        new DataView(key.buffer).setUint32(3, i);
        return {
            key: toAddress(key),
            owner: toAddress(hash(littleEndian(i, 4))),
            amount: BigInt(((i * 7919) % 1_000_003) + 1),
        };
    });
}

/** The accumulator as the program runs it: leaf by leaf, with a frontier and sixteen caps. */
function accumulate(shard: number, rows: readonly Position[]) {
    let canopyHeight = 0;
    let canopy: Node[] = [];
    const frontier: Node[] = [];
    rows.forEach(({ key, owner, amount }, place) => {
        if (place === CANOPY << canopyHeight) {
            canopy = Array.from({ length: 8 }, (_, i) => inner(canopy[2 * i] as Node, canopy[2 * i + 1] as Node));
            canopyHeight++;
        }
        let node = leaf(TAG, leafIndex(shard, place), addressBytes(key), addressBytes(owner), amount);
        let level = 0;
        for (; level < canopyHeight && (place >> level) & 1; level++) node = inner(frontier[level] as Node, node);
        if (level < canopyHeight) frontier[level] = node;
        else canopy.push(node);
    });
    let node = zero(0);
    for (let level = 0; level < canopyHeight; level++) {
        node = (rows.length >> level) & 1 ? inner(frontier[level] as Node, node) : inner(node, zero(level));
    }
    if (rows.length % 2 ** canopyHeight !== 0) canopy.push(node);
    while (canopy.length < CANOPY) canopy.push(zero(canopyHeight));
    return { canopyHeight, canopy, root: overSixteen(canopy) };
}

const sealed = (tree: ShardTree) => ({
    state: snapshotState.SEALED,
    seal: 2,
    shard: tree.shard,
    count: tree.leaves.length,
    canopyHeight: tree.canopyHeight,
    tag: TAG,
    canopy: [...tree.canopy],
});

describe('bytes', () => {
    test('the tag binds program, snapshot and ledger', () => {
        const expected = hash(new TextEncoder().encode('bulkhead-ledger-v1'), filled(1), filled(2), Uint8Array.of(3));
        expect(ledgerTag(toAddress(filled(1)), toAddress(filled(2)), 3)).toEqual(expected);
    });

    test('a leaf', () => {
        const node = leaf(TAG, 0x0102_0304, filled(5), filled(6), 0x0102_0304_0506_0708n);
        const preimage = [
            Uint8Array.of(0),
            TAG,
            Uint8Array.of(4, 3, 2, 1),
            filled(5),
            filled(6),
            Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1),
        ];
        expect(node).toEqual({ hash: hash(...preimage), sum: 0x0102_0304_0506_0708n });
    });

    test('an inner node', () => {
        const node = inner({ hash: filled(1), sum: 2n }, { hash: filled(3), sum: 4n });
        const expected = hash(Uint8Array.of(1), filled(1), littleEndian(2, 8), filled(3), littleEndian(4, 8));
        expect(node).toEqual({ hash: expected, sum: 6n });
    });

    test('zero nodes', () => {
        expect(zero(0)).toEqual({ hash: filled(0), sum: 0n });
        expect(zero(2)).toEqual(inner(inner(zero(0), zero(0)), inner(zero(0), zero(0))));
    });

    test('a number that does not fit is refused and never cut off', () => {
        for (const size of [1, 2, 4, 8] as const) {
            const most = (1n << BigInt(8 * size)) - 1n;
            expect([...littleEndian(most, size)]).toEqual(Array.from({ length: size }, () => 255));
            for (const beyond of [most + 1n, most + 6n, -1n, 1n << 64n, (1n << 64n) + 5n, 1n << 128n]) {
                expect(() => littleEndian(beyond, size)).toThrow(RangeError);
            }
        }
        expect(() => nodeBytes({ hash: filled(1), sum: 1n << 64n })).toThrow(RangeError);
        const alone = new ShardTree(0, TAG, positions(0, 1));
        const position = {
            ...(alone.leaves[0] as Position),
            amount: (alone.leaves[0] as Position).amount + (1n << 64n),
        };
        expect(verifyLeaf(sealed(alone), 2, 0, position, new Uint8Array())).toBe(false);
    });

    test('a proof is of a place that there is', () => {
        const start = leaf(TAG, 0, filled(1), filled(2), 3n);
        const siblings = new Uint8Array(2 * NODE_BYTES);
        expect(foldProof(start, 3, siblings)).toBeDefined();
        for (const place of [-1, 4, 0.5, NaN, Infinity, -(2 ** 31), 2 ** 32]) {
            expect(() => foldProof(start, place, siblings)).toThrow(RangeError);
        }
    });

    test('a sum over 64 bits is refused', () => {
        const half = { hash: filled(0), sum: 1n << 63n };
        expect(() => inner(half, half)).toThrow('64 bits');
    });

    test('the shard is the top four bits of the key', () => {
        expect(shardOf(Uint8Array.of(0xf0))).toBe(15);
        expect(shardOf(Uint8Array.of(0x0f))).toBe(0);
        expect(leafIndex(15, 1)).toBe(0xf0_0001);
    });
});

describe('a shard', () => {
    test.each([0, 1, 2, 15, 16, 17, 31, 32, 33, 100, 257, 1000])(
        'of %i leaves is what the accumulator makes',
        (count) => {
            const tree = new ShardTree(3, TAG, positions(3, count));
            const { canopyHeight, canopy, root } = accumulate(3, tree.leaves);
            expect([tree.canopyHeight, tree.canopy, tree.root]).toEqual([canopyHeight, canopy, root]);
        },
    );

    test('every leaf is proved, and nothing else', () => {
        const tree = new ShardTree(9, TAG, positions(9, 37));
        const account = sealed(tree);
        const { seal } = account;
        tree.leaves.forEach((position, place) => {
            const proof = tree.proof(place);
            const index = leafIndex(9, place);
            expect(proof.length).toBe(2 * NODE_BYTES);
            expect(verifyLeaf(account, seal, index, position, proof)).toBe(true);
            expect(verifyLeaf(account, seal, index, { ...position, amount: position.amount + 1n }, proof)).toBe(false);
            expect(verifyLeaf(account, seal, index ^ 1, position, proof)).toBe(false);
            expect(verifyLeaf(account, seal, index, position, proof.slice(NODE_BYTES))).toBe(false);
            expect(verifyLeaf({ ...account, state: snapshotState.OPEN }, seal, index, position, proof)).toBe(false);
            // Of a seal that was replaced since.
            expect(verifyLeaf(account, seal + 1, index, position, proof)).toBe(false);
            // Written in 64 bits it would be the same again.
            const wrapped = { ...position, amount: position.amount + (1n << 64n) };
            expect(verifyLeaf(account, seal, index, wrapped, proof)).toBe(false);
        });
        expect(() => tree.proof(37)).toThrow('no leaf 37');
    });

    test('neighbours have one proof, under one canopy node or several', () => {
        const rows = positions(6, 100);
        const tree = new ShardTree(6, TAG, rows);
        const nodes = rows.map(({ key, owner, amount }, place) =>
            leaf(TAG, leafIndex(6, place), addressBytes(key), addressBytes(owner), amount),
        );
        const proved = (place: number) => ({ index: leafIndex(6, place), proof: tree.proof(place) });
        for (const [first, last] of [
            [0, 0],
            [3, 3],
            [0, 1],
            [1, 4],
            [5, 17],
            [0, 99],
            [97, 99],
        ] as const) {
            const proof = rangeProof(proved(first), proved(last));
            if (proof === undefined) throw new Error('they are in order');
            const above = Array.from({ length: proof.length / NODE_BYTES }, (_, i): Node => {
                const bytes = proof.subarray(i * NODE_BYTES, (i + 1) * NODE_BYTES);
                return { hash: bytes.slice(0, 32), sum: new DataView(bytes.slice(32).buffer).getBigUint64(0, true) };
            });
            let [row, place] = [nodes.slice(first, last + 1), first];
            for (let level = 0; level < tree.canopyHeight; level++) {
                if (place % 2 === 1) row = [above.shift() as Node, ...row];
                if (row.length % 2 === 1) row = [...row, above.shift() as Node];
                row = Array.from({ length: row.length / 2 }, (_, i) =>
                    inner(row[2 * i] as Node, row[2 * i + 1] as Node),
                );
                place >>= 1;
            }
            expect(above).toEqual([]);
            expect(row.map(nodeBytes)).toEqual(tree.canopy.slice(place, place + row.length).map(nodeBytes));
        }
        expect(rangeProof(proved(1), proved(0))).toBeUndefined();
        expect(rangeProof(proved(0), { ...proved(1), proof: new Uint8Array() })).toBeUndefined();
    });

    test('a proof continues to the root of the ledger', () => {
        const tree = new LedgerTree(TAG, positions(9, 37));
        const position = positions(9, 37)[20] as Position;
        const { index, proof } = tree.proof(position.key);
        const shard = tree.shards[9] as ShardTree;
        const siblings = (nodes: readonly Node[], at: number) => {
            const found: Uint8Array[] = [];
            for (let row = nodes, i = at; row.length > 1; i >>= 1) {
                found.push(nodeBytes(row[i ^ 1] as Node));
                row = Array.from({ length: row.length / 2 }, (_, j) =>
                    inner(row[2 * j] as Node, row[2 * j + 1] as Node),
                );
            }
            return concat(...found);
        };
        const place = index & 0xf_ffff;
        const start = leaf(TAG, index, addressBytes(position.key), addressBytes(position.owner), position.amount);
        const cap = foldProof(start, place % 2 ** shard.canopyHeight, proof);
        // No sibling reads a bit above them: what has one names no place of the tree.
        for (let bit = shard.canopyHeight; bit < 32; bit++) {
            expect(() => foldProof(start, (place % 2 ** shard.canopyHeight) + 2 ** bit, proof)).toThrow(RangeError);
        }
        const root = foldProof(cap, place >> shard.canopyHeight, siblings(shard.canopy, place >> shard.canopyHeight));
        expect(root).toEqual(shard.root);
        expect(
            foldProof(
                root,
                9,
                siblings(
                    tree.shards.map((each) => each.root),
                    9,
                ),
            ),
        ).toEqual(tree.root);
    });
});

describe('a ledger', () => {
    const rows = [3, 0, 15, 7].flatMap((shard) => positions(shard, 21 + shard));

    test('the order of the positions makes no difference', () => {
        expect(new LedgerTree(TAG, [...rows].reverse()).root).toEqual(new LedgerTree(TAG, rows).root);
    });

    test('the root commits to the total', () => {
        const tree = new LedgerTree(TAG, rows);
        expect(tree.root.sum).toBe(rows.reduce((sum, { amount }) => sum + amount, 0n));
        expect(tree.count).toBe(rows.length);
    });

    test('amounts of zero are no leaves', () => {
        const [empty, ...others] = rows.map((row, i) => (i === 0 ? { ...row, amount: 0n } : row)) as [
            Position,
            ...Position[],
        ];
        const tree = new LedgerTree(TAG, [empty, ...others]);
        expect(tree.root).toEqual(new LedgerTree(TAG, others).root);
        expect(() => tree.proof(empty.key)).toThrow('no leaf');
    });

    test('a key that comes twice is refused', () => {
        expect(() => new LedgerTree(TAG, [...rows, rows[0] as Position])).toThrow('occurs twice');
    });

    test('every leaf is proved up to the root, and has a place of its own', () => {
        const tree = new LedgerTree(TAG, rows);
        const dense = new Set<number>();
        for (const { key, owner, amount } of rows) {
            const { index, shard, proof } = tree.proofToRoot(key);
            const { canopyHeight } = tree.shards[shard] as ShardTree;
            const start = leaf(TAG, index, addressBytes(key), addressBytes(owner), amount);
            const place = shard * 2 ** (canopyHeight + 4) + (index - leafIndex(shard, 0));
            expect(foldProof(start, place, proof)).toEqual(tree.root);
            const { page, at } = claimPlace(densePlaces(tree), index);
            dense.add(page * CLAIMS_PER_PAGE + at);
            expect(tree.has(key)).toBe(true);
        }
        expect([...dense].sort((a, b) => a - b)).toEqual(rows.map((_, place) => place));
        expect(tree.has(toAddress(filled(1)))).toBe(false);
    });

    test('no positions at all', () => {
        const { root, count } = new LedgerTree(TAG, []);
        expect([root, count]).toEqual([zero(8), 0]);
    });
});

describe('claims', () => {
    const shards = Array.from({ length: SHARDS }, () => ({ count: 0, first: 70_004 }));
    shards.splice(
        0,
        4,
        { count: 3, first: 0 },
        { count: 0, first: 3 },
        { count: 70_000, first: 3 },
        { count: 1, first: 70_003 },
    );

    test('bits are dense over the shards', () => {
        expect(claimPlace(shards, 2)).toEqual({ page: 0, at: 2 });
        expect(claimPlace(shards, leafIndex(2, 0))).toEqual({ page: 0, at: 3 });
        expect(claimPlace(shards, leafIndex(2, 1_021))).toEqual({ page: 1, at: 0 });
        expect(claimPlace(shards, leafIndex(3, 0))).toEqual({ page: 68, at: 371 });
        expect(() => claimPlace(shards, 3)).toThrow('no leaf');
        expect(() => claimPlace(shards, leafIndex(16, 0))).toThrow('no leaf');
    });

    test('shares round down', () => {
        expect(payoutFloor(10n, 99n, 100n)).toBe(9n);
        expect(payoutFloor((1n << 64n) - 1n, (1n << 64n) - 1n, (1n << 64n) - 1n)).toBe((1n << 64n) - 1n);
    });

    test('there is no share where the program has none', () => {
        expect(payoutFloor(0n, 5n, 0n)).toBeUndefined();
        expect(payoutFloor(1n, 5n, 0n)).toBeUndefined();
        expect(payoutFloor(11n, 5n, 10n)).toBeUndefined();
        expect(payoutFloor(0n, 5n, 10n)).toBe(0n);
        expect(() => payoutFloor(1n << 64n, 1n, 1n << 64n)).toThrow('does not fit');
        expect(() => payoutFloor(1n, -1n, 1n)).toThrow('does not fit');
    });
});
