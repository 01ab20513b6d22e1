// Stages of a class: the chain of a zone, what its gaps say and who is nearest, the rows of a stage; by mouse and by keyboard.
import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { clean } from './page';
import { type Served, serve } from './server';

interface Area {
  id: string;
  name_en: string;
  count: number;
  stages: { stage: string; count: number }[];
  missing: string[];
}
interface Found {
  classes: { code: string }[];
  stages: { code: string; name: { en: string } }[];
  zones: Area[];
  gaps: { stage: string; nearest: { id: string; name: { en: string } }[]; zones: { name_en: string }[] }[];
}

test.describe('hangzhou', () => {
  let server: Served;
  test.beforeAll(async () => {
    server = await serve('--geodata', '../geodata/hangzhou');
  });
  test.afterAll(() => server.stop());
  const read = async (query: string) => (await (await fetch(`${server.base}/zones/chain${query}`)).json()) as Found;
  /** A class of which a zone lacks a stage, and the zone. */
  async function lacking(): Promise<{ code: string; area: Area }> {
    for (const { code } of (await read('')).classes) {
      const area = (await read(`?class=${code}`)).zones.find((zone) => zone.id && zone.count && zone.missing.length);
      if (area) return { code, area };
    }
    throw new Error('no zone lacks a stage');
  }

  test('a zone, its gaps and who is nearest, by mouse and by keyboard', async ({ page }) => {
    const { code, area } = await lacking();
    const alone = await read(`?class=${code}&zone=${area.id}`);
    await page.goto(`${server.base}/?lang=en&mode=compare`);
    await page.getByTestId('chain-show').click();
    await page.getByTestId('chain-class').selectOption(code);
    await page.getByTestId(`chain-zone-${area.id}`).getByRole('button').first().focus();
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('chain-of-area')).toContainText(area.name_en);
    for (const cell of area.stages)
      await expect(page.getByTestId(`chain-box-${cell.stage}`)).toContainText(
        cell.count ? new Intl.NumberFormat('en').format(cell.count) : 'Not seen in the register',
      );
    for (const gap of alone.gaps)
      for (const row of gap.nearest)
        await expect(page.getByTestId(`chain-gap-${gap.stage}`)).toContainText(row.name.en);
    await clean(page);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('chain-csv').click()]);
    const text = readFileSync(await file.path(), 'utf8');
    expect(text.split('\r\n').filter((line) => line.startsWith(`${area.id},`)).length).toBeGreaterThan(
      area.stages.length,
    );
    expect(text).toContain('Not seen in the register');
    // the rows of a stage are listed
    const some = area.stages.find((cell) => cell.count)!;
    await page.getByTestId(`chain-box-${some.stage}`).focus();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`mode=query.*${some.stage}`));
    await expect(page).toHaveURL(new RegExp(`zone=${area.id}`));
  });
});

test('a register without stages has no such section', async ({ page }) => {
  const server = await serve('--geodata', '../tests/data/tinyville');
  try {
    await page.goto(`${server.base}/?lang=en&mode=compare`);
    await expect(page.getByTestId('change')).toBeVisible();
    await expect(page.getByTestId('chain')).toHaveCount(0);
  } finally {
    await server.stop();
  }
});
