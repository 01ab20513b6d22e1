// What an event of the audit log was about, in words: the log itself keeps paths and codes.
import { nameOf, pick, t } from '../../i18n';
import { ROLES, say as sayOf } from '../../i18n/accounts';
import { say } from '../../i18n/audit';
import { dataset, zoneOf } from '../../state/data.svelte';

const zoneName = (id: string): string => nameOf(zoneOf(id) ?? { name: id === 'city' ? t('kind.city') : id });

/** `name: new, viewer [330108]` */
function account(detail: string): string | null {
  const found = /^(.*): (new|changed|reset|removed)(?:, (\w+))?(?: \[([^\]]*)\])?$/.exec(detail);
  if (!found) return null;
  const [, name, how, role, scope] = found;
  const named = ROLES.find((one) => one === role);
  const parts = [
    say(`account.${how as 'new'}`, { name: name! }),
    named ? sayOf(`role.${named}`) : (role ?? ''),
    ...(scope ? scope.split(',').map(zoneName) : []),
  ];
  return parts.filter(Boolean).join(t('list.comma'));
}

/** What a path of the service is, by its parts; null of one that is not named. */
function whatIs(first: string, second: string, third: string): string | null {
  switch (first) {
    case 'report':
    case 'reports':
      return say(third === 'all.zip' ? 'of.archive' : 'of.report');
    case 'collections':
      return pick(dataset.value?.collections.find((one) => one.id === second)?.title) || second;
    case 'drafts':
      return second.startsWith('layout:') ? say('of.layout') : say('of.draft', { who: second });
    case 'layouts':
      return say(third === 'in-force' ? 'of.inforce' : second === 'paper' ? 'of.layouts' : 'of.layout');
    case 'consultations':
      return say(third === 'adoption' ? 'of.adoption' : 'of.round');
    case 'rounds':
      return say(third === 'merge' ? 'of.merge' : third === 'own' ? 'of.workbook' : 'of.round');
    case 'saved':
      return say(second === 'briefing' ? 'of.briefing' : 'of.saved');
    case 'imports':
      return say(third === 'publish' ? 'of.publish' : 'of.upload');
    case 'versions':
      return say('of.restore', { n: second });
    case 'briefings':
      return say('of.monthly', { what: second === 'schedules' ? '' : third.split(':')[0]! }).trim();
    case 'plan':
      return third ? say('of.item', { id: third }) : say('of.progress');
    case 'xyz':
    case 'tiles':
      return say('of.tiles');
    default:
      return null;
  }
}

/** What a path of the service is, and what was asked there. */
function request(detail: string): string | null {
  if (!detail.startsWith('/')) return null;
  const url = new URL(detail, 'http://x');
  const path = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const [first, second = '', third] = path;
  const what = whatIs(first ?? '', second, third ?? '');
  if (what === null) return null;
  const p = url.searchParams;
  const zone = first === 'report' && second ? second : p.get('zone');
  const parts = [
    what,
    zone ? zoneName(zone) : '',
    p.get('period') ?? p.get('year') ?? '',
    (p.get('format') ?? p.get('f') ?? '').toUpperCase(),
    p.get('file') ?? '',
    p.get('filter') ?? '',
  ];
  return parts.filter(Boolean).join(' · ');
}

export function auditText(what: string, detail: string): string {
  const said =
    what === 'account'
      ? account(detail)
      : detail === 'oidc'
        ? say('of.provider')
        : detail === '429'
          ? say('of.limited')
          : request(detail);
  return said ?? detail;
}
