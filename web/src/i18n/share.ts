// Sentences of the dialog that shares the view.
import { sentences } from './panel';

export const say = sentences({
  'share.title': ['共享当前画面', 'Share what is on screen'],
  'share.what': [
    '网址里含区域、筛选、年份和地图位置,同事打开看到的相同。',
    'The address holds zone, filter, period and place on the map; a colleague who opens it sees the same.',
  ],
  'share.sample': ['当前为示例数据,请一并说明。', 'These are sample data: please say so along with it.'],
  'share.full': ['完整网址', 'Full address'],
  'share.short': ['短链接', 'Short link'],
  'share.short.note': [
    '短链接保存在本服务器,同一画面总是同一个短链接。',
    'Short links are kept on this server; the same view always has the same one.',
  ],
  'share.keepsnothing': [
    '本服务没有配置数据文件夹,不能保存短链接;上面的完整网址同样可以转发。',
    'This service has no data folder and can’t keep short links; the full address above can be passed on as well.',
  ],
  'share.copy': ['复制', 'Copy'],
  'share.copied': ['已复制', 'Copied'],
  'share.marked': ['已选中,请按 Ctrl+C 复制。', 'Selected: press Ctrl+C to copy.'],
  'share.embed': ['嵌入其他网页', 'Show it in another page'],
  'share.frame': ['嵌入代码', 'Code for a frame'],
  'share.embed.note': [
    '只能嵌入管理员用 --embed-origins 允许的网站;默认只允许本站。',
    'Only pages that the administrator allows with --embed-origins may show it; by default only this site.',
  ],
});
