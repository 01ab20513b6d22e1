//! The other parts of the package: types, relations, styles, fonts, settings, numbering, header and footers.

use super::super::document::Document;
use crate::core::model::Lang;
use crate::render::drawing::escaped;
use std::fmt::Write as _;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

pub(super) const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/><Override PartName="/word/settings.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/><Override PartName="/word/fontTable.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"/><Override PartName="/word/numbering.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/><Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/><Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/><Override PartName="/word/footer2.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/><Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/></Types>
"#;

pub(super) const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties" Target="docProps/app.xml"/></Relationships>
"#;

pub(super) const APP: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Shigu</Application></Properties>
"#;

/// Odd and even pages have their numbers on the outer side; punctuation is compressed as in Chinese typesetting.
pub(super) const SETTINGS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:settings xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:zoom w:percent="100"/><w:evenAndOddHeaders/><w:drawingGridVerticalSpacing w:val="579"/><w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:spaceForUL/><w:balanceSingleByteDoubleByteWidth/><w:doNotLeaveBackslashAlone/><w:ulTrailSpace/><w:adjustLineHeightInTable/><w:useFELayout/><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>
"#;

/// The fonts of official documents, each with what to take where it is missing.
pub(super) const FONTS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:fonts xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:font w:name="Times New Roman"><w:altName w:val="Liberation Serif"/><w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font><w:font w:name="方正小标宋简体"><w:altName w:val="方正小标宋_GBK;华文中宋;宋体;SimSun;Noto Serif CJK SC"/><w:charset w:val="86"/><w:family w:val="script"/><w:pitch w:val="default"/></w:font><w:font w:name="黑体"><w:altName w:val="SimHei;Noto Sans CJK SC"/><w:charset w:val="86"/><w:family w:val="modern"/><w:pitch w:val="fixed"/></w:font><w:font w:name="楷体_GB2312"><w:altName w:val="楷体;KaiTi;AR PL UKai CN"/><w:charset w:val="86"/><w:family w:val="modern"/><w:pitch w:val="default"/></w:font><w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋;FangSong;STFangsong;Noto Serif CJK SC"/><w:charset w:val="86"/><w:family w:val="modern"/><w:pitch w:val="default"/></w:font><w:font w:name="宋体"><w:altName w:val="SimSun;Noto Serif CJK SC"/><w:charset w:val="86"/><w:family w:val="auto"/><w:pitch w:val="variable"/></w:font></w:fonts>
"#;

/// The number of a list among those of the numbering: 1 is that of the style.
pub(super) fn list(place: usize) -> usize {
    place + 1
}

/// The numbering of so many lists, each of which begins with 1.
pub(super) fn numbering(lists: usize) -> String {
    let own = (1..=lists).fold(String::new(), |mut out, place| {
        let _ = write!(
            out,
            r#"<w:num w:numId="{}"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>"#,
            list(place)
        );
        out
    });
    format!("{HEAD}{NUMBERING}{own}</w:numbering>\n")
}
const NUMBERING: &str = r#"<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="480" w:hanging="480"/></w:pPr></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>"#;

pub(super) fn core(document: &Document) -> String {
    let (title, lang) = (escaped(&document.title), if document.lang == Lang::En { "en" } else { "zh-CN" });
    let subject = escaped(&document.marks.join(" · "));
    format!(
        "{HEAD}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{title}</dc:title><dc:subject>{subject}</dc:subject>\
         <dc:creator>Shigu 视谷</dc:creator><dc:language>{lang}</dc:language>\
         <dcterms:created xsi:type=\"dcterms:W3CDTF\">2020-01-01T00:00:00Z</dcterms:created></cp:coreProperties>\n"
    )
}

