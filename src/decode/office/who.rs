//! Who did it: an application with a token of its own, or a person.

use super::app;
use super::row::{AccessContext, Row};
use crate::decode::leaf::Leaf;
use picket_detectors::event::{AppId, Id, PrincipalId};
use picket_detectors::reference::Reference;
use std::sync::LazyLock;

static REFERENCE: LazyLock<Reference> = LazyLock::new(Reference::builtin);

/// Who did it.
#[derive(Debug, PartialEq)]
pub(super) enum Who {
    /// An application, with its service principal where the record names that.
    Application(AppId, Option<PrincipalId>),
    /// A person, with whatever software.
    Person,
    /// No person, and no application that the record names.
    Nobody,
}

/// Microsoft's mail programs, which people use; `rules/apps/first-party.txt` has what runs in tenants by itself.
const MAIL_PROGRAMS: [uuid::Uuid; 6] = [
    uuid::uuid!("d3590ed6-52b3-4102-aeff-aad2292ab01c"),
    uuid::uuid!("27922004-5251-4030-b22d-91ecd9a37ea4"),
    uuid::uuid!("9199bf20-a13f-4107-85dc-02114787ef48"),
    uuid::uuid!("5d661950-3475-41cd-a2c3-d671a3162bc1"),
    uuid::uuid!("fb78d390-0c51-40cd-8e17-fdbfab77341b"),
    uuid::uuid!("ab9b8c07-8f02-4f72-87fa-80105867a763"),
];

/// Interfaces behind which the application stands that called them: Graph, Exchange, `SharePoint`, and Exchange Web Services,
/// which is named where somebody came with a password.
const APIS: [uuid::Uuid; 4] = [
    uuid::uuid!("00000003-0000-0000-c000-000000000000"),
    uuid::uuid!("00000002-0000-0ff1-ce00-000000000000"),
    uuid::uuid!("00000003-0000-0ff1-ce00-000000000000"),
    uuid::uuid!("47629505-c2b6-4a80-adb1-9b3a3d233b7b"),
];

/// Who did it, as far as the record says.
pub(super) fn who(row: &Row<'_>, access: &AccessContext<'_>) -> Who {
    let user = row.user.text().unwrap_or_default();
    let principal = principal(&user);
    if !(principal.is_some() || is_application(&row.user_type) || is_service(&user) || is_impersonation(row, access)) {
        return Who::Person;
    }
    match (client(row, access).or_else(|| app(&row.user)), principal) {
        (Some(app), principal) => Who::Application(app, principal),
        // Its principal is enough to find it by; the client id is then unknown.
        (None, Some(principal)) => Who::Application(AppId(principal.0.clone()), Some(principal)),
        (None, None) => Who::Nobody,
    }
}

/// The application that called, and not the interface that it called.
fn client(row: &Row<'_>, access: &AccessContext<'_>) -> Option<AppId> {
    let named = [&access.client_app, &row.client_app, &row.app];
    named.into_iter().filter_map(app).find(|app| !APIS.contains(&app.key()))
}

/// The interface that it came through, if that is another application.
pub(super) fn api(row: &Row<'_>, client: &AppId) -> Option<AppId> {
    app(&row.app).filter(|api| api != client)
}

/// `ServicePrincipal_…` in place of a person's name.
fn principal(user: &str) -> Option<PrincipalId> {
    let id = user.strip_prefix("ServicePrincipal_").and_then(Id::parse)?;
    matches!(id, Id::Guid(_)).then_some(PrincipalId(id))
}

/// `UserType` is a number on the wire and a word in rows: 5 is an application, 6 a service principal.
fn is_application(user_type: &Leaf<'_>) -> bool {
    let word = user_type.text().unwrap_or_default();
    ["5", "6", "Application", "ServicePrincipal"].iter().any(|known| known.eq_ignore_ascii_case(&word))
}

/// Names under which Microsoft's services write down what an application did with a token of its own.
fn is_service(user: &str) -> bool {
    let is = |known: &&str| user.eq_ignore_ascii_case(known);
    ["S-1-5-18", "app@sharepoint"].iter().any(is)
        || user.to_ascii_uppercase().starts_with("NT AUTHORITY\\SYSTEM")
        || matches!(Id::parse(user), Some(Id::Guid(_)))
}

/// Over Exchange Web Services an application that may act as everybody is written down as whom it acts as. So what is no
/// product of Microsoft's counts as an application there; elsewhere people are people.
fn is_impersonation(row: &Row<'_>, access: &AccessContext<'_>) -> bool {
    let is_ews = row.client.text().is_some_and(|client| client.contains("ExchangeWebServices"));
    let is_microsoft_s = |app: &AppId| MAIL_PROGRAMS.contains(&app.key()) || REFERENCE.is_first_party(app.key());
    is_ews && client(row, access).is_some_and(|app| !is_microsoft_s(&app))
}
