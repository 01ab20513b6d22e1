// Sentences of the ranking of zones.
import { sentences } from './panel';

export const say = sentences({
  'ranking.before': ['{period}名次', 'Rank in {period}'],
  'ranking.change': ['较{period}', 'since {period}'],
  'ranking.nochange': ['有一期没有名次', 'no rank in one of the two'],
  'ranking.up': ['上升 {n} 位', 'up {n}'],
  'ranking.down': ['下降 {n} 位', 'down {n}'],
  'ranking.same': ['名次不变', 'same rank'],
  'ranking.share': ['占比', 'Share'],
  'ranking.class': ['{@class}', '{@Class}'],
  'ranking.ranked': ['{all} 个区域,{n} 个有名次', '{all} {all|zone|zones}, {n} with a rank'],
  'ranking.nothing': ['各区域都没有符合条件的{@row},不排名。', 'No zone has any matching {@row}: there are no ranks.'],
  'ranking.none': [
    '各区域都没有数值(没有数据,或保密),不排名。',
    'No zone has a value (there are no data, or they are withheld): there are no ranks.',
  ],
  'ranking.csv': ['下载排名 CSV', 'Ranking as CSV'],
  'ranking.map': ['在地图上看', 'Show on the map'],
  'ranking.course': ['{from}—{to}', '{from} – {to}'],
  'ranking.line': ['画线', 'Line'],
  'ranking.line.of': ['在走势图中画{name}', '{name} in the chart'],
  'ranking.more': ['再显示一些(还有 {n} 个)', 'Show more ({n} left)'],
  'ranking.lines': ['已画 {n} 条,至多 {most} 条', '{n} {n|line|lines}, at most {most}'],
  'ranking.chart.csv': ['下载走势 CSV', 'Trend as CSV'],
});
