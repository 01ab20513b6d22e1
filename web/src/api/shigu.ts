// The server's resources by name: one line each, nothing but addresses and types.
import { asParameter, type Period } from './period';
import type { StyleSpecification } from './style';
import {
  address,
  change,
  changeSeen,
  fetchFile,
  file,
  fileSeen,
  follow,
  getJson,
  probe,
  type NamedFile,
  picture,
  postJson,
  Problem,
  remove,
  upload,
} from './http';
import type {
  AccountBody,
  AccountInfo,
  Accounts,
  AuditLog,
  AuditUsage,
  Chain,
  Change,
  Changes,
  ClassFits,
  ClassFitsBody,
  ClassPairs,
  ClassedZones,
  Dataset,
  DensityFound,
  Draft,
  Drafts,
  EditBody,
  KeyedEdit,
  Feature,
  FeaturePlace,
  HexagonsFound,
  Hits,
  DistancesFound,
  HotAreasFound,
  ImportInfo,
  ImportOptions,
  ImportRows,
  Imports,
  Indicators,
  Items,
  LogoutInfo,
  OneTimeLink,
  Partners,
  Plan,
  PointSet,
  Queryables,
  Profile,
  Quotients,
  Ranking,
  Ratios,
  ReportAsked,
  ReportJob,
  ReportJobs,
  SavedItem,
  SavedItemBody,
  SavedItems,
  SavedLink,
  Series,
  SessionInfo,
  Site,
  SiteBody,
  SiteSelection,
  Summary,
  SummaryBody,
  TrialAnswer,
  TrialBody,
  Version,
  Versions,
  Zones,
} from './types';

/** The table that everything is asked about; the main one where none is named. */
let table: string | null = null;
/** The table that questions are about. */
export const shownTable = (): string | null => table;

export const dataset = async (of: string | null, signal?: AbortSignal): Promise<Dataset> => {
  const found = await getJson<Dataset>('dataset', { table: of }, signal);
  // from here on, so that no question goes to one table by the description of another
  table = of;
  return found;
};
export const site = (signal?: AbortSignal) => getJson<Site>('site', {}, signal);
export const saveLink = (target: string) => postJson<SavedLink>('links', { target });
/** What a dataset need not have: nothing instead of a problem. */
const orNone =
  <T>(none: T) =>
  (cause: unknown): T => {
    if (cause instanceof Problem && cause.status === 404) return none;
    throw cause;
  };
export const plan = (signal?: AbortSignal) => getJson<Plan>('plan', {}, signal);
export const indicators = (signal?: AbortSignal) => getJson<Indicators>('indicators', {}, signal);
/** How classes are read: at a level, below a class, by a version; nothing is the dataset's own reading. */
export interface Classes {
  class_level?: string;
  class_parent?: string;
  class_version?: string;
}
export const zones = (
  kind: string,
  period: Period | null,
  filter: string | null,
  classes: Classes,
  signal?: AbortSignal,
  parent: string | null = null,
) => getJson<Zones>('zones', { table, kind, parent, ...asParameter(period), filter, ...classes }, signal);
/** Zones by class of a figure, and their colours. */
export const choropleth = (params: Record<string, string | number | null>, signal?: AbortSignal) =>
  getJson<ClassedZones>('choropleth', { table, ...params }, signal);
/** Zones of a kind with the sums of each cluster. */
export const zoneSums = (
  kind: string,
  period: Period | null,
  filter: string | null,
  classes: Classes,
  signal?: AbortSignal,
) => getJson<Zones>('zones', { table, kind, ...asParameter(period), filter, ...classes, statistics: 'true' }, signal);
/** Location quotients of the zones of a kind and of all classes. */
export const quotients = (
  kind: string,
  weight: string,
  denominator: string,
  period: Period | null,
  filter: string | null,
  classes: Classes,
  signal?: AbortSignal,
) =>
  getJson<Quotients>(
    'zones/lq',
    { table, kind, weight, denominator, ...asParameter(period), filter, ...classes },
    signal,
  );
