// The style is what MapLibre's own validator takes, in every theme and language.
import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { expect, test } from '@playwright/test';

for (const theme of ['light', 'dark']) {
  for (const lang of ['zh', 'en']) {
    test(`the style is valid: ${theme}, ${lang}`, async ({ request }) => {
      const answer = await request.get(`style.json?theme=${theme}&lang=${lang}`);
      expect(answer.ok()).toBe(true);
      const style = await answer.json();
      expect(validateStyleMin(style).map((e) => e.message)).toEqual([]);
      style.layers[1].paint['fill-colour'] = 'red';
      expect(validateStyleMin(style)).not.toEqual([]);
    });
  }
}
