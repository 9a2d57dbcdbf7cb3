/** Pays queued releases whose time has come. */
import { AccountRole, type Account, type Address, type Instruction } from '@solana/kit';

import { addressBytes } from '../bytes.ts';
import { releaseState } from '../constants.ts';
import {
    decodeOutflowBreaker,
    decodeRelease,
    getSettleReleaseInstruction,
    type OutflowBreaker,
    type Release,
    type Vault,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { MEMO_PROGRAM, wantsMemo } from '../token.ts';
import { parentOffset } from '../watch.ts';
import { vaultsOf } from './evacuate.ts';
import { ownedOfKind } from './reading.ts';
import { decoded, Work, type Done, type Session } from './session.ts';

/** Rounds of one run. A slot limit pays a part in each round; whatever is left after so many is paid by the next run. */
const MAX_ROUNDS = 32;
/** The target duration of a slot in milliseconds. */
const SLOT_MS = 400;

/**
 * Anyone pays every queued release that is payable, as far as limits and balances allow, oldest first. A release that
 * finds too little room begins the turn of all that wait.
 */
export async function settleReleases(session: Session, { domain }: Readonly<{ domain: Address }>): Promise<Done> {
    const work = new Work(session);
    for (let round = 0; round < MAX_ROUNDS; round++) {
        if (!(await settleDue(work, domain))) break;
        // What the slot's limit left over may leave in the next slot.
        await work.chain.wait(SLOT_MS);
    }
    if (work.done().receipts.length === 0) work.skip();
    return work.done();
}

/** One round. Returns whether anything was settled. */
async function settleDue(work: Work, domain: Address): Promise<boolean> {
    const vaults = new Map((await vaultsOf(work, domain)).map(({ address, data }) => [address, data] as const));
    const due = await payable(work, [...vaults.keys()]);
    const board = await pdas.board(domain);
    let settled = 0;
    // One after the other: each leaves less room to the next.
    for (const [place, release] of due.entries()) {
        const vault = vaults.get(release.data.vault) as Vault;
        const settle = await settlement(work, board, vault, release);
        const after = await work.tried([settle], [release.address, vault.breaker]);
        const [paid, breaker] = after ?? [];
        const before = await work.find(vault.breaker, decodeOutflowBreaker);
        const isPaid = paid && (decoded(paid, decodeRelease)?.data.paid ?? 0n) > release.data.paid;
        const turn = breaker && decoded(breaker, decodeOutflowBreaker)?.data;
        if (!isPaid && !beginsTurn(before, turn)) continue;
        await work.act([settle], "read the domain's status", { ReleaseNotQueued: 'settled already' });
        settled += 1;
        work.report.progress('releases', place + 1, due.length);
    }
    return settled > 0;
}

function beginsTurn(before: OutflowBreaker | undefined, after: OutflowBreaker | undefined): boolean {
    if (before === undefined || after === undefined) return false;
    return before.turnTs !== after.turnTs || before.turnBucket !== after.turnBucket;
}

/** The queued releases of these vaults whose time has come, oldest first. */
async function payable(work: Work, vaults: readonly Address[]): Promise<Account<Release>[]> {
    const { now } = await work.chain.now();
    const offset = parentOffset('Release');
    const ask = (vault: Address) => ownedOfKind(work, 'Release', { offset, bytes: addressBytes(vault) });
    const found = (await Promise.all(vaults.map(ask))).flat().map((account) => decodeRelease(account));
    const due = found.filter(({ data }) => data.state === releaseState.QUEUED && data.payableTs <= now);
    const order = ({ data: a, address: x }: Account<Release>, { data: b, address: y }: Account<Release>): number => {
        if (a.payableTs !== b.payableTs) return a.payableTs < b.payableTs ? -1 : 1;
        if (a.requestedSlot !== b.requestedSlot) return a.requestedSlot < b.requestedSlot ? -1 : 1;
        return x < y ? -1 : 1;
    };
    return due.sort(order);
}

async function settlement(
    work: Work,
    board: Address,
    { breaker, custody, mint, tokenProgram }: Vault,
    { address: release, data: { vault, destination } }: Account<Release>,
): Promise<Instruction> {
    const accounts = { vault, breaker, board, custody, destination, mint, tokenProgram, release };
    const settle = getSettleReleaseInstruction(accounts);
    const receiver = await work.account(destination);
    if (!receiver.exists || !wantsMemo(receiver.data)) return settle;
    return { ...settle, accounts: [...settle.accounts, { address: MEMO_PROGRAM, role: AccountRole.READONLY }] };
}
