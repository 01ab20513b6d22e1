// Sentences of the card of a feature.
import { sentences } from './panel';

export const say = sentences({
  more: ['更多字段({n})', 'More fields ({n})'],
  blank: ['未填', 'Not filled in'],
  history: ['历年数值', 'Figures over time'],
  zones: ['所在区域', 'Lies in'],
  nowhere: ['不在任何区域内。', 'In no zone.'],
  declared: ['(按申报,无坐标)', ' (as declared, without position)'],
  nearest: ['附近', 'Nearby'],
  'nearest.class': ['附近的{name}', '{name} nearby'],
  versions: ['在哪些版本中有变化', 'Versions that changed it'],
  'versions.none': ['最近 {n} 个版本中没有变化。', 'No change in the last {n} versions.'],
});
