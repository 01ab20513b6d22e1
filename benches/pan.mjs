// Frames while the map is dragged: `make bench-pan`. Starts the program over an invented register of ROWS (a million), or opens BASE, and drags the map at
// several scales, in a browser that draws without a graphics card. Prints milliseconds from frame to frame: median, 95th of 100, longest.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from '../web/node_modules/@playwright/test/index.mjs';

const { BASE, PROGRAM = 'target/release/shigu', ROWS = '1000000', PORT = '9251', SECONDS = '4' } = process.env;
const base = BASE ?? `http://127.0.0.1:${PORT}/`;
const city = mkdtempSync(join(tmpdir(), 'shigu-pan-'));
if (!BASE) {
  cpSync('geodata/hangzhou', city, { recursive: true });
  spawnSync(PROGRAM, ['generate', '--count', ROWS, '--out', join(city, 'enterprises.geojson')], { stdio: 'inherit' });
}
const server = BASE ? null : spawn(PROGRAM, ['serve', '--geodata', city, '--listen', `127.0.0.1:${PORT}`], { stdio: 'ignore' });
const ready = async () => {
  for (let n = 0; n < 300; n++) {
    const answer = await fetch(new URL('readyz', base)).catch(() => null);
    if (answer?.ok) return;
    await sleep(200);
  }
  throw new Error('the program does not start');
};
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});
const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

try {
  await ready();
  console.log('| window | zoom | frames | ms: median | p95 | longest |\n|---|--:|--:|--:|--:|--:|');
  for (const [width, height] of [
    [1366, 768],
    [1920, 1080],
  ]) {
    for (const zoom of [9, 11, 13, 15]) {
      const page = await (await browser.newContext({ viewport: { width, height } })).newPage();
      await page.goto(new URL(`#${zoom}/30.25/120.15`, base).href, { waitUntil: 'commit' });
      await page.waitForSelector('[data-testid=map][data-idle=true]', { timeout: 60_000 });
      await page.waitForTimeout(1500);
      // from frame to frame, as the page sees them
      await page.evaluate(() => {
        window.frames_ = [];
        let before = performance.now();
        const frame = (now) => {
          window.frames_.push(now - before);
          before = now;
          requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      });
      const [x, y] = [width * 0.6, height * 0.5];
      await page.mouse.move(x, y);
      await page.mouse.down();
      const begun = Date.now();
      for (let n = 0; Date.now() - begun < Number(SECONDS) * 1000; n++) {
        await page.mouse.move(x + 150 * Math.sin(n / 12), y + 100 * Math.sin(n / 17));
        await sleep(8);
      }
      await page.mouse.up();
      const frames = (await page.evaluate(() => window.frames_.slice(2))).sort((a, b) => a - b);
      console.log(`| ${width} x ${height} | ${zoom} | ${frames.length} | ${at(frames, 0.5).toFixed(1)} | ${at(frames, 0.95).toFixed(1)} | ${frames.at(-1).toFixed(0)} |`);
      await page.close();
    }
  }
} finally {
  await browser.close();
  server?.kill();
  rmSync(city, { recursive: true });
}
