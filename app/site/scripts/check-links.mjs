/**
 * The built pages as a browser takes them: every link and anchor leads somewhere, every page is in the sidebar, and nothing
 * is asked of another host until somebody follows a link.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const dist = resolve(import.meta.dirname, '../.vitepress/dist');
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const text = (file) => readFileSync(file, 'utf8');
const pages = new Map(files.filter((file) => file.endsWith('.html')).map((file) => [file, text(file)]));
const faults = [];

const all = (html, pattern) => [...html.matchAll(pattern)];
const ids = new Map([...pages].map(([file, html]) => [file, new Set(all(html, /\sid="([^"]+)"/g).map((m) => m[1]))]));

/** What is wrong with a link to this host. */
function fault(page, url) {
    const { pathname, hash } = new URL(url, `http://here/${page.slice(dist.length + 1)}`);
    const path = join(dist, decodeURIComponent(pathname));
    const file = pathname.endsWith('/') ? join(path, 'index.html') : path;
    if (!existsSync(file)) return 'no such file';
    const anchor = decodeURIComponent(hash.slice(1));
    return anchor === '' || ids.get(file)?.has(anchor) ? undefined : 'no such heading';
}

const linked = new Set();
for (const [file, html] of pages) {
    const name = file.slice(dist.length + 1);
    for (const [, tag, attributes] of all(html, /<([a-z]+)((?:\s[^<>]*)?)>/g)) {
        for (const [, attribute, quoted] of all(attributes, /\s(href|src|srcset|poster|action|data)="([^"]*)"/g)) {
            const url = quoted.replaceAll('&amp;', '&');
            if (/^(data|mailto):/.test(url)) continue;
            if (/^([a-z]+:)?\/\//.test(url)) {
                if (tag !== 'a') faults.push(`${name}: <${tag}> asks another host: ${url}`);
                continue;
            }
            const wrong = fault(file, url);
            if (wrong !== undefined) faults.push(`${name}: ${attribute}="${url}": ${wrong}`);
            if (name !== 'index.html' && tag === 'a') linked.add(new URL(url, `http://here/${name}`).pathname);
        }
    }
}
for (const file of pages.keys()) {
    const name = file.slice(dist.length);
    if (!['/index.html', '/404.html'].includes(name) && !linked.has(name)) faults.push(`${name}: no page links to it`);
}
for (const file of files.filter((file) => file.endsWith('.css'))) {
    for (const [url] of all(text(file), /(?:url\(|@import\s*)["']?(?:https?:)?\/\/[^"')\s]+/g)) {
        faults.push(`${file.slice(dist.length + 1)}: asks another host: ${url}`);
    }
}
if (pages.size < 20) faults.push(`only ${pages.size} pages in ${dist}: npm run build`);

if (faults.length > 0) {
    console.error(faults.join('\n'));
    process.exit(1);
}
console.log(`site: ${pages.size} pages, every link leads somewhere, nothing is asked of another host`);
