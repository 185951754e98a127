//! Calls of key vaults, from their diagnostic logs.

use super::Context;
use super::caller::caller;
use super::envelope::{address, cut, derived, first_time, piece};
use super::refusal::{Decision, one};
use super::wire::Record;
use super::wire_key::Key;
use compact_str::{CompactString, format_compact};
use picket_detectors::event::{Agent, ApiActivity, Body, Event, Place, Service, hash};
use smallvec::SmallVec;

/// Decodes one call.
pub(super) fn decode(record: &Record<'_>, context: &Context) -> Decision {
    let caller = caller(record, "AuditEvent", context)?;
    let (outer, body) = (&record.outer, record.body());
    let operation = outer.leaf(Key::OperationName).text().unwrap_or_default().to_ascii_lowercase();
    let keys = [Key::CorrelationId, Key::OperationName, Key::ResourceId, Key::Id, Key::Time];
    let mut parts = vec!["vault".into()];
    parts.extend(keys.into_iter().map(|key| piece(record, key)));
    Ok(one(Event {
        id: derived(&parts),
        tenant: caller.tenant,
        time: first_time(record, &[(Key::Time, "time"), (Key::TimeGenerated, "timeGenerated")])?,
        signals: Vec::new(),
        body: Body::ApiActivity(Box::new(ApiActivity {
            service: Service::KeyVault,
            principal: caller.principal,
            app: caller.app,
            method: method(&operation).into(),
            endpoint: cut(&format_compact!("/{}/{operation}", vault(record)), 256),
            object: object(record),
            scope: None,
            status: body.leaf(Key::HttpStatusCode).number().unwrap_or(0),
            response_bytes: 0,
            roles: Vec::new(),
            place: Place { address: address(outer.leaf(Key::CallerIpAddress)), ..Place::default() },
            agent: body.leaf(Key::ClientInfo).text().map(|agent| Agent::new(&agent)).unwrap_or_default(),
            token: caller.token,
        })),
    }))
}

/// The vault's name: the last part of the resource's path. Which vault is called is part of what a workload does.
fn vault(record: &Record<'_>) -> CompactString {
    let path = record.outer.leaf(Key::ResourceId).text();
    let path = path.or_else(|| record.outer.leaf(Key::RowResourceId).text()).unwrap_or_default().to_ascii_lowercase();
    path.rsplit('/').next().map(CompactString::from).unwrap_or_default()
}

/// The secret, key or certificate: `https://…/secrets/name/version`, as a hash.
fn object(record: &Record<'_>) -> Option<u32> {
    let addresses = [Key::Id, Key::RequestUri].map(|key| record.body().leaf(key).text());
    addresses.into_iter().flatten().find_map(|address| {
        let (_, path) = address.split_once("://")?;
        let path = path.split('?').next().unwrap_or_default();
        let parts: SmallVec<[&str; 4]> = path.split('/').filter(|part| !part.is_empty()).take(3).collect();
        (parts.len() == 3).then(|| hash(&parts.join("/")))
    })
}

/// What the name of an operation (`SecretGet`, `KeyList`, `SecretSet`) amounts to.
fn method(operation: &str) -> &'static str {
    let ends = |words: &[&str]| words.iter().any(|word| operation.ends_with(word));
    if ends(&["get", "list", "listversions", "getdeleted"]) {
        "GET"
    } else if ends(&["delete", "purge"]) {
        "DELETE"
    } else if ends(&["set", "create", "import", "update", "put", "patch"]) {
        "PUT"
    } else {
        "POST"
    }
}

#[cfg(test)]
mod tests {
    use super::method;

    #[test]
    fn the_end_of_an_operation_is_its_method() {
        for (operation, expected) in [
            ("secretget", "GET"),
            ("secretlistversions", "GET"),
            ("secretset", "PUT"),
            ("keypurge", "DELETE"),
            ("keysign", "POST"),
        ] {
            assert_eq!(method(operation), expected, "{operation}");
        }
    }
}
