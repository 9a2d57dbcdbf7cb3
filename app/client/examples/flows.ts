/** The examples of the README's section about flows. */
import type { Address, KeyPairSigner } from '@solana/kit';
import {
    claimAll,
    confirm,
    createRpcChain,
    NotYet,
    pause,
    restore,
    snapshot,
    type Session,
} from '@bulkhead/client/flows';

export async function respond(domain: Address, payer: KeyPairSigner, guardian: KeyPairSigner): Promise<void> {
    const chain = createRpcChain({
        rpc: 'https://rpc.example',
        rpcSubscriptions: 'wss://rpc.example',
        payer,
        signers: [guardian],
        fees: { percentile: 75, maxMicroLamports: 1_000_000n },
    });
    const session: Session = { chain, parallel: 16 };
    await pause(session, { domain, guardian: guardian.address });
    const { isReached, missing } = await confirm(session, { domain, guardian: guardian.address });
    if (!isReached) throw new NotYet('the domain is not frozen', `these confirm next: ${missing.join(', ')}`);
    const { root, total, receipts } = await snapshot(session, { domain, ledgerIndex: 0 });
    console.log(root, total, receipts.length);
}

export async function pay(session: Session, domain: Address): Promise<void> {
    await restore(session, { domain, ledgerIndex: 0 });
    const { paid, unpaid, books } = await claimAll(session, { domain, ledgerIndex: 0 });
    console.log(paid, unpaid, books.left);
}
