/**
 * Proposals: a decision, which is a kind and the exact arguments it will run with. Approvals sign the hash of its Borsh form.
 * `decision('Resume', [{ incident }])` makes one, and `propose` takes it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { ReadonlyUint8Array } from '@solana/kit';

import { bytesEqual, concat } from './bytes.ts';
import {
    MAX_PAYLOAD,
    MIN_FALLBACK_DELAY_SECONDS,
    proposalClass,
    proposalFlag,
    proposalState,
    role,
    STANDING_VETOES,
    VETO_SECONDS,
} from './constants.ts';
import {
    getDecisionDecoder,
    getDecisionEncoder,
    getProposalSize,
    ProposalKind,
    type Decision,
    type DecisionArgs,
    type Proposal,
} from './generated/bulkhead/index.ts';

/** A slot, as clusters mean to make them. */
const SLOT_MS = 400n;

/** The Borsh form of a decision: the number of its kind, and the payload that a proposal holds. */
export function encodeDecision(decision: DecisionArgs): ReadonlyUint8Array {
    const bytes = getDecisionEncoder().encode(decision);
    const length = bytes.length - 1;
    if (length > MAX_PAYLOAD) throw new RangeError(`${length} bytes are more than a proposal holds`);
    return bytes;
}

/** The other way round. Borsh says where it ends; what is behind that was never shown to anyone, and is refused. */
export function decodeDecision(bytes: ReadonlyUint8Array): Decision {
    const [decision, end] = getDecisionDecoder().read(bytes, 0);
    if (end !== bytes.length) throw new RangeError(`${bytes.length - end} bytes are behind the arguments`);
    return decision;
}

/** What approvals of a decision sign. */
export function decisionHash(decision: DecisionArgs): Uint8Array {
    return sha256(new Uint8Array(encodeDecision(decision)));
}

/** The same of a proposal as its account holds it: SHA-256 of the kind byte and the payload. */
export function payloadHash(kind: number, payload: ReadonlyUint8Array): Uint8Array {
    return sha256(concat(Uint8Array.of(kind), payload));
}

/** The payload of a proposal account: what is behind the header, and exactly as long as the header says. */
export function payloadOf(account: Readonly<{ data: Proposal; bytes: ReadonlyUint8Array }>): ReadonlyUint8Array {
    const header = getProposalSize();
    const payload = account.bytes.slice(header);
    if (payload.length !== account.data.payloadLen) {
        throw new RangeError(`the account has ${payload.length} bytes of payload and says ${account.data.payloadLen}`);
    }
    return payload;
}

/**
 * What a proposal says it will do: read it before approving. Refuses a payload that is not what its hash says, that is longer
 * than its kind's arguments, or that is of no known kind.
 */
export function readProposal(account: Readonly<{ data: Proposal; bytes: ReadonlyUint8Array }>): Decision {
    const { kind } = account.data;
    if (ProposalKind[kind] === undefined) throw new RangeError(`there is no kind ${kind}`);
    const payload = payloadOf(account);
    if (!bytesEqual(payloadHash(kind, payload), account.data.payloadHash)) {
        throw new RangeError('the payload is not what its hash says');
    }
    return decodeDecision(concat(Uint8Array.of(kind), payload));
}

export type ProposalStatus =
    'executed' | 'vetoed' | 'stale' | 'expired' | 'collecting' | 'fallbackNotDue' | 'waiting' | 'ready';

/** What {@link standing} reads of a proposal. */
export type StandingProposal = Pick<
    Proposal,
    | 'state'
    | 'flags'
    | 'kind'
    | 'class'
    | 'place'
    | 'removes'
    | 'vetoes'
    | 'approvals'
    | 'configEpoch'
    | 'createdTs'
    | 'approvedTs'
    | 'approvedSlot'
    | 'expiresTs'
>;

/** What {@link standing} reads of a council. */
export type StandingCouncil = Readonly<{
    memberCount: number;
    configEpoch: bigint;
    heartbeatSeconds: bigint;
    fallbackSeconds: bigint;
    policies: readonly Readonly<{ threshold: number; delaySeconds: bigint }>[];
    members: readonly Readonly<{ roles: number; lastActiveTs: bigint; activeFromTs: bigint }>[];
    /** The vetoes that stand, by the proposer's place. */
    vetoes: readonly Readonly<{ ts: readonly bigint[]; by: ReadonlyUint8Array | readonly number[] }>[];
}>;

/** The cluster's clock. */
export type At = Readonly<{ slot: bigint; now: bigint }>;

