//! One record as it stands on the wire: the union of all fields of all categories, borrowed from the bytes.
//!
//! A record is parsed once, whatever it turns out to be. Scalars are found by [`Key`]; objects and
//! lists that are used are fields of their own; everything else is passed over.

use super::json::{FromJson, NotJson, Reader};
use super::leaf::{Leaf, List, Part, looks_like_json, object};
use super::wire_key::{Key, Known, Marker, SCALARS, Slot, lookup};

object! {
    /// `status` of a sign-in, or of a call of Azure Resource Manager.
    Status<'a> {
        error_code: Leaf<'a> = "errorCode",
        word: Leaf<'a> = "value",
    }
}
object! {
    /// `location` of a sign-in or a risk event.
    Location<'a> {
        city: Leaf<'a> = "city",
        country: Leaf<'a> = "countryOrRegion" | "country",
    }
}
object! {
    /// `agent` of a sign-in.
    AgentMark<'a> {
        agent_type: Leaf<'a> = "agentType",
        parent_app: Leaf<'a> = "parentAppId",
        subject_parent: Leaf<'a> = "agentSubjectParentId",
    }
}
object! {
    /// `managedServiceIdentity` of a sign-in.
    ManagedServiceIdentity<'a> {
        msi_type: Leaf<'a> = "msiType",
        resource: Leaf<'a> = "associatedResourceId",
    }
}
object! {
    /// One of `networkLocationDetails`.
    NetworkLocation<'a> {
        network_type: Leaf<'a> = "networkType",
        names: List<'a, Leaf<'a>> = "networkNames",
    }
}
object! {
    /// A `{key, value}` pair of a details list.
    Detail<'a> {
        key: Leaf<'a> = "key",
        value: Leaf<'a> = "value",
    }
}
object! {
    /// Who did it, in an audit record.
    Initiator<'a> {
        user: Part<'a, User<'a>> = "user",
        app: Part<'a, App<'a>> = "app",
    }
}
object! {
    /// A person.
    User<'a> {
        id: Leaf<'a> = "id",
        name: Leaf<'a> = "displayName",
        principal_name: Leaf<'a> = "userPrincipalName",
        address: Leaf<'a> = "ipAddress",
    }
}
object! {
    /// An application that acts.
    App<'a> {
        client_id: Leaf<'a> = "appId",
        name: Leaf<'a> = "displayName",
        principal_id: Leaf<'a> = "servicePrincipalId",
        principal_name: Leaf<'a> = "servicePrincipalName",
    }
}
object! {
    /// One object that an audit record is about.
    Resource<'a> {
        id: Leaf<'a> = "id",
        name: Leaf<'a> = "displayName",
        kind: Leaf<'a> = "type",
        principal_name: Leaf<'a> = "userPrincipalName",
        properties: List<'a, Part<'a, Modified<'a>>> = "modifiedProperties",
    }
}
object! {
    /// One modified property; its values are JSON in a string, nearly always.
    Modified<'a> {
        name: Leaf<'a> = "displayName",
        old: Option<&'a str> = "oldValue",
        new: Option<&'a str> = "newValue",
    }
}
object! {
    /// One credential of an inventory export.
    InventoryCredential<'a> {
        key_id: Leaf<'a> = "keyId",
        id: Leaf<'a> = "id",
        name: Leaf<'a> = "displayName" | "name",
        hint: Leaf<'a> = "hint",
        kind: Leaf<'a> = "type",
        usage: Leaf<'a> = "usage",
        thumbprint: Leaf<'a> = "customKeyIdentifier",
        start: Leaf<'a> = "startDateTime",
        end: Leaf<'a> = "endDateTime",
        issuer: Leaf<'a> = "issuer",
        subject: Leaf<'a> = "subject",
    }
}
object! {
    /// An owner, a sponsor, a manager, a role or an assignment of an inventory export.
    Related<'a> {
        id: Leaf<'a> = "id",
        name: Leaf<'a> = "displayName",
        principal_name: Leaf<'a> = "userPrincipalName",
        role_template: Leaf<'a> = "roleTemplateId",
        app_role: Leaf<'a> = "appRoleId",
        app_role_value: Leaf<'a> = "appRoleValue",
    }
}

