//! What an operator does with rules and indicators: own folders, overrides, exceptions, reload, the commands.

use picket::decode::{Context, Decoder, Limits, Outcome};
use picket::intelligence::{Indicators, Subject, Table, read};
use picket::sigma::{Origin, Overrides, ReloadError, RuleFiles, RuleSource, Rules, load};
use picket_detectors::event::{EventTime, RuleLevel, Signal, TenantId};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

const SIGN_IN: &str = r#"{"time":"2026-05-04T09:00:00Z","category":"ServicePrincipalSignInLogs","tenantId":"11111111-1111-4111-8111-111111111111",
    "properties":{"id":"s","createdDateTime":"2026-05-04T09:00:00Z","servicePrincipalId":"d0000000-0000-4000-8000-000000000001",
    "servicePrincipalName":"nightly-export","appId":"b0000000-0000-4000-8000-000000000001","ipAddress":"203.0.113.7",
    "autonomousSystemNumber":64496,"status":{"errorCode":0}}}"#;

const RULE: &str = "title: From there\nid: mine\nstatus: test\nlevel: high\nlogsource: { product: azure }\n\
    detection: { s: { properties.ipAddress|cidr: 203.0.113.0/24 }, condition: s }\n";

/// The signals that the sign-in leaves, as rule titles and indicators.
fn signals(decoder: &Decoder) -> Vec<String> {
    let mut found = Vec::new();
    decoder.current().decode(SIGN_IN.as_bytes(), &mut |decoded| {
        let Outcome::Events(events) = decoded.outcome else { return };
        found.extend(events.iter().flat_map(|event| &event.signals).map(|signal| match signal {
            Signal::Rule(matched) => matched.title.to_string(),
            Signal::Part(part) => format!("part of {}", part.whole.title),
            Signal::Indicator(matched) => format!("{} {} {}", matched.indicator, matched.source, matched.confidence),
        }));
    });
    found.retain(|title| title != "Sign-in of a service principal");
    found
}

fn decoder() -> Decoder {
    Context { default_tenant: TenantId::UNKNOWN, limits: Limits::default(), scrubber: Arc::default() }.into()
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("written");
}

#[test]
fn an_operator_s_rules_are_taken_up_when_they_change_and_a_broken_one_leaves_the_old() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.yml");
    write(&file, RULE);
    let files = RuleFiles { folders: vec![folder.path().to_owned()], overrides: None };
    let rules = Arc::new(Rules::open(files).expect("opened"));
    let decoder = Decoder { marks: vec![Arc::clone(&rules) as _], ..decoder() };
    assert_eq!(signals(&decoder), ["From there"]);
    write(&file, "title: [");
    assert!(matches!(rules.reload(), Err(ReloadError::Refused(..))));
    assert_eq!(signals(&decoder), ["From there"], "the old set stays");
    write(&file, &RULE.replace("From there", "Renamed"));
    rules.reload().expect("taken up");
    assert_eq!(signals(&decoder), ["Renamed"]);
}

/// A rule as the public set writes them for another product, over the record as it stands on the wire.
fn of_product(product: &str, field: &str, value: &str) -> RuleSource {
    let text = format!(
        "title: Theirs\nid: theirs\nstatus: test\nlevel: high\nlogsource: {{ product: {product}, service: audit }}\n\
         detection: {{ selection: {{ {field}: {value} }}, condition: selection }}\n"
    );
    RuleSource { origin: Origin::File("a file".to_owned()), text }
}

#[test]
fn rules_for_repositories_and_exchange_are_held_against_those_records_and_no_others() {
    const ACT: &str = r#"{"@timestamp":1777885200000,"_document_id":"x","action":"repo.change_visibility","visibility":"public",
        "actor":"a","org":"contoso","repo":"contoso/shop"}"#;
    const MAIL: &str = r#"{"CreationTime":"2026-05-04T09:00:00","Operation":"Send","Workload":"Exchange","UserType":5,
        "ClientAppId":"b0000000-0000-4000-8000-000000000001"}"#;
    let matches = |source: RuleSource, record: &str| {
        let loaded = load(&[source], &Overrides::default());
        assert!(loaded.refused.is_empty(), "{:?}", loaded.refused);
        let tested = picket::sigma::test(&loaded.rules, record.as_bytes());
        tested.iter().flat_map(|tested| &tested.rules).any(|rule| rule.id == "theirs")
    };
    assert!(matches(of_product("github", "action", "repo.change_visibility"), ACT));
    assert!(matches(of_product("m365", "Operation", "Send"), MAIL));
    assert!(!matches(of_product("github", "Operation", "Send"), MAIL));
    assert!(!matches(of_product("m365", "action", "repo.change_visibility"), ACT));
    for product in ["github", "m365"] {
        assert!(!matches(of_product(product, "category", "ServicePrincipalSignInLogs"), SIGN_IN), "{product}");
    }
}

