//! What the next department sends: the same table in other spellings, and what may not be read as something else in silence.

use super::material::{cells, csv, firms, head, table, with};
use super::tables::{HEAD, ROWS, Read, check, found, lines, values};
use encoding_rs::GB18030;
use shigu::data::intake::{Options, Refusal};
use shigu::data::load::Severity;

/// The five rows with the cells of a column changed.
fn changed(column: usize, change: impl Fn(usize, &str) -> String) -> Vec<Vec<String>> {
    let cells = |(row, line): (usize, &&str)| {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        cells[column] = change(row, &cells[column]);
        cells
    };
    ROWS.iter().enumerate().map(cells).collect()
}

/// A CSV with every cell in quotes.
fn quoted(head: &str, rows: &[Vec<String>]) -> Vec<u8> {
    let line = |cells: Vec<&str>| {
        cells.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect::<Vec<_>>().join(",") + "\n"
    };
    let rows = rows.iter().map(|row| line(row.iter().map(String::as_str).collect()));
    std::iter::once(line(head.split(',').collect())).chain(rows).collect::<String>().into_bytes()
}

fn column(read: &Read, property: &str) -> Vec<String> {
    values(read, property).into_iter().map(|(_, value)| value).collect()
}

const REVENUE: [&str; 5] = ["1200.5", "800", "450.25", "3000", "95"];

#[test]
fn numbers_in_other_spellings() {
    let thousands = |mark: &str, text: &str| {
        let n: f64 = text.parse().unwrap();
        if n < 1000.0 { text.to_owned() } else { format!("{}{mark}{:06.2}", (n / 1000.0).trunc(), n % 1000.0) }
    };
    for (name, change) in [
        ("apostrophes between thousands", Box::new(|c: &str| thousands("'", c)) as Box<dyn Fn(&str) -> String>),
        ("full-width commas", Box::new(|c: &str| thousands("，", c))),
        ("spaces", Box::new(|c: &str| thousands(" ", c))),
        ("spaces that do not break", Box::new(|c: &str| thousands("\u{A0}", c))),
        ("narrow spaces", Box::new(|c: &str| thousands("\u{202F}", c))),
        ("an apostrophe before", Box::new(|c: &str| format!("'{c}"))),
        ("full-width signs", Box::new(|c: &str| format!("＋{}", c.replace('.', "．")))),
        ("exponents", Box::new(|c: &str| format!("{:e}", c.parse::<f64>().unwrap()))),
        ("marks of direction", Box::new(|c: &str| format!("\u{202A}{c}\u{202C}"))),
    ] {
        let read = check(&quoted(HEAD, &changed(3, |_, c| change(c))));
        assert_eq!(column(&read, "revenue_2025"), REVENUE, "{name} {:?}", read.findings);
    }
    // below nothing, as bookkeepers and programs write it: read, and outside the bounds of a revenue
    for change in [
        |c: &str| format!("({c})"),
        |c: &str| format!("（{c}）"),
        |c: &str| format!("{c}-"),
        |c: &str| format!("－{c}"),
    ] {
        let read = check(&quoted(HEAD, &changed(3, |_, c| change(c))));
        let said = found(&read, "out-of-range");
        assert_eq!(said.len(), 5, "{:?}", read.findings);
        assert!(said[0].message.en.contains("-1200.5"), "{:?}", said[0]);
    }
    // what is no number is none
    for given in ["1200.5%", "约1200", "1200-1300", "<1200", "1200以上", "1'20", "########", "1,20"] {
        let read = check(&quoted(HEAD, &changed(3, |row, c| if row == 0 { given.to_owned() } else { c.to_owned() })));
        assert_eq!((read.count("number-unreadable"), read.counts.problem), (1, 1), "{given} {:?}", read.findings);
    }
}

#[test]
fn ditto_marks_stand_for_what_is_above() {
    for mark in ["同上", "〃", "″", "々", "\"", "''", "ditto", "Do.", "-\"-", " 同上 "] {
        let mut rows = changed(0, |_, c| c.to_owned());
        rows[1][1] = mark.to_owned();
        rows[2][1] = mark.to_owned();
        rows[2][2] = mark.to_owned();
        rows[3][5] = mark.to_owned();
        let read = check(&quoted(HEAD, &rows));
        assert_eq!(column(&read, "district")[..3], ["330110"; 3], "{mark} {:?}", read.findings);
        assert_eq!(column(&read, "founded")[3], "2012", "{mark}");
        let cluster = column(&read, "cluster");
        assert_eq!(cluster[1], cluster[2], "{mark}");
        assert!(found(&read, "ditto-filled")[0].message.zh.contains("第 3、4、5 行"), "{mark} {:?}", read.findings);
        assert_eq!((read.count("district-unknown"), read.count("word-new")), (0, 0), "{mark}");
    }
    // nothing stands above the first row, and a name is never the one above
    let mut rows = changed(0, |_, c| c.to_owned());
    rows[0][1] = "同上".to_owned();
    let read = check(&quoted(HEAD, &rows));
    assert_eq!((read.count("ditto-filled"), read.count("district-unknown")), (0, 1));
    rows[1][0] = "同上".to_owned();
    assert!(column(&check(&quoted(HEAD, &rows)), "name").contains(&"同上".to_owned()));
}

