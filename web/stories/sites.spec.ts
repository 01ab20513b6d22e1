// A site for a firm: class, conditions, weights, the order, two side by side, the paper; by mouse and by keyboard.
import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { clean } from './page';
import { type Served, serve } from './server';

interface Found {
  matched: number;
  sites: { id: string; name: { en: string } }[];
}

test.describe('hangzhou', () => {
  let server: Served;
  test.beforeAll(async () => {
    server = await serve('--geodata', '../geodata/hangzhou');
  });
  test.afterAll(() => server.stop());
  const ask = async (body: object) =>
    (await (
      await fetch(`${server.base}/site-selection`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    ).json()) as Found;

  test('a planner finds a site, sees why, and takes the paper along', async ({ page }) => {
    await page.goto(`${server.base}/?lang=en&plain=1`);
    await page.getByTestId('mode-sites').click();
    await page.getByTestId('sites-class').selectOption('robot');
    await page.getByTestId('sites-stage').selectOption('robotbody');
    await page.getByTestId('sites-vacant').fill('500');
    await page.keyboard.press('Enter');
    const wanted = await ask({
      class: 'robot',
      stage: 'robotbody',
      question: { filter: 'vacant_area_2025 >= 500' },
      wishes: [
        { by: 'partners', distance_m: 5000, weight: 3 },
        { by: 'quotient', weight: 2 },
        { by: 'value', metric: 'vacant_area' },
        { by: 'value', property: 'rent', prefer: 'less' },
      ],
    });
    await expect(page.getByTestId('sites-found')).toContainText(`${wanted.matched} under the conditions`);
    await expect(page.getByTestId('site-1')).toHaveText(wanted.sites[0]!.name.en);
    // by number on the picture as on the live map, the first over the others
    await page.getByRole('button', { name: `1 ${wanted.sites[0]!.name.en}`, exact: true }).click();
    await expect(page.getByTestId('sites-partners')).toContainText(wanted.sites[0]!.name.en);
    // the address holds the search
    await page.reload();
    await expect(page.getByTestId('site-2')).toHaveText(wanted.sites[1]!.name.en);
    const [first, second] = wanted.sites;
    for (const site of [first!, second!]) await page.getByLabel(`Compare ${site.name.en}`).check();
    await expect(page.getByTestId('sites-beside').getByRole('columnheader')).toHaveCount(3);
    await page.getByTestId('site-2').focus();
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('sites-partners')).toContainText(second!.name.en);
    await expect(page.getByTestId('sites-partners')).toContainText('in the register');
    await expect(page.getByTestId('sites-fits').getByRole('row')).toHaveCount(9);
    const download = page.waitForEvent('download');
    await page.getByTestId('sites-docx').click();
    const file = readFileSync(await (await download).path());
    expect(file.subarray(0, 2).toString()).toBe('PK');
    await page.getByTestId('sites-ratios-show').click();
    await expect(page.getByTestId('sites-ratios').getByRole('row')).toHaveCount(15);
    await clean(page);
  });

  test('nothing meets the conditions', async ({ page }) => {
    await page.goto(`${server.base}/?lang=en&plain=1&mode=sites`);
    await page.getByTestId('sites-vacant').fill('99999999');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('sites-found')).toContainText('No site meets the conditions');
  });
});
