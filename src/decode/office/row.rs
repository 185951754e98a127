//! The members of a record that are read, by the names of either shape.

use crate::decode::json;
use crate::decode::leaf::{Leaf, List, Part, object};
use std::borrow::Cow;

object! {
    /// One record.
    Row<'a> {
        id: Leaf<'a> = "Id" | "OfficeId",
        created: Leaf<'a> = "CreationTime",
        generated: Leaf<'a> = "TimeGenerated",
        started: Leaf<'a> = "Start_Time",
        operation: Leaf<'a> = "Operation",
        workload: Leaf<'a> = "Workload" | "OfficeWorkload",
        organization: Leaf<'a> = "OrganizationId",
        user: Leaf<'a> = "UserId",
        user_type: Leaf<'a> = "UserType",
        app: Leaf<'a> = "AppId",
        client_app: Leaf<'a> = "ClientAppId",
        address: Leaf<'a> = "ClientIPAddress" | "Client_IPAddress",
        client_address: Leaf<'a> = "ClientIP",
        actor_address: Leaf<'a> = "ActorIpAddress",
        client: Leaf<'a> = "ClientInfoString",
        agent: Leaf<'a> = "UserAgent",
        status: Leaf<'a> = "ResultStatus",
        mailbox: Leaf<'a> = "MailboxOwnerUPN",
        site: Leaf<'a> = "SiteUrl" | "Site_Url",
        object: Leaf<'a> = "ObjectId" | "OfficeObjectId",
        token: Leaf<'a> = "UniqueTokenId",
        access: Option<&'a str> = "AppAccessContext",
        parameters: Option<&'a str> = "Parameters",
    }
}
object! {
    /// What the token said.
    AccessContext<'a> {
        client_app: Leaf<'a> = "ClientAppId",
        token: Leaf<'a> = "UniqueTokenId",
    }
}
object! {
    /// One parameter of a command.
    Parameter<'a> {
        name: Leaf<'a> = "Name",
        value: Leaf<'a> = "Value",
    }
}

impl<'a> Row<'a> {
    /// Where it came from, the likeliest first; some are blank.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &Leaf<'a>> {
        [&self.address, &self.client_address, &self.actor_address].into_iter()
    }
}

/// The longest text that is opened.
const LONGEST: usize = 64 << 10;

/// What the token said, which rows have as text; owned, for the text may be gone.
pub(super) fn access_context(row: &Row<'_>) -> AccessContext<'static> {
    let Some(text) = row.access.and_then(opened) else { return AccessContext::default() };
    let read: Option<Part<'_, AccessContext<'_>>> = json::parse(&text).ok();
    let read = read.as_ref().and_then(Part::get);
    let keep = |leaf: Option<&Leaf<'_>>| {
        leaf.and_then(Leaf::text).map_or(Leaf::Absent, |text| Leaf::Text(Cow::Owned(text.into_owned())))
    };
    AccessContext { client_app: keep(read.map(|one| &one.client_app)), token: keep(read.map(|one| &one.token)) }
}

/// The parameters of a command, which rows have as text.
pub(super) fn parameters(row: &Row<'_>) -> Vec<(String, String)> {
    let Some(text) = row.parameters.and_then(opened) else { return Vec::new() };
    let read: Option<List<'_, Part<'_, Parameter<'_>>>> = json::parse(&text).ok();
    let pair = |one: &Parameter<'_>| Some((one.name.text()?.to_lowercase(), one.value.text()?.into_owned()));
    read.iter().flat_map(List::objects).filter_map(pair).collect()
}

/// JSON as it stands, or taken out of the string that holds it.
fn opened(text: &str) -> Option<Cow<'_, str>> {
    if text.len() > LONGEST {
        return None;
    }
    if text.starts_with('"') { json::parse::<Cow<'_, str>>(text).ok() } else { Some(Cow::Borrowed(text)) }
}
