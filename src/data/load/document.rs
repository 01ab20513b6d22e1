//! JSON documents with a fixed form (manifest, codelist): the error names line, column and member.

use super::report::{Place, Report};
use super::text::{offset_of, place_of, shorten};
use crate::core::json;
use crate::core::model::Text;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// Reads a document, or says where it goes wrong.
pub fn parse<T: DeserializeOwned>(text: &str, file: &str, report: &mut Report) -> Option<T> {
    match json::from_str(text) {
        Ok(document) => Some(document),
        Err(e) if e.classify() == Category::Data => {
            let offset = offset_of(text, e.line(), e.column());
            let said = plain(&e);
            let member = if said.starts_with("missing field") {
                // found at the end of the object that misses it: the member before it is none of its fault
                let last = member_at(text, offset + 1);
                last.rsplit_once('.').map_or(String::new(), |(object, _)| object.to_owned())
            } else {
                member_at(text, offset)
            };
            let place = Place::file(file).at(place_of(text, offset));
            let place = if member.is_empty() { place } else { place.property(&member) };
            report.error(place, "bad-member", || {
                (
                    if member.is_empty() {
                        Text::new(in_chinese(&said), &said)
                    } else {
                        Text::new(format!("{member}:{}", in_chinese(&said)), format!("{member}: {said}"))
                    },
                    Text::new(
                        "按 geodata/schema 中的 JSON Schema 改正",
                        "correct it by the JSON Schema in geodata/schema",
                    ),
                )
            });
            None
        }
        Err(e) => {
            broken(text, &e, 0, Place::file(file), "", report);
            None
        }
    }
}

/// Reports JSON that ends or breaks at a place; `offset` is where the text that failed begins in `text`.
pub fn broken(text: &str, e: &serde_json::Error, offset: usize, place: Place, after: &str, report: &mut Report) {
    let at = offset + offset_of(&text[offset..], e.line(), e.column());
    let place = place.at(place_of(text, at));
    let said = plain(e);
    let after = if after.is_empty() {
        (String::new(), String::new())
    } else {
        (format!(",在要素 {after} 之后"), format!(", after feature {after}"))
    };
    if let Some(word) = word_without_meaning(text, at) {
        return report.error(place, "nan-literal", || {
            (
                Text::new(
                    format!("{word} 不是 JSON 的数值{}", after.0),
                    format!("{word} is no number of JSON{}", after.1),
                ),
                Text::new("没有值时写 null", "write null where there is no value"),
            )
        });
    }
    if said.starts_with("recursion limit") {
        return report.error(place, "nested-too-deep", || {
            (
                Text::new("JSON 嵌套过深(超过 128 层)", "the JSON is nested too deep (more than 128 levels)"),
                Text::new("把数据展平", "flatten the data"),
            )
        });
    }
    let eof = e.is_eof();
    report.error(place, "broken-json", || {
        let remedy = if eof {
            Text::new("文件不完整,请重新导出或复制", "the file is cut off: export or copy it again")
        } else {
            Text::new("改正此处的 JSON 语法,或重新导出", "correct the JSON there, or export the file again")
        };
        (
            Text::new(
                format!("JSON 在此处断开{}:{}", after.0, in_chinese(&said)),
                format!("the JSON breaks here{}: {said}", after.1),
            ),
            remedy,
        )
    });
}

/// `NaN` and `Infinity`, which some programs write.
fn word_without_meaning(text: &str, at: usize) -> Option<&'static str> {
    let from = at.saturating_sub(2);
    let near = &text.as_bytes()[from..text.len().min(at + 8)];
    ["NaN", "Infinity", "nan", "inf"]
        .into_iter()
        .find(|w| memchr::memmem::find(near, w.as_bytes()).is_some_and(|i| from + i <= at + 1))
}

/// serde_json's words without their `at line 1 column 2`.
pub fn plain(e: &serde_json::Error) -> String {
    let said = e.to_string();
    let end = said.rfind(" at line ").unwrap_or(said.len());
    shorten_words(&said[..end])
}

