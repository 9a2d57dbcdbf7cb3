/**
 * Reads positions out of a host's accounts through a registered ledger: the rules of `crates/core/src/snapshots/layout`,
 * compared by `tests/vectors/layouts.json`.
 */
import type { Address, ReadonlyUint8Array } from '@solana/kit';

import { bytesEqual, toAddress } from './bytes.ts';
import { amountFlag, BPS, factorFlag, ledgerMode, lengthRule, linkFlag, totalUnit } from './constants.ts';
import type { AmountField, Ledger, Scale } from './generated/bulkhead/index.ts';
import { isExtended, isInitialized, isMint, isTokenProgram } from './token.ts';

/** Why an account is not read. */
export type PositionErrorName =
    /** Its length or the bytes at a filter are not a position's. */
    | 'NotAPosition'
    /** A number on the way to the amount does not fit, or the amount does not fit 64 bits. */
    | 'AmountTooLarge'
    /** It says that it has more slots in use than the layout knows. */
    | 'TooManySlots'
    /** An account that it refers to is not passed, or another one is. */
    | 'LinkMissing'
    /** A factor's account is gone or belongs to another program, or the factor is zero or negative. */
    | 'FactorUnreadable'
    /** Its owner is no token, or a token of which there can be more than one. */
    | 'NotASingleToken'
    /** The token account does not hold the token that owns it. */
    | 'NotTheHolder';

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
 * Reads a position. The caller has checked that the ledger's program owns the account. Throws {@link PositionError}; a
 * ledger that is read in another way than by its bytes has none here.
 */
export function readPosition(ledger: Ledger, data: ReadonlyUint8Array): HostPosition {
    if (ledger.mode !== ledgerMode.BYTES || !accepts(ledger, data)) throw new PositionError('NotAPosition');
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
    const isConverted = !isIdentity(ledger.scale) || factorFields(ledger).length > 0;
    return ledger.mode !== ledgerMode.EXPORT && ledger.totalUnit === totalUnit.HOST && isConverted;
}

/** An account as it is now. */
export type Seen = Readonly<{ key: Address; program: Address; data: ReadonlyUint8Array }>;

/** A number in another account that amounts are multiplied or divided by. */
export type FactorField = Readonly<{ account: Address; offset: number; width: number; divides: boolean }>;

const SYSTEM_PROGRAM = '11111111111111111111111111111111' as Address;
const FACTOR_BYTES = 8;
/** Bytes of a snapshot's account; a linked ledger's factors follow: their slot, then 16 bytes for each. */
const SNAPSHOT_BYTES = 8 + 1_072;
const RECORD_PREFIX = 28;

/** Is a position read with the help of other accounts, or one of many in its account? */
export const isLinked = (ledger: Ledger): boolean => ledger.mode === ledgerMode.LINKED;

/** Does the owner hold a token that the position names? */
export const ownerIsToken = (ledger: Ledger): boolean =>
    isLinked(ledger) && (ledger.flags & linkFlag.OWNER_IS_TOKEN) !== 0;

/** Are there many positions in one account? */
export const hasRecords = (ledger: Ledger): boolean => isLinked(ledger) && (ledger.flags & linkFlag.RECORDS) !== 0;

/** The factors of a ledger: where each of them is, in its order. */
export function factorFields(ledger: Ledger): FactorField[] {
    if (!isLinked(ledger)) return [];
    const { accounts, accountCount, data } = ledger.export;
    return accounts.slice(0, accountCount).map((account, number) => {
        const field = data.slice(number * FACTOR_BYTES, (number + 1) * FACTOR_BYTES);
        const [offset, width, flags] = [readNumber(field, 0, 4), field[4] ?? 0, field[5] ?? 0];
        return { account, offset: Number(offset), width, divides: (flags & factorFlag.DIVIDE) !== 0 };
    });
}

/** Reads the factors of a ledger. `accounts` are those that it names, in its order. Throws {@link PositionError}. */
export function readFactors(ledger: Ledger, accounts: readonly Seen[]): bigint[] {
    return factorFields(ledger).map(({ account, offset, width }, number) => {
        const seen = accounts[number];
        if (seen?.key !== account) throw new PositionError('LinkMissing');
        if (seen.program !== ledger.export.program || seen.data.length < offset + width) {
            throw new PositionError('FactorUnreadable');
        }
        const factor = readNumber(seen.data, offset, width);
        if (factor === 0n || factor > MAX_I128) throw new PositionError('FactorUnreadable');
        return factor;
    });
}

/** The factors that a snapshot was opened with, from its account's data. Throws {@link PositionError}. */
export function frozenFactors(ledger: Ledger, snapshot: ReadonlyUint8Array): bigint[] {
    return factorFields(ledger).map((_, number) => {
        const at = SNAPSHOT_BYTES + 8 + 16 * number;
        if (snapshot.length < at + 16) throw new PositionError('FactorUnreadable');
        return readNumber(snapshot, at, 16);
    });
}

