//! The restricted figures of a snapshot as readers may use them who may not see single rows: whose noise it is, what it is
//! calibrated to, and what a part of the city shares with the whole.

use super::prepared::Snapshot;
use super::protection::{Noise, NoiseKey, PASSES, Protected, integers, is_near_unique};
use super::validity::Span;
use crate::columns::{Bitmap, Runs};
use crate::filter::Filter;
use crate::model::{DisclosureRules, MetricKind, Period};
use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher24;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;
use std::sync::Arc;

impl Snapshot {
    /// Says from which secret the noise in restricted figures follows, before they are first requested. Without one it
    /// follows from the figures themselves, and so changes with each of them.
    pub fn set_noise_key(&self, key: NoiseKey) {
        // a second key would give a second noise, and the mean of both
        self.all().for_each(|table| _ = table.protection.key.get_or_init(|| key));
    }

    /// The snapshot that this one is a part of.
    pub(crate) fn whole(&self) -> Option<&Arc<Self>> {
        self.whole.as_ref()
    }

    /// The rules of the manifest.
    pub(crate) fn rules(&self) -> DisclosureRules {
        let spec = self.register().and_then(|(layer, _)| layer.spec.register.as_ref());
        spec.map_or_else(DisclosureRules::default, |r| r.disclosure)
    }

    /// Whether a filter of the register has a condition on the feature's id, or on texts of which each stands for fewer
    /// enterprises, in the mean, than a sum needs: names, addresses, numbers of registration.
    pub(crate) fn is_identifying(&self, filter: &Filter) -> bool {
        self.register.is_some()
            && (filter.mentions_id() || filter.properties().any(|property| self.is_near_unique(property)))
    }

    /// The same of a property of the register, by its place in the schema.
    fn is_near_unique(&self, property: usize) -> bool {
        let known = self.register().zip(self.protection.near_unique.get(property));
        known.is_some_and(|((layer, _), known)| {
            *known.get_or_init(|| is_near_unique(&layer.table.columns[property], self.rules().minimum))
        })
    }

    /// The protected figures of a restricted metric in a period.
    pub(crate) fn protected(&self, metric: usize, period: Period) -> Option<&Protected> {
        let own = self.register()?.1.metrics.get(metric)?;
        // the figures of a moment are those of the shorter period that ends with it
        let period = if own.kind == MetricKind::Stock { *own.made_of(period).first()? } else { period };
        let figure = self.protection.figures.get(metric)?.get(&period)?;
        Some(figure.get_or_init(|| self.protect(metric, period).unwrap_or_default()))
    }

    /// Makes the protected figures of every restricted metric and period, the newest first, and looks which properties name
    /// single enterprises: where readers get protected sums, so that the first of them need not wait. They take as much memory
    /// as the columns that they are made of. To be called after the noise key is set.
    pub fn warm_protected(&self) {
        self.all().for_each(|table| table.warm_own());
    }

    fn warm_own(&self) {
        let figures = &self.protection.figures;
        let periods: BTreeSet<Period> = figures.iter().flat_map(BTreeMap::keys).copied().collect();
        for period in periods.into_iter().rev() {
            for metric in 0..figures.len() {
                self.protected(metric, period);
            }
        }
        (0..self.protection.near_unique.len()).for_each(|property| {
            self.is_near_unique(property);
        });
    }

    /// How many figures (a restricted metric in a period) are protected already, and how many there are.
    pub fn protected_figures(&self) -> (usize, usize) {
        self.all().fold((0, 0), |(made, there_are), table| {
            let all = || table.protection.figures.iter().flat_map(BTreeMap::values);
            (made + all().filter(|figure| figure.get().is_some()).count(), there_are + all().count())
        })
    }

