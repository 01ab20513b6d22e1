//! A trial zone as a file: a document, a workbook, CSV, or GeoJSON. Each says that it is a trial and what of it is assumed.

mod document;

use super::cell::{Cell, Form, Head, Sheet, Tables};
use super::paper::PaperFile;
use super::words::pick;
use super::{Format, ReportError};
use crate::core::model::{Lang, Text};
use crate::core::query::{
    AssumedInside, AssumedKind, Quotient, Trial, TrialAmount, TrialClass, TrialCount, TrialValue,
};
use crate::core::snapshot::Description;
use crate::core::stats::quotient::Verdict;
use crate::render::drawing::{Drawing, Fonts};
use serde_json::{Value, json};

/// The sort of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrialFile {
    /// A document or tables.
    Paper(PaperFile),
    /// The outline and the rows that are assumed.
    Geojson,
}

impl TrialFile {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        PaperFile::ALL.map(Self::Paper).into_iter().chain([Self::Geojson])
    }

    /// Whether it shows the map.
    pub fn has_map(self) -> bool {
        matches!(self, Self::Paper(file) if file.has_map())
    }

    /// The end of its name, and its word in addresses.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Paper(file) => file.extension(),
            Self::Geojson => Format::Geojson.extension(),
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Paper(file) => file.media_type(),
            Self::Geojson => Format::Geojson.media_type(),
        }
    }
}

/// What a file of a trial zone is made of.
#[derive(Clone, Copy, Debug)]
pub struct TrialSet<'a> {
    /// The trial zone.
    pub trial: &'a Trial,
    /// What it is called; by its area where left out.
    pub title: Option<&'a str>,
    /// Scenarios beside it, and what they are called.
    pub beside: &'a [(Option<String>, Trial)],
    /// What the data is.
    pub about: &'a Description,
    /// Language.
    pub lang: Lang,
    /// The day on which the file is made, `YYYY-MM-DD`.
    pub day: &'a str,
}

const INDEX: Form = Form::Ratio(4);

impl<'a> TrialSet<'a> {
    /// The bytes of a file; `map` is drawn where [`TrialFile::has_map`].
    pub fn render(
        &self,
        file: TrialFile,
        map: Option<Drawing<'static>>,
        fonts: &Fonts,
    ) -> Result<Vec<u8>, ReportError> {
        let TrialFile::Paper(file) = file else { return Ok(self.geojson()) };
        let tables = || Tables {
            title: self.title(),
            data: format!("{} {}", self.about.manifest.id, self.trial.revision),
            marks: self.marks(),
            sheets: self.sheets(),
        };
        file.render(fonts, || self.document(map), tables)
    }

