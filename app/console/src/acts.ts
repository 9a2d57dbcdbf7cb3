/** Everything that can be done from the console. Each is a flow of the client; the review shows what it sends. */
import { constants, decision, type Decision, type Snapshot } from '@bulkhead/client';
import * as flows from '@bulkhead/client/flows';
import type { DomainStatus, NextStep, ProposalStanding } from '@bulkhead/client/status';
import type { Address } from '@solana/kit';

/** An act before anybody has looked at what it sends. */
export type Act = Readonly<{
    title: string;
    /** What it means, and what it cannot do. */
    about: string;
    run: (session: flows.Session, actor: Address) => Promise<flows.Done & Readonly<{ next?: string }>>;
}>;

export function pauseAct(domain: Address, scope: number): Act {
    const where = scope === constants.SCOPE_DOMAIN ? 'the whole domain' : `compartment ${scope}`;
    return {
        title: `Pause ${where}`,
        about: 'Closes what the council agreed to close in an emergency, at once, and lapses by itself. It burns one of your pause rights.',
        run: (session, guardian) => flows.pause(session, { domain, guardian, scope }),
    };
}

export function confirmAct(domain: Address): Act {
    return {
        title: 'Confirm the incident',
        about: 'With enough guardians the domain is frozen until a proposal unpauses it. If no incident is open, this raises the alarm first.',
        run: (session, guardian) => flows.confirm(session, { domain, guardian }),
    };
}

export function propagateAct(domain: Address): Act {
    return {
        title: 'Bring the trips to the board',
        about: 'A detector has latched: anyone closes what it closes, and opens the incident.',
        run: (session) => flows.propagate(session, { domain }),
    };
}

export function approveAct({ key, payloadHash }: ProposalStanding): Act {
    return {
        title: 'Approve the proposal',
        about: 'Approves exactly the decision that you have just read. An edit of the proposal voids your approval.',
        run: (session, approver) => flows.approve(session, { proposal: key, approver, expectedHash: payloadHash }),
    };
}

export function vetoAct({ key }: ProposalStanding): Act {
    return {
        title: 'Veto the proposal',
        about: 'Stops it, and for a week everything that its proposer makes. It occupies one of your vetoes for as long.',
        run: (session, vetoer) => flows.veto(session, { proposal: key, vetoer }),
    };
}

export function executeAct({ key }: ProposalStanding): Act {
    return {
        title: 'Execute the proposal',
        about: 'It has matured: anyone may execute it, and only exactly what it says.',
        run: (session) => flows.execute(session, { proposal: key }),
    };
}

export function withdrawAct({ key }: ProposalStanding): Act {
    return {
        title: 'Withdraw your approval',
        about: 'Your approval no longer counts. The clock of the proposal may stop.',
        run: (session, approver) => flows.withdraw(session, { proposal: key, approver }),
    };
}

export function heartbeatAct(domain: Address): Act {
    return {
        title: 'Send a heartbeat',
        about: 'Records that you are active. A silent member does not count for anything that loosens.',
        run: (session, member) => flows.heartbeat(session, { domain, member }),
    };
}

export function voteAct(domain: Address, ballot: Address, choice: number, amount: bigint): Act {
    return {
        title: choice === constants.CHOICE_NONE ? 'Vote for none of them' : `Vote for candidate ${choice}`,
        about: 'Before the vote starts this puts your tokens in escrow; once it runs, it casts your vote, which cannot be changed.',
        run: (session, voter) => flows.vote(session, { domain, voter, ballot, choice, amount }),
    };
}

/** What to claim, and what proves it. */
export type ClaimOf = Readonly<{
    domain: Address;
    ledgerIndex: number;
    incident: Address;
    owner: Address;
    given: Pick<flows.ClaimInput, 'leaves' | 'proofs'>;
}>;

export function claimAct({ domain, ledgerIndex, incident, owner, given }: ClaimOf): Act {
    return {
        title: `Claim from ledger ${ledgerIndex}`,
        about: "Pays the owner's share to the owner's own token account. Anyone may send it; nobody can send it elsewhere.",
        run: async (session) => {
            const claimed = await flows.claim(session, { domain, ledgerIndex, incident, who: { owner }, ...given });
            const [unpaid] = claimed.unpaid;
            return { ...claimed, ...(unpaid ? { next: `not paid: ${unpaid.why}` } : {}) };
        },
    };
}

