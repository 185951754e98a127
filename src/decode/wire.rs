//! One record as it stands on the wire: the union of all fields of all categories, borrowed from the bytes.
//!
//! A record is parsed once, whatever it turns out to be. Scalars lie in one array indexed by [`Key`]; objects and
//! lists that are used are fields of their own; everything else is passed over.

use super::leaf::{Leaf, List, Name, Part, looks_like_json, object};
use super::wire_key::{Key, Known, Marker, SCALARS, Slot, lookup};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

object! {
    /// `status` of a sign-in.
    Status<'a> { error_code: Leaf<'a> = "errorCode" }
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
        properties: List<'a, Part<'a, Modified<'a>>> = "modifiedProperties",
    }
}
object! {
    /// One modified property; its values are JSON in a string, nearly always.
    Modified<'a> {
        name: Leaf<'a> = "displayName",
        old: Option<&'a RawValue> = "oldValue",
        new: Option<&'a RawValue> = "newValue",
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
    /// An owner, a role or an assignment of an inventory export.
    Related<'a> {
        id: Leaf<'a> = "id",
        name: Leaf<'a> = "displayName",
        principal_name: Leaf<'a> = "userPrincipalName",
        role_template: Leaf<'a> = "roleTemplateId",
        app_role: Leaf<'a> = "appRoleId",
        app_role_value: Leaf<'a> = "appRoleValue",
    }
}

/// A list of objects.
type Objects<'a, T> = List<'a, Part<'a, T>>;

/// The fields of one level of a record: the envelope's, or those of its `properties`.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    scalars: [Leaf<'a>; SCALARS],
    markers: u32,
    pub(super) status: Part<'a, Status<'a>>,
    pub(super) location: Part<'a, Location<'a>>,
    pub(super) location_details: Part<'a, Location<'a>>,
    pub(super) agent: Part<'a, AgentMark<'a>>,
    pub(super) managed_service_identity: Part<'a, ManagedServiceIdentity<'a>>,
    pub(super) network_locations: Objects<'a, NetworkLocation<'a>>,
    pub(super) processing_details: Objects<'a, Detail<'a>>,
    pub(super) initiated_by: Part<'a, Initiator<'a>>,
    pub(super) targets: Objects<'a, Resource<'a>>,
    pub(super) additional_details: Objects<'a, Detail<'a>>,
    pub(super) sign_in_types: List<'a, Leaf<'a>>,
    pub(super) principal_ids: List<'a, Leaf<'a>>,
    pub(super) passwords: Objects<'a, InventoryCredential<'a>>,
    pub(super) certificates: Objects<'a, InventoryCredential<'a>>,
    pub(super) federated: Objects<'a, InventoryCredential<'a>>,
    pub(super) owners: Objects<'a, Related<'a>>,
    pub(super) grants: Objects<'a, Related<'a>>,
    pub(super) memberships: Objects<'a, Related<'a>>,
}

impl Default for Fields<'_> {
    fn default() -> Self {
        Self {
            scalars: [const { Leaf::Absent }; SCALARS],
            markers: 0,
            status: Part::Absent,
            location: Part::Absent,
            location_details: Part::Absent,
            agent: Part::Absent,
            managed_service_identity: Part::Absent,
            network_locations: List::default(),
            processing_details: List::default(),
            initiated_by: Part::Absent,
            targets: List::default(),
            additional_details: List::default(),
            sign_in_types: List::default(),
            principal_ids: List::default(),
            passwords: List::default(),
            certificates: List::default(),
            federated: List::default(),
            owners: List::default(),
            grants: List::default(),
            memberships: List::default(),
        }
    }
}

