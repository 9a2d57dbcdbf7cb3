/** The two operations that a deployment needs from a chain, and their implementation on an RPC node. */
import type { Address, Instruction, MaybeEncodedAccount, TransactionSigner } from '@solana/kit';

import { createRpcChain } from '../flows/rpc/create-rpc-chain.ts';
import type { Pace } from '../flows/rpc/node.ts';

export { hostOf } from '../flows/rpc/node.ts';

export type Chain = Readonly<{
    account: (address: Address) => Promise<MaybeEncodedAccount>;
    /** Resolves once the instruction has landed, to the transaction signature. */
    send: (instruction: Instruction) => Promise<string>;
}>;

/** A chain behind an RPC node. `payer` pays the fees. `report` receives progress lines. */
export function rpcChain(
    url: string,
    payer: TransactionSigner,
    report: (line: string) => void = console.error,
    pace: Partial<Pace> = {},
): Chain {
    const chain = createRpcChain({ rpc: url, payer, pace, report: { progress: () => {}, note: report } });
    return {
        account: async (address) => (await chain.accounts([address]))[0] ?? { address, exists: false },
        send: async (instruction) => (await chain.send([instruction])).signature,
    };
}
