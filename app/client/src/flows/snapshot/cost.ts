/** What it costs to crank a snapshot. The counterpart of `crates/client/src/flows/snapshot/cost.rs`. */
import { AccountRole, type Instruction } from '@solana/kit';

import { toAddress } from '../../bytes.ts';
import { SHARDS } from '../../constants.ts';
import {
    getIngestExportInstruction,
    getIngestPositionsInstruction,
    getOpenShardInstruction,
} from '../../generated/bulkhead/public.ts';
import { LAYOUTS } from '../../generated/bulkhead/readers.ts';
import { mostThatFit } from '../batch.ts';
import { signer } from '../signing.ts';
import { MOST_THAT_CAN_FIT } from './crank.ts';

/** Lamports per signature. */
const SIGNATURE = 5_000n;
/** Compute units of a position, by the limit that the compute table keeps to. */
export const POSITION_UNITS = 500n;
/** Compute units of an ingestion besides its positions, and of the compute budget's own instructions. */
export const INGESTION_UNITS = 1_500n;
/** Compute units of `open_snapshot` and `open_shard`. */
export const OPEN_UNITS = 12_000n;
/** Compute units of `seal_snapshot` with all shards. */
export const SEAL_UNITS = 120_000n;
/** Compute units that a call of an export costs besides what the host itself does. */
export const EXPORT_UNITS = 3_300n;

/** Lamports per byte of an account's rent for good, and the bytes that are counted besides its data. */
const RENT_PER_BYTE = 6_960n;
const RENT_OVERHEAD = 128n;

/** How a crank proceeds. Unless stated: sixteen at once, two slots each, no priority fee, a cranker who pays, bytes. */
export type CrankPace = Readonly<{
    /** Transactions in flight at once. A snapshot cannot use more than sixteen, one per shard. */
    parallel?: number;
    /** Slots from sending a transaction until it is seen to have landed. */
    slotsPerTransaction?: number;
    /** Priority fee, in micro-lamports per compute unit. */
    unitPrice?: bigint;
    /** Does the cranker also pay? Otherwise each transaction has a second signature, and less room. */
    crankerPays?: boolean;
    /** Number of accounts that the ledger's export takes besides the position; none if the program reads bytes. */
    exportAccounts?: number;
}>;

/** What a crank costs. */
export type Cost = Readonly<{
    transactions: bigint;
    /** Positions in each of them, at most. */
    perTransaction: bigint;
    /** Slots from the first transaction until the last has landed. */
    slots: bigint;
    /** Compute units, without what an export's host uses. */
    units: bigint;
    /** Rent of the accounts that are created. Lamports. */
    rent: bigint;
    /** Base and priority fees. Lamports. */
    fees: bigint;
}>;

/**
 * What it costs to read and seal a ledger of so many positions, spread evenly over the shards, as the keys of accounts
 * are. The rent is at the clusters' present rate; that of the shards stays locked as long as claims are proved against
 * them.
 */
export function snapshotCost(positions: bigint, pace: CrankPace = {}): Cost {
    const { parallel = 16, slotsPerTransaction = 2, unitPrice = 0n, crankerPays = true, exportAccounts } = pace;
    const first = perTransaction(crankerPays, exportAccounts, true);
    const next = perTransaction(crankerPays, exportAccounts, false);
    const shards = positions < BigInt(SHARDS) ? positions : BigInt(SHARDS);
    const signatures = crankerPays ? 1n : 2n;
    const unit = exportAccounts === undefined ? POSITION_UNITS : EXPORT_UNITS;
    let [transactions, units, fees, longest] = [0n, 0n, 0n, 0n];
    const add = (count: bigint, each: bigint, signers: bigint) => {
        transactions += count;
        units += count * each;
        fees += count * (signers * SIGNATURE + upwards(each * unitPrice, 1_000_000n));
    };
    add(1n, OPEN_UNITS, 1n);
    for (let number = 0n; number < shards; number++) {
        const own = positions / shards + (number < positions % shards ? 1n : 0n);
        const more = own > first ? upwards(own - first, next) : 0n;
        add(1n, OPEN_UNITS + INGESTION_UNITS + unit * (own < first ? own : first), signatures);
        add(more, INGESTION_UNITS + unit * next, signatures);
        if (1n + more > longest) longest = 1n + more;
    }
    add(1n, SEAL_UNITS, 1n);
    const rounds = upwards(shards, BigInt(Math.max(1, parallel)));
    return {
        transactions,
        perTransaction: next,
        slots: (rounds * longest + 2n) * BigInt(slotsPerTransaction),
        units,
        rent: rentOf(LAYOUTS.Snapshot.size) + rentOf(LAYOUTS.SnapshotShard.size) * shards,
        fees,
    };
}

/** Positions in one transaction, by its size; beside the opening of the shard they are fewer. */
function perTransaction(crankerPays: boolean, exportAccounts: number | undefined, opens: boolean): bigint {
    const [domain, payer, snapshot, shard, ledger] = [key(1), key(2), key(3), key(4), key(5)] as const;
    const cranker = signer(crankerPays ? payer : key(6));
    const accounts = { cranker, domain, snapshot, shard, ledger };
    const open = opens
        ? [getOpenShardInstruction({ ...accounts, rules: key(8), payer: signer(payer), number: 0 })]
        : [];
    const ingest: Instruction =
        exportAccounts === undefined
            ? getIngestPositionsInstruction(accounts)
            : getIngestExportInstruction({ ...accounts, exportProgram: key(7) });
    const fixed = exportAccounts ?? 0;
    const build = (count: number): Instruction[] => {
        const named = Array.from({ length: fixed + count }, (_, i) => ({
            address: key(8 + i),
            role: AccountRole.READONLY,
        }));
        return [...open, { ...ingest, accounts: [...(ingest.accounts ?? []), ...named] }];
    };
    return BigInt(Math.max(1, mostThatFit(payer, MOST_THAT_CAN_FIT, build)));
}

/** Rent of an account of so many bytes. */
function rentOf(bytes: number): bigint {
    return (BigInt(bytes) + RENT_OVERHEAD) * RENT_PER_BYTE;
}

function upwards(dividend: bigint, divisor: bigint): bigint {
    return (dividend + divisor - 1n) / divisor;
}

const key = (number: number) => toAddress(new Uint8Array(32).fill(number));
