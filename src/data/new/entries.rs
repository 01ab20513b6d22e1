//! A table of a new folder: what its columns are, and the register that is declared for them.

use super::boundaries::Areas;
use super::decision::{Deciding, Key};
use super::place::{TablePlace, geometry};
use super::{colors, names};
use crate::core::model::{Granularity, Period, Text, capital};
use crate::data::intake::sheet::{Kind, Limits, Sheet, read};
use crate::data::intake::{Figure, Finding, HeadRole, Heads, Refusal, System};
use crate::data::load::properties;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Read, Seek};

/// Classes that a classification has at most.
const MOST_CLASSES: usize = 100;
/// Different values of a column that are counted.
const COUNTED: usize = 5000;
/// Rows by which types are inferred.
const LOOKED_AT: usize = 20_000;
/// Decimals that are kept of figures at most.
const MOST_DECIMALS: usize = 4;

/// A table as it was read.
#[derive(Debug)]
pub struct Entries {
    /// Its file's name.
    pub file: String,
    /// Its rows. Lines and areas are in longitude and latitude.
    pub sheet: Sheet,
    /// The kind of their geometries, as a manifest names it.
    geometry: &'static str,
}

/// What was seen of a column.
#[derive(Default)]
struct Seen {
    filled: usize,
    numbers: usize,
    decimals: usize,
    negative: bool,
    /// Values and how often each occurs.
    values: HashMap<String, usize>,
    more: bool,
}

/// A figure with a column for each of its periods, all of one length.
struct Metric {
    id: String,
    title: String,
    unit: Option<String>,
    stock: bool,
    decimals: usize,
    negative: bool,
    /// Period -> column of the table.
    periods: BTreeMap<Period, usize>,
}

/// What the columns become.
pub struct Columns {
    pub codelist: Json,
    pub class_term: Json,
    pub row_term: Json,
    pub zone_head: Option<String>,
    pub findings: Vec<Finding>,
    pub open_ends: Vec<Text>,
    pub wanted: Vec<(String, String)>,
    properties: Vec<Json>,
    metrics: Vec<Json>,
    district: Option<&'static str>,
    class: Option<&'static str>,
}

impl Entries {
    /// Reads any table that an import reads, and its lines and areas besides. `worksheet` and `system` are those that are requested.
    pub fn read<R: Read + Seek + Send>(
        file: &str,
        reader: R,
        worksheet: Option<&str>,
        system: Option<System>,
    ) -> Result<Self, Refusal> {
        let limits = Limits { shapes: true, ..Limits::default() };
        let mut sheet = read(reader, worksheet, &limits, &Heads::new([]))?;
        let geometry = geometry(&mut sheet, system, file)?;
        Ok(Self { file: file.to_owned(), sheet, geometry })
    }

