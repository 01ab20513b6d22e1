// A dataset with several tables: the switch, and that panel, list, map, papers and imports follow the table that is shown.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { drawn, HANDS, onScreen, open } from './page';
import { serve, type Served } from './server';

let server: Served;
test.beforeAll(async () => {
  const data = mkdtempSync(join(tmpdir(), 'shigu-tables-'));
  server = await serve('--geodata', '../tests/data/threetables', '--data-dir', data);
});
test.afterAll(() => server.stop());

test('the panel follows the table, by mouse, address and the way back', async ({ page }) => {
  await page.goto(`${server.base}/?lang=en`);
  await drawn(page);
  const count = page.getByTestId('figure-count');
  await expect(count).toHaveAttribute('data-value', '120');
  await expect(page.getByTestId('tables').getByRole('button')).toHaveCount(3);
  await expect(page.getByTestId('table-companies')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('beside-grants')).toHaveAttribute('data-value', '45');
  await page.getByTestId('table-grants').click();
  await expect(count).toHaveAttribute('data-value', '45');
  await expect(page).toHaveURL(/table=grants/);
  await expect(page.getByTestId('numbers')).toContainText('grants');
  await expect(page.getByTestId('figure-turnover')).toHaveCount(0);
  await expect(page.getByText('Green').first()).toBeVisible();
  await page.getByTestId('table-parcels').click();
  await expect(page.getByTestId('figure-hectares')).toBeVisible();
  await expect(count).toHaveAttribute('data-value', '60');
  await page.goBack();
  await expect(count).toHaveAttribute('data-value', '45');
  await page.reload();
  await expect(count).toHaveAttribute('data-value', '45');
  await page.getByTestId('beside-companies').getByRole('button').click();
  await expect(count).toHaveAttribute('data-value', '120');
  await expect(page).not.toHaveURL(/table=/);
});

test('by keyboard alone', async ({ page }) => {
  await page.goto(`${server.base}/?lang=en`);
  await page.getByTestId('table-grants').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', '45');
});

test('a parcel is chosen where it lies, and the legend shows areas', async ({ page }) => {
  const parcels = JSON.parse(readFileSync('../tests/data/threetables/parcels.geojson', 'utf8')) as {
    features: { id: string; properties: { beteckning: string }; geometry: { coordinates: [number, number][][] } }[];
  };
  const one = parcels.features[0]!;
  const [low, , high] = one.geometry.coordinates[0]!;
  const middle: [number, number] = [(low![0] + high![0]) / 2, (low![1] + high![1]) / 2];
  await open(page, `${server.base}/?lang=en&table=parcels#13/${middle[1]}/${middle[0]}`);
  await expect(page.getByTestId('legend-row')).toBeVisible();
  await expect(page.locator('.legend .dots .cell')).toHaveCount(0);
  const at = await onScreen(page, middle);
  await page.mouse.click(at.x, at.y);
  await expect(page).toHaveURL(new RegExp(`item=parcels(:|%3A)${one.id}`));
  await expect(page.getByText(one.properties.beteckning).first()).toBeVisible();
});

test('the list and the template are of the table that is shown', async ({ page }) => {
  await page.goto(`${server.base}/?lang=en&table=grants&mode=query&list=count`);
  await expect(page.getByText('Bidrag').first()).toBeVisible();
  const asked = page.waitForRequest(/imports\/template\.xlsx\?table=grants/);
  await page.goto(`${server.base}/?lang=en&table=grants&mode=data`);
  await page.getByTestId('template').click();
  await asked;
});

for (const [hand, hit] of HANDS)
  test(`a ledger is counted against its target, and opens its rows ${hand}`, async ({ page }) => {
    await page.goto(`${server.base}/?lang=en&mode=compare`);
    const ledger = page.getByTestId('ledger-grants_awarded').first();
    await expect(ledger).toBeVisible();
    const answer = await (await page.request.get(`${server.base}/indicators`)).json();
    await expect(ledger).toHaveAttribute('data-value', String(answer.counts[0].count));
    await expect(ledger.getByTestId('ledger-part')).toBeVisible();
    await hit(ledger.getByRole('button'));
    await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', String(answer.counts[0].count));
  });

test('an address of a table that is no more shows the main one', async ({ page }) => {
  await page.goto(`${server.base}/?lang=en&table=gone`);
  await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', '120');
});
