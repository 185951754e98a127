//! One workload: its identity, its credentials, and its habits.

use super::change::FollowUp;
use super::client::Client;
use super::estate::Estate;
use super::kind::WorkloadKind;
use super::random::Random;
use super::region::{AZURE, CLOUDS, HOSTING, LINES, Region, in_country};
use super::resource::{ARM, Call, GRAPH, MAIL_CALLS, RECON_CALLS, Resource, SERVICE_CALLS, STORAGE, VAULT};
use super::rhythm::Rhythm;
use super::site::{Place, Site};
use picket_detectors::event::EventTime;
use uuid::Uuid;

/// What kind of credential it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Secret,
    Certificate,
    Federated,
}

/// A credential.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) id: Uuid,
    pub(super) kind: KeyKind,
    pub(super) name: String,
    /// It stands on the service principal and not on the application.
    pub(super) on_principal: bool,
    pub(super) subject: String,
    pub(super) issuer: &'static str,
}

/// A token that was issued lately: somebody may replay it.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) id: Uuid,
    pub(super) issued: EventTime,
}

/// One workload.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    pub(super) kind: WorkloadKind,
    /// Number of its tenant.
    pub(super) estate: usize,
    pub(super) principal: Uuid,
    pub(super) app: Uuid,
    pub(super) object: Uuid,
    pub(super) name: String,
    pub(super) keys: Vec<Key>,
    /// Which of them is in use.
    pub(super) using: Option<Uuid>,
    pub(super) clients: Vec<Client>,
    /// Sites with shares.
    pub(super) sites: Vec<(Site, u32)>,
    /// Where it is for a while instead: a standby site, a journey.
    pub(super) away: Option<(Site, EventTime)>,
    /// The first is used in every session.
    pub(super) resources: Vec<Resource>,
    pub(super) calls: Vec<Call>,
    pub(super) calls_per_session: usize,
    /// What it does in Azure.
    pub(super) operations: Vec<&'static str>,
    /// The key vault it uses.
    pub(super) vault: String,
    pub(super) roles: Vec<&'static str>,
    pub(super) rhythm: Rhythm,
    /// Number of the person who looks after it.
    pub(super) owner: usize,
    /// App id of the blueprint, for agents.
    pub(super) blueprint: Option<Uuid>,
    pub(super) born: EventTime,
    pub(super) next_session: EventTime,
    pub(super) next_change: EventTime,
    /// What follows from earlier changes, and when.
    pub(super) follow_ups: Vec<(EventTime, FollowUp)>,
    /// Every sign-in fails with this error until then.
    pub(super) failing: Option<(u32, EventTime)>,
    pub(super) last_token: Option<Token>,
    /// Days on which it has been active, and the last of them.
    pub(super) active_days: u32,
    pub(super) last_active: i32,
    pub(super) random: Random,
}

/// GitHub's own issuer.
const GITHUB: &str = "https://token.actions.githubusercontent.com";

impl Workload {
    /// Workload number `number`, of a kind drawn for it or given.
    pub(super) fn new(
        seed: u64,
        number: u64,
        kind: Option<WorkloadKind>,
        (at, estate): (usize, &Estate),
        (start, days): (EventTime, i64),
    ) -> Self {
        let mut random = Random::of(seed, &[2, number]);
        let drawn = random.share(&WorkloadKind::SHARES, WorkloadKind::Cron);
        let kind = kind.unwrap_or(drawn);
        // Three in twenty are new in the time that is simulated.
        let born = if random.chance(0.15) { random.between(0.0, 0.9) } else { 0.0 };
        let born = start.plus((born * (days * EventTime::DAY) as f64) as i64);
        let name = name(kind, number, &mut random);
        let keys = keys(kind, &name, &mut random);
        let calls = calls(kind, &mut random);
        let mut workload = Self {
            kind,
            estate: at,
            principal: random.guid(),
            app: random.guid(),
            object: random.guid(),
            using: keys.first().map(|key| key.id),
            keys,
            clients: clients(kind, &mut random),
            sites: sites(kind, estate, &mut random),
            away: None,
            resources: resources(kind, !calls.is_empty(), &mut random),
            roles: roles(&calls, &mut random),
            operations: super::plane::operations(&mut random),
            vault: format!("kv-{}", random.below(400)),
            calls_per_session: random.pick(&[1, 1, 2, 3, 5]),
            calls,
            rhythm: Rhythm::of(kind, estate.zone, &mut random),
            owner: random.below(estate.people.len()),
            blueprint: None,
            name,
            born,
            next_session: born,
            next_change: born,
            follow_ups: Vec::new(),
            failing: None,
            last_token: None,
            active_days: 0,
            last_active: 0,
            random,
        };
        workload.next_session = workload.rhythm.next(born, &mut workload.random);
        workload.next_change = born.plus(workload.until_change());
        if kind == WorkloadKind::Agent {
            // Four agents or so share a blueprint, and its credential.
            let mut of_blueprint = Random::of(seed, &[3, number / 64]);
            workload.blueprint = Some(of_blueprint.guid());
            let key = Key { id: of_blueprint.guid(), ..secret("blueprint".to_owned(), &mut of_blueprint) };
            workload.using = Some(key.id);
            workload.keys = vec![key];
        }
        workload
    }

