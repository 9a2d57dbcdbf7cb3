// Packs the package without writing it, and checks it as an installer sees it: every path that package.json exports is
// packed and loads, and nothing is packed that only this repository needs.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: folder, encoding: 'utf8' }));
const files = new Set(packed.files.map(({ path }) => path));
const faults = [];

for (const [name, conditions] of Object.entries(manifest.exports)) {
    // Conditions are tried in order, so types must come before the conditions that every tool accepts.
    if (Object.keys(conditions)[0] !== 'types') faults.push(`exports "${name}": types is not the first condition`);
    for (const [condition, path] of Object.entries(conditions)) {
        if (!files.has(path.replace('./', '')))
            faults.push(`exports "${name}": ${condition} names ${path}, which is not packed`);
    }
    const module = await import(pathToFileURL(join(folder, conditions.default)).href);
    if (Object.keys(module).length === 0) faults.push(`exports "${name}" is empty`);
}
const known = (path) => path.startsWith('dist/') || ['package.json', 'README.md', 'LICENSE'].includes(path);
faults.push(
    ...[...files]
        .filter((path) => !known(path))
        .map((path) => `${path} is packed but is only needed in this repository`),
);
for (const field of ['description', 'license', 'repository', 'engines']) {
    if (manifest[field] === undefined) faults.push(`package.json has no ${field}`);
}
for (const path of [...files].filter((path) => path.endsWith('.js'))) {
    // A package that is imported at run time must be a dependency, not a development dependency.
    for (const [, from] of readFileSync(join(folder, path), 'utf8').matchAll(
        /^import .*?from ?["']([^."'][^"']*)["']/gm,
    )) {
        const name = from
            .split('/')
            .slice(0, from.startsWith('@') ? 2 : 1)
            .join('/');
        if (!from.startsWith('node:') && !(name in manifest.dependencies))
            faults.push(`${path} imports ${name}, which is not a dependency`);
    }
}

if (faults.length > 0) {
    console.error(`the npm package is wrong:\n  ${faults.join('\n  ')}`);
    process.exitCode = 1;
} else {
    console.log(`${packed.id}: ${files.size} files, ${Math.round(packed.size / 1024)} KB packed`);
}
