// Sentences of the stages of a class.
import { sentences } from './panel';

const texts = {
  title: ['产业链环节', 'Stages of the chain'],
  show: ['显示链条', 'Show the chain'],
  class: ['{@class}', '{@Class}'],
  of: ['范围', 'Of'],
  kinds: ['全部区域', 'All zones'],
  areas: ['单个范围', 'One area'],
  weight: ['指标', 'Figure'],
  csv: ['下载环节 CSV', 'Stages as CSV'],
  file: ['环节', 'stages'],
  diagram: ['{class}链条:{name}', 'Chain of {class}: {name}'],
  schematic: ['示意', 'Schematic'],
  feeds: ['接 {names}', 'fed by {names}'],
  count: ['{n} {@counter}', '{n}'],
  gap: ['名录中未见', 'Not seen in the register'],
  'gap.short': ['未见', 'not seen'],
  nothing: [
    '名录在此范围内未见该{@class}的{@row},各环节均为空。',
    'The register has no {@row} of this {@class} here, at no stage.',
  ],
  stage: ['环节', 'Stage'],
  zone: ['区域', 'Zone'],
  all: ['合计', 'Total'],
  unstaged: ['未填环节', 'No stage'],
  'by.zone': ['环节按区域', 'Stages by zone'],
  list: ['列出{name}的“{stage}”{@rows}({n})', 'List the {n} of “{stage}” in {name}'],
  gaps: ['{name}的缺口与就近{@rows}', 'Gaps of {name}, and the nearest {@rows}'],
  'gaps.none': ['{name}各环节在名录中都有{@row}。', 'The register has {@rows} of every stage in {name}.'],
  'gaps.noborder': [
    '此范围没有边界,不能排出就近{@row}。',
    'The area has no outline, so that nothing is nearest to it.',
  ],
  nearest: ['就近{@row}', 'Nearest {@rows}'],
  near: ['邻近区域', 'Nearest zones'],
  touching: ['相邻', 'adjoining'],
  nowhere: ['名录任何范围内都未见。', 'Not seen anywhere in the register.'],
  unlocated: ['另有 {n} {@counter}没有坐标', '{n} more without a position'],
  rules: ['规则与注意事项', 'Rules and cautions'],
} as const satisfies Record<string, readonly [string, string]>;

export const say = sentences(texts);
