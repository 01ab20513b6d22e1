//! How far a plan is in a half-year, as a paper: how many items are how far, what is overdue, what nothing shows, what is not known; each item
//! with its figures; what was stated in the half-year.

use super::ReportError;
use super::cell::{Cell, Form, Head, Sheet, Tables};
use super::document::{Block, Document, Section, Table};
use super::paper::PaperFile;
use super::words::{full_width, pick, unknown};
use crate::core::model::{HalfYear, Lang, Stated, Text, UnitSpec};
use crate::core::query::{ItemFigure, ItemProgress, ItemStatus, PlanProgress, ProgressEntry, StatedFigure};
use crate::render::drawing::Fonts;

/// What a paper about the progress of a plan is made of.
#[derive(Clone, Debug)]
pub struct ProgressPaper<'a> {
    /// How far the plan is at the end of the half-year, or on the day where that goes on.
    pub progress: &'a PlanProgress,
    /// The half-year.
    pub half: HalfYear,
    /// Language.
    pub lang: Lang,
    /// The day on which it is made, `YYYY-MM-DD`.
    pub day: &'a str,
    /// What the data is of.
    pub data: String,
    /// The units in which figures are read.
    pub units: &'a [UnitSpec],
}

impl ProgressPaper<'_> {
    /// The bytes of a file.
    pub fn render(&self, file: PaperFile, fonts: &Fonts) -> Result<Vec<u8>, ReportError> {
        let tables = || Tables {
            title: self.heading(),
            data: self.data.clone(),
            marks: vec![],
            sheets: vec![self.sheet(), self.log(), self.about()],
        };
        file.render(fonts, || self.document(), tables)
    }

    /// What the file is called, without its end.
    pub fn file_name(&self) -> String {
        format!("{}-{}", self.say("规划落实情况", "plan-progress"), self.half)
    }

    fn say<'s>(&self, zh: &'s str, en: &'s str) -> &'s str {
        pick(self.lang, zh, en)
    }

    fn unknown(&self) -> String {
        unknown(self.lang).to_owned()
    }

    fn heading(&self) -> String {
        let half = self.half.words();
        match self.lang {
            Lang::Zh => format!("{}　{}落实情况", self.progress.title.zh, full_width(&half.zh)),
            Lang::En => format!("{}: progress in the {}", self.progress.title.en, half.en),
        }
    }

    fn status(&self, status: Option<ItemStatus>) -> String {
        status.map_or_else(|| self.unknown(), |status| status.words().get(self.lang).to_owned())
    }

    /// The items that a test picks, numbered as in the list.
    fn picked(&self, of: impl Fn(&ItemProgress) -> bool) -> Vec<(usize, &ItemProgress)> {
        (1..).zip(&self.progress.items).filter(|(_, one)| of(one)).collect()
    }

    /// What was stated in the half-year, by the day and in the order in which it was written down; each with the status before.
    fn stated(&self) -> Vec<(&ItemProgress, &ProgressEntry, Option<ItemStatus>)> {
        let (from, to) = (self.half.first_day(), self.half.last_day());
        let mut all = Vec::new();
        for one in &self.progress.items {
            let mut before = None;
            for entry in &one.entries {
                if (from.as_str()..=to.as_str()).contains(&entry.as_of.as_str()) {
                    all.push((one, entry, before));
                }
                before = Some(entry.status);
            }
        }
        all.sort_by(|(_, a, _), (_, b, _)| (&a.as_of, a.number).cmp(&(&b.as_of, b.number)));
        all
    }

    fn department(&self, one: &ItemProgress) -> String {
        one.department.as_ref().map_or_else(|| self.unknown(), |text| text.get(self.lang).to_owned())
    }

    fn deadline(&self, one: &ItemProgress) -> String {
        let text = one.deadline.as_ref().map_or_else(|| self.unknown(), ToString::to_string);
        if one.overdue { format!("{text}{}", self.say("（逾期）", " (overdue)")) } else { text }
    }

    /// A figure with what it is of and its unit.
    fn value(&self, figure: &StatedFigure, unit: &Text) -> String {
        let sign = match figure.comparator.as_str() {
            "ge" => "≥ ",
            "gt" => "> ",
            "approx" => "≈ ",
            _ => "",
        };
        let Stated { value, decimals, unit } = Stated::of(self.units, figure.value, unit, self.lang);
        let value = Form::Grouped(decimals).printed(value);
        let of = figure.period.as_ref().map(|period| match self.lang {
            Lang::Zh => format!("（{period}）"),
            Lang::En => format!(" ({period})"),
        });
        format!("{sign}{value} {unit}{}", of.unwrap_or_default()).trim_end().to_owned()
    }

    fn target(&self, figure: &ItemFigure) -> String {
        figure.target.as_ref().map_or_else(|| self.unknown(), |target| self.value(target, &figure.unit))
    }

    fn actual(&self, figure: &ItemFigure) -> String {
        let Some(actual) = &figure.actual else {
            return if figure.withheld { self.say("不公开", "withheld").to_owned() } else { self.unknown() };
        };
        let text = self.value(actual, &figure.unit);
        match (figure.sample, figure.reached) {
            (true, _) => text + self.say("（示例数据，不与目标比较）", " (sample data, set against no target)"),
            (_, Some(true)) => text + self.say("，已达到", ", reached"),
            (_, Some(false)) => text + self.say("，未达到", ", not reached"),
            (_, None) => text,
        }
    }

    /// Target and actual figure in one text.
    fn figures(&self, one: &ItemProgress) -> String {
        let Some(figure) = &one.figure else { return "—".to_owned() };
        let (target, actual) = (self.target(figure), self.actual(figure));
        match self.lang {
            Lang::Zh => format!("目标 {target}；现状 {actual}"),
            Lang::En => format!("target {target}; now {actual}"),
        }
    }

    fn acts_on(&self, one: &ItemProgress) -> String {
        let names: Vec<&str> = one.acts_on.iter().map(|target| target.name.get(self.lang)).collect();
        if names.is_empty() { "—".to_owned() } else { names.join(self.say("、", ", ")) }
    }

    /// What shows how far an item is, and of when.
    fn evidence(&self, one: &ItemProgress) -> String {
        let Some(entry) = one.latest() else { return self.unknown() };
        let said = if entry.evidence.is_empty() { self.say("无依据", "no evidence") } else { &entry.evidence };
        match self.lang {
            Lang::Zh => format!("{said}（{}）", entry.as_of),
            Lang::En => format!("{said} ({})", entry.as_of),
        }
    }

    fn pairs(&self) -> Vec<(String, String)> {
        let counts = self.progress.counts(None);
        let said = |zh: &str, en: &str, value: String| (self.say(zh, en).to_owned(), value);
        let of = |status: ItemStatus, n: usize| format!("{} {n}", status.words().get(self.lang));
        let how = [
            of(ItemStatus::Done, counts.done),
            of(ItemStatus::UnderWay, counts.under_way),
            of(ItemStatus::NotStarted, counts.not_started),
            of(ItemStatus::Stopped, counts.stopped),
            format!("{} {}", self.unknown(), counts.unknown),
        ];
        let figures = self.progress.items.iter().filter_map(|one| one.figure.as_ref());
        let reached = |is: Option<bool>| figures.clone().filter(|figure| figure.reached == is).count();
        let compared = match self.lang {
            Lang::Zh => {
                format!("已达到 {}，未达到 {}，尚不能判断 {}", reached(Some(true)), reached(Some(false)), reached(None))
            }
            Lang::En => format!(
                "reached {}, not reached {}, can't be said yet {}",
                reached(Some(true)),
                reached(Some(false)),
                reached(None)
            ),
        };
        vec![
            said("截至日期", "As of", self.progress.day.clone()),
            said("事项数", "Items", counts.items.to_string()),
            said("状态", "Status", how.join(self.say("，", ", "))),
            said("逾期", "Overdue", counts.overdue.to_string()),
            said("有状态而无依据", "With a status that nothing shows", counts.without_evidence.to_string()),
            said("责任单位暂缺", "Responsibility not known", counts.without_department.to_string()),
            said("时限暂缺", "Deadline not known", counts.without_deadline.to_string()),
            said("有指标的事项", "Items with a figure", compared),
            said("本期记录", "Statements in the half-year", self.stated().len().to_string()),
        ]
    }

    /// How many items of each kind are how far.
    fn by_list(&self) -> Table {
        let heads = [
            self.say("类别", "Kind"),
            self.say("事项", "Items"),
            self.say("已完成", "Done"),
            self.say("推进中", "Under way"),
            self.say("未启动", "Not started"),
            self.say("已中止", "Stopped"),
            self.say("暂缺", "Not known"),
            self.say("逾期", "Overdue"),
        ];
        let row = |name: String, list: Option<&str>| {
            let c = self.progress.counts(list);
            let all = [c.items, c.done, c.under_way, c.not_started, c.stopped, c.unknown, c.overdue];
            std::iter::once(name).chain(all.iter().map(ToString::to_string)).collect::<Vec<_>>()
        };
        let lists = self.progress.lists.iter();
        let mut rows: Vec<_> = lists.map(|list| row(list.title.get(self.lang).to_owned(), Some(&list.list))).collect();
        rows.push(row(self.say("合计", "Total").to_owned(), None));
        let numeric = (0..heads.len()).map(|i| i > 0).collect();
        Table { caption: String::new(), heads: heads.map(str::to_owned).to_vec(), numeric, rows, total: true }
    }

    /// Some items by their numbers, with who is responsible and why they stand here.
    fn table(&self, items: &[(usize, &ItemProgress)]) -> Block {
        if items.is_empty() {
            return Block::Text(self.say("无。", "None.").to_owned());
        }
        let heads = [
            self.say("序号", "No."),
            self.say("事项", "Item"),
            self.say("责任单位", "Responsible"),
            self.say("时限", "Due"),
            self.say("状态", "Status"),
            self.say("依据（日期）", "Evidence (day)"),
        ];
        let row = |(number, one): &(usize, &ItemProgress)| {
            vec![
                number.to_string(),
                one.item.title.get(self.lang).to_owned(),
                self.department(one),
                self.deadline(one),
                self.status(one.status()),
                self.evidence(one),
            ]
        };
        Block::Table(Table {
            caption: String::new(),
            heads: heads.map(str::to_owned).to_vec(),
            numeric: vec![true, false, false, false, false, false],
            rows: items.iter().map(row).collect(),
            total: false,
        })
    }

    /// The figures of items that have some.
    fn measured(&self) -> Option<Block> {
        let rows: Vec<Vec<String>> = (1..)
            .zip(&self.progress.items)
            .filter_map(|(number, one): (usize, _)| {
                let figure = one.figure.as_ref()?;
                let title = figure.title.get(self.lang).to_owned();
                let source = figure.actual.as_ref().or(figure.target.as_ref());
                let source = source.map_or_else(|| self.unknown(), |stated| stated.source.get(self.lang).to_owned());
                Some(vec![number.to_string(), title, self.target(figure), self.actual(figure), source])
            })
            .collect();
        let heads = [
            self.say("序号", "No."),
            self.say("指标", "Figure"),
            self.say("目标", "Target"),
            self.say("现状", "Now"),
            self.say("出处", "Source"),
        ];
        (!rows.is_empty()).then(|| {
            Block::Table(Table {
                caption: String::new(),
                heads: heads.map(str::to_owned).to_vec(),
                numeric: vec![true, false, false, false, false],
                rows,
                total: false,
            })
        })
    }

    fn statements(&self) -> Block {
        let stated = self.stated();
        if stated.is_empty() {
            return Block::Text(self.say("本期没有记录。", "Nothing was stated in the half-year.").to_owned());
        }
        let row = |(one, entry, before): &(&ItemProgress, &ProgressEntry, Option<ItemStatus>)| {
            let evidence = if entry.evidence.is_empty() { "—" } else { &entry.evidence };
            let change = format!("{} → {}", self.status(*before), self.status(Some(entry.status)));
            vec![entry.as_of.clone(), one.item.title.get(self.lang).to_owned(), change, evidence.to_owned()]
        };
        let heads = [
            self.say("日期", "Day"),
            self.say("事项", "Item"),
            self.say("状态", "Status"),
            self.say("依据", "Evidence"),
        ];
        Block::Table(Table {
            caption: String::new(),
            heads: heads.map(str::to_owned).to_vec(),
            numeric: vec![false; 4],
            rows: stated.iter().map(row).collect(),
            total: false,
        })
    }

    fn document(&self) -> Document {
        let overview = vec![Block::Pairs(self.pairs()), Block::Table(self.by_list())];
        let mut sections = vec![
            (self.say("总体情况", "Overview").to_owned(), overview),
            (self.say("逾期事项", "Overdue").to_owned(), vec![self.table(&self.picked(|one| one.overdue))]),
            (
                self.say("有状态而无依据", "With a status that nothing shows").to_owned(),
                vec![self.table(&self.picked(ItemProgress::lacks_evidence))],
            ),
        ];
        if let Some(measured) = self.measured() {
            sections.push((self.say("指标", "Figures").to_owned(), vec![measured]));
        }
        sections.push((self.say("本期进展", "What was stated in the half-year").to_owned(), vec![self.statements()]));
        for list in &self.progress.lists {
            let own = self.picked(|one| one.item.list == list.list);
            sections.push((list.title.get(self.lang).to_owned(), vec![self.table(&own)]));
        }
        sections.push((self.say("说明", "Notes").to_owned(), vec![Block::List(self.notes())]));
        Document {
            lang: self.lang,
            title: self.heading(),
            subtitle: match self.lang {
                Lang::Zh => full_width(&format!("截至 {},编制日期 {}", self.progress.day, self.day)),
                Lang::En => format!("as of {}, made on {}", self.progress.day, self.day),
            },
            marks: vec![],
            footer: self.data.clone(),
            sections: Section::numbered(self.lang, sections),
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            self.say(
                "事项、责任单位与时限以规划文件所写为准，其后有记录的以最近一次记录为准；都没有的写“暂缺”，不作推测。",
                "Items, who is responsible and when they are due are as the plan says, or as was stated last; what neither says is not known, and nothing is guessed.",
            )
            .to_owned(),
            self.say(
                "逾期指时限已过而状态不是“已完成”“已中止”；没有状态的也算在内。",
                "Overdue is what is past its deadline and neither done nor stopped, also where its status is not known.",
            )
            .to_owned(),
            self.say(
                "指标只在同一年份之间判断是否达到；示例数据不与目标比较。",
                "Whether a target is reached is said of figures of the same year only; sample data is set against no target.",
            )
            .to_owned(),
        ];
        let own = self.progress.note.get(self.lang);
        if !own.is_empty() {
            notes.push(own.to_owned());
        }
        notes
    }

    fn sheet(&self) -> Sheet<'_> {
        let title = |list: &str| self.progress.lists.iter().find(|own| own.list == list).map(|own| &own.title);
        let row = |(number, one): (i64, &ItemProgress)| {
            let kind = title(&one.item.list).map_or("", |title| title.get(self.lang)).to_owned();
            vec![
                Cell::Integer(number, Form::Plain),
                Cell::text(kind),
                Cell::text(one.item.title.get(self.lang).to_owned()),
                Cell::text(self.department(one)),
                Cell::text(one.deadline.as_ref().map_or_else(|| self.unknown(), ToString::to_string)),
                Cell::text(self.say(if one.overdue { "是" } else { "否" }, if one.overdue { "yes" } else { "no" })),
                Cell::text(self.status(one.status())),
                Cell::text(one.latest().map_or_else(|| self.unknown(), |entry| entry.as_of.clone())),
                Cell::text(one.latest().map_or_else(|| self.unknown(), |entry| entry.evidence.clone())),
                Cell::text(self.figures(one)),
                Cell::text(self.acts_on(one)),
            ]
        };
        let rows: Vec<_> = (1..).zip(&self.progress.items).map(row).collect();
        Sheet {
            name: self.say("事项清单", "Items").to_owned(),
            title: Some((self.heading(), vec![])),
            heads: vec![
                Head::new(self.say("序号", "No.")),
                Head::new(self.say("类别", "Kind")),
                Head::wrapped(self.say("事项", "Item"), 44),
                Head::wrapped(self.say("责任单位", "Responsible"), 22),
                Head::new(self.say("时限", "Due")),
                Head::new(self.say("逾期", "Overdue")),
                Head::new(self.say("状态", "Status")),
                Head::new(self.say("状态日期", "Day of the status")),
                Head::wrapped(self.say("依据", "Evidence"), 44),
                Head::wrapped(self.say("指标", "Figures"), 44),
                Head::wrapped(self.say("作用对象", "Acts on"), 36),
            ],
            rows: Box::new(rows.into_iter()),
            total: None,
            foot: vec![],
            frozen: 0,
        }
    }

    fn log(&self) -> Sheet<'_> {
        let row = |(one, entry, before): (&ItemProgress, &ProgressEntry, Option<ItemStatus>)| {
            vec![
                Cell::text(entry.as_of.clone()),
                Cell::text(one.item.title.get(self.lang).to_owned()),
                Cell::text(self.status(before)),
                Cell::text(self.status(Some(entry.status))),
                Cell::text(entry.evidence.clone()),
            ]
        };
        let rows: Vec<_> = self.stated().into_iter().map(row).collect();
        Sheet {
            name: self.say("本期进展", "Statements").to_owned(),
            title: None,
            heads: vec![
                Head::new(self.say("日期", "Day")),
                Head::wrapped(self.say("事项", "Item"), 44),
                Head::new(self.say("此前状态", "Before")),
                Head::new(self.say("状态", "Status")),
                Head::wrapped(self.say("依据", "Evidence"), 60),
            ],
            rows: Box::new(rows.into_iter()),
            total: None,
            foot: vec![],
            frozen: 0,
        }
    }

    fn about(&self) -> Sheet<'_> {
        let rows = self.pairs().into_iter().map(|(name, value)| vec![Cell::text(name), Cell::text(value)]);
        let made = self.say("编制日期 ", "made on ").to_owned() + self.day;
        Sheet {
            name: self.say("总体情况", "Overview").to_owned(),
            title: None,
            heads: vec![Head::wrapped(self.say("项目", "What"), 24), Head::wrapped(self.say("内容", "Value"), 70)],
            rows: Box::new(rows.collect::<Vec<_>>().into_iter()),
            total: None,
            foot: self.notes().into_iter().chain([made]).collect(),
            frozen: 0,
        }
    }
}
