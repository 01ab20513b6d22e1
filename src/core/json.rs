//! JSON from outside: an object is an object, at any depth. serde takes an array for a struct, its elements for the members
//! in order, so that `[null, null]` would be read as a question about everything.
//!
//! A reader of JSON is wrapped; what it reads is wrapped in turn. What serde reads into its own buffer first (`untagged`,
//! `flatten`) is out of reach: no struct may stand in such an enum or struct.

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde_json::Deserializer as Reader;
use std::fmt;

/// Reads a value and nothing after it.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    let mut reader = Reader::from_slice(bytes);
    let value = T::deserialize(Strict(&mut reader))?;
    reader.end()?;
    Ok(value)
}

/// Reads a value and nothing after it.
pub fn from_str<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    from_slice(text.as_bytes())
}

/// A reader, or a part of one, that takes no array for a struct.
struct Strict<T>(T);

/// What is made of a value, and whether that is a struct.
struct Visiting<V> {
    visitor: V,
    object: bool,
}

struct Object;

impl Expected for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
}

macro_rules! plain {
    ($($method:ident ($($name:ident: $ty:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($name: $ty,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($name,)* Visiting { visitor, object: false })
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    plain! {
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_char() deserialize_str() deserialize_string()
        deserialize_bytes() deserialize_byte_buf() deserialize_option() deserialize_unit() deserialize_seq()
        deserialize_map() deserialize_identifier() deserialize_ignored_any()
        deserialize_unit_struct(name: &'static str) deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(len: usize) deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, Visiting { visitor, object: true })
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! values {
    ($($method:ident $ty:ty)*) => {$(
        fn $method<E: Error>(self, value: $ty) -> Result<V::Value, E> {
            self.visitor.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Visiting<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    values! {
        visit_bool bool visit_i8 i8 visit_i16 i16 visit_i32 i32 visit_i64 i64 visit_i128 i128
        visit_u8 u8 visit_u16 u16 visit_u32 u32 visit_u64 u64 visit_u128 u128 visit_f32 f32 visit_f64 f64
        visit_char char visit_str &str visit_borrowed_str &'de str visit_string String
        visit_bytes &[u8] visit_borrowed_bytes &'de [u8] visit_byte_buf Vec<u8>
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Strict(deserializer))
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Strict(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        if self.object {
            return Err(A::Error::invalid_type(Unexpected::Seq, &Object));
        }
        self.visitor.visit_seq(Strict(seq))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Strict(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(Strict(data))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Strict(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(Strict(seed))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Strict(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Strict<A> {
    type Error = A::Error;
    type Variant = Strict<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        self.0.variant_seed(Strict(seed)).map(|(name, variant)| (name, Strict(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Strict(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, Visiting { visitor, object: false })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Visiting { visitor, object: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;
    use serde_json::value::RawValue;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Inner {
        a: Option<u8>,
        b: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[allow(dead_code, reason = "only read")]
    enum Choice {
        Word,
        One(Inner),
        Pair(u8, Inner),
        Named { inner: Inner },
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Outer {
        one: Inner,
        maybe: Option<Inner>,
        list: Vec<Inner>,
        map: BTreeMap<String, Inner>,
        pair: Option<(u8, Inner)>,
        boxed: Option<Box<Inner>>,
        choice: Option<Choice>,
        numbers: Vec<f64>,
        raw: Option<Box<RawValue>>,
        value: Value,
    }

    /// Each place where a struct may stand, as text with a place for it.
    const PLACES: [&str; 10] = [
        "{}",
        r#"{"one":{}}"#,
        r#"{"maybe":{}}"#,
        r#"{"list":[{"a":1},{}]}"#,
        r#"{"map":{"x":{}}}"#,
        r#"{"pair":[7,{}]}"#,
        r#"{"boxed":{}}"#,
        r#"{"choice":{"one":{}}}"#,
        r#"{"choice":{"pair":[7,{}]}}"#,
        r#"{"choice":{"named":{"inner":{}}}}"#,
    ];

    #[test]
    fn an_array_is_no_object_at_any_depth() {
        for place in PLACES {
            from_str::<Outer>(place).unwrap_or_else(|e| panic!("{place}: {e}"));
            let array = place.replacen("{}", "[]", 1);
            // what serde does by itself
            assert!(serde_json::from_str::<Outer>(&array).is_ok(), "{array}");
            let error = from_str::<Outer>(&array).unwrap_err();
            assert!(error.to_string().starts_with("invalid type: sequence, expected an object"), "{array}: {error}");
            assert_eq!(error.line(), 1, "{error}");
        }
        let error = from_str::<Outer>(r#"{"choice":{"named":[{}]}}"#).unwrap_err();
        assert!(error.to_string().starts_with("invalid type: sequence, expected an object"), "{error}");
    }

    #[test]
    fn everything_else_is_read_as_before() {
        let text =
            r#" {"one":{"a":1,"b":"x"},"numbers":[1,2.5],"raw":[ 1, {"k":[]}],"value":[1,[2]],"choice":"word"} "#;
        let read: Outer = from_str(text).unwrap();
        assert_eq!((read.one.a, read.one.b.as_deref(), read.numbers), (Some(1), Some("x"), vec![1.0, 2.5]));
        assert_eq!(read.raw.unwrap().get(), r#"[ 1, {"k":[]}]"#);
        assert_eq!(read.value, json!([1, [2]]));
        assert!(matches!(read.choice, Some(Choice::Word)));
        for wrong in ["{} {}", "{", r#"{"other":1}"#, r#"{"one":{"a":300}}"#, "", "1"] {
            let (ours, serde) =
                (from_str::<Outer>(wrong).unwrap_err(), serde_json::from_str::<Outer>(wrong).unwrap_err());
            assert_eq!(ours.to_string(), serde.to_string(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn values_are_what_serde_reads(text in "[\\[\\]{}:,\"a0-9.e+-]{0,30}") {
            let ours = from_str::<Value>(&text).map_err(|e| e.to_string());
            prop_assert_eq!(ours, serde_json::from_str::<Value>(&text).map_err(|e| e.to_string()));
        }
    }
}
