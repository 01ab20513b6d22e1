// Colours of what the page itself adds to the server's style, in both themes, and contrast arithmetic.
import type { Theme } from '../state/url';

export const palette = {
  light: {
    ground: '#FAFAF7',
    shade: '#3F5F9A',
    ink: '#1C232B',
    soft: '#4A545F',
    halo: '#FFFFFF',
    plan: '#B4232A',
    chosen: '#1F4E9C',
    hover: '#1F4E9C',
    none: '#9AA0A6',
    others: '#D3D8DE',
    lead: '#39424D',
    fault: '#C9201B',
    own: '#7A1F5C',
  },
  dark: {
    ground: '#151C26',
    shade: '#8FB0E8',
    ink: '#F1F4F7',
    soft: '#C3CBD4',
    halo: '#0F151D',
    plan: '#F0616A',
    chosen: '#7FB0FF',
    hover: '#7FB0FF',
    none: '#9AA0A6',
    others: '#3C4855',
    lead: '#D5DCE4',
    fault: '#FF6B61',
    own: '#F2A6D6',
  },
} as const satisfies Record<Theme, Record<string, string>>;

const channels = (hex: string): [number, number, number] =>
  [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)) as never;

export function luminance(hex: string): number {
  const [r, g, b] = channels(hex).map((v) =>
    v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4,
  ) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
export function contrast(a: string, b: string): number {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
}
/** Black or white, whichever reads better on the colour; one of the two always reaches 4.5:1. */
export const inkOn = (hex: string): string =>
  contrast(hex, '#FFFFFF') >= contrast(hex, '#000000') ? '#FFFFFF' : '#000000';

/** `part` of one colour laid over another. */
export function mix(over: string, under: string, part: number): string {
  const a = channels(over);
  const b = channels(under);
  return `#${a
    .map((v, i) =>
      Math.round(v * part + b[i]! * (1 - part))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}
/** Five steps of one hue over the ground, light enough to carry labels. */
export const ramp = (hue: string, ground: string): string[] =>
  [0.05, 0.14, 0.25, 0.38, 0.53].map((part) => mix(hue, ground, part));