/** Profiles of all classes and of the zones of a kind, or which classes stand together; rows are weighed by their number or by a metric. */
const profiled =
  <Answer>(path: string) =>
  (
    kind: string,
    weight: string,
    period: Period | null,
    filter: string | null,
    classes: Classes,
    signal?: AbortSignal,
  ) =>
    getJson<Answer>(path, { table, kind, weight, ...asParameter(period), filter, ...classes }, signal);
export const profile = profiled<Profile>('zones/profile');
export const classPairs = profiled<ClassPairs>('zones/pairs');
/** How the zones of a kind and their classes changed since a period. */
export const changeOfZones = (
  kind: string,
  weight: string,
  since: Period | null,
  period: Period | null,
  filter: string | null,
  classes: Classes,
  signal?: AbortSignal,
) =>
  getJson<Change>('zones/change', { table, kind, weight, since, ...asParameter(period), filter, ...classes }, signal);
/** The stages of a class in the zones of a kind. */
export const chainOfZones = (
  kind: string,
  of: string | null,
  weight: string,
  period: Period | null,
  filter: string | null,
  signal?: AbortSignal,
) => getJson<Chain>('zones/chain', { table, kind, class: of, weight, ...asParameter(period), filter }, signal);
/** Dense areas, hexagons or densities, as GeoJSON that says how it was made. */
export const hotspots = (
  kind: string,
  params: Record<string, string | number | null | undefined>,
  signal?: AbortSignal,
) => getJson<HotAreasFound | HexagonsFound | DensityFound>(`hotspots/${kind}`, params, signal);
/** Dense areas, while they are found. */
export const followAreas = (
  params: Record<string, string | number | null | undefined>,
  received: (found: HotAreasFound) => void,
  lost: () => void,
  stage: (of: MessageEvent<string>) => void,
) => follow<HotAreasFound>(address('hotspots/areas/events', params), received, lost, stage);
/** How far the rows of a class are from each other, while it is worked out. */
export const followDistances = (
  params: Record<string, string | number | null | undefined>,
  received: (now: DistancesFound, last: boolean) => void,
  lost: () => void,
  stage: (of: MessageEvent<string>) => void,
) => follow(address('hotspots/distances/events', params), received, lost, stage);
/** Zones in the order of a figure, in every period. */
export const ranking = (params: Record<string, string | number | null>, signal?: AbortSignal) =>
  getJson<Ranking>('zones/ranking', { table, ...params }, signal);
export const style = (theme: string, lang: string, signal?: AbortSignal) =>
  getJson<StyleSpecification>('style.json', { table, theme, lang }, signal);
export const search = (q: string, period: Period | null, signal?: AbortSignal) =>
  getJson<Hits>('search', { table, q, ...asParameter(period), limit: 8 }, signal);
export const ready = (signal?: AbortSignal) => probe('readyz', signal);

