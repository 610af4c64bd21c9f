//! `--list`.

use anyhow::Result;
use serde_json::json;

use super::{ConsumerGroups, group};
use crate::cluster::Cluster;
use crate::output::{print_columns, say};

pub(super) fn list(cluster: &Cluster, options: &ConsumerGroups) -> Result<()> {
    let words = |list: &Option<String>| -> Vec<String> {
        let list = list.as_deref().unwrap_or_default();
        list.split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(capitalised)
            .collect()
    };
    let (states, types) = (words(&options.state), words(&options.r#type));
    let states: Vec<&str> = states.iter().map(String::as_str).collect();
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    let groups = group::list(cluster, &states, &types)?;
    if options.connect.json {
        let rows = groups.iter().map(|group| {
            json!({
                "group": group.group_id.as_str(), "state": group.group_state.as_str(),
                "type": group.group_type.as_str(), "protocol": group.protocol_type.as_str(),
            })
        });
        say!("{}", json!(rows.collect::<Vec<_>>()));
        return Ok(());
    }
    let mut header = vec![("GROUP", 25)];
    header.extend(options.r#type.is_some().then_some(("TYPE", 20)));
    header.extend(options.state.is_some().then_some(("STATE", 20)));
    if header.len() == 1 {
        for group in groups {
            say!("{}", group.group_id.as_str());
        }
        return Ok(());
    }
    let rows = groups.iter().map(|group| {
        let mut row = vec![group.group_id.as_str().to_owned()];
        row.extend(
            options
                .r#type
                .is_some()
                .then(|| capitalised(group.group_type.as_str())),
        );
        row.extend(
            options
                .state
                .is_some()
                .then(|| group.group_state.as_str().to_owned()),
        );
        row
    });
    print_columns(&header, &rows.collect::<Vec<_>>());
    Ok(())
}

/// `stable` as Kafka writes it: `Stable`; words that have capitals stay as they are.
pub(crate) fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
