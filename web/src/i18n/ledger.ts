// Sentences of ledgers beside the comparison.
import { sentences } from './panel';

export const say = sentences({
  from: ['台账:{table}', 'Ledger: {table}'],
  count: ['已计 {n} 条', '{n} counted'],
  target: ['目标({year}):≥ {n}', 'Target ({year}): ≥ {n}'],
  sample: ['示例数据,不与目标比较。', 'Sample data: set against no target.'],
  part: ['为目标的 {n}', '{n} of the target'],
  filter: ['计入条件:{filter}', 'Rows that count: {filter}'],
});
