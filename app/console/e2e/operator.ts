/** Somebody at the console: chooses who acts, takes acts, looks at what they show. */
import { expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';

const WAIT = 120_000;

/** What an act showed before it was signed. */
export type Shown = Readonly<{ changes: string; instructions: string }>;

export class Operator {
    constructor(
        readonly page: Page,
        readonly base: string,
    ) {
        page.setDefaultTimeout(WAIT);
    }

    /** Opens a page of the console. */
    async open(
        page: 'board' | 'owner' | 'ballot' | 'setup',
        query: Readonly<Record<string, string>> = {},
    ): Promise<void> {
        await this.page.goto(`${this.base}/#/${page}?${new URLSearchParams(query)}`);
    }

    /** Names the node and the domain, as a first visitor does. */
    async setUp(rpc: string, domain: string, sources = ''): Promise<void> {
        await this.page.getByLabel('RPC node').fill(rpc);
        await this.page.getByLabel('Domain', { exact: true }).fill(domain);
        if (sources !== '') await this.page.getByLabel('Published positions').fill(sources);
        await this.page.getByRole('button', { name: 'Open the board' }).click();
        await this.page.getByText('The domain is').waitFor();
    }

    async goTo(name: 'Board' | 'My claim' | 'Ballot'): Promise<void> {
        await this.page.getByRole('navigation').getByRole('link', { name }).click();
    }

    /** Acts as one of the wallets from now on. */
    async actAs(name: string): Promise<void> {
        const footer = this.page.locator('footer.bottom');
        const change = footer.getByRole('button', { name: 'Change' });
        if (await change.isVisible()) await change.click();
        await footer.locator('summary', { hasText: 'Act' }).click();
        await footer.getByRole('button', { name, exact: true }).click();
        await footer.getByText('Acting as').waitFor();
    }

    /** Waits until the board says so. */
    async phase(name: string): Promise<void> {
        await this.page.locator('.headline h1', { hasText: new RegExp(`^${name}$`, 'i') }).waitFor();
    }

    /** Waits until the next step says so. */
    async next(text: RegExp): Promise<void> {
        await this.page.locator('.timeline .next .what', { hasText: text }).waitFor();
    }

    step(name: string | RegExp): Locator {
        return this.page.getByRole('button', { name }).first();
    }

    /**
     * Takes an act to its end: signs every transaction, and requires that what was shown holds. `look` gets all that was
     * shown, `first` comes before anything is signed.
     */
    async take(button: Locator, look?: (shown: Shown) => void, first?: () => Promise<void>): Promise<string> {
        const shown: Shown[] = [];
        await button.click();
        const dialog = this.page.getByRole('dialog');
        await dialog.getByRole('button', { name: 'Show what it would do' }).click();
        const sign = dialog.getByRole('button', { name: 'Sign and send' });
        let number = 0;
        for (let transactions = 0; transactions < 60; transactions++) {
            await dialog.locator(`.verdict, .stopped, .review:not([data-number="${number}"])`).first().waitFor();
            if (!(await sign.isVisible())) break;
            number = Number(await dialog.locator('.review').getAttribute('data-number'));
            shown.push({
                changes: await dialog.locator('.changes').innerText(),
                instructions: await dialog.locator('.instructions').innerText(),
            });
            if (shown.length === 1) await first?.();
            const box = dialog.getByRole('checkbox');
            if (await box.isVisible()) await box.check();
            await sign.click();
        }
        const stopped = dialog.locator('.stopped');
        if (await stopped.isVisible()) throw new Error(await stopped.innerText());
        const outcomes = dialog.locator('.outcomes > p').first();
        if (await outcomes.isVisible()) expect(await outcomes.innerText()).toMatch(/^It holds/);
        const all = (part: keyof Shown) => shown.map((each) => each[part]).join('\n');
        look?.({ changes: all('changes'), instructions: all('instructions') });
        const verdict = await dialog.locator('.verdict').innerText();
        await dialog.getByRole('button', { name: 'Back to the board' }).click();
        await dialog.waitFor({ state: 'detached' });
        return verdict;
    }
}
