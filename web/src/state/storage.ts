// What the browser remembers for the page between visits.

/** What is of the data: several cities below one address keep it apart. All else is the reader's choice for all of them. */
const OF_DATA = new Set(['points', 'exports', 'readout']);

/** The name under which something is kept by the page at an address. */
export const nameAt = (key: string, address: string): string => {
  const city = /\/cities\/[^/]+\/$/.exec(new URL('.', address).pathname)?.[0] ?? '';
  return OF_DATA.has(key) ? `shigu.${city}${key}` : `shigu.${key}`;
};
export const kept = (key: string): string | null => {
  try {
    return localStorage.getItem(nameAt(key, document.baseURI));
  } catch {
    return null; // storage switched off: nothing is remembered, nothing else changes
  }
};
/** What was kept as JSON; null where there is none that can be read. */
export const keptAs = <T>(key: string): T | null => {
  try {
    return JSON.parse(kept(key) ?? 'null') as T | null;
  } catch {
    return null;
  }
};
export const keep = (key: string, value: string): void => {
  try {
    localStorage.setItem(nameAt(key, document.baseURI), value);
  } catch {
    // as above
  }
};
