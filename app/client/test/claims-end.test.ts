/** tests/vectors/claims_end.json, which Rust writes: both languages say the same of the end of claims. */
import { readFileSync } from 'node:fs';
import type { Address } from '@solana/kit';
import { describe, expect, test } from 'vitest';

import { claimsEnd, claimsEndWords } from '../src/status/index.ts';

type Vector = {
    claim_days: number;
    counted_ts: number;
    state: number;
    rest_owner: Address;
    now: number;
    end: { ts: number; rest_owner: Address; is_swept: boolean } | null;
    words: string | null;
};

const vectors = JSON.parse(
    readFileSync(new URL('../../../tests/vectors/claims_end.json', import.meta.url), 'utf8'),
) as Vector[];

describe('the end of claims', () => {
    test('is the same in both languages, and so are its words', () => {
        expect(vectors.length).toBeGreaterThan(20);
        for (const { claim_days, counted_ts, state, rest_owner, now, end, words } of vectors) {
            const restoration = {
                claimDays: claim_days,
                countedTs: BigInt(counted_ts),
                state,
                restOwner: rest_owner,
            };
            const found = claimsEnd(restoration);
            const wanted = end && { ts: BigInt(end.ts), restOwner: end.rest_owner, isSwept: end.is_swept };
            expect(found).toEqual(wanted ?? undefined);
            expect(found && claimsEndWords(found, BigInt(now))).toBe(words ?? undefined);
        }
    });
});
