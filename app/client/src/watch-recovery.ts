/** From the snapshot to the last claim: the rules of `crates/client/src/watch/differ/recovery.rs`. */
import { bytesEqual } from './bytes.ts';
import {
    checkpointState,
    claimWish,
    restorationFlag,
    snapshotFlag,
    snapshotSource,
    snapshotState,
} from './constants.ts';
import type {
    Ballot,
    BallotRules,
    CheckpointLog,
    ClaimRedirect,
    ClaimTerms,
    Interim,
    Ledger,
    RestartCheck,
    Restoration,
    Snapshot,
} from './generated/bulkhead/index.ts';
import { detail, differing, hex, type Entry, type Rules } from './watch-entries.ts';

export const RECOVERY_RULES = {
    Snapshot: (before: Snapshot, after: Snapshot, isNew) => {
        const entries: Entry[] = [];
        if (isNew) {
            const isCheckpoint = after.source === snapshotSource.CHECKPOINT;
            const event = isCheckpoint ? 'CheckpointSnapshotOpened' : 'SnapshotOpened';
            entries.push([event, differing(before, after, ['incident', 'ledger'], true)]);
        }
        const { SEALED, VOID } = snapshotState;
        const isAgain = before.state === SEALED && before.seals !== after.seals;
        const isSealed = after.state === SEALED && (before.state !== after.state || isAgain);
        const isOverridden = (after.flags & snapshotFlag.OVERRIDDEN) !== 0;
        const isFirst = (before.flags & snapshotFlag.OVERRIDDEN) === 0;
        const isDecided = isOverridden && (isAgain || isFirst || before.decidedSlot !== after.decidedSlot);
        const root = detail('root', isNew ? undefined : hex(before.root), hex(after.root));
        if (isDecided) {
            const details = differing(before, after, ['total', 'excess', 'shortfall'], isNew);
            entries.push(['SealOverridden', [...details, root]]);
        } else if (isSealed) {
            const details = differing(before, after, ['total', 'count'], isNew);
            entries.push([isAgain ? 'SealReplaced' : 'SnapshotSealed', [...details, root]]);
        }
        if (before.state !== after.state && after.state === VOID) entries.push(['CheckpointSnapshotVoided']);
        return entries;
    },
    CheckpointLog: (before: CheckpointLog, after: CheckpointLog, isNew) => {
        const entries: Entry[] = [];
        const named = ['threshold', 'flags', 'toleranceBps', 'minIntervalSlots', 'keepSeconds'] as const;
        const rules = differing(before, after, named, isNew);
        if (rules.length > 0) entries.push([isNew ? 'CheckpointLogOpened' : 'CheckpointRulesChanged', rules]);
        if (before.posted !== after.posted) {
            entries.push(['CheckpointPosted', differing(before, after, ['posted'], isNew)]);
        }
        for (const [i, is] of after.entries.entries()) {
            const was = before.entries[i] as CheckpointLog['entries'][number];
            const isSame = bytesEqual(was.hash, is.hash);
            const slot = detail('slot', undefined, is.slot);
            if (!isSame || was.state !== is.state) {
                if (is.state === checkpointState.ATTESTED) entries.push(['CheckpointAttested', [slot]]);
                if (is.state === checkpointState.CONTESTED) entries.push(['CheckpointContested', [slot]]);
            }
            if (is.disputes > (isSame ? was.disputes : 0)) {
                entries.push(['CheckpointDisputed', [slot, detail('disputes', was.disputes, is.disputes)]]);
            }
        }
        return entries;
    },
    Ballot: (before: Ballot, after: Ballot, isNew) => {
        const entries: Entry[] = [];
        if (isNew) entries.push(['BallotOpened', differing(before, after, ['incident', 'ledgerIndex'], true)]);
        else if (before.round !== after.round) {
            // Two rounds may have passed, and only the last veto's root is kept.
            if (before.vetoes !== after.vetoes) {
                const root = detail('vetoedRoot', undefined, hex(after.vetoedRoot));
                entries.push(['BallotVetoed', [...differing(before, after, ['vetoes'], false), root]]);
            }
            entries.push(['BallotRenewed', differing(before, after, ['round'], false)]);
        }
        if (after.candidateCount > (before.round === after.round ? before.candidateCount : 0)) {
            entries.push(['CandidateAdded', differing(before, after, ['candidateCount'], isNew)]);
        }
        if (before.startsTs !== after.startsTs && after.startsTs !== 0n) {
            entries.push(['VotingStarted', differing(before, after, ['startsTs', 'endsTs', 'quorum'], isNew)]);
        }
        return entries.length > 0 ? entries : [['VoteCast']];
    },
    Ledger: (before: Ledger, after: Ledger, isNew) => {
        if (isNew) return [['LedgerRegistered']];
        const rule = differing(before, after, ['interimBps', 'interimCap', 'interimAgeSeconds'], false);
        return rule.length > 0 ? [['InterimRuleSet', rule]] : [];
    },
    Interim: (before: Interim, after: Interim, isNew) => {
        const entries: Entry[] = [];
        if (isNew) {
            const named = ['snapshot', 'checkpoint', 'bps', 'cap'] as const;
            entries.push(['InterimOpened', differing(before, after, named, isNew)]);
        }
        if (before.stopCount !== after.stopCount) {
            entries.push(['InterimClaimStopped', differing(before, after, ['stopCount'], isNew)]);
        }
        if (before.shared !== after.shared) {
            entries.push(['InterimFunded', differing(before, after, ['shared'], isNew)]);
        }
        if (before.paid !== after.paid) {
            entries.push(['InterimClaimPaid', differing(before, after, ['paid'], isNew)]);
        }
        return entries;
    },
    Restoration: (before: Restoration, after: Restoration, isNew) => {
        if (isNew) return [[(after.flags & restorationFlag.ESCAPE) === 0 ? 'RestorationChosen' : 'EscapeOpened']];
        const entries: Entry[] = [];
        if (before.claimDays !== after.claimDays) {
            entries.push(['ClaimsExtended', differing(before, after, ['claimDays'], false)]);
        }
        if (before.state !== after.state) entries.push(['UnclaimedSwept']);
        return entries.length > 0 ? entries : [['RestorationPaid']];
    },
    BallotRules: (before: BallotRules, after: BallotRules, isNew) => [
        [
            'BallotRulesSet',
            differing(
                before,
                after,
                ['weightProgram', 'weightRealm', 'maxWeightRecord', 'flags', 'coolOffSeconds', 'disputeSeconds'],
                isNew,
            ),
        ],
    ],
    ClaimTerms: (before: ClaimTerms, after: ClaimTerms, isNew) => [
        ['ClaimTermsSet', differing(before, after, ['claimDays', 'restOwner', 'successor'], isNew)],
    ],
    RestartCheck: (before: RestartCheck, after: RestartCheck, isNew) => [
        ['RestartChecked', differing(before, after, ['owed', 'held', 'flags'], isNew)],
    ],
    ClaimRedirect: (before: ClaimRedirect, after: ClaimRedirect, isNew) => {
        if (after.state !== claimWish.NONE) {
            return [['ClaimsWished', differing(before, after, ['owner', 'state', 'holder'], isNew)]];
        }
        const details = differing(before, after, ['owner', 'destination', 'holder'], isNew);
        return details.length > 0 ? [['ClaimsRedirected', details]] : [];
    },
} satisfies Rules;
