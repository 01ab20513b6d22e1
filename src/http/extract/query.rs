//! Typed query structs: the struct that describes parameters in the API's document (`IntoParams`) is the one that reads
//! them (`Deserialize`), several of them as a tuple. `Params::take` leaves what the structs do not name, so that the rest
//! can be conditions; `Params::only` refuses it.

use crate::http::extract::params::Params;
use crate::http::extract::values::{EXPECTED, ONE_OF};
use crate::http::problem::Problem;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Error, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde::{Deserializer, forward_to_deserialize_any};
use std::fmt::{self, Display};
use std::str::FromStr;

impl Params {
    /// Takes the parameters that a struct names; others stay.
    pub(crate) fn take<T: DeserializeOwned>(&mut self) -> Result<T, Problem> {
        T::deserialize(Taking(self)).map_err(|fault| fault.of("", ""))
    }

    /// Takes the parameters that a struct names, and refuses all others by a list of those that are known.
    pub(crate) fn only<T: DeserializeOwned>(mut self) -> Result<T, Problem> {
        let taken = self.take()?;
        self.finish().map(|()| taken)
    }
}

/// Reads a struct from the parameters that it names, or a tuple of such structs.
struct Taking<'p>(&'p mut Params);

impl<'de> Deserializer<'de> for Taking<'_> {
    type Error = Fault;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let taken: Vec<_> = fields.iter().filter_map(|name| Some((*name, self.0.known(name)?))).collect();
        visitor.visit_map(Taken { rest: taken.into_iter(), value: None })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(Structs(self.0))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        Err(Fault::custom("parameters are read into structs"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple_struct map enum identifier ignored_any
    }
}

/// The structs of a tuple, each with the parameters that it names.
struct Structs<'p>(&'p mut Params);

impl<'de> SeqAccess<'de> for Structs<'_> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        seed.deserialize(Taking(self.0)).map(Some)
    }
}

struct Taken {
    rest: std::vec::IntoIter<(&'static str, String)>,
    value: Option<(&'static str, String)>,
}

impl<'de> MapAccess<'de> for Taken {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.value = self.rest.next();
        let key = |(name, _): &(&'static str, String)| {
            let name: StrDeserializer<Fault> = (*name).into_deserializer();
            seed.deserialize(name)
        };
        self.value.as_ref().map(key).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (name, text) = self.value.take().ok_or_else(|| Fault::custom("a value without a name"))?;
        seed.deserialize(Value(&text)).map_err(|fault| Fault::Problem(Box::new(fault.of(name, &text))))
    }
}

/// One parameter's text, read as what the struct wants.
struct Value<'a>(&'a str);

impl Value<'_> {
    fn parse<T: FromStr>(&self, expected: &'static str) -> Result<T, Fault> {
        self.0.parse().map_err(|_| Fault::invalid_value(Unexpected::Str(self.0), &expected))
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $expected:literal)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit(self.parse($expected)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Fault;

    parsed! {
        deserialize_bool visit_bool "true or false"
        deserialize_u8 visit_u8 "a whole number"
        deserialize_u16 visit_u16 "a whole number"
        deserialize_u32 visit_u32 "a whole number"
        deserialize_u64 visit_u64 "a whole number"
        deserialize_i64 visit_i64 "a whole number"
        deserialize_f64 visit_f64 "a number"
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let word: StrDeserializer<Fault> = self.0.into_deserializer();
        visitor.visit_enum(word)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u128 f32 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// What is wrong with a parameter, before and after its name is known.
#[derive(Debug)]
enum Fault {
    Expected { zh: String, en: String },
    OneOf(String),
    Missing(&'static str),
    Problem(Box<Problem>),
}

impl Fault {
    fn of(self, name: &str, text: &str) -> Problem {
        match self {
            Self::Expected { zh, en } => {
                Problem::parameter(name, &format!("值“{text}”不是{zh}"), &format!("{text:?} is not {en}"))
            }
            Self::OneOf(all) => Problem::parameter(
                name,
                &format!("值“{text}”不可用,可选 {all}"),
                &format!("{text:?} is not one of {all}"),
            ),
            Self::Missing(name) => Problem::parameter(name, "缺少这个参数", "is missing"),
            Self::Problem(problem) => *problem,
        }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        let en = message.to_string();
        if let Some(words) = en.strip_prefix(ONE_OF) {
            return Self::OneOf(words.to_owned());
        }
        let zh = EXPECTED.iter().find(|(word, _)| *word == en).map_or(en.clone(), |(_, zh)| (*zh).to_owned());
        Self::Expected { zh, en }
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(expected)
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::OneOf(expected.join(" | "))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::extract::values::{Word, Words, Year};
    use axum::http::StatusCode;
    use serde::Deserialize;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Number {
        One,
        Two,
    }

    impl Words for Number {
        fn words() -> Vec<(&'static str, Self)> {
            vec![("one", Self::One), ("two", Self::Two)]
        }
    }

    #[derive(Debug, Deserialize)]
    struct Wanted {
        q: String,
        year: Option<Year>,
        many: Option<bool>,
        limit: Option<u32>,
        word: Option<Word<Number>>,
    }

    #[derive(Debug, Deserialize)]
    struct Other {
        other: Option<bool>,
    }

    fn wrong(query: &str) -> String {
        let problem = Params::parse(query).unwrap().only::<Wanted>().unwrap_err();
        assert_eq!(problem.status, StatusCode::BAD_REQUEST);
        assert!(problem.detail.zh.starts_with("参数 "), "{}", problem.detail.zh);
        problem.detail.en
    }

    #[test]
    fn a_struct_reads_what_it_names_and_says_what_is_wrong_with_the_rest() {
        let read: Wanted = Params::parse("q=%E6%9D%AD&year=2025&many=true&limit=7&word=two").unwrap().only().unwrap();
        assert_eq!((read.q.as_str(), read.year, read.many, read.limit), ("杭", Some(Year(2025)), Some(true), Some(7)));
        assert!(matches!(read.word, Some(Word(Number::Two))));
        assert_eq!(wrong("q=a&year=x"), "Parameter year: \"x\" is not a year");
        assert_eq!(wrong("q=a&many=yes"), "Parameter many: \"yes\" is not true or false");
        assert_eq!(wrong("q=a&limit=-1"), "Parameter limit: \"-1\" is not a whole number");
        assert_eq!(wrong("q=a&word=three"), "Parameter word: \"three\" is not one of one | two");
        assert_eq!(wrong("year=2025"), "Parameter q: is missing");
        assert_eq!(wrong("q=a&nonsense=1"), "Parameter nonsense: no such parameter; known: q, year, many, limit, word");
    }

    #[test]
    fn what_a_struct_does_not_name_stays() {
        let mut params = Params::parse("q=a&cluster=robot").unwrap();
        params.take::<Wanted>().unwrap();
        assert_eq!(params.rest().collect::<Vec<_>>(), [("cluster", "robot")]);
    }

    #[test]
    fn a_tuple_takes_what_each_of_its_structs_names() {
        let read = Params::parse("other=true&q=a").unwrap().only::<(Wanted, Other)>().unwrap();
        assert_eq!((read.0.q.as_str(), read.1.other), ("a", Some(true)));
        let unknown = Params::parse("q=a&nonsense=1").unwrap().only::<(Wanted, Other)>().unwrap_err();
        let said = "Parameter nonsense: no such parameter; known: q, year, many, limit, word, other";
        assert_eq!(unknown.detail.en, said);
    }
}
