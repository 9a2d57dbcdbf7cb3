/** The example of docs/watching.md. */
import type { Address, GetAccountInfoApi, GetProgramAccountsApi, Rpc } from '@solana/kit';
import { watch } from '@bulkhead/client';

export async function look(
    rpc: Rpc<GetAccountInfoApi & GetProgramAccountsApi>,
    domain: Address,
    before: watch.Accounts,
    alert: (change: watch.Change) => void,
): Promise<watch.Accounts> {
    const now = await watch.fetchAccounts(rpc, domain);
    for (const change of watch.changes(before, now)) if (change.matters) alert(change);
    return now;
}
