// Comparison: zones in a matrix, two years on linked maps, the plan beside reality; all of it in the address.
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { both, shown } from './journey';
import { clean, HANDS, quiet } from './page';

const cell = async (page: Page, row: string, column: number): Promise<number> =>
  Number(await page.getByTestId(`row-${row}`).locator('td').nth(column).getAttribute('data-value'));

test('two clicks: the largest districts and the city side by side, figures as the panel has them', async ({ page }) => {
  await page.goto('./?zone=330110');
  await quiet(page);
  const count = Number(await page.getByTestId('figure-count').getAttribute('data-value'));
  const revenue = Number(await page.getByTestId('figure-revenue').getAttribute('data-value'));
  await page.getByTestId('mode-compare').click();
  await shown(page);
  await expect(page.getByTestId('column-330110')).toBeVisible();
  await expect(page.getByTestId('column-city')).toBeVisible();
  expect(await cell(page, 'count', 0)).toBe(count);
  expect(await cell(page, 'revenue', 0)).toBe(revenue);
  expect(await cell(page, 'count', 1)).toBe(5000);
  await page.getByTestId('pick-330108').check();
  await shown(page);
  await expect(page).toHaveURL(/zones=330110,city,330108/);
  await expect(page.getByTestId('row-cluster-education').locator('td').nth(2)).toContainText('●');
});

test('ten columns and no more; none is said, not blank', async ({ page }) => {
  await page.goto('./?mode=compare&zones=');
  await expect(page.getByTestId('compare-empty')).toBeVisible();
  await page.getByRole('button', { name: '企业最多的 9 个' }).click();
  await shown(page);
  await expect(page.getByTestId('chosen')).toHaveText('已选 10/10');
  await expect(page.locator('[data-testid=matrix] thead th')).toHaveCount(11);
  await expect(page.locator('[data-testid^=pick-]:not(:checked)').first()).toBeDisabled();
});

test('two years: linked maps of one scale and one set of classes, changes beside the figures', async ({
  page,
  context,
}) => {
  await page.goto('./?mode=compare&zones=330110,330108,city');
  await shown(page);
  await page.getByTestId('against').selectOption('2023');
  await shown(page);
  await expect(page).toHaveURL(/against=2023&by=revenue/);
  await expect(page.getByTestId('row-revenue').locator('td').first()).toContainText(/[▲▼]/);
  await both(page);
  const left = page.getByTestId('pair-left');
  const before = (await page.getByTestId('pair-right').screenshot()).toString('base64');
  await left.locator('canvas').focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
  await page.waitForTimeout(600);
  await both(page);
  expect((await page.getByTestId('pair-right').screenshot()).toString('base64')).not.toBe(before);
  const other = await context.newPage();
  await other.goto(page.url());
  await shown(other);
  expect(await other.getByTestId('row-revenue').innerText()).toBe(await page.getByTestId('row-revenue').innerText());
});

test('the table goes along as a file and into the clipboard', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('./?mode=compare&zones=330110,city');
  await shown(page);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('matrix-csv').click()]);
  const text = readFileSync((await file.path())!, 'utf8');
  expect(text.charCodeAt(0)).toBe(0xfeff);
  expect(text).toContain('指标,单位,余杭区,全市');
  expect(text).toMatch(/企业数,家,\d+,5000/);
  expect(text).toContain('示例数据');
  await page.getByTestId('matrix-copy').click();
  await expect(page.getByText('已复制')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('余杭区\t全市');
});

test('plan and reality: floor and path, scopes apart, the sample never beside a target', async ({ page }) => {
  await page.goto('./?mode=compare&zones=330108,city');
  const trend = page.getByTestId('trend-ai_revenue');
  await expect(trend).toContainText('口径:人工智能产业');
  await expect(trend.getByRole('img')).toHaveAttribute(
    'aria-label',
    /2020 年实际 1,557\.6;.*2025 年目标 ≥3,000;.*2025 年为 ≥3,132\.8/,
  );
  await expect(trend).toContainText('2025 年实际值尚未导入,只显示到 2020 年。');
  await expect(trend).toContainText('年均增长 14.0%');
  await expect(page.getByTestId('no-sample')).toContainText('示例数据不与规划目标对比');
  await expect(page.getByTestId('plans')).toContainText('目标只有全市口径,不能拆分');
  await expect(trend).not.toContainText('980');
});

for (const [hand, use] of HANDS)
  test(`where nothing matches the comparison says so, and the condition is taken off ${hand}`, async ({ page }) => {
    await page.goto(`./?lang=en&mode=compare&filter=${encodeURIComponent('founded >= 2100')}`);
    await expect(page.getByTestId('compare-nothing')).toContainText('No enterprise matches');
    await clean(page);
    await use(page.getByTestId('compare-clear'));
    await shown(page);
    await expect(page.getByTestId('compare-nothing')).toHaveCount(0);
  });
