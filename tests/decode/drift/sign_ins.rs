//! Sign-ins.

use crate::samples::*;
use picket::decode::ReasonCode;
use picket_detectors::event::{AgentKind, CredentialType, Id, PrincipalKind};
use serde_json::{Value, json};

#[test]
fn a_sign_in_is_read_whole() {
    let event = event(&sign_in_record());
    assert_eq!(event.id.to_string(), "a0000000-0000-4000-8000-000000000001");
    assert_eq!(event.tenant.to_string(), TENANT);
    assert_eq!(event.time.to_string(), "2026-05-04T10:00:02Z");
    let sign_in = sign_in(&sign_in_record());
    assert_eq!(sign_in.principal.to_string(), PRINCIPAL);
    assert_eq!(sign_in.kind, PrincipalKind::Application);
    assert_eq!(sign_in.key.expect("a key").to_string(), KEY);
    assert_eq!(sign_in.credential_type, CredentialType::ClientSecret);
    assert_eq!(sign_in.place.address, "203.0.113.7".parse().ok());
    assert_eq!(sign_in.place.asn, Some(64_500));
    assert_eq!(sign_in.place.country_code(), Some("NL"));
    assert_eq!(sign_in.place.city.as_deref(), Some("Amsterdam"));
    assert_eq!((sign_in.place.named_locations, sign_in.place.trusted), (vec!["office".into()], true));
    assert_eq!(sign_in.agent.text.as_deref(), Some("MSAL.NET"));
    assert_eq!(sign_in.resource, Id::parse(GRAPH));
    assert_eq!(sign_in.token, Id::parse("a0000000-0000-4000-8000-000000000001"));
    assert_eq!((sign_in.thumbprint, sign_in.error), (None, 0));
}

#[test]
fn the_time_is_never_the_envelopes() {
    let record = without(sign_in_record(), "/properties/createdDateTime");
    assert_eq!(dead(&record), (ReasonCode::MissingField, "createdDateTime".to_owned()));
    for bad in [json!("yesterday"), json!({"at": 1}), json!(12)] {
        let record = with(sign_in_record(), "/properties/createdDateTime", bad);
        assert_eq!(dead(&record), (ReasonCode::BadField, "createdDateTime".to_owned()));
    }
}

#[test]
fn times_come_in_seven_forms() {
    for (text, expected) in [
        ("2026-05-04T10:00:02.1234567Z", "2026-05-04T10:00:02.123456Z"),
        ("2026-05-04T10:00:02", "2026-05-04T10:00:02Z"),
        ("2026-05-04 10:00:02.983201900", "2026-05-04T10:00:02.983201Z"),
        ("2026-05-04T12:00:02+02:00", "2026-05-04T10:00:02Z"),
        ("5/4/2026 10:00:02 AM", "2026-05-04T10:00:02Z"),
        ("05/04/2026 10:00:02", "2026-05-04T10:00:02Z"),
        ("5/4/2026 11:00:02 AM +01:00", "2026-05-04T10:00:02Z"),
        ("1601-01-01T00:00:00Z", "1601-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999Z"),
    ] {
        let event = event(&with(sign_in_record(), "/properties/createdDateTime", json!(text)));
        assert_eq!(event.time.to_string(), expected, "{text}");
    }
}

#[test]
fn a_principal_is_needed_and_all_zeros_are_none() {
    for (value, code) in [
        (json!(""), ReasonCode::MissingField),
        (json!(null), ReasonCode::MissingField),
        (json!("00000000-0000-0000-0000-000000000000"), ReasonCode::MissingField),
        (json!(["x"]), ReasonCode::BadField),
    ] {
        let record = with(sign_in_record(), "/properties/servicePrincipalId", value);
        assert_eq!(dead(&record), (code, "servicePrincipalId".to_owned()));
    }
}

#[test]
fn empty_text_zero_coordinates_and_the_unspecified_address_are_unknown() {
    let managed = sign_in(&managed_identity_record());
    assert_eq!(managed.kind, PrincipalKind::ManagedIdentity);
    assert!(managed.place.is_unknown() && managed.place.city.is_none());
    assert_eq!(
        managed.managed_identity.expect("one").resource.as_deref(),
        Some("/subscriptions/x/virtualMachines/vm-batch-01")
    );
    let record = with(sign_in_record(), "/properties/ipAddress", json!("0.0.0.0"));
    assert_eq!(sign_in(&with(record, "/callerIpAddress", json!("0.0.0.0"))).place.address, None);
    let record = with(
        sign_in_record(),
        "/properties/servicePrincipalCredentialKeyId",
        json!("00000000-0000-0000-0000-000000000000"),
    );
    assert_eq!(sign_in(&record).key, None);
}

#[test]
fn numbers_may_be_text_and_text_numbers() {
    let record = with(sign_in_record(), "/properties/autonomousSystemNumber", json!("64500"));
    let record = with(record, "/properties/status/errorCode", json!("7000215"));
    let read = sign_in(&with(record, "/properties/servicePrincipalName", json!(42)));
    assert_eq!((read.place.asn, read.error, read.name.as_deref()), (Some(64_500), 7_000_215, Some("42")));
}

