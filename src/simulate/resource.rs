//! The APIs that tokens are for, and the calls to Microsoft Graph that are made with them.

use super::random::Random;
use std::borrow::Cow;
use uuid::Uuid;

/// An API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) app: Uuid,
    pub(super) name: Cow<'static, str>,
}

const fn known(name: &'static str, app: u128) -> Resource {
    Resource { app: Uuid::from_u128(app), name: Cow::Borrowed(name) }
}

/// Microsoft Graph.
pub(super) const GRAPH: Resource = known("Microsoft Graph", 0x00000003_0000_0000_c000_000000000000);
/// Azure Resource Manager.
pub(super) const ARM: Resource = known("Windows Azure Service Management API", 0x797f4846_ba00_4fd7_ba43_dac1f8f63013);
/// Azure Key Vault.
pub(super) const VAULT: Resource = known("Azure Key Vault", 0xcfa8b339_82a2_471a_a3c9_0fc0be7a4093);
/// Azure Storage.
pub(super) const STORAGE: Resource = known("Azure Storage", 0xe406a681_f3d4_42a8_90b6_c2b029497af1);
/// Azure SQL.
pub(super) const SQL: Resource = known("Azure SQL Database", 0x022907d3_0f1b_48f7_badc_1ba6abab6d66);
/// Exchange Online.
pub(super) const EXCHANGE: Resource = known("Office 365 Exchange Online", 0x00000002_0000_0ff1_ce00_000000000000);
/// SharePoint Online.
pub(super) const SHAREPOINT: Resource = known("Office 365 SharePoint Online", 0x00000003_0000_0ff1_ce00_000000000000);
/// Azure DevOps.
pub(super) const DEVOPS: Resource = known("Azure DevOps", 0x499b84ac_1321_427f_aa17_267ca6975798);
/// Service Bus.
pub(super) const BUS: Resource = known("Microsoft.ServiceBus", 0x80a10ef9_8168_493d_abf9_3297c4ef6e3c);
/// Event Hubs.
pub(super) const HUBS: Resource = known("Microsoft.EventHubs", 0x80369ed6_5f11_4dd9_bef3_692475845e77);
/// Azure Monitor.
pub(super) const MONITOR: Resource = known("Azure Monitor", 0xe933bd07_d2ee_4f1d_933c_3752b819567b);

/// What workloads use besides Graph.
const PLATFORM: [Resource; 10] = [ARM, VAULT, STORAGE, SQL, BUS, HUBS, MONITOR, SHAREPOINT, DEVOPS, EXCHANGE];

impl Resource {
    /// What a workload may use.
    pub(super) fn any(random: &mut Random) -> Self {
        if random.chance(0.25) {
            return Self::own(random);
        }
        if random.chance(0.2) { GRAPH } else { random.choose(&PLATFORM).cloned().unwrap_or(STORAGE) }
    }

    /// An API of the tenant itself.
    pub(super) fn own(random: &mut Random) -> Self {
        const NAMES: [&str; 8] = ["orders", "billing", "inventory", "payroll", "events", "catalog", "ledger", "search"];
        let name = random.pick(&NAMES);
        Self { app: random.guid(), name: Cow::Owned(format!("{name}-api-{}", random.below(40))) }
    }

    /// What somebody who has stolen a credential tries.
    pub(super) fn sought(random: &mut Random) -> Self {
        random.share_of(&[(GRAPH, 45), (ARM, 25), (VAULT, 15), (STORAGE, 8), (EXCHANGE, 7)])
    }
}

impl Random {
    fn share_of(&mut self, shares: &[(Resource, u32)]) -> Resource {
        let places: Vec<(usize, u32)> = shares.iter().enumerate().map(|(at, (_, share))| (at, *share)).collect();
        let at = self.share(&places, 0);
        shares.get(at).map_or(GRAPH, |(resource, _)| resource.clone())
    }
}

/// A family of Graph calls: a template with `*` for an id, and the permission it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) role: &'static str,
}

const fn call(method: &'static str, path: &'static str, role: &'static str) -> Call {
    Call { method, path, role }
}

/// What services do over Graph.
pub(super) static SERVICE_CALLS: [Call; 18] = [
    call("GET", "users?$top=999", "User.Read.All"),
    call("GET", "users/*", "User.Read.All"),
    call("GET", "users/delta?$deltatoken=*", "User.Read.All"),
    call("GET", "groups/*/members", "GroupMember.Read.All"),
    call("GET", "groups/delta?$deltatoken=*", "Group.Read.All"),
    call("POST", "users/*/sendMail", "Mail.Send"),
    call("GET", "sites/*/drive/root/children", "Sites.Read.All"),
    call("GET", "drives/*/items/*/content", "Files.Read.All"),
    call("GET", "users/*/calendar/events", "Calendars.Read"),
    call("POST", "subscriptions", "Mail.Read"),
    call("GET", "deviceManagement/managedDevices", "DeviceManagementManagedDevices.Read.All"),
    call("GET", "auditLogs/signIns?$top=1000", "AuditLog.Read.All"),
    call("GET", "users/*/mailFolders/inbox/messages", "Mail.Read"),
    call("POST", "$batch", "User.Read.All"),
    call("GET", "organization", "Directory.Read.All"),
    call("GET", "groups?$top=999", "Directory.Read.All"),
    call("GET", "applications?$top=999", "Application.Read.All"),
    call("GET", "servicePrincipals?$top=999", "Application.Read.All"),
];

/// What somebody does who looks around.
pub(super) static RECON_CALLS: [Call; 10] = [
    call("GET", "organization", "Directory.Read.All"),
    call("GET", "users?$top=999", "Directory.Read.All"),
    call("GET", "groups?$top=999", "Directory.Read.All"),
    call("GET", "applications?$top=999", "Application.Read.All"),
    call("GET", "servicePrincipals?$top=999", "Application.Read.All"),
    call("GET", "directoryRoles", "RoleManagement.Read.Directory"),
    call("GET", "directoryRoles/*/members", "RoleManagement.Read.Directory"),
    call("GET", "roleManagement/directory/roleAssignments", "RoleManagement.Read.Directory"),
    call("GET", "servicePrincipals/*/appRoleAssignments", "Application.Read.All"),
    call("GET", "identity/conditionalAccess/policies", "Policy.Read.All"),
];

/// What everybody does, thieves too.
pub(super) static COMMON_CALLS: [Call; 10] = [
    call("GET", "users?$top=999", "User.Read.All"),
    call("GET", "users/*", "User.Read.All"),
    call("GET", "groups/*/members", "GroupMember.Read.All"),
    call("GET", "groups?$top=999", "Group.Read.All"),
    call("GET", "sites/*/drive/root/children", "Sites.Read.All"),
    call("GET", "drives/*/items/*/content", "Files.Read.All"),
    call("GET", "users/*/calendar/events", "Calendars.Read"),
    call("GET", "auditLogs/signIns?$top=1000", "AuditLog.Read.All"),
    call("GET", "organization", "Directory.Read.All"),
    call("GET", "applications?$top=999", "Application.Read.All"),
];

/// Reading people's mail.
pub(super) static MAIL_CALLS: [Call; 3] = [
    call("GET", "users/*/messages?$top=100", "Mail.Read"),
    call("GET", "users/*/mailFolders/inbox/messages?$top=100", "Mail.Read"),
    call("GET", "users/*/messages/*/attachments", "Mail.Read"),
];
