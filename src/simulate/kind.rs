//! The kinds of workload in a simulated tenant.

use serde::Serialize;

/// A kind of workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum WorkloadKind {
    /// A job at fixed times of the day.
    Cron,
    /// A service in the tenant's own network.
    Service,
    /// A pipeline with a secret, on hosted or own runners.
    Pipeline,
    /// A pipeline with a federated credential.
    FederatedPipeline,
    /// A vendor's service, from several networks of the vendor.
    Vendor,
    /// A service in several regions at once.
    MultiRegion,
    /// Containers that come and go.
    Containers,
    /// A virtual machine's own identity.
    SystemIdentity,
    /// A managed identity that several resources share.
    UserIdentity,
    /// People who use an application's secret by hand.
    Person,
    /// An agent under a blueprint.
    Agent,
    /// An application that has all but fallen silent.
    Dormant,
    /// A job that runs once a month.
    Monthly,
    /// A daemon that works over Microsoft Graph.
    Daemon,
    /// One scanner that makes nearly all of a tenant's sign-ins.
    Scanner,
}

impl WorkloadKind {
    /// How often each kind occurs, in shares.
    pub(super) const SHARES: [(Self, u32); 14] = [
        (Self::Cron, 13),
        (Self::Service, 13),
        (Self::Pipeline, 8),
        (Self::FederatedPipeline, 8),
        (Self::Vendor, 9),
        (Self::MultiRegion, 5),
        (Self::Containers, 10),
        (Self::SystemIdentity, 9),
        (Self::UserIdentity, 6),
        (Self::Person, 3),
        (Self::Agent, 5),
        (Self::Dormant, 3),
        (Self::Monthly, 2),
        (Self::Daemon, 9),
    ];

    /// Whether Azure holds the credential.
    pub(super) fn is_managed(self) -> bool {
        matches!(self, Self::SystemIdentity | Self::UserIdentity)
    }

    /// Whether it runs in pipelines.
    pub(super) fn is_pipeline(self) -> bool {
        matches!(self, Self::Pipeline | Self::FederatedPipeline)
    }

    /// The word in labels and tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cron => "cron",
            Self::Service => "service",
            Self::Pipeline => "pipeline",
            Self::FederatedPipeline => "federatedPipeline",
            Self::Vendor => "vendor",
            Self::MultiRegion => "multiRegion",
            Self::Containers => "containers",
            Self::SystemIdentity => "systemIdentity",
            Self::UserIdentity => "userIdentity",
            Self::Person => "person",
            Self::Agent => "agent",
            Self::Dormant => "dormant",
            Self::Monthly => "monthly",
            Self::Daemon => "daemon",
            Self::Scanner => "scanner",
        }
    }
}
