//! The files of `scenarios/`. Most hold one scenario. A file with a `[matrix]` table holds several, one for each router,
//! address family, or combination of the two; one with `[variants]` holds further ones that differ as they say. `README.md`
//! says what the tables may hold.
//!
//! Reads text only, so that `tests/structure` learns the names without a network.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde::Deserialize;
use toml::{Table, Value};

/// The text of every scenario, by its name.
pub fn scenario_texts() -> Result<BTreeMap<String, String>, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/scenarios");
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        let at_path = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = fs::read_to_string(&path).map_err(|error| at_path(&error))?;
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        for (name, text) in expand(&stem, text).map_err(|why| at_path(&why))? {
            if texts.contains_key(&name) {
                return Err(at_path(&format!("the scenario {name} exists already")));
            }
            texts.insert(name, text);
        }
    }
    Ok(texts)
}

/// The names and texts of the scenarios of one file, whose name without its ending is `stem`.
pub fn expand(stem: &str, text: String) -> Result<Vec<(String, String)>, String> {
    let mut template: Table = toml::from_str(&text).map_err(|error| error.to_string())?;
    let (matrix, variants) = (template.remove("matrix"), template.remove("variants"));
    if matrix.is_none() && variants.is_none() {
        return Ok(vec![(stem.to_owned(), text)]);
    }
    let mut templates = vec![(stem.to_owned(), template.clone())];
    let variants: BTreeMap<String, Table> = match variants {
        Some(variants) => variants.try_into().map_err(|error| format!("variants: {error}"))?,
        None => BTreeMap::new(),
    };
    for (name, changes) in variants {
        templates.push((format!("{stem}-{name}"), changed(template.clone(), changes)));
    }
    match matrix {
        Some(matrix) => {
            let matrix: Matrix = matrix.try_into().map_err(|error| format!("matrix: {error}"))?;
            let filled = templates.iter().map(|(stem, template)| matrix.fill(stem, template, &text));
            Ok(filled.collect::<Result<Vec<_>, _>>()?.concat())
        }
        None => {
            let written = |(name, scenario)| Ok((name, toml::to_string(&scenario).map_err(|error| error.to_string())?));
            templates.into_iter().map(written).collect()
        }
    }
}

/// The same table with these changes: what is a table in both is changed within, a list is continued, all else replaced.
fn changed(mut table: Table, changes: Table) -> Table {
    for (key, change) in changes {
        let value = match (table.remove(&key), change) {
            (Some(Value::Table(own)), Value::Table(changes)) => changed(own, changes).into(),
            (Some(Value::Array(own)), Value::Array(more)) => own.into_iter().chain(more).collect::<Vec<_>>().into(),
            (_, change) => change,
        };
        table.insert(key, value);
    }
    table
}

/// The table `[matrix]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Matrix {
    #[serde(default)]
    router: Vec<Router>,
    #[serde(default)]
    family: Vec<Family>,
    /// Further words.
    #[serde(default)]
    words: BTreeMap<String, ByAxis>,
}

/// The values of a word. Their keys are the matrix's routers, or its families.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a word takes a table with a value for each router, or for each family")]
enum ByAxis {
    Router(BTreeMap<Router, Value>),
    Family(BTreeMap<Family, Value>),
}

impl ByAxis {
    fn covers(&self, matrix: &Matrix) -> bool {
        match self {
            Self::Router(values) => values.keys().eq(&BTreeSet::from_iter(matrix.router.iter().copied())),
            Self::Family(values) => values.keys().eq(&BTreeSet::from_iter(matrix.family.iter().copied())),
        }
    }

    fn value(&self, router: Option<Router>, family: Option<Family>) -> Option<&Value> {
        match self {
            Self::Router(values) => values.get(&router?),
            Self::Family(values) => values.get(&family?),
        }
    }
}

/// What `{word}` stands for.
type Words = BTreeMap<String, Value>;