#[test]
fn the_result_stands_in_for_a_missing_status() {
    let bare = without(sign_in_record(), "/properties/status");
    for (result, expected) in [
        (json!("7000222"), 7_000_222),
        (json!(7_000_222), 7_000_222),
        (json!("Success"), 0),
        (json!("0"), 0),
        (json!("Failure"), 1),
    ] {
        assert_eq!(sign_in(&with(bare.clone(), "/resultType", result)).error, expected);
    }
}

#[test]
fn the_token_id_has_two_encodings() {
    for text in ["AAAAoAAAAECAAAAAAAAAAQ", "YTAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAx"] {
        let record = with(sign_in_record(), "/properties/uniqueTokenIdentifier", json!(text));
        assert_eq!(sign_in(&record).token, Id::parse("a0000000-0000-4000-8000-000000000001"), "{text}");
    }
}

#[test]
fn agents_are_marked_in_two_spellings() {
    for (mark, kind) in [
        ("agenticApp", AgentKind::Blueprint),
        ("agenticAppInstance", AgentKind::Identity),
        ("AgentIdentity", AgentKind::Identity),
        ("agentIdentityBlueprintPrincipal", AgentKind::BlueprintPrincipal),
        ("agentIDuser", AgentKind::User),
    ] {
        let agent = json!({"agentType": mark, "parentAppId": APP});
        for agent in [agent.clone(), Value::String(agent.to_string())] {
            let read = sign_in(&with(sign_in_record(), "/properties/agent", agent));
            // A blueprint holds credentials and makes agents; it is none.
            let is_agent = kind != AgentKind::Blueprint;
            let expected = if is_agent { PrincipalKind::Agent } else { PrincipalKind::Application };
            assert_eq!((read.kind, read.agent_kind), (expected, Some(kind)), "{mark}");
            assert_eq!(read.blueprint.expect("a blueprint").to_string(), APP);
        }
    }
    let record = with(sign_in_record(), "/properties/agent", json!({"agentType": "notAgentic"}));
    assert_eq!(sign_in(&record).kind, PrincipalKind::Application);
}

#[test]
fn a_policy_that_blocked_is_known_by_word_and_number() {
    for (status, blocked) in
        [(json!("failure"), true), (json!(1), true), (json!("notApplied"), false), (json!(2), false)]
    {
        let record = with(sign_in_record(), "/properties/conditionalAccessStatus", status);
        assert_eq!(sign_in(&record).blocked_by_policy, blocked);
    }
}

#[test]
fn a_wrong_type_in_an_unimportant_field_is_absent() {
    let mut record = sign_in_record();
    for field in ["appId", "ipAddress", "userAgent", "resourceDisplayName"] {
        record = with(record, &format!("/properties/{field}"), json!([{"a": 1}]));
    }
    for field in ["location", "status", "networkLocationDetails", "authenticationProcessingDetails"] {
        record = with(record, &format!("/properties/{field}"), json!(7));
    }
    let read = sign_in(&record);
    assert_eq!((read.app, read.agent.text, read.place.asn), (None, None, Some(64_500)));
}

#[test]
fn an_event_without_an_id_gets_the_same_one_each_time() {
    let record = without(sign_in_record(), "/properties/id");
    let again = with(record.clone(), "/time", json!("2026-05-04T11:11:11Z"));
    assert_eq!(event(&record).id, event(&again).id);
    let other = with(record.clone(), "/properties/createdDateTime", json!("2026-05-04T11:11:11Z"));
    assert_ne!(event(&record).id, event(&other).id);
}

#[test]
fn sign_ins_of_agents_for_users_are_the_agents() {
    let user = json!("f0000000-0000-4000-8000-000000000007");
    let of_person =
        with(with(sign_in_record(), "/category", json!("NonInteractiveUserSignInLogs")), "/properties/userId", user);
    assert_eq!(ignored(&of_person), "NonInteractiveUserSignInLogs");
    let mark = |kind: &str| json!({"agentType": kind, "parentAppId": KEY, "agentSubjectParentId": GRAPH});
    let of_agent = with(of_person.clone(), "/properties/agent", mark("agenticAppInstance"));
    let read = sign_in(&of_agent);
    assert_eq!((read.principal.to_string().as_str(), read.kind), (PRINCIPAL, PrincipalKind::Agent));
    assert_eq!(read.user.expect("a user").to_string(), "f0000000-0000-4000-8000-000000000007");
    let unnamed = without(of_agent, "/properties/servicePrincipalId");
    assert_eq!(sign_in(&unnamed).principal.to_string(), APP, "an agent's object id is its client id");
    let account = with(unnamed.clone(), "/properties/agent", mark("agentIDuser"));
    assert_eq!(sign_in(&account).principal.to_string(), GRAPH, "the agent that the account belongs to");
    assert_eq!(ignored(&with(unnamed, "/properties/agent", mark("agenticApp"))), "sign-in of a blueprint for a user");
    assert_eq!(sign_in(&sign_in_record()).user, None);
}