    /// The credential in use.
    pub(super) fn key(&self) -> Option<&Key> {
        self.keys.iter().find(|key| Some(key.id) == self.using)
    }

    /// A secret of its own that could lie in a repository: the one in use, or else one that it has left behind.
    pub(super) fn secret(&self) -> Option<&Key> {
        let is_secret = |key: &&Key| key.kind == KeyKind::Secret;
        self.key().filter(is_secret).or_else(|| self.keys.iter().rev().find(is_secret))
    }

    /// Whether it holds a secret that somebody could copy.
    pub(super) fn has_secret(&self) -> bool {
        self.key().is_some_and(|key| key.kind == KeyKind::Secret) && self.blueprint.is_none()
    }

    /// Where a session at this moment comes from.
    pub(super) fn place(&mut self, estate: &Estate, at: EventTime) -> Option<Place> {
        if self.away.as_ref().is_some_and(|(_, until)| at > *until) {
            self.away = None;
        }
        if let Some((site, _)) = &self.away {
            return site.place(&estate.egresses, at, &mut self.random);
        }
        let shares: Vec<(usize, u32)> = self.sites.iter().enumerate().map(|(n, (_, share))| (n, *share)).collect();
        let chosen = self.random.share(&shares, 0);
        let (site, _) = self.sites.get(chosen)?;
        site.place(&estate.egresses, at, &mut self.random)
    }

    /// One of its clients, the first most often.
    pub(super) fn client(&mut self) -> Client {
        let first = self.clients.first().copied().unwrap_or(Client::bare());
        if self.clients.len() < 2 || self.random.chance(0.8) {
            return first;
        }
        self.random.choose(&self.clients).copied().unwrap_or(first)
    }
}

fn name(kind: WorkloadKind, number: u64, random: &mut Random) -> String {
    const TEAMS: [&str; 10] =
        ["finance", "hr", "web", "data", "platform", "crm", "mobile", "risk", "logistics", "support"];
    const TASKS: [&str; 10] =
        ["export", "sync", "api", "worker", "deploy", "report", "backup", "import", "notify", "scan"];
    let (team, task) = (random.pick(&TEAMS), random.pick(&TASKS));
    if kind == WorkloadKind::SystemIdentity { format!("vm-{team}-{number}") } else { format!("{team}-{task}-{number}") }
}

/// A name as people choose them for credentials.
pub(super) fn key_name(random: &mut Random) -> String {
    random.pick(&["", "", "key 1", "key 2", "prod", "ci", "2026", "default", "backup", "renewed"]).to_owned()
}

/// The outside repository or service that a new trust names: one of the company's nine organisations, sometimes a
/// partner's; rarely a server of its own.
pub(super) fn trust(own_server: f64, foreign: f64, name: &str, random: &mut Random) -> (&'static str, String) {
    let number = random.below(900);
    if random.chance(own_server) {
        let issuer = random.pick(&[
            "https://oidc.builds.example",
            "https://gitlab.internal.example",
            "https://sso.id-sync.example",
        ]);
        return (issuer, format!("project:{number}/{name}"));
    }
    let organisation =
        if random.chance(foreign) { format!("partner-{number}") } else { format!("contoso-{}", number % 9) };
    (GITHUB, format!("repo:{organisation}/{name}:ref:refs/heads/main"))
}

