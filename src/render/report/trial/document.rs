//! A trial zone as a document: what would be different in sentences, the tables of the workbook, the map, and when not to believe it.

use super::super::cell::Sheet;
use super::super::document::{Block, Document, Picture, Section, Table};
use super::super::words::{full_width, grouped};
use super::{Quotient, TrialSet};
use crate::core::model::{Lang, Text};
use crate::core::query::{TrialLead, TrialQuotients};
use crate::render::drawing::Drawing;

impl TrialSet<'_> {
    /// What DOCX, PDF and HTML say.
    pub(super) fn document(&self, map: Option<Drawing<'static>>) -> Document {
        let mut sections =
            vec![(self.say("主要变化", "What would change").to_owned(), vec![Block::List(self.findings())])];
        if let Some(drawing) = map {
            let caption = if self.beside.is_empty() {
                self.say("图 1　推演范围与推演前的范围", "Figure 1  The trial zone and the area as it was")
            } else {
                self.say(
                    "图 1　推演范围、推演前的范围与并列的方案",
                    "Figure 1  The trial zone, the area as it was and the scenarios beside it",
                )
            };
            let caption = caption.to_owned();
            let alt = drawing.title.clone().into_owned();
            let picture = Picture { caption, alt, drawing, map: true };
            sections.push((self.say("范围", "Outline").to_owned(), vec![Block::Picture(picture)]));
        }
        let mut sheets = vec![self.figures(), self.classes()];
        sheets.extend(self.weighed());
        sheets.push(self.around());
        if !self.trial.assumed.is_empty() {
            sheets.push(self.assumed());
        }
        sheets.extend(self.beside());
        let tables = (1..).zip(sheets).map(|(number, sheet)| self.table(number, sheet));
        sections.extend(tables);
        sections.push((self.say("说明与口径", "Method and cautions").to_owned(), vec![Block::List(self.notes())]));
        let about = [
            (self.say("来源", "Source"), self.source()),
            (self.say("时期", "Period"), self.period()),
            (self.say("生成日期", "Made on"), self.day.to_owned()),
            (self.say("数据版本", "Revision"), format!("{} {}", self.trial.dataset, self.trial.revision)),
        ];
        let about = about.into_iter().filter(|(_, text)| !text.is_empty()).map(|(what, text)| (what.to_owned(), text));
        sections.push((self.say("来源与版本", "Source and version").to_owned(), vec![Block::Pairs(about.collect())]));
        let version: String = self.trial.revision.chars().take(8).collect();
        let version = format!("{}{version}", self.say("数据版本：", "Revision: "));
        let mut marks = self.marks();
        if self.about.manifest.map_approval.is_missing() {
            marks.push(self.say("内部资料 未经审图", "Internal use; map not reviewed").to_owned());
        }
        Document {
            lang: self.lang,
            title: self.title(),
            subtitle: format!("{}{}{version}", self.about.manifest.title.get(self.lang), self.say("　", " · ")),
            marks,
            footer: format!("{} · {version}", self.title()),
            sections: Section::numbered(self.lang, sections),
        }
    }

    fn table(&self, number: usize, sheet: Sheet<'_>) -> (String, Vec<Block>) {
        let caption = self.say("表 {}　", "Table {}  ").replacen("{}", &number.to_string(), 1) + &sheet.name;
        let mut blocks = vec![Block::Table(Table::brief(sheet.heads, sheet.rows, sheet.total, caption))];
        blocks.extend(sheet.foot.into_iter().map(|line| Block::Note(self.printed(&line, &line))));
        (sheet.name, blocks)
    }

    /// A sentence as papers have it.
    fn printed(&self, zh: &str, en: &str) -> String {
        match self.lang {
            Lang::Zh => full_width(zh),
            Lang::En => en.to_owned(),
        }
    }

    fn notes(&self) -> Vec<String> {
        self.trial.notes.iter().map(|note| self.printed(&note.zh, &note.en)).collect()
    }

    /// What is different, by rules: rows and ground; the largest class; the class that changes most; classes of which the finding is another one;
    /// what of it is assumed.
    fn findings(&self) -> Vec<String> {
        let t = self.trial;
        let rows = |n: u64| self.text(&self.about.wording().row.count(n, &grouped(n)));
        let (before, now) = (t.count.baseline, t.count.assumed.unwrap_or(t.count.real));
        let change = signed(t.count.change);
        let mut out = vec![self.printed(
            &format!("推演前的范围“{}”含{},推演范围含{},变化 {change}。", t.baseline.name, rows(before), rows(now)),
            &format!(
                "The area as it was, {}, holds {}; the trial zone holds {}, a change of {change}.",
                t.baseline.name_en,
                rows(before),
                rows(now)
            ),
        )];
        if let (Some(before), Some(now)) = (t.area_km2.baseline, t.area_km2.real) {
            out.push(self.printed(
                &format!("面积由 {before:.2} 变为 {now:.2} 平方公里。"),
                &format!("Its ground goes from {before:.2} to {now:.2} km²."),
            ));
        }
        out.extend(self.lead_finding(t.baseline_lead.as_ref(), t.lead.as_ref()));
        if let Some(most) =
            t.classes.iter().filter(|c| c.count.change != 0).max_by_key(|c| c.count.change.unsigned_abs())
        {
            let (name, change) = (self.text(&most.name), signed(most.count.change));
            let line = self.fill("{row}数变化最大的{class}", "The {class} that changes most");
            out.push(self.printed(&format!("{line}:{name}({change})。"), &format!("{line}: {name} ({change}).")));
        }
        let line = self.say("区位熵的判断有变", "Findings of location quotients that are other ones");
        out.extend(self.other_findings(line, t.classes.iter().map(|class| (&class.name, &class.lq))));
        for of in &t.weighed {
            let line = self.say("按{}加权的区位熵,判断有变", "The same weighed by {}");
            let line = line.replacen("{}", &self.text(&of.weight.title), 1);
            out.extend(self.other_findings(&line, of.classes.iter().map(|class| (&class.name, &class.lq))));
        }
        if !t.assumed.is_empty() {
            let n = t.assumed.len() as u64;
            out.push(self.printed(
                &format!("以上含假设的{},不是名录中的数。", rows(n)),
                &format!("With what is assumed and not in the register: {}.", rows(n)),
            ));
        }
        out
    }

    fn lead_finding(&self, before: Option<&TrialLead>, now: Option<&TrialLead>) -> Option<String> {
        let (before, now) = (before?, now?);
        let line = self.fill("最多的{class}", "The largest {class}");
        let (was, is) = (self.text(&before.name), self.text(&now.name));
        Some(if before.code == now.code {
            self.printed(&format!("{line}仍为{is}。"), &format!("{line} is still {is}."))
        } else {
            self.printed(&format!("{line}由{was}变为{is}。"), &format!("{line} was {was} and is {is}."))
        })
    }

    /// The classes of which something else is said than before.
    fn other_findings<'q>(
        &self,
        line: &str,
        classes: impl Iterator<Item = (&'q Text, &'q TrialQuotients)>,
    ) -> Option<String> {
        let verdict = |quotient: Quotient| quotient.lq_test.map(|test| test.verdict);
        let other = classes.filter_map(|(name, lq)| {
            let (was, is) = (verdict(lq.baseline)?, verdict(lq.assumed.unwrap_or(lq.real))?);
            (was != is).then(|| format!("{} {} → {}", self.text(name), self.verdict(was), self.verdict(is)))
        });
        let all = other.collect::<Vec<_>>().join(self.say("；", "; "));
        (!all.is_empty()).then(|| self.printed(&format!("{line}:{all}。"), &format!("{line}: {all}.")))
    }
}

fn signed(n: i64) -> String {
    let sign = match n {
        0 => "",
        1.. => "+",
        _ => "−",
    };
    format!("{sign}{}", grouped(n.unsigned_abs()))
}
