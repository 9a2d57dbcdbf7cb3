/** Domains on other chains that are heard: the rules of `crates/client/src/status/peers.rs`. */
import type { Address } from '@solana/kit';

import { decodePeer, type AttesterSet, type Peer } from '../generated/bulkhead/public.ts';
import type { StatusAccounts } from './accounts.ts';

/** A domain on another chain, by its emitter there. */
export type PeerStatus = Readonly<{
    key: Address;
    /** The peer's chain, in Wormhole's numbers. */
    chain: number;
    data: Peer;
    /** Compartments that its pauses close. */
    compartments: readonly number[];
    /** Pauses that it may still cause. */
    pausesLeft: number;
    /** Newest epoch that a message of it named, and that of its newest pause. 0: it has said nothing. */
    epoch: bigint;
    pauseEpoch: bigint;
    /** Its request to resume, which decides nothing here. */
    request: Readonly<{ epoch: bigint; sentTs: bigint }> | undefined;
    /** The attesters in force; their epoch is what signatures name. */
    attesters: AttesterSet;
    /** When the next attesters take over, if a rotation waits. */
    rotatesTs: bigint | undefined;
}>;

/** The peers, by chain. */
export function peerStatuses(accounts: StatusAccounts, now: bigint): PeerStatus[] {
    const found = accounts.all('Peer', decodePeer).sort((a, b) => a.data.chain - b.data.chain);
    return found.map(({ address: key, data }) => {
        const isPending = data.nextAttesters.count !== 0;
        const hasRotated = isPending && now >= data.nextFromTs;
        return {
            key,
            chain: data.chain,
            data,
            compartments: Array.from({ length: 64 }, (_, number) => number).filter(
                (number) => ((data.compartments >> BigInt(number)) & 1n) !== 0n,
            ),
            pausesLeft: data.rights.pauseRights,
            epoch: data.epoch,
            pauseEpoch: data.pauseEpoch,
            request: data.requestEpoch === 0n ? undefined : { epoch: data.requestEpoch, sentTs: data.requestTs },
            attesters: hasRotated ? data.nextAttesters : data.attesters,
            rotatesTs: isPending && !hasRotated ? data.nextFromTs : undefined,
        };
    });
}
