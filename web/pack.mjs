// Texts of a built folder in Brotli, in the place of the files themselves: node pack.mjs FOLDER. The program embeds them so and sends them so
// (src/http/api/page.rs). What other programs read on the disk, or the service changes, stays as it is.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const TEXTS = ['.css', '.html', '.js', '.json', '.svg', '.txt'];
const AS_THEY_ARE = ['index.html', 'licenses.json'];

for (const entry of readdirSync(process.argv[2], { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !TEXTS.includes(extname(file)) || AS_THEY_ARE.includes(basename(file))) continue;
  const content = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length, [constants.BROTLI_PARAM_LGWIN]: 22 };
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params }));
  rmSync(file);
}
