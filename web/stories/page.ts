// Words that all stories use: open the page, wait for the map, read a figure.
import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Locator, type Page } from '@playwright/test';

export async function open(page: Page, link = './'): Promise<void> {
  await page.goto(link);
  await drawn(page);
  await quiet(page);
}
/** The map has drawn everything it asked for. */
export const drawn = (page: Page): Promise<void> =>
  expect(page.getByTestId('map')).toHaveAttribute('data-idle', 'true', { timeout: 40_000 });
/** No number is on its way. */
export const quiet = (page: Page): Promise<void> =>
  expect(page.getByTestId('numbers')).toHaveAttribute('aria-busy', 'false');

/** The exact value behind a big figure; null when there is none. */
export async function figure(page: Page, id: string): Promise<number | null> {
  const value = await page.getByTestId(`figure-${id}`).getAttribute('data-value');
  return value ? Number(value) : null;
}

/** Where a place stands in the window, by the camera in the address. */
export async function onScreen(page: Page, [lon, lat]: readonly [number, number]): Promise<{ x: number; y: number }> {
  const [zoom, north, east] = new URL(page.url()).hash.slice(1).split('/').map(Number) as [number, number, number];
  const frame = (await page.getByTestId('map').boundingBox())!;
  const side = 512 * 2 ** zoom;
  const x = (degrees: number) => (degrees / 360) * side;
  const y = (degrees: number) => (-Math.log(Math.tan(Math.PI / 4 + (degrees * Math.PI) / 360)) / (2 * Math.PI)) * side;
  return { x: frame.x + frame.width / 2 + x(lon) - x(east), y: frame.y + frame.height / 2 + y(lat) - y(north) };
}

/** A button as the keyboard takes it. */
export async function press(button: Locator): Promise<void> {
  await expect(button).toBeEnabled();
  await button.focus();
  await button.press('Enter');
}
/** A story told twice: buttons are clicked, or reached and pressed by keys. */
export const HANDS: readonly [string, (button: Locator) => Promise<void>][] = [
  ['by mouse', (button) => button.click()],
  ['by keyboard', press],
];

/** Brings the cross of keyboard drawing to a place by arrow keys, as near as they go. */
export async function crossTo(page: Page, place: readonly [number, number]): Promise<void> {
  const from = (await page.getByTestId('cross').boundingBox())!;
  const to = await onScreen(page, place);
  for (const [less, more, way] of [
    ['ArrowLeft', 'ArrowRight', to.x - from.x - from.width / 2],
    ['ArrowUp', 'ArrowDown', to.y - from.y - from.height / 2],
  ] as const) {
    const steps = Math.round(Math.abs(way) / 10);
    const key = way < 0 ? less : more;
    for (let i = 0; i < Math.floor(steps / 5); i++) await page.keyboard.press(`Shift+${key}`);
    for (let i = 0; i < steps % 5; i++) await page.keyboard.press(key);
  }
}

/** How many different colours the drawn map shows. */
export async function colours(page: Page, map = page.getByTestId('map')): Promise<number> {
  const png = await map.screenshot();
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const pen = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, image.width, image.height);
    const seen = new Set<number>();
    for (let i = 0; i < data.length; i += 4) seen.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
    return seen.size;
  }, png.toString('base64'));
}

/** Opens the export dialog, makes the ticked files and gives what the browser saved. */
export async function save(page: Page, ...formats: string[]): Promise<{ name: string; bytes: Buffer }> {
  await page.getByTestId('export').click();
  for (const format of ['docx', 'xlsx', 'pdf', 'html', 'csv', 'geojson', 'png', 'svg']) {
    await page.getByTestId(`format-${format}`).setChecked(formats.includes(format));
  }
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('report-make').click()]);
  const bytes = readFileSync(await download.path());
  expect(bytes.length).toBeGreaterThan(0);
  await page.getByTestId('report-close').click();
  return { name: download.suggestedFilename(), bytes };
}

/** No fault that axe knows of (WCAG 2.2 AA). */
export async function clean(page: Page): Promise<void> {
  // the page's policy forbids inline scripts, so the checker comes in by the driver
  const found = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const said = found.violations.map(
    (one) =>
      `${one.id}: ${one.nodes.map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`).join(' | ')}`,
  );
  expect(said).toEqual([]);
}