/// A secret of that name.
pub(super) fn secret(name: String, random: &mut Random) -> Key {
    Key { id: random.guid(), kind: KeyKind::Secret, name, on_principal: false, subject: String::new(), issuer: "" }
}

fn keys(kind: WorkloadKind, name: &str, random: &mut Random) -> Vec<Key> {
    if kind.is_managed() {
        return Vec::new();
    }
    let mut key = secret(key_name(random), random);
    if kind == WorkloadKind::FederatedPipeline {
        key.kind = KeyKind::Federated;
        (key.issuer, key.subject) = trust(0.05, 0.05, name, random);
    } else if kind != WorkloadKind::Person && random.chance(0.3) {
        key.kind = KeyKind::Certificate;
    }
    let mut keys = vec![key];
    if random.chance(0.3) && kind != WorkloadKind::FederatedPipeline {
        keys.push(secret("old".to_owned(), random));
    }
    keys
}

fn clients(kind: WorkloadKind, random: &mut Random) -> Vec<Client> {
    match kind {
        WorkloadKind::Pipeline | WorkloadKind::FederatedPipeline => {
            let mut clients = vec![Client::pipeline(random)];
            if random.chance(0.4) {
                clients.push(Client::pipeline(random));
            }
            clients
        }
        WorkloadKind::Person => (0..random.whole(1, 3)).map(|_| Client::tool(random)).collect(),
        _ => {
            let mut clients = vec![Client::service(random)];
            if random.chance(0.1) {
                clients.push(Client::service(random));
            }
            clients
        }
    }
}

fn sites(kind: WorkloadKind, estate: &Estate, random: &mut Random) -> Vec<(Site, u32)> {
    let reserved = |regions: &'static [Region], random: &mut Random| {
        Site::reserved(estate.cloud(regions, random), random.pick(&[1_u8, 1, 2, 4]), random)
    };
    let egress = |random: &mut Random| Site::Egress(random.below(estate.egresses.len()) as u16);
    match kind {
        WorkloadKind::Pipeline | WorkloadKind::FederatedPipeline => pipeline_sites(estate, random),
        WorkloadKind::Vendor => {
            let count = random.whole(2, 4) as u32;
            let network = |random: &mut Random| -> &'static [Region] {
                match random.below(20) {
                    0..=11 => &CLOUDS,
                    12..=16 => &AZURE,
                    _ => &HOSTING,
                }
            };
            let mut site = |n| {
                let regions = network(random);
                (reserved(regions, random), 6 - n)
            };
            (0..count).map(&mut site).collect()
        }
        WorkloadKind::MultiRegion => {
            let regions: &'static [Region] = if random.chance(0.7) { &AZURE } else { &CLOUDS };
            let region = |random: &mut Random| random.choose(regions).unwrap_or(&AZURE[0]);
            (0..random.whole(3, 5)).map(|_| (Site::reserved(region(random), 2, random), 1)).collect()
        }
        WorkloadKind::Containers | WorkloadKind::UserIdentity | WorkloadKind::Agent => {
            let region = estate.cloud(&AZURE, random);
            vec![(Site::pool(region, random.pick(&[3_u16, 8, 24, 60]), random), 1)]
        }
        WorkloadKind::Person => person_sites(estate, random),
        WorkloadKind::SystemIdentity => vec![(reserved(&AZURE, random), 1)],
        WorkloadKind::Cron
        | WorkloadKind::Service
        | WorkloadKind::Dormant
        | WorkloadKind::Monthly
        | WorkloadKind::Daemon
        | WorkloadKind::Scanner => {
            let site = match random.below(10) {
                0..=5 => egress(random),
                6 | 7 => reserved(&AZURE, random),
                8 => reserved(if random.chance(0.6) { &CLOUDS } else { &HOSTING }, random),
                _ => Site::pool(estate.cloud(&AZURE, random), random.pick(&[4_u16, 12, 40]), random),
            };
            vec![(site, 1)]
        }
    }
}

