// Sentences of the targets of a plan in its layouts.
import { sentences } from './panel';

export const say = sentences({
  title: ['规划目标', 'Targets'],
  show: ['规划目标', 'Targets'],
  why: [
    '方案可改目标的数值、年份与说明;经发文生效后,目标的出处即为该文件。',
    'A layout may change value, year and remark of targets; once in force they cite the document.',
  ],
  none: ['数据集没有规划目标。', 'The dataset has no targets.'],
  edit: ['修改', 'Change'],
  back: ['还原', 'As in force'],
  value: ['数值({unit})', 'Value ({unit})'],
  year: ['年份', 'Year'],
  note: ['说明', 'Remark'],
  save: ['保存', 'Save'],
  of: ['({year} 年)', '({year})'],
  target: ['目标', 'Target'],
  force: ['现行', 'In force'],
  same: ['同现行', 'as in force'],
  all: ['列出全部目标({n})', 'List all targets ({n})'],
  still: ['各方案都没有修改目标。', 'No layout changes a target.'],
  cover: ['现有 {now}{period},占 {share}', 'now {now} {period}: {share}'],
  'cover.rate': ['现有 {now}{period}', 'now {now} {period}'],
  'cover.unknown': ['现有数字暂缺', 'no figure yet'],
  paper: ['导出比较', 'Save as'],
});
