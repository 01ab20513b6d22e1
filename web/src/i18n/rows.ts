// Sentences of the list of rows.
import { sentences } from './panel';

export const say = sentences({
  'query.list.total': ['{n} {@counter}', '{n}'],
  'query.list.all': ['全部{@row}', 'All {@rows}'],
  'query.list.gap': ['缺数 {n} {@counter}', 'Without a value: {n}'],
  'query.list.sort': ['按{name}排序', 'Sort by {name}'],
  'query.list.head': ['{name}({unit})', '{name} ({unit})'],
  'query.list.keys': ['{@row},用上下方向键移动,Enter 选中', '{@Rows}; arrow keys move, Enter chooses'],
  'rows.several': ['已选 {n} {@counter}', '{n} chosen'],
  'rows.only': ['只看这些', 'Only these'],
  'rows.only.long': ['所选太多,条件写不下;请少选一些', 'Too many for a condition; choose fewer'],
  'rows.zoom': ['缩放到', 'Zoom to'],
  'rows.save.several': ['下载所选', 'Save chosen'],
  'rows.none': ['取消选择', 'Choose none'],
  'rows.save': ['下载列表', 'Save list'],
  'rows.save.most': [
    '超过 {n} {@counter},请用数据接口下载',
    'More than {n} {@rows}; take them from the data interface',
  ],
  'rows.save.why': ['与列表相同的列、条件与次序,CSV', 'CSV with the columns, conditions and order of the list'],
  'rows.mark': ['选择{name}', 'Choose {name}'],
  'rows.choose': ['选择', 'Choose'],
});
