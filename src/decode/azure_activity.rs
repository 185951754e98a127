//! Calls of Azure Resource Manager, from the activity log of a subscription.

use super::Context;
use super::caller::caller;
use super::envelope::{address, cut, derived, first_time, piece};
use super::refusal::{Decision, Refusal, one};
use super::wire::Record;
use super::wire_key::Key;
use compact_str::CompactString;
use picket_detectors::event::{Agent, ApiActivity, Body, Event, EventId, Place, Service};

/// The rule by which the records of a call's beginning are ignored: its end says how it went.
const BEGUN: &str = "AzureActivity that has only begun";

/// Decodes one call.
pub(super) fn decode(record: &Record<'_>, context: &Context) -> Decision {
    let outer = &record.outer;
    let leaf = |row, envelope| if outer.leaf(row).is_present() { outer.leaf(row) } else { outer.leaf(envelope) };
    let result = leaf(Key::ActivityStatus, Key::ResultType).text().unwrap_or_default().to_ascii_lowercase();
    if matches!(&*result, "start" | "started" | "accept" | "accepted" | "active") {
        return Err(Refusal::ignored(BEGUN));
    }
    let caller = caller(record, "AzureActivity", context)?;
    let operation = leaf(Key::OperationNameValue, Key::OperationName).text().unwrap_or_default().to_ascii_lowercase();
    Ok(one(Event {
        id: derived_id(record),
        tenant: caller.tenant,
        time: first_time(record, &[(Key::Time, "time"), (Key::TimeGenerated, "timeGenerated")])?,
        signals: Vec::new(),
        body: Body::ApiActivity(Box::new(ApiActivity {
            service: Service::ResourceManager,
            principal: caller.principal,
            app: caller.app,
            method: method(&operation).into(),
            endpoint: cut(&operation, 256),
            status: status(record, &result),
            response_bytes: 0,
            roles: Vec::new(),
            place: Place { address: address(outer.leaf(Key::CallerIpAddress)), ..Place::default() },
            agent: Agent::default(),
            token: caller.token,
        })),
    }))
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
    derived(&parts)
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
    use super::method;

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
}