fn shorten_words(said: &str) -> String {
    let mut out: String = said.chars().take(300).collect();
    if out.len() < said.len() {
        out.push('…');
    }
    out.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The commonest of serde's phrases in Chinese.
pub fn in_chinese(said: &str) -> String {
    const PHRASES: [(&str, &str); 22] = [
        ("unknown field", "不认识的成员"),
        ("missing field", "缺少成员"),
        ("duplicate field", "成员重复"),
        ("unknown variant", "不认识的取值"),
        ("invalid type:", "类型不对:"),
        ("invalid value:", "取值不对:"),
        ("invalid length", "长度不对"),
        ("there are no fields", "没有可用的成员"),
        ("expected one of", "应为下列之一:"),
        ("expected value", "此处应有一个值"),
        ("expected `,` or `}`", "应为 , 或 }"),
        ("expected `,` or `]`", "应为 , 或 ]"),
        ("expected `:`", "应为 :"),
        ("expected", "应为"),
        ("EOF while parsing", "文件在此结束,未读完"),
        ("trailing comma", "多余的逗号"),
        ("trailing characters", "末尾有多余的字符"),
        ("key must be a string", "成员名必须是字符串"),
        ("control character", "未转义的控制字符:control character"),
        ("invalid escape", "无效的转义"),
        ("invalid number", "无效的数值"),
        ("number out of range", "数值超出范围"),
    ];
    PHRASES.iter().fold(said.to_owned(), |s, (en, zh)| s.replacen(en, zh, 1))
}

/// The member that is being read at a byte of a JSON text, e.g. `collections[2].zone.kind`.
fn member_at(text: &str, offset: usize) -> String {
    enum Step {
        Key(String),
        Index(usize),
    }
    let mut steps: Vec<Step> = Vec::new();
    let mut key_is_next = false;
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < offset.min(bytes.len()) {
        match bytes[i] {
            b'"' => {
                let start = i + 1;
                i = start;
                while i < bytes.len() && bytes[i] != b'"' {
                    i += if bytes[i] == b'\\' { 2 } else { 1 };
                }
                if let (true, Some(Step::Key(key))) = (key_is_next, steps.last_mut()) {
                    text.get(start..i.min(bytes.len())).unwrap_or_default().clone_into(key);
                }
                key_is_next = false;
            }
            b'{' => {
                steps.push(Step::Key(String::new()));
                key_is_next = true;
            }
            b'[' => steps.push(Step::Index(0)),
            // an error in an object is found at its end: it is still that object's
            b'}' | b']' if i + 1 < offset => {
                steps.pop();
            }
            b',' => match steps.last_mut() {
                Some(Step::Index(n)) => *n += 1,
                _ => key_is_next = true,
            },
            _ => {}
        }
        i += 1;
    }
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Key(k) if k.is_empty() => {}
            Step::Key(k) if path.is_empty() => path.push_str(&shorten(&k)),
            Step::Key(k) => path = format!("{path}.{}", shorten(&k)),
            Step::Index(n) => path = format!("{path}[{n}]"),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model::Manifest;

    fn first_finding(text: &str) -> (String, Option<String>, Option<usize>, Option<usize>, String) {
        let mut r = Report::new(9);
        assert!(parse::<Manifest>(text, "dataset.json", &mut r).is_none());
        let f = r.findings.remove(0);
        (f.code.into(), f.property, f.line, f.column, f.message.en)
    }

    #[test]
    fn errors_name_line_column_and_member() {
        let (code, member, line, _, message) = first_finding("{\n\"id\":\"x\",\n\"titel\":{}}");
        assert_eq!((code.as_str(), member.as_deref(), line), ("bad-member", Some("titel"), Some(3)));
        assert!(message.contains("unknown field `titel`"), "{message}");

        let text = "{\"id\":\"x\",\"title\":{\"zh\":\"城\",\"en\":\"\"},\"crs\":\"\",\"collections\":[{\"id\":\"a\",\"file\":\"a\",\"title\":{\"zh\":\"\",\"en\":\"\"}},\n{\"id\":\"b\",\"file\":\"b\",\"title\":{\"zh\":\"\",\"en\":\"\"},\"role\":\"king\"}]}";
        let (code, member, line, _, message) = first_finding(text);
        assert_eq!((code.as_str(), member.as_deref(), line), ("bad-member", Some("collections[1].role"), Some(2)));
        assert!(message.contains("king"), "{message}");

        let (_, member, _, _, message) =
            first_finding(&text.replace(",\"role\":\"king\"", "").replace("\"file\":\"b\",", ""));
        assert_eq!(member.as_deref(), Some("collections[1]"));
        assert!(message.contains("missing field `file`"), "{message}");

        let (code, _, line, column, _) = first_finding("{\n\"id\":\"标题\" 5}");
        assert_eq!((code.as_str(), line, column), ("broken-json", Some(2), Some(11)));
        assert_eq!(first_finding("{\"id\": NaN}").0, "nan-literal");
        assert_eq!(first_finding("{\"id\": \"Nanjing").0, "broken-json");
        assert_eq!(first_finding(&"[".repeat(300)).0, "bad-member");
    }

    #[test]
    fn chinese_phrases() {
        assert_eq!(in_chinese("missing field `file`"), "缺少成员 `file`");
        assert_eq!(in_chinese("expected `,` or `}`"), "应为 , 或 }");
    }
}
