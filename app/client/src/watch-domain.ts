/** The domain, who decides about it and what they propose: the rules of `crates/client/src/watch/differ/domain.rs`. */
import { bytesEqual } from './bytes.ts';
import { incidentState, phase, proposalState } from './constants.ts';
import type { BoardRow, Council, Domain, Incident, PauseBoard, Proposal } from './generated/bulkhead/index.ts';
import { detail, differing, hex, zeros, type Entry, type Rules } from './watch-entries.ts';

export function closedProposal({ state, approvedTs }: Pick<Proposal, 'state' | 'approvedTs'>): Entry {
    const was = Object.entries({ state, approvedTs });
    return ['ProposalClosed', was.map(([field, value]) => detail(field, value, undefined))];
}

function proposal(before: Proposal, after: Proposal, isNew: boolean): Entry[] {
    // An edit keeps the kind and applies to an open proposal only.
    const isReopened = before.state !== after.state && after.state === proposalState.OPEN;
    if (!isNew && (before.kind !== after.kind || isReopened)) {
        // The old account is closed and this is a new one: the address was reused between two observations.
        return [closedProposal(before), ...proposal(zeros('Proposal'), after, true)];
    }
    const entries: Entry[] = [];
    const isEdited =
        !isNew && (before.createdSlot !== after.createdSlot || !bytesEqual(before.payloadHash, after.payloadHash));
    if (isNew || isEdited) {
        const details = differing(before, after, ['kind', 'class', 'createdSlot', 'expiresTs'], isNew);
        details.push(detail('payloadHash', undefined, hex(after.payloadHash)));
        entries.push([isNew ? 'ProposalCreated' : 'ProposalEdited', details]);
    }
    const approvals = differing(before, after, ['approvals', 'approvedTs'], false);
    // An edit clears earlier approvals.
    const kept = isEdited ? 0 : before.approvals;
    if ((after.approvals & ~kept) !== 0) entries.push(['ProposalApproved', approvals]);
    if ((kept & ~after.approvals) !== 0) entries.push(['ApprovalWithdrawn', approvals]);
    if (before.state !== after.state || isNew) {
        if (after.state === proposalState.EXECUTED) entries.push(['ProposalExecuted', approvals]);
        if (after.state === proposalState.VETOED) entries.push(['ProposalVetoed', approvals]);
    }
    return entries;
}

