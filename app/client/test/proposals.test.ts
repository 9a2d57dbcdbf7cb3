/** tests/vectors/proposals.json, which Rust writes: both languages say the same of every proposal. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { concat } from '../src/bytes.ts';
import { lacksAClock, proposals, standing, type ProposalStatus } from '../src/proposals.ts';

type Vector = {
    proposal: {
        state: number;
        flags: number;
        kind: number;
        class: number;
        place: number;
        removes: number;
        vetoes: number;
        created_ts: number;
        approvals: number;
        config_epoch: number;
        approved_ts: number;
        approved_slot: number;
        expires_ts: number;
    };
    council: {
        config_epoch: number;
        heartbeat_seconds: number;
        fallback_seconds: number;
        policies: [number, number][];
        members: [number, number, number][];
        vetoes: [number[], number[]][];
    };
    now: number;
    slot: number;
    status: ProposalStatus;
    eligible: number;
    needed: number;
    lacks_a_clock: boolean;
    eta: number | null;
    eta_slot: number | null;
};

const vectors = JSON.parse(
    readFileSync(new URL('../../../tests/vectors/proposals.json', import.meta.url), 'utf8'),
) as Vector[];

describe('where a proposal stands', () => {
    test('is what the program says', () => {
        expect(vectors.length).toBeGreaterThan(1_000);
        for (const vector of vectors) {
            const { proposal, council, now, slot, status, eligible, needed, eta } = vector;
            const found = standing(
                {
                    state: proposal.state,
                    flags: proposal.flags,
                    kind: proposal.kind,
                    class: proposal.class,
                    place: proposal.place,
                    removes: proposal.removes,
                    vetoes: proposal.vetoes,
                    createdTs: BigInt(proposal.created_ts),
                    approvals: proposal.approvals,
                    configEpoch: BigInt(proposal.config_epoch),
                    approvedTs: BigInt(proposal.approved_ts),
                    approvedSlot: BigInt(proposal.approved_slot),
                    expiresTs: BigInt(proposal.expires_ts),
                },
                {
                    memberCount: council.members.length,
                    configEpoch: BigInt(council.config_epoch),
                    heartbeatSeconds: BigInt(council.heartbeat_seconds),
                    fallbackSeconds: BigInt(council.fallback_seconds),
                    policies: council.policies.map(([threshold, delay]) => ({
                        threshold,
                        delaySeconds: BigInt(delay),
                    })),
                    members: council.members.map(([roles, lastActiveTs, activeFromTs]) => ({
                        roles,
                        lastActiveTs: BigInt(lastActiveTs),
                        activeFromTs: BigInt(activeFromTs),
                    })),
                    vetoes: council.vetoes.map(([ts, by]) => ({ ts: ts.map(BigInt), by })),
                },
                { now: BigInt(now), slot: BigInt(slot) },
            );
            const etaSlot = vector.eta_slot === null ? undefined : BigInt(vector.eta_slot);
            expect(found).toEqual({ status, eligible, needed, eta: eta === null ? undefined : BigInt(eta), etaSlot });
            expect(lacksAClock(found)).toBe(vector.lacks_a_clock);
        }
    });
});

test('bytes behind the arguments are refused', () => {
    const member = '11111111111111111111111111111111' as Parameters<typeof proposals.grantRights.encode>[0]['member'];
    const { bytes } = proposals.grantRights.encode({ member, pauseRights: 1 });
    expect(proposals.grantRights.decode(bytes)).toEqual({ member, pauseRights: 1 });
    expect(() => proposals.grantRights.decode(concat(bytes, Uint8Array.of(0)))).toThrow(RangeError);
});
