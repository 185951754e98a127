//! User-assigned managed identities by the paths of their resources: Resource Manager names what it does by them, and a
//! Graph export has them among the alternative names of the identity's service principal.

use picket_detectors::event::{Id, NAMESPACE, ObjectId};
use uuid::Uuid;

/// What stands for an identity where an application has its object: an id made of the path, up to the identity's name.
pub(super) fn object(path: &str) -> Option<ObjectId> {
    const TYPE: &str = "/providers/microsoft.managedidentity/userassignedidentities/";
    let path = path.to_ascii_lowercase();
    let (scope, rest) = path.split_once(TYPE).filter(|(scope, _)| scope.starts_with("/subscriptions/"))?;
    let name = rest.split('/').next().filter(|name| !name.is_empty())?;
    let resource = format!("resource\u{1f}{scope}{TYPE}{name}");
    Some(ObjectId(Id::Guid(Uuid::new_v5(&NAMESPACE, resource.as_bytes()))))
}

#[cfg(test)]
mod tests {
    use super::object;

    #[test]
    fn an_identity_is_one_object_whatever_of_it_a_path_names() {
        let identity =
            "/subscriptions/s/resourcegroups/prod/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ci";
        let trust = format!("{}/FEDERATEDIDENTITYCREDENTIALS/MAIN", identity.to_ascii_uppercase());
        assert!(object(identity).is_some());
        assert_eq!(object(identity), object(&trust));
        assert_ne!(object(identity), object(&identity.replace("prod", "test")));
        for other in ["", "isExplicit=True", "/subscriptions/s", &identity.replace("/ci", "/")] {
            assert_eq!(object(other), None, "{other}");
        }
    }
}
