/**
 * Drives a whole incident from outside: pause, confirm, evacuate, snapshot, vote, restore, claim, reopen.
 *
 * npx tsx examples/incident.ts --rpc URL --domain ADDRESS --payer FILE --member FILE ... --voter FILE ...
 *
 * Run again, it goes on where the accounts say that it stopped; once the domain has reopened, it begins the next incident.
 * Where the program asks for time it stops with exit code 3 and says until when; with --warp it moves the clock of a
 * localnet instead. The result is JSON on standard output.
 */
import { parseArgs } from 'node:util';
import { address, type Address, type KeyPairSigner } from '@solana/kit';
import { decodeToken, findAssociatedTokenPda, TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import {
    constants,
    decision,
    decodeBallot,
    decodeCouncil,
    decodeDomain,
    decodeRestoration,
    decodeSnapshot,
    decodeVoterEscrow,
    pdas,
    type Ballot,
    type Domain,
} from '@bulkhead/client';
import {
    advance,
    claimAll,
    confirm,
    confirmEvacuation,
    createRpcChain,
    evacuate,
    openBallotWith,
    pause,
    reopen,
    restore,
    snapshot,
    vote,
    type Chain,
    type Done,
    type Report,
    type Session,
    type Stepped,
} from '@bulkhead/client/flows';
import { readKeyPair } from '@bulkhead/client/deploy';

const STAGES = ['pause', 'snapshot', 'restore', 'claim', 'reopen'] as const;
type Stage = (typeof STAGES)[number];

const { values: given } = parseArgs({
    options: {
        rpc: { type: 'string', default: 'http://127.0.0.1:8899' },
        ws: { type: 'string' },
        domain: { type: 'string' },
        payer: { type: 'string' },
        member: { type: 'string', multiple: true, default: [] },
        voter: { type: 'string', multiple: true, default: [] },
        ledger: { type: 'string', default: '0' },
        until: { type: 'string', default: 'reopen' },
        ramp: { type: 'string', default: '10000' },
        warp: { type: 'boolean', default: false },
    },
});

/** It goes on later. */
class Later extends Error {}

class Incident {
    readonly result: Record<string, unknown> = {};
    transactions = 0;

    constructor(
        readonly session: Session,
        readonly domain: Address,
        readonly ledgerIndex: number,
        /** The members whose keys are given, by what they may do. */
        readonly guardians: readonly Address[],
        readonly approvers: readonly Address[],
        readonly voters: readonly Address[],
    ) {}

    get chain(): Chain {
        return this.session.chain;
    }

    /** Counts what a flow sent. */
    async run<T extends Done>(name: string, flow: Promise<T>): Promise<T> {
        const done = await flow;
        this.transactions += done.receipts.length;
        say(`${name}: ${done.receipts.length} transactions, ${done.skipped} steps were done before`);
        return done;
    }

    async read(): Promise<Domain> {
        const [account] = await this.chain.accounts([this.domain]);
        if (!account?.exists) throw new Error(`${this.domain} does not exist on this cluster`);
        return decodeDomain(account).data;
    }

    /** The open incident, or the last one. */
    async incident(): Promise<Address> {
        const { openIncident, incidentCount, state } = await this.read();
        const isOpen = state !== constants.phase.OPERATING;
        return isOpen ? openIncident : pdas.incident(this.domain, incidentCount - 1n);
    }

    /** Lets the chain's clock reach a time, in unix seconds. */
    async until(time: bigint, what: string): Promise<void> {
        const { now } = await this.chain.now();
        if (now >= time) return;
        const date = new Date(Number(time) * 1_000).toISOString();
        if (!given.warp) throw new Later(`${what} lasts until ${date}: run this again then`);
        say(`moving the clock to ${date}: ${what}`);
        const params = [{ absoluteTimestamp: Number(time + 1n) * 1_000 }];
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'surfnet_timeTravel', params });
        await fetch(given.rpc, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        for (let look = 0; look < 100; look++) {
            if ((await this.chain.now()).now >= time) return;
            await this.chain.wait(100);
        }
        throw new Error('the clock did not move; --warp works on a localnet only');
    }

    async pause(): Promise<void> {
        const { domain, session } = this;
        const state = await this.read();
        if (state.state === constants.phase.FROZEN || state.state === constants.phase.RECOVERING) return;
        const [guardian] = this.guardians;
        if (guardian === undefined) throw new Error('no guardian is among the members');
        await this.run('pause', pause(session, { domain, guardian }));
        for (const each of this.guardians) {
            const { isReached } = await this.run('confirm', confirm(session, { domain, guardian: each }));
            if (isReached) return;
        }
        throw new Later('more guardians have to confirm the incident');
    }

    async snapshot(): Promise<void> {
        const { domain, session, ledgerIndex } = this;
        for (const guardian of this.guardians) {
            const done = await this.run('confirm the evacuation', confirmEvacuation(session, { domain, guardian }));
            if (done.isReached) break;
        }
        const { sums } = await this.run('evacuate', evacuate(session, { domain }));
        this.result['evacuated'] = sums;
        await this.run('snapshot', snapshot(session, { domain, ledgerIndex }));
    }

    async restore(): Promise<void> {
        const { domain, session, ledgerIndex } = this;
        const incident = await this.incident();
        const key = await pdas.restoration(incident, ledgerIndex);
        const [restoration] = await this.chain.accounts([key]);
        if (!restoration?.exists) {
            const chosen = await pdas.snapshot(incident, ledgerIndex);
            await this.vote(incident, chosen);
            const [account] = await this.chain.accounts([chosen]);
            if (!account?.exists) throw new Error(`the snapshot ${chosen} is gone`);
            const { root } = decodeSnapshot(account).data;
            const choice = decision('ChooseRestoration', [{ incident, snapshot: chosen, ledgerIndex, root }]);
            await this.decide('choose the restoration', (signer) =>
                advance(session, { domain, signer, decision: choice }),
            );
        }
        await this.run('restore', restore(session, { domain, ledgerIndex, incident }));
    }

    /** Token holders choose the snapshot. */
    async vote(incident: Address, chosen: Address): Promise<void> {
        const { domain, session, ledgerIndex } = this;
        const [member] = this.guardians as [Address];
        const input = { domain, member, ledgerIndex, candidates: [chosen] };
        const { ballot } = await this.run('ballot', openBallotWith(session, input));
        const castAll = async () => {
            for (const voter of this.voters) {
                const amount = await this.votesOf(voter);
                await this.run('vote', vote(session, { domain, voter, ballot, choice: 0, amount }));
            }
        };
        const read = async (): Promise<Ballot> => {
            const [account] = await this.chain.accounts([ballot]);
            if (!account?.exists) throw new Error(`the ballot ${ballot} is gone`);
            return decodeBallot(account).data;
        };
        const { state, nominatingTs } = await read();
        if (state === constants.ballotState.NOMINATING) {
            // Before the vote this deposits: only tokens that were in escrow before it started count.
            await castAll();
            await this.until(nominatingTs + BigInt(constants.NOMINATION_SECONDS), 'the time to nominate');
            await this.run('ballot', openBallotWith(session, input));
        }
        const { endsTs } = await read();
        if ((await this.chain.now()).now < endsTs) await castAll();
        await this.until(endsTs, 'the vote');
        this.result['ballot'] = ballot;
        this.result['incident'] = incident;
    }

    /** The voter's tokens, in escrow and outside. */
    async votesOf(voter: Address): Promise<bigint> {
        const { governanceMint: mint } = await this.read();
        const tokenProgram = TOKEN_PROGRAM_ADDRESS;
        const [token] = await findAssociatedTokenPda({ owner: voter, mint, tokenProgram });
        const keys = [token, await pdas.escrow(this.domain, voter)];
        const [held, escrow] = await this.chain.accounts(keys);
        const outside = held?.exists ? decodeToken(held).data.amount : 0n;
        return outside + (escrow?.exists ? decodeVoterEscrow(escrow).data.amount : 0n);
    }

    async claim(): Promise<void> {
        const { domain, session, ledgerIndex } = this;
        const incident = await this.incident();
        const claimed = await this.run('claim', claimAll(session, { domain, ledgerIndex, incident }));
        this.result['unpaid'] = claimed.unpaid;
        this.result['books'] = claimed.books;
    }

    async reopen(): Promise<void> {
        const { domain, session } = this;
        const how = { domain, rampBps: Number(given.ramp), graceSeconds: 0n };
        await this.decide('reopen', (signer) => reopen(session, { ...how, signer }));
    }

    /** Each approver takes the step that it can take; once the delay has passed, the decision is executed. */
    async decide(name: string, step: (signer: Address) => Promise<Stepped>): Promise<void> {
        let last: Stepped | undefined;
        for (const signer of this.approvers) {
            last = await this.run(name, step(signer));
            if (last.isExecuted) return;
        }
        const [signer] = this.approvers;
        if (signer === undefined || last === undefined) throw new Error('no approver is among the members');
        say(`${name}: ${last.next}`);
        const { now } = await this.chain.now();
        await this.until(now + (await this.longestDelay()), `the delay to ${name}`);
        const done = await this.run(name, step(signer));
        if (!done.isExecuted) throw new Later(`${name}: ${done.next}`);
    }

    async longestDelay(): Promise<bigint> {
        const [account] = await this.chain.accounts([await pdas.council(this.domain)]);
        if (!account?.exists) return 0n;
        const delays = decodeCouncil(account).data.policies.map(({ delaySeconds }) => delaySeconds);
        return delays.reduce((most, delay) => (delay > most ? delay : most), 0n);
    }

    /** What the accounts say in the end: for a comparison with other clients. */
    async report(): Promise<Record<string, unknown>> {
        const { ledgerIndex } = this;
        const { state, incidentCount } = await this.read();
        const found: Record<string, unknown> = { domain: this.domain, phase: state, transactions: this.transactions };
        if (incidentCount > 0n) {
            const incident = await this.incident();
            const keys = [await pdas.snapshot(incident, ledgerIndex), await pdas.restoration(incident, ledgerIndex)];
            const [sealed, restoration] = await this.chain.accounts(keys);
            found['incident'] = incident;
            if (sealed?.exists) {
                const { root, total, count } = decodeSnapshot(sealed).data;
                found['snapshot'] = { key: sealed.address, root: Buffer.from(root).toString('hex'), total, count };
            }
            if (restoration?.exists) {
                const { total, shared, paid, snapshot } = decodeRestoration(restoration).data;
                found['restoration'] = { key: restoration.address, snapshot, total, shared, paid };
            }
        }
        return { ...found, ...this.result };
    }
}

