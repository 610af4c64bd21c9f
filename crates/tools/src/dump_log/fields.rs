//! A line of `name: value` pairs, or the same as a JSON object.

use serde_json::{Map, Value, json};

/// In the order they are added.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(&'static str, Value, Option<String>)>);

impl Fields {
    pub(super) fn add(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.push((name, value.into(), None));
    }

    /// A number that may be missing, written as Java writes it.
    pub(super) fn add_optional(&mut self, name: &'static str, value: Option<i64>) {
        let words = value.map_or_else(
            || "OptionalLong.empty".to_owned(),
            |value| format!("OptionalLong[{value}]"),
        );
        self.0.push((name, json!(value), Some(words)));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn line(&self) -> String {
        let words = self.0.iter().map(|(name, value, words)| {
            let value = words.clone().unwrap_or_else(|| plain(value));
            format!("{name}: {value}")
        });
        words.collect::<Vec<_>>().join(" ")
    }

    pub(super) fn json(self) -> Value {
        self.json_with(None)
    }

    /// With one more part.
    pub(super) fn json_with(self, more: Option<(&str, Value)>) -> Value {
        let fields = self.0.into_iter();
        let mut object: Map<_, _> = fields
            .map(|(name, value, _)| (name.to_owned(), value))
            .collect();
        object.extend(more.map(|(name, value)| (name.to_owned(), value)));
        Value::Object(object)
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(plain).collect();
            format!("[{}]", values.join(","))
        }
        value => value.to_string(),
    }
}
