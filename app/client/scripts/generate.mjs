// Writes src/generated from ../../idl with Codama. With --check it compares instead, and fails on a difference.
// Codama renders neither errors and events nor the constants of the interface, so this script adds tables of them.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { accountValueNode, definedTypeNode, pdaSeedValueNode, pdaValueNode, publicKeyValueNode } from '@codama/nodes';
import { extractPdasVisitor, rootNodeFromAnchorWithoutDefaultVisitor } from '@codama/nodes-from-anchor';
import { renderVisitor } from '@codama/renderers-js';
import {
    bottomUpTransformerVisitor,
    getCommonInstructionAccountDefaultRules,
    setFixedAccountSizesVisitor,
    setInstructionAccountDefaultValuesVisitor,
    transformU8ArraysToBytesVisitor,
    visit,
} from '@codama/visitors';
import { getProgramDerivedAddress } from '@solana/kit';
import { format } from 'prettier';

const client = join(dirname(fileURLToPath(import.meta.url)), '..');
const idls = join(client, '../../idl');
const generated = join(client, 'src/generated');
const prettierOptions = JSON.parse(readFileSync(join(client, '.prettierrc.json'), 'utf8'));

// The renderer targets an older kit in which `extendClient` had another type.
const dependencyMap = {
    solanaPluginCore: '../../../extend-client.ts',
    solanaProgramClientCore: '@solana/kit/program-client-core',
};

if (process.argv.includes('--check')) {
    const fresh = mkdtempSync(join(tmpdir(), 'bulkhead-client-'));
    try {
        await generate(fresh);
        const differences = compare(generated, fresh);
        if (differences.length > 0) {
            console.error(`src/generated does not match the IDL; run: npm run generate\n  ${differences.join('\n  ')}`);
            process.exitCode = 1;
        }
    } finally {
        rmSync(fresh, { recursive: true, force: true });
    }
} else {
    rmSync(generated, { recursive: true, force: true });
    await generate(generated);
}

async function generate(folder) {
    const read = (file) => JSON.parse(readFileSync(join(idls, file), 'utf8'));
    const idl = read('bulkhead.json');
    const name = 'bulkhead';
    await visit(
        await root(idl),
        renderVisitor(folder, { generatedFolder: name, prettierOptions, dependencyMap, syncPackageJson: false }),
    );
    const own = { 'tables.ts': tables(idl), 'constants.ts': constants(read('constants.json')), ...readers(idl) };
    for (const [file, text] of Object.entries(own)) {
        writeFileSync(join(folder, name, file), await format(text, { ...prettierOptions, parser: 'typescript' }));
    }
}

/**
 * Codama's own steps, except the one that flattens the argument structs: a proposal's payload is such a struct. Then
 * adds what the IDL does not contain: codecs for events, and defaults for accounts that follow from others.
 */
async function root(idl) {
    const steps = [
        bottomUpTransformerVisitor([{ select: isBlindPda, transform: withoutDefault }]),
        extractPdasVisitor(),
        setFixedAccountSizesVisitor(),
        setInstructionAccountDefaultValuesVisitor(getCommonInstructionAccountDefaultRules()),
        transformU8ArraysToBytesVisitor(),
    ];
    const node = steps.reduce((node, step) => visit(node, step), rootNodeFromAnchorWithoutDefaultVisitor(idl));
    const program = {
        ...node.program,
        definedTypes: [...node.program.definedTypes, ...(node.program.events ?? []).map(typeOfEvent)],
        instructions: node.program.instructions.map(nameDiscriminator),
    };
    const [eventAuthority] = await getProgramDerivedAddress({
        programAddress: idl.address,
        seeds: ['__event_authority'],
    });
    const rules = [
        { account: 'eventAuthority', defaultValue: publicKeyValueNode(eventAuthority) },
        { account: 'program', defaultValue: publicKeyValueNode(idl.address) },
        ...['council', 'board'].flatMap((account) => ofTheDomain(program, account)),
    ];
    return visit({ ...node, program }, setInstructionAccountDefaultValuesVisitor(rules));
}

/** A PDA with a seed from an account's data: the IDL names the account, not the field. */
function isBlindPda([...path]) {
    const account = path.at(-1);
    if (account?.kind !== 'instructionAccountNode' || account.defaultValue?.kind !== 'pdaValueNode') return false;
    const names = account.defaultValue.seeds.map(({ name }) => name);
    return new Set(names).size < names.length;
}

function withoutDefault({ defaultValue: _, ...account }) {
    return account;
}

/** The type of an event, by its discriminator. */
function typeOfEvent({ name, data }) {
    return definedTypeNode({ name, type: data.type });
}

/** An instruction and an account may share a name, but the constants of their discriminators must not. */
function nameDiscriminator(instruction) {
    const rename = (each) => (each.name === 'discriminator' ? { ...each, name: 'instructionDiscriminator' } : each);
    return {
        ...instruction,
        arguments: instruction.arguments.map(rename),
        discriminators: instruction.discriminators?.map(rename),
    };
}

/** The default of an account that a domain has exactly once, in every instruction that also names the domain. */
function ofTheDomain({ instructions, pdas }, account) {
    if (!pdas.some(({ name }) => name === account)) return [];
    const seeds = [pdaSeedValueNode('domain', accountValueNode('domain'))];
    return instructions
        .filter(({ accounts }) => ['domain', account].every((name) => accounts.some((each) => each.name === name)))
        .map(({ name }) => ({ account, instruction: name, defaultValue: pdaValueNode(account, seeds) }));
}

