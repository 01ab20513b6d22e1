// Export: the files of the current scope hold the numbers of the panel.
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { strFromU8, unzipSync } from 'fflate';
import { figure, open } from './page';

async function save(page: Page, format: 'xlsx' | 'csv' | 'geojson'): Promise<Buffer> {
  await page.getByTestId('export').click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`export-${format}`).click()]);
  expect(file.suggestedFilename()).toMatch(new RegExp(`\\.${format}$`));
  const bytes = readFileSync(await file.path());
  expect(bytes.length).toBeGreaterThan(0);
  return bytes;
}
/** Splits CSV, minding quotes and line ends inside them. */
function rows(text: string): string[][] {
  const out: string[][] = [[]];
  for (const [, quoted, plain, end] of text.replace(/^\uFEFF/, '').matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
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

    const csv = await save(page, 'csv');
    expect([...csv.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(rows(csv.toString('utf8')).length - 1).toBe(count);

    const book = unzipSync(await save(page, 'xlsx'));
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
  const file = JSON.parse((await save(page, 'geojson')).toString('utf8'));
  expect(file.type).toBe('FeatureCollection');
  expect(file.features.length).toBeGreaterThan(0);
});
