// Export: the files of the current scope hold the numbers of the panel.
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { strFromU8, unzipSync } from 'fflate';
import { figure, open, save } from './page';

/** Splits CSV, minding quotes and line ends inside them. */
function rows(text: string): string[][] {
  const out: string[][] = [[]];
  for (const [, quoted, plain, end] of text
    .replace(/^\uFEFF/, '')
    .matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    out.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end !== ',') out.push([]);
  }
  return out.filter((row) => row.some((cell) => cell !== ''));
}

for (const query of ['zone=330110', 'zone=330108&cluster=vision', '']) {
  test(`XLSX and CSV of “${query || 'the city'}” agree with the panel`, async ({ page }) => {
    await open(page, `./?${query}`);
    const count = await figure(page, 'count');
    const revenue = await figure(page, 'revenue');
    const employees = await figure(page, 'employees');

    const { bytes: csv } = await save(page, 'csv');
    expect([...csv.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(rows(csv.toString('utf8')).length - 1).toBe(count);

    const book = unzipSync((await save(page, 'xlsx')).bytes);
    const first = strFromU8(book['xl/worksheets/sheet1.xml']!);
    const numbers = [...first.matchAll(/<c\b[^>]*?(?:\/>|>(.*?)<\/c>)/gs)]
      .filter(([cell]) => !/\bt="(s|inlineStr|str)"/.test(cell))
      .map(([, inner]) => Number(/<v>([^<]*)<\/v>/.exec(inner ?? '')?.[1] ?? NaN));
    expect(numbers).toContain(count);
    expect(numbers).toContain(employees);
    expect(numbers.some((value) => Math.abs(value - revenue!) < 0.005)).toBe(true);
  });
}

test('GeoJSON opens as a FeatureCollection', async ({ page }) => {
  await open(page, './?zone=330108');
  const file = JSON.parse((await save(page, 'geojson')).bytes.toString('utf8'));
  expect(file.type).toBe('FeatureCollection');
  expect(file.features.length).toBeGreaterThan(0);
});

test('a district as Word, Excel and PDF comes as one archive, and the preview shows its numbers', async ({ page }) => {
  await open(page, './?zone=330108');
  const count = await figure(page, 'count');
  const refused: string[] = [];
  page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
  await page.getByTestId('export').click();
  const preview = page.getByTestId('report-preview');
  await expect(preview).toHaveAttribute('aria-busy', 'false');
  await expect(preview.locator('h1')).toContainText('滨江区');
  await expect(preview.locator('tr.total td').nth(1)).toHaveText(new Intl.NumberFormat('zh-CN').format(count!));
  // columns as wide as on the paper, and nothing in it that the page's policy refuses
  const wide = preview.locator('col').first();
  expect(await wide.evaluate((column: HTMLElement) => column.style.width)).toMatch(/%$/);
  expect(refused).toEqual([]);
  await page.getByTestId('report-close').click();
  const { name, bytes } = await save(page, 'docx', 'xlsx', 'pdf');
  expect(name).toMatch(/\.zip$/);
  const files = unzipSync(bytes);
  expect(Object.keys(files).map((one) => one.split('.').pop())).toEqual(['docx', 'xlsx', 'pdf']);
  const word = unzipSync(Object.entries(files).find(([one]) => one.endsWith('.docx'))![1]);
  expect(strFromU8(word['word/document.xml']!)).toContain(`>${new Intl.NumberFormat('zh-CN').format(count!)}<`);
});

test('all districts, another year, another language; cancelling saves nothing', async ({ page }) => {
  await open(page);
  await page.getByTestId('export').click();
  await page.getByTestId('report-scope').selectOption('all');
  await page.getByTestId('report-period').selectOption('2023');
  await page.getByTestId('report-lang').selectOption('en');
  await expect(page.getByTestId('report-make')).toContainText('26');
  await expect(page.getByTestId('report-preview').locator('h1')).toContainText('2023');
  await page.route('**/report/*format=docx*', async (route) => {
    await new Promise((go) => setTimeout(go, 1500));
    await route.continue().catch(() => undefined);
  });
  await page.getByTestId('report-make').click();
  await expect(page.getByTestId('report-step')).toContainText('/26');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('report-said')).toHaveText('已取消,没有保存任何文件。');
  await page.unroute('**/report/*format=docx*');
  await page.getByTestId('format-docx').uncheck();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('report-make').click()]);
  const files = Object.keys(unzipSync(readFileSync(await download.path())));
  expect(files.length).toBe(13);
  expect(files.every((one) => one.includes('2023') && one.endsWith('.xlsx'))).toBe(true);
});

test('the server without an answer is said in the dialog, and trying again works', async ({ page }) => {
  await open(page, './?zone=330110');
  await page.route('**/report/**', (route) => route.abort());
  await page.getByTestId('export').click();
  await expect(page.getByTestId('report-preview').getByRole('button')).toBeVisible();
  await page.unroute('**/report/**');
  await page.getByTestId('report-preview').getByRole('button').click();
  await expect(page.getByTestId('report-preview').locator('h1')).toContainText('余杭区');
});
