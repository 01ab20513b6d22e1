//! How the classes of the register are read: at a level of their hierarchy, below one class, by a version of the list.
//! A reading puts every row into one group; groups are counted and summed.

use crate::model::{Codelist, CodelistEntry, CodelistVersion, CollectionSpec, Manifest, Text};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// A reading of the classes, by ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassSpec {
    /// Level: its id, or its number from 1 at the top.
    pub level: Option<String>,
    /// Code of the class whose parts are in question.
    pub parent: Option<String>,
    /// Version of the codelist.
    pub version: Option<String>,
}

/// What a group is that is no class of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassPart {
    /// Rows of the class of which no finer class is known.
    NotFurther,
    /// All classes beside the one in question.
    Other,
    /// Rows whose class is split in the version.
    Ambiguous,
}

/// A group of a reading.
#[derive(Clone, Debug)]
pub struct Class {
    /// Code; of rows without a finer class that of the class which is known.
    pub code: Option<String>,
    /// Name.
    pub name: Text,
    /// One character that stands for it.
    pub mark: String,
    /// Colour on light ground, `#RRGGBB`.
    pub color: String,
    /// Colour on dark ground.
    pub color_dark: String,
    /// What it is where it is no class of the list.
    pub part: Option<ClassPart>,
}

/// A class that is divided in a reading: what makes it up. The first of a reading is the whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// The groups below.
    pub(crate) groups: Vec<usize>,
    /// The groups that are parts of it themselves.
    pub(crate) own: Vec<usize>,
    /// The divided classes right below.
    pub(crate) nodes: Vec<usize>,
}

/// A version by which classes are read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VersionInfo {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// First day of validity.
    pub valid_from: Option<String>,
    /// Last day of validity.
    pub valid_to: Option<String>,
    /// Where the pairs of codes come from.
    pub source: Text,
    /// Codes that are split in the version: their rows are in none of its classes, or only in one above, except where a row
    /// has its own code of the version.
    pub split: Vec<SplitCode>,
}

/// A code that is several in a version.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SplitCode {
    /// Code of the list.
    pub code: String,
    /// Name.
    pub name: Text,
    /// What it is in the version.
    pub to: Vec<SplitPart>,
}

/// One of the codes into which a code is split.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SplitPart {
    /// Code of the version.
    pub code: String,
    /// Name.
    pub name: Text,
    /// Share, 0 to 1, where it is known; it is stated, and divides no row.
    pub share: Option<f64>,
}

/// A class by code and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClassName {
    /// Code.
    pub code: String,
    /// Name.
    pub name: Text,
}

/// Why classes can't be read so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassFault {
    /// The parameter that is wrong.
    pub parameter: &'static str,
    /// Its value.
    pub value: String,
    /// What there is to choose from, or what to do.
    pub known: Text,
}

/// A reading of the classes. Rows of no class stand in the group after the last.
#[derive(Clone, Debug, Default)]
pub struct Classes {
    /// Name of the codelist of the table's classification.
    codelist: String,
    list: Vec<Class>,
    /// The groups in question, in order.
    shown: Vec<usize>,
    /// The others, below no class in question.
    others: Vec<usize>,
    nodes: Vec<Node>,
    /// Place of the class in question among the nodes.
    parent: Option<usize>,
    path: Vec<ClassName>,
    level: usize,
    level_word: String,
    level_title: Option<Text>,
    version: Option<VersionInfo>,
    /// Code of the register's list -> group.
    groups: HashMap<String, u8>,
    /// Property with codes of the version, and their groups.
    own: Option<(String, HashMap<String, u8>)>,
    spec: ClassSpec,
    /// Whether there are levels or versions to choose from.
    varied: bool,
}

/// More groups are in no reading: they are numbered in a byte, with two more for rows of no class and for all rows.
pub const MOST: usize = 254;

impl Classes {
    /// The codelist of classes.
    pub const LIST: &'static str = "clusters";

