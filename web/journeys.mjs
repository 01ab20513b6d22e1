// Writes docs/journeys.md from what the stories wrote down (`make journeys`).
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

const all = JSON.parse(readFileSync(new URL('../target/journeys.json', import.meta.url), 'utf8'));
const at = (times, part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
const ms = (value) => `${value < 20 ? value.toFixed(1) : Math.round(value)}`;
const line = ({ journey, step, rows, budget_ms, times_ms }) => {
  const [median, high] = [at(times_ms, 0.5), at(times_ms, 0.95)];
  const held = high <= budget_ms ? 'yes' : median <= budget_ms ? 'median only' : 'no';
  const cells = [journey, `${step.zh} ${step.en}`, rows.toLocaleString('en'), budget_ms, ms(median), ms(high)];
  return `| ${[...cells, times_ms.length, held].join(' | ')} |`;
};
writeFileSync(
  new URL('../docs/journeys.md', import.meta.url),
  `# Journeys, measured

Written by \`make journeys\` on ${new Date().toISOString().slice(0, 10)}: the release build and
Debian's Chromium without a graphics card (SwiftShader draws), both on the same ${cpus().length} cores
(${cpus()[0]?.model.trim()}). Times are from the key or button, on a page at rest, to the changed figure on the screen,
with nothing on its way any more;
"as answered" is from the browser's request to the last byte. Budgets are the design's (95th percentile). Nothing here fails a test; the clicks do:
J1 at most 3, J2 at most 3, J5 at most 5, by mouse and by keyboard alone (\`web/stories/journeys.spec.ts\`; times: \`times.spec.ts\`).

| journey | step | rows | budget ms | median ms | p95 ms | n | held |
|---|---|--:|--:|--:|--:|--:|---|
${all.map(line).join('\n')}
`,
);
