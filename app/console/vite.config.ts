import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const client = (path: string) => fileURLToPath(new URL(`../client/${path}`, import.meta.url));

// The client is compiled from its source, and brings its own Solana kit: one copy of each is all there is.
export const alias = [
    { find: /^@bulkhead\/client$/, replacement: client('src/index.ts') },
    { find: /^@bulkhead\/client\/(flows|status)$/, replacement: client('src/$1/index.ts') },
    { find: /^@solana\/kit$/, replacement: client('node_modules/@solana/kit') },
    // Only the tests build their own instructions of other programs.
    { find: /^@solana-program\/(system|token)$/, replacement: client('node_modules/@solana-program/$1') },
];

/** The client's bundles for production drop the words of the program's errors. Here people read them. */
const errorWords = {
    name: 'error-words',
    enforce: 'pre',
    transform: (code: string, id: string) =>
        id.endsWith('/generated/bulkhead/errors/bulkhead.ts')
            ? code.replaceAll("process.env['NODE_ENV'] !== 'production'", 'true')
            : undefined,
} as const;

export default defineConfig({
    // Any folder of any host serves it.
    base: './',
    plugins: [errorWords, react()],
    resolve: { alias },
    build: {
        target: 'es2022',
        // Nothing is inlined: the content security policy allows files of this host and nothing else.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        chunkSizeWarningLimit: 1_000,
    },
});
