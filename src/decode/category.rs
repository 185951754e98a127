//! What a record is: by its category, else by its table, else by its shape.

use super::outcome::ReasonCode;
use super::refusal::Refusal;
use super::wire::{Fields, Record};
use super::wire_key::{Key, Marker};

/// What a record is, as far as Picket cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    /// `ServicePrincipalSignInLogs`.
    ServicePrincipalSignIn,
    /// `ManagedIdentitySignInLogs`.
    ManagedIdentitySignIn,
    /// `SignInLogs`, `NonInteractiveUserSignInLogs`: people's, and those of agents for people.
    UserSignIn,
    /// `AuditLogs`.
    Audit,
    /// `MicrosoftGraphActivityLogs`.
    GraphActivity,
    /// The activity log of Azure Resource Manager.
    AzureActivity,
    /// `AuditEvent` of a key vault.
    KeyVault,
    /// `ServicePrincipalRiskEvents`, `RiskyServicePrincipals`.
    PrincipalRisk,
    /// `AgentRiskEvents`, `RiskyAgents`.
    AgentRisk,
    /// `UserRiskEvents`, `RiskyUsers`.
    UserRisk,
    /// A Graph `application`.
    Application,
    /// A Graph `servicePrincipal`.
    ServicePrincipal,
    /// A Graph `agentUser`: the user account of an agent.
    AgentUser,
    /// An administrator's command.
    Command,
    /// A GitHub webhook body or a line of a GitHub event archive.
    CodeFeed,
    /// An entry of GitHub's audit log.
    GitHubAudit,
    /// The unified audit log of Microsoft 365.
    Office,
}

/// Category words, and the tables of the same name behind `AAD`.
const WORDS: [(&str, Category); 15] = [
    ("ServicePrincipalSignInLogs", Category::ServicePrincipalSignIn),
    ("ManagedIdentitySignInLogs", Category::ManagedIdentitySignIn),
    ("SignInLogs", Category::UserSignIn),
    ("NonInteractiveUserSignInLogs", Category::UserSignIn),
    ("AuditLogs", Category::Audit),
    ("MicrosoftGraphActivityLogs", Category::GraphActivity),
    ("AzureActivity", Category::AzureActivity),
    ("ServicePrincipalRiskEvents", Category::PrincipalRisk),
    ("RiskyServicePrincipals", Category::PrincipalRisk),
    ("AgentRiskEvents", Category::AgentRisk),
    ("RiskyAgents", Category::AgentRisk),
    ("UserRiskEvents", Category::UserRisk),
    ("RiskyUsers", Category::UserRisk),
    ("OfficeActivity", Category::Office),
    ("AZKVAuditLogs", Category::KeyVault),
];

/// Says what a record is.
pub(super) fn category(record: &Record<'_>) -> Result<Category, Refusal> {
    let outer = &record.outer;
    let word = outer.leaf(Key::Category).text();
    let table = outer.leaf(Key::Type).text();
    if let Some(known) = [&word, &table].into_iter().flatten().find_map(|word| by_word(word)) {
        return Ok(known);
    }
    if let Some(known) = word.as_deref().and_then(|word| by_resource(word, outer)) {
        return Ok(known);
    }
    // An audit record's own `category` is an inner one (`ApplicationManagement`) where there is no envelope.
    if let Some(shape) = by_shape(record, word.is_some()) {
        return Ok(shape);
    }
    match word.or(table) {
        Some(word) => Err(Refusal::ignored(&word)),
        None => Err(Refusal::dead(ReasonCode::UnknownShape, "no category, and no shape that tells it".to_owned())),
    }
}

fn by_word(word: &str) -> Option<Category> {
    let bare = match word.split_at_checked(3) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("AAD") => rest,
        _ => word,
    };
    WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(bare)).map(|(_, category)| *category)
}

/// Azure's own logs name what was done in their category; whose log it is stands in the path of the resource.
fn by_resource(word: &str, outer: &Fields<'_>) -> Option<Category> {
    const ACTIVITY: [&str; 5] = ["Administrative", "Action", "Write", "Delete", "Security"];
    let is = |known: &str| known.eq_ignore_ascii_case(word);
    let path = outer.leaf(Key::ResourceId).text()?.to_ascii_lowercase();
    if word.eq_ignore_ascii_case("AuditEvent") && path.contains("/providers/microsoft.keyvault/") {
        return Some(Category::KeyVault);
    }
    // What is done to management groups and to the tenant's root stands under no subscription.
    let azure = ["/subscriptions/", "/providers/"].iter().any(|root| path.starts_with(root));
    (azure && ACTIVITY.iter().any(|known| is(known))).then_some(Category::AzureActivity)
}

