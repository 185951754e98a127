//! The rules that Picket ships.

/// All files of `rules/secrets`, by name.
pub(in super::super) const FILES: &[(&str, &str)] = &[
    ("azure.yaml", include_str!("../../../../rules/secrets/azure.yaml")),
    ("generic.yaml", include_str!("../../../../rules/secrets/generic.yaml")),
];
