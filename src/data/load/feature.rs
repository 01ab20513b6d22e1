//! One feature: its members taken apart without going deep, and its id.

use super::report::{Place, Report};
use super::text::shorten;
use super::value::{Json, Key};
use crate::core::model::Text;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The members that GeoJSON gives a feature, unread.
#[derive(Default)]
pub struct Members<'a> {
    pub ty: Option<&'a RawValue>,
    pub id: Option<&'a RawValue>,
    pub geometry: Option<&'a RawValue>,
    pub properties: Option<&'a RawValue>,
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a feature")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut m = Members::default();
                while let Some(Key(key)) = map.next_key()? {
                    let slot = match &*key {
                        "type" => &mut m.ty,
                        "id" => &mut m.id,
                        "geometry" => &mut m.geometry,
                        "properties" => &mut m.properties,
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            continue;
                        }
                    };
                    *slot = Some(map.next_value()?);
                }
                Ok(m)
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// Takes a feature apart; says what is wrong when it is none.
pub fn members<'a>(raw: &'a str, place: Place, report: &mut Report) -> Option<Members<'a>> {
    let members: Members = serde_json::from_str(raw).unwrap_or_default();
    let ty: Option<Json> = members.ty.and_then(|t| serde_json::from_str(t.get()).ok());
    if ty.as_ref().and_then(Json::as_str) == Some("Feature") {
        return Some(members);
    }
    let found = members.ty.map_or(raw, RawValue::get);
    report.error(place, "not-a-feature", || {
        let found = shorten(found);
        (
            Text::new(format!("此处应为 Feature,却是 {found}"), format!("this must be a Feature, but is {found}")),
            Text::new(
                "按 RFC 7946 写成 {\"type\":\"Feature\", …}",
                "write it as {\"type\":\"Feature\", …} by RFC 7946",
            ),
        )
    });
    None
}

/// The feature's id as text, where it has a usable one.
pub fn id(members: &Members) -> Option<String> {
    let json: Json = serde_json::from_str(members.id?.get()).ok()?;
    match json {
        Json::Str(s) if !s.trim().is_empty() => Some(s.into_owned()),
        Json::Int(i) => Some(i.to_string()),
        _ => None,
    }
}

/// Says why `id` gave none.
pub fn missing_id(members: &Members, place: Place, report: &mut Report) {
    let remedy = || {
        Text::new(
            "给每个要素一个唯一、稳定的 id(文本或整数)",
            "give each feature an id of its own that stays (text or a whole number)",
        )
    };
    match members.id.map(RawValue::get) {
        None | Some("null") => {
            report.error(place, "missing-id", || (Text::new("要素没有 id", "the feature has no id"), remedy()));
        }
        Some(found) => report.error(place, "bad-id", || {
            let found = shorten(found);
            (
                Text::new(
                    format!("id 应为文本或整数,却是 {found}"),
                    format!("the id must be text or a whole number, but is {found}"),
                ),
                remedy(),
            )
        }),
    }
}
