//! Files called `.xls` that are text: web pages as Excel, WPS, LibreOffice and systems write them, SpreadsheetML 2003, MHTML.

use super::material::{city_read, table};
use super::tables::{HEAD, ROWS, check, found, values};
use encoding_rs::{BIG5, GB18030};
use shigu::data::load::Severity;

const EXCEL: &str = r#"<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns="http://www.w3.org/TR/REC-html40">
<head><meta http-equiv=Content-Type content="text/html; charset=gb2312"><meta name=ProgId content=Excel.Sheet>
<!--[if gte mso 9]><xml><x:ExcelWorkbook><x:ExcelWorksheets><x:ExcelWorksheet><x:Name>企业名录</x:Name></x:ExcelWorksheet></x:ExcelWorksheets></x:ExcelWorkbook></xml><![endif]-->
<style><!--table {mso-displayed-decimal-separator:"\.";} .xl65 {mso-style-parent:style0; mso-number-format:"\@";} .xl66 {mso-number-format:"yyyy\/m\/d";} .xl67 {mso-number-format:"0\!\.0\,\0022万元\0022";} .xl68{mso-number-format:"\#\,\#\#0\.00";} --></style></head><body>"#;

fn tr(cells: &[&str]) -> String {
    format!("<tr>{}</tr>\n", cells.iter().map(|c| format!("<td>{c}</td>")).collect::<Vec<_>>().concat())
}

fn row(line: &str) -> String {
    tr(&line.split(',').collect::<Vec<_>>())
}

/// A page with the usual table, changed as each test needs it.
fn page(inside: &str) -> String {
    format!("{EXCEL}<table border=1>{inside}</table></body></html>")
}

fn five() -> String {
    std::iter::once(HEAD).chain(ROWS).map(row).collect()
}

fn is_right(bytes: &[u8], what: &str) {
    let outcome = check(bytes);
    assert_eq!((outcome.counts.rows, outcome.counts.problem), (5, 0), "{what} {:?}", outcome.findings);
    let revenue: Vec<String> = values(&outcome, "revenue_2025").into_iter().map(|(_, v)| v).collect();
    assert_eq!(revenue, ["1200.5", "800", "450.25", "3000", "95"], "{what}");
    let founded: Vec<String> = values(&outcome, "founded").into_iter().map(|(_, v)| v).collect();
    assert_eq!(founded, ["2015", "2018", "2012", "2009", "2021"], "{what}");
    let district: Vec<String> = values(&outcome, "district").into_iter().map(|(_, v)| v).collect();
    assert_eq!(district[..2], ["330110", "330108"], "{what}");
}

#[test]
fn pages_of_any_program_and_encoding() {
    let excel = page(&five());
    is_right(&GB18030.encode(&excel).0, "GBK as declared");
    is_right(excel.as_bytes(), "UTF-8 under charset=gb2312");
    is_right(&[b"\xEF\xBB\xBF", excel.as_bytes()].concat(), "UTF-8 with a mark");
    let utf16: Vec<u8> = excel.encode_utf16().flat_map(u16::to_le_bytes).collect();
    is_right(&[b"\xFF\xFE".as_slice(), &utf16].concat(), "UTF-16");
    is_right(&utf16, "UTF-16 without a mark");
    is_right(&GB18030.encode(&excel.replace("gb2312", "iso-8859-1")).0, "GBK under charset=iso-8859-1");

    let plain = format!("<table>{}</table>", five());
    is_right(plain.as_bytes(), "a table and nothing else");
    is_right(plain.replace("td>", "TD>").replace("tr>", "TR>").as_bytes(), "capitals");
    is_right(plain.replace("</td>", "").replace("</tr>", "").as_bytes(), "no end tags");
    let heads = five().replacen("td>", "th>", 16);
    is_right(format!("<table><thead>{heads}</table>").as_bytes(), "th and thead");
    is_right(format!("\r\n  <!DOCTYPE html>\n{excel}").as_bytes(), "a document type after blank lines");
    is_right(
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\"><body>{plain}</body></html>").as_bytes(),
        "XHTML",
    );
    is_right(
        format!("<div id=a><form><script>if (1<2) document.write('<table><tr><td>x')</script>{plain}</form></div>")
            .as_bytes(),
        "scripts",
    );
    let rich = plain
        .replace(
            "甲一科技有限公司",
            "甲<font class=font5>一</font>科技\n  <span style='mso-spacerun:yes'>&nbsp;</span>有限公司",
        )
        .replace("1200.5", "&nbsp;1,200.5&nbsp;")
        .replace("余杭区", "&#20313;杭&#x533A;");
    let outcome = check(rich.as_bytes());
    assert_eq!(values(&outcome, "name")[0].1, "甲一科技 有限公司");
    assert_eq!(
        (values(&outcome, "revenue_2025")[0].1.as_str(), values(&outcome, "district")[0].1.as_str()),
        ("1200.5", "330110")
    );
    // a head with line breaks
    is_right(
        plain
            .replacen("营业收入(万元)2025年", "营业收入<br style='mso-data-placement:same-cell;'>(万元)<br>2025年", 1)
            .as_bytes(),
        "br",
    );
    assert_eq!(table(excel.as_bytes()).unwrap().name.as_deref(), Some("企业名录"));
}

