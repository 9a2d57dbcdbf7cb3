/** Hashes of checkpoints, byte for byte as the program computes them: `crates/core/src/checkpoints`. */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Address, ReadonlyUint8Array } from '@solana/kit';

import { addressBytes, concat, littleEndian } from './bytes.ts';
import { BPS, checkpointState, logFlag } from './constants.ts';
import type { Checkpoint, CheckpointLog } from './generated/bulkhead/index.ts';
import { nodeBytes, type LedgerTree } from './merkle.ts';

const text = (prefix: string) => new TextEncoder().encode(prefix);
const TAG_PREFIX = text('bulkhead-checkpoint-v1');
const SHARDS_PREFIX = text('bulkhead-checkpoint-shards-v1');
/** A row of the SlotHashes sysvar: slot and hash. */
const ROW = 40;

/** The tag that binds all leaves of a checkpoint to one program, log, ledger and slot. */
export function checkpointTag(program: Address, log: Address, ledgerIndex: number, slot: bigint): Uint8Array {
    const bound = concat(addressBytes(program), addressBytes(log), littleEndian(ledgerIndex, 1), littleEndian(slot, 8));
    return sha256(concat(TAG_PREFIX, bound));
}

/** The hash of a checkpoint's shards: roots, sums and counts. */
export function shardsHash({ shards }: Pick<LedgerTree, 'shards'>): Uint8Array {
    const rows = shards.map(({ root, leaves }) => concat(nodeBytes(root), littleEndian(leaves.length, 4)));
    return sha256(concat(SHARDS_PREFIX, ...rows));
}

/** The hash of `slot` in the SlotHashes sysvar's data: a count, then slot and hash, newest first. */
export function slotHash(sysvar: ReadonlyUint8Array, slot: bigint): ReadonlyUint8Array | undefined {
    for (let start = 8; start + ROW <= sysvar.length; start += ROW) {
        if (slotAt(sysvar, start) === slot) return sysvar.slice(start + 8, start + ROW);
    }
    return undefined;
}

/** The newest slot of the SlotHashes sysvar: its first row. */
export function newestSlot(sysvar: ReadonlyUint8Array): bigint | undefined {
    return sysvar.length < 8 + ROW ? undefined : slotAt(sysvar, 8);
}

function slotAt(sysvar: ReadonlyUint8Array, start: number): bigint {
    return sysvar.slice(start, start + 8).reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** All checkpoints of a log, in no particular order. */
export function checkpointsOf({ entries }: CheckpointLog): Checkpoint[] {
    return entries.filter(({ state }) => state !== checkpointState.EMPTY);
}

/** The latest checkpoint of a log. */
export function latestCheckpoint(log: CheckpointLog): Checkpoint | undefined {
    if (log.posted === 0n) return undefined;
    return log.entries[Number((log.posted - 1n) % BigInt(log.entries.length))];
}

/** Bit s: shard s is published. */
const ALL_PUBLISHED = 0xffff;

/** May the ledger be restored to a checkpoint, after a breach in slot `breach`? `core::checkpoint::restore`. */
export function isUsable({ restoredSlot }: CheckpointLog, entry: Checkpoint, breach: bigint): boolean {
    const { slot, postedSlot, flags, toleranceBps, differed, total, hostTotal } = entry;
    if (entry.state !== checkpointState.ATTESTED || slot >= breach || postedSlot >= breach) return false;
    if (slot <= restoredSlot) return false;
    if ((flags & logFlag.PUBLISHED_ONLY) !== 0 && !isPublished(entry)) return false;
    const whole = total > hostTotal ? total : hostTotal;
    return differed <= (whole * BigInt(toleranceBps) + BigInt(BPS) - 1n) / BigInt(BPS);
}

/** Are the leaves of all shards published? */
export function isPublished({ published }: Checkpoint): boolean {
    return published === ALL_PUBLISHED;
}

/** Slot of the newest checkpoint that is usable, and that was posted at or before `latestTs`. */
export function newestUsable(log: CheckpointLog, breach: bigint, latestTs: bigint): bigint | undefined {
    return checkpointsOf(log)
        .filter((entry) => entry.postedTs <= latestTs && isUsable(log, entry, breach))
        .map(({ slot }) => slot)
        .reduce<bigint | undefined>((most, slot) => (most === undefined || slot > most ? slot : most), undefined);
}
