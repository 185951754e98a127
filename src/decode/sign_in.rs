//! Sign-ins of service principals, managed identities and agents.

use super::Context;
use super::envelope::{MAX_NAME, address, cut, derived, event_id, id, name, piece, required_id, required_time, tenant};
use super::leaf::Leaf;
use super::refusal::{Decision, Refusal, one};
use super::token_id;
use super::wire::{Fields, Record};
use super::wire_key::Key;
use compact_str::CompactString;
use picket_detectors::event::{
    Agent, AgentKind, AppId, Body, CredentialType, Event, Id, KeyId, ManagedIdentity, ObjectId, Place, PrincipalId,
    PrincipalKind, SignIn,
};
use picket_detectors::risk::RiskLevel;

/// An error that the record states in no number.
const UNNUMBERED_ERROR: u32 = 1;
/// Where the SDK stands in `authenticationProcessingDetails`.
const LIBRARY: &str = "Azure AD App Authentication Library";

/// Decodes a sign-in; `managed` says that its category is that of managed identities.
pub(super) fn decode(record: &Record<'_>, context: &Context, managed: bool) -> Decision {
    let principal = PrincipalId(required_id(record.body().leaf(Key::ServicePrincipalId), "servicePrincipalId")?);
    sign_in(record, context, principal, managed).map(one)
}

/// Decodes a sign-in in the name of a user: an agent's, which acts for a person or by its own user account. Those of
/// people are none of Picket's business.
pub(super) fn decode_for_user(record: &Record<'_>, context: &Context) -> Decision {
    let body = record.body();
    let Some(kind) = agent_kind(body) else {
        let category = [Key::Category, Key::Type].into_iter().find_map(|key| record.outer.leaf(key).text());
        return Err(Refusal::ignored(category.as_deref().unwrap_or("SignInLogs")));
    };
    let named = id(body.leaf(Key::ServicePrincipalId));
    let principal = named.or_else(|| match kind {
        // An agent identity's object id is its client id.
        AgentKind::Identity => id(body.leaf(Key::AppId)),
        AgentKind::User => body.agent.get().and_then(|mark| id(&mark.subject_parent)),
        AgentKind::Blueprint | AgentKind::BlueprintPrincipal => None,
    });
    let principal = principal.ok_or_else(|| Refusal::ignored("sign-in of a blueprint for a user"))?;
    let mut event = sign_in(record, context, PrincipalId(principal), false)?;
    if let Body::SignIn(sign_in) = &mut event.body {
        sign_in.user = id(body.leaf(Key::UserId)).map(ObjectId);
    }
    Ok(one(event))
}

fn sign_in(record: &Record<'_>, context: &Context, principal: PrincipalId, managed: bool) -> Result<Event, Refusal> {
    let body = record.body();
    // Never the envelope's time: that is when the record was sent on.
    let time = required_time(body.leaf(Key::CreatedDateTime), "createdDateTime")?;
    let agent_kind = agent_kind(body);
    let kind = match agent_kind {
        _ if managed => PrincipalKind::ManagedIdentity,
        Some(AgentKind::Identity | AgentKind::BlueprintPrincipal | AgentKind::User) => PrincipalKind::Agent,
        Some(AgentKind::Blueprint) | None => PrincipalKind::Application,
    };
    // A federated sign-in has no key: the trust it rests on is its credential.
    let key = id(body.leaf(Key::CredentialKeyId)).or_else(|| id(body.leaf(Key::FederatedCredentialId))).map(KeyId);
    Ok(Event {
        id: event_id(body.leaf(Key::Id), || derived_id(record)),
        tenant: tenant(record, context),
        time,
        body: Body::SignIn(Box::new(SignIn {
            principal,
            kind,
            app: id(body.leaf(Key::AppId)).map(AppId),
            name: name(body.leaf(Key::ServicePrincipalName)).or_else(|| name(body.leaf(Key::AppDisplayName))),
            place: place(record),
            agent: agent(body),
            resource: resource(body),
            resource_name: name(body.leaf(Key::ResourceDisplayName)),
            credential_type: body
                .leaf(Key::ClientCredentialType)
                .text()
                .map_or(CredentialType::Unknown, |text| CredentialType::parse(&text)),
            key,
            thumbprint: body.leaf(Key::CredentialThumbprint).text().map(|text| cut(&text, 64)),
            error: error(record),
            token: body.leaf(Key::UniqueTokenIdentifier).text().and_then(|text| token_id::parse(&text)),
            correlation: id(record.leaf(Key::CorrelationId)),
            agent_kind,
            blueprint: body.agent.get().and_then(|mark| id(&mark.parent_app)).map(AppId),
            user: None,
            managed_identity: managed.then(|| managed_identity(body)),
            blocked_by_policy: is_blocked(body.leaf(Key::ConditionalAccessStatus)),
            risk: risk(body),
            cross_tenant: body
                .leaf(Key::CrossTenantAccessType)
                .text()
                .filter(|kind| !kind.eq_ignore_ascii_case("none") && !kind.eq_ignore_ascii_case("passthrough"))
                .map(|kind| cut(&kind, 64)),
        })),
        signals: Vec::new(),
    })
}

