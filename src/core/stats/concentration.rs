//! How concentrated, how diverse, how unlike the whole: closed forms on shares.
//!
//! Shares are of anything that adds up (rows, employees, revenue). A sum of nothing gives `None`.

/// Zones by classes: a row for each zone, a column for each class, all alike in length.
pub type Table = Vec<Vec<f64>>;

fn shares(values: &[f64]) -> Option<Vec<f64>> {
    let sum: f64 = values.iter().sum();
    (sum > 0.0).then(|| values.iter().map(|v| v / sum).collect())
}

/// Sums of the columns of a table.
fn columns(table: &[Vec<f64>]) -> Vec<f64> {
    let width = table.first().map_or(0, Vec::len);
    (0..width).map(|column| table.iter().map(|row| row[column]).sum()).collect()
}

fn column(table: &[Vec<f64>], place: usize) -> Vec<f64> {
    table.iter().map(|row| row[place]).collect()
}

/// Herfindahl-Hirschman index: the sum of squared shares, 1 / n of n equal ones to 1 of one alone (Herfindahl 1950, Hirschman
/// 1945). Of the classes of a zone it is the mix of classes; of its firms it is how much lies with the largest.
pub fn hhi(values: &[f64]) -> Option<f64> {
    Some(shares(values)?.iter().map(|s| s * s).sum())
}

/// Entropy of Shannon (1948) in nats, 0 of one alone to ln n of n equal ones.
pub fn entropy(values: &[f64]) -> Option<f64> {
    // of one alone it would be zero below zero
    Some(0.0 - shares(values)?.iter().filter(|s| **s > 0.0).map(|s| s * s.ln()).sum::<f64>())
}

/// Gini coefficient of the values, 0 for equal ones to 1 - 1 / n (Gini 1912).
pub fn gini(values: &[f64]) -> Option<f64> {
    let sum: f64 = values.iter().sum();
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let ranked: f64 = sorted.iter().enumerate().map(|(i, v)| (2.0 * (i + 1) as f64 - n - 1.0) * v).sum();
    (sum > 0.0).then(|| ranked / (n * sum))
}

/// Theil's T (1967) of positive values in groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theil {
    /// Inequality between the means of the groups.
    pub between: f64,
    /// Inequality inside them; the two are the whole.
    pub within: f64,
}

/// Inequality of values between and inside groups; values that are not above 0 are left out.
pub fn theil(values: &[f64], groups: &[usize]) -> Option<Theil> {
    let known: Vec<(f64, usize)> =
        values.iter().copied().zip(groups.iter().copied()).filter(|(v, _)| *v > 0.0).collect();
    let (n, sum) = (known.len() as f64, known.iter().map(|(v, _)| v).sum::<f64>());
    if known.is_empty() {
        return None;
    }
    let whole: f64 = known.iter().map(|(v, _)| v / sum * (n * v / sum).ln()).sum();
    let mut of = vec![(0.0, 0.0); known.iter().map(|(_, group)| group + 1).max().unwrap_or(0)];
    known.iter().for_each(|(v, group)| of[*group] = (of[*group].0 + v, of[*group].1 + 1.0));
    let part = |(v, number): &(f64, f64)| if *v > 0.0 { v / sum * (v / sum / (number / n)).ln() } else { 0.0 };
    let between: f64 = of.iter().map(part).sum();
    Some(Theil { between, within: whole - between })
}

/// Specialisation index of Krugman (1991) of each zone: the sum of the differences of its shares from those of all, 0 for the same
/// mix to nearly 2. Of an empty zone `None`.
pub fn krugman(table: &[Vec<f64>]) -> Vec<Option<f64>> {
    let Some(all) = shares(&columns(table)) else { return vec![None; table.len()] };
    table.iter().map(|row| Some(shares(row)?.iter().zip(&all).map(|(s, a)| (s - a).abs()).sum())).collect()
}

