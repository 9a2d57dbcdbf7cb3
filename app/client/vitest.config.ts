import { defineConfig } from 'vitest/config';

export default defineConfig({
    // The files that drive the machine share nothing: each starts its own.
    test: { include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
});
