//! What a record is, by the names of its members.

use super::act::Subject;
use memchr::memmem;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// The kinds of records in code feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The `push` webhook.
    Push,
    /// A line of GH Archive, or an element of the events interface.
    Archive,
    /// The `secret_scanning_alert` webhook.
    Alert,
    /// The `secret_scanning_alert_location` webhook.
    AlertLocation,
    /// A secret-scanning alert as the REST interface gives it.
    RestAlert,
    /// A webhook that names a repository and nothing else.
    Repository,
    /// A webhook that the audit log has an entry of too.
    Act(Subject),
    /// A hook of GitLab's.
    GitLab,
    /// A finding of gitleaks.
    Gitleaks,
    /// A finding of betterleaks.
    Betterleaks,
    /// A finding of trufflehog.
    Trufflehog,
    /// A finding of kingfisher.
    Kingfisher,
    /// A report of detect-secrets.
    DetectSecrets,
    /// A SARIF log.
    Sarif,
    /// A document with an address and a body.
    Document,
    /// Another webhook; the name it is counted under.
    Other(&'static str),
}

/// Members of a record, and of its `alert`.
#[derive(Debug)]
pub(super) struct Shape {
    top: Members,
    alert: Members,
}

/// Members that tell kinds apart.
const NAMES: [&str; 49] = [
    "action",
    "actor",
    "affected_package_name",
    "alert",
    "check_run",
    "check_suite",
    "commits",
    "deployment",
    "head_commit",
    "hook",
    "installation",
    "issue",
    "key",
    "location",
    "number",
    "organization",
    "payload",
    "pull_request",
    "ref",
    "release",
    "repo",
    "repository",
    "rule",
    "secret_type",
    "security_advisory",
    "sender",
    "type",
    "workflow_job",
    "workflow_run",
    "dependency",
    "RuleID",
    "Secret",
    "Match",
    "SourceMetadata",
    "DetectorName",
    "finding",
    "schema_version",
    "runs",
    "version",
    "results",
    "plugins_used",
    "url",
    "body",
    "object_kind",
    "event_name",
    "member",
    "repository_ruleset",
    "membership",
    "invitation",
];

/// Members that name a webhook by themselves, of those that the audit log has entries of.
const ACTS: [(&str, Subject); 5] = [
    ("workflow_run", Subject::Run),
    ("repository_ruleset", Subject::Ruleset),
    ("rule", Subject::Protection),
    ("member", Subject::Member),
    ("key", Subject::DeployKey),
];

/// Members that name a webhook by themselves, and the names they are ignored under.
const WEBHOOKS: [(&str, &str); 9] = [
    ("workflow_job", "github.workflow_job"),
    ("check_run", "github.check_run"),
    ("check_suite", "github.check_suite"),
    ("pull_request", "github.pull_request"),
    ("issue", "github.issues"),
    ("release", "github.release"),
    ("deployment", "github.deployment"),
    ("hook", "github.ping"),
    ("security_advisory", "github.security_advisory"),
];

/// Text that a record without is of no code feed; a quick look before parsing.
const TELLING: [&[u8]; 12] = [
    b"\"sender\"",
    b"\"secret_type\"",
    b"\"head_commit\"",
    b"\"payload\"",
    b"\"object_kind\"",
    b"\"event_name\"",
    b"\"RuleID\"",
    b"\"SourceMetadata\"",
    b"\"finding\"",
    b"\"runs\"",
    b"\"plugins_used\"",
    b"\"body\"",
];

/// Whether parsing is worth the while.
pub(super) fn may_be_code_feed(record: &[u8]) -> bool {
    TELLING.iter().any(|text| memmem::find(record, text).is_some())
}

/// Whether parsing is worth the while, for reports of many findings in one object.
pub(super) fn may_be_report(record: &[u8]) -> bool {
    [&b"\"runs\""[..], b"\"plugins_used\""].iter().any(|text| memmem::find(record, text).is_some())
}