#[test]
fn units_and_currencies_row_by_row() {
    let head = "企业名称,区县,所属集群,2025年营业收入,单位,2025年从业人数,成立时间,经度,纬度";
    let rows = |units: [&str; 5], per: [f64; 5]| -> Vec<Vec<String>> {
        let mut all = changed(3, |row, c| (c.parse::<f64>().unwrap() / per[row]).to_string());
        all.iter_mut().zip(units).for_each(|(row, unit)| row.insert(4, unit.to_owned()));
        all
    };
    for name in ["单位", "计量单位", "金额单位", "货币单位"] {
        let all = rows(["万元", "亿元", "元", "千元", "人民币万元"], [1.0, 1e4, 1e-4, 0.1, 1.0]);
        let read = check(&quoted(&head.replace(",单位,", &format!(",{name},")), &all));
        assert_eq!(column(&read, "revenue_2025"), REVENUE, "{name} {:?}", read.findings);
        assert_eq!((read.count("unit-assumed"), read.count("units-beside")), (0, 1), "{name} {:?}", read.findings);
        assert_eq!(column(&read, "employees_2025")[0], "35");
    }
    // one unit for all, and none in a row: that of the register
    let read = check(&quoted(head, &rows(["亿元", "亿元", "", "亿元", "亿元"], [1e4, 1e4, 1.0, 1e4, 1e4])));
    assert_eq!(column(&read, "revenue_2025"), REVENUE, "{:?}", read.findings);
    // what stands in the row counts more than what stands in the head
    let said = head.replace("营业收入", "营业收入(万元)");
    let read = check(&quoted(&said, &rows(["万元", "亿元", "", "亿元", "元"], [1.0, 1e4, 1.0, 1e4, 1e-4])));
    assert_eq!(column(&read, "revenue_2025"), REVENUE, "{:?}", read.findings);
    assert!(found(&read, "units-in-cells")[0].message.en.starts_with("3 rows"), "{:?}", read.findings);
    // another currency costs its row, under any head
    for (name, revenue, other) in [
        ("单位", "2025年营业收入", "万美元"),
        ("币种", "2025年营业收入(万元)", "美元"),
        ("币种", "2025年营业收入(万元)", "USD"),
        ("Currency", "2025年营业收入(万元)", "HKD"),
    ] {
        let own = if name == "单位" { "万元" } else { "人民币" };
        let head = head.replace(",单位,", &format!(",{name},")).replace("2025年营业收入", revenue);
        let read = check(&quoted(&head, &rows([own, other, own, own, own], [1.0; 5])));
        assert_eq!(
            found(&read, "unit-currency").iter().map(|f| f.row).collect::<Vec<_>>(),
            [Some(3)],
            "{name} {other}"
        );
        assert_eq!(column(&read, "revenue_2025"), ["1200.5", "450.25", "3000", "95"], "{name} {other}");
    }
    // a column 单位 with the names of enterprises is what it was
    let names = HEAD.replace("企业名称", "单位");
    assert_eq!(column(&check(&quoted(&names, &changed(0, |_, c| c.to_owned()))), "name").len(), 5);
    // traditional characters and those of accountants
    for (unit, per) in [("萬元", 1.0), ("億元", 1e4), ("仟元", 0.1), ("人民幣萬元", 1.0), ("萬圓", 1.0)] {
        let head = HEAD.replace("(万元)", &format!("({unit})"));
        let read = check(&quoted(&head, &changed(3, |_, c| (c.parse::<f64>().unwrap() / per).to_string())));
        assert_eq!(column(&read, "revenue_2025"), REVENUE, "{unit} {:?}", read.findings);
    }
}

