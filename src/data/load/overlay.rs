//! The collections that a version holds in the place of the dataset's own: some parts of a manifest from one file, all else
//! from another.

use super::declared::MANIFEST;
use super::folder::{Folder, VERSION};
use super::report::{Place, Report};
use super::text::{decode, shorten};
use super::{Limits, Source};
use crate::core::model::Text;
use serde_json::Value as Json;

/// The member of a version's manifest that lists the collections without rows of statistics that it holds: edited features.
pub const EDITED: &str = "edited";
/// The member of a manifest that names the file of indicators.
pub const INDICATORS: &str = "indicators";
/// The member by which a version's manifest says that it holds that file.
pub const EDITED_INDICATORS: &str = "edited_indicators";

/// A manifest with the collections that a version holds, whose files are then below [`VERSION`]: its tables, and the features
/// that it lists as edited. A version made before a dataset had several tables is of the main one.
pub fn merge(base: &str, version: &str, file: &str, report: &mut Report) -> Option<String> {
    let read = |text: &str| serde_json::from_str::<Json>(text).ok();
    let (mut base, version) = (read(base)?, read(version).unwrap_or_default());
    let ids = (base["id"].clone(), version["id"].clone());
    let edited = |c: &Json| version[EDITED].as_array().is_some_and(|ids| ids.contains(&c["id"]));
    let of_version = |wanted: &dyn Fn(&Json) -> bool| -> Vec<&Json> {
        version["collections"].as_array().into_iter().flatten().filter(|c| wanted(c)).collect()
    };
    let parts = of_version(&is_table);
    let layers = of_version(&|c| !is_table(c) && edited(c));
    let place_of = |part: &Json| {
        let tables = || base["collections"].as_array().into_iter().flatten().enumerate().filter(|(_, c)| is_table(c));
        let same = tables().find(|(_, c)| c["id"] == part["id"]);
        let main = || tables().find(|(_, c)| c["register"]["main"] == true).or_else(|| tables().next());
        same.or_else(|| main().filter(|_| parts.len() == 1)).map(|(place, _)| place)
    };
    let layer_of = |part: &Json| {
        let all = base["collections"].as_array().into_iter().flatten();
        all.enumerate().find(|(_, c)| c["id"] == part["id"] && !is_table(c)).map(|(place, _)| place)
    };
    let tables: Option<Vec<usize>> = parts.iter().map(|part| place_of(part)).collect();
    let places: Option<Vec<usize>> = layers.iter().map(|part| layer_of(part)).collect();
    let indicators = version[INDICATORS].as_str().filter(|_| version[EDITED_INDICATORS] == true);
    let fits = ids.0 == ids.1 && !(parts.is_empty() && layers.is_empty() && indicators.is_none());
    if let Some((tables, places)) = tables.zip(places).filter(|_| fits) {
        for (place, part) in tables.into_iter().zip(parts) {
            replace(&mut base["collections"][place], part)?;
        }
        for (place, part) in places.into_iter().zip(layers) {
            replace_features(&mut base["collections"][place], part)?;
        }
        if let Some(file) = indicators {
            base[INDICATORS] = Json::String([VERSION, file].concat());
        }
        return serde_json::to_string_pretty(&base).ok();
    }
    let shown = |id: &Json| shorten(id.as_str().unwrap_or_default()).into_owned();
    let (ours, theirs) = (shown(&ids.0), shown(&ids.1));
    report.error(Place::file(file), "version-foreign", || {
        (
            Text::new(
                format!("版本里的名录或图层属于数据集 {theirs},数据文件夹是 {ours}(或没有该集合)"),
                format!(
                    "the version holds collections of {theirs}, the dataset folder is {ours} (or has no such collection)"
                ),
            ),
            Text::new(
                "用 --geodata 指定原来的数据文件夹,或换一个 --data-dir",
                "name the dataset folder of before with --geodata, or another --data-dir",
            ),
        )
    });
    None
}

fn is_table(collection: &Json) -> bool {
    collection["role"] == "register"
}

/// Puts the table of a version in the place of the dataset's own.
fn replace(place: &mut Json, part: &Json) -> Option<()> {
    let own = place.clone();
    place.clone_from(part);
    // what the register is called, limited to and read by is the folder's to say, also of versions made before it said so
    keep(&mut place["register"], &own["register"], &["scope", "subset", "terms", "main"]);
    let subset = place["register"]["subset"]["property"].clone();
    let has = place["properties"].as_array().is_some_and(|all| all.iter().any(|p| p["name"] == subset));
    if let Some(register) = place["register"].as_object_mut().filter(|_| !has) {
        register.remove("subset");
    }
    // so is who maintains it and when new rows are due
    keep(place, &own, &["maintenance"]);
    named(place.pointer_mut("/register/metrics"), &own["register"]["metrics"], "id", &["aliases", "maintenance"]);
    named(place.get_mut("properties"), &own["properties"], "name", &["aliases", "words", "codelist"]);
    place["file"] = Json::String([VERSION, part["file"].as_str()?].concat());
    Some(())
}