impl Shape {
    /// The kind; `None` for what is of no code feed.
    pub(super) fn kind(&self) -> Option<Kind> {
        let top = &self.top;
        if let Some(report) = self.report_kind() {
            return Some(report);
        }
        if top.have(&["payload", "repo", "type", "actor"]) {
            return Some(Kind::Archive);
        }
        if top.have(&["secret_type", "number"]) {
            return Some(Kind::RestAlert);
        }
        if top.have(&["alert", "repository"]) {
            return Some(self.alert_kind());
        }
        if top.have(&["ref", "repository"]) && (top.have(&["commits"]) || top.have(&["head_commit"])) {
            return Some(Kind::Push);
        }
        if !top.have(&["sender"]) {
            return None;
        }
        let named = WEBHOOKS.iter().find(|(member, _)| top.have(&[*member])).map(|(_, name)| *name);
        if let Some(subject) = self.subject().filter(|_| named.is_none()) {
            return Some(Kind::Act(subject));
        }
        if named.is_none() && top.have(&["repository"]) {
            return Some(Kind::Repository);
        }
        let by_subject = || top.have(&["organization"]).then_some("github.organization");
        named.or_else(by_subject).map(Kind::Other)
    }

    /// What a webhook is about that the audit log has an entry of too.
    fn subject(&self) -> Option<Subject> {
        let top = &self.top;
        if !top.have(&["repository"]) {
            let is_team = top.have(&["member"]) || top.have(&["membership"]) || top.have(&["invitation"]);
            return (top.have(&["installation", "action"]) && !is_team).then_some(Subject::Installation);
        }
        ACTS.iter().find(|(member, _)| top.have(&[*member])).map(|(_, subject)| *subject)
    }

    /// Reports of other scanners, documents, and GitLab's hooks, which have some of GitHub's members too.
    fn report_kind(&self) -> Option<Kind> {
        let have = |names| self.top.have(names);
        match () {
            () if have(&["RuleID", "Secret"]) || have(&["RuleID", "Match"]) => Some(Kind::Gitleaks),
            () if have(&["SourceMetadata", "DetectorName"]) => Some(Kind::Trufflehog),
            () if have(&["schema_version", "finding"]) => Some(Kind::Betterleaks),
            () if have(&["rule", "finding"]) => Some(Kind::Kingfisher),
            () if have(&["results", "plugins_used"]) => Some(Kind::DetectSecrets),
            () if have(&["runs", "version"]) => Some(Kind::Sarif),
            () if have(&["object_kind"]) || have(&["event_name"]) => Some(Kind::GitLab),
            () if have(&["url", "body"]) && !have(&["sender"]) => Some(Kind::Document),
            () => None,
        }
    }

    fn alert_kind(&self) -> Kind {
        match () {
            () if self.alert.have(&["secret_type"]) && self.top.have(&["location"]) => Kind::AlertLocation,
            () if self.alert.have(&["secret_type"]) => Kind::Alert,
            () if self.alert.have(&["affected_package_name"]) => Kind::Other("github.repository_vulnerability_alert"),
            () if self.alert.have(&["dependency"]) => Kind::Other("github.dependabot_alert"),
            () => Kind::Other("github.code_scanning_alert"),
        }
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut shape = Shape { top: Members(0), alert: Members(0) };
        while let Some(Name(name)) = map.next_key()? {
            shape.top.add(&name);
            if name == "alert" {
                shape.alert = map.next_value()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(shape)
    }
}

/// A set of [`NAMES`], one bit each.
#[derive(Debug, Clone, Copy)]
struct Members(u64);

impl Members {
    fn bit(name: &str) -> u64 {
        NAMES.iter().position(|known| *known == name).map_or(0, |at| 1 << at)
    }

    fn add(&mut self, name: &str) {
        self.0 |= Self::bit(name);
    }

    fn have(self, names: &[&str]) -> bool {
        names.iter().map(|name| Self::bit(name)).all(|bit| bit != 0 && self.0 & bit != 0)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members(0);
        while let Some(Name(name)) = map.next_key()? {
            members.add(&name);
            map.next_value::<IgnoredAny>()?;
        }
        Ok(members)
    }
}

#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);
