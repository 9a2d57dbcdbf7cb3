/** tests/vectors/watch.json, which Rust writes: both languages say the same of every account that differs. */
import { readFileSync } from 'node:fs';
import type { Address, EncodedAccount } from '@solana/kit';
import { describe, expect, test } from 'vitest';

import { toAddress } from '../src/bytes.ts';
import { VERSION } from '../src/constants.ts';
import { BULKHEAD_PROGRAM_ADDRESS } from '../src/generated/bulkhead/programs/bulkhead.ts';
import { LAYOUTS } from '../src/generated/bulkhead/readers.ts';
import { changes, keep, type Accounts, type Kind } from '../src/watch.ts';

type Patches = [at: number, hex: string][];
type Vector = {
    kind: Kind;
    size: number;
    /** What it belongs to, what that belongs to, and so on; and where the one before says so. */
    parents: [kind: Kind, at: number][];
    before: Patches | null;
    after: Patches | null;
    changes: [event: string, matters: boolean, details: [field: string, before: string, after: string][]][];
};

const vectors = JSON.parse(
    readFileSync(new URL('../../../tests/vectors/watch.json', import.meta.url), 'utf8'),
) as Vector[];

/** The kinds in Rust's order, which is that of the vectors: the addresses are numbered by it. */
const KINDS = [...new Set(vectors.map(({ kind }) => kind))];
const key = (kind: Kind): Uint8Array => new Uint8Array(32).fill(KINDS.indexOf(kind) + 1);
const addressOf = (kind: Kind): Address => toAddress(key(kind));

function account(kind: Kind, parent: [kind: Kind, at: number] | undefined, patches: Patches): EncodedAccount {
    const { discriminator, size } = LAYOUTS[kind];
    const data = new Uint8Array(size);
    data.set(discriminator);
    data[discriminator.length] = VERSION;
    if (parent !== undefined) data.set(key(parent[0]), parent[1]);
    for (const [at, hex] of patches) data.set(Buffer.from(hex, 'hex'), at);
    const lamports = 1n as EncodedAccount['lamports'];
    const programAddress = BULKHEAD_PROGRAM_ADDRESS;
    return { address: addressOf(kind), data, executable: false, lamports, programAddress, space: BigInt(size) };
}

function accounts({ kind, parents }: Vector, patches: Patches | null): Accounts {
    const all = parents.map(([owner], place) => account(owner, parents[place + 1], []));
    if (patches !== null) all.push(account(kind, parents[0], patches));
    return keep(addressOf('Domain'), all);
}

/** Rust's names of fields, as they are here. */
const camel = (field: string): string => field.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

describe('what is reported of accounts that differ', () => {
    test('is what Rust tells', () => {
        expect(vectors.length).toBeGreaterThan(400);
        expect(new Set(vectors.map(({ kind }) => kind))).toEqual(new Set(Object.keys(LAYOUTS)));
        for (const vector of vectors) {
            const { kind, size, before, after } = vector;
            expect(LAYOUTS[kind].size, kind).toBe(size + 8);
            const printed = changes(accounts(vector, before), accounts(vector, after));
            const found = printed.map(({ event, matters, details }) => [
                event,
                matters,
                details.map((detail) => [detail.field, detail.before, detail.after]),
            ]);
            const wanted = vector.changes.map(([event, matters, details]) => [
                event,
                matters,
                details.map(([field, was, is]) => [camel(field), was, is]),
            ]);
            expect(found, JSON.stringify(vector)).toEqual(wanted);
        }
    });
});
