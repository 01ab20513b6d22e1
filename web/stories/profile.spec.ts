// Profiles of classes and zones: stars, figures and sentences of what the service answers, by mouse and by keyboard, in a file.
import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { clean } from './page';
import { type Served, serve } from './server';

interface Cell {
  zone: string;
  stars: number;
}
interface Found {
  classes: { code: string; cells: Cell[]; findings: { rule: string; text: { en: string } }[] }[];
  zones: { id: string; findings: { text: { en: string } }[] }[];
  weights: { id: string; title: { en: string } }[];
}

for (const [folder, data] of [
  ['hangzhou', '../geodata/hangzhou'],
  ['fourfold', '../tests/data/fourfold'],
] as const)
  test.describe(folder, () => {
    let server: Served;
    test.beforeAll(async () => {
      server = await serve('--geodata', data);
    });
    test.afterAll(() => server.stop());

    test('stars, classes, zones and pairs by mouse and by keyboard', async ({ page }) => {
      const read = async (query: string) =>
        (await (await fetch(`${server.base}/zones/profile${query}`)).json()) as Found;
      const found = await read('');
      await page.goto(`${server.base}/?lang=en&mode=compare`);
      await page.getByTestId('profile-show').click();
      for (const one of found.classes.slice(0, 3))
        for (const cell of one.cells.slice(0, 4)) {
          const column = found.classes.findIndex((other) => other.code === one.code);
          const shown = page.getByTestId(`stars-${cell.zone}`).locator('td').nth(column);
          await expect(shown).toHaveAttribute('data-stars', String(cell.stars));
        }
      // weighed by the last metric, by keyboard
      const last = found.weights.at(-1)!;
      expect(last.id).not.toBe('count');
      await page.getByTestId('profile-weight').focus();
      await page.keyboard.press('End');
      await expect(page.getByTestId('profile-weight')).toHaveValue(last.id);
      const weighed = await read(`?weight=${last.id}`);
      await page.getByTestId('profile-classes').focus();
      await page.keyboard.press('Enter');
      const first = page.getByTestId(`profile-class-${weighed.classes[0]!.code}`);
      await expect(first).toBeVisible();
      for (const finding of weighed.classes[0]!.findings) await expect(first).toContainText(finding.text.en);
      await page.getByTestId('profile-zones').click();
      for (const zone of weighed.zones.slice(0, 3)) {
        const row = page.getByTestId(`profile-zone-${zone.id}`);
        await expect(row).toBeVisible();
        for (const finding of zone.findings) await expect(row).toContainText(finding.text.en);
      }
      await clean(page);
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('profile-csv').click()]);
      const text = readFileSync(await file.path(), 'utf8');
      const lines = text.split('\r\n').filter((line) => line.startsWith(`${weighed.zones[0]!.id},`));
      // every class in the zone, the zone itself, and its sentences
      expect(lines.length).toBe(weighed.classes.length + 1 + weighed.zones[0]!.findings.length);
      await page.getByTestId('profile-pairs').click();
      await expect(page.getByTestId(`pairs-${found.classes[0]!.code}`).locator('td')).toHaveCount(found.classes.length);
      await page.getByTestId('pairs-what').selectOption('colocation');
      await expect(page.getByTestId('profile')).toContainText('with a position');
      // a zone leads to its figures
      await page.getByTestId('profile-stars').click();
      await page.getByTestId(`stars-${found.zones[0]!.id}`).getByRole('button').click();
      await expect(page).toHaveURL(new RegExp(`zone=${found.zones[0]!.id}`));
    });
  });
