//! No circle between files: what a file needs does not need it in turn.

use std::collections::{BTreeMap, BTreeSet};

use super::assert_none;
use super::source::{Names, SourceFile, source_files};

/// The files of a crate by their modules.
struct Modules<'a>(BTreeMap<&'a [String], &'a SourceFile>);

impl<'a> Modules<'a> {
    fn new(files: &'a [SourceFile]) -> Self {
        Self(files.iter().map(|file| (&file.module[..], file)).collect())
    }

    /// The module that defines what `path` names in `file`, through re-exports; none where that is in no file of the crate.
    fn defining(&self, file: &'a SourceFile, path: &[String]) -> Option<&'a SourceFile> {
        let mut module = file.module.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => module.clear(),
            "self" => {}
            "super" => {
                while rest.first().is_some_and(|name| name == "super") {
                    module.pop();
                    rest = &rest[1..];
                }
                return self.resolve(&module, rest);
            }
            name => {
                module.push(name.to_owned());
                if !self.0.contains_key(&module[..]) {
                    return None;
                }
            }
        }
        self.resolve(&module, &rest[1..])
    }

    fn resolve(&self, module: &[String], rest: &[String]) -> Option<&'a SourceFile> {
        let file = *self.0.get(module)?;
        let Some(name) = rest.first() else { return Some(file) };
        let child: Names = module.iter().chain([name]).cloned().collect();
        let is_item = file.items.iter().any(|(_, item)| item == name);
        if self.0.contains_key(&child[..]) && !(rest.len() == 1 && is_item) {
            return self.resolve(&child, &rest[1..]);
        }
        match file.exports.get(name) {
            Some(exported) if !is_item => {
                let path: Names = exported.iter().chain(&rest[1..]).cloned().collect();
                self.defining(file, &path)
            }
            _ => Some(file),
        }
    }

    /// The files that each file needs.
    fn edges(&self) -> BTreeMap<&'a [String], BTreeSet<&'a [String]>> {
        let needed = |file: &'a SourceFile| {
            let defining = file.paths.iter().filter_map(|path| self.defining(file, path));
            defining.map(|other| &other.module[..]).filter(|other| *other != file.module).collect()
        };
        self.0.iter().map(|(module, file)| (*module, needed(file))).collect()
    }
}

/// Every file that needs itself through others, with a file that it needs and that needs it.
fn circles(files: &[SourceFile]) -> Vec<String> {
    let modules = Modules::new(files);
    let edges = modules.edges();
    let reachable = |from: &[String]| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&[String]> = edges[from].iter().copied().collect();
        while let Some(module) = next.pop() {
            if seen.insert(module) {
                next.extend(&edges[module]);
            }
        }
        seen
    };
    let reached: BTreeMap<_, _> = edges.keys().map(|module| (*module, reachable(module))).collect();
    let mut circles = Vec::new();
    for (module, needed) in &edges {
        for other in needed.iter().filter(|other| reached[**other].contains(module)) {
            let path = |module: &[String]| modules.0[module].path.display().to_string();
            circles.push(format!("{} needs {}, which needs it in turn", path(module), path(other)));
        }
    }
    circles
}

#[test]
fn no_files_need_each_other() {
    assert_none(&circles(&source_files()));
}

#[test]
fn a_circle_between_siblings_is_seen_through_re_exports_and_macros() {
    let file = |path: &str, text: &str| SourceFile::parse(path.into(), text);
    let lib = || file("lib.rs", "pub mod room;");
    let room = || file("room/mod.rs", "mod a;\nmod b;\npub use b::B;");
    let a = || file("room/a.rs", "use crate::room::B;\npub const A: B = B;");
    let straight = [lib(), room(), a(), file("room/b.rs", "pub struct B;")];
    assert_eq!(circles(&straight), [""; 0]);
    let round = [lib(), room(), a(), file("room/b.rs", "pub struct B;\nfn f() { print!(\"{}\", super::a::A) }")];
    assert_eq!(circles(&round).len(), 2, "{:?}", circles(&round));
}
