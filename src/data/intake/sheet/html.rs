//! What programs write into the descriptions of KML: names and values in tables, lists and lines of HTML.

use quick_xml::escape::resolve_html5_entity;

/// Characters of a name.
const NAME: usize = 40;
/// Pairs of one description.
const PAIRS: usize = 500;

/// A piece of HTML.
pub enum Piece<'t> {
    Text(&'t str),
    /// A tag.
    Tag(Tag<'t>),
}

/// A tag.
pub struct Tag<'t> {
    /// Its name in small letters.
    pub name: String,
    /// Whether it ends an element.
    pub ends: bool,
    /// What stands after the name.
    rest: &'t str,
}

impl Tag<'_> {
    /// The value of an attribute, empty where it has none; entities are resolved.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.rest;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            let (value, after) = match after.trim_start().strip_prefix('=') {
                None => ("", after),
                Some(after) => {
                    let after = after.trim_start();
                    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
                    let inside = quote.and_then(|q| after[1..].split_once(q));
                    inside.unwrap_or_else(|| after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())))
                }
            };
            if key.is_empty() && after.len() == rest.len() {
                return None;
            }
            if key.eq_ignore_ascii_case(name) {
                let mut plain = String::new();
                resolve(value, &mut plain);
                return Some(plain);
            }
            rest = after;
        }
    }

    /// Whether an attribute says that it is not shown.
    pub fn is_hidden(&self) -> bool {
        let style = self.attribute("style").unwrap_or_default().to_ascii_lowercase();
        let plain: String = style.chars().filter(|c| !c.is_whitespace()).collect();
        plain.contains("display:none") || plain.contains("visibility:hidden")
    }
}

/// The names and values of a description: rows of tables with two cells, else lines `name: value`, if all are such. None
/// where it is plain words.
pub fn pairs(html: &str) -> Vec<(String, String)> {
    let (rows, lines) = split(html);
    let pair = |cells: &Vec<String>| match cells.as_slice() {
        [name, value] if is_name(name) => Some((bare(name).to_owned(), value.clone())),
        _ => None,
    };
    let mut found: Vec<(String, String)> = rows.iter().filter_map(pair).collect();
    if found.is_empty() && rows.is_empty() {
        let lines: Vec<&String> = lines.iter().filter(|line| !line.is_empty()).collect();
        let split = |line: &&String| {
            let at = line.find([':', '\u{FF1A}'])?;
            let (name, value) = (line[..at].trim(), line[at..].trim_start_matches([':', '\u{FF1A}']).trim());
            // an address is no pair
            let pair = is_name(name) && !value.starts_with("//");
            pair.then(|| (name.to_owned(), value.to_owned()))
        };
        let all: Option<Vec<(String, String)>> = lines.iter().map(split).collect();
        found = all.filter(|all| all.len() > 1).unwrap_or_default();
    }
    found.truncate(PAIRS);
    found
}

fn bare(name: &str) -> &str {
    name.trim().trim_end_matches([':', '\u{FF1A}']).trim()
}

fn is_name(name: &str) -> bool {
    let name = bare(name);
    !name.is_empty() && name.chars().count() <= NAME && name.chars().any(char::is_alphabetic)
}

/// The rows of the innermost tables, cell by cell, and the lines of what stands outside of tables.
fn split(html: &str) -> (Vec<Vec<String>>, Vec<String>) {
    let (mut rows, mut lines) = (Vec::new(), vec![String::new()]);
    // the row that is open of each table that is open
    let mut open: Vec<Vec<String>> = Vec::new();
    let mut hidden = false;
    each(html, &mut |piece| match piece {
        Piece::Text(_) if hidden => {}
        Piece::Text(text) => match open.last_mut() {
            Some(row) => {
                if let Some(cell) = row.last_mut() {
                    push(cell, text);
                }
            }
            None => {
                for (n, line) in text.split('\n').enumerate() {
                    if n > 0 {
                        lines.push(String::new());
                    }
                    if let Some(last) = lines.last_mut() {
                        push(last, line);
                    }
                }
            }
        },
        Piece::Tag(Tag { name, ends, .. }) => match (name.as_str(), ends) {
            ("style" | "script" | "head" | "title", ends) => hidden = !ends,
            ("table", false) if open.len() < 16 => {
                // a table inside a cell: what the row around it holds is its frame
                if let Some(row) = open.last_mut() {
                    row.clear();
                }
                open.push(Vec::new());
            }
            ("table", true) => rows.extend(open.pop().filter(|row| !row.is_empty())),
            ("tr", _) => {
                if let Some(row) = open.last_mut()
                    && !row.is_empty()
                {
                    rows.push(std::mem::take(row));
                }
            }
            ("td" | "th", false) => {
                if let Some(row) = open.last_mut() {
                    row.push(String::new());
                }
            }
            ("br" | "p" | "li" | "div" | "dd" | "dt" | "ul" | "h1" | "h2" | "h3" | "h4", _) if open.is_empty() => {
                lines.push(String::new());
            }
            _ => {}
        },
    });
    rows.extend(open.into_iter().filter(|row| !row.is_empty()));
    for line in rows.iter_mut().flatten().chain(&mut lines) {
        *line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    (rows, lines)
}

fn push(out: &mut String, text: &str) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
    resolve(text, out);
}

