//! The names of a record's members and a table that finds them without regard to case.
//!
//! The table is built at compile time. A name's slot is found by its length and four of its letters, folded to lower
//! case, so that the usual spelling costs one comparison and any other spelling one more.

macro_rules! numbered {
    ($(#[$doc:meta])* $type:ident, $names:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum $type { $($variant),+ }

        const $names: &[(&str, $type)] = &[$(($name, $type::$variant)),+];
    };
}

numbered! {
    /// The scalars that are kept.
    Key, KEYS {
        Category = "category",
        Type = "type",
        Time = "time",
        TimeGenerated = "timeGenerated",
        CreatedDateTime = "createdDateTime",
        ActivityDateTime = "activityDateTime",
        TenantId = "tenantId",
        AadTenantId = "AADTenantId",
        ResourceId = "resourceId",
        RowResourceId = "_ResourceId",
        OperationName = "operationName",
        CorrelationId = "correlationId",
        ResultType = "resultType",
        ResultSignature = "resultSignature",
        ActivityStatus = "ActivityStatusValue",
        OperationNameValue = "OperationNameValue",
        CategoryValue = "CategoryValue",
        ClientInfo = "clientInfo",
        HttpStatusCode = "httpStatusCode",
        StatusCode = "statusCode",
        CallerIpAddress = "callerIpAddress",
        Id = "id",
        AppId = "appId",
        AppDisplayName = "appDisplayName",
        ServicePrincipalId = "servicePrincipalId",
        ServicePrincipalName = "servicePrincipalName",
        AgentIdentityBlueprintId = "agentIdentityBlueprintId",
        CredentialKeyId = "servicePrincipalCredentialKeyId",
        CredentialThumbprint = "servicePrincipalCredentialThumbprint",
        ClientCredentialType = "clientCredentialType",
        FederatedCredentialId = "federatedCredentialId",
        IpAddress = "ipAddress",
        AutonomousSystemNumber = "autonomousSystemNumber",
        ResourceDisplayName = "resourceDisplayName",
        ResourceIdentity = "resourceIdentity",
        ResourceServicePrincipalId = "resourceServicePrincipalId",
        ConditionalAccessStatus = "conditionalAccessStatus",
        UserAgent = "userAgent",
        UniqueTokenIdentifier = "uniqueTokenIdentifier",
        UserId = "userId",
        ManagedIdentityType = "managedIdentityType",
        Result = "result",
        ActivityDisplayName = "activityDisplayName",
        LoggedByService = "loggedByService",
        RequestId = "requestId",
        RequestMethod = "requestMethod",
        RequestUri = "requestUri",
        ResponseStatusCode = "responseStatusCode",
        ResponseSizeBytes = "responseSizeBytes",
        Roles = "roles",
        SignInActivityId = "signInActivityId",
        UserPrincipalObjectId = "UserPrincipalObjectID",
        IdType = "C_Idtyp",
        RiskEventType = "riskEventType",
        RiskLevel = "riskLevel",
        RiskState = "riskState",
        RiskLevelDuringSignIn = "riskLevelDuringSignIn",
        RiskLevelAggregated = "riskLevelAggregated",
        CrossTenantAccessType = "crossTenantAccessType",
        DetectedDateTime = "detectedDateTime",
        LastUpdatedDateTime = "lastUpdatedDateTime",
        LastModifiedDateTime = "lastModifiedDateTime",
        RiskLastUpdatedDateTime = "riskLastUpdatedDateTime",
        RiskLastModifiedDateTime = "riskLastModifiedDateTime",
        ServicePrincipalDisplayName = "servicePrincipalDisplayName",
        DisplayName = "displayName",
        UserDisplayName = "userDisplayName",
        UserPrincipalName = "userPrincipalName",
        AgentId = "agentId",
        AgentDisplayName = "agentDisplayName",
        ServicePrincipalType = "servicePrincipalType",
        AccountEnabled = "accountEnabled",
        IdentityParentId = "identityParentId",
        OdataType = "@odata.type",
        Command = "command",
        Reason = "reason",
        From = "from",
        Until = "until",
        DateTime = "dateTime",
        EventTimestamp = "eventTimestamp",
        ResourceUri = "resourceUri",
        Caller = "caller",
        RequestBody = "requestbody",
        ClaimObject = "identity_claim_oid_g",
        ClaimApp = "identity_claim_appid_g",
        ClaimKind = "identity_claim_idtyp_s",
        ClaimPerson = "identity_claim_upn_s",
        ClaimScope = "identity_claim_scp_s",
        ClaimToken = "identity_claim_uti_s",
    }
}

numbered! {
    /// The objects and lists that are kept.
    Slot, SLOTS {
        Status = "status",
        Location = "location",
        LocationDetails = "locationDetails",
        Agent = "agent",
        ManagedServiceIdentity = "managedServiceIdentity",
        NetworkLocations = "networkLocationDetails",
        ProcessingDetails = "authenticationProcessingDetails",
        Identity = "identity",
        Claims = "claims",
        Authorization = "authorization",
        InitiatedBy = "initiatedBy",
        Targets = "targetResources",
        AdditionalDetails = "additionalDetails",
        SignInTypes = "signInEventTypes",
        PrincipalIds = "servicePrincipalIds",
        RiskEventTypes = "riskEventTypes",
        Passwords = "passwordCredentials",
        Certificates = "keyCredentials",
        Federated = "federatedIdentityCredentials",
        Owners = "owners",
        Sponsors = "sponsors",
        Manager = "manager",
        Grants = "appRoleAssignments",
        Memberships = "memberOf",
        AlternativeNames = "alternativeNames",
        HttpRequest = "httpRequest",
    }
}

numbered! {
    /// Members that only tell a shape. (The last two have no name of their own.)
    Marker, MARKERS {
        Properties = "properties",
        Records = "records",
        Value = "value",
        Repository = "repository",
        Repo = "repo",
        Installation = "installation",
        Alert = "alert",
        Commits = "commits",
        Action = "action",
        Sender = "sender",
        Payload = "payload",
        Actor = "actor",
        Organization = "org",
        Business = "business",
        DocumentId = "_document_id",
        Timestamp = "@timestamp",
        CreatedAt = "created_at",
        Operation = "operation",
        Workload = "workload",
        OfficeWorkload = "officeWorkload",
        Tables = "tables",
        Folded = "\u{1}folded",
        Nothing = "\u{1}nothing",
    }
}

impl Marker {
    /// Its bit in a set.
    pub(super) fn bit(self) -> u32 {
        if matches!(self, Self::Nothing) { 0 } else { 1 << (self as u32) }
    }
}

/// How many scalars are kept of one level.
pub(super) const SCALARS: usize = KEYS.len();

/// Other names of the same members.
const ALIASES: &[(&str, usize)] = &[
    ("agentIds", SCALARS + Slot::PrincipalIds as usize),
    ("transitiveMemberOf", SCALARS + Slot::Memberships as usize),
    // Tables of Log Analytics that many services share have a column for each member of an object, with its type.
    ("identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g", Key::ClaimObject as usize),
    ("identity_claim_http_schemas_xmlsoap_org_ws_2005_05_identity_claims_upn_s", Key::ClaimPerson as usize),
    ("identity_claim_http_schemas_microsoft_com_identity_claims_scope_s", Key::ClaimScope as usize),
    ("httpStatusCode_d", Key::HttpStatusCode as usize),
    ("clientInfo_s", Key::ClientInfo as usize),
    ("id_s", Key::Id as usize),
    ("requestUri_s", Key::RequestUri as usize),
];

/// What a name stands for.
pub(super) enum Known {
    /// The scalar at this place.
    Scalar(usize),
    /// An object or list.
    Slot(Slot),
    /// A sign of a shape.
    Marker(Marker),
}

const SIZE: usize = 1024;
const EMPTY: u8 = u8::MAX;

/// Finds a name, whatever its case.
pub(super) fn lookup(name: &str) -> Option<Known> {
    let mut at = slot(name.as_bytes());
    loop {
        let code = TABLE.get(at).copied().filter(|code| *code != EMPTY)?;
        let (known, target) = NAMES.get(usize::from(code)).copied()?;
        if known.len() == name.len() && (is_same(known, name) || known.eq_ignore_ascii_case(name)) {
            return known_at(usize::from(target));
        }
        at = (at + 1) % SIZE;
    }
}

/// Whether two texts of one length are the same, eight bytes at a time: a call costs more than names are long.
#[inline]
fn is_same(known: &str, name: &str) -> bool {
    let (known, name) = (known.as_bytes(), name.as_bytes());
    match (known.last_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(known_end), Some(name_end)) => {
            let (known, name) = (known.as_chunks::<8>().0, name.as_chunks::<8>().0);
            known_end == name_end && known.iter().zip(name).all(|(known, name)| known == name)
        }
        _ => known.iter().zip(name).all(|(known, name)| known == name),
    }
}

