// Query by zone: by mouse on the map, by keyboard in the list; the panel says what /summary says.
import { expect, type Page, test } from '@playwright/test';
import { drawn, figure, open, quiet } from './page';

async function agrees(page: Page, query: string): Promise<void> {
  await quiet(page);
  const summary = await (await page.request.get(`./summary?${query}`)).json();
  expect(await figure(page, 'count')).toBe(summary.counts.matched);
  expect(await figure(page, 'revenue')).toBe(summary.totals.revenue.sum);
  expect(await figure(page, 'employees')).toBe(summary.totals.employees.sum);
  for (const row of summary.clusters.filter((one: { code: string | null }) => one.code)) {
    const cells = page.getByTestId(`bar-${row.code}`).locator('td');
    expect(Number((await cells.first().textContent())!.replace(/\D/g, ''))).toBe(row.count);
  }
}

test('every zone of the list shows the numbers of /summary', async ({ page }) => {
  test.setTimeout(180_000);
  await open(page);
  const { zones } = await (await page.request.get('./zones?kind=district')).json();
  expect(zones.length).toBeGreaterThan(0);
  for (const zone of zones) {
    await page.getByTestId(`zone-${zone.id}`).click();
    await expect(page.getByTestId('scope')).toHaveText(zone.name);
    await agrees(page, `zone=${zone.id}`);
  }
});

test('by keyboard alone: list, escape', async ({ page }) => {
  await open(page);
  await page.getByTestId('zone-330108').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('scope')).toHaveText('滨江区');
  await agrees(page, 'zone=330108');
  await page.keyboard.press('Escape');
  await expect(page).not.toHaveURL(/zone=/);
  await agrees(page, '');
});

test('by a click on the map, and back by the browser', async ({ page }) => {
  await open(page, './?layers=districts#9.5/29.85/119.7');
  await page.getByTestId('map').click({ position: { x: 380, y: 346 } });
  await expect(page).toHaveURL(/zone=3301\d\d/);
  const zone = new URL(page.url()).searchParams.get('zone');
  await agrees(page, `zone=${zone}`);
  await drawn(page);
  await page.goBack();
  await expect(page).not.toHaveURL(/zone=/);
  await agrees(page, '');
});

test('a platform without a published area offers a circle of the reader’s own', async ({ page }) => {
  await open(page, './?item=platforms:P05');
  await expect(page.getByTestId('platform-card')).toContainText('萧山信息港小镇');
  const city = await figure(page, 'count');
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/summary') && response.request().method() === 'POST'),
    page.getByTestId('around').click(),
  ]);
  await quiet(page);
  const { counts } = await answer.json();
  expect(await figure(page, 'count')).toBe(counts.matched);
  expect(counts.matched).toBeLessThan(city!);
  await expect(page).toHaveURL(/circle=/);
});

test('an unknown zone says so and offers the way back', async ({ page }) => {
  await page.goto('./?zone=nowhere');
  await expect(page.getByTestId('banner')).toBeVisible();
  await page.getByTestId('banner').getByRole('button').first().click();
  await expect(page.getByTestId('banner')).toHaveCount(0);
  await agrees(page, '');
});
