/** A wallet of the wallet standard as one of kit's signers. */
import type { Wallet, WalletAccount } from '@wallet-standard/base';
import { SolanaSignTransaction, type SolanaSignTransactionFeature } from '@solana/wallet-standard-features';
import {
    address,
    assertIsTransactionWithinSizeLimit,
    decompileTransactionMessage,
    getCompiledTransactionMessageDecoder,
    getTransactionDecoder,
    getTransactionEncoder,
    getTransactionLifetimeConstraintFromCompiledTransactionMessage,
    type Address,
    type CompiledTransactionMessage,
    type CompiledTransactionMessageWithLifetime,
    type Instruction,
    type ReadonlyUint8Array,
    type Transaction,
    type TransactionModifyingSigner,
} from '@solana/kit';

/** The wallet returned another transaction than the one that was shown. Nothing was sent. */
export class AlteredTransaction extends Error {
    override readonly name = 'AlteredTransaction';

    constructor(why: string) {
        super(`the wallet changed the transaction after you looked at it: ${why}. It was not sent`);
    }
}

/** Programs whose instructions a wallet may add: the compute budget, and assertions that can only make it fail. */
const MAY_ADD: readonly Address[] = [
    address('ComputeBudget111111111111111111111111111111'),
    address('L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95'),
];

export function canSign(wallet: Wallet): boolean {
    return SolanaSignTransaction in wallet.features;
}

/** Signs by the wallet, and refuses what the wallet altered. */
export function walletSigner(
    wallet: Wallet,
    account: WalletAccount,
    chain: `solana:${string}`,
): TransactionModifyingSigner {
    const feature = (wallet.features as Partial<SolanaSignTransactionFeature>)[SolanaSignTransaction];
    return {
        address: address(account.address),
        async modifyAndSignTransactions(transactions) {
            if (feature === undefined) throw new Error(`${wallet.name} cannot sign transactions`);
            const asked = transactions.map((transaction) => ({
                account,
                chain: chain as never,
                transaction: new Uint8Array(getTransactionEncoder().encode(transaction)),
            }));
            const signed = await feature.signTransaction(...asked);
            return Promise.all(
                transactions.map(async (transaction, i) => {
                    const wire = signed[i]?.signedTransaction;
                    if (wire === undefined) throw new AlteredTransaction('it returned nothing');
                    const found = getTransactionDecoder().decode(wire);
                    requireSame(transaction.messageBytes, found);
                    assertIsTransactionWithinSizeLimit(found);
                    // A wallet may put a fresher blockhash in place: the lifetime is the one that was signed.
                    return { ...found, lifetimeConstraint: await lifetimeOf(found) };
                }),
            );
        },
    };
}

/** Does the signed transaction do what was shown: the same instructions in order, paid by the same account? */
export function requireSame(shown: ReadonlyUint8Array, signed: Pick<Transaction, 'messageBytes'>): void {
    const before = readMessage(shown);
    const after = readMessage(signed.messageBytes);
    if (before.payer !== after.payer) throw new AlteredTransaction('another account pays');
    const rest = [...after.instructions];
    for (const wanted of before.instructions) {
        let next = rest.shift();
        while (next !== undefined && !isEqual(wanted, next) && isHarmless(next)) next = rest.shift();
        if (next === undefined || !isEqual(wanted, next)) {
            if (isHarmless(wanted) && next === undefined) continue;
            throw new AlteredTransaction('an instruction is missing or different');
        }
    }
    if (!rest.every(isHarmless)) throw new AlteredTransaction('it has another instruction');
}

function lifetimeOf({ messageBytes }: Pick<Transaction, 'messageBytes'>) {
    return getTransactionLifetimeConstraintFromCompiledTransactionMessage(
        getCompiledTransactionMessageDecoder().decode(messageBytes) as CompiledTransactionMessage &
            CompiledTransactionMessageWithLifetime,
    );
}

function readMessage(bytes: ReadonlyUint8Array) {
    const message = decompileTransactionMessage(getCompiledTransactionMessageDecoder().decode(bytes));
    return { payer: message.feePayer.address, instructions: message.instructions as readonly Instruction[] };
}

function isHarmless({ programAddress }: Instruction): boolean {
    return MAY_ADD.includes(programAddress);
}

function isEqual(a: Instruction, b: Instruction): boolean {
    const plain = ({ programAddress, accounts = [], data = new Uint8Array() }: Instruction) =>
        JSON.stringify([programAddress, accounts.map(({ address, role }) => [address, role]), [...data]]);
    return plain(a) === plain(b);
}
