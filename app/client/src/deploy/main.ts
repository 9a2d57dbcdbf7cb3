/** `npm run migrate`: does the same as `anchor migrate` without Anchor, with the variables that `anchor run` sets. */
import { homedir } from 'node:os';
import { join } from 'node:path';

import { migrate, readKeyPair } from './index.ts';

// npm runs scripts in the package's folder; INIT_CWD is the caller's directory.
const { ANCHOR_PROVIDER_URL: url = 'http://127.0.0.1:8899', ANCHOR_WALLET: wallet, INIT_CWD: directory } = process.env;
try {
    const payer = await readKeyPair(wallet ?? join(homedir(), '.config/solana/id.json'));
    await migrate({ url, payer, environment: process.env, ...(directory ? { directory } : {}) });
} catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
}
