/** Reads what flows decide by. */
import type { Address } from '@solana/kit';

import { MIN_ESCAPE_SECONDS, phase, role } from '../constants.ts';
import {
    BULKHEAD_PROGRAM_ADDRESS,
    decodeCouncil,
    decodeDomain,
    decodePauseBoard,
    type Council,
    type Domain,
    type Member,
    type PauseBoard,
} from '../generated/bulkhead/public.ts';
import { LAYOUTS } from '../generated/bulkhead/readers.ts';
import * as pdas from '../pdas.ts';
import type { At } from '../proposal-progress.ts';
import { isTokenProgram } from '../token.ts';
import type { Kind } from '../watch-change.ts';
import type { Filter } from './chain.ts';
import { decoded, NotFound, type Work } from './session.ts';

/** No account: the zero address. */
export const NOBODY = '11111111111111111111111111111111' as Address;

/** A domain with its council and its board, and the clock. */
export type Scene = Readonly<{ key: Address; domain: Domain; council: Council; board: PauseBoard; at: At }>;

/** Reads a domain. */
export async function readScene(work: Work, key: Address): Promise<Scene> {
    const next = 'is the address right, and the cluster?';
    const [council, board] = await Promise.all([pdas.council(key), pdas.board(key)]);
    const [accounts, at] = await Promise.all([work.chain.accounts([key, council, board]), work.chain.now()]);
    const [domainAccount, councilAccount, boardAccount] = accounts;
    return {
        key,
        domain: found('domain', key, domainAccount && decoded(domainAccount, decodeDomain), next),
        council: found('council', council, councilAccount && decoded(councilAccount, decodeCouncil), next),
        board: found('pause board', board, boardAccount && decoded(boardAccount, decodePauseBoard), next),
        at,
    };
}

function found<T extends object>(what: string, key: Address, account: { data: T } | undefined, next: string): T {
    if (account === undefined) throw new NotFound(what, key, next);
    return account.data;
}

/** The members in use. */
export function members(council: Council): Member[] {
    return council.members.slice(0, council.memberCount);
}

/** The keys of the members with a role, as a list for a message. */
export function membersWith(council: Council, wanted: number): string {
    const keys = members(council).filter(({ roles }) => (roles & wanted) !== 0);
    return keys.map(({ key }) => key).join(', ') || 'nobody';
}

/** Bit i: member i. 0 for a key that is no member. */
export function memberBit(council: Council, key: Address): number {
    const index = members(council).findIndex((member) => member.key === key);
    return index < 0 ? 0 : 1 << index;
}

/** How many bits are set. */
export function bits(number: number): number {
    return number.toString(2).replaceAll('0', '').length;
}

/** The guardians that have not confirmed. `epoch` is the council epoch that `confirmations` belong to. */
export function guardiansMissing(council: Council, confirmations: number, epoch: bigint): Address[] {
    const soFar = epoch === council.configEpoch ? confirmations : 0;
    return members(council)
        .filter(({ roles }, index) => (roles & role.GUARDIAN) !== 0 && (soFar & (1 << index)) === 0)
        .map(({ key }) => key);
}

/** The program's accounts of a kind that have these bytes at these offsets. */
export async function ownedOfKind(work: Work, kind: Kind, ...filters: readonly Filter[]) {
    const discriminator = { offset: 0, bytes: LAYOUTS[kind].discriminator };
    return work.chain.owned(BULKHEAD_PROGRAM_ADDRESS, [discriminator, ...filters]);
}

/** The token program that owns a mint. */
export async function tokenProgramOf(work: Work, mint: Address): Promise<Address> {
    const account = await work.account(mint);
    if (!account.exists || !isTokenProgram(account.programAddress)) {
        throw new NotFound('token mint', mint, 'is it a mint of SPL Token or Token-2022 on this cluster?');
    }
    return account.programAddress;
}

/** When the escape is due: `core::escape::clock::due`. */
export function escapeDue(domain: Domain): bigint | undefined {
    const isFrozen = domain.state === phase.FROZEN || domain.state === phase.RECOVERING;
    if (!isFrozen || domain.escapeSeconds === 0n || domain.frozenTs === 0n) return undefined;
    const first = domain.frozenTs + domain.escapeSeconds;
    const again = domain.refrozenTs === 0n ? first : domain.refrozenTs + BigInt(MIN_ESCAPE_SECONDS);
    return first > again ? first : again;
}
