// How fresh the data is: what is overdue is said beside the figure, in the list and in the paper; what nobody stated is said to be unknown.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { clean, HANDS } from './page';
import { type Served, serve } from './server';

let server: Served | undefined;
const start = async (city: string): Promise<Served> => {
  const folder = mkdtempSync(join(tmpdir(), 'shigu-story-'));
  return (server = await serve('--geodata', city, '--data-dir', folder));
};
test.afterEach(() => server?.stop());

const line = (page: Page, id: string) => page.locator(`[data-testid=fresh-line][data-id="${id}"]`);

for (const [hand, push] of HANDS)
  test(`what is overdue is seen beside the figures and in the list, ${hand}`, async ({ page }) => {
    const { base } = await start('../tests/data/quayside');
    await page.goto(`${base}/`);
    await expect(page.getByTestId('dated-catch')).toContainText('截至 2024-03-31,应于 2024-05-20 前更新,逾期');
    await expect(page.getByTestId('dated-crew')).toContainText('2024-07-20');
    await expect(page.getByTestId('fresh-late')).toContainText('3');
    await push(page.getByTestId('fresh').locator('summary'));
    await expect(page.getByTestId('fresh-crew')).toContainText('船员登记处');
    await expect(page.getByTestId('fresh-crew')).toHaveAttribute('data-state', 'overdue');
    await clean(page);

    await push(page.getByTestId('mode-data'));
    await expect(line(page, 'boats.catch')).toContainText('渔业处');
    await expect(line(page, 'boats.catch')).toContainText('每月');
    await expect(line(page, 'quays')).toContainText('暂缺');
    await expect(page.getByTestId('fresh-line')).toHaveCount(4);
    await clean(page);
    await push(page.getByTestId('fresh-only-overdue'));
    await expect(page.getByTestId('fresh-line')).toHaveCount(3);
    await push(page.getByTestId('fresh-only-current'));
    await expect(page.getByTestId('fresh-none')).toBeVisible();
    await push(page.getByTestId('fresh-only-unknown'));
    await expect(line(page, 'quays')).toBeVisible();
    await expect(page.getByTestId('fresh-line')).toHaveCount(1);
    const [paper] = await Promise.all([page.waitForEvent('download'), push(page.getByTestId('freshness-docx'))]);
    expect(paper.suggestedFilename()).toMatch(/^数据时效-\d{4}-\d\d-\d\d\.docx$/);
  });

test('where nothing is stated nothing is overdue, and figures of different years say so; on a phone, in English', async ({
  page,
}) => {
  const { base } = await start('../tests/data/farms');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${base}/?mode=data&lang=en`);
  await expect(line(page, 'farms')).toContainText('The metrics of this table are of different days.');
  await expect(line(page, 'farms.land')).toContainText('2018-12-31');
  await expect(line(page, 'farms.land')).toHaveAttribute('data-state', 'unknown');
  await clean(page);
  await page.setViewportSize({ width: 1366, height: 768 });
  await page.goto(`${base}/?lang=en`);
  await expect(page.getByTestId('dated-sales')).toHaveText('as of 2021-12-31');
  await expect(page.getByTestId('dated-land')).toHaveText('as of 2018-12-31');
  // of one period all are of that
  await page.goto(`${base}/?lang=en&period=2021`);
  await expect(page.getByTestId('fresh')).toBeVisible();
  await expect(page.getByTestId('dated-sales')).toHaveCount(0);
});
