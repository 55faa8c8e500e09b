/**
 * Writes oclif.manifest.json from the built commands, or with --check fails where it differs. A stale
 * manifest hides new commands, so the check is part of `npm run check`.
 *
 *   node .ci/manifest.mjs [--check] [ROOT]
 */
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Plugin, settings } from '@oclif/core';
import { readIfThere } from './read-if-there.mjs';

const args = process.argv.slice(2);
const isCheck = args.includes('--check');
const root = resolve(
  args.find((arg) => !arg.startsWith('--')) ?? join(dirname(fileURLToPath(import.meta.url)), '..'),
);
const path = join(root, 'oclif.manifest.json');

/** The manifest as text: commands in order of their names, whatever order the disk lists them in. */
async function manifestText() {
  // Only what was built counts, and a default that depends on the user's environment is not kept.
  settings.enableAutoTranspile = false;
  const plugin = new Plugin({
    root,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  const { commands, version } = plugin.manifest;
  const ids = Object.keys(commands).toSorted();
  if (ids.length === 0) throw new Error(`no command was found in ${root}; run npm run build first`);
  const sorted = Object.fromEntries(ids.map((id) => [id, commands[id]]));
  return {
    text: `${JSON.stringify({ commands: sorted, version }, undefined, 2)}\n`,
    count: ids.length,
  };
}

try {
  const { text, count } = await manifestText();
  if (!isCheck) {
    writeFileSync(path, text);
    console.log(`wrote ${path}: ${count} commands`);
  } else if (readIfThere(path) === text) {
    console.log(`oclif.manifest.json is up to date: ${count} commands`);
  } else {
    console.error('oclif.manifest.json is out of date; run: npm run manifest');
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? (error.detail ?? error.message) : error);
  process.exitCode = 1;
}