    /// Decides what the columns are.
    #[allow(clippy::too_many_lines, reason = "one decision after the other, each of what the ones before left")]
    pub(super) fn columns(
        &self,
        areas: &Areas,
        place: &TablePlace,
        deciding: &mut Deciding,
    ) -> Result<Columns, Refusal> {
        let heads = Heads::new([]);
        let seen: Vec<Seen> = (0..self.sheet.columns.len()).map(|c| self.look(c)).collect();
        let role = |c: usize| heads.role(self.head(c)).filter(|(_, sure)| *sure >= 0.6).map(|(role, _)| role);
        let mut free: Vec<usize> =
            (0..seen.len()).filter(|c| seen[*c].filled > 0 && !self.head(*c).is_empty()).collect();
        free.retain(|c| !matches!(role(*c), Some(HeadRole::Position | HeadRole::Id | HeadRole::CreditCode)));
        let text = |c: &usize| seen[*c].numbers * 10 < seen[*c].filled;

        // the declared area: by its values, whatever it is called
        let known: HashSet<String> =
            areas.words.iter().flat_map(|(id, name)| [id.to_lowercase(), name.to_lowercase()]).collect();
        let matching = |c: usize| {
            let hits: usize =
                seen[c].values.iter().filter(|(v, _)| known.contains(&v.to_lowercase())).map(|(_, n)| n).sum();
            hits as f64 / seen[c].filled.max(1) as f64
        };
        let best = free.iter().copied().max_by(|a, b| matching(*a).total_cmp(&matching(*b)).then(b.cmp(a)));
        let by_values = best.filter(|c| matching(*c) >= 0.5);
        let by_word = free.iter().copied().find(|c| role(*c) == Some(HeadRole::District));
        let zone = by_values.or(by_word);
        let share = zone.map_or(0.0, |c| matching(c) * 100.0);
        let zone = self.choose(
            deciding,
            Key::Zone,
            Text::new("哪一列写明所在区域", "Column of the area that each row declares"),
            &free,
            zone,
            Text::new(
                format!("{share:.0}% 的值是边界的名称或编号"),
                format!("{share:.0}% of its values are names or ids of the boundaries"),
            ),
            share >= 50.0,
        )?;
        free.retain(|c| Some(*c) != zone);

        // names: by the word, else the text with the most different values
        let by_word = free.iter().copied().find(|c| role(*c) == Some(HeadRole::Name));
        let texts: Vec<usize> = free.iter().copied().filter(|c| text(c)).collect();
        let different = texts.iter().copied().max_by_key(|c| (seen[*c].values.len(), usize::MAX - c));
        let name = self.choose(
            deciding,
            Key::Name,
            Text::new("哪一列是名称", "Column of the rows' names"),
            &texts,
            by_word.or(different),
            if by_word.is_some() {
                Text::new("列名是名称的常用叫法", "its head is a usual word for it")
            } else {
                Text::new("文字列中不同的值最多", "the text with the most different values")
            },
            by_word.is_some(),
        )?;
        let Some(name) = name else {
            return Err(Refusal::new(
                "no-name-column",
                Text::new("表格里没有可作名称的列", "the table has no column that could be names"),
            ));
        };
        free.retain(|c| *c != name);

        // classes: by the word, else a text of few values that come again
        let few = |c: &usize| {
            let n = seen[*c].values.len();
            n <= MOST_CLASSES
                && !seen[*c].more
                && n * 2 <= seen[*c].filled.max(2)
                && seen[*c].filled * 2 >= self.sheet.cells.len()
        };
        let by_word = free.iter().copied().find(|c| role(*c) == Some(HeadRole::Class) && few(c));
        let classes: Vec<usize> =
            free.iter().copied().filter(|c| few(c) && heads.figure(&self.sheet.columns[*c]).is_none()).collect();
        let by_values = classes
            .iter()
            .copied()
            .filter(|c| text(c) && seen[*c].values.len() > 1)
            .min_by_key(|c| self.sheet.cells.len() - seen[*c].filled);
        let class = self.choose(
            deciding,
            Key::Class,
            Text::new("按哪一列分类(地图按它着色)", "Column of the classification, by which the map is coloured"),
            &classes,
            by_word.or(by_values),
            if by_word.is_some() {
                Text::new("列名是分类的常用叫法", "its head is a usual word for it")
            } else {
                Text::new("取值不多、反复出现的文字列", "a text of few values that come again")
            },
            by_word.is_some(),
        )?;
        free.retain(|c| Some(*c) != class);

        let mut columns = Columns {
            codelist: json!(null),
            class_term: names::term("类别 / class", "个"),
            row_term: self.row_term(name, deciding),
            zone_head: zone.map(|c| self.head(c).to_owned()),
            findings: self.sheet.findings.clone(),
            open_ends: vec![],
            wanted: vec![],
            properties: vec![],
            metrics: vec![],
            district: None,
            class: None,
        };
        let mut used: Vec<String> = [
            "id",
            "name",
            "district",
            "class",
            "sample",
            "credit_code",
            "source_x",
            "source_y",
            "source_crs",
            "located_by",
        ]
        .map(str::to_owned)
        .to_vec();
        columns.take(
            self,
            Some(name),
            "name",
            json!({"title": names::text(self.head(name)), "type": "string", "required": true}),
        );
        if let Some(zone) = zone {
            let title = names::text(self.head(zone));
            columns.take(self, Some(zone), "district", json!({"title": title, "type": "string"}));
            columns.district = Some("district");
        }
        if let Some(class) = class {
            let head = self.head(class);
            let declared = json!({"title": names::text(head), "type": "string", "codelist": place.codelist});
            columns.take(self, Some(class), "class", declared);
            columns.class = Some("class");
            columns.codelist = self.codelist(&seen[class], head, place);
            columns.class_term = names::term(head, "个");
            columns.open_ends.push(Text::new(
                format!("{}:核对类别的名称、缩写与颜色", place.codelist_file),
                format!("{}: look at the names, marks and colours of the classes", place.codelist_file),
            ));
        } else {
            columns
                .open_ends
                .push(Text::new("没有分类列,地图不按类别着色", "there is no classification: the map is of one colour"));
        }

        let metrics = self.metrics(&heads, &seen, &mut free, deciding, &mut used)?;
        for metric in &metrics {
            columns.metric(self, metric, deciding.wishes.open, &mut used);
        }
        self.others(&free, &seen, &role, &mut used, &mut columns);
        let located = self.sheet.shapes.iter().any(Option::is_some);
        if zone.is_none() && !located && !(0..seen.len()).any(|c| role(c) == Some(HeadRole::Position)) {
            columns.open_ends.push(Text::new(
                "表格既没有坐标也没有区域列:合计只能算到全部",
                "the table has neither positions nor areas: only totals of all can be made",
            ));
        }
        Ok(columns)
    }

