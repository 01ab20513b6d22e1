//! What a plan sets out to do, item by item: read from the plan's own terms, whose member `tracked` says which of its lists are followed.

use super::{Period, RatioPart, Text};
use crate::columns::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

/// The items of a plan that are followed.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackedPlan {
    /// Title of the plan.
    pub title: Text,
    /// What its file says of itself: where the words are from, what is not known.
    pub note: Text,
    /// The kinds of items, in their order.
    pub lists: Vec<TrackedList>,
    /// The items, list by list.
    pub items: Vec<PlanItem>,
}

/// A list of the plan that is followed: a kind of items.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TrackedList {
    /// The member of the plan that holds the items.
    pub list: String,
    /// What one of them is called.
    pub title: Text,
}

/// An item: a measure, a guarantee, a target, a platform, as the plan has them.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanItem {
    /// Its list and its code with a point between: `measures.layout`.
    pub id: String,
    /// Its list.
    pub list: String,
    /// What it says.
    pub title: Text,
    /// Who is responsible, where the plan says it.
    pub department: Option<Text>,
    /// When it is due, where the plan says it: a day, or a period at whose end.
    pub deadline: Option<Deadline>,
    /// The indicator by which it is measured.
    pub indicator: Option<String>,
    /// The metric of a table by which it is measured.
    pub metric: Option<RatioPart>,
    /// The zone whose figures these are; the whole where it is not said.
    pub zone: Option<String>,
    /// What it acts on.
    pub acts_on: Vec<ActsOn>,
    /// Remarks.
    pub note: Option<Text>,
}

/// What an item acts on: a zone, a feature or all of a collection, a class of a table, another item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ActsOn {
    /// Id of a zone.
    pub zone: Option<String>,
    /// Id of a collection; alone it means all of it.
    pub collection: Option<String>,
    /// Id of a feature of the collection.
    pub feature: Option<String>,
    /// Code of a class of the collection, or of the main table where no collection is named.
    pub class: Option<String>,
    /// Id of another item.
    pub item: Option<String>,
}

impl ActsOn {
    /// Whether it names one thing.
    pub fn is_one(&self) -> bool {
        let [zone, collection, feature, class, item] =
            [&self.zone, &self.collection, &self.feature, &self.class, &self.item].map(Option::is_some);
        matches!(
            (zone, collection, feature, class, item),
            (true, false, false, false, false)
                | (false, true, _, false, false)
                | (false, _, false, true, false)
                | (false, false, false, false, true)
        )
    }
}

/// When something is due: `2025-12-31`, or at the end of `2025`, `2025Q3` or `2025-06`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    text: String,
    last: String,
}

/// A text that is no deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no deadline: a day (2025-12-31), a year (2025), a quarter (2025Q3) or a month (2025-06) is")]
pub struct NoDeadline;

impl Deadline {
    /// The last day that is in time, `YYYY-MM-DD`.
    pub fn last_day(&self) -> &str {
        &self.last
    }
}

impl FromStr for Deadline {
    type Err = NoDeadline;