object! {
    /// Who called Azure Resource Manager or a key vault: the claims of the token.
    Caller<'a> {
        claims: Part<'a, Claims<'a>> = "claims" | "claim",
        authorization: Part<'a, Authorization<'a>> = "authorization",
    }
}
object! {
    /// The claims of a token, by the names of either token version.
    Claims<'a> {
        principal: Leaf<'a> = "http://schemas.microsoft.com/identity/claims/objectidentifier" | "oid",
        tenant: Leaf<'a> = "http://schemas.microsoft.com/identity/claims/tenantid" | "tid",
        app: Leaf<'a> = "appid" | "azp",
        kind: Leaf<'a> = "idtyp",
        scope: Leaf<'a> = "http://schemas.microsoft.com/identity/claims/scope" | "scp",
        person: Leaf<'a> = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn" | "upn",
        token: Leaf<'a> = "uti",
    }
}
object! {
    /// What a call was allowed by.
    Authorization<'a> { evidence: Part<'a, RoleEvidence<'a>> = "evidence" }
}
object! {
    /// The role assignment that allowed it.
    RoleEvidence<'a> { principal_type: Leaf<'a> = "principalType" }
}

object! {
    /// `httpRequest` of a call of Azure Resource Manager.
    HttpRequest<'a> { address: Leaf<'a> = "clientIpAddress" }
}

/// A list of objects.
type Objects<'a, T> = List<'a, Part<'a, T>>;

/// The scalars of one level, few of all that there could be.
#[derive(Debug)]
struct Scalars<'a> {
    /// Where each key's scalar lies, from 1; 0 is absent.
    places: [u8; SCALARS],
    found: Vec<Leaf<'a>>,
}

impl Default for Scalars<'_> {
    fn default() -> Self {
        Self { places: [0; SCALARS], found: Vec::with_capacity(32) }
    }
}

impl<'a> Scalars<'a> {
    fn find(&self, at: usize) -> &Leaf<'a> {
        let place = self.places.get(at).copied().unwrap_or_default();
        self.found.get(usize::from(place).wrapping_sub(1)).unwrap_or(&Leaf::Absent)
    }

    /// The last of several of one name counts.
    fn put(&mut self, at: usize, leaf: Leaf<'a>) {
        let Some(place) = self.places.get_mut(at) else { return };
        if let Some(earlier) = self.found.get_mut(usize::from(*place).wrapping_sub(1)) {
            *earlier = leaf;
        } else {
            self.found.push(leaf);
            *place = self.found.len() as u8;
        }
    }
}

const _: () = assert!(SCALARS < u8::MAX as usize, "places are bytes");

/// The fields of one level of a record: the envelope's, or those of its `properties`.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    scalars: Scalars<'a>,
    markers: u32,
    pub(super) status: Part<'a, Status<'a>>,
    pub(super) location: Part<'a, Location<'a>>,
    pub(super) location_details: Part<'a, Location<'a>>,
    pub(super) agent: Part<'a, AgentMark<'a>>,
    pub(super) managed_service_identity: Part<'a, ManagedServiceIdentity<'a>>,
    pub(super) network_locations: Objects<'a, NetworkLocation<'a>>,
    pub(super) processing_details: Objects<'a, Detail<'a>>,
    pub(super) identity: Part<'a, Caller<'a>>,
    pub(super) claims: Part<'a, Claims<'a>>,
    pub(super) authorization: Part<'a, Authorization<'a>>,
    pub(super) initiated_by: Part<'a, Initiator<'a>>,
    pub(super) targets: Objects<'a, Resource<'a>>,
    pub(super) additional_details: Objects<'a, Detail<'a>>,
    pub(super) sign_in_types: List<'a, Leaf<'a>>,
    pub(super) principal_ids: List<'a, Leaf<'a>>,
    pub(super) risk_event_types: List<'a, Leaf<'a>>,
    pub(super) passwords: Objects<'a, InventoryCredential<'a>>,
    pub(super) certificates: Objects<'a, InventoryCredential<'a>>,
    pub(super) federated: Objects<'a, InventoryCredential<'a>>,
    pub(super) owners: Objects<'a, Related<'a>>,
    pub(super) sponsors: Objects<'a, Related<'a>>,
    pub(super) manager: Part<'a, Related<'a>>,
    pub(super) grants: Objects<'a, Related<'a>>,
    pub(super) memberships: Objects<'a, Related<'a>>,
    pub(super) alternative_names: List<'a, Leaf<'a>>,
    pub(super) http_request: Part<'a, HttpRequest<'a>>,
}

