//! How fresh the data is, as a paper: how many tables and metrics are in which state, what is overdue, then each of them.

use super::ReportError;
use super::cell::{Cell, Form, Head, Sheet, Tables};
use super::dates::Said;
use super::document::{Block, Document, Section, Table};
use super::paper::PaperFile;
use super::words::full_width;
use crate::core::model::{Lang, Text};
use crate::core::query::{Dates, DueState, Freshness, TableFreshness};
use crate::render::drawing::Fonts;

/// What a paper about the freshness of a dataset is made of.
#[derive(Clone, Debug)]
pub struct FreshnessPaper<'a> {
    /// How fresh it is.
    pub freshness: &'a Freshness,
    /// Title of the dataset.
    pub dataset: &'a Text,
    /// Language.
    pub lang: Lang,
    /// What the data is of.
    pub data: String,
}

impl FreshnessPaper<'_> {
    /// The bytes of a file.
    pub fn render(&self, file: PaperFile, fonts: &Fonts) -> Result<Vec<u8>, ReportError> {
        let tables =
            || Tables { title: self.heading(), data: self.data.clone(), marks: vec![], sheets: vec![self.sheet()] };
        file.render(fonts, || self.document(), tables)
    }

    /// What the file is called, without its end.
    pub fn file_name(&self) -> String {
        format!("{}-{}", self.said().say("数据时效", "freshness"), self.freshness.day)
    }

    fn said(&self) -> Said {
        Said(self.lang)
    }

    fn heading(&self) -> String {
        match self.lang {
            Lang::Zh => format!("{}　数据时效", self.dataset.zh),
            Lang::En => format!("{}: freshness of the data", self.dataset.en),
        }
    }

    fn pairs(&self) -> Vec<(String, String)> {
        let (counts, said) = (self.freshness.counts(), self.said());
        let row = |zh: &str, en: &str, value: String| (said.say(zh, en).to_owned(), value);
        let states = [
            (DueState::Overdue, counts.overdue),
            (DueState::Current, counts.current),
            (DueState::Irregular, counts.irregular),
            (DueState::Unknown, counts.unknown),
        ];
        let states = states.map(|(state, n)| format!("{} {n}", state.words().get(self.lang)));
        vec![
            row("日期", "Day", self.freshness.day.clone()),
            row("表、图层与指标", "Tables, layers and metrics", counts.items.to_string()),
            row("更新状态", "State", states.join(said.say("，", ", "))),
            row("提供单位暂缺", "Owner not known", counts.without_owner.to_string()),
            row("数据日期暂缺", "Date not known", counts.without_last.to_string()),
        ]
    }

    /// A line of a table.
    fn line(&self, (title, dates): (&Text, &Dates), of: &TableFreshness, named: bool) -> Vec<String> {
        let said = self.said();
        let sample =
            if of.sample && title == &of.title { said.say("（示例数据）", " (sample data)") } else { "" };
        let name = if named && title != &of.title {
            format!("{}{}{}", of.title.get(self.lang), said.say("：", ": "), title.get(self.lang))
        } else {
            title.get(self.lang).to_owned()
        };
        vec![
            name + sample,
            said.text(dates.owner.as_ref()).to_owned(),
            said.cadence(dates),
            said.last(dates),
            said.next(dates).to_owned(),
            dates.state.words().get(self.lang).to_owned(),
        ]
    }

    fn table(&self, rows: Vec<Vec<String>>) -> Block {
        let heads = [
            ("表、指标", "Table, metric"),
            ("提供单位", "Owner"),
            ("更新周期", "Cadence"),
            ("数据日期", "As of"),
            ("应更新日期", "Due"),
            ("状态", "State"),
        ];
        if rows.is_empty() {
            return Block::Text(self.said().say("无。", "None.").to_owned());
        }
        Block::Table(Table {
            caption: String::new(),
            heads: heads.map(|(zh, en)| self.said().say(zh, en).to_owned()).to_vec(),
            numeric: vec![false; heads.len()],
            rows,
            total: false,
        })
    }

    fn document(&self) -> Document {
        let said = self.said();
        let tables = &self.freshness.tables;
        let all = |named: bool, wanted: &dyn Fn(&TableFreshness, &Dates) -> bool| -> Vec<Vec<String>> {
            let lines = tables.iter().flat_map(|table| table.lines().map(move |line| (table, line)));
            lines
                .filter(|(table, (_, dates))| wanted(table, dates))
                .map(|(of, line)| self.line(line, of, named))
                .collect()
        };
        let mixed: Vec<String> = tables.iter().filter(|table| table.mixed()).map(|table| said.mixed(table)).collect();
        let mut sections = vec![
            (said.say("总体情况", "Overview").to_owned(), vec![Block::Pairs(self.pairs())]),
            (
                said.say("逾期", "Overdue").to_owned(),
                vec![self.table(all(true, &|_, dates| dates.state == DueState::Overdue))],
            ),
        ];
        if !mixed.is_empty() {
            sections.push((said.say("日期不同", "Different days").to_owned(), vec![Block::List(mixed)]));
        }
        for table in tables.iter().filter(|table| table.table) {
            let lines = table.lines().map(|line| self.line(line, table, false)).collect();
            sections.push((table.title.get(self.lang).to_owned(), vec![self.table(lines)]));
        }
        let layers = all(false, &|table, _| !table.table);
        if !layers.is_empty() {
            sections.push((said.say("图层", "Layers").to_owned(), vec![self.table(layers)]));
        }
        sections.push((said.say("说明", "Notes").to_owned(), vec![Block::List(self.notes())]));
        Document {
            lang: self.lang,
            title: self.heading(),
            subtitle: match self.lang {
                Lang::Zh => full_width(&format!("截至 {}", self.freshness.day)),
                Lang::En => format!("as of {}", self.freshness.day),
            },
            marks: vec![],
            footer: self.data.clone(),
            sections: Section::numbered(self.lang, sections),
        }
    }

    fn notes(&self) -> Vec<String> {
        let said = self.said();
        [
            (
                "提供单位、更新周期以数据清单所写为准；没有写的为“暂缺”，不作推测，也不算逾期。",
                "Owners and cadences are as the manifest says. What it does not say is not known, is not guessed, and is never overdue.",
            ),
            (
                "数据日期：指标取有数据的最新一期的末日；表取数据行所注的最晚日期，没有的取其指标的最新日期，再没有的取清单所写日期或生效日期。",
                "The date of a metric is the last day of the latest period with figures; that of a table the latest day that its rows state, else that of its metrics, else what the manifest states, else the first day of validity.",
            ),
            (
                "应更新日期＝数据日期＋更新周期＋报送时滞；清单另写了承诺日期而数据尚未到的，以承诺日期为准。过了这一天即为逾期。",
                "New figures are due one cadence after the date, and the stated delay after that; a promised day counts until its figures are there. After that day they are overdue.",
            ),
        ]
        .map(|(zh, en)| said.say(zh, en).to_owned())
        .to_vec()
    }

    fn sheet(&self) -> Sheet<'_> {
        let said = self.said();
        let mut number = 0;
        let mut rows = Vec::new();
        for table in &self.freshness.tables {
            for (place, (title, dates)) in table.lines().enumerate() {
                number += 1;
                rows.push(vec![
                    Cell::Integer(number, Form::Plain),
                    Cell::text(table.title.get(self.lang)),
                    Cell::text(if place == 0 { "" } else { title.get(self.lang) }),
                    Cell::text(said.text(dates.owner.as_ref())),
                    Cell::text(said.cadence(dates)),
                    Cell::text(said.day(dates.last.as_ref())),
                    Cell::text(dates.dated_by.map_or_else(String::new, |by| by.words().get(self.lang).to_owned())),
                    Cell::text(said.next(dates).to_owned()),
                    Cell::text(dates.state.words().get(self.lang).to_owned()),
                    Cell::text(if table.sample { said.say("示例数据", "sample data") } else { "" }),
                ]);
            }
        }
        let pairs = self.pairs().into_iter().map(|(what, value)| format!("{what}{}{value}", said.say("：", ": ")));
        let mixed = self.freshness.tables.iter().filter(|table| table.mixed()).map(|table| said.mixed(table));
        let foot = pairs.chain(mixed).chain(self.notes()).collect();
        Sheet {
            name: said.say("数据时效", "Freshness").to_owned(),
            title: Some((self.heading(), vec![])),
            heads: vec![
                Head::new(said.say("序号", "No.")),
                Head::wrapped(said.say("表、图层", "Table, layer"), 24),
                Head::wrapped(said.say("指标", "Metric"), 20),
                Head::wrapped(said.say("提供单位", "Owner"), 24),
                Head::new(said.say("更新周期", "Cadence")),
                Head::new(said.say("数据日期", "As of")),
                Head::wrapped(said.say("日期依据", "Dated by"), 22),
                Head::new(said.say("应更新日期", "Due")),
                Head::new(said.say("状态", "State")),
                Head::new(said.say("备注", "Remarks")),
            ],
            rows: Box::new(rows.into_iter()),
            total: None,
            foot,
            frozen: 0,
        }
    }
}
