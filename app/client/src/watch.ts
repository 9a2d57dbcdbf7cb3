/**
 * Watching a domain by its accounts: what `crates/client/src/watch` does, in TypeScript.
 *
 * Logs are a convenience: the runtime keeps 10 KB of them, and whoever sends the transaction can fill these first. What an
 * act leaves in an account nobody can hide: a proposal lies there for its delay of an hour at least, a queued release for
 * its vault's time, and whoever fetches the accounts more often than that sees every one. `docs/watching.md` says where
 * each act leaves its trace, and how long it stays.
 *
 * Fetch with {@link fetchAccounts} or {@link questions}, keep with {@link keep}, compare with {@link changes}. Every byte
 * of an account that differs makes a change, so what has no name of its own is told too.
 */
import {
    getBase58Decoder,
    getBase64Encoder,
    type Address,
    type Base58EncodedBytes,
    type EncodedAccount,
    type GetProgramAccountsApi,
    type GetAccountInfoApi,
    type ReadonlyUint8Array,
    type Rpc,
} from '@solana/kit';

import { addressBytes, bytesEqual, compareBytes } from './bytes.ts';
import { VERSION } from './constants.ts';
import { BULKHEAD_PROGRAM_ADDRESS } from './generated/bulkhead/programs/bulkhead.ts';
import { LAYOUTS } from './generated/bulkhead/readers.ts';
import type { Change, Kept, Kind } from './watch-change.ts';
import { differences } from './watch-differences.ts';

export type { Change, Detail, Kept, Kind } from './watch-change.ts';

/** The accounts of one domain at one moment. */
export type Accounts = ReadonlyMap<Address, Kept>;

/** One question to a node: `getProgramAccounts` with the kind's first bytes at 0 and `key` at `offset`. */
export type Question = Readonly<{ kind: Kind; offset: number; key: Address }>;

/** The fields by which an account says what it belongs to, and of which kind that is: the first that it has. */
const PARENTS: readonly (readonly [field: string, kind: Kind])[] = [
    ['domain', 'Domain'],
    ['vault', 'Vault'],
    ['ballot', 'Ballot'],
    ['restoration', 'Restoration'],
    ['log', 'CheckpointLog'],
];

const KINDS = Object.keys(LAYOUTS) as Kind[];
const TAG = 8;

/** What an account's bytes are, if they are of a kind and version that are known. */
export function kindOf(data: ReadonlyUint8Array): Kind | undefined {
    const tag = data.slice(0, TAG);
    const kind = KINDS.find((kind) => bytesEqual(LAYOUTS[kind].discriminator, tag));
    if (kind === undefined || data.length < LAYOUTS[kind].size || data[TAG] !== VERSION) return undefined;
    return kind;
}

/**
 * What belongs to `domain` of these accounts: Bulkhead's, of a kind and version that are known, that name the domain or an
 * account that does. The order does not matter.
 */
export function keep(domain: Address, accounts: Iterable<EncodedAccount>): Accounts {
    const own = new Map<Address, Kept>();
    let rest = [...accounts].flatMap(({ address, programAddress, data }) => {
        const kind = programAddress === BULKHEAD_PROGRAM_ADDRESS ? kindOf(data) : undefined;
        if (kind === undefined) return [];
        const [field] = parentOf(kind) ?? [];
        const parent = field === undefined || kind === 'Domain' ? address : (fields(kind, data)[field] as Address);
        return [{ address, kind, data, parent }];
    });
    // What names an account that names the domain is found in the next round.
    for (let before = -1; before !== own.size;) {
        before = own.size;
        rest = rest.filter(({ address, kind, data, parent }) => {
            if (parent !== domain && !own.has(parent)) return true;
            own.set(address, { kind, data });
            return false;
        });
    }
    return own;
}

/**
 * What to ask a node for about `owner`: a domain, or a vault, ballot, restoration or checkpoint log of it. Who watches for
 * acts that matter asks about the domain and its vaults; the domain's own account is fetched as such.
 */
export function questions(owner: Address, of: Kind): Question[] {
    return KINDS.filter((kind) => kind !== 'Domain' && parentOf(kind)?.[1] === of).map((kind) => ({
        kind,
        offset: parentOffset(kind),
        key: owner,
    }));
}

/** Asks a node for the accounts of a domain and of its vaults, all at once. */
export async function fetchAccounts(
    rpc: Rpc<GetAccountInfoApi & GetProgramAccountsApi>,
    domain: Address,
): Promise<Accounts> {
    const commitment = 'confirmed';
    const base64 = getBase64Encoder();
    const base58 = getBase58Decoder();
    const ask = async ({ kind, offset, key }: Question): Promise<EncodedAccount[]> => {
        const memcmp = (offset: number, bytes: ReadonlyUint8Array) => ({
            memcmp: {
                offset: BigInt(offset),
                bytes: base58.decode(bytes) as Base58EncodedBytes,
                encoding: 'base58' as const,
            },
        });
        const found = await rpc
            .getProgramAccounts(BULKHEAD_PROGRAM_ADDRESS, {
                commitment,
                encoding: 'base64',
                filters: [memcmp(0, LAYOUTS[kind].discriminator), memcmp(offset, addressBytes(key))],
            })
            .send();
        return found.map(({ pubkey: address, account }) => ({
            address,
            data: base64.encode(account.data[0]),
            executable: account.executable,
            lamports: account.lamports,
            programAddress: account.owner,
            space: account.space,
        }));
    };
    const { value: own } = await rpc.getAccountInfo(domain, { commitment, encoding: 'base64' }).send();
    const all = (await Promise.all(questions(domain, 'Domain').map(ask))).flat();
    const vaults = all.filter(({ data }) => kindOf(data) === 'Vault');
    const releases = await Promise.all(vaults.flatMap(({ address }) => questions(address, 'Vault').map(ask)));
    const domainAccount =
        own === null
            ? []
            : [
                  {
                      address: domain,
                      data: base64.encode(own.data[0]),
                      executable: own.executable,
                      lamports: own.lamports,
                      programAddress: own.owner,
                      space: own.space,
                  },
              ];
    return keep(domain, [...domainAccount, ...all, ...releases.flat()]);
}

/**
 * What happened between two moments, in the words of the events, by account. With nothing before, everything that stands:
 * each open proposal, each mask and latch that is set.
 */
export function changes(before: Accounts, after: Accounts): Change[] {
    const addresses = [...new Set([...before.keys(), ...after.keys()])];
    addresses.sort((a, b) => compareBytes(addressBytes(a), addressBytes(b)));
    return addresses.flatMap((address) => differences(address, before.get(address), after.get(address)));
}

function fields(kind: Kind, data: ReadonlyUint8Array): Record<string, Address> {
    return LAYOUTS[kind].decoder.decode(data) as unknown as Record<string, Address>;
}

/** By what field a kind says what it belongs to, and of which kind that is. */
function parentOf(kind: Kind): readonly [field: string, kind: Kind] | undefined {
    const own = fields(kind, new Uint8Array(LAYOUTS[kind].size));
    return PARENTS.find(([field]) => field in own);
}

/** Where the parent's key stands: found by reading bytes of which no 32 in a row are the same. */
function parentOffset(kind: Kind): number {
    let state = 1;
    const bytes = Uint8Array.from({ length: LAYOUTS[kind].size }, () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state >>> 24;
    });
    const key = addressBytes(fields(kind, bytes)[parentOf(kind)?.[0] ?? 'domain'] as Address);
    return bytes.findIndex((_, at) => bytesEqual(bytes.slice(at, at + key.length), key));
}
