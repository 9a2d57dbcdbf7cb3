/**
 * Proposals: a decision, which is a kind and the exact arguments it will run with. Approvals sign the hash of its Borsh form.
 * `decision('Resume', [{ incident }])` makes one, and `propose` takes it.
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

/** The other way round. Borsh says where it ends; what is behind that was never shown to anyone, and is refused. */
export function decodeDecision(bytes: ReadonlyUint8Array): Decision {
    const [decision, end] = getDecisionDecoder().read(bytes, 0);
    if (end !== bytes.length) throw new RangeError(`${bytes.length - end} bytes are behind the arguments`);
    // A list without its length reads as an empty one, and any number but 1 as false: the program refuses both.
    if (!bytesEqual(encodeDecision(decision), bytes)) {
        throw new RangeError('the bytes are not those that the decision is written as');
    }
    return decision;
}

/** What approvals of a decision sign. */
export function decisionHash(decision: DecisionArgs): Uint8Array {
    return sha256(new Uint8Array(encodeDecision(decision)));
}

/** The same of a proposal as its account holds it: SHA-256 of the kind byte and the payload. */
export function payloadHash(kind: number, payload: ReadonlyUint8Array): Uint8Array {
    return sha256(concat(Uint8Array.of(kind), payload));
}

/** The payload of a proposal account: what is behind the header, and exactly as long as the header says. */
export function payloadOf(account: Readonly<{ data: Proposal; bytes: ReadonlyUint8Array }>): ReadonlyUint8Array {
    const header = getProposalSize();
    const payload = account.bytes.slice(header);
    if (payload.length !== account.data.payloadLen) {
        throw new RangeError(`the account has ${payload.length} bytes of payload and says ${account.data.payloadLen}`);
    }
    return payload;
}

/**
 * What a proposal says it will do: read it before approving. Refuses a payload that is not what its hash says, that is longer
 * than its kind's arguments, or that is of no known kind.
 */
export function readProposal(account: Readonly<{ data: Proposal; bytes: ReadonlyUint8Array }>): Decision {
    const { kind } = account.data;
    if (ProposalKind[kind] === undefined) throw new RangeError(`there is no kind ${kind}`);
    const payload = payloadOf(account);
    if (!bytesEqual(payloadHash(kind, payload), account.data.payloadHash)) {
        throw new RangeError('the payload is not what its hash says');
    }
    return decodeDecision(concat(Uint8Array.of(kind), payload));
}
