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
});