export const DOMAIN_RULES = {
    Proposal: proposal,
    PauseBoard: (before: PauseBoard, after: PauseBoard, isNew) => {
        const entries = row('domain', before.domainRow, after.domainRow);
        for (const [number, is] of after.rows.entries()) {
            entries.push(...row(String(number), before.rows[number] as BoardRow, is));
        }
        if (before.unpausedSlot !== after.unpausedSlot) {
            entries.push(['DomainResumed', differing(before, after, ['unpausedSlot', 'epoch'], isNew)]);
        } else if (!isNew && (before.epoch !== after.epoch || before.graceUntil !== after.graceUntil)) {
            entries.push(['Changed', differing(before, after, ['epoch', 'graceUntil'], false)]);
        }
        return entries;
    },
    Council: (before: Council, after: Council, isNew) => {
        const keys = ({ members, memberCount }: Council) =>
            members
                .slice(0, memberCount)
                .map(({ key }) => key)
                .join(' ');
        if (isNew || before.configEpoch !== after.configEpoch) {
            const details = differing(before, after, ['configEpoch', 'memberCount', 'freezeThreshold'], isNew);
            details.push(detail('members', isNew ? undefined : keys(before), keys(after)));
            return [['CouncilChanged', details]];
        }
        const members = after.members.flatMap((is, i): Entry[] => {
            const was = before.members[i] as Council['members'][number];
            const entries: Entry[] = [];
            const rights = [detail(`${is.key} pauseRights`, was.pauseRights, is.pauseRights)];
            if (was.pauseRights < is.pauseRights) entries.push(['RightsGranted', rights]);
            if (was.pauseRights > is.pauseRights) entries.push(['PauseRightBurnt', rights]);
            if (was.lastActiveTs !== is.lastActiveTs) {
                entries.push(['MemberActive', [detail(`${is.key} lastActiveTs`, was.lastActiveTs, is.lastActiveTs)]]);
            }
            return entries;
        });
        const vetoes = after.vetoes.flatMap((is, place): Entry[] => {
            const was = before.vetoes[place] as Council['vetoes'][number];
            const listed = (list: Iterable<number | bigint>) => [...list].join(' ');
            const [by, ts] = [listed(is.by), listed(is.ts)];
            if (listed(was.by) === by && listed(was.ts) === ts) return [];
            return [
                ['VetoStands', [detail(`${place} by`, listed(was.by), by), detail(`${place} ts`, listed(was.ts), ts)]],
            ];
        });
        return [...members, ...vetoes];
    },
    Domain: (before: Domain, after: Domain, isNew) => {
        if (isNew) return [['DomainOpened', differing(before, after, ['state', 'hostProgram'], true)]];
        const entries: Entry[] = [];
        if (before.state !== after.state) {
            const event = before.state === phase.SETUP ? 'DomainActivated' : 'PhaseChanged';
            entries.push([event, differing(before, after, ['state', 'openIncident'], false)]);
        }
        const rules = differing(before, after, ['escapeSeconds', 'restartCheckSeconds'], false);
        if (rules.length > 0) entries.push(['RecoveryRulesSet', rules]);
        return entries;
    },
    Incident: (before: Incident, after: Incident, isNew) => {
        const entries: Entry[] = [];
        const opened = ['cause', 'source', 'breachAmount', 'limit'] as const;
        if (isNew) entries.push(['IncidentOpened', differing(before, after, opened, true)]);
        if ((after.confirmations & ~before.confirmations) !== 0) {
            entries.push(['IncidentConfirmed', differing(before, after, ['confirmations'], isNew)]);
        }
        if (before.state !== after.state && after.state === incidentState.CLOSED) entries.push(['IncidentClosed']);
        if (before.evacuated !== after.evacuated) {
            entries.push(['VaultEvacuated', differing(before, after, ['evacuated'], isNew)]);
        }
        return entries;
    },
} satisfies Rules;

/** The actions that a row of the board closes now and closed before. */
function row(name: string, was: BoardRow, is: BoardRow): Entry[] {
    const entries: Entry[] = [];
    const masks = [
        ['DomainFrozen', 'freeze', [was.freeze, 0n], [is.freeze, 0n]],
        [
            'Paused',
            'guardianPause',
            [was.guardianPause, was.guardianPauseUntil],
            [is.guardianPause, is.guardianPauseUntil],
        ],
        ['TripPropagated', 'trip', [was.trip, was.tripUntil], [is.trip, is.tripUntil]],
        ['ContagionPropagated', 'linked', [was.linked, was.linkedUntil], [is.linked, is.linkedUntil]],
    ] as const;
    const shown = ([mask, until]: readonly [number, bigint]) =>
        `0x${mask.toString(16).padStart(8, '0')}${until === 0n ? '' : ` until ${until}`}`;
    for (const [event, field, before, after] of masks) {
        if (before[0] === after[0] && before[1] === after[1]) continue;
        const isSet = (after[0] & ~before[0]) !== 0 || (after[0] !== 0 && after[1] > before[1]);
        entries.push([isSet ? event : 'Unpaused', [detail(`${name}.${field}`, shown(before), shown(after))]]);
    }
    // A new board is reported completely.
    if (was.rampBps !== is.rampBps && was.rampBps !== 0) {
        entries.push(['DomainReopened', [detail(`${name}.rampBps`, was.rampBps, is.rampBps)]]);
    }
    return entries;
}
