/** The positions of a ledger, as a node has them now. */
import type { Address } from '@solana/kit';

import { addressBytes, compareBytes } from '../../bytes.ts';
import { ledgerMode, lengthRule } from '../../constants.ts';
import type { Ledger } from '../../generated/bulkhead/public.ts';
import type { Position } from '../../merkle.ts';
import {
    accepts,
    countsHostUnits,
    isLinked,
    PositionError,
    readPosition,
    type PositionErrorName,
} from '../../positions.ts';
import type { Filter } from '../chain.ts';
import { NOBODY } from '../reading.ts';
import { NotPossible, type Work } from '../session.ts';

/** Maximum number of filters that a node accepts. */
const MAX_FILTERS = 4;
/** Unreadable positions that a note names. */
const NAMED = 3;

/**
 * A position with its amount before the scale. In a ledger that an export reads, only its key is known, and owner and
 * amounts are zero.
 */
export type ListedPosition = Position & Readonly<{ hostAmount: bigint }>;

/** The positions of a ledger, in ascending order of their keys, those of amount zero included. */
export type Listed = Readonly<{
    /** The slot at whose end they were so. */
    slot: bigint;
    positions: readonly ListedPosition[];
    /** Accounts that pass the ledger's filters, and that the program cannot read. */
    unreadable: readonly Readonly<{ key: Address; reason: PositionErrorName }>[];
}>;

/** The sum of all positions in the unit of the host's total. */
export function sumOf(ledger: Ledger, positions: readonly ListedPosition[]): bigint {
    const inHostUnits = countsHostUnits(ledger);
    return positions.reduce((sum, { amount, hostAmount }) => sum + (inHostUnits ? hostAmount : amount), 0n);
}

/**
 * Reads all positions of a ledger from the node, by the rules by which the program reads them. Time and memory grow with
 * their number. What cannot be read is reported as a note.
 */
export async function listPositions(work: Work, ledger: Ledger): Promise<Listed> {
    if (isLinked(ledger)) {
        throw new NotPossible(
            'the positions of this ledger refer to other accounts, which this flow does not look for',
            'use `bulkhead snapshot crank` or `bulkhead checkpoint run`',
        );
    }
    const { slot, accounts } = await work.chain.ownedAt(ledger.program, filtersOf(ledger));
    const read: { key: Uint8Array; position: ListedPosition }[] = [];
    const unreadable: { key: Address; reason: PositionErrorName }[] = [];
    for (const { address, programAddress, data } of accounts) {
        if (programAddress !== ledger.program || !accepts(ledger, data)) continue;
        try {
            const found =
                ledger.mode === ledgerMode.EXPORT
                    ? { owner: NOBODY, amount: 0n, hostAmount: 0n }
                    : readPosition(ledger, data);
            read.push({ key: new Uint8Array(addressBytes(address)), position: { key: address, ...found } });
        } catch (error) {
            if (!(error instanceof PositionError)) throw error;
            unreadable.push({ key: address, reason: error.name });
        }
    }
    read.sort((a, b) => compareBytes(a.key, b.key));
    const positions = read.filter(({ position }, i) => read[i - 1]?.position.key !== position.key);
    warn(work, unreadable);
    return { slot, positions: positions.map(({ position }) => position), unreadable };
}

function warn(work: Work, unreadable: Listed['unreadable']): void {
    if (unreadable.length === 0) return;
    const named = unreadable.slice(0, NAMED).map(({ key }) => key);
    const more = unreadable.length > NAMED ? ', …' : '';
    work.report.note(
        `${unreadable.length} accounts look like positions and cannot be read, so they are left out: ` +
            `${named.join(', ')}${more}`,
    );
}

/** The conditions that the node applies, so that it sends no more than necessary. All of the ledger's are checked again. */
export function filtersOf(ledger: Ledger): Filter[] {
    const length = ledger.lengthRule === lengthRule.EXACT ? [{ length: ledger.dataLen }] : [];
    const bytes = ledger.filters
        .filter(({ len }) => len > 0)
        .map(({ offset, len, bytes }) => ({ offset, bytes: bytes.slice(0, len) }));
    return [...length, ...bytes].slice(0, MAX_FILTERS);
}
