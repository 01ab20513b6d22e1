//! Questions as the query of a URL: `zone=330110&year=2025&cluster=robot`, in one spelling.
//!
//! Members of the JSON form are parameters of the same names, those that are objects or lists as JSON; conditions are
//! `property=value`, except where a property is called like a parameter: these stand in `conditions`.

use super::QuestionError;
use super::question::Question;
use super::question_json::Body;
use crate::filter;
use crate::model::Text;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::str::FromStr;

/// The parameters that are no conditions.
const RESERVED: [&str; 29] = [
    "table",
    "collection",
    "zone",
    "polygon",
    "circle",
    "buffer",
    "nearest",
    "combine",
    "area_title",
    "repair",
    "bbox",
    "datetime",
    "year",
    "period",
    "filter",
    "filter-lang",
    "conditions",
    "sortby",
    "statistics",
    "growth",
    "since",
    "spread",
    "secondary",
    "outline",
    "class_level",
    "class_parent",
    "class_version",
    "kind",
    "parent",
];

/// What stands in a query as it is: unreserved characters (RFC 3986), and those that filters and lists need.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':')
    .remove(b',')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

impl Question {
    /// The query of a URL, without its `?`; empty for everything in the register.
    pub fn to_url_query(&self) -> String {
        let Ok(body) = Body::of(self) else { return String::new() };
        let mut out = Writer::default();
        out.text("collection", body.collection.as_deref());
        out.text("zone", body.zone.as_deref());
        out.json("polygon", body.polygon.as_ref());
        out.json("circle", body.circle.as_ref());
        out.json("buffer", body.buffer.as_ref());
        out.json("nearest", body.nearest.as_ref());
        out.text("area_title", body.area_title.as_deref());
        out.flag("repair", body.repair);
        out.json("combine", (!body.combine.is_empty()).then_some(&body.combine));
        out.text("bbox", body.bbox.map(|b| b.map(|n| n.to_string()).join(",")).as_deref());
        out.text("datetime", body.datetime.as_deref());
        out.text("year", body.year.map(|y| y.to_string()).as_deref());
        out.text("period", body.period.map(|p| p.to_string()).as_deref());
        out.flag("secondary", body.secondary);
        out.flag("statistics", body.statistics);
        out.flag("growth", body.growth);
        out.text("since", body.since.map(|p| p.to_string()).as_deref());
        out.flag("spread", body.spread);
        out.flag("outline", body.outline);
        out.text("class_version", body.class_version.as_deref());
        out.text("class_level", body.class_level.as_deref());
        out.text("class_parent", body.class_parent.as_deref());
        out.text("kind", body.kind.as_deref());
        out.text("parent", body.parent.as_deref());
        out.text("sortby", body.sortby.as_deref());
        let (named_alike, plain): (Vec<_>, Vec<_>) =
            self.conditions.iter().partition(|(name, _)| RESERVED.contains(&name.as_str()));
        plain.into_iter().for_each(|(name, value)| out.text(name, Some(value)));
        let named_alike: BTreeMap<&String, &String> = named_alike.into_iter().collect();
        out.json("conditions", (!named_alike.is_empty()).then_some(&named_alike));
        out.text("filter", self.filter.as_ref().map(ToString::to_string).as_deref());
        out.0
    }

    /// The same query for a resource that takes the table as a parameter of its own: `table` for the collection.
    pub fn to_table_query(&self) -> String {
        let Some(table) = self.collection.as_deref() else { return self.to_url_query() };
        let mut out = Writer::default();
        out.text("table", Some(table));
        let rest = Self { collection: None, ..self.clone() }.to_url_query();
        if rest.is_empty() { out.0 } else { format!("{}&{rest}", out.0) }
    }

    /// Whether its query says all of it to a resource that takes a zone, a period, conditions and a filter: `/summary`,
    /// `/report/{zone}` and the page. Any other question is a body. Its collection is a table.
    pub fn fits_query(&self) -> bool {
        let about_register = self.zone_kind.is_none() && self.zone_parent.is_none();
        let about_register = about_register && self.sort.is_empty();
        let by_properties = self.bbox.is_none() && self.datetime.is_none() && !self.repair && !self.outline;
        self.area.is_named()
            && self.area.title().is_none()
            && about_register
            && by_properties
            && !self.conditions.keys().any(|n| RESERVED.contains(&n.as_str()))
    }

