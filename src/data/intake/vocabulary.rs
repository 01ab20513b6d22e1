//! Which words at the head of a column mean what: names and titles of the schema, and what departments call the same.

use super::period;
use super::schema::{CREDIT_CODE, SAMPLE_ROW};
use super::sheet::unit;
use crate::core::model::{CollectionSpec, Period, PropertySpec, PropertyType, RegisterSpec};
use pinyin::ToPinyin;
use std::collections::HashMap;

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// The id of the enterprise in the register.
    Id,
    /// Longitude or easting.
    X,
    /// Latitude or northing.
    Y,
    /// Both in one cell.
    Pair,
    /// A property of the schema, by its place.
    Property(usize),
    /// Known, and of no use: running numbers and the like.
    Nothing,
}

/// How a name was understood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meaning {
    /// What it is.
    pub target: Target,
    /// From 0 to 1.
    pub confidence: f64,
    /// Why, in Chinese and English.
    pub reason: (&'static str, &'static str),
}

const SAME: (&str, &str) = ("与字段名或标题相同", "the property's name or title");
const CODE: (&str, &str) = ("标题后写明是代码", "the title, said to be a code");
const ALIAS: (&str, &str) = ("常用叫法", "a usual name for it");
const PINYIN: (&str, &str) = ("拼音或首字母相符", "its pinyin or initials");
const PART: (&str, &str) = ("列名中含有该叫法", "contains a name for it");
const PERIOD_ABOVE: (&str, &str) = ("时期取自表头上方", "the period stands above the head");

const ID: &[&str] = &["id", "编号", "企业编号", "企业id", "登记编号", "名录编号"];
const CREDIT: &[&str] = &[
    "统一社会信用代码",
    "社会信用代码",
    "信用代码",
    "统一信用代码",
    "统一代码",
    "机构代码",
    "组织机构代码",
    "uscc",
    "credit_code",
    "creditcode",
    "unified social credit code",
];
const X: &[&str] =
    &["经度", "东经", "lon", "lng", "long", "longitude", "x", "x坐标", "坐标x", "横坐标", "东坐标", "中心经度"];
const Y: &[&str] = &["纬度", "北纬", "lat", "latitude", "y", "y坐标", "坐标y", "纵坐标", "北坐标", "中心纬度"];
const PAIR: &[&str] = &[
    "经纬度",
    "坐标",
    "经纬度坐标",
    "位置坐标",
    "lonlat",
    "lnglat",
    "coordinates",
    "location",
    "wkt",
    "wkt_geom",
    "wktgeom",
    "geom",
    "the_geom",
    "geometry",
    "几何",
    "空间位置",
];
const NOTHING: &[&str] = &["序号", "行号", "no", "备注", "说明", "填表人", "联系人", "联系电话", "电话"];
const NAME: &[&str] = &[
    "企业名称",
    "单位名称",
    "公司名称",
    "单位详细名称",
    "企业全称",
    "单位全称",
    "机构名称",
    "名称",
    "企业名",
    "公司",
    "企业",
    "单位",
    "市场主体名称",
    "company",
    "enterprise",
    "company name",
    "enterprise name",
    "business name",
    "legal name",
    "trading name",
    "name of company",
    "firm",
    "organisation",
    "organization",
    "establishment",
    "empresa",
    "entreprise",
    "raison sociale",
    "unternehmen",
    "firma",
    "azienda",
    "bedrijf",
    "bedrijfsnaam",
];
const DISTRICT: &[&str] = &[
    "区县",
    "所属区县",
    "所在区县",
    "区、县(市)",
    "区县市",
    "所属区",
    "所在区",
    "属地",
    "所属地区",
    "行政区",
    "行政区划",
    "行政区划代码",
    "区划代码",
    "区划",
    "申报区县",
    "注册地区",
    "所属辖区",
    "adcode",
    "所在区域",
    "所属区域",
    "county",
    "municipality",
    "borough",
    "commune",
    "gemeinde",
    "landkreis",
    "gemeente",
    "kommune",
    "municipio",
    "comune",
    "arrondissement",
    "district code",
    "county code",
    "geoid",
    "fips",
    "nuts",
    "nuts id",
];
const CLUSTER: &[&str] = &[
    "所属集群",
    "产业集群",
    "集群",
    "主集群",
    "所属产业集群",
    "主导产业",
    "所属产业",
    "产业类别",
    "产业赛道",
    "赛道",
    "所属赛道",
    "所属领域",
    "领域",
    "细分领域",
    "产业链",
    "所属行业",
    "行业",
    "industry",
    "sector",
    "branch of industry",
    "industry code",
    "naics",
    "naics code",
    "nace",
    "nace code",
    "isic",
    "isic code",
    "branche",
    "secteur",
    "settore",
];
const SECONDARY: &[&str] = &["兼属集群", "次要集群", "其他集群", "涉及集群", "兼营领域"];
const LOCATION: &[&str] = &["位置类别", "定位类别", "坐标类别", "位置类型"];
const PRECISION: &[&str] = &["位置精度", "定位精度", "坐标精度", "精度", "精度米"];
/// What every register with such a property means by it; all other names stand in the manifest.
const SAMPLE: &[&str] = &["示例", "示例数据"];

