//! A corpus of Entra records, made up and always the same for the same options: sign-ins of service principals and
//! managed identities, credential changes, some thefts, and the repeats that real exports have.

/// How records fall on principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Distribution {
    /// The n-th most active one makes 1/n of the records of the first.
    Zipf,
    /// All alike.
    Uniform,
    /// One makes 96 %.
    OneKey,
}

/// What to make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Records, repeats included.
    pub(crate) records: usize,
    /// Principals that they fall on.
    pub(crate) principals: usize,
    /// How they fall on them.
    pub(crate) distribution: Distribution,
    /// Days that they span.
    pub(crate) days: u32,
    /// Hours of each day in which they fall; few make many of them share an hour.
    pub(crate) hours: u32,
    /// Another seed gives another corpus.
    pub(crate) seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { records: 10_000, principals: 200, distribution: Distribution::Zipf, days: 20, hours: 24, seed: 1 }
    }
}

/// The records, one JSON line each, without the line's end. Times go forward but for a few minutes.
pub(crate) struct Corpus {
    options: Options,
    random: Random,
    /// Cumulated shares of the principals, for [`Distribution::Zipf`].
    shares: Vec<f64>,
    made: usize,
    /// Lines to repeat, with how many records from now.
    repeats: std::collections::VecDeque<(usize, String)>,
}

/// 2026-03-02T00:00:00Z in seconds.
const START: u64 = 1_772_409_600;
/// Microseconds of a day.
const DAY: u64 = 86_400_000_000;

impl Corpus {
    /// A corpus.
    pub(crate) fn new(options: Options) -> Self {
        let mut total = 0.0;
        let cumulated = (1..=options.principals).map(|rank| {
            total += 1.0 / rank as f64;
            total
        });
        let shares = if options.distribution == Distribution::Zipf { cumulated.collect() } else { Vec::new() };
        Self { options, random: Random::new(options.seed), shares, made: 0, repeats: std::collections::VecDeque::new() }
    }

    fn principal(&mut self) -> usize {
        let last = self.options.principals - 1;
        match self.options.distribution {
            Distribution::OneKey if self.random.chance(0.96) => 0,
            Distribution::Uniform | Distribution::OneKey => self.random.below(self.options.principals),
            Distribution::Zipf => {
                let at = self.random.fraction() * self.shares.last().copied().unwrap_or(1.0);
                self.shares.partition_point(|share| *share < at).min(last)
            }
        }
    }

    /// The moment of the record, in microseconds since the epoch.
    fn moment(&mut self) -> u64 {
        let span = u64::from(self.options.days) * DAY;
        let at = span / self.options.records as u64 * self.made as u64;
        let (day, moment) = (at / DAY * DAY, at % DAY / 24 * u64::from(self.options.hours));
        START * 1_000_000 + day + moment + self.random.below(120_000_000) as u64
    }

    fn record(&mut self) -> String {
        let principal = self.principal();
        let at = self.moment();
        match self.random.below(1_000) {
            0..40 => managed_identity_sign_in(&mut self.random, principal, at),
            40..43 => credential_added(&mut self.random, principal, at),
            43..46 => sign_in(&mut self.random, principal, at, Place::foreign(principal)),
            _ => {
                let place = Place::home(&mut self.random, principal);
                sign_in(&mut self.random, principal, at, place)
            }
        }
    }
}

impl Iterator for Corpus {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.made >= self.options.records {
            return None;
        }
        self.made += 1;
        if let Some((_, line)) = self.repeats.pop_front_if(|(due, _)| *due <= self.made) {
            return Some(line);
        }
        let line = self.record();
        if self.random.chance(0.04) {
            let again = redelivered(&line, &mut self.random);
            let due = self.made + 1 + self.random.below(50);
            self.repeats.push_back((due, again));
        }
        Some(line)
    }
}

/// The same event with another time on its envelope.
fn redelivered(line: &str, random: &mut Random) -> String {
    let minutes = random.below(60);
    line.replacen(":00.5550000Z\"", &format!(":{minutes:02}.5550000Z\""), 1)
}

struct Place {
    address: String,
    asn: u32,
    country: &'static str,
    city: &'static str,
    agent: &'static str,
}

const HOMES: [(&str, &str); 6] = [
    ("NL", "Amsterdam"),
    ("DE", "Frankfurt"),
    ("IE", "Dublin"),
    ("US", "Boydton"),
    ("SE", "Stockholm"),
    ("FR", "Paris"),
];
const AGENTS: [&str; 4] = ["python-requests/2.31.0", "azsdk-net-Identity/1.10.4", "", "Terraform/1.7.5"];

