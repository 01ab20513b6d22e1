//! The schema of the data folder's file, as the steps that lead to it, one after the other.
//!
//! A new table, or a change to one, is a new file at the end of the list. A step that has been released is never edited
//! (a test keeps its digest): files out there have it behind them. A mistake in a step is mended by the next.

/// One step forward, run once, in a transaction of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// File it stands in.
    pub(super) name: &'static str,
    /// Statements.
    pub(super) sql: &'static str,
}

macro_rules! steps {
    ($($name:literal),+ $(,)?) => {
        &[$(Step { name: $name, sql: include_str!(concat!("schema/", $name, ".sql")) }),+]
    };
}

/// All steps; the schema's version is how many of them a file has behind it.
pub(super) const STEPS: &[Step] = steps![
    "001-links",
    "002-versions",
    "003-imports",
    "004-reports",
    "005-accounts",
    "006-former",
    "007-secrets",
    "008-trust",
    "009-drafts",
    "010-saved",
    "011-copies",
    "012-rounds",
    "013-plan",
    "014-progress",
    "015-takeover",
    "016-briefings",
    "017-aggregates",
    "018-coming"
];

#[cfg(test)]
mod tests {
    use super::STEPS;
    use sha2::{Digest, Sha256};

    /// The first 8 bytes of the digest of each released step.
    const RELEASED: [(&str, u64); 18] = [
        ("001-links", 0xd20b_1f5d_e03d_30cd),
        ("002-versions", 0xc6f0_528d_d516_a65d),
        ("003-imports", 0xd762_4f1e_2e04_a8b5),
        ("004-reports", 0xd65d_87b3_6f49_61c4),
        ("005-accounts", 0x301f_856d_b109_aad6),
        ("006-former", 0xb780_b52b_a798_2e11),
        ("007-secrets", 0x4998_6f71_61db_5ea4),
        ("008-trust", 0xae2a_986a_9ce2_10a4),
        ("009-drafts", 0xd2db_66d8_01ac_d69b),
        ("010-saved", 0x0f6a_d31b_65d0_db91),
        ("011-copies", 0x79c4_6be1_8e38_2171),
        ("012-rounds", 0x87ab_55dd_c226_dcef),
        ("013-plan", 0x0bd0_3f62_e9be_e137),
        ("014-progress", 0x57a0_fcd5_ba26_840f),
        ("015-takeover", 0x25a1_fb81_25f9_13bc),
        ("016-briefings", 0xa1f7_b51e_5f56_3721),
        ("017-aggregates", 0xde6c_d1a8_856e_ab97),
        ("018-coming", 0xf88f_251e_c63c_9cae),
    ];

    #[test]
    fn released_steps_are_never_edited() {
        let found = STEPS.iter().map(|step| {
            let digest = Sha256::digest(step.sql.as_bytes());
            (step.name, digest.iter().take(8).fold(0, |n, b| n << 8 | u64::from(*b)))
        });
        let expected: Vec<(&str, u64)> = RELEASED.to_vec();
        assert_eq!(found.collect::<Vec<_>>(), expected, "write another step instead (or add the new one here)");
    }

    #[test]
    fn steps_are_numbered_from_one() {
        for (i, step) in STEPS.iter().enumerate() {
            assert!(step.name.starts_with(&format!("{:03}-", i + 1)), "{}", step.name);
        }
    }
}
