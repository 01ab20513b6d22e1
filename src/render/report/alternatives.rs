//! Two or three layouts beside each other as a paper: the map of each, what its areas hold beside the same areas as they are in force, and the
//! targets with how much of each is there.

use super::ReportError;
use super::cell::{Cell, Form, Head, Sheet, Tables};
use super::document::{Block, Document, Picture, Section, Table};
use super::paper::PaperFile;
use super::words::{full_width, grouped, pick};
use crate::core::model::{Lang, Text, Wording};
use crate::render::drawing::{Drawing, Fonts};

/// What becomes of a feature.
#[derive(Clone, Debug)]
pub struct AlternativeChange {
    /// Its number on the map.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// `new`, `changed`, `moved` or `removed`.
    pub class: String,
}

/// An area of a layout.
#[derive(Clone, Debug)]
pub struct AlternativeArea {
    /// Its number on the map.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// Rows as it is in force, and in the layout; the first is none of a new one.
    pub rows: (Option<u64>, u64),
    /// Ground in square kilometres.
    pub ground: Option<f64>,
    /// The class of most rows, with its location quotient.
    pub lead: Option<(String, Option<f64>)>,
    /// Platforms inside.
    pub platforms: usize,
    /// Zones whose ground it shares.
    pub overlaps: Vec<String>,
}

/// A layout.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// Its title.
    pub title: String,
    /// What is said of it.
    pub note: String,
    /// What becomes of features.
    pub changes: Vec<AlternativeChange>,
    /// The areas among them.
    pub areas: Vec<AlternativeArea>,
    /// Its map.
    pub map: Option<Drawing<'static>>,
}

/// A target as it is in force, or as a layout has it.
#[derive(Clone, Debug)]
pub struct AlternativeAim {
    /// Figure with unit and year.
    pub said: String,
    /// The part of it that is there.
    pub share: Option<f64>,
}

/// A target that a layout changes.
#[derive(Clone, Debug)]
pub struct AlternativeTarget {
    /// What it is.
    pub title: String,
    /// What there is of it; none where that is not known.
    pub actual: Option<String>,
    /// In force.
    pub force: AlternativeAim,
    /// In each layout; none where it stays as it is.
    pub layouts: Vec<Option<AlternativeAim>>,
}

/// What a paper about layouts is made of.
#[derive(Clone, Debug)]
pub struct AlternativesPaper {
    /// The layouts.
    pub layouts: Vec<Alternative>,
    /// The targets that any of them changes.
    pub targets: Vec<AlternativeTarget>,
    /// The version that is in force.
    pub version: u64,
    /// Words of the dataset.
    pub words: Wording,
    /// What its platforms are called.
    pub platforms: Text,
    /// Whether the rows are invented (示例数据).
    pub sample: bool,
    /// Language.
    pub lang: Lang,
    /// The day on which it is made, `YYYY-MM-DD`.
    pub day: String,
    /// What the data is of.
    pub data: String,
}

impl AlternativesPaper {
    /// The bytes of a file.
    pub fn render(&self, file: PaperFile, fonts: &Fonts) -> Result<Vec<u8>, ReportError> {
        let tables = || Tables {
            title: self.heading(),
            data: self.data.clone(),
            marks: self.marks(),
            sheets: vec![self.areas_sheet(), self.targets_sheet(), self.about()],
        };
        file.render(fonts, || self.document(), tables)
    }

    /// What the file is called, without its end.
    pub fn file_name(&self) -> String {
        let titles = self.layouts.iter().map(|layout| layout.title.replace('/', "-")).collect::<Vec<_>>().join("-");
        format!("{}-{titles}", self.say("方案比选", "layouts"))
    }

    fn say<'s>(&self, zh: &'s str, en: &'s str) -> &'s str {
        pick(self.lang, zh, en)
    }

    fn fill(&self, zh: &str, en: &str) -> String {
        self.words.fill(self.lang, self.say(zh, en))
    }

    fn heading(&self) -> String {
        let titles = self.layouts.iter().map(|layout| layout.title.as_str()).collect::<Vec<_>>();
        let titles = titles.join(self.say("、", ", "));
        match self.lang {
            Lang::Zh => format!("规划方案比选　{titles}"),
            Lang::En => format!("Layouts beside each other: {titles}"),
        }
    }

