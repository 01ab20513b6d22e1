// An address is looked up in the dataset's table of places, by mouse and by keyboard; the place is marked and its source said.
import { expect, test } from '@playwright/test';
import { open, quiet } from './page';
import { type Served, serve } from './server';

let lanes: Served;
let solo: Served;
test.beforeAll(async () => {
  lanes = await serve('--geodata', '../tests/data/lanes');
  solo = await serve('--geodata', '../tests/data/solo');
});
test.afterAll(async () => {
  await lanes.stop();
  await solo.stop();
});

test('an address is found by keyboard, with its source, and gone to', async ({ page }) => {
  await open(page, `${lanes.base}/?lang=zh`);
  await quiet(page);
  await expect(page.getByTestId('search')).toHaveAttribute('placeholder', /地址/);
  await page.keyboard.press('/');
  await page.keyboard.type('柳堤路478号');
  await quiet(page);
  const hits = page.getByTestId('hit');
  await expect(hits).toHaveCount(2);
  await expect(hits.first()).toContainText('来源:虚构,仅供测试');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/item=gazetteer/);
  await expect(page.getByText('2026-05-01').first()).toBeVisible();
});

test('an unknown number leads to the nearest one and says so', async ({ page }) => {
  await open(page, `${lanes.base}/?lang=zh`);
  await page.getByTestId('search').fill('柳堤路43号');
  await quiet(page);
  await expect(page.getByTestId('hit').first()).toContainText('同路最近门牌 40,差 3 号');
  await page.getByTestId('hit').first().click();
  await expect(page).toHaveURL(/item=gazetteer/);
  await page.getByTestId('search').fill('人民路1号9幢');
  await quiet(page);
  await expect(page.getByTestId('hit')).toHaveCount(2);
  await page.getByTestId('search').fill('无名路9号');
  await quiet(page);
  await expect(page.getByTestId('search').locator('xpath=..')).toContainText('没有找到');
});

test('a city without places offers none', async ({ page }) => {
  await open(page, `${solo.base}/?lang=en`);
  await expect(page.getByTestId('search')).not.toHaveAttribute('placeholder', /address/);
  await open(page, `${lanes.base}/?lang=en`);
  await expect(page.getByTestId('search')).toHaveAttribute('placeholder', /address/);
  await page.getByTestId('search').fill('柳堤路478号5幢');
  await quiet(page);
  await expect(page.getByTestId('hit').first()).toContainText('same house number');
});
