//! What survives a power failure: the tree of names as it was made durable, folder by folder.
//!
//! Changes in one folder reach the disk in their order (as with any journalling file system), those in
//! different folders independently of each other.

use std::{
    collections::BTreeMap,
    mem,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use super::{Node, State, lock};

/// A change of the tree of names.
#[derive(Debug, Clone)]
pub(super) enum NamespaceOp {
    Add(PathBuf, Node),
    Remove(PathBuf),
    Rename(PathBuf, PathBuf),
}

impl NamespaceOp {
    /// Changes `nodes`; returns the nodes that have no name any more.
    pub(super) fn apply(&self, nodes: &mut BTreeMap<PathBuf, Node>) -> Vec<Node> {
        match self {
            Self::Add(path, node) => nodes
                .insert(path.clone(), node.clone())
                .into_iter()
                .collect(),
            Self::Remove(path) => below(nodes, path)
                .filter_map(|path| nodes.remove(&path))
                .collect(),
            Self::Rename(from, to) => {
                let replaced = nodes.remove(to).into_iter().collect();
                for path in below(nodes, from) {
                    if let (Ok(rest), Some(node)) = (path.strip_prefix(from), nodes.remove(&path)) {
                        let is_itself = rest.as_os_str().is_empty();
                        nodes.insert(if is_itself { to.clone() } else { to.join(rest) }, node);
                    }
                }
                replaced
            }
        }
    }

    /// A folder has another name.
    fn follow(&mut self, from: &Path, to: &Path) {
        let follow = |path: &mut PathBuf| {
            if let Ok(rest) = path.strip_prefix(from)
                && !rest.as_os_str().is_empty()
            {
                *path = to.join(rest);
            }
        };
        match self {
            Self::Add(path, _) | Self::Remove(path) => follow(path),
            Self::Rename(from, to) => [from, to].into_iter().for_each(follow),
        }
    }

    fn dir(&self) -> Option<&Path> {
        match self {
            Self::Add(path, _) | Self::Remove(path) | Self::Rename(path, _) => path.parent(),
        }
    }
}

/// The path and everything below it.
fn below(nodes: &BTreeMap<PathBuf, Node>, path: &Path) -> std::vec::IntoIter<PathBuf> {
    let paths: Vec<_> = nodes
        .range(path.to_owned()..)
        .map(|(path, _)| path.clone())
        .take_while(|below| below.starts_with(path))
        .collect();
    paths.into_iter()
}

/// The durable tree and the changes that are not durable yet.
#[derive(Debug, Default)]
pub(super) struct Journal {
    durable: BTreeMap<PathBuf, Node>,
    pending: Vec<NamespaceOp>,
}

impl Journal {
    pub(super) fn starting_from(durable: BTreeMap<PathBuf, Node>) -> Self {
        Self {
            durable,
            pending: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, op: NamespaceOp) {
        self.pending.push(op);
    }

    pub(super) fn put(&mut self, path: &Path, node: Node) {
        self.durable.insert(path.to_owned(), node);
    }

    pub(super) fn sync(&mut self, dir: &Path) {
        for op in mem::take(&mut self.pending) {
            if op.dir() != Some(dir) {
                self.pending.push(op);
                continue;
            }
            op.apply(&mut self.durable);
            // What is pending in a folder goes with it, and not to a later folder of its old name.
            if let NamespaceOp::Rename(from, to) = &op {
                self.pending.iter_mut().for_each(|it| it.follow(from, to));
            }
        }
    }
}

/// The tree after a power failure.
pub(super) fn survivors(state: &mut State) -> BTreeMap<PathBuf, Node> {
    let Some(journal) = &state.journal else {
        return BTreeMap::new();
    };
    let mut nodes = journal.durable.clone();
    let mut still_lucky: BTreeMap<Option<PathBuf>, bool> = BTreeMap::new();
    for op in &journal.pending {
        let lucky = still_lucky
            .entry(op.dir().map(Path::to_owned))
            .or_insert(true);
        *lucky = *lucky && state.random.u8(0..4) > 0;
        if *lucky {
            op.apply(&mut nodes);
        }
    }
    let known: Vec<_> = nodes.keys().cloned().collect();
    for path in known {
        // What lies in a folder that was lost is lost with it; parents come before children.
        let parent = path.parent().filter(|parent| parent.parent().is_some());
        if parent.is_some_and(|parent| !nodes.contains_key(parent)) {
            nodes.remove(&path);
        }
    }
    for node in nodes.values_mut() {
        if let Node::File(content) = node {
            let survivor = lock(content).survivor(&mut state.random);
            *content = Arc::new(Mutex::new(survivor));
        }
    }
    nodes
}
