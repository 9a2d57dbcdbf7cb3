import { AccountRole, type AccountMeta, type Address, type Instruction } from '@solana/kit';

/** Accounts after the declared ones of `ingest_positions`: the positions, in ascending order of their keys. */
export function withPositions<T extends Instruction>(instruction: T, positions: readonly Address[]): T {
    return withRemaining(instruction, positions, AccountRole.READONLY);
}

/** Accounts after the declared ones of `seal_snapshot`: the shards that have leaves, in ascending order. */
export function withShards<T extends Instruction>(instruction: T, shards: readonly Address[]): T {
    return withRemaining(instruction, shards, AccountRole.WRITABLE);
}

/**
 * Accounts after the shards of `seal_snapshot`: crankers who declare their shards complete. They must sign if the sum
 * is not exactly the host's total.
 */
export function withCrankers<T extends Instruction>(instruction: T, crankers: readonly Address[]): T {
    return withRemaining(instruction, crankers, AccountRole.READONLY_SIGNER);
}

/** Accounts after the declared ones of `register_ledger`: the ledgers that pay the same token, in ascending order. */
export function withLedgers<T extends Instruction>(instruction: T, ledgers: readonly Address[]): T {
    return withRemaining(instruction, ledgers, AccountRole.READONLY);
}

/**
 * Accounts after the declared ones of `claim`, under a state that interim claims were not paid from. `proof` shows the leaf
 * of the interim snapshot, which the page `claims` covers, or that there was none.
 */
export function withAfterInterim<T extends Instruction>(
    instruction: T,
    { interim, proof, claims }: Readonly<{ interim: Address; proof: Address; claims: Address }>,
): T {
    return withRemaining(
        withRemaining(instruction, [interim, proof], AccountRole.READONLY),
        [claims],
        AccountRole.WRITABLE,
    );
}

function withRemaining<T extends Instruction>(instruction: T, addresses: readonly Address[], role: AccountRole): T {
    const remaining = addresses.map((address): AccountMeta => ({ address, role }));
    return { ...instruction, accounts: [...(instruction.accounts ?? []), ...remaining] };
}
