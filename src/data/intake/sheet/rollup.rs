//! Rows of a table that are no data: totals, averages and shares, headings of sections, notes, examples, repeated heads.

use super::Words;
use super::cells::{Kind, Row};

/// Why a row is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// A sum, an average, a share of other rows.
    Total,
    /// The heading of the rows below it.
    Section,
    /// A remark about the table.
    Note,
    /// An example of how to fill in the table.
    Example,
}

/// What a row is by its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// Data.
    Data,
    /// No data.
    Left(Left),
    /// Data or a total: only its numbers tell.
    Doubtful,
    /// A name with numbers alone: data, unless all its numbers are sums.
    Bare,
}

/// Words for a sum or another figure of several rows.
const SUMS: [&str; 40] = [
    "合计数",
    "总计数",
    "小计数",
    "同比",
    "同比增长",
    "同比增速",
    "环比",
    "增速",
    "增长率",
    "全市",
    "全区",
    "全县",
    "全省",
    "全国",
    "∑",
    "σ",
    "合计",
    "总计",
    "小计",
    "共计",
    "总数",
    "累计",
    "汇总",
    "总和",
    "平均",
    "平均值",
    "平均数",
    "均值",
    "占比",
    "比重",
    "中位数",
    "最大值",
    "最小值",
    "total",
    "subtotal",
    "sub-total",
    "grandtotal",
    "sum",
    "average",
    "mean",
];
/// Words at the end of a total's name, such as `余杭区小计`.
const ENDS: [&str; 14] = [
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "汇总",
    "平均",
    "平均值",
    "均值",
    "占比",
    "比重",
    "subtotal",
    "sub-total",
    "total",
];
/// Words for all there is.
const ALL: [&str; 14] =
    ["全市", "全区", "全县", "全省", "全国", "本页", "本表", "本市", "本区", "本县", "以上", "各区", "全部", "累计"];
/// Words at the end of an organisation's name.
const ORGANISATIONS: [&str; 30] = [
    "公司",
    "集团",
    "厂",
    "研究院",
    "研究所",
    "中心",
    "事务所",
    "合伙",
    "商行",
    "经营部",
    "合作社",
    "医院",
    "大学",
    "学院",
    "学校",
    "银行",
    "协会",
    "工作室",
    "分行",
    "支行",
    "ltd",
    "ltd.",
    "inc",
    "inc.",
    "llc",
    "corp",
    "co.",
    "gmbh",
    "company",
    "limited",
];
const NOTES: [&str; 30] = [
    "注:",
    "注1",
    "注2",
    "备注:",
    "说明:",
    "填表",
    "填报",
    "制表",
    "审核",
    "复核",
    "统计负责人",
    "单位负责人",
    "负责人:",
    "联系人",
    "联系电话",
    "资料来源",
    "数据来源",
    "来源:",
    "打印",
    "导出时间",
    "报送",
    "以下空白",
    "以下无正文",
    "续表",
    "未完",
    "note:",
    "notes:",
    "source:",
    "preparedby",
    "printed",
];

/// Whether a text is a number as people write it, with its separators, currency sign or per cent.
pub fn is_figure(text: &str) -> bool {
    let mut digits = false;
    text.chars().all(|c| {
        digits |= c.is_ascii_digit();
        c.is_ascii_digit()
            || c.is_whitespace()
            || matches!(c, '.' | ',' | '-' | '+' | '%' | '\u{FF0C}' | '\u{FF0E}' | '¥' | '\u{FFE5}' | '−' | '\u{FF05}')
    }) && digits
        || text.parse::<f64>().is_ok()
}

/// Whether a text says that there is nothing: `—`, `/`, `无`, `N/A`.
pub fn is_none(text: &str) -> bool {
    const WORDS: [&str; 20] = [
        "无",
        "暂无",
        "不详",
        "未知",
        "未填",
        "空",
        "缺",
        "缺失",
        "不适用",
        "未提供",
        "没有",
        "n/a",
        "na",
        "null",
        "none",
        "nil",
        "nan",
        "(null)",
        "(空)",
        "<null>",
    ];
    let text = text.trim();
    let marks =
        |c: char| matches!(c, '-' | '—' | '–' | '―' | '－' | '−' | '─' | '/' | '\\' | '／' | '…' | '*' | '.' | '~');
    let word = |text: &str| WORDS.contains(&text) || WORDS.contains(&text.to_lowercase().as_str());
    let digit = text.starts_with(|c: char| c.is_ascii_digit());
    !text.is_empty() && !digit && (text.chars().all(marks) || (text.len() <= 12 && word(text)))
}