    /// The reading that a table has where none is asked for: at the level that its register names, else at the topmost.
    pub fn usual(manifest: &Manifest, codelists: &BTreeMap<String, Codelist>) -> Self {
        let table = manifest.collections.iter().find(|c| c.register.is_some());
        let name = table.map_or(Some(Self::LIST), CollectionSpec::class_codelist);
        let Some((name, list)) = name.and_then(|name| codelists.get_key_value(name)) else {
            return Self { nodes: vec![Node::default()], ..Self::default() };
        };
        let register = table.and_then(|c| c.register.as_ref());
        let level = register.and_then(|r| list.level(r.class_level.as_deref()?)).unwrap_or(0);
        let made = Self::cut(list, level, None).or_else(|_| Self::cut(list, 0, None));
        Self { spec: ClassSpec::default(), codelist: name.clone(), ..made.unwrap_or_default() }
    }

    /// The reading asked for; `usual` is the table's own.
    pub fn read(usual: &Self, codelists: &BTreeMap<String, Codelist>, spec: &ClassSpec) -> Result<Self, ClassFault> {
        let fault = |parameter, value: &str, known: Text| ClassFault { parameter, value: value.to_owned(), known };
        let asked = || {
            let one = [("class_version", &spec.version), ("class_level", &spec.level), ("class_parent", &spec.parent)];
            one.into_iter().find_map(|(name, value)| Some((name, value.as_deref()?))).unwrap_or_default()
        };
        let Some(base) = codelists.get(&usual.codelist).filter(|_| !usual.is_empty()) else {
            let (name, value) = asked();
            return Err(fault(name, value, Text::new("此数据集没有分类", "this dataset has no classes")));
        };
        let version = match &spec.version {
            None => None,
            Some(id) => Some(base.versions.iter().find(|v| v.id == *id).ok_or_else(|| {
                let known = base.versions.iter().map(|v| &*v.id).collect::<Vec<_>>().join(" | ");
                fault("class_version", id, Text::new(&*known, &*known))
            })?),
        };
        let list = version.and_then(|v| codelists.get(&v.codelist)).unwrap_or(base);
        let parent = match &spec.parent {
            None => None,
            Some(word) => Some(list.find(word).map(|(place, _)| place).ok_or_else(|| {
                fault("class_parent", word, Text::new("代码表中的代码或名称", "a code or name of the codelist"))
            })?),
        };
        let tree = list.tree();
        let least = parent.map_or(0, |place| tree.level(place) + 1);
        let level = match &spec.level {
            Some(word) => list.level(word).filter(|level| *level >= least).ok_or_else(|| {
                let known: Vec<String> = (least..tree.levels()).map(|level| list.level_word(level)).collect();
                let known = known.join(" | ");
                fault("class_level", word, Text::new(&*known, &*known))
            })?,
            None if parent.is_some() => least,
            None if version.is_some() => 0,
            None => usual.level,
        };
        let made = Self::cut(list, level, parent).map_err(|groups| {
            fault(
                "class_level",
                &list.level_word(level),
                Text::new(
                    format!("该层有 {groups} 类,一次最多 {MOST} 类;请用 class_parent 写明上级类"),
                    format!("the level has {groups} classes and an answer at most {MOST}: name a class above with class_parent"),
                ),
            )
        })?;
        let made = match version {
            Some(version) => made.of_version(base, list, version),
            None => made,
        };
        // what is taken where no level is named need not be
        let default = if parent.is_some() || version.is_some() { least } else { usual.level };
        let spec = ClassSpec {
            level: (level != default).then(|| list.level_word(level)),
            parent: parent.map(|place| list.entries[place].code.clone()),
            version: version.map(|v| v.id.clone()),
        };
        Ok(Self { spec, codelist: usual.codelist.clone(), ..made })
    }