/** An amount of the host's units in native units, rounded down once. `undefined` when it does not fit 64 bits. */
function worth(ledger: Ledger, factors: readonly bigint[], amount: bigint): bigint | undefined {
    const { multiplier, divisor, shift } = ledger.scale;
    let [above, below] = [amount * multiplier, divisor << BigInt(shift)];
    for (const [number, { divides }] of factorFields(ledger).entries()) {
        const factor = factors[number] ?? 0n;
        if (divides) below *= factor;
        else above *= factor;
    }
    const native = below === 0n ? undefined : above / below;
    return native === undefined || native > MAX_U64 ? undefined : native;
}

/**
 * Reads an account of a linked ledger that is one position. Where a token owns it, `owner` is that token: {@link holder}
 * says who has it. Throws {@link PositionError}.
 */
export function readLinked(ledger: Ledger, factors: readonly bigint[], data: ReadonlyUint8Array): HostPosition {
    if (hasRecords(ledger) || !accepts(ledger, data)) throw new PositionError('NotAPosition');
    return position(ledger, factors, data, hostUnits(ledger, data));
}

function position(
    ledger: Ledger,
    factors: readonly bigint[],
    data: ReadonlyUint8Array,
    hostAmount: bigint,
): HostPosition {
    const owner = data.slice(ledger.ownerOffset, ledger.ownerOffset + OWNER_WIDTH);
    if (owner.length !== OWNER_WIDTH) throw new PositionError('NotAPosition');
    const amount = worth(ledger, factors, hostAmount);
    if (amount === undefined) throw new PositionError('AmountTooLarge');
    return { owner: toAddress(owner), amount, hostAmount };
}

/** The positions of an account of many, each with its number. Throws {@link PositionError}. */
export function readRecords(
    ledger: Ledger,
    factors: readonly bigint[],
    data: ReadonlyUint8Array,
): (HostPosition & { number: number })[] {
    if (!accepts(ledger, data)) throw new PositionError('NotAPosition');
    const { slots } = ledger;
    const wanted = slots.filter.bytes.slice(0, slots.filter.len);
    const fields = ledger.amounts
        .slice(0, ledger.amountCount)
        .filter(({ flags }) => (flags & amountFlag.IN_SLOT) !== 0);
    const records: (HostPosition & { number: number })[] = [];
    for (let number = 0; number < slotsInUse(ledger, data); number++) {
        const start = slots.offset + number * slots.stride;
        const slot = data.slice(start, start + slots.stride);
        if (!matches(slot, slots.filter.offset, wanted)) continue;
        const sum = fields.reduce((sum, field) => plus(sum, slot, field), 0n);
        records.push({ number, ...position(ledger, factors, slot, sum < 0n ? 0n : sum) });
    }
    return records;
}

/** The key of a record: the first 28 bytes of its account's address, and its number, big endian. */
export function recordKey(account: ReadonlyUint8Array, number: number): Address {
    const key = Uint8Array.from(account);
    new DataView(key.buffer).setUint32(RECORD_PREFIX, number);
    return toAddress(key);
}

/**
 * The owner of a position that names `token`: its holder, or the token itself if nobody holds it. Throws
 * {@link PositionError}.
 */
export function holder(token: Address, mint: Seen, account: Seen): Address {
    if (mint.key !== token) throw new PositionError('LinkMissing');
    if (mint.program === SYSTEM_PROGRAM && mint.data.length === 0) return token;
    if (!isTokenProgram(mint.program) || !isMint(mint.data) || mint.data[44] !== 0) {
        throw new PositionError('NotASingleToken');
    }
    const supply = readNumber(mint.data, SUPPLY_OFFSET, 8);
    if (supply === 0n) return token;
    if (supply !== 1n) throw new PositionError('NotASingleToken');
    const hasIt =
        account.program === mint.program &&
        isInitialized(account.data) &&
        toAddress(account.data.slice(0, 32)) === token &&
        readNumber(account.data, AMOUNT_OFFSET, 8) === 1n;
    if (!hasIt) throw new PositionError('NotTheHolder');
    return toAddress(account.data.slice(32, 64));
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

/**
 * The host's total in the unit of the leaves. `undefined` when that does not fit 64 bits. `factors` are the ledger's, as
 * {@link readFactors} or {@link frozenFactors} has them.
 */
export function nativeTotal(ledger: Ledger, total: bigint, factors: readonly bigint[] = []): bigint | undefined {
    if (countsHostUnits(ledger)) return worth(ledger, factors, total);
    return total > MAX_U64 ? undefined : total;
}

/** Is a sum of positions near enough to the host's total, in the unit of that? */
export function agrees(ledger: Ledger, sum: bigint, total: bigint): boolean {
    const allowed = (bps: number) => (total * BigInt(bps) + BigInt(BPS) - 1n) / BigInt(BPS);
    return sum >= total ? sum - total <= allowed(ledger.excessBps) : total - sum <= allowed(ledger.shortfallBps);
}
