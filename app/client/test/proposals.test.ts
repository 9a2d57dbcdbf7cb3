/** tests/vectors/proposals.json, which Rust writes: both languages say the same of every proposal. */
import { readFileSync } from 'node:fs';
import type { Address } from '@solana/kit';
import { describe, expect, test } from 'vitest';

import { concat } from '../src/bytes.ts';
import { decision, ProposalKind, type Decision } from '../src/index.ts';
import { decisionHash, decodeDecision, encodeDecision, payloadHash } from '../src/proposals.ts';
import {
    lacksAClock,
    proposalProgress,
    proposalProgressIn,
    type ProposalStatus,
    type Scene,
} from '../src/proposal-progress.ts';

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

const read = (name: string): unknown =>
    JSON.parse(readFileSync(new URL(`../../../tests/vectors/${name}`, import.meta.url), 'utf8'));
const vectors = read('proposals.json') as Vector[];

const proposalOf = ({ proposal }: Pick<Vector, 'proposal'>) => ({
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
});

const councilOf = ({ council }: Pick<Vector, 'council'>) => ({
    memberCount: council.members.length,
    configEpoch: BigInt(council.config_epoch),
    heartbeatSeconds: BigInt(council.heartbeat_seconds),
    fallbackSeconds: BigInt(council.fallback_seconds),
    policies: council.policies.map(([threshold, delay]) => ({ threshold, delaySeconds: BigInt(delay) })),
    members: council.members.map(([roles, lastActiveTs, activeFromTs]) => ({
        roles,
        lastActiveTs: BigInt(lastActiveTs),
        activeFromTs: BigInt(activeFromTs),
    })),
    vetoes: council.vetoes.map(([ts, by]) => ({ ts: ts.map(BigInt), by })),
});

const atOf = ({ now, slot }: Pick<Vector, 'now' | 'slot'>) => ({ now: BigInt(now), slot: BigInt(slot) });

type Common = {
    stages: (Vector & { proposal: { created_slot: number } })[];
    pause_rights: number;
    keys: Address[];
};
type Refused = {
    kind: number;
    stage: number;
    status: ProposalStatus;
    args: { incident?: Address; ramp_bps?: number; grace_seconds?: number; member?: Address; pause_rights?: number };
    domain: [state: number, openIncident: Address, confirmedSlot: number, closedSlot: number, incidents: number];
    board: [freeze: number, frozenSlot: number, unpausedSlot: number];
    incident: [cause: number, alarmSlot: number, steps: [number: number, slot: number, ts: number][]] | null;
    lowered_slot: number;
    decided_slot: number;
};

function askedOf({ kind, args }: Refused): Decision {
    const named = {
        incident: args.incident,
        rampBps: args.ramp_bps,
        graceSeconds: args.grace_seconds === undefined ? undefined : BigInt(args.grace_seconds),
        member: args.member,
        pauseRights: args.pause_rights,
    };
    return { __kind: ProposalKind[kind], fields: [named] } as unknown as Decision;
}

function sceneOf(vector: Refused): Scene {
    const [state, openIncident, confirmedSlot, closedSlot, incidents] = vector.domain;
    const [freeze, frozenSlot, unpausedSlot] = vector.board;
    const steps = Array.from({ length: 10 }, () => ({ slot: 0n, ts: 0n }));
    for (const [number, slot, ts] of vector.incident?.[2] ?? []) steps[number] = { slot: BigInt(slot), ts: BigInt(ts) };
    return {
        asked: askedOf(vector),
        domain: {
            state,
            openIncident,
            confirmedSlot: BigInt(confirmedSlot),
            closedSlot: BigInt(closedSlot),
            incidentCount: BigInt(incidents),
        },
        board: { domainRow: { freeze }, frozenSlot: BigInt(frozenSlot), unpausedSlot: BigInt(unpausedSlot) },
        incident:
            vector.incident === null
                ? undefined
                : { cause: vector.incident[0], alarmSlot: BigInt(vector.incident[1]), steps },
        loweredSlot: BigInt(vector.lowered_slot),
        decidedSlot: BigInt(vector.decided_slot),
    };
}

describe('where a proposal stands', () => {
    test('is what the program says', () => {
        expect(vectors.length).toBeGreaterThan(1_000);
        for (const vector of vectors) {
            const { status, eligible, needed, eta } = vector;
            const found = proposalProgress(proposalOf(vector), councilOf(vector), atOf(vector));
            const etaSlot = vector.eta_slot === null ? undefined : BigInt(vector.eta_slot);
            expect(found).toEqual({ status, eligible, needed, eta: eta === null ? undefined : BigInt(eta), etaSlot });
            expect(lacksAClock(found)).toBe(vector.lacks_a_clock);
        }
    });
});

test('what its domain, board and incident refuse is what the program refuses', () => {
    const [common, ...refused] = read('refused.json') as [Common, ...Refused[]];
    expect(refused.length).toBeGreaterThan(500);
    for (const vector of refused) {
        const stage = common.stages[vector.stage] as Common['stages'][number];
        const proposal = {
            ...proposalOf(stage),
            kind: vector.kind,
            createdSlot: BigInt(stage.proposal.created_slot),
        };
        const council = councilOf(stage);
        const members = council.members.map((member, place) => ({ ...member, key: common.keys[place] as Address }));
        const all = { ...council, members, pauseRights: common.pause_rights };
        const found = proposalProgressIn(proposal, all, sceneOf(vector), atOf(stage));
        expect(found.status, JSON.stringify(vector)).toBe(vector.status);
    }
});

test('a payload that the program would not have written is refused', () => {
    const programId = '11111111111111111111111111111111' as Address;
    const log = { ledgerIndex: 1, threshold: 2, minIntervalSlots: 3n, keepSeconds: 4n, toleranceBps: 5 };
    const sly = Uint8Array.from(encodeDecision(decision('OpenCheckpointLog', [{ ...log, publishedOnly: true }])));
    sly[sly.length - 1] = 2;
    // Borsh knows no third truth.
    expect(() => decodeDecision(sly)).toThrow(RangeError);
    // A list of nothing has a length too.
    const call = encodeDecision(decision('RunInstruction', [{ programId, accounts: [], data: new Uint8Array() }]));
    expect(decodeDecision(call)).toBeDefined();
    for (let end = 0; end < call.length; end++) expect(() => decodeDecision(call.slice(0, end))).toThrow();
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
