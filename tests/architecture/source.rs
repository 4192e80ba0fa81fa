//! The source tree as the tests of this suite see it: parsed files, the items that they define, the paths that they name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;
use syn::{Attribute, Item, UseTree};

/// A path of names, such as `crate::record::Millis`.
pub(super) type Names = Vec<String>;

/// A file below `src`, without its tests.
pub(super) struct SourceFile {
    /// The file, below `src`.
    pub(super) path: PathBuf,
    /// The path of the module, without `crate`.
    pub(super) module: Names,
    pub(super) lines: usize,
    /// The code without comments and without the inline test module that ends a file.
    pub(super) code: String,
    /// The kinds of the types, traits, constants and functions that it defines, by name.
    pub(super) items: Vec<(&'static str, String)>,
    /// What it imports, apart from what it re-exports, and every other path in its code.
    pub(super) paths: Vec<Names>,
    /// What it re-exports, by the name under which it does.
    pub(super) exports: BTreeMap<String, Names>,
}

impl SourceFile {
    /// The room: the module below the root of the crate that it belongs to.
    pub(super) fn room(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }

    pub(super) fn parse(path: PathBuf, text: &str) -> Self {
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let file = syn::parse_file(code).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut module: Names =
            path.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if module.last().is_some_and(|last| last == "mod" || last == "lib") {
            module.pop();
        }
        let mut found = Found::default();
        found.visit_file(&file);
        Self {
            path,
            module,
            lines: text.lines().count(),
            code: code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n"),
            items: found.items,
            paths: found.paths,
            exports: found.exports,
        }
    }
}

/// All files below `src`, apart from files of tests.
pub(super) fn source_files() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let is_test = |path: &Path| path.file_stem().is_some_and(|name| name == "tests");
    let files = files_below(&root, "rs").into_iter().filter(|path| !is_test(path));
    let parse = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a readable file");
        SourceFile::parse(path.strip_prefix(&root).expect("below src").to_owned(), &text)
    };
    files.map(parse).collect()
}

/// The files below a directory with this extension, in a fixed order.
pub(super) fn files_below(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let mut directories = vec![directory.to_owned()];
    let mut files = BTreeSet::new();
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("a readable directory") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                files.insert(path);
            }
        }
    }
    files.into_iter().collect()
}

/// All identifiers of a Rust file, those of its tests included.
pub(super) fn identifiers(text: &str) -> BTreeSet<String> {
    let mut identifiers = BTreeSet::new();
    let mut streams: Vec<TokenStream> = vec![text.parse().expect("Rust")];
    while let Some(stream) = streams.pop() {
        for tree in stream {
            match tree {
                TokenTree::Group(group) => streams.push(group.stream()),
                TokenTree::Ident(ident) => drop(identifiers.insert(ident.to_string())),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
    identifiers
}

#[derive(Default)]
struct Found {
    items: Vec<(&'static str, String)>,
    paths: Vec<Names>,
    exports: BTreeMap<String, Names>,
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item(&mut self, item: &'ast Item) {
        let (attributes, defined): (&[Attribute], _) = match item {
            Item::Const(item) => (&item.attrs, Some(("const", &item.ident))),
            Item::Static(item) => (&item.attrs, Some(("static", &item.ident))),
            Item::Enum(item) => (&item.attrs, Some(("type", &item.ident))),
            Item::Struct(item) => (&item.attrs, Some(("type", &item.ident))),
            Item::Trait(item) => (&item.attrs, Some(("type", &item.ident))),
            Item::Type(item) => (&item.attrs, Some(("type", &item.ident))),
            Item::Fn(item) => (&item.attrs, Some(("fn", &item.sig.ident))),
            Item::Use(item) => (&item.attrs, None),
            Item::Mod(item) => (&item.attrs, None),
            _ => (&[], None),
        };
        let is_test = |attribute: &Attribute| {
            attribute.path().is_ident("cfg")
                && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
        };
        if attributes.iter().any(is_test) {
            return;
        }
        self.items.extend(defined.map(|(kind, name)| (kind, name.to_string())));
        if let Item::Use(item) = item {
            let is_export = !matches!(item.vis, syn::Visibility::Inherited);
            self.add_use(&item.tree, &mut Vec::new(), is_export);
            return;
        }
        syn::visit::visit_item(self, item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        // A single name is a local one, or was imported.
        if path.segments.len() > 1 {
            self.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.add_tokens(call.tokens.clone());
        syn::visit::visit_macro(self, call);
    }
}

impl Found {
    fn add_use(&mut self, tree: &UseTree, prefix: &mut Names, is_export: bool) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.add_use(&path.tree, prefix, is_export);
                prefix.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_use(tree, prefix, is_export)),
            UseTree::Name(name) => self.add_import(prefix, &name.ident.to_string(), &name.ident.to_string(), is_export),
            UseTree::Rename(rename) => {
                self.add_import(prefix, &rename.ident.to_string(), &rename.rename.to_string(), is_export);
            }
            UseTree::Glob(_) => self.paths.push(prefix.clone()),
        }
    }

    fn add_import(&mut self, prefix: &[String], name: &str, local: &str, is_export: bool) {
        let mut path = prefix.to_vec();
        if name != "self" {
            path.push(name.to_owned());
        }
        if is_export {
            self.exports.insert(local.to_owned(), path);
        } else {
            self.paths.push(path);
        }
    }

    /// Adds the paths in the arguments of a macro, which are tokens that nobody has parsed.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path = Names::new();
        let mut colons = 0;
        for tree in tokens {
            match tree {
                TokenTree::Ident(ident) if colons == 2 => path.push(ident.to_string()),
                TokenTree::Ident(ident) => self.paths.push(std::mem::replace(&mut path, vec![ident.to_string()])),
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                other => {
                    self.paths.push(std::mem::take(&mut path));
                    if let TokenTree::Group(group) = other {
                        self.add_tokens(group.stream());
                    }
                }
            }
            colons = 0;
        }
        self.paths.push(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_name_a_module_is_seen() {
        let text = "pub use b::{self, C as D};\nuse crate::{a::{B, E}, f};\n\
                    fn x() { super::g::h(format!(\"{}\", i::j(k::L))) } // crate::comment\n\
                    #[cfg(test)]\nmod tests {\n use crate::test;\n}";
        let file = SourceFile::parse("room/file.rs".into(), text);
        let mut paths: Vec<String> =
            file.paths.iter().map(|path| path.join("::")).filter(|path| path.contains("::")).collect();
        paths.sort();
        assert_eq!(paths, ["crate::a::B", "crate::a::E", "crate::f", "i::j", "k::L", "super::g::h"]);
        assert_eq!(file.exports["D"], ["b", "C"]);
        assert_eq!((file.room(), &file.items[..]), ("room", &[("fn", "x".to_owned())][..]));
    }
}
