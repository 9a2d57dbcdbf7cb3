/** The steps of one ledger, from the snapshot to the claims: `crates/client/src/status/ledger_steps.rs`. */
import type { Address } from '@solana/kit';

import { bytesEqual } from '../bytes.ts';
import {
    ballotState,
    NOMINATION_PATIENCE_SECONDS,
    NOMINATION_SECONDS,
    RESEAL_SECONDS,
    role,
    snapshotFlag,
    snapshotState,
} from '../constants.ts';
import {
    decodeBallot,
    decodeInterim,
    decodeRestoration,
    decodeSnapshot,
    decodeSnapshotShard,
    decodeVault,
    type Ballot,
    type Incident,
    type Ledger,
    type Restoration,
    type Snapshot,
} from '../generated/bulkhead/public.ts';
import { chosenBy } from '../flows/ballot-result.ts';
import { escapeDue } from '../flows/reading.ts';
import { lackingOf } from '../flows/restore.ts';
import * as pdas from '../pdas.ts';
import { claimsEnd, claimsEndWords } from './claims-end.ts';
import { keysWith } from './council.ts';
import { byAnyone, proposed, type NextStep, type Seen } from './next-steps.ts';
import { amount, count, fromNow } from './words.ts';

type Open = Readonly<{ key: Address; data: Incident }>;

/** The steps of `ledger` in the open incident. */
export async function ledgerSteps(seen: Seen, incident: Open, ledger: Ledger): Promise<NextStep[]> {
    const { index } = ledger;
    const key = await pdas.restoration(incident.key, index);
    const restoration = seen.accounts.find(key, decodeRestoration);
    const steps =
        restoration !== undefined
            ? paying(seen, restoration)
            : [
                  await choosing(seen, incident, ledger),
                  ...(await interim(seen, incident, ledger)),
                  ...escaping(seen, index),
              ];
    return steps.map((step) => ({ ...step, ledger: index }));
}

/** Where a share was agreed in peace, anyone opens it beside the vote. The program says whether a checkpoint is usable. */
async function interim({ accounts }: Seen, { key }: Open, { index, interimBps }: Ledger): Promise<NextStep[]> {
    if (interimBps === 0 || accounts.find(await pdas.interim(key, index), decodeInterim) !== undefined) return [];
    const snapshot = accounts.find(await pdas.snapshot(key, index), decodeSnapshot);
    if (snapshot?.state !== snapshotState.SEALED) return [];
    const words = `ledger ${index}: anyone opens the interim share-out, if a checkpoint from before the breach is attested`;
    return [byAnyone('openInterim', words)];
}

/** The escape, if the domain's rules have one: what anyone does when nobody resolves the incident. */
function escaping({ scene: { domain, at } }: Seen, index: number): NextStep[] {
    const due = escapeDue(domain);
    if (due === undefined) return [];
    const words = `ledger ${index}: anyone opens the escape ${fromNow(due, at.now)}, without a vote and without the council`;
    return [{ ...byAnyone('escape', words), ...(due > at.now ? { from: due } : {}), isAlternative: true }];
}

/** Until a state is chosen. */
async function choosing(seen: Seen, incident: Open, { index }: Ledger): Promise<NextStep> {
    const { accounts, scene } = seen;
    const { at, council } = scene;
    const key = await pdas.snapshot(incident.key, index);
    const named = (text: string) => `ledger ${index}: ${text}`;
    const snapshot = accounts.find(key, decodeSnapshot);
    if (snapshot === undefined) {
        return byAnyone('snapshot', named('anyone opens the snapshot and reads every position on chain'));
    }
    if (snapshot.state === snapshotState.OPEN) return cranking(seen, key, index);
    const ballot = accounts.find(await pdas.ballot(incident.key, index), decodeBallot);
    if (ballot === undefined) {
        const words = named('a guardian or an approver opens the ballot with the sealed snapshot');
        const who = keysWith(council, role.GUARDIAN | role.APPROVER);
        return onceSettled(seen, snapshot, { step: 'openBallot', by: 'members', who, words });
    }
    if (ballot.state === ballotState.NOMINATING) return nominating(seen, ballot, key, snapshot);
    if (at.now < ballot.endsTs) {
        const words = named(`token holders vote; the vote ends ${fromNow(ballot.endsTs, at.now)}`);
        return { step: 'vote', by: 'token holders', who: [], words };
    }
    const chosen = chosenBy(ballot, at.now);
    if (typeof chosen === 'string') return byAnyone('renewBallot', named('the vote has no winner: it is run again'));
    const step = proposed(seen, 'choose', (decision) => {
        if (decision.__kind !== 'ChooseRestoration') return false;
        const [args] = decision.fields;
        const isSame = args.snapshot === chosen.snapshot && args.incident === incident.key;
        return isSame && bytesEqual(args.root, chosen.root);
    });
    const words = named('approvers propose to restore the state that won the vote');
    return step ?? { step: 'choose', by: 'approvers', who: keysWith(council, role.APPROVER), words };
}