fn by_shape(record: &Record<'_>, has_word: bool) -> Option<Category> {
    let body = record.body();
    if is_audit(body) {
        return Some(Category::Audit);
    }
    if is_azure_activity(&record.outer) {
        return Some(Category::AzureActivity);
    }
    if has_word {
        return None;
    }
    if body.leaf(Key::Command).is_present() {
        return Some(Category::Command);
    }
    if is_code_feed(&record.outer) {
        return Some(Category::CodeFeed);
    }
    if is_github_audit(&record.outer) {
        return Some(Category::GitHubAudit);
    }
    if is_office(&record.outer) {
        return Some(Category::Office);
    }
    if let Some(category) = by_odata_type(body) {
        return Some(category);
    }
    let present = |key| body.leaf(key).is_present();
    if present(Key::RequestUri) && present(Key::RequestMethod) {
        return Some(Category::GraphActivity);
    }
    if present(Key::RiskState) && present(Key::RiskLevel) && !present(Key::CreatedDateTime) {
        return risk(body);
    }
    if present(Key::IdentityParentId) {
        return Some(Category::AgentUser);
    }
    if is_inventory(body) {
        let principal =
            present(Key::ServicePrincipalType) || present(Key::AgentIdentityBlueprintId) || body.grants.is_given();
        return Some(if principal { Category::ServicePrincipal } else { Category::Application });
    }
    sign_in(body)
}

fn is_audit(body: &Fields<'_>) -> bool {
    body.leaf(Key::ActivityDisplayName).is_present()
        && (body.targets.is_given()
            || body.initiated_by.get().is_some()
            || body.leaf(Key::LoggedByService).is_present())
}

/// An entry of Azure's activity log as its own interface and command line write it.
fn is_azure_activity(outer: &Fields<'_>) -> bool {
    outer.leaf(Key::EventTimestamp).is_present()
        && outer.leaf(Key::OperationName).is_present()
        && (outer.claims.get().is_some() || outer.authorization.get().is_some())
}

/// A webhook names a repository (or an installation) and what was done; an archived event a `repo` and its payload.
fn is_code_feed(outer: &Fields<'_>) -> bool {
    let has = |marker| outer.has(marker);
    let webhook = has(Marker::Repository) || has(Marker::Installation);
    let deed = [Marker::Alert, Marker::Commits, Marker::Action, Marker::Sender].into_iter().any(has);
    (webhook && deed) || (has(Marker::Repo) && has(Marker::Payload))
}

/// An entry names a deed and its time as GitHub does, and who did it or to what.
fn is_github_audit(outer: &Fields<'_>) -> bool {
    let has = |marker| outer.has(marker);
    let timed = [Marker::DocumentId, Marker::Timestamp, Marker::CreatedAt].into_iter().any(has);
    let whose = [Marker::Actor, Marker::Organization, Marker::Repo, Marker::Business].into_iter().any(has);
    has(Marker::Action) && timed && whose && !has(Marker::Payload)
}

fn is_office(outer: &Fields<'_>) -> bool {
    outer.has(Marker::Operation) && (outer.has(Marker::Workload) || outer.has(Marker::OfficeWorkload))
}

fn by_odata_type(body: &Fields<'_>) -> Option<Category> {
    let name = body.leaf(Key::OdataType).text()?.to_ascii_lowercase();
    match name.strip_prefix("#microsoft.graph.")? {
        "application" | "agentidentityblueprint" => Some(Category::Application),
        "serviceprincipal" | "agentidentity" | "agentidentityblueprintprincipal" => Some(Category::ServicePrincipal),
        "agentuser" => Some(Category::AgentUser),
        "directoryaudit" => Some(Category::Audit),
        "serviceprincipalriskdetection" | "riskyserviceprincipal" => Some(Category::PrincipalRisk),
        "agentriskdetection" | "riskyagentidentity" | "riskyagentidentityblueprintprincipal" => {
            Some(Category::AgentRisk)
        }
        "riskdetection" | "riskyuser" => Some(Category::UserRisk),
        "signin" => sign_in(body),
        _ => None,
    }
}