#[test]
fn overrides_change_weight_and_state_and_except_records() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, overrides) = (folder.path().join("mine.yml"), folder.path().join("overrides.txt"));
    write(&file, RULE);
    let found = |text: &str| {
        write(&overrides, text);
        let files = RuleFiles { folders: vec![file.clone()], overrides: Some(overrides.clone()) };
        let rules = Arc::new(Rules::open(files).expect("opened"));
        let found = signals(&Decoder { marks: vec![Arc::clone(&rules) as _], ..decoder() });
        let current = rules.current();
        let mine = current.rules().iter().find(|rule| rule.id == "mine").expect("mine");
        (found.len(), mine.matched.load(std::sync::atomic::Ordering::Relaxed))
    };
    assert_eq!(found("- { rule: mine, weight: 0.2 }\n"), (1, 1));
    assert_eq!(found("- { rule: mine, state: shadow }\n"), (0, 1), "counted, not judged");
    assert_eq!(found("- { rule: mine, state: off }\n"), (0, 0));
    let except = |more: &str| {
        format!("- {{ rule: mine, except: [{{ field: picket.name, values: [Nightly-Export]{more} }}] }}\n")
    };
    assert_eq!(found(&except("")), (0, 0));
    assert_eq!(found(&except(", until: '2026-05-04T00:00:00Z'")), (1, 1), "an exception has an end");
    let filter = "title: not him\nid: f\nlogsource: { product: azure }\nfilter: { rules: [mine], s: { properties.servicePrincipalName: nightly-export }, condition: not s }\n";
    write(&file, &format!("{RULE}---\n{filter}"));
    assert_eq!(found("[]\n"), (0, 0), "Sigma's own filters narrow rules");
}

#[test]
fn correlations_are_counted_by_principal_and_what_would_need_more_is_refused() {
    let correlation = |more: &str| {
        format!("{RULE}---\ntitle: Often\nid: often\nstatus: test\nlevel: high\ncorrelation: {{ {more} }}\n")
    };
    let found = |more: &str| {
        let source = RuleSource { origin: Origin::File("a file".to_owned()), text: correlation(more) };
        let loaded = load(&[source], &Overrides::default());
        (
            loaded.rules.correlations().filter(|rule| rule.origin != Origin::Picket).count(),
            loaded.refused.iter().map(ToString::to_string).collect::<Vec<_>>(),
        )
    };
    let good = "type: event_count, rules: [mine], group-by: [properties.appId], timespan: 10m, condition: { gte: 3 }";
    assert_eq!(found(good), (1, Vec::new()));
    for (bad, why) in [
        (good.replace("gte: 3", "lt: 3"), "only `gte` and `gt`"),
        (good.replace("gte: 3", "gte: 1000"), "more than 256"),
        (good.replace("10m", "30d"), "longer than seven days"),
        (good.replace("[mine]", "[nobody]"), "not in use"),
        (good.replace("event_count", "value_sum").replace("gte: 3", "gte: 3, field: x"), "sums"),
    ] {
        let (count, refused) = found(&bad);
        assert!(count == 0 && refused.iter().any(|reason| reason.contains(why)), "{bad}: {refused:?}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (rules, log, out) = (folder.path().join("c.yml"), folder.path().join("log.ndjson"), folder.path().join("out"));
    write(&rules, &correlation(good));
    let sign_in = SIGN_IN.replace('\n', " ");
    let at = |minute: u32| {
        sign_in
            .replace("09:00:00", &format!("09:{minute:02}:00"))
            .replace("\"id\":\"s\"", &format!("\"id\":\"s{minute}\""))
    };
    write(&log, &[at(0), at(4), at(9), at(20)].join("\n"));
    let mut replay = Command::new(env!("CARGO_BIN_EXE_picket"));
    replay.env("PICKET__RULES__FOLDERS", format!("[{:?}]", rules.display().to_string()));
    let output =
        replay.args(["--log-level", "error", "replay"]).arg(&log).arg("--out").arg(&out).output().expect("runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let detections = std::fs::read_to_string(out.join("risk-detections.ndjson")).expect("written");
    assert_eq!(detections.lines().filter(|line| line.contains("\"observed\":\"often\"")).count(), 1, "{detections}");
    assert!(!detections.contains("\"observed\":\"mine\""), "what is counted is not told by itself");
}

#[test]
fn overrides_that_make_no_sense_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("overrides.yaml");
    for text in [
        "- { rule: mine, weight: 1.5 }",
        "- { rule: mine, colour: red }",
        "- { rule: mine, except: [{ field: a, values: [b], until: soon }] }",
        "rule: mine",
    ] {
        write(&path, text);
        let error = Overrides::read(&path).expect_err(text).to_string();
        assert!(error.contains("overrides"), "{error}");
    }
}

#[test]
fn indicators_are_seen_and_taken_up_when_they_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ours.txt");
    write(&file, "# confidence: 90\n203.0.113.0/24\n");
    let (indicators, complaints) = Indicators::open(vec![folder.path().to_owned()]);
    assert_eq!(complaints, []);
    let indicators = Arc::new(indicators);
    let decoder = Decoder { marks: vec![Arc::clone(&indicators) as _], ..decoder() };
    assert_eq!(signals(&decoder), ["203.0.113.0/24 ours 90"]);
    write(&file, "AS64496\nb0000000-0000-4000-8000-000000000001\n0.0.0.0/0\n");
    let (count, complaints) = indicators.reload().expect("readable");
    assert_eq!((count, complaints.len()), (2, 1));
    assert_eq!(signals(&decoder), ["AS64496 ours 50", "b0000000-0000-4000-8000-000000000001 ours 50"]);
    std::fs::remove_dir_all(folder.path()).expect("removed");
    assert!(indicators.reload().is_err(), "what can't be read leaves the old table");
    assert_eq!(signals(&decoder).len(), 2);
}

#[test]
fn a_hundred_thousand_networks_are_looked_up_as_few_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let nets: String = (0..100_000_u32)
        .flat_map(|n| [std::net::Ipv4Addr::from(0x0101_0000 + n * 7).to_string(), "/32\n".to_owned()])
        .collect();
    write(&folder.path().join("many.txt"), &nets);
    let table = Table::new(read(&[folder.path().to_owned()]).indicators);
    assert_eq!(table.len(), 100_000);
    let found = table.address("1.1.0.7".parse().expect("an address"), EventTime::default());
    assert!(found.is_some_and(|one| Subject::parse("1.1.0.7").as_ref() == Ok(&one.subject)));
    assert!(table.address("1.1.0.8".parse().expect("an address"), EventTime::default()).is_none());
}