/// Hosted runners change region and address with every run; own ones stay.
fn pipeline_sites(estate: &Estate, random: &mut Random) -> Vec<(Site, u32)> {
    match random.below(10) {
        0..=5 => {
            let american = AZURE.iter().filter(|region| region.country == "US");
            american.map(|region| (Site::Pool { region, salt: 0, prefixes: 700 }, 3)).collect()
        }
        6 | 7 => vec![(Site::Egress(random.below(estate.egresses.len()) as u16), 1)],
        8 => vec![(Site::pool(estate.cloud(&CLOUDS, random), 200, random), 1)],
        _ => {
            let american = AZURE.iter().filter(|region| region.country == "US");
            let mut sites: Vec<(Site, u32)> =
                american.map(|region| (Site::Pool { region, salt: 0, prefixes: 700 }, 1)).collect();
            sites.push((Site::Egress(random.below(estate.egresses.len()) as u16), 6));
            sites
        }
    }
}

fn person_sites(estate: &Estate, random: &mut Random) -> Vec<(Site, u32)> {
    let home = in_country(&LINES, estate.country, random).unwrap_or(&LINES[0]);
    let office = Site::Egress(random.below(estate.egresses.len()) as u16 / 5 * 5);
    let mut sites = vec![(Site::home(home, random), 9), (office, 9)];
    if random.chance(0.35) {
        let exit = in_country(&super::region::VPNS, if random.chance(0.5) { estate.country } else { "" }, random);
        sites.extend(exit.map(|exit| (Site::pool(exit, 5, random), 2)));
    }
    sites
}

fn resources(kind: WorkloadKind, calls_graph: bool, random: &mut Random) -> Vec<Resource> {
    let mut resources = match kind {
        _ if calls_graph => vec![GRAPH],
        WorkloadKind::Pipeline | WorkloadKind::FederatedPipeline => vec![ARM],
        WorkloadKind::SystemIdentity => vec![random.choose(&[VAULT, STORAGE, ARM]).cloned().unwrap_or(VAULT)],
        _ => vec![Resource::any(random)],
    };
    for _ in 0..random.pick(&[0, 0, 0, 1, 1, 2]) {
        let more = if kind.is_pipeline() { Resource::any(random) } else { VAULT };
        if !resources.contains(&more) {
            resources.push(more);
        }
    }
    resources
}

fn calls(kind: WorkloadKind, random: &mut Random) -> Vec<Call> {
    let share = match kind {
        WorkloadKind::Daemon | WorkloadKind::Scanner => 1.0,
        WorkloadKind::Agent | WorkloadKind::Vendor => 0.5,
        WorkloadKind::UserIdentity | WorkloadKind::SystemIdentity => 0.25,
        WorkloadKind::Pipeline | WorkloadKind::FederatedPipeline | WorkloadKind::Containers => 0.1,
        _ => 0.15,
    };
    if !random.chance(share) {
        return Vec::new();
    }
    let mut calls: Vec<Call> = (0..random.whole(1, 4)).map(|_| random.pick(&SERVICE_CALLS)).collect();
    // Governance tools search the directory, archives read mail: every day, and by order.
    if random.chance(0.3) {
        calls.extend((0..random.whole(2, 6)).map(|_| random.pick(&RECON_CALLS)));
    }
    if random.chance(0.15) {
        calls.extend((0..random.whole(1, 2)).map(|_| random.pick(&MAIL_CALLS)));
    }
    calls
}

/// What it needs, and often more: few take back a permission that is no longer needed.
fn roles(calls: &[Call], random: &mut Random) -> Vec<&'static str> {
    let mut roles: Vec<&'static str> = calls.iter().map(|call| call.role).collect();
    // Some call what they may not, for years.
    if roles.len() > 1 && random.chance(0.1) {
        roles.pop();
    }
    for role in ["Mail.Read", "Directory.Read.All", "Application.Read.All", "User.Read.All"] {
        if random.chance(0.08) {
            roles.push(role);
        }
    }
    roles.sort_unstable();
    roles.dedup();
    roles
}