/// Adds a text with its entities resolved; those that nobody knows stay as they are.
pub fn resolve(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let end = rest[at..].find(';').filter(|end| *end < 40);
        let known = end.and_then(|end| Some((entity(&rest[at + 1..at + end])?, at + end + 1)));
        if let Some((word, after)) = known {
            // a space that does not break is one
            out.push_str(if word == "\u{A0}" { " " } else { &word });
            rest = &rest[after..];
        } else {
            out.push('&');
            rest = &rest[at + 1..];
        }
    }
    out.push_str(rest);
}

/// An entity of XML or of HTML, or the number of a character.
pub fn entity(name: &str) -> Option<String> {
    let Some(number) = name.strip_prefix('#') else { return resolve_html5_entity(name).map(str::to_owned) };
    let hex = number.strip_prefix(['x', 'X']);
    let code = hex.map_or_else(|| number.parse().ok(), |h| u32::from_str_radix(h, 16).ok());
    char::from_u32(code?).map(String::from)
}

/// Goes through text and tags; comments are left out.
pub fn each<'t>(html: &'t str, take: &mut dyn FnMut(Piece<'t>)) {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if at > 0 {
            take(Piece::Text(&rest[..at]));
        }
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let inside = &rest[1..];
        let (ends, name) = inside.strip_prefix('/').map_or((false, inside), |name| (true, name));
        let length = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
        if length == 0 && !inside.starts_with(['!', '?', '/']) {
            // `<` as people write it
            take(Piece::Text("<"));
            rest = inside;
            continue;
        }
        let Some(end) = end_of_tag(inside) else { return };
        let after = inside[..end].get(inside.len() - name.len() + length..).unwrap_or_default();
        take(Piece::Tag(Tag { name: name[..length.min(12)].to_ascii_lowercase(), ends, rest: after }));
        rest = &inside[end + 1..];
    }
    if !rest.is_empty() {
        take(Piece::Text(rest));
    }
}

/// Where a tag ends: at the first `>` that is not inside the quotes of an attribute.
fn end_of_tag(inside: &str) -> Option<usize> {
    let (mut from, plain) = (0, inside.find('>')?);
    loop {
        let end = from + inside[from..].find('>')?;
        let Some(quoted) = inside[from..end].find("=\"").or_else(|| inside[from..end].find("='")) else {
            return Some(end);
        };
        let open = from + quoted + 1;
        let quote = inside.as_bytes()[open];
        match inside[open + 1..].find(char::from(quote)) {
            Some(close) => from = open + 1 + close + 1,
            // a quote that nobody closed
            None => return Some(plain),
        }
    }
}

/// Text without the tags of HTML.
pub fn plain(html: &str) -> String {
    let mut out = String::new();
    each(html, &mut |piece| match piece {
        Piece::Text(text) => out.push_str(text),
        Piece::Tag(_) => out.push(' '),
    });
    out.replace("&nbsp;", " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> Vec<(String, String)> {
        pairs(html)
    }

    fn two(a: (&str, &str), b: (&str, &str)) -> Vec<(String, String)> {
        [a, b].map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec()
    }

    #[test]
    fn pairs_as_programs_write_them() {
        let wanted = two(("区县", "余杭区"), ("营收", "1 & 2"));
        for html in [
            "<table><tr><td>区县</td><td>余杭区</td></tr><tr><td>营收</td><td>1 &amp; 2</td></tr></table>",
            // ArcGIS: a frame with a title and the table in a cell of it
            "<html><head><style>td{a:b}</style></head><body><table><tr><td>甲公司</td></tr><tr><td><table><tr bgcolor=\"#D4E4F3\"><td>区县</td><td>余杭区</td></tr><tr><td>营收</td><td>1 &amp; 2</td></tr></table></td></tr></table></body></html>",
            "<TABLE border=1><TR><TH>区县:</TH><TD><b>余杭区</b></TD></TR>\n<TR><TH>营收：</TH><TD>1&nbsp;&amp;&nbsp;2</TD></TR></TABLE>",
            "<table><tr><td>区县<td>余杭区<tr><td>营收<td>1 & 2</table>",
            "<b>区县:</b> 余杭区<br><b>营收:</b> 1 &amp; 2<br/>",
            "<p>区县：余杭区</p><p>营收：1 &amp; 2</p>",
            "<ul><li>区县: 余杭区</li><li>营收: 1 & 2</li></ul>",
            "区县: 余杭区\n营收: 1 & 2\n",
            "<div>区县:余杭区</div><!-- 说明: x --><div>营收:1 & 2</div>",
        ] {
            assert_eq!(read(html), wanted, "{html}");
        }
        for words in [
            "",
            "一家公司",
            "a < b",
            "电话: 1",
            "<b>甲</b>",
            "见 http://a/b",
            "<table><tr><td>只有一格</td></tr></table>",
            "<a",
            "<table><tr><td>1</td><td>2</td></tr></table>",
        ] {
            assert_eq!(read(words), [], "{words}");
        }
        assert_eq!(plain("<b>电话</b> 1 &lt; 2&nbsp;<br>b"), "电话 1 &lt; 2 b");
    }
}