    fn marks(&self) -> Vec<String> {
        if self.sample { vec![self.say("示例数据", "Sample data").to_owned()] } else { vec![] }
    }

    fn class(&self, class: &str) -> &str {
        match class {
            "new" => self.say("新增", "new"),
            "moved" => self.say("调整位置", "moved"),
            "removed" => self.say("取消", "removed"),
            _ => self.say("修改", "changed"),
        }
    }

    fn rows_of((before, now): (Option<u64>, u64)) -> String {
        let Some(before) = before else { return grouped(now) };
        let change = now.cast_signed() - before.cast_signed();
        let sign = match change.signum() {
            1 => "+",
            -1 => "−",
            _ => "±",
        };
        format!("{} → {} ({sign}{})", grouped(before), grouped(now), grouped(change.unsigned_abs()))
    }

    fn lead_of(area: &AlternativeArea) -> String {
        match &area.lead {
            Some((name, Some(lq))) => format!("{name} (LQ {lq:.2})"),
            Some((name, None)) => name.clone(),
            None => "—".to_owned(),
        }
    }

    fn names(&self, names: &[String]) -> String {
        if names.is_empty() { "—".to_owned() } else { names.join(self.say("、", ", ")) }
    }

    fn area_heads(&self) -> Vec<String> {
        vec![
            self.say("序号", "No.").to_owned(),
            self.say("区域", "Area").to_owned(),
            self.fill("{row}（现行 → 方案）", "{Rows} (in force → layout)"),
            self.say("面积（km²）", "Ground (km²)").to_owned(),
            self.fill("首位{class}", "Leading {class}"),
            self.platforms.get(self.lang).to_owned(),
            self.say("重叠的区域", "Overlaps").to_owned(),
        ]
    }

    fn ground(area: &AlternativeArea) -> String {
        area.ground.map_or_else(|| "—".to_owned(), |km2| format!("{km2:.2}"))
    }

    /// What is the same kind of number in each layout.
    fn overview(&self) -> Table {
        let sum = |of: fn(&AlternativeArea) -> u64, layout: &Alternative| grouped(layout.areas.iter().map(of).sum());
        let line = |zh: &str, en: &str, of: &dyn Fn(usize, &Alternative) -> String| {
            let mut row = vec![self.fill(zh, en)];
            row.extend(self.layouts.iter().enumerate().map(|(at, layout)| of(at, layout)));
            row
        };
        let targets = |at: usize| {
            self.targets.iter().filter(|target| target.layouts.get(at).is_some_and(Option::is_some)).count()
        };
        let ground = |layout: &Alternative| {
            let known: Vec<f64> = layout.areas.iter().filter_map(|area| area.ground).collect();
            if known.is_empty() { "—".to_owned() } else { format!("{:.2}", known.iter().sum::<f64>()) }
        };
        let mut heads = vec![self.say("项目", "What").to_owned()];
        heads.extend(self.layouts.iter().map(|layout| layout.title.clone()));
        let rows = vec![
            line("改动要素（处）", "Features changed", &|_, layout| layout.changes.len().to_string()),
            line("其中区域（处）", "Of them areas", &|_, layout| layout.areas.len().to_string()),
            line("区域面积合计（km²）", "Ground of the areas (km²)", &|_, layout| ground(layout)),
            line("区域内{row}，各区域相加", "{Rows} in the areas, added up", &|_, layout| {
                sum(|area| area.rows.1, layout)
            }),
            line(
                &format!("区域内{}，各区域相加", self.platforms.zh),
                &format!("{} in the areas, added up", self.platforms.en),
                &|_, layout| sum(|area| area.platforms as u64, layout),
            ),
            line("修改的规划目标（个）", "Targets changed", &|at, _| targets(at).to_string()),
        ];
        let numeric = (0..heads.len()).map(|column| column > 0).collect();
        Table { caption: String::new(), heads, numeric, rows, total: false }
    }

