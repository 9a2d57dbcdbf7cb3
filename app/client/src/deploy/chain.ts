/** The two things a deployment wants from a chain, and how an RPC node gives them. */
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
    /** Resolves once the instruction has landed, and to what it can be looked up by. */
    send: (instruction: Instruction) => Promise<string>;
}>;

/** How long things take, in milliseconds, and how many blockhashes a transaction is tried under. */
export type Pace = Readonly<{ poll: number; rebroadcast: number; told: number; rounds: number }>;

const PACE: Pace = { poll: 500, rebroadcast: 2_000, told: 5_000, rounds: 4 };
const COMPUTE_BUDGET = address('ComputeBudget111111111111111111111111111111');
/** Of the fees that others paid lately for the same accounts, in percent from below. */
const PERCENTILE = 75;
/** Most that is offered, in millionths of a lamport a compute unit. */
const MAX_PRICE = 1_000_000n;
const commitment = 'confirmed';

/** A node's name without what its address may hide: keys stand in paths and queries, and before an `@`. */
export function hostOf(url: string): string {
    const after = url.includes('://') ? url.slice(url.indexOf('://') + 3) : url;
    const authority = after.split(/[/?#\\]/)[0] ?? '';
    return authority.slice(authority.lastIndexOf('@') + 1) || 'the node';
}

/**
 * A chain behind an RPC node; `payer` pays the fees. A transaction is simulated first, pays what others pay, is sent again
 * while its blockhash lives and signed anew when that is too old; `report` is told how it stands.
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

    /** The price that three quarters of the others stayed below; nothing where the node does not say. */
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
            // The node simulates it the first time: what would fail is not sent.
            await rpc.sendTransaction(wire, options).send();
            const begin = Date.now();
            let sentAt = begin;
            let toldAt = begin;
            let isTooOld = false;
            while (!(await hasLanded(signature))) {
                if (isTooOld) break;
                if (Date.now() - sentAt >= pace.rebroadcast) {
                    isTooOld = (await rpc.getBlockHeight({ commitment }).send()) > last;
                    if (!isTooOld) {
                        // One broadcast that fails is no matter: there was one before it.
                        const again = rpc.sendTransaction(wire, { ...options, skipPreflight: true });
                        await again.send().catch(() => undefined);
                    }
                    sentAt = Date.now();
                }
                if (Date.now() - toldAt >= pace.told) {
                    report(`waiting for ${signature}: ${Math.round((Date.now() - begin) / 1_000)} s`);
                    toldAt = Date.now();
                }
                await new Promise((resolve) => setTimeout(resolve, pace.poll));
            }
            if (!isTooOld || (await hasLanded(signature))) return signature;
            if (round >= pace.rounds) {
                throw new Error(`${signature} has expired, and so have ${round - 1} before it: run this again`);
            }
            report(`${signature} has expired; signing it anew`);
        }
    }

    return {
        account: (address) => hiding(url, () => fetchEncodedAccount(rpc, address, { commitment })),
        send: (instruction) => hiding(url, () => send(instruction)),
    };
}

/** What `work` gives; an error of its without the node's address in it. */
function hiding<T>(url: string, work: () => T): T {
    const hidden = (error: unknown): Error => {
        const told = error instanceof Error ? error.message : String(error);
        return new Error(told.replaceAll(url, hostOf(url)), { cause: context(error) });
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

/** Of an error only what names a program's own: {@link customErrorCode} looks for it. */
function context(error: unknown): unknown {
    if (typeof error !== 'object' || error === null) return undefined;
    const { context: found, cause } = error as { context?: { code?: unknown }; cause?: unknown };
    return { context: { code: found?.code }, cause: cause === undefined ? undefined : context(cause) };
}

function shown(error: unknown): string {
    return JSON.stringify(error, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