    fn head(&self, column: usize) -> &str {
        self.sheet.columns[column].name.trim()
    }

    fn look(&self, column: usize) -> Seen {
        let mut seen = Seen::default();
        for row in 0..self.sheet.cells.len() {
            let cell = self.sheet.cells.cell(row, column);
            let text = cell.text.trim();
            if text.is_empty() || matches!(cell.kind, Kind::Empty | Kind::Fault) {
                continue;
            }
            seen.filled += 1;
            if let Some(decimals) = number(cell.kind, text) {
                seen.numbers += 1;
                seen.decimals = seen.decimals.max(decimals);
                seen.negative |= text.starts_with('-');
            }
            if let Some(n) = seen.values.get_mut(text) {
                *n += 1;
            } else if seen.values.len() < COUNTED {
                seen.values.insert(text.to_owned(), 1);
            } else {
                seen.more = true;
            }
        }
        seen
    }

    #[allow(clippy::too_many_arguments, reason = "a decision has these parts")]
    fn choose(
        &self,
        deciding: &mut Deciding,
        key: Key,
        question: Text,
        usable: &[usize],
        proposal: Option<usize>,
        reason: Text,
        certain: bool,
    ) -> Result<Option<usize>, Refusal> {
        let choices: Vec<String> = usable.iter().map(|c| self.head(*c).to_owned()).collect();
        let proposal_head = proposal.map_or(String::new(), |c| self.head(c).to_owned());
        let certain = certain || (proposal.is_none() && usable.is_empty());
        let taken = deciding.take(key, question, choices.clone(), proposal_head, reason, certain);
        if taken.is_empty() {
            return Ok(None);
        }
        let found = usable.iter().copied().chain(proposal).find(|c| self.head(*c) == taken.trim());
        found.map(Some).ok_or_else(|| {
            let flag = key.flag();
            Refusal::new(
                "column-not-usable",
                Text::new(
                    format!("{flag}:“{taken}”列不能这样用;可用的有:{}", choices.join("、")),
                    format!("{flag}: the column “{taken}” can't be used for this; these can: {}", choices.join(", ")),
                ),
            )
            .with_remedy(Text::new("换一列", "take another column"))
        })
    }

    /// What a row is called: by the head of the names, `企业名称`, `Company name`, else by the file, `projects.csv`.
    fn row_term(&self, name: usize, deciding: &mut Deciding) -> Json {
        let head = self.head(name);
        let lower = head.to_lowercase();
        let word = head
            .strip_suffix("名称")
            .or(lower.strip_suffix(" name"))
            .or(lower.strip_suffix("_name"))
            .or(lower.strip_prefix("name of "))
            .unwrap_or(head);
        let plain = ["name", "名称", "title", "label"].contains(&word.to_lowercase().as_str());
        let by_head = Some(word.to_owned()).filter(|word| !plain && !word.is_empty());
        let by_file = || names::one_of(names::stem(&self.file));
        let (proposal, reason, certain) = match (by_head, by_file()) {
            (Some(word), _) => (word, Text::new("取自名称列的列名", "the head of the names' column"), true),
            (None, Some(word)) => (word, Text::new("取自文件名", "the name of the file"), false),
            (None, None) => {
                // a Chinese word of ours would make a table without any look like one that is read in Chinese
                let word = if self.is_chinese() { "记录 / record" } else { "record" };
                (word.to_owned(), Text::new("没有更确切的叫法", "nothing says it better"), false)
            }
        };
        let question = Text::new("一行叫什么", "What one of the rows is called");
        let word = deciding.take(Key::RowWord, question, vec![], proposal, reason, certain);
        names::term(&word, names::counter(&word))
    }

