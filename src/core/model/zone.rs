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
        let text = text.trim();
        let marks = text.len() >= 17 && text.is_ascii() && text.as_bytes()[4] == b'-' && text.as_bytes()[13] == b':';
        let at: jiff::Timestamp = if marks { text.replace(" UTC", "Z").parse().ok()? } else { return None };
        Some(self.0.to_datetime(at).date().to_string())
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
        let there = TimeZone::of("America/New_York").unwrap();
        assert_eq!(there.day_of("2015-01-01T04:00:00Z").as_deref(), Some("2014-12-31"));
        assert!(TimeZone::of("Asia/Nowhere").is_none());
    }
}
