/** Carries to the board whatever detectors and upstream domains have closed. */
import type { Account, Address, EncodedAccount } from '@solana/kit';

import { addressBytes } from '../bytes.ts';
import { latchState } from '../constants.ts';
import {
    decodeAuthorityWatch,
    decodeLink,
    decodeOutflowBreaker,
    decodePauseBoard,
    decodePriceBreaker,
    decodeSolvencyBreaker,
    decodeVault,
    getPropagateContagionInstruction,
    getPropagateTripInstructionAsync,
    type Latch,
    type Link,
    type PauseBoard,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { parentOffset } from '../watch.ts';
import type { Kind } from '../watch-change.ts';
import { incidentForAlarm } from './confirm.ts';
import { ownedOfKind, readScene, type Scene } from './reading.ts';
import { decoded, Work, type Decode, type Done, type Session } from './session.ts';

/** A linked pause in force is propagated again once that extends it by more than this. */
const RENEW_SECONDS = 3_600n;

/** The kinds of accounts that latch. */
const DETECTORS: readonly (readonly [Kind, Decode<{ latch: Latch }>])[] = [
    ['OutflowBreaker', decodeOutflowBreaker],
    ['PriceBreaker', decodePriceBreaker],
    ['SolvencyBreaker', decodeSolvencyBreaker],
    ['AuthorityWatch', decodeAuthorityWatch],
    ['Vault', decodeVault],
];

/**
 * Anyone propagates the latches that are not on the board, and the pauses of linked upstream domains. A latch opens the
 * incident if none is open.
 */
export async function propagate(session: Session, { domain }: Readonly<{ domain: Address }>): Promise<Done> {
    const work = new Work(session);
    const { council } = await readScene(work, domain);
    const [latched, links] = await Promise.all([latchedOf(work, domain), linksOf(work, domain)]);
    const total = latched.length + links.length;
    let sent = 0;
    // In this order: the first latch may open the incident that the others are added to.
    for (const detector of latched) {
        const incident = await incidentForAlarm(await readScene(work, domain));
        const accounts = { payer: work.payer, domain, detector, incident };
        const trip = await getPropagateTripInstructionAsync(accounts);
        if ((await work.tried([trip], [])) === undefined) continue;
        await work.act([trip], 'run this again', { NotLatched: 'propagated already' });
        work.report.progress('trips and links', ++sent, total);
    }
    for (const { address: link, data } of links) {
        const scene = await readScene(work, domain);
        const accounts = { link, council: await pdas.council(domain), board: await pdas.board(domain) };
        const carry = getPropagateContagionInstruction({ ...accounts, upstreamBoard: data.upstreamBoard });
        const [board] = (await work.tried([carry], [accounts.board])) ?? [];
        const after = board && decoded(board, decodePauseBoard)?.data;
        if (after === undefined || !closesMore(scene, after, council.tripSeconds)) continue;
        await work.act([carry], 'run this again');
        work.report.progress('trips and links', ++sent, total);
    }
    if (work.done().receipts.length === 0) work.skip();
    return work.done();
}

/** The detectors that have latched, by address. Whether that is news to the board is for the program to say. */
async function latchedOf(work: Work, domain: Address): Promise<Address[]> {
    const read = async ([kind, decode]: (typeof DETECTORS)[number]) => {
        const found = await ofDomain(work, kind, domain);
        return found.filter((account) => {
            const latch = decoded(account, decode)?.data.latch;
            return latch !== undefined && latch.state !== latchState.ARMED;
        });
    };
    const all = (await Promise.all(DETECTORS.map(read))).flat();
    return all.map(({ address }) => address).sort((a, b) => (a < b ? -1 : 1));
}

async function linksOf(work: Work, domain: Address): Promise<Account<Link>[]> {
    const found = (await ofDomain(work, 'Link', domain)).map((account) => decodeLink(account));
    return found.sort((a, b) => (a.address < b.address ? -1 : 1));
}

function ofDomain(work: Work, kind: Kind, domain: Address): Promise<EncodedAccount[]> {
    return ownedOfKind(work, kind, { offset: parentOffset(kind), bytes: addressBytes(domain) });
}

/**
 * Does it close anything more, or for longer by enough to matter? A freeze upstream has no end, so it is propagated again
 * and again, each time for as long as a trip lasts.
 */
function closesMore({ board, at }: Scene, after: PauseBoard, tripSeconds: bigint): boolean {
    const half = tripSeconds / 2n;
    const enough = half < RENEW_SECONDS ? half : RENEW_SECONDS;
    return board.rows.some((before, i) => {
        const next = after.rows[i];
        if (next === undefined) return false;
        const was = at.now < before.linkedUntil ? before.linked : 0;
        return (next.linked & ~was) !== 0 || next.linkedUntil - before.linkedUntil > enough;
    });
}
