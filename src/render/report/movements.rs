//! What came, ceased, changed places, grew and shrank between two days, as a paper: in all, by zone, by class, and how figures changed.

use super::ReportError;
use super::cell::{Cell, Form, Head, Sheet, Tables};
use super::document::{Block, Document, Section, Table};
use super::paper::PaperFile;
use super::words::{full_width, grouped, pick};
use crate::core::model::{Lang, Text, Wording};
use crate::core::query::{AreaChange, AreaSince, Change, Changed, FigureSince, Movements, RowsSince};
use crate::core::snapshot::Description;
use crate::render::drawing::Fonts;

/// Zones that grew or shrank most, of which documents have a line; the workbook has all.
const MOST_ZONES: usize = 30;

/// What a paper about movements is made of.
#[derive(Clone, Debug)]
pub struct MovementPaper<'a> {
    /// What happened.
    pub found: &'a Movements,
    /// Title of the dataset.
    pub dataset: &'a Text,
    /// Its words.
    pub words: Wording,
    /// What a zone is called, as a heading.
    pub zone: Text,
    /// Language.
    pub lang: Lang,
    /// What the data is of.
    pub data: String,
    /// When it was due, where the service has made it up for a moment that was missed.
    pub late: Option<String>,
}

impl<'a> MovementPaper<'a> {
    /// The paper of what happened, in the words of the dataset.
    pub fn of(found: &'a Movements, about: &'a Description, lang: Lang) -> Self {
        let (words, kinds) = (about.wording(), &about.zone_kinds);
        let kind = found.zone_kind.as_ref().and_then(|id| kinds.iter().find(|kind| kind.id == *id));
        let zone = kind.map_or_else(|| words.zone.title(), |kind| kind.title.clone());
        let data = format!("{} · {}", about.manifest.title.get(lang), about.revision);
        Self { found, dataset: &about.manifest.title, words, zone, lang, data, late: None }
    }
}

