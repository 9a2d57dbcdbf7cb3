import {
    appendTransactionMessageInstructions,
    blockhash,
    compileTransaction,
    createTransactionMessage,
    getAddressDecoder,
    pipe,
    setTransactionMessageComputeUnitLimit,
    setTransactionMessageFeePayer,
    setTransactionMessageLifetimeUsingBlockhash,
    AccountRole,
    type Address,
    type Instruction,
} from '@solana/kit';
import { expect, test } from 'vitest';

import { AlteredTransaction, requireSame } from '../src/chain/wallet-signer.ts';

const key = (byte: number) => getAddressDecoder().decode(new Uint8Array(32).fill(byte));
const LIFETIME = { blockhash: blockhash(key(250)), lastValidBlockHeight: 1n };

const one = (data: number, account = key(3)): Instruction => ({
    programAddress: key(2),
    accounts: [{ address: account, role: AccountRole.WRITABLE }],
    data: Uint8Array.of(data),
});

function message(instructions: readonly Instruction[], payer: Address = key(1), units?: number) {
    return compileTransaction(
        pipe(
            createTransactionMessage({ version: 0 }),
            (draft) => setTransactionMessageFeePayer(payer, draft),
            (draft) => setTransactionMessageLifetimeUsingBlockhash(LIFETIME, draft),
            (draft) => appendTransactionMessageInstructions(instructions, draft),
            (draft) => (units === undefined ? draft : setTransactionMessageComputeUnitLimit(units, draft)),
        ),
    );
}

const shown = message([one(1), one(2)], key(1), 1_000).messageBytes;

test('what was shown may be signed, with another compute budget or assertions of the wallet', () => {
    requireSame(shown, message([one(1), one(2)], key(1), 1_000));
    requireSame(shown, message([one(1), one(2)], key(1), 9_000));
    const assertion = {
        programAddress: 'L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95' as Address,
        data: Uint8Array.of(1),
    };
    requireSame(shown, message([one(1), one(2), assertion], key(1), 1_000));
    requireSame(shown, message([assertion, one(1), one(2)], key(1), 1_000));
});

test('anything else is refused', () => {
    const altered = [
        message([one(1)], key(1), 1_000),
        message([one(2), one(1)], key(1), 1_000),
        message([one(1), one(2, key(4))], key(1), 1_000),
        message([one(1), one(2), one(3)], key(1), 1_000),
        message([one(3), one(1), one(2)], key(1), 1_000),
        message([one(1), one(2)], key(5), 1_000),
    ];
    for (const each of altered) expect(() => requireSame(shown, each)).toThrow(AlteredTransaction);
});
