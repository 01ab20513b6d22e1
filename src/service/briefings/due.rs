//! When a briefing is due: on a day of the month at an hour, in the time zone of the dataset. The moment is given, nothing here has a clock.

use crate::core::columns::Moment;
use crate::core::model::{Period, TimeZone};
use crate::service::store::{BriefingSchedule, Due};

const HOUR: i64 = 3_600_000_000;

/// The moment of a schedule in a month, and what its briefing is about: whole days that are over. On the last day of a month that is the
/// month; on another the days up to the one before, so that the briefing of the first is about the month before.
fn of(month: Period, schedule: &BriefingSchedule, zone: &TimeZone) -> Option<Due> {
    let day = schedule
        .day
        .map_or_else(|| month.last_day(), |day| Moment::of_days(month.first_day().days() + i64::from(day) - 1));
    let at = zone.instant(&day.to_string(), i64::from(schedule.hour) * HOUR)?.div_euclid(1_000_000);
    let about = |month: Period| match schedule.day {
        None => month.last_day(),
        Some(day) => Moment::of_days(month.first_day().days() + i64::from(day) - 2),
    };
    let (until, since) = (about(month).to_string(), about(month.previous()?).to_string());
    Some(Due { period: month.to_string(), at, until, since })
}

/// The month of a moment.
fn month(now: i64, zone: &TimeZone) -> Option<Period> {
    zone.day(now as f64)?.get(..7)?.parse().ok()
}

/// The latest moment of a schedule that has come; none where there was none since it was made or changed.
pub(super) fn latest(schedule: &BriefingSchedule, now: i64, zone: &TimeZone) -> Option<Due> {
    let month = month(now, zone)?;
    let mut all = [Some(month), month.previous()].into_iter().flatten().filter_map(|month| of(month, schedule, zone));
    all.find(|due| due.at <= now).filter(|due| due.at > schedule.changed)
}

/// The next moment of a schedule: of a month that `has` no briefing yet.
pub(super) fn next(schedule: &BriefingSchedule, now: i64, zone: &TimeZone, has: impl Fn(&str) -> bool) -> Option<i64> {
    let after = |month: &Period| -> Option<Period> {
        Moment::of_days(month.last_day().days() + 1).to_string().get(..7)?.parse().ok()
    };
    let months = std::iter::successors(month(now, zone), after).take(3);
    let mut all = months.filter_map(|month| of(month, schedule, zone));
    all.find(|due| due.at > now && !has(&due.period)).map(|due| due.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model::Lang;

    fn schedule(day: Option<u8>, hour: u8) -> BriefingSchedule {
        BriefingSchedule {
            id: "a".into(),
            title: "月报".into(),
            day,
            hour,
            languages: vec![Lang::Zh],
            kind: None,
            zone: None,
            active: true,
            changed: 0,
            changed_by: "wang".into(),
        }
    }

    fn at(text: &str) -> i64 {
        TimeZone::instant_of(text).unwrap() / 1_000_000
    }

    #[test]
    fn the_moment_is_where_the_dataset_is() {
        let china = TimeZone::default();
        let first = schedule(Some(1), 8);
        let due = latest(&first, at("2026-03-01T00:00:00Z"), &china).unwrap();
        let said = |due: Due| [due.period, due.since, due.until].join(" ");
        assert_eq!((due.at, said(due)), (at("2026-03-01T08:00:00+08:00"), "2026-03 2026-01-31 2026-02-28".into()));
        // a second earlier it is the one of the month before; at midnight in China it is still February in Greenwich
        let due = latest(&first, at("2026-02-28T23:59:59Z"), &china).unwrap();
        assert_eq!(said(due), "2026-02 2025-12-31 2026-01-31");
        assert_eq!(next(&first, at("2026-02-28T23:59:59Z"), &china, |_| false), Some(at("2026-03-01T00:00:00Z")));
        assert_eq!(next(&first, at("2026-03-01T00:00:00Z"), &china, |_| false), Some(at("2026-04-01T00:00:00Z")));
        assert_eq!(
            next(&first, at("2026-03-01T00:00:00Z"), &china, |month| month == "2026-04"),
            Some(at("2026-05-01T00:00:00Z"))
        );
        let newer = BriefingSchedule { changed: at("2026-03-01T00:00:00Z"), ..first };
        assert_eq!(latest(&newer, at("2026-03-05T00:00:00Z"), &china), None, "it was made later");
    }

    #[test]
    fn the_last_day_is_that_of_the_month_also_in_a_leap_year_and_where_summer_time_begins() {
        let china = TimeZone::default();
        for (now, expected) in [
            ("2028-03-01T00:00:00+08:00", "2028-02 2028-01-31 2028-02-29"),
            ("2027-03-01T00:00:00+08:00", "2027-02 2027-01-31 2027-02-28"),
            ("2027-12-31T20:00:00+08:00", "2027-12 2027-11-30 2027-12-31"),
            ("2027-12-31T19:59:59+08:00", "2027-11 2027-10-31 2027-11-30"),
        ] {
            let due = latest(&schedule(None, 20), at(now), &china).unwrap();
            assert_eq!([due.period, due.since, due.until].join(" "), expected, "{now}");
        }
        // an hour that summer time leaves out is taken an hour later
        let there = TimeZone::of("America/New_York").unwrap();
        let due = latest(&schedule(Some(8), 2), at("2026-03-20T00:00:00Z"), &there).unwrap();
        assert_eq!((due.at, &due.until[..]), (at("2026-03-08T03:00:00-04:00"), "2026-03-07"));
    }
}
