//! Distances within a class as a paper: the finding, its curves with what chance gives, a table of them, how they were made and when not to
//! believe them.

use super::ReportError;
use super::cell::{Cell, Form, Head, Sheet, Tables};
use super::charts;
use super::document::{Block, Document, Picture, Section, Table};
use super::paper::PaperFile;
use super::words::{full_width, grouped, pick};
use crate::core::model::{Lang, Text};
use crate::core::query::{ClassDistances, DistanceCurve};
use crate::core::snapshot::Description;
use crate::render::drawing::Fonts;

/// Every so many steps of a curve is a line of the table.
const LINES: usize = 8;

/// Remarks that say when the finding is not to be believed, or is of less than it seems.
const CAUTIONS: [&str; 5] = ["small", "drawn", "no-m", "limited", "unlocated"];

/// What a paper about the distances of a class is made of.
#[derive(Clone, Copy, Debug)]
pub struct DistancePaper<'a> {
    /// What was found.
    pub found: &'a ClassDistances,
    /// What the data is.
    pub about: &'a Description,
    /// Language.
    pub lang: Lang,
    /// The day on which it is made, `YYYY-MM-DD`.
    pub day: &'a str,
}

impl<'a> DistancePaper<'a> {
    /// The bytes of a file.
    pub fn render(&self, file: PaperFile, fonts: &Fonts) -> Result<Vec<u8>, ReportError> {
        let tables = || Tables {
            title: self.title(),
            data: format!("{} {}", self.about.manifest.id, self.found.head.revision),
            marks: self.marks(),
            sheets: vec![self.sheet(1), self.remarks()],
        };
        file.render(fonts, || self.document(), tables)
    }

