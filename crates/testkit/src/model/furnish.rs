//! What the first account of a case has from the beginning, so that most operations meet
//! something. The second one has nothing.

use roster_directory::{AccountId, Change, EventType, OrganizationId, RecordPatch, Store};

use crate::sample::{self, external_id, new_email, new_user};

use super::values::shuffled;

/// How many users of the case's own numbers there are.
pub(super) const FURNISHED: u32 = 7;

/// Makes four members of the team and three end users, with records of every kind, and an endpoint
/// that is told of all that is done after that, beside one that asks for nothing by name.
pub(crate) async fn furnish(store: &dyn Store, account: AccountId) {
    let mut organization = sample::organization_patch("Navy");
    organization.external_id = Change::Set(external_id("crm-1"));
    let organization = RecordPatch::Organization(organization);
    let organization = OrganizationId(sample::record(store, account, organization).await.id());
    let role = sample::custom_role(store, account, "Navy").await;
    let groups = [
        sample::group(store, account, "Support").await,
        sample::group(store, account, "Été").await,
    ];
    for number in 0..3 {
        let member = sample::member(store, account, shuffled(number), "Alan").await.user_id;
        for group in &groups[..=number as usize % 2] {
            sample::membership(store, account, member, *group).await;
        }
    }
    for number in 3..5 {
        let mut new = new_user(shuffled(number), "grace hopper");
        new.patch.external_id = Change::Set(external_id(["crm-1", "été"][number as usize - 3]));
        new.patch.support.organization_id = Change::Set(organization);
        sample::user(store, account, new).await;
    }
    let mut new = new_user(shuffled(5), "Été");
    new.patch.identities = vec![new_email("alan@example.org")];
    sample::user(store, account, new).await;
    let mut new = new_user(shuffled(6), "alan b");
    new.patch.support.custom_role_id = Change::Set(role);
    sample::user(store, account, new).await;
    sample::endpoint_for(store, account, shuffled(0), EventType::ALL).await;
    sample::endpoint_for(store, account, shuffled(1), &[]).await;
}