#[test]
fn numbers_dates_and_codes_that_office_writes_beside_the_text() {
    let code = "91330100799655058B";
    let head = "<tr><td>企业名称</td><td>统一社会信用代码</td><td>区县</td><td>营业收入(万元)2025年</td><td>成立时间</td></tr>";
    let of = |revenue: &str, day: &str| {
        let text = page(&format!(
            "{head}<tr><td>甲一科技有限公司</td><td class=xl65 x:str>{code}</td><td>余杭区</td>{revenue}{day}</tr>"
        ));
        let outcome = check(text.as_bytes());
        assert_eq!(outcome.counts.problem, 0, "{revenue} {day} {:?}", outcome.findings);
        assert_eq!(outcome.count("credit-rounded"), 0);
        (values(&outcome, "revenue_2025")[0].1.clone(), values(&outcome, "founded")[0].1.clone())
    };
    let day = "<td class=xl66 x:num=\"44295\">2021/4/9</td>";
    for revenue in [
        "<td x:num=\"1200.5\">1,200.50</td>",
        "<td class=xl68 align=right x:num=1200.5> 1,200.5 </td>",
        "<td x:num>1,200.5</td>",
        "<td align=right>1200.5</td>",
        // shown in another unit, in full and as far as the text goes
        "<td class=xl67 x:num=\"12005000\">1200.5万元</td>",
        "<td x:num=\"12005000\">1200.5万元</td>",
        "<td style='mso-number-format:\"0\\!\\.0\\,\\0022万元\\0022\"' x:num=12005000>1200.5万元</td>",
        "<td sdval=\"1200.5\" sdnum=\"2052;0;#,##0.00\">1,200.50</td>",
    ] {
        assert_eq!(of(revenue, day).0, "1200.5", "{revenue}");
    }
    let revenue = "<td x:num>5</td>";
    for day in [
        day,
        "<td x:num=\"44295\">2021/4/9</td>",
        "<td class=xl66 x:num=44295.354>2021/4/9</td>",
        "<td style='mso-number-format:\"Short Date\"' x:num=\"44295\">9-Apr-21</td>",
        "<td sdval=\"44295\" sdnum=\"2052;0;YYYY-MM-DD\">09.04.21</td>",
        "<td>2021年4月9日</td>",
        "<td x:str=\"2021-04-09\">2021-04-09</td>",
    ] {
        assert_eq!(of(revenue, day).1, "2021", "{day}");
    }
    // days since 1904
    let text = page(&format!(
        "{head}<tr><td>甲</td><td></td><td>余杭区</td><td>5</td><td class=xl66 x:num=42833>2021/4/9</td></tr>"
    ))
    .replace("<x:ExcelWorksheets>", "<x:Date1904/><x:ExcelWorksheets>");
    assert_eq!(values(&check(text.as_bytes()), "founded")[0].1, "2021");
    // errors, and codes of a column whose format is text
    let text = page(&format!(
        "{head}<tr><td>甲</td><td class=xl65>{code}</td><td>余杭区</td><td x:err=\"#N/A\">#N/A</td><td></td></tr>"
    ));
    let outcome = check(text.as_bytes());
    assert_eq!((outcome.count("formula-fault"), outcome.counts.problem), (1, 1), "{:?}", outcome.findings);
}

