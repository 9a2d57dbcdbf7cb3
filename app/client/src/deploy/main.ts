/** `npm run migrate`: the same as `anchor migrate`, without Anchor, under the variables that `anchor run` sets. */
import { homedir } from 'node:os';
import { join } from 'node:path';

import { migrate, readKeyPair } from './index.ts';

const { ANCHOR_PROVIDER_URL: url = 'http://127.0.0.1:8899', ANCHOR_WALLET: wallet } = process.env;
try {
    const payer = await readKeyPair(wallet ?? join(homedir(), '.config/solana/id.json'));
    await migrate({ url, payer, environment: process.env });
} catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
}
