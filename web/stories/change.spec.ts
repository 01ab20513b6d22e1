// Changes between two periods: figures and sentences of what the service answers, by mouse and by keyboard, of zones and of an area of the
// reader's own, in a file.
import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { clean } from './page';
import { type Served, serve } from './server';

interface Area {
  id: string;
  findings: { rule: string; text: { en: string } }[];
  classes: { code: string | null; parts: { regional: number } | null }[];
  parts: { whole: number; mix: number; regional: number };
  change: number;
}
interface Found {
  periods: string[];
  since: string;
  weights: { id: string }[];
  whole: Area;
  zones: Area[];
  decimals: number;
}

test.describe('hangzhou', () => {
  let server: Served;
  test.beforeAll(async () => {
    server = await serve('--geodata', '../geodata/hangzhou');
  });
  test.afterAll(() => server.stop());
  const signed = (value: number, digits: number) =>
    `${value > 0 ? '+' : ''}${new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value)}`;

  test('zones, their classes, another period and figure, by mouse and by keyboard', async ({ page }) => {
    const read = async (query: string) => (await (await fetch(`${server.base}/zones/change${query}`)).json()) as Found;
    const found = await read('?weight=revenue');
    await page.goto(`${server.base}/?lang=en&mode=compare`);
    await page.getByTestId('change-show').click();
    await expect(page.getByTestId('change-since')).toHaveValue(found.since);
    for (const zone of found.zones.slice(0, 3)) {
      const row = page.getByTestId(`change-zone-${zone.id}`);
      for (const part of [zone.parts.whole, zone.parts.mix, zone.parts.regional])
        await expect(row).toContainText(signed(part, found.decimals));
    }
    // the whole is said first, then the zone that is chosen
    for (const one of found.whole.findings)
      await expect(page.getByTestId('change-findings')).toContainText(one.text.en);
    const second = found.zones[1]!;
    await page.getByTestId(`change-zone-${second.id}`).getByRole('button').focus();
    await page.keyboard.press('Enter');
    for (const one of second.findings) await expect(page.getByTestId('change-findings')).toContainText(one.text.en);
    const line = second.classes.find((one) => one.code && one.parts)!;
    await expect(page.getByTestId(`change-class-${line.code}`)).toContainText(
      signed(line.parts!.regional, found.decimals),
    );
    // another period by keyboard
    const since = page.getByTestId('change-since');
    await since.focus();
    await page.keyboard.press('End');
    await expect(since).toHaveValue(found.periods.at(-1)!);
    const later = await read(`?weight=revenue&since=${found.periods.at(-1)!}`);
    await expect(page.getByTestId(`change-zone-${second.id}`)).toContainText(signed(later.zones[1]!.change, 2));
    // numbers of rows
    await page.getByTestId('change-weight').selectOption('count');
    const counted = await read('?weight=count');
    await expect(page.getByTestId(`change-zone-${second.id}`)).toContainText(signed(counted.zones[1]!.change, 0));
    await clean(page);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('change-csv').click()]);
    const text = readFileSync(await file.path(), 'utf8');
    const lines = text.split('\r\n').filter((one) => one.startsWith(`${second.id},`));
    // every class of the zone, its total, and its sentences
    expect(lines.length).toBe(counted.zones[1]!.classes.length + 1 + counted.zones[1]!.findings.length);
  });

  test('an area of the reader’s own has its changes', async ({ page }) => {
    const circle = { center: [120.15, 30.27], radius_m: 6000 };
    const answer = await fetch(`${server.base}/zones/change?weight=revenue`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ circle }),
    });
    const found = (await answer.json()) as Found;
    await page.goto(`${server.base}/?lang=en&mode=query&circle=120.15,30.27,6000`);
    await page.getByTestId('compare-area').click();
    await page.getByTestId('change-show').click();
    await page.getByTestId('change-of').selectOption('area:0');
    for (const one of found.zones[0]!.findings.slice(1))
      await expect(page.getByTestId('change-findings')).toContainText(one.text.en);
    await expect(page.getByTestId('change-total')).toContainText(
      signed(found.zones[0]!.parts.regional, found.decimals),
    );
  });
});

test('where there is no earlier period it is said', async ({ page }) => {
  const server = await serve('--geodata', '../tests/data/twolevel');
  try {
    await page.goto(`${server.base}/?lang=en&mode=compare`);
    await page.getByTestId('change-show').click();
    await page.getByTestId('change-weight').selectOption('count');
    await expect(page.getByTestId('change-unavailable')).toContainText('has no dates');
  } finally {
    await server.stop();
  }
});
