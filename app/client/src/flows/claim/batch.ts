/** Neighbours in one instruction: what they have in common is sent once. */
import { AccountRole, type Address, type Instruction } from '@solana/kit';

import { getClaimBatchInstruction, type BatchLeafArgs, type ClaimInput } from '../../generated/bulkhead/public.ts';
import { rangeProof, type LeafProof } from '../../merkle.ts';

/** How a batch pays a leaf. */
export type Push = Readonly<{
    proved: LeafProof;
    /** The owner's associated token account, and its bump. */
    destination: Readonly<{ address: Address; bump: number }>;
    /** The accounts of the claim. */
    accounts: Omit<ClaimInput, 'args'>;
}>;

/** What is paid: by a batch if neighbours are, and if it can be. */
export type Pushed = Readonly<{ steps: Readonly<{ claim: Instruction; push?: Push | undefined }> }>;

/** The instructions that pay these claims, which are of one page and in the order of their leaves. */
export function claimsOf(payments: readonly Pushed[]): Instruction[] {
    const runs: Pushed[][] = [];
    for (const payment of payments) {
        const run = runs.at(-1);
        const before = run?.at(-1);
        if (run !== undefined && before !== undefined && areNeighbours(before, payment)) run.push(payment);
        else runs.push([payment]);
    }
    return runs.flatMap((run) => together(run) ?? run.map(({ steps }) => steps.claim));
}

/** Can one proof prove both, which follow each other? */
function areNeighbours({ steps: { push: one } }: Pushed, { steps: { push: other } }: Pushed): boolean {
    if (one === undefined || other === undefined) return false;
    return other.proved.index === one.proved.index + 1 && other.proved.shard === one.proved.shard;
}

/** The batch of neighbours. None of a single claim, which costs less alone. */
function together(run: readonly Pushed[]): Instruction[] | undefined {
    const pushes = run.flatMap(({ steps: { push } }) => (push === undefined ? [] : [push]));
    const [first, last] = [pushes[0], pushes.at(-1)];
    if (pushes.length < 2 || first === undefined || last === undefined) return undefined;
    const proof = rangeProof(first.proved, last.proved);
    if (proof === undefined) return undefined;
    const leaves = pushes.map(({ proved: { key, amount }, destination }): BatchLeafArgs => ({
        key,
        amount,
        destinationBump: destination.bump,
    }));
    const batch: Instruction = getClaimBatchInstruction({
        ...first.accounts,
        args: { first: first.proved.index, leaves, proof },
    });
    const others = pushes.slice(1).flatMap(({ proved: { owner }, destination }) => [
        { address: destination.address, role: AccountRole.WRITABLE },
        { address: owner, role: AccountRole.READONLY },
    ]);
    return [{ ...batch, accounts: [...(batch.accounts ?? []), ...others] }];
}
