// What the browser remembers for the page between visits.
export const kept = (key: string): string | null => {
  try {
    return localStorage.getItem(`shigu.${key}`);
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
    localStorage.setItem(`shigu.${key}`, value);
  } catch {
    // as above
  }
};