fn known_at(target: usize) -> Option<Known> {
    if target < SCALARS {
        return Some(Known::Scalar(target));
    }
    let target = target - SCALARS;
    match SLOTS.get(target) {
        Some((_, slot)) => Some(Known::Slot(*slot)),
        None => MARKERS.get(target - SLOTS.len()).map(|(_, marker)| Known::Marker(*marker)),
    }
}

const NAMED: usize = SCALARS + SLOTS.len() + MARKERS.len();
const COUNT: usize = NAMED + ALIASES.len();
static NAMES: [(&str, u8); COUNT] = names();
static TABLE: [u8; SIZE] = table();

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time only: out of bounds would not build")]
const fn names() -> [(&'static str, u8); COUNT] {
    let mut names = [("", 0); COUNT];
    let mut at = 0;
    while at < COUNT {
        names[at] = if at < SCALARS {
            (KEYS[at].0, at as u8)
        } else if at < SCALARS + SLOTS.len() {
            (SLOTS[at - SCALARS].0, at as u8)
        } else if at < NAMED {
            (MARKERS[at - SCALARS - SLOTS.len()].0, at as u8)
        } else {
            (ALIASES[at - NAMED].0, ALIASES[at - NAMED].1 as u8)
        };
        at += 1;
    }
    names
}

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time only: out of bounds would not build")]
const fn table() -> [u8; SIZE] {
    let names = names();
    let mut table = [EMPTY; SIZE];
    let mut code = 0;
    while code < COUNT {
        let mut at = slot(names[code].0.as_bytes());
        while table[at] != EMPTY {
            at = (at + 1) % SIZE;
        }
        table[at] = code as u8;
        code += 1;
    }
    table
}

/// Where to start looking: the length and four letters, mixed.
const fn slot(name: &[u8]) -> usize {
    let [first, .., last] = name else { return 0 };
    let (_, half) = name.split_at(name.len() / 2);
    let (_, third) = name.split_at(name.len() / 3);
    let (Some(half), Some(third)) = (half.first(), third.first()) else { return 0 };
    let letters = u32::from_le_bytes([*first | 0x20, *last | 0x20, *half | 0x20, *third | 0x20]);
    let mixed = (letters ^ (name.len() as u32).wrapping_mul(0x9e37_79b9)).wrapping_mul(0x85eb_ca6b);
    (mixed >> 22) as usize % SIZE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_any_case() {
        for (at, (name, target)) in NAMES.iter().enumerate() {
            for spelling in [(*name).to_owned(), name.to_lowercase(), name.to_uppercase()] {
                let found = match lookup(&spelling).unwrap_or_else(|| panic!("{spelling} is known")) {
                    Known::Scalar(scalar) => scalar,
                    Known::Slot(slot) => SCALARS + slot as usize,
                    Known::Marker(marker) => SCALARS + SLOTS.len() + marker as usize,
                };
                assert_eq!(found, usize::from(*target), "{at} {spelling}");
            }
        }
    }

    #[test]
    fn other_names_are_not_found_and_few_names_collide() {
        for name in ["", "a", "categorie", "servicePrincipalCredentialKeyIe", "ünïcödé"] {
            assert!(lookup(name).is_none(), "{name}");
        }
        let displaced =
            NAMES.iter().enumerate().filter(|(code, (name, _))| TABLE[slot(name.as_bytes())] != *code as u8);
        assert!(displaced.count() < 16, "the mixing is bad");
    }
}
