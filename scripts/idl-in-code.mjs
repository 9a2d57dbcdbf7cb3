// Prints the IDL that a file of TypeScript or JavaScript states as an object, as JSON. The file is parsed and never run.
//   node scripts/idl-in-code.mjs NAME <FILE       NAME is the program's name in the IDL
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const ts = createRequire(new URL('../app/client/package.json', import.meta.url))('typescript');
const [name] = process.argv.slice(2);
const source = ts.createSourceFile('idl.ts', readFileSync(0, 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);

/** The value of an expression that states it; undefined for any other. */
function value(node) {
    if (ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) return value(node.expression);
    if (ts.isStringLiteralLike(node)) return node.text;
    if (ts.isNumericLiteral(node)) return Number(node.text);
    if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
    if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
    if (node.kind === ts.SyntaxKind.NullKeyword) return null;
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
        return !value(node.operand);
    }
    if (ts.isArrayLiteralExpression(node)) return node.elements.map(value);
    if (!ts.isObjectLiteralExpression(node)) return undefined;
    const properties = node.properties.filter((property) => ts.isPropertyAssignment(property));
    return Object.fromEntries(properties.map((property) => [property.name.text, value(property.initializer)]));
}

const keys = (node) => node.properties.map((property) => property.name?.text);
function find(node) {
    if (ts.isObjectLiteralExpression(node) && ['instructions', 'accounts'].every((key) => keys(node).includes(key))) {
        const idl = value(node);
        if ((idl.name ?? idl.metadata?.name) === name && Array.isArray(idl.instructions)) return idl;
    }
    return ts.forEachChild(node, find);
}

const idl = find(source);
if (!idl) throw new Error(`NoIdl: no IDL of ${name}`);
console.log(JSON.stringify(idl));