#[test]
fn merged_and_hidden_cells_of_pages() {
    let text = page(
        "<tr><td colspan=8 align=center>2025年重点企业名录</td></tr>
        <tr><td rowspan=2>企业名称</td><td rowspan=2>区县</td><td colspan=2>营业收入(万元)</td><td rowspan=2>从业人数2025年</td></tr>
        <tr><td>2024年</td><td>2025年</td></tr>
        <tr><td>甲一科技有限公司</td><td rowspan=2>余杭区</td><td>1</td><td>1200.5</td><td>35</td></tr>
        <tr style='display:none'><td>乙二机器人有限公司</td><td>2</td><td>800</td><td>22</td></tr>
        <tr><td>丙三软件有限公司</td><td>西湖区</td><td colspan=3 style='mso-ignore:colspan'></td></tr>
        <![if supportMisalignedColumns]><tr height=0 style='display:none'><td width=72></td><td width=99></td></tr><![endif]>",
    );
    let outcome = check(text.as_bytes());
    assert_eq!(values(&outcome, "revenue_2025"), [(4, "1200.5".into()), (5, "800".into()), (6, String::new())]);
    let districts: Vec<String> = values(&outcome, "district").into_iter().map(|(_, v)| v).collect();
    assert_eq!(districts, ["330110", "330110", "330106"]);
    let hidden = found(&outcome, "rows-hidden");
    assert!(hidden.len() == 1 && hidden[0].message.zh.contains("第 5 行"), "{hidden:?}");
    // spans that no sheet has
    for span in ["colspan=99999999", "rowspan=4294967295", "colspan=0 rowspan=-3", "colspan=x"] {
        let text = page(&five()).replacen("<td>余杭区", &format!("<td {span}>余杭区"), 1);
        assert!(table(text.as_bytes()).is_ok_and(|t| t.cells.len() == 5) || span.starts_with("colspan=9"), "{span}");
    }
}

#[test]
fn several_tables_of_a_page() {
    let body: String = ROWS.iter().map(|r| row(r)).collect();
    // the title and its unit in a table of their own, the head in another, in a frame, below a line of text
    let no_unit = HEAD.replace("(万元)", "");
    for text in [
        format!(
            "<table><tr><td>2025年名录</td></tr><tr><td>单位:万元</td></tr></table><table>{}{body}</table>",
            row(&no_unit)
        ),
        format!("<p>2025年名录(单位:万元)</p><table>{}{body}</table><p>制表:张三</p>", row(&no_unit)),
        format!("<table>{}{body}<caption>名录(单位:万元)</caption></table>", row(&no_unit)),
        format!("<table>{}</table><table>{body}</table>", row(HEAD)),
        format!(
            "<table><tr><td>菜单<table><tr><td>退出</td></tr></table></td><td><table>{}</table></td></tr></table>",
            five()
        ),
        format!("<table style='display:none'>{}</table><table>{}</table>", row("a,b,c"), five()),
        format!(
            "<table><tr><td>查询条件</td><td>全部</td></tr><tr><td>时间</td><td>2025</td></tr></table><table>{}</table>",
            five()
        ),
        format!(
            "<table>{}</table><table><tr><td>联系人</td><td>张三</td></tr><tr><td>电话</td><td>0571</td></tr></table>",
            five()
        ),
    ] {
        is_right(text.as_bytes(), &text);
    }
    // amounts in yuan, as the line above says
    let yuan: String = ROWS.iter().map(|r| row(&r.replace("1200.5", "12005000"))).take(1).collect();
    let text = format!("<h3>单位:元</h3><table>{}{yuan}</table>", row(&no_unit));
    assert_eq!(values(&check(text.as_bytes()), "revenue_2025")[0].1, "1200.5");
    // a table for each district: read together, each with the district above it
    let head = row(&HEAD.replace("区县,", ""));
    let part = |row_of: &str, name: &str| {
        format!("<h3>{name}</h3><table>{head}{}</table>", row(&row_of.replace(&format!("{name},"), "")))
    };
    let text = part(ROWS[0], "余杭区") + &part(ROWS[1], "滨江区");
    let outcome = check(text.as_bytes());
    assert_eq!(outcome.counts.rows, 2);
    let districts: Vec<String> = values(&outcome, "district").into_iter().map(|(_, v)| v).collect();
    assert_eq!(districts, ["330110", "330108"]);
    assert_eq!(found(&outcome, "sheets-joined")[0].severity, Severity::Warning);
}

