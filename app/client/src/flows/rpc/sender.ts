/** Simulates, prices, signs, broadcasts and follows transactions. */
import type {
    Address,
    Commitment,
    Instruction,
    RpcSubscriptions,
    Signature,
    SignatureNotificationsApi,
    TransactionSigner,
} from '@solana/kit';

import { TransactionExpired, type Receipt, type Simulated } from '../chain.ts';
import type { Report } from '../session.ts';
import { withKeys, withoutKeys } from '../signing.ts';
import { maybeEncoded, type NodeRpc } from './accounts.ts';
import { feeOf, locked, MAX_UNITS, priceOf, unitLimit, type Fees } from './fees.ts';
import { pause, type Node } from './node.ts';
import { failureOf, signed, unsigned, type Lifetime } from './transaction.ts';

type Tools = Readonly<{
    node: Node;
    rpc: NodeRpc;
    subscriptions: RpcSubscriptions<SignatureNotificationsApi> | undefined;
    payer: TransactionSigner;
    keys: ReadonlyMap<Address, TransactionSigner>;
    commitment: Commitment;
    fees: Fees;
    report: Report;
}>;

/** The levels of commitment, weakest first. */
const LEVELS: readonly Commitment[] = ['processed', 'confirmed', 'finalized'];
/** A simulation replaces it. */
const NO_LIFETIME: Lifetime = {
    blockhash: '11111111111111111111111111111111' as Lifetime['blockhash'],
    lastValidBlockHeight: 0n,
};

const NEVER = new Promise<void>(() => {});

export class Sender {
    readonly #tools: Tools;

    constructor(tools: Tools) {
        this.#tools = tools;
    }

    async simulate(instructions: readonly Instruction[], addresses: readonly Address[]): Promise<Simulated> {
        const { node, rpc, payer, commitment } = this.#tools;
        const budget = { units: MAX_UNITS, microLamports: 0n };
        const wire = unsigned(payer, withoutKeys(instructions), budget, NO_LIFETIME);
        const accounts = { addresses, encoding: 'base64' as const };
        const config = { commitment, encoding: 'base64' as const, replaceRecentBlockhash: true as const, accounts };
        return node.ask(
            'simulateTransaction',
            () => rpc.simulateTransaction(wire, config),
            ({ value }) => {
                const logs = value.logs ?? [];
                const isFine = value.err === null;
                return {
                    error: isFine ? undefined : failureOf(value.err, logs, instructions, payer.address),
                    logs,
                    units: value.unitsConsumed,
                    accounts: isFine ? addresses.map((key, i) => maybeEncoded(key, value.accounts[i] ?? null)) : [],
                };
            },
        );
    }

    async send(instructions: readonly Instruction[]): Promise<Receipt> {
        const { node, payer, keys, report, fees } = this.#tools;
        // A missing key is reported before anything is asked of the node.
        const own = withKeys(instructions, keys);
        for (let expired = 0; ; expired++) {
            const simulated = await this.simulate(instructions, []);
            if (simulated.error !== undefined) throw simulated.error;
            const units = unitLimit(simulated.units);
            const microLamports = priceOf(await this.#recentFees(instructions), fees, expired);
            const lifetime = await this.#lifetime();
            const sent = await signed(payer, own, { units, microLamports }, lifetime);
            if (await this.#follow(sent, lifetime, instructions)) {
                const { signature, signatures } = sent;
                return { signature, units: simulated.units, fee: feeOf(signatures, units, microLamports) };
            }
            if (expired + 1 >= node.pace.rounds) throw new TransactionExpired(sent.signature, expired);
            report.note(`${sent.signature} has expired; signing it again`);
        }
    }

    /** Recent prices for the same accounts. None if the node does not say: fees are no reason to stop. */
    async #recentFees(instructions: readonly Instruction[]): Promise<bigint[]> {
        const { node, rpc, payer, fees } = this.#tools;
        if (fees.microLamports !== undefined) return [];
        return node
            .ask(
                'getRecentPrioritizationFees',
                () => rpc.getRecentPrioritizationFees(locked(payer.address, instructions)),
                (found) => found.map(({ prioritizationFee }) => BigInt(prioritizationFee)),
            )
            .catch(() => []);
    }

    #lifetime(): Promise<Lifetime> {
        const { node, rpc, commitment } = this.#tools;
        return node.ask(
            'getLatestBlockhash',
            () => rpc.getLatestBlockhash({ commitment }),
            ({ value: { blockhash, lastValidBlockHeight } }) => ({
                blockhash,
                lastValidBlockHeight: BigInt(lastValidBlockHeight),
            }),
        );
    }

    /** Broadcasts until the transaction has landed or can no longer land. Returns whether it has landed. */
    async #follow(
        { wire, signature }: Awaited<ReturnType<typeof signed>>,
        { lastValidBlockHeight }: Lifetime,
        instructions: readonly Instruction[],
    ): Promise<boolean> {
        const { node, rpc, commitment, report } = this.#tools;
        const { poll, rebroadcast, report: reportAfter } = node.pace;
        // It was simulated. The node does not do it again.
        const options = { encoding: 'base64', skipPreflight: true, maxRetries: 0n } as const;
        const broadcast = () =>
            node.ask(
                'sendTransaction',
                () => rpc.sendTransaction(wire, options),
                () => undefined,
            );
        const height = () => node.ask('getBlockHeight', () => rpc.getBlockHeight({ commitment }), BigInt);
        const abort = new AbortController();
        let notified = this.#notification(signature, abort.signal);
        try {
            await broadcast();
            const begin = Date.now();
            let [sentAt, reportedAt] = [begin, begin];
            while (!(await this.#hasLanded(signature, instructions))) {
                if (Date.now() - sentAt >= rebroadcast) {
                    // Asked before the status: what lands in the last block is still found.
                    const isTooOld = (await height()) > lastValidBlockHeight;
                    if (isTooOld) return await this.#hasLanded(signature, instructions);
                    // A failed rebroadcast does not matter: an earlier one succeeded.
                    await broadcast().catch(() => undefined);
                    sentAt = Date.now();
                }
                if (Date.now() - reportedAt >= reportAfter) {
                    report.note(`waiting for ${signature}: ${Math.round((Date.now() - begin) / 1_000)} s`);
                    reportedAt = Date.now();
                }
                const woken = notified.then(() => {
                    // Once is enough: after that the node is polled at its pace.
                    notified = NEVER;
                });
                await Promise.race([pause(poll), woken]);
            }
            return true;
        } finally {
            abort.abort();
        }
    }

    async #hasLanded(signature: Signature, instructions: readonly Instruction[]): Promise<boolean> {
        const { node, rpc, commitment, payer } = this.#tools;
        const config = { searchTransactionHistory: true };
        return node.ask(
            'getSignatureStatuses',
            () => rpc.getSignatureStatuses([signature], config),
            ({ value }) => {
                const status = value[0];
                if (!status) return false;
                if (status.err) throw failureOf(status.err, [], instructions, payer.address, true);
                return LEVELS.indexOf(status.confirmationStatus ?? 'processed') >= LEVELS.indexOf(commitment);
            },
        );
    }

    /** Resolves once the node reports the transaction; never if there is no websocket, or if it fails. */
    async #notification(signature: Signature, abortSignal: AbortSignal): Promise<void> {
        const { subscriptions, commitment } = this.#tools;
        try {
            const reports = await subscriptions
                ?.signatureNotifications(signature, { commitment })
                .subscribe({ abortSignal });
            if (reports !== undefined) {
                for await (const _ of reports) return;
            }
        } catch {
            // Polling goes on without it.
        }
        await NEVER;
    }
}