fn picket(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_picket")).args(args).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_commands_say_what_they_find_by_their_exit_codes() {
    let folder = tempfile::tempdir().expect("a folder");
    let (good, bad, log) =
        (folder.path().join("good.yml"), folder.path().join("bad.yml"), folder.path().join("log.json"));
    write(&good, RULE);
    write(&bad, "title: t\ndetection: { s: { picket.nothing: x }, condition: s }\n");
    write(&log, SIGN_IN);
    let path = |path: &Path| path.display().to_string();
    let checked = picket(&["rules", "check", &path(&good)]);
    assert_eq!((checked.status.code(), text(&checked.stdout).contains(" 0 faults")), (Some(0), true));
    let checked = picket(&["rules", "check", &path(&bad)]);
    assert_eq!(checked.status.code(), Some(2));
    assert!(text(&checked.stderr).contains("picket.nothing"), "{}", text(&checked.stderr));
    let listed = text(&picket(&["rules", "list", "--json", &path(&good)]).stdout);
    assert!(listed.lines().any(|line| line.contains("\"id\":\"mine\"")), "{listed}");
    let tested = text(&picket(&["rules", "test", &path(&log), "--rules", &path(&good)]).stdout);
    assert!(tested.contains("From there [high]") && tested.contains("1 records, 2 rules matched"), "{tested}");
    write(&log, "nonsense\n{\"category\":\"SignInLogs\"}\n");
    let tested = text(&picket(&["rules", "test", &path(&log)]).stdout);
    assert!(tested.contains("2 records (1 cannot be decoded), 0 rules matched"), "{tested}");
    let layer = folder.path().join("layer.json");
    let covered = picket(&["rules", "coverage", "--navigator", &path(&layer)]);
    assert!(text(&covered.stdout).contains("T1098.001"));
    let layer: serde_json::Value = serde_json::from_slice(&std::fs::read(layer).expect("a layer")).expect("JSON");
    assert_eq!(layer.get("domain").and_then(serde_json::Value::as_str), Some("enterprise-attack"));
}

#[test]
fn rubbish_never_panics() {
    use proptest::prelude::*;
    let runner = &mut proptest::test_runner::TestRunner::default();
    let heads = [
        "title: t\nid: x\ndetection: { s: { a: ",
        "detection:\n  s:\n    - ",
        "title: t\ncorrelation: {type: ",
        "",
        "---\n- ",
    ];
    let strategy = (proptest::sample::select(heads.to_vec()), "[ -~\n]{0,120}");
    runner
        .run(&strategy, |(head, tail)| {
            let source = RuleSource { origin: Origin::File("a file".to_owned()), text: format!("{head}{tail}") };
            let loaded = load(&[source], &Overrides::default());
            drop(loaded.rules.matches(&tail, None));
            drop(loaded.rules.matches(SIGN_IN, None));
            prop_assert!(loaded.rules.rules().iter().all(|rule| rule.level <= RuleLevel::Critical));
            Ok(())
        })
        .expect("no panic");
}
