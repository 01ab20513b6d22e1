//! The register's schema with what an import adds to it: the credit code, and positions as the file gave them.

use crate::core::model::{CollectionSpec, Dataset, Manifest, PropertySpec, RegisterSpec, Role, Table, Text};
use serde_json::{Value as Json, json};

/// Whether a row is invented, where the register says it row by row.
pub const SAMPLE_ROW: &str = "sample";
/// Unified social credit code.
pub const CREDIT_CODE: &str = "credit_code";
/// The first of the two coordinates as the file has it.
pub const SOURCE_X: &str = "source_x";
/// The second.
pub const SOURCE_Y: &str = "source_y";
/// The system they were read in.
pub const SOURCE_CRS: &str = "source_crs";
/// How a row was located whose file gave an address and no position.
pub const LOCATED_BY: &str = "located_by";

/// The register of a dataset and what it becomes.
#[derive(Debug)]
pub struct Schema<'a> {
    /// The collection, with the properties that an import adds after its own.
    pub spec: CollectionSpec,
    /// Which properties mean what.
    pub register: &'a RegisterSpec,
    /// The rows that there are.
    pub table: &'a Table,
    /// How many properties the register has now.
    pub own: usize,
}

/// Name, titles, descriptions and pattern of what is added.
type Added = (&'static str, [&'static str; 2], [&'static str; 2], Option<&'static str>);

const ADDED: [Added; 5] = [
    (
        CREDIT_CODE,
        ["统一社会信用代码", "Unified social credit code"],
        ["GB 32100-2015,导入时已核对校验位", "GB 32100-2015; its check digits were checked on import"],
        Some("^[0-9A-HJ-NPQRTUWXY]{18}$"),
    ),
    (
        SOURCE_X,
        ["原始横坐标", "Original first coordinate"],
        ["导入文件中的原值,未换算", "as it stands in the imported file, not converted"],
        None,
    ),
    (
        SOURCE_Y,
        ["原始纵坐标", "Original second coordinate"],
        ["导入文件中的原值,未换算", "as it stands in the imported file, not converted"],
        None,
    ),
    (
        SOURCE_CRS,
        ["原始坐标系", "Original reference system"],
        ["导入时认定的坐标系", "the system it was taken for on import"],
        None,
    ),
    (
        LOCATED_BY,
        ["地址定位方式", "Located by address"],
        [
            "没有坐标、按地址由地名表定位:exact 地址相同;house 路名与门牌号相同;nearest:n 取同路最近的门牌,相差 n 号",
            "without a position, located from the address by a table of places: exact, the same address; house, the same road and number; nearest:n, the nearest number of the road, n away",
        ],
        None,
    ),
];

impl<'a> Schema<'a> {
    /// The register of a dataset, when it has one that can be imported into.
    pub fn of(dataset: &'a Dataset) -> Option<Self> {
        let (spec, table) = dataset.by_role(Role::Register)?;
        let register = spec.register.as_ref()?;
        let own = spec.properties.len();
        let mut spec = spec.clone();
        for (name, title, description, pattern) in ADDED {
            if spec.property(name).is_none() {
                spec.properties.push(PropertySpec {
                    description: Some(Text::new(description[0], description[1])),
                    pattern: pattern.map(str::to_owned),
                    ..PropertySpec::text(name, Text::new(title[0], title[1]))
                });
            }
        }
        Some(Self { spec, register, table, own })
    }

    /// The place of a property.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.spec.property(name).map(|(i, _)| i)
    }

    /// The places of what an import adds.
    pub fn added(&self) -> [Option<usize>; 5] {
        ADDED.map(|(name, ..)| self.place(name))
    }
}

/// A manifest's JSON after an import: the added properties declared, the source named, and no sample any more where a
/// sample was replaced.
pub fn manifest(
    text: &str,
    schema: &Schema,
    used: &[bool],
    source: &Text,
    replaces_sample: bool,
    file: &str,
) -> Option<String> {
    let mut manifest: Json = serde_json::from_str(text).ok()?;
    let collections = manifest.get_mut("collections")?.as_array_mut()?;
    let register =
        collections.iter_mut().find(|c| c.get("id").is_some_and(|id| *id == *schema.spec.id))?.as_object_mut()?;
    let properties = register.entry("properties").or_insert_with(|| json!([])).as_array_mut()?;
    for (i, p) in schema.spec.properties.iter().enumerate().skip(schema.own).filter(|(i, _)| used[*i]) {
        let mut declared = json!({"name": p.name, "title": p.title, "type": "string", "required": false});
        if let Some(description) = &p.description {
            declared["description"] = json!(description);
        }
        if let Some(pattern) = &schema.spec.properties[i].pattern {
            declared["pattern"] = json!(pattern);
        }
        properties.push(declared);
    }
    register.insert("source".to_owned(), json!(source));
    register.insert("file".to_owned(), json!(file));
    if replaces_sample {
        let words = crate::core::json::from_str::<Manifest>(text).ok()?;
        let words = words
            .table(&schema.spec.id)
            .map_or_else(|| words.wording(), |table| words.clone().of_table(table).wording());
        register.insert("sample".to_owned(), json!(false));
        register.insert("title".to_owned(), json!(words.text("{row}名录", "{Row} register")));
        register.insert(
            "description".to_owned(),
            json!({"zh": "由部门提供的表格导入", "en": "Imported from a table supplied by a department"}),
        );
        register.insert("licence".to_owned(), Json::Null);
    }
    serde_json::to_string_pretty(&manifest).ok().map(|text| text + "\n")
}
