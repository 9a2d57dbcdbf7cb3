/** Insurance: the rules of `crates/client/src/watch/differ/insurance.rs`. */
import type { InsuranceCover, InsurancePool } from './generated/bulkhead/index.ts';
import { detail, differing, flat, oneOf, type Entry, type Rules } from './watch-entries.ts';

export const INSURANCE_RULES = {
    InsurancePool: (before: InsurancePool, after: InsurancePool, isNew) => {
        if (isNew) return [['InsuranceOpened', differing(before, after, ['ledgerIndex', 'order', 'mint'], true)]];
        const entries: Entry[] = [];
        if (before.decidedSlot !== after.decidedSlot || flat(before.nextTerms) !== flat(after.nextTerms)) {
            const cap = detail('capBps', before.terms.capBps, after.nextTerms.capBps);
            entries.push(['InsuranceTermsAnnounced', [cap, detail('termsTs', undefined, after.termsTs)]]);
        }
        if (before.slashed !== after.slashed) {
            entries.push(['InsuranceSlashed', differing(before, after, ['slashed', 'assets'], false)]);
        }
        if (before.incident !== after.incident || before.nextIncident !== after.nextIncident) {
            entries.push(['IncidentNoted', differing(before, after, ['incident', 'freezeEndTs'], false)]);
        }
        const moved = ['assets', 'shares', 'reserve', 'premium'] as const;
        return entries.length > 0 ? entries : [['InsuranceMoved', differing(before, after, moved, false)]];
    },
    InsuranceStake: oneOf('Staked', 'StakeChanged'),
    InsuranceCover: (before: InsuranceCover, after: InsuranceCover, isNew) => {
        const named = ['shortfall', 'limit', 'reserve', 'slashed', 'returned', 'dueTs', 'endTs'] as const;
        return [[isNew ? 'ShortfallStated' : 'CoverChanged', differing(before, after, named, isNew)]];
    },
} satisfies Rules;
