//! The typed events: what a decoded record says happened. Nothing past the decoder looks at JSON.

mod activity;
mod command;
mod directory;
mod fall;
mod finding;
mod id;
mod microsoft;
mod network;
mod office_act;
mod own_name;
mod ownership;
mod place;
mod repository_act;
mod signal;
mod signin;
mod spray;
mod time;
mod trust;

pub use activity::{ApiActivity, Service};
pub use command::{Command, ExpectedChange, Verdict, Window};
pub use directory::{
    Actor, ActorKind, Credential, CredentialChange, CredentialKind, DirectoryChange, InventoryApplication,
    InventoryServicePrincipal, KnownPerson, Operation, PropertyChange, Target, TargetKind,
};
pub use fall::Fall;
pub use finding::{AlertState, CodeFinding, CredentialOwner, Exposure, OwnerKind, RepositoryOpened};
pub use id::{AppId, EventId, Id, KeyId, NAMESPACE, ObjectId, PrincipalId, TenantId};
pub use microsoft::{MicrosoftRisk, UserRisk, UserRiskGrade};
pub use network::{Network, Networks, is_public};
pub use office_act::OfficeAct;
pub use ownership::Ownership;
pub use place::{Agent, Place, hash};
pub use repository_act::RepositoryAct;
pub use signal::{
    About, CorrelationKind, CorrelationPart, IndicatorKind, IndicatorMatch, Maturity, RuleLevel, RuleMatch, Signal,
};
pub use signin::{AgentKind, CredentialType, ManagedIdentity, PrincipalKind, SignIn};
pub use spray::Spray;
pub use time::{Day, EventTime};

use crate::tenant::{Snapshot, Summary};
use serde::{Deserialize, Serialize};

/// One thing that happened in one tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The record's own id: equal for every delivery of the same event.
    pub id: EventId,
    /// Where it happened.
    pub tenant: TenantId,
    /// When it happened, by the record; never when it was delivered.
    pub time: EventTime,
    /// What happened.
    pub body: Body,
    /// What was found in its record without any state.
    #[serde(default)]
    pub signals: Vec<Signal>,
}

/// What happened, one variant a kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Body {
    /// A service principal, managed identity or agent asked for a token.
    SignIn(Box<SignIn>),
    /// Somebody changed the directory.
    DirectoryChange(Box<DirectoryChange>),
    /// A workload identity called an API.
    ApiActivity(Box<ApiActivity>),
    /// A credential was found where it should not be, or such a finding changed.
    CodeFinding(Box<CodeFinding>),
    /// Microsoft's own verdict on a workload identity.
    MicrosoftRisk(Box<MicrosoftRisk>),
    /// Microsoft's own verdict on a person.
    UserRisk(Box<UserRisk>),
    /// One application of the inventory.
    InventoryApplication(Box<InventoryApplication>),
    /// One service principal of the inventory.
    InventoryServicePrincipal(Box<InventoryServicePrincipal>),
    /// An administrator's word on principals.
    Command(Box<Command>),
    /// Somebody announces an expected change.
    ExpectedChange(Box<ExpectedChange>),
    /// Time passed; carries nothing else.
    Tick,
    /// A principal tells its tenant what is usual for it.
    Summary(Box<Summary>),
    /// A tenant tells what its principals share.
    Snapshot(Box<Snapshot>),
    /// A repository was opened to the public.
    RepositoryOpened(RepositoryOpened),
    /// An application tells its principals whom to ask about it.
    Ownership(Box<Ownership>),
    /// A principal tells of a detection what others may share.
    Fall(Box<Fall>),
    /// An address block tells a principal that others were refused from there, too.
    Spray(Spray),
    /// Somebody did something in or to a repository.
    RepositoryAct(Box<RepositoryAct>),
    /// A workload identity did something in Exchange or `SharePoint`.
    OfficeAct(Box<OfficeAct>),
}

impl Body {
    /// Where it came from, of what comes from somewhere.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::SignIn(sign_in) => Some(&sign_in.place),
            Self::DirectoryChange(change) => Some(&change.actor.place),
            Self::ApiActivity(call) => Some(&call.place),
            Self::RepositoryAct(act) => Some(&act.place),
            Self::OfficeAct(act) => Some(&act.place),
            Self::CodeFinding(_)
            | Self::MicrosoftRisk(_)
            | Self::UserRisk(_)
            | Self::InventoryApplication(_)
            | Self::InventoryServicePrincipal(_)
            | Self::Command(_)
            | Self::ExpectedChange(_)
            | Self::Tick
            | Self::Summary(_)
            | Self::Snapshot(_)
            | Self::RepositoryOpened(_)
            | Self::Ownership(_)
            | Self::Fall(_)
            | Self::Spray(_) => None,
        }
    }

    /// The category name used in counters and snapshots.
    pub fn category(&self) -> &'static str {
        match self {
            Self::SignIn(sign_in) if sign_in.user.is_some() => "NonInteractiveUserSignInLogs",
            Self::SignIn(sign_in) => match sign_in.kind {
                PrincipalKind::ManagedIdentity => "ManagedIdentitySignInLogs",
                PrincipalKind::Application | PrincipalKind::Agent | PrincipalKind::External => {
                    "ServicePrincipalSignInLogs"
                }
            },
            Self::DirectoryChange(_) => "AuditLogs",
            Self::ApiActivity(call) => match call.service {
                Service::Graph => "MicrosoftGraphActivityLogs",
                Service::ResourceManager => "AzureActivity",
                Service::KeyVault => "AuditEvent",
            },
            Self::CodeFinding(_) => "CodeFinding",
            Self::MicrosoftRisk(_) => "MicrosoftRisk",
            Self::UserRisk(_) => "UserRisk",
            Self::InventoryApplication(_) | Self::InventoryServicePrincipal(_) => "Inventory",
            Self::Command(_) | Self::ExpectedChange(_) => "Command",
            Self::Tick => "Tick",
            Self::Summary(_) => "Summary",
            Self::Snapshot(_) => "Snapshot",
            Self::RepositoryOpened(_) => "RepositoryOpened",
            Self::Ownership(_) => "Ownership",
            Self::Fall(_) => "Fall",
            Self::Spray(_) => "Spray",
            Self::RepositoryAct(_) => "GitHubAudit",
            Self::OfficeAct(_) => "OfficeActivity",
        }
    }
}
