/** Fits instructions into transactions, and sends several transactions at once. */
import {
    appendTransactionMessageInstructions,
    createTransactionMessage,
    getTransactionMessageSize,
    pipe,
    setTransactionMessageComputeUnitLimit,
    setTransactionMessageComputeUnitPrice,
    setTransactionMessageFeePayer,
    type Address,
    type Instruction,
} from '@solana/kit';

import { MAX_TRANSACTION } from '../constants.ts';
import { NotPossible } from './session.ts';

/** The size in bytes of a transaction with these instructions and a compute budget. */
export function transactionSize(payer: Address, instructions: readonly Instruction[]): number {
    return getTransactionMessageSize(
        pipe(
            createTransactionMessage({ version: 0 }),
            (draft) => setTransactionMessageFeePayer(payer, draft),
            (draft) => appendTransactionMessageInstructions(instructions, draft),
            (draft) => setTransactionMessageComputeUnitLimit(0, draft),
            (draft) => setTransactionMessageComputeUnitPrice(0n, draft),
        ),
    );
}

/** Do these instructions fit into one transaction? */
export function fits(payer: Address, instructions: readonly Instruction[]): boolean {
    return transactionSize(payer, instructions) <= MAX_TRANSACTION;
}

/** Packs groups into transactions, in order. A group is never divided. */
export function pack(payer: Address, groups: readonly (readonly Instruction[])[]): Instruction[][] {
    const packed: Instruction[][] = [];
    for (const group of groups) {
        const last = packed.at(-1);
        if (last !== undefined && fits(payer, [...last, ...group])) {
            last.push(...group);
        } else if (fits(payer, group)) {
            packed.push([...group]);
        } else {
            const size = transactionSize(payer, group);
            throw new NotPossible(`a step takes ${size} bytes`, `a transaction has room for ${MAX_TRANSACTION}`);
        }
    }
    return packed;
}

/** The greatest number of items, at most `count`, whose transaction fits. */
export function mostThatFit(payer: Address, count: number, build: (count: number) => readonly Instruction[]): number {
    let [low, high] = [0, count];
    while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (fits(payer, build(middle))) low = middle;
        else high = middle - 1;
    }
    return low;
}

/** Slices of at most `size` items. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
    return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/**
 * Does `work` for each item, at most `limit` at once. After an error it begins nothing more, waits for what is under way,
 * and throws the first error.
 */
export async function inParallel<T>(
    limit: number,
    items: readonly T[],
    work: (item: T, place: number) => Promise<void>,
): Promise<void> {
    let next = 0;
    const failures: unknown[] = [];
    const run = async (): Promise<void> => {
        while (next < items.length && failures.length === 0) {
            const place = next++;
            await work(items[place] as T, place).catch((error: unknown) => failures.push(error));
        }
    };
    await Promise.all(Array.from({ length: Math.min(limit, items.length) }, run));
    if (failures.length > 0) throw failures[0];
}