impl<'a> Fields<'a> {
    /// One scalar.
    pub(super) fn leaf(&self, key: Key) -> &Leaf<'a> {
        self.scalars.get(key as usize).unwrap_or(&Leaf::Absent)
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
            || self.grants.is_folded()
            || self.memberships.is_folded()
    }

    fn take_slot<'de: 'a, A: MapAccess<'de>>(&mut self, slot: Slot, object: &mut A) -> Result<(), A::Error> {
        match slot {
            Slot::Status => self.status = object.next_value()?,
            Slot::Location => self.location = object.next_value()?,
            Slot::LocationDetails => self.location_details = object.next_value()?,
            Slot::Agent => self.agent = object.next_value()?,
            Slot::ManagedServiceIdentity => self.managed_service_identity = object.next_value()?,
            Slot::NetworkLocations => self.network_locations = object.next_value()?,
            Slot::ProcessingDetails => self.processing_details = object.next_value()?,
            Slot::InitiatedBy => self.initiated_by = object.next_value()?,
            Slot::Targets => self.targets = object.next_value()?,
            Slot::AdditionalDetails => self.additional_details = object.next_value()?,
            Slot::SignInTypes => self.sign_in_types = object.next_value()?,
            Slot::PrincipalIds => self.principal_ids = object.next_value()?,
            Slot::Passwords => self.passwords = object.next_value()?,
            Slot::Certificates => self.certificates = object.next_value()?,
            Slot::Federated => self.federated = object.next_value()?,
            Slot::Owners => self.owners = object.next_value()?,
            Slot::Grants => self.grants = object.next_value()?,
            Slot::Memberships => self.memberships = object.next_value()?,
        }
        Ok(())
    }

    /// Takes one member; `inner` is where `properties` go.
    fn take<'de: 'a, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        inner: Option<&mut Option<Box<Self>>>,
        object: &mut A,
    ) -> Result<(), A::Error> {
        match lookup(name) {
            Some(Known::Scalar(at)) => {
                let value = object.next_value()?;
                if let Some(scalar) = self.scalars.get_mut(at) {
                    *scalar = value;
                }
                Ok(())
            }
            Some(Known::Slot(slot)) => self.take_slot(slot, object),
            Some(Known::Marker(Marker::Properties)) => match inner {
                Some(inner) => {
                    let found = object.next_value_seed(Fill { fields: inner.get_or_insert_default(), inner: None })?;
                    self.mark(found);
                    Ok(())
                }
                None => object.next_value::<IgnoredAny>().map(|_| ()),
            },
            Some(Known::Marker(marker)) => {
                self.mark(marker);
                object.next_value::<IgnoredAny>().map(|_| ())
            }
            None => object.next_value::<IgnoredAny>().map(|_| ()),
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

impl<'de: 'a, 'a> Deserialize<'de> for Record<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut record = Self::default();
        let seed = Fill { fields: &mut record.outer, inner: Some(&mut record.inner) };
        seed.deserialize(deserializer)?;
        Ok(record)
    }
}

/// Fills the fields of one level in place.
struct Fill<'f, 'a> {
    fields: &'f mut Fields<'a>,
    inner: Option<&'f mut Option<Box<Fields<'a>>>>,
}

impl<'de: 'a, 'a> DeserializeSeed<'de> for Fill<'_, 'a> {
    type Value = Marker;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Marker, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de: 'a, 'a> Visitor<'de> for Fill<'_, 'a> {
    /// What was there: an object, JSON in a string, or nothing of use.
    type Value = Marker;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Marker, A::Error> {
        while let Some(Name(name)) = object.next_key()? {
            self.fields.take(&name, self.inner.as_deref_mut(), &mut object)?;
        }
        Ok(Marker::Properties)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Marker, E> {
        Ok(if looks_like_json(text) { Marker::Folded } else { Marker::Nothing })
    }

    fn visit_unit<E: Error>(self) -> Result<Marker, E> {
        Ok(Marker::Nothing)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Marker, E> {
        Ok(Marker::Nothing)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Marker, E> {
        Ok(Marker::Nothing)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Marker, E> {
        Ok(Marker::Nothing)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Marker, E> {
        Ok(Marker::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Marker, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Marker::Nothing)
    }
}