/// Puts the features of a version in the place of the dataset's own. What the collection is stays the folder's to say; where
/// its features come from, and what properties they have, is the version's.
fn replace_features(place: &mut Json, part: &Json) -> Option<()> {
    let own = place.clone();
    keep(
        place,
        part,
        &["source", "licence", "sample", "schematic", "approval", "valid_from", "valid_to", "properties"],
    );
    // what the folder says of its areas is not said of published ones that took their place
    if part["approval"].is_string() {
        keep(place, part, &["description"]);
    }
    named(place.get_mut("properties"), &own["properties"], "name", &["aliases", "words", "codelist"]);
    // what is written for a version has longitude and latitude
    place.as_object_mut()?.remove("crs");
    place["file"] = Json::String([VERSION, part["file"].as_str()?].concat());
    Some(())
}

/// Gives an object the members of another.
fn keep(to: &mut Json, from: &Json, members: &[&str]) {
    let Some(to) = to.as_object_mut() else { return };
    for member in members {
        match from.get(member) {
            Some(value) => _ = to.insert((*member).to_owned(), value.clone()),
            None => _ = to.remove(*member),
        }
    }
}

/// Gives the objects of a list the members of those of the same name in another list.
fn named(to: Option<&mut Json>, from: &Json, name: &str, members: &[&str]) {
    let from = from.as_array().map_or(&[][..], Vec::as_slice);
    for to in to.and_then(Json::as_array_mut).into_iter().flatten() {
        if let Some(own) = from.iter().find(|own| own[name] == to[name]) {
            keep(to, own, members);
        }
    }
}

/// Says that a version stands in the place of a file.
pub fn say(file: &str, report: &mut Report) {
    report.info(Place::file(file), "version-current", || {
        (
            Text::new(
                "该集合取自运行数据文件夹中已提交的版本,此文件未读取",
                "the collection is that of a version in the data folder; this file was not read",
            ),
            Text::new("无需处理;shigu versions 列出版本", "nothing to do; shigu versions lists the versions"),
        )
    });
}

/// The text of a source's manifest, with the collections of the version where it has one.
pub fn manifest_text(source: &Source, limits: &Limits) -> Option<String> {
    let mut folder = Folder::open(source, limits.file_bytes).ok()?;
    let mut report = Report::new(1);
    let mut text = |name: &str| {
        let bytes = folder.read(name).ok()?;
        decode(&bytes, name, &mut report).map(str::to_owned)
    };
    let base = text(MANIFEST)?;
    if matches!(source, Source::Version { .. }) {
        let name = [VERSION, MANIFEST].concat();
        let version = text(&name)?;
        return merge(&base, &version, &name, &mut report);
    }
    Some(base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_maintains_a_table_is_the_folder_s_to_say_also_of_a_version() {
        let manifest = |owner: &str, metric: &str, period: &str| {
            let metric = json!({"id": "tax", "maintenance": {"owner": metric}, "columns": {period: "tax"}});
            let table = json!({"id": "firms", "file": "firms.geojson", "role": "register", "properties": [],
                "maintenance": {"owner": owner}, "register": {"metrics": [metric]}});
            json!({"id": "town", "collections": [table]}).to_string()
        };
        let (folder, version) = (manifest("new", "own", "2024"), manifest("old", "old", "2025"));
        let merged = merge(&folder, &version, "version/dataset.json", &mut Report::new(1)).unwrap();
        let table = serde_json::from_str::<Json>(&merged).unwrap()["collections"][0].clone();
        assert_eq!(table["maintenance"]["owner"], "new");
        let metric = &table["register"]["metrics"][0];
        assert_eq!((&metric["maintenance"]["owner"], &metric["columns"]), (&json!("own"), &json!({"2025": "tax"})));
        // what the folder no longer says is not known of the version either
        let silent = folder.replace(r#""maintenance":{"owner":"new"},"#, "");
        assert_ne!(silent, folder);
        let merged = merge(&silent, &version, "version/dataset.json", &mut Report::new(1)).unwrap();
        assert_eq!(serde_json::from_str::<Json>(&merged).unwrap()["collections"][0]["maintenance"], Json::Null);
    }
}
