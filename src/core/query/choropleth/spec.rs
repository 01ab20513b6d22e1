//! The choice of what is mapped as one text: `by:revenue,as:density,cut:quantile,classes:5,ramp:blues,reversed`. What is left
//! out is as usual: counts, in at most five classes by natural breaks, in the map's own colours.

use crate::model::{Period, Text};
use std::fmt;
use std::str::FromStr;

/// More classes can't be told apart on a map.
pub const MOST_CLASSES: usize = 9;
const USUAL_CLASSES: usize = 5;

/// What zones are coloured by, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Choropleth {
    /// Id of a metric; none for the number of rows.
    pub by: Option<String>,
    /// What is made of it.
    pub measure: Measure,
    /// How values are cut into classes.
    pub cut: Cut,
    /// Classes, 2 to [`MOST_CLASSES`]; fewer where there are fewer different values.
    pub classes: usize,
    /// Name of a colour ramp; none for the map's own.
    pub ramp: Option<String>,
    /// Whether small values have the ramp's last colours.
    pub reversed: bool,
}

/// What is made of a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The figure itself.
    Value,
    /// Per square kilometre.
    Density,
    /// Percent of the whole, or of the zone above.
    Share,
    /// The class's part of the zone over its part of the whole.
    Quotient,
    /// Percent more than in an earlier period; the one before where none is named.
    Growth(Option<Period>),
    /// Divided by another metric, or by `count`.
    Per(String),
}

/// How values are cut into classes.
#[derive(Clone, Debug, PartialEq)]
pub enum Cut {
    /// Least deviation within classes (Fisher-Jenks).
    Natural,
    /// As many zones in each.
    Quantile,
    /// Steps of the same width.
    Equal,
    /// Breaks, ascending; each belongs to the class above.
    Own(Vec<f64>),
    /// By how a zone and its neighbours stand to the mean, where that is no chance (local Moran): classes and colours of its own.
    Moran,
}

impl Default for Choropleth {
    fn default() -> Self {
        Self {
            by: None,
            measure: Measure::Value,
            cut: Cut::Natural,
            classes: USUAL_CLASSES,
            ramp: None,
            reversed: false,
        }
    }
}

impl FromStr for Choropleth {
    type Err = Text;

    fn from_str(text: &str) -> Result<Self, Text> {
        let mut out = Self::default();
        let mut seen = Vec::new();
        for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let (key, value) = part.split_once(':').unwrap_or((part, ""));
            if seen.contains(&key) {
                return Err(Text::new(format!("{key} 出现了两次"), format!("{key} is given twice")));
            }
            seen.push(key);
            let word = || Some(value.to_owned()).filter(|v| !v.is_empty());
            let empty = || Text::new(format!("{key} 后缺少值"), format!("{key} needs a value"));
            match key {
                "by" => out.by = Some(word().ok_or_else(empty)?).filter(|by| by != "count"),
                "as" => out.measure = measure(value)?,
                "cut" => out.cut = cut(value)?,
                "classes" => {
                    let n = value.parse().ok().filter(|n| (2..=MOST_CLASSES).contains(n));
                    out.classes = n.ok_or_else(|| {
                        Text::new(
                            format!("classes 应为 2 到 {MOST_CLASSES} 的整数"),
                            format!("classes must be an integer from 2 to {MOST_CLASSES}"),
                        )
                    })?;
                }
                "ramp" => out.ramp = Some(word().ok_or_else(empty)?),
                "reversed" if value.is_empty() => out.reversed = true,
                _ => {
                    return Err(Text::new(
                        format!("“{part}”不可用,可用 by:、as:、cut:、classes:、ramp:、reversed"),
                        format!("{part:?} is not one of by:, as:, cut:, classes:, ramp:, reversed"),
                    ));
                }
            }
        }
        if out.cut == Cut::Moran {
            // its classes and colours are given
            out = Self { by: out.by, measure: out.measure, cut: out.cut, ..Self::default() };
        }
        Ok(out)
    }
}

