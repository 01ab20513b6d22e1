//! Many tests at once: which of them are still significant.

use crate::cancel;

/// Adjusted p-values by which at most a share of what is called significant is so by chance: the step-up procedure of
/// Benjamini and Hochberg (1995), over all tests that have a p-value. A test is significant at a rate `r` of false
/// discoveries where its adjusted value is at most `r`. Tests of counts that share a whole depend on one another only weakly
/// and mostly in the way under which the procedure holds (Benjamini and Yekutieli 2001).
///
/// In the order given; `None` stays `None` and does not count among the tests.
pub fn adjusted(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut order: Vec<usize> = (0..p.len()).filter(|i| p[*i].is_some()).collect();
    order.sort_by(cancel::ordered(|a: &usize, b: &usize| p[*a].unwrap_or(1.0).total_cmp(&p[*b].unwrap_or(1.0))));
    let tests = order.len() as f64;
    let mut out = vec![None; p.len()];
    let mut least = 1.0_f64;
    for (rank, test) in order.iter().enumerate().rev() {
        least = least.min(p[*test].unwrap_or(1.0) * tests / (rank + 1) as f64);
        out[*test] = Some(least);
    }
    out
}
