//! What the path of a text says of the secrets in it.

/// The sort of place that a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Place {
    /// Nothing known.
    #[default]
    Plain,
    /// Source code: bare words are variables there, not values.
    Code,
    /// Configuration: bare words are values there.
    Config,
}

/// What a path tells of a secret that was found there. The sort of place is known before, for every text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact that stands alone")]
pub(super) struct PathFacts {
    /// Among tests or examples.
    pub(super) is_test: bool,
    /// Among documentation: what no generator drew is an example.
    pub(super) is_documentation: bool,
    /// Prose: what stands there may be an example, or what somebody noted down.
    pub(super) is_prose: bool,
    /// A bundle or its map, where names say little.
    pub(super) is_bundle: bool,
    /// A lock file, code of others.
    pub(super) is_vendored: bool,
}

const CODE: &[&str] = &[
    "rs", "py", "js", "ts", "tsx", "jsx", "mjs", "cjs", "go", "java", "kt", "kts", "scala", "c", "h", "cc", "cpp",
    "hpp", "cxx", "hh", "cs", "vb", "fs", "swift", "m", "mm", "rb", "php", "pl", "pm", "lua", "dart", "ex", "exs",
    "erl", "hs", "ml", "clj", "groovy", "r", "jl", "zig", "nim", "sql", "vue", "svelte", "html", "htm", "css", "scss",
    "less", "pyi", "inc", "tcl", "vim", "el", "lisp", "asm", "s", "f90", "pas", "d", "proto", "thrift", "graphql",
];

const CONFIG: &[&str] = &[
    "env",
    "ini",
    "yml",
    "yaml",
    "json",
    "toml",
    "properties",
    "conf",
    "cfg",
    "config",
    "tf",
    "tfvars",
    "hcl",
    "xml",
    "sh",
    "bash",
    "zsh",
    "ps1",
    "bat",
    "cmd",
    "plist",
    "settings",
    "npmrc",
    "pypirc",
    "netrc",
    "tfstate",
    "publishsettings",
    "cnf",
    "service",
    "envrc",
    "http",
];

const TESTS: &[&str] = &[
    "test",
    "tests",
    "testing",
    "testdata",
    "test_data",
    "test-data",
    "fixture",
    "fixtures",
    "spec",
    "specs",
    "mock",
    "mocks",
    "__tests__",
    "__mocks__",
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "bench",
    "benches",
    "benchmarks",
    "e2e",
    "integration",
    "snapshots",
    "corpus",
    "fuzz",
];

const DOCUMENTATION: &[&str] = &["doc", "docs", "documentation", "man", "tutorial", "tutorials"];

const VENDORED: &[&str] = &[
    "node_modules",
    "vendor",
    "vendored",
    "third_party",
    "third-party",
    "site-packages",
    "dist-packages",
    "bower_components",
];

const LOCKS: &[&str] = &[
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "go.sum",
    "cargo.lock",
    "poetry.lock",
    "pipfile.lock",
    "composer.lock",
    "gemfile.lock",
    "packages.lock.json",
    "uv.lock",
    "bun.lock",
    "flake.lock",
    "go.mod",
    "checksums.txt",
];

impl Place {
    /// The sort of place that a path names.
    pub(super) fn of(path: Option<&str>) -> Self {
        let name = path.and_then(|path| path.rsplit(['/', '\\']).next()).unwrap_or_default();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let is_in = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(extension));
        let begins = |with: &str| name.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
        if is_in(CODE) {
            Self::Code
        } else if is_in(CONFIG) || begins(".env") || begins("dockerfile") {
            Self::Config
        } else {
            Self::Plain
        }
    }
}

impl PathFacts {
    /// What a path tells.
    pub(super) fn of(path: Option<&str>) -> Self {
        let Some(path) = path else { return Self::default() };
        let lower = path.to_ascii_lowercase();
        let name = lower.rsplit(['/', '\\']).next().unwrap_or_default();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let stem = name.split('.').next().unwrap_or_default();
        let names_test = stem.starts_with("test_")
            || stem.ends_with("_test")
            || stem.ends_with("_tests")
            || stem.ends_with("-test")
            || stem == "test"
            || stem == "tests"
            || name.contains(".test.")
            || name.contains(".spec.")
            || stem == "changelog"
            || stem.ends_with("example")
            || extension == "example"
            || extension == "sample"
            || extension == "pot"
            || extension == "po";
        let in_any = |list: &[&str]| lower.split(['/', '\\']).rev().skip(1).any(|folder| list.contains(&folder));
        let is_lock = extension == "lock" || extension == "sum" || LOCKS.contains(&name);
        Self {
            is_test: names_test || in_any(TESTS),
            is_documentation: in_any(DOCUMENTATION),
            is_prose: stem == "readme" || extension == "md" || extension == "rst",
            is_bundle: name.contains(".min.") || extension == "map",
            is_vendored: is_lock || in_any(VENDORED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_code_from_configuration_and_tests_from_the_rest() {
        let facts = |path| (Place::of(Some(path)), PathFacts::of(Some(path)));
        let (place, found) = facts("src/tests/data/Main.rs");
        assert_eq!((place, found.is_test, found.is_vendored), (Place::Code, true, false));
        let (place, found) = facts("app/.ENV.production");
        assert_eq!((place, found.is_test, found.is_vendored), (Place::Config, false, false));
        assert_eq!(Place::of(Some("C:\\app\\Dockerfile")), Place::Config);
        assert_eq!((Place::of(Some("a.b/notes")), Place::of(None)), (Place::Plain, Place::Plain));
        assert!(PathFacts::of(Some("web/package-lock.json")).is_vendored);
        assert!(PathFacts::of(Some("C:\\x\\node_modules\\y\\z.js")).is_vendored);
        assert!(!PathFacts::of(Some("src/attest/latest.rs")).is_test);
        let notes = PathFacts::of(Some("ops/RUNBOOK.md"));
        assert!(notes.is_prose && !notes.is_documentation);
        let manual = PathFacts::of(Some("docs/a.md"));
        assert!(manual.is_documentation && !manual.is_test);
        assert_eq!(PathFacts::of(None), PathFacts::default());
    }
}