    /// Reads the query of a URL, without its `?`.
    pub fn from_url_query(query: &str) -> Result<Self, QuestionError> {
        let mut given: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if let Some(twice) = given.insert(name.clone().into_owned(), value.into_owned()) {
                let why = Text::new("出现了两次", format!("given twice: {twice:?} before"));
                return Err(QuestionError::parameter(&name, why));
            }
        }
        let mut take = |name: &str| given.remove(name);
        let (lang, filter) = (take("filter-lang"), take("filter"));
        let filter = match (filter, lang.as_deref()) {
            (None, _) => Value::Null,
            (Some(text), None | Some("cql2-text")) => Value::String(text),
            (Some(text), Some("cql2-json")) => filter::to_json(&filter::parse_json(&text)?),
            (Some(_), Some(_)) => {
                let why = Text::new("可选 cql2-text、cql2-json", "one of cql2-text, cql2-json");
                return Err(QuestionError::parameter("filter-lang", why));
            }
        };
        let body = Body {
            collection: take("collection"),
            zone: take("zone"),
            polygon: json("polygon", take("polygon"))?,
            circle: json("circle", take("circle"))?,
            buffer: json("buffer", take("buffer"))?,
            nearest: json("nearest", take("nearest"))?,
            area_title: take("area_title"),
            repair: value("repair", take("repair"))?.unwrap_or_default(),
            combine: json("combine", take("combine"))?.unwrap_or_default(),
            bbox: json("bbox", take("bbox").map(|text| format!("[{text}]")))?,
            datetime: take("datetime"),
            year: value("year", take("year"))?,
            period: value("period", take("period"))?,
            filter,
            conditions: json("conditions", take("conditions"))?.unwrap_or_default(),
            sortby: take("sortby"),
            statistics: value("statistics", take("statistics"))?.unwrap_or_default(),
            growth: value("growth", take("growth"))?.unwrap_or_default(),
            since: value("since", take("since"))?,
            spread: value("spread", take("spread"))?.unwrap_or_default(),
            secondary: value("secondary", take("secondary"))?.unwrap_or_default(),
            outline: value("outline", take("outline"))?.unwrap_or_default(),
            class_level: take("class_level"),
            class_parent: take("class_parent"),
            class_version: take("class_version"),
            kind: take("kind"),
            parent: take("parent"),
        };
        let mut question = body.question()?;
        question.conditions.extend(given);
        Ok(question)
    }
}

/// A query in the making.
#[derive(Default)]
struct Writer(String);

impl Writer {
    fn text(&mut self, name: &str, value: Option<&str>) {
        let Some(value) = value else { return };
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.extend(utf8_percent_encode(name, PLAIN));
        self.0.push('=');
        self.0.extend(utf8_percent_encode(value, PLAIN));
    }

    fn json(&mut self, name: &str, value: Option<&impl Serialize>) {
        // all members are texts and numbers, which can be written
        let json = value.and_then(|value| serde_json::to_string(value).ok());
        self.text(name, json.as_deref());
    }

    fn flag(&mut self, name: &str, flag: bool) {
        self.text(name, flag.then_some("true"));
    }
}

fn json<T: DeserializeOwned>(name: &str, text: Option<String>) -> Result<Option<T>, QuestionError> {
    let read = |text: String| {
        crate::json::from_str(&text).map_err(|e| {
            QuestionError::parameter(name, Text::new(format!("不是有效的值:{e}"), format!("no valid value: {e}")))
        })
    };
    text.map(read).transpose()
}

fn value<T: FromStr>(name: &str, text: Option<String>) -> Result<Option<T>, QuestionError> {
    let read = |text: String| {
        text.parse().map_err(|_| {
            let why = Text::new(format!("值“{text}”不可用"), format!("{text:?} is no value of it"));
            QuestionError::parameter(name, why)
        })
    };
    text.map(read).transpose()
}
