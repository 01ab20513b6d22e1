//! Layouts: alternatives of what is in force, each a draft of its own with a name, which all who may edit change. One of them is put
//! into force as a version with the document that says so; what others changed meanwhile is a conflict, as in any draft.

use super::change::changes;
use super::error::DraftsError;
use super::judged::{ChangeClass, JudgedChange, JudgedDraft};
use super::owner::refused;
use super::steps::{Drafts, Inner, changes_of, counting, unchanged};
use super::targets::{PlanTarget, PlanTargets};
use crate::core::model::Text;
use crate::data::features::Layer;
use crate::data::targets::TARGETS;
use crate::service::clock;
use crate::service::store::{Layout, MOST_LAYOUTS, OF_LAYOUT, Provenance, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::PoisonError;

/// Characters of a title and of a note.
const LONGEST: [usize; 2] = [80, 2_000];

/// How a layout is put into force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// Why, or what else is said of the version.
    pub note: String,
    /// The number of the document.
    pub document: String,
    /// Its date, `YYYY-MM-DD`.
    pub decided: String,
}

/// A feature of a layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlanFeature {
    /// Its id.
    pub id: String,
    /// Its name.
    #[schema(value_type = crate::data::schema::Text)]
    pub name: Text,
    /// Its geometry (GeoJSON, WGS 84); null where it has none.
    #[schema(value_type = Option<Object>)]
    pub geometry: Json,
}

/// A layer as it is in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlanLayer {
    /// Id of the collection.
    pub id: String,
    /// Its title.
    #[schema(value_type = crate::data::schema::Text)]
    pub title: Text,
    /// Whether it is there for orientation only: the zones of the first level.
    pub ground: bool,
    /// Its features.
    pub features: Vec<PlanFeature>,
}

/// A value that a layout makes another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlanValue {
    /// The property.
    pub property: String,
    /// What is in force.
    #[schema(value_type = Object)]
    pub old: Json,
    /// What the layout makes of it.
    #[schema(value_type = Object)]
    pub new: Json,
}

/// What a layout makes of a feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlanChange {
    /// `collection:id`; of a feature that is added the key of the change.
    pub key: String,
    /// Id of the collection.
    pub collection: String,
    /// Its name.
    #[schema(value_type = crate::data::schema::Text)]
    pub name: Text,
    /// `new`, `changed`, `moved` or `removed`.
    pub class: String,
    /// Its geometry in force (GeoJSON); null of a new one.
    #[schema(value_type = Option<Object>)]
    pub old: Json,
    /// Its geometry in the layout; null where it goes.
    #[schema(value_type = Option<Object>)]
    pub new: Json,
    /// Other values.
    pub values: Vec<PlanValue>,
}

/// A layout as it was when a consultation began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlanLayout {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What is said of it.
    pub note: String,
    /// What it changes.
    pub changes: Vec<PlanChange>,
    /// The targets that it changes.
    #[serde(default)]
    #[schema(required = true)]
    pub targets: Vec<PlanTarget>,
}

/// Layouts beside what is in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlanContent {
    /// The version that is in force.
    pub version: u64,
    /// The layers that layouts are of, and the ground.
    pub layers: Vec<PlanLayer>,
    /// The layouts.
    pub layouts: Vec<PlanLayout>,
    /// The targets that are in force.
    #[serde(default)]
    #[schema(required = true)]
    pub targets: Vec<PlanTarget>,
}

impl Drafts {
    /// All layouts with the numbers of their changes.
    pub async fn layouts(&self) -> Result<Vec<(Layout, usize)>, DraftsError> {
        self.on_disk(|inner| {
            let count = |layout: Layout| {
                let draft = inner.database.draft(&layout.owner())?;
                Ok((layout, draft.map_or(0, |row| changes_of(counting(&row)))))
            };
            inner.database.layouts()?.into_iter().map(count).collect()
        })
        .await
    }

    /// Makes a layout, which begins with what is in force or, `like` another, with what that changes.
    pub async fn add_layout(
        &self,
        title: String,
        note: String,
        like: Option<String>,
        actor: String,
    ) -> Result<Layout, DraftsError> {
        let (title, note) = said(&title, &note)?;
        self.alone(move |inner| {
            if let Some(like) = &like {
                inner.layout(like)?;
            }
            let (id, created, created_by) = (clock::new_id(), clock::seconds(), actor.clone());
            let layout = Layout { id, title, note, created, created_by, editors: vec![actor], version: None };
            if !inner.database.add_layout(&layout, like.as_deref(), &clock::new_id())? {
                let most = MOST_LAYOUTS;
                return Err(refused(
                    "too-many-layouts",
                    format!("已有 {most} 个方案,请先删去不用的"),
                    format!("there are {most} layouts; remove what is not needed"),
                ));
            }
            Ok(layout)
        })
        .await
    }

    /// Gives a layout another title and note.
    pub async fn rename_layout(&self, id: String, title: String, note: String) -> Result<Layout, DraftsError> {
        let (title, note) = said(&title, &note)?;
        self.alone(move |inner| {
            inner.database.rename_layout(&id, &title, &note)?;
            inner.layout(&id)
        })
        .await
    }

    /// Gives up a layout that is not in force.
    pub async fn remove_layout(&self, id: String) -> Result<(), DraftsError> {
        self.alone(move |inner| if inner.database.drop_layout(&id)? { Ok(()) } else { Err(DraftsError::Unknown(id)) })
            .await
    }

