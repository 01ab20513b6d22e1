//! A FeatureCollection as a stream of features: one bad feature never stops the others, a break keeps what came before.

use super::value::{Json, Key, depth};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// What stands around the features.
#[derive(Default)]
pub struct Frame {
    /// The member `type`, as JSON.
    pub ty: Option<String>,
    /// Whether there is an array `features`.
    pub has_features: bool,
    /// The name in a `crs` member, or the member itself.
    pub crs: Option<String>,
}

/// Walks through a file and passes each feature's text to `take`. `Err` where the JSON breaks or is something else.
pub fn features<'a>(text: &'a str, frame: &mut Frame, take: &mut dyn FnMut(&'a str)) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Collection { frame, take }.deserialize(&mut deserializer)?;
    deserializer.end()
}

/// The name in the `crs` member of a file, wherever in the file it stands.
pub fn crs(text: &str) -> Option<String> {
    memchr::memmem::find(text.as_bytes(), b"\"crs\"")?;
    let mut frame = Frame::default();
    // what breaks is said when it is read
    let _ = features(text, &mut frame, &mut |_| {});
    frame.crs
}

struct Collection<'f, 'a> {
    frame: &'f mut Frame,
    take: &'f mut dyn FnMut(&'a str),
}

impl<'de> DeserializeSeed<'de> for Collection<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Collection<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a FeatureCollection")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            match &*key {
                "type" => self.frame.ty = Some(map.next_value::<&RawValue>()?.get().to_owned()),
                "features" => {
                    self.frame.has_features = true;
                    map.next_value_seed(List { take: &mut *self.take })?;
                }
                "crs" => self.frame.crs = crs_name(map.next_value::<&RawValue>()?.get()),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct List<'f, 'a> {
    take: &'f mut dyn FnMut(&'a str),
}

impl<'de> DeserializeSeed<'de> for List<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(raw) = seq.next_element::<&RawValue>()? {
            (self.take)(raw.get());
        }
        Ok(())
    }
}

/// `crs.properties.name` of the GeoJSON of 2008.
fn crs_name(raw: &str) -> Option<String> {
    if raw == "null" {
        return None;
    }
    let json: Option<Json> = if depth(raw) < 16 { serde_json::from_str(raw).ok() } else { None };
    let name = json.as_ref().and_then(|j| j.member("properties")?.member("name")?.as_str());
    Some(name.unwrap_or(raw).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_features_and_odd_numbers_do_not_stop_the_stream() {
        let deep = "[".repeat(5000) + &"]".repeat(5000);
        let text = format!(
            r#"{{"x":{deep},"features":[1,{deep},{{"a":1e999}},null],"crs":{{"properties":{{"name":"EPSG:4326"}}}},"type":"FeatureCollection"}}"#
        );
        let (mut frame, mut seen) = (Frame::default(), Vec::new());
        features(&text, &mut frame, &mut |raw| seen.push(raw.len())).unwrap();
        assert_eq!(seen, [1, 10_000, 11, 4]);
        assert!(frame.has_features);
        assert_eq!(frame.ty.as_deref(), Some("\"FeatureCollection\""));
        assert_eq!(frame.crs.as_deref(), Some("EPSG:4326"));
    }
}
