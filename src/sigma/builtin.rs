//! Picket's own rules, compiled in, each part with its examples beside it.

/// One file of rules with its examples.
#[derive(Debug)]
pub(super) struct Part {
    /// Its name.
    pub(super) name: &'static str,
    /// The rules.
    pub(super) rules: &'static str,
    /// A JSON line an example.
    pub(super) examples: &'static str,
}

macro_rules! parts {
    ($($name:literal),* $(,)?) => {
        /// All parts.
        pub(super) const BUILTIN: &[Part] = &[$(Part {
            name: $name,
            rules: include_str!(concat!("../../rules/sigma/", $name, ".yml")),
            examples: include_str!(concat!("../../rules/sigma/", $name, ".examples.ndjson")),
        }),*];
    };
}

parts![
    "azure",
    "configuration",
    "credentials",
    "federation",
    "github",
    "graph",
    "lifecycle",
    "office",
    "ownership",
    "permissions",
    "roles",
    "signins",
    "tenant",
    "tools"
];
