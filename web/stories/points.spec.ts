// Points of a planner's own: pasted, dropped, counted by zone, printed, kept with a view; what is no point is named.
import { expect, test } from '@playwright/test';
import { clean, open } from './page';

const LINES = '120.1700,30.1903,西兴\n没有坐标的一行\n120.0203 30.2804 未来科技城\n2.3522,48.8566,巴黎';

test('own points by keyboard: pasted, named line by line, counted, shown, kept over a reload', async ({ page }) => {
  await open(page);
  await page.getByTestId('points-open').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('points-text').fill(LINES);
  await page.getByTestId('points-text').press('Control+Enter');
  await expect(page.getByTestId('points-n')).toHaveText('3 个点');
  await expect(page.getByTestId('points-findings')).toContainText('第 2 行');
  await expect(page.getByTestId('points-findings')).toContainText('远离数据范围');
  await expect(page.getByTestId('points-in-330108')).toContainText('1');
  await expect(page.getByTestId('points-outside-district')).toContainText('1');
  await clean(page);
  await page.getByTestId('points-name').fill('考察点');
  await page.getByTestId('points-name').press('Tab');
  await page.reload();
  await expect(page.getByTestId('own-points')).toHaveAttribute('data-n', '3');
  await page.getByTestId('points-open').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('points-name')).toHaveValue('考察点');
  await page.getByTestId('points-list-open').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('points-list').getByRole('button', { name: '西兴' }).first().focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('own-point')).toHaveText('西兴');
  await expect(page).toHaveURL(/#1\d[\d.]*\/30\.19\d*\/120\.17/);
  await page.getByTestId('points-drop').first().focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('points-n')).toHaveText('2 个点');
  await page.getByTestId('points-undo').click();
  await expect(page.getByTestId('points-n')).toHaveText('3 个点');
});

test('own points by mouse: a file, in another system, printed, refused with what to do', async ({ page }) => {
  await open(page, './?theme=dark&lang=en');
  await page.getByTestId('points-open').click();
  await page.getByTestId('points-system').selectOption('gcj02');
  const rows = '项目名称,经度,纬度\n西站,120.1700,30.1900\n东站,120.1800,30.1950\n';
  const file = (text: string) => ({ name: '考察.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.getByTestId('points-file').setInputFiles(file(rows));
  await expect(page.getByTestId('points-n')).toHaveText('2 points');
  await expect(page.getByTestId('points-name')).toHaveValue('考察');
  await expect(page.getByTestId('own-points')).toHaveAttribute('data-n', '2');
  const [table] = await Promise.all([page.waitForEvent('download'), page.getByTestId('points-csv').click()]);
  expect(table.suggestedFilename()).toBe('考察.csv');
  await page.getByTestId('points-file').setInputFiles(file('a,b\n1,2\n'));
  await expect(page.getByTestId('points-problem')).toContainText('longitude');
  await expect(page.getByTestId('points-n')).toHaveText('2 points');
  await clean(page);
  const printed = page.waitForRequest((request) => /\/map\?/.test(request.url()) && request.method() === 'POST');
  await page.getByTestId('print-open').click();
  expect((await printed).postData()).toContain('西站');
  await expect(page.getByTestId('print-preview')).toBeVisible();
  await page.getByTestId('print-close').click();
  await page.getByTestId('points-clear').click();
  await expect(page.getByTestId('own-points')).toHaveCount(0);
});