/// Relations of the text: `rId1` to `rId6` the parts, then pictures, then links.
pub(super) fn relations(pictures: usize, links: &[&str]) -> String {
    let mut out =
        format!("{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">");
    let parts = [
        ("styles", "styles.xml"),
        ("settings", "settings.xml"),
        ("fontTable", "fontTable.xml"),
        ("numbering", "numbering.xml"),
        ("header", "header1.xml"),
        ("footer", "footer1.xml"),
        ("footer", "footer2.xml"),
    ];
    for (i, (kind, target)) in (1..).zip(parts) {
        let _ = write!(out, r#"<Relationship Id="rId{i}" Type="{OFFICE}/{kind}" Target="{target}"/>"#);
    }
    for i in 1..=pictures {
        let _ = write!(out, r#"<Relationship Id="picture{i}" Type="{OFFICE}/image" Target="media/image{i}.png"/>"#);
    }
    for (i, link) in (1..).zip(links) {
        let link = escaped(link);
        let _ = write!(
            out,
            r#"<Relationship Id="link{i}" Type="{OFFICE}/hyperlink" Target="{link}" TargetMode="External"/>"#
        );
    }
    out + "</Relationships>\n"
}

pub(super) fn header(document: &Document) -> String {
    let marks = escaped(&document.marks.join(" · "));
    format!(
        "{HEAD}<w:hdr {W}><w:p><w:pPr><w:pStyle w:val=\"Header\"/></w:pPr><w:r><w:t>{marks}</w:t></w:r></w:p></w:hdr>\n"
    )
}

/// A page's number, on its outer side.
pub(super) fn footer(side: &str) -> String {
    let field = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    format!(
        "{HEAD}<w:ftr {W}><w:p><w:pPr><w:pStyle w:val=\"Footer\"/><w:ind w:{side}Chars=\"100\" w:{side}=\"280\"/><w:jc w:val=\"{side}\"/></w:pPr>\
         <w:r><w:t xml:space=\"preserve\">— </w:t></w:r>{}<w:r><w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r>{}<w:r><w:t>1</w:t></w:r>{}\
         <w:r><w:t xml:space=\"preserve\"> —</w:t></w:r></w:p></w:ftr>\n",
        field("begin"),
        field("separate"),
        field("end")
    )
}

/// A paragraph style: id, name, what its paragraphs and characters are like.
fn style(id: &str, name: &str, paragraph: &str, font: &str, half_points: u32, more: &str) -> String {
    format!(
        "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/><w:qFormat/>\
         <w:pPr>{paragraph}</w:pPr><w:rPr><w:rFonts w:eastAsia=\"{font}\"/>{more}<w:sz w:val=\"{half_points}\"/>\
         <w:szCs w:val=\"{half_points}\"/></w:rPr></w:style>"
    )
}

pub(super) fn styles(lang: Lang) -> String {
    // 固定值 28.95 磅: 22 lines fill the type area
    let exact = r#"<w:spacing w:before="0" w:after="0" w:line="579" w:lineRule="exact"/>"#;
    let close = r#"<w:snapToGrid w:val="0"/><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>"#;
    let indent = if lang == Lang::En { "" } else { r#"<w:ind w:firstLineChars="200" w:firstLine="640"/>"# };
    let heading = format!(r#"<w:keepNext/>{exact}{indent}<w:outlineLvl w:val="0"/>"#);
    let caption = |keep: &str| {
        format!(
            r#"{keep}<w:snapToGrid w:val="0"/><w:spacing w:before="120" w:after="60" w:line="240" w:lineRule="auto"/><w:jc w:val="center"/>"#
        )
    };
    let small = r#"<w:snapToGrid w:val="0"/><w:spacing w:before="40" w:after="40" w:line="300" w:lineRule="auto"/>"#;
    let red = r#"<w:color w:val="B4232A"/>"#;
    let grey = r#"<w:color w:val="525B66"/>"#;
    let bold = "<w:b/><w:bCs/>";
    let lang = if lang == Lang::En { "en-US" } else { "zh-CN" };
    let mut out = format!(
        "{HEAD}<w:styles {W}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New Roman\" \
         w:hAnsi=\"Times New Roman\" w:cs=\"Times New Roman\" w:eastAsia=\"仿宋_GB2312\"/><w:kern w:val=\"2\"/><w:sz w:val=\"32\"/>\
         <w:szCs w:val=\"32\"/><w:lang w:val=\"en-US\" w:eastAsia=\"{lang}\" w:bidi=\"ar-SA\"/></w:rPr></w:rPrDefault>\
         <w:pPrDefault/></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/>\
         <w:pPr><w:jc w:val=\"both\"/></w:pPr></w:style>\
         <w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/><w:tblPr>\
         <w:tblInd w:w=\"0\" w:type=\"dxa\"/><w:tblCellMar><w:left w:w=\"60\" w:type=\"dxa\"/><w:right w:w=\"60\" w:type=\"dxa\"/>\
         </w:tblCellMar></w:tblPr></w:style>\
         <w:style w:type=\"character\" w:styleId=\"Hyperlink\"><w:name w:val=\"Hyperlink\"/><w:rPr><w:color w:val=\"1F4E9C\"/>\
         <w:u w:val=\"single\"/></w:rPr></w:style>"
    );
    let centred = r#"<w:jc w:val="center"/>"#;
    let title = format!(r#"<w:spacing w:before="0" w:after="0" w:line="640" w:lineRule="exact"/>{centred}"#);
    let styles = [
        style("Title", "Title", &title, "方正小标宋简体", 44, ""),
        style("Subtitle", "Subtitle", &format!("{small}{centred}"), "楷体_GB2312", 24, grey),
        style("Marks", "Marks", &format!("{small}{centred}"), "黑体", 21, red),
        style("Heading1", "heading 1", &heading, "黑体", 32, ""),
        // 16 points less a fifth: 28 characters fill 156 mm
        style("BodyText", "Body Text", &format!("{exact}{indent}"), "仿宋_GB2312", 32, "<w:spacing w:val=\"-4\"/>"),
        style("Note", "Note", small, "楷体_GB2312", 21, grey),
        style(
            "ListParagraph",
            "List Paragraph",
            &format!("<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr>{small}"),
            "仿宋_GB2312",
            24,
            "",
        ),
        style(
            "Picture",
            "Picture",
            &format!(
                "<w:keepNext/><w:snapToGrid w:val=\"0\"/><w:spacing w:before=\"120\" w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/>{centred}"
            ),
            "仿宋_GB2312",
            21,
            "",
        ),
        style("TableCaption", "Table Caption", &caption("<w:keepNext/>"), "黑体", 21, ""),
        style("Caption", "caption", &caption(""), "黑体", 21, ""),
        style("TableHead", "Table Head", &format!("{close}{centred}"), "黑体", 21, ""),
        style("TableText", "Table Text", &format!("{close}<w:jc w:val=\"left\"/>"), "仿宋_GB2312", 21, ""),
        style("TableNumber", "Table Number", &format!("{close}<w:jc w:val=\"right\"/>"), "仿宋_GB2312", 21, ""),
        style("TableTotal", "Table Total", &format!("{close}<w:jc w:val=\"right\"/>"), "黑体", 21, bold),
        style("Header", "header", &format!("{close}<w:jc w:val=\"right\"/>"), "黑体", 21, red),
        style("Footer", "footer", close, "宋体", 28, ""),
    ];
    out.extend(styles);
    out + "</w:styles>\n"
}