    /// Divides the list at a level, or below a class down to a level with everything beside it whole; or says how many
    /// groups it would be, where these are too many.
    fn cut(list: &Codelist, level: usize, parent: Option<usize>) -> Result<Self, usize> {
        let tree = list.tree();
        let divided = |place: usize| {
            let open = match parent {
                None => tree.level(place) < level,
                Some(of) => tree.is_within(of, place) || (tree.is_within(place, of) && tree.level(place) < level),
            };
            open && tree.is_divided(place)
        };
        let mut out = Self {
            nodes: vec![Node::default()],
            level,
            level_word: list.level_word(level),
            level_title: list.levels.get(level).map(|l| l.title.clone()),
            varied: !list.is_flat() || !list.versions.is_empty(),
            ..Self::default()
        };
        let mut sources = Vec::new();
        // places whose parts follow, with the number of their node; a divided class comes a second time for its rest
        let mut open: Vec<(usize, usize, bool)> = tree.children(None).map(|place| (place, 0, false)).collect();
        open.reverse();
        while let Some((place, node, rest)) = open.pop() {
            let entry = &list.entries[place];
            if divided(place) && !rest {
                out.nodes.push(Node::default());
                let own = out.nodes.len() - 1;
                out.nodes[node].nodes.push(own);
                if Some(place) == parent {
                    out.parent = Some(own);
                }
                open.push((place, own, true));
                let children: Vec<usize> = tree.children(Some(place)).collect();
                open.extend(children.iter().rev().map(|child| (*child, own, false)));
                continue;
            }
            out.nodes[node].own.push(out.list.len());
            out.list.push(if rest { Class::not_further(entry) } else { Class::of(entry) });
            sources.push(place);
        }
        if out.list.len() > MOST {
            return Err(out.list.len());
        }
        for node in (0..out.nodes.len()).rev() {
            let below = out.nodes[node].nodes.clone();
            let mut groups = out.nodes[node].own.clone();
            below.iter().for_each(|node| groups.extend(&out.nodes[*node].groups));
            groups.sort_unstable();
            out.nodes[node].groups = groups;
        }
        let inside = |group: &usize| parent.is_none_or(|of| tree.is_within(sources[*group], of));
        (out.shown, out.others) = (0..out.list.len()).partition(inside);
        if let Some(parent) = parent {
            let name = |place: usize| ClassName {
                code: list.entries[place].code.clone(),
                name: list.entries[place].name.clone(),
            };
            out.path = tree.upwards(parent).map(name).collect();
            out.path.reverse();
        }
        let group_of: HashMap<usize, usize> =
            sources.iter().enumerate().map(|(group, place)| (*place, group)).collect();
        let mut groups = vec![0usize; list.entries.len()];
        for place in tree.order().iter().copied() {
            let above = || tree.parent(place).map_or(out.list.len(), |above| groups[above]);
            groups[place] = group_of.get(&place).copied().unwrap_or_else(above);
        }
        out.groups = list.entries.iter().zip(&groups).map(|(e, group)| (e.code.clone(), *group as u8)).collect();
        Ok(out)
    }

    /// The same for rows that have codes of `base`, of which a version is read.
    fn of_version(mut self, base: &Codelist, list: &Codelist, version: &CodelistVersion) -> Self {
        let of_version = std::mem::take(&mut self.groups);
        self.list.push(Class {
            code: None,
            name: Text::new("不能拆分", "Cannot be split"),
            mark: "分".to_owned(),
            color: String::new(),
            color_dark: String::new(),
            part: Some(ClassPart::Ambiguous),
        });
        let (ambiguous, none) = (self.list.len() - 1, self.list.len());
        self.nodes[0].own.push(ambiguous);
        self.nodes[0].groups.push(ambiguous);
        if self.path.is_empty() {
            self.shown.push(ambiguous);
        } else {
            self.others.push(ambiguous);
        }
        let (tree, of) = (base.tree(), list.tree());
        let mut pairs: Vec<Vec<(usize, Option<f64>)>> = vec![vec![]; base.entries.len()];
        for pair in &version.pairs.pairs {
            if let (Some(from), Some(to)) = (base.place(&pair.from), list.place(&pair.to)) {
                pairs[from].push((to, pair.share));
            }
        }
        let mut split = Vec::new();
        for place in 0..base.entries.len() {
            // its own pairs, else those of the nearest class above that has some, else all of those below
            let above = tree.upwards(place).find(|place| !pairs[*place].is_empty());
            let targets: Vec<(usize, Option<f64>)> = match above {
                Some(above) => pairs[above].clone(),
                None => tree.within(place).iter().flat_map(|place| pairs[*place].clone()).collect(),
            };
            let group = |target: usize| usize::from(of_version[&list.entries[target].code]);
            let alike = |group_of: &dyn Fn(usize) -> usize| {
                let first = group_of(targets.first()?.0);
                targets.iter().all(|(target, _)| group_of(*target) == first).then_some(first)
            };
            let common = || {
                let first = targets.first()?.0;
                of.upwards(first).find(|above| targets.iter().all(|(target, _)| of.is_within(*target, *above)))
            };
            let found = match targets.as_slice() {
                [] => none,
                _ => alike(&group).or_else(|| common().map(group)).unwrap_or(ambiguous),
            };
            if alike(&group).is_none() && !targets.is_empty() && above == Some(place) {
                let to = |(target, share): &(usize, Option<f64>)| SplitPart {
                    code: list.entries[*target].code.clone(),
                    name: list.entries[*target].name.clone(),
                    share: *share,
                };
                let CodelistEntry { code, name, .. } = &base.entries[place];
                split.push(SplitCode { code: code.clone(), name: name.clone(), to: targets.iter().map(to).collect() });
            }
            self.groups.insert(base.entries[place].code.clone(), found as u8);
        }
        self.own = version.property.clone().map(|property| (property, of_version));
        self.version = Some(VersionInfo {
            id: version.id.clone(),
            title: version.title.clone(),
            valid_from: version.valid_from.clone(),
            valid_to: version.valid_to.clone(),
            source: version.pairs.source.clone(),
            split,
        });
        self.varied = true;
        self
    }

