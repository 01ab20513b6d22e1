// A register with dates: the year changes who is counted, not the figures only; a change is like for like, with what stands behind it.
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { open, quiet } from './page';
import { type Served, serve } from './server';

let dated: Served;
let plain: Served;
test.beforeAll(async () => {
  dated = await serve('--geodata', '../tests/data/dated');
  plain = await serve('--geodata', '../tests/data/fourfold');
});
test.afterAll(() => {
  dated.stop();
  plain.stop();
});

interface Yard {
  id: string;
  properties: { navn: string; oprettet: string | null; lukket: string | null };
}
const yards: Yard[] = JSON.parse(readFileSync('../tests/data/dated/yards.geojson', 'utf8')).features;
/** The rule, apart from the server's: there at the end of the year. */
const there =
  (year: number) =>
  ({ properties: { oprettet, lukket } }: Yard) =>
    (!oprettet || oprettet <= `${year}-12-31`) && (!lukket || lukket > `${year}-12-31`);

test('the year changes the number, the list and the search', async ({ page }) => {
  await open(page, `${dated.base}/?lang=zh`);
  for (const year of [2023, 2020]) {
    if (year !== 2023) await page.getByRole('radio', { name: String(year) }).check({ force: true });
    await quiet(page);
    const here = yards.filter(there(year));
    await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', String(here.length));
    await expect(page.getByTestId('as-of')).toContainText(`${year}-12-31 在册`);
    const undated = here.filter((one) => !one.properties.oprettet).length;
    await expect(page.getByTestId('as-of')).toContainText(`起始不详 ${undated} 座`);
  }
  const late = yards.find((one) => there(2023)(one) && !there(2020)(one))!;
  await page.getByRole('combobox').first().fill(late.properties.navn);
  await quiet(page);
  const found = await (
    await page.request.get(`${dated.base}/search?q=${encodeURIComponent(late.properties.navn)}&year=2020`)
  ).json();
  expect(found.results.map((one: { id: string }) => one.id)).not.toContain(late.id);
});

test('by keyboard: the year is moved by an arrow, and number and change follow', async ({ page }) => {
  await open(page, `${dated.base}/?lang=zh`);
  await page.getByRole('radio', { name: '2023' }).focus();
  await page.keyboard.press('ArrowLeft');
  await quiet(page);
  await expect(page).toHaveURL(/year=2022/);
  const here = yards.filter(there(2022));
  await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', String(here.length));
  await expect(page.getByTestId('as-of')).toContainText('2022-12-31 在册');
  await expect(page.getByTestId('growth-turnover')).toContainText(/较 2021 年 [▲▼=] [\d.]+%\(同口径 \d+ 座\)/);
});

test('a change stands with the coverage of both years', async ({ page }) => {
  await open(page, `${dated.base}/?lang=zh`);
  await quiet(page);
  await expect(page.getByTestId('growth-turnover')).toContainText(/较 2022 年 [▲▼=] [\d.]+%\(同口径 \d+ 座\)/);
  await expect(page.getByTestId('growth-turnover')).toContainText(/有数\/在册:2022 年 \d+\/\d+,2023 年 \d+\/\d+/);
});

test('a register without dates is said to be as it stands', async ({ page }) => {
  await open(page, `${plain.base}/?lang=zh`);
  await expect(page.getByTestId('as-of')).toHaveText('名录现状(不随年份)');
  await page.goto(`${plain.base}/?lang=en`);
  await expect(page.getByTestId('as-of')).toHaveText('register as it stands (not by period)');
});