#[test]
fn pages_without_tables_are_named() {
    let refused = |text: &str| {
        let refusal = table(text.as_bytes()).unwrap_err();
        assert_eq!(refusal.code, "format-other", "{text}");
        (refusal.message.zh.clone(), refusal.remedy.zh.clone())
    };
    let login = refused("<!DOCTYPE html><html><head><title>登录</title></head><body><form>用户名</form></body></html>");
    assert!(login.0.contains("登录"), "{login:?}");
    let frame = refused(
        "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><head></head><frameset rows=\"*,39\"><frame src=\"名录.files/sheet001.htm\"></frameset></html>",
    );
    assert!(frame.0.contains(".files") && frame.1.contains("xlsx"), "{frame:?}");
    for head in [
        "MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nContent-Type: multipart/related; boundary=\"----=_NextPart\"\r\n\r\n本文档是“单个文件网页”",
        "From: <由 Microsoft Internet Explorer 5 保存>\r\nSubject: 名录\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype=\"text/html\"\r\n\r\n",
    ] {
        let said = refused(head);
        assert!(said.0.contains("MHTML") && said.1.contains("xlsx"), "{said:?}");
    }
    assert!(refused("<?xml version=\"1.0\"?><data><row/></data>").0.contains("XML"));
    assert!(refused("<?xml version=\"1.0\"?><office:document xmlns:office=\"urn:oasis\"/>").1.contains("xlsx"));
    assert!(
        refused("<?xml version=\"1.0\"?><?mso-application progid=\"Word.Document\"?><w:wordDocument/>")
            .0
            .contains("Word")
    );
}

/// A workbook of SpreadsheetML; cells of the rows are XML.
fn spreadsheet(styles: &str, sheets: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:x=\"urn:schemas-microsoft-com:office:excel\" xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:html=\"http://www.w3.org/TR/REC-html40\"><Styles><Style ss:ID=\"Default\"/>{styles}</Styles>{sheets}</Workbook>"
    )
}

fn data(cell: &str) -> String {
    let kind = if cell.parse::<f64>().is_ok() { "Number" } else { "String" };
    if cell.len() == 10 && cell.as_bytes()[4] == b'-' {
        format!("<Cell ss:StyleID=\"d\"><Data ss:Type=\"DateTime\">{cell}T00:00:00.000</Data></Cell>")
    } else {
        format!("<Cell><Data ss:Type=\"{kind}\">{cell}</Data></Cell>")
    }
}

fn ss_row(line: &str) -> String {
    format!("<Row>{}</Row>", line.split(',').map(data).collect::<String>())
}

fn sheet(name: &str, rows: &str) -> String {
    format!("<Worksheet ss:Name=\"{name}\"><Table>{rows}</Table></Worksheet>")
}

fn ss_five() -> String {
    std::iter::once(HEAD).chain(ROWS).map(ss_row).collect()
}

