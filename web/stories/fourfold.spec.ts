// Fourfold: four metrics, three kinds of zones and five layer groups that the page's code has never heard of.
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { drawn, figure, open, quiet } from './page';
import { type Served, serve } from './server';

const METRICS = [
  ['tax', '入库税收', 'Tax paid'],
  ['floor', '楼面面积', 'Floor area'],
  ['patents', '授权专利', 'Patents granted'],
  ['land', '占用土地', 'Land in use'],
] as const;
const KINDS = [
  ['ward', '坊', 4],
  ['campus', '学苑', 2],
  ['valley', '谷地', 2],
] as const;
const GROUPS = [
  ['borders', '坊界', true],
  ['spine', '脊线', true],
  ['grounds', '学苑与谷地', true],
  ['wild', '湖与林', false],
  ['halts', '车站', true],
] as const;

let server: Served;
let base: string;
test.beforeAll(async () => {
  server = await serve('--geodata', '../tests/data/fourfold');
  base = server.base;
});
test.afterAll(() => server.stop());

interface Totals {
  counts: { matched: number };
  totals: Record<string, { sum: number; missing: number }>;
}
const summary = async (page: Page, query = ''): Promise<Totals> =>
  (await page.request.get(`${base}/summary?${query}`)).json();

test('the panel has all four figures, for the whole, for a zone and for a cluster', async ({ page }) => {
  await open(page, `${base}/?lang=zh`);
  for (const query of ['', 'zone=V1', 'trade=kiln']) {
    if (query === 'zone=V1') await page.getByTestId('zone-V1').click();
    if (query === 'trade=kiln') {
      await page.getByTestId('to-city').click();
      await page.getByTestId('cluster-kiln').click();
    }
    const all = await summary(page, query);
    await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', String(all.counts.matched));
    await quiet(page);
    for (const [id, title] of METRICS) {
      await expect(page.getByTestId(`figure-${id}`)).toContainText(title);
      expect(await figure(page, id), `${id} ${query}`).toBeCloseTo(all.totals[id]!.sum, 6);
      await expect(page.getByTestId(`gaps-${id}`)).toHaveText(`缺数 ${all.totals[id]!.missing} 间`);
    }
  }
  // the decimals are those of the metric
  const tax = (await summary(page, 'trade=kiln')).totals.tax!.sum;
  await expect(page.getByTestId('rows-tax')).toHaveText(tax.toLocaleString('en', { minimumFractionDigits: 3 }));
});

test('zones stand under the titles of their kinds, those that divide the whole on the map', async ({ page }) => {
  await open(page, `${base}/?lang=zh`);
  for (const [id, title, count] of KINDS) {
    const list = page.getByTestId(`kind-${id}`);
    await expect(list.locator('summary')).toHaveText(title);
    await expect(list.getByRole('button')).toHaveCount(count);
  }
  await expect(page.locator('.legend')).toContainText('工坊数(间)');
  await expect(page.locator('.legend .classes li')).not.toHaveCount(0);
  await page.getByTestId('zone-C1').click();
  await expect(page.locator('header .chip').first()).toHaveText('学苑');
});

test('switches are the dataset’s; links of other datasets do no harm', async ({ page }) => {
  await open(page, `${base}/?lang=zh`);
  for (const [id, title, shown] of GROUPS) {
    const box = page.getByTestId(`layer-${id}`);
    await expect(box).toBeChecked({ checked: shown });
    await expect(page.locator('label', { has: box })).toContainText(title);
    const entry = page.locator('.legend .symbols', { hasText: title });
    await expect(entry).toHaveCount(shown ? 1 : 0);
  }
  await page.getByTestId('layer-grounds').uncheck();
  await expect(page).toHaveURL(/layers=borders,spine,halts/);
  await page.getByTestId('layer-grounds').check();
  await expect(page).not.toHaveURL(/layers=/);
  await page.goto(`${base}/?lang=zh&layers=axis,belt,wild&opacity=water:30`);
  await drawn(page);
  for (const [id] of GROUPS) await expect(page.getByTestId(`layer-${id}`)).toBeChecked({ checked: id === 'wild' });
});

test('the comparison has a row for each, and is measured by each', async ({ page }) => {
  await page.goto(`${base}/?lang=zh&mode=compare&zones=W1,C1,V2,city`);
  for (const [id, title] of METRICS) {
    const row = page.getByTestId(`row-${id}`);
    await expect(row).toContainText(title);
    for (const [i, zone] of ['zone=W1', 'zone=C1', 'zone=V2', ''].entries()) {
      const value = await row.locator('td').nth(i).getAttribute('data-value');
      expect(Number(value), `${id} ${zone}`).toBeCloseTo((await summary(page, zone)).totals[id]!.sum, 6);
    }
    await page.getByTestId('by').selectOption(id);
    await expect(page.getByTestId('pair')).toHaveAttribute('data-idle', 'true', { timeout: 40_000 });
    await expect(page.locator('.classes li').first()).toContainText(title);
    expect(await page.locator('.classes li').count()).toBeGreaterThan(3);
    // a cluster's cell is of the metric, too
    const { clusters } = await (await page.request.get(`${base}/summary?zone=W1`)).json();
    const loom = clusters.find((one: { code: string }) => one.code === 'loom').amounts[id].sum;
    const cell = page.getByTestId('row-cluster-loom').locator('td').first();
    await expect.poll(async () => Number(await cell.getAttribute('data-value'))).toBeCloseTo(loom, 6);
  }
  for (const [, title] of KINDS)
    await expect(page.getByTestId('picker').locator('summary', { hasText: new RegExp(`^${title}$`) })).toHaveCount(1);
});

test('rows are listed for each, with its figures', async ({ page }) => {
  await open(page, `${base}/?lang=zh&mode=query`);
  for (const [id, title] of METRICS) {
    await page.getByTestId(`rows-${id}`).click();
    const rows = page.getByTestId('rows');
    await expect(rows).toContainText(`2023 年${title}`);
    for (const [, other] of METRICS) await expect(rows.getByRole('columnheader', { name: other })).toHaveCount(1);
  }
  await page.getByTestId('cluster-glass').click();
  await expect(page.getByTestId('rows')).toContainText('玻璃');
});

test('reports are made of every zone of any kind, and hold all four', async ({ page }) => {
  await open(page, `${base}/?lang=zh`);
  await page.getByTestId('export').click();
  const scope = page.getByTestId('report-scope');
  for (const [, title, count] of KINDS)
    await expect(scope.locator(`optgroup[label="${title}"] option`)).toHaveCount(count);
  await expect(scope.locator('option[value="all"]')).toHaveText('全部坊(各一份)');
  await scope.selectOption('V1');
  for (const format of ['docx', 'xlsx', 'html'])
    await page.getByTestId(`format-${format}`).setChecked(format === 'html');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('report-make').click()]);
  const html = readFileSync(await download.path(), 'utf8');
  for (const [, title] of METRICS) expect(html).toContain(title);
});

test('in English, too', async ({ page }) => {
  await open(page, `${base}/?lang=en`);
  for (const [id, , title] of METRICS) await expect(page.getByTestId(`figure-${id}`)).toContainText(title);
  await expect(page.getByTestId('kind-valley').locator('summary')).toHaveText('Valley');
  await expect(page.locator('body')).not.toContainText(/revenue|axis|belt/i);
  // a dataset without a plan lacks nothing
  await expect(page.getByTestId('banner')).toHaveCount(0);
});
