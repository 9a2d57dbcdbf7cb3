/**
 * Watches a domain through its accounts: the TypeScript version of `crates/client/src/watch`.
 *
 * Logs are a convenience only: the runtime keeps 10 KB of logs, and a sender can fill them before the act. Nobody can
 * hide what an act writes to an account. A proposal exists for at least its delay of an hour, and a queued release for
 * its vault's delay. A client that fetches the accounts more often sees every one. `docs/watching.md` lists where each
 * act leaves its trace, and for how long.
 *
 * Fetch with {@link fetchAccounts} or {@link questions}, store with {@link keep}, compare with {@link changes}. Any
 * byte that differs produces a change, so changes without a name of their own are reported too.
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

/** The accounts of one domain at one time. */
export type Accounts = ReadonlyMap<Address, Kept>;

/** One request to a node: `getProgramAccounts` with the kind's discriminator at 0 and `key` at `offset`. */
export type Question = Readonly<{ kind: Kind; offset: number; key: Address }>;

/** The fields by which an account names its parent, and the parent's kind. The first existing field applies. */
const PARENTS: readonly (readonly [field: string, kind: Kind])[] = [
    ['domain', 'Domain'],
    ['vault', 'Vault'],
    ['ballot', 'Ballot'],
    // A cover names its pool and its restoration: it belongs to the pool.
    ['pool', 'InsurancePool'],
    ['restoration', 'Restoration'],
    ['log', 'CheckpointLog'],
    ['interim', 'Interim'],
    ['proof', 'StateProof'],
];

const KINDS = Object.keys(LAYOUTS) as Kind[];
const TAG = 8;

/** The kind of an account by its bytes, if the kind and version are known. */
export function kindOf(data: ReadonlyUint8Array): Kind | undefined {
    const tag = data.slice(0, TAG);
    const kind = KINDS.find((kind) => bytesEqual(LAYOUTS[kind].discriminator, tag));
    if (kind === undefined || data.length < LAYOUTS[kind].size || data[TAG] !== VERSION) return undefined;
    return kind;
}

/**
 * Keeps those of these accounts that belong to `domain`: Bulkhead accounts of a known kind and version that name the
 * domain or an account of it. The order does not matter.
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
    // Accounts that name an account of the domain are found in the next round.
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
 * The requests for everything that belongs to `owner`: a domain, or a vault, ballot, restoration, checkpoint log or insurance pool of
 * it. To watch for acts that matter, request the domain and its vaults. The domain account itself must be fetched by
 * address.
 */
export function questions(owner: Address, of: Kind): Question[] {
    return KINDS.filter((kind) => kind !== 'Domain' && parentOf(kind)?.[1] === of).map((kind) => ({
        kind,
        offset: parentOffset(kind),
        key: owner,
    }));
}

/** Fetches the accounts of a domain and of its vaults, in parallel. */
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
 * The changes between two times, named after the events, by account. Without earlier accounts, reports the whole
 * current state: each open proposal, and each mask and latch that is set.
 */
export function changes(before: Accounts, after: Accounts): Change[] {
    const addresses = [...new Set([...before.keys(), ...after.keys()])];
    addresses.sort((a, b) => compareBytes(addressBytes(a), addressBytes(b)));
    return addresses.flatMap((address) => differences(address, before.get(address), after.get(address)));
}

function fields(kind: Kind, data: ReadonlyUint8Array): Record<string, Address> {
    return LAYOUTS[kind].decoder.decode(data) as unknown as Record<string, Address>;
}

/** The field by which each kind names its parent, and the parent's kind. */
function parentOf(kind: Kind): readonly [field: string, kind: Kind] | undefined {
    const own = fields(kind, new Uint8Array(LAYOUTS[kind].size));
    return PARENTS.find(([field]) => field in own);
}

/**
 * Offset at which accounts of a kind name their parent, which is their domain unless an account of it is nearer. Found by
 * decoding bytes of which no 32 in a row are equal.
 */
export function parentOffset(kind: Kind): number {
    let state = 1;
    const bytes = Uint8Array.from({ length: LAYOUTS[kind].size }, () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state >>> 24;
    });
    const key = addressBytes(fields(kind, bytes)[parentOf(kind)?.[0] ?? 'domain'] as Address);
    return bytes.findIndex((_, at) => bytesEqual(bytes.slice(at, at + key.length), key));
}
