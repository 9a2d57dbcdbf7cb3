/** Two states of a ledger by owner: who has more in which. */
import type { merkle } from '@bulkhead/client';
import type { Address } from '@solana/kit';

export type OwnerDifference = Readonly<{ owner: Address; first: bigint; second: bigint }>;

/** Sums by owner. */
export function byOwner(positions: Iterable<merkle.Position>): Map<Address, bigint> {
    const sums = new Map<Address, bigint>();
    for (const { owner, amount } of positions) sums.set(owner, (sums.get(owner) ?? 0n) + amount);
    return sums;
}

/** The owners whose sums differ, the greatest difference first. */
export function differencesByOwner(
    first: ReadonlyMap<Address, bigint>,
    second: ReadonlyMap<Address, bigint>,
): OwnerDifference[] {
    const distance = ({ first, second }: OwnerDifference) => (first > second ? first - second : second - first);
    return [...new Set([...first.keys(), ...second.keys()])]
        .map((owner) => ({ owner, first: first.get(owner) ?? 0n, second: second.get(owner) ?? 0n }))
        .filter(({ first, second }) => first !== second)
        .sort((a, b) => (distance(b) > distance(a) ? 1 : distance(b) < distance(a) ? -1 : a.owner < b.owner ? -1 : 1));
}

/** What a state would pay of an amount, if what is held were all there is. Rounded down, never more than the amount. */
export function wouldPay(amount: bigint, held: bigint, total: bigint): bigint {
    if (total === 0n) return 0n;
    return held >= total ? amount : (amount * held) / total;
}