impl Matrix {
    /// The names and texts of the scenarios of one template, which stands in `text`.
    fn fill(&self, stem: &str, template: &Table, text: &str) -> Result<Vec<(String, String)>, String> {
        if let Some(unused) = self.words.keys().find(|word| !text.contains(&format!("{{{word}}}"))) {
            return Err(format!("matrix: nothing uses {{{unused}}}"));
        }
        let mut scenarios: Vec<(String, String)> = Vec::new();
        for words in self.combinations()? {
            let name = fill_text(stem, &words)?;
            if scenarios.iter().any(|(other, _)| *other == name) {
                return Err(format!(
                    "matrix: two scenarios would have the name {name}: write {{router}} or {{family}} into the file's name"
                ));
            }
            let scenario = fill(&Value::Table(template.clone()), &words)?;
            scenarios.push((name, toml::to_string(&scenario).map_err(|error| error.to_string())?));
        }
        Ok(scenarios)
    }

    /// The words of each scenario.
    fn combinations(&self) -> Result<Vec<Words>, String> {
        let mut combinations = Vec::new();
        for router in axis(&self.router) {
            for family in axis(&self.family) {
                combinations.push(self.words(router, family)?);
            }
        }
        match combinations.len() {
            0 | 1 => Err("matrix: `router` or `family` must list two values or more".to_owned()),
            _ => Ok(combinations),
        }
    }

    fn words(&self, router: Option<Router>, family: Option<Family>) -> Result<Words, String> {
        let mut words = Words::new();
        let mut set = |word: &str, value: Value| words.insert(word.to_owned(), value);
        if let Some(router) = router {
            let hop = router as u8;
            set("router", format!("r{hop}").into());
            set("hop", i64::from(hop).into());
            set("address", address(hop, family).into());
            set("next", address(hop + 1, family).into());
        }
        if let Some(family) = family {
            let version = family as u8;
            set("family", format!("v{version}").into());
            set("flag", format!("-{version}").into());
        }
        for (word, values) in &self.words {
            let value = values.value(router, family).filter(|_| values.covers(self));
            let value = value.ok_or_else(|| {
                format!("matrix: words.{word} needs a value for each `router` of the matrix, or for each `family`, and no other")
            })?;
            if words.insert(word.clone(), value.clone()).is_some() {
                return Err(format!("matrix: {{{word}}} has a meaning already"));
            }
        }
        Ok(words)
    }
}

/// The values of an axis; one that is not there leaves one choice, none.
fn axis<T: Copy>(values: &[T]) -> Vec<Option<T>> {
    if values.is_empty() { vec![None] } else { values.iter().copied().map(Some).collect() }
}

/// A router, as the number of its hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Router {
    R1 = 1,
    R2,
    R3,
}

/// An address family, as the number of its IP version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Family {
    V4 = 4,
    V6 = 6,
}

/// The address of a hop on the side of the device; of IPv4 unless the family is IPv6. The hub is hop 4.
fn address(hop: u8, family: Option<Family>) -> String {
    // On the first link the router has .1 and the device .2; on the others, the far end has .2.
    let end = if hop == 1 { 1 } else { 2 };
    match family {
        Some(Family::V6) => format!("fd77:{hop}::{end}"),
        Some(Family::V4) | None => format!("10.77.{hop}.{end}"),
    }
}

/// The same value with every word replaced, in keys, too.
fn fill(value: &Value, words: &Words) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => match text.strip_prefix('{').and_then(|rest| words.get(rest.strip_suffix('}')?)) {
            // Alone, it keeps its type.
            Some(value) => value.clone(),
            None => fill_text(text, words)?.into(),
        },
        Value::Array(values) => values.iter().map(|value| fill(value, words)).collect::<Result<Vec<_>, _>>()?.into(),
        Value::Table(table) => {
            let pairs = table.iter().map(|(key, value)| Ok((fill_text(key, words)?, fill(value, words)?)));
            pairs.collect::<Result<Table, String>>()?.into()
        }
        other => other.clone(),
    })
}

/// The same text with every word replaced. Only `{word}` is one, so that rules may hold `{ 443, 8883 }`.
fn fill_text(text: &str, words: &Words) -> Result<String, String> {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let is_word =
            |word: &str| word.starts_with(|first: char| first.is_ascii_lowercase()) && !word.contains([' ', '{']);
        match behind.split_once('}').filter(|(word, _)| is_word(word)) {
            Some((word, behind)) => {
                let value = words.get(word).ok_or_else(|| format!("matrix: {{{word}}} is not known"))?;
                filled.push_str(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
                rest = behind;
            }
            None => {
                filled.push('{');
                rest = behind;
            }
        }
    }
    Ok(filled + rest)
}
