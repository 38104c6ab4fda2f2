//! What organizations, groups, memberships and custom roles have in common: they are listed, shown
//! and changed in the same way.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use roster_directory::{
    Change, CustomRole, Group, Membership, Organization, PageLimit, Record, RecordError,
    RecordFilter, RecordKey, RecordKind, RecordName, RecordPatch, RecordStart, Text, User,
};

use super::body::{Fields, JsonBody};
use super::cursor;
use super::error::ZendeskError;
use super::paging::{CursorEnvelope, Envelope, From, OffsetEnvelope, Paging};
use super::problems::Problems;
use super::request::Request;
use super::respond::{empty, json_response};
use super::users::count::CountBody;
use super::users::fields::Purpose;
use crate::app::App;

/// The most records that are answered where the vendor knows no pages.
const WHOLE_LIMIT: usize = 5_000;

/// A kind of record, as a type of its own.
pub(super) trait Resource: Sized {
    /// The kind.
    const KIND: RecordKind;

    /// The record, if it is of this kind.
    fn of(record: Record) -> Option<Self>;
}

macro_rules! resource {
    ($($kind:ident),*) => {$(
        impl Resource for $kind {
            const KIND: RecordKind = RecordKind::$kind;

            fn of(record: Record) -> Option<Self> {
                if let Record::$kind(record) = record { Some(record) } else { None }
            }
        }
    )*};
}

resource!(Organization, Group, Membership, CustomRole);

/// The page of a list that the request asks for, and the envelope around it.
pub(super) async fn page<R: Resource>(
    app: &App,
    request: &Request,
    filter: RecordFilter,
) -> Result<(Vec<R>, Envelope), ZendeskError> {
    let paging = Paging::read(&request.query, request.action())?;
    let start = read_start(&paging, request)?;
    let (Paging::Offset { limit, .. } | Paging::Cursor { limit, .. }) = paging;
    let found = app.store.records(request.account, filter, start, limit).await?;
    let envelope = match paging {
        Paging::Offset { page, .. } => {
            Envelope::Offset(OffsetEnvelope::new(request, page, limit, found.count))
        }
        Paging::Cursor { .. } => {
            let cursor = |record: &Record| cursor::encode_id(record.id());
            let ends = found.records.first().map(cursor).zip(found.records.last().map(cursor));
            Envelope::Cursor(CursorEnvelope::new(request, found.more, ends, limit))
        }
    };
    Ok((found.records.into_iter().filter_map(R::of).collect(), envelope))
}

/// Where the page begins. These lists have one order, so by cursor any other is an error, as the
/// vendor has it; by number it says nothing (contract Zendesk §1.8, §10).
fn read_start(paging: &Paging, request: &Request) -> Result<RecordStart, ZendeskError> {
    let place =
        |text: &str, message| cursor::decode_id(text).ok_or(ZendeskError::Pagination(message));
    match paging {
        Paging::Offset { page, limit } => Ok(RecordStart::Offset(Paging::offset(*page, *limit))),
        Paging::Cursor { .. } if request.query.get("sort").is_some_and(|sort| sort != "id") => {
            Err(ZendeskError::Pagination("sort is not valid"))
        }
        Paging::Cursor { from, .. } => match from {
            From::Beginning => Ok(RecordStart::Offset(0)),
            From::After(text) => place(text, "page[after] is not valid").map(RecordStart::After),
            From::Before(text) => place(text, "page[before] is not valid").map(RecordStart::Before),
        },
    }
}

/// A list that the vendor does not part into pages, and the envelope around it.
pub(super) async fn whole<R: Resource>(
    app: &App,
    request: &Request,
    filter: RecordFilter,
) -> Result<(Vec<R>, OffsetEnvelope), ZendeskError> {
    let (mut all, mut start) = (Vec::new(), RecordStart::Offset(0));
    loop {
        let found = app.store.records(request.account, filter, start, PageLimit::MAX).await?;
        let last = found.records.last().map(Record::id);
        all.extend(found.records.into_iter().filter_map(R::of));
        match last {
            Some(id) if found.more && all.len() < WHOLE_LIMIT => start = RecordStart::After(id),
            _ => return Ok((all, OffsetEnvelope::whole(found.count))),
        }
    }
}