impl Place {
    fn home(random: &mut Random, principal: usize) -> Self {
        let (country, city) = HOMES[principal % HOMES.len()];
        let network = principal % 200;
        Self {
            address: format!("10.{network}.{}.{}", principal % 250, 1 + random.below(8)),
            asn: 64_496 + (principal % 12) as u32,
            country,
            city,
            agent: AGENTS[principal % AGENTS.len()],
        }
    }

    /// A rented server far off.
    fn foreign(principal: usize) -> Self {
        let address = format!("198.51.100.{}", 1 + principal % 250);
        Self { address, asn: 14_061, country: "BR", city: "Sao Paulo", agent: "curl/8.5.0" }
    }
}

const RESOURCES: [(&str, &str); 4] = [
    ("Microsoft Graph", "00000003-0000-0000-c000-000000000000"),
    ("Azure Key Vault", "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"),
    ("Azure Storage", "e406a681-f3d4-42a8-90b6-c2b029497af1"),
    ("Windows Azure Service Management API", "797f4846-ba00-4fd7-ba43-dac1f8f63013"),
];

fn sign_in(random: &mut Random, principal: usize, at: u64, place: Place) -> String {
    let (tenant, id) = (tenant(principal), random.uuid());
    let (resource, resource_id) = RESOURCES[(principal + random.below(2)) % RESOURCES.len()];
    let Place { address, asn, country, city, agent } = place;
    let (time, created) = (minute(at + 90_000_000), instant(at));
    let (app, service_principal, key) = (guid(0xb0, principal), guid(0xd0, principal), guid(0xe0, principal));
    let correlation = random.uuid();
    let token = random.uuid().replace('-', "");
    let token = token.get(..22).unwrap_or_default();
    format!(
        "{{\"time\":\"{time}:00.5550000Z\",\"resourceId\":\"/tenants/{tenant}/providers/Microsoft.aadiam\",\
         \"operationName\":\"Sign-in activity\",\"operationVersion\":\"1.0\",\"category\":\"ServicePrincipalSignInLogs\",\
         \"tenantId\":\"{tenant}\",\"resultType\":\"0\",\"resultSignature\":\"None\",\"durationMs\":0,\
         \"callerIpAddress\":\"{address}\",\"correlationId\":\"{correlation}\",\"Level\":4,\"location\":\"{country}\",\
         \"properties\":{{\"id\":\"{id}\",\"createdDateTime\":\"{created}\",\
         \"userId\":\"\",\"appId\":\"{app}\",\"appDisplayName\":\"workload-{principal}\",\
         \"ipAddress\":\"{address}\",\"status\":{{\"errorCode\":0,\"failureReason\":null,\"additionalDetails\":null}},\
         \"clientAppUsed\":\"\",\"userAgent\":\"{agent}\",\
         \"location\":{{\"city\":\"{city}\",\"state\":\"\",\"countryOrRegion\":\"{country}\",\
         \"geoCoordinates\":{{\"latitude\":52.37,\"longitude\":4.89}}}},\"correlationId\":\"{correlation}\",\
         \"conditionalAccessStatus\":\"notApplied\",\"appliedConditionalAccessPolicies\":[],\
         \"authenticationProcessingDetails\":[{{\"key\":\"Is CAE Token\",\"value\":\"False\"}}],\
         \"networkLocationDetails\":[],\"processingTimeInMilliseconds\":42,\"riskDetail\":\"none\",\
         \"riskLevelAggregated\":\"none\",\"riskLevelDuringSignIn\":\"none\",\"riskState\":\"none\",\
         \"resourceDisplayName\":\"{resource}\",\"resourceId\":\"{resource_id}\",\
         \"servicePrincipalId\":\"{service_principal}\",\"servicePrincipalName\":\"workload-{principal}\",\
         \"servicePrincipalCredentialKeyId\":\"{key}\",\"servicePrincipalCredentialThumbprint\":\"\",\
         \"clientCredentialType\":\"clientSecret\",\"federatedCredentialId\":\"\",\
         \"uniqueTokenIdentifier\":\"{token}\",\"autonomousSystemNumber\":{asn},\"crossTenantAccessType\":\"none\",\
         \"flaggedForReview\":false,\"isTenantRestricted\":false,\"isInteractive\":false,\"tokenIssuerType\":\"AzureAD\"}}}}"
    )
}

