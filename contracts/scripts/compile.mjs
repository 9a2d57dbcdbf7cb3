// Compiles every contract with solc from npm, offline. Results are kept below node_modules by the sources' hash.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import solc from 'solc';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const settings = {
    evmVersion: 'cancun',
    optimizer: { enabled: true, runs: 1000 },
    metadata: { bytecodeHash: 'none', appendCBOR: false },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
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

/** Every contract by its name: interface, creation code and deployed code. A warning fails, like an error. */
export function compile() {
    const input = { language: 'Solidity', sources: sources(), settings };
    const text = JSON.stringify(input);
    const hash = createHash('sha256').update(solc.version()).update(text).digest('hex').slice(0, 16);
    const folder = join(root, 'node_modules', '.cache');
    const kept = join(folder, `contracts-${hash}.json`);
    if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
    const output = JSON.parse(solc.compile(text));
    const complaints = (output.errors ?? []).filter((error) => error.severity !== 'info');
    if (complaints.length > 0) throw new Error(complaints.map((error) => error.formattedMessage).join('\n'));
    const contracts = {};
    for (const file of Object.values(output.contracts)) {
        for (const [name, { abi, evm }] of Object.entries(file)) {
            contracts[name] = { abi, code: evm.bytecode.object, deployed: evm.deployedBytecode.object };
        }
    }
    mkdirSync(folder, { recursive: true });
    writeFileSync(kept, JSON.stringify(contracts));
    return contracts;
}