/// Locational Gini coefficient of each class: how unlike all classes it is spread over the zones, 0 for alike (Krugman 1991).
/// It grows when few firms make up a class, even if these stand anywhere: see [`ellison_glaeser`].
pub fn locational_gini(table: &[Vec<f64>]) -> Vec<Option<f64>> {
    let zones = shares(&table.iter().map(|row| row.iter().sum()).collect::<Vec<f64>>());
    let of = |place: usize| {
        let (zones, class) = (zones.as_ref()?, shares(&column(table, place))?);
        let mut pairs: Vec<(f64, f64)> =
            class.into_iter().zip(zones.iter().copied()).filter(|(_, y)| *y > 0.0).collect();
        pairs.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
        let (mut below, mut area) = (0.0, 0.0);
        for (x, y) in pairs {
            area += (2.0 * below + x) * y;
            below += x;
        }
        Some(1.0 - area)
    };
    (0..table.first().map_or(0, Vec::len)).map(of).collect()
}

/// How much closer together the firms of a class stand than chance would place them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agglomeration {
    /// Gamma of Ellison and Glaeser (1997): 0 where firms choose as if alone; above 0.05 is called highly concentrated.
    pub gamma: f64,
    /// The index of Maurel and Sedillot (1999): the same question, by the chance that two firms of the class share a zone. It
    /// weighs the large zones more: where a class concentrates in a zone that is large anyway gamma is small and this is large, and
    /// where it stays out of a large zone they can differ in sign.
    pub maurel_sedillot: f64,
    /// Herfindahl index of the class's firms.
    pub firms: f64,
}

/// Agglomeration of a class over zones: `zones` has the sum of all classes by zone, `class` that of the class, `firms` is the
/// [`hhi`] of the values of its firms. `None` where there are fewer than two firms or zones.
pub fn ellison_glaeser(zones: &[f64], class: &[f64], firms: f64) -> Option<Agglomeration> {
    let (all, own) = (shares(zones)?, shares(class)?);
    let spread: f64 = all.iter().map(|x| x * x).sum();
    let room = 1.0 - spread;
    if room <= 0.0 || firms >= 1.0 {
        return None;
    }
    let uneven: f64 = own.iter().zip(&all).map(|(s, x)| (s - x) * (s - x)).sum();
    let squares: f64 = own.iter().map(|s| s * s).sum();
    Some(Agglomeration {
        gamma: (uneven - room * firms) / (room * (1.0 - firms)),
        maurel_sedillot: ((squares - spread) / room - firms) / (1.0 - firms),
        firms,
    })
}

/// How much two classes share their zones (Ellison, Glaeser and Kerr 2010), for each pair: above 0 where they are both strong in the
/// same zones, below where one avoids those of the other; 0 of classes that are spread without regard to each other. It grows
/// with few large zones: compare pairs of one table, not tables. `None` where a class is nowhere, or in one zone.
pub fn coagglomeration(table: &[Vec<f64>]) -> Vec<Vec<Option<f64>>> {
    let width = table.first().map_or(0, Vec::len);
    let classes: Vec<Option<Vec<f64>>> = (0..width).map(|place| shares(&column(table, place))).collect();
    let zones = shares(&table.iter().map(|row| row.iter().sum()).collect::<Vec<f64>>());
    let room = zones.as_ref().map(|zones| 1.0 - zones.iter().map(|x| x * x).sum::<f64>()).filter(|room| *room > 0.0);
    let pair = |a: usize, b: usize| {
        let (zones, room) = (zones.as_ref()?, room?);
        let both = classes[a].as_ref()?.iter().zip(classes[b].as_ref()?).zip(zones);
        Some(both.map(|((a, b), x)| (a - x) * (b - x)).sum::<f64>() / room)
    };
    (0..width).map(|a| (0..width).map(|b| if a == b { None } else { pair(a, b) }).collect()).collect()
}
