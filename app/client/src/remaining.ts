import { AccountRole, type AccountMeta, type Address, type Instruction } from '@solana/kit';

/** Accounts behind the declared ones: positions for `ingest_positions`, in ascending order of their keys. */
export function withPositions<T extends Instruction>(instruction: T, positions: readonly Address[]): T {
    return withRemaining(instruction, positions, AccountRole.READONLY);
}

/** Accounts behind the declared ones: the shards that have leaves for `seal_snapshot`, in ascending order. */
export function withShards<T extends Instruction>(instruction: T, shards: readonly Address[]): T {
    return withRemaining(instruction, shards, AccountRole.WRITABLE);
}

/**
 * Accounts behind the shards of `seal_snapshot`: crankers who say that they are done with theirs. They have to sign where
 * the sum is not the host's total to the unit.
 */
export function withCrankers<T extends Instruction>(instruction: T, crankers: readonly Address[]): T {
    return withRemaining(instruction, crankers, AccountRole.READONLY_SIGNER);
}

/** Accounts behind the declared ones: the ledgers that pay the same token for `register_ledger`, in ascending order. */
export function withLedgers<T extends Instruction>(instruction: T, ledgers: readonly Address[]): T {
    return withRemaining(instruction, ledgers, AccountRole.READONLY);
}

function withRemaining<T extends Instruction>(instruction: T, addresses: readonly Address[], role: AccountRole): T {
    const remaining = addresses.map((address): AccountMeta => ({ address, role }));
    return { ...instruction, accounts: [...(instruction.accounts ?? []), ...remaining] };
}