/** GeoJSON of an outline, as the server takes it. */
export interface Shape {
  type: 'MultiPolygon';
  coordinates: [number, number][][][];
}
/** What a buffer is around, and how far it reaches. */
export interface Near {
  collection?: string | null;
  id?: string | null;
  geometry?: { type: 'LineString'; coordinates: [number, number][] };
  distance_m: number;
}
/** What numbers are asked for: an area (none = the city), what is done to it, a period, perhaps a cluster and conditions. */
export interface Question {
  zone: string | null;
  circle: { center: [number, number]; radius_m: number } | null;
  buffer: Near | null;
  polygon: Shape | null;
  combine: readonly { op: 'union' | 'intersection' | 'difference'; zone: string | null; polygon: Shape | null }[];
  period: Period | null;
  cluster: string | null;
  /** The property of the register that holds the cluster. */
  clusterProperty: string;
  classes: Classes;
  filter: string | null;
}
/** Conditions that all hold, as one. */
export const all = (...conditions: (string | null)[]): string | null => {
  const some = conditions.filter((one) => one !== null);
  return some.length > 1 ? some.map((one) => `(${one})`).join(' AND ') : (some[0] ?? null);
};
/** The condition on the class apart from the filter: it means the classes below too, unlike `=` in CQL2. */
const inCluster = (q: Question) => (q.cluster ? { conditions: { [q.clusterProperty]: q.cluster } } : {});
const body = (q: Question): SummaryBody => {
  return {
    ...(isSaved(q.zone) || q.buffer ? { outline: true } : {}),
    ...(q.polygon
      ? { polygon: q.polygon }
      : q.circle
        ? { circle: q.circle }
        : q.buffer
          ? { buffer: q.buffer }
          : q.zone
            ? { zone: q.zone }
            : {}),
    ...(q.combine.length
      ? { combine: q.combine.map(({ op, zone, polygon }) => (polygon ? { op, polygon } : { op, zone })), outline: true }
      : {}),
    ...asParameter(q.period),
    ...(q.filter ? { filter: q.filter } : {}),
    ...inCluster(q),
    ...q.classes,
  };
};
/** Whether a zone is an area that the server keeps under a name. */
export const isSaved = (zone: string | null): boolean => zone?.startsWith('saved:') ?? false;
/** Whether the area fits an address. */
const plain = (q: Question): boolean => !q.circle && !q.buffer && !q.polygon && !q.combine.length && !isSaved(q.zone);
export { body as asBody };
export const summary = (q: Question, signal?: AbortSignal): Promise<Summary> =>
  plain(q)
    ? getJson<Summary>(
        'summary',
        {
          table,
          zone: q.zone,
          ...asParameter(q.period),
          growth: 'true',
          [q.clusterProperty]: q.cluster,
          filter: q.filter,
          ...q.classes,
        },
        signal,
      )
    : postJson<Summary>('summary', { ...body(q), growth: true }, signal, { table });
/** Location quotients of an area, by number of rows or by a metric, within the register or all industries. */
export const areaQuotients = (q: Question, weight: string, denominator: string, signal?: AbortSignal) =>
  postJson<Quotients>('summary/lq', body(q), signal, { table, weight, denominator });
/** A question as the bodies of requests have it. */
export const questionBody = body;
/** A trial zone beside the area as it was. */
export const trial = (asked: TrialBody, signal?: AbortSignal) =>
  postJson<TrialAnswer>('trial', asked, signal, { table });
export const trialFile = (asked: TrialBody, f: string, lang: string) => file('trial', { table, f, lang }, asked);
/** Sites in the order of weighted wishes, of the table of sites. */
export const siteSelection = (sites: string, asked: SiteBody, signal?: AbortSignal) =>
  postJson<SiteSelection>('site-selection', asked, signal, { table: sites });
export const siteFile = (sites: string, asked: SiteBody, f: string, lang: string) =>
  file('site-selection', { table: sites, f, lang }, asked);
/** The classes that fit a site. */
export const siteClasses = (sites: string, asked: ClassFitsBody, signal?: AbortSignal) =>
  postJson<ClassFits>('site-selection/classes', asked, signal, { table: sites });
/** Who of the neighbouring stages is near a feature. */
export const partners = (
  collection: string,
  id: string,
  of: { class: string; stage: string | null; distance_m: number },
  signal?: AbortSignal,
) => getJson<Partners>(`collections/${collection}/items/${encodeURIComponent(id)}/partners`, of, signal);
export const ratios = (signal?: AbortSignal) => getJson<Ratios>('zones/ratios', {}, signal);
/** The description of another table; questions go on to the one that is shown. */
export const described = (of: string, signal?: AbortSignal) => getJson<Dataset>('dataset', { table: of }, signal);
/** The stages of a class of another table. */
export const stagesOf = (of: string, code: string, signal?: AbortSignal) =>
  getJson<Chain>('zones/chain', { table: of, class: code }, signal);
/** Some features by their ids. */
export const featuresOf = (collection: string, ids: readonly string[], signal?: AbortSignal) =>
  getJson<Items>(
    `collections/${collection}/items`,
    { filter: `id IN (${ids.map((id) => `'${id.replace(/'/g, "''")}'`).join(', ')})`, limit: ids.length },
    signal,
  );
