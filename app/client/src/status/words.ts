/** The words of a status: the rules of `crates/client/src/status/words.rs`. */
import { cause, phase, routeFault, step } from '../constants.ts';
import { action, ALL_ACTIONS } from '../masks.ts';
import type { ProposalStatus } from '../proposal-progress.ts';

const DAY = 86_400;
/** The actions that hosts define. */
const HOST = 0xffff_0000;

/** `2026-02-02 02:40:00 UTC`. */
export function utc(seconds: bigint): string {
    return `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The two largest units of a duration: `2 h 14 min`. */
export function span(seconds: bigint): string {
    let rest = Number(seconds < 0n ? -seconds : seconds);
    const parts: string[] = [];
    for (const [name, length] of [
        ['d', DAY],
        ['h', 3_600],
        ['min', 60],
        ['s', 1],
    ] as const) {
        const count = Math.floor(rest / length);
        rest %= length;
        if (count > 0) parts.push(`${count} ${name}`);
        else if (parts.length > 0) break;
        if (parts.length === 2) break;
    }
    return parts.join(' ') || '0 s';
}

/** How far away a time is: `in 2 h 14 min`, or `5 min ago`. */
export function fromNow(ts: bigint, now: bigint): string {
    if (ts === now) return 'now';
    return ts > now ? `in ${span(ts - now)}` : `${span(now - ts)} ago`;
}

/** An amount in native units, with decimals if they are known. */
export function amount(value: bigint, decimals: number | undefined): string {
    if (decimals === undefined) return `${grouped(value.toString())} units`;
    const digits = value.toString().padStart(decimals + 1, '0');
    const whole = grouped(digits.slice(0, digits.length - decimals));
    const part = digits.slice(digits.length - decimals).replace(/0+$/, '');
    return part === '' ? whole : `${whole}.${part}`;
}

function grouped(digits: string): string {
    return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 vault`, `2 vaults`. */
export function count(number: number | bigint, noun: string): string {
    return `${number} ${noun}${BigInt(number) === 1n ? '' : 's'}`;
}

/** What a mask closes: `everything but deposit, claim`, or the actions by name. */
export function closedActions(mask: number): string {
    const bits = mask >>> 0;
    if (bits === ALL_ACTIONS >>> 0) return 'everything';
    const names = (of: number) =>
        Object.entries(action)
            .filter(([, bit]) => (of & bit) !== 0)
            .map(([name]) => name.toLowerCase().replaceAll('_', ' '));
    if ((bits & HOST) >>> 0 === HOST) return `everything but ${names(~bits).join(', ')}`;
    const host = (bits & HOST) >>> 0;
    const parts = names(bits);
    if (host !== 0) parts.push(`host actions 0x${host.toString(16).padStart(8, '0')}`);
    return parts.join(', ');
}

/** A compartment, or the domain. */
export function scopeName(scope: number): string {
    return scope === 255 ? 'the whole domain' : `compartment ${scope}`;
}

type Named = Readonly<Record<number, string>>;

export const PHASES: Named = {
    [phase.SETUP]: 'set-up',
    [phase.OPERATING]: 'operating',
    [phase.ALERT]: 'alert',
    [phase.FROZEN]: 'frozen',
    [phase.RECOVERING]: 'recovering',
};

/** What opened an incident. */
export const CAUSES: Named = {
    [cause.GUARDIAN]: "a guardian's alarm",
    [cause.OUTFLOW]: 'an outflow breaker',
    [cause.PRICE]: 'a price breaker',
    [cause.SOLVENCY]: 'a solvency breaker',
    [cause.AUTHORITY]: 'an authority watch',
    [cause.ROUTE]: 'an evacuation route',
};

/** Steps of an incident's timeline. */
export const STEPS: Named = {
    [step.BREACH]: 'breach',
    [step.PAUSE]: 'pause',
    [step.FREEZE]: 'freeze',
    [step.SNAPSHOT]: 'snapshot sealed',
    [step.EVACUATION]: 'evacuation confirmed',
    [step.EVACUATED]: 'evacuated',
    [step.BALLOT]: 'vote began',
    [step.RESTORATION]: 'restoration chosen',
    [step.CLAIMS]: 'claims open',
    [step.REOPEN]: 'reopened',
};

/** What is wrong with an evacuation route. */
export const ROUTE_FAULTS: Named = {
    [routeFault.GONE]: "is closed, or is not a token account of the vault's mint",
    [routeFault.OTHER_HOLDER]: 'changed hands: its holder is not the registered one',
    [routeFault.FROZEN]: 'is frozen',
    [routeFault.DELEGATED]: 'has a delegate who may spend from it',
    [routeFault.CLOSABLE]: 'may be closed by somebody other than its holder',
    [routeFault.WANTS_MEMO]: 'accepts only transfers with a memo',
    [routeFault.EXTENSION]: 'has an extension that may refuse a transfer',
};

/** States of a proposal. */
export const PROPOSAL_STATES: Readonly<Record<ProposalStatus, string>> = {
    executed: 'executed',
    vetoed: 'vetoed',
    stale: 'void: the council has changed',
    expired: 'expired',
    collecting: 'collecting approvals',
    fallbackNotDue: 'void: approvers are active again',
    waiting: 'approved, waiting',
    ready: 'ready',
    refused: 'void: something was decided or closed since',
};
