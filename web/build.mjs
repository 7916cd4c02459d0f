// Builds src/ainfluencer/web/static/dist: hashed JS, CSS and fonts, an icon sprite, twemoji.zip, .br/.gz siblings, manifest.json.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, crc32, deflateRawSync, gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const source = join(here, '..', 'src', 'ainfluencer');
const out = join(source, 'web', 'static', 'dist');
const work = join(here, '.build', String(process.pid)); // two builds side by side must not meet
const dist = join(work, 'dist');
const manifest = {};

function styles() {
  const cli = join(dirname(require.resolve('@tailwindcss/cli/package.json')), 'dist', 'index.mjs');
  execFileSync(process.execPath, [cli, '-i', 'src/app.css', '-o', join(work, 'tailwind.css')], { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] });
  // esbuild, not Tailwind, resolves the fonts that npm packages bring.
  writeFileSync(join(work, 'style.css'), ['@fontsource-variable/inter', '@fontsource-variable/bricolage-grotesque', './tailwind.css'].map((f) => `@import "${f}";\n`).join(''));
}

async function bundles() {
  const entryPoints = { style: join(work, 'style.css') };
  for (const name of ['boot', 'app', 'calendar', 'charts']) entryPoints[name] = join(here, 'src', `${name}.js`);
  entryPoints['card-editor'] = join(here, 'src', 'card-editor', 'main.tsx');
  const result = await esbuild.build({
    absWorkingDir: here, entryPoints, bundle: true, minify: true, splitting: true, format: 'esm',
    target: ['es2022', 'chrome111', 'safari16.4', 'firefox128'], outdir: dist, entryNames: '[name]-[hash]', chunkNames: 'chunk-[hash]', assetNames: '[name]-[hash]',
    loader: { '.woff2': 'file' }, jsx: 'automatic', jsxImportSource: 'preact', metafile: true, legalComments: 'linked', logLevel: 'warning', nodePaths: [join(here, 'node_modules')],
  });
  for (const [file, output] of Object.entries(result.metafile.outputs)) {
    if (!output.entryPoint) continue;
    const name = basename(file).replace(/-[A-Z0-9]{8}(?=\.)/, '');
    manifest[name] = basename(file);
    if (output.cssBundle) manifest[name.replace(/\.js$/, '.css')] = basename(output.cssBundle);
  }
  for (const file of readdirSync(dist)) {
    const font = file.match(/^(inter|bricolage-grotesque)-latin-wght-normal-[A-Z0-9]{8}\.woff2$/);
    if (font) manifest[`${font[1]}.woff2`] = file; // preloaded by the layout
  }
}

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !['static', '__pycache__', 'samples', 'node_modules'].includes(entry.name)) yield* sources(path);
    else if (['.py', '.html', '.js', '.ts', '.tsx'].includes(extname(entry.name))) yield path;
  }
}

function sprite() {
  const lucide = JSON.parse(readFileSync(require.resolve('@iconify-json/lucide/icons.json'), 'utf8'));
  const body = (name) => lucide.icons[name]?.body ?? (lucide.aliases?.[name] && lucide.icons[lucide.aliases[name].parent]?.body);
  const used = new Set();
  for (const file of [...sources(source), ...sources(join(here, 'src'))]) {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/["']([a-z][a-z0-9-]*)["']/g)) if (body(name)) used.add(name);
  }
  for (const file of sources(source)) {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/\bicon(?:\(|=)["']([a-z0-9-]+)["']/g)) if (!body(name)) console.warn(`${file}: Lucide has no icon called ${name}`);
  }
  // Fill, stroke and width are set once by the class of the <svg> that uses the symbol.
  const plain = (text) => text.replaceAll(/ (fill="none"|stroke="currentColor"|stroke-width="2"|stroke-linecap="round"|stroke-linejoin="round")/g, '');
  const symbols = [...used].sort().map((name) => `<symbol id="${name}" viewBox="0 0 24 24">${plain(body(name))}</symbol>`).join('');
  const text = `<svg xmlns="http://www.w3.org/2000/svg">${symbols}</svg>`;
  const name = `icons-${createHash('sha256').update(text).digest('hex').slice(0, 8)}.svg`;
  writeFileSync(join(dist, name), text);
  manifest['icons.svg'] = name;
}

/** The emoji drawings for the poster renderer, as one archive: 3,700 small files would slow every install. */
function emoji() {
  const folder = join(dirname(require.resolve('@twemoji/svg/package.json')));
  const parts = [], index = [];
  let at = 0;
  for (const name of readdirSync(folder).filter((f) => f.endsWith('.svg')).sort()) {
    const raw = readFileSync(join(folder, name)), packed = deflateRawSync(raw, { level: 9 }), label = Buffer.from(name);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0); head.writeUInt16LE(8, 4); head.writeUInt16LE(0x21, 8); // version 2.0, deflate, 1 January 1980
    head.writeUInt32LE(crc32(raw), 10); head.writeUInt32LE(packed.length, 14); head.writeUInt32LE(raw.length, 18); head.writeUInt16LE(label.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    parts.push(Buffer.from('PK\x03\x04'), head, label, packed);
    index.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), head, tail, label);
    at += 30 + label.length + packed.length;
  }
  const central = Buffer.concat(index), end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1'); end.writeUInt16LE(index.length / 4, 8); end.writeUInt16LE(index.length / 4, 10);
  end.writeUInt32LE(central.length, 12); end.writeUInt32LE(at, 16);
  writeFileSync(join(dist, 'twemoji.zip'), Buffer.concat([...parts, central, end]));
  manifest['twemoji.zip'] = 'twemoji.zip';
}

function squeeze() {
  for (const file of readdirSync(dist).filter((f) => /\.(js|css|svg)$/.test(f))) {
    const raw = readFileSync(join(dist, file));
    writeFileSync(join(dist, `${file}.br`), brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: raw.length } }));
    writeFileSync(join(dist, `${file}.gz`), gzipSync(raw, { level: 9 }));
  }
}

mkdirSync(dist, { recursive: true });
try {
  styles();
  await bundles();
  sprite();
  emoji();
  squeeze();
  writeFileSync(join(dist, 'manifest.json'), JSON.stringify(manifest, null, 1));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(dirname(out), { recursive: true });
  try { renameSync(dist, out); } catch { cpSync(dist, out, { recursive: true }); } // another disk
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(Object.values(manifest).join('\n'));
