//! The time zone of a dataset: which day an instant is.

/// A time zone of the IANA database.
#[derive(Clone, Debug)]
pub struct TimeZone(jiff::tz::TimeZone);

impl TimeZone {
    /// Where a dataset does not say: that of all of China.
    pub const USUAL: &'static str = "Asia/Shanghai";

    /// The zone of this name, e.g. `Asia/Shanghai`.
    pub fn of(name: &str) -> Option<Self> {
        jiff::tz::db().get(name).ok().map(Self)
    }

    /// The day of an instant, as `YYYY-MM-DD`: seconds since 1970 in UTC.
    pub fn day(&self, seconds: f64) -> Option<String> {
        let at = jiff::Timestamp::from_second(seconds.floor() as i64).ok()?;
        Some(self.0.to_datetime(at).date().to_string())
    }

    /// The day of a text that names an instant with its offset, such as `2014-12-31T16:00:00Z`; `None` for other texts.
    pub fn day_of(&self, text: &str) -> Option<String> {
        Some(self.0.to_datetime(Self::zoned(text)?).date().to_string())
    }

    /// The instant of a time of a day, in microseconds since 1970 in UTC: the day as `YYYY-MM-DD`, the time in microseconds
    /// since midnight. A time that summer time leaves out is taken an hour later, one that comes twice as the first.
    pub fn instant(&self, day: &str, micros: i64) -> Option<i64> {
        let day: jiff::civil::Date = day.parse().ok()?;
        let at = day
            .to_datetime(jiff::civil::Time::midnight())
            .checked_add(jiff::SignedDuration::from_micros(micros))
            .ok()?;
        Some(self.0.to_ambiguous_timestamp(at).compatible().ok()?.as_microsecond())
    }

    /// The instant of a text that names one with its offset; `None` for other texts.
    pub fn instant_of(text: &str) -> Option<i64> {
        Self::zoned(text).map(jiff::Timestamp::as_microsecond)
    }

    fn zoned(text: &str) -> Option<jiff::Timestamp> {
        let text = text.trim();
        let marks = text.len() >= 17 && text.is_ascii() && text.as_bytes()[4] == b'-' && text.as_bytes()[13] == b':';
        if marks { text.replace(" UTC", "Z").parse().ok() } else { None }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl Default for TimeZone {
    fn default() -> Self {
        Self::of(Self::USUAL).unwrap_or(Self(jiff::tz::TimeZone::UTC))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_of_one_day_in_a_zone() {
        let china = TimeZone::default();
        assert_eq!(china.day_of("2014-12-31T16:00:00Z").as_deref(), Some("2015-01-01"));
        assert_eq!(china.day_of("2014-12-31 16:00:00.000+00:00").as_deref(), Some("2015-01-01"));
        assert_eq!(china.day_of("2015-01-01T00:00:00+08:00").as_deref(), Some("2015-01-01"));
        assert_eq!(china.day_of("2014-12-31T16:00Z").as_deref(), Some("2015-01-01"));
        assert_eq!(china.day(1_420_041_600.0).as_deref(), Some("2015-01-01"));
        // summer time of 1988: midnight was 15:00 in UTC
        assert_eq!(china.day_of("1988-06-30T15:00:00Z").as_deref(), Some("1988-07-01"));
        assert_eq!(china.day_of("2015-01-01T00:00:00"), None);
        assert_eq!(china.day_of("2015-01-01"), None);
        let micros = |text: &str| Some(text.parse::<jiff::Timestamp>().unwrap().as_microsecond());
        assert_eq!(china.instant("2021-04-09", 30_600_000_000), micros("2021-04-09T00:30:00Z"));
        assert_eq!(TimeZone::instant_of("2021-04-09 08:30:00+08:00"), micros("2021-04-09T00:30:00Z"));
        assert_eq!((china.instant("2021-02-30", 0), TimeZone::instant_of("2021-04-09T08:30:00")), (None, None));
        let there = TimeZone::of("America/New_York").unwrap();
        assert_eq!(there.day_of("2015-01-01T04:00:00Z").as_deref(), Some("2014-12-31"));
        assert!(TimeZone::of("Asia/Nowhere").is_none());
    }
}
