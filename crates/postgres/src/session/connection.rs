//! What the shared statements ask of a session.

use std::rc::Rc;

use futures_util::{FutureExt, TryStreamExt};
use roster_directory::StoreError;
use roster_relational::sql::{Connection, Row, ToValue};
use tokio_postgres::Client;

use super::{Session, Text};
use crate::foresight::Foreseen;
use crate::value::{OwnedParam, Param, PostgresRow, type_of};

impl Connection for Session {
    fn query(
        &self,
        sql: &str,
        params: &[&dyn ToValue],
        visit: &mut dyn FnMut(&dyn Row) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        if let Some(foreseen) = self.foresight.borrow_mut().answer(sql, params) {
            return match foreseen {
                Foreseen::Nothing => Ok(()),
                Foreseen::Row(row) => visit(&PostgresRow(&row)).map(|_| ()),
            };
        }
        self.insert_gathered();
        let text = self.shared_text(sql, params)?;
        let values = params.iter().map(|param| param.to_value());
        let rows: Vec<tokio_postgres::Row> = self.wait(async {
            if let Some(statement) = &text.prepared {
                let stream = self.client.query_raw(statement, values.map(Param)).await?;
                stream.try_collect().await
            } else {
                let params = values.map(|value| (Param(value), type_of(value)));
                self.client.query_typed_raw(&text.sql, params).await?.try_collect().await
            }
        })?;
        for row in &rows {
            if !visit(&PostgresRow(row))? {
                break;
            }
        }
        Ok(())
    }

    fn execute(&self, sql: &str, params: &[&dyn ToValue]) -> Result<usize, StoreError> {
        self.insert_gathered();
        let text = self.shared_text(sql, params)?;
        let params = params.iter().map(|param| OwnedParam::from(param.to_value())).collect();
        let changed = self.wait(execute(Rc::clone(&self.client), text, params))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    fn write(&self, sql: &str, params: &[&dyn ToValue]) -> Result<(), StoreError> {
        if sql.starts_with("INSERT") && self.gather(sql, params)? {
            return Ok(());
        }
        self.insert_gathered();
        let text = self.shared_text(sql, params)?;
        let params = params.iter().map(|param| OwnedParam::from(param.to_value())).collect();
        self.send(
            execute(Rc::clone(&self.client), text, params).map(|changed| changed.map(|_| ())),
        );
        Ok(())
    }

    fn begin_snapshot(&self) -> Result<(), StoreError> {
        self.in_snapshot.set(true);
        self.send_text(self.manner.beginning("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
        Ok(())
    }

    fn end_snapshot(&self) {
        if self.in_snapshot.replace(false) {
            // Nobody waits for the answer: whoever uses the connection next does. But it must be
            // on its way, lest the server hold on to the moment.
            self.send_text("ROLLBACK".to_owned());
            self.runtime.block_on(tokio::task::yield_now());
        }
    }
}

async fn execute(
    client: Rc<Client>,
    text: Text,
    params: Vec<OwnedParam>,
) -> Result<u64, tokio_postgres::Error> {
    if let Some(statement) = &text.prepared {
        client.execute_raw(statement, params.iter().map(OwnedParam::borrow)).await
    } else {
        let params = params.iter().map(OwnedParam::borrow);
        let params = params.map(|param| {
            let ty = type_of(param.0);
            (param, ty)
        });
        let stream = client.query_typed_raw(&text.sql, params).await?;
        let mut stream = Box::pin(stream);
        while stream.try_next().await?.is_some() {}
        Ok(stream.rows_affected().unwrap_or(0))
    }
}