#[test]
fn totals_by_their_numbers_and_by_unusual_words() {
    let with = |last: &str| {
        let mut all: Vec<&str> = std::iter::once(HEAD).chain(ROWS).collect();
        all.push(last);
        check(&lines(&all))
    };
    for word in [
        "全市",
        "∑",
        "Σ",
        "合计数",
        "增速",
        "同比增长",
        "小  计",
        "合　计",
        "— 合计 —",
        "【余杭区】",
        "总 计：",
        "均值",
        "五区县",
        "以上企业",
        "名录内",
    ] {
        let read = with(&format!("{word},,,5545.75,201,,,"));
        assert_eq!(column(&read, "name").len(), 5, "{word} {:?}", read.findings);
        assert!(found(&read, "totals-skipped")[0].message.zh.contains("第 7 行"), "{word}");
    }
    // a name with numbers that are no sums is an enterprise, and so is one of which one number is
    for (row, n) in [("西溪,,,12,3,,,", 6), ("西溪,,,5545.75,3,,,", 6), ("西溪科技有限公司,,,5545.75,201,,,", 6)]
    {
        assert_eq!(column(&with(row), "name").len(), n, "{row}");
    }
    // the sum of all, after one of some: since that, or from the beginning
    for (numbers, n) in [("5450.75,195", 4), ("3450.25,138", 4), ("3450.25,195", 4), ("3450.75,195", 5)] {
        let total = format!("名录内,,,{numbers},,,");
        let all = [HEAD, ROWS[0], ROWS[1], "余杭区小计,,,2000.5,57,,,", ROWS[2], ROWS[3], &total];
        assert_eq!(column(&check(&lines(&all)), "name").len(), n, "{numbers}");
    }
    // in the column of ids, which is the first
    let coded = |id: &str| {
        let rows = ROWS.iter().enumerate().map(|(i, row)| format!("E-{i},{row}"));
        let all: Vec<String> =
            std::iter::once(format!("编号,{HEAD}")).chain(rows).chain([format!("{id},,,,5545.75,201,,,")]).collect();
        check(&lines(&all.iter().map(String::as_str).collect::<Vec<_>>()))
    };
    for id in ["Total", "Sum:", "合计"] {
        assert_eq!((column(&coded(id), "name").len(), coded(id).count("name-missing")), (5, 0), "{id}");
    }
    assert_eq!(coded("E-9").count("name-missing"), 1, "what has an id is in the register");
    // the ruled line of a table in Markdown
    let markdown: Vec<String> = std::iter::once(HEAD)
        .chain(["---,:---,---,---:,---:,:-:,---,---"])
        .chain(ROWS)
        .map(|line| format!("| {} |", line.replace(',', " | ")))
        .collect();
    let read = check(&lines(&markdown.iter().map(String::as_str).collect::<Vec<_>>()));
    assert_eq!(column(&read, "revenue_2025"), REVENUE, "{:?}", read.findings);
}

#[test]
fn years_in_names_of_columns() {
    for name in [
        "FY2025营业收入(万元)",
        "'25营业收入(万元)",
        "25年营业收入(万元)",
        "2025财年营业收入(万元)",
        "2025年度营业收入(万元)",
        "2025年1-12月营业收入(万元)",
        "2025全年营业收入(万元)",
        "营业收入(万元)FY25",
        "2025会计年度营业收入(万元)",
    ] {
        let read = check(&quoted(&HEAD.replace("营业收入(万元)2025年", name), &changed(0, |_, c| c.to_owned())));
        assert_eq!(column(&read, "revenue_2025"), REVENUE, "{name} {:?}", read.findings);
    }
    // a part of a year, a plan or a forecast is no year; numbers left out are said aloud
    for name in ["2025年1-9月", "2025年三季度", "2025年上半年", "2025年预算", "2025预计", "1925年", "2025年11-12月"]
    {
        let head = HEAD.replace("营业收入(万元)2025年", &format!("{name}营业收入(万元)"));
        let read = check(&quoted(&head, &changed(0, |_, c| c.to_owned())));
        assert!(column(&read, "revenue_2025").iter().all(String::is_empty), "{name}");
        let said = found(&read, "column-unknown").into_iter().chain(found(&read, "column-without-year")).next();
        assert_eq!(said.map(|f| f.severity), Some(Severity::Warning), "{name} {:?}", read.findings);
    }
}

