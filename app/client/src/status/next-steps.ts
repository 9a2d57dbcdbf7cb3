/** What can be done about an open incident, in order, and who has to do it: `crates/client/src/status/next_step.rs`. */
import type { Address } from '@solana/kit';

import { domainFlag, latchState, migrationState, phase, role, vaultState } from '../constants.ts';
import {
    decodeAuthorityWatch,
    decodeLedger,
    decodeMigration,
    decodeOutflowBreaker,
    decodePriceBreaker,
    decodeSolvencyBreaker,
    decodeVault,
    type Decision,
    type Incident,
    type Latch,
} from '../generated/bulkhead/public.ts';
import type { Scene } from '../flows/reading.ts';
import type { StatusAccounts } from './accounts.ts';
import { confirmationsMissing, keysWith } from './council.ts';
import { ledgerSteps } from './ledger-steps.ts';
import type { ProposalStanding } from './proposals.ts';
import { amount, count, fromNow } from './words.ts';

/** Steps of an incident, named like the flows that take them. */
export type StepName =
    | 'lapse'
    | 'propagate'
    | 'confirm'
    | 'raiseAlarm'
    | 'confirmEvacuation'
    | 'evacuate'
    | 'registerRoute'
    | 'snapshot'
    | 'openBallot'
    | 'startVote'
    | 'vote'
    | 'renewBallot'
    | 'choose'
    | 'fund'
    | 'claim'
    | 'checkRestart'
    | 'openInterim'
    | 'escape'
    | 'reopen'
    | 'resume';

/** Who takes a step. */
export type By = 'anyone' | 'guardians' | 'approvers' | 'members' | 'token holders';

/** One thing that can be done. */
export type NextStep = Readonly<{
    step: StepName;
    /** Number of the ledger that it concerns. */
    ledger?: number;
    by: By;
    /** The members who can take it; empty if it takes no member. */
    who: readonly Address[];
    /** When it can be taken, if not now. */
    from?: bigint;
    /** What to do, in words. */
    words: string;
    /** Is it another way instead of the steps before it? */
    isAlternative?: boolean;
}>;

/** A domain as all parts of its status see it. */
export type Seen = Readonly<{
    accounts: StatusAccounts;
    scene: Scene;
    /** The open incident. */
    incident: Readonly<{ key: Address; data: Incident }> | undefined;
    proposals: readonly ProposalStanding[];
    migration: Address | undefined;
}>;

export const byAnyone = (step: StepName, words: string): NextStep => ({ step, by: 'anyone', who: [], words });

/** Everything that can be done about the open incident, in order. Empty without one. */
export async function nextSteps(seen: Seen): Promise<NextStep[]> {
    const { scene, incident, accounts } = seen;
    if (incident === undefined) return [];
    const steps: NextStep[] = [];
    if (scene.domain.state === phase.ALERT) {
        steps.push(...alert(seen, incident.data));
    } else if (scene.domain.state === phase.FROZEN || scene.domain.state === phase.RECOVERING) {
        steps.push(...custody(seen));
        const ledgers = accounts.all('Ledger', decodeLedger).sort((a, b) => a.data.index - b.data.index);
        for (const { data } of ledgers) steps.push(...(await ledgerSteps(seen, incident, data)));
        steps.push(...end(seen));
    }
    // What replaces the rest comes last.
    return steps.sort((a, b) => Number(a.isAlternative ?? false) - Number(b.isAlternative ?? false));
}

function alert(seen: Seen, incident: Incident): NextStep[] {
    const { council, domain, at } = seen.scene;
    const lapses = lapsesAt(seen.scene);
    const isDecided = (domain.flags & domainFlag.DECIDED) !== 0;
    if (at.now >= lapses && !isDecided) {
        return [byAnyone('lapse', 'anyone closes the incident: nobody confirmed it, and every pause has lapsed')];
    }
    const steps: NextStep[] = [];
    const due = unpropagated(seen).length;
    if (due > 0) steps.push(byAnyone('propagate', `anyone brings ${count(due, 'trip')} to the board`));
    if (isDecided) {
        const words = `something newer than the unpause is closed, and opens ${fromNow(lapses, at.now)}; a guardian who wants more raises the alarm again`;
        return [...steps, { step: 'raiseAlarm', by: 'guardians', who: keysWith(council, role.GUARDIAN), words }];
    }
    const missing = confirmationsMissing(council, incident.confirmations, incident.configEpoch, at.now);
    const words = `${count(missing.count, 'more guardian')} to confirm the incident before its pauses lapse, ${fromNow(lapses, at.now)}`;
    steps.push({ step: 'confirm', by: 'guardians', who: missing.from, words });
    return [...steps, ...resume(seen)];
}

/** When the last timed pause of the domain's own ends. */
export function lapsesAt({ board }: Scene): bigint {
    const ends = [board.domainRow, ...board.rows].flatMap((row) => [row.guardianPauseUntil, row.tripUntil]);
    return ends.reduce((last, each) => (each > last ? each : last), 0n);
}

