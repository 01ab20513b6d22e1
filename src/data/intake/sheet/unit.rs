//! Units of measure as tables write them, and what makes one into another.

/// What is measured, and how many of the least unit one is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// A currency, `person` or another that is only ever itself; `*` where only a multiple is given, as in `(亿)`.
    pub base: &'static str,
    /// How many of the base one is.
    pub factor: f64,
}

/// Currencies by their ISO 4217 code, in the words of tables. Longer words stand before those that they end with.
const CURRENCIES: &[(&str, &str)] = &[
    ("人民币元", "CNY"),
    ("元人民币", "CNY"),
    ("人民币", "CNY"),
    ("renminbi", "CNY"),
    ("rmb", "CNY"),
    ("cny", "CNY"),
    ("chineseyuan", "CNY"),
    ("yuan", "CNY"),
    ("¥", "CNY"),
    ("\u{FFE5}", "CNY"),
    ("新台币", "TWD"),
    ("台币", "TWD"),
    ("twd", "TWD"),
    ("nt$", "TWD"),
    ("港元", "HKD"),
    ("港币", "HKD"),
    ("hkd", "HKD"),
    ("hk$", "HKD"),
    ("澳元", "AUD"),
    ("aud", "AUD"),
    ("加元", "CAD"),
    ("cad", "CAD"),
    ("新加坡元", "SGD"),
    ("新元", "SGD"),
    ("sgd", "SGD"),
    ("美元", "USD"),
    ("美金", "USD"),
    ("usd", "USD"),
    ("us$", "USD"),
    ("u.s.dollars", "USD"),
    ("usdollars", "USD"),
    ("dollars", "USD"),
    ("dollar", "USD"),
    ("$", "USD"),
    ("\u{FF04}", "USD"),
    ("欧元", "EUR"),
    ("euros", "EUR"),
    ("euro", "EUR"),
    ("eur", "EUR"),
    ("€", "EUR"),
    ("日元", "JPY"),
    ("日圆", "JPY"),
    ("jpy", "JPY"),
    ("yen", "JPY"),
    ("韩元", "KRW"),
    ("krw", "KRW"),
    ("英镑", "GBP"),
    ("gbp", "GBP"),
    ("pounds", "GBP"),
    ("£", "GBP"),
    ("卢布", "RUB"),
    ("rub", "RUB"),
    ("瑞士法郎", "CHF"),
    ("chf", "CHF"),
    ("泰铢", "THB"),
    ("印度卢比", "INR"),
    ("inr", "INR"),
    ("越南盾", "VND"),
    ("元", "CNY"),
    ("圆", "CNY"),
    ("块", "CNY"),
];
/// What is counted or measured otherwise.
const OTHERS: &[(&str, &str)] = &[
    ("人次", "person"),
    ("人", "person"),
    ("名", "person"),
    ("persons", "person"),
    ("person", "person"),
    ("people", "person"),
    ("employees", "person"),
    ("家", "unit"),
    ("户", "unit"),
    ("个", "unit"),
    ("项", "unit"),
    ("件", "unit"),
    ("enterprises", "unit"),
    ("平方米", "m2"),
    ("㎡", "m2"),
    ("m2", "m2"),
    ("m²", "m2"),
    ("平方公里", "km2"),
    ("km2", "km2"),
    ("km²", "km2"),
    ("亩", "mu"),
    ("公顷", "ha"),
    ("ha", "ha"),
    ("米", "m"),
    ("m", "m"),
    ("公里", "km"),
    ("km", "km"),
    ("吨", "t"),
    ("t", "t"),
    ("tonnes", "t"),
    ("tons", "t"),
    ("千瓦时", "kWh"),
    ("kwh", "kWh"),
    ("吨标准煤", "tce"),
    ("年", "year"),
    ("%", "%"),
    ("\u{FF05}", "%"),
];
/// Multiples, written before or after a currency. Longer ones stand before those that they begin with.
const MULTIPLES: &[(&str, f64)] = &[
    ("万亿", 1e12),
    ("千亿", 1e11),
    ("百亿", 1e10),
    ("十亿", 1e9),
    ("亿", 1e8),
    ("千万", 1e7),
    ("百万", 1e6),
    ("十万", 1e5),
    ("万", 1e4),
    ("千", 1e3),
    ("百", 1e2),
    ("hundredmillions", 1e8),
    ("hundredmillion", 1e8),
    ("100million", 1e8),
    ("tenthousands", 1e4),
    ("tenthousand", 1e4),
    ("10thousand", 1e4),
    ("10,000", 1e4),
    ("10000", 1e4),
    ("10k", 1e4),
    ("1,000", 1e3),
    ("1000", 1e3),
    ("100,000,000", 1e8),
    ("1,000,000", 1e6),
    ("thousands", 1e3),
    ("thousand", 1e3),
    ("'000", 1e3),
    ("000s", 1e3),
    ("millions", 1e6),
    ("million", 1e6),
    ("billions", 1e9),
    ("billion", 1e9),
    ("mln", 1e6),
    ("mn", 1e6),
    ("bn", 1e9),
    ("k", 1e3),
    ("m", 1e6),
    ("b", 1e9),
];

