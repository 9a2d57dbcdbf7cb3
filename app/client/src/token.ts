/** Token accounts and mints of either token program, by the bytes they share: the rules of `crates/core/src/token.rs`. */
import {
    AccountRole,
    address,
    getProgramDerivedAddress,
    type AccountMeta,
    type Address,
    type Instruction,
    type ReadonlyUint8Array,
    type TransactionSigner,
} from '@solana/kit';

import { addressBytes, bytesEqual, toAddress } from './bytes.ts';

export const TOKEN_PROGRAM = address('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
export const TOKEN_2022_PROGRAM = address('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb');

export const MEMO_PROGRAM = address('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');

/** Bytes of a token account without extensions. Token-2022 writes the kind of an account after them. */
const BASE_LEN = 165;
/** A multisig of a token program, the one account that is longer and has no kind. */
const MULTISIG_LEN = 355;
const MINT_LEN = 82;
const MINT_INITIALIZED = 45;
const STATE = 108;
const FROZEN = 2;
const KIND_MINT = 1;
const KIND_ACCOUNT = 2;
const MEMO_TRANSFER = 8;

export function isTokenProgram(program: Address): boolean {
    return program === TOKEN_PROGRAM || program === TOKEN_2022_PROGRAM;
}

function kindOf(data: ReadonlyUint8Array): number | undefined {
    return data.length === MULTISIG_LEN ? undefined : data[BASE_LEN];
}

/** Is this a token account with extensions? */
export function isExtended(data: ReadonlyUint8Array): boolean {
    return kindOf(data) === KIND_ACCOUNT;
}

/** Is this a mint in use? */
export function isMint(data: ReadonlyUint8Array): boolean {
    return (data.length === MINT_LEN || kindOf(data) === KIND_MINT) && data[MINT_INITIALIZED] === 1;
}

/** Is this a token account in use, frozen or not? */
export function isInitialized(data: ReadonlyUint8Array): boolean {
    return (data.length === BASE_LEN || isExtended(data)) && data[STATE] !== 0;
}

/** Is the token account frozen? */
export function isFrozen(data: ReadonlyUint8Array): boolean {
    return data[STATE] === FROZEN;
}

/** The mint, the holder and the balance of a token account in use; `undefined` for any other account. */
export function readToken(
    data: ReadonlyUint8Array,
): Readonly<{ mint: Address; holder: Address; amount: bigint }> | undefined {
    if (!isInitialized(data)) return undefined;
    const amount = data.slice(64, 72).reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
    return { mint: toAddress(data.slice(0, 32)), holder: toAddress(data.slice(32, 64)), amount };
}

/** Does the token account accept only transfers with a memo? */
export function wantsMemo(data: ReadonlyUint8Array): boolean {
    if (!isExtended(data)) return false;
    for (let at = BASE_LEN + 1; at + 4 <= data.length;) {
        const kind = (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8);
        const end = at + 4 + ((data[at + 2] ?? 0) | ((data[at + 3] ?? 0) << 8));
        if (kind === 0 || end > data.length) return false;
        if (kind === MEMO_TRANSFER && !bytesEqual(data.slice(at + 4, end), Uint8Array.of(0))) return true;
        at = end;
    }
    return false;
}

const ASSOCIATED_TOKEN_PROGRAM = address('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL');
const SYSTEM_PROGRAM = address('11111111111111111111111111111111');
const CREATE_IDEMPOTENT = 1;

/** An owner's associated token account, and its bump. */
export async function associatedToken(
    owner: Address,
    mint: Address,
    tokenProgram: Address,
): Promise<Readonly<{ address: Address; bump: number }>> {
    const [found, bump] = await getProgramDerivedAddress({
        programAddress: ASSOCIATED_TOKEN_PROGRAM,
        seeds: [owner, tokenProgram, mint].map(addressBytes),
    });
    return { address: found, bump };
}

/** Creates an owner's associated token account, unless it exists. */
export function createAssociatedToken(
    payer: TransactionSigner,
    token: Address,
    owner: Address,
    mint: Address,
    tokenProgram: Address,
): Instruction {
    const readonly = (key: Address): AccountMeta => ({ address: key, role: AccountRole.READONLY });
    const paying = { address: payer.address, role: AccountRole.WRITABLE_SIGNER, signer: payer } as AccountMeta;
    return {
        programAddress: ASSOCIATED_TOKEN_PROGRAM,
        accounts: [
            paying,
            { address: token, role: AccountRole.WRITABLE },
            ...[owner, mint, SYSTEM_PROGRAM, tokenProgram].map(readonly),
        ],
        data: Uint8Array.of(CREATE_IDEMPOTENT),
    };
}
