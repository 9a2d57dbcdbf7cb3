import type { DefaultTheme } from 'vitepress';

const page = (text: string, link: string, steps: [string, string][] = []): DefaultTheme.SidebarItem => ({
    text,
    link: `/${link}`,
    ...(steps.length > 0 && { items: steps.map(([text, hash]) => ({ text, link: `/${link}#${hash}` })) }),
});

/** By who reads. Every page stands here once; the check of the links says which does not. */
export const sidebar: DefaultTheme.SidebarItem[] = [
    {
        text: 'Bulkhead',
        items: [
            page('Overview', 'overview'),
            page('The first hour', 'localnet'),
            page('Drills', 'drills'),
            page('Threat model', 'threat-model'),
        ],
    },
    { text: 'For owners', items: [page('How do I get my money?', 'claiming')] },
    { text: 'For the council', items: [page('The worst hour', 'worst-hour'), page('Console', 'console')] },
    {
        text: 'For hosts',
        items: [
            page('Draft from an IDL', 'adopting'),
            page('Integrate', 'integrating', [
                ['Guard', 'guard'],
                ['Meter', 'meter-the-host-keeps-its-tokens'],
                ['Custody', 'custody-bulkhead-keeps-the-tokens'],
                ['Ledger', 'ledger-positions-that-bulkhead-can-read'],
            ]),
            page('Limits from history', 'calibration'),
            page('The domain’s file', 'domain-file'),
            page('Insurance', 'insurance'),
            page('Across chains', 'cross-chain'),
        ],
    },
    {
        text: 'For operators',
        items: [
            page('Operate a domain', 'operating'),
            page('Sentinel', 'sentinel'),
            page('Watching', 'watching'),
            page('Command line', 'cli'),
        ],
    },
    {
        text: 'Formats',
        items: [
            page('Layouts', 'layouts'),
            page('Snapshots', 'snapshot-format'),
            page('Statement of a proof', 'proof-statement'),
        ],
    },
    {
        text: 'For contributors',
        items: [
            page('Contributing', 'contributing'),
            page('Extending', 'extending'),
            page('Building', 'building'),
            page('Releasing', 'releasing'),
            page('Decisions', 'decisions'),
            page('Changelog', 'changelog'),
            page('Security', 'security'),
        ],
    },
];