#[test]
fn spreadsheetml_of_any_program() {
    let usual = spreadsheet("", &sheet("名录", &ss_five()));
    is_right(usual.as_bytes(), "usual");
    is_right(&GB18030.encode(&usual.replace("UTF-8", "GBK")).0, "GBK");
    is_right(&[b"\xEF\xBB\xBF", usual.as_bytes()].concat(), "a mark");
    let utf16: Vec<u8> = usual.replace("UTF-8", "UTF-16").encode_utf16().flat_map(u16::to_le_bytes).collect();
    is_right(&[b"\xFF\xFE".as_slice(), &utf16].concat(), "UTF-16");
    let prefixed = usual
        .replace("<Workbook xmlns=", "<ss:Workbook xmlns:b=")
        .replace("</Workbook", "</ss:Workbook")
        .replace("<Row", "<ss:Row")
        .replace("</Row", "</ss:Row")
        .replace("<Cell", "<ss:Cell")
        .replace("</Cell", "</ss:Cell")
        .replace("<Data", "<ss:Data")
        .replace("</Data", "</ss:Data");
    is_right(prefixed.as_bytes(), "prefixes");
    is_right(usual.replace("<?mso-application progid=\"Excel.Sheet\"?>\n", "").as_bytes(), "no instruction");
    is_right(
        usual
            .replace("<Data ss:Type=\"String\">", "<Data ss:Type=\"String\"><![CDATA[")
            .replace("公司</Data>", "公司]]></Data>")
            .replace("区</Data>", "区]]></Data>")
            .replace("智能</Data>", "智能]]></Data>")
            .replace("名称</Data>", "名称]]></Data>")
            .replace("县</Data>", "县]]></Data>")
            .replace("集群</Data>", "集群]]></Data>")
            .replace("年</Data>", "年]]></Data>")
            .replace("时间</Data>", "时间]]></Data>")
            .replace("度</Data>", "度]]></Data>")
            .as_bytes(),
        "CDATA",
    );
    // gaps, comments, rich text, rows and cells by their numbers
    let by_number = sheet(
        "名录",
        "<Column ss:Index=\"2\" ss:Width=\"80\"/><Row ss:Index=\"3\"><Cell ss:Index=\"2\"><Data ss:Type=\"String\">企业名称</Data></Cell><Cell ss:Index=\"4\"><Data ss:Type=\"String\">区县</Data></Cell><Cell><Data ss:Type=\"String\">营业收入(万元)2025年</Data></Cell></Row>
         <Row ss:Index=\"7\"><Cell ss:Index=\"2\"><ss:Data ss:Type=\"String\" xmlns=\"http://www.w3.org/TR/REC-html40\"><Font html:Color=\"#FF0000\">甲一</Font>科技&#10;有限公司</ss:Data><Comment ss:Author=\"a\"><ss:Data><B>张三:</B>核对</ss:Data></Comment><NamedCell ss:Name=\"Print_Area\"/></Cell><Cell ss:Index=\"4\"><Data ss:Type=\"String\">余杭区</Data></Cell><Cell><Data ss:Type=\"Number\">1200.5</Data></Cell></Row>",
    );
    let outcome = check(spreadsheet("", &by_number).as_bytes());
    assert_eq!(values(&outcome, "revenue_2025"), [(7, "1200.5".into())]);
    assert_eq!(values(&outcome, "name")[0].1, "甲一科技 有限公司");
}

