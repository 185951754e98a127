//! The rules that Picket ships.

/// All files of `rules/secrets`, by name.
pub(in super::super) const FILES: &[(&str, &str)] = &[
    ("azure.yaml", include_str!("../../../../rules/secrets/azure.yaml")),
    ("aws.yaml", include_str!("../../../../rules/secrets/aws.yaml")),
    ("gcp.yaml", include_str!("../../../../rules/secrets/gcp.yaml")),
    ("code-platforms.yaml", include_str!("../../../../rules/secrets/code-platforms.yaml")),
    ("ci.yaml", include_str!("../../../../rules/secrets/ci.yaml")),
    ("cloud.yaml", include_str!("../../../../rules/secrets/cloud.yaml")),
    ("secret-stores.yaml", include_str!("../../../../rules/secrets/secret-stores.yaml")),
    ("kubernetes.yaml", include_str!("../../../../rules/secrets/kubernetes.yaml")),
    ("data.yaml", include_str!("../../../../rules/secrets/data.yaml")),
    ("ai.yaml", include_str!("../../../../rules/secrets/ai.yaml")),
    ("chat.yaml", include_str!("../../../../rules/secrets/chat.yaml")),
    ("mail-sms.yaml", include_str!("../../../../rules/secrets/mail-sms.yaml")),
    ("payments.yaml", include_str!("../../../../rules/secrets/payments.yaml")),
    ("monitoring.yaml", include_str!("../../../../rules/secrets/monitoring.yaml")),
    ("crypto.yaml", include_str!("../../../../rules/secrets/crypto.yaml")),
    ("frameworks.yaml", include_str!("../../../../rules/secrets/frameworks.yaml")),
    ("network.yaml", include_str!("../../../../rules/secrets/network.yaml")),
    ("saas.yaml", include_str!("../../../../rules/secrets/saas.yaml")),
    ("generic.yaml", include_str!("../../../../rules/secrets/generic.yaml")),
];
