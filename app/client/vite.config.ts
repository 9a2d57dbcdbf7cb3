import { defineConfig } from 'vite';

// One file for each export of package.json: what Codama writes has imports without extensions, which Node does not resolve.
export default defineConfig({
    build: {
        lib: {
            entry: {
                index: 'src/index.ts',
                deploy: 'src/deploy/index.ts',
                flows: 'src/flows/index.ts',
                status: 'src/status/index.ts',
            },
            formats: ['es'],
        },
        minify: false,
        rollupOptions: { external: [/^node:/, /^@solana\//, /^@noble\//, /^ajv/, 'smol-toml'] },
        target: 'es2022',
    },
});