impl Unit {
    /// The unit of these words, e.g. `万元`, `人民币亿元`, `USD thousand`, `亿`.
    pub fn of(words: &str) -> Option<Self> {
        if words.len() > 60 {
            return None;
        }
        let plain: String = words
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '_')
            .flat_map(char::to_lowercase)
            .map(|c| match c {
                // as accountants and Taiwan write them
                '萬' => '万',
                '億' => '亿',
                '仟' => '千',
                '佰' => '百',
                '拾' => '十',
                '圓' => '圆',
                '幣' => '币',
                '歐' => '欧',
                '韓' => '韩',
                '鎊' => '镑',
                c => c,
            })
            .collect();
        let plain =
            plain.trim_end_matches("/年").trim_end_matches("/a").trim_end_matches("/year").trim_end_matches('整');
        let plain = plain.trim_start_matches(['(', '\u{FF08}', ':', '\u{FF1A}']).trim_end_matches([')', '\u{FF09}']);
        if plain.is_empty() {
            return None;
        }
        if let Some((_, base)) = OTHERS.iter().find(|(word, _)| *word == plain) {
            return Some(Self { base, factor: 1.0 });
        }
        for (word, base) in OTHERS {
            if let Some(factor) =
                plain.strip_suffix(word).and_then(multiple).filter(|_| word.chars().count() > 1 || !word.is_ascii())
            {
                return Some(Self { base, factor });
            }
        }
        if let Some(factor) = multiple(plain).filter(|_| plain.chars().all(|c| !c.is_ascii()) || plain.len() > 3) {
            // `10000` alone is a number
            return (!plain.bytes().all(|b| b.is_ascii_digit() || b == b',')).then_some(Self { base: "*", factor });
        }
        currency(plain)
    }

    /// By what a number in this unit is multiplied to be one in `other`; `None` between things that don't compare.
    pub fn per(self, other: Self) -> Option<f64> {
        (self.base == other.base || self.base == "*").then(|| self.factor / other.factor)
    }

    /// Whether it is money.
    pub fn is_money(self) -> bool {
        CURRENCIES.iter().any(|(_, c)| *c == self.base)
    }

    /// Whether both are money, of different countries.
    pub fn is_other_currency(self, other: Self) -> bool {
        self.is_money() && other.is_money() && self.base != other.base
    }
}

fn multiple(text: &str) -> Option<f64> {
    MULTIPLES.iter().find(|(word, _)| *word == text).map(|(_, factor)| *factor)
}

