//! Sites in their order as a paper (方案比选): DOCX, PDF and HTML with a map, a workbook, CSV.

use super::ReportError;
use super::cell::{Cell, Form, Head, Sheet, Tables};
use super::document::{Block, Document, Picture, Section, Table};
use super::paper::PaperFile;
use super::words::{full_width, pick};
use crate::core::columns::Value;
use crate::core::model::{Lang, PropertySpec, Text, factor};
use crate::core::query::{Bound, RankedSite, SiteSelection, WishBy, WishColumn, WishPart, list_text};
use crate::core::snapshot::Description;
use crate::render::drawing::{Drawing, Fonts};

/// Sites that stand side by side on a page.
const BESIDE: usize = 4;

/// What a paper is made of.
#[derive(Debug)]
pub struct SitePaper<'a> {
    /// The sites in their order.
    pub found: &'a SiteSelection,
    /// The question about the sites.
    pub bound: &'a Bound,
    /// Its language.
    pub lang: Lang,
    /// The day on which it is made, `YYYY-MM-DD`.
    pub day: &'a str,
}

impl SitePaper<'_> {
    /// The bytes of a file; `map` is drawn where [`PaperFile::has_map`].
    pub fn render(
        &self,
        file: PaperFile,
        map: Option<Drawing<'static>>,
        fonts: &Fonts,
    ) -> Result<Vec<u8>, ReportError> {
        let tables = || Tables {
            title: self.title(),
            data: format!("{} {}", self.about().manifest.id, self.found.revision),
            marks: self.marks(),
            sheets: self.sheets(),
        };
        file.render(fonts, || self.document(map), tables)
    }

    /// What the paper is called.
    pub fn title(&self) -> String {
        let class = self.found.class.as_ref().map(|class| self.text(&class.name)).unwrap_or_default();
        let stage = self.found.stage.as_ref().map(|stage| self.text(&stage.name)).unwrap_or_default();
        let of: Vec<&str> = [class, stage].into_iter().filter(|word| !word.is_empty()).collect();
        match self.lang {
            Lang::Zh if of.is_empty() => "选址方案比选".to_owned(),
            Lang::Zh => format!("{}选址方案比选", of.join("·")),
            Lang::En if of.is_empty() => "Comparison of sites".to_owned(),
            Lang::En => format!("Comparison of sites: {}", of.join(", ")),
        }
    }

    fn about(&self) -> &Description {
        self.bound.describe()
    }

    fn say<'b>(&self, zh: &'b str, en: &'b str) -> &'b str {
        pick(self.lang, zh, en)
    }

    fn text<'b>(&self, text: &'b Text) -> &'b str {
        text.get(self.lang)
    }

    fn fill(&self, zh: &str, en: &str) -> String {
        self.about().wording().fill(self.lang, self.say(zh, en))
    }

    fn printed(&self, text: String) -> String {
        if self.lang == Lang::Zh { full_width(&text) } else { text }
    }

    fn marks(&self) -> Vec<String> {
        let sample = self.found.sample.then(|| self.say("示例数据", "Sample data").to_owned());
        let internal = self.about().manifest.map_approval.is_missing();
        let internal = internal.then(|| self.say("内部资料", "Internal use").to_owned());
        sample.into_iter().chain(internal).collect()
    }

    /// A wish's value as it is read.
    fn value(&self, wish: &WishColumn, value: f64) -> String {
        // of a code its name says more than its place in the list
        let code = wish.codes.len().checked_sub(value as usize).and_then(|place| wish.codes.get(place));
        if let Some(code) = code {
            return self.text(code).to_owned();
        }
        let number = match wish.by {
            WishBy::Growth => Form::Change.printed(value),
            WishBy::Quotient => Form::Ratio(2).printed(value),
            WishBy::Distance | WishBy::Partners => Form::Grouped(0).printed(value),
            WishBy::Zone | WishBy::Value => Form::Grouped(u8::from(value.fract() != 0.0)).printed(value),
        };
        let unit = factor(self.text(&wish.unit));
        if unit.is_empty() { number } else { format!("{number} {unit}") }
    }

    fn part(&self, wish: &WishColumn, part: &WishPart) -> String {
        let value = match (part.value, &part.of) {
            (None, _) => "—".to_owned(),
            (Some(value), Some(of)) if wish.codes.is_empty() => {
                format!("{} ({})", self.value(wish, value), self.text(of))
            }
            (Some(value), _) => self.value(wish, value),
        };
        format!("{value} · {}", Form::Ratio(2).printed(part.adds))
    }

    /// The properties of a site that may leave, but its name.
    fn properties(&self) -> Vec<(usize, &PropertySpec)> {
        let selection = &self.found.selection;
        let spec = selection.spec();
        let is_name = |name: &str| [&spec.name, &spec.name_en].into_iter().flatten().any(|of| of == name);
        let all = selection.columns().iter().map(|place| (*place, &spec.properties[*place]));
        all.filter(|(_, property)| !is_name(&property.name)).collect()
    }

    fn head(&self, property: &PropertySpec) -> String {
        let unit = property.unit.as_ref().map_or("", |unit| self.text(unit));
        let title = self.text(&property.title);
        if unit.is_empty() { title.to_owned() } else { format!("{title} ({unit})") }
    }

    fn cell(&self, property: &PropertySpec, value: Value<'_>) -> Cell<'static> {
        let list = property.codelist.as_deref().and_then(|list| self.about().codelists.get(list));
        let name = |code: &str| {
            let entry = list.and_then(|list| list.find(code)).map(|(_, entry)| self.text(&entry.name));
            let zone = || {
                let zone = property.references.as_ref().and_then(|_| self.about().zone(code))?;
                Some(pick(self.lang, &zone.name, &zone.name_en))
            };
            entry.or_else(zone).unwrap_or(code).to_owned()
        };
        match value {
            Value::Null => Cell::Empty,
            Value::Text(code) => Cell::text(name(code)),
            Value::Integer(n) => Cell::Integer(n, if property.unit.is_some() { Form::Grouped(0) } else { Form::Plain }),
            Value::Number(n) => Cell::Number(n, Form::Plain),
            Value::Decimal(digits, decimals) => Cell::Decimal(digits, decimals, Form::Grouped(decimals)),
            Value::Boolean(is) => Cell::text(if is { self.say("是", "yes") } else { self.say("否", "no") }),
            Value::Strings(lists, row) => {
                let names: Vec<String> = lists.row(row).map(name).collect();
                Cell::text(list_text(names.iter().map(String::as_str)))
            }
        }
    }

    fn findings(&self) -> Vec<Block> {
        let f = self.found;
        let percent = |share: Option<f64>| share.map_or_else(|| "—".to_owned(), |share| Form::Percent.printed(share));
        let mut blocks = Vec::new();
        if let Some(first) = f.sites.first() {
            let (name, score) = (self.text(&first.name), Form::Ratio(2).printed(first.score));
            let (once, three) = (percent(first.first), percent(first.among_three));
            let number = f.matched.to_string();
            let text = match self.lang {
                Lang::Zh => self.fill(
                    &format!("符合条件的 {number} {{counter}}{{row}}中,{name}得分最高({score});在 {} 组其他权重下,它排第一的占 {once},排前三的占 {three}。", f.draws),
                    "",
                ),
                Lang::En => self.fill(
                    "",
                    &format!("Of {number} {{rows}} under the conditions, {name} has the highest score ({score}); under {} other sets of weights it is first in {once} and among the first three in {three}.", f.draws),
                ),
            };
            blocks.push(Block::Text(self.printed(text)));
        } else {
            blocks.push(Block::Text(self.fill("没有符合条件的{row}。", "No {row} meets the conditions.")));
        }
        let mut pairs = Vec::new();
        let mut pair = |zh: &str, en: &str, text: String| pairs.push((self.say(zh, en).to_owned(), text));
        let area = self.bound.area();
        pair("范围", "Area", pick(self.lang, &area.name, &area.name_en).to_owned());
        let conditions: Vec<String> = self
            .bound
            .conditions()
            .into_iter()
            .map(|(name, value)| if name == "filter" { value } else { format!("{name} = {value}") })
            .collect();
        if !conditions.is_empty() {
            pair("硬条件", "Conditions", conditions.join("; "));
        }
        if f.not_permitted > 0 {
            pair("因准入排除", "Not permitted", f.not_permitted.to_string());
        }
        if let Some(period) = f.period {
            pair("入驻单位数据时期", "Period of figures", self.text(&period.words()).to_owned());
        }
        blocks.push(Block::Pairs(pairs));
        blocks
    }

    fn document(&self, map: Option<Drawing<'static>>) -> Document {
        let f = self.found;
        let mut sections = vec![(self.say("结论", "Findings").to_owned(), self.findings())];
        let table = |caption: &str, heads: Vec<String>, numeric: Vec<bool>, rows: Vec<Vec<String>>| {
            Block::Table(Table { caption: caption.to_owned(), heads, numeric, rows, total: false })
        };
        let words = |all: &[(&str, &str)]| all.iter().map(|(zh, en)| self.say(zh, en).to_owned()).collect::<Vec<_>>();
        let wish = |wish: &WishColumn| {
            let end = |end: Option<f64>| end.map_or_else(|| "—".to_owned(), |end| self.value(wish, end));
            let share = Form::Percent.printed(wish.share);
            vec![self.text(&wish.title).to_owned(), share, end(wish.worst), end(wish.best), wish.known.to_string()]
        };
        let heads = words(&[
            ("意愿", "Wish"),
            ("权重", "Weight"),
            ("0 分的值", "Worth 0"),
            ("1 分的值", "Worth 1"),
            ("有值", "Known"),
        ]);
        let rows = f.wishes.iter().map(wish).collect();
        let numeric = vec![false, true, true, true, true];
        sections.push((
            self.say("意愿与权重", "Wishes and weights").to_owned(),
            vec![table(self.say("各项意愿及其折算", "The wishes, and how each is scaled"), heads, numeric, rows)],
        ));
        if let Some(drawing) = map {
            let caption = self.fill("排名靠前的{row}的位置", "Where the first {rows} are");
            let alt = format!("{}: {}", self.say("地图", "Map"), drawing.title);
            let picture = Block::Picture(Picture { caption, alt, drawing, map: true });
            sections.push((self.say("位置", "Map").to_owned(), vec![picture]));
        }
        let percent = |share: Option<f64>| share.map_or_else(|| "—".to_owned(), |share| Form::Percent.printed(share));
        let row = |site: &RankedSite| {
            let score = Form::Ratio(2).printed(site.score);
            vec![
                site.rank.to_string(),
                self.text(&site.name).to_owned(),
                score,
                percent(site.first),
                percent(site.among_three),
            ]
        };
        let heads = words(&[
            ("名次", "Rank"),
            ("名称", "Name"),
            ("得分", "Score"),
            ("排第一", "First"),
            ("排前三", "First three"),
        ]);
        let numeric = vec![true, false, true, true, true];
        let caption = self.say(
            "得分与稳定性(换权重后排第一、排前三的比例)",
            "Scores, and how often each is first under other weights",
        );
        sections.push((
            self.say("排序", "Order").to_owned(),
            vec![table(&self.printed(caption.to_owned()), heads, numeric, f.sites.iter().map(row).collect())],
        ));
        if !f.sites.is_empty() {
            sections.push((self.say("方案比选", "Side by side").to_owned(), vec![self.beside()]));
        }
        let notes = f.notes.iter().map(|note| self.printed(pick(self.lang, &note.zh, &note.en).to_owned())).collect();
        sections.push((self.say("规则与说明", "Rules and cautions").to_owned(), vec![Block::List(notes)]));
        let about = vec![
            (self.say("来源", "Source").to_owned(), self.text(&f.selection.spec().source).to_owned()),
            (self.say("数据版本", "Revision").to_owned(), f.revision.clone()),
            (self.say("随机数种子", "Seed").to_owned(), f.seed.to_string()),
            (self.say("生成日期", "Made on").to_owned(), self.day.to_owned()),
        ];
        sections.push((self.say("来源与版本", "Source and version").to_owned(), vec![Block::Pairs(about)]));
        Document {
            lang: self.lang,
            title: self.title(),
            subtitle: format!("{} · {}", self.text(&self.about().manifest.title), self.day),
            marks: self.marks(),
            footer: format!("{} · {}", self.title(), self.marks().join(" · ")),
            sections: Section::numbered(self.lang, sections),
        }
    }

    /// The first sites side by side: what each wish adds, and what they are.
    fn beside(&self) -> Block {
        let sites = &self.found.sites[..self.found.sites.len().min(BESIDE)];
        let heads = std::iter::once(self.say("项目", "Item").to_owned());
        let heads = heads.chain(sites.iter().map(|site| format!("{} {}", site.rank, self.text(&site.name)))).collect();
        let line = |name: String, cell: &dyn Fn(&RankedSite) -> String| {
            std::iter::once(name).chain(sites.iter().map(cell)).collect::<Vec<String>>()
        };
        let mut rows = vec![line(self.say("得分", "Score").to_owned(), &|site| Form::Ratio(3).printed(site.score))];
        for (at, wish) in self.found.wishes.iter().enumerate() {
            rows.push(line(self.text(&wish.title).to_owned(), &|site| self.part(wish, &site.parts[at])));
        }
        let table = self.found.selection.table();
        for (place, property) in self.properties() {
            let cell = |site: &RankedSite| self.cell(property, table.columns[place].value(site.row as usize)).printed();
            rows.push(line(self.head(property), &cell));
        }
        let caption = self.say("各方案逐项比较(值 · 对得分的贡献)", "Item by item (value · what it adds to the score)");
        let numeric = vec![false; sites.len() + 1];
        Block::Table(Table { caption: self.printed(caption.to_owned()), heads, numeric, rows, total: false })
    }

    fn sheet<'b>(&self, name: &str, heads: Vec<Head>, rows: Vec<Vec<Cell<'b>>>) -> Sheet<'b> {
        Sheet {
            name: name.to_owned(),
            title: Some((self.title(), self.marks())),
            heads,
            rows: Box::new(rows.into_iter()),
            total: None,
            foot: vec![],
            frozen: 0,
        }
    }

    fn sheets(&self) -> Vec<Sheet<'_>> {
        let f = self.found;
        let heads = [
            ("名次", "Rank"),
            ("编号", "Id"),
            ("名称", "Name"),
            ("得分", "Score"),
            ("排第一", "First"),
            ("排前三", "First three"),
        ];
        let mut heads: Vec<Head> = heads.into_iter().map(|(zh, en)| Head::new(self.say(zh, en))).collect();
        for wish in &f.wishes {
            let (title, unit) = (self.text(&wish.title), self.text(&wish.unit));
            heads.push(Head::new(if unit.is_empty() { title.to_owned() } else { format!("{title} ({unit})") }));
            heads.push(Head::new(format!("{title} · {}", self.say("贡献", "adds"))));
        }
        let properties = self.properties();
        heads.extend(properties.iter().map(|(_, property)| Head::new(self.head(property))));
        heads.extend([("经度", "Longitude"), ("纬度", "Latitude")].map(|(zh, en)| Head::new(self.say(zh, en))));
        let table = f.selection.table();
        let row = |site: &RankedSite| {
            let mut cells = vec![
                Cell::count(site.rank),
                Cell::text(site.id.clone()),
                Cell::text(self.text(&site.name).to_owned()),
                Cell::Number(site.score, Form::Ratio(3)),
                Cell::maybe(site.first, Form::Percent),
                Cell::maybe(site.among_three, Form::Percent),
            ];
            for (wish, part) in f.wishes.iter().zip(&site.parts) {
                let form = match wish.by {
                    WishBy::Growth => Form::Change,
                    WishBy::Quotient => Form::Ratio(2),
                    WishBy::Distance | WishBy::Partners => Form::Grouped(0),
                    WishBy::Zone | WishBy::Value => Form::Plain,
                };
                cells.push(Cell::maybe(part.value, form));
                cells.push(Cell::Number(part.adds, Form::Ratio(3)));
            }
            for (place, property) in &properties {
                cells.push(self.cell(property, table.columns[*place].value(site.row as usize)));
            }
            let place = |axis: usize| site.position.map(|at| (at[axis] * 1e7).round() / 1e7);
            cells.extend([0, 1].map(|axis| Cell::maybe(place(axis), Form::Plain)));
            cells
        };
        let order = self.sheet(self.say("排序", "Order"), heads, f.sites.iter().map(row).collect());
        let heads = [
            ("意愿", "Wish"),
            ("单位", "Unit"),
            ("权重", "Weight"),
            ("0 分的值", "Worth 0"),
            ("1 分的值", "Worth 1"),
            ("有值", "Known"),
        ];
        let heads = heads.into_iter().map(|(zh, en)| Head::new(self.say(zh, en))).collect();
        let row = |wish: &WishColumn| {
            vec![
                Cell::text(self.text(&wish.title).to_owned()),
                Cell::text(self.text(&wish.unit).to_owned()),
                Cell::Number(wish.share, Form::Percent),
                Cell::maybe(wish.worst, Form::Plain),
                Cell::maybe(wish.best, Form::Plain),
                Cell::count(wish.known),
            ]
        };
        let wishes = self.sheet(self.say("意愿", "Wishes"), heads, f.wishes.iter().map(row).collect());
        let mut rows: Vec<Vec<Cell<'_>>> = self
            .findings()
            .into_iter()
            .flat_map(|block| match block {
                Block::Text(text) => vec![vec![Cell::text(self.say("结论", "Findings")), Cell::text(text)]],
                Block::Pairs(pairs) => {
                    pairs.into_iter().map(|(what, text)| vec![Cell::text(what), Cell::text(text)]).collect()
                }
                _ => vec![],
            })
            .collect();
        let line = |name: &str, text: String| vec![Cell::text(name.to_owned()), Cell::text(text)];
        rows.push(line(self.say("数据版本", "Revision"), format!("{} {}", self.about().manifest.id, f.revision)));
        rows.push(line(self.say("随机数种子", "Seed"), f.seed.to_string()));
        rows.push(line(self.say("生成日期", "Made on"), self.day.to_owned()));
        rows.extend(
            f.notes.iter().map(|note| line(self.say("说明", "Note"), pick(self.lang, &note.zh, &note.en).to_owned())),
        );
        let heads = vec![Head::new(self.say("项目", "Item")), Head::wrapped(self.say("内容", "Text"), 90)];
        vec![order, wishes, self.sheet(self.say("说明", "Notes"), heads, rows)]
    }
}
