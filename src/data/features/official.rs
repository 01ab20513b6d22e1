//! What is said of a collection whose areas are published: by whom, under which number, of which day. It is asked for where all
//! areas are replaced by those of a file, and is kept with them.

use super::refused;
use crate::core::model::{CollectionSpec, Text};
use crate::data::intake::{Change, Refusal};
use crate::data::load::is_date;
use crate::data::new::both;
use crate::data::schema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use utoipa::ToSchema;

/// Characters of the source and of the number.
const LONGEST: usize = 300;
/// Remarks on the file that are kept, and characters of one.
const REMARKS: usize = 60;
const LONGEST_REMARK: usize = 2_000;

/// Who publishes the areas of a collection, and under which number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OfficialAreas)]
pub struct Official {
    /// Who publishes them; `中文 / English` gives each language its own.
    pub source: String,
    /// The number under which they were approved (批准文号, 审图号).
    pub approval: String,
    /// Day of the approval, `YYYY-MM-DD`.
    pub dated: String,
    /// Name of the file that they are from.
    #[serde(default)]
    pub file: String,
    /// What was said when the file was read.
    #[serde(default)]
    #[schema(value_type = Vec<schema::Text>)]
    pub remarks: Vec<Text>,
}

impl Official {
    /// Refuses what says too little, or too much.
    pub fn accept(self) -> Result<Self, Refusal> {
        let trimmed = |text: &str| text.trim().to_owned();
        let (source, approval, dated) = (trimmed(&self.source), trimmed(&self.approval), trimmed(&self.dated));
        let fits = |text: &str| (1..=LONGEST).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if !fits(&source) || !fits(&approval) || !is_date(&dated) {
            return Err(refused(
                "official-needed",
                format!("请写明来源、批准文号(审图号)与日期(YYYY-MM-DD),各不超过 {LONGEST} 字"),
                format!(
                    "say who publishes the areas, the number of their approval and its date (YYYY-MM-DD), at most {LONGEST} characters each"
                ),
            ));
        }
        let long = |text: &Text| text.zh.chars().count().max(text.en.chars().count()) > LONGEST_REMARK;
        if self.remarks.len() > REMARKS || self.remarks.iter().any(long) || self.file.chars().count() > LONGEST {
            return Err(refused(
                "official-needed",
                format!("最多 {REMARKS} 条说明,每条不超过 {LONGEST_REMARK} 字"),
                format!("at most {REMARKS} remarks of {LONGEST_REMARK} characters each"),
            ));
        }
        Ok(Self { source, approval, dated, ..self })
    }

    /// The source of the collection from then on: it is printed wherever a source is.
    pub fn words(&self) -> Text {
        let (source, number, day) = (both(&self.source), &self.approval, &self.dated);
        Text::new(
            format!("{}，批准文号 {number}，{day}", source.zh),
            format!("{}, approval number {number}, {day}", source.en),
        )
    }

    /// What becomes another of a collection.
    pub(super) fn changes(&self, spec: &CollectionSpec) -> Vec<Change> {
        let change = |property: &str, from: Json, to: Json| Change { property: property.to_owned(), from, to };
        let all = vec![
            change("source", json!(spec.source), json!(self.words())),
            change("approval", json!(spec.approval), json!(self.approval)),
            change("valid_from", json!(spec.valid_from), json!(self.dated)),
            change("schematic", json!(spec.schematic), json!(false)),
        ];
        all.into_iter().filter(|change| change.from != change.to).collect()
    }

    /// Writes the same into a collection of a manifest. A licence was that of the areas of before, and so was what describes them.
    pub fn write(&self, collection: &mut serde_json::Map<String, Json>) {
        for gone in ["schematic", "sample", "licence", "valid_to", "description"] {
            collection.remove(gone);
        }
        collection.insert("source".to_owned(), json!(self.words()));
        collection.insert("approval".to_owned(), json!(self.approval));
        collection.insert("valid_from".to_owned(), json!(self.dated));
    }
}