/// The words of a register.
#[derive(Debug)]
pub struct Vocabulary {
    words: HashMap<String, Meaning>,
    /// Words of metrics with the property of each period.
    metrics: Vec<(String, HashMap<Period, usize>)>,
    /// Words long enough to be looked for inside a name, the longest first.
    parts: Vec<(String, Target)>,
    /// Titles of properties that hold ids of other features: beside the id stands the feature's name.
    named: Vec<(Target, [String; 2])>,
}

impl Vocabulary {
    /// The words for a register's schema.
    pub fn new(spec: &CollectionSpec, register: &RegisterSpec) -> Self {
        let mut new = Self { words: HashMap::new(), metrics: Vec::new(), parts: Vec::new(), named: Vec::new() };
        let place = |name: &str| spec.property(name).map(|(i, _)| Target::Property(i));
        for (i, p) in spec.properties.iter().enumerate() {
            [&p.name, &p.title.zh, &p.title.en].into_iter().for_each(|w| new.say(w, Target::Property(i), 1.0, SAME));
        }
        // as reports head the two columns; the code is the surer of them
        for (i, p) in spec.properties.iter().enumerate().filter(|(_, p)| p.references.is_some()) {
            [format!("{}代码", p.title.zh), format!("{} (code)", p.title.en)]
                .iter()
                .for_each(|w| new.say(w, Target::Property(i), 1.0, CODE));
            new.named.push((Target::Property(i), [plain(&p.title.zh), plain(&p.title.en)]));
        }
        let roles = vec![
            (Some(Target::Id), ID),
            (place(CREDIT_CODE), CREDIT),
            (Some(Target::X), X),
            (Some(Target::Y), Y),
            (Some(Target::Pair), PAIR),
            (spec.name.as_deref().and_then(place), NAME),
            (register.district.as_deref().and_then(place), DISTRICT),
            (register.cluster.as_deref().and_then(place), CLUSTER),
            (register.secondary.as_deref().and_then(place), SECONDARY),
            (register.location_class.as_deref().and_then(place), LOCATION),
            (register.precision_m.as_deref().and_then(place), PRECISION),
            (place(SAMPLE_ROW), SAMPLE),
            (Some(Target::Nothing), NOTHING),
        ];
        let mut roles: Vec<(Target, Vec<&str>)> =
            roles.into_iter().filter_map(|(t, w)| Some((t?, w.to_vec()))).collect();
        for (i, p) in spec.properties.iter().enumerate().filter(|(_, p)| !p.aliases.is_empty()) {
            roles.push((Target::Property(i), p.aliases.iter().map(String::as_str).collect()));
        }
        for (target, words) in &roles {
            words.iter().for_each(|w| new.say(w, *target, 0.95, ALIAS));
        }
        // by sound only what no word means, and never two of one sound
        for (target, words) in roles.iter().filter(|(t, _)| *t != Target::Nothing) {
            for word in words.iter().filter(|w| w.chars().count() >= 2) {
                let (whole, initials) = sounds(word);
                [whole, initials].into_iter().filter(|s| s.len() >= 4).for_each(|s| new.say(&s, *target, 0.8, PINYIN));
                if word.chars().count() >= 3 && !word.is_ascii() {
                    new.parts.push((plain(word), *target));
                }
            }
        }
        new.parts.sort_by_key(|(w, _)| std::cmp::Reverse(w.chars().count()));
        for metric in &register.metrics {
            let periods: HashMap<Period, usize> =
                metric.columns.iter().filter_map(|(period, p)| Some((*period, spec.property(p)?.0))).collect();
            let own = [metric.id.as_str(), &metric.title.zh, &metric.title.en];
            for word in own.into_iter().chain(metric.aliases.iter().map(String::as_str)) {
                new.metrics.push((plain(word), periods.clone()));
                let (whole, initials) = sounds(word);
                [whole, initials]
                    .into_iter()
                    .filter(|s| s.len() >= 2)
                    .for_each(|s| new.metrics.push((s, periods.clone())));
            }
        }
        new
    }