fn derived_id(record: &Record<'_>) -> picket_detectors::event::EventId {
    let keys = [
        Key::ServicePrincipalId,
        Key::CreatedDateTime,
        Key::CorrelationId,
        Key::UniqueTokenIdentifier,
        Key::ResourceId,
    ];
    let mut parts = vec!["sign-in".into()];
    parts.extend(keys.into_iter().map(|key| piece(record, key)));
    derived(&parts)
}

/// Both spellings of the mark: the log's and the Graph filter's.
fn agent_kind(body: &Fields<'_>) -> Option<AgentKind> {
    const NAMES: [(&str, AgentKind); 7] = [
        ("agenticApp", AgentKind::Blueprint),
        ("agentIdentityBlueprint", AgentKind::Blueprint),
        ("agenticAppInstance", AgentKind::Identity),
        ("agentIdentity", AgentKind::Identity),
        ("agentIdentityBlueprintPrincipal", AgentKind::BlueprintPrincipal),
        ("agentIDuser", AgentKind::User),
        ("agentUser", AgentKind::User),
    ];
    let mark = body.agent.get()?.agent_type.text()?;
    NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(&mark)).map(|(_, kind)| *kind)
}

fn place(record: &Record<'_>) -> Place {
    let body = record.body();
    let location = body.location.get().or_else(|| body.location_details.get());
    // A flat row and the envelope have the bare country where the payload has an object.
    let country = match location {
        Some(location) => country(location.country.text().as_deref()),
        None => country(record.outer.location.text()),
    };
    let mut named_locations = Vec::new();
    let mut trusted = false;
    for network in body.network_locations.objects() {
        let kind = network.network_type.text();
        trusted |= kind.is_some_and(|kind| kind.eq_ignore_ascii_case("trustedNamedLocation"));
        named_locations.extend(network.names.items().iter().filter_map(name));
    }
    Place {
        address: address(body.leaf(Key::IpAddress)).or_else(|| address(record.outer.leaf(Key::CallerIpAddress))),
        asn: body.leaf(Key::AutonomousSystemNumber).number().filter(|asn| *asn != 0),
        country,
        city: location.and_then(|location| location.city.text()).map(|city| cut(&city, 128)),
        named_locations,
        trusted,
    }
}

/// Two letters, upper case.
fn country(text: Option<&str>) -> Option<[u8; 2]> {
    let code = <[u8; 2]>::try_from(text?.as_bytes()).ok()?;
    code.iter().all(u8::is_ascii_alphabetic).then(|| code.map(|letter| letter.to_ascii_uppercase()))
}

/// The user agent or, where Entra leaves it empty, the SDK's name.
fn agent(body: &Fields<'_>) -> Agent {
    if let Some(text) = body.leaf(Key::UserAgent).text() {
        return Agent::new(&text);
    }
    let details = body.processing_details.objects();
    let library = details.filter(|detail| detail.key.text().is_some_and(|key| key.eq_ignore_ascii_case(LIBRARY)));
    library.filter_map(|detail| detail.value.text()).map(|value| Agent::new(&sdk(&value))).next().unwrap_or_default()
}

