import { defineConfig } from 'vitepress';
import { addressOf, checkout, links, noPages, repository } from './links.ts';
import { sidebar } from './sidebar.ts';

export default defineConfig({
    title: 'Bulkhead',
    description: 'Disaster recovery that a Solana protocol plugs in.',
    lang: 'en-GB',
    srcDir: checkout,
    srcExclude: noPages,
    rewrites: addressOf,
    cacheDir: import.meta.dirname + '/cache',
    outDir: import.meta.dirname + '/dist',
    head: [['link', { rel: 'icon', href: 'data:,' }]],
    markdown: {
        // A block without a language is a command line.
        defaultHighlightLang: 'sh',
        config: links,
    },
    themeConfig: {
        sidebar,
        outline: [2, 3],
        search: { provider: 'local' },
        socialLinks: [{ icon: 'github', link: repository }],
        externalLinkIcon: true,
    },
});
