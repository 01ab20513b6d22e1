// One row as its table describes itself: fields, course, zones, neighbours, versions; several rows chosen and saved.
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { clean, HANDS, open, quiet } from './page';
import { type Served, serve } from './server';

let lanes: Served;
test.beforeAll(async () => {
  lanes = await serve('--geodata', '../tests/data/fourfold');
});
test.afterAll(() => lanes.stop());

async function saved(page: Page, button: string): Promise<string[]> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId(button).click()]);
  return readFileSync(await file.path(), 'utf8')
    .replace('\uFEFF', '')
    .trimEnd()
    .split('\r\n');
}

test('the card has every field, the course, the zones and the nearest, in any city', async ({ page }) => {
  await open(page, `${lanes.base}/?lang=en&item=workshops:K053`);
  const card = page.getByTestId('point-card');
  await expect(card).toContainText('53');
  await expect(card.getByTestId('feature-history').locator('circle')).not.toHaveCount(0);
  await expect(card.getByTestId('feature-nearest').getByRole('button')).toHaveCount(5);
  await expect(card.getByTestId('feature-nearest')).toContainText(/\d (m|km)/);
  await clean(page);
  // a link leads to the zone, by keyboard
  await card.getByTestId('feature-zones').getByRole('button').first().focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/zone=W2/);
  // a feature of a table without figures has its card too
  await page.goto(`${lanes.base}/?lang=en&item=halts:${await firstOf(page, 'halts')}`);
  await expect(page.getByTestId('point-card')).toBeVisible();
});
async function firstOf(page: Page, collection: string): Promise<string> {
  const answer = await page.request.get(`${lanes.base}/collections/${collection}/items?limit=1`);
  return (await answer.json()).features[0].id;
}

test('the nearest of the same class leads on', async ({ page }) => {
  await open(page, './?item=enterprises:S00001');
  const card = page.getByTestId('point-card');
  await expect(card.getByTestId('feature-zones')).toContainText('区县');
  await card.getByTestId('feature-nearest').getByRole('button').first().click();
  await expect(page).not.toHaveURL(/S00001/);
  await expect(card).toBeVisible();
  // what lies in no zone says so
  await page.goto('./?item=enterprises:S01132');
  await expect(page.getByTestId('feature-nowhere')).toBeVisible();
  await page.goto('./?mode=browse&item=platforms:P13');
  await expect(page.getByTestId('platform-card').locator('dt').first()).toBeVisible();
});

test('a list is saved as it is shown; several rows are chosen by mouse and by keys', async ({ page }) => {
  await page.goto(`${lanes.base}/?lang=en&mode=query&list=count&sort=-land_2023`);
  await quiet(page);
  await expect(page.getByTestId('rows')).toHaveAttribute('data-total', /^[1-9]/);
  const total = Number(await page.getByTestId('rows').getAttribute('data-total'));
  const lines = await saved(page, 'rows-save');
  expect(lines.length).toBe(total + 1);
  const first = await page.getByTestId('row').first().getAttribute('data-id');
  expect(lines[1]!.startsWith(`${first},`)).toBe(true);
  await page.getByTestId('row').nth(1).getByTestId('row-mark').check();
  await page
    .getByTestId('row')
    .nth(3)
    .click({ modifiers: ['Shift'] });
  await expect(page.getByTestId('rows-several')).toContainText('3');
  expect(await saved(page, 'rows-save-several')).toHaveLength(4);
  await page.getByTestId('rows-none').click();
  await page.getByTestId('rows-window').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press(' ');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press(' ');
  await expect(page.getByTestId('rows-several')).toContainText('2');
  await page.getByTestId('rows-zoom').click();
  await page.getByTestId('rows-only').click();
  await expect(page.getByTestId('rows')).toHaveAttribute('data-total', '2');
  await clean(page);
});

for (const [hand, use] of HANDS) {
  test(`a row of several classes is found by any of them, ${hand}`, async ({ page }) => {
    await page.goto(`${lanes.base}/?lang=en&mode=query&list=count`);
    await quiet(page);
    await use(page.getByTestId('condition-add'));
    await page.getByTestId('property-0').selectOption('also');
    await use(page.getByTestId('value-0').getByRole('button').first());
    await expect(page).toHaveURL(/A_OVERLAPS/);
    await quiet(page);
    const rows: { properties: { also: string[] } }[] = JSON.parse(
      readFileSync('../tests/data/fourfold/workshops.geojson', 'utf8'),
    ).features;
    const expected = rows.filter((row) => row.properties.also?.includes('loom')).length;
    await expect(page.getByTestId('rows')).toHaveAttribute('data-total', String(expected));
  });
}
