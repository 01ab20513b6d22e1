// Sentences of the table of compared zones and periods.
import { sentences } from './panel';

export const say = sentences({
  'compare.matrix': ['指标对照', 'Figures side by side'],
  'compare.figure': ['指标', 'Figure'],
  'compare.unit': ['单位', 'Unit'],
  'compare.share': ['占{@whole}{@row}', 'Share of all {@rows}'],
  'compare.missing': ['缺{metric}', 'without {metric}'],
  'compare.by': ['{@class}与地图按', '{@Classes} and maps by'],
  'compare.copy': ['复制表格', 'Copy table'],
  'compare.copied': ['已复制,可粘贴到 Excel', 'Copied; paste it into a spreadsheet'],
  'compare.csv': ['下载 CSV', 'Download CSV'],
  'compare.file': ['区域对比', 'comparison'],
  'compare.remove': ['移除{zone}', 'Remove {zone}'],
  'compare.versus': ['{period},较 {other}', '{period} against {other}'],
  'compare.likeforlike': [
    '变化下方为两年有数与在册的{@counter}数;“同口径”只算两年均有数的{@row}。',
    'Below a change: how many of the {@rows} there have a value in either period; “like for like” are those with a value in both.',
  ],
  'compare.goal': ['规划目标(同口径)', 'Target (same scope)'],
  'compare.goal.rate': ['需年均增长 {n}', 'needs {n} a year'],
  'compare.lq.key': [
    '{@class}行右侧为区位熵(本区域该{@class}{@row}占比 ÷ {@whole}该{@class}{@row}占比,只在本名录内计算):● 高于 1,○ 低于 1。',
    'Right of each {@class}’s figure: its location quotient (its share of {@rows} here over its ' +
      'share in {@whole}, within this register): ● above 1, ○ below 1.',
  ],
  'compare.stock': [
    '名录现状(不随年份):{@row}数、占比、区位熵各年相同;各指标为各年数值。',
    'Register as it stands (not by period): counts, shares and location quotients are the same in every period; other figures are of the period.',
  ],
  'compare.dated': [
    '{@row}数、占比、区位熵为各年年末在册者。',
    'Counts, shares and location quotients are of the {@rows} there at the end of each period.',
  ],
  'compare.lq.above': ['高于{@whole}', 'above {@whole}'],
  'compare.lq.below': ['低于{@whole}', 'below {@whole}'],
  'compare.lq.even': ['与{@whole}持平', 'as {@whole}'],
});
