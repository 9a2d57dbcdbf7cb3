/**
 * The built pages in Chromium over the built program in an embedded machine: the whole path from the attack to the claim,
 * twice in a row, what axe says of every page, the content security policy, and that nobody but the node is asked.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { DIST, launch, openPage, serve } from './browser.ts';
import { machineStage } from './machine-stage.ts';
import { Operator } from './operator.ts';
import { fromAttackToClaim } from './path.ts';
import type { Stage } from './stage.ts';

const MOST_BYTES = 300 * 1024;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Pictures are kept when this is set: `1` for the docs, or a folder. */
const pictures = process.env['CONSOLE_PICTURES'] ?? '';
const images = pictures === '1' ? fileURLToPath(new URL('../../../docs/img/', import.meta.url)) : pictures;
const WIDTH = 390;
const PHONE = { viewport: { width: WIDTH, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

let browser: Browser;
let site: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
    [browser, site] = await Promise.all([launch(), serve()]);
});
afterAll(async () => {
    await browser?.close();
    site?.close();
});

const keysOf = ({ members, voter }: Stage) => ({ 'Member 0': members[0], 'Member 1': members[1], Voter: voter });

/** Every request that is neither of the pages nor of the node, and every violation of the policy. */
function watchOver(page: Page, stage: Stage): string[] {
    const found: string[] = [];
    page.on('request', (request) => {
        const url = request.url();
        const isOwn = [site.url, new URL(stage.rpc).origin].some((origin) => url.startsWith(origin));
        if (!isOwn && !url.startsWith('data:')) found.push(`asked ${url}`);
    });
    page.on('console', (message) => {
        if (/content security policy|trusted type/i.test(message.text())) found.push(message.text());
    });
    page.on('pageerror', (error) => found.push(error.message));
    return found;
}

async function axe(page: Page): Promise<string[]> {
    const violations = await page.evaluate(async () => {
        const { axe } = window as unknown as {
            axe: { run: (options: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
        };
        return (await axe.run({ resultTypes: ['violations'] })).violations;
    });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' ')}`);
}

/** The pictures of the docs. */
const IN_DOCS = new Set(['robbed', 'act', 'frozen', 'ballot', 'owner', 'refused', 'phone']);
/** Pictures of a whole page. The others are of what fills a screen. */
const WHOLE = new Set(['ballot', 'owner', 'phone-whole']);

async function picture(page: Page, name: string): Promise<void> {
    if (images === '' || (pictures === '1' && !IN_DOCS.has(name))) return;
    await mkdir(images, { recursive: true });
    await page.mouse.move(0, 0);
    if ((await page.getByRole('dialog').count()) === 0) await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: join(images, `console-${name}.png`), fullPage: WHOLE.has(name) });
}

describe('the path', () => {
    test('from the attack to the claim, twice in a row, without asking anybody but the node', async () => {
        const stage = await machineStage();
        const page = await openPage(browser, keysOf(stage));
        await page.addInitScript(AXE);
        const found = watchOver(page, stage);
        const at = new Operator(page, site.url);
        await at.open('board');
        await at.setUp(stage.rpc, stage.domain);
        const shot = async (name: string) => {
            expect([name, ...(await axe(page))]).toEqual([name]);
            await picture(page, name);
        };
        await fromAttackToClaim(at, stage, shot);
        // The window of the first theft has passed, and its latch.
        await stage.pass(8n * 86_400n);
        await fromAttackToClaim(at, stage, async () => {});
        expect(found).toEqual([]);
        await page.context().close();
        await stage.close();
    });
});

describe('the pages', () => {
    test('on a phone, in the dark, with the keyboard and for a multisig', async () => {
        const stage = await machineStage(30);
        const page = await openPage(browser, keysOf(stage), { ...PHONE, colorScheme: 'dark', reducedMotion: 'reduce' });
        await page.addInitScript(AXE);
        const found = watchOver(page, stage);
        const at = new Operator(page, site.url);
        await at.open('setup');
        expect(await axe(page)).toEqual([]);
        await at.setUp(stage.rpc, stage.domain);
        await stage.attack();
        await page.locator('.warnings li').first().waitFor();
        expect(await axe(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(WIDTH);

        // With the keyboard: past the link to the content, to the button, into the dialog, and out again.
        await page.getByRole('button', { name: 'Pause everything' }).focus();
        await page.keyboard.press('Enter');
        const dialog = page.getByRole('dialog');
        await dialog.waitFor();
        expect(await axe(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });

        // A member that is a multisig gets the message.
        await page.getByRole('button', { name: 'Pause everything' }).click();
        await dialog.getByLabel("Or a multisig's vault").fill(stage.members[2].address);
        await dialog.getByRole('button', { name: 'Act as it' }).click();
        await dialog.getByRole('button', { name: 'Show what it would do' }).click();
        await picture(page, 'phone-act');
        await dialog.getByRole('button', { name: 'Show the message' }).click();
        const base64 = await dialog.getByLabel('Message, base64').inputValue();
        expect(base64.length).toBeGreaterThan(200);
        expect(await dialog.getByRole('button', { name: 'Sign and send' }).count()).toBe(0);
        expect(await axe(page)).toEqual([]);
        await dialog.getByRole('button', { name: 'I have proposed it' }).click();
        await dialog.getByText('come back when it was executed').waitFor();
        // Nothing was sent.
        expect(stage.node.count('sendTransaction')).toBe(0);
        await page.keyboard.press('Escape');

        await at.actAs('Member 0');
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(WIDTH);
        await picture(page, 'phone');
        await picture(page, 'phone-whole');
        expect(found).toEqual([]);
        await page.context().close();
        await stage.close();
    });

    test('a refusal is said in the words of the program, and nothing is signed', async () => {
        const stage = await machineStage(30);
        const page = await openPage(browser, keysOf(stage));
        const at = new Operator(page, site.url);
        await at.open('board');
        await at.setUp(stage.rpc, stage.domain);
        await at.actAs('Voter');
        const error = await at.take(at.step('Pause everything')).catch((reason: unknown) => String(reason));
        expect(error).toMatch(/NotAMember: The signer is not a member of the council/);
        expect(error).toMatch(/Change who acts to a member who may/);
        await picture(page, 'refused');
        expect(stage.node.count('sendTransaction')).toBe(0);
        await page.context().close();
        await stage.close();
    });

    test('a link names a domain, and its node is asked only once somebody agreed', async () => {
        const stage = await machineStage(30);
        const page = await openPage(browser, {});
        await page.goto(`${site.url}/#/board?domain=${stage.domain}&rpc=${encodeURIComponent(stage.rpc)}`);
        await page.getByText('A node can lie about everything').waitFor();
        expect(stage.node.asked).toEqual([]);
        await page.getByRole('button', { name: 'Open the board' }).click();
        await page.getByText('The domain is').waitFor();
        expect(page.url()).not.toContain('api-key');
        await page.context().close();
        await stage.close();
    });
});