    fn layout(&self, layout: &Alternative) -> Vec<Block> {
        let mut out = Vec::new();
        if !layout.note.is_empty() {
            out.push(Block::Text(layout.note.clone()));
        }
        if let Some(drawing) = &layout.map {
            let caption = match self.lang {
                Lang::Zh => format!("{}　改动位置", layout.title),
                Lang::En => format!("{}: where it changes", layout.title),
            };
            let alt = format!(
                "{caption}: {}",
                layout.changes.iter().map(|change| change.name.as_str()).collect::<Vec<_>>().join(", ")
            );
            out.push(Block::Picture(Picture { caption, alt, drawing: drawing.clone(), map: false }));
        }
        let change = |change: &AlternativeChange| {
            vec![change.number.to_string(), change.name.clone(), self.class(&change.class).to_owned()]
        };
        if layout.changes.is_empty() {
            out.push(Block::Text(self.say("没有改动要素。", "It changes no features.").to_owned()));
        } else {
            let heads = [self.say("序号", "No."), self.say("要素", "Feature"), self.say("改动", "Change")]
                .map(str::to_owned)
                .to_vec();
            let rows = layout.changes.iter().map(change).collect();
            let caption = self.say("改动的要素", "What it changes").to_owned();
            out.push(Block::Table(Table { caption, heads, numeric: vec![true, false, false], rows, total: false }));
        }
        if !layout.areas.is_empty() {
            let row = |area: &AlternativeArea| {
                vec![
                    area.number.to_string(),
                    area.name.clone(),
                    Self::rows_of(area.rows),
                    Self::ground(area),
                    Self::lead_of(area),
                    area.platforms.to_string(),
                    self.names(&area.overlaps),
                ]
            };
            let rows = layout.areas.iter().map(row).collect();
            let numeric = vec![true, false, true, true, false, true, false];
            let caption = self.say("区域内现状", "What the areas hold").to_owned();
            out.push(Block::Table(Table { caption, heads: self.area_heads(), numeric, rows, total: false }));
        }
        out
    }

    fn aim(&self, aim: &AlternativeAim) -> String {
        match aim.share {
            Some(share) => match self.lang {
                Lang::Zh => format!("{}，现有占 {:.1}%", aim.said, share * 100.0),
                Lang::En => format!("{}, {:.1}% there", aim.said, share * 100.0),
            },
            None => aim.said.clone(),
        }
    }

    fn target_heads(&self) -> Vec<String> {
        let mut heads = vec![
            self.say("目标", "Target").to_owned(),
            self.say("现有", "Now").to_owned(),
            self.say("现行目标", "In force").to_owned(),
        ];
        heads.extend(self.layouts.iter().map(|layout| layout.title.clone()));
        heads
    }

    fn target(&self, target: &AlternativeTarget) -> Vec<String> {
        let missing = self.say("暂缺", "not known");
        let mut row = vec![
            target.title.clone(),
            target.actual.clone().unwrap_or_else(|| missing.to_owned()),
            self.aim(&target.force),
        ];
        let same = || self.say("同现行", "as in force").to_owned();
        row.extend(target.layouts.iter().map(|aim| aim.as_ref().map_or_else(same, |aim| self.aim(aim))));
        row
    }

    fn notes(&self) -> Vec<String> {
        let mut out = vec![
            self.say(
                "地图为现行数据,编号为方案改动的要素;方案未生效,不改变现行数据。",
                "Maps show what is in force; numbers are the features that a layout changes. A layout that is not in force changes nothing.",
            ),
            self.say(
                "LQ 为首位类别在该区域的区位熵;各区域可能重叠,相加的数字不去重。",
                "LQ is the location quotient of the leading class in the area. Areas may share ground; what is added up counts it twice.",
            ),
            self.say(
                "目标的现有数字为同一口径、不晚于目标年份的最近一期;示例数据不与目标比较。",
                "What there is of a target is the latest figure of the same scope, no later than its year; sample data are set against no target.",
            ),
        ];
        if self.targets.is_empty() {
            out.pop();
        }
        out.into_iter().map(|note| if self.lang == Lang::Zh { full_width(note) } else { note.to_owned() }).collect()
    }

    /// When it was made, beside which version.
    fn made(&self) -> String {
        let of = |n: u64| match self.lang {
            Lang::Zh => format!("，现行数据为版本 v{n}"),
            Lang::En => format!(", version {n} in force"),
        };
        let version = if self.version > 0 { of(self.version) } else { String::new() };
        format!("{} {}{version}", self.say("编制日期", "made on"), self.day)
    }

