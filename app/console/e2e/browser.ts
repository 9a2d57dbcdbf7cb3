/** The built pages in Chromium, with a wallet of the wallet standard whose keys are in the test. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
    getBase64Decoder,
    getBase64Encoder,
    getTransactionDecoder,
    getTransactionEncoder,
    partiallySignTransaction,
    type KeyPairSigner,
} from '@solana/kit';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

export const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.svg': 'image/svg+xml',
    '.json': 'application/json',
};

/** Serves `dist` as any static host does, and files of the test beside it. */
export async function serve(
    extra: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<Readonly<{ url: string; close: () => void }>> {
    const server: Server = createServer((request, response) => {
        const path = new URL(request.url ?? '/', 'http://host').pathname;
        const name = path === '/' ? 'index.html' : path.slice(1);
        const given = extra[name];
        const file = normalize(join(DIST, name));
        const isOwn = file.startsWith(DIST) && existsSync(file);
        if (given === undefined && !isOwn) {
            response.statusCode = 404;
            response.end();
            return;
        }
        response.setHeader('content-type', TYPES[extname(name)] ?? 'application/octet-stream');
        if (given !== undefined) response.end(given);
        else void readFile(file).then((bytes) => response.end(bytes));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

export async function launch(): Promise<Browser> {
    const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
        existsSync,
    );
    if (executablePath === undefined) throw new Error('there is no Chromium: scripts/setup.sh console installs it');
    const args = [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
    ];
    return chromium.launch({ executablePath, args: [...args, '--disable-component-update', '--disable-sync'] });
}

/** A page with a wallet for each of these keys. */
export async function openPage(
    browser: Browser,
    keys: Readonly<Record<string, KeyPairSigner>>,
    options: BrowserContextOptions = {},
): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
    const page = await context.newPage();
    const byAddress = new Map(Object.values(keys).map((key) => [key.address as string, key] as const));
    await page.exposeFunction('signFor', async (address: string, wire: string): Promise<string> => {
        const key = byAddress.get(address);
        if (key === undefined) throw new Error(`no key of ${address}`);
        const transaction = getTransactionDecoder().decode(getBase64Encoder().encode(wire));
        const signed = await partiallySignTransaction([key.keyPair], transaction);
        return getBase64Decoder().decode(getTransactionEncoder().encode(signed));
    });
    const accounts = Object.entries(keys).map(([name, { address }]) => ({ name, address }));
    await page.addInitScript(registerWallets, accounts);
    return page;
}

/** Runs in the page. */
function registerWallets(accounts: readonly Readonly<{ name: string; address: string }>[]): void {
    const sign = (window as unknown as { signFor: (address: string, wire: string) => Promise<string> }).signFor;
    for (const { name, address } of accounts) {
        const account = {
            address,
            publicKey: new Uint8Array(32),
            chains: ['solana:localnet', 'solana:mainnet'],
            features: ['solana:signTransaction'],
        };
        const wallet = {
            version: '1.0.0',
            name,
            icon: 'data:image/svg+xml;base64,PHN2Zy8+',
            chains: account.chains,
            accounts: [account],
            features: {
                'standard:connect': { version: '1.0.0', connect: async () => ({ accounts: [account] }) },
                'solana:signTransaction': {
                    version: '1.0.0',
                    supportedTransactionVersions: ['legacy', 0],
                    signTransaction: async (...inputs: readonly { transaction: Uint8Array }[]) =>
                        Promise.all(
                            inputs.map(async ({ transaction }) => {
                                const signed = await sign(address, btoa(String.fromCharCode(...transaction)));
                                return { signedTransaction: Uint8Array.from(atob(signed), (c) => c.charCodeAt(0)) };
                            }),
                        ),
                },
            },
        };
        const register = (api: { register: (wallet: unknown) => void }) => api.register(wallet);
        addEventListener('wallet-standard:app-ready', (event) => register((event as CustomEvent).detail));
        dispatchEvent(new CustomEvent('wallet-standard:register-wallet', { detail: register }));
    }
}