fn measure(value: &str) -> Result<Measure, Text> {
    Ok(match value.split_once('/') {
        None if value == "value" => Measure::Value,
        None if value == "density" => Measure::Density,
        None if value == "share" => Measure::Share,
        None if value == "lq" => Measure::Quotient,
        None if value == "growth" => Measure::Growth(None),
        Some(("growth", since)) => Measure::Growth(Some(since.parse().map_err(|_| {
            Text::new(
                format!("“{since}”不是时期,应如 2025、2025Q3、2025-03"),
                format!("{since:?} is no period like 2025, 2025Q3, 2025-03"),
            )
        })?)),
        Some(("per", divisor)) if !divisor.is_empty() => Measure::Per(divisor.to_owned()),
        _ => {
            return Err(Text::new(
                format!("as:{value} 不可用,可选 value | density | share | lq | growth | growth/年 | per/指标"),
                format!("as:{value} is not one of value | density | share | lq | growth | growth/period | per/metric"),
            ));
        }
    })
}

fn cut(value: &str) -> Result<Cut, Text> {
    let own = |value: &str| -> Option<Vec<f64>> {
        let breaks: Vec<f64> = value.split('/').map(|b| b.parse().ok()).collect::<Option<_>>()?;
        let fit = breaks.len() < MOST_CLASSES && breaks.iter().all(|b| b.is_finite());
        (fit && breaks.is_sorted_by(|a, b| a < b)).then_some(breaks)
    };
    match value {
        "natural" => Ok(Cut::Natural),
        "quantile" => Ok(Cut::Quantile),
        "equal" => Ok(Cut::Equal),
        "moran" => Ok(Cut::Moran),
        _ => own(value).map(Cut::Own).ok_or_else(|| {
            let most = MOST_CLASSES - 1;
            Text::new(
                format!(
                    "cut:{value} 不可用,可选 natural | quantile | equal | moran,或 1 到 {most} 个由小到大、以 / 分隔的断点"
                ),
                format!("cut:{value} is not natural | quantile | equal | moran or 1 to {most} ascending breaks with / between"),
            )
        }),
    }
}

impl fmt::Display for Choropleth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.by.as_ref().map(|by| format!("by:{by}")));
        match &self.measure {
            Measure::Value => {}
            Measure::Density => parts.push("as:density".into()),
            Measure::Share => parts.push("as:share".into()),
            Measure::Quotient => parts.push("as:lq".into()),
            Measure::Growth(None) => parts.push("as:growth".into()),
            Measure::Growth(Some(since)) => parts.push(format!("as:growth/{since}")),
            Measure::Per(divisor) => parts.push(format!("as:per/{divisor}")),
        }
        match &self.cut {
            Cut::Natural => {}
            Cut::Quantile => parts.push("cut:quantile".into()),
            Cut::Equal => parts.push("cut:equal".into()),
            Cut::Moran => parts.push("cut:moran".into()),
            Cut::Own(breaks) => {
                let breaks: Vec<String> = breaks.iter().map(ToString::to_string).collect();
                parts.push(format!("cut:{}", breaks.join("/")));
            }
        }
        if self.classes != USUAL_CLASSES && !matches!(self.cut, Cut::Own(_)) {
            parts.push(format!("classes:{}", self.classes));
        }
        parts.extend(self.ramp.as_ref().map(|ramp| format!("ramp:{ramp}")));
        if self.reversed {
            parts.push("reversed".into());
        }
        f.write_str(&parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_is_read_back() {
        for text in [
            "",
            "by:revenue",
            "by:revenue,as:density,cut:quantile,classes:7,ramp:blues,reversed",
            "as:growth/2021,cut:-10/0/12.5",
            "by:revenue,as:per/employees,cut:equal",
            "as:lq,ramp:teal-brown",
            "by:revenue,as:density,cut:moran",
        ] {
            let read: Choropleth = text.parse().unwrap();
            assert_eq!(read.to_string(), text);
        }
        assert_eq!("by:count, as:value,cut:natural".parse::<Choropleth>().unwrap(), Choropleth::default());
        let moran: Choropleth = "classes:3,ramp:blues,cut:moran,reversed".parse().unwrap();
        assert_eq!(moran.to_string(), "cut:moran");
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for text in [
            "by:",
            "as:heat",
            "as:per/",
            "cut:2/1",
            "cut:1/1",
            "cut:1/2/3/4/5/6/7/8/9",
            "cut:nan",
            "classes:1",
            "classes:10",
            "reversed:no",
            "by:a,by:b",
            "colour:red",
        ] {
            assert!(text.parse::<Choropleth>().is_err(), "{text}");
        }
    }
}
