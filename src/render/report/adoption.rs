//! What became of the comments of a consultation, as a paper: who was asked, each comment with what becomes of it and why, and a map for
//! each that has a place.

use super::ReportError;
use super::cell::{Cell, Form, Head, Sheet, Tables};
use super::document::{Block, Document, Picture, Section, Table};
use super::paper::PaperFile;
use super::words::{full_width, pick};
use crate::core::model::Lang;
use crate::render::drawing::{Drawing, Fonts};

/// What becomes of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopted {
    /// It is carried out.
    Adopted,
    /// A part of it is.
    Partly,
    /// It is not.
    Declined,
    /// It is not decided yet.
    Open,
}

impl Adopted {
    const ALL: [Self; 4] = [Self::Adopted, Self::Partly, Self::Declined, Self::Open];

    /// Its word.
    pub fn word(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Self::Adopted => ("采纳", "adopted"),
            Self::Partly => ("部分采纳", "adopted in part"),
            Self::Declined => ("不采纳", "not adopted"),
            Self::Open => ("待处理", "open"),
        };
        pick(lang, zh, en)
    }
}

/// A comment.
#[derive(Clone, Debug)]
pub struct AdoptionRow {
    /// Who says it.
    pub unit: String,
    /// What it is about.
    pub place: String,
    /// What it says.
    pub text: String,
    /// What becomes of it.
    pub adopted: Adopted,
    /// Why.
    pub reason: String,
    /// The version that carried it out.
    pub version: Option<u64>,
    /// How many files came with it.
    pub files: usize,
    /// Whether it came after the deadline.
    pub late: bool,
    /// Where it is: longitude and latitude of the middle.
    pub at: Option<[f64; 2]>,
    /// A map of that.
    pub map: Option<Drawing<'static>>,
}

/// What a paper about a consultation is made of.
#[derive(Clone, Debug)]
pub struct AdoptionPaper<'a> {
    /// Title of the consultation.
    pub title: &'a str,
    /// Titles of the layouts.
    pub layouts: Vec<String>,
    /// When it ended, `YYYY-MM-DD`.
    pub deadline: String,
    /// Who was asked.
    pub asked: usize,
    /// Who answered and has no comment.
    pub content: Vec<String>,
    /// Who did not answer.
    pub silent: Vec<String>,
    /// The comments, by participants in their order.
    pub rows: Vec<AdoptionRow>,
    /// Language.
    pub lang: Lang,
    /// The day on which it is made, `YYYY-MM-DD`.
    pub day: &'a str,
    /// What the data is of.
    pub data: String,
}

