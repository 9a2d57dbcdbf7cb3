import { getAddressDecoder, getAddressEncoder, type Address, type ReadonlyUint8Array } from '@solana/kit';

const addressEncoder = getAddressEncoder();
const addressDecoder = getAddressDecoder();

/** The 32 bytes of an address. */
export function addressBytes(address: Address): ReadonlyUint8Array {
    return addressEncoder.encode(address);
}

/** The address of 32 bytes. */
export function toAddress(bytes: ReadonlyUint8Array): Address {
    return addressDecoder.decode(bytes);
}

/** `value` in `size` bytes, little endian. */
export function littleEndian(value: bigint | number, size: 1 | 2 | 4 | 8): Uint8Array {
    const number = BigInt(value);
    // Checked before writing: a write wraps around, so a larger number would look like a smaller one.
    if (number < 0n || number >= 1n << BigInt(8 * size)) {
        throw new RangeError(`${value} does not fit ${size} unsigned bytes`);
    }
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, number, true);
    return bytes.slice(0, size);
}

/** Concatenates all parts. */
export function concat(...parts: readonly ReadonlyUint8Array[]): Uint8Array {
    const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let offset = 0;
    for (const part of parts) {
        joined.set(part, offset);
        offset += part.length;
    }
    return joined;
}

/** The numbers of the bits that are set: bit i of byte n is number 8 n + i. */
export function numbersOf(bits: ArrayLike<number>): number[] {
    const isSet = (number: number) => (((bits[number >> 3] ?? 0) >> (number & 7)) & 1) === 1;
    return Array.from({ length: 8 * bits.length }, (_, number) => number).filter(isSet);
}

/** Negative, zero or positive: compares byte strings in the order of a ledger's keys. */
export function compareBytes(a: ReadonlyUint8Array, b: ReadonlyUint8Array): number {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
        const difference = (a[i] as number) - (b[i] as number);
        if (difference !== 0) return difference;
    }
    return a.length - b.length;
}

export function bytesEqual(a: ReadonlyUint8Array, b: ReadonlyUint8Array): boolean {
    return compareBytes(a, b) === 0;
}
