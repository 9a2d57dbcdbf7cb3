/** What may leave through a breaker now: the rules of `crates/core/src/breakers/window`. */
import { BPS, MAX_SUB_WINDOWS } from '../constants.ts';
import type { OutflowBreaker } from '../generated/bulkhead/public.ts';

/** A balance that nobody has looked at, and a sum that has left 64 bits. */
const UNSEEN = (1n << 64n) - 1n;

/** What a breaker is asked under. */
export type Moment = Readonly<{ slot: bigint; now: bigint; rampBps: number; unpausedSlot: bigint }>;

/** What a breaker says without being asked for anything: the answer of `view_outflow`. */
export type OutflowNow = Readonly<{
    /** The most that may leave now; nothing while latched. */
    remaining: bigint;
    /** Room in the window and in the slot, latched or not. */
    inWindow: bigint;
    inSlot: bigint;
    /** Limit of the window in force: after reference, shards and ramp. */
    limit: bigint;
    /** Limit of a slot in force. */
    slotLimit: bigint;
    /** What left in the window, by sub-window, oldest first. */
    outflows: readonly bigint[];
    /** Amount asked for in the window that had to wait. */
    queued: bigint;
    /** When the latch in force ends; 0 without one. */
    latchedUntil: bigint;
}>;

/** What may leave now and why. */
export function outflowNow(breaker: OutflowBreaker, at: Moment): OutflowNow {
    const turned = turn(breaker, at);
    const limits = inForce(turned, at);
    const inWindow = windowRoom(turned, limits);
    const inSlot = less(limits.slot, breaker.lastSlot === at.slot ? breaker.slotOutflow : 0n);
    const isLatched = at.now < breaker.latch.until && breaker.latch.slot >= at.unpausedSlot;
    // Half of the window is kept for queued releases whose turn it is.
    const isKept = turned.bucket <= breaker.turnBucket + BigInt(breaker.subWindows);
    const unkept = isKept ? less(inWindow, (limits.window + 1n) / 2n) : inWindow;
    return {
        remaining: isLatched ? 0n : least(inSlot, unkept),
        inWindow,
        inSlot,
        limit: limits.window,
        slotLimit: limits.slot,
        outflows: turned.outflows,
        queued: sum(turned.queues),
        latchedUntil: isLatched ? breaker.latch.until : 0n,
    };
}

type Turned = Readonly<{
    breaker: OutflowBreaker;
    bucket: bigint;
    outflows: readonly bigint[];
    inflows: readonly bigint[];
    queues: readonly bigint[];
    referenceMin: bigint;
}>;

/** The ring as it is once it has advanced to now. */
function turn(breaker: OutflowBreaker, { now }: Moment): Turned {
    const k = BigInt(Math.max(1, Math.min(breaker.subWindows, MAX_SUB_WINDOWS)));
    const length = greatest((breaker.windowSeconds + k - 1n) / k, 1n);
    const bucket = greatest((now < 0n ? 0n : now) / length, breaker.bucket);
    const ring = k + 1n;
    // The places of the newest k + 1 sub-windows, oldest first; those after the breaker's own are empty.
    const numbers = Array.from({ length: Number(ring) }, (_, i) => bucket - k + BigInt(i)).filter((n) => n >= 0n);
    const of = (row: readonly bigint[]) =>
        numbers.map((number) => (number > breaker.bucket ? 0n : (row[Number(number % ring)] ?? 0n)));
    return {
        breaker,
        bucket,
        outflows: of(breaker.buckets),
        inflows: of(breaker.inflows),
        queues: of(breaker.queues),
        referenceMin: lowestSeen(breaker, bucket, ring),
    };
}

/** The lowest reference of the window. A sub-window that nobody looked at counts as the minimum of then. */
function lowestSeen({ bucket: old, samples, referenceMin: carried }: OutflowBreaker, newest: bigint, ring: bigint) {
    const passed = newest - old;
    if (carried === UNSEEN || passed === 0n || passed >= ring) return carried;
    const row = samples.slice(0, Number(ring));
    let fallen = UNSEEN;
    for (let number = old; number < newest; number++) {
        const place = Number(number % ring);
        if (row[place] === UNSEEN) row[place] = carried;
        const next = Number((number + 1n) % ring);
        fallen = least(fallen, row[next] ?? UNSEEN);
        row[next] = UNSEEN;
    }
    return fallen <= carried ? row.reduce(least, UNSEEN) : carried;
}

type InForce = Readonly<{ window: bigint; slot: bigint; credit: bigint }>;

/** The native limits or the reference's, whichever is lower; of that a shard's share, and of that the ramp's. */
function inForce({ breaker, referenceMin }: Turned, { rampBps, now }: Moment): InForce {
    // What a guardian has lowered comes back by itself.
    const isBack = breaker.loweredUntil !== 0n && now >= breaker.loweredUntil;
    const set = isBack
        ? {
              limit: breaker.baseLimit,
              slot: breaker.baseSlotLimit,
              limitBps: breaker.baseLimitBps,
              slotBps: breaker.baseSlotBps,
              credit: breaker.baseInflowCredit,
          }
        : {
              limit: breaker.limit,
              slot: breaker.slotLimit,
              limitBps: breaker.limitBps,
              slotBps: breaker.slotBps,
              credit: breaker.inflowCredit,
          };
    const scaled = (whole: bigint, bps: number) => least((whole * BigInt(bps)) / BigInt(BPS), UNSEEN);
    const referred = (native: bigint, bps: number) =>
        referenceMin === UNSEEN || bps === 0 ? native : least(native, scaled(referenceMin, bps));
    const shards = BigInt(Math.max(1, breaker.shards));
    const staged = (whole: bigint) => (rampBps < BPS ? scaled(whole / shards, rampBps) : whole / shards);
    const window = staged(referred(set.limit, set.limitBps));
    const credit = least(staged(set.credit), window / BigInt(Math.max(1, breaker.subWindows)));
    return { window, slot: staged(referred(set.slot, set.slotBps)), credit };
}

/** What inflow adds counts once. */
function windowRoom({ outflows, inflows }: Turned, { window, credit }: InForce): bigint {
    const [out, back] = [sum(outflows), sum(inflows)];
    if (out >= UNSEEN) return 0n;
    return less(window, out) + less(least(credit, back), less(out, window));
}

const sum = (row: readonly bigint[]) =>
    least(
        row.reduce((all, each) => all + each, 0n),
        UNSEEN,
    );
const least = (a: bigint, b: bigint) => (a < b ? a : b);
const greatest = (a: bigint, b: bigint) => (a > b ? a : b);
const less = (a: bigint, b: bigint) => (a > b ? a - b : 0n);
