// What came and ceased between two days, by zone and class, of what the service answers; a paper of it; a register without dates says so.
import { expect, test } from '@playwright/test';
import { clean, HANDS } from './page';
import { type Served, serve } from './server';

interface Rows {
  before: number;
  new: number;
  ceased: number;
  now: number;
}
interface Area extends Rows {
  id: string;
  classes: (Rows & { code: string | null })[];
}
let server: Served | undefined;
test.afterEach(() => server?.stop());
const cells = (of: Rows): string[] => [of.before, of.new, of.ceased, of.now].map((n) => n.toLocaleString('en'));

for (const [hand, push] of HANDS)
  test(`what came and ceased is read by zone and class and saved, ${hand}`, async ({ page }) => {
    server = await serve('--geodata', '../tests/data/dated');
    const path = '/zones/movements?since=2020-12-31&until=2023-12-31';
    const found = (await (await fetch(server.base + path)).json()) as { whole: Area; zones: Area[] };
    expect(found.whole.new * found.whole.ceased).toBeGreaterThan(0);
    await page.goto(`${server.base}/?lang=en&mode=compare`);
    await push(page.getByTestId('movements-show'));
    await page.getByTestId('movements-since').fill('2020-12-31');
    await page.getByTestId('movements-until').fill('2023-12-31');
    await page.getByTestId('movements-until').blur();
    const whole = page.getByTestId('movements-zone-whole').locator('td');
    await expect(whole.nth(1)).toHaveText(cells(found.whole)[1]!);
    for (const zone of found.zones.filter((one) => one.id)) {
      const line = page.getByTestId(`movements-zone-${zone.id}`).locator('td');
      for (const [place, text] of cells(zone).entries()) await expect(line.nth(place)).toHaveText(text);
    }
    await clean(page);
    const one = found.zones.find((zone) => zone.classes.some((of) => of.code))!;
    await push(page.getByTestId(`movements-zone-${one.id}`).getByRole('button'));
    const known = one.classes.find((of) => of.code)!;
    const line = page.getByTestId(`movements-class-${known.code}`).locator('td');
    for (const [place, text] of cells(known).entries()) await expect(line.nth(place)).toHaveText(text);
    const [paper] = await Promise.all([page.waitForEvent('download'), push(page.getByTestId('movements-docx'))]);
    expect(paper.suggestedFilename()).toBe('movements-2020-12-31-2023-12-31.docx');
  });

test('a register without dates says so, and shows what its figures say; on a phone', async ({ page }) => {
  server = await serve('--geodata', '../tests/data/quayside');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.base}/?lang=en&mode=compare`);
  await page.getByTestId('movements-show').click();
  await expect(page.getByTestId('movements-undated')).toBeVisible();
  await expect(page.getByTestId('movements-older')).toContainText('Mar 2024');
  await clean(page);
});
