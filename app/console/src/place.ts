/** Where the console is: page, domain and node. All of it is in the address, after the `#`, which no server sees. */
import { isAddress, type Address } from '@solana/kit';

export const PAGES = ['board', 'owner', 'ballot', 'setup'] as const;
export type Page = (typeof PAGES)[number];

/** What a host of the console may put beside it, as `console.json`. */
export type HostConfig = Readonly<{
    /** Shown in place of the domain's address. */
    name?: string;
    domain?: string;
    rpc?: string;
    /** Published positions: proof servers, or folders with `manifest.json` and `leaves.parquet`. */
    sources?: readonly string[];
}>;

export type Place = Readonly<{
    page: Page;
    domain: Address | undefined;
    /** The owner whose claims are shown. */
    owner: Address | undefined;
    /** A node that the address names and that nobody here has agreed to yet. */
    askedRpc: string | undefined;
}>;

/** Nodes that are known by name. A link names them; any other node stays out of links, for its URL may hold a key. */
export const CLUSTERS = {
    mainnet: 'https://api.mainnet-beta.solana.com',
    devnet: 'https://api.devnet.solana.com',
    localnet: 'http://127.0.0.1:8899',
} as const;

/** Reads what follows the `#`. What is no address is left out. */
export function parsePlace(hash: string): Place {
    const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
    const named = new URLSearchParams(query);
    const address = (name: string): Address | undefined => {
        const value = named.get(name)?.trim() ?? '';
        return isAddress(value) ? value : undefined;
    };
    const page = PAGES.find((each) => each === path) ?? 'board';
    const cluster = named.get('cluster') ?? '';
    const known = Object.entries(CLUSTERS).find(([name]) => name === cluster)?.[1];
    return {
        page,
        domain: address('domain'),
        owner: address('owner'),
        askedRpc: known ?? (isNodeUrl(named.get('rpc') ?? '') ? (named.get('rpc') ?? undefined) : undefined),
    };
}

/** The address of a place. A node is named only if it is known to everybody. */
export function hashOf({ page, domain, owner }: Omit<Place, 'askedRpc'>, rpc: string | undefined): string {
    const query = new URLSearchParams();
    if (domain !== undefined) query.set('domain', domain);
    if (owner !== undefined) query.set('owner', owner);
    const cluster = Object.entries(CLUSTERS).find(([, url]) => url === rpc)?.[0];
    if (cluster !== undefined) query.set('cluster', cluster);
    const asked = query.toString();
    return `#/${page}${asked === '' ? '' : `?${asked}`}`;
}

/** Can this be a node? Plain HTTP only on this machine: elsewhere anyone on the way could answer in its place. */
export function isNodeUrl(text: string): boolean {
    let url: URL;
    try {
        url = new URL(text);
    } catch {
        return false;
    }
    const isLocal = ['localhost', '127.0.0.1'].includes(url.hostname);
    return url.protocol === 'https:' || (url.protocol === 'http:' && isLocal);
}

/** The host of a node's URL, without what may be a key. */
export function hostOf(url: string): string {
    try {
        return new URL(url).host;
    } catch {
        return url;
    }
}

/** The chain that wallets are asked to sign for. */
export function walletChain(rpc: string): 'solana:mainnet' | 'solana:devnet' | 'solana:localnet' {
    const host = hostOf(rpc);
    if (/^(localhost|127\.0\.0\.1)(:|$)/.test(host)) return 'solana:localnet';
    return host.includes('devnet') ? 'solana:devnet' : 'solana:mainnet';
}