    fn say(&self, zh: &'a str, en: &'a str) -> &'a str {
        pick(self.lang, zh, en)
    }

    fn fill(&self, zh: &str, en: &str) -> String {
        self.printed(&self.about.wording().text(zh, en))
    }

    /// A text as papers have it.
    fn printed(&self, text: &Text) -> String {
        match self.lang {
            Lang::Zh => full_width(&text.zh),
            Lang::En => text.en.clone(),
        }
    }

    fn title(&self) -> String {
        let name = self.found.name.get(self.lang);
        match self.lang {
            Lang::Zh => format!("{name} 同类相距"),
            Lang::En => format!("Distances within: {name}"),
        }
    }

    fn marks(&self) -> Vec<String> {
        let sample = self.say("示例数据", "Sample data");
        if self.found.head.sample { vec![sample.to_owned()] } else { vec![] }
    }

    /// What the two curves are of.
    fn k(&self) -> String {
        self.fill("K 密度:每公里的{row}对占比", "K-density: share of pairs of {rows} per km")
    }

    fn m(&self) -> String {
        self.fill(
            "M 函数:半径内同{class}占比为总体的几倍",
            "M: share of the {class} within a radius, over that of the whole",
        )
    }

    fn document(&self) -> Document {
        let found = self.found;
        let head = &found.head;
        let mut first = vec![Block::Text(self.printed(&found.sentence))];
        let located = grouped(head.located);
        let count = found.count.map_or_else(|| "…".to_owned(), grouped);
        let n = self.fill(
            "有坐标的{row}:该{class} COUNT {counter},全部 LOCATED {counter}。",
            "{Rows} with a position: COUNT of the {class}, LOCATED in all.",
        );
        first.push(Block::Text(n.replacen("COUNT", &count, 1).replacen("LOCATED", &located, 1)));
        // when not to believe it stands beside what was found
        let (cautions, others): (Vec<_>, Vec<_>) = head.notes.iter().partition(|note| CAUTIONS.contains(&&*note.code));
        first.extend(cautions.into_iter().map(|note| Block::Text(self.printed(&Text::new(&*note.zh, &*note.en)))));
        let mut sections = vec![(self.say("结论", "Finding").to_owned(), first)];
        let curves = [(&found.density, self.k(), false), (&found.relative, self.m(), true)];
        let pictures = curves.into_iter().filter_map(|(curve, title, one)| Some((curve.as_ref()?, title, one)));
        let pictures: Vec<Block> = (1..)
            .zip(pictures)
            .map(|(number, (curve, title, one))| {
                let caption =
                    format!("{}{title}", self.say("图 #　", "Figure #  ").replacen('#', &number.to_string(), 1));
                let drawing = charts::curve(&title, &self.chart(curve, one));
                Block::Picture(Picture { caption, alt: title, drawing, map: false })
            })
            .collect();
        if !pictures.is_empty() {
            let mut blocks = pictures;
            let key = self.say(
                "线为实际,灰带为随机抽取的全局带,底边粗线为越出带的距离。",
                "The line is observed, the grey band what chance gives (global), the thick line at the foot where it is left.",
            );
            blocks.push(Block::Note(self.printed(&Text::same(key.to_owned()))));
            let sheet = self.sheet(LINES);
            let caption = format!("{}{}", self.say("表 1　", "Table 1  "), sheet.name);
            blocks.push(Block::Table(Table::brief(sheet.heads, sheet.rows, None, caption)));
            sections.push((self.say("曲线", "Curves").to_owned(), blocks));
        }
        let mut notes = vec![self.printed(&head.method)];
        notes.extend(others.into_iter().map(|note| self.printed(&Text::new(&*note.zh, &*note.en))));
        sections.push((self.say("方法与注意", "Method and cautions").to_owned(), vec![Block::List(notes)]));
        sections.push((
            self.say("参数、来源与版本", "Parameters, source and version").to_owned(),
            vec![Block::Pairs(self.origin())],
        ));
        let version: String = head.revision.chars().take(8).collect();
        let version = format!("{}{version}", self.say("数据版本：", "Revision: "));
        Document {
            lang: self.lang,
            title: self.title(),
            subtitle: format!("{}{}{version}", self.about.manifest.title.get(self.lang), self.say("　", " · ")),
            marks: self.marks(),
            footer: format!("{} · {version}", self.title()),
            sections: Section::numbered(self.lang, sections),
        }
    }

    fn chart(&self, values: &'a DistanceCurve, one: bool) -> charts::Curve<'a> {
        charts::Curve { values, one, unit: self.say("公里", "km") }
    }

    /// What it was made with, of what and when.
    fn origin(&self) -> Vec<(String, String)> {
        let head = &self.found.head;
        let mut all: Vec<(String, String)> = Vec::new();
        for one in &head.parameters {
            let derived = one.derived.as_ref().map_or_else(String::new, |text| match self.lang {
                Lang::Zh => format!("（{}）", self.printed(text)),
                Lang::En => format!(" ({})", text.en),
            });
            let value = format!("{} {}", one.value, one.unit.get(self.lang)).trim_end().to_owned();
            all.push((one.title.get(self.lang).to_owned(), format!("{value}{derived}")));
        }
        let source =
            self.about.register().map_or_else(String::new, |register| register.spec.source.get(self.lang).to_owned());
        let period = head.period.map_or_else(String::new, |period| period.words().get(self.lang).to_owned());
        let rest = [
            (self.say("范围", "Area"), head.area.get(self.lang).to_owned()),
            (self.say("来源", "Source"), source),
            (self.say("时期", "Period"), period),
            (self.say("生成日期", "Made on"), self.day.to_owned()),
            (self.say("数据版本", "Revision"), format!("{} {}", self.about.manifest.id, head.revision)),
        ];
        all.extend(rest.into_iter().filter(|(_, text)| !text.is_empty()).map(|(what, text)| (what.to_owned(), text)));
        all
    }

    /// The curves as a table, every so many steps a line.
    fn sheet(&self, every: usize) -> Sheet<'a> {
        let found = self.found;
        let head = |zh: &'a str, en: &'a str| Head::new(self.say(zh, en)).briefly(self.say(zh, en));
        let mut heads = vec![
            head("距离(公里)", "Distance (km)"),
            head("K 密度", "K-density"),
            head("K 带下限", "K band from"),
            head("K 带上限", "K band to"),
        ];
        if found.relative.is_some() {
            heads.extend([head("M", "M"), head("M 带下限", "M band from"), head("M 带上限", "M band to")]);
        }
        let (density, relative) = (found.density.as_ref(), found.relative.as_ref());
        let steps = density.map_or(0, |curve| curve.distances.len());
        let at = |values: &[f64], step: usize, form| Cell::maybe(values.get(step).copied(), form);
        let row = |step: usize| {
            let mut cells = vec![Cell::maybe(density.map(|c| c.distances[step] / 1000.0), Form::Ratio(2))];
            cells.extend(
                density
                    .into_iter()
                    .flat_map(|c| [&c.observed, &c.low, &c.high].map(|values| at(values, step, Form::Ratio(4)))),
            );
            // M is known from the first step on
            cells.extend(relative.into_iter().flat_map(|c| {
                let known = step.checked_sub(1);
                [&c.observed, &c.low, &c.high]
                    .map(|values| known.map_or(Cell::Empty, |step| at(values, step, Form::Ratio(2))))
            }));
            cells
        };
        let rows: Vec<_> = (0..steps).step_by(every).map(row).collect();
        let name = self.say("曲线", "Curves").to_owned();
        Sheet {
            title: Some((format!("{} · {name}", self.title()), self.marks())),
            name,
            heads,
            rows: Box::new(rows.into_iter()),
            total: None,
            foot: vec![self.printed(&found.sentence)],
            frozen: 1,
        }
    }

    fn remarks(&self) -> Sheet<'a> {
        let head = &self.found.head;
        let mut rows: Vec<(String, String)> = self.origin();
        rows.push((self.say("方法", "Method").to_owned(), self.printed(&head.method)));
        let notes = head.notes.iter().map(|note| self.printed(&Text::new(&*note.zh, &*note.en)));
        rows.extend(notes.map(|note| (self.say("说明", "Note").to_owned(), note)));
        let rows: Vec<Vec<Cell<'a>>> =
            rows.into_iter().map(|(what, text)| vec![Cell::text(what), Cell::text(text)]).collect();
        Sheet {
            name: self.say("说明", "Notes").to_owned(),
            title: Some((self.title(), self.marks())),
            heads: vec![Head::new(self.say("项目", "Item")), Head::wrapped(self.say("内容", "Text"), 90)],
            rows: Box::new(rows.into_iter()),
            total: None,
            foot: vec![],
            frozen: 0,
        }
    }
}
