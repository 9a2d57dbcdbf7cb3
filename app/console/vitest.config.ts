import { defineConfig } from 'vitest/config';

import { alias } from './vite.config.ts';

export default defineConfig({
    resolve: { alias },
    // The rules by themselves, and the built pages in a browser over the programs in an embedded machine.
    test: {
        include: ['test/**/*.test.ts', 'e2e/pages.test.ts'],
        fileParallelism: false,
        testTimeout: 1_200_000,
        hookTimeout: 120_000,
    },
});