impl AdoptionPaper<'_> {
    /// The bytes of a file.
    pub fn render(&self, file: PaperFile, fonts: &Fonts) -> Result<Vec<u8>, ReportError> {
        let tables = || Tables {
            title: self.heading(),
            data: self.data.clone(),
            marks: vec![],
            sheets: vec![self.sheet(), self.about()],
        };
        file.render(fonts, || self.document(), tables)
    }

    fn say<'s>(&self, zh: &'s str, en: &'s str) -> &'s str {
        pick(self.lang, zh, en)
    }

    fn heading(&self) -> String {
        format!("{}{}", self.title, self.say("　意见采纳情况表", ": comments and what became of them"))
    }

    fn heads(&self) -> [String; 5] {
        [
            self.say("序号", "No."),
            self.say("单位", "From"),
            self.say("意见内容", "Comment"),
            self.say("采纳情况", "Outcome"),
            self.say("理由", "Reason"),
        ]
        .map(str::to_owned)
    }

    fn names(&self, names: &[String]) -> String {
        if names.is_empty() { self.say("无", "none").to_owned() } else { names.join(self.say("、", ", ")) }
    }

    fn comment(&self, row: &AdoptionRow) -> String {
        let late = if row.late { self.say("（逾期）", " (late)") } else { "" };
        match self.lang {
            Lang::Zh => format!("【{}】{}{late}", row.place, row.text),
            Lang::En => format!("[{}] {}{late}", row.place, row.text),
        }
    }

    fn reason(&self, row: &AdoptionRow) -> String {
        let version = row.version.map(|n| match self.lang {
            Lang::Zh => format!("（见版本 v{n}）"),
            Lang::En => format!(" (version {n})"),
        });
        match (row.reason.as_str(), version) {
            ("", None) => "—".to_owned(),
            (reason, version) => format!("{reason}{}", version.unwrap_or_default()),
        }
    }

    fn pairs(&self) -> Vec<(String, String)> {
        let count = |which: Adopted| self.rows.iter().filter(|row| row.adopted == which).count();
        let outcome = Adopted::ALL.map(|which| format!("{} {}", which.word(self.lang), count(which)));
        let spatial = self.rows.iter().filter(|row| row.at.is_some()).count();
        let said = |zh: &str, en: &str, value: String| (self.say(zh, en).to_owned(), value);
        vec![
            said("征求意见稿", "Layouts", self.names(&self.layouts)),
            said("截止日期", "Deadline", self.deadline.clone()),
            said("征求单位数", "Participants", self.asked.to_string()),
            said("意见条数", "Comments", self.rows.len().to_string()),
            said("其中有空间位置", "Of them with a place", spatial.to_string()),
            said("采纳情况", "Outcome", outcome.join(self.say("，", ", "))),
            said("回复无意见的单位", "Answered without a comment", self.names(&self.content)),
            said("未反馈的单位", "Did not answer", self.names(&self.silent)),
        ]
    }

    fn document(&self) -> Document {
        let row = |(number, row): (usize, &AdoptionRow)| {
            let [comment, reason] = [self.comment(row), self.reason(row)];
            vec![number.to_string(), row.unit.clone(), comment, row.adopted.word(self.lang).to_owned(), reason]
        };
        let table = Table {
            caption: String::new(),
            heads: self.heads().to_vec(),
            numeric: vec![true, false, false, false, false],
            rows: (1..).zip(&self.rows).map(row).collect(),
            total: false,
        };
        let body = if self.rows.is_empty() {
            Block::Text(self.say("没有收到意见。", "There are no comments.").to_owned())
        } else {
            Block::Table(table)
        };
        let mut sections = vec![
            (self.say("基本情况", "About").to_owned(), vec![Block::Pairs(self.pairs())]),
            (self.say("采纳情况表", "Comments").to_owned(), vec![body]),
        ];
        let maps = (1..).zip(&self.rows).filter_map(|(number, row): (usize, _)| {
            let caption = match self.lang {
                Lang::Zh => format!("第 {number} 条　{}　{}", row.unit, row.place),
                Lang::En => format!("No. {number}: {}, {}", row.unit, row.place),
            };
            let alt = format!("{caption}: {}", row.text);
            Some(Block::Picture(Picture { caption, alt, drawing: row.map.clone()?, map: false }))
        });
        let maps: Vec<Block> = maps.collect();
        if !maps.is_empty() {
            sections.push((self.say("意见位置图", "Where the comments are").to_owned(), maps));
        }
        Document {
            lang: self.lang,
            title: self.heading(),
            subtitle: match self.lang {
                Lang::Zh => full_width(&format!("编制日期 {}", self.day)),
                Lang::En => format!("made on {}", self.day),
            },
            marks: vec![],
            footer: self.data.clone(),
            sections: Section::numbered(self.lang, sections),
        }
    }

    fn sheet(&self) -> Sheet<'_> {
        let [number, unit, comment, outcome, reason] = self.heads();
        let row = |(number, row): (i64, &AdoptionRow)| {
            let degrees = |at: usize| Cell::maybe(row.at.map(|at2| at2[at]), Form::Plain);
            vec![
                Cell::Integer(number, Form::Plain),
                Cell::text(row.unit.clone()),
                Cell::text(self.comment(row)),
                Cell::text(row.adopted.word(self.lang)),
                Cell::text(self.reason(row)),
                row.version.map_or(Cell::Empty, |n| Cell::Integer(n.cast_signed(), Form::Plain)),
                Cell::Integer(row.files as i64, Form::Plain),
                degrees(0),
                degrees(1),
            ]
        };
        let rows: Vec<_> = (1..).zip(&self.rows).map(row).collect();
        Sheet {
            name: self.say("采纳情况表", "Comments").to_owned(),
            title: Some((self.heading(), vec![])),
            heads: vec![
                Head::new(number),
                Head::wrapped(unit, 22),
                Head::wrapped(comment, 60),
                Head::new(outcome),
                Head::wrapped(reason, 44),
                Head::new(self.say("落实版本", "Version")),
                Head::new(self.say("附件数", "Files")),
                Head::new(self.say("经度", "Longitude")),
                Head::new(self.say("纬度", "Latitude")),
            ],
            rows: Box::new(rows.into_iter()),
            total: None,
            foot: vec![],
            frozen: 0,
        }
    }

    fn about(&self) -> Sheet<'_> {
        let rows = self.pairs().into_iter().map(|(name, value)| vec![Cell::text(name), Cell::text(value)]);
        Sheet {
            name: self.say("基本情况", "About").to_owned(),
            title: None,
            heads: vec![Head::wrapped(self.say("项目", "What"), 24), Head::wrapped(self.say("内容", "Value"), 70)],
            rows: Box::new(rows.collect::<Vec<_>>().into_iter()),
            total: None,
            foot: vec![self.say("编制日期 ", "made on ").to_owned() + self.day],
            frozen: 0,
        }
    }
}
