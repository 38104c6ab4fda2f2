//! The rules that every store keeps, one test each.
//!
//! A store's own crate runs them all with [`conformance_suite!`](crate::conformance_suite):
//!
//! ```
//! use std::sync::Arc;
//!
//! use roster_testkit::{MemoryStore, Store};
//!
//! async fn fresh() -> (Arc<dyn Store>, ()) {
//!     (Arc::new(MemoryStore::new()), ())
//! }
//!
//! roster_testkit::conformance_suite!(fresh().await);
//! ```
//!
//! Events are numbered by each store as it likes, so the rules look only at the order of the
//! numbers.

pub mod accounts;
pub mod attempts;
pub mod backlog;
pub mod claims;
pub mod concurrency;
pub mod conversations;
pub mod create;
pub mod create_or_update;
pub mod deletion;
pub mod deliveries;
pub mod desk_messages;
pub mod endpoint_secrets;
pub mod endpoints;
pub mod events;
pub mod expiry;
pub mod export;
pub mod external_ids;
pub mod fresh_messages;
pub mod identities;
pub mod isolation;
pub mod jobs;
pub mod keys;
pub mod leases;
pub mod list;
pub mod merge;
pub mod message_numbers;
pub mod messages;
pub mod names;
pub mod news;
pub mod one_directory;
pub mod patch;
pub mod pauses;
pub mod read;
pub mod records;
pub mod replays;
pub mod search;
pub mod sensitive;
pub mod team;
pub mod team_isolation;
pub mod tokens;
pub mod user_checks;
pub mod user_lists;
pub mod user_updates;
pub mod users;
pub mod webhook_isolation;