    fn say(&self, zh: &'a str, en: &'a str) -> &'a str {
        pick(self.lang, zh, en)
    }

    fn text(&self, text: &Text) -> String {
        text.get(self.lang).to_owned()
    }

    /// A text with the dataset's words in it.
    fn fill(&self, zh: &str, en: &str) -> String {
        self.text(&self.about.wording().text(zh, en))
    }

    fn area(&self, area: &crate::core::query::AreaInfo) -> String {
        pick(self.lang, &area.name, &area.name_en).to_owned()
    }

    /// What the trial zone is called.
    fn name(&self) -> String {
        self.title.map_or_else(|| self.area(&self.trial.zone), str::to_owned)
    }

    /// The title of the file, and of its map.
    pub fn title(&self) -> String {
        format!("{} {}", self.say("推演", "Trial zone"), self.name())
    }

    fn marks(&self) -> Vec<String> {
        let mut marks = vec![self.say("推演", "Trial").to_owned()];
        if self.all().any(|(_, trial)| !trial.assumed.is_empty()) {
            marks.push(self.say("含假设", "Holds assumptions").to_owned());
        }
        if self.trial.sample {
            marks.push(self.say("示例数据", "Sample data").to_owned());
        }
        marks
    }

    fn period(&self) -> String {
        self.trial.period.map_or_else(String::new, |period| self.text(&period.words()))
    }

    fn source(&self) -> String {
        self.about.register().map_or_else(String::new, |register| self.text(&register.spec.source))
    }

    fn sheet(&self, name: &str, heads: Vec<Head>, rows: Vec<Vec<Cell<'a>>>, foot: Vec<String>) -> Sheet<'a> {
        Sheet {
            name: name.to_owned(),
            title: Some((format!("{} · {name}", self.title()), self.marks())),
            heads,
            rows: Box::new(rows.into_iter()),
            total: None,
            foot,
            frozen: 0,
        }
    }

    fn sheets(&self) -> Vec<Sheet<'a>> {
        let mut sheets = vec![self.figures(), self.classes()];
        sheets.extend(self.weighed());
        sheets.push(self.around());
        sheets.extend(self.beside());
        if !self.trial.assumed.is_empty() {
            sheets.push(self.assumed());
        }
        sheets.push(self.remarks());
        sheets
    }

    fn states(&self) -> [Head; 4] {
        let titles = [
            ("推演前", "As it was"),
            ("推演范围(名录)", "Trial zone (register)"),
            ("推演范围(含假设)", "Trial zone (with assumed)"),
            ("变化", "Change"),
        ];
        titles.map(|(zh, en)| Head::new(self.say(zh, en)))
    }

    /// The states in few words; what is assumed only where something is.
    fn states_in_brief(&self, heads: &mut [Head], with: &str) {
        let briefs = [("推演前", "Before"), ("推演", "Trial"), ("含假设", "Assumed"), ("变化", "Change")];
        for (i, (head, (zh, en))) in heads.iter_mut().zip(briefs).enumerate() {
            let shown = i != 2 || !self.trial.assumed.is_empty();
            head.brief = shown.then(|| format!("{with}{}", self.say(zh, en)));
        }
    }

    fn figures(&self) -> Sheet<'a> {
        let t = self.trial;
        let named = |zh, en| Head::new(self.say(zh, en)).briefly(self.say(zh, en));
        let mut heads = vec![named("指标", "Figure"), named("单位", "Unit"), named("时期", "Period")];
        heads.extend(self.states());
        self.states_in_brief(&mut heads[3..], "");
        let row = |name: String, unit: String, period: String, cells: [Cell<'a>; 4]| {
            [Cell::text(name), Cell::text(unit), Cell::text(period)].into_iter().chain(cells).collect::<Vec<_>>()
        };
        let counter = self.fill("{counter}", "");
        let mut rows = vec![
            row(self.fill("{row}数", "{Rows}"), counter, self.period(), counts(t.count)),
            row(
                self.say("面积", "Area").to_owned(),
                self.say("平方公里", "km²").to_owned(),
                String::new(),
                values(t.area_km2, Form::Grouped(2), false),
            ),
        ];
        let register = self.about.register().and_then(|c| c.spec.register.as_ref());
        for metric in register.iter().flat_map(|r| &r.metrics) {
            let Some(TrialAmount { unit, period, sum, hhi, withheld, .. }) = t.totals.get(&metric.id) else { continue };
            let of = period.map_or_else(String::new, |period| self.text(&period.words()));
            let title = self.text(&metric.title);
            rows.push(row(title.clone(), self.text(unit), of.clone(), values(*sum, Form::Grouped(2), *withheld)));
            let of_rows = self.fill("{row}集中度(HHI)", "concentration of {rows} (HHI)");
            rows.push(row(format!("{title} · {of_rows}"), String::new(), of, values(*hhi, INDEX, *withheld)));
        }
        let mix = self.fill("{class}构成(HHI)", "Mix of {classes} (HHI)");
        rows.push(row(mix, String::new(), self.period(), values(t.class_mix_hhi, INDEX, false)));
        let lead = |lead: &Option<crate::core::query::TrialLead>| {
            lead.as_ref().map_or(Cell::Empty, |lead| Cell::text(self.text(&lead.name)))
        };
        let now = lead(&t.lead);
        let cells = [lead(&t.baseline_lead), Cell::Empty, now, Cell::Empty];
        rows.push(row(self.fill("最多的{class}", "Largest {class}"), String::new(), self.period(), cells));
        let baseline = format!("{}: {}", self.say("推演前", "As it was"), self.area(&t.baseline));
        self.sheet(self.say("推演", "Trial"), heads, rows, vec![baseline])
    }

    fn classes(&self) -> Sheet<'a> {
        let class = self.fill("{class}", "{Class}");
        let mut heads = vec![Head::new(class.clone()).briefly(class)];
        heads.extend(self.states().map(|head| Head::new(format!("{} {}", self.fill("{row}数", "{Rows}"), head.title))));
        self.states_in_brief(&mut heads[1..5], &self.fill("{counter}数 ", "{Rows} "));
        heads.extend(self.states().map(|head| Head::new(format!("{} {}", self.say("区位熵", "LQ"), head.title))));
        self.states_in_brief(&mut heads[5..9], self.say("区位熵 ", "LQ "));
        heads[8].brief = None;
        for (zh, en, short_zh, short_en) in [
            ("区间下限", "Interval from", "下限", "From"),
            ("区间上限", "Interval to", "上限", "To"),
            ("判断", "Finding", "判断", "Finding"),
        ] {
            heads.push(Head::new(self.say(zh, en)).briefly(self.say(short_zh, short_en)));
        }
        let row = |class: &TrialClass| {
            let now = class.lq.assumed.unwrap_or(class.lq.real);
            let lq = |quotient: Quotient| match quotient.lq_test {
                Some(test) if test.verdict == Verdict::TooFew => Cell::text(self.verdict(test.verdict)),
                _ => Cell::maybe(quotient.lq, Form::Ratio(2)),
            };
            let mut cells = vec![Cell::text(self.text(&class.name))];
            cells.extend(counts(class.count));
            cells.push(lq(class.lq.baseline));
            cells.push(lq(class.lq.real));
            cells.push(class.lq.assumed.map_or(Cell::Empty, lq));
            cells.push(Cell::maybe(class.lq.change, Form::Ratio(2)));
            let test = now.lq_test;
            cells.push(Cell::maybe(test.and_then(|t| t.low), Form::Ratio(2)));
            cells.push(Cell::maybe(test.and_then(|t| t.high), Form::Ratio(2)));
            cells.push(test.map_or(Cell::Empty, |t| Cell::text(self.verdict(t.verdict))));
            cells
        };
        let rows = self.trial.classes.iter().map(row).collect();
        self.sheet(self.say("分类", "Classes"), heads, rows, vec![])
    }

    /// Location quotients weighed by metrics, in each state and in each scenario beside it; `None` where there are none.
    fn weighed(&self) -> Option<Sheet<'a>> {
        let all: Vec<(String, &Trial)> = self.all().collect();
        let mut rows = Vec::new();
        let mut foot: Vec<String> = Vec::new();
        for (place, of) in self.trial.weighed.iter().enumerate() {
            for (at, class) in of.classes.iter().enumerate() {
                let form = Form::Grouped(of.weight.decimals);
                let mut line = |outline: String, sum: Option<f64>, withheld: bool, quotient: Quotient| {
                    let told = quotient.told();
                    let test = quotient.lq_test;
                    let hidden = |value: Option<f64>, form| match value {
                        None if withheld => Cell::Withheld,
                        value => Cell::maybe(value, form),
                    };
                    rows.push(vec![
                        Cell::text(self.text(&of.weight.title)),
                        Cell::text(self.text(&class.name)),
                        Cell::text(outline),
                        hidden(sum, form),
                        Cell::text(self.text(&of.weight.unit)),
                        if test.is_some() { Cell::maybe(told, Form::Ratio(2)) } else { hidden(told, Form::Ratio(2)) },
                        Cell::maybe(test.and_then(|t| t.low), Form::Ratio(2)),
                        Cell::maybe(test.and_then(|t| t.high), Form::Ratio(2)),
                        test.map_or(Cell::Empty, |t| Cell::text(self.verdict(t.verdict))),
                    ]);
                };
                let state = |zh, en| self.say(zh, en).to_owned();
                line(state("推演前", "As it was"), class.sum.baseline, class.withheld, class.lq.baseline);
                line(state("推演", "Trial zone"), class.sum.real, class.withheld, class.lq.real);
                if let Some(quotient) = class.lq.assumed {
                    line(state("推演(含假设)", "With assumed"), class.sum.assumed, class.withheld, quotient);
                }
                for (name, trial) in all.iter().skip(1) {
                    let Some(other) = trial.weighed.get(place).and_then(|of| of.classes.get(at)) else { continue };
                    let mark = if trial.assumed.is_empty() { "" } else { self.say("(含假设)", " (with assumed)") };
                    let (sum, quotient) = match other.lq.assumed {
                        Some(quotient) => (other.sum.assumed, quotient),
                        None => (other.sum.real, other.lq.real),
                    };
                    line(format!("{name}{mark}"), sum, other.withheld, quotient);
                }
            }
            let denominator = self.text(&of.denominator);
            let within = format!("{} · {}", self.say("分母", "Within"), self.text(&of.weight.title));
            foot.push(format!("{within}: {denominator}"));
        }
        let notes = self.trial.weighed.iter().flat_map(|of| &of.notes);
        for note in notes.map(|note| pick(self.lang, &note.zh, &note.en).to_owned()) {
            if !foot.contains(&note) {
                foot.push(note);
            }
        }
        if rows.is_empty() {
            return None;
        }
        let head = |zh: &'a str, en: &'a str| Head::new(self.say(zh, en)).briefly(self.say(zh, en));
        let class = self.fill("{class}", "{Class}");
        let heads = vec![
            head("按", "By"),
            Head::new(class.clone()).briefly(class),
            head("范围", "Outline"),
            head("合计", "Sum"),
            Head::new(self.say("单位", "Unit")),
            head("区位熵", "LQ"),
            Head::new(self.say("区间下限", "Interval from")).briefly(self.say("下限", "From")),
            Head::new(self.say("区间上限", "Interval to")).briefly(self.say("上限", "To")),
            head("判断", "Finding"),
        ];
        Some(self.sheet(self.say("加权区位熵", "Weighted quotients"), heads, rows, foot))
    }

    fn verdict(&self, verdict: Verdict) -> String {
        match verdict {
            Verdict::TooFew => self.say("样本过少", "Too few to say").to_owned(),
            Verdict::NoDifference => self.fill("与{whole}无显著差异", "No significant difference from {whole}"),
            Verdict::Above => self.fill("显著高于{whole}", "Significantly above {whole}"),
            Verdict::Below => self.fill("显著低于{whole}", "Significantly below {whole}"),
        }
    }

    fn around(&self) -> Sheet<'a> {
        let heads = [
            ("关系", "Relation"),
            ("类别", "Kind"),
            ("名称", "Name"),
            ("面积(平方公里)", "Ground (km²)"),
            ("单位数", "Rows"),
            ("距离(米)", "Distance (m)"),
            ("推演前距离(米)", "Distance before (m)"),
            ("示意", "Schematic"),
        ];
        let heads = heads.map(|(zh, en)| Head::new(self.say(zh, en)).briefly(self.say(zh, en))).into_iter().collect();
        let schematic = |is: bool| if is { Cell::text(self.say("示意", "schematic")) } else { Cell::Empty };
        let mut rows = Vec::new();
        for overlap in &self.trial.overlaps {
            let kind = self.about.zone_kinds.iter().find(|kind| kind.id == overlap.zone.zone_kind);
            rows.push(vec![
                Cell::text(self.say("重叠", "overlaps")),
                kind.map_or(Cell::Empty, |kind| Cell::text(self.text(&kind.title))),
                Cell::text(pick(self.lang, &overlap.zone.name, &overlap.zone.name_en).to_owned()),
                Cell::Number(overlap.area_km2, Form::Grouped(3)),
                Cell::count(overlap.count),
                Cell::Empty,
                Cell::Empty,
                schematic(overlap.schematic),
            ]);
        }
        for platform in &self.trial.platforms {
            let mut row = vec![Cell::text(self.say("内有", "holds")), Cell::Empty];
            row.push(Cell::text(self.text(&platform.name)));
            row.resize(8, Cell::Empty);
            rows.push(row);
        }
        for distance in &self.trial.distances {
            rows.push(vec![
                Cell::text(self.say("最近", "nearest")),
                Cell::text(self.text(&distance.title)),
                Cell::text(self.text(&distance.nearest.name)),
                Cell::Empty,
                Cell::Empty,
                Cell::Number(distance.nearest.metres, Form::Grouped(0)),
                Cell::Number(distance.baseline.metres, Form::Grouped(0)),
                schematic(distance.schematic),
            ]);
        }
        self.sheet(self.say("重叠与距离", "Overlaps and distances"), heads, rows, vec![])
    }

    fn kind(&self, row: &AssumedInside) -> &'a str {
        match row.kind {
            AssumedKind::Added => self.say("假设新增", "assumed: added"),
            AssumedKind::Moved => self.say("假设迁移", "assumed: moved"),
        }
    }

    fn assumed(&self) -> Sheet<'a> {
        let titles = [
            ("假设", "Assumed"),
            ("编号", "Id"),
            ("名称", "Name"),
            ("分类", "Class"),
            ("经度", "Longitude"),
            ("纬度", "Latitude"),
            ("在推演范围内", "In the trial zone"),
        ];
        let mut heads: Vec<Head> =
            titles.into_iter().map(|(zh, en)| Head::new(self.say(zh, en)).briefly(self.say(zh, en))).collect();
        let register = self.about.register().and_then(|c| c.spec.register.as_ref());
        let metrics: Vec<_> = register.iter().flat_map(|r| &r.metrics).collect();
        heads.extend(metrics.iter().map(|m| Head::new(format!("{} ({})", self.text(&m.title), self.text(&m.unit)))));
        let row = |row: &AssumedInside| {
            let text = |text: &Option<Text>| text.as_ref().map_or(Cell::Empty, |text| Cell::text(self.text(text)));
            let mut cells = vec![
                Cell::text(self.kind(row)),
                row.id.clone().map_or(Cell::Empty, Cell::text),
                text(&row.name),
                text(&row.class_name),
                Cell::Number(row.position[0], Form::Plain),
                Cell::Number(row.position[1], Form::Plain),
                Cell::text(if row.inside { self.say("是", "yes") } else { self.say("否", "no") }),
            ];
            let figure = |id: &str| row.figures.iter().find(|figure| figure.metric == id).map(|figure| figure.value);
            cells.extend(metrics.iter().map(|m| Cell::maybe(figure(&m.id), Form::Grouped(2))));
            cells
        };
        let rows = self.trial.assumed.iter().map(row).collect();
        self.sheet(self.say("假设", "Assumed"), heads, rows, vec![])
    }

    /// The trial zone and the scenarios beside it.
    fn all(&self) -> impl Iterator<Item = (String, &'a Trial)> + use<'a> {
        let set = *self;
        let named =
            move |title: Option<&str>, trial: &Trial| title.map_or_else(|| set.area(&trial.zone), str::to_owned);
        let beside = set.beside.iter().map(move |(title, trial)| (named(title.as_deref(), trial), trial));
        std::iter::once((set.name(), set.trial)).chain(beside)
    }

    /// Scenarios side by side, what is assumed among their figures, each with its difference from the first; `None` of one alone.
    fn beside(&self) -> Option<Sheet<'a>> {
        if self.beside.is_empty() {
            return None;
        }
        let all: Vec<(String, &Trial)> = self.all().collect();
        let head = |text: String| Head::new(text.clone()).briefly(text);
        let mut heads = vec![head(self.say("指标", "Figure").into()), head(self.say("单位", "Unit").into())];
        for (i, (name, trial)) in all.iter().enumerate() {
            let mark = if trial.assumed.is_empty() { "" } else { self.say("(含假设)", " (with assumed)") };
            heads.push(head(format!("{name}{mark}")));
            if i > 0 {
                heads.push(head(self.say("差", "Difference").into()));
            }
        }
        // a figure that is withheld, or of which the difference would be from one
        let cell = |value: Option<f64>, withheld: bool, form| match value {
            None if withheld => Cell::Withheld,
            value => Cell::maybe(value, form),
        };
        let row = |name: String, unit: String, form: Form, of: &dyn Fn(&Trial) -> (Option<f64>, bool)| {
            let mut cells = vec![Cell::text(name), Cell::text(unit)];
            let (first, hidden) = of(all[0].1);
            for (i, (_, trial)) in all.iter().enumerate() {
                let (one, withheld) = of(trial);
                cells.push(cell(one, withheld, form));
                if i > 0 {
                    let less = one.zip(first).map(|(one, first)| one - first);
                    cells.push(cell(less, withheld || hidden, form));
                }
            }
            cells
        };
        let now = |value: &TrialValue, trial: &Trial| {
            if trial.assumed.is_empty() { value.real } else { value.assumed }
        };
        let count = |count: &TrialCount| (Some(count.assumed.unwrap_or(count.real) as f64), false);
        let counter = self.fill("{counter}", "");
        let mut rows = vec![
            row(self.fill("{row}数", "{Rows}"), counter.clone(), Form::Grouped(0), &|t| count(&t.count)),
            row(self.say("面积", "Area").into(), self.say("平方公里", "km²").into(), Form::Grouped(2), &|t| {
                (t.area_km2.real, false)
            }),
        ];
        let register = self.about.register().and_then(|c| c.spec.register.as_ref());
        for metric in register.iter().flat_map(|r| &r.metrics) {
            let Some(total) = self.trial.totals.get(&metric.id) else { continue };
            let title = self.text(&metric.title);
            let of = |t: &Trial, figure: fn(&TrialAmount) -> &TrialValue| {
                let total = t.totals.get(&metric.id);
                (total.and_then(|total| now(figure(total), t)), total.is_some_and(|total| total.withheld))
            };
            rows.push(row(title.clone(), self.text(&total.unit), Form::Grouped(2), &|t| of(t, |total| &total.sum)));
            let of_rows = self.fill("{row}集中度(HHI)", "concentration of {rows} (HHI)");
            rows.push(row(format!("{title} · {of_rows}"), String::new(), INDEX, &|t| of(t, |total| &total.hhi)));
        }
        let mix = self.fill("{class}构成(HHI)", "Mix of {classes} (HHI)");
        rows.push(row(mix, String::new(), INDEX, &|t| (now(&t.class_mix_hhi, t), false)));
        for class in &self.trial.classes {
            let same = |t: &Trial| t.classes.iter().find(|c| c.code == class.code && c.part == class.part).cloned();
            let name = self.text(&class.name);
            let rows_of = |t: &Trial| same(t).map_or((None, false), |c| count(&c.count));
            rows.push(row(name.clone(), counter.clone(), Form::Grouped(0), &rows_of));
            // too few rows make no quotient, here as elsewhere: what is said of each stands in the line below
            let lq = |t: &Trial| same(t).map(|c| c.lq.assumed.unwrap_or(c.lq.real));
            let title = format!("{name} · {}", self.say("区位熵", "LQ"));
            let told = |t: &Trial| (lq(t).and_then(|quotient| quotient.told()), false);
            rows.push(row(title, String::new(), Form::Ratio(2), &told));
            let mut finding = vec![Cell::text(format!("{name} · {}", self.say("判断", "Finding"))), Cell::Empty];
            for (i, (_, trial)) in all.iter().enumerate() {
                let test = lq(trial).and_then(|quotient| quotient.lq_test);
                finding.push(test.map_or(Cell::Empty, |test| Cell::text(self.verdict(test.verdict))));
                finding.extend((i > 0).then_some(Cell::Empty));
            }
            rows.push(finding);
        }
        let foot = self.say(
            "差:与第一个方案之差;同一份数据,只是范围和假设不同,不说明效果。",
            "Difference: from the first scenario. The data is the same, outlines and assumptions differ; no effect of a measure.",
        );
        Some(self.sheet(self.say("方案对照", "Scenarios"), heads, rows, vec![foot.to_owned()]))
    }

    fn remarks(&self) -> Sheet<'a> {
        let line = |name: &'a str, text: String| vec![Cell::text(name), Cell::text(text)];
        let mut rows = vec![
            line(self.say("来源", "Source"), self.source()),
            line(self.say("时期", "Period"), self.period()),
            line(self.say("生成日期", "Made on"), self.day.to_owned()),
            line(self.say("数据版本", "Revision"), format!("{} {}", self.trial.dataset, self.trial.revision)),
        ];
        let notes = self.trial.notes.iter();
        rows.extend(notes.map(|note| line(self.say("说明", "Note"), pick(self.lang, &note.zh, &note.en).to_owned())));
        let heads = vec![Head::new(self.say("项目", "Item")), Head::wrapped(self.say("内容", "Text"), 90)];
        self.sheet(self.say("说明", "Notes"), heads, rows, vec![])
    }

    fn geojson(&self) -> Vec<u8> {
        let t = self.trial;
        let feature = |id: String, geometry: Value, properties: Value| json!({ "type": "Feature", "id": id, "geometry": geometry, "properties": properties });
        let mut features = Vec::new();
        // the trial zone, and the scenarios beside it, numbered from 2
        for (number, (name, trial)) in (1..).zip(self.all()) {
            let within = if number == 1 { String::new() } else { format!("-{number}") };
            let zone = json!({
                "trial": true,
                "name": name,
                "baseline": self.area(&trial.baseline),
                "area_km2": trial.area_km2,
                "count": trial.count,
                "totals": trial.totals,
                "class_mix_hhi": trial.class_mix_hhi,
                "classes": trial.classes,
                "weighed": trial.weighed,
            });
            let outline = trial.zone.outline.clone().unwrap_or(Value::Null);
            features.push(feature(format!("trial{within}"), outline, zone));
            for (i, row) in (1..).zip(&trial.assumed) {
                let mut properties = json!(row);
                properties["trial"] = true.into();
                properties["assumed"] = true.into();
                properties["scenario"] = name.as_str().into();
                properties["remark"] = self.kind(row).into();
                let geometry = json!({ "type": "Point", "coordinates": row.position });
                features.push(feature(format!("assumed{within}-{i}"), geometry, properties));
            }
        }
        let about = json!({
            "trial": true,
            "assumed": self.all().any(|(_, trial)| !trial.assumed.is_empty()),
            "remark": self.marks().join(" · "),
            "dataset": t.dataset,
            "revision": t.revision,
            "sample": t.sample,
            "period": t.period,
            "source": self.source(),
            "made_on": self.day,
            "notes": t.notes,
            "generated_by": concat!("Shigu ", env!("CARGO_PKG_VERSION")),
        });
        let mut out = json!({ "type": "FeatureCollection", "shigu": about, "features": features }).to_string();
        out.push('\n');
        out.into_bytes()
    }
}

fn counts<'a>(count: TrialCount) -> [Cell<'a>; 4] {
    [
        Cell::count(count.baseline),
        Cell::count(count.real),
        count.assumed.map_or(Cell::Empty, Cell::count),
        Cell::Integer(count.change, Form::Grouped(0)),
    ]
}

fn values<'a>(value: TrialValue, form: Form, withheld: bool) -> [Cell<'a>; 4] {
    [value.baseline, value.real, value.assumed, value.change].map(|value| match value {
        None if withheld => Cell::Withheld,
        value => Cell::maybe(value, form),
    })
}