export const savedItems = (kind: string) => getJson<SavedItems>('saved', { kind });
export const savedItem = (id: string) => getJson<SavedItem>(`saved/${encodeURIComponent(id)}`);
export const saveItem = (item: SavedItemBody) => postJson<SavedItem>('saved', item);
export const removeItem = (id: string, tag: string) => changeSeen('DELETE', `saved/${encodeURIComponent(id)}`, tag);
/** The figures of the area in every period. */
export const series = (q: Question, signal?: AbortSignal): Promise<Series> =>
  plain(q)
    ? getJson<Series>(
        'summary/periods',
        {
          table,
          zone: q.zone,
          ...asParameter(q.period),
          [q.clusterProperty]: q.cluster,
          filter: q.filter,
          ...q.classes,
        },
        signal,
      )
    : postJson<Series>('summary/periods', body(q), signal, { table });
/** How an area and its classes changed since a period. */
export const changeOfArea = (q: Question, weight: string, since: Period | null, signal?: AbortSignal) =>
  postJson<Change>('zones/change', { ...body(q), ...(since ? { since } : {}) }, signal, { table, weight });
/** The stages of a class in an area, with what is nearest of those that it lacks. */
export const chainOfArea = (q: Question, of: string | null, weight: string, signal?: AbortSignal) =>
  postJson<Chain>('zones/chain', body(q), signal, { table, weight, ...(of ? { class: of } : {}) });
/** The outline as it is counted: by the even-odd rule where it crosses itself. */
export const repaired = async (polygon: Shape): Promise<unknown> =>
  (await postJson<Summary>('summary', { polygon, repair: true, outline: true })).zone.outline;
/** The same question about a zone, null for the city. */
export const inZone = (q: Question, zone: string | null): Question => ({
  ...q,
  zone,
  circle: null,
  buffer: null,
  polygon: null,
  combine: [],
});
/** The summary as a file. For a drawn area `view` is what leads to the page's view of it, as the file prints it. */
export const report = (
  q: Question,
  format: string,
  lang: string,
  signal?: AbortSignal,
  view: string | null = null,
  choropleth: string | null = null,
): Promise<NamedFile> =>
  plain(q)
    ? file(
        `report/${encodeURIComponent(q.zone ?? 'city')}`,
        {
          table,
          format,
          lang,
          ...asParameter(q.period),
          [q.clusterProperty]: q.cluster,
          filter: q.filter,
          choropleth,
          ...q.classes,
        },
        undefined,
        signal,
      )
    : file('report', { table, format, lang, view, choropleth }, body(q), signal);
/** A page of the rows that a question matches. */
export const rows = (
  collection: string,
  q: Question,
  page: { offset: number; limit: number; sortby: string | null },
  signal?: AbortSignal,
): Promise<Items> => postJson<Items>(`collections/${collection}/search`, body(q), signal, page);
/** The `k` enterprises nearest to a point that match the question's conditions. */
export const nearest = (
  collection: string,
  q: Question,
  center: [number, number],
  k: number,
  signal?: AbortSignal,
): Promise<Items> => {
  const { year, period, filter, conditions } = body(inZone(q, null));
  return postJson<Items>(
    `collections/${collection}/search`,
    {
      nearest: { center, k },
      ...(year ? { year } : {}),
      ...(period ? { period } : {}),
      ...(filter ? { filter } : {}),
      ...(conditions ? { conditions } : {}),
    },
    signal,
    { limit: k },
  );
};

/** The map as the server draws it: a box in metres of Web Mercator, so many pixels wide and high. */
export const drawn = (
  q: Question,
  place: Record<string, string | number | null>,
  signal?: AbortSignal,
  points: PointSet | null = null,
): Promise<Blob> =>
  plain(q) && !points
    ? picture(
        'map',
        {
          table,
          ...place,
          zone: q.zone,
          ...asParameter(q.period),
          [q.clusterProperty]: q.cluster,
          filter: q.filter,
          ...q.classes,
        },
        undefined,
        signal,
      )
    : picture('map', { table, ...place }, { ...body(q), ...(points && { points }) }, signal);