fn risk(body: &Fields<'_>) -> Option<Category> {
    let present = |key| body.leaf(key).is_present();
    if present(Key::AgentId) || present(Key::AgentDisplayName) {
        return Some(Category::AgentRisk);
    }
    let of_a_principal = present(Key::ServicePrincipalId) || present(Key::ServicePrincipalType);
    if of_a_principal || (present(Key::AppId) && present(Key::RiskLastUpdatedDateTime)) {
        return Some(Category::PrincipalRisk);
    }
    [Key::UserId, Key::UserPrincipalName, Key::UserDisplayName].into_iter().any(present).then_some(Category::UserRisk)
}

fn is_inventory(body: &Fields<'_>) -> bool {
    let credentials = body.passwords.is_given() || body.certificates.is_given();
    let kind = body.leaf(Key::ServicePrincipalType).is_present();
    let present = |key| body.leaf(key).is_present();
    // An agent identity has no client id of its own.
    let listed = present(Key::AppId) && (credentials || kind) || present(Key::AgentIdentityBlueprintId);
    listed && !present(Key::ServicePrincipalId)
}

/// A bare Graph `signIn` says what it is in `signInEventTypes`; older exports only by who signed in.
fn sign_in(body: &Fields<'_>) -> Option<Category> {
    let says = |wanted: &str| {
        body.sign_in_types.items().iter().any(|kind| kind.text().is_some_and(|kind| kind.eq_ignore_ascii_case(wanted)))
    };
    if says("managedIdentity") {
        return Some(Category::ManagedIdentitySignIn);
    }
    if says("servicePrincipal") {
        return Some(Category::ServicePrincipalSignIn);
    }
    let present = |key| body.leaf(key).is_present();
    if body.agent.get().is_some_and(|mark| mark.agent_type.is_present()) && present(Key::UserId) {
        return Some(Category::UserSignIn);
    }
    let asked = present(Key::ResourceDisplayName) || present(Key::UniqueTokenIdentifier) || body.status.get().is_some();
    if !(asked && present(Key::CreatedDateTime) && present(Key::ServicePrincipalId)) || present(Key::UserId) {
        return None;
    }
    let kind = body.managed_service_identity.get().and_then(|identity| identity.msi_type.text());
    Some(match kind {
        Some(kind) if !kind.eq_ignore_ascii_case("none") => Category::ManagedIdentitySignIn,
        _ => Category::ServicePrincipalSignIn,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::json;

    fn of(text: &str) -> Option<Category> {
        let record: Record<'_> = json::parse(text).expect("JSON");
        category(&record).ok()
    }

    #[test]
    fn code_feeds_are_known_by_shape() {
        for text in [
            r#"{"ref":"refs/heads/main","repository":{"id":1},"commits":[],"sender":{}}"#,
            r#"{"action":"created","alert":{"number":1},"repository":{}}"#,
            r#"{"action":"created","installation":{},"sender":{}}"#,
            r#"{"id":"1","type":"PushEvent","actor":{},"repo":{},"payload":{},"created_at":"2026-05-04T10:00:00Z"}"#,
        ] {
            assert_eq!(of(text), Some(Category::CodeFeed), "{text}");
        }
        assert_eq!(of(r#"{"category":"Administrative","repository":{},"action":"x"}"#), None);
    }

    #[test]
    fn audit_logs_of_others_are_known_by_shape() {
        for text in [
            r#"{"@timestamp":1,"action":"repo.access","actor":"a","org":"o","repo":"o/r","_document_id":"x"}"#,
            r#"{"action":"business.add_admin","business":"b","created_at":1}"#,
        ] {
            assert_eq!(of(text), Some(Category::GitHubAudit), "{text}");
        }
        assert_eq!(of(r#"{"action":"update","created_at":1,"url":"u"}"#), None);
        for text in [
            r#"{"CreationTime":"t","Operation":"Send","Workload":"Exchange","RecordType":2}"#,
            r#"{"Type":"OfficeActivity","Operation":"Send","OfficeWorkload":"Exchange"}"#,
        ] {
            assert_eq!(of(text), Some(Category::Office), "{text}");
        }
    }

    #[test]
    fn a_table_stands_for_its_category() {
        assert_eq!(of(r#"{"Type":"AADManagedIdentitySignInLogs"}"#), Some(Category::ManagedIdentitySignIn));
        assert_eq!(of(r#"{"Type":"aadriskyserviceprincipals"}"#), Some(Category::PrincipalRisk));
    }
}
