/** A decision in words: what a proposal would do if it were executed. */
import type { Decision } from '@bulkhead/client';
import { words } from '@bulkhead/client/status';

import { fact, sentence, short, type Fact } from './facts.ts';

export type DecisionWords = Readonly<{ title: string; facts: readonly Fact[]; isLoosening: boolean }>;

/** Kinds that can only tighten or pay what a vote chose. Everything else opens something or changes who decides. */
const CALM: ReadonlySet<Decision['__kind']> = new Set(['CancelReleases', 'ChooseRestoration', 'OverrideSeal']);

export function decisionWords(decision: Decision): DecisionWords {
    const [args] = decision.fields;
    return {
        title: titleOf(decision),
        facts: Object.entries(args).flatMap(([name, value]) => fact(name, value)),
        isLoosening: !CALM.has(decision.__kind),
    };
}

function titleOf(decision: Decision): string {
    switch (decision.__kind) {
        case 'Resume':
            return 'Resume: open everything that was closed before this was proposed, without a restoration';
        case 'Reopen': {
            const [{ rampBps, graceSeconds }] = decision.fields;
            const grace = graceSeconds > 0n ? `, liquidations closed for ${words.span(graceSeconds)}` : '';
            return `Reopen with ${rampBps / 100} % of the limits${grace}`;
        }
        case 'ChooseRestoration': {
            const [{ ledgerIndex, snapshot }] = decision.fields;
            return `Restore ledger ${ledgerIndex} to the state that won the vote, ${short(snapshot)}`;
        }
        case 'ChangeCouncil':
            return 'Replace the council';
        case 'GrantRights': {
            const [{ member, pauseRights }] = decision.fields;
            return `Give ${short(member)} ${words.count(pauseRights, 'pause right')}`;
        }
        case 'SetLimit':
            return `Change the limits of breaker ${short(decision.fields[0].breaker)}`;
        case 'CloseDetector':
            return `Close detector ${short(decision.fields[0].detector)}: nothing trips by it any more`;
        case 'RegisterEvacuationRoute':
            return `Change where vault ${short(decision.fields[0].vault)} is evacuated to`;
        case 'RegisterVerifyingKey':
            return 'Change which verifying key counts for proofs of state';
        case 'RequireProofs':
            return 'Change which restored ledgers need a proof of state before the domain reopens';
        case 'OverrideProof':
            return `Accept the ledger of restoration ${short(decision.fields[0].restoration)} without a proof of state`;
        case 'RunInstruction':
            return 'Run an instruction as the admin of the host';
        case 'UpgradeHost':
            return `Upgrade the host program ${short(decision.fields[0].program)}`;
        default:
            return sentence(decision.__kind);
    }
}
