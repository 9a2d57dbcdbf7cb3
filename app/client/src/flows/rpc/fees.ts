/** What a transaction offers for its place: the compute units it needs, and a price by what others paid lately. */
import { isWritableRole, type Address, type Instruction } from '@solana/kit';

/** How much is offered. */
export type Fees = Readonly<{
    /** The percentile of the recent fees for the same accounts that is offered. */
    percentile: number;
    /** The highest price offered, in micro-lamports per compute unit. */
    maxMicroLamports: bigint;
    /** Offered in place of the percentile. */
    microLamports?: bigint;
}>;

export const FEES: Fees = { percentile: 75, maxMicroLamports: 1_000_000n };

/** The most compute units that a transaction can ask for. */
export const MAX_UNITS = 1_400_000;
/** Accounts that a node takes in one question about fees. */
const MAX_ACCOUNTS = 128;
/** What a transaction offers at least, once one expired. Micro-lamports per compute unit. */
const LEAST_AFTER_EXPIRY = 10_000n;
const BASE_FEE = 5_000n;
const MICRO = 1_000_000n;

/** The accounts whose recent fees matter: those that the transaction locks. */
export function locked(payer: Address, instructions: readonly Instruction[]): Address[] {
    const written = instructions
        .flatMap(({ accounts = [] }) => accounts)
        .filter(({ role }) => isWritableRole(role))
        .map(({ address }) => address);
    return [...new Set([payer, ...written])].slice(0, MAX_ACCOUNTS);
}

/** The price at the percentile of `recent`, up to the cap. Each expired round doubles it. Micro-lamports per unit. */
export function priceOf(recent: readonly bigint[], fees: Fees, expired: number): bigint {
    const sorted = [...recent].sort((a, b) => (a < b ? -1 : Number(a > b)));
    const place = Math.floor(((sorted.length - 1) * fees.percentile) / 100);
    const usual = fees.microLamports ?? sorted[place] ?? 0n;
    const least = expired > 0 && usual < LEAST_AFTER_EXPIRY ? LEAST_AFTER_EXPIRY : usual;
    const price = least << BigInt(expired);
    return price < fees.maxMicroLamports ? price : fees.maxMicroLamports;
}

/** The limit to ask for after a simulation: a tenth more, since other transactions may come between. */
export function unitLimit(simulated: bigint | undefined): number {
    if (simulated === undefined) return MAX_UNITS;
    return Math.min(MAX_UNITS, Math.ceil(Number(simulated) * 1.1) + 1_000);
}

/** The fee of a transaction in lamports, base and priority. */
export function feeOf(signatures: number, units: number, microLamports: bigint): bigint {
    return BASE_FEE * BigInt(signatures) + (BigInt(units) * microLamports + MICRO - 1n) / MICRO;
}
