/**
 * Proposals. A proposal is a decision: a kind and the exact arguments of its execution. Approvals sign the hash of its
 * Borsh form. `decision('Resume', [{ incident }])` creates a decision, and `propose` takes it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { ReadonlyUint8Array } from '@solana/kit';

import { bytesEqual, concat } from './bytes.ts';
import { MAX_PAYLOAD } from './constants.ts';
import {
    getDecisionDecoder,
    getDecisionEncoder,
    getProposalSize,
    ProposalKind,
    type Decision,
    type DecisionArgs,
    type Proposal,
} from './generated/bulkhead/index.ts';

/** The Borsh form of a decision: the number of its kind, and the payload that a proposal holds. */
export function encodeDecision(decision: DecisionArgs): ReadonlyUint8Array {
    const bytes = getDecisionEncoder().encode(decision);
    const length = bytes.length - 1;
    if (length > MAX_PAYLOAD) throw new RangeError(`${length} bytes are more than a proposal holds`);
    return bytes;
}

/** Decodes a payload. Trailing bytes, which nobody would have been shown, are rejected. */
export function decodeDecision(bytes: ReadonlyUint8Array): Decision {
    const [decision, end] = getDecisionDecoder().read(bytes, 0);
    if (end !== bytes.length) throw new RangeError(`${bytes.length - end} trailing bytes after the arguments`);
    // The codec reads a list without its length as empty, and any number but 1 as false. The program rejects both.
    if (!bytesEqual(encodeDecision(decision), bytes)) {
        throw new RangeError('the bytes are not the canonical encoding of the decision');
    }
    return decision;
}

/** The hash that approvals of a decision sign. */
export function decisionHash(decision: DecisionArgs): Uint8Array {
    return sha256(new Uint8Array(encodeDecision(decision)));
}

/** The hash for a proposal as its account stores it: SHA-256 of the kind byte and the payload. */
export function payloadHash(kind: number, payload: ReadonlyUint8Array): Uint8Array {
    return sha256(concat(Uint8Array.of(kind), payload));
}

/** The payload of a proposal account: the bytes after the header, exactly as many as the header says. */
export function payloadOf(account: Readonly<{ data: Proposal; bytes: ReadonlyUint8Array }>): ReadonlyUint8Array {
    const header = getProposalSize();
    const payload = account.bytes.slice(header);
    if (payload.length !== account.data.payloadLen) {
        throw new RangeError(`payload of ${payload.length} bytes, but the header says ${account.data.payloadLen}`);
    }
    return payload;
}

/**
 * The decision of a proposal: read it before approving. Rejects a payload that does not match its hash, that is longer
 * than its kind's arguments, or that is of an unknown kind.
 */
export function readProposal(account: Readonly<{ data: Proposal; bytes: ReadonlyUint8Array }>): Decision {
    const { kind } = account.data;
    if (ProposalKind[kind] === undefined) throw new RangeError(`there is no kind ${kind}`);
    const payload = payloadOf(account);
    if (!bytesEqual(payloadHash(kind, payload), account.data.payloadHash)) {
        throw new RangeError('the payload does not match its hash');
    }
    return decodeDecision(concat(Uint8Array.of(kind), payload));
}
