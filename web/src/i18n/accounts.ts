// Sentences of the list of accounts.
import { sentences } from './panel';

export const say = sentences({
  title: ['帐户', 'Accounts'],
  denied: ['只有管理员可以管理帐户。', 'Only administrators manage accounts.'],
  off: [
    '本服务没有启用帐户;启动时加 --accounts 与 --data-dir。',
    'This service has no accounts; start it with --accounts and --data-dir.',
  ],
  link: [
    '把此链接交给 {name},{hours} 小时内可用一次,用来设口令:',
    'Hand this link to {name}: it works once within {hours} hours, to set a password:',
  ],
  unclaimed: ['尚未设口令', 'no password yet'],
  role: ['角色', 'Role'],
  reset: ['重置口令', 'Reset password'],
  remove: ['删除', 'Remove'],
  sure: ['确定删除?其登录即刻失效,操作记录保留。', 'Remove it? Its logins end at once; what it did stays on record.'],
  new: ['新帐户', 'New account'],
  display: ['称呼(可不填)', 'Display name (optional)'],
  make: ['建立帐户', 'Create account'],
  scope: [
    '只能看这些{kind}的{@row}(不选即{@whole})',
    'Sees {@rows} of these areas only ({kind}; none ticked: {@whole})',
  ],
});
