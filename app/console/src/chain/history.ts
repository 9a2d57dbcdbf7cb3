/** What a token account received from a restoration's pool, and when: from the node's history, as far as it reaches. */
import { createSolanaRpc, type Address, type Signature } from '@solana/kit';

export type Payment = Readonly<{ signature: string; ts: bigint | undefined; amount: bigint }>;

/** Transactions that are looked at. */
const LOOKED_AT = 20;

/** The payments, newest first. Throws if the node keeps no history. */
export async function paymentsTo(rpc: string, destination: Address, pool: Address): Promise<Payment[]> {
    const node = createSolanaRpc(rpc);
    const found = await node.getSignaturesForAddress(destination, { limit: LOOKED_AT, commitment: 'confirmed' }).send();
    const payments: Payment[] = [];
    for (const { signature, err, blockTime } of found) {
        if (err !== null) continue;
        const amount = await received(node, signature, destination, pool);
        if (amount > 0n) payments.push({ signature, ts: blockTime ?? undefined, amount });
    }
    return payments;
}

type Balance = Readonly<{ accountIndex: number; uiTokenAmount: Readonly<{ amount: string }> }>;

async function received(
    node: ReturnType<typeof createSolanaRpc>,
    signature: Signature,
    destination: Address,
    pool: Address,
): Promise<bigint> {
    const config = { encoding: 'json', maxSupportedTransactionVersion: 0, commitment: 'confirmed' } as const;
    const transaction = await node.getTransaction(signature, config).send();
    if (transaction === null || transaction.meta === null) return 0n;
    const keys: readonly string[] = transaction.transaction.message.accountKeys;
    const at = keys.indexOf(destination);
    if (at < 0 || !keys.includes(pool)) return 0n;
    const of = (balances: readonly Balance[] | undefined) =>
        BigInt(balances?.find(({ accountIndex }) => accountIndex === at)?.uiTokenAmount.amount ?? '0');
    const { preTokenBalances, postTokenBalances } = transaction.meta;
    return (
        of(postTokenBalances as readonly Balance[] | undefined) - of(preTokenBalances as readonly Balance[] | undefined)
    );
}
