// The shapes of the server's answers: names for what openapi-typescript made of web/openapi.json (`npm run api`).
import type { Geometry } from 'geojson';
import type { components } from './schema';

type Schema = components['schemas'];
export type Text = Schema['Text'];
export type Amount = Schema['Amount'];
export type Cluster = Schema['CodelistEntry'];
export type Dataset = Schema['DatasetInfo'];
export type Metric = Schema['MetricInfo'];
export type ZoneKind = Schema['ZoneKindInfo'];
export type LayerGroup = Schema['LayerGroup'];
export type Zones = Schema['ZoneList'];
export type ZoneRow = Schema['ZoneRow'];
export type Summary = Schema['Summary'];
export type ClusterRow = Schema['ClusterRow'];
export type QuotientTest = NonNullable<ClusterRow['lq_test']>;
export type Quotients = Schema['QuotientTable'];
export type Profile = Schema['ProfileAnswer'];
export type Change = Schema['ChangeAnswer'];
export type AreaChange = Schema['AreaChange'];
export type Changed = Schema['Changed'];
export type Chain = Schema['ChainAnswer'];
export type ChainArea = Schema['ChainArea'];
export type ChainCell = Schema['ChainCell'];
export type ChainStage = Schema['ChainStage'];
export type ClassPairs = Schema['ClassPairsAnswer'];
export type SiteBody = Schema['SiteBody'];
export type SiteSelection = Schema['SiteSelectionAnswer'];
export type ClassFits = Schema['ClassFitsAnswer'];
export type ClassFitsBody = Schema['ClassFitsBody'];
export type Partners = Schema['PartnersAnswer'];
export type Ratios = Schema['RatiosAnswer'];
export type Wish = Schema['Wish'];
export type TrialAnswer = Schema['TrialAnswer'];
type Trial<Described> = Omit<Described, 'question' | 'baseline' | 'beside'> & {
  question: SummaryBody;
  baseline?: SummaryBody | null;
};
export type TrialBody = Trial<Schema['TrialBody']> & { beside?: Trial<Schema['TrialBeside']>[] };
export type AssumedBody = Schema['AssumedRow'];
export type Rounds = Schema['RoundList'];
export type Round = Schema['RoundInfo'];
export type NewRound = Schema['NewRoundInfo'];
export type RoundBody = Schema['RoundBody'];
export type ParticipantLink = Schema['ParticipantLink'];
export type OwnRound = Schema['OwnRound'];
export type Layouts = Schema['LayoutList'];
export type Layout = Schema['LayoutInfo'];
export type PlanContent = Schema['PlanContent'];
export type PlanLayout = Schema['PlanLayout'];
export type PlanTarget = Schema['PlanTarget'];
export type PlanChange = Schema['PlanChange'];
export type Consultations = Schema['ConsultationList'];
export type Consultation = Schema['ConsultationInfo'];
export type ConsultationBody = Schema['ConsultationBody'];
export type NewConsultation = Schema['NewConsultationInfo'];
export type OwnConsultation = Schema['OwnConsultation'];
export type PlanComment = Schema['CommentInfo'];
export type CommentBody = Schema['CommentBody'];
export type Decision = Schema['DecisionBody'];
export type Delivery = Schema['DeliveryInfo'];
export type SavedItems = Schema['SavedList'];
export type SavedItemBody = Schema['NewSavedBody'];
export type HotAreasFound = Schema['HotAreasAnswer'];
export type DistancesFound = Schema['DistancesAnswer'];
export type DistanceCurve = Schema['DistanceCurve'];
export type HexagonsFound = Schema['HotHexagonsAnswer'];
export type DensityFound = Schema['DensityAnswer'];
export type Ranking = Schema['Ranking'];
export type Series = Schema['Series'];
export type FeaturePlace = Schema['FeaturePlace'];
export type Hit = Schema['SearchResult'];
export type Hits = Schema['SearchResults'];
export type Indicator = Schema['Indicator'];
export type Indicators = Schema['IndicatorList'];
export type LedgerCount = Schema['LedgerCount'];
export type Site = Schema['SiteInfo'];
export type Basemap = Schema['Basemap'];
export type SavedLink = Schema['SavedLink'];
export type SavedItem = Omit<Schema['SavedInfo'], 'body'> & { body?: unknown };
export type SavedList = Omit<Schema['SavedList'], 'items'> & { items: SavedItem[] };
export type SavedContent = Omit<Schema['SavedBody'], 'body'> & { body: unknown };
export type NewSaved = Omit<Schema['NewSavedBody'], 'body'> & { body: unknown };
export interface Annotation {
  kind: 'text' | 'arrow' | 'area';
  text: string;
  points: [number, number][];
}
/** Points that a reader brings, in WGS 84. */
export interface PointSet {
  title: string;
  points: { name: string; at: [number, number] }[];
}
export type OwnPointList = Schema['OwnPointList'];
export interface SavedView {
  target: string;
  map?: string;
  question?: unknown;
  annotations?: Annotation[];
  points?: PointSet;
}
export type ImportInfo = Schema['ImportInfo'];
export type Imports = Schema['ImportList'];
export type ImportRows = Schema['ImportRows'];
export type Draft = Schema['DraftInfo'];
export type Drafts = Schema['DraftList'];
export type DraftSummary = Schema['DraftSummary'];
export type GeometryKind = Schema['GeometryKind'];
export type DraftChange = Schema['DraftChangeInfo'];
export type EditBody = Omit<Schema['EditBody'], 'values' | 'geometry'> & {
  values: Record<string, unknown>;
  geometry?: object | null;
};
export interface KeyedEdit {
  key: string;
  edit: EditBody | null;
}
export type ImportRow = Schema['ImportPreview'];
export type ImportOptions = Schema['OptionsBody'];
export type ImportOutcome = Schema['ImportOutcome'];
export type ImportColumn = Schema['ImportColumnReport'];
export type ReportJob = Schema['ReportJob'];
export type ReportJobs = Schema['ReportJobs'];
export type ReportAsked = Omit<Schema['ReportsBody'], 'filter' | 'secondary' | 'conditions'> & {
  filter?: unknown;
  secondary?: boolean;
  conditions?: Record<string, string>;
};
export type SessionInfo = Schema['SessionInfo'];
export type LogoutInfo = Schema['LogoutInfo'];
export type Movements = Schema['MovementsAnswer'];
export type AreaSince = Schema['AreaSince'];
export type RowsOf = Pick<AreaSince, 'before' | 'new' | 'ceased' | 'now'>;
export type BriefingList = Schema['BriefingList'];
export type BriefingInfo = Schema['BriefingInfo'];
export type ScheduleInfo = Schema['ScheduleInfo'];
export type ScheduleBody = Schema['ScheduleBody'];
export type Freshness = Schema['FreshnessInfo'];
export type FreshTable = Schema['FreshTable'];
export type FreshDates = Schema['FreshDates'];
export type PlanItems = Schema['PlanItems'];
export type PlanItem = Schema['PlanItemInfo'];
export type PlanItemFigure = Schema['PlanItemFigure'];
export type PlanItemTarget = Schema['PlanItemTarget'];
export type PlanItemEntry = Schema['PlanItemEntry'];
export type PlanItemHistory = Schema['PlanItemHistory'];
export type ProgressBody = Schema['ProgressBody'];
export type Right = 'read' | 'edit' | 'publish' | 'administer';
export type AccountInfo = Schema['AccountInfo'];
export type AccountBody = Schema['AccountBody'];
export type Accounts = Schema['Accounts'];
export type OneTimeLink = Schema['OneTimeLink'];
export type AuditLog = Schema['AuditLog'];
export type AuditUsage = Schema['AuditUsageList'];
export type Version = Schema['VersionInfo'];
export type ClassedZones = Schema['ChoroplethAnswer'];
export type Versions = Schema['VersionList'];
export type Changes = Schema['Changes'];
type Area = Omit<Schema['Step'], 'polygon' | 'buffer' | 'op'> & { polygon?: unknown; buffer?: unknown };
export type SummaryBody = Omit<Schema['QueryBody'], 'filter' | 'combine' | 'polygon' | 'buffer' | 'conditions'> & {
  filter?: string;
  conditions?: Record<string, string>;
  polygon?: unknown;
  buffer?: unknown;
  combine?: (Area & { op: Schema['SetOp'] })[];
};

/** GeoJSON and the plan are open shapes, which the API's description leaves open too. */
export interface Feature {
  type: 'Feature';
  id: string;
  geometry: Geometry | null;
  properties: Record<string, unknown>;
}
export interface Items {
  type: 'FeatureCollection';
  features: Feature[];
  numberMatched: number;
  numberReturned: number;
}
/** What a filter can speak of, as a JSON Schema. */
export interface Named {
  const: string;
  title: string;
}
export interface Queryable {
  title: string;
  type?: string;
  format?: string;
  enum?: string[];
  items?: { enum?: string[]; oneOf?: Named[] };
  /** The codes of a codelist with their names. */
  oneOf?: Named[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  description?: string;
  'x-references'?: string;
  'x-ogc-unit'?: string;
  'x-ogc-role'?: string;
  /** Whether it follows from others. */
  readOnly?: boolean;
}
export interface Queryables {
  properties: Record<string, Queryable>;
}
export type Plan = Record<string, unknown>;
