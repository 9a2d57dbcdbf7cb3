/** Token accounts and mints of either token program, by the bytes they share: the rules of `crates/core/src/token.rs`. */
import { address, type Address, type ReadonlyUint8Array } from '@solana/kit';

import { bytesEqual, toAddress } from './bytes.ts';

export const TOKEN_PROGRAM = address('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
export const TOKEN_2022_PROGRAM = address('TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb');

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
