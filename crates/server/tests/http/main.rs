//! The service through its public face: real HTTP on a real socket, over each store.
#![expect(clippy::unwrap_used, reason = "a panic is how a test tells that something is wrong")]

mod support;

mod authentication;
mod bodies;
mod channels;
mod compression;
mod concurrency;
mod connections;
mod conversations;
mod create;
mod errors;
mod expiry;
mod external_id;
mod isolation;
mod limits;
mod links;
mod list;
mod metadata;
mod one_directory;
mod openapi;
mod operations;
mod patch;
mod secrecy;
mod sensitive;
mod zendesk_access;
mod zendesk_answers;
mod zendesk_asking;
mod zendesk_bulk;
mod zendesk_custom_roles;
mod zendesk_deleted;
mod zendesk_groups;
mod zendesk_identities;
mod zendesk_incremental;
mod zendesk_incremental_asking;
mod zendesk_jobs;
mod zendesk_list;
mod zendesk_me;
mod zendesk_merge;
mod zendesk_organizations;
mod zendesk_records;
mod zendesk_records_access;
mod zendesk_search;
mod zendesk_users;