/// Money: one currency, said once or twice (`人民币亿元`, `US$ dollars`), and at most one multiple.
fn currency(plain: &str) -> Option<Unit> {
    let (mut rest, mut base) = (plain.to_owned(), None);
    while let Some((word, code)) = CURRENCIES.iter().find(|(word, _)| rest.contains(word)) {
        // the yuan of `人民币` is no second currency
        if base.is_some_and(|b| b != *code) {
            return None;
        }
        base = Some(*code);
        rest = rest.replacen(word, " ", 1);
    }
    let rest: String = rest.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '\u{FF08}' | '\u{FF09}')).collect();
    let factor = if rest.is_empty() {
        1.0
    } else {
        multiple(rest.as_str()).or_else(|| multiple(rest.trim_start_matches("in")))?
    };
    base.map(|base| Unit { base, factor })
}

const OPEN: [char; 8] = ['(', '\u{FF08}', '[', '【', '〔', '<', '《', '{'];
const CLOSE: [char; 8] = [')', '\u{FF09}', ']', '】', '〕', '>', '》', '}'];

/// A unit without brackets and without the word 单位 around it.
pub fn bare(text: &str) -> &str {
    let text = text.trim().trim_matches(|c| OPEN.contains(&c) || CLOSE.contains(&c)).trim();
    ["计量单位", "金额单位", "货币单位", "数量单位", "单位", "unit", "Unit", "in "]
        .iter()
        .find_map(|w| text.strip_prefix(w))
        .map_or(text, |rest| rest.trim_start_matches([':', '\u{FF1A}', ' ']).trim())
}

/// The words of a name that are its unit: in brackets, after a stroke, a colon or a space, or at its very end.
pub fn written(name: &str) -> Option<&str> {
    split(name).map(|(_, unit)| unit)
}

/// A name without its unit, and the unit.
pub fn split(name: &str) -> Option<(&str, &str)> {
    let known = |words: &str| Unit::of(bare(words)).is_some();
    for (at, open) in name.char_indices().filter(|(_, c)| OPEN.contains(c)) {
        let inside = &name[at + open.len_utf8()..];
        let inside = &inside[..inside.find(CLOSE).unwrap_or(inside.len())];
        let pieces = std::iter::once(inside).chain(inside.split([',', '\u{FF0C}', '、', ';', '\u{FF1B}', ' ', '|']));
        if let Some(unit) = pieces.map(bare).find(|p| known(p)) {
            return Some((&name[..at], unit));
        }
    }
    for mark in ['/', '\u{FF0F}', '-', '—', '－', '_', ':', '\u{FF1A}', ',', '\u{FF0C}', '、', ' '] {
        let found = name.match_indices(mark).find(|(at, _)| *at > 0 && known(&name[at + mark.len_utf8()..]));
        if let Some((at, _)) = found {
            return Some((&name[..at], name[at + mark.len_utf8()..].trim()));
        }
    }
    // at the very end only what can be nothing else
    let ends = ["万元", "亿元", "千元", "百万元", "万美元", "亿美元", "美元", "万港元", "万欧元", "万人"];
    let found = ends.iter().filter_map(|w| name.strip_suffix(w).map(|rest| (rest, &name[rest.len()..])));
    found.filter(|(rest, _)| !rest.is_empty()).min_by_key(|(rest, _)| rest.len())
}

/// Whether a name has these words in brackets or after a comma: the register's own unit, whatever it is.
pub fn says(name: &str, words: &str) -> bool {
    let before = words.len() < name.len() && name.trim_end_matches(CLOSE).ends_with(words);
    before && {
        let rest = name.trim_end_matches(CLOSE);
        rest[..rest.len() - words.len()].ends_with(|c| OPEN.contains(&c) || matches!(c, ' ' | ',' | '\u{FF0C}'))
    }
}

