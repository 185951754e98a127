//! The facts that detections of calls rest on.

use super::AMONG_PEERS;
use super::ground::OUTSIDE_AZURE;
use crate::detect::Evidence;
use crate::detect::calibration::CALIBRATION;

pub(super) const OF_CALLS: &[Evidence] = &[
    Evidence::new(
        "endpoint",
        "the endpoint, and whether it was ever called, is one that thieves go for, and was refused",
        &[
            "suspicious_api_traffic.theft_new.endpoint",
            "suspicious_api_traffic.honest_new.endpoint",
            "suspicious_api_traffic.honest_first_call",
            "suspicious_api_traffic.sought",
            "suspicious_api_traffic.grave",
            "suspicious_api_traffic.refused",
            "habits.granted",
            "habits.granted_days",
        ],
    ),
    Evidence::new(AMONG_PEERS, "how many of the tenant's other principals call a new endpoint", &["peers.endpoint"]),
    Evidence::new(
        "scope",
        "the resource group or subscription that it works in, with Azure Resource Manager",
        &["suspicious_api_traffic.theft_new.scope", "suspicious_api_traffic.honest_new.scope"],
    ),
    Evidence::new(
        "object",
        "the user, group, site, mailbox or secret that it touches, by a known endpoint of Microsoft Graph or a vault",
        &["suspicious_api_traffic.theft_new.object", "suspicious_api_traffic.honest_new.object"],
    ),
    Evidence::new(
        "client",
        "the software that calls, by its family",
        &[
            "suspicious_api_traffic.theft_new.agent",
            "suspicious_api_traffic.honest_new.agent",
            "suspicious_api_traffic.agent_beside_new_endpoint",
        ],
    ),
    Evidence::new(
        "calledFrom",
        "the network that it calls from: of what signs in from somewhere, beside a new endpoint only",
        &[
            "suspicious_api_traffic.theft_new.prefix",
            "suspicious_api_traffic.honest_new.prefix",
            "suspicious_api_traffic.theft_prefix_of_managed_identity",
            "suspicious_api_traffic.called_from_max_bits",
            "peers.own_exit",
            "peers.own_network",
            "peers.foreign",
        ],
    ),
    Evidence::new(
        OUTSIDE_AZURE,
        "whether a managed identity calls from outside of Azure: by the network's number where a file of places \
         (`geo.files`) tells it, else by the networks that Microsoft announces",
        &[
            "suspicious_api_traffic.outside_azure",
            "suspicious_api_traffic.outside_azure_by_address",
            "suspicious_api_traffic.honest_leaves_azure",
            "suspicious_api_traffic.honest_leaves_azure_by_address",
        ],
    ),
    Evidence::new(
        "breadth",
        "how many endpoints are new on one day",
        &["suspicious_api_traffic.breadth_expected", "suspicious_api_traffic.breadth_bits_a_doubling"],
    ),
    Evidence::new(
        "soughtBreadth",
        "how many of them thieves go for",
        &["suspicious_api_traffic.sought_breadth_expected", "suspicious_api_traffic.breadth_bits_a_doubling"],
    ),
    Evidence::new(
        "graveBreadth",
        "how many of them honest workloads hardly ever begin to call",
        &["suspicious_api_traffic.grave_breadth_expected", "suspicious_api_traffic.breadth_bits_a_doubling"],
    ),
    Evidence::new(
        "refusedBreadth",
        "how many of them refused it",
        &["suspicious_api_traffic.refused_breadth_expected", "suspicious_api_traffic.breadth_bits_a_doubling"],
    ),
    Evidence::new(
        "scopeBreadth",
        "how many resource groups are new on one day, by known endpoints",
        &["suspicious_api_traffic.scope_breadth_expected", "suspicious_api_traffic.breadth_bits_a_doubling"],
    ),
    Evidence::new(
        "objectBreadth",
        "how many users, sites or secrets are new on one day, by known endpoints",
        &["suspicious_api_traffic.object_breadth_expected", "suspicious_api_traffic.breadth_bits_a_doubling"],
    ),
    Evidence::new(
        "reach",
        "how many different users, groups, sites, secrets or resources it touches in a day, against its greatest day",
        &["suspicious_api_traffic.reach", "suspicious_api_traffic.sought"],
    ),
    Evidence::new(
        "volume",
        "calls in an hour, against the busiest hour known",
        &["suspicious_api_traffic.volume", "suspicious_api_traffic.volume_cap"],
    ),
    Evidence::new(
        CALIBRATION,
        "how common doubtful findings of this kind are in the tenant, and how many alerts the operator wants",
        &["alerts.doubtful", "alerts.per_1000_principals_day"],
    ),
];
