//! Calls to Microsoft Graph with app-only tokens.

use super::Context;
use super::envelope::{address, cut, derived, event_id, first_time, id, piece, required_id, tenant};
use super::leaf::Leaf;
use super::refusal::{Decision, Refusal, one};
use super::token_id;
use super::wire::{Fields, Record};
use super::wire_key::Key;
use compact_str::{CompactString, format_compact};
use picket_detectors::event::{Agent, ApiActivity, AppId, Body, Event, Id, Place, PrincipalId, Service, hash};

/// The rule by which calls on behalf of users are ignored.
const OF_A_USER: &str = "MicrosoftGraphActivityLogs of a user";
/// The longest endpoint kept, in characters.
const MAX_ENDPOINT: usize = 256;
/// What stands in for an id in an endpoint.
const HOLE: &str = "{id}";

/// Decodes one call.
pub(super) fn decode(record: &Record<'_>, context: &Context) -> Decision {
    let body = record.body();
    let principal = PrincipalId(caller(body)?);
    let time = first_time(record, &[(Key::TimeGenerated, "timeGenerated"), (Key::Time, "time")])?;
    let text = |key| body.leaf(key).text();
    let Path { endpoint, object } = text(Key::RequestUri).map(|uri| Path::of(&uri)).unwrap_or_default();
    let event = Event {
        id: event_id(body.leaf(Key::RequestId), || derived_id(record)),
        tenant: tenant(record, context),
        time,
        body: Body::ApiActivity(Box::new(ApiActivity {
            service: Service::Graph,
            principal,
            app: id(body.leaf(Key::AppId)).map(AppId),
            method: text(Key::RequestMethod).map(|method| cut(&method, 16).to_ascii_uppercase()).unwrap_or_default(),
            endpoint,
            object,
            scope: None,
            status: body.leaf(Key::ResponseStatusCode).number().unwrap_or(0),
            response_bytes: body.leaf(Key::ResponseSizeBytes).number().unwrap_or(0),
            roles: text(Key::Roles).map(|roles| words(&roles)).unwrap_or_default(),
            place: Place {
                address: address(body.leaf(Key::IpAddress))
                    .or_else(|| address(record.outer.leaf(Key::CallerIpAddress))),
                ..Place::default()
            },
            agent: text(Key::UserAgent).map(|agent| Agent::new(&agent)).unwrap_or_default(),
            token: text(Key::SignInActivityId).and_then(|token| token_id::parse(&token)),
        })),
        signals: Vec::new(),
    };
    Ok(one(event))
}

/// The calling service principal. `UserPrincipalObjectID` is the same id where the token is app-only.
fn caller(body: &Fields<'_>) -> Result<Id, Refusal> {
    let field = body.leaf(Key::ServicePrincipalId);
    if field.is_present() && (*field == Leaf::Wrong || id(field).is_some()) {
        return required_id(field, "servicePrincipalId");
    }
    if id(body.leaf(Key::UserId)).is_some() {
        return Err(Refusal::ignored(OF_A_USER));
    }
    let is_app = body.leaf(Key::IdType).text().is_some_and(|kind| kind.eq_ignore_ascii_case("app"));
    match id(body.leaf(Key::UserPrincipalObjectId)) {
        Some(principal) if is_app => Ok(principal),
        _ => Err(Refusal::missing("servicePrincipalId")),
    }
}

fn derived_id(record: &Record<'_>) -> picket_detectors::event::EventId {
    let keys =
        [Key::ServicePrincipalId, Key::TimeGenerated, Key::CorrelationId, Key::SignInActivityId, Key::RequestUri];
    let mut parts = vec!["graph".into()];
    parts.extend(keys.into_iter().map(|key| piece(record, key)));
    derived(&parts)
}

fn words(text: &str) -> Vec<CompactString> {
    text.split_ascii_whitespace().map(|word| cut(word, 128)).collect()
}

