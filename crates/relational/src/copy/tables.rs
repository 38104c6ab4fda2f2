//! What a store consists of, table by table.

/// A table that is copied.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// What it is called.
    pub name: &'static str,
    /// What tells its rows apart, in the order in which they are copied. Each store has an index
    /// of just that, which need not be its primary key.
    pub key: &'static [&'static str],
    /// All its columns.
    pub columns: &'static [Column],
    /// Whether every store has its row from the beginning, so that the copy takes its place.
    pub is_replaced: bool,
}

/// A column of a table.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// What it is called.
    pub name: &'static str,
    /// What is in it, unless there is nothing.
    pub kind: Kind,
    /// Whether it is about a process that runs, which a copy has nothing to do with.
    pub is_left_empty: bool,
}

/// What is in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbers.
    Integer,
    /// Texts.
    Text,
    /// Bytes.
    Bytes,
}

const fn integer(name: &'static str) -> Column {
    Column { name, kind: Kind::Integer, is_left_empty: false }
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text, is_left_empty: false }
}

const fn bytes(name: &'static str) -> Column {
    Column { name, kind: Kind::Bytes, is_left_empty: false }
}

/// Of a server that holds something while it runs.
const fn held(name: &'static str) -> Column {
    Column { name, kind: Kind::Integer, is_left_empty: true }
}

const fn table(
    name: &'static str,
    key: &'static [&'static str],
    columns: &'static [Column],
) -> Table {
    Table { name, key, columns, is_replaced: false }
}

/// All tables, but for those that a store makes of the others to search in.
pub const TABLES: &[Table] = &[
    Table {
        name: "allocation",
        key: &["id"],
        columns: &[integer("id"), integer("next_user_id")],
        is_replaced: true,
    },
    table("sealing_key", &["key_id"], &[integer("key_id"), bytes("known_text")]),
    table("account", &["account_id"], ACCOUNT),
    table("token", &["token_id"], TOKEN),
    table("user", &["account_id", "user_id"], USER),
    table("deleted_user", &["account_id", "user_id"], DELETED_USER),
    table("identity", &["account_id", "user_id", "identity_id"], IDENTITY),
    table("record", &["account_id", "kind", "record_id"], RECORD),
    table("job", &["account_id", "job_id"], JOB),
    table("sensitive_value", &["account_id", "end_user_id", "key"], SENSITIVE_VALUE),
    table("channel", &["account_id", "channel_id"], CHANNEL),
    table("conversation", &["account_id", "conversation_id"], CONVERSATION),
    table("event", &["account_id", "sequence"], EVENT),
    table("endpoint", &["account_id", "endpoint_id"], ENDPOINT),
    table("message", &["account_id", "number"], MESSAGE),
    table("delivery", &["account_id", "endpoint_id", "message"], DELIVERY),
    table("attempt", &["account_id", "endpoint_id", "message", "place"], ATTEMPT),
];

const ACCOUNT: &[Column] = &[
    integer("account_id"),
    text("name"),
    integer("owner_user_id"),
    integer("end_users"),
    integer("agents"),
    integer("admins"),
    integer("next_event"),
    integer("created_at"),
    integer("last_change"),
    integer("deleted_end_users"),
    integer("deleted_agents"),
    integer("deleted_admins"),
    integer("organizations"),
    integer("groups"),
    integer("memberships"),
    integer("custom_roles"),
    integer("next_message"),
    integer("message_types"),
];

const TOKEN: &[Column] = &[
    integer("account_id"),
    integer("position"),
    bytes("token_id"),
    bytes("hash"),
    integer("user_id"),
    text("label"),
    integer("scopes"),
    integer("created_at"),
    integer("revoked_at"),
];

