// Sentences of the plan's indicators in the comparison.
import { sentences } from './panel';

export const say = sentences({
  title: ['规划与实际', 'Plan and reality'],
  register: [
    '{@row}名录的合计与规划指标口径不同,不放在一起比较;下面只用同一口径的公布数。',
    'Totals of the register have another scope than the plan’s indicators and are not set against them; below are published figures of one scope each.',
  ],
  scope: ['口径:{scope}', 'Scope: {scope}'],
  scopehead: ['口径', 'Scope'],
  actual: ['实际', 'Actual'],
  target: ['目标', 'Target'],
  draft: ['征求意见稿', 'Draft'],
  straight: ['由最近实际值到目标', 'from the last actual figure to the target'],
  path: ['按年均增长 {growth} 推算(非规划原文)', 'reckoned at {growth} a year (not the plan’s words)'],
  gap: ['{year} 年实际较目标 {n}。', '{year}: actual against target {n}.'],
  until: [
    '{year} 年实际值尚未导入,只显示到 {last} 年。',
    'The actual figure of {year} is not there yet; shown up to {last}.',
  ],
  rate: ['自 {last} 年起达到目标需年均增长 {n}。', 'From {last} on, the target needs {n} a year.'],
  noactual: ['没有同口径的实际值,不计算差距。', 'No actual figure of the same scope, so no gap is reckoned.'],
  cityonly: [
    '{zones}没有自己的目标:目标只有{@whole}口径,不能拆分;未自行推算。',
    '{zones}: no target of their own. Targets are given for {@whole} and not split by area, and nothing is reckoned in their place.',
  ],
  others: ['其他公布数({n} 项,不成对或未写年份)', 'Other published figures ({n}; not in pairs, or without a year)'],
  indicator: ['指标', 'Indicator'],
  kind: ['性质与年份', 'Kind and year'],
  value: ['数值', 'Figure'],
  undated: ['年份未写明', 'year not stated'],
  'said.actual': ['{year} 年实际 {value};', '{year} actual {value};'],
  'said.target': ['{year} 年目标 {value};', '{year} target {value};'],
  'said.path': ['按年均增长 {growth} 推算到 {year} 年为 {value};', 'at {growth} a year {value} in {year};'],
  'compare.comma': ['、', ', '],
  nosample: [
    '示例数据不与规划目标对比:示例{@row}为虚构,其合计没有现实含义。',
    'Sample data are not set against the plan’s targets: the {@rows} are invented and their totals mean nothing.',
  ],
  'block.title': ['规划定位与目标', 'Position and targets of the plan'],
  'block.floor': ['{year} 年目标下限', 'Floor for {year}'],
  'block.path': ['年均增长 {growth} 路径', 'path of {growth} a year'],
  'block.chart': [
    '{y0} 年 {v0};{y1} 年目标不低于 {floor};按年均增长 {growth} 可达 {path}。',
    '{y0}: {v0}; {y1}: at least {floor}; at {growth} a year it would be {path}.',
  ],
  'block.gap': [
    '两个目标不同:达到 {floor}只需年均增长 {rate}。',
    'The two targets differ: {floor} needs {rate} a year only.',
  ],
  'block.scope': ['只有{@whole}口径,不按{kind}拆分。', 'Given for {@whole} only; not divided by area ({kind}).'],
  'block.more': ['定位、举措与保障', 'Position, measures, guarantees'],
});
