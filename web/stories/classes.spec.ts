// Classes of three levels and of another version: down the legend and up again, a filter by a class of any level, the reading
// in address, table and report.
import { expect, test } from '@playwright/test';
import { figure, open, quiet } from './page';
import { type Served, serve } from './server';

let server: Served;
let base: string;
test.beforeAll(async () => {
  server = await serve('--geodata', '../tests/data/sectors');
  base = server.base;
});
test.afterAll(() => server.stop());

interface Row {
  code: string | null;
  part?: string;
  count: number;
}
const summary = async (query: string) =>
  (await (await fetch(`${base}/summary?${query}`)).json()) as {
    counts: { matched: number };
    clusters: Row[];
    classes: { parent: Row | null };
  };
const param = (url: string, name: string) => new URL(url).searchParams.get(name);

test('down to the parts of a class and up by the path, by mouse and by keyboard', async ({ page }) => {
  await open(page, `${base}/?lang=en`);
  await expect(page.getByTestId('cluster-C')).toBeVisible();
  await expect(page.getByTestId('cluster-C39')).toHaveCount(0);
  await page.getByTestId('class-open-C').click();
  await quiet(page);
  const parts = await summary('class_parent=C');
  const of = (code: string) => parts.clusters.find((row) => row.code === code && !row.part)!.count;
  await expect(page.getByTestId('cluster-C39').locator('.count')).toHaveText(String(of('C39')));
  await expect(page.getByTestId('class-rest-not_further')).toBeVisible();
  await expect(page.getByTestId('class-rest-other')).toBeVisible();
  expect(param(page.url(), 'class_parent')).toBe('C');
  await page.getByTestId('class-open-C39').focus();
  await page.keyboard.press('Enter');
  await quiet(page);
  await expect(page.getByTestId('cluster-C391')).toBeVisible();
  await expect(page.getByTestId('bar-C391')).toBeVisible();
  await expect(page.getByTestId('class-reading')).toContainText('Manufacturing');
  await page.getByTestId('class-up-C').focus();
  await page.keyboard.press('Enter');
  await quiet(page);
  await expect(page.getByTestId('cluster-C39')).toBeVisible();
  await page.getByTestId('class-top').click();
  await quiet(page);
  expect(param(page.url(), 'class_parent')).toBeNull();
  await page.goBack();
  await expect(page.getByTestId('cluster-C39')).toBeVisible();
});

test('a class of any level is a filter that means those below it', async ({ page }) => {
  await open(page, `${base}/?lang=en&class_parent=C`);
  await page.getByTestId('cluster-C39').click();
  await quiet(page);
  const { counts } = await summary('industry=C39');
  await expect.poll(() => figure(page, 'count')).toBe(counts.matched);
  // up again the filter stays, and the map counts under it
  await page.getByTestId('class-top').click();
  await quiet(page);
  await expect.poll(() => figure(page, 'count')).toBe(counts.matched);
  await expect(page.getByTestId('chip-cluster')).toBeVisible();
});

test('a level, a version and what cannot be split', async ({ page }) => {
  await open(page, `${base}/?lang=en`);
  await page.getByTestId('class-level-group').click();
  await quiet(page);
  await expect(page.getByTestId('cluster-C397')).toBeVisible();
  await expect(page.getByTestId('cluster-A')).toBeVisible();
  expect(param(page.url(), 'class_level')).toBe('group');
  await page.getByTestId('class-version').selectOption('fields-2021');
  await quiet(page);
  await expect(page.getByTestId('cluster-electronics')).toBeVisible();
  await expect(page.getByTestId('cluster-electronics')).toBeDisabled();
  const read = await summary('class_version=fields-2021');
  const split = read.clusters.find((row) => row.part === 'ambiguous')!.count;
  await expect(page.getByTestId('class-rest-ambiguous').locator('.count')).toHaveText(String(split));
  await expect(page.getByTestId('class-reading')).toContainText('The four fields of 2021');
  expect(param(page.url(), 'class_level')).toBeNull();
  await page.getByTestId('class-version').selectOption('');
  await quiet(page);
  await expect(page.getByTestId('cluster-C')).toBeEnabled();
});
