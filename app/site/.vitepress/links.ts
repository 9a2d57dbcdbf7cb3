/** Links of the pages: written for the repository, followed in the site. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

export const checkout = resolve(import.meta.dirname, '../../..');

/** Where the repository is published. */
export const repository = /^repository = "(.+)"$/m.exec(readFileSync(resolve(checkout, 'Cargo.toml'), 'utf8'))![1];

/** The pages outside of `docs` and their addresses. */
const roots: Record<string, string> = {
    'README.md': 'overview.md',
    'CONTRIBUTING.md': 'contributing.md',
    'SECURITY.md': 'security.md',
    'CHANGELOG.md': 'changelog.md',
};

/** What else is in the checkout, also what a build leaves there, is no page. */
export const noPages = readdirSync(checkout, { withFileTypes: true })
    .filter(({ name }) => name !== 'docs' && !(name in roots))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/**` : entry.name));

/** The address of a page, by its file. */
export function addressOf(file: string): string {
    return roots[file] ?? file.replace(/^docs\//, '');
}

/** A link to a page, or to a file of the repository. A file that does not exist is an error. */
function target(page: string, href: string): string {
    const [path, hash] = href.split(/(?=#)/);
    const file = relative(checkout, resolve(dirname(page), path));
    if (!existsSync(resolve(checkout, file))) throw new Error(`${page}: a dead link: ${href}`);
    const isPage = file in roots || /^docs\/[^/]+\.md$/.test(file);
    return (isPage ? `/${addressOf(file)}` : `${repository}/blob/main/${file}`) + (hash ?? '');
}

export function links(md: MarkdownRenderer): void {
    md.core.ruler.push('links', ({ tokens, env }) => {
        for (const token of tokens.flatMap((block) => block.children ?? [])) {
            const href = token.type === 'link_open' ? String(token.attrGet('href')) : '';
            if (href !== '' && !/^([a-z]+:|[#/])/.test(href)) {
                token.attrSet('href', target(env.realPath ?? env.path, decodeURI(href)));
            }
        }
    });
}