export const items = (collection: string, params: Record<string, string | number | null>, signal?: AbortSignal) =>
  getJson<Items>(`collections/${collection}/items`, params, signal);
export const item = (collection: string, id: string, signal?: AbortSignal) =>
  getJson<Feature>(`collections/${collection}/items/${encodeURIComponent(id)}`, {}, signal);
/** The zones that hold a feature, and what of its sort is nearest. */
export const placeOf = (collection: string, id: string, period: Period | null, signal?: AbortSignal) =>
  getJson<FeaturePlace>(
    `collections/${collection}/items/${encodeURIComponent(id)}/place`,
    { table, ...asParameter(period) },
    signal,
  );
/** What a filter can speak of, in a language. */
export const queryables = (collection: string, lang: string, signal?: AbortSignal) =>
  getJson<Queryables>(`collections/${collection}/queryables`, { lang }, signal);

/** The zones of a job as the server takes them, under the conditions of a question. */
export const asked = (q: Question, zones: string[] | 'districts', formats: string[], lang: string): ReportAsked => ({
  zones,
  formats,
  lang,
  ...(table ? { table } : {}),
  ...asParameter(q.period),
  ...(q.filter ? { filter: q.filter } : {}),
  ...inCluster(q),
  ...q.classes,
});
/** Whether a job can make it: drawn areas are no zones. */
export const isZone = plain;
const job = (id: string, what = ''): string => `reports/${encodeURIComponent(id)}${what}`;
export const reportJobs = (signal?: AbortSignal) => getJson<ReportJobs>('reports', {}, signal);
export const reportJob = (id: string, signal?: AbortSignal) => getJson<ReportJob>(job(id), {}, signal);
/** A job by its id; null where it is gone. */
export const knownReportJob = (id: string) => getJson<ReportJob>(job(id)).catch(orNone<ReportJob | null>(null));
export const beginReports = (body: ReportAsked) => postJson<ReportJob>('reports', body);
export const followReports = (id: string, received: (now: ReportJob, last: boolean) => void, lost: () => void) =>
  follow(job(id, '/events'), received, lost);
/** Stops a job under way; drops one at its end. */
export const dropReports = (id: string) => remove(job(id));
export const reportArchive = (id: string): string => address(job(id, '/all.zip'));
export const saveArchive = (id: string) => fetchFile(job(id, '/all.zip'));
export const reportFile = (id: string, name: string): string => address(job(id, `/files/${encodeURIComponent(name)}`));

const at = (id: string, what = ''): string => `imports/${encodeURIComponent(id)}${what}`;
export const imports = (signal?: AbortSignal) => getJson<Imports>('imports', {}, signal);
export const imported = (id: string, signal?: AbortSignal) => getJson<ImportInfo>(at(id), {}, signal);
export const sendFile = (bytes: File, sent: (bytes: number) => void, signal: AbortSignal) =>
  upload<ImportInfo>('imports', { file: bytes.name }, bytes, sent, signal);
export const checkImport = (id: string, options: Partial<ImportOptions> | null) =>
  postJson<ImportInfo>(at(id, '/check'), options);
export const importRows = (id: string, which: { class: string; offset: number; limit: number }, signal?: AbortSignal) =>
  getJson<ImportRows>(at(id, '/rows'), which, signal);
export const faults = (id: string, lang: string) => file(at(id, '/faults.xlsx'), { lang });
export const template = () => file('imports/template.xlsx', { table });
export const submitImport = (id: string, note: string) => postJson<ImportInfo>(at(id, '/submit'), { note });
export const publishImport = (id: string, note: string) => postJson<Version>(at(id, '/publish'), { note });
export const deleteImport = (id: string) => remove(at(id));

const draftAt = (owner: string, rest = '') => `drafts/${encodeURIComponent(owner)}${rest}`;
const changeAt = (owner: string, key: string) => draftAt(owner, `/changes/${encodeURIComponent(key)}`);
export const drafts = (signal?: AbortSignal) => getJson<Drafts>('drafts', {}, signal);
export const draft = (owner: string, signal?: AbortSignal) => getJson<Draft>(draftAt(owner), {}, signal);
export const putChange = (owner: string, key: string, body: EditBody, tag: string) =>
  changeSeen<Draft>('PUT', changeAt(owner, key), tag, body);