    fn from_str(text: &str) -> Result<Self, NoDeadline> {
        // beyond these no text has four digits of a year, and days would not be in the order of their texts
        let usual = |year: u16| (1000..=9999).contains(&year);
        let last = match Moment::date(text) {
            Some(day) => Some(day.to_string()).filter(|_| text.len() == 10 && !text.starts_with('0')),
            None => text.parse::<Period>().ok().filter(|p| usual(p.year())).map(|p| p.last_day().to_string()),
        };
        Ok(Self { text: text.to_owned(), last: last.ok_or(NoDeadline)? })
    }
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Deadline {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Deadline {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A half of a year: `2026H1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HalfYear {
    year: u16,
    second: bool,
}

/// A text that is no half of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no half of a year: 2026H1 or 2026H2 is")]
pub struct NoHalfYear;

impl HalfYear {
    /// The half of a day `YYYY-MM-DD`.
    pub fn of(day: &str) -> Option<Self> {
        Moment::date(day)?;
        let (year, rest) = day.split_once('-')?;
        Some(Self { year: year.parse().ok()?, second: rest.get(..2)? > "06" })
    }

    /// Its first day.
    pub fn first_day(self) -> String {
        format!("{:04}-{}", self.year, if self.second { "07-01" } else { "01-01" })
    }

    /// Its last day.
    pub fn last_day(self) -> String {
        format!("{:04}-{}", self.year, if self.second { "12-31" } else { "06-30" })
    }

    /// It in words.
    pub fn words(self) -> Text {
        let (zh, en) = if self.second { ("下半年", "second half") } else { ("上半年", "first half") };
        Text::new(format!("{} 年{zh}", self.year), format!("{en} of {}", self.year))
    }
}

impl fmt::Display for HalfYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}H{}", self.year, if self.second { 2 } else { 1 })
    }
}

impl FromStr for HalfYear {
    type Err = NoHalfYear;

    fn from_str(text: &str) -> Result<Self, NoHalfYear> {
        let (year, half) = text.split_once('H').filter(|(year, _)| year.len() == 4).ok_or(NoHalfYear)?;
        let year = year.parse().ok().filter(|year| (1000..=9999).contains(year)).ok_or(NoHalfYear)?;
        match half {
            "1" => Ok(Self { year, second: false }),
            "2" => Ok(Self { year, second: true }),
            _ => Err(NoHalfYear),
        }
    }
}

/// Why the items of a plan can't be read: the member that is meant, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFault {
    /// The member, as `measures[2].deadline`.
    pub member: String,
    /// What is wrong.
    pub said: Text,
}

/// An entry of a list, as far as it is read; a plan says more of it in its own words.
#[derive(Deserialize)]
struct Entry {
    code: String,
    zh: String,
    #[serde(default)]
    en: Option<String>,
    #[serde(default)]
    department: Option<Text>,
    #[serde(default)]
    deadline: Option<Deadline>,
    #[serde(default)]
    year: Option<u16>,
    #[serde(default)]
    indicator: Option<String>,
    #[serde(default)]
    metric: Option<RatioPart>,
    #[serde(default)]
    zone: Option<String>,
    #[serde(default)]
    acts_on: Vec<ActsOn>,
    #[serde(default)]
    note: Option<Text>,
}

impl TrackedPlan {
    /// The items of a plan; none where it says of no list that it is followed.
    pub fn of(plan: &Value) -> Result<Option<Self>, PlanFault> {
        let fault = |member: String, e: &dyn fmt::Display| PlanFault { member, said: Text::same(e) };
        let Some(tracked) = plan.get("tracked") else { return Ok(None) };
        let lists = Vec::<TrackedList>::deserialize(tracked).map_err(|e| fault("tracked".to_owned(), &e))?;
        let text = |name: &str| plan.get(name).and_then(|v| Text::deserialize(v).ok()).unwrap_or_default();
        let (mut items, mut ids) = (Vec::new(), HashSet::new());
        for list in &lists {
            let entries = plan.get(&list.list).and_then(Value::as_array).ok_or_else(|| PlanFault {
                member: format!("tracked.{}", list.list),
                said: Text::new("规划文件里没有这个清单", "the plan has no such list"),
            })?;
            for (place, entry) in entries.iter().enumerate() {
                let member = format!("{}[{place}]", list.list);
                let entry = Entry::deserialize(entry).map_err(|e| fault(member.clone(), &e))?;
                let id = format!("{}.{}", list.list, entry.code);
                let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
                if entry.code.is_empty() || !id.chars().all(plain) || !ids.insert(id.clone()) {
                    let said = Text::new(
                        "code 应为 ASCII 字母、数字和 - _ .,同一清单中不重复",
                        "code is ASCII letters, digits and - _ ., each once in a list",
                    );
                    return Err(PlanFault { member, said });
                }
                if entry.acts_on.iter().any(|one| !one.is_one()) {
                    let said = Text::new(
                        "acts_on 每项应为 zone、collection(可加 feature 或 class)、class、item 之一",
                        "each of acts_on is one of zone, collection (perhaps with feature or class), class and item",
                    );
                    return Err(PlanFault { member, said });
                }
                let by_year = entry.year.and_then(|year| year.to_string().parse().ok());
                let en = entry.en.unwrap_or_else(|| entry.zh.clone());
                items.push(PlanItem {
                    id,
                    list: list.list.clone(),
                    title: Text { zh: entry.zh, en },
                    department: entry.department,
                    deadline: entry.deadline.or(by_year),
                    indicator: entry.indicator,
                    metric: entry.metric,
                    zone: entry.zone,
                    acts_on: entry.acts_on,
                    note: entry.note,
                });
            }
        }
        Ok(Some(Self { title: text("title"), note: text("note"), lists, items }))
    }

    /// The item of this id.
    pub fn item(&self, id: &str) -> Option<&PlanItem> {
        self.items.iter().find(|item| item.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_deadline_is_a_day_or_the_end_of_a_period() {
        for (text, last) in
            [("2025", "2025-12-31"), ("2025Q3", "2025-09-30"), ("2024-02", "2024-02-29"), ("2025-06-15", "2025-06-15")]
        {
            let read: Deadline = text.parse().unwrap();
            assert_eq!((read.last_day(), read.to_string().as_str()), (last, text));
        }
        for text in ["", "soon", "2025-13", "2025-02-30", "25", "0999"] {
            assert_eq!(text.parse::<Deadline>(), Err(NoDeadline), "{text}");
        }
    }

    #[test]
    fn halves_of_a_year_are_read_as_they_are_written() {
        for (day, text) in [("2026-06-30", "2026H1"), ("2026-07-01", "2026H2"), ("2026-01-01", "2026H1")] {
            let half = HalfYear::of(day).unwrap();
            assert_eq!((half.to_string().as_str(), text.parse()), (text, Ok(half)));
            assert!((half.first_day()..=half.last_day()).contains(&day.to_owned()));
        }
        assert_eq!(HalfYear::of("2026-07"), None);
        assert!(["2026", "2026H3", "26H1", "H1"].iter().all(|text| text.parse::<HalfYear>().is_err()));
    }

    #[test]
    fn only_lists_that_are_named_are_followed_and_what_they_do_not_say_is_unknown() {
        let plan = json!({"title": "P", "tracked": [{"list": "aims", "title": "aim"}], "aims": [
            {"code": "a", "zh": "一"},
            {"code": "b", "zh": "二", "en": "two", "year": 2025, "department": "D", "acts_on": [{"class": "x"}], "more": 7}
        ], "others": [{"code": "a", "zh": "三"}]});
        let read = TrackedPlan::of(&plan).unwrap().unwrap();
        assert_eq!(read.items.iter().map(|i| i.id.as_str()).collect::<Vec<_>>(), ["aims.a", "aims.b"]);
        let [a, b] = [&read.items[0], &read.items[1]];
        assert_eq!((&a.department, &a.deadline, a.title.en.as_str()), (&None, &None, "一"));
        assert_eq!(b.deadline.as_ref().unwrap().last_day(), "2025-12-31");
        assert_eq!(TrackedPlan::of(&json!({"title": "P"})).unwrap(), None);
    }

    #[test]
    fn a_fault_names_its_member() {
        let of = |tracked: Value, aims: Value| {
            TrackedPlan::of(&json!({"tracked": tracked, "aims": aims})).unwrap_err().member
        };
        let lists = json!([{"list": "aims", "title": "aim"}]);
        assert_eq!(of(json!("aims"), json!([])), "tracked");
        assert_eq!(of(json!([{"list": "goals", "title": "goal"}]), json!([])), "tracked.goals");
        for entry in [
            json!({"zh": "no code"}),
            json!({"code": "a b", "zh": ""}),
            json!({"code": "a", "zh": "", "deadline": "soon"}),
            json!({"code": "a", "zh": "", "acts_on": [{"zone": "1", "class": "x"}]}),
            json!({"code": "a", "zh": "", "acts_on": [{"feature": "x"}]}),
        ] {
            assert_eq!(of(lists.clone(), json!([{"code": "first", "zh": ""}, entry])), "aims[1]");
        }
    }
}
