//! Reading an index from any place, in either direction.
//!
//! Within an index, users that are the same in what they are sorted by, a *run*, ascend by number,
//! and so they do in a list of either direction (contract Zendesk §1.4). So a list that descends
//! cannot just be read from the end of the index: each run has to be read from its beginning. How
//! that is done without ever reading a whole run, which may be as large as the account, is said at
//! [`Walk::runs_beyond`] and [`Walk::skip_descending`].

use roster_directory::{SortField, StoreError, UserSort};

use super::place::{Edge, Place, Range};
use super::source::Source;
use crate::sql::{Connection, Fields, FromRow, ToValue, query_all, query_one, row_count};

/// Reads a list in its order or against it.
pub(super) struct Walk<'a> {
    pub(super) connection: &'a dyn Connection,
    pub(super) source: &'a Source,
    pub(super) sort: UserSort,
    /// Whether it is read from its beginning to its end.
    pub(super) forward: bool,
}

/// The direction in which an index is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

impl Direction {
    const fn order(self) -> &'static str {
        match self {
            Self::Up => "ASC",
            Self::Down => "DESC",
        }
    }
}

impl Walk<'_> {
    /// The first `limit` places beyond `place`, in the order in which they are read.
    pub(super) fn beyond(&self, place: &Place, limit: usize) -> Result<Vec<Place>, StoreError> {
        if self.sort.field == SortField::Id {
            return self.values_beyond(place, limit);
        }
        let mut read = self.rest_of_run(place, limit)?;
        let left = limit.saturating_sub(read.len());
        read.extend(self.runs_beyond(place, left)?);
        Ok(read)
    }

    /// The first `limit` places after the first `offset`.
    pub(super) fn skip(&self, offset: u64, limit: usize) -> Result<Vec<Place>, StoreError> {
        if self.is_plain() {
            return self.entries(&self.range(), self.direction(), limit, offset);
        }
        self.skip_descending(offset, limit)
    }

    /// How many entries there are, but not more than `most`.
    pub(super) fn count(&self, most: u64) -> Result<u64, StoreError> {
        self.count_in(&self.range(), most)
    }

    /// What may stand in the column that users are sorted by.
    fn range(&self) -> Range {
        self.source.range(self.sort.field)
    }

    /// The direction of the values.
    const fn direction(&self) -> Direction {
        if self.sort.descending == self.forward { Direction::Down } else { Direction::Up }
    }

    /// The direction of the numbers within a run.
    const fn direction_in_run(&self) -> Direction {
        if self.forward { Direction::Up } else { Direction::Down }
    }

    /// Whether the order is that of the index, from one of its ends to the other.
    fn is_plain(&self) -> bool {
        self.sort.field == SortField::Id || self.direction() == self.direction_in_run()
    }

    /// Places beyond the value of `place`, in the order of the index.
    fn values_beyond(&self, place: &Place, limit: usize) -> Result<Vec<Place>, StoreError> {
        let Range { low, high } = self.range();
        let range = match self.direction() {
            Direction::Up => Range { low: low.max(place.value.next()), high },
            Direction::Down => Range { low, high: high.min(place.value.clone()) },
        };
        self.entries(&range, self.direction(), limit, 0)
    }

    /// Places beyond the value of `place`, each run in its own order.
    ///
    /// Where that is against the order of the index, each run that was read whole is turned round.
    /// The last one may be longer than what was read of it, so that its other end is wanted: that
    /// is read anew from there.
    fn runs_beyond(&self, place: &Place, limit: usize) -> Result<Vec<Place>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut read = self.values_beyond(place, limit)?;
        if self.is_plain() {
            return Ok(read);
        }
        let mut rest = Vec::new();
        if let Some(last) = read.last().filter(|_| read.len() == limit).cloned() {
            read.retain(|own| own.value != last.value);
            rest = self.run(&last.value, None, limit.saturating_sub(read.len()), 0)?;
        }
        for run in read.chunk_by_mut(|one, next| one.value == next.value) {
            run.reverse();
        }
        read.extend(rest);
        Ok(read)
    }

    /// The places after the first `offset` of a list that descends.
    ///
    /// Whoever is at a certain place in the list is of the same run as who is at that place seen
    /// from the end of the index, if not the same. So the run is found like that, then how many
    /// come before it, which are not more than `offset`, and then the place within the run.
    fn skip_descending(&self, offset: u64, limit: usize) -> Result<Vec<Place>, StoreError> {
        let range = self.range();
        let found = self.entries(&range, self.direction(), 1, offset)?;
        let Some(found) = found.first() else { return Ok(Vec::new()) };
        let earlier = Range { low: found.value.next(), high: range.high };
        let within = offset.saturating_sub(self.count_in(&earlier, offset)?);
        let mut read = self.run(&found.value, None, limit, within)?;
        let left = limit.saturating_sub(read.len());
        read.extend(self.runs_beyond(found, left)?);
        Ok(read)
    }

    /// What is beyond a place in its own run.
    fn rest_of_run(&self, place: &Place, limit: usize) -> Result<Vec<Place>, StoreError> {
        let Range { low, high } = self.range();
        if place.value < low || place.value >= high {
            return Ok(Vec::new());
        }
        self.run(&place.value, Some(place.id.get()), limit, 0)
    }

    /// A part of a run: what is beyond a number, or all of it.
    fn run(
        &self,
        value: &Edge,
        beyond: Option<i64>,
        limit: usize,
        offset: u64,
    ) -> Result<Vec<Place>, StoreError> {
        let (sql, mut values) = self.run_statement();
        let end = match self.direction_in_run() {
            Direction::Up => i64::MIN,
            Direction::Down => i64::MAX,
        };
        values.extend([value.clone(), Edge::Number(beyond.unwrap_or(end))]);
        self.query(&sql, values, limit, offset)
    }

    fn run_statement(&self) -> (String, Vec<Edge>) {
        let field = self.sort.field;
        let column = Source::column(field);
        let direction = self.direction_in_run();
        let comparison = match direction {
            Direction::Up => '>',
            Direction::Down => '<',
        };
        let (sql, values) = self.source.statement(field, &format!("{column}, user_id"));
        let order = direction.order();
        let sql = format!(
            "{sql} AND {column} = ? AND user_id {comparison} ? ORDER BY user_id {order} \
             LIMIT ? OFFSET ?"
        );
        (sql, values)
    }

    /// Entries within a range, in the order of the index or against it.
    fn entries(
        &self,
        range: &Range,
        direction: Direction,
        limit: usize,
        offset: u64,
    ) -> Result<Vec<Place>, StoreError> {
        let (sql, mut values) = self.entries_statement(direction);
        values.extend([range.low.clone(), range.high.clone()]);
        self.query(&sql, values, limit, offset)
    }

    fn entries_statement(&self, direction: Direction) -> (String, Vec<Edge>) {
        let field = self.sort.field;
        let column = Source::column(field);
        let order = direction.order();
        let (sql, values) = self.source.statement(field, &format!("{column}, user_id"));
        // Numbers of users are all different.
        let in_run =
            if field == SortField::Id { String::new() } else { format!(", user_id {order}") };
        let sql = format!(
            "{sql} AND {column} >= ? AND {column} < ? ORDER BY {column} {order}{in_run} \
             LIMIT ? OFFSET ?"
        );
        (sql, values)
    }

    fn query(
        &self,
        sql: &str,
        mut values: Vec<Edge>,
        limit: usize,
        offset: u64,
    ) -> Result<Vec<Place>, StoreError> {
        values.extend([row_count(limit), row_number(offset)].map(Edge::Number));
        query_all(self.connection, sql, &params(&values))
    }

    fn count_in(&self, range: &Range, most: u64) -> Result<u64, StoreError> {
        let (sql, mut values) = self.count_statement();
        values.extend([range.low.clone(), range.high.clone(), Edge::Number(row_number(most))]);
        let found = query_one(self.connection, &sql, &params(&values))?;
        Ok(found.map_or(0, |Count(count)| count))
    }

    fn count_statement(&self) -> (String, Vec<Edge>) {
        let field = self.sort.field;
        let column = Source::column(field);
        let (sql, values) = self.source.statement(field, "1");
        let sql = format!(
            "SELECT count(*) FROM ({sql} AND {column} >= ? AND {column} < ? LIMIT ?) AS part"
        );
        (sql, values)
    }

    /// Every statement that this walk may read with.
    pub(super) fn statements(&self) -> Vec<String> {
        let ranges = [Direction::Up, Direction::Down].map(|order| self.entries_statement(order).0);
        let mut all = Vec::from(ranges);
        all.push(self.count_statement().0);
        // Nobody shares a number with anybody.
        if self.sort.field != SortField::Id {
            all.push(self.run_statement().0);
        }
        all
    }
}

fn params(values: &[Edge]) -> Vec<&dyn ToValue> {
    values.iter().map(|value| value as &dyn ToValue).collect()
}

/// A place in a list, as a database counts them.
fn row_number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

struct Count(u64);

impl FromRow for Count {
    const TABLE: &'static str = "user";

    fn from_row(fields: &mut Fields<'_>) -> Result<Self, StoreError> {
        fields.count().map(Self)
    }
}