    /// Whether this is the head of the names beside a column of codes.
    pub fn is_beside_code(&self, target: Target, head: &str) -> bool {
        let head = plain(head);
        self.named.iter().any(|(of, titles)| *of == target && titles.contains(&head))
    }

    fn say(&mut self, word: &str, target: Target, confidence: f64, reason: (&'static str, &'static str)) {
        let word = plain(word);
        if !word.is_empty() {
            self.words.entry(word).or_insert(Meaning { target, confidence, reason });
        }
    }

    /// What a column's name means. `above` is the period that stands above the table.
    pub fn meaning(&self, name: &str, above: Option<Period>) -> Option<Meaning> {
        let found = self.as_it_is(name, above);
        if found.is_some_and(|m| m.confidence > 0.6) {
            return found;
        }
        // once more without the unit, as in 指标/元, 指标-千元, 指标 万元
        let unitless = without_unit(name).and_then(|rest| self.as_it_is(&rest, above));
        let found = unitless.filter(|m| found.is_none_or(|f| f.confidence < m.confidence)).or(found);
        // and without the author of a position: 高德经度
        found.or_else(|| self.as_it_is(&without_author(name)?, above).filter(|m| is_position(m.target)))
    }

    fn as_it_is(&self, name: &str, above: Option<Period>) -> Option<Meaning> {
        let bare = plain(&without_brackets(name));
        let full = plain(name);
        if let Some(found) = self.words.get(&full).or_else(|| self.words.get(&bare)) {
            return Some(*found);
        }
        if let Some(found) = self.metric(&without_brackets(name), above).or_else(|| self.metric(name, above)) {
            return Some(found);
        }
        let has_period = period::find(name).is_some();
        let (_, target) =
            self.parts.iter().find(|(w, _)| !has_period && w.chars().count() >= 2 && bare.contains(w.as_str()))?;
        (*target != Target::Nothing).then_some(Meaning { target: *target, confidence: 0.6, reason: PART })
    }

    fn metric(&self, name: &str, above: Option<Period>) -> Option<Meaning> {
        without_period(name).into_iter().find_map(|(rest, said)| {
            let (_, columns) = self.metrics.iter().find(|(word, _)| *word == rest)?;
            let (period, confidence, reason) = match (said, above) {
                (Some(period), _) => (period, 0.95, ALIAS),
                (None, Some(period)) => (period, 0.7, PERIOD_ABOVE),
                (None, None) => return None,
            };
            let target = Target::Property(*columns.get(&period)?);
            Some(Meaning { target, confidence, reason })
        })
    }

    /// The periods that the metric of this name has figures of.
    pub fn periods_of(&self, name: &str) -> Vec<Period> {
        let all = [Some(name.to_owned()), without_unit(name), Some(without_brackets(name))];
        let mut words = all.iter().flatten().map(|word| plain(word));
        let found = words.find_map(|word| self.metrics.iter().find(|(own, _)| *own == word));
        found.map(|(_, columns)| columns.keys().copied().collect()).unwrap_or_default()
    }

    /// Whether a name is that of a metric without or with a period that the register does not have.
    pub fn is_metric(&self, name: &str) -> bool {
        self.is_metric_as_it_is(name) || without_unit(name).is_some_and(|rest| self.is_metric_as_it_is(&rest))
    }

    fn is_metric_as_it_is(&self, name: &str) -> bool {
        let mut forms = without_period(&without_brackets(name)).into_iter();
        forms.any(|(rest, _)| self.metrics.iter().any(|(word, _)| *word == rest))
    }
}

/// A name without its period, in the form in which names are compared, and the period: as it is written, and with a year
/// that is written short or said to be whole.
fn without_period(name: &str) -> Vec<(String, Option<Period>)> {
    let bare = |text: &str| plain(text).trim_start_matches("年度").trim_matches('年').trim_matches('度').to_owned();
    let whole = whole_year(&plain(name));
    let short = period::without(&whole).filter(|(_, period)| period.whole_year().is_some());
    let forms = [period::without(name), short];
    let mut out: Vec<_> = forms.into_iter().flatten().map(|(rest, period)| (bare(&rest), Some(period))).collect();
    if out.is_empty() {
        out.push((bare(name), None));
    }
    out
}

/// A name without the unit that it ends with or has in brackets.
pub fn without_unit(name: &str) -> Option<String> {
    let unit = unit::written(name)?;
    let (before, after) = name.rsplit_once(unit)?;
    let stroke = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '/' | '-' | '_' | ';' | '\u{FF1B}' | '—' | ',' | ':' | '\u{FF0C}' | '\u{FF1A}' | '\u{FF0F}' | '、'
            )
    };
    let rest = format!("{}{}", before.trim_end_matches(stroke), after.trim_start_matches(stroke));
    (!rest.is_empty() && rest.len() < name.len()).then_some(rest)
}

