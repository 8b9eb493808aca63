//! What a source file names of its own crate.

use std::collections::BTreeMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ItemMod, ItemUse, Macro, Path, UseTree, Visibility};

/// The parts of a path, or of the place of a file in its crate; the root is empty.
pub(super) type ModulePath = Vec<String>;

/// The paths of a file that may lead to other files.
#[derive(Debug, Default)]
pub(super) struct Imports {
    pub(super) paths: Vec<ModulePath>,
    /// What `pub use` makes known under a name.
    pub(super) exports: BTreeMap<String, ModulePath>,
}

impl Imports {
    pub(super) fn of(text: &str) -> syn::Result<Self> {
        let mut imports = Self::default();
        imports.visit_file(&syn::parse_file(text)?);
        Ok(imports)
    }

    /// Adds the leaves of a tree of imports.
    fn add(&mut self, tree: &UseTree, base: &ModulePath, is_public: bool) {
        let with = |name: &dyn ToString| {
            let mut path = base.clone();
            path.push(name.to_string());
            path
        };
        let (path, name) = match tree {
            UseTree::Path(path) => return self.add(&path.tree, &with(&path.ident), is_public),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add(tree, base, is_public);
                }
                return;
            }
            UseTree::Glob(_) => (base.clone(), None),
            UseTree::Name(name) if name.ident == "self" => (base.clone(), base.last().cloned()),
            UseTree::Name(name) => (with(&name.ident), Some(name.ident.to_string())),
            UseTree::Rename(rename) => (with(&rename.ident), Some(rename.rename.to_string())),
        };
        if let Some(name) = name.filter(|_| is_public) {
            self.exports.insert(name, path.clone());
        }
        self.paths.push(path);
    }

    /// Adds the paths among the words of a macro, which only the macro can read.
    fn add_words(&mut self, words: TokenStream) {
        let mut path = ModulePath::new();
        let mut goes_on = false;
        for word in words {
            match word {
                TokenTree::Ident(name) if goes_on || is_start(&name.to_string()) => {
                    if !goes_on {
                        self.paths
                            .extend((!path.is_empty()).then(|| std::mem::take(&mut path)));
                    }
                    path.push(name.to_string());
                    goes_on = false;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    goes_on = true;
                }
                other => {
                    self.paths
                        .extend((!path.is_empty()).then(|| std::mem::take(&mut path)));
                    goes_on = false;
                    if let TokenTree::Group(group) = other {
                        self.add_words(group.stream());
                    }
                }
            }
        }
        self.paths.extend((!path.is_empty()).then_some(path));
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        if !module.attrs.iter().any(is_for_tests) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, import: &'ast ItemUse) {
        if !import.attrs.iter().any(is_for_tests) {
            let is_public = !matches!(import.vis, Visibility::Inherited);
            self.add(&import.tree, &ModulePath::new(), is_public);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let parts: ModulePath = path
            .segments
            .iter()
            .map(|part| part.ident.to_string())
            .collect();
        if parts.len() > 1 && parts.first().is_some_and(|first| is_start(first)) {
            self.paths.push(parts);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.add_words(called.tokens.clone());
    }
}

/// Whether a path that begins so stays in the crate.
fn is_start(name: &str) -> bool {
    ["crate", "super", "self"].contains(&name)
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute
            .parse_args::<Path>()
            .is_ok_and(|condition| condition.is_ident("test"))
}
