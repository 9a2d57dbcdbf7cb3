/** What a snapshot of n positions costs, before anything happens. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { snapshotCost } from '../src/flows/index.ts';
import * as cost from '../src/flows/snapshot/cost.ts';

describe('snapshotCost', () => {
    test('adds up every transaction from the opening to the seal', () => {
        const none = snapshotCost(0n);
        // The opening and the seal.
        expect(none).toMatchObject({ transactions: 2n, fees: 10_000n });
        const per = none.perTransaction;
        expect(per).toBeGreaterThan(20n);
        expect(per).toBeLessThan(30n);
        for (const positions of [1n, 16n, 17n, 1_000n, 100_000n, 1_000_000n]) {
            const { transactions, slots, units, fees, rent } = snapshotCost(positions);
            const shards = positions < 16n ? positions : 16n;
            // No transaction reads more than fits, and each shard is opened with its first.
            expect((transactions - 2n) * per).toBeGreaterThanOrEqual(positions);
            expect(transactions).toBeLessThanOrEqual(2n + positions / per + 2n * shards);
            expect(fees).toBe(transactions * 5_000n);
            expect(units).toBeGreaterThan(positions * cost.POSITION_UNITS);
            expect(slots).toBeLessThan(transactions * 2n + 1n);
            expect(rent).toBeGreaterThan(none.rent);
        }
    });

    test('a second signature, an export and a price cost more', () => {
        const usual = snapshotCost(10_000n);
        const signed = snapshotCost(10_000n, { crankerPays: false });
        expect(signed.perTransaction).toBeLessThan(usual.perTransaction);
        expect(signed.fees).toBeGreaterThan(2n * usual.fees - 10_001n);
        const exported = snapshotCost(10_000n, { exportAccounts: 4 });
        expect(exported.perTransaction).toBeLessThan(usual.perTransaction);
        expect(exported.units).toBeGreaterThan(usual.units);
        const priced = snapshotCost(10_000n, { unitPrice: 1_000_000n });
        expect(priced.fees).toBe(usual.fees + usual.units);
        const alone = snapshotCost(10_000n, { parallel: 1 });
        expect(alone.slots).toBeGreaterThan(10n * usual.slots);
    });

    test('counts the same compute units as the Rust client', () => {
        const rust = readFileSync(
            new URL('../../../crates/client/src/flows/snapshot/cost.rs', import.meta.url),
            'utf8',
        );
        for (const name of ['POSITION_UNITS', 'INGESTION_UNITS', 'OPEN_UNITS', 'SEAL_UNITS', 'EXPORT_UNITS'] as const) {
            const found = new RegExp(`const ${name}: u64 = ([\\d_]+);`).exec(rust);
            expect(BigInt((found?.[1] ?? '').replaceAll('_', ''))).toBe(cost[name]);
        }
    });
});
