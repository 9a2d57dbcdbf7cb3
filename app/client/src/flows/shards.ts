/** The shards of a snapshot, whoever cranked them. */
import type { Account, Address } from '@solana/kit';

import { addressBytes } from '../bytes.ts';
import { decodeSnapshotShard, type SnapshotShard } from '../generated/bulkhead/public.ts';
import { ownedOfKind } from './reading.ts';
import type { Work } from './session.ts';

/** Offset of the snapshot in a shard: after the discriminator, 24 bytes of numbers, the domain and the incident. */
export const SNAPSHOT_OFFSET = 8 + 24 + 32 + 32;

/** The shards of a snapshot, by ascending number. */
export async function readShards(work: Work, snapshot: Address): Promise<Account<SnapshotShard>[]> {
    const found = await ownedOfKind(work, 'SnapshotShard', { offset: SNAPSHOT_OFFSET, bytes: addressBytes(snapshot) });
    return found.map((account) => decodeSnapshotShard(account)).sort((a, b) => a.data.shard - b.data.shard);
}
