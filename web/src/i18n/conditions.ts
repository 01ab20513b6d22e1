// Sentences of the form of conditions.
import { sentences } from './panel';

export const say = sentences({
  'query.conditions': ['条件', 'Conditions'],
  'query.conditions.none': ['没有条件:统计全部{@row}。', 'No condition: all {@rows} count.'],
  'query.conditions.add': ['+ 添加条件', '+ Add a condition'],
  'query.conditions.without': ['移除条件:{name}', 'Remove the condition: {name}'],
  'query.conditions.beyond': [
    '条件含有“或”、括号或其他写法,只能用文字修改。',
    'The conditions hold OR, brackets or other forms; they can be changed as text only.',
  ],
  'query.property': ['属性', 'Property'],
  'query.verb': ['比较', 'Comparison'],
  'query.value': ['值', 'Value'],
  'query.text': ['用文字编辑(CQL2)', 'Edit as text (CQL2)'],
  'query.text.how': ['如 {example};Enter 应用。', 'For example {example}; Enter applies it.'],
  'query.text.apply': ['应用', 'Apply'],
});
