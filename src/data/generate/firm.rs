//! The figures of one made-up enterprise: size, founding year, revenue and staff that fit together.

use super::chance::Chance;

/// First of the years that the register tells of.
pub(super) const FIRST_YEAR: u16 = 2020;
/// How many years it tells of.
pub(super) const YEARS: usize = 6;
/// Revenue in hundredths of 万元 from which an enterprise counts as 规上.
const ABOVE_SCALE: i64 = 2000 * 100;

/// Figures of an enterprise.
pub(super) struct Firm {
    pub(super) founded: u16,
    pub(super) size: &'static str,
    pub(super) above_scale: bool,
    /// Hundredths of 万元, by year.
    pub(super) revenue: [Option<i64>; YEARS],
    /// Staff, by year.
    pub(super) employees: [Option<i64>; YEARS],
}

impl Firm {
    /// An enterprise; about one in twenty has not reported its revenue.
    pub(super) fn new(chance: &mut Chance) -> Self {
        let staff = chance.spread(18.0, 1.25).round().clamp(1.0, 30_000.0);
        let turnover = (staff * chance.spread(45.0, 0.6) * 100.0).round();
        let founded = FIRST_YEAR + 4 - (28.0 * chance.unit() * chance.unit()) as u16;
        let reports = !chance.hit(0.05);
        let mut firm = Self {
            founded,
            size: size_class(staff as i64, turnover as i64),
            above_scale: turnover as i64 >= ABOVE_SCALE,
            revenue: [None; YEARS],
            employees: [None; YEARS],
        };
        let (mut staff, mut turnover) = (staff, turnover);
        for i in (0..YEARS).rev().take_while(|i| FIRST_YEAR + *i as u16 >= founded) {
            firm.revenue[i] = reports.then_some(turnover as i64);
            firm.employees[i] = Some(staff as i64);
            turnover = (turnover / (1.0 + (0.12 + 0.12 * chance.normal()).clamp(-0.3, 0.6))).round().max(1.0);
            staff = (staff / (1.0 + (0.06 + 0.08 * chance.normal()).clamp(-0.2, 0.4))).round().max(1.0);
        }
        firm
    }
}

/// The class by the limits for software and information services (国统字〔2017〕213号): both limits must be met.
fn size_class(staff: i64, revenue: i64) -> &'static str {
    match (staff, revenue / 100) {
        (300.., 10_000..) => "large",
        (100.., 1_000..) => "medium",
        (10.., 50..) => "small",
        _ => "micro",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_fit_together() {
        let mut chance = Chance::new(3);
        let (mut classes, mut silent) = (std::collections::BTreeMap::new(), 0);
        for _ in 0..20_000 {
            let firm = Firm::new(&mut chance);
            *classes.entry(firm.size).or_insert(0) += 1;
            assert!((1990..=2024).contains(&firm.founded));
            for (i, staff) in firm.employees.iter().enumerate() {
                assert_eq!(staff.is_some(), FIRST_YEAR + i as u16 >= firm.founded);
            }
            match firm.revenue[YEARS - 1] {
                None => silent += 1,
                Some(latest) => {
                    assert_eq!(firm.above_scale, latest >= ABOVE_SCALE);
                    assert_eq!(firm.size, size_class(firm.employees[YEARS - 1].unwrap_or(0), latest));
                }
            }
        }
        assert!((850..1150).contains(&silent), "{silent}");
        assert!(classes.values().all(|n| *n > 100) && classes.len() == 4, "{classes:?}");
    }
}
