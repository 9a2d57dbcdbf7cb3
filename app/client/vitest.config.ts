import { defineConfig } from 'vitest/config';

export default defineConfig({
    // The files that drive the machine share nothing: each starts its own. The limits are for tests that hang, also where
    // other builds take most of the machine.
    test: { include: ['test/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000 },
});
