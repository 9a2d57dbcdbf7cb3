/** The two operations that a deployment needs from a chain, and their implementation on an RPC node. */
import {
    address,
    appendTransactionMessageInstructions,
    createSolanaRpc,
    createTransactionMessage,
    fetchEncodedAccount,
    getBase64EncodedWireTransaction,
    getSignatureFromTransaction,
    isWritableRole,
    pipe,
    setTransactionMessageFeePayerSigner,
    setTransactionMessageLifetimeUsingBlockhash,
    signTransactionMessageWithSigners,
    type Address,
    type Instruction,
    type MaybeEncodedAccount,
    type TransactionSigner,
} from '@solana/kit';

import { concat, littleEndian } from '../bytes.ts';

export type Chain = Readonly<{
    account: (address: Address) => Promise<MaybeEncodedAccount>;
    /** Resolves once the instruction has landed, to the transaction signature. */
    send: (instruction: Instruction) => Promise<string>;
}>;

/** Intervals in milliseconds, and the number of blockhashes that a transaction is tried under. */
export type Pace = Readonly<{ poll: number; rebroadcast: number; report: number; rounds: number }>;

const PACE: Pace = { poll: 500, rebroadcast: 2_000, report: 5_000, rounds: 4 };
const COMPUTE_BUDGET = address('ComputeBudget111111111111111111111111111111');
/** The percentile of the recent fees for the same accounts that is offered. */
const PERCENTILE = 75;
/** The highest price offered, in micro-lamports per compute unit. */
const MAX_PRICE = 1_000_000n;
const commitment = 'confirmed';

/** The host of a node's URL without possible secrets: keys occur in paths and queries, and before an `@`. */
export function hostOf(url: string): string {
    const after = url.includes('://') ? url.slice(url.indexOf('://') + 3) : url;
    const authority = after.split(/[/?#\\]/)[0] ?? '';
    return authority.slice(authority.lastIndexOf('@') + 1) || 'the node';
}

/**
 * A chain behind an RPC node. `payer` pays the fees. A transaction is simulated first, offers a fee at the level of
 * recent fees, is rebroadcast until its blockhash expires, and is then signed again. `report` receives progress lines.
 */
export function rpcChain(
    url: string,
    payer: TransactionSigner,
    report: (line: string) => void = console.error,
    pace: Pace = PACE,
): Chain {
    const rpc = hiding(url, () => createSolanaRpc(url));

    async function signed(instructions: readonly Instruction[]) {
        const { value: blockhash } = await rpc.getLatestBlockhash({ commitment }).send();
        const transaction = await signTransactionMessageWithSigners(
            pipe(
                createTransactionMessage({ version: 0 }),
                (draft) => setTransactionMessageFeePayerSigner(payer, draft),
                (draft) => setTransactionMessageLifetimeUsingBlockhash(blockhash, draft),
                (draft) => appendTransactionMessageInstructions(instructions, draft),
            ),
        );
        const wire = getBase64EncodedWireTransaction(transaction);
        return { wire, signature: getSignatureFromTransaction(transaction), last: blockhash.lastValidBlockHeight };
    }

    /** The price at the percentile of recent fees, or 0 if the node does not report fees. */
    async function price(instruction: Instruction): Promise<bigint> {
        const written = (instruction.accounts ?? []).filter(({ role }) => isWritableRole(role));
        const keys = [...new Set([payer.address, ...written.map(({ address }) => address)])];
        try {
            const found = await rpc.getRecentPrioritizationFees(keys.slice(0, 128)).send();
            const fees = found.map(({ prioritizationFee }) => BigInt(prioritizationFee));
            fees.sort((a, b) => (a < b ? -1 : Number(a > b)));
            const fee = fees[Math.floor(((fees.length - 1) * PERCENTILE) / 100)] ?? 0n;
            return fee < MAX_PRICE ? fee : MAX_PRICE;
        } catch {
            return 0n;
        }
    }

    async function hasLanded(signature: Parameters<typeof rpc.getSignatureStatuses>[0][number]): Promise<boolean> {
        const { value } = await rpc.getSignatureStatuses([signature], { searchTransactionHistory: true }).send();
        const status = value[0];
        if (status?.err) throw new Error(`${signature} failed: ${shown(status.err)}`);
        return status?.confirmationStatus === 'confirmed' || status?.confirmationStatus === 'finalized';
    }

    async function send(instruction: Instruction): Promise<string> {
        const offered = await price(instruction);
        const priced = { programAddress: COMPUTE_BUDGET, data: concat(Uint8Array.of(3), littleEndian(offered, 8)) };
        const instructions = offered > 0n ? [priced, instruction] : [instruction];
        for (let round = 1; ; round++) {
            const { wire, signature, last } = await signed(instructions);
            const options = { encoding: 'base64', preflightCommitment: commitment, maxRetries: 0n } as const;
            // The node simulates the first broadcast, so a failing transaction is not sent.
            await rpc.sendTransaction(wire, options).send();
            const begin = Date.now();
            let sentAt = begin;
            let reportedAt = begin;
            let isTooOld = false;
            while (!(await hasLanded(signature))) {
                if (isTooOld) break;
                if (Date.now() - sentAt >= pace.rebroadcast) {
                    isTooOld = (await rpc.getBlockHeight({ commitment }).send()) > last;
                    if (!isTooOld) {
                        // A failed rebroadcast does not matter: an earlier one succeeded.
                        const again = rpc.sendTransaction(wire, { ...options, skipPreflight: true });
                        await again.send().catch(() => undefined);
                    }
                    sentAt = Date.now();
                }
                if (Date.now() - reportedAt >= pace.report) {
                    report(`waiting for ${signature}: ${Math.round((Date.now() - begin) / 1_000)} s`);
                    reportedAt = Date.now();
                }
                await new Promise((resolve) => setTimeout(resolve, pace.poll));
            }
            if (!isTooOld || (await hasLanded(signature))) return signature;
            if (round >= pace.rounds) {
                throw new Error(`${signature} has expired, like ${round - 1} transactions before it: run this again`);
            }
            report(`${signature} has expired; signing it again`);
        }
    }

    return {
        account: (address) => hiding(url, () => fetchEncodedAccount(rpc, address, { commitment })),
        send: (instruction) => hiding(url, () => send(instruction)),
    };
}

/** The result of `work`. Removes the node's URL from an error. */
function hiding<T>(url: string, work: () => T): T {
    const hidden = (error: unknown): Error => {
        const message = error instanceof Error ? error.message : String(error);
        return new Error(message.replaceAll(url, hostOf(url)), { cause: context(error) });
    };
    try {
        const result = work();
        if (result instanceof Promise) {
            return result.catch((error: unknown) => {
                throw hidden(error);
            }) as T;
        }
        return result;
    } catch (error) {
        throw hidden(error);
    }
}

/** The part of an error's context that names a program's own error, for {@link customErrorCode}. */
function context(error: unknown): unknown {
    if (typeof error !== 'object' || error === null) return undefined;
    const { context: found, cause } = error as { context?: { code?: unknown }; cause?: unknown };
    return { context: { code: found?.code }, cause: cause === undefined ? undefined : context(cause) };
}

function shown(error: unknown): string {
    return JSON.stringify(error, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
