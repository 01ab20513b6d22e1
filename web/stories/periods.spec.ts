// Figures of months and of quarters: the period is chosen, panel, list of zones, comparison and papers follow it, and what is
// published for other periods says which.
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { figure, open, quiet, save } from './page';
import { type Served, serve } from './server';

let months: Served;
let quarters: Served;
test.beforeAll(async () => {
  months = await serve('--geodata', '../tests/data/quayside');
  quarters = await serve('--geodata', '../tests/data/orchards');
});
test.afterAll(async () => {
  await months.stop();
  await quarters.stop();
});

interface Row {
  properties: Record<string, number | string | null>;
}
const rows = (file: string): Row[] =>
  (JSON.parse(readFileSync(`../tests/data/${file}`, 'utf8')) as { features: Row[] }).features;
/** The sum of columns over the rows that have them all: the rule, apart from the server's. */
function sum(of: readonly Row[], columns: readonly string[], decimals: number): number {
  const unit = 10 ** decimals;
  const values = of.map((one) => columns.map((column) => one.properties[column]));
  const whole = values.filter((all): all is number[] => all.every((value) => typeof value === 'number'));
  return whole.flat().reduce((total, value) => total + Math.round(value * unit), 0) / unit;
}
const choose = async (page: Page, period: string): Promise<void> => {
  await page.getByTestId('period').selectOption(period);
  await quiet(page);
};

test('a month, a quarter and a year of the same figure', async ({ page }) => {
  const boats = rows('quayside/boats.geojson');
  await open(page, `${months.base}/?lang=en`);
  const column = (month: string): string => `catch_2023_${month}`;
  const all = Array.from({ length: 12 }, (_, i) => column(String(i + 1).padStart(2, '0')));
  await expect(page.getByTestId('period')).toHaveValue('2024-03');
  for (const [period, columns] of [
    ['2023-02', [column('02')]],
    ['2023Q1', all.slice(0, 3)],
    ['2023', all],
  ] as const) {
    await choose(page, period);
    await expect(page).toHaveURL(new RegExp(`period=${period}|year=${period}`));
    await expect.poll(() => figure(page, 'catch'), period).toBe(sum(boats, columns, 1));
  }
  // the crew of a quarter is that of its last month
  await choose(page, '2023Q1');
  await expect.poll(() => figure(page, 'crew')).toBe(sum(boats, ['crew_2023_03'], 0));
  // a year that is not over has no sum, and the panel says what lacks
  await expect(page.getByTestId('period').locator('option[value="2024"]')).toHaveCount(0);
  await page.goBack();
  await expect(page.getByTestId('period')).toHaveValue('2023');
});

test('each figure at its latest, and the latest period that all have', async ({ page }) => {
  const orchards = rows('orchards/orchards.geojson');
  await open(page, `${quarters.base}/?lang=zh`);
  await expect(page.getByTestId('period')).toHaveValue('');
  await expect.poll(() => figure(page, 'sales')).toBe(sum(orchards, ['sales_2024q3'], 2));
  await expect.poll(() => figure(page, 'land')).toBe(sum(orchards, ['land_2023'], 1));
  await expect(page.getByTestId('growth-sales')).toContainText('较 2023 年第三季度');
  await choose(page, '2023');
  const year = ['q1', 'q2', 'q3', 'q4'].map((quarter) => `sales_2023${quarter}`);
  await expect.poll(() => figure(page, 'sales')).toBe(sum(orchards, year, 2));
  await choose(page, '2024Q2');
  await expect.poll(() => figure(page, 'land')).toBeNull();
  await expect(page.getByText('未公布果园面积').first()).toBeVisible();
});

test('zones side by side in a month, and against another', async ({ page }) => {
  await page.goto(`${months.base}/?lang=en&mode=compare&period=2023-12`);
  await expect(page.getByTestId('compare')).toBeVisible();
  await expect(page.getByTestId('matrix')).toContainText('Catch');
  const zones = (await (await fetch(`${months.base}/zones?kind=quay&period=2023-12`)).json()) as {
    zones: { name: string; amounts: { catch: { sum: number } } }[];
  };
  for (const one of zones.zones.slice(0, 2))
    await expect(page.getByTestId('matrix')).toContainText(
      one.amounts.catch.sum.toLocaleString('en-GB', { maximumFractionDigits: 0 }),
    );
});

test('papers are of the chosen quarter and say what it is compared with', async ({ page }) => {
  await open(page, `${months.base}/?lang=zh&period=2023Q4&zone=K2`);
  const { name, bytes } = await save(page, 'html');
  expect(name).toContain('2023Q4');
  const text = bytes.toString('utf8').replace(/<[^>]+>/g, ' ');
  expect(text).toContain('2023 年第四季度');
  expect(text).toContain('（环比）');
  expect(text).toContain('码头');
  expect(text).not.toContain('区县');
});
