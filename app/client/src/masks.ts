/** Evaluates a pause board by the rules of `crates/guard`. */
import { action as ofTheGuard, MAX_COMPARTMENTS } from './constants.ts';
import type { BoardRow, PauseBoard } from './generated/bulkhead/index.ts';

const { ALL, DEFAULT_EMERGENCY, FROZEN, ...bits } = ofTheGuard;

/** User actions, one bit each. The host defines bits 16 to 31. */
export const action = bits;

export type ActionName = keyof typeof action;

/** All actions, including the host's own. */
export const ALL_ACTIONS = ALL;

/** The actions that an emergency closes by default, and that a freeze closes. */
export { DEFAULT_EMERGENCY, FROZEN };

type Masks = Pick<PauseBoard, 'graceUntil' | 'domainRow' | 'rows'>;

/**
 * All actions closed in `compartment` at `now`: the masks of the domain and of the compartment, including timed masks
 * that are still in force.
 */
export function effectiveMask(board: Masks, compartment: number, now: bigint): number {
    const grace = now < board.graceUntil ? action.LIQUIDATE : 0;
    return (rowMask(board.domainRow, now) | rowMask(row(board, compartment), now) | grace) >>> 0;
}

/**
 * Are all of these actions open in `compartment` at `now`? Returns false for no action at all, which is a mistake of
 * the caller.
 */
export function isOpen(board: Masks, compartment: number, actions: number, now: bigint): boolean {
    // `1 << 31` is negative in JavaScript.
    if (!Number.isInteger(actions) || actions < -0x8000_0000 || actions > ALL_ACTIONS || actions === 0) return false;
    return (effectiveMask(board, compartment, now) & actions) === 0;
}

/** Share of the limits in force, in bps: the smaller ramp of the domain and the compartment. */
export function rampBps(board: Masks, compartment: number): number {
    return Math.min(board.domainRow.rampBps, row(board, compartment).rampBps);
}

/** The names of a mask's actions. The host's own are `HOST_16` to `HOST_31`. */
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