/// Answers how many records of a kind there are.
pub(super) async fn answer_count(
    app: &App,
    request: &Request,
    kind: RecordKind,
) -> Result<Response, ZendeskError> {
    let one = PageLimit::new(1).unwrap_or_default();
    let (filter, start) = (RecordFilter::All(kind), RecordStart::Offset(0));
    let found = app.store.records(request.account, filter, start, one).await?;
    Ok(json_response(StatusCode::OK, &CountBody::now(app, found.count)))
}

/// The record that the path names as `id`.
pub(super) async fn find<R: Resource>(app: &App, request: &Request) -> Result<R, ZendeskError> {
    let key = RecordKey::Id(R::KIND, request.id("id")?);
    let record = app.store.record(request.account, key).await?;
    record.and_then(R::of).ok_or(ZendeskError::RecordNotFound)
}

/// The user that the path names as `id`.
pub(super) async fn find_user(app: &App, request: &Request) -> Result<Arc<User>, ZendeskError> {
    let user = app.store.user(request.account, request.user_id()?).await?;
    user.ok_or(ZendeskError::RecordNotFound)
}

/// Makes a record.
pub(super) async fn create<R: Resource>(
    app: &App,
    request: &Request,
    patch: RecordPatch,
) -> Result<R, ZendeskError> {
    let refused = refusal(&patch);
    let made = app.store.create_record(request.account, patch, app.now()).await;
    of_its_kind(made.map_err(refused)?)
}

/// Changes a record.
pub(super) async fn update<R: Resource>(
    app: &App,
    request: &Request,
    id: i64,
    patch: RecordPatch,
) -> Result<R, ZendeskError> {
    let refused = refusal(&patch);
    let changed = app.store.update_record(request.account, id, patch, app.now()).await;
    of_its_kind(changed.map_err(refused)?)
}

/// Removes the record that the path names as `id`.
pub(super) async fn delete<R: Resource>(
    app: &App,
    request: &Request,
) -> Result<Response, ZendeskError> {
    let id = request.id("id")?;
    app.store.delete_record(request.account, R::KIND, id, app.now()).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

fn of_its_kind<R: Resource>(record: Record) -> Result<R, ZendeskError> {
    R::of(record).ok_or_else(|| ZendeskError::internal("the store wrote a record of another kind"))
}

/// What a record that cannot be written is answered with, in the words of its own fields.
fn refusal(patch: &RecordPatch) -> impl FnOnce(RecordError) -> ZendeskError + use<> {
    let (name, own_fields) = match patch {
        RecordPatch::Organization(patch) => (patch.name.clone(), "organization_fields"),
        RecordPatch::Group(patch) => (patch.name.clone(), "base"),
        RecordPatch::Membership { .. } => (None, "base"),
        RecordPatch::CustomRole(patch) => (patch.name.clone(), "configuration"),
    };
    let duplicate = "DuplicateValue";
    move |error| match (error, name) {
        (RecordError::Taken, Some(name)) => {
            Problems::only("name", duplicate, format_args!("{name} has already been taken"))
        }
        // Only a membership has no name: this user belongs to this group already.
        (RecordError::Taken, None) => {
            Problems::only("user_id", duplicate, "has already been taken")
        }
        (RecordError::MetadataTooLarge(error), _) => {
            Problems::only(own_fields, "ValueTooLong", error)
        }
        (error, _) => error.into(),
    }
}

/// Reads the record of a body, with all of its problems at once.
pub(super) fn read_body<T>(
    request: &Request,
    mut body: JsonBody,
    key: &'static str,
    read: impl FnOnce(&mut Fields<'_>) -> T,
) -> Result<T, ZendeskError> {
    let mut record = body.record(key, request.action())?;
    let mut problems = Problems::default();
    let value = read(&mut Fields::new(&mut record, &mut problems));
    problems.finish()?;
    Ok(value)
}

/// Reads a name, which a new record must have, and no record can lose.
pub(super) fn read_name(fields: &mut Fields<'_>, purpose: Purpose) -> Option<RecordName> {
    let was_given = fields.has("name");
    match fields.parsed("name", |text| RecordName::new(text.trim())) {
        Change::Set(name) if !name.is_empty() => Some(name),
        // It is no name at all, which is told already; or it is not to change.
        Change::Keep if was_given || purpose == Purpose::Change => None,
        _ => {
            fields.problems.add("name", "BlankValue", "cannot be blank");
            None
        }
    }
}

/// Reads a description, which may be empty.
pub(super) fn read_description(fields: &mut Fields<'_>) -> Option<Text> {
    match fields.text("description") {
        Change::Keep => None,
        Change::Clear => Some(Text::default()),
        Change::Set(text) => Some(text),
    }
}
