// Rows as the text of a file, or for pasting.
type Lines = readonly (readonly (string | number | null)[])[];

/** A field of a CSV file; text that a spreadsheet would run is only text. */
const field = (value: string | number | null): string => {
  const text = value === null ? '' : String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
export const csv = (lines: Lines): string => `\uFEFF${lines.map((line) => line.map(field).join(',')).join('\r\n')}\r\n`;
/** For pasting into a sheet. */
export const tsv = (lines: Lines): string =>
  lines
    .map((line) => line.map((value) => (value === null ? '' : String(value).replace(/[\t\r\n]/g, ' '))).join('\t'))
    .join('\n');
