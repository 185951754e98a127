//! Calls of Azure Resource Manager, from the activity log of a subscription.

use super::Context;
use super::caller::caller;
use super::envelope::{address, cut, derived, first_time, piece};
use super::refusal::{Decision, Refusal, one};
use super::wire::{Fields, Record};
use super::wire_key::Key;
use super::{azure_trust, role_assignment};
use compact_str::{CompactString, format_compact};
use picket_detectors::event::{Agent, ApiActivity, Body, Event, EventId, Place, Service, hash};
use smallvec::SmallVec;
use std::net::IpAddr;

/// The rule by which the records of a call's beginning are ignored: its end says how it went.
const BEGUN: &str = "AzureActivity that has only begun";

/// When it was done, by the names that the forms of the log have for it.
pub(super) const TIMES: [(Key, &str); 3] =
    [(Key::Time, "time"), (Key::TimeGenerated, "timeGenerated"), (Key::EventTimestamp, "eventTimestamp")];

/// Decodes one call.
pub(super) fn decode(record: &Record<'_>, context: &Context) -> Decision {
    let outer = &record.outer;
    let leaf = |row, envelope| if outer.leaf(row).is_present() { outer.leaf(row) } else { outer.leaf(envelope) };
    let word = leaf(Key::ActivityStatus, Key::ResultType).text();
    let word = word.or_else(|| outer.status.get().and_then(|status| status.word.text()));
    let result = word.unwrap_or_default().to_ascii_lowercase();
    let operation = leaf(Key::OperationNameValue, Key::OperationName).text().unwrap_or_default().to_ascii_lowercase();
    if matches!(&*result, "start" | "started" | "accept" | "accepted" | "active") {
        let role = role_assignment::change(record, &operation, context)?;
        let change = role.map_or_else(|| azure_trust::change(record, &operation, context), |role| Ok(Some(role)))?;
        return change.map(one).ok_or_else(|| Refusal::ignored(BEGUN));
    }
    call(record, &operation, &result, context).map(one)
}

/// The call itself.
fn call(record: &Record<'_>, operation: &str, result: &str, context: &Context) -> Result<Event, Refusal> {
    let caller = caller(record, "AzureActivity", context)?;
    let resource = resource(record);
    Ok(Event {
        id: derived_id(record),
        tenant: caller.tenant,
        time: first_time(record, &TIMES)?,
        signals: Vec::new(),
        body: Body::ApiActivity(Box::new(ApiActivity {
            service: Service::ResourceManager,
            principal: caller.principal,
            app: caller.app,
            method: method(operation).into(),
            endpoint: cut(operation, 256),
            object: resource.as_deref().and_then(object),
            scope: resource.as_deref().and_then(scope),
            status: status(record, result),
            response_bytes: 0,
            roles: Vec::new(),
            place: Place { address: caller_address(&record.outer), ..Place::default() },
            agent: Agent::default(),
            token: caller.token,
        })),
    })
}

/// Where the call came from.
pub(super) fn caller_address(outer: &Fields<'_>) -> Option<IpAddr> {
    address(outer.leaf(Key::CallerIpAddress))
        .or_else(|| outer.http_request.get().and_then(|request| address(&request.address)))
}

/// The log has no id of its own: the call, what is done to what, and how it went.
fn derived_id(record: &Record<'_>) -> EventId {
    let keys = [
        Key::CorrelationId,
        Key::OperationName,
        Key::OperationNameValue,
        Key::ResourceId,
        Key::ResultType,
        Key::ActivityStatus,
        Key::Time,
        Key::TimeGenerated,
    ];
    let mut parts = vec!["azure".into()];
    parts.extend(keys.into_iter().map(|key| piece(record, key)));
    // The forms that have these have none of some of the others.
    let others = [Key::ResourceUri, Key::EventTimestamp].map(|key| piece(record, key));
    parts.extend(others.into_iter().filter(|part| !part.is_empty()));
    derived(&parts)
}

/// The path of what it was done to.
pub(super) fn resource(record: &Record<'_>) -> Option<CompactString> {
    let names = [Key::ResourceId, Key::RowResourceId, Key::ResourceUri];
    names.into_iter().find_map(|key| record.outer.leaf(key).text()).map(|path| path.to_ascii_lowercase().into())
}

/// The resource itself, whatever of it was touched, as a hash: `…/providers/{namespace}/{type}/{name}`.
fn object(resource: &str) -> Option<u32> {
    let (scope, inside) = resource.split_once("/providers/")?;
    let named: SmallVec<[&str; 4]> = inside.split('/').take(3).collect();
    (named.len() == 3).then(|| hash(&format_compact!("{scope}/{}", named.join("/"))))
}

/// The resource group, else the subscription.
fn scope(resource: &str) -> Option<CompactString> {
    let parts: SmallVec<[&str; 5]> = resource.split('/').filter(|part| !part.is_empty()).take(4).collect();
    match parts.as_slice() {
        ["subscriptions", subscription, "resourcegroups", group] => {
            Some(cut(&format_compact!("{group} in {subscription}"), 128))
        }
        ["subscriptions", subscription, ..] => Some(cut(subscription, 128)),
        _ => None,
    }
}

/// What the last part of an operation's name amounts to.
fn method(operation: &str) -> &'static str {
    match operation.rsplit('/').next() {
        Some("read") => "GET",
        Some("write") => "PUT",
        Some("delete") => "DELETE",
        _ => "POST",
    }
}

/// The HTTP status, where the record says it; else what its word amounts to.
fn status(record: &Record<'_>, result: &str) -> u16 {
    let word: Option<CompactString> = record.body().leaf(Key::StatusCode).text().map(|word| (&*word).into());
    let signature = record.outer.leaf(Key::ResultSignature).text();
    let says = |wanted: &str| {
        [word.as_deref(), signature.as_deref()]
            .into_iter()
            .flatten()
            .any(|text| text.to_ascii_lowercase().contains(wanted))
    };
    match result {
        "success" | "succeeded" => 200,
        _ if says("forbidden") || says("403") => 403,
        _ if says("unauthorized") || says("401") => 401,
        _ => 500,
    }
}

#[cfg(test)]
mod tests {
    use super::{method, object, scope};

    #[test]
    fn the_end_of_an_operation_is_its_method() {
        for (operation, expected) in [
            ("microsoft.compute/virtualmachines/read", "GET"),
            ("microsoft.compute/virtualmachines/write", "PUT"),
            ("microsoft.storage/storageaccounts/listkeys/action", "POST"),
            ("microsoft.keyvault/vaults/delete", "DELETE"),
        ] {
            assert_eq!(method(operation), expected, "{operation}");
        }
    }

    #[test]
    fn a_path_names_a_resource_and_what_it_lies_in() {
        let vault = "/subscriptions/s/resourcegroups/prod/providers/microsoft.keyvault/vaults/keys";
        assert_eq!(object(&format!("{vault}/secrets/one")), object(vault));
        assert!(object(vault).is_some() && object(vault) != object(&vault.replace("keys", "others")));
        for (path, expected) in [
            (vault, Some("prod in s")),
            ("/subscriptions/s/resourcegroups/prod", Some("prod in s")),
            ("/subscriptions/s/providers/microsoft.compute", Some("s")),
            ("/tenants/t/providers/microsoft.aadiam", None),
            ("", None),
        ] {
            assert_eq!(scope(path).as_deref(), expected, "{path}");
        }
    }
}
