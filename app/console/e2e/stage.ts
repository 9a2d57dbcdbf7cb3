/** Where an incident is played: a domain behind a node, with the keys of those who act. */
import type { Address, KeyPairSigner } from '@solana/kit';

export type Stage = Readonly<{
    rpc: string;
    domain: Address;
    /** Two guardians who are approvers too, and a vetoer. */
    members: readonly [KeyPairSigner, KeyPairSigner, KeyPairSigner];
    /** Holds more than half of the governance tokens. */
    voter: KeyPairSigner;
    /** Has a position. Its claim is paid at the end. */
    owner: Address;
    /** Governance tokens that the voter puts in escrow, in the smallest unit. */
    stake: bigint;
    /** What the members of the council wait for a proposal. */
    delay: bigint;
    /** Lets time pass. */
    pass(seconds: bigint): Promise<void>;
    /** Robs the domain until something stops it. */
    attack(): Promise<void>;
    /** The owner's balance of the token that claims are paid in. */
    balance(): Promise<bigint>;
    close(): Promise<void>;
}>;