#[test]
fn cells_of_spreadsheetml() {
    let head = "<Row><Cell><Data ss:Type=\"String\">企业名称</Data></Cell><Cell><Data ss:Type=\"String\">区县</Data></Cell><Cell><Data ss:Type=\"String\">营业收入(万元)2025年</Data></Cell><Cell><Data ss:Type=\"String\">成立时间</Data></Cell><Cell><Data ss:Type=\"String\">规上</Data></Cell></Row>";
    let styles = "<Style ss:ID=\"w\"><NumberFormat ss:Format=\"0!.0,&quot;万元&quot;\"/></Style><Style ss:ID=\"d\"><NumberFormat ss:Format=\"Short Date\"/></Style><Style ss:ID=\"e\" ss:Parent=\"d\"/><Style ss:ID=\"f\"><NumberFormat ss:Format=\"yyyy\\-mm\\-dd\"/></Style>";
    let of = |revenue: &str, day: &str| {
        let row = format!(
            "<Row><Cell><Data ss:Type=\"String\">甲一科技有限公司</Data></Cell><Cell><Data ss:Type=\"String\">余杭区</Data></Cell>{revenue}{day}<Cell><Data ss:Type=\"Boolean\">1</Data></Cell></Row>"
        );
        let text = spreadsheet(
            styles,
            &sheet("a", &format!("<Column ss:Span=\"1\"/><Column ss:StyleID=\"Default\"/>{head}{row}")),
        );
        check(text.as_bytes())
    };
    let day = "<Cell><Data ss:Type=\"DateTime\">2021-04-09T00:00:00.000</Data></Cell>";
    let number = "<Cell><Data ss:Type=\"Number\">1200.5</Data></Cell>";
    for revenue in [
        number,
        "<Cell ss:StyleID=\"w\"><Data ss:Type=\"Number\">12005000</Data></Cell>",
        "<Cell><Data ss:Type=\"Number\">1.2005E3</Data></Cell>",
        "<Cell ss:Formula=\"=R[1]C*2\"><Data ss:Type=\"Number\">1200.5</Data></Cell>",
        "<Cell><Data ss:Type=\"String\">1,200.5</Data></Cell>",
        "<Cell><Data ss:Type=\"String\">0.12005亿元</Data></Cell>",
    ] {
        let outcome = of(revenue, day);
        assert_eq!(
            (values(&outcome, "revenue_2025")[0].1.as_str(), outcome.counts.problem),
            ("1200.5", 0),
            "{revenue} {:?}",
            outcome.findings
        );
        assert_eq!(values(&outcome, "above_scale")[0].1, "true");
    }
    for day in [
        day,
        "<Cell><Data ss:Type=\"DateTime\">2021-04-09T08:30:00.000</Data></Cell>",
        "<Cell ss:StyleID=\"d\"><Data ss:Type=\"Number\">44295</Data></Cell>",
        "<Cell ss:StyleID=\"e\"><Data ss:Type=\"Number\">44295.5</Data></Cell>",
        "<Cell ss:StyleID=\"f\"><Data ss:Type=\"Number\">44295</Data></Cell>",
        "<Cell><Data ss:Type=\"String\">2021年4月</Data></Cell>",
    ] {
        assert_eq!(values(&of(number, day), "founded")[0].1, "2021", "{day}");
    }
    let fault = of("<Cell><Data ss:Type=\"Error\">#DIV/0!</Data></Cell>", day);
    assert_eq!((fault.count("formula-fault"), fault.counts.problem), (1, 1));
    for none in ["<Cell ss:Formula=\"=1+1\"/>", "<Cell ss:Formula=\"=1+1\"><Data ss:Type=\"Number\"></Data></Cell>"] {
        assert_eq!(of(none, day).count("formula-no-result"), 1, "{none}");
    }
    // a date of a spreadsheet that counts from 1904
    let text = spreadsheet(styles, &sheet("a", &format!("{head}<Row><Cell><Data ss:Type=\"String\">甲</Data></Cell><Cell><Data ss:Type=\"String\">余杭区</Data></Cell><Cell/><Cell ss:StyleID=\"d\"><Data ss:Type=\"Number\">42833</Data></Cell></Row>")))
        .replace("<Styles>", "<x:ExcelWorkbook><x:Date1904/></x:ExcelWorkbook><Styles>");
    assert_eq!(values(&check(text.as_bytes()), "founded")[0].1, "2021");
}