/// What a call is for.
#[derive(Default)]
struct Path {
    /// The path without host, version, query and ids, in lower case: equal for all calls of one kind.
    endpoint: CompactString,
    /// The path up to its first id, as a hash: equal for all calls for one user, group or site.
    object: Option<u32>,
}

impl Path {
    fn of(uri: &str) -> Self {
        let after_host = |rest: &'_ str| rest.find('/').map_or(rest.len(), |at| at + 1);
        let path = uri.split_once("://").map_or(uri, |(_, rest)| rest.split_at(after_host(rest)).1);
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let mut segments = path.split(['/', '\\']).filter(|segment| !segment.is_empty()).peekable();
        segments.next_if(|segment| segment.eq_ignore_ascii_case("v1.0") || segment.eq_ignore_ascii_case("beta"));
        let mut path = Self::default();
        for segment in segments {
            path.push(segment);
        }
        Self { endpoint: cut(&path.endpoint, MAX_ENDPOINT), ..path }
    }

    fn push(&mut self, segment: &str) {
        let (name, key) = match segment.split_once('(') {
            // A function or a key in brackets: `users('x')`, `servicePrincipals(appId='x')`, `delta()`.
            Some((name, inside)) => (name, inside.trim_end_matches(')')),
            None => (segment, ""),
        };
        if is_id(name) {
            self.push_id(name);
        } else {
            self.endpoint.push('/');
            self.endpoint.extend(name.chars().flat_map(char::to_lowercase));
        }
        if !key.is_empty() {
            self.push_id(key.trim_matches('\''));
        }
    }

    fn push_id(&mut self, id: &str) {
        if self.object.is_none() {
            self.object = Some(hash(&format_compact!("{}/{id}", self.endpoint)));
        }
        self.endpoint.push('/');
        self.endpoint.push_str(HOLE);
    }
}

/// A GUID, a user's name, a number, or a long word with digits.
fn is_id(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    uuid::Uuid::try_parse(segment).is_ok()
        || segment.contains('@')
        || segment.contains("%40")
        || (digits > 0 && digits == segment.len())
        || (segment.len() >= 20 && digits > 0)
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn calls_of_one_kind_have_one_endpoint() {
        for (uri, expected) in [
            ("https://graph.microsoft.com/v1.0/users?$top=999", "/users"),
            (
                "https://graph.microsoft.com/beta//users/b0000000-0000-4000-8000-00000000000a/Messages/",
                "/users/{id}/messages",
            ),
            ("https://graph.microsoft.com/v1.0/users/ops%40example.org", "/users/{id}"),
            (
                "https://graph.microsoft.com/v1.0/servicePrincipals(appId='b0000000-0000-4000-8000-00000000000a')/owners",
                "/serviceprincipals/{id}/owners",
            ),
            ("https://graph.microsoft.com/v1.0/$batch", "/$batch"),
            ("https://graph.microsoft.com/v1.0/users/delta()?$deltatoken=x", "/users/delta"),
            ("https://graph.microsoft.com/v1.0/users/$count", "/users/$count"),
            ("/v1.0/groups/AAMkAGI2THVSAAA0000000001", "/groups/{id}"),
            ("https://graph.microsoft.com", ""),
            ("", ""),
        ] {
            assert_eq!(Path::of(uri).endpoint, expected, "{uri}");
        }
    }

    #[test]
    fn calls_for_one_thing_have_one_object() {
        let object = |path: &str| Path::of(&format!("https://graph.microsoft.com/v1.0{path}")).object;
        let one = object("/users/ops@example.org");
        assert!(one.is_some());
        for same in
            ["/users/ops@example.org/messages/AAMkAGI2THVSAAA0000000001", "/Users('OPS@example.org')/events?$top=1"]
        {
            assert_eq!(object(same), one, "{same}");
        }
        assert_ne!(object("/users/hr@example.org/messages"), one);
        for none in ["/users", "/users/delta()", "/organization"] {
            assert_eq!(object(none), None, "{none}");
        }
    }
}
