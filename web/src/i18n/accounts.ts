// Sentences of accounts: signing in, the own account, the list of all.
import { sentences } from './panel';

export const ROLES = ['viewer', 'editor', 'reviewer', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

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
  made: ['{at} 建立', 'made {at}'],
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
  'enter.out': ['退出登录', 'Log out'],
  'enter.name': ['登录名', 'Login name'],
  'enter.password': ['口令', 'Password'],
  'enter.provider': ['用{name}登录', 'Log in with {name}'],
  'enter.provider.or': ['或用本服务的帐户:', 'or with an account of this service:'],
  'enter.locked': ['本服务须登录后使用。', 'This service is for those who log in.'],
  'enter.why': [
    '登录后可按角色导入、发布数据。忘记口令请管理员重置。',
    'Who logs in may bring and publish data, by their role. The administrator resets a forgotten password.',
  ],
  'enter.claim': [
    '请为您的帐户设一个口令。此链接只能用一次。',
    'Set a password for your account. This link works once.',
  ],
  'enter.first': [
    '这是第一位管理员的链接:请起一个登录名。',
    'This link makes the first administrator: choose a login name.',
  ],
  'enter.claim.set': ['设定口令并登录', 'Set the password and log in'],
  'enter.instead': ['已有口令,直接登录', 'I have a password'],
  'enter.old': ['原口令', 'Password so far'],
  'enter.new': ['新口令(至少 {n} 个字)', 'New password ({n} characters at least)'],
  'enter.again': ['再输一次', 'Once more'],
  'enter.short': ['口令至少 {n} 个字。', 'A password has at least {n} characters.'],
  'enter.differ': ['两次输入的口令不同。', 'The two are different.'],
  'enter.change': ['修改口令', 'Change password'],
  'enter.changed': ['口令已修改,其他设备上的登录已退出。', 'The password is changed; other devices are logged out.'],
  'role.viewer': ['查看', 'Viewer'],
  'role.editor': ['编辑', 'Editor'],
  'role.reviewer': ['审核', 'Reviewer'],
  'role.administrator': ['管理', 'Administrator'],
  'role.city': ['{@whole}', '{@whole}'],
  'role.viewer.may': [
    '可浏览、查询、导出;单{@counter}{@row}的受限数据只以合计出现。',
    'May look, ask and export; restricted figures of single {@rows} only inside sums.',
  ],
  'role.editor.may': [
    '另可导入部门的表、查看变化,并看到受限数据。',
    'May also bring departments’ tables, see what they change, and see restricted figures.',
  ],
  'role.reviewer.may': ['另可发布与还原数据版本。', 'May also publish and restore versions of the data.'],
  'role.administrator.may': ['另可管理帐户、查看操作记录。', 'May also manage accounts and read what was done.'],
});