/** Several changes as one step; none takes one back. */
export const putChanges = (owner: string, changes: readonly KeyedEdit[], tag: string) =>
  changeSeen<Draft>('POST', draftAt(owner, '/changes'), tag, { changes });
/** All areas of a layer are replaced by those of a file. */
export const replaceAreas = (
  owner: string,
  collection: string,
  file: File,
  said: Record<string, string>,
  tag: string,
) => fileSeen<Draft>(draftAt(owner, '/replacements'), { collection, file: file.name, ...said }, tag, file);
export const withdrawChange = (owner: string, key: string, tag: string) =>
  changeSeen<Draft>('DELETE', changeAt(owner, key), tag);
export const turnDraft = (owner: string, what: 'undo' | 'redo', tag: string) =>
  changeSeen<Draft>('POST', draftAt(owner, `/${what}`), tag);
export const submitDraft = (owner: string, note: string, tag: string) =>
  changeSeen<Draft>('POST', draftAt(owner, '/submit'), tag, { note });
export const returnDraft = (owner: string, note: string, tag: string) =>
  changeSeen<Draft>('POST', draftAt(owner, '/return'), tag, { note });
export const publishDraft = (owner: string, note: string, tag: string) =>
  changeSeen<Version>('POST', draftAt(owner, '/publish'), tag, { note });
export const dropDraft = (owner: string, tag: string) => changeSeen<null>('DELETE', draftAt(owner), tag);

export const versions = (signal?: AbortSignal) => getJson<Versions>('versions', {}, signal);
export const changes = (number: number, from: number, limit: number, signal?: AbortSignal) =>
  getJson<Changes>(`versions/${number}/changes`, { table, from, limit }, signal);
/** What became of one row in a version. */
export const changesOf = (number: number, id: string, signal?: AbortSignal) =>
  getJson<Changes>(`versions/${number}/changes`, { table, id, limit: 1 }, signal);
/** What became of the features of a layer in a version. */
export const layerChanges = (number: number, collection: string, limit: number, signal?: AbortSignal) =>
  getJson<Changes>(`versions/${number}/changes`, { collection, limit }, signal);
export const restore = (number: number, note: string) => postJson<Version>(`versions/${number}/restore`, { note });

export const session = (signal?: AbortSignal) => getJson<SessionInfo>('session', {}, signal);
export const logIn = (name: string, password: string) => postJson<SessionInfo>('session', { name, password });
/** Logs out; where the identity provider has a logout of its own, the address of that. */
export const logOut = () => remove<LogoutInfo>('session');
/** Where the identity provider logs in, and from where it leads back to the page as it is. */
export const providerLogin = () => address('session/oidc', { view: location.search || null });
export const claim = (token: string, name: string | null, password: string) =>
  postJson<SessionInfo>('session/claim', { token, ...(name ? { name } : {}), password });
export const setPassword = (old: string, next: string) => change<never>('PUT', 'session/password', { old, new: next });
const person = (name: string, what = ''): string => `accounts/${encodeURIComponent(name)}${what}`;
export const accounts = (signal?: AbortSignal) => getJson<Accounts>('accounts', {}, signal);
export const makeAccount = (body: AccountBody) => postJson<OneTimeLink>('accounts', body);
export const changeAccount = (name: string, body: Partial<Pick<AccountBody, 'role' | 'scope' | 'display'>>) =>
  change<AccountInfo>('PATCH', person(name), body);
export const removeAccount = (name: string) => remove(person(name));
export const resetAccount = (name: string) => postJson<OneTimeLink>(person(name, '/reset'), {});
export const audit = (before: number | null, signal?: AbortSignal) => getJson<AuditLog>('audit', { before }, signal);
export const auditUsage = (signal?: AbortSignal) => getJson<AuditUsage>('audit/usage', {}, signal);
export const auditFile = (): string => address('audit', { f: 'csv' });
