// What is looked for on the map, as the address has it: `areas,distance:500,least:10`.
export const HOTSPOTS = ['areas', 'hexagons', 'density', 'distances'] as const;
export type HotspotKind = (typeof HOTSPOTS)[number];
/** The parameters of each, as the service names them. */
export const PARAMETERS: Readonly<Record<HotspotKind, readonly string[]>> = {
  areas: ['method', 'distance', 'smallest', 'least', 'against'],
  hexagons: ['resolution'],
  density: ['bandwidth'],
  distances: ['class', 'seed'],
};

export interface Hotspots {
  kind: HotspotKind;
  /** Those that the reader chose; others follow from the data. */
  chosen: Readonly<Record<string, string>>;
}

export function parse(text: string | null): Hotspots | null {
  const [first, ...rest] = (text ?? '').split(',');
  const kind = HOTSPOTS.find((one) => one === first);
  if (!kind) return null;
  const parts = rest.flatMap((part): [string, string][] => {
    const [key = '', value = ''] = part.split(/:(.*)/s);
    return PARAMETERS[kind].includes(key) && value ? [[key, value]] : [];
  });
  return { kind, chosen: Object.fromEntries(parts) };
}

export const print = ({ kind, chosen }: Hotspots): string =>
  [kind, ...PARAMETERS[kind].flatMap((key) => (chosen[key] ? [`${key}:${chosen[key]}`] : []))].join(',');
