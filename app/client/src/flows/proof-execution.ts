/** Executes what proposals decide about proofs of state. */
import type { Instruction } from '@solana/kit';

import {
    decodeRestoration,
    getOverrideProofInstructionAsync,
    getRegisterVerifyingKeyInstructionAsync,
    getRequireProofsInstructionAsync,
    type VerifyingKeyArgs,
} from '../generated/bulkhead/public.ts';
import * as pdas from '../pdas.ts';
import { hex } from '../watch-entries.ts';
import type { Paid } from './execution.ts';
import type { FoundProposal } from './proposals.ts';
import { NotPossible, type Work } from './session.ts';

/** The kinds that are about proofs of state. */
export type ProofDecision = Extract<
    FoundProposal['decision'],
    { __kind: 'RegisterVerifyingKey' | 'RequireProofs' | 'OverrideProof' }
>;

/** The instruction that executes the proposal. Only a verifying key that is registered needs `verifyingKey`. */
export async function proofExecutionOf(
    work: Work,
    paid: Paid,
    decision: ProofDecision,
    verifyingKey: VerifyingKeyArgs | undefined,
): Promise<Instruction> {
    const rules = await pdas.proofRules(paid.domain);
    switch (decision.__kind) {
        case 'RegisterVerifyingKey': {
            const [args] = decision.fields;
            // The key's points do not fit a proposal, and only a file has them.
            if (verifyingKey === undefined) {
                throw new NotPossible(
                    `a proposal has no room for the points of the verifying key ${hex(args.id)}`,
                    'pass them as a file: `bulkhead proof register-key PROPOSAL --key FILE`',
                );
            }
            const key = await pdas.proofKey(paid.domain, args.id);
            return getRegisterVerifyingKeyInstructionAsync({ ...paid, rules, key, args, keyArg: verifyingKey });
        }
        case 'RequireProofs':
            return getRequireProofsInstructionAsync({ ...paid, rules, args: decision.fields[0] });
        case 'OverrideProof': {
            const [args] = decision.fields;
            const { restoration } = args;
            const plan = await work.load('restoration', restoration, decodeRestoration, 'is the cluster right?');
            const check = await pdas.proofCheck(plan.incident, plan.ledgerIndex);
            return getOverrideProofInstructionAsync({ ...paid, rules, restoration, check, args });
        }
    }
}
