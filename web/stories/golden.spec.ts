// Screens beside pictures of themselves, 64 cells wide: fonts and graphics cards may differ, a blank map or a lost panel may not.
// `SHIGU_GOLDEN=write npm run stories -- golden` takes new ones; look at the screens before you keep them.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { drawn, open, quiet } from './page';

const WIDE = 64;
const FOLDER = 'stories/golden';
const DESKTOP = { width: 1366, height: 768 };
const PHONE = { width: 390, height: 844 };
const SCREENS = [
  ['city', './?theme=light', DESKTOP],
  ['city-dark', './?theme=dark', DESKTOP],
  ['district', './?theme=light&zone=330110', DESKTOP],
  ['near', './?theme=light#12.5/30.2/120.2', DESKTOP],
  ['query', './?theme=light&mode=query&zone=330108', DESKTOP],
  ['compare', './?theme=light&mode=compare&zones=330110,330108', DESKTOP],
  ['plain', './?theme=light&plain=1', DESKTOP],
  ['phone', './?theme=light', PHONE],
  ['phone-dark', './?theme=dark&zone=330108', PHONE],
] as const;

/** The screen's lightness, cell by cell, 0 to 255. */
async function lightness(page: Page): Promise<number[]> {
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  return page.evaluate(
    async ({ base64, wide }) => {
      const image = await createImageBitmap(
        new Blob([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], { type: 'image/png' }),
      );
      const high = Math.round((wide * image.height) / image.width);
      const canvas = new OffscreenCanvas(wide, high).getContext('2d')!;
      canvas.imageSmoothingQuality = 'high';
      canvas.drawImage(image, 0, 0, wide, high);
      const { data } = canvas.getImageData(0, 0, wide, high);
      return Array.from({ length: wide * high }, (_, i) =>
        Math.round(0.3 * data[4 * i]! + 0.59 * data[4 * i + 1]! + 0.11 * data[4 * i + 2]!),
      );
    },
    { base64: png.toString('base64'), wide: WIDE },
  );
}
async function settled(page: Page, address: string) {
  if (address.includes('plain')) {
    await page.goto(address);
    await expect(page.getByTestId('plain-note')).toBeVisible();
    await expect(page.getByTestId('map')).toHaveAttribute('data-idle', 'true');
  } else if (address.includes('compare')) {
    await page.goto(address);
    await expect(page.getByTestId('pair')).toHaveAttribute('data-idle', 'true', { timeout: 40_000 });
  } else {
    await open(page, address);
    await drawn(page);
  }
  if (!address.includes('compare')) await quiet(page);
  // names fade in
  await page.waitForTimeout(600);
}
/** Share of cells that are clearly lighter or darker. */
const changed = (now: readonly number[], kept: readonly number[]): number =>
  now.length === kept.length ? now.filter((value, i) => Math.abs(value - kept[i]!) > 24).length / now.length : 1;

for (const [name, address, size] of SCREENS) {
  test(`${name} looks as it did`, async ({ page }) => {
    await page.setViewportSize(size);
    await settled(page, address);
    const now = await lightness(page);
    const file = `${FOLDER}/${name}.json`;
    if (process.env.SHIGU_GOLDEN === 'write') {
      mkdirSync(FOLDER, { recursive: true });
      const rows = Array.from({ length: now.length / WIDE }, (_, row) =>
        now.slice(row * WIDE, (row + 1) * WIDE).join(' '),
      );
      writeFileSync(file, `${JSON.stringify(rows, null, 0).replaceAll('","', '",\n"')}\n`);
      return;
    }
    expect(existsSync(file), `${file} is missing`).toBe(true);
    const kept = (JSON.parse(readFileSync(file, 'utf8')) as string[]).flatMap((row) => row.split(' ').map(Number));
    expect(changed(now, kept)).toBeLessThan(0.03);
  });
}

test('a map without its tiles would be noticed', async ({ page }) => {
  await page.setViewportSize(DESKTOP);
  await page.route(/\/xyz\//, (route) => route.fulfill({ status: 204 }));
  await settled(page, './?theme=light');
  const kept = (JSON.parse(readFileSync(`${FOLDER}/city.json`, 'utf8')) as string[]).flatMap((row) =>
    row.split(' ').map(Number),
  );
  expect(changed(await lightness(page), kept)).toBeGreaterThan(0.06);
});
