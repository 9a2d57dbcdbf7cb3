/**
 * Reads accounts. Accepts only Bulkhead's own accounts, of the requested kind and of the version that this client
 * knows.
 *
 * A codec decodes any bytes as any account: zeros owned by the system program would read as a board on which everything
 * is open, or a ledger as a sealed snapshot. So every exported decoder and fetcher goes through this module.
 */
import {
    assertAccountExists,
    assertAccountsExist,
    fetchEncodedAccount,
    fetchEncodedAccounts,
    type Account,
    type Address,
    type Decoder,
    type EncodedAccount,
    type FetchAccountConfig,
    type FetchAccountsConfig,
    type GetAccountInfoApi,
    type GetMultipleAccountsApi,
    type MaybeAccount,
    type MaybeEncodedAccount,
    type ReadonlyUint8Array,
    type Rpc,
} from '@solana/kit';

import { bytesEqual } from './bytes.ts';
import { VERSION } from './constants.ts';
import { BULKHEAD_PROGRAM_ADDRESS } from './generated/bulkhead/programs/bulkhead.ts';

/** An account that is not of the expected owner, kind or version. */
export class AccountError extends Error {
    override readonly name = 'AccountError';

    constructor(
        readonly address: Address,
        reason: string,
    ) {
        super(`${address} ${reason}`);
    }
}

type Decode<T extends object> = {
    <A extends string = string>(account: EncodedAccount<A>): Account<T, A>;
    <A extends string = string>(account: MaybeEncodedAccount<A>): MaybeAccount<T, A>;
};

/** The decoder of one kind of account. It throws {@link AccountError} for every other account. */
export function checked<T extends object & { version: number }>(
    kind: string,
    discriminator: ReadonlyUint8Array,
    decoder: Decoder<T>,
    size: number,
): Decode<T> {
    const refusal = (account: EncodedAccount): string | undefined => {
        if (account.programAddress !== BULKHEAD_PROGRAM_ADDRESS) return `belongs to ${account.programAddress}`;
        if (!bytesEqual(account.data.slice(0, discriminator.length), discriminator)) return `is not a ${kind}`;
        if (account.data.length < size) return `is too short for a ${kind}`;
        const version = account.data[discriminator.length];
        return version === VERSION ? undefined : `is a ${kind} of version ${version}; this client knows ${VERSION}`;
    };
    const decode = (account: EncodedAccount | MaybeEncodedAccount): Account<T> | MaybeAccount<T> => {
        // An account of a list exists, and does not say so.
        if ('exists' in account && !account.exists) return account;
        const reason = refusal(account);
        if (reason !== undefined) throw new AccountError(account.address, reason);
        return { ...account, data: decoder.decode(account.data) };
    };
    return decode as Decode<T>;
}

/** The functions that fetch accounts of a kind: one or many, required or optional. */
export function fetchers<T extends object>(decode: Decode<T>) {
    async function fetchMaybe<A extends string = string>(
        rpc: Rpc<GetAccountInfoApi>,
        address: Address<A>,
        config?: FetchAccountConfig,
    ): Promise<MaybeAccount<T, A>> {
        return decode(await fetchEncodedAccount(rpc, address, config));
    }
    async function fetchAllMaybe(
        rpc: Rpc<GetMultipleAccountsApi>,
        addresses: Address[],
        config?: FetchAccountsConfig,
    ): Promise<MaybeAccount<T>[]> {
        const accounts = await fetchEncodedAccounts(rpc, addresses, config);
        return accounts.map((account) => decode(account));
    }
    async function fetch<A extends string = string>(
        rpc: Rpc<GetAccountInfoApi>,
        address: Address<A>,
        config?: FetchAccountConfig,
    ): Promise<Account<T, A>> {
        const account = await fetchMaybe(rpc, address, config);
        assertAccountExists(account);
        return account;
    }
    async function fetchAll(
        rpc: Rpc<GetMultipleAccountsApi>,
        addresses: Address[],
        config?: FetchAccountsConfig,
    ): Promise<Account<T>[]> {
        const accounts = await fetchAllMaybe(rpc, addresses, config);
        assertAccountsExist(accounts);
        return accounts;
    }
    return { fetch, fetchMaybe, fetchAll, fetchAllMaybe };
}
