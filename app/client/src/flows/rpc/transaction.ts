/** Builds, signs and judges transactions. */
import {
    appendTransactionMessageInstructions,
    compileTransaction,
    createTransactionMessage,
    getBase64EncodedWireTransaction,
    getSignatureFromTransaction,
    pipe,
    setTransactionMessageComputeUnitLimit,
    setTransactionMessageComputeUnitPrice,
    setTransactionMessageFeePayerSigner,
    setTransactionMessageLifetimeUsingBlockhash,
    signTransactionMessageWithSigners,
    type Address,
    type Base64EncodedWireTransaction,
    type Blockhash,
    type Instruction,
    type Signature,
    type TransactionSigner,
} from '@solana/kit';

import { ProgramError, RpcRefused, type ChainError } from '../chain.ts';

/** Lifetime of a transaction. */
export type Lifetime = Readonly<{ blockhash: Blockhash; lastValidBlockHeight: bigint }>;

/** The compute budget: a limit in units, and a price in micro-lamports per unit. */
export type Budget = Readonly<{ units: number; microLamports: bigint }>;

function message(payer: TransactionSigner, instructions: readonly Instruction[], budget: Budget, lifetime: Lifetime) {
    return pipe(
        createTransactionMessage({ version: 0 }),
        (draft) => setTransactionMessageFeePayerSigner(payer, draft),
        (draft) => setTransactionMessageLifetimeUsingBlockhash(lifetime, draft),
        (draft) => appendTransactionMessageInstructions(instructions, draft),
        // These two follow the caller's instructions, so errors name instructions by the caller's numbers.
        (draft) => setTransactionMessageComputeUnitLimit(budget.units, draft),
        (draft) => setTransactionMessageComputeUnitPrice(budget.microLamports, draft),
    );
}

/** A transaction without signatures, to be simulated. */
export function unsigned(...parts: Parameters<typeof message>): Base64EncodedWireTransaction {
    return getBase64EncodedWireTransaction(compileTransaction(message(...parts)));
}

/** A signed transaction, as it is broadcast. */
export async function signed(
    ...parts: Parameters<typeof message>
): Promise<Readonly<{ wire: Base64EncodedWireTransaction; signature: Signature; signatures: number }>> {
    const transaction = await signTransactionMessageWithSigners(message(...parts));
    return {
        wire: getBase64EncodedWireTransaction(transaction),
        signature: getSignatureFromTransaction(transaction),
        signatures: Object.keys(transaction.signatures).length,
    };
}

/** What the runtime's error means. `instructions` are those of the caller. */
export function failureOf(
    error: unknown,
    logs: readonly string[],
    instructions: readonly Instruction[],
    payer: Address,
    landed = false,
): ChainError {
    const [index, code] = customError(error) ?? [];
    if (index !== undefined && code !== undefined) {
        return new ProgramError(code, logs, instructions[index]?.programAddress, landed);
    }
    const shown = typeof error === 'string' ? error : shownJson(error);
    const isPoor = shown === 'AccountNotFound' || shown.startsWith('InsufficientFunds');
    return new RpcRefused(isPoor ? `${shown}; does ${payer}, which pays, have enough lamports?` : shown, logs);
}

/** The number of the instruction, and the program's own error. */
function customError(error: unknown): readonly [index: number, code: number] | undefined {
    if (typeof error !== 'object' || error === null) return undefined;
    const { InstructionError: found } = error as { InstructionError?: unknown };
    if (!Array.isArray(found)) return undefined;
    const [index, reason] = found as unknown[];
    if (typeof reason !== 'object' || reason === null) return undefined;
    const { Custom: code } = reason as { Custom?: unknown };
    return code === undefined ? undefined : [Number(index), Number(code)];
}

function shownJson(error: unknown): string {
    return JSON.stringify(error, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));
}
