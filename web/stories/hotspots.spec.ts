// Where rows lie close together: chosen by mouse and by keyboard, in the address, on the map with its legend, in a file.
import { expect, test } from '@playwright/test';
import { drawn } from './page';
import { type Served, serve } from './server';

interface Area {
  id: string;
  properties: { rank: number; count: number; missed: number | null };
}
interface Areas {
  located: number;
  against: string | null;
  features: Area[];
  parameters: { id: string; value: number }[];
}

for (const folder of ['fourfold', 'sectors'])
  test.describe(folder, () => {
    let server: Served;
    test.beforeAll(async () => {
      server = await serve('--geodata', `../tests/data/${folder}`);
    });
    test.afterAll(() => server.stop());

    test('areas, hexagons and density by mouse and by keyboard', async ({ page }) => {
      const areas = (await (await fetch(`${server.base}/hotspots/areas`)).json()) as Areas;
      await page.goto(`${server.base}/?lang=en`);
      await drawn(page);
      await page.getByTestId('hot-open').click();
      await page.getByTestId('hot-areas').click();
      await expect(page.getByTestId('hot-table').locator('tbody tr')).toHaveCount(Math.min(20, areas.features.length));
      // how many rows, and each setting with its name
      await expect(page.getByTestId('found-legend')).toContainText(
        new RegExp(`${areas.located} \\p{L}+.*Distance`, 'u'),
      );
      await expect(page).toHaveURL(/hot=areas/);
      const distance = page.getByTestId('hot-distance');
      await expect(distance).toHaveValue(String(areas.parameters.find((one) => one.id === 'distance')!.value));
      // planned areas stand beside where the dataset has such
      await expect(page.getByTestId('hot-planned')).toHaveCount(areas.against ? 1 : 0);
      // another distance is in the address, and so is its answer after a reload
      await distance.fill('3000');
      await distance.press('Enter');
      await expect(page).toHaveURL(/distance:3000/);
      await page.reload();
      await expect(page.getByTestId('hot-distance')).toHaveValue('3000');
      const wide = (await (await fetch(`${server.base}/hotspots/areas?distance=3000`)).json()) as Areas;
      await expect(page.getByTestId('hot-table').locator('tbody tr')).toHaveCount(Math.min(20, wide.features.length));
      await page.getByTestId('hot-reset').click();
      await expect(page).not.toHaveURL(/distance/);
      // by keyboard
      await page.getByTestId('hot-hexagons').focus();
      await page.keyboard.press('Enter');
      await expect(page.getByTestId('found-legend')).toContainText('q ≤ 0.05');
      await expect(page.getByTestId('found-legend')).not.toContainText('*');
      await page.getByTestId('hot-density').focus();
      await page.keyboard.press('Enter');
      await expect(page.getByTestId('found-legend')).toContainText('per km²');
      await expect(page.getByTestId('hot-table').locator('tbody tr')).toHaveCount(6);
      await page.getByTestId('hot-about').locator('summary').click();
      await expect(page.getByTestId('hot-about')).toContainText('Silverman');
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByTestId('hotspots').getByRole('link', { name: 'CSV' }).click(),
      ]);
      expect(file.suggestedFilename()).toBe('density.csv');
      await page.getByTestId('hot-density').click();
      await expect(page).not.toHaveURL(/hot=/);
      await expect(page.getByTestId('found-legend')).toHaveCount(0);
    });

    test('areas by densities', async ({ page }) => {
      await page.goto(`${server.base}/?lang=en&hot=areas`);
      await drawn(page);
      await page.getByTestId('hot-method').selectOption('hdbscan');
      await expect(page).toHaveURL(/method:hdbscan/);
      await expect(page.getByTestId('hot-smallest')).toBeVisible();
      await expect(page.getByTestId('hot-distance')).toHaveCount(0);
      await expect(page.getByTestId('hot-found')).toBeVisible();
      await page.getByTestId('hot-method').selectOption('dbscan');
      await expect(page).not.toHaveURL(/method/);
    });

    // in a build for tests, bands of more rows take longer than an answer may
    if (folder !== 'fourfold') return;
    test('distances within a class, by mouse and by keyboard', async ({ page }) => {
      test.setTimeout(120_000);
      await page.goto(`${server.base}/?lang=en&hot=areas`);
      await drawn(page);
      // the curve is there at once, and a sentence when its band is; the map shows nothing of it
      await page.getByTestId('hot-distances').click();
      await expect(page.getByTestId('hot-found')).toBeVisible({ timeout: 60_000 });
      await expect(page.getByTestId('hot-chart')).toHaveCount(2);
      await expect(page.getByTestId('hot-chart').first().locator('polygon')).toHaveCount(1);
      await expect(page.getByTestId('found-legend')).toHaveCount(0);
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByTestId('hotspots').getByRole('link', { name: 'CSV' }).click(),
      ]);
      expect(file.suggestedFilename()).toBe('class-distances.csv');
      // by keyboard: another class is another address
      await page.getByTestId('hot-class').focus();
      await page.keyboard.press('ArrowDown');
      await expect(page).toHaveURL(/class:/);
      await page.getByTestId('hot-about').locator('summary').focus();
      await page.keyboard.press('Enter');
      await expect(page.getByTestId('hot-about')).toContainText('Duranton');
    });
  });