/// Whether a text says that the cell above holds for this one, too.
pub fn is_ditto(text: &str) -> bool {
    const MARKS: [&str; 14] =
        ["同上", "同前", "〃", "″", "々", "\"", "”", "“", "''", "ditto", "do.", "-\"-", "—\"—", "同上行"];
    text.len() <= 12 && MARKS.contains(&text.trim().to_lowercase().as_str())
}

/// Whether a text is part of a ruled line, as in a table of Markdown: `:---:`.
fn is_rule(text: &str) -> bool {
    text.len() >= 3
        && ["--", ":-", "-:"].iter().any(|rule| text.contains(rule))
        && text.bytes().all(|b| matches!(b, b'-' | b':' | b'=' | b'+'))
}

/// A label as it is compared: small letters, one kind of brackets and colons, no spaces.
fn plain(text: &str) -> String {
    let one = |c| match c {
        '\u{FF08}' => '(',
        '\u{FF09}' => ')',
        '\u{FF1A}' => ':',
        c => c,
    };
    text.chars().filter(|c| !c.is_whitespace()).map(one).flat_map(char::to_lowercase).collect()
}

/// A label without what stands in brackets at its end: `合计(2家)`.
fn unbracketed(label: &str) -> &str {
    match label.rfind('(') {
        Some(at) if at > 0 && label.ends_with(')') => &label[..at],
        _ => label,
    }
}

fn is_organisation(label: &str) -> bool {
    let bare = unbracketed(label);
    // `(有限合伙)` is itself in brackets
    ORGANISATIONS.iter().any(|w| bare.ends_with(w)) || label.ends_with("合伙)")
}

/// What follows a number like `一、`, `(二)`, `1.`, `①`, `第三部分`, and whether the number is one that headings have rather
/// than rows.
fn numbered(label: &str) -> Option<(&str, bool)> {
    let chinese = |c: char| "一二三四五六七八九十百零〇".contains(c);
    if let Some(inside) = label.strip_prefix('(') {
        let (number, rest) = inside.split_once(')')?;
        let heading = !number.is_empty() && number.chars().all(chinese);
        let plain = !number.is_empty() && number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit());
        return (heading || plain).then_some((rest.trim_start_matches(['、', '.']), heading));
    }
    if label.starts_with(|c: char| ('①'..='⑳').contains(&c)) {
        return Some((&label['①'.len_utf8()..], true));
    }
    if let Some(rest) = label.strip_prefix('第') {
        let after = rest.trim_start_matches(|c: char| chinese(c) || c.is_ascii_digit());
        let kind = ["部分", "类", "章", "组", "批"].iter().any(|w| after.starts_with(w));
        return (after.len() < rest.len() && kind).then_some((after, true));
    }
    let of = |is: &dyn Fn(char) -> bool| {
        let rest = label.trim_start_matches(is);
        let after = rest.strip_prefix(['、', '.', '\u{FF0E}', '\u{FF0C}', ','])?;
        (rest.len() < label.len() && !after.starts_with(|c: char| c.is_ascii_digit())).then_some(after)
    };
    if let Some(rest) = of(&chinese) {
        return Some((rest, true));
    }
    if let Some(rest) = of(&|c| "ivx".contains(c)) {
        return Some((rest, true));
    }
    of(&|c| c.is_ascii_digit()).map(|rest| (rest, false))
}