fn managed_identity_sign_in(random: &mut Random, principal: usize, at: u64) -> String {
    let (tenant, id, app) = (tenant(principal), random.uuid(), guid(0xb1, principal));
    let (service_principal, created, time) = (guid(0xd1, principal), instant(at), minute(at + 90_000_000));
    format!(
        "{{\"time\":\"{time}:00.5550000Z\",\"category\":\"ManagedIdentitySignInLogs\",\
         \"operationName\":\"Sign-in activity\",\"tenantId\":\"{tenant}\",\"resultType\":\"0\",\"durationMs\":0,\"Level\":4,\
         \"properties\":{{\"id\":\"{id}\",\"createdDateTime\":\"{created}\",\"appId\":\"{app}\",\
         \"servicePrincipalId\":\"{service_principal}\",\"servicePrincipalName\":\"vm-{principal}\",\"ipAddress\":\"\",\
         \"location\":{{\"city\":\"\",\"state\":\"\",\"countryOrRegion\":\"\",\
         \"geoCoordinates\":{{\"latitude\":0.0,\"longitude\":0.0}}}},\"status\":{{\"errorCode\":0}},\
         \"resourceDisplayName\":\"Azure Key Vault\",\"resourceId\":\"cfa8b339-82a2-471a-a3c9-0fc0be7a4093\",\
         \"managedServiceIdentity\":{{\"msiType\":\"systemAssigned\",\
         \"associatedResourceId\":\"/subscriptions/x/virtualMachines/vm-{principal}\"}}}}}}"
    )
}

fn credential_added(random: &mut Random, principal: usize, at: u64) -> String {
    let (tenant, correlation, new_key) = (tenant(principal), random.uuid(), random.uuid());
    let (service_principal, app, old_key) = (guid(0xd0, principal), guid(0xb0, principal), guid(0xe0, principal));
    let (created, time) = (instant(at), minute(at + 90_000_000));
    let key = |id: &str| format!("\\\"[KeyIdentifier={id},KeyType=Password,KeyUsage=Verify,DisplayName=ci]\\\"");
    format!(
        "{{\"time\":\"{time}:00.5550000Z\",\"category\":\"AuditLogs\",\"tenantId\":\"{tenant}\",\
         \"operationName\":\"Add service principal credentials\",\"correlationId\":\"{correlation}\",\"Level\":4,\
         \"properties\":{{\"id\":\"Directory_{correlation}_AB1CD_1\",\"category\":\"ApplicationManagement\",\
         \"correlationId\":\"{correlation}\",\"result\":\"success\",\
         \"activityDisplayName\":\"Add service principal credentials\",\"activityDateTime\":\"{created}\",\
         \"initiatedBy\":{{\"user\":{{\"id\":\"f0000000-0000-4000-8000-000000000001\",\
         \"userPrincipalName\":\"ops@example.org\",\"ipAddress\":\"198.51.100.9\"}}}},\
         \"targetResources\":[{{\"id\":\"{service_principal}\",\"displayName\":\"workload-{principal}\",\
         \"type\":\"ServicePrincipal\",\"modifiedProperties\":[{{\"displayName\":\"KeyDescription\",\
         \"oldValue\":\"[{}]\",\"newValue\":\"[{},{}]\"}}]}}],\
         \"additionalDetails\":[{{\"key\":\"AppId\",\"value\":\"{app}\"}}]}}}}",
        key(&old_key),
        key(&old_key),
        key(&new_key),
    )
}

fn tenant(principal: usize) -> String {
    guid(0x11, principal % 3)
}

fn guid(kind: u8, number: usize) -> String {
    format!("{kind:02x}000000-0000-4000-8000-{number:012x}")
}

/// `2026-03-02T10:00`, for the envelope.
fn minute(micros: u64) -> String {
    instant(micros).get(..16).unwrap_or_default().to_owned()
}

fn instant(micros: u64) -> String {
    picket_detectors::event::EventTime::from_micros(micros.cast_signed()).to_string()
}

/// What looks like a client secret of Entra. Made at run time, so that no scanner finds one in this repository.
pub(crate) fn made_up_secret(seed: u64) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut random = Random::new(seed);
    let mut letters = |count| {
        std::iter::repeat_with(|| char::from(LETTERS[random.below(LETTERS.len())])).take(count).collect::<String>()
    };
    format!("{}8Q~{}", letters(3), letters(34))
}

/// `SplitMix64`: small, and the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn chance(&mut self, share: f64) -> bool {
        self.fraction() < share
    }

    fn uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes((u128::from(self.next()) << 64 | u128::from(self.next())).to_be_bytes())
            .into_uuid()
            .to_string()
    }
}
