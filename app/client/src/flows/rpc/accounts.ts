/** Accounts as a node returns them, in kit's form. */
import {
    getBase64Encoder,
    type Account,
    type Address,
    type GetBlockHeightApi,
    type GetLatestBlockhashApi,
    type GetMultipleAccountsApi,
    type GetProgramAccountsApi,
    type GetRecentPrioritizationFeesApi,
    type GetSignatureStatusesApi,
    type Lamports,
    type MaybeEncodedAccount,
    type Rpc,
    type SendTransactionApi,
    type SimulateTransactionApi,
} from '@solana/kit';

/** The methods of a node that a chain calls. */
export type NodeRpc = Rpc<
    GetBlockHeightApi &
        GetLatestBlockhashApi &
        GetMultipleAccountsApi &
        GetProgramAccountsApi &
        GetRecentPrioritizationFeesApi &
        GetSignatureStatusesApi &
        SendTransactionApi &
        SimulateTransactionApi
>;

type NodeAccount = Readonly<{
    data: readonly [string, string];
    executable: boolean;
    lamports: Lamports;
    owner: Address;
    space: bigint;
}>;

export function encoded(address: Address, account: NodeAccount): Account<Uint8Array> {
    const { executable, lamports, owner: programAddress, space } = account;
    const data = new Uint8Array(getBase64Encoder().encode(account.data[0]));
    return { address, data, executable, lamports, programAddress, space };
}

export function maybeEncoded(address: Address, account: NodeAccount | null): MaybeEncodedAccount {
    return account === null ? { address, exists: false } : { ...encoded(address, account), exists: true };
}