/// What a name seems to say of a unit that nobody knows: `(万格里元)`.
pub fn unknown(name: &str) -> Option<&str> {
    let at = name.find(OPEN)?;
    let open = name[at..].chars().next()?;
    let inside = &name[at + open.len_utf8()..];
    let inside = inside[..inside.find(CLOSE).unwrap_or(inside.len())].trim();
    let money =
        ["元", "币", "幣", "圆", "圓", "镑", "萬", "億", "仟", "yuan", "dollar", "$", "¥", "€", "万", "亿", "千"];
    let lower = inside.to_lowercase();
    (money.iter().any(|w| lower.contains(w)) && Unit::of(bare(inside)).is_none()).then_some(inside)
}

/// The units that a line above or below a table gives for all of it: `单位:万元`, `单位:万元、人` gives both.
pub fn stated(line: &str) -> Vec<Unit> {
    let mut found = Vec::new();
    for word in ["单位", "Unit", "unit", "UNIT"] {
        for (at, _) in line.match_indices(word) {
            let before = line[..at].trim_end();
            let kinds = ["金额", "计量", "货币", "数量", "面积", "数据"];
            let own = before.is_empty()
                || kinds.iter().any(|k| before.ends_with(k))
                || before.len() < line[..at].len()
                || before.ends_with(|c: char| !c.is_alphanumeric());
            let rest = line[at + word.len()..].trim_start_matches(['s', ' ']);
            let spaced = rest.len() < line[at + word.len()..].len();
            let marked = rest.trim_start_matches([':', '\u{FF1A}', ' ', '为', '是']);
            if own && (spaced || marked.len() < rest.len()) {
                let rest = marked.trim_start_matches([':', '\u{FF1A}', ' ']);
                found.extend(pieces(rest));
            }
        }
    }
    if found.is_empty() {
        // a title with a unit in brackets
        let inside = line.split(OPEN).skip(1).filter_map(|p| p.split(CLOSE).next());
        let alone = Some(line).filter(|l| l.starts_with(OPEN) || l.len() < 20);
        found.extend(
            inside.chain(alone).filter_map(|p| Unit::of(bare(p))).filter(|u| u.base != "*" && u.base != "year"),
        );
    }
    found
}

fn pieces(text: &str) -> Vec<Unit> {
    if let Some(unit) = Unit::of(text) {
        return vec![unit];
    }
    let ends = |c: char| matches!(c, '、' | '\u{FF0C}' | '/' | ';' | '\u{FF1B}' | ')' | '\u{FF09}' | ']' | '】' | '。');
    let mut found: Vec<Unit> = text.split(ends).filter_map(Unit::of).collect();
    if found.is_empty() {
        found = text.split([' ', ',', '(', '\u{FF08}']).filter_map(Unit::of).collect();
    }
    found
}

