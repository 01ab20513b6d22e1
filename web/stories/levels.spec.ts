// Two levels of zones: from the whole down to a zone of the second level and up again, by mouse and by keyboard.
import { expect, test } from '@playwright/test';
import { figure, open, quiet } from './page';
import { type Served, serve } from './server';

let server: Served;
let base: string;
test.beforeAll(async () => {
  server = await serve('--geodata', '../tests/data/twolevel');
  base = server.base;
});
test.afterAll(() => server.stop());

interface Row {
  id: string;
  parent: string | null;
  count: number;
}
const zones = async (query: string): Promise<Row[]> =>
  ((await (await fetch(`${base}/zones?${query}`)).json()) as { zones: Row[] }).zones;

test('down to a zone below another, and up by the way above the panel', async ({ page }) => {
  await open(page, `${base}/?lang=en`);
  const [top] = await zones('kind=municipality');
  const [child] = (await zones('kind=parish')).filter((one) => one.parent === top!.id);
  // what lies below a zone is listed when it is chosen
  await expect(page.getByTestId(`zone-${child!.id}`)).toHaveCount(0);
  await page.getByTestId(`zone-${top!.id}`).click();
  await expect(page.getByTestId(`below-${top!.id}-parish`)).toBeVisible();
  await expect(page.getByTestId('path')).toHaveCount(0);
  await page.getByTestId(`zone-${child!.id}`).focus();
  await page.keyboard.press('Enter');
  await quiet(page);
  await expect.poll(() => figure(page, 'count')).toBe(child!.count);
  // up by keyboard
  await page.getByTestId(`path-${top!.id}`).focus();
  await page.keyboard.press('Enter');
  await quiet(page);
  await expect.poll(() => figure(page, 'count')).toBe(top!.count);
  expect(new URL(page.url()).searchParams.get('zone')).toBe(top!.id);
});

test('a zone beside its siblings and the zone above them', async ({ page }) => {
  const rows = await zones('kind=parish');
  const child = rows.find((one) => rows.some((other) => other.id !== one.id && other.parent === one.parent))!;
  await open(page, `${base}/?lang=en&zone=${child.id}`);
  await page.getByTestId('compare-siblings').click();
  await expect(page.getByTestId('compare')).toBeVisible();
  const chosen = new URL(page.url()).searchParams.get('zones')!.split(',');
  expect(chosen[0]).toBe(child.id);
  expect(chosen.at(-1)).toBe(child.parent);
  expect(chosen.slice(0, -1).every((id) => rows.find((one) => one.id === id)?.parent === child.parent)).toBe(true);
  expect(chosen.length).toBeGreaterThanOrEqual(3);
});

test('the legend is of what lies below the chosen zone', async ({ page }) => {
  await open(page, `${base}/?lang=en`);
  const numbers = async (): Promise<number[]> =>
    (await page.locator('.legend .classes li').allTextContents()).flatMap((text) =>
      text.split('–').map((one) => Number(one.replace(/\D/g, ''))),
    );
  const [tops, below] = [await zones('kind=municipality'), await zones('kind=parish')];
  const range = (rows: Row[]): number[] => rows.map((row) => row.count).filter((count) => count > 0);
  await expect.poll(async () => Math.max(...(await numbers()))).toBe(Math.max(...range(tops)));
  const top = tops.find((one) => below.filter((row) => row.parent === one.id).length > 2)!;
  const own = range(below.filter((row) => row.parent === top.id));
  await page.getByTestId(`zone-${top.id}`).click();
  await quiet(page);
  // from near the legend is of rows: the classes are of the map as a whole
  await page.getByTestId('home').click();
  await expect.poll(async () => Math.max(...(await numbers()))).toBe(Math.max(...own));
  expect(Math.min(...(await numbers()).filter((one) => one > 0))).toBe(Math.min(...own));
});

test('without register and plan zones are listed and nothing is asked that is not there', async ({ page }) => {
  const bare = await serve('--geodata', '../tests/data/bare');
  const refused: string[] = [];
  page.on('response', (answer) => void (answer.status() >= 400 && refused.push(answer.url())));
  await page.goto(`${bare.base}/?lang=en`);
  await expect(page.getByTestId('zone-north')).toHaveText('North Vale');
  await expect(page.getByTestId('map')).toHaveAttribute('data-idle', 'true');
  await page.getByTestId('zone-north').click();
  await expect(page.getByTestId('scope')).toHaveText('North Vale');
  expect(refused).toEqual([]);
  bare.stop();
});
