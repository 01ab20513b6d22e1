// Many enterprises: twenty seconds of panning and zooming without an error, then the last of their rows.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { drawn, open } from './page';

// a million in `make million`; fewer where the program is not built for speed
const ROWS = Number(process.env.SHIGU_ROWS ?? 100_000);
const FROM = '../geodata/hangzhou';
/** Kept from run to run: to write a million takes a minute. */
const FOLDER = `../target/stories/rows-${ROWS}`;
const PROGRAM = process.env.SHIGU_PROGRAM ?? '../target/debug/shigu';
let server: ChildProcess;
let base: string;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  mkdirSync(FOLDER, { recursive: true });
  const register = 'enterprises.geojson';
  for (const file of readdirSync(FROM)) if (file !== register) copyFileSync(`${FROM}/${file}`, `${FOLDER}/${file}`);
  if (!existsSync(`${FOLDER}/${register}`)) {
    execFileSync(PROGRAM, ['generate', '--geodata', FROM, '--count', String(ROWS), '--seed', '1', '--out', `${FOLDER}/${register}.part`]);
    renameSync(`${FOLDER}/${register}.part`, `${FOLDER}/${register}`);
  }
  server = spawn(PROGRAM, ['serve', '--geodata', FOLDER, '--listen', '127.0.0.1:0'], { env: { ...process.env, SHIGU_LOG: 'warn' }, stdio: ['ignore', 'pipe', 'ignore'] });
  base = await new Promise<string>((found, failed) => {
    server.once('exit', () => failed(new Error('the program stopped: is it built? cargo build')));
    server.stdout!.on('data', (said) => {
      const at = /http:\/\/127\.0\.0\.1:\d+/.exec(String(said));
      if (at) found(at[0]);
    });
  });
});
test.afterAll(() => server?.kill());

test('stays fluid and whole', async ({ page }) => {
  test.setTimeout(240_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (said) => said.type() === 'error' && faults.push(said.text()));
  page.on('response', (answer) => answer.status() >= 400 && faults.push(`${answer.status()} ${answer.url()}`));
  await open(page, `${base}/?mode=query#10.5/30.25/120.15`);
  await page.evaluate(() => {
    const frames: number[] = [];
    let last = performance.now();
    const tick = (now: number) => {
      frames.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    Object.assign(window, { frames });
  });
  const map = (await page.getByTestId('map').boundingBox())!;
  const [x, y] = [map.x + map.width / 2, map.y + map.height / 2];
  const until = Date.now() + 20_000;
  for (let turn = 0; Date.now() < until; turn++) {
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + (turn % 2 ? 160 : -160), y + (turn % 3 ? 60 : -90), { steps: 12 });
    await page.mouse.up();
    for (let i = 0; i < 4; i++) {
      await page.mouse.wheel(0, turn % 8 < 4 ? -160 : 160);
      await page.waitForTimeout(120);
    }
  }
  const median = await page.evaluate(() => {
    const { frames } = window as unknown as { frames: number[] };
    return [...frames].sort((a, b) => a - b)[Math.floor(frames.length / 2)]!;
  });
  console.log(`median frame ${median.toFixed(1)} ms while panning and zooming over ${ROWS} enterprises`);
  // drawn without a graphics card; a page that stands still for a quarter of a second a frame is broken anyway
  expect(median).toBeLessThan(250);
  await drawn(page);
  await page.getByTestId('open-rows').click();
  await expect(page.getByTestId('rows')).toHaveAttribute('data-total', String(ROWS));
  await page.getByTestId('rows-window').focus();
  await page.keyboard.press('End');
  await expect(page.locator(`[aria-rowindex="${ROWS + 1}"]`)).toHaveAttribute('data-id', /./);
  await page.keyboard.press('PageUp');
  await expect(page.getByTestId('row').first()).toHaveAttribute('data-id', /./);
  expect(faults).toEqual([]);
});
