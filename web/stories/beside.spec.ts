// Clicks of the five tasks of docs/side-by-side.md, counted by the browser; the page must say the same numbers. With BESIDE=FOLDER
// the last screen of each is photographed there. A choice from a list is two clicks, a rectangle drawn is one, typing is none.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { figure, open, quiet } from './page';
import { serve } from './server';

/** Our clicks as the page of the comparison states them, by the number of the task. */
const stated = (task: number): number => {
  const page = readFileSync('../docs/side-by-side.md', 'utf8');
  const part = page.split(/^## (?=\d\.)/m).find((one) => one.startsWith(`${task}.`))!;
  return Number(/^\| Shigu \|.*\| (\d+) \|$/m.exec(part)![1]);
};

class Hand {
  clicks = 0;
  constructor(readonly page: Page) {}
  async click(what: Locator): Promise<void> {
    await what.click();
    this.clicks += 1;
  }
  async choose(what: Locator, value: string): Promise<void> {
    await what.selectOption(value);
    this.clicks += 2;
  }
  async rectangle([x, y]: [number, number], [width, height]: [number, number]): Promise<void> {
    const map = (await this.page.getByTestId('map').boundingBox())!;
    await this.page.mouse.move(map.x + x, map.y + y);
    await this.page.mouse.down();
    for (let part = 1; part <= 10; part += 1)
      await this.page.mouse.move(map.x + x + (width * part) / 10, map.y + y + (height * part) / 10);
    await this.page.mouse.up();
    this.clicks += 1;
  }
  async done(task: number): Promise<void> {
    if (process.env.BESIDE) await this.page.screenshot({ path: join(process.env.BESIDE, `${task}.png`) });
    expect(this.clicks, `task ${task}`).toBe(stated(task));
  }
}

test('1: a table onto the map, coloured by class', async ({ page }) => {
  const server = await serve('--data-dir', mkdtempSync(join(tmpdir(), 'shigu-story-')));
  try {
    await open(page, `${server.base}/`);
    const hand = new Hand(page);
    const row = (n: number) =>
      `杭州测试${n}号有限公司,西湖区,${n % 2 ? '视觉智能' : '智能机器人'},${100 + n},${120.05 + n / 1000},30.25`;
    const rows = Array.from({ length: 40 }, (_, n) => row(n));
    const text = ['企业名称,所属区县,所属集群,2025年营业收入(万元),经度,纬度', ...rows].join('\n');
    await hand.click(page.getByTestId('mode-data'));
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      hand.click(page.getByTestId('choose-file')),
    ]);
    // the file in the window of the system
    hand.clicks += 1;
    await chooser.setFiles({ name: '名录.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await expect(page.getByTestId('import-report')).toHaveAttribute('aria-busy', 'false');
    await hand.choose(page.getByTestId('crs'), 'wgs84');
    await expect(page.getByTestId('verdict')).toHaveAttribute('data-certainty', 'given');
    await expect(page.getByTestId('import-report')).toHaveAttribute('aria-busy', 'false');
    await hand.click(page.getByTestId('publish'));
    await hand.click(page.getByTestId('made-map'));
    await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', '40');
    await hand.done(1);
  } finally {
    await server.stop();
  }
});

test('2: an area drawn: rows by class, and sums', async ({ page }) => {
  await open(page, './#10/30.25/120.15');
  const [hand, whole] = [new Hand(page), (await figure(page, 'count'))!];
  await hand.click(page.getByTestId('mode-query'));
  await hand.click(page.getByTestId('draw-rectangle'));
  // the tool is fetched on use
  await page.waitForTimeout(800);
  await hand.rectangle([250, 220], [240, 180]);
  await expect(page).toHaveURL(/drawn=/);
  await quiet(page);
  expect(await figure(page, 'count')).toBeLessThan(whole);
  expect(await figure(page, 'revenue')).toBeGreaterThan(0);
  await expect(page.getByTestId('bar-vision')).toBeVisible();
  await hand.done(2);
});

test('3: two zones by class and location quotient', async ({ page }) => {
  await open(page);
  const hand = new Hand(page);
  await hand.click(page.getByTestId('zone-330110'));
  await quiet(page);
  await hand.click(page.getByTestId('mode-compare'));
  await hand.click(page.getByTestId('pick-330108'));
  await expect(page.getByTestId('column-330108')).toBeVisible();
  await expect(page.getByTestId('row-cluster-vision')).toBeVisible();
  await hand.done(3);
});

test('4: two conditions, the rows, a file', async ({ page }) => {
  await open(page);
  const hand = new Hand(page);
  await hand.click(page.getByTestId('mode-query'));
  await hand.click(page.getByTestId('condition-add'));
  await hand.choose(page.getByTestId('property-0'), 'above_scale');
  await hand.click(page.getByTestId('condition-add'));
  await hand.choose(page.getByTestId('property-1'), 'cluster');
  await hand.click(page.getByTestId('value-1').getByRole('button', { name: '视觉智能' }));
  await quiet(page);
  await hand.click(page.getByTestId('rows-count'));
  await expect(page.getByTestId('row').first()).toBeVisible();
  const [file] = await Promise.all([page.waitForEvent('download'), hand.click(page.getByTestId('rows-save'))]);
  expect(readFileSync(await file.path(), 'utf8').split('\n').length).toBeGreaterThan((await figure(page, 'count'))!);
  await hand.done(4);
});

test('5: a report of one zone', async ({ page }) => {
  await open(page);
  const hand = new Hand(page);
  await hand.click(page.getByTestId('zone-330110'));
  await quiet(page);
  await hand.click(page.getByTestId('export'));
  const [file] = await Promise.all([page.waitForEvent('download'), hand.click(page.getByTestId('report-make'))]);
  expect(readFileSync(await file.path()).length).toBeGreaterThan(10_000);
  await hand.done(5);
});
