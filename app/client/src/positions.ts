/**
 * Reads positions out of a host's accounts through a registered ledger: the rules of `crates/core/src/snapshots/layout`,
 * compared by `tests/vectors/layouts.json`.
 */
import type { Address, ReadonlyUint8Array } from '@solana/kit';

import { bytesEqual, toAddress } from './bytes.ts';
import { amountFlag, BPS, ledgerMode, lengthRule, totalUnit } from './constants.ts';
import type { AmountField, Ledger, Scale } from './generated/bulkhead/index.ts';
import { isExtended, isInitialized, isMint, isTokenProgram } from './token.ts';

/** Why an account is not read. */
export type PositionErrorName =
    /** Its length or the bytes at a filter are not a position's. */
    | 'NotAPosition'
    /** A number on the way to the amount does not fit, or the amount does not fit 64 bits. */
    | 'AmountTooLarge'
    /** It says that it has more slots in use than the layout knows. */
    | 'TooManySlots';

/** An account that is not read as a position. */
export class PositionError extends Error {
    override readonly name: PositionErrorName;

    constructor(name: PositionErrorName) {
        super(name);
        this.name = name;
    }
}

/** Who has how much. */
export type HostPosition = Readonly<{
    owner: Address;
    /** Native units. */
    amount: bigint;
    /** Before the scale: what the host has written down, floored at zero. */
    hostAmount: bigint;
}>;

const OWNER_WIDTH = 32;
const MAX_U64 = (1n << 64n) - 1n;
const MAX_I128 = (1n << 127n) - 1n;
/** Offset of a mint's supply, and of a token account's amount. */
const SUPPLY_OFFSET = 36;
const AMOUNT_OFFSET = 64;

/** Has this account the length and the bytes of a position? The caller has checked that the ledger's program owns it. */
export function accepts(ledger: Ledger, data: ReadonlyUint8Array): boolean {
    const { dataLen: least } = ledger;
    const fits =
        ledger.lengthRule === lengthRule.AT_LEAST
            ? data.length >= least
            : data.length === least || (ledger.lengthRule === lengthRule.TOKEN_ACCOUNT && isExtended(data));
    return fits && ledger.filters.every(({ offset, len, bytes }) => matches(data, offset, bytes.slice(0, len)));
}

function matches(data: ReadonlyUint8Array, offset: number, wanted: ReadonlyUint8Array): boolean {
    return wanted.length === 0 || bytesEqual(data.slice(offset, offset + wanted.length), wanted);
}

/**
 * Reads a position. The caller has checked that the ledger's program owns the account and that the ledger is read by its
 * bytes. Throws {@link PositionError}.
 */
export function readPosition(ledger: Ledger, data: ReadonlyUint8Array): HostPosition {
    if (!accepts(ledger, data)) throw new PositionError('NotAPosition');
    const owner = data.slice(ledger.ownerOffset, ledger.ownerOffset + OWNER_WIDTH);
    if (owner.length !== OWNER_WIDTH) throw new PositionError('NotAPosition');
    const hostAmount = hostUnits(ledger, data);
    const amount = native(ledger.scale, hostAmount);
    if (amount === undefined) throw new PositionError('AmountTooLarge');
    return { owner: toAddress(owner), amount, hostAmount };
}

/** The sum of a position's fields, floored at zero: nobody can be owed less than nothing. */
function hostUnits(ledger: Ledger, data: ReadonlyUint8Array): bigint {
    const fields = ledger.amounts.slice(0, ledger.amountCount);
    const inSlot = ({ flags }: AmountField) => (flags & amountFlag.IN_SLOT) !== 0;
    const add = (bytes: ReadonlyUint8Array) => (sum: bigint, field: AmountField) => plus(sum, bytes, field);
    let sum = fields.filter((field) => !inSlot(field)).reduce(add(data), 0n);
    const { slots } = ledger;
    if (slots.count > 0) {
        const wanted = slots.filter.bytes.slice(0, slots.filter.len);
        for (let number = 0; number < slotsInUse(ledger, data); number++) {
            const start = slots.offset + number * slots.stride;
            const slot = data.slice(start, start + slots.stride);
            if (matches(slot, slots.filter.offset, wanted)) sum = fields.filter(inSlot).reduce(add(slot), sum);
        }
    }
    return sum < 0n ? 0n : sum;
}

