//! The profiles of classes and zones: a chapter of the report about the whole, and a sheet of its workbook. Reports of single zones do
//! without: each would compute those of all zones.

use super::Material;
use super::cell::{Cell, Form, Head, Sheet};
use super::document::{Block, Table};
use crate::core::query::{
    Bound, ClassPair, ClassPairs, ClassProfile, Finding, FindingKind, Profile, ProfileCell, QueryError, ZoneProfile,
    class_pairs, profile,
};

/// Zones whose findings documents have; the workbook has all.
const MOST_ZONES: usize = 15;

/// Profiles of classes and zones, and which classes stand together.
#[derive(Debug)]
pub(super) struct Profiles {
    pub(super) found: Profile,
    pairs: ClassPairs,
}

/// Profiles weighed by the first metric of the register, or by the number of its rows where it has none.
pub(super) fn of(bound: &Bound) -> Result<Profiles, QueryError> {
    let register = bound.describe().register().and_then(|c| c.spec.register.as_ref());
    let metric = register.and_then(|r| r.metrics.iter().find(|m| m.in_documents));
    let weight = metric.map(|m| m.id.as_str());
    Ok(Profiles { found: profile(bound, weight)?, pairs: class_pairs(bound, weight)? })
}

/// The title of the chapter and of the sheet.
pub(super) fn title(m: &Material<'_>) -> String {
    m.fill("{class}与{zone}画像", "Profiles of {classes} and {zones}")
}

fn value(found: &Profile, value: Option<f64>, withheld: bool) -> Cell<'static> {
    if withheld { Cell::Withheld } else { Cell::maybe(value, Form::Grouped(found.weight.decimals.min(2))) }
}

/// The zone where a class has most stars, the first of equals by its value.
fn outstanding(class: &ClassProfile) -> Option<&ProfileCell> {
    let some = class.cells.iter().rev().filter(|cell| cell.stars.stars > 0);
    some.max_by(|a, b| {
        let value = |cell: &ProfileCell| cell.value.unwrap_or_default();
        a.stars.stars.cmp(&b.stars.stars).then(value(a).total_cmp(&value(b)))
    })
}

fn zone_name(m: &Material<'_>, zone: &ZoneProfile) -> String {
    m.lang.pick(&zone.zone.name, &zone.zone.name_en).to_owned()
}

fn class_heads(m: &Material<'_>, found: &Profile) -> Vec<Head> {
    let unit = found.weight.unit.get(m.lang);
    let value = m.say("{}（{unit}）", "{} ({unit})").replacen("{}", found.weight.title.get(m.lang), 1);
    let value = value.replacen("{unit}", unit, 1);
    let head = |zh: &str, en: &str| {
        let text = m.fill(zh, en);
        Head::new(text.clone()).briefly(text)
    };
    vec![
        Head::new(m.words.class.title().get(m.lang)).briefly(m.words.class.title().get(m.lang)),
        Head::new(value.clone()).briefly(value),
        head("占比", "Share"),
        head("同口径增长", "Like for like"),
        head("前 3 {counter}占", "Top 3"),
        head("区位基尼", "Locational Gini"),
        head("E–G γ", "E–G γ"),
        head("M–S", "M–S"),
        head("最突出", "Outstanding in"),
        head("星级", "Stars"),
    ]
}