/// `MSAL.NET` of `Family: MSAL Library: MSAL.NET 4.54.1.0 Platform: .NET FW`; `Unknown` is none.
fn sdk(value: &str) -> CompactString {
    let words = || value.split_ascii_whitespace();
    let start = words().position(|word| word == "Library:").map_or(0, |at| at + 1);
    let is_name = |word: &&str| *word != "Platform:" && !word.starts_with(|c: char| c.is_ascii_digit());
    let name = words().skip(start).take_while(is_name);
    let mut sdk = CompactString::default();
    for word in name {
        if !sdk.is_empty() {
            sdk.push(' ');
        }
        sdk.push_str(word);
    }
    if sdk.eq_ignore_ascii_case("Unknown") { CompactString::default() } else { sdk }
}

/// The API's app id, else its object id, else its name.
fn resource(body: &Fields<'_>) -> Option<Id> {
    let app = |key| {
        body.leaf(key)
            .text()
            .filter(|text| !text.contains('/'))
            .and_then(|text| Id::parse(&text))
            .filter(|id| !id.is_nil())
    };
    app(Key::ResourceIdentity)
        .or_else(|| app(Key::ResourceId))
        .or_else(|| id(body.leaf(Key::ResourceServicePrincipalId)))
        .or_else(|| id(body.leaf(Key::ResourceDisplayName)))
}

fn error(record: &Record<'_>) -> u32 {
    if let Some(code) = record.body().status.get().and_then(|status| status.error_code.number()) {
        return code;
    }
    let result = record.leaf(Key::ResultType);
    match (result.number(), result.text()) {
        (Some(code), _) => code,
        (None, None) => 0,
        (None, Some(word)) if word.eq_ignore_ascii_case("success") => 0,
        (None, Some(_)) => UNNUMBERED_ERROR,
    }
}

/// `failure`, which some exports number 1.
fn is_blocked(status: &Leaf<'_>) -> bool {
    status.text().is_some_and(|status| status.eq_ignore_ascii_case("failure") || status == "1")
}

/// The higher of both levels. Legacy records carry levels without a state; they and what was cleared say nothing.
fn risk(body: &Fields<'_>) -> RiskLevel {
    let cleared =
        |state: &str| ["dismissed", "remediated", "confirmedSafe"].iter().any(|word| state.eq_ignore_ascii_case(word));
    if body.leaf(Key::RiskState).text().is_none_or(|state| cleared(&state)) {
        return RiskLevel::None;
    }
    let level = |key| {
        let word = body.leaf(key).text();
        let is = |level: &RiskLevel| word.as_deref().is_some_and(|word| word.eq_ignore_ascii_case(level.as_str()));
        [RiskLevel::High, RiskLevel::Medium, RiskLevel::Low].into_iter().find(is).unwrap_or_default()
    };
    level(Key::RiskLevelDuringSignIn).max(level(Key::RiskLevelAggregated))
}

fn managed_identity(body: &Fields<'_>) -> ManagedIdentity {
    let identity = body.managed_service_identity.get();
    let kind = identity.and_then(|identity| identity.msi_type.text());
    let kind = kind.or_else(|| body.leaf(Key::ManagedIdentityType).text());
    let resource = identity.and_then(|identity| identity.resource.text());
    ManagedIdentity {
        user_assigned: kind.is_some_and(|kind| kind.eq_ignore_ascii_case("userAssigned")),
        resource: resource.map(|resource| -> CompactString { cut(&resource, 2 * MAX_NAME) }),
    }
}

#[cfg(test)]
mod tests {
    use super::{country, sdk};

    #[test]
    fn the_sdk_is_named_without_its_version() {
        assert_eq!(sdk("Family: MSAL Library: MSAL.NET 4.54.1.0 Platform: .NET FW"), "MSAL.NET");
        assert_eq!(sdk("Family: MSAL Library: MSAL.Python 1.20.0 Platform: "), "MSAL.Python");
        assert_eq!(sdk("ADAL.NET"), "ADAL.NET");
        assert_eq!(sdk(""), "");
        assert_eq!(sdk("Family: Unknown Library: Unknown 1.0.0 Platform: Unknown"), "");
    }

    #[test]
    fn a_country_has_two_letters() {
        assert_eq!(country(Some("nl")), Some(*b"NL"));
        assert_eq!(country(Some("West Europe")), None);
        assert_eq!(country(Some("")), None);
        assert_eq!(country(Some("1é")), None);
    }
}