    /// The groups in order; the place after the last means rows of no class.
    pub fn list(&self) -> &[Class] {
        &self.list
    }

    /// The group at a place, none for rows of no class.
    pub fn get(&self, group: usize) -> Option<&Class> {
        self.list.get(group)
    }

    /// How many groups, without the one of rows of no class.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are no classes.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The groups in question: all, or those of the class whose parts are asked for.
    pub fn shown(&self) -> &[usize] {
        &self.shown
    }

    /// The other groups.
    pub fn others(&self) -> &[usize] {
        &self.others
    }

    /// The level, from 0 at the top.
    pub fn level(&self) -> usize {
        self.level
    }

    /// The level as questions name it.
    pub fn level_word(&self) -> &str {
        &self.level_word
    }

    /// What a class of the level is called, where the list says it.
    pub fn level_title(&self) -> Option<&Text> {
        self.level_title.as_ref()
    }

    /// The class whose parts are asked for, with those above it, the topmost first; empty where all are in question.
    pub fn path(&self) -> &[ClassName] {
        &self.path
    }

    /// The version by which the classes are read; none for the register's own codes.
    pub fn version(&self) -> Option<&VersionInfo> {
        self.version.as_ref()
    }

    /// The reading as a question asks for it.
    pub fn spec(&self) -> &ClassSpec {
        &self.spec
    }

    /// Whether there are levels or versions to choose from.
    pub fn is_varied(&self) -> bool {
        self.varied
    }

    /// Whether it is the dataset's own reading.
    pub(crate) fn is_usual(&self) -> bool {
        self.spec == ClassSpec::default()
    }

    /// One text for each reading of a dataset.
    pub(crate) fn key(&self) -> String {
        let ClassSpec { level, parent, version } = &self.spec;
        [version, level, parent].map(|part| part.as_deref().unwrap_or_default()).join("\n")
    }

    /// What is divided; the first is the whole.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The class whose parts are asked for, among the nodes.
    pub(crate) fn parent(&self) -> Option<usize> {
        self.parent
    }

    /// The group of a code of the register's list.
    pub(crate) fn group(&self, code: &str) -> u8 {
        self.groups.get(code).copied().unwrap_or(self.list.len() as u8)
    }

    /// The property with codes of the version, where rows may have their own.
    pub(crate) fn own_property(&self) -> Option<&str> {
        self.own.as_ref().map(|(property, _)| property.as_str())
    }

    /// The group of a code of the version.
    pub(crate) fn own_group(&self, code: &str) -> Option<u8> {
        self.own.as_ref()?.1.get(code).copied()
    }
}

impl Class {
    fn of(entry: &CodelistEntry) -> Self {
        Self {
            code: Some(entry.code.clone()),
            name: entry.name.clone(),
            mark: entry.mark.clone(),
            color: entry.color.clone(),
            color_dark: entry.color_dark.clone(),
            part: None,
        }
    }

    fn not_further(entry: &CodelistEntry) -> Self {
        let Text { zh, en } = &entry.name;
        let name = Text::new(format!("{zh}(未细分)"), format!("{en}, not further classified"));
        Self { name, part: Some(ClassPart::NotFurther), ..Self::of(entry) }
    }
}