/// One test for each rule that a store must keep.
///
/// The expression gives an empty store as `Arc<dyn Store>`, and with it anything that must live
/// as long (the guard of a directory, or `()`). It is evaluated for each test, inside of an async
/// block. The crate that runs the suite needs `tokio` among its dependencies.
#[macro_export]
macro_rules! conformance_suite {
    ($fresh:expr) => {
        $crate::conformance_suite! {
            @rules $fresh;
            accounts:
                an_account_is_born_with_its_owner
                an_owner_is_no_end_user
                accounts_are_listed_by_name
                an_account_name_is_taken_once
                the_first_account_comes_with_a_token
                the_first_account_is_made_once
                counts_follow_the_users
                an_open_store_counts_its_writes
                a_closed_store_refuses_writes
                a_closed_store_changes_nobody;
            tokens:
                a_token_acts_for_the_owner
                a_token_acts_for_the_user_it_names
                a_token_needs_a_user_of_its_account
                tokens_are_listed_in_the_order_of_making
                a_revoked_token_speaks_for_nobody
                revoking_again_changes_nothing
                a_token_outlives_its_user;
            create:
                a_new_end_user_is_kept_as_given
                a_blank_end_user_stays_blank
                end_users_without_external_id_are_never_the_same
                user_numbers_ascend
                making_one_again_applies_nothing
                every_text_survives
                integers_are_exact
                decimals_stay_decimals
                values_keep_their_kind
                the_largest_metadata_survives;
            read:
                strangers_are_not_found
                whoever_was_missing_is_found_once_made
                a_read_sees_every_write_before_it
                a_former_external_id_finds_nobody;
            list:
                end_users_are_listed_by_identifier
                a_page_says_where_the_next_one_starts
                a_page_has_a_hundred_users_at_most
                a_cursor_of_nobody_starts_at_the_next
                a_walk_neither_repeats_nor_skips
                a_walk_survives_the_removal_of_its_cursor;
            patch:
                a_patch_sets_what_it_names
                a_patch_clears_what_it_nulls
                a_patch_keeps_what_it_does_not_name
                a_patch_without_effect_is_no_event
                a_change_of_kind_is_a_change
                secrets_alone_are_written_unseen
                updated_at_never_goes_back
                a_stranger_cannot_be_patched
                the_limit_is_that_of_the_merged_map
                a_refused_patch_changes_nothing;
            external_ids:
                external_ids_are_compared_folded
                external_ids_are_kept_as_written
                a_user_may_keep_their_own
                an_external_id_has_one_user
                what_is_given_up_is_free_again
                a_patch_takes_what_is_free;
            sensitive:
                secrets_are_bounded
                secrets_are_read_by_name
                each_secret_has_its_own_time
                an_expired_secret_is_not_read
                a_read_of_secrets_is_recorded
                a_stranger_has_no_secrets
                secrets_belong_to_one_user;
            keys:
                the_first_check_of_a_key_stays
                a_key_is_in_use_while_it_has_secrets
                secrets_go_with_their_user;
            conversations:
                channels_are_listed_by_identifier
                channels_are_listed_by_modality
                a_conversation_is_kept_as_given
                a_conversation_keeps_its_end_user
                a_conversation_can_make_its_end_user
                a_conversation_needs_channel_and_end_user
                a_conversation_merges_metadata
                a_conversation_has_a_limit
                a_conversation_ends_once
                an_end_user_has_many_conversations;
            expiry:
                users_go_when_their_time_has_come
                a_sweep_takes_the_longest_due_first
                secrets_are_swept_on_their_own
                the_longest_due_secrets_go_first
                the_limit_holds_for_each_kind
                a_conversation_before_the_sweep_saves;
            isolation:
                reads_stay_in_their_account
                a_known_user_is_unknown_elsewhere
                writes_stay_in_their_account
                each_account_has_its_own_external_ids;
            events:
                the_log_tells_what_happened
                the_log_is_read_on_from_any_event
                a_page_of_the_log_has_a_hundred_events;
            users:
                a_new_user_is_kept_as_given
                every_support_field_survives
                every_ticket_restriction_survives
                a_user_without_a_role_is_an_end_user
                a_custom_role_makes_a_member_of_the_team
                a_new_user_has_their_identities
                every_kind_of_identity_survives
                numbers_are_one_sequence
                users_are_found_by_what_they_have
                a_new_user_keeps_metadata;
            user_checks:
                a_new_user_is_checked
                an_update_is_checked
                the_owner_stays_an_admin
                a_record_of_another_kind_is_none
                a_default_group_is_one_of_the_users_own
                a_stranger_cannot_be_updated;
            user_updates:
                an_update_sets_what_it_names
                an_update_clears_what_it_nulls
                an_update_without_effect_is_no_event
                an_update_adds_identities
                identities_alone_are_a_change
                who_becomes_an_end_user_leaves_the_team
                who_stays_on_the_team_keeps_their_groups;
            create_or_update:
                nobody_known_is_made
                the_external_id_names_the_user
                an_identity_names_the_user
                the_external_id_comes_first
                a_known_user_keeps_their_primary_address
                what_is_so_already_is_no_event
                the_deleted_are_not_known
                the_owner_is_known
                many_identities_come_at_once;
            names:
                users_are_sorted_by_the_name_shown
                names_are_sorted_without_case
                long_names_are_the_same
                the_order_follows_the_names
                names_are_found_by_their_beginning;
            user_lists:
                every_walk_meets_the_whole_list
                equal_names_ascend_by_number
                a_place_need_not_be_anybodys
                an_offset_may_lie_beyond_the_end
                a_change_moves_a_user
                lists_follow_their_users
                a_page_far_down_follows_every_change;
            identities:
                an_identity_is_kept_as_given
                the_first_address_is_the_primary_one
                the_profile_follows_the_primary_address
                both_change_when_another_becomes_primary
                a_verified_primary_identity_verifies_the_user
                an_identity_has_one_user
                a_free_identity_can_be_had
                a_change_without_effect_is_none
                a_stranger_has_no_identities
                identities_of_many_are_read_at_once;
            claims:
                the_owner_has_claimed_their_address
                an_end_users_address_is_claimed
                a_taken_address_stays_in_the_profile
                a_patch_moves_the_claim
                a_patch_can_choose_an_own_address
                a_patch_cannot_take_an_address
                only_a_claim_takes_a_number
                a_claim_is_made_at_the_users_moment;
            deletion:
                a_deleted_user_is_nowhere
                a_deleted_user_leaves_a_trace
                what_the_deleted_had_is_free
                a_deleted_member_leaves_their_groups
                not_everybody_can_be_deleted
                the_deleted_stay_as_they_are
                the_deleted_are_listed_by_number
                the_deleted_are_counted_by_role
                the_erased_are_nobody
                who_expires_is_erased;
            merge:
                a_merge_moves_identities
                who_is_merged_is_deleted
                a_merge_gives_an_address
                a_merge_is_a_change
                a_merge_saves_from_expiry
                only_end_users_are_merged;
            export:
                moments_of_change_strictly_ascend
                who_expires_has_a_moment
                each_account_has_its_own_moments
                what_changes_nobody_takes_no_moment
                the_export_tells_of_everybody
                the_export_begins_at_a_moment
                the_export_misses_nothing;
            records:
                an_organization_is_kept_as_given
                groups_and_roles_are_kept_as_given
                records_are_found_by_what_they_have
                names_are_taken_once
                a_record_is_changed
                a_strange_record_is_not_found
                an_organization_is_checked
                records_are_listed_by_number
                some_records_are_read_at_once;
            team:
                the_first_group_is_the_default_one
                a_membership_is_checked
                a_membership_is_never_changed
                memberships_are_listed_from_both_sides
                the_default_group_has_a_successor
                a_group_takes_its_memberships_along
                an_organization_leaves_its_users
                an_organization_may_have_many_users
                a_custom_role_counts_its_members;
            search:
                words_are_found_by_their_beginning
                a_search_can_be_narrowed
                a_search_can_name_an_organization
                a_search_follows_every_change
                what_is_found_ascends_by_number
                a_search_finds_what_its_definition_says
                a_search_has_a_limit;
            jobs:
                a_job_is_kept_as_given
                a_job_goes_after_a_day;
            team_isolation:
                reads_of_users_stay_in_their_account
                reads_of_records_stay_in_their_account
                writes_of_users_stay_in_their_account
                writes_of_records_stay_in_their_account
                each_account_has_its_own_names;
            one_directory:
                an_end_user_of_ada_is_a_user
                an_end_user_of_zendesk_is_one_of_adas
                ada_does_not_see_the_team
                ada_cannot_take_from_the_team
                a_role_moves_a_user_in_and_out;
            messages:
                a_new_end_user_is_told
                a_change_is_told
                every_change_that_ada_shows_is_told
                what_is_not_seen_is_not_told
                refusals_are_not_told
                who_expires_is_told
                a_conversation_is_told
                the_end_of_a_conversation_is_told;
            desk_messages:
                end_users_of_zendesk_are_told
                create_or_update_tells_what_it_did
                what_only_zendesk_knows_is_not_told
                addresses_are_told
                a_deletion_is_told
                a_merge_is_told
                a_role_is_told_as_coming_and_going
                the_team_is_not_told_of
                refusals_of_zendesk_are_not_told;
            message_numbers:
                nothing_is_told_without_an_endpoint
                what_nobody_asks_for_is_not_told
                each_endpoint_gets_what_it_asks_for
                who_is_not_enabled_is_not_told
                other_types_are_told_from_then_on
                each_account_has_its_own_numbers
                numbers_are_dense_in_a_crowd
                a_new_endpoint_begins_with_what_comes;
            endpoints:
                an_endpoint_is_kept_as_given
                endpoints_are_listed_by_identifier
                an_endpoint_is_changed
                what_failed_is_enabled_anew
                an_account_has_a_hundred_endpoints
                who_is_not_enabled_anew_goes_on
                a_removed_endpoint_takes_its_deliveries_along
                a_closed_store_refuses_deliveries;
            pauses:
                what_was_owed_goes_out_later
                whoever_disables_begins_a_gap
                who_is_made_disabled_begins_later
                a_later_gap_takes_the_place_of_one
                a_gap_is_no_backlog
                a_gap_can_be_replayed
                both_sides_of_the_cursor_are_replayed
                other_types_lose_nothing;
            endpoint_secrets:
                a_new_endpoint_has_one_secret
                a_replaced_secret_signs_for_a_day
                a_lease_has_the_secrets_that_sign
                a_key_of_an_endpoint_is_in_use;
            leases:
                a_lease_tells_what_it_takes
                leases_are_of_all_accounts
                one_holder_at_a_time
                a_holder_stays_by_asking_again
                what_is_free_is_taken_too
                what_is_given_back_is_free
                what_is_not_enabled_is_not_leased
                what_is_disabled_stays_held
                one_of_many_gets_the_lease
                only_the_holder_reports;
            fresh_messages:
                messages_are_read_on_from_anywhere
                what_is_not_for_an_endpoint_is_passed_over
                what_was_tried_is_not_fresh
                a_thousand_messages_are_looked_at
                a_strange_endpoint_is_told_nothing;
            attempts:
                a_success_is_kept
                every_outcome_survives
                attempts_follow_each_other
                endpoints_have_their_own_deliveries
                a_failure_is_remembered
                five_days_of_failures_disable
                failures_far_apart_disable_nobody
                who_is_gone_is_disabled
                the_cursor_never_goes_back
                a_lost_lease_keeps_nothing
                what_has_gone_is_passed_over
                nothing_has_no_attempts;
            deliveries:
                the_longest_due_messages_come_first
                a_due_message_is_whole
                deliveries_are_listed_newest_first
                deliveries_can_be_filtered
                a_filter_does_not_shorten_a_page;
            replays:
                a_replay_begins_anew
                what_was_never_sent_can_be_replayed
                nothing_cannot_be_replayed
                what_was_passed_over_is_replayed
                all_that_failed_is_replayed;
            backlog:
                the_backlog_is_what_waits
                the_backlog_goes_by_the_cursor
                the_backlog_is_of_all_who_are_enabled
                old_messages_go
                pruning_has_a_limit
                what_was_pruned_is_read_over;
            news:
                there_is_news_of_whatever_can_be_delivered
                who_waits_for_news_is_woken;
            webhook_isolation:
                reads_of_endpoints_stay_in_their_account
                writes_of_endpoints_stay_in_their_account;
            concurrency:
                one_of_many_makes_the_user
                nobody_is_lost_in_a_crowd
                no_patch_is_lost
                one_of_many_gets_the_external_id
                one_of_many_gets_the_address
                moments_are_distinct_in_a_crowd
                one_of_many_makes_the_account
                readers_never_see_the_past
                closing_answers_everybody;
        }
    };
    (@rules $fresh:expr; $($topic:ident: $($rule:ident)*;)*) => {
        $($(
            #[::tokio::test(flavor = "multi_thread")]
            async fn $rule() {
                let (store, _guard): (::std::sync::Arc<dyn $crate::Store>, _) = $fresh;
                $crate::conformance::$topic::$rule(store).await;
            }
        )*)*
    };
}