describe('the build', () => {
    const files = () =>
        readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(js|css|html|svg)$/.test(name));

    test('its first load is below 300 KB compressed', () => {
        const html = readFileSync(join(DIST, 'index.html'), 'utf8');
        const named = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, name]) => name as string);
        // What the entry imports is loaded with it.
        const loaded = new Set(['index.html', ...named]);
        for (const name of loaded) {
            if (!name.endsWith('.js')) continue;
            const text = readFileSync(join(DIST, name), 'utf8');
            for (const [, other] of text.matchAll(/(?:from|^import|;import)\s*"\.\/([^"]+\.js)"/g))
                loaded.add(join('assets', other as string));
        }
        expect(loaded.size).toBeGreaterThan(2);
        const bytes = [...loaded].reduce(
            (sum, name) => sum + gzipSync(readFileSync(join(DIST, name)), { level: 9 }).length,
            0,
        );
        console.info(`first load: ${Math.ceil(bytes / 1024)} KB compressed`);
        expect(bytes).toBeLessThan(MOST_BYTES);
    });

    test('has a strict policy, nothing inline, and no address but the nodes that it offers', () => {
        const html = readFileSync(join(DIST, 'index.html'), 'utf8');
        const policy = /Content-Security-Policy"\s+content="([^"]+)"/.exec(html)?.[1] ?? '';
        expect(policy).toMatch(/default-src 'none'/);
        expect(policy).toMatch(/script-src 'self';/);
        // Of wildcards only the ports of this machine.
        expect(policy.replaceAll(/http:\/\/(localhost|127\.0\.0\.1):\*/g, '')).not.toMatch(/unsafe|\*|wss?:|http:/);
        expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
        expect(html).not.toMatch(/<style|\sstyle=/);
        for (const name of files())
            expect(readFileSync(join(DIST, name), 'utf8')).not.toMatch(/fonts\.googleapis|cdn\.|unpkg|jsdelivr/);
    });
});
