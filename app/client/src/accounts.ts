/**
 * Accounts as they are read: only Bulkhead's own, of the kind that is asked for and of the version this client knows.
 *
 * A codec turns any bytes into any account: zeros that the system program owns into a board on which everything is open, a
 * ledger into a sealed snapshot. So what is exported to decode and fetch goes through here.
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

/** An account that is not what it was taken for. */
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

/** The decoder of one kind of account. It throws {@link AccountError} for every other. */
export function checked<T extends object & { version: number }>(
    kind: string,
    discriminator: ReadonlyUint8Array,
    decoder: Decoder<T>,
    size: number,
): Decode<T> {
    const refusal = (account: EncodedAccount): string | undefined => {
        if (account.programAddress !== BULKHEAD_PROGRAM_ADDRESS) return `belongs to ${account.programAddress}`;
        if (!bytesEqual(account.data.slice(0, discriminator.length), discriminator)) return `is no ${kind}`;
        if (account.data.length < size) return `is too short for a ${kind}`;
        const version = account.data[discriminator.length];
        return version === VERSION ? undefined : `is a ${kind} of version ${version}; this client knows ${VERSION}`;
    };
    const decode = (account: MaybeEncodedAccount): MaybeAccount<T> => {
        if (!account.exists) return account;
        const reason = refusal(account);
        if (reason !== undefined) throw new AccountError(account.address, reason);
        return { ...account, data: decoder.decode(account.data) };
    };
    return decode as Decode<T>;
}

/** The ways to fetch accounts of a kind: one or many, that have to be there or may. */
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
