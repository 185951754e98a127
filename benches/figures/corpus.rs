//! Made-up sign-ins for benches: seeded, of real shape and size, with a key distribution that is named.
//!
//! A principal keeps its habits (networks, keys, resources, client), as workloads do; four records in a hundred are
//! delivered twice with a later envelope time; addresses are those set aside for benchmarking (198.18.0.0/15).

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

/// Which principals sign in how often.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Keys {
    /// The n-th most frequent of so many principals comes 1/n times as often as the first.
    Zipf(usize),
    /// All equally often.
    Uniform(usize),
    /// One principal makes 96 of 100 sign-ins; the rest as [`Keys::Zipf`].
    Hot(usize),
    /// One sign-in of every principal, then all equally often.
    Every(usize),
}

impl Keys {
    /// For file names and tables.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Zipf(count) => format!("zipf-{count}"),
            Self::Uniform(count) => format!("uniform-{count}"),
            Self::Hot(count) => format!("hot-{count}"),
            Self::Every(count) => format!("every-{count}"),
        }
    }

    fn count(self) -> usize {
        match self {
            Self::Zipf(count) | Self::Uniform(count) | Self::Hot(count) | Self::Every(count) => count,
        }
    }
}

/// Sign-ins of one tenant over some days of May 2026.
#[derive(Debug)]
pub(crate) struct Corpus {
    keys: Keys,
    records: u64,
    days: u64,
    sums: Vec<f64>,
    random: Random,
    written: u64,
    duplicate: Option<Vec<u8>>,
}

const SEED: u64 = 0x5049_434b_4554;
const TENANT: &str = "11111111-1111-4111-8111-111111111111";
/// Of a hundred sign-ins so many come twice.
const DUPLICATES: u64 = 4;
const DAY_SECONDS: u64 = 86_400;

impl Corpus {
    /// `records` sign-ins, evenly over `days` (at most 28).
    pub(crate) fn new(keys: Keys, records: u64, days: u64) -> Self {
        let mut sum = 0.0;
        let sums = (1..=keys.count()).map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        });
        let sums = sums.collect();
        Self { keys, records, days: days.min(28), sums, random: Random(SEED), written: 0, duplicate: None }
    }

    /// Writes all of it as NDJSON.
    pub(crate) fn write(mut self, path: &Path) -> io::Result<()> {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        while let Some(line) = self.next_line() {
            file.write_all(&line)?;
            file.write_all(b"\n")?;
        }
        file.flush()
    }

    /// The next record.
    pub(crate) fn next_line(&mut self) -> Option<Vec<u8>> {
        if self.written == self.records {
            return None;
        }
        self.written += 1;
        if let Some(again) = self.duplicate.take() {
            return Some(again);
        }
        let principal = Principal::new(self.draw());
        let second = self.written * self.days * DAY_SECONDS / self.records.max(1);
        let sign_in = SignIn::honest(principal, second.saturating_sub(self.random.below(90)), &mut self.random);
        if self.random.below(100) < DUPLICATES {
            self.duplicate = Some(sign_in.line(120));
        }
        Some(sign_in.line(40))
    }

    /// The number of the next principal.
    pub(crate) fn draw(&mut self) -> u64 {
        match self.keys {
            Keys::Zipf(_) => self.draw_zipf(),
            Keys::Uniform(count) => self.random.below(count as u64),
            Keys::Hot(_) if self.random.below(100) < 96 => 0,
            Keys::Hot(_) => 1 + self.draw_zipf(),
            Keys::Every(count) if self.written <= count as u64 => self.written - 1,
            Keys::Every(count) => self.random.below(count as u64),
        }
    }

    fn draw_zipf(&mut self) -> u64 {
        let point = self.random.fraction() * self.sums.last().copied().unwrap_or_default();
        self.sums.partition_point(|sum| *sum < point) as u64
    }
}

/// A principal with its habits, all derived from its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Principal {
    number: u64,
    habits: u64,
}

impl Principal {
    /// The principal of this number.
    pub(crate) fn new(number: u64) -> Self {
        Self { number, habits: Random(number ^ SEED).next() }
    }

    /// Its object id.
    pub(crate) fn id(self) -> String {
        format!("d0000000-0000-4000-8000-{:012x}", self.number)
    }

    /// Whether it is a managed identity: no address, no key.
    pub(crate) fn is_managed(self) -> bool {
        self.habits % 100 < 25
    }
}

