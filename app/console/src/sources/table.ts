/** Reads `leaves.parquet`. Loaded only when somebody opens a table. */
import type { merkle } from '@bulkhead/client';
import { getAddressDecoder } from '@solana/kit';
import { parquetReadObjects } from 'hyparquet';

import { SourceError } from './published.ts';

const addresses = getAddressDecoder();

export async function readTable(file: ArrayBuffer): Promise<merkle.Position[]> {
    const columns = ['key', 'owner', 'amount'];
    const rows = await parquetReadObjects({ file, columns, utf8: false });
    return rows.map((row, number) => {
        const { key, owner, amount } = row as Record<string, unknown>;
        const isRead = key instanceof Uint8Array && owner instanceof Uint8Array;
        if (!isRead || key.length !== 32 || owner.length !== 32) {
            throw new SourceError(`row ${number + 1} of the table is no position`);
        }
        return {
            key: addresses.decode(key),
            owner: addresses.decode(owner),
            // 64 bits without a sign, which the reader takes for signed.
            amount: BigInt.asUintN(64, BigInt(amount as bigint)),
        };
    });
}