#[test]
fn years_of_dates_in_other_spellings() {
    for given in [
        "FY2015",
        "2015财年",
        "公元2015年",
        "截至2015年",
        "2015年末",
        "1/6/2015",
        "6/1/2015",
        "01-06-2015",
        "01.06.2015",
        "'2015",
        "二〇一五年六月",
        "2015H1",
        "1433088000000",
        "42156",
        "2015．06．01",
    ] {
        let read = check(&quoted(HEAD, &changed(5, |_, _| given.to_owned())));
        assert_eq!(column(&read, "founded"), ["2015"; 5], "{given} {:?}", read.findings);
    }
    // several spellings in one column
    let mixed = ["2015-06-01", "2018/3/12", "20121130", "2009年1月5日", "44428"];
    let read = check(&quoted(HEAD, &changed(5, |row, _| mixed[row].to_owned())));
    assert_eq!(column(&read, "founded"), ["2015", "2018", "2012", "2009", "2021"], "{:?}", read.findings);
    for given in ["2015-2016", "40/40/2015", "15/6/1", "民国104年", "Jun-15", "FY15"] {
        assert_eq!(check(&quoted(HEAD, &changed(5, |_, _| given.to_owned()))).counts.problem, 5, "{given}");
    }
}

fn dms(text: &str, form: &str) -> String {
    let at: f64 = text.parse().unwrap();
    let (d, m) = (at.trunc(), (at.fract() * 60.0).trunc());
    let s = (at.fract() * 60.0 - m) * 60.0;
    form.replace("{d}", &d.to_string()).replace("{m}", &m.to_string()).replace("{s}", &format!("{s:.4}"))
}

/// Where the five are, to some metres.
fn is_placed(bytes: &[u8], what: &str) {
    with(bytes, Options::default(), |import| {
        let mut out = Vec::new();
        import.write(&mut out).unwrap();
        let register: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let all = register["features"].as_array().unwrap();
        assert_eq!(all.len(), 5, "{what}");
        for (feature, row) in all.iter().zip(ROWS) {
            let cells: Vec<&str> = row.split(',').collect();
            for (at, wanted) in [(0, cells[6]), (1, cells[7])] {
                let found = feature["geometry"]["coordinates"][at].as_f64().unwrap_or(f64::NAN);
                assert!((found - wanted.parse::<f64>().unwrap()).abs() < 1e-4, "{what} {feature}");
            }
        }
    });
}

#[test]
fn positions_in_other_spellings() {
    for (x, y) in [
        ("{d}°{m}′{s}″", "{d}°{m}′{s}″"),
        ("{d}度{m}分{s}秒", "{d}度{m}分{s}秒"),
        ("{d} {m} {s}", "{d} {m} {s}"),
        ("{d}-{m}-{s}", "{d}-{m}-{s}"),
        ("{d}:{m}:{s}", "{d}:{m}:{s}"),
        ("{d}º{m}´{s}´´", "{d}º{m}´{s}´´"),
        ("东经{d}°{m}′{s}″", "北纬{d}°{m}′{s}″"),
        ("E{d}°{m}'{s}\"", "N{d}°{m}'{s}\""),
        ("{d}°{m}'{s}''E", "{d}°{m}'{s}''N"),
    ] {
        let rows: Vec<Vec<String>> = changed(6, |_, c| dms(c, x))
            .into_iter()
            .map(|mut row| {
                row[7] = dms(&row[7], y);
                row
            })
            .collect();
        is_placed(&quoted(HEAD, &rows), x);
    }
    let pair = HEAD.replace(",经度,纬度", ",坐标");
    for form in [
        "{x},{y}",
        "{y},{x}",
        "[{x}, {y}]",
        "东经{x}，北纬{y}",
        "POINT ({x} {y})",
        "{x} {y}",
        "{x};{y}",
        r#"{"type":"Point","coordinates":[{x},{y}]}"#,
        r#"{"coordinates": [{x}, {y}], "type": "Point"}"#,
    ] {
        let rows: Vec<Vec<String>> = changed(0, |_, c| c.to_owned())
            .into_iter()
            .map(|mut row| {
                let y = row.pop().unwrap();
                row[6] = form.replace("{x}", &row[6]).replace("{y}", &y);
                row
            })
            .collect();
        is_placed(&quoted(&pair, &rows), form);
    }
    // the columns the other way round, and their heads
    let swapped: Vec<Vec<String>> = changed(0, |_, c| c.to_owned())
        .into_iter()
        .map(|mut row| {
            row.swap(6, 7);
            row
        })
        .collect();
    is_placed(&quoted(HEAD, &swapped), "swapped");
}

#[test]
fn the_position_0_0_is_none() {
    let mut rows = changed(0, |_, c| c.to_owned());
    (rows[0][6], rows[0][7]) = ("0".to_owned(), "0.0".to_owned());
    let read = check(&quoted(HEAD, &rows));
    assert_eq!((read.counts.new, read.counts.problem), (5, 0), "{:?}", read.findings);
    assert_eq!(found(&read, "coordinate-zero").iter().map(|f| f.row).collect::<Vec<_>>(), [Some(2)]);
}

