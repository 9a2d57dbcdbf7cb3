/**
 * Opens a domain from a file. It can be run repeatedly: existing accounts are not changed.
 *
 * `BULKHEAD_DOMAIN_CONFIG` is the file; without it nothing is opened. `BULKHEAD_DRY_RUN=1` sends nothing.
 * `BULKHEAD_SETUP_AUTHORITY_KEYPAIR` is the key pair that opens the domain; the default is the payer's.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createKeyPairSignerFromBytes, type KeyPairSigner } from '@solana/kit';

import { rpcChain } from './chain.ts';
import { ConfigError, parseConfig } from './config.ts';
import { openDomain, requireDeployed, type Report } from './open-domain.ts';

export * from './chain.ts';
export * from './config.ts';
export * from './open-domain.ts';
export * from './plan.ts';

export { createKeyPairSignerFromBytes };

export type Environment = Readonly<Record<string, string | undefined>>;

export type MigrateInput = Readonly<{
    /** URL of the RPC node. */
    url: string;
    payer: KeyPairSigner;
    environment: Environment;
    /** The directory that file names in the environment are relative to. */
    directory?: string;
    report?: Report;
}>;

/** Checks that the program is deployed, and opens the domain of the environment's configuration. */
export async function migrate(input: MigrateInput): Promise<void> {
    const { url, payer, environment, directory = '.', report = console.log } = input;
    const chain = rpcChain(url, payer);
    await requireDeployed(chain, report);
    const file = environment['BULKHEAD_DOMAIN_CONFIG'];
    if (!file) {
        report('BULKHEAD_DOMAIN_CONFIG is not set: nothing to open');
        return;
    }
    const config = parseConfig(await readFile(resolve(directory, file), 'utf8'), file);
    const setupAuthorityFile = environment['BULKHEAD_SETUP_AUTHORITY_KEYPAIR'];
    const setupAuthority = setupAuthorityFile ? await readKeyPair(resolve(directory, setupAuthorityFile)) : payer;
    await openDomain({ chain, config, setupAuthority, payer, dryRun: environment['BULKHEAD_DRY_RUN'] === '1', report });
}

/** Reads a key pair as `solana-keygen` writes it. */
export async function readKeyPair(file: string): Promise<KeyPairSigner> {
    const bytes: unknown = JSON.parse(await readFile(file, 'utf8'));
    const isKeyPair = Array.isArray(bytes) && bytes.length === 64 && bytes.every((byte) => Number.isInteger(byte));
    if (!isKeyPair) throw new ConfigError(`${file}: is not a key pair`);
    return createKeyPairSignerFromBytes(Uint8Array.from(bytes as number[]));
}
