// Sentences of the table of location quotients.
import { sentences } from './panel';

export const say = sentences({
  'lq.table.title': ['各区域各{@class}的区位熵', 'Location quotients of all zones and {@classes}'],
  'lq.table.show': ['显示总表', 'Show the table'],
  'lq.table.denominator': ['分母:{what}。', 'Denominator: {what}.'],
  'lq.table.tests': [
    '共 {n} 项检验一并校正,其中 {found} 项显著(▲ 高于,▼ 低于{@whole});灰色为无显著差异或样本过少;小字为 95% 区间。',
    '{n} tests, adjusted together; {found} are significant (▲ above, ▼ below {@whole}). Grey: no significant difference, or too few. Small: the 95 % interval.',
  ],
  'lq.weight': ['按', 'By'],
  'lq.within': ['分母', 'Within'],
  'lq.within.register': ['本名录全部{@row}', 'all {@rows} of the register'],
  'lq.within.all': ['全行业(导入的总数)', 'all industries (imported totals)'],
  'lq.weighed.title': [
    '按指标加权的区位熵,或以全行业为分母',
    'Location quotients by a metric, or within all industries',
  ],
  'lq.weighed.few': [
    '样本过少,不作判断:{@row}太少,或合计主要来自少数大{@row}。',
    'Too few to say: too few {@rows}, or a few large ones make up the sums.',
  ],
  'lq.table.csv': ['下载区位熵 CSV', 'Download quotients as CSV'],
  'lq.table.file': ['区位熵', 'location-quotients'],
  'lq.table.few': ['少', 'few'],
  'lq.table.none': [
    '此筛选条件下区位熵没有意义(条件涉及{@class}本身)。',
    'Under this condition quotients say nothing: it is on the {@class} itself.',
  ],
});