    fn document(&self) -> Document {
        let mut sections = vec![(self.say("总体比较", "At a glance").to_owned(), vec![Block::Table(self.overview())])];
        sections.extend(self.layouts.iter().map(|layout| (layout.title.clone(), self.layout(layout))));
        let targets = if self.targets.is_empty() {
            Block::Text(self.say("各方案都没有修改规划目标。", "No layout changes a target.").to_owned())
        } else {
            let heads = self.target_heads();
            let numeric = vec![false; heads.len()];
            let rows = self.targets.iter().map(|target| self.target(target)).collect();
            Block::Table(Table { caption: String::new(), heads, numeric, rows, total: false })
        };
        sections.push((self.say("规划目标", "Targets").to_owned(), vec![targets]));
        sections.push((self.say("说明", "Notes").to_owned(), vec![Block::List(self.notes())]));
        Document {
            lang: self.lang,
            title: self.heading(),
            subtitle: self.made(),
            marks: self.marks(),
            footer: self.data.clone(),
            sections: Section::numbered(self.lang, sections),
        }
    }

    fn areas_sheet(&self) -> Sheet<'_> {
        let row = |layout: &Alternative, area: &AlternativeArea| {
            vec![
                Cell::text(layout.title.clone()),
                Cell::Integer(area.number as i64, Form::Plain),
                Cell::text(area.name.clone()),
                area.rows.0.map_or(Cell::Empty, Cell::count),
                Cell::count(area.rows.1),
                Cell::maybe(area.ground, Form::Ratio(2)),
                Cell::text(area.lead.as_ref().map_or_else(String::new, |(name, _)| name.clone())),
                Cell::maybe(area.lead.as_ref().and_then(|(_, lq)| *lq), Form::Ratio(2)),
                Cell::count(area.platforms as u64),
                Cell::text(area.overlaps.join(self.say("、", ", "))),
            ]
        };
        let rows: Vec<_> =
            self.layouts.iter().flat_map(|layout| layout.areas.iter().map(move |area| row(layout, area))).collect();
        let heads = [
            self.say("方案", "Layout").to_owned(),
            self.say("序号", "No.").to_owned(),
            self.say("区域", "Area").to_owned(),
            self.fill("{row}（现行）", "{Rows} (in force)"),
            self.fill("{row}（方案）", "{Rows} (layout)"),
            self.say("面积（km²）", "Ground (km²)").to_owned(),
            self.fill("首位{class}", "Leading {class}"),
            "LQ".to_owned(),
            self.platforms.get(self.lang).to_owned(),
            self.say("重叠的区域", "Overlaps").to_owned(),
        ];
        Sheet {
            name: self.say("方案区域", "Areas").to_owned(),
            title: Some((self.heading(), self.marks())),
            heads: heads.into_iter().map(Head::new).collect(),
            rows: Box::new(rows.into_iter()),
            total: None,
            foot: vec![],
            frozen: 0,
        }
    }

    fn targets_sheet(&self) -> Sheet<'_> {
        let rows: Vec<_> =
            self.targets.iter().map(|target| self.target(target).into_iter().map(Cell::text).collect()).collect();
        Sheet {
            name: self.say("规划目标", "Targets").to_owned(),
            title: None,
            heads: self.target_heads().into_iter().map(|head| Head::wrapped(head, 30)).collect(),
            rows: Box::new(rows.into_iter()),
            total: None,
            foot: vec![],
            frozen: 0,
        }
    }

    fn about(&self) -> Sheet<'_> {
        let rows: Vec<_> = self
            .layouts
            .iter()
            .map(|layout| vec![Cell::text(layout.title.clone()), Cell::text(layout.note.clone())])
            .collect();
        Sheet {
            name: self.say("说明", "Notes").to_owned(),
            title: None,
            heads: vec![Head::wrapped(self.say("方案", "Layout"), 26), Head::wrapped(self.say("说明", "Note"), 60)],
            rows: Box::new(rows.into_iter()),
            total: None,
            foot: self.notes(),
            frozen: 0,
        }
    }
}