/** Error names by code, and the codecs of all events by discriminator. */
function tables(idl) {
    const errors = (idl.errors ?? []).map(({ code, name }) => `${code}: '${name}'`);
    const events = (idl.events ?? []).map(({ name, discriminator }) => ({
        name,
        hex: Buffer.from(discriminator).toString('hex'),
    }));
    const decoders = events.map(({ name }) => `get${name}Decoder`);
    const types = events.map(({ name }) => `type ${name}`);
    return `/**
 * Generated from the IDL by scripts/generate.mjs: do not edit.
 */
${events.length > 0 ? `import { ${[...decoders, ...types].join(', ')} } from './types/index.ts';` : ''}

/** The program's errors. */
export const ERROR_NAMES = { ${errors.join(', ')} } as const;

/** An event, by its name. */
export type ProgramEvent = ${events.map(({ name }) => `{ name: '${name}'; data: ${name} }`).join(' | ') || 'never'};

/** The decoder of each event, by its discriminator in hex. */
export const EVENT_DECODERS = {
    ${events.map(({ name, hex }) => `'${hex}': { name: '${name}', decoder: get${name}Decoder() }`).join(',\n    ')}
} as const;
`;
}

/**
 * One index of the readers of accounts that check their input, and of everything else except Codama's own readers,
 * which do not check.
 */
function readers(idl) {
    const head = '/**\n * Generated from the IDL by scripts/generate.mjs: do not edit.\n */\n';
    const names = idl.accounts.map(({ name }) => name);
    const codama = (name) => [
        `${upper(name)}_DISCRIMINATOR`,
        ...['DiscriminatorBytes', 'Encoder', 'Decoder', 'Codec', 'Size'].map((what) => `get${name}${what}`),
        `type ${name}`,
        `type ${name}Args`,
    ];
    const used = (name) => [`${upper(name)}_DISCRIMINATOR`, `get${name}Decoder`, `get${name}Size`];
    const reader = (name) => `
        /** A ${name}: Bulkhead's, and of the version this client knows. */
        export const decode${name} = checked('${name}', ${upper(name)}_DISCRIMINATOR, get${name}Decoder(), get${name}Size());
        export const {
            fetch: fetch${name},
            fetchMaybe: fetchMaybe${name},
            fetchAll: fetchAll${name},
            fetchAllMaybe: fetchAllMaybe${name},
        } = fetchers(decode${name});`;
    const folders = ['errors', 'instructions', 'pdas', 'programs', 'types'];
    return {
        'readers.ts': `${head}
            import { checked, fetchers } from '../../accounts.ts';
            import { ${names.flatMap(used).join(', ')} } from './accounts/index.ts';
            ${names.map(reader).join('\n')}

            /** How each kind of account begins, how its bytes read, and how many they are at least. */
            export const LAYOUTS = { ${names
                .map(
                    (name) =>
                        `${name}: { discriminator: ${upper(name)}_DISCRIMINATOR, decoder: get${name}Decoder(), size: get${name}Size() }`,
                )
                .join(', ')} } as const;

            /** The reader of each kind of account, by its name. */
            export const READERS = { ${names.map((name) => `${name}: decode${name}`).join(', ')} } as const;`,
        'public.ts': `${head}
            export { ${names.flatMap(codama).join(', ')} } from './accounts/index.ts';
            export * from './readers.ts';
            ${folders.map((folder) => `export * from './${folder}/index.ts';`).join('\n')}`,
    };
}

/** Constants under their Rust names. Closed sets become objects; seeds lose their prefix. */
function constants({ constants, seeds, sets }) {
    const single = ({ name, docs, value }) => `${comment(docs)}export const ${name} = ${number(value)};`;
    const object = (name, docs, entries) =>
        `${comment(docs)}export const ${name} = {\n${entries
            .map(({ name, docs, value }) => `${comment(docs)}${name}: ${value},`)
            .join('\n')}\n} as const;`;
    const numbered = (entries) => entries.map((each) => ({ ...each, value: number(each.value) }));
    const prefixes = seeds.map(({ name, docs, value }) => ({
        name: name.replace(/^SEED_/, ''),
        docs,
        value: `'${value}'`,
    }));
    return `/**
 * Generated from ../../idl/constants.json by scripts/generate.mjs: do not edit.
 */

${constants.map(single).join('\n')}

${sets.map(({ name, docs, constants }) => object(setName(name), docs, numbered(constants))).join('\n\n')}

${object('seed', ['PDA seeds. The comment on each lists the seeds that follow the prefix.'], prefixes)}
`;
}

/** The name of a module's object; `class` is a reserved word. */
function setName(name) {
    return name === 'class' ? 'proposalClass' : camel(name);
}

function number(value) {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an exact number in JavaScript`);
    return String(value);
}

/** Rust documentation, with the field names of TypeScript. */
function comment(docs) {
    const lines = docs.map((line) => line.replace(/::(\w+)/g, (_, field) => `.${camel(field)}`));
    if (lines.length < 2) return lines.map((line) => `/** ${line} */\n`).join('');
    return `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`;
}

function camel(name) {
    return /^[a-z0-9_]+$/.test(name) ? name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase()) : name;
}

/** Converts `PauseBoard` to `PAUSE_BOARD`. */
function upper(name) {
    return name.replace(/(?<!^)([A-Z])/g, '_$1').toUpperCase();
}

/** The files that are in only one folder, or differ. */
function compare(checkedIn, fresh) {
    const list = (folder) =>
        existsSync(folder)
            ? readdirSync(folder, { recursive: true, withFileTypes: true })
                  .filter((entry) => entry.isFile())
                  .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
            : [];
    const files = [...new Set([...list(checkedIn), ...list(fresh)])].sort();
    const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : null);
    return files.filter((file) => read(join(checkedIn, file)) !== read(join(fresh, file)));
}
