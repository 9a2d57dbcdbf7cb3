/** What a pause board says, by the rules of `crates/guard`. */
import { action as ofTheGuard, MAX_COMPARTMENTS } from './constants.ts';
import type { BoardRow, PauseBoard } from './generated/bulkhead/index.ts';

const { ALL, DEFAULT_EMERGENCY, FROZEN, ...bits } = ofTheGuard;

/** What users do, one bit each. Bits 16 to 31 are the host's to define. */
export const action = bits;

export type ActionName = keyof typeof action;

/** Every action, the host's own included. */
export const ALL_ACTIONS = ALL;

/** What an emergency closes unless the council says otherwise, and what a freeze closes. */
export { DEFAULT_EMERGENCY, FROZEN };

type Masks = Pick<PauseBoard, 'graceUntil' | 'domainRow' | 'rows'>;

/** Every action closed in `compartment` at `now`: the domain's masks and the compartment's, timed ones while they last. */
export function effectiveMask(board: Masks, compartment: number, now: bigint): number {
    const grace = now < board.graceUntil ? action.LIQUIDATE : 0;
    return (rowMask(board.domainRow, now) | rowMask(row(board, compartment), now) | grace) >>> 0;
}

/** Are all of these actions open in `compartment` at `now`? No action at all is not: who asks for none has made a mistake. */
export function isOpen(board: Masks, compartment: number, actions: number, now: bigint): boolean {
    // `1 << 31` is a negative number here.
    if (!Number.isInteger(actions) || actions < -0x8000_0000 || actions > ALL_ACTIONS || actions === 0) return false;
    return (effectiveMask(board, compartment, now) & actions) === 0;
}

/** Share of the limits in force, in bps: the smaller of the domain's stage and the compartment's. */
export function rampBps(board: Masks, compartment: number): number {
    return Math.min(board.domainRow.rampBps, row(board, compartment).rampBps);
}

/** The names of a mask's actions; a host's own as `HOST_16` to `HOST_31`. */
export function actionNames(mask: number): string[] {
    const named = (Object.keys(action) as ActionName[]).filter((name) => mask & action[name]);
    const ofHost = Array.from({ length: 16 }, (_, i) => i + 16).filter((bit) => (mask >>> bit) & 1);
    return [...named, ...ofHost.map((bit) => `HOST_${bit}`)];
}

function row(board: Masks, compartment: number): BoardRow {
    const found = Number.isInteger(compartment) && compartment < MAX_COMPARTMENTS ? board.rows[compartment] : undefined;
    if (found === undefined) throw new RangeError(`compartments are numbered 0 to ${MAX_COMPARTMENTS - 1}`);
    return found;
}

function rowMask(row: BoardRow, now: bigint): number {
    const timed = (mask: number, until: bigint) => (now < until ? mask : 0);
    return (
        row.freeze |
        timed(row.guardianPause, row.guardianPauseUntil) |
        timed(row.trip, row.tripUntil) |
        timed(row.linked, row.linkedUntil)
    );
}