    fn is_chinese(&self) -> bool {
        self.sheet.columns.iter().any(|c| names::is_chinese(&c.name))
    }

    /// The codelist of the classes: the most frequent first.
    fn codelist(&self, seen: &Seen, title: &str, place: &TablePlace) -> Json {
        let mut values: Vec<(&String, &usize)> = seen.values.iter().collect();
        values.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let (mut codes, mut marks) = (Vec::new(), HashSet::new());
        let entries: Vec<Json> = values
            .iter()
            .enumerate()
            .map(|(place, (value, _))| {
                let own = value.len() <= 12 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
                let code = if own { (*value).clone() } else { names::slug(value, '-', "class") };
                let code = names::unused(code, &mut codes);
                let letters = value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase);
                let mark = letters.chain('A'..='Z').find(|c| marks.insert(*c)).map(String::from).unwrap_or_default();
                let [color, color_dark] = colors::of(place);
                let name = names::both(value);
                json!({"code": code, "name": name, "mark": mark, "color": color, "color_dark": color_dark,
                    "aliases": if name.zh == **value || name.en == **value { vec![] } else { vec![(*value).clone()] }})
            })
            .collect();
        json!({
            "$schema": "schema/codelist.schema.json",
            "id": place.codelist,
            "title": names::text(title),
            "description": {"zh": format!("取自 {}", self.file), "en": format!("as in {}", self.file)},
            "entries": entries,
        })
    }

    /// The figures among the free columns, which they leave.
    fn metrics(
        &self,
        heads: &Heads,
        seen: &[Seen],
        free: &mut Vec<usize>,
        deciding: &mut Deciding,
        used: &mut Vec<String>,
    ) -> Result<Vec<Metric>, Refusal> {
        let numeric = |c: &usize| seen[*c].numbers * 10 >= seen[*c].filled * 9;
        let figures: Vec<(usize, Figure)> = free
            .iter()
            .filter(|c| numeric(c))
            .filter_map(|c| Some((*c, heads.figure(&self.sheet.columns[*c])?)))
            .collect();
        let latest = figures.iter().filter_map(|(_, f)| f.period).max();
        let mut period = latest;
        let without: Vec<&str> =
            figures.iter().filter(|(_, f)| f.period.is_none()).map(|(c, _)| self.head(*c)).collect();
        if !without.is_empty() {
            let above = Heads::period_above(&self.sheet.above);
            let proposal = above.or(latest).unwrap_or(Period::Year(deciding.wishes.last_year));
            let asked = deciding.take(
                Key::Year,
                Text::new(
                    format!("没有写时期的数值列({})是哪一年、季度或月的", without.join("、")),
                    format!("Period of the figures without one: {}", without.join(", ")),
                ),
                vec![],
                proposal.to_string(),
                if above.is_some() {
                    Text::new("取自表头上方", "it stands above the head")
                } else if latest.is_some() {
                    Text::new("其他列的最近时期", "the latest period of other columns")
                } else {
                    Text::new("刚过去的一年", "the last year that is over")
                },
                above.is_some(),
            );
            let parsed = asked.trim().parse().ok().filter(|p: &Period| (1900..2200).contains(&p.year()));
            period = Some(parsed.ok_or_else(|| {
                Refusal::new("bad-year", Text::new(format!("“{asked}”不是时期"), format!("“{asked}” is no period")))
                    .with_remedy(Text::new(
                        "写年(2024)、季度(2024Q3)或月(2024-03)",
                        "write a year (2024), a quarter (2024Q3) or a month (2024-03)",
                    ))
            })?);
        }
        let mut metrics: Vec<((String, Granularity), Metric)> = Vec::new();
        for (column, figure) in figures {
            let Some(period) = figure.period.or(period) else { continue };
            let key = (figure.stem.to_lowercase(), period.granularity());
            let seen = &seen[column];
            let place = metrics.iter().position(|(k, _)| *k == key).unwrap_or_else(|| {
                let id = names::unused(names::slug(&figure.stem, '_', "figure"), used);
                let (title, unit, stock) = (figure.stem.clone(), figure.unit.clone(), figure.is_stock());
                metrics.push((
                    key,
                    Metric { id, title, unit, stock, decimals: 0, negative: false, periods: BTreeMap::new() },
                ));
                metrics.len() - 1
            });
            let metric = &mut metrics[place].1;
            if metric.periods.contains_key(&period) {
                continue;
            }
            metric.periods.insert(period, column);
            metric.decimals = metric.decimals.max(seen.decimals).min(MOST_DECIMALS);
            metric.negative |= seen.negative;
            metric.unit = metric.unit.take().or(figure.unit);
            free.retain(|c| *c != column);
        }
        Ok(metrics.into_iter().map(|(_, m)| m).collect())
    }

    /// The other columns as properties, of the types that a folder without manifest would have.
    fn others(
        &self,
        free: &[usize],
        seen: &[Seen],
        role: &dyn Fn(usize) -> Option<HeadRole>,
        used: &mut Vec<String>,
        columns: &mut Columns,
    ) {
        let mut text = String::from("{\"type\":\"FeatureCollection\",\"features\":[");
        let step = self.sheet.cells.len().div_ceil(LOOKED_AT).max(1);
        for (n, row) in (0..self.sheet.cells.len()).step_by(step).enumerate() {
            let cells: serde_json::Map<String, Json> = free
                .iter()
                .map(|c| {
                    let cell = self.sheet.cells.cell(row, *c);
                    let text = cell.text.trim();
                    let value = match (cell.kind, number(cell.kind, text)) {
                        (Kind::Empty | Kind::Fault, _) => Json::Null,
                        (Kind::Boolean, _) => json!(text == "true"),
                        (_, Some(0)) => text.replace(',', "").parse::<i64>().map_or(json!(text), |n| json!(n)),
                        (_, Some(_)) => text.replace(',', "").parse::<f64>().map_or(json!(text), |n| json!(n)),
                        _ => json!(text),
                    };
                    (format!("c{c}"), value)
                })
                .collect();
            let feature = json!({"type": "Feature", "geometry": null, "properties": cells});
            text.push_str(if n == 0 { "" } else { "," });
            text.push_str(&feature.to_string());
        }
        text.push_str("]}");
        let inferred = properties(&text);
        let (mut doubtful, mut twice) = (Vec::new(), HashSet::new());
        for c in free {
            let head = self.head(*c);
            if role(*c) == Some(HeadRole::Nothing) || !twice.insert(head.to_lowercase()) {
                columns.wanted.push((head.to_owned(), String::new()));
                let text = Text::new(format!("“{head}”列未采用"), format!("the column “{head}” was left out"));
                columns.findings.push(Finding::info("column-left", text));
                continue;
            }
            let ty = inferred.iter().find(|p| p.name == format!("c{c}")).map_or(json!("string"), |p| json!(p.ty));
            let name = names::unused(names::slug(head, '_', "column"), used);
            let year = |v: &String| v.parse().is_ok_and(|y: u16| (1500..2200).contains(&y));
            let years = seen[*c].values.keys().all(year);
            if matches!(ty.as_str(), Some("integer" | "number")) && seen[*c].values.len() > 20 && !years {
                doubtful.push(head.to_owned());
            }
            columns.take(self, Some(*c), &name, json!({"title": names::text(head), "type": ty}));
        }
        if !doubtful.is_empty() {
            let [zh, en] = ["、", ", "].map(|between| doubtful.join(between));
            columns.open_ends.push(Text::new(
                format!("这些数值列没有写单位或时期,只作属性、不合计:{zh}(在列名中写明,如“产量2024(吨)”,再重新生成)"),
                format!("these columns of numbers say no unit and no period, so they are properties and not summed: {en} (say both in the head, as in “Output 2024 (t)”, and make the folder again)"),
            ));
        }
    }
}

