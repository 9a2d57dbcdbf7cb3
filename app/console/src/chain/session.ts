/** A session for flows: reads through a node, shows every transaction, has the wallet sign or hands the message over. */
import { createRpcChain, quiet, type Chain, type Report, type Session } from '@bulkhead/client/flows';
import type { Wallet, WalletAccount } from '@wallet-standard/base';
import {
    address,
    appendTransactionMessageInstructions,
    compileTransaction,
    createNoopSigner,
    createSolanaRpc,
    createTransactionMessage,
    getBase58Decoder,
    getBase64Decoder,
    getBase64EncodedWireTransaction,
    pipe,
    setTransactionMessageFeePayer,
    setTransactionMessageLifetimeUsingBlockhash,
    type Address,
    type Instruction,
} from '@solana/kit';

import { walletChain } from '../place.ts';
import { ReviewChain, type Answer, type Outcome, type Review } from './review-chain.ts';
import { walletSigner } from './wallet-signer.ts';

/** Reads only: nobody pays. */
const READER = address('11111111111111111111111111111111');

/** Who acts: a wallet's account, or an address that signs elsewhere, such as a multisig's vault. */
export type Actor = Readonly<
    { kind: 'wallet'; wallet: Wallet; account: WalletAccount } | { kind: 'elsewhere'; key: Address }
>;

export const keyOf = (actor: Actor): Address => (actor.kind === 'wallet' ? address(actor.account.address) : actor.key);

/** A chain that only reads. */
export function readingChain(rpc: string): Chain {
    return createRpcChain({ rpc, payer: createNoopSigner(READER), pace: { attempts: 2, timeout: 20_000 } });
}

export function actingSession(
    rpc: string,
    actor: Actor,
    ask: (review: Review) => Promise<Answer>,
    tell: (outcome: Outcome) => void,
    report: Report = quiet,
): Session {
    const payer =
        actor.kind === 'wallet'
            ? walletSigner(actor.wallet, actor.account, walletChain(rpc))
            : createNoopSigner(actor.key);
    const inner = createRpcChain({ rpc, payer, report });
    // One at a time: each is looked at.
    return { chain: new ReviewChain(inner, ask, tell), report, parallel: 1 };
}

/** A message for a multisig to propose, in the encodings that its tools take, and as a transaction without signatures. */
export type Message = Readonly<{ base58: string; base64: string; transaction: string }>;

/** The message of these instructions, paid by `payer`. Its blockhash is recent: multisigs put their own in its place. */
export async function messageOf(rpc: string, payer: Address, instructions: readonly Instruction[]): Promise<Message> {
    const { value: lifetime } = await createSolanaRpc(rpc).getLatestBlockhash().send();
    const transaction = compileTransaction(
        pipe(
            createTransactionMessage({ version: 'legacy' }),
            (draft) => setTransactionMessageFeePayer(payer, draft),
            (draft) => setTransactionMessageLifetimeUsingBlockhash(lifetime, draft),
            (draft) => appendTransactionMessageInstructions(instructions, draft),
        ),
    );
    const { messageBytes } = transaction;
    return {
        base58: getBase58Decoder().decode(messageBytes),
        base64: getBase64Decoder().decode(messageBytes),
        transaction: getBase64EncodedWireTransaction(transaction),
    };
}