function say(line: string): void {
    console.error(line);
}

const report: Report = {
    progress: (what, done, total) => {
        if (done === total || (done > 0 && done % 1_000 === 0)) say(`  ${done} of ${total} ${what}`);
    },
    note: (text) => say(`  ${text}`),
};

async function open(): Promise<Incident> {
    const { domain: text, payer: payerFile } = given;
    if (text === undefined || payerFile === undefined) throw new Error('--domain ADDRESS and --payer FILE are needed');
    const domain = address(text);
    const payer = await readKeyPair(payerFile);
    const members = await Promise.all(given.member.map(readKeyPair));
    const voters = await Promise.all(given.voter.map(readKeyPair));
    const chain = createRpcChain({
        rpc: given.rpc,
        ...(given.ws === undefined ? {} : { rpcSubscriptions: given.ws }),
        payer,
        signers: [...members, ...voters],
        commitment: 'confirmed',
        fees: { percentile: 75, maxMicroLamports: 100_000n },
        report,
    });
    const [account] = await chain.accounts([await pdas.council(domain)]);
    if (!account?.exists) throw new Error(`${domain} is not a domain on this cluster`);
    const council = decodeCouncil(account).data;
    const having = (role: number): Address[] => {
        const keys = new Set(members.map((key: KeyPairSigner) => key.address));
        return council.members.filter(({ key, roles }) => keys.has(key) && (roles & role) !== 0).map(({ key }) => key);
    };
    const { GUARDIAN, APPROVER } = constants.role;
    const ledgerIndex = Number(given.ledger);
    const voterKeys = voters.map(({ address }) => address);
    return new Incident({ chain, report }, domain, ledgerIndex, having(GUARDIAN), having(APPROVER), voterKeys);
}

try {
    const last = STAGES.indexOf(given.until as Stage);
    if (last < 0) throw new Error(`--until is one of ${STAGES.join(', ')}`);
    const incident = await open();
    for (const stage of STAGES.slice(0, last + 1)) await incident[stage]();
    const shown = await incident.report();
    console.log(JSON.stringify(shown, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2));
} catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = error instanceof Later ? 3 : 1;
}
