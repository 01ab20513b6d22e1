// Sentences of versions of the data.
import { sentences } from './panel';

export const say = sentences({
  title: ['数据版本', 'Versions of the data'],
  current: ['当前', 'current'],
  edit: ['在页面上修改', 'edited on the page'],
  'edit.released': ['在页面上修改,由 {who} 发布', 'edited on the page, published by {who}'],
  seed: ['数据集自带的名录', 'the register that comes with the dataset'],
  of: ['还原自 v{n}', 'restored from v{n}'],
  gone: ['内容已清理', 'content cleared'],
  'gone.why': ['超过保留数量的旧版本只留记录', 'Of versions beyond the number kept only the record stays'],
  features: ['{n} {@counter}', '{n} {@rows:n}'],
  counts: [
    '新增 {new} · 变更 {changed} · 迁址 {moved} · 移出 {removed}',
    '{new} new · {changed} changed · {moved} moved · {removed} removed',
  ],
  map: ['在地图上看', 'On the map'],
  look: ['查看变化', 'See changes'],
  restore: ['确认还原', 'Restore'],
  'restore.this': ['还原到此版本', 'Restore this version'],
  sure: [
    '将生成一个内容相同的新版本,现有版本仍保留。',
    'Makes a new version with the same content; all versions stay.',
  ],
  restored: ['已还原到 v{n} 的内容,现为 v{now}。', 'The content of v{n} is back, as v{now}.'],
  since: ['v{then} 以来的变化', 'Changes since v{then}'],
  same: ['没有变化。', 'Nothing has changed.'],
  more: ['另有 {n} 项未列出。', '{n} more are not listed.'],
  'fate.new': ['新增', 'new'],
  'fate.changed': ['变更', 'changed'],
  'fate.moved': ['迁址', 'moved'],
  'fate.removed': ['移出', 'removed'],
  'fate.unchanged': ['无变化', 'unchanged'],
});
