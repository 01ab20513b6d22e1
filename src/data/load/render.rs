//! The report on a terminal: a table of the collections, then each finding.

use super::report::{Finding, Report, Severity};
use super::text::shorten;
use crate::core::model::Lang;
use std::fmt::Write;

impl Report {
    /// The errors in words.
    pub fn errors_in_words(&self, lang: Lang) -> String {
        let mut out = String::new();
        self.findings.iter().filter(|f| f.severity == Severity::Error).for_each(|f| finding(&mut out, f, lang));
        out
    }

    /// The report in words, as `shigu check` prints it.
    pub fn render(&self, lang: Lang) -> String {
        let mut out = table(self, lang);
        for f in &self.findings {
            finding(&mut out, f, lang);
        }
        let zh = lang == Lang::Zh;
        for s in &self.suppressed {
            let (file, severity) = (shorten(&s.file), severity(s.severity, lang));
            let _ = if zh {
                writeln!(out, "{severity}  {file}  [{}] 另有 {} 条同类,未列出", s.code, s.count)
            } else {
                writeln!(out, "{severity}  {file}  [{}] {} more of these are not listed", s.code, s.count)
            };
        }
        if !(self.findings.is_empty() && self.suppressed.is_empty()) {
            out.push('\n');
        }
        let (errors, warnings) = (self.errors(), self.warnings());
        let _ = match (zh, errors) {
            (true, 0) => writeln!(out, "没有错误,{warnings} 条警告。"),
            (true, _) => writeln!(out, "{errors} 个错误,{warnings} 条警告:数据集不能使用。"),
            (false, 0) => writeln!(out, "No errors, {warnings} warnings."),
            (false, _) => writeln!(out, "{errors} errors, {warnings} warnings: the dataset cannot be used."),
        };
        out
    }
}

fn severity(severity: Severity, lang: Lang) -> &'static str {
    match (severity, lang) {
        (Severity::Error, Lang::Zh) => "错误",
        (Severity::Warning, Lang::Zh) => "警告",
        (Severity::Info, Lang::Zh) => "提示",
        (Severity::Error, Lang::En) => "error",
        (Severity::Warning, Lang::En) => "warning",
        (Severity::Info, Lang::En) => "info",
    }
}

fn table(report: &Report, lang: Lang) -> String {
    let head = match lang {
        Lang::Zh => ["集合", "文件", "要素", "有位置", "错误", "警告"],
        Lang::En => ["collection", "file", "features", "located", "errors", "warnings"],
    };
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(report.collections.iter().map(|c| {
        let figures = [c.features, c.located, c.errors, c.warnings].map(|n| n.to_string());
        let [a, b, d, e] = figures;
        [shorten(&c.id).into_owned(), shorten(&c.file).into_owned(), a, b, d, e]
    }));
    let widths: [usize; 6] = std::array::from_fn(|i| rows.iter().map(|r| width(&r[i])).max().unwrap_or(0));
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for (i, cell) in row.iter().enumerate() {
            let gap = " ".repeat(widths[i] - width(cell));
            // names to the left, figures to the right
            let (left, right) = if i < 2 { (cell, &gap) } else { (&gap, cell) };
            line.extend([left, right, "  "]);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.push('\n');
    out
}

fn finding(out: &mut String, f: &Finding, lang: Lang) {
    let mut head = format!("{}  {}", severity(f.severity, lang), shorten(&f.file));
    if let Some(line) = f.line {
        let column = f.column.unwrap_or(1);
        let _ = write!(head, ":{line}:{column}");
    }
    for part in [&f.feature, &f.property].into_iter().flatten() {
        let _ = write!(head, "  {}", shorten(part));
    }
    let _ = writeln!(out, "{head}  [{}]\n    {}\n    → {}", f.code, f.message.get(lang), f.remedy.get(lang));
}

/// Columns that a text takes on a terminal: wide East Asian characters take two.
fn width(text: &str) -> usize {
    text.chars().map(|c| usize::from(!is_mark(c)) * (1 + usize::from(is_wide(c)))).sum()
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{FE00}'..='\u{FE0F}')
}

fn is_wide(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{303E}' | '\u{3041}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}'
        | '\u{1F300}'..='\u{1F64F}' | '\u{1F900}'..='\u{1F9FF}' | '\u{20000}'..='\u{3FFFD}')
}

#[cfg(test)]
mod tests {
    use super::super::report::{CollectionReport, Place};
    use super::*;
    use crate::core::model::Text;

    #[test]
    fn columns_line_up() {
        let mut r = Report::new(1);
        for (id, file, features) in [("企业𠮷", "a.geojson", 12), ("districts", "区县.geojson", 3)] {
            r.collections.push(CollectionReport {
                id: id.into(),
                file: file.into(),
                features,
                located: features,
                errors: 0,
                warnings: 0,
            });
        }
        r.error(Place::file("a.geojson").at((3, 5)).feature("P01").property("x"), "wrong-type", || {
            (Text::new("错", "wrong"), Text::new("改", "fix"))
        });
        r.error(Place::file("a.geojson"), "wrong-type", || (Text::default(), Text::default()));
        r.finish(&["a.geojson"]);
        assert_eq!(
            r.render(Lang::Zh),
            "集合       文件          要素  有位置  错误  警告\n\
             企业𠮷     a.geojson       12      12     2     0\n\
             districts  区县.geojson     3       3     0     0\n\
             \n\
             错误  a.geojson:3:5  P01  x  [wrong-type]\n    错\n    → 改\n\
             错误  a.geojson  [wrong-type] 另有 1 条同类,未列出\n\
             \n\
             2 个错误,0 条警告:数据集不能使用。\n"
        );
        assert!(r.render(Lang::En).contains("1 more of these are not listed"));
    }
}
