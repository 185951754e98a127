//! Decoding against plain typed parsing of the same bytes.
//!
//! The corpus is seeded: 20,000 service principal sign-ins of about 1.5 kB, once as lines and once in envelopes of 128
//! records. The rival is `serde_json` with derived, borrowing structs of the fields that a sign-in event needs: no
//! tolerance, no event built. Prints the ratio of both throughputs. Target: 0.6 or more.

#![expect(clippy::expect_used, reason = "a bench that cannot run should stop")]

use criterion::{BatchSize, Criterion, Throughput};
use picket::decode::{Context, Limits, Outcome, decode};
use picket_detectors::event::TenantId;
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RECORDS: u64 = 20_000;
const PRINCIPALS: u64 = 1_000;
const SEED: u64 = 0x7069_636b_6574;

/// A sign-in as plain typed parsing sees it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "parsed, not read")]
struct Plain<'a> {
    #[serde(borrow)]
    time: Cow<'a, str>,
    #[serde(borrow)]
    category: Cow<'a, str>,
    #[serde(borrow)]
    tenant_id: Cow<'a, str>,
    #[serde(borrow)]
    resource_id: Cow<'a, str>,
    #[serde(borrow)]
    result_type: Cow<'a, str>,
    #[serde(borrow)]
    caller_ip_address: Option<Cow<'a, str>>,
    #[serde(borrow)]
    correlation_id: Cow<'a, str>,
    #[serde(borrow)]
    properties: PlainProperties<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "parsed, not read")]
struct PlainProperties<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    created_date_time: Cow<'a, str>,
    #[serde(borrow)]
    app_id: Cow<'a, str>,
    #[serde(borrow)]
    service_principal_id: Cow<'a, str>,
    #[serde(borrow)]
    service_principal_name: Cow<'a, str>,
    #[serde(borrow)]
    service_principal_credential_key_id: Cow<'a, str>,
    #[serde(borrow)]
    service_principal_credential_thumbprint: Cow<'a, str>,
    #[serde(borrow)]
    client_credential_type: Cow<'a, str>,
    #[serde(borrow)]
    federated_credential_id: Cow<'a, str>,
    #[serde(borrow)]
    ip_address: Cow<'a, str>,
    autonomous_system_number: Option<u32>,
    #[serde(borrow)]
    location: PlainLocation<'a>,
    #[serde(borrow)]
    network_location_details: Vec<PlainNetwork<'a>>,
    status: PlainStatus,
    #[serde(borrow)]
    conditional_access_status: Cow<'a, str>,
    #[serde(borrow)]
    authentication_processing_details: Vec<PlainDetail<'a>>,
    #[serde(borrow)]
    user_agent: Cow<'a, str>,
    #[serde(borrow)]
    resource_display_name: Cow<'a, str>,
    #[serde(borrow)]
    resource_id: Cow<'a, str>,
    #[serde(borrow)]
    unique_token_identifier: Cow<'a, str>,
    #[serde(borrow)]
    correlation_id: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "parsed, not read")]
struct PlainLocation<'a> {
    #[serde(borrow)]
    city: Cow<'a, str>,
    #[serde(borrow)]
    country_or_region: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "parsed, not read")]
struct PlainNetwork<'a> {
    #[serde(borrow)]
    network_type: Cow<'a, str>,
    #[serde(borrow)]
    network_names: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "parsed, not read")]
struct PlainStatus {
    error_code: u32,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "parsed, not read")]
struct PlainDetail<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
struct PlainEnvelope<'a> {
    #[serde(borrow)]
    records: Vec<Plain<'a>>,
}

/// A small seeded generator (`SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
    }

    fn guid(&mut self) -> String {
        uuid::Uuid::from_u64_pair(self.next(), self.next()).to_string()
    }
}

