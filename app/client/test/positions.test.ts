/** Accounts read through every kind of layout, compared with what Rust read of them. */
import { readFileSync } from 'node:fs';
import { getBase16Encoder } from '@solana/kit';
import { expect, test } from 'vitest';

import { toAddress } from '../src/bytes.ts';
import { getLedgerDecoder, positions } from '../src/index.ts';

type Read = { owner: string; amount: string; host_amount: string } | { error: string } | { is_position: boolean };
type Layout = {
    name: string;
    ledger: string;
    total: { data: string; read: string };
    accounts: { name: string; data: string; read: Read }[];
};

const bytes = (hex: string) => getBase16Encoder().encode(hex);
const { layouts } = JSON.parse(
    readFileSync(new URL('../../../tests/vectors/layouts.json', import.meta.url), 'utf8'),
) as { layouts: Layout[] };

test.each(layouts)('$name', ({ ledger: encoded, total, accounts }) => {
    const ledger = getLedgerDecoder().decode(bytes(encoded));
    expect(String(positions.totalNumber(ledger, bytes(total.data)))).toBe(total.read);
    for (const { name, data, read } of accounts) {
        if ('is_position' in read) {
            expect(positions.accepts(ledger, bytes(data)), name).toBe(read.is_position);
            continue;
        }
        if ('error' in read) {
            expect(() => positions.readPosition(ledger, bytes(data)), name).toThrow(
                expect.objectContaining({ name: read.error }),
            );
            continue;
        }
        expect(positions.readPosition(ledger, bytes(data)), name).toEqual({
            owner: toAddress(bytes(read.owner)),
            amount: BigInt(read.amount),
            hostAmount: BigInt(read.host_amount),
        });
    }
});

test('a tolerance is rounded up and has a direction', () => {
    const ledger = getLedgerDecoder().decode(bytes(layouts[0]!.ledger));
    expect([599n, 600n, 601n].map((sum) => positions.agrees(ledger, sum, 600n))).toEqual([false, true, false]);
    const below = { ...ledger, shortfallBps: 1 };
    expect([598n, 599n, 601n].map((sum) => positions.agrees(below, sum, 600n))).toEqual([false, true, false]);
    const above = { ...ledger, excessBps: 100 };
    expect([606n, 607n].map((sum) => positions.agrees(above, sum, 600n))).toEqual([true, false]);
    expect(positions.agrees(above, 1n, 0n)).toBe(false);
});

test('a total in an account of another owner or kind is no total', () => {
    const ledger = getLedgerDecoder().decode(bytes(layouts[0]!.ledger));
    const data = bytes(layouts[0]!.total.data);
    expect(positions.readTotal(ledger, ledger.totalProgram, data)).toBe(BigInt(layouts[0]!.total.read));
    expect(positions.readTotal(ledger, ledger.mint === ledger.totalProgram ? ledger.domain : ledger.mint, data)).toBe(
        undefined,
    );
    expect(positions.readTotal(ledger, ledger.totalProgram, data.slice(0, ledger.totalOffset + 7))).toBe(undefined);
});