/** Each partial sum has to fit a signed number of 128 bits. */
function plus(sum: bigint, data: ReadonlyUint8Array, { offset, width, flags }: AmountField): bigint {
    const unsigned = readNumber(data, offset, width);
    const isSigned = (flags & amountFlag.SIGNED) !== 0;
    const number = isSigned ? BigInt.asIntN(8 * width, unsigned) : unsigned;
    if (number > MAX_I128) throw new PositionError('AmountTooLarge');
    const next = (flags & amountFlag.SUBTRACT) === 0 ? sum + number : sum - number;
    if (next > MAX_I128 || next < -MAX_I128 - 1n) throw new PositionError('AmountTooLarge');
    return next;
}

function readNumber(data: ReadonlyUint8Array, offset: number, width: number): bigint {
    const bytes = data.slice(offset, offset + width);
    if (bytes.length !== width) throw new PositionError('NotAPosition');
    return bytes.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/**
 * How many slots to look at: those the host says it uses, all of which have to be there; or, where it keeps no number,
 * those that are there whole, up to the table's count.
 */
function slotsInUse({ slots }: Ledger, data: ReadonlyUint8Array): number {
    const there = Math.floor((data.length - slots.offset) / slots.stride);
    if (slots.usedWidth === 0) return Math.min(Math.max(there, 0), slots.count);
    const used = readNumber(data, slots.usedOffset, slots.usedWidth);
    if (used > BigInt(slots.count)) throw new PositionError('TooManySlots');
    if (there < 0 || used > BigInt(there)) throw new PositionError('NotAPosition');
    return Number(used);
}

function isIdentity({ multiplier, divisor, shift }: Scale): boolean {
    return multiplier === 1n && divisor === 1n && shift === 0;
}

/** `amount * multiplier / (divisor * 2^shift)`, rounded down once. `undefined` when that does not fit 64 bits. */
function native({ multiplier, divisor, shift }: Scale, amount: bigint): bigint | undefined {
    const scaled = (amount * multiplier) / (divisor << BigInt(shift));
    return scaled > MAX_U64 ? undefined : scaled;
}

/** Is the host's total of another unit than the amounts? Then the sum before the scale is compared with it. */
export function countsHostUnits(ledger: Ledger): boolean {
    return ledger.mode === ledgerMode.BYTES && ledger.totalUnit === totalUnit.HOST && !isIdentity(ledger.scale);
}

/** Reads the sum that the host keeps out of the registered account, which `owner` owns now. */
export function readTotal(ledger: Ledger, owner: Address, data: ReadonlyUint8Array): bigint | undefined {
    if (owner !== ledger.totalProgram || !isOfKind(ledger, data)) return undefined;
    return totalNumber(ledger, data);
}

/** Is a total in a token program's account a mint's supply or a token account's balance, and the account of that kind? */
function isOfKind({ totalProgram, totalOffset, totalWidth }: Ledger, data: ReadonlyUint8Array): boolean {
    if (!isTokenProgram(totalProgram)) return true;
    if (totalWidth !== 8) return false;
    return totalOffset === SUPPLY_OFFSET ? isMint(data) : totalOffset === AMOUNT_OFFSET && isInitialized(data);
}

/** The number where a ledger's total stands, whatever account it is in. */
export function totalNumber({ totalOffset, totalWidth }: Ledger, data: ReadonlyUint8Array): bigint | undefined {
    const width = totalWidth === 16 ? 16 : 8;
    return data.length < totalOffset + width ? undefined : readNumber(data, totalOffset, width);
}

/** The host's total in the unit of the leaves. `undefined` when that does not fit 64 bits. */
export function nativeTotal(ledger: Ledger, total: bigint): bigint | undefined {
    if (countsHostUnits(ledger)) return native(ledger.scale, total);
    return total > MAX_U64 ? undefined : total;
}

/** Is a sum of positions near enough to the host's total, in the unit of that? */
export function agrees(ledger: Ledger, sum: bigint, total: bigint): boolean {
    const allowed = (bps: number) => (total * BigInt(bps) + BigInt(BPS) - 1n) / BigInt(BPS);
    return sum >= total ? sum - total <= allowed(ledger.excessBps) : total - sum <= allowed(ledger.shortfallBps);
}
