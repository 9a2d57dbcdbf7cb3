// Compiles the contracts with solc from npm, offline. Results are kept below node_modules by the sources' hash. Run by
// itself it fills that place, so that tests which start side by side do not each compile.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const output = { '*': ['abi', 'evm.bytecode', 'evm.deployedBytecode.object'] };
// Analysed all the same.
const none = { '*': ['abi'] };
const settings = {
    evmVersion: 'cancun',
    // Without the IR pipeline the contract does not fit a chain.
    viaIR: true,
    optimizer: { enabled: true, runs: 200 },
    metadata: { bytecodeHash: 'none', appendCBOR: false },
};

function sources() {
    const found = {};
    const walk = (folder) => {
        for (const entry of readdirSync(folder, { withFileTypes: true })) {
            const path = join(folder, entry.name);
            if (entry.isDirectory()) walk(path);
            else if (entry.name.endsWith('.sol')) {
                found[relative(root, path)] = { content: readFileSync(path, 'utf8') };
            }
        }
    };
    walk(join(root, 'src'));
    walk(join(root, 'test'));
    return found;
}

/**
 * What is deployed, by its name: interface, creation code with the places of its libraries' addresses, deployed code. A
 * warning fails, like an error.
 */
export async function compile() {
    const files = sources();
    // The IR pipeline takes half a minute for each large contract: only what tests deploy is compiled to the end.
    const isDeployed = (file) => file === join('src', 'Hearing.sol') || file.startsWith(join('test', 'mocks'));
    const outputSelection = Object.fromEntries(
        Object.keys(files).map((file) => [file, isDeployed(file) ? output : none]),
    );
    const text = JSON.stringify({ language: 'Solidity', sources: files, settings: { ...settings, outputSelection } });
    const hash = createHash('sha256')
        .update(require('solc/package.json').version)
        .update(text)
        .digest('hex')
        .slice(0, 16);
    const folder = join(root, 'node_modules', '.cache');
    const kept = join(folder, `contracts-${hash}.json`);
    if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
    // Loading it takes longer than most tests.
    const { default: solc } = await import('solc');
    const compiled = JSON.parse(solc.compile(text));
    const complaints = (compiled.errors ?? []).filter((error) => error.severity !== 'info');
    if (complaints.length > 0) throw new Error(complaints.map((error) => error.formattedMessage).join('\n'));
    const contracts = {};
    for (const file of Object.values(compiled.contracts)) {
        for (const [name, { abi, evm }] of Object.entries(file)) {
            if (!evm) continue;
            const links = Object.values(evm.bytecode.linkReferences).flatMap((libraries) => Object.entries(libraries));
            const deployed = evm.deployedBytecode.object;
            contracts[name] = { abi, code: evm.bytecode.object, links: Object.fromEntries(links), deployed };
        }
    }
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${kept}.${process.pid}`, JSON.stringify(contracts));
    renameSync(`${kept}.${process.pid}`, kept);
    return contracts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await compile();
