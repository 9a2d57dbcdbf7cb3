import { merkle } from '@bulkhead/client';
import { getAddressDecoder, type Address } from '@solana/kit';
import { expect, test } from 'vitest';

import { byOwner, differencesByOwner, wouldPay } from '../src/sources/compare.ts';
import { climb, fullProof, hex, ofPositions, openSource, SourceError } from '../src/sources/published.ts';

const address = (first: number, second = 0) =>
    getAddressDecoder().decode(Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? first : i === 1 ? second : 7)));

const POSITIONS: merkle.Position[] = Array.from({ length: 120 }, (_, i) => ({
    key: address((i * 37) % 256, i),
    owner: address(200, i % 10),
    amount: BigInt(i * 100),
}));
const TAG = new Uint8Array(32).fill(9);
const tree = new merkle.LedgerTree(TAG, POSITIONS);
const WANTED = { root: tree.root.hash, tag: TAG, total: tree.root.sum, count: BigInt(tree.count) };
const OWNER = address(200, 3);

test('a proof of every leaf leads to the root, and no altered one does', () => {
    for (const { key, amount } of POSITIONS.filter(({ amount }) => amount > 0n)) {
        const proof = fullProof(tree, key);
        const way = climb(proof, WANTED)!;
        expect(way[0]?.sum).toBe(amount);
        expect(way.at(-1)).toMatchObject({ sum: tree.root.sum });
        expect(climb({ ...proof, amount: amount + 1n }, WANTED)).toBeUndefined();
        expect(climb({ ...proof, owner: key }, WANTED)).toBeUndefined();
        expect(climb({ ...proof, index: proof.index + 1 }, WANTED)).toBeUndefined();
        expect(climb({ ...proof, shard: proof.shard ^ 1 }, WANTED)).toBeUndefined();
        expect(climb({ ...proof, siblings: proof.siblings.slice(1) }, WANTED)).toBeUndefined();
    }
});

test('positions that do not make the root are refused', () => {
    expect(() => ofPositions(POSITIONS.slice(2), WANTED, 'somewhere')).toThrow(SourceError);
});

/** A proof server that may lie. */
function server(alter: (entry: Record<string, unknown>) => Record<string, unknown> = (entry) => entry) {
    const answers = (url: string): unknown => {
        const path = new URL(url).pathname;
        if (path === '/manifest') {
            return {
                schema_version: 1,
                tag: { hash: hex(TAG) },
                root: hex(WANTED.root),
                total: String(WANTED.total),
                count: tree.count,
                files: [],
            };
        }
        if (path.startsWith('/owner/')) {
            const own = POSITIONS.filter(({ owner, amount }) => owner === path.slice(7) && amount > 0n);
            return { positions: own.map(({ key }) => ({ key, amount: '1' })), next: null };
        }
        const proof = fullProof(tree, path.slice(7) as Address);
        return alter({
            index: proof.index,
            key: proof.key,
            owner: proof.owner,
            amount: String(proof.amount),
            claim_bytes: hex(proof.proof),
            siblings: proof.siblings.map(({ hash, sum }) => ({ hash: hex(hash), sum: String(sum) })),
        });
    };
    return (async (url: string) => new Response(JSON.stringify(answers(url)))) as unknown as typeof fetch;
}

test('a proof server is believed as far as its proofs lead to the root', async () => {
    const leaves = (await openSource('https://proofs.example/', [WANTED], server()))!;
    const own = await leaves.ofOwner(OWNER);
    // The list says 1 of each; the proofs say what it is.
    expect(own).toEqual(POSITIONS.filter(({ owner, amount }) => owner === OWNER && amount > 0n));
    const richer = (await openSource(
        'https://proofs.example',
        [WANTED],
        server((entry) => ({ ...entry, amount: '999999' })),
    ))!;
    await expect(richer.ofOwner(OWNER)).rejects.toThrow(SourceError);
    const other = (await openSource(
        'https://proofs.example',
        [WANTED],
        server((entry) => ({ ...entry, owner: entry['key'] })),
    ))!;
    await expect(other.ofOwner(OWNER)).rejects.toThrow(SourceError);
});

test('a source of another state is no source of this one', async () => {
    const another = { ...WANTED, tag: new Uint8Array(32) };
    expect(await openSource('https://proofs.example', [another], server())).toBeUndefined();
});

test('two states differ by owner, the greatest difference first', () => {
    const second = POSITIONS.map((position) =>
        position.owner === OWNER ? { ...position, amount: position.amount + 5n } : position,
    ).filter(({ owner }) => owner !== address(200, 4));
    const rows = differencesByOwner(byOwner(POSITIONS), byOwner(second));
    expect(rows.map(({ owner }) => owner)).toEqual([address(200, 4), OWNER]);
    expect(rows[0]).toMatchObject({ second: 0n });
    expect(rows[1]!.second - rows[1]!.first).toBe(60n);
});

test('what a state would pay never exceeds what is held, nor the claim', () => {
    expect(wouldPay(100n, 50n, 200n)).toBe(25n);
    expect(wouldPay(100n, 900n, 200n)).toBe(100n);
    expect(wouldPay(1n, 1n, 3n)).toBe(0n);
    expect(wouldPay(5n, 5n, 0n)).toBe(0n);
});
