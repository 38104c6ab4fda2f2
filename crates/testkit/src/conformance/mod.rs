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
pub mod concurrency;
pub mod conversations;
pub mod create;
pub mod events;
pub mod expiry;
pub mod external_ids;
pub mod isolation;
pub mod keys;
pub mod list;
pub mod patch;
pub mod read;
pub mod sensitive;
pub mod tokens;

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
                a_closed_store_refuses_writes;
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
            concurrency:
                one_of_many_makes_the_user
                nobody_is_lost_in_a_crowd
                no_patch_is_lost
                one_of_many_gets_the_external_id
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
