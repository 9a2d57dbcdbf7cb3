/** Proofs of state: the rules of `crates/client/src/watch/differ/proofs.rs`. */
import { bytesEqual, numbersOf } from './bytes.ts';
import { proofFlag } from './constants.ts';
import type {
    ProofCheck,
    ProofKey,
    ProofRules,
    ProofRun,
    SealedLedger,
    StateProof,
} from './generated/bulkhead/index.ts';
import { detail, differing, hex, type Entry, type Rules } from './watch-entries.ts';

export const PROOF_RULES = {
    ProofRules: (before: ProofRules, after: ProofRules, isNew) => {
        const entries: Entry[] = [];
        if (!bytesEqual(before.key, after.key) || before.keySlot !== after.keySlot) {
            const key = detail('key', isNew ? undefined : hex(before.key), hex(after.key));
            entries.push(['VerifyingKeyRegistered', [key]]);
        }
        if (!bytesEqual(before.ledgers, after.ledgers) || before.decidedSlot !== after.decidedSlot) {
            const ledgers = detail('ledgers', isNew ? undefined : setOf(before.ledgers), setOf(after.ledgers));
            entries.push(['ProofsRequired', [ledgers]]);
        }
        return entries;
    },
    ProofKey: (before: ProofKey, after: ProofKey, isNew) => [
        ['VerifyingKeyRegistered', differing(before, after, ['pageSize', 'setUp'], isNew)],
    ],
    SealedLedger: (before: SealedLedger, after: SealedLedger, isNew) => [
        ['LedgerFixed', differing(before, after, ['snapshot', 'role', 'total'], isNew)],
    ],
    StateProof: (before: StateProof, after: StateProof, isNew) => {
        if (isNew) {
            return [['ProofOpened', differing(before, after, ['incident', 'ledgerIndex', 'restoration'], true)]];
        }
        return [['ShardProved', [detail('ended', endedOf(before), endedOf(after))]]];
    },
    ProofRun: (before: ProofRun, after: ProofRun, isNew) => [
        [isNew ? 'RunOpened' : 'PageProved', differing(before, after, ['prover', 'role', 'shard'], isNew)],
    ],
    ProofCheck: (before: ProofCheck, after: ProofCheck, isNew) => {
        const event = (after.flags & proofFlag.OVERRIDDEN) !== 0 ? 'ProofOverridden' : 'LedgerProved';
        return [[event, differing(before, after, ['ledgerIndex', 'flags', 'successor', 'pool'], isNew)]];
    },
} satisfies Rules;

/** The numbers of a set of 256 bits. */
function setOf(bits: ArrayLike<number>): string {
    return numbersOf(bits).join(', ') || 'none';
}

/** How many shards of each ledger were proved to their end. */
function endedOf({ ended }: StateProof): string {
    return ended.map((shards) => numbersOf([shards & 255, shards >> 8]).length).join(' and ');
}
