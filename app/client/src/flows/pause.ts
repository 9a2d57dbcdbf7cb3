/** A guardian's pause, and the end of an incident that nobody confirmed. */
import type { Address } from '@solana/kit';

import { role, SCOPE_DOMAIN } from '../constants.ts';
import {
    getCloseLapsedIncidentInstructionAsync,
    getPauseInstruction,
    type Council,
    type PauseBoard,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { members, NOBODY, readScene } from './reading.ts';
import { Work, type Done, type Session } from './session.ts';
import { signer } from './signing.ts';

/**
 * A pause that would last less than this much longer than one in force is the same pause: sent again after a lost
 * connection, it would burn a right and close nothing more.
 */
const SAME_PAUSE_SECONDS = 60n;

export type PauseInput = Readonly<{
    domain: Address;
    guardian: Address;
    /** A compartment, or 255 for the domain, which is the default. */
    scope?: number;
    /** The actions to close; 0, which is the default, for the council's default. */
    mask?: number;
}>;

/**
 * One guardian closes actions at once. Does nothing if guardians have closed them at least as long already. A silent
 * guardian may do so too.
 */
export async function pause(session: Session, input: PauseInput): Promise<Done> {
    const { domain, guardian, scope = SCOPE_DOMAIN, mask = 0 } = input;
    const work = new Work(session);
    const { council, board, at } = await readScene(work, domain);
    if (isPaused(council, board, scope, mask, at.now)) {
        work.skip('already paused, at least as long');
        return work.done();
    }
    const accounts = {
        guardian: signer(guardian),
        council: await pdas.council(domain),
        board: await pdas.board(domain),
    };
    await work.act([getPauseInstruction({ ...accounts, scope, mask })], whoCanPause(council));
    return work.done();
}

/**
 * Do guardians' pauses and freezes close all of `mask` as long as a new pause would? Trips and linked pauses do not
 * count: an unpause that was proposed before now may open them, and would not open a new pause.
 */
function isPaused(council: Council, board: PauseBoard, scope: number, mask: number, now: bigint): boolean {
    const wanted = mask === 0 ? council.defaultMask : mask;
    const until = now + council.guardianPauseSeconds;
    const own = scope === SCOPE_DOMAIN ? undefined : board.rows[scope];
    const closed = [board.domainRow, ...(own === undefined ? [] : [own])].reduce((all, row) => {
        const lasts = row.guardianPauseUntil + SAME_PAUSE_SECONDS >= until;
        return all | row.freeze | (lasts ? row.guardianPause : 0);
    }, 0);
    return (wanted & ~closed) === 0;
}

/** What to do when a guardian cannot pause. */
export function whoCanPause(council: Council): string {
    const able = members(council).filter(({ roles, pauseRights }) => (roles & role.GUARDIAN) !== 0 && pauseRights > 0);
    const keys = able.map(({ key }) => key).join(', ');
    return `guardians with pause rights: ${keys || 'none; a proposal that grants rights restores them'}`;
}

/**
 * Anyone closes the open incident if nobody confirmed it and every timed pause has lapsed. Does nothing if no incident
 * is open.
 */
export async function lapse(session: Session, { domain }: Readonly<{ domain: Address }>): Promise<Done> {
    const work = new Work(session);
    const scene = await readScene(work, domain);
    const incident = scene.domain.openIncident;
    if (incident === NOBODY) {
        work.skip('no incident is open');
        return work.done();
    }
    const next = 'an incident ends by itself only if no guardians confirmed it and every pause has lapsed';
    await work.act([await getCloseLapsedIncidentInstructionAsync({ domain, incident })], next);
    return work.done();
}