/** The detectors with a latch in force that is not on the board yet. */
export function unpropagated({ accounts, scene }: Pick<Seen, 'accounts' | 'scene'>): Address[] {
    const { board, at } = scene;
    const isDue = ({ state, until, slot }: Latch) =>
        state === latchState.LATCHED && at.now < until && slot >= board.unpausedSlot;
    return [
        ...accounts.all('OutflowBreaker', decodeOutflowBreaker),
        ...accounts.all('PriceBreaker', decodePriceBreaker),
        ...accounts.all('SolvencyBreaker', decodeSolvencyBreaker),
        ...accounts.all('AuthorityWatch', decodeAuthorityWatch),
        ...accounts.all('Vault', decodeVault),
    ]
        .filter(({ data }) => isDue(data.latch))
        .map(({ address }) => address);
}

/** The vaults: out of reach first. */
function custody(seen: Seen): NextStep[] {
    const { accounts, scene, incident } = seen;
    const { council, at } = scene;
    const vaults = accounts.all('Vault', decodeVault);
    const held = ({ data }: (typeof vaults)[number]) => accounts.balance(data.custody);
    const full = vaults.filter((vault) => held(vault) > 0n);
    const migration = seen.migration && accounts.find(seen.migration, decodeMigration);
    if (migration?.state !== migrationState.ACTIVE) {
        if (full.length === 0) return [];
        const { confirmations = 0, configEpoch = council.configEpoch } = migration ?? {};
        const missing = confirmationsMissing(council, confirmations, configEpoch, at.now);
        const holds = full.map((vault) => amount(held(vault), vault.data.decimals)).join(', ');
        const words = `${count(missing.count, 'more guardian')} to confirm the evacuation of ${count(full.length, 'vault')} (${holds})`;
        return [{ step: 'confirmEvacuation', by: 'guardians', who: missing.from, words }];
    }
    const isMoved = ({ data }: (typeof vaults)[number]) =>
        data.state === vaultState.EVACUATED && data.evacuation.incident === incident?.key;
    const due = full.filter((vault) => !isMoved(vault) && vault.data.routeFault === 0);
    const stuck = full.filter((vault) => !isMoved(vault) && vault.data.routeFault !== 0);
    const steps: NextStep[] = [];
    if (due.length > 0) steps.push(byAnyone('evacuate', `anyone evacuates ${count(due.length, 'vault')}`));
    if (stuck.length > 0) {
        const words = `approvers propose a sound evacuation route for ${count(stuck.length, 'vault')}, which cannot be moved now`;
        steps.push({ step: 'registerRoute', by: 'approvers', who: keysWith(council, role.APPROVER), words });
    }
    return steps;
}

/** How the incident ends. */
function end(seen: Seen): NextStep[] {
    const { domain, council } = seen.scene;
    if (domain.state === phase.FROZEN) return resume(seen);
    const step = proposed(seen, 'reopen', (decision) => isFor(decision, 'Reopen', domain.openIncident)) ?? {
        step: 'reopen',
        by: 'approvers',
        who: keysWith(council, role.APPROVER),
        words: 'approvers propose to reopen: ramp of the limits, and grace period of liquidations',
    };
    if (domain.restartCheckSeconds <= 0n) return [step];
    const words = 'right before the reopening anyone checks that every restored ledger is covered';
    return [byAnyone('checkRestart', words), step];
}

/** The way out of an alarm that needs no restoration. */
function resume(seen: Seen): NextStep[] {
    const { domain, council } = seen.scene;
    const step = proposed(seen, 'resume', (decision) => isFor(decision, 'Resume', domain.openIncident)) ?? {
        step: 'resume',
        by: 'approvers',
        who: keysWith(council, role.APPROVER),
        words: 'if nothing has to be restored, approvers propose to resume',
    };
    return [{ ...step, isAlternative: true }];
}

function isFor(decision: Decision, kind: 'Resume' | 'Reopen', incident: Address): boolean {
    return decision.__kind === kind && decision.fields[0].incident === incident;
}

/** The step that the most advanced proposal of a decision waits for. */
export function proposed(
    { proposals, scene }: Seen,
    step: StepName,
    isIt: (decision: Decision) => boolean,
): NextStep | undefined {
    const found = proposals.find(({ decision, isLive }) => isLive && isIt(decision));
    if (found === undefined) return undefined;
    const { progress, decision, missing } = found;
    const name = PROPOSED[decision.__kind] ?? 'the proposal';
    switch (progress.status) {
        case 'ready':
            return byAnyone(step, `anyone executes ${name}`);
        case 'waiting': {
            const eta = progress.eta ?? scene.at.now;
            const step_ = byAnyone(step, `anyone executes ${name}, ${fromNow(eta, scene.at.now)}`);
            return eta > scene.at.now ? { ...step_, from: eta } : step_;
        }
        default: {
            const words = `${count(missing.count, 'more approver')} to approve ${name}`;
            return { step, by: 'approvers', who: missing.from, words };
        }
    }
}

const PROPOSED: Partial<Record<Decision['__kind'], string>> = {
    Resume: 'the proposal to resume',
    Reopen: 'the proposal to reopen',
    ChooseRestoration: 'the proposal to restore',
};