fn record(at: u64, random: &mut Random) -> String {
    let principal = random.next() % PRINCIPALS;
    let (id, correlation, key) = (random.guid(), random.guid(), random.guid());
    let second = at % 60;
    let minute = at / 60 % 60;
    let host = random.next() % 250;
    let mut out = String::with_capacity(1_700);
    write!(
        out,
        r#"{{"time":"2026-05-04T10:{minute:02}:{second:02}.1200000Z","resourceId":"/tenants/11111111-1111-4111-8111-111111111111/providers/Microsoft.aadiam","operationName":"Sign-in activity","operationVersion":"1.0","category":"ServicePrincipalSignInLogs","tenantId":"11111111-1111-4111-8111-111111111111","resultType":"0","resultSignature":"None","durationMs":0,"callerIpAddress":"203.0.113.{host}","correlationId":"{correlation}","Level":4,"location":"NL","properties":{{"id":"{id}","createdDateTime":"2026-05-04T10:{minute:02}:{second:02}.0000000+00:00","appId":"b0000000-0000-4000-8000-{principal:012}","servicePrincipalId":"d0000000-0000-4000-8000-{principal:012}","servicePrincipalName":"workload-{principal}","servicePrincipalCredentialKeyId":"{key}","servicePrincipalCredentialThumbprint":"","clientCredentialType":"clientSecret","federatedCredentialId":"","ipAddress":"203.0.113.{host}","autonomousSystemNumber":64500,"location":{{"city":"Amsterdam","state":"Noord-Holland","countryOrRegion":"NL","geoCoordinates":{{"latitude":52.37,"longitude":4.89}}}},"networkLocationDetails":[],"status":{{"errorCode":0}},"conditionalAccessStatus":"notApplied","appliedConditionalAccessPolicies":[],"authenticationProcessingDetails":[{{"key":"Azure AD App Authentication Library","value":"Family: MSAL Library: MSAL.NET 4.54.1.0 Platform: .NET"}},{{"key":"Is CAE Token","value":"False"}}],"userAgent":"","resourceDisplayName":"Microsoft Graph","resourceId":"00000003-0000-0000-c000-000000000000","uniqueTokenIdentifier":"AAAAoAAAAECAAAAAAAAAAQ","correlationId":"{correlation}","riskState":"none","riskLevelAggregated":"none","riskLevelDuringSignIn":"none","riskDetail":"none","isInteractive":false,"flaggedForReview":false,"tokenIssuerType":"AzureAD"}}}}"#
    )
    .expect("written");
    out
}

struct Corpus {
    values: Vec<String>,
    bytes: u64,
}

fn corpora() -> (Corpus, Corpus) {
    let mut random = Random(SEED);
    let lines: Vec<String> = (0..RECORDS).map(|at| record(at, &mut random)).collect();
    let envelopes = lines.chunks(128).map(|chunk| format!("{{\"records\":[{}]}}", chunk.join(","))).collect();
    let corpus = |values: Vec<String>| Corpus { bytes: values.iter().map(|value| value.len() as u64).sum(), values };
    (corpus(lines), corpus(envelopes))
}

fn decoded(corpus: &Corpus, context: &Context) -> u64 {
    let mut events = 0;
    for value in &corpus.values {
        decode(value.as_bytes(), context, &mut |one| {
            if let Outcome::Events(found) = &one.outcome {
                events += black_box(found).len() as u64;
            }
        });
    }
    events
}

fn plain_lines(corpus: &Corpus) -> u64 {
    corpus
        .values
        .iter()
        .filter(|value| black_box(serde_json::from_slice::<Plain<'_>>(value.as_bytes())).is_ok())
        .count() as u64
}

fn plain_envelopes(corpus: &Corpus) -> u64 {
    let parse = |value: &String| {
        black_box(serde_json::from_slice::<PlainEnvelope<'_>>(value.as_bytes())).expect("JSON").records.len() as u64
    };
    corpus.values.iter().map(parse).sum()
}

/// The best of several rounds, the two taking turns so that noise meets both.
fn ratio(name: &str, ours: &dyn Fn() -> u64, plain: &dyn Fn() -> u64) {
    let timed = |work: &dyn Fn() -> u64| {
        let start = Instant::now();
        assert_eq!(black_box(work()), RECORDS, "{name}");
        start.elapsed()
    };
    let (mut best_ours, mut best_plain) = (Duration::MAX, Duration::MAX);
    for _ in 0..30 {
        best_ours = best_ours.min(timed(ours));
        best_plain = best_plain.min(timed(plain));
    }
    report(name, best_ours, best_plain);
}

#[expect(clippy::print_stdout, reason = "a bench reports to its caller")]
fn report(name: &str, ours: Duration, plain: Duration) {
    let each = |time: Duration| time.as_secs_f64() * 1e9 / RECORDS as f64;
    println!(
        "decode {name}: {:.0} ns a record, plain {:.0} ns, ratio {:.2}",
        each(ours),
        each(plain),
        plain.as_secs_f64() / ours.as_secs_f64()
    );
}

fn main() {
    let context =
        Context { default_tenant: TenantId::default(), limits: Limits::default(), scrubber: std::sync::Arc::default() };
    let (lines, envelopes) = corpora();
    ratio("lines", &|| decoded(&lines, &context), &|| plain_lines(&lines));
    ratio("envelopes", &|| decoded(&envelopes, &context), &|| plain_envelopes(&envelopes));
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    for (name, corpus) in [("lines", &lines), ("envelopes", &envelopes)] {
        let mut group = criterion.benchmark_group(format!("decode/{name}"));
        group.throughput(Throughput::ElementsAndBytes { elements: RECORDS, bytes: corpus.bytes });
        group.bench_function("ours", |bench| {
            bench.iter_batched(|| (), |()| decoded(corpus, &context), BatchSize::PerIteration);
        });
        let plain = if name == "lines" { plain_lines } else { plain_envelopes };
        group.bench_function("plain", |bench| {
            bench.iter_batched(|| (), |()| plain(corpus), BatchSize::PerIteration);
        });
        group.finish();
    }
    criterion.final_summary();
}
