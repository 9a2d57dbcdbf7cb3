/** tests/vectors/merkle.json, which Rust writes: both languages build the same trees. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { addressBytes, concat, littleEndian, toAddress } from '../src/bytes.ts';
import { CLAIMS_PER_PAGE, SHARD_SHIFT } from '../src/constants.ts';
import {
    claimPlace,
    foldProof,
    inner,
    leaf,
    LedgerTree,
    ledgerTag,
    nodeBytes,
    zero,
    type Node,
    type Position,
} from '../src/merkle.ts';

type NodeVector = { hash: string; sum: string };
type PositionVector = { key: string; owner: string; amount: string };
type LeafVector = PositionVector & { index: number; hash: string };
type ProofVector = {
    leaf: LeafVector;
    claim_bit: number;
    siblings: NodeVector[];
    siblings_below_canopy: number;
    claim_bytes: string;
};
type LedgerVector = {
    root: string;
    total: string;
    count: number;
    shards: { root: NodeVector; count: number; first: number; canopy_height: number }[];
    proofs: ProofVector[];
};
type Vectors = {
    tag: { program: string; snapshot: string; ledger_index: number; tag: string };
    leaves: LeafVector[];
    nodes: { left: NodeVector; right: NodeVector; node: NodeVector }[];
    zero_nodes: string[];
    example: LedgerVector & { positions: PositionVector[]; leaves: LeafVector[]; canopy_of_shard_0: NodeVector[] };
    ledgers: (LedgerVector & { positions: number })[];
};

const vectors = JSON.parse(
    readFileSync(new URL('../../../tests/vectors/merkle.json', import.meta.url), 'utf8'),
) as Vectors;
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (data: Node['hash']) => Buffer.from(data).toString('hex');
const node = ({ hash, sum }: NodeVector): Node => ({ hash: bytes(hash), sum: BigInt(sum) });
const vector = ({ hash, sum }: Node): NodeVector => ({ hash: hex(hash), sum: sum.toString() });
const address = (hex: string) => toAddress(bytes(hex));
const position = ({ key, owner, amount }: PositionVector): Position => ({
    key: address(key),
    owner: address(owner),
    amount: BigInt(amount),
});
const TAG = bytes(vectors.tag.tag);

/** The positions that `vectors.ledgers` counts, as its notes describe them. */
function positions(count: number): Position[] {
    const digest = (word: string, i: number) =>
        toAddress(createHash('sha256').update(word).update(littleEndian(i, 4)).digest());
    return Array.from({ length: count }, (_, i) => ({
        key: digest('key', i),
        owner: digest('owner', i),
        amount: BigInt(((i * 7919) % 1_000_003) + 1),
    }));
}

function expectLedger(tree: LedgerTree, expected: LedgerVector): void {
    expect([hex(tree.root.hash), tree.root.sum.toString(), tree.count]).toEqual([
        expected.root,
        expected.total,
        expected.count,
    ]);
    expect(tree.shards.map(({ root, leaves, canopyHeight }) => [vector(root), leaves.length, canopyHeight])).toEqual(
        expected.shards.map(({ root, count, canopy_height }) => [root, count, canopy_height]),
    );
    for (const { leaf: wanted, siblings, siblings_below_canopy, claim_bytes, claim_bit } of expected.proofs) {
        const found = tree.proof(address(wanted.key));
        expect([found.index, found.owner, found.amount]).toEqual([
            wanted.index,
            address(wanted.owner),
            BigInt(wanted.amount),
        ]);
        expect(hex(found.proof)).toBe(claim_bytes);
        const { page, at } = claimPlace(expected.shards, found.index);
        expect(page * CLAIMS_PER_PAGE + at).toBe(claim_bit);
        // All siblings together lead to the root: the bits of the place, then those of the shard.
        const place = found.index % 2 ** SHARD_SHIFT;
        const start = leaf(TAG, found.index, addressBytes(found.key), addressBytes(found.owner), found.amount);
        const path = place + found.shard * 2 ** (siblings_below_canopy + 4);
        const root = foldProof(start, path, concat(...siblings.map((sibling) => nodeBytes(node(sibling)))));
        expect(vector(root)).toEqual({ hash: expected.root, sum: expected.total });
    }
}

describe('vectors', () => {
    test('tag', () => {
        const { program, snapshot, ledger_index, tag } = vectors.tag;
        expect(hex(ledgerTag(address(program), address(snapshot), ledger_index))).toBe(tag);
    });

    test('leaves', () => {
        for (const { index, key, owner, amount, hash } of [...vectors.leaves, ...vectors.example.leaves]) {
            expect(hex(leaf(TAG, index, bytes(key), bytes(owner), BigInt(amount)).hash)).toBe(hash);
        }
    });

    test('nodes', () => {
        for (const { left, right, node: above } of vectors.nodes)
            expect(vector(inner(node(left), node(right)))).toEqual(above);
        vectors.zero_nodes.forEach((hash, level) => expect(hex(zero(level).hash)).toBe(hash));
    });

    test('the worked example of docs/snapshot-format.md', () => {
        const tree = new LedgerTree(TAG, vectors.example.positions.map(position));
        expect(tree.shards[0]?.canopy.map(vector)).toEqual(vectors.example.canopy_of_shard_0);
        expectLedger(tree, vectors.example);
    });

    test.each(vectors.ledgers)('a ledger of $positions positions', (expected) => {
        expectLedger(new LedgerTree(TAG, positions(expected.positions)), expected);
    });
});
