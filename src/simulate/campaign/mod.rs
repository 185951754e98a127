//! Campaigns: what thieves do, after published cases, loudly or quietly; and honest acts that look like them.

mod act;
mod attacker;
mod plan;
mod script;

pub(super) use act::Campaign;
pub(super) use plan::plan;

use super::kind::WorkloadKind;
use super::workload::{KeyKind, Workload};
use serde::Serialize;

/// A kind of campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum CampaignKind {
    /// A copied secret is used from elsewhere.
    StolenSecret,
    /// A secret stands in a public repository, and somebody takes it.
    LeakThenUse,
    /// A secret stands in a public repository, and nobody has taken it yet.
    LeakAlone,
    /// A pipeline's secret, printed into its log, is used from elsewhere.
    StolenPipelineSecret,
    /// A fallen administrator adds a secret to an application, which is then used from elsewhere (Midnight Blizzard).
    RogueSecretByAdmin,
    /// A fallen application that may change others adds a secret to one of them.
    RogueSecretByApp,
    /// A trust in the thief's own issuer is added.
    FederatedBackdoor,
    /// A managed identity's token, taken by way of a hole in a web application, is used outside Azure.
    ManagedTokenOutside,
    /// A machine's identity is used, on the machine, for what it never did.
    ManagedIdentityPillage,
    /// A forgotten test application comes to life, with a new secret and permissions (Midnight Blizzard).
    DormantRevived,
    /// An application gives itself permissions.
    SelfGrant,
    /// Very many mailboxes are read.
    MassMail,
    /// The directory is searched over Graph.
    GraphRecon,
    /// Guessed secrets are tried on many applications; one fits.
    SecretSpray,
    /// The credential of a blueprint is used to act as its agents.
    AgentBlueprint,
    /// Several principals fall to one network.
    OneNetworkMany,
    /// One sign-in a day.
    LowAndSlow,
    /// From the victim's own cloud and region, with its own software.
    SameCloudMimic,
    /// A token is used from another network than it was issued to.
    TokenReplay,
    /// A copied certificate is used from elsewhere.
    StolenCertificate,
    /// A changed workflow runs on the usual runners and does what it never did.
    WorkflowHijack,
    /// An application makes itself an administrator.
    RoleEscalation,
    /// An old secret is tried, then a good one.
    ExpiredThenValid,
    /// A fallen person becomes owner, then adds a certificate.
    OwnerThenCertificate,
    /// Not a theft: testers use a secret that they were given, from a rented server.
    Pentest,
    /// Not a theft: a secret that was removed long ago stands in a public repository.
    DeadLeak,
}

/// How careful the thief is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Variant {
    /// From a rented server or a VPN, with tools of the trade, at once.
    Loud,
    /// From near the victim, with its software, in its hours.
    Stealthy,
}

impl CampaignKind {
    /// All kinds of theft.
    pub const THEFTS: [Self; 24] = [
        Self::StolenSecret,
        Self::LeakThenUse,
        Self::LeakAlone,
        Self::StolenPipelineSecret,
        Self::RogueSecretByAdmin,
        Self::RogueSecretByApp,
        Self::FederatedBackdoor,
        Self::ManagedTokenOutside,
        Self::ManagedIdentityPillage,
        Self::DormantRevived,
        Self::SelfGrant,
        Self::MassMail,
        Self::GraphRecon,
        Self::SecretSpray,
        Self::AgentBlueprint,
        Self::OneNetworkMany,
        Self::LowAndSlow,
        Self::SameCloudMimic,
        Self::TokenReplay,
        Self::StolenCertificate,
        Self::WorkflowHijack,
        Self::RoleEscalation,
        Self::ExpiredThenValid,
        Self::OwnerThenCertificate,
    ];

    /// All that only look like thefts.
    pub(super) const LOOK_ALIKES: [Self; 2] = [Self::Pentest, Self::DeadLeak];

    /// Kept aside: detectors are never tuned on these, only measured.
    pub const fn is_held_out(self) -> bool {
        matches!(
            self,
            Self::OwnerThenCertificate
                | Self::StolenCertificate
                | Self::TokenReplay
                | Self::LowAndSlow
                | Self::RoleEscalation
                | Self::OneNetworkMany
                | Self::ExpiredThenValid
                | Self::ManagedIdentityPillage
        )
    }

    /// Whether it only looks like a theft.
    pub const fn is_benign(self) -> bool {
        matches!(self, Self::Pentest | Self::DeadLeak)
    }

    /// The word in labels, tables and `--campaigns`.
    pub fn name(self) -> String {
        let json = serde_json::to_string(&self).unwrap_or_default();
        json.trim_matches('"').to_owned()
    }

    /// How many principals fall, at least and at most.
    fn victims(self) -> (usize, usize) {
        match self {
            Self::RogueSecretByApp => (2, 2),
            Self::SecretSpray => (6, 14),
            Self::AgentBlueprint => (1, 4),
            Self::OneNetworkMany => (3, 6),
            _ => (1, 1),
        }
    }

    /// Whether it can befall this workload.
    fn befalls(self, workload: &Workload) -> bool {
        let key = workload.key().map(|key| key.kind);
        let idle = matches!(workload.kind, WorkloadKind::Dormant | WorkloadKind::Monthly);
        match self {
            Self::StolenPipelineSecret => workload.kind == WorkloadKind::Pipeline && workload.has_secret(),
            Self::ManagedTokenOutside | Self::ManagedIdentityPillage => workload.kind.is_managed(),
            Self::DormantRevived => workload.kind == WorkloadKind::Dormant,
            Self::AgentBlueprint => workload.kind == WorkloadKind::Agent,
            Self::TokenReplay => !workload.calls.is_empty() && !workload.kind.is_managed() && !idle,
            Self::StolenCertificate => key == Some(KeyKind::Certificate) && !idle,
            Self::WorkflowHijack => workload.kind.is_pipeline(),
            Self::MassMail => workload.has_secret() && !idle && workload.roles.contains(&"Mail.Read"),
            Self::SelfGrant | Self::RoleEscalation => {
                workload.blueprint.is_none() && !workload.kind.is_managed() && !idle
            }
            Self::RogueSecretByAdmin
            | Self::RogueSecretByApp
            | Self::FederatedBackdoor
            | Self::OwnerThenCertificate => workload.blueprint.is_none() && !workload.kind.is_managed(),
            Self::LeakAlone | Self::DeadLeak => workload.has_secret(),
            _ => workload.has_secret() && !idle,
        }
    }
}

impl Variant {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Loud, Self::Stealthy];
}
