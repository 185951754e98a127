//! The facts that detections of credential additions rest on.

use crate::detect::calibration::CALIBRATION;
use crate::detect::{Evidence, changed_by};

pub(super) const OF_ADDITIONS: &[Evidence] = &[
    changed_by::ADDED_BY,
    changed_by::ADDED_FROM,
    changed_by::PERSON_AT_RISK,
    Evidence::new(
        "addedByItself",
        "the principal added it to itself",
        &["suspicious_credential_addition.self_added_bits"],
    ),
    Evidence::new(
        "addedTo",
        "it stands on the service principal, which the page of App registrations does not show",
        &["suspicious_credential_addition.on_service_principal_bits"],
    ),
    Evidence::new(
        "credentialKind",
        "a kind of credential that the principal never had",
        &["suspicious_credential_addition.new_kind_bits"],
    ),
    Evidence::new("privilege", "what the principal may do: told because it sets the priority, and never counted", &[]),
    Evidence::new(
        "issuer",
        "a federated issuer that is none of the well-known CI systems and clouds",
        &["suspicious_credential_addition.unknown_issuer_bits"],
    ),
    Evidence::new(
        "trustAmongPeers",
        "whether others of the tenant trust that issuer and organisation, too",
        &["peers.trust"],
    ),
    Evidence::new(
        "issuerChanged",
        "a trust that stood before now trusts another issuer",
        &["suspicious_credential_addition.issuer_changed_bits"],
    ),
    Evidence::new(
        "subject",
        "a wildcard or an expression in place of one subject",
        &["suspicious_credential_addition.many_subjects_bits"],
    ),
    Evidence::new(
        "usedFrom",
        "in a sequence: it was used from a place where the principal has never been",
        &[
            "habits.theft_new.network",
            "habits.honest_new.network",
            "suspicious_credential_addition.sequence_place_bits",
        ],
    ),
    Evidence::new(
        "usedSoon",
        "in a sequence: addition and use come together within days",
        &["suspicious_credential_addition.sequence_bits", "suspicious_credential_addition.join_days"],
    ),
    Evidence::new(
        CALIBRATION,
        "how common doubtful findings of this kind are in the tenant, and how many alerts the operator wants",
        &["alerts.doubtful", "alerts.per_1000_principals_day"],
    ),
];
