import { resolve } from 'node:path';
import { type Plugin, defineConfig } from 'vitepress';
import { addressOf, checkout, links, noPages, repository } from './links.ts';
import { sidebar } from './sidebar.ts';

const here = import.meta.dirname;

/** The pages lie outside of this folder and find no packages of their own. */
const packagesOfThisFolder: Plugin = {
    name: 'packages-of-this-folder',
    enforce: 'pre',
    resolveId(source, importer) {
        if (!/^vue($|\/)/.test(source) || !importer?.includes('.md')) return null;
        return this.resolve(source, resolve(here, 'config.ts'), { skipSelf: true });
    },
};

export default defineConfig({
    title: 'Bulkhead',
    description: 'Disaster recovery that a Solana protocol plugs in.',
    lang: 'en-GB',
    srcDir: checkout,
    srcExclude: noPages,
    rewrites: addressOf,
    cacheDir: resolve(here, 'cache'),
    outDir: resolve(here, 'dist'),
    head: [['link', { rel: 'icon', href: 'data:,' }]],
    markdown: {
        // A block without a language is a command line.
        defaultHighlightLang: 'sh',
        config: links,
    },
    vite: {
        plugins: [packagesOfThisFolder],
        // The search index is one chunk, loaded when somebody searches.
        build: { chunkSizeWarningLimit: 2_000 },
    },
    themeConfig: {
        sidebar,
        outline: [2, 3],
        search: { provider: 'local' },
        socialLinks: [{ icon: 'github', link: repository }],
        externalLinkIcon: true,
    },
});
