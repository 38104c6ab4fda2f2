//! The head of a request, as far as the fast path looks at it.

use httparse::{EMPTY_HEADER, Header, Request, Status};

/// A head with more headers than this is left to hyper.
const HEADERS: usize = 64;

/// The largest head that is looked at, in bytes. Every cap on heads lies above it.
pub(super) const HEAD_LIMIT: usize = 8 * 1024;

/// What the bytes that have come begin with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// A part of a head.
    Incomplete,
    /// A request of so many bytes in all, which is hyper's.
    Other(u64),
    /// A request whose end only hyper can find, or none at all.
    Unknown,
    /// A request that was answered, of so many bytes.
    Answered(usize),
}

/// A request without a body that asks for nothing but its answer.
#[derive(Debug)]
pub(crate) struct Head<'a> {
    /// The path, as it was sent.
    pub(crate) path: &'a str,
    /// The query, as it was sent.
    pub(crate) query: Option<&'a str>,
    /// The only header `Authorization`.
    pub(crate) authorization: &'a str,
    /// The only header `X-Request-Id`, if there is one.
    pub(super) request_id: Option<&'a [u8]>,
    /// Whether a large answer would be compressed.
    pub(super) accepts_encodings: bool,
}

/// Looks at what has come. `answer` is asked about a request that has the form of a [`Head`], and
/// says whether it has answered it.
pub(super) fn look(bytes: &[u8], answer: impl FnOnce(&Head<'_>) -> bool) -> Start {
    let mut headers = [EMPTY_HEADER; HEADERS];
    let mut request = Request::new(&mut headers);
    let length = match request.parse(bytes) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) if bytes.len() < HEAD_LIMIT => return Start::Incomplete,
        Ok(Status::Partial) | Err(_) => return Start::Unknown,
    };
    let Some(body) = body_length(&request) else { return Start::Unknown };
    if body == 0 && length <= HEAD_LIMIT && plain(&request).is_some_and(|head| answer(&head)) {
        return Start::Answered(length);
    }
    u64::try_from(length)
        .ok()
        .and_then(|head| head.checked_add(body))
        .map_or(Start::Unknown, Start::Other)
}

/// How many bytes follow the head; `None` if that is said in a way that leaves room for doubt, or
/// what follows may be no request.
fn body_length(request: &Request<'_, '_>) -> Option<u64> {
    if request.version != Some(1) || request.method == Some("CONNECT") {
        return None;
    }
    let mut length = None;
    for header in request.headers.iter() {
        if is(header, "transfer-encoding") || is(header, "upgrade") {
            return None;
        }
        if is(header, "content-length") {
            // The digits alone: not what else a number may be written like, and not twice.
            let digits = !header.value.is_empty() && header.value.iter().all(u8::is_ascii_digit);
            let number = str::from_utf8(header.value).ok()?.parse().ok().filter(|_| digits)?;
            if length.replace(number).is_some() {
                return None;
            }
        }
    }
    Some(length.unwrap_or(0))
}

/// The head, if nothing in it wants more than an answer.
fn plain<'a>(request: &Request<'_, 'a>) -> Option<Head<'a>> {
    if request.method != Some("GET") {
        return None;
    }
    let target = request.path.filter(|target| target.starts_with('/'))?;
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let (mut authorization, mut request_id, mut accepts_encodings) = (None, None, false);
    for header in request.headers.iter() {
        let value = header.value;
        // The length first, which most of the headers that browsers send do not have.
        let refused = match header.name.len() {
            6 => is(header, "expect"),
            10 => is(header, "connection") && !value.eq_ignore_ascii_case(b"keep-alive"),
            12 => is(header, "x-request-id") && request_id.replace(value).is_some(),
            13 => is(header, "authorization") && authorization.replace(value).is_some(),
            // Even an empty body may be one that a handler refuses.
            14 => is(header, "content-length"),
            15 => {
                accepts_encodings |= is(header, "accept-encoding");
                false
            }
            _ => false,
        };
        if refused {
            return None;
        }
    }
    let authorization = str::from_utf8(authorization?).ok()?;
    Some(Head { path, query, authorization, request_id, accepts_encodings })
}

fn is(header: &Header<'_>, name: &str) -> bool {
    header.name.eq_ignore_ascii_case(name)
}