impl MovementPaper<'_> {
    /// The bytes of a file.
    pub fn render(&self, file: PaperFile, fonts: &Fonts) -> Result<Vec<u8>, ReportError> {
        let tables = || Tables {
            title: self.heading(),
            data: self.data.clone(),
            marks: self.marks(),
            sheets: vec![self.rows_sheet(), self.figures_sheet(), self.about()],
        };
        file.render(fonts, || self.document(), tables)
    }

    /// What the file is called, without its end.
    pub fn file_name(&self) -> String {
        format!("{}-{}-{}", self.say("动态简报", "movements"), self.found.since, self.found.until)
    }

    fn say<'s>(&self, zh: &'s str, en: &'s str) -> &'s str {
        pick(self.lang, zh, en)
    }

    fn fill(&self, zh: &str, en: &str) -> String {
        self.words.fill(self.lang, self.say(zh, en))
    }

    fn heading(&self) -> String {
        match self.lang {
            Lang::Zh => format!("{}　动态简报", self.dataset.zh),
            Lang::En => format!("{}: movements", self.dataset.en),
        }
    }

    fn marks(&self) -> Vec<String> {
        if self.found.sample { vec![self.say("示例数据", "Sample data").to_owned()] } else { vec![] }
    }

    fn name<'n>(&self, name: &'n str, name_en: &'n str) -> &'n str {
        if name_en.is_empty() { name } else { pick(self.lang, name, name_en) }
    }

    /// The whole, or the one area in question.
    fn all(&self) -> Option<&AreaSince> {
        if self.found.zone_kind.is_some() { self.found.whole.as_ref() } else { self.found.zones.first() }
    }

    fn pairs(&self) -> Vec<(String, String)> {
        let row = |zh: &str, en: &str, value: String| (self.fill(zh, en), value);
        let mut out = vec![row("期间", "Time", format!("{} – {}", self.found.since, self.found.until))];
        if let Some(area) = self.all() {
            let RowsSince { before, new, ceased, now } = area.rows;
            out.extend([
                row("期初{row}数", "{Rows} on the first day", grouped(before)),
                row("新增", "New", grouped(new)),
                row("退出", "Ceased", grouped(ceased)),
                row("期末{row}数", "{Rows} on the last day", grouped(now)),
            ]);
        }
        let moved = self.found.moved.map_or_else(|| self.say("不详", "not known").to_owned(), grouped);
        out.push(row("迁址", "Changed places", moved));
        out.extend(self.late.iter().map(|due| {
            let said = self.say(
                "应于 {} 制作,当时服务未运行,事后补做",
                "made up later: it was due at {}, when the service did not run",
            );
            row("补做", "Made up", said.replacen("{}", due, 1))
        }));
        out
    }

    /// What is said where nothing happened.
    fn still(&self) -> &str {
        if self.found.unavailable.is_some() {
            return self.say(
                "本期没有新一期指标;新增与退出不详。",
                "No figure has a new period in this time; what came and ceased is not known.",
            );
        }
        self.say(
            "本期无变化:没有新增、退出与已知的迁址,也没有新一期指标。",
            "Nothing changed: nothing came, ceased or, as far as is known, moved, and no figure has a new period.",
        )
    }

    fn heads(&self, first: String, moves: bool) -> Vec<String> {
        let mut out = vec![first];
        out.extend([
            self.say("期初", "Before").to_owned(),
            self.say("新增", "New").to_owned(),
            self.say("退出", "Ceased").to_owned(),
            self.say("期末", "Now").to_owned(),
        ]);
        if moves {
            out.extend([self.say("迁入", "Arrived").to_owned(), self.say("迁出", "Departed").to_owned()]);
        }
        out
    }

    fn table(&self, heads: Vec<String>, rows: Vec<Vec<String>>, total: bool) -> Block {
        if rows.is_empty() {
            return Block::Text(self.say("无。", "None.").to_owned());
        }
        let numeric = (0..heads.len()).map(|column| column > 0).collect();
        Block::Table(Table { caption: String::new(), heads, numeric, rows, total })
    }

    fn by_zone(&self) -> Block {
        let moves = self.found.moved.is_some();
        let line = |area: &AreaSince| {
            let mut out = counted(self.name(&area.zone.name, &area.zone.name_en), area.rows);
            if moves {
                let of = |n: fn(&AreaSince) -> Option<u64>| n(area).map_or_else(|| "—".to_owned(), grouped);
                out.extend([of(|a| a.moves.map(|m| m.arrived)), of(|a| a.moves.map(|m| m.departed))]);
            }
            out
        };
        let shown = self.found.zones.iter().filter(|area| area.rows != RowsSince::default());
        let mut rows: Vec<Vec<String>> = shown.map(line).collect();
        let total = self.found.partition && !rows.is_empty();
        rows.extend(self.found.whole.as_ref().filter(|_| total).map(line));
        self.table(self.heads(self.zone.get(self.lang).to_owned(), moves), rows, total)
    }

    fn by_class(&self, area: &AreaSince) -> Block {
        let rows = area.classes.iter().map(|class| counted(class.name.get(self.lang), class.rows)).collect();
        self.table(self.heads(self.words.class.heading().get(self.lang).to_owned(), false), rows, false)
    }

    /// The zones and classes where something came or ceased.
    fn cells(&self) -> Block {
        let of = |area: &AreaSince| -> Vec<Vec<String>> {
            let moving = area.classes.iter().filter(|class| !class.rows.is_still());
            let line = |class: &crate::core::query::ClassSince| {
                vec![
                    self.name(&area.zone.name, &area.zone.name_en).to_owned(),
                    class.name.get(self.lang).to_owned(),
                    grouped(class.rows.new),
                    grouped(class.rows.ceased),
                ]
            };
            moving.map(line).collect()
        };
        let heads = vec![
            self.zone.get(self.lang).to_owned(),
            self.words.class.heading().get(self.lang).to_owned(),
            self.say("新增", "New").to_owned(),
            self.say("退出", "Ceased").to_owned(),
        ];
        let rows: Vec<Vec<String>> = self.found.zones.iter().flat_map(of).collect();
        if rows.is_empty() {
            return Block::Text(self.say("无。", "None.").to_owned());
        }
        let numeric = vec![false, false, true, true];
        Block::Table(Table { caption: String::new(), heads, numeric, rows, total: false })
    }

    fn period(&self, change: &Change) -> String {
        let name = |period: Option<crate::core::model::Period>| {
            period.map_or_else(String::new, |period| period.words().get(self.lang).to_owned())
        };
        format!("{} → {}", name(change.since), name(change.period))
    }

    fn amount(change: &Change, value: Option<f64>) -> Cell<'static> {
        value.map_or(Cell::Withheld, |value| Cell::Number(value, Form::Grouped(change.weight.decimals)))
    }

    /// The rate of the rows that reported in both periods.
    fn alike(of: &Changed) -> Cell<'static> {
        match &of.alike {
            Some(alike) if alike.withheld => Cell::Withheld,
            alike => Cell::maybe(alike.as_ref().and_then(|alike| alike.rate), Form::Change),
        }
    }

    fn figure(&self, figure: &FigureSince) -> Vec<Block> {
        let change = &figure.change;
        if let Some(why) = &change.unavailable {
            return vec![Block::Text(self.note(&why.zh, &why.en))];
        }
        let mut out = vec![Block::Text(if figure.is_new {
            format!("{}{}", self.period(change), self.say("。", "."))
        } else {
            format!(
                "{}{}",
                self.period(change),
                self.say("；这段时间没有新一期数据。", "; there is no new period in this time.")
            )
        })];
        let sides = |area: &AreaChange| {
            let of = &area.changed;
            let rows = of.alike.as_ref().map_or(Cell::Empty, |alike| Cell::count(alike.both));
            vec![
                Cell::text(self.name(&area.zone.name, &area.zone.name_en).to_owned()),
                Self::amount(change, of.before),
                Self::amount(change, of.now),
                Self::alike(of),
                rows,
            ]
        };
        let rate = |area: &&AreaChange| area.changed.alike.as_ref().and_then(|alike| alike.rate);
        let mut zones: Vec<&AreaChange> = change.zones.iter().filter(|area| area.changed.count > 0).collect();
        // what grew most first; what is not known last
        zones.sort_by(|a, b| match (rate(a), rate(b)) {
            (Some(a), Some(b)) => b.total_cmp(&a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
        let more = zones.len().saturating_sub(MOST_ZONES);
        let mut rows: Vec<Vec<Cell<'static>>> = zones.into_iter().take(MOST_ZONES).map(sides).collect();
        let total = change.zone_kind.is_some() && change.whole.is_some();
        rows.extend(change.whole.as_ref().filter(|_| total).map(sides));
        let unit = change.weight.unit.get(self.lang);
        let with_unit = |text: &str| if unit.is_empty() { text.to_owned() } else { format!("{text} ({unit})") };
        let words = |period: Option<crate::core::model::Period>| {
            period.map_or_else(String::new, |period| period.words().get(self.lang).to_owned())
        };
        let heads = vec![
            self.zone.get(self.lang).to_owned(),
            with_unit(&words(change.since)),
            with_unit(&words(change.period)),
            self.say("同口径变化", "Change, like for like").to_owned(),
            self.fill("两期都有数据的{row}", "{Rows} with both"),
        ];
        let rows = rows.iter().map(|row| row.iter().map(Cell::printed).collect()).collect();
        out.push(self.table(heads, rows, total));
        if more > 0 {
            let text = self.say("另有 {} 个见工作簿。", "{} more are in the workbook.");
            out.push(Block::Note(text.replacen("{}", &more.to_string(), 1)));
        }
        let area = if change.zone_kind.is_some() { change.whole.as_ref() } else { change.zones.first() };
        let said = area.into_iter().flat_map(|area| &area.findings);
        let said: Vec<String> = said.map(|finding| self.note(&finding.text.zh, &finding.text.en)).collect();
        if !said.is_empty() {
            out.push(Block::List(said));
        }
        out
    }

    fn note(&self, zh: &str, en: &str) -> String {
        match self.lang {
            Lang::Zh => full_width(zh),
            Lang::En => en.to_owned(),
        }
    }

    fn document(&self) -> Document {
        let mut overview = vec![Block::Pairs(self.pairs())];
        if self.found.is_still() {
            overview.push(Block::Text(self.still().to_owned()));
        }
        let mut sections = vec![(self.say("总体情况", "Overview").to_owned(), overview)];
        if let Some(why) = &self.found.unavailable {
            sections.push((
                self.say("新增与退出", "New and ceased").to_owned(),
                vec![Block::Text(self.note(&why.zh, &why.en))],
            ));
        } else {
            if self.found.zone_kind.is_some() {
                sections.push((self.zone.get(self.lang).to_owned(), vec![self.by_zone()]));
            }
            if let Some(area) = self.all().filter(|area| !area.classes.is_empty()) {
                sections.push((self.words.class.heading().get(self.lang).to_owned(), vec![self.by_class(area)]));
                sections
                    .push((self.say("新增与退出的分布", "Where they came and ceased").to_owned(), vec![self.cells()]));
            }
        }
        for figure in &self.found.figures {
            let title = figure.change.weight.title.get(self.lang);
            sections.push((self.say("{}的变化", "Change of {}").replacen("{}", title, 1), self.figure(figure)));
        }
        sections.push((self.say("说明", "Notes").to_owned(), vec![Block::List(self.notes())]));
        Document {
            lang: self.lang,
            title: self.heading(),
            subtitle: format!("{} – {}", self.found.since, self.found.until),
            marks: self.marks(),
            footer: self.data.clone(),
            sections: Section::numbered(self.lang, sections),
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let figures = self.found.figures.iter().flat_map(|figure| &figure.change.notes);
        for note in self.found.notes.iter().chain(figures) {
            let text = self.note(&note.zh, &note.en);
            if !out.contains(&text) {
                out.push(text);
            }
        }
        out
    }

    fn rows_sheet(&self) -> Sheet<'_> {
        let line = |area: &AreaSince, class: String, rows: RowsSince, moves: bool| {
            let RowsSince { before, new, ceased, now } = rows;
            let of = |n: Option<u64>| n.filter(|_| moves).map_or(Cell::Empty, Cell::count);
            vec![
                Cell::text(self.name(&area.zone.name, &area.zone.name_en).to_owned()),
                Cell::text(class),
                Cell::count(before),
                Cell::count(new),
                Cell::count(ceased),
                Cell::count(now),
                of(area.moves.map(|moves| moves.arrived)),
                of(area.moves.map(|moves| moves.departed)),
            ]
        };
        let mut rows = Vec::new();
        for area in self.found.whole.iter().chain(&self.found.zones) {
            rows.push(line(area, self.say("合计", "Total").to_owned(), area.rows, true));
            let classes = area.classes.iter();
            rows.extend(classes.map(|class| line(area, class.name.get(self.lang).to_owned(), class.rows, false)));
        }
        let mut heads = self.heads(self.zone.get(self.lang).to_owned(), true);
        heads.insert(1, self.words.class.heading().get(self.lang).to_owned());
        Sheet {
            name: self.say("新增与退出", "New and ceased").to_owned(),
            title: Some((self.heading(), self.marks())),
            heads: heads.into_iter().map(Head::new).collect(),
            rows: Box::new(rows.into_iter()),
            total: None,
            foot: self.found.unavailable.iter().map(|why| self.note(&why.zh, &why.en)).collect(),
            frozen: 2,
        }
    }

    fn figures_sheet(&self) -> Sheet<'_> {
        let mut rows = Vec::new();
        for figure in &self.found.figures {
            let change = &figure.change;
            let title = change.weight.title.get(self.lang);
            let line = |area: &AreaChange, class: String, of: &Changed| {
                vec![
                    Cell::text(title.to_owned()),
                    Cell::text(change.weight.unit.get(self.lang).to_owned()),
                    Cell::text(self.period(change)),
                    Cell::text(self.name(&area.zone.name, &area.zone.name_en).to_owned()),
                    Cell::text(class),
                    Self::amount(change, of.before),
                    Self::amount(change, of.now),
                    Self::amount(change, of.change),
                    Self::alike(of),
                    of.alike.as_ref().map_or(Cell::Empty, |alike| Cell::count(alike.both)),
                ]
            };
            for area in change.whole.iter().chain(&change.zones) {
                rows.push(line(area, self.say("合计", "Total").to_owned(), &area.changed));
                let classes = area.classes.iter();
                rows.extend(classes.map(|class| line(area, class.name.get(self.lang).to_owned(), &class.changed)));
            }
        }
        let heads = [
            self.say("指标", "Figure").to_owned(),
            self.say("单位", "Unit").to_owned(),
            self.say("时期", "Periods").to_owned(),
            self.zone.get(self.lang).to_owned(),
            self.words.class.heading().get(self.lang).to_owned(),
            self.say("前期", "Before").to_owned(),
            self.say("本期", "Now").to_owned(),
            self.say("变化", "Change").to_owned(),
            self.say("同口径变化", "Like for like").to_owned(),
            self.fill("两期都有数据的{row}", "{Rows} with both"),
        ];
        Sheet {
            name: self.say("指标变化", "Figures").to_owned(),
            title: None,
            heads: heads.into_iter().map(Head::new).collect(),
            rows: Box::new(rows.into_iter()),
            total: None,
            foot: vec![],
            frozen: 0,
        }
    }

    fn about(&self) -> Sheet<'_> {
        let rows: Vec<_> =
            self.pairs().into_iter().map(|(what, value)| vec![Cell::text(what), Cell::text(value)]).collect();
        Sheet {
            name: self.say("说明", "Notes").to_owned(),
            title: None,
            heads: vec![Head::wrapped(self.say("项目", "What"), 26), Head::wrapped(self.say("内容", "Value"), 60)],
            rows: Box::new(rows.into_iter()),
            total: None,
            foot: self.notes(),
            frozen: 0,
        }
    }
}

fn counted(name: &str, rows: RowsSince) -> Vec<String> {
    let RowsSince { before, new, ceased, now } = rows;
    std::iter::once(name.to_owned()).chain([before, new, ceased, now].map(grouped)).collect()
}
