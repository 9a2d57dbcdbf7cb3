import { expect, test } from 'vitest';
import type { Address } from '@solana/kit';

import { hashOf, hostOf, isNodeUrl, parsePlace, walletChain } from '../src/place.ts';

const DOMAIN = 'So11111111111111111111111111111111111111112' as Address;

test('a place is what its address says, and nothing that is no address', () => {
    expect(parsePlace(`#/owner?domain=${DOMAIN}&owner=${DOMAIN}`)).toMatchObject({
        page: 'owner',
        domain: DOMAIN,
        owner: DOMAIN,
    });
    expect(parsePlace('#/nowhere?domain=<script>')).toEqual({
        page: 'board',
        domain: undefined,
        owner: undefined,
        askedRpc: undefined,
    });
});

test('a link names public nodes only: a URL may hold a key', () => {
    const place = { page: 'board', domain: DOMAIN, owner: undefined } as const;
    expect(hashOf(place, 'https://node.example/?api-key=secret')).toBe(`#/board?domain=${DOMAIN}`);
    expect(hashOf(place, 'https://api.devnet.solana.com')).toBe(`#/board?domain=${DOMAIN}&cluster=devnet`);
    expect(parsePlace(`#/board?cluster=devnet`).askedRpc).toBe('https://api.devnet.solana.com');
    expect(hostOf('https://user:pass@node.example/key')).toBe('node.example');
});

test('plain HTTP is for this machine only', () => {
    expect(isNodeUrl('http://127.0.0.1:8899')).toBe(true);
    for (const url of ['http://node.example', 'ftp://node.example', 'javascript:alert(1)', 'node.example', '']) {
        expect(isNodeUrl(url)).toBe(false);
    }
    expect(parsePlace('#/board?rpc=http://node.example').askedRpc).toBeUndefined();
});

test('wallets are asked for the chain of the node', () => {
    expect(walletChain('http://127.0.0.1:8899')).toBe('solana:localnet');
    expect(walletChain('https://api.devnet.solana.com')).toBe('solana:devnet');
    expect(walletChain('https://127.0.0.1.evil.example')).toBe('solana:mainnet');
});