/** A snapshot goes to the vote once no better seal can replace it. */
function onceSettled({ scene: { at } }: Seen, snapshot: Snapshot, step: NextStep): NextStep {
    const isOverridden = (snapshot.flags & snapshotFlag.OVERRIDDEN) !== 0;
    const isApart = snapshot.excess > 0n || snapshot.shortfall > 0n;
    const from = snapshot.firstSealedTs + BigInt(RESEAL_SECONDS);
    return isApart && !isOverridden && at.now < from ? { ...step, from } : step;
}

function nominating(seen: Seen, ballot: Ballot, key: Address, snapshot: Snapshot): NextStep {
    const { council, at } = seen.scene;
    const index = ballot.ledgerIndex;
    const listed = ballot.candidates.slice(0, ballot.candidateCount).find((row) => row.snapshot === key);
    const members = keysWith(council, role.GUARDIAN | role.APPROVER);
    if (listed === undefined || !bytesEqual(listed.root, snapshot.root)) {
        const words = `ledger ${index}: anyone adds the sealed snapshot to the ballot`;
        return onceSettled(seen, snapshot, byAnyone('openBallot', words));
    }
    const day = ballot.nominatingTs + BigInt(NOMINATION_SECONDS);
    const week = ballot.nominatingTs + BigInt(NOMINATION_PATIENCE_SECONDS);
    if (at.now >= week) return byAnyone('startVote', `ledger ${index}: anyone starts the vote`);
    const since = at.now < day ? `, ${fromNow(day, at.now)}` : '';
    const words = `ledger ${index}: a guardian or an approver starts the vote${since}; until then voters deposit`;
    return { step: 'startVote', by: 'members', who: members, words, ...(at.now < day ? { from: day } : {}) };
}

function cranking({ accounts }: Seen, snapshot: Address, index: number): NextStep {
    const fullest = new Map<number, number>();
    for (const { data } of accounts.all('SnapshotShard', decodeSnapshotShard)) {
        if (data.snapshot === snapshot) fullest.set(data.shard, Math.max(data.seen, fullest.get(data.shard) ?? 0));
    }
    const read = [...fullest.values()].reduce((sum, each) => sum + each, 0);
    return byAnyone(
        'snapshot',
        `ledger ${index}: anyone reads the positions on; ${count(read, 'position')} read so far`,
    );
}

/** Once a state is chosen. */
function paying({ accounts, scene }: Seen, restoration: Restoration): NextStep[] {
    const { ledgerIndex: index, shared, paid, total, decimals } = restoration;
    const pool = accounts.balance(restoration.pool);
    const shown = (value: bigint) => amount(value, decimals);
    const end = claimsEnd(restoration);
    const ending = end && claimsEndWords(end, scene.at.now);
    if (end !== undefined && (end.isSwept || end.ts <= scene.at.now)) {
        // A sweep moves everything; only what was sent to the pool since is left for another.
        return end.isSwept && pool === 0n ? [] : [byAnyone('claim', `ledger ${index}: ${ending}`)];
    }
    const steps: NextStep[] = [];
    const lacking = lackingOf(restoration, pool);
    const due = recoverable(accounts, restoration, lacking);
    const free = pool - (shared - paid);
    if (due > 0n || (free > 0n && shared < total)) {
        const sum =
            due > 0n
                ? `moves ${shown(due)} from the recovery accounts into the pool, and shares out`
                : `shares out ${shown(free)}`;
        steps.push(byAnyone('fund', `ledger ${index}: anyone ${sum}`));
    }
    if (shared > paid) {
        const words = `ledger ${index}: owners, or anyone for them, claim the ${shown(shared - paid)} of ${shown(total)} that are shared out and not paid`;
        steps.push(byAnyone('claim', ending === undefined ? words : `${words}; ${ending}`));
    }
    if (lacking > due) {
        const words = `ledger ${index}: the claims lack ${shown(lacking - due)}, which anyone may pay into the pool`;
        steps.push({ ...byAnyone('fund', words), isAlternative: true });
    }
    return steps;
}

/** What recovery accounts hold for a restoration, up to what its claims lack. */
export function recoverable(
    accounts: Seen['accounts'],
    { incident, ledgerIndex }: Pick<Restoration, 'incident' | 'ledgerIndex'>,
    lacking: bigint,
): bigint {
    const least = (a: bigint, b: bigint) => (a < b ? a : b);
    const due = accounts
        .all('Vault', decodeVault)
        .filter(({ data }) => data.ledger === ledgerIndex && data.evacuation.incident === incident)
        .map(({ data: { evacuation } }) =>
            least(evacuation.moved - evacuation.drawn, accounts.balance(evacuation.destination)),
        );
    return least(
        due.reduce((sum, each) => sum + each, 0n),
        lacking,
    );
}
