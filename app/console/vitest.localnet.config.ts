import { defineConfig } from 'vitest/config';

import { alias } from './vite.config.ts';

// The built pages over a real node: `make console-e2e` starts it and names its directory.
export default defineConfig({
    resolve: { alias },
    test: { include: ['e2e/localnet.test.ts'], testTimeout: 1_800_000, hookTimeout: 120_000, bail: 1 },
});