/// One sign-in, not yet written.
#[derive(Debug)]
pub(crate) struct SignIn {
    principal: Principal,
    second: u64,
    id: u64,
    place: PlaceOf,
    key: u64,
    resource: usize,
    client: usize,
}

#[derive(Debug)]
struct PlaceOf {
    asn: u32,
    country: &'static str,
    city: &'static str,
    address: [u8; 4],
}

const CITIES: [(&str, &str); 8] = [
    ("DE", "Frankfurt am Main"),
    ("NL", "Amsterdam"),
    ("IE", "Dublin"),
    ("US", "Boydton"),
    ("US", "Des Moines"),
    ("GB", "London"),
    ("FR", "Paris"),
    ("SG", "Singapore"),
];
const RESOURCES: [(&str, &str); 6] = [
    ("00000003-0000-0000-c000-000000000000", "Microsoft Graph"),
    ("797f4846-ba00-4fd7-ba43-dac1f8f63013", "Windows Azure Service Management API"),
    ("cfa8b339-82a2-471a-a3c9-0fc0be7a4093", "Azure Key Vault"),
    ("e406a681-f3d4-42a8-90b6-c2b029497af1", "Azure Storage"),
    ("022907d3-0f1b-48f7-badc-1ba6abab6d66", "Azure SQL Database"),
    ("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online"),
];
const CLIENTS: [&str; 4] = [
    "Family: MSAL Library: MSAL.NET 4.61.3.0 Platform: .NET 8",
    "Family: MSAL Library: MSAL.Python 1.28.0 Platform: Linux",
    "Family: MSAL Library: MSAL.Java 1.15.1 Platform: Java 21",
    "Family: MSAL Library: MSAL.Go 1.2.2 Platform: Linux",
];

impl SignIn {
    /// A sign-in as the principal always makes them, `second` seconds into the month.
    pub(crate) fn honest(principal: Principal, second: u64, random: &mut Random) -> Self {
        let habits = principal.habits;
        let site = habits >> 8 & 63;
        let (country, city) = CITIES[(site % 8) as usize];
        let second_site = u64::from(random.below(10) == 0);
        let place = PlaceOf {
            asn: 64_512 + (site + second_site) as u32,
            country,
            city,
            address: [198, 18, (site * 2 + second_site) as u8, 1 + random.below(30) as u8],
        };
        let key = habits >> 20 & 0xffff_fffe | u64::from(random.below(5) == 0 && habits & 4 != 0);
        let resource = ((habits >> 40) + random.below(1 + (habits >> 52 & 1))) as usize % RESOURCES.len();
        let client = (habits >> 45) as usize % CLIENTS.len();
        Self { principal, second, id: random.next(), place, key, resource, client }
    }

    /// A sign-in of somebody else with the principal's credential, plain enough to be told at once: rented network, other
    /// country, other client, another resource.
    pub(crate) fn theft(principal: Principal, second: u64, random: &mut Random) -> Self {
        let place = PlaceOf { asn: 24_940, country: "FI", city: "Helsinki", address: [198, 19, 7, 9] };
        let honest = Self::honest(principal, second, random);
        let resource = (honest.resource + RESOURCES.len() / 2) % RESOURCES.len();
        Self { place, resource, client: (honest.client + 1) % CLIENTS.len(), ..honest }
    }

    /// The sign-in's id, as it stands in the record.
    pub(crate) fn id(&self) -> String {
        format!("a{:07x}-0000-4000-8000-{:012x}", self.id >> 36 & 0xfff_ffff, self.id & 0xffff_ffff_ffff)
    }

    /// The record, sent on `delay` seconds after it happened.
    pub(crate) fn line(&self, delay: u64) -> Vec<u8> {
        let mut text = String::with_capacity(1_900);
        let managed = self.principal.is_managed();
        let category = if managed { "ManagedIdentitySignInLogs" } else { "ServicePrincipalSignInLogs" };
        let address = if managed { String::new() } else { dotted(self.place.address) };
        let envelope = self.write_envelope(&mut text, category, &address, delay);
        let payload = self.write_payload(&mut text, managed, &address);
        envelope.and(payload).map(|()| text.into_bytes()).unwrap_or_default()
    }