    fn protect(&self, metric: usize, period: Period) -> Option<Protected> {
        let (layer, register) = self.register()?;
        let own = &register.metrics[metric];
        let column = own.figures(&layer.table, Some(period))?;
        if let Some(whole) = self.whole() {
            let (of, _) = whole.register()?;
            let figures = whole.protected(metric, period)?;
            let value = |row: usize| of.row(layer.table.ids.value(row)).map_or(0, |row| figures.digits.get(row));
            let digits = (0..layer.len()).map(value).collect();
            return Some(Protected { digits, error_percent: figures.error_percent });
        }
        let (digits, valid) = integers(column)?;
        let key = *self.protection.key.get_or_init(|| self.key_of_figures());
        let id = &own.id;
        let record_key = |row: usize| {
            let mut hash = SipHasher24::new_with_key(&key);
            hash.write(id.as_bytes());
            hash.write_u8(0xff);
            hash.write(layer.table.ids.value(row).as_bytes());
            hash.finish()
        };
        let rows: Vec<u32> =
            (0..layer.len() as u32).filter(|row| valid.is_none_or(|v| v.contains(*row as usize))).collect();
        let values: Vec<f64> = (0..layer.len()).map(|row| digits.get(row) as f64).collect();
        let mut noise = Noise::new(self.rules(), &values, &rows, record_key);
        let margin = |rows| noise.margin(rows, &register.cluster_of, register.clusters + 1);
        // sums are of the rows that are there at the end of the period
        let mut there = Bitmap::of_rows(layer.len(), &rows);
        if let Some(valid) = &register.valid {
            valid.keep(Span::end_of(period), 0, &mut there);
        }
        let (zones, totals) = self.margins(&there);
        let (zones, totals): (Vec<_>, Vec<_>) =
            (zones.into_iter().map(margin).collect(), totals.into_iter().map(margin).collect());
        let parts = own.made_of(period);
        let digits = if parts.len() > 1 {
            // sums of protected figures, so that a year tells no more than its quarters
            let parts: Option<Vec<&Protected>> = parts.iter().map(|part| self.protected(metric, *part)).collect();
            let parts = parts?;
            let has = |row: usize| valid.is_none_or(|v| v.contains(row));
            let sum = |row: usize| parts.iter().fold(0_i64, |sum, part| sum.saturating_add(part.digits.get(row)));
            (0..layer.len()).map(|row| if has(row) { sum(row) } else { 0 }).collect()
        } else {
            for _ in 0..PASSES {
                zones.iter().chain(&totals).for_each(|margin| noise.calibrate(margin, &register.cluster_of));
            }
            noise.rounded(&rows)
        };
        let errors = totals.iter().filter_map(|margin| Noise::error_percent(margin, &digits));
        let error_percent = errors.fold(0.0, f64::max);
        Some(Protected { digits, error_percent })
    }

    /// Rows that have a value and are there: of each zone that is no district, those that may overlap first, then the lowest level first;
    /// then of all, and of the districts. What is calibrated last is nearest to its total.
    fn margins(&self, reported: &Bitmap) -> (Vec<Vec<u32>>, Vec<Vec<u32>>) {
        let of = |members: &Runs| -> Vec<u32> {
            members.iter().filter(|row| reported.contains(*row)).map(|row| row as u32).collect()
        };
        let (mut zones, mut totals) = (Vec::new(), vec![reported.iter().map(|row| row as u32).collect()]);
        let mut order: Vec<_> = self.zones.list.iter().collect();
        order.sort_by_key(|zone| {
            let kind = &self.zones.kinds[zone.kind];
            (kind.partition, std::cmp::Reverse(if kind.partition { kind.level } else { 0 }))
        });
        for zone in order {
            let own = Some(zone.kind) == self.zones.district_kind();
            if own { &mut totals } else { &mut zones }.push(of(&zone.members));
        }
        (zones, totals)
    }

    /// A secret that who does not see the restricted figures cannot know.
    fn key_of_figures(&self) -> NoiseKey {
        let mut hash = Sha256::new();
        if let Some((layer, register)) = self.register() {
            let columns = register.metrics.iter().filter(|m| m.restricted).flat_map(|m| m.columns.values());
            for (digits, _) in columns.filter_map(|c| integers(&layer.table.columns[*c])) {
                (0..digits.len()).for_each(|row| hash.update(digits.get(row).to_le_bytes()));
            }
        }
        let digest = hash.finalize();
        std::array::from_fn(|i| digest[i])
    }
}