/** Where a proposal stands, and what that rests on. */
export type Standing = Readonly<{
    status: ProposalStatus;
    /** Bit i: the approval of member i counts now. */
    eligible: number;
    /** Approvals it needs; 0 for the fallback's. */
    needed: number;
    /** First moment it may run, once it is approved. Unix seconds. */
    eta: bigint | undefined;
    /** First slot it may run in, likewise. It comes earlier, unless the cluster stands still. */
    etaSlot: bigint | undefined;
}>;

/** Where a proposal stands: the rule of `crates/core/src/proposal.rs`, compared by `tests/vectors/proposals.json`. */
export function standing(proposal: StandingProposal, council: StandingCouncil, at: At): Standing {
    const { now } = at;
    const isFallbacks = (proposal.flags & proposalFlag.FALLBACK) !== 0;
    const policy = council.policies[proposal.class];
    const eligible = eligibleApprovals(proposal, council, now);
    const needed = isFallbacks ? 0 : (policy?.threshold ?? 255);
    const isApproved = policy !== undefined && proposal.approvedTs !== 0n && bits(eligible) >= needed;
    const least = isFallbacks ? BigInt(MIN_FALLBACK_DELAY_SECONDS) : 0n;
    const delay = policy === undefined || policy.delaySeconds < least ? least : policy.delaySeconds;
    const eta = isApproved ? proposal.approvedTs + delay : undefined;
    // Half of the delay has to pass by slots, rounded down.
    const etaSlot = eta === undefined ? undefined : proposal.approvedSlot + slotsOf(delay) / 2n;
    return { status: statusOf(proposal, council, at, { eta, etaSlot }, isFallbacks), eligible, needed, eta, etaSlot };
}

function statusOf(
    proposal: StandingProposal,
    council: StandingCouncil,
    { slot, now }: At,
    { eta, etaSlot }: Pick<Standing, 'eta' | 'etaSlot'>,
    isFallbacks: boolean,
): ProposalStatus {
    if (proposal.state !== proposalState.OPEN) {
        return proposal.state === proposalState.EXECUTED ? 'executed' : 'vetoed';
    }
    if (proposal.configEpoch !== council.configEpoch) return 'stale';
    if (isStopped(proposal, council)) return 'vetoed';
    if (now > proposal.expiresTs) return 'expired';
    if (eta === undefined || etaSlot === undefined) return 'collecting';
    if (isFallbacks && !isUnreachable(council, proposal.approvedTs)) return 'fallbackNotDue';
    return now < eta || slot < etaSlot ? 'waiting' : 'ready';
}

/** The slots a cluster makes in so many seconds, rounded up. */
function slotsOf(seconds: bigint): bigint {
    return seconds <= 0n ? 0n : (seconds * 1_000n + SLOT_MS - 1n) / SLOT_MS;
}

/** By its own vetoes, and by those that stand against its proposer: the rule of `crates/core/src/veto.rs`. */
function isStopped(proposal: StandingProposal, council: StandingCouncil): boolean {
    const kept = council.vetoes[proposal.place];
    // The last was given in silence, and stops no change of the council.
    const heard = proposal.kind === ProposalKind.ChangeCouncil ? STANDING_VETOES - 1 : STANDING_VETOES;
    let against = proposal.vetoes;
    kept?.ts.slice(0, heard).forEach((ts, entry) => {
        const by = kept.by[entry] ?? 0;
        if (by !== 0 && proposal.createdTs < ts + BigInt(VETO_SECONDS)) against |= 1 << (by - 1);
    });
    return (against & ~proposal.removes) !== 0 || bits(against) > 1;
}

/** Those that count now, and were not silent since the clock started. */
function eligibleApprovals(proposal: StandingProposal, council: StandingCouncil, now: bigint): number {
    return council.members.slice(0, council.memberCount).reduce((all, member, index) => {
        const counts =
            (member.roles & role.APPROVER) !== 0 &&
            now - member.lastActiveTs <= council.heartbeatSeconds &&
            now >= member.activeFromTs &&
            (proposal.approvedTs === 0n || member.activeFromTs <= proposal.approvedTs);
        return counts ? all | (proposal.approvals & (1 << index)) : all;
    }, 0);
}

/** Were there too few approvers to change the council for all of `fallbackSeconds` before `at`? */
function isUnreachable(council: StandingCouncil, at: bigint): boolean {
    const patience = council.heartbeatSeconds + council.fallbackSeconds;
    const heard = council.members
        .slice(0, council.memberCount)
        .filter((member) => (member.roles & role.APPROVER) !== 0 && member.lastActiveTs + patience >= at);
    return heard.length < (council.policies[proposalClass.CONSTITUTION]?.threshold ?? 0);
}

function bits(number: number): number {
    return number.toString(2).replaceAll('0', '').length;
}

/** {@link standing} in a word. */
export function proposalStatus(proposal: StandingProposal, council: StandingCouncil, at: At): ProposalStatus {
    return standing(proposal, council, at).status;
}