/// A number with its unit in one cell: `1.2亿元`, `￥1,200万`, `USD 3m`, `35人`.
pub fn amount(text: &str) -> Option<(&str, Unit)> {
    let text = text.trim();
    let from = text.find(|c: char| c.is_ascii_digit() || c == '.')?;
    let from = text[..from].strip_suffix(['-', '−']).map_or(from, str::len);
    let rest = &text[from..];
    let inside = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\u{FF0C}' | '-' | '−');
    let to = from + rest.find(|c| !inside(c)).unwrap_or(rest.len());
    let (before, after) = (text[..from].trim(), text[to..].trim());
    if before.is_empty() && after.is_empty() {
        return None;
    }
    let words = format!("{before}{after}");
    Unit::of(bare(&words)).map(|unit| (&text[from..to], unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(a: &str, b: &str) -> Option<f64> {
        Unit::of(a).unwrap_or_else(|| panic!("{a}")).per(Unit::of(b).unwrap())
    }

    #[test]
    fn units_are_read_and_converted() {
        for (a, b, wanted) in [
            ("亿元", "万元", Some(1e4)),
            ("元", "万元", Some(1e-4)),
            ("万人", "人", Some(1e4)),
            ("万元", "10,000 yuan", Some(1.0)),
            ("万元", "人", None),
            ("人民币亿元", "万元", Some(1e4)),
            ("亿元人民币", "万元", Some(1e4)),
            ("亿", "万元", Some(1e4)),
            ("RMB million", "万元", Some(100.0)),
            ("百万元", "万元", Some(100.0)),
            ("万美元", "万元", None),
            ("USD thousand", "thousand USD", Some(1.0)),
            ("US$ million", "USD thousand", Some(1000.0)),
            ("$m", "USD thousand", Some(1000.0)),
            ("千美元", "USD thousand", Some(1.0)),
            ("千元", "万元", Some(0.1)),
            ("CNY", "元", Some(1.0)),
            ("万元(人民币)", "万元", Some(1.0)),
            ("'000 yuan", "万元", Some(0.1)),
            ("100 million yuan", "万元", Some(1e4)),
            ("十亿元", "亿元", Some(10.0)),
        ] {
            assert_eq!(factor(a, b), wanted, "{a} {b}");
        }
        assert!(Unit::of("万美元").unwrap().is_other_currency(Unit::of("万元").unwrap()));
        for word in ["企业名称", "2025年", "10000", "元/人", "区县", "美元人民币"] {
            assert_eq!(Unit::of(word), None, "{word}");
        }
        assert_eq!(bare("(亿元)"), "亿元");
        assert_eq!(bare("单位:万元"), "万元");
    }

    #[test]
    fn amounts_carry_their_units() {
        let of = |w: &str| Unit::of(w).unwrap();
        for (text, number, unit) in [
            ("1.2亿元", "1.2", "亿元"),
            ("￥1,200万", "1,200", "万元"),
            ("USD 3m", "3", "US$ million"),
            ("35人", "35", "人"),
            ("-3 万元", "-3", "万元"),
            ("$5", "5", "USD"),
            ("3.5亿", "3.5", "亿"),
            ("1200（万元）", "1200", "万元"),
            ("¥3", "3", "元"),
        ] {
            assert_eq!(amount(text), Some((number, of(unit))), "{text}");
        }
        assert!(["12", "约3", "3月", "1.2亿元左右", "无", "12abc"].iter().all(|t| amount(t).is_none()));
    }

    #[test]
    fn units_stand_in_names_and_above_tables() {
        for (name, rest, unit) in [
            ("营业收入(人民币亿元)", "营业收入", "人民币亿元"),
            ("营业收入（亿）", "营业收入", "亿"),
            ("2025年营业收入/元", "2025年营业收入", "元"),
            ("2025年营业收入-千元", "2025年营业收入", "千元"),
            ("营业收入万元", "营业收入", "万元"),
            ("营业收入 百万美元", "营业收入", "百万美元"),
            ("营业收入【单位：万元】", "营业收入", "万元"),
            ("营业收入(2025年,万元)", "营业收入", "万元"),
            ("Revenue, USD thousand", "Revenue", "USD thousand"),
            ("营业收入：亿元", "营业收入", "亿元"),
            ("revenue_usd_thousand", "revenue", "usd_thousand"),
        ] {
            assert_eq!(split(name), Some((rest, unit)), "{name}");
        }
        assert_eq!(split("2025年营业收入"), None);
        assert_eq!(unknown("营业收入(万格里元)"), Some("万格里元"));
        let of = |w: &str| Unit::of(w).unwrap();
        assert_eq!(stated("填报:某局  单位:万元、人"), [of("万元"), of("人")]);
        assert_eq!(stated("金额单位：人民币亿元"), [of("亿元")]);
        assert_eq!(stated("单位 千元"), [of("千元")]);
        assert_eq!(stated("2025年企业名录(单位：万元)"), [of("万元")]);
        assert_eq!(stated("2025年企业名录（万元）"), [of("万元")]);
        assert_eq!(stated("Unit: USD thousand"), [of("USD thousand")]);
        assert_eq!(stated("注：金额单位为千元。"), [of("千元")]);
        assert_eq!(stated("填报单位:某区经信局"), []);
    }
}