/** The act that takes a step, if the console has one. */
export function actOf(step: NextStep, status: DomainStatus): Act | undefined {
    const { domain } = status;
    const ledgerIndex = step.ledger ?? 0;
    switch (step.step) {
        case 'confirm':
        case 'raiseAlarm':
            return confirmAct(domain);
        case 'lapse':
            return simple('Close the lapsed incident', 'Nobody confirmed it, and every pause has run out.', (session) =>
                flows.lapse(session, { domain }),
            );
        case 'propagate':
            return propagateAct(domain);
        case 'confirmEvacuation':
            return {
                title: 'Confirm the evacuation',
                about: 'With enough guardians anyone may move every vault to the route that was agreed in peace, and nowhere else.',
                run: (session, guardian) => flows.confirmEvacuation(session, { domain, guardian }),
            };
        case 'evacuate':
            return simple(
                'Evacuate the vaults',
                'Moves what is left to the routes that were agreed in peace.',
                (session) => flows.evacuate(session, { domain }),
            );
        case 'snapshot':
            return simple(
                'Read and seal the snapshot',
                'Every position is read on chain. This takes many transactions; the command line is faster for large ledgers.',
                async (session, cranker) => flows.snapshot(session, { domain, ledgerIndex, cranker }),
            );
        case 'openBallot':
        case 'startVote':
        case 'renewBallot':
            return {
                title: 'Take the ballot one step on',
                about: 'Opens it, adds the sealed snapshot, or starts the vote, whichever is due.',
                run: (session, member) =>
                    flows.openBallotWith(session, {
                        domain,
                        member,
                        ledgerIndex,
                        candidates: candidatesOf(status, ledgerIndex),
                    }),
            };
        case 'choose': {
            const chosen = chosenArgs(status, ledgerIndex);
            return chosen && advanceAct('Restore what the vote chose', domain, chosen);
        }
        case 'fund':
            return simple(
                'Fund the pool and share it out',
                'Moves what evacuations recovered into the pool; every claim gets the same share.',
                (session) => flows.restore(session, { domain, ledgerIndex }),
            );
        case 'resume':
            return {
                title: 'Resume without a restoration',
                about: 'Proposes it, approves it or executes it, whichever is yours and due.',
                run: (session, signer) => flows.resume(session, { domain, signer }),
            };
        case 'reopen':
            return {
                title: 'Reopen at a quarter of the limits',
                about: 'Proposes it, approves it or executes it, whichever is yours and due. Liquidations stay closed for an hour.',
                run: (session, signer) =>
                    flows.reopen(session, { domain, signer, rampBps: 2_500, graceSeconds: 3_600n }),
            };
        case 'escape':
            return simple(
                'Open the escape',
                'Nobody resolved the freeze in the time that was agreed in peace.',
                (session) => flows.escape(session, { domain, ledgerIndex }),
            );
        default:
            return undefined;
    }
}

function simple(title: string, about: string, run: Act['run']): Act {
    return { title, about, run };
}

function advanceAct(title: string, domain: Address, asked: Decision): Act {
    return {
        title,
        about: 'Proposes exactly what the vote chose, approves it or executes it, whichever is yours and due.',
        run: (session, signer) => flows.advance(session, { domain, signer, decision: asked }),
    };
}

/** The incident's own snapshot, once it is sealed. */
function candidatesOf({ incident, snapshots }: DomainStatus, ledgerIndex: number): Address[] {
    const isOwn = (snapshot: Snapshot) =>
        snapshot.incident === incident?.key && snapshot.ledgerIndex === ledgerIndex && isSealed(snapshot);
    return [...snapshots].filter(([, data]) => isOwn(data)).map(([address]) => address);
}

const isSealed = ({ state, source }: Pick<Snapshot, 'state' | 'source'>) =>
    state === constants.snapshotState.SEALED && source === constants.snapshotSource.FROZEN;

function chosenArgs({ ballots, incident }: DomainStatus, ledgerIndex: number): Decision | undefined {
    const chosen = ballots.find(({ data }) => data.ledgerIndex === ledgerIndex)?.chosen;
    if (chosen === undefined || incident === undefined) return undefined;
    const { snapshot, root } = chosen;
    return decision('ChooseRestoration', [{ incident: incident.key, snapshot, ledgerIndex, root }]) as Decision;
}
