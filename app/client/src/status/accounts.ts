/** The accounts that a domain's status is computed from: the rules of `crates/client/src/status/accounts.rs`. */
import type { Account, Address, EncodedAccount, MaybeEncodedAccount } from '@solana/kit';

import { addressBytes } from '../bytes.ts';
import { phase, snapshotState } from '../constants.ts';
import {
    BULKHEAD_PROGRAM_ADDRESS,
    decodeDirectVault,
    decodeDomain,
    decodeLedger,
    decodeLink,
    decodeRestoration,
    decodeSnapshot,
    decodeVault,
} from '../generated/bulkhead/public.ts';
import { LAYOUTS } from '../generated/bulkhead/readers.ts';
import { inParallel } from '../flows/batch.ts';
import { NOBODY } from '../flows/reading.ts';
import { SNAPSHOT_OFFSET } from '../flows/shards.ts';
import { decoded, NotFound, type Decode, type Session } from '../flows/session.ts';
import * as pdas from '../pdas.ts';
import { readToken } from '../token.ts';
import { keep, kindOf, questions, type Accounts as Own } from '../watch.ts';
import type { Kind } from '../watch-change.ts';

/** What a status is computed from. The other kinds belong to single users: votes, deposits, claims, evidence. */
const SHOWN: ReadonlySet<Kind> = new Set([
    'Proposal',
    'OutflowBreaker',
    'PriceBreaker',
    'SolvencyBreaker',
    'AuthorityWatch',
    'Link',
    'Peer',
    'Vault',
    'Release',
    'Ledger',
    'Incident',
    'Migration',
    'Snapshot',
    'Ballot',
    'Restoration',
    'CheckpointLog',
    'DirectVault',
    'Interim',
]);
const PARENTS: readonly Kind[] = ['Vault', 'Ballot', 'Restoration', 'CheckpointLog'];

/** A node answers slowly when it is asked for everything at once. */
const AT_ONCE = 4;

/** The accounts of one domain, and those outside it that its state depends on: token accounts, accounts of the host. */
export class StatusAccounts {
    readonly #all: ReadonlyMap<Address, EncodedAccount>;
    /** The accounts of the domain, as {@link changes} compares them. */
    readonly own: Own;

    constructor(
        readonly domain: Address,
        all: Iterable<EncodedAccount>,
    ) {
        this.#all = new Map([...all].map((account) => [account.address, account] as const));
        this.own = keep(domain, this.#all.values());
    }

    get addresses(): Address[] {
        return [...this.#all.keys()];
    }

    /** An account of the domain, if there is one of this kind at the address. */
    find<T extends object>(key: Address, decode: Decode<T>): T | undefined {
        const account = this.own.has(key) ? this.#all.get(key) : undefined;
        return account && decoded(account, decode)?.data;
    }

    /** All accounts of the domain of one kind. */
    all<T extends object>(kind: Kind, decode: Decode<T>): Account<T>[] {
        return [...this.own].flatMap(([key, kept]) => {
            const account = kept.kind === kind ? this.#all.get(key) : undefined;
            const found = account && decoded(account, decode);
            return found === undefined ? [] : [found];
        });
    }

    /** Any account, as it was read. */
    raw(key: Address): EncodedAccount | undefined {
        return this.#all.get(key);
    }

    /** Balance of a token account; 0 if it was not read, or is none. */
    balance(key: Address): bigint {
        const account = this.#all.get(key);
        return (account && readToken(account.data)?.amount) ?? 0n;
    }

    /** The same with some accounts read again. */
    with(accounts: Iterable<MaybeEncodedAccount>): StatusAccounts {
        const all = new Map(this.#all);
        for (const account of accounts) {
            if (account.exists) all.set(account.address, account);
            else all.delete(account.address);
        }
        return new StatusAccounts(this.domain, all.values());
    }
}

/** Reads everything that the status of `domain` is computed from. */
export async function gather({ chain }: Session, domain: Address): Promise<StatusAccounts> {
    const existing = (accounts: readonly MaybeEncodedAccount[]) =>
        accounts.flatMap((account) => (account.exists ? [account as EncodedAccount] : []));
    const first = [domain, await pdas.council(domain), await pdas.board(domain)];
    const all = existing(await chain.accounts(first));
    const root = all.find(({ address }) => address === domain);
    const state = root && decoded(root, decodeDomain)?.data;
    if (state === undefined) throw new NotFound('domain', domain, 'is the address right, and the cluster?');

    const ask = async (asked: readonly Readonly<{ kind: Kind; offset: number; key: Address }>[]) => {
        await inParallel(AT_ONCE, asked, async ({ kind, offset, key }) => {
            const filters = [
                { offset: 0, bytes: LAYOUTS[kind].discriminator },
                { offset, bytes: addressBytes(key) },
            ];
            all.push(...(await chain.owned(BULKHEAD_PROGRAM_ADDRESS, filters)));
        });
    };
    await ask(questions(domain, 'Domain').filter(({ kind }) => SHOWN.has(kind)));
    // What belongs to an account of the domain is found by that account.
    const parents = all.flatMap(({ address, data }) => {
        const kind = kindOf(data);
        return kind !== undefined && PARENTS.includes(kind) ? [{ address, kind }] : [];
    });
    await ask(
        parents.flatMap(({ address, kind }) => questions(address, kind).filter((question) => SHOWN.has(question.kind))),
    );
    const found = new StatusAccounts(domain, all);
    const outside = [
        ...found
            .all('Vault', decodeVault)
            .flatMap(({ data }) => [data.custody, data.route, data.evacuation.destination]),
        ...found.all('DirectVault', decodeDirectVault).flatMap(({ data }) => [data.source, data.route]),
        ...found.all('Restoration', decodeRestoration).map(({ data }) => data.pool),
        ...found.all('Link', decodeLink).map(({ data }) => data.upstreamBoard),
    ];
    // While positions are read, the host's total says when all of them are.
    if (state.state === phase.FROZEN || state.state === phase.RECOVERING) {
        const open = found
            .all('Snapshot', decodeSnapshot)
            .filter(({ data }) => data.incident === state.openIncident && data.state === snapshotState.OPEN);
        for (const { address, data } of open) {
            const ledger = found.find(data.ledger, decodeLedger);
            if (ledger !== undefined) outside.push(ledger.totalAccount);
            await ask([{ kind: 'SnapshotShard', offset: SNAPSHOT_OFFSET, key: address }]);
        }
    }
    const wanted = [...new Set(outside)].filter((key) => key !== NOBODY && found.raw(key) === undefined);
    return new StatusAccounts(domain, [...all, ...existing(await chain.accounts(wanted))]);
}
