// Tinyville: another city is another folder; what stands in its rows is shown, never run.
import { expect, test } from '@playwright/test';
import { drawn, figure, open, quiet } from './page';
import { type Served, serve } from './server';

let server: Served;
let base: string;

test.beforeAll(async () => {
  server = await serve('--geodata', '../tests/data/tinyville');
  base = server.base;
});
test.afterAll(() => server.stop());

test('a city of three districts, by its folder alone', async ({ page }) => {
  await open(page, `${base}/`);
  await expect(page.locator('header').first()).toContainText('小城');
  expect(await figure(page, 'count')).toBe(44);
  for (const [id, name, count] of [
    ['T01', '西区', 14],
    ['T02', '中区', 16],
    ['T03', '东县', 8],
  ] as const) {
    await page.getByTestId(`zone-${id}`).click();
    await expect(page.getByTestId('scope')).toHaveText(name);
    await quiet(page);
    expect(await figure(page, 'count')).toBe(count);
  }
});

test('a name that looks like a program is only a name', async ({ page }) => {
  const ran: string[] = [];
  page.on('dialog', (dialog) => {
    ran.push(dialog.message());
    return dialog.dismiss();
  });
  page.on('console', (said) => {
    if (/Content Security Policy/.test(said.text())) ran.push(said.text());
  });
  await open(page, `${base}/?lang=zh`);
  await page.getByTestId('search').fill('onerror');
  await expect(page.getByTestId('hit').first()).toContainText('<img src=x onerror=alert(1)>');
  await page.keyboard.press('Enter');
  await drawn(page);
  await expect(page.getByText('<img src=x onerror=alert(1)> & 40 号').first()).toBeVisible();
  expect(ran).toEqual([]);
});
