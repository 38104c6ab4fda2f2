//! Statements that nobody waits for.

use std::rc::Rc;

use futures_util::TryStreamExt;
use roster_directory::StoreError;
use roster_relational::sql::ToValue;
use tokio_postgres::types::{ToSql, Type};

use super::{Gathered, Session};
use crate::fault::Fault;
use crate::gather::{Rows, for_many};

impl Session {
    /// Sends a statement of this crate's own, whose parameters may be lists, and does not wait.
    pub(crate) fn send_rows(
        &self,
        sql: &str,
        params: Vec<(Box<dyn ToSql + Sync>, Type)>,
    ) -> Result<(), StoreError> {
        self.insert_gathered();
        let types = || params.iter().map(|(_, ty)| ty.clone()).collect();
        let text = self.text(sql, types, str::to_owned)?;
        let client = Rc::clone(&self.client);
        self.send(async move {
            if let Some(statement) = &text.prepared {
                let params = params.iter().map(|(param, _)| &**param);
                client.execute_raw(statement, params).await.map(|_| ())
            } else {
                let params = params.iter().map(|(param, ty)| (&**param, ty.clone()));
                let rows = client.query_typed_raw(&text.sql, params).await?;
                rows.try_collect::<Vec<_>>().await.map(|_| ())
            }
        });
        Ok(())
    }

    /// Puts a row aside that a statement inserts, if it is one that can be put aside.
    pub(super) fn gather(&self, sql: &str, params: &[&dyn ToValue]) -> Result<bool, StoreError> {
        let waiting = |gathered: &(Box<str>, Gathered)| *gathered.0 == *sql;
        let place = self.gathered.borrow().iter().position(waiting);
        if place.is_none() {
            let text = self.shared_text(sql, params)?;
            let Some(single) = &text.prepared else { return Ok(false) };
            let many = for_many(&text.sql, single.params());
            let Some(((many, types), rows)) = many.zip(Rows::of(single.params())) else {
                return Ok(false);
            };
            let Some(many) = self.text(&many, || types, str::to_owned)?.prepared else {
                return Ok(false);
            };
            self.gathered.borrow_mut().push((sql.into(), Gathered { many, rows }));
        }
        let mut gathered = self.gathered.borrow_mut();
        let place = place.unwrap_or(gathered.len() - 1);
        let added = gathered.get_mut(place).is_some_and(|(_, rows)| rows.rows.add(params));
        if added {
            return Ok(true);
        }
        self.note(Fault::other("a row has a value of another type than those before it"));
        Err(StoreError::Unavailable("a row could not be inserted".to_owned()))
    }

    /// Inserts the rows that were put aside, without waiting.
    pub(super) fn insert_gathered(&self) {
        if self.gathered.borrow().is_empty() {
            return;
        }
        for (_, Gathered { many, rows }) in self.gathered.take() {
            let client = Rc::clone(&self.client);
            self.send(async move { client.execute_raw(&many, rows.lists()).await.map(|_| ()) });
        }
    }
}
