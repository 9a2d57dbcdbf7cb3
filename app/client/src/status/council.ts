/** Who may act: the rules of `crates/client/src/status/people.rs` and `missing.rs`. */
import type { Address } from '@solana/kit';

import { role, VETO_SECONDS } from '../constants.ts';
import type { Council, Member, Proposal } from '../generated/bulkhead/public.ts';
import { bits, memberBit, members } from '../flows/reading.ts';
import { lacksAClock, type ProposalProgress } from '../proposal-progress.ts';

const DAY = 86_400n;

/** What a threshold lacks. */
export type Missing = Readonly<{
    /** Number of members who still have to act. */
    count: number;
    /** The members who can. */
    from: readonly Address[];
}>;

export const NOTHING_MISSING: Missing = { count: 0, from: [] };

/** A member of the council. */
export type MemberStatus = Readonly<{
    key: Address;
    roles: readonly RoleName[];
    /** Pause rights left, and pauses that it may still make today and in a row. */
    pauseRights: number;
    pausesLeft: number;
    /** Vetoes that it may give now. */
    vetoesLeft: number;
    lastActiveTs: bigint;
    /** Its consent counts. */
    isEligible: boolean;
    /** Without further activity it is silent from this time on. `undefined` if it is silent. */
    silentFrom: bigint | undefined;
    /** It was silent, and is eligible again from this time on. */
    eligibleFrom: bigint | undefined;
}>;

export type RoleName = 'guardian' | 'approver' | 'vetoer' | 'attester';

const ROLES: readonly (readonly [RoleName, number])[] = [
    ['guardian', role.GUARDIAN],
    ['approver', role.APPROVER],
    ['vetoer', role.VETOER],
    ['attester', role.ATTESTER],
];

/** The names of a member's roles. */
export function roleNames(roles: number): RoleName[] {
    return ROLES.filter(([, bit]) => (roles & bit) !== 0).map(([name]) => name);
}

export function memberStatuses(council: Council, now: bigint): MemberStatus[] {
    return members(council).map((member, index) => {
        const isActive = isActiveNow(council, member, now);
        const isGuardian = (member.roles & role.GUARDIAN) !== 0;
        return {
            key: member.key,
            roles: roleNames(member.roles),
            pauseRights: isGuardian ? member.pauseRights : 0,
            pausesLeft: isGuardian ? pausesLeft(council, member, now) : 0,
            vetoesLeft: (member.roles & role.VETOER) !== 0 ? vetoesLeft(council, index, now) : 0,
            lastActiveTs: member.lastActiveTs,
            isEligible: isCounted(council, member, now),
            silentFrom: isActive ? member.lastActiveTs + council.heartbeatSeconds + 1n : undefined,
            eligibleFrom: isActive && now < member.activeFromTs ? member.activeFromTs : undefined,
        };
    });
}

function isActiveNow(council: Council, member: Member, now: bigint): boolean {
    return now - member.lastActiveTs <= council.heartbeatSeconds;
}

/** Is the member eligible: active recently, and not just back from a silence? */
export function isCounted(council: Council, member: Member, now: bigint): boolean {
    return isActiveNow(council, member, now) && now >= member.activeFromTs;
}

function pausesLeft(council: Council, member: Member, now: bigint): number {
    const today = BigInt(member.guardianPauseDay) === now / DAY ? member.guardianPausesToday : 0;
    const isInARow =
        member.guardianPausesInARow > 0 && now < member.lastGuardianPauseTs + 2n * council.guardianPauseSeconds;
    const run = isInARow ? member.guardianPausesInARow : 0;
    const left = [council.guardianPausesPerDay - today, council.guardianPausesInARow - run, member.pauseRights];
    return Math.max(0, Math.min(...left));
}

function vetoesLeft({ vetoes, vetoRights }: Council, index: number, now: bigint): number {
    const stands = ({ by, ts }: Council['vetoes'][number]) =>
        by.some((each, place) => each === index + 1 && now < (ts[place] ?? 0n) + BigInt(VETO_SECONDS));
    return Math.max(0, vetoRights - vetoes.filter(stands).length);
}

/** The members whose bits are set. */
export function keysOf(council: Council, mask: number): Address[] {
    return members(council)
        .filter((_, index) => (mask & (1 << index)) !== 0)
        .map(({ key }) => key);
}

/** The members with any of these roles. */
export function keysWith(council: Council, roles: number): Address[] {
    return members(council)
        .filter((member) => (member.roles & roles) !== 0)
        .map(({ key }) => key);
}

/** The eligible members with a role, one bit each. */
export function counted(council: Council, wanted: number, now: bigint): number {
    return members(council).reduce((all, member, index) => {
        const counts = (member.roles & wanted) !== 0 && isCounted(council, member, now);
        return counts ? all | (1 << index) : all;
    }, 0);
}

/** Do these confirmations reach the freeze threshold? */
function isEnough(council: Council, confirmations: number, now: bigint): boolean {
    const eligible = counted(council, role.GUARDIAN, now);
    if (eligible === 0) return bits(confirmations & having(council)) >= council.freezeThreshold;
    return bits(confirmations & eligible) >= Math.min(council.freezeThreshold, bits(eligible));
}

const having = (council: Council) =>
    keysWith(council, role.GUARDIAN).reduce((all, key) => all | memberBit(council, key), 0);

/** The guardians' confirmations that are missing. `epoch` is the council epoch that `confirmations` belong to. */
export function confirmationsMissing(council: Council, confirmations: number, epoch: bigint, now: bigint): Missing {
    let soFar = epoch === council.configEpoch ? confirmations : 0;
    const eligible = counted(council, role.GUARDIAN, now);
    const able = (eligible === 0 ? having(council) : eligible) & ~soFar;
    let count = 0;
    for (let index = 0; index < 16; index++) {
        if ((able & (1 << index)) === 0) continue;
        if (isEnough(council, soFar, now)) break;
        soFar |= 1 << index;
        count += 1;
    }
    return count === 0 ? NOTHING_MISSING : { count, from: keysOf(council, able) };
}

/** The approvals that are missing until the clock of a proposal runs. */
export function approvalsMissing(
    proposal: Proposal,
    council: Council,
    progress: ProposalProgress,
    now: bigint,
): Missing {
    const isStopped = lacksAClock(progress);
    const count = isStopped ? 1 : Math.max(0, progress.needed - bits(progress.eligible));
    if (count === 0) return NOTHING_MISSING;
    const eligible = counted(council, role.APPROVER, now);
    // Without a running clock, approving again starts it.
    const able = isStopped ? eligible : eligible & ~proposal.approvals;
    return { count, from: keysOf(council, able) };
}