const USER: &[Column] = &[
    integer("account_id"),
    integer("user_id"),
    bytes("end_user_id"),
    integer("role"),
    text("external_id"),
    text("external_key"),
    text("first_name"),
    text("last_name"),
    text("display_name"),
    text("avatar"),
    text("email"),
    text("language"),
    text("metadata"),
    integer("created_at"),
    integer("updated_at"),
    integer("expires_at"),
    text("name_key"),
    integer("organization_id"),
    integer("custom_role_id"),
    text("support"),
];

const DELETED_USER: &[Column] = &[
    integer("account_id"),
    integer("user_id"),
    bytes("end_user_id"),
    integer("role"),
    integer("state"),
    text("external_id"),
    text("first_name"),
    text("last_name"),
    text("display_name"),
    text("avatar"),
    text("email"),
    text("language"),
    text("metadata"),
    integer("organization_id"),
    integer("custom_role_id"),
    text("support"),
    integer("created_at"),
    integer("updated_at"),
];

const IDENTITY: &[Column] = &[
    integer("account_id"),
    integer("user_id"),
    integer("identity_id"),
    integer("kind"),
    text("value"),
    text("value_key"),
    integer("verified"),
    integer("is_primary"),
    integer("created_at"),
    integer("updated_at"),
];

const RECORD: &[Column] = &[
    integer("account_id"),
    integer("record_id"),
    integer("kind"),
    text("unique_key"),
    text("external_id"),
    text("external_key"),
    integer("user_id"),
    integer("group_id"),
    text("body"),
    integer("end_users"),
    integer("agents"),
    integer("admins"),
    integer("created_at"),
    integer("updated_at"),
];

const JOB: &[Column] = &[
    integer("account_id"),
    bytes("job_id"),
    integer("kind"),
    text("outcomes"),
    integer("completed_at"),
];

const SENSITIVE_VALUE: &[Column] = &[
    integer("account_id"),
    bytes("end_user_id"),
    text("key"),
    integer("key_id"),
    bytes("sealed"),
    integer("expires_at"),
];

const CHANNEL: &[Column] = &[
    integer("account_id"),
    bytes("channel_id"),
    text("name"),
    text("description"),
    integer("modality"),
    integer("markdown"),
    text("metadata"),
    integer("created_at"),
];

const CONVERSATION: &[Column] = &[
    integer("account_id"),
    bytes("conversation_id"),
    bytes("channel_id"),
    bytes("end_user_id"),
    integer("status"),
    text("metadata"),
    integer("created_at"),
    integer("updated_at"),
];

const EVENT: &[Column] = &[
    integer("account_id"),
    integer("sequence"),
    integer("at"),
    integer("kind"),
    integer("user_id"),
    bytes("end_user_id"),
    bytes("token_id"),
];

const ENDPOINT: &[Column] = &[
    integer("account_id"),
    bytes("endpoint_id"),
    text("url"),
    text("description"),
    text("event_types"),
    integer("status"),
    integer("failing_since"),
    integer("last_failed_at"),
    integer("key_id"),
    bytes("sealed"),
    integer("former_key_id"),
    bytes("former_sealed"),
    integer("former_until"),
    integer("next_message"),
    integer("paused_at"),
    integer("resumed_at"),
    held("lease_holder"),
    held("lease_until"),
    integer("created_at"),
    integer("updated_at"),
];

const MESSAGE: &[Column] = &[
    integer("account_id"),
    integer("number"),
    integer("at"),
    integer("event_type"),
    bytes("end_user_id"),
    text("content"),
];

const DELIVERY: &[Column] = &[
    integer("account_id"),
    bytes("endpoint_id"),
    integer("message"),
    integer("state"),
    integer("next_attempt_at"),
    integer("tries"),
    integer("attempts"),
    integer("last_at"),
    integer("outcome"),
    text("reason"),
    integer("latency_ms"),
    text("answer"),
];

const ATTEMPT: &[Column] = &[
    integer("account_id"),
    bytes("endpoint_id"),
    integer("message"),
    integer("place"),
    integer("at"),
    integer("outcome"),
    text("reason"),
    integer("latency_ms"),
    text("answer"),
];