/// How sure a label is one of a total: 2 by the words alone, 1 where it may be a name, 0 not at all.
fn total(label: &str) -> u8 {
    let label = label.trim_matches([':', '*', '#', '【', '】', '[', ']', '-', '—', '=']);
    let label = numbered(label).map_or(label, |(rest, _)| rest);
    let bare = unbracketed(label).trim_end_matches(':');
    if SUMS.contains(&bare) || bare == "其中" || bare == "总" {
        return 2;
    }
    let counts = |rest: &str| {
        !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || "家户个条项企业公司单位共计名有:.,".contains(c))
    };
    if SUMS.iter().any(|w| label.strip_prefix(w).is_some_and(counts)) {
        return 2;
    }
    if label.strip_prefix('共').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()) && counts(rest)) {
        return 2;
    }
    if label.starts_with("其中:") {
        return 2;
    }
    if is_organisation(label) {
        return 0;
    }
    if ALL.iter().any(|w| bare.starts_with(w)) && ENDS.iter().any(|w| bare.ends_with(w)) {
        return 2;
    }
    let english = ["total", "subtotal", "sub-total", "grandtotal"];
    let says = english.iter().any(|w| label.strip_prefix(w).is_some_and(|r| r.starts_with([':', '(', '-', '/'])));
    let of = ["totalfor", "totalof", "subtotalfor", "subtotalof"].iter().any(|w| label.starts_with(w));
    if says || of {
        return 2;
    }
    u8::from(bare.chars().count() <= 24 && ENDS.iter().any(|w| bare.ends_with(w)))
}

fn is_note(label: &str) -> bool {
    let label = label.trim_start_matches(['(', '*', '※', '【', '[']);
    let page = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c));
    (NOTES.iter().any(|w| label.starts_with(w)) && !is_organisation(label))
        || (label.ends_with('页') && ["第", "共"].iter().any(|w| label.strip_prefix(w).is_some_and(page)))
        || label.strip_prefix("page").is_some_and(page)
        || (label == "注" || label == "备注" || label == "说明")
}

fn is_example(text: &str) -> bool {
    let text = plain(text);
    let alone = ["示例", "例", "例如", "样例", "填写示例", "填表示例", "示例行", "举例", "example", "e.g.", "sample"];
    alone.contains(&text.trim_matches([':', '(', ')', '[', ']', '【', '】']))
        || [
            "示例:",
            "例:",
            "例如",
            "样例:",
            "填写示例",
            "(示例)",
            "【示例】",
            "[示例]",
            "(例)",
            "example:",
            "e.g.",
            "(example)",
        ]
        .iter()
        .any(|w| text.starts_with(w))
        || ["(示例)", "(例)", "【示例】", "[示例]", "(样例)", "(example)"].iter().any(|w| text.ends_with(w))
}

/// Whether a label is the name of a group of the register, with or without a number of members: `余杭区(3家)`.
fn is_group(label: &str, words: &dyn Words) -> bool {
    let label = label.trim_matches(['【', '】', '[', ']', '〔', '〕', '〖', '〗', '*', '-', '—', '=']);
    words.group(label) || words.group(unbracketed(label).trim_end_matches(':'))
}

/// Whether all a row says is the numbers of columns: `甲|乙|1|2`, `(1)|(2)|(3)`.
pub fn is_numbering(row: &Row) -> bool {
    const LETTERS: &str = "甲乙丙丁戊己庚辛壬癸";
    // nearly every row is asked, and begins with a name
    if row.filled().next().is_none_or(|c| c.text.len() > 16) {
        return false;
    }
    let texts: Vec<String> = row.filled().map(|c| plain(c.text)).collect();
    let (mut next, mut letter) = (None, 0);
    texts.len() >= 3
        && texts.iter().all(|t| {
            let bare = t.trim_matches(['(', ')', '[', ']']);
            if LETTERS.chars().nth(letter).is_some_and(|l| bare.chars().eq([l])) {
                letter += 1;
                return true;
            }
            let Ok(n) = bare.parse::<u32>() else { return false };
            let follows = next.is_none_or(|wanted| wanted == n) && (next.is_some() || n <= 1);
            next = Some(n + 1);
            follows
        })
}