impl Columns {
    /// Declares a property, filled by a column where there is one.
    fn take(&mut self, entries: &Entries, column: Option<usize>, name: &str, declared: Json) {
        let mut property = json!({"name": name});
        if let (Some(property), Json::Object(declared)) = (property.as_object_mut(), declared) {
            property.extend(declared);
        }
        self.properties.push(property);
        if let Some(column) = column {
            self.wanted.push((entries.head(column).to_owned(), name.to_owned()));
        }
    }

    fn metric(&mut self, entries: &Entries, metric: &Metric, open: bool, used: &mut Vec<String>) {
        let unit = metric.unit.as_deref().map_or_else(
            || {
                self.open_ends.push(Text::new(
                    format!("“{}”没有写单位,请在 dataset.json 中补上", metric.title),
                    format!("“{}” says no unit: add it in dataset.json", metric.title),
                ));
                Text::new("单位待填", "unit to be written")
            },
            names::both,
        );
        let whole = metric.decimals == 0;
        let mut periods = serde_json::Map::new();
        for (period, column) in &metric.periods {
            let name = format!("{}_{}", metric.id, period.to_string().to_lowercase().replace('-', "_"));
            let name = names::unused(name, used);
            let title = format!("{} {period}", metric.title);
            let mut declared = json!({
                "title": {"zh": title, "en": title},
                "type": if whole { "integer" } else { "number" },
                "unit": unit,
            });
            if !whole {
                declared["decimals"] = json!(metric.decimals);
            }
            if !metric.negative {
                declared["minimum"] = json!(0);
            }
            if !open {
                declared["restricted"] = json!(true);
            }
            self.take(entries, Some(*column), &name, declared);
            periods.insert(period.to_string(), json!(name));
        }
        let mut spec = json!({
            "id": metric.id,
            "title": names::text(&metric.title),
            "unit": unit,
            "decimals": metric.decimals,
            "kind": if metric.stock { "stock" } else { "flow" },
            "columns": periods,
        });
        if !open {
            spec["restricted"] = json!(true);
        }
        self.metrics.push(spec);
    }

