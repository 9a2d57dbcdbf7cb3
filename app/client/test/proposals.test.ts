/** tests/vectors/proposals.json, which Rust writes: both languages say the same of every proposal. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { concat } from '../src/bytes.ts';
import { ProposalKind } from '../src/index.ts';
import {
    decisionHash,
    decodeDecision,
    encodeDecision,
    payloadHash,
    standing,
    type ProposalStatus,
} from '../src/proposals.ts';

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
        }
    });
});

/** tests/vectors/decisions.json: what was approved before decisions were a union is approved now. */
const decisions = JSON.parse(
    readFileSync(new URL('../../../tests/vectors/decisions.json', import.meta.url), 'utf8'),
) as { kind: number; name: string; payload: string; hash: string }[];
const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const snake = (name: string) => name.replaceAll(/(?<!^)[A-Z]/g, '_$&').toLowerCase();

describe('a decision', () => {
    test.each(decisions)('to $name has the bytes and the hash it has in Rust', ({ kind, name, payload, hash }) => {
        const bytes = concat(Uint8Array.of(kind), bytesOf(payload));
        const read = decodeDecision(bytes);
        expect(snake(read.__kind)).toBe(name);
        expect(ProposalKind[kind]).toBe(read.__kind);
        expect(encodeDecision(read)).toEqual(bytes);
        expect(decisionHash(read)).toEqual(bytesOf(hash));
        expect(payloadHash(kind, bytesOf(payload))).toEqual(bytesOf(hash));
        expect(() => decodeDecision(concat(bytes, Uint8Array.of(0)))).toThrow(RangeError);
    });

    test('of every kind is among them', () => {
        const numbers = Object.values(ProposalKind).filter((kind) => typeof kind === 'number');
        expect(decisions.map(({ kind }) => kind)).toEqual(numbers);
    });
});