/// What a row is. `key` is the column of names, `id` that of the register's ids.
pub fn guess(row: &Row, key: Option<usize>, id: Option<usize>, words: &dyn Words) -> Guess {
    // what has an id of the register is in the register, whatever it is called; running numbers are none
    let id = id.map_or("", |column| row.cell(column).text);
    if !id.is_empty()
        && !id.bytes().all(|b| b.is_ascii_digit())
        && !is_example(id)
        && total(&plain(id)) == 0
        && id.is_ascii()
    {
        return Guess::Data;
    }
    let mut texts: Vec<&str> = Vec::new();
    let (mut figures, mut first) = (0, true);
    for cell in row.filled() {
        let empty = cell.kind == Kind::Text && (is_none(cell.text) || is_rule(cell.text));
        let figure = matches!(cell.kind, Kind::Number) || (cell.kind == Kind::Text && is_figure(cell.text));
        if figure {
            figures += 1;
        } else if !empty && !texts.contains(&cell.text) {
            texts.push(cell.text);
            // a row with a usual name is the usual row, and is decided at once
            if first && texts.len() >= 3 {
                let name = key.map_or("", |k| row.cell(k).text);
                if is_organisation(name) && !name.contains(['例', 'e', 'E', '计']) {
                    return Guess::Data;
                }
                first = false;
            }
        }
    }
    let Some(label) = texts.first() else {
        // the line below the head of a table in a text, or a row of marks for none
        if figures == 0 && row.filled().nth(1).is_some() {
            return Guess::Left(Left::Note);
        }
        return if figures >= 2 { Guess::Doubtful } else { Guess::Data };
    };
    let name = key.map(|k| row.cell(k).text).filter(|t| !t.is_empty());
    if is_example(label) || name.is_some_and(is_example) {
        return Guess::Left(Left::Example);
    }
    let labels: Vec<String> = texts.iter().take(3).map(|t| plain(t)).collect();
    let coded = row.filled().any(|c| c.text.len() == 18 && c.text.bytes().all(|b| b.is_ascii_alphanumeric()));
    let label = &labels[0];
    let heads = texts.len() == 1;
    if heads && figures == 0 {
        if is_note(label) {
            return Guess::Left(Left::Note);
        }
        if total(label) > 0 {
            return Guess::Left(Left::Total);
        }
        let section = numbered(label).is_some_and(|(rest, _)| !is_organisation(rest));
        if section || is_group(label, words) || (label.ends_with(':') && !is_organisation(label)) {
            return Guess::Left(Left::Section);
        }
        return Guess::Data;
    }
    if is_note(label)
        && (figures == 0 || (heads && label.contains(':')))
        && texts.iter().all(|t| !is_organisation(&plain(t)))
    {
        return Guess::Left(Left::Note);
    }
    if coded {
        return Guess::Data;
    }
    // the label of a total stands at the place of a name, or before it
    let place = labels
        .iter()
        .position(|l| total(l) > 0)
        .filter(|at| *at == 0 || name.is_none_or(|n| plain(n) == labels[*at] || is_group(&plain(n), words)));
    if let Some(at) = place {
        let sure = total(&labels[at]) == 2;
        let others = texts.iter().enumerate().filter(|(i, t)| *i != at && !is_group(&plain(t), words)).count();
        return match (sure, texts.len(), others) {
            (true, ..) if others < 2 => Guess::Left(Left::Total),
            (_, 1, _) => Guess::Left(Left::Total),
            (false, _, 0) => {
                let bare = unbracketed(&labels[at]);
                let of = ENDS.iter().filter_map(|w| bare.strip_suffix(w)).any(|rest| words.group(rest));
                if of || labels.iter().any(|l| bare.starts_with(l.as_str()) && l != &labels[at]) {
                    Guess::Left(Left::Total)
                } else {
                    Guess::Doubtful
                }
            }
            _ => Guess::Doubtful,
        };
    }
    if heads {
        if is_group(label, words) {
            return Guess::Left(Left::Total);
        }
        if let Some((rest, heading)) = numbered(label).filter(|(rest, _)| !is_organisation(rest)) {
            return if heading || is_group(rest, words) { Guess::Left(Left::Total) } else { Guess::Doubtful };
        }
        // an amount without a name
        if key.is_some() && name.is_none() {
            return Guess::Doubtful;
        }
        if figures >= 2 && !is_organisation(label) {
            return Guess::Bare;
        }
    }
    Guess::Data
}

#[cfg(test)]
mod tests {
    use super::*;