    /// The register's collection in the manifest. Among several tables it has its own title and words, and the first is the main one.
    pub fn collection(&self, entries: &Entries, place: &TablePlace) -> Json {
        let mut register = json!({});
        if place.is_main() {
            register["main"] = json!(true);
        } else if place.number.is_some() {
            register["terms"] = json!({"row": self.row_term});
            if self.classified() {
                register["terms"]["class"] = self.class_term.clone();
            }
        }
        for (part, property) in [("district", self.district), ("cluster", self.class)] {
            if let Some(property) = property {
                register[part] = json!(property);
            }
        }
        register["metrics"] = json!(self.metrics);
        let title = match place.number {
            Some(_) => {
                json!({"zh": self.row_term["zh"], "en": capital(self.row_term["plural"].as_str().unwrap_or_default())})
            }
            // a Chinese text of ours would make a dataset without any look like one that is read in Chinese
            None if entries.is_chinese() => json!({"zh": "名录", "en": "Register"}),
            None => json!("Register"),
        };
        json!({
            "id": place.id,
            "file": place.file,
            "role": "register",
            "title": title,
            "geometry": entries.geometry,
            "name": "name",
            "source": {"zh": format!("由 {} 导入", entries.file), "en": format!("imported from {}", entries.file)},
            "licence": null,
            "register": register,
            "properties": self.properties,
        })
    }

    /// Whether there is a classification.
    pub fn classified(&self) -> bool {
        self.class.is_some()
    }
}

/// The decimals of a number; none where the text is something else, such as a code with zeros before it.
fn number(kind: Kind, text: &str) -> Option<usize> {
    if !matches!(kind, Kind::Number | Kind::Text) {
        return None;
    }
    let plain = text.replace(',', "");
    let digits = plain.trim_start_matches('-');
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let fit = !whole.is_empty()
        && whole.len() + part.len() <= 15
        && whole.bytes().chain(part.bytes()).all(|b| b.is_ascii_digit())
        && (whole == "0" || !whole.starts_with('0'));
    // a number of a spreadsheet may be written with an exponent
    if !fit && kind == Kind::Number && plain.parse::<f64>().is_ok_and(f64::is_finite) && plain.contains(['e', 'E', '.'])
    {
        return Some(MOST_DECIMALS);
    }
    fit.then(|| part.trim_end_matches('0').len())
}
