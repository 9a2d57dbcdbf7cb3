/** The two things a deployment wants from a chain, and how an RPC node gives them. */
import {
    appendTransactionMessageInstructions,
    createSolanaRpc,
    createTransactionMessage,
    fetchEncodedAccount,
    getBase64EncodedWireTransaction,
    pipe,
    setTransactionMessageFeePayerSigner,
    setTransactionMessageLifetimeUsingBlockhash,
    signTransactionMessageWithSigners,
    getSignatureFromTransaction,
    type Address,
    type Instruction,
    type MaybeEncodedAccount,
    type TransactionSigner,
} from '@solana/kit';

export type Chain = Readonly<{
    account: (address: Address) => Promise<MaybeEncodedAccount>;
    /** Resolves once the instruction has landed, and to what it can be looked up by. */
    send: (instruction: Instruction) => Promise<string>;
}>;

const POLL_MS = 500;

/** A chain behind an RPC node; `payer` pays the fees. */
export function rpcChain(url: string, payer: TransactionSigner): Chain {
    const rpc = createSolanaRpc(url);
    return {
        account: (address) => fetchEncodedAccount(rpc, address, { commitment: 'confirmed' }),
        send: async (instruction) => {
            const { value: blockhash } = await rpc.getLatestBlockhash({ commitment: 'confirmed' }).send();
            const transaction = await signTransactionMessageWithSigners(
                pipe(
                    createTransactionMessage({ version: 0 }),
                    (draft) => setTransactionMessageFeePayerSigner(payer, draft),
                    (draft) => setTransactionMessageLifetimeUsingBlockhash(blockhash, draft),
                    (draft) => appendTransactionMessageInstructions([instruction], draft),
                ),
            );
            const signature = getSignatureFromTransaction(transaction);
            const wire = getBase64EncodedWireTransaction(transaction);
            await rpc.sendTransaction(wire, { encoding: 'base64', preflightCommitment: 'confirmed' }).send();
            while (true) {
                const { value } = await rpc.getSignatureStatuses([signature]).send();
                const status = value[0];
                if (status?.err) throw new Error(`${signature} failed: ${JSON.stringify(status.err)}`);
                if (status?.confirmationStatus === 'confirmed' || status?.confirmationStatus === 'finalized')
                    return signature;
                const height = await rpc.getBlockHeight({ commitment: 'confirmed' }).send();
                if (height > blockhash.lastValidBlockHeight)
                    throw new Error(`${signature} has expired: run this again`);
                await new Promise((resolve) => setTimeout(resolve, POLL_MS));
            }
        },
    };
}