    struct City;
    impl Words for City {
        fn head(&self, _: &str) -> f64 {
            0.0
        }
        fn group(&self, text: &str) -> bool {
            ["余杭区", "滨江区", "人工智能"].contains(&text)
        }
    }

    fn of(line: &str) -> Guess {
        let mut row = Row::default();
        line.split('|').for_each(|cell| row.push(Kind::Text, cell));
        guess(&row, Some(0), None, &City)
    }

    #[test]
    fn totals_sections_and_notes_are_no_data() {
        for line in [
            "余杭区小计|||1200.5|35",
            "|余杭区小计||1200.5|35",
            "总 计|||1|1",
            "合计（2家）|||2000.5|57",
            "平均值|||1|1",
            "余杭区|小计||12|3",
            "|合计||12|3",
            "全市合计|||1|2",
            "本页小计|||1|2",
            "共 12 家企业|||8|9",
            "占比||||35%",
            "其中：规上企业|||8|9",
            "Total|||8|9",
            "Sub-total|||8|9",
            "Subtotal (2)|||8|9",
            "Grand Total:|||8|9",
            "一、余杭区|||2000|57",
            "余杭区|||2000|57",
            "余杭区(3家)|||2000|57",
            "合计：3家公司|||2|5",
            "小计|余杭区|人工智能|2|5",
            "余杭区合计|余杭区||3|4",
            "【合计】|||3|4",
            "合计",
            "全市|||3|4",
            "∑|||3|4",
            "Σ|||3|4",
            "同比增长|||3%|4%",
            "增速|||3|4",
            "合计数|||3|4",
            "【余杭区】|||3|4",
        ] {
            assert_eq!(of(line), Guess::Left(Left::Total), "{line}");
        }
        for line in [
            "一、余杭区",
            "（一）人工智能",
            "(1)人工智能",
            "第一部分 规上企业",
            "① 规上",
            "余杭区",
            "余杭区（3家）",
            "II. 其他",
            "【余杭区】",
            "— 余杭区 —",
            "重点企业：",
        ] {
            assert_eq!(of(line), Guess::Left(Left::Section), "{line}");
        }
        for line in [
            "注：本表含规下企业",
            "填表人：张三|审核：李四|",
            "数据来源：市统计局",
            "第 1 页 共 3 页",
            "以下空白",
            "Note: draft",
            "制表人：张三||日期：2025-01-02",
            "---|:---|---:|:-:|---",
            "—|—|—|—",
        ] {
            assert_eq!(of(line), Guess::Left(Left::Note), "{line}");
        }
        for line in ["示例|余杭区||1|2", "例如：甲公司|余杭区||1|2", "甲公司（示例）|余杭区||1|2"]
        {
            assert_eq!(of(line), Guess::Left(Left::Example), "{line}");
        }
        for line in [
            "杭州合计科技有限公司|余杭区|人工智能|1|2",
            "总计算机有限公司|||1|2",
            "小计量仪器厂|余杭区||1|2",
            "甲|余杭区||1|2",
            "示例视觉智能企业0001号|余杭区||1|2",
            "注目科技|||1|2",
            "说明书印刷厂",
            "一、甲公司",
            "余杭区人工智能研究院|||3|4",
            "合计|余杭区|91330100799655058B|3|4",
            "杭州小计|余杭区|人工智能|2015-06-01|路1号",
            "甲公司",
            "Total Energies Ltd|||1|2",
        ] {
            assert!(matches!(of(line), Guess::Data | Guess::Doubtful | Guess::Bare), "{line} {:?}", of(line));
        }
    }

    #[test]
    fn marks_and_figures() {
        for text in ["—", "－", "--", "-", "/", "无", "暂无", "不详", "N/A", "NULL", "……"] {
            assert!(is_none(text), "{text}");
        }
        assert!(!is_none("无锡") && !is_none("0") && !is_none("-3") && !is_none(""));
        assert!(is_figure("1,234.5") && is_figure("35%") && is_figure("-3") && !is_figure("-") && !is_figure("3家"));
        let mut row = Row::default();
        ["甲", "乙", "1", "2", "3"].iter().for_each(|c| row.push(Kind::Text, c));
        assert!(is_numbering(&row));
    }
}
