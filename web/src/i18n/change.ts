// Sentences of how classes and zones changed.
import { sentences } from './panel';

const texts = {
  title: ['变化与构成因素', 'Change and its parts'],
  show: ['显示变化', 'Show changes'],
  of: ['范围', 'Of'],
  kinds: ['全部区域', 'All zones'],
  areas: ['单个范围', 'One area'],
  weight: ['指标', 'Figure'],
  since: ['自', 'Since'],
  csv: ['下载变化 CSV', 'Changes as CSV'],
  file: ['变化', 'change'],
  zone: ['区域', 'Zone'],
  'by.zone': ['变化:按区域', 'Change by zone'],
  class: ['{@class}', '{@Class}'],
  total: ['合计', 'Total'],
  together: ['不公开的{@class}合计', 'Withheld {@classes} together'],
  before: ['前期', 'Earlier'],
  now: ['本期', 'Later'],
  change: ['变化', 'Change'],
  rate: ['变化率', 'Rate'],
  whole: ['按全部增速', 'At the rate of all'],
  mix: ['{@class}构成', 'Mix'],
  regional: ['自身因素', 'Its own'],
  competitive: ['竞争分量', 'Competitive'],
  allocation: ['配置分量', 'Allocation'],
  dynamic: ['自身因素(逐期)', 'Its own, by steps'],
  flow: ['在 / 进 / 退', 'Stayed / in / out'],
  'flow.said': [
    '{stayed} {@counter}两期都在,{entered} {@counter}新进入,{left} {@counter}退出',
    '{stayed} stayed, {entered} entered, {left} left',
  ],
  alike: ['同口径', 'Like for like'],
  'alike.said': [
    '{both} {@counter}{@rows}两期都有数据;前期 {a}/{A},本期 {b}/{B} 有数据',
    '{both} {@rows} with a value in both; {a} of {A} earlier, {b} of {B} later',
  ],
  parts: ['{name}:按{@class}', '{name} by {@class}'],
  said: ['{name}说明', '{name} in words'],
  withheld: ['保密', 'withheld'],
  none: ['–', '–'],
  rules: ['规则与注意事项', 'Rules and cautions'],
} as const satisfies Record<string, readonly [string, string]>;

export const say = sentences(texts);