#[test]
fn merged_hidden_and_several_sheets_of_spreadsheetml() {
    let rows = "<Row><Cell ss:MergeDown=\"1\"><Data ss:Type=\"String\">企业名称</Data></Cell><Cell ss:MergeDown=\"1\"><Data ss:Type=\"String\">区县</Data></Cell><Cell ss:MergeAcross=\"1\"><Data ss:Type=\"String\">营业收入(万元)</Data></Cell><Cell ss:MergeDown=\"1\"><Data ss:Type=\"String\">从业人数2025年</Data></Cell></Row>
        <Row><Cell ss:Index=\"3\"><Data ss:Type=\"String\">2024年</Data></Cell><Cell><Data ss:Type=\"String\">2025年</Data></Cell></Row>
        <Row><Cell><Data ss:Type=\"String\">甲一科技有限公司</Data></Cell><Cell ss:MergeDown=\"1\"><Data ss:Type=\"String\">余杭区</Data></Cell><Cell><Data ss:Type=\"Number\">1</Data></Cell><Cell><Data ss:Type=\"Number\">1200.5</Data></Cell><Cell><Data ss:Type=\"Number\">35</Data></Cell></Row>
        <Row ss:Hidden=\"1\"><Cell><Data ss:Type=\"String\">乙二机器人有限公司</Data></Cell><Cell ss:Index=\"3\"><Data ss:Type=\"Number\">2</Data></Cell><Cell><Data ss:Type=\"Number\">800</Data></Cell><Cell><Data ss:Type=\"Number\">22</Data></Cell></Row>";
    for rows in [
        rows.to_owned(),
        rows.replace(" ss:Index=\"3\"", ""),
        rows.replace("<Cell ss:Index=\"3\"><Data ss:Type=\"Number\">2<", "<Cell/><Cell><Data ss:Type=\"Number\">2<"),
    ] {
        let outcome = check(spreadsheet("", &sheet("a", &rows)).as_bytes());
        assert_eq!(values(&outcome, "revenue_2025"), [(3, "1200.5".into()), (4, "800".into())], "{rows}");
        let districts: Vec<String> = values(&outcome, "district").into_iter().map(|(_, v)| v).collect();
        assert_eq!(districts, ["330110", "330110"]);
        assert!(found(&outcome, "rows-hidden")[0].message.zh.contains("第 4 行"));
    }
    let hidden = "<WorksheetOptions xmlns=\"urn:schemas-microsoft-com:office:excel\"><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet>";
    let text = spreadsheet(
        "",
        &(sheet("封面", "<Row><Cell><Data ss:Type=\"String\">名录</Data></Cell></Row>")
            + &sheet("旧表", &ss_five()).replace("</Worksheet>", hidden)
            + &sheet("名录&amp;1", &ss_five())),
    );
    let outcome = check(text.as_bytes());
    assert!(found(&outcome, "sheets-hidden")[0].message.zh.contains("旧表"));
    assert!(found(&outcome, "sheet-chosen")[0].message.zh.contains("“名录&1”"));
    is_right(text.as_bytes(), "three sheets");
    let cover = city_read(text.as_bytes(), "没有").unwrap_err();
    assert_eq!((cover.code, cover.sheets().join(" ")), ("sheet-unknown", "封面 名录&1".to_owned()));
    // one for each district
    let part = |row: &str, name: &str| {
        sheet(name, &(ss_row(&HEAD.replace("区县,", "")) + &ss_row(&row.replace(&format!("{name},"), ""))))
    };
    let outcome = check(spreadsheet("", &(part(ROWS[0], "余杭区") + &part(ROWS[1], "滨江区"))).as_bytes());
    let districts: Vec<String> = values(&outcome, "district").into_iter().map(|(_, v)| v).collect();
    assert_eq!(districts, ["330110", "330108"]);
}

#[test]
fn what_is_damaged_or_too_much_is_refused() {
    let usual = spreadsheet("", &sheet("名录", &ss_five()));
    assert_eq!(table(&usual.as_bytes()[..usual.len() - 20]).unwrap_err().code, "workbook-broken");
    assert!(table(usual.replace("<Row>", "<Row ss:Index=\"4294967295\">").as_bytes()).is_err());
    let wide = usual.replacen("<Cell>", "<Cell ss:Index=\"16000\">", 1);
    assert_eq!(table(wide.as_bytes()).unwrap_err().code, "too-many-columns");
    let bomb = usual.replace("<Workbook", "<!DOCTYPE a [<!ENTITY b \"c\">]><Workbook");
    assert_eq!(table(bomb.as_bytes()).unwrap_err().code, "workbook-broken");
    let deep = usual.replacen("<Cell>", &format!("{}<Cell>", "<a>".repeat(200)), 1);
    assert_eq!(table(deep.as_bytes()).unwrap_err().code, "workbook-broken");
    let nested = format!("{}{}", "<table><tr><td>".repeat(40), five());
    assert_eq!(table(nested.as_bytes()).unwrap_err().code, "workbook-broken");
    for cut in (0..400).map(|n| n * 7) {
        let _ = table(&usual.as_bytes()[..usual.len().saturating_sub(cut)]);
        let excel = page(&five());
        let _ = table(excel.get(..excel.len().saturating_sub(cut)).unwrap_or_default().as_bytes());
    }
}

#[test]
fn traditional_characters_in_a_page() {
    let text = format!(
        "<html><head><meta charset=big5></head><table>{}{}</table></html>",
        row("name,district,revenue_2025"),
        row("臺灣積體電路製造股份有限公司,330110,1200.5")
    );
    let read = table(&BIG5.encode(&text).0).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(read.cells.cell(0, 0).text, "臺灣積體電路製造股份有限公司");
    assert_eq!((read.encoding, read.name.as_deref()), (Some("Big5"), Some("1")));
}