impl Default for Fields<'_> {
    fn default() -> Self {
        Self {
            scalars: Scalars::default(),
            markers: 0,
            status: Part::Absent,
            location: Part::Absent,
            location_details: Part::Absent,
            agent: Part::Absent,
            managed_service_identity: Part::Absent,
            network_locations: List::default(),
            processing_details: List::default(),
            identity: Part::Absent,
            claims: Part::Absent,
            authorization: Part::Absent,
            initiated_by: Part::Absent,
            targets: List::default(),
            additional_details: List::default(),
            sign_in_types: List::default(),
            principal_ids: List::default(),
            risk_event_types: List::default(),
            passwords: List::default(),
            certificates: List::default(),
            federated: List::default(),
            owners: List::default(),
            sponsors: List::default(),
            manager: Part::Absent,
            grants: List::default(),
            memberships: List::default(),
            alternative_names: List::default(),
            http_request: Part::Absent,
        }
    }
}

impl<'a> Fields<'a> {
    /// One scalar.
    pub(super) fn leaf(&self, key: Key) -> &Leaf<'a> {
        self.scalars.find(key as usize)
    }

    /// Whether an object or list, or a member that only tells a shape, was there.
    pub(super) fn has(&self, marker: Marker) -> bool {
        self.markers & marker.bit() != 0
    }

    fn mark(&mut self, marker: Marker) {
        self.markers |= marker.bit();
    }

    /// Whether any part came as JSON inside a string.
    fn is_folded(&self) -> bool {
        self.has(Marker::Folded)
            || self.status.is_folded()
            || self.location.is_folded()
            || self.location_details.is_folded()
            || self.agent.is_folded()
            || self.managed_service_identity.is_folded()
            || self.network_locations.is_folded()
            || self.processing_details.is_folded()
            || self.is_audit_folded()
            || self.sign_in_types.is_folded()
            || self.is_inventory_folded()
            || self.is_caller_folded()
    }

    fn is_caller_folded(&self) -> bool {
        self.identity.is_folded()
            || self.claims.is_folded()
            || self.authorization.is_folded()
            || self.identity.get().is_some_and(|caller| caller.claims.is_folded() || caller.authorization.is_folded())
    }

    fn is_audit_folded(&self) -> bool {
        self.initiated_by.is_folded()
            || self.targets.is_folded()
            || self.additional_details.is_folded()
            || self.initiated_by.get().is_some_and(|by| by.user.is_folded() || by.app.is_folded())
            || self.targets.items().iter().any(Part::is_folded)
            || self.targets.objects().any(|target| target.properties.is_folded())
    }

    fn is_inventory_folded(&self) -> bool {
        self.passwords.is_folded()
            || self.certificates.is_folded()
            || self.federated.is_folded()
            || self.owners.is_folded()
            || self.sponsors.is_folded()
            || self.manager.is_folded()
            || self.grants.is_folded()
            || self.memberships.is_folded()
            || self.alternative_names.is_folded()
    }

    fn take_slot(&mut self, slot: Slot, reader: &mut Reader<'a>) -> Result<(), NotJson> {
        match slot {
            Slot::Status => self.status = FromJson::read(reader)?,
            Slot::Location => self.location = FromJson::read(reader)?,
            Slot::LocationDetails => self.location_details = FromJson::read(reader)?,
            Slot::Agent => self.agent = FromJson::read(reader)?,
            Slot::ManagedServiceIdentity => self.managed_service_identity = FromJson::read(reader)?,
            Slot::NetworkLocations => self.network_locations = FromJson::read(reader)?,
            Slot::ProcessingDetails => self.processing_details = FromJson::read(reader)?,
            Slot::Identity => self.identity = FromJson::read(reader)?,
            Slot::Claims => self.claims = FromJson::read(reader)?,
            Slot::Authorization => self.authorization = FromJson::read(reader)?,
            Slot::InitiatedBy => self.initiated_by = FromJson::read(reader)?,
            Slot::Targets => self.targets = FromJson::read(reader)?,
            Slot::AdditionalDetails => self.additional_details = FromJson::read(reader)?,
            Slot::SignInTypes => self.sign_in_types = FromJson::read(reader)?,
            Slot::PrincipalIds => self.principal_ids = FromJson::read(reader)?,
            Slot::RiskEventTypes => self.risk_event_types = FromJson::read(reader)?,
            Slot::Passwords => self.passwords = FromJson::read(reader)?,
            Slot::Certificates => self.certificates = FromJson::read(reader)?,
            Slot::Federated => self.federated = FromJson::read(reader)?,
            Slot::Owners => self.owners = FromJson::read(reader)?,
            Slot::Sponsors => self.sponsors = FromJson::read(reader)?,
            Slot::Manager => self.manager = FromJson::read(reader)?,
            Slot::Grants => self.grants = FromJson::read(reader)?,
            Slot::Memberships => self.memberships = FromJson::read(reader)?,
            Slot::AlternativeNames => self.alternative_names = FromJson::read(reader)?,
            Slot::HttpRequest => self.http_request = FromJson::read(reader)?,
        }
        Ok(())
    }

    /// Takes one member; `inner` is where `properties` go.
    fn take(
        &mut self,
        name: &str,
        inner: Option<&mut Option<Box<Self>>>,
        reader: &mut Reader<'a>,
    ) -> Result<(), NotJson> {
        match lookup(name) {
            Some(Known::Scalar(at)) => {
                self.scalars.put(at, Leaf::read(reader)?);
                Ok(())
            }
            Some(Known::Slot(slot)) => self.take_slot(slot, reader),
            Some(Known::Marker(Marker::Properties)) => match inner {
                Some(inner) => {
                    let found = inner.get_or_insert_default().fill(None, reader)?;
                    self.mark(found);
                    Ok(())
                }
                None => reader.skip(),
            },
            Some(Known::Marker(marker)) => {
                self.mark(marker);
                reader.skip()
            }
            None => reader.skip(),
        }
    }

    /// Takes all members of the value that comes next, and says what it was: an object, JSON in a string, or nothing of
    /// use.
    fn fill(&mut self, mut inner: Option<&mut Option<Box<Self>>>, reader: &mut Reader<'a>) -> Result<Marker, NotJson> {
        match reader.peek()? {
            b'{' => {
                reader.object(|name, reader| self.take(name, inner.as_deref_mut(), reader))?;
                Ok(Marker::Properties)
            }
            b'"' => Ok(if looks_like_json(&reader.string()?) { Marker::Folded } else { Marker::Nothing }),
            _ => reader.skip().map(|()| Marker::Nothing),
        }
    }
}