fn class_cells(m: &Material<'_>, found: &Profile, class: &ClassProfile) -> Vec<Cell<'static>> {
    let best = outstanding(class);
    let place = best.and_then(|cell| found.zones.iter().find(|zone| zone.zone.id == cell.zone));
    let growth = class.growth.as_ref();
    vec![
        Cell::text(class.class.name.get(m.lang).to_owned()),
        value(found, class.value, class.withheld),
        Cell::maybe(class.share, Form::Percent),
        if growth.is_some_and(|g| g.withheld) {
            Cell::Withheld
        } else {
            Cell::maybe(growth.and_then(|g| g.rate), Form::Percent)
        },
        Cell::maybe(class.rows.top3_share, Form::Percent),
        Cell::maybe(class.agglomeration.locational_gini, Form::Ratio(3)),
        Cell::maybe(class.agglomeration.ellison_glaeser, Form::Ratio(3)),
        Cell::maybe(class.agglomeration.maurel_sedillot, Form::Ratio(3)),
        place.map_or(Cell::Empty, |zone| Cell::text(zone_name(m, zone))),
        best.map_or(Cell::Empty, |cell| Cell::text("★".repeat(cell.stars.stars.into()))),
    ]
}

fn sentence(m: &Material<'_>, finding: &Finding) -> String {
    let kind = match finding.kind {
        FindingKind::Strength => m.say("优势", "Strength"),
        FindingKind::Opportunity => m.say("机会", "Opportunity"),
        FindingKind::Risk => m.say("风险", "Risk"),
    };
    m.labelled(kind, &m.printed(&finding.text.zh, &finding.text.en))
}

fn findings<'f>(m: &Material<'_>, all: impl Iterator<Item = (String, &'f [Finding])>) -> Vec<(String, String)> {
    all.filter(|(_, findings)| !findings.is_empty())
        .map(|(name, findings)| {
            let said: Vec<String> = findings.iter().map(|finding| sentence(m, finding)).collect();
            (name, said.join(m.say("", " ")))
        })
        .collect()
}

fn notes(m: &Material<'_>, found: &Profile) -> Vec<String> {
    found.notes.iter().map(|note| m.note(note)).collect()
}

/// What is measured of a pair.
type Measure = fn(&ClassPair) -> Option<f64>;

/// Which classes stand together: for each class how often its rows are neighbours of their own, the other class that is beside it most, and
/// those that it shares its zones with most and least.
fn together(m: &Material<'_>, pairs: &ClassPairs) -> Option<Table> {
    let said = |pair: Option<&ClassPair>, value: Measure, decimals: u8| {
        let pair = pair.and_then(|pair| Some((pair, value(pair)?)));
        let named = pair.and_then(|(pair, value)| {
            let name = pairs.classes.iter().find(|class| class.code == pair.other)?.name.get(m.lang);
            Some(format!("{name} {}", Form::Ratio(decimals).printed(value)))
        });
        named.map_or(Cell::Empty, Cell::text)
    };
    let colocation: Measure = |pair| pair.colocation;
    let shared: Measure = |pair| pair.coagglomeration;
    let row = |class: &crate::core::query::QuotientClass| {
        let of = |value: Measure, sign: f64| {
            let others = pairs.pairs.iter().filter(|pair| pair.class == class.code && pair.other != class.code);
            let known = others.filter_map(move |pair| Some((pair, value(pair)? * sign)));
            known.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(pair, _)| pair)
        };
        let own = pairs.pairs.iter().find(|pair| pair.class == class.code && pair.other == class.code);
        vec![
            Cell::text(class.name.get(m.lang).to_owned()),
            Cell::maybe(own.and_then(colocation), Form::Ratio(2)),
            said(of(colocation, 1.0), colocation, 2),
            said(of(shared, 1.0), shared, 3),
            said(of(shared, -1.0), shared, 3),
        ]
    };
    let rows: Vec<Vec<Cell<'_>>> = pairs.classes.iter().map(row).collect();
    let head = |zh: &str, en: &str| {
        let text = m.fill(zh, en);
        Head::new(text.clone()).briefly(text)
    };
    let heads = vec![
        Head::new(m.words.class.title().get(m.lang)).briefly(m.words.class.title().get(m.lang)),
        head("同类邻近商", "Colocation with itself"),
        head("最常为邻的他类（邻近商）", "Most beside it (colocation)"),
        head("同处最强（指数）", "Shares {zones} most (index)"),
        head("同处最弱（指数）", "Shares {zones} least (index)"),
    ];
    let any = pairs.pairs.iter().any(|pair| pair.colocation.or(pair.coagglomeration).is_some());
    any.then(|| {
        let caption =
            m.fill("表 #　{class}之间的邻近与同处", "Table #  {Classes} beside each other and in the same {zones}");
        Table::brief(heads, rows.into_iter(), None, caption)
    })
}

/// The sheet of the workbook: every two classes.
pub(super) fn pairs_sheet<'a>(m: &Material<'a>, Profiles { pairs, .. }: &'a Profiles) -> Sheet<'a> {
    let name = |code: &str| {
        let class = pairs.classes.iter().find(|class| class.code == code);
        Cell::text(class.map_or_else(String::new, |class| class.name.get(m.lang).to_owned()))
    };
    let row = |pair: &ClassPair| {
        vec![
            name(&pair.class),
            name(&pair.other),
            Cell::maybe(pair.coagglomeration, Form::Ratio(3)),
            Cell::maybe(pair.colocation, Form::Ratio(2)),
        ]
    };
    let rows: Vec<Vec<Cell<'a>>> = pairs.pairs.iter().map(row).collect();
    let class = m.words.class.title().get(m.lang).to_owned();
    let title = m.say("邻近与同处", "Side by side");
    Sheet {
        name: title.to_owned(),
        title: Some((format!("{} {title}", m.zone_name()), m.chips())),
        heads: vec![
            Head::new(class),
            Head::new(m.say("与", "With")),
            Head::new(m.say("同处指数", "Coagglomeration")),
            Head::new(m.say("邻近商", "Colocation")),
        ],
        rows: Box::new(rows.into_iter()),
        total: None,
        foot: pairs.notes.iter().map(|note| m.note(note)).collect(),
        frozen: 2,
    }
}

