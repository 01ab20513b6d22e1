// What the browser remembers for the page between visits.
export const kept = (key: string): string | null => {
  try {
    return localStorage.getItem(`shigu.${key}`);
  } catch {
    return null; // storage switched off: nothing is remembered, nothing else changes
  }
};
export const keep = (key: string, value: string): void => {
  try {
    localStorage.setItem(`shigu.${key}`, value);
  } catch {
    // as above
  }
};