/// One record: its own fields and those of its `properties`.
///
/// Both are boxed, for they are large and a record is moved on its way out of the parser.
#[derive(Debug, Default)]
pub(super) struct Record<'a> {
    /// The envelope's fields, or all fields of a flat row or a bare resource.
    pub(super) outer: Box<Fields<'a>>,
    inner: Option<Box<Fields<'a>>>,
}

impl<'a> Record<'a> {
    /// Where the payload is: `properties`, or the record itself where there are none.
    pub(super) fn body(&self) -> &Fields<'a> {
        match &self.inner {
            Some(inner) if self.outer.has(Marker::Properties) => inner,
            Some(_) | None => &self.outer,
        }
    }

    /// A scalar of the payload, else of the envelope.
    pub(super) fn leaf(&self, key: Key) -> &Leaf<'a> {
        let leaf = self.body().leaf(key);
        if leaf.is_present() { leaf } else { self.outer.leaf(key) }
    }

    /// Whether any part came as JSON inside a string.
    pub(super) fn is_folded(&self) -> bool {
        self.outer.is_folded() || self.inner.as_ref().is_some_and(|inner| inner.is_folded())
    }
}

impl<'a> FromJson<'a> for Record<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        let mut record = Self::default();
        record.outer.fill(Some(&mut record.inner), reader)?;
        Ok(record)
    }
}