/// The chapter of documents.
pub(super) fn blocks(m: &Material<'_>, Profiles { found, pairs }: &Profiles) -> Vec<Block> {
    let by = found.weight.title.get(m.lang);
    let kind =
        m.about.zone_kinds.iter().find(|kind| kind.id == found.zone_kind).map_or("", |kind| kind.title.get(m.lang));
    let caption = m.say("表 #　按{}的画像", "Table #  Profiles by {}").replacen("{}", by, 1);
    let mut out = Vec::new();
    if let Some(unequal) = found.inequality.filter(|unequal| unequal.theil > 0.0) {
        let part = Form::Percent.printed(unequal.between / unequal.theil);
        let text = m.fill(
            "{row}之间{by}的差异（泰尔指数 {all}）有 {part} 在{kind}之间，其余在其内部。",
            "Of the inequality of {by} among the {rows} (Theil index {all}) {part} is between the {kind}, the rest inside them.",
        );
        let values =
            [("{by}", by), ("{all}", &Form::Ratio(3).printed(unequal.theil)), ("{part}", &part), ("{kind}", kind)];
        out.push(Block::Text(values.iter().fold(text, |text, (mark, value)| text.replacen(mark, value, 1))));
    }
    let rows: Vec<Vec<Cell<'static>>> = found.classes.iter().map(|class| class_cells(m, found, class)).collect();
    out.push(Block::Table(Table::brief(class_heads(m, found), rows.into_iter(), None, caption)));
    let classes =
        found.classes.iter().map(|class| (class.class.name.get(m.lang).to_owned(), class.findings.as_slice()));
    let zones = found.zones.iter().take(MOST_ZONES).map(|zone| (zone_name(m, zone), zone.findings.as_slice()));
    let said = findings(m, classes.chain(zones));
    if !said.is_empty() {
        out.push(Block::Pairs(said));
    }
    if found.zones.len() > MOST_ZONES {
        let text = m.say(
            "{kind}只列前 {} 个，其余见 Excel 工作簿。",
            "The first {} of the {kind}; the others are in the workbook.",
        );
        out.push(Block::Note(text.replacen("{kind}", kind, 1).replacen("{}", &MOST_ZONES.to_string(), 1)));
    }
    out.extend(notes(m, found).into_iter().map(Block::Note));
    if let Some(table) = together(m, pairs) {
        out.push(Block::Table(table));
        out.extend(pairs.notes.iter().map(|note| Block::Note(m.note(note))));
    }
    out
}

/// The sheet of the workbook: every class in every zone.
pub(super) fn sheet<'a>(m: &Material<'a>, Profiles { found, .. }: &'a Profiles) -> Sheet<'a> {
    let yes = |is: bool| if is { Cell::text("1") } else { Cell::Empty };
    let mut rows: Vec<Vec<Cell<'a>>> = Vec::new();
    for (place, zone) in found.zones.iter().enumerate() {
        for class in &found.classes {
            let cell = &class.cells[place];
            rows.push(vec![
                Cell::text(zone_name(m, zone)),
                Cell::text(class.class.name.get(m.lang).to_owned()),
                Cell::count(cell.count),
                value(found, cell.value, cell.withheld),
                Cell::maybe(cell.share_of_class, Form::Percent),
                Cell::maybe(cell.share_of_zone, Form::Percent),
                Cell::maybe(cell.lq, Form::Ratio(2)),
                Cell::Integer(cell.stars.stars.into(), Form::Plain),
                yes(cell.stars.size),
                yes(cell.stars.specialised),
                yes(cell.stars.focus),
                yes(cell.stars.strong),
            ]);
        }
    }
    let head = |zh: &str, en: &str| Head::new(m.fill(zh, en));
    let heads = vec![
        Head::new(m.words.zone.title().get(m.lang)),
        Head::new(m.words.class.title().get(m.lang)),
        head("{row}数", "{Rows}"),
        Head::new(found.weight.title.get(m.lang)),
        head("占本{class}", "Share of the {class}"),
        head("占本{zone}", "Share of the {zone}"),
        head("区位熵", "LQ"),
        head("星级", "Stars"),
        head("规模", "Size"),
        head("专业化", "Specialised"),
        head("侧重", "Focus"),
        head("强", "Strong"),
    ];
    let classes =
        found.classes.iter().map(|class| (class.class.name.get(m.lang).to_owned(), class.findings.as_slice()));
    let zones = found.zones.iter().map(|zone| (zone_name(m, zone), zone.findings.as_slice()));
    let mut foot: Vec<String> =
        findings(m, classes.chain(zones)).into_iter().map(|(name, said)| m.labelled(&name, &said)).collect();
    foot.extend(notes(m, found));
    Sheet {
        name: m.say("画像", "Profiles").to_owned(),
        title: Some((format!("{} {}", m.zone_name(), title(m)), m.chips())),
        heads,
        rows: Box::new(rows.into_iter()),
        total: None,
        foot,
        frozen: 2,
    }
}
