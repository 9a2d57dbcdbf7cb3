// Packs the package without writing it, and looks at it as whoever installs it: every path that package.json exports is in
// it and loads, and nothing is in it that only this repository needs.
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
    // Conditions are tried in order: types have to come before what every tool takes.
    if (Object.keys(conditions)[0] !== 'types') faults.push(`exports "${name}": types is not the first condition`);
    for (const [condition, path] of Object.entries(conditions)) {
        if (!files.has(path.replace('./', '')))
            faults.push(`exports "${name}": ${condition} names ${path}, which is not packed`);
    }
    const module = await import(pathToFileURL(join(folder, conditions.default)).href);
    if (Object.keys(module).length === 0) faults.push(`exports "${name}" has nothing`);
}
const known = (path) => path.startsWith('dist/') || ['package.json', 'README.md', 'LICENSE'].includes(path);
faults.push(
    ...[...files].filter((path) => !known(path)).map((path) => `${path} is packed, and belongs to nobody else`),
);
for (const field of ['description', 'license', 'repository', 'engines']) {
    if (manifest[field] === undefined) faults.push(`package.json has no ${field}`);
}
for (const path of [...files].filter((path) => path.endsWith('.js'))) {
    // What it imports at run time is a dependency, not one of development.
    for (const [, from] of readFileSync(join(folder, path), 'utf8').matchAll(
        /^import .*?from ?["']([^."'][^"']*)["']/gm,
    )) {
        const name = from
            .split('/')
            .slice(0, from.startsWith('@') ? 2 : 1)
            .join('/');
        if (!from.startsWith('node:') && !(name in manifest.dependencies))
            faults.push(`${path} imports ${name}, no dependency`);
    }
}

if (faults.length > 0) {
    console.error(`the npm package is not as it should be:\n  ${faults.join('\n  ')}`);
    process.exitCode = 1;
} else {
    console.log(`${packed.id}: ${files.size} files, ${Math.round(packed.size / 1024)} KB packed`);
}
