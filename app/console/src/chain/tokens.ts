/** Which token balances a transaction changes. */
import type { Address, MaybeEncodedAccount } from '@solana/kit';
import { tokens } from '@bulkhead/client';

/** A balance before and after. Native units. */
export type TokenMove = Readonly<{ account: Address; holder: Address; mint: Address; before: bigint; after: bigint }>;

export function tokenMoves(before: readonly MaybeEncodedAccount[], after: readonly MaybeEncodedAccount[]): TokenMove[] {
    const read = (account: MaybeEncodedAccount | undefined) =>
        account?.exists && tokens.isTokenProgram(account.programAddress) ? tokens.readToken(account.data) : undefined;
    return after.flatMap((account) => {
        const was = read(before.find(({ address }) => address === account.address));
        const is = read(account);
        const known = is ?? was;
        const [from, to] = [was?.amount ?? 0n, is?.amount ?? 0n];
        if (known === undefined || from === to) return [];
        return [{ account: account.address, holder: known.holder, mint: known.mint, before: from, after: to }];
    });
}