    fn write_envelope(&self, text: &mut String, category: &str, address: &str, delay: u64) -> std::fmt::Result {
        write!(text, r#"{{"time":"{}Z","#, time(self.second + delay, self.id))?;
        write!(
            text,
            r#""resourceId":"/tenants/{TENANT}/providers/Microsoft.aadiam","operationName":"Sign-in activity","#
        )?;
        write!(text, r#""operationVersion":"1.0","category":"{category}","tenantId":"{TENANT}","resultType":"0","#)?;
        text.push_str(r#""resultSignature":"None","durationMs":0,"#);
        if !address.is_empty() {
            write!(text, r#""callerIpAddress":"{address}","#)?;
        }
        write!(
            text,
            r#""correlationId":"c0000000-0000-4000-8000-{:012x}","Level":4,"#,
            self.id >> 8 & 0xffff_ffff_ffff
        )?;
        write!(text, r#""location":"{}","#, if address.is_empty() { "" } else { self.place.country })
    }

    fn write_payload(&self, text: &mut String, managed: bool, address: &str) -> std::fmt::Result {
        let number = self.principal.number;
        let (resource, resource_name) = RESOURCES[self.resource];
        let (asn, city, country) = (self.place.asn, self.place.city, self.place.country);
        let (city, country) = if managed { ("", "") } else { (city, country) };
        let (latitude, longitude) = if managed { (0.0, 0.0) } else { (50.11, 8.68) };
        write!(
            text,
            r#""properties":{{"id":"{}","createdDateTime":"{}+00:00","#,
            self.id(),
            time(self.second, self.id)
        )?;
        write!(text, r#""appId":"b0000000-0000-4000-8000-{number:012x}","#)?;
        write!(text, r#""servicePrincipalId":"{}","servicePrincipalName":"workload-{number}","#, self.principal.id())?;
        if managed {
            write!(
                text,
                r#""managedServiceIdentity":{{"msiType":"systemAssigned","associatedResourceId":"/subscriptions/50000000-0000-4000-8000-000000000001/resourcegroups/batch/providers/Microsoft.Compute/virtualMachines/vm-{number}"}},"#
            )?;
            text.push_str(r#""clientCredentialType":"managedIdentity","#);
        } else {
            write!(text, r#""servicePrincipalCredentialKeyId":"e0000000-0000-4000-8000-{:012x}","#, self.key)?;
            text.push_str(r#""servicePrincipalCredentialThumbprint":"","clientCredentialType":"clientSecret","#);
            write!(text, r#""autonomousSystemNumber":{asn},"#)?;
        }
        write!(
            text,
            r#""federatedCredentialId":"","ipAddress":"{address}","location":{{"city":"{city}","state":"","countryOrRegion":"{country}","#
        )?;
        write!(
            text,
            r#""geoCoordinates":{{"latitude":{latitude},"longitude":{longitude}}}}},"networkLocationDetails":[],"#
        )?;
        write!(text, r#""resourceDisplayName":"{resource_name}","resourceId":"{resource}","#)?;
        write!(text, r#""appOwnerTenantId":"{TENANT}","status":{{"errorCode":0}},"#)?;
        text.push_str(r#""conditionalAccessStatus":"notApplied","appliedConditionalAccessPolicies":[],"#);
        text.push_str(r#""authenticationProcessingDetails":[{"key":"Azure AD App Authentication Library","value":""#);
        write!(text, r#"{}"}},{{"key":"Is CAE Token","value":"False"}}],"userAgent":"","#, CLIENTS[self.client])?;
        write!(text, r#""uniqueTokenIdentifier":"{}","#, token(self.id))?;
        write!(text, r#""correlationId":"c0000000-0000-4000-8000-{:012x}","#, self.id >> 8 & 0xffff_ffff_ffff)?;
        text.push_str(r#""incomingTokenType":"none","tokenIssuerType":"AzureAD","#);
        text.push_str(r#""riskState":"none","riskLevelAggregated":"none"}}"#);
        Ok(())
    }
}

fn dotted([a, b, c, d]: [u8; 4]) -> String {
    format!("{a}.{b}.{c}.{d}")
}

fn time(second: u64, fraction: u64) -> String {
    let (day, second) = (second / DAY_SECONDS, second % DAY_SECONDS);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("2026-05-{:02}T{hour:02}:{minute:02}:{second:02}.{:07}", 1 + day, fraction % 10_000_000)
}

/// 22 letters of base64url, as token identifiers are.
fn token(seed: u64) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut random = Random(seed);
    let mut letters: String = (0..21).map(|_| char::from(LETTERS[random.below(64) as usize])).collect();
    letters.push('Q');
    letters
}

/// A small generator of pseudo-random numbers (splitmix64): the same in every run.
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