    /// Writes down that somebody changes the draft of this owner, where that is a layout; none in force can be changed.
    pub async fn editing(&self, owner: &str, actor: String) -> Result<(), DraftsError> {
        let Some(id) = owner.strip_prefix(OF_LAYOUT).map(str::to_owned) else { return Ok(()) };
        self.on_disk(
            move |inner| {
                if inner.database.edit_layout(&id, &actor)? { Ok(()) } else { Err(DraftsError::Unknown(id)) }
            },
        )
        .await
    }

    /// Puts a layout into force as a version. Who changed it does not where two persons are wanted.
    pub async fn put_in_force(
        &self,
        id: String,
        actor: String,
        how: InForce,
        seen: String,
    ) -> Result<Version, DraftsError> {
        self.alone(move |inner| {
            let layout = inner.layout(&id)?;
            let row = unchanged(inner.database.draft(&layout.owner())?, &layout.title, &seen)?;
            if inner.two_persons && layout.editors.contains(&actor) {
                return Err(DraftsError::SecondPerson);
            }
            let InForce { note, document, decided } = how;
            let note = if note.trim().is_empty() { layout.title.clone() } else { note };
            let from = Provenance {
                released: (actor != layout.created_by).then_some(actor),
                actor: layout.created_by,
                note,
                document: Some(document),
                decided: Some(decided),
                ..Provenance::default()
            };
            inner.saved(&row, &from)
        })
        .await
    }

    /// Layouts and what is in force, as they are now. Layouts with errors or conflicts are refused.
    pub async fn plan(&self, ids: Vec<String>) -> Result<PlanContent, DraftsError> {
        self.on_disk(move |inner| {
            let held = inner.held_features()?;
            let snapshot = inner.store.snapshot();
            let aims = PlanTargets::of(&snapshot);
            let layers = held.features.lock().unwrap_or_else(PoisonError::into_inner).layers();
            let mut layouts = Vec::new();
            for id in &ids {
                let layout = inner.layout(id)?;
                let row = inner.database.draft(&layout.owner())?;
                let targets = aims.changed(&changes(row.as_ref().map_or(&[][..], counting)));
                let judged = inner.judged(&layout.owner(), row)?;
                match (judged.conflicts(), judged.problems()) {
                    (0, 0) => {}
                    (0, problems) => return Err(DraftsError::Problems(problems)),
                    (conflicts, _) => return Err(DraftsError::Conflicts(conflicts)),
                }
                layouts.push(PlanLayout {
                    id: layout.id,
                    title: layout.title,
                    note: layout.note,
                    changes: plan_changes(judged, &layers),
                    targets,
                });
            }
            let layers = layers.into_iter().map(|layer| PlanLayer {
                id: layer.id,
                title: layer.title,
                ground: layer.ground,
                features: layer
                    .features
                    .into_iter()
                    .map(|(id, name, geometry)| PlanFeature { id, name, geometry })
                    .collect(),
            });
            Ok(PlanContent { version: held.base.version, layers: layers.collect(), layouts, targets: aims.in_force() })
        })
        .await
    }
}

impl Inner {
    fn layout(&self, id: &str) -> Result<Layout, DraftsError> {
        self.database.layout(id)?.ok_or_else(|| DraftsError::Unknown(id.to_owned()))
    }
}

fn plan_changes(judged: JudgedDraft, layers: &[Layer]) -> Vec<PlanChange> {
    let class = |class| match class {
        ChangeClass::New => Some("new"),
        ChangeClass::Changed => Some("changed"),
        ChangeClass::Moved => Some("moved"),
        ChangeClass::Removed => Some("removed"),
        ChangeClass::Unchanged | ChangeClass::Problem => None,
    };
    // a draft names features in one language
    let named = |change: &JudgedChange| {
        let layer = layers.iter().find(|layer| layer.id == change.collection)?;
        let (_, name, _) = layer.features.iter().find(|(id, ..)| change.id.as_ref() == Some(id))?;
        (name.zh == change.name).then(|| name.clone())
    };
    let of_layers = judged.changes.into_iter().filter(|change| change.collection != TARGETS);
    let change = |change: JudgedChange| {
        let name = named(&change).unwrap_or_else(|| Text::new(&*change.name, &*change.name));
        let values = change.changes.into_iter();
        Some(PlanChange {
            class: class(change.class)?.to_owned(),
            key: change.key,
            collection: change.collection,
            name,
            old: change.old_geometry.unwrap_or_default(),
            new: change.new_geometry.unwrap_or_default(),
            values: values.map(|v| PlanValue { property: v.property, old: v.old, new: v.new }).collect(),
        })
    };
    of_layers.filter_map(change).collect()
}

fn said(title: &str, note: &str) -> Result<(String, String), DraftsError> {
    let [most, note_most] = LONGEST;
    let (title, note) = (title.trim(), note.trim());
    if (1..=most).contains(&title.chars().count()) && note.chars().count() <= note_most {
        return Ok((title.to_owned(), note.to_owned()));
    }
    Err(refused(
        "unfit",
        format!("方案名称为 1 到 {most} 字,说明最多 {note_most} 字"),
        format!("a layout has a title of 1 to {most} characters and a note of at most {note_most}"),
    ))
}