#[test]
fn systems_wherever_a_file_names_them() {
    let system = |bytes: &[u8]| {
        let sheet = table(bytes).unwrap_or_else(|e| panic!("{e:?}"));
        with(bytes, Options::default(), |import| {
            let verdict = import.verdict().unwrap();
            assert!(!sheet.columns.is_empty());
            (verdict.system.code().into_owned(), verdict.foreign.clone(), import.undecided().is_some())
        })
    };
    let rows = changed(0, |_, c| c.to_owned());
    let plain = quoted(HEAD, &rows);
    let and = |before: &str, after: &str| [before.as_bytes(), &plain, after.as_bytes()].concat();
    let gcj = ("gcj02".to_owned(), None, false);
    for bytes in [
        and("# CRS: GCJ-02\n", ""),
        and("坐标系：GCJ-02（高德）,,,,,,,\n", ""),
        and("coordinate system: gcj02\n", ""),
        and("", "注：坐标为高德坐标系,,,,,,,\n"),
        and("", "备注：坐标系 GCJ-02,,,,,,,\n"),
        quoted(&HEAD.replace("经度,纬度", "经度(GCJ02),纬度(GCJ02)"), &rows),
        quoted(&HEAD.replace("经度,纬度", "高德经度,高德纬度"), &rows),
        quoted(&HEAD.replace("经度,纬度", "amap_lng,amap_lat"), &rows),
        quoted(&HEAD.replace("经度,纬度", "经度_GCJ02,纬度_GCJ02"), &rows),
    ] {
        assert_eq!(system(&bytes), gcj, "{}", String::from_utf8_lossy(&bytes));
    }
    assert_eq!(system(&quoted(&HEAD.replace("经度,纬度", "百度经度,百度纬度"), &rows)).0, "bd09");
    // row by row: all the same is that of the file, several are none
    let column = |of: fn(usize) -> &'static str| {
        let rows: Vec<Vec<String>> =
            (0..).zip(&rows).map(|(i, row)| row.iter().cloned().chain([of(i).to_owned()]).collect()).collect();
        quoted(&format!("{HEAD},坐标系"), &rows)
    };
    assert_eq!(system(&column(|_| "GCJ-02")), gcj);
    for bytes in [
        column(|row| if row % 2 == 0 { "GCJ-02" } else { "WGS84" }),
        column(|_| "北京54"),
        and("坐标系：北京54,,,,,,,\n", ""),
        and("", "注：坐标采用西安80坐标系,,,,,,,\n"),
    ] {
        let (_, foreign, undecided) = system(&bytes);
        assert!(foreign.is_some() && undecided, "{}", String::from_utf8_lossy(&bytes));
    }
    // not even where the register knows the places of the same enterprises
    let mut known = vec![head()];
    known.extend(firms().iter().filter(|f| f.at.is_some()).take(300).map(cells));
    let bytes = ["坐标系：北京54\n".as_bytes(), &csv(&known)].concat();
    let (_, foreign, undecided) = system(&bytes);
    assert!(foreign.is_some() && undecided);
}

#[test]
fn a_mark_of_utf8_before_another_encoding() {
    let text = String::from_utf8(quoted(HEAD, &changed(0, |_, c| c.to_owned()))).unwrap();
    let gbk = GB18030.encode(&text).0;
    let read = check(&[b"\xEF\xBB\xBF".as_slice(), &gbk].concat());
    assert_eq!(column(&read, "revenue_2025"), REVENUE, "{:?}", read.findings);
    assert_eq!(read.count("encoding"), 1);
    // with a character that was cut it is still what the mark says
    let mut cut = text.repeat(4).into_bytes();
    cut.truncate(cut.len() - 1);
    let long = [b"\xEF\xBB\xBF".as_slice(), cut.as_slice(), b"\xE6\n"].concat();
    assert!(found(&check(&long), "encoding")[0].message.zh.contains("UTF-8 (BOM)"));
    assert_eq!(check(&[b"\xEF\xBB\xBF\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat()).counts.new, 5);
}

#[test]
fn a_table_on_its_side_is_named() {
    let all: Vec<Vec<&str>> = std::iter::once(HEAD).chain(ROWS).map(|line| line.split(',').collect()).collect();
    let turned: Vec<String> =
        (0..8).map(|column| all.iter().map(|row| row[column]).collect::<Vec<_>>().join(",")).collect();
    let refused: Result<_, Refusal> = table(&lines(&turned.iter().map(String::as_str).collect::<Vec<_>>()));
    assert_eq!(refused.err().map(|r| r.code), Some("table-transposed"));
}
