// A trial zone, by mouse and by keyboard: drawn, moved, resized, a row assumed, two scenarios compared, exported, passed on.
import { expect, type Page, test } from '@playwright/test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clean, drawn } from './page';
import { type Served, serve } from './server';

let server: Served;
let folder: string;
test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trial-'));
  server = await serve('--data-dir', folder);
});
test.afterAll(() => {
  server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The figures are those of the area on screen: while an answer is on its way they are those of the area before. */
const answered = (page: Page) => expect(page.getByTestId('trial-panel')).toHaveAttribute('aria-busy', 'false');

test('J9 by mouse: drawn, moved, two scenarios compared, exported', async ({ page }) => {
  test.setTimeout(120_000);
  await page.addInitScript(() => {
    Object.assign(window, { mapFrames: 0 });
    const counted = window as unknown as { mapFrames: number };
    const elements = WebGL2RenderingContext.prototype.drawElements;
    let frame = 0;
    WebGL2RenderingContext.prototype.drawElements = function (this: WebGL2RenderingContext, ...all) {
      if (!frame) counted.mapFrames++;
      frame ||= requestAnimationFrame(() => (frame = 0));
      elements.apply(this, all);
    };
  });
  await page.goto(`${server.base}/?mode=query&lang=en#9.03/30.19/120.136`);
  await drawn(page);
  await page.getByTestId('draw-circle').click();
  const map = (await page.getByTestId('map').boundingBox())!;
  const [x, y] = [map.x + map.width / 2, map.y + map.height / 2];
  await page.mouse.move(x, y, { steps: 3 });
  await page.mouse.down();
  await page.mouse.move(x + 60, y, { steps: 6 });
  await page.mouse.up();
  await expect(page).toHaveURL(/circle=/);
  await page.getByTestId('trial-begin').click();
  const figures = page.getByTestId('trial-figures');
  await expect(figures).toBeVisible();
  const count = figures.locator('tbody tr').first().locator('td');
  await expect(count.nth(2)).toHaveText('0');
  // the area is dragged as a whole: the figures follow, and the circle keeps its radius
  const radius = await page.getByTestId('radius').inputValue();
  await page.getByTestId('trial-drag').click();
  await expect(page.getByTestId('drawing-size')).toBeVisible();
  await page.mouse.move(x + 5, y + 5, { steps: 3 });
  await drawn(page);
  const mapFrames = () => page.evaluate(() => (window as unknown as { mapFrames: number }).mapFrames);
  const before = await mapFrames();
  expect(before).toBeGreaterThan(0);
  await page.mouse.down();
  await page.mouse.move(x + 9, y + 6);
  await page.evaluate(() => new Promise(requestAnimationFrame));
  // the map has let go already: it does not begin to pan
  expect((await mapFrames()) - before).toBe(0);
  for (let i = 1; i <= 8; i++) {
    await page.mouse.move(x + 5 + i * 8, y + 5 + i * 2);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  // the outline moves above the map, which is not drawn anew at each step
  expect((await mapFrames()) - before).toBeLessThan(4);
  await page.mouse.up();
  await expect(page.getByTestId('radius')).toHaveValue(radius);
  // beside the area the map is panned as ever
  const camera = () => new URL(page.url()).hash;
  const there = camera();
  await page.mouse.move(x - 250, y + 120, { steps: 3 });
  await page.mouse.down();
  await page.mouse.move(x - 210, y + 140, { steps: 4 });
  await page.mouse.up();
  await expect.poll(camera).not.toBe(there);
  await expect(count.nth(2)).not.toHaveText('0');
  await expect(page.getByTestId('trial-distances').locator('tbody tr')).not.toHaveCount(0);
  await page.getByTestId('scenario-name').fill('Moved east');
  await page.getByTestId('scenario-save').click();
  await page.getByTestId('trial-back').click();
  await expect(count.nth(2)).toHaveText('0');
  await page.getByTestId('scenario-name').fill('As drawn');
  await page.getByTestId('scenario-save').click();
  const scenarios = page.getByTestId('scenarios').locator('li');
  for (const name of ['As drawn', 'Moved east']) await scenarios.filter({ hasText: name }).locator('input').check();
  await page.getByTestId('scenario-compare').click();
  const table = page.getByTestId('scenario-table');
  await expect(table.locator('thead th')).toHaveCount(3);
  // quotients stand beside the counts, each with what may be said of it
  await expect(table.locator('tbody tr', { hasText: 'LQ' }).first()).toContainText(/–|too few|not significant/);
  for (const [form, start] of [
    ['docx', 'PK'],
    ['pdf', '%PDF'],
    ['geojson', '{'],
  ] as const) {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByTestId(`scenario-file-${form}`).click(),
    ]);
    const bytes = readFileSync((await file.path())!);
    expect(bytes.subarray(0, start.length).toString()).toBe(start);
    if (form === 'geojson') {
      const { features } = JSON.parse(bytes.toString()) as { features: { id: string; properties: { name: string } }[] };
      expect(features.map((one) => one.id)).toEqual(['trial', 'trial-2']);
    }
  }
});

test('J9 by keyboard: drawn, moved, resized, assumed, compared, exported', async ({ page }) => {
  test.setTimeout(120_000);
  await page.goto(`${server.base}/?mode=query&lang=en#9.03/30.19/120.136`);
  await drawn(page);
  // a circle about the cross in the middle of the map
  await page.getByTestId('draw-circle').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('drawing')).toBeVisible();
  // the tool is fetched on use
  await expect(async () => {
    await page.keyboard.press('ArrowRight');
    await expect(page.getByTestId('cross')).toBeVisible({ timeout: 1000 });
  }).toPass();
  await page.keyboard.press('Space');
  for (let i = 0; i < 5; i++) await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/circle=/);
  // the radius by the field, so that what follows is the same on every screen
  await page.goto(`${server.base}/?mode=query&lang=en&circle=120.20000,30.20000,4000`);
  await drawn(page);
  await page.getByTestId('trial-begin').focus();
  await page.keyboard.press('Enter');
  const figures = page.getByTestId('trial-figures');
  const count = figures.locator('tbody tr').first().locator('td');
  await expect(count.nth(2)).toHaveText('0');
  await page.getByTestId('scenario-name').fill('As it is');
  await page.keyboard.press('Enter');
  const named = page.getByTestId('scenarios').locator('li', { hasText: /As it is|Further east/ });
  await expect(named).toHaveCount(1);
  // arrow keys move it, per cent resize it
  await page.getByTestId('trial-east').focus();
  await page.keyboard.press('Shift+ArrowRight');
  await expect(page).not.toHaveURL(/circle=120\.20000/);
  await page.getByTestId('trial-scale').fill('150');
  await page.getByTestId('trial-resize').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('radius')).toHaveValue('6000');
  await answered(page);
  await expect(count.nth(2)).not.toHaveText('0');
  const real = await count.nth(1).textContent();
  // a row is assumed, and is marked wherever it counts
  await page.getByTestId('assume').locator('summary').focus();
  await page.keyboard.press('Enter');
  const circle = new URL(page.url()).searchParams.get('circle')!.split(',');
  await page.getByTestId('assume-name').fill('New works');
  await page.getByTestId('assume-revenue').fill('500');
  await page.getByTestId('assume-place').fill(`${circle[0]}, ${circle[1]}`);
  await page.getByTestId('assume-add').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('assumed-rows')).toContainText('New works');
  await expect(page.getByTestId('trial-mark')).toContainText('With assumed');
  const whole = (text: string | null) => Number((text ?? '').replace(/\D/g, ''));
  await expect.poll(async () => whole(await count.nth(2).textContent())).toBe(whole(real) + 1);
  await expect(count.nth(1)).toHaveText(real!);
  // the link has all of it
  const link = page.url();
  await page.goto('about:blank');
  await page.goto(link);
  await expect(page.getByTestId('assumed-rows')).toContainText('New works');
  // two scenarios side by side
  await page.getByTestId('scenario-name').fill('Further east');
  await page.keyboard.press('Enter');
  await expect(named).toHaveCount(2);
  for (const at of [0, 1]) {
    await named.nth(at).locator('input').focus();
    await page.keyboard.press('Space');
  }
  await page.getByTestId('scenario-compare').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('scenario-table').locator('thead th')).toHaveCount(3);
  await expect(page.getByTestId('scenario-table').locator('tbody tr').first()).toContainText(/\([+-−]/);
  // a file says what it is
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('trial-file-csv').press('Enter')]);
  const text = readFileSync((await file.path())!, 'utf8');
  expect(text).toContain('Trial zone');
  expect(text).toContain('assumed: added');
  await clean(page);
});