fn is_position(target: Target) -> bool {
    matches!(target, Target::X | Target::Y | Target::Pair)
}

/// The name of a position without that of the map or system that it is of, which says what its numbers are elsewhere.
fn without_author(name: &str) -> Option<String> {
    const AUTHORS: [&str; 13] = [
        "高德", "百度", "腾讯", "火星", "amap", "baidu", "tencent", "gcj02", "bd09", "wgs84", "cgcs2000", "gps", "地图",
    ];
    let name = plain(name);
    let rest = AUTHORS.iter().fold(name.clone(), |rest, word| rest.replace(word, ""));
    (rest.len() < name.len() && !rest.is_empty()).then_some(rest)
}

/// A plain name with its year in full and nothing that only says that it is a whole one: `fy2025`, `'25`, `25年`, `2025财年`,
/// `2025年112月` (from January to December).
fn whole_year(name: &str) -> String {
    let mut name = name.replace("财年", "年").replace("会计年度", "年").replace("全年", "年");
    name = name
        .replace("年112月", "年")
        .replace("年1月12月", "年")
        .replace("年1月至12月", "年")
        .replace("年1至12月", "年")
        .replace("年年", "年");
    let chars: Vec<char> = name.chars().collect();
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    for at in 0..chars.len() {
        let two = digit(at) && digit(at + 1) && !digit(at + 2) && (at == 0 || !digit(at - 1));
        let before = at.checked_sub(1).map(|b| chars[b]);
        let marked = matches!(before, Some('\'' | '’')) || (at >= 2 && chars[at - 2..at] == ['f', 'y']);
        if two && (marked || chars.get(at + 2) == Some(&'年')) {
            let year: String = chars[at..at + 2].iter().collect();
            let drop = match before {
                Some('\'' | '’') => 1,
                _ if marked => 2,
                _ => 0,
            };
            let (head, tail) = (&chars[..at - drop], &chars[at + 2..]);
            return format!("{}20{year}{}", head.iter().collect::<String>(), tail.iter().collect::<String>());
        }
    }
    let fiscal = name.find("fy").filter(|at| period::find(&name[at + 2..]).is_some_and(|(range, _)| range.start == 0));
    if let Some(at) = fiscal {
        name.replace_range(at..at + 2, "");
    }
    name
}

/// The period that titles above a table give, when they give one.
pub fn period_above(above: &[String]) -> Option<Period> {
    let mut found: Vec<Period> = above.iter().filter_map(|line| period::find(line)).map(|(_, period)| period).collect();
    found.sort_unstable();
    found.dedup();
    match found[..] {
        [one] => Some(one),
        _ => None,
    }
}

/// A name in the form in which names are compared.
pub fn plain(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .filter(|c| {
            !c.is_whitespace()
                && !matches!(
                    c,
                    '_' | '-'
                        | ':'
                        | '\u{FF1A}'
                        | '*'
                        | '、'
                        | '.'
                        | '〔'
                        | '〕'
                        | '《'
                        | '》'
                        | '('
                        | ')'
                        | '\u{FF08}'
                        | '\u{FF09}'
                        | '/'
                )
        })
        .collect()
}

/// A name without what stands in brackets; all of it when nothing else is left.
pub fn without_brackets(name: &str) -> String {
    let mut depth = 0;
    let mut out = String::new();
    for c in name.chars() {
        match c {
            '(' | '\u{FF08}' | '[' | '【' => depth += 1,
            ')' | '\u{FF09}' | ']' | '】' => depth -= 1,
            _ if depth <= 0 => out.push(c),
            _ => {}
        }
    }
    if out.trim().is_empty() { name.to_owned() } else { out }
}

/// Pinyin and initials of a word.
pub fn sounds(word: &str) -> (String, String) {
    let mut whole = String::new();
    let mut initials = String::new();
    for c in word.chars().filter(|c| !c.is_ascii()) {
        if let Some(sound) = c.to_pinyin() {
            whole.push_str(sound.plain());
            initials.extend(sound.plain().chars().next());
        }
    }
    (whole, initials)
}

/// The codes that a pattern like `^(large|small)$` allows; a codelist gives them names, too.
pub fn choices(spec: &PropertySpec) -> Vec<String> {
    let list = spec.pattern.as_deref().and_then(|p| p.strip_prefix("^(")?.strip_suffix(")$"));
    let plain = |l: &&str| l.contains('|') && l.chars().all(|c| c.is_alphanumeric() || "|_-".contains(c));
    let list = list.filter(|l| spec.ty == PropertyType::String && plain(l));
    list.map(|l| l.split('|').map(str::to_owned).collect()).unwrap_or_default()
}
