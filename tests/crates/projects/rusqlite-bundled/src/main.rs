//! The bundled SQLite: a file, a transaction, a query with aggregate functions.
use rusqlite::{Connection, Result};

fn main() -> Result<()> {
    let path = std::env::temp_dir().join(format!("rusqlite-{}.db", std::process::id()));
    let mut connection = Connection::open(&path)?;
    connection.execute_batch("CREATE TABLE numbers (n INTEGER PRIMARY KEY, square INTEGER)")?;
    let transaction = connection.transaction()?;
    for n in 1..=1000i64 {
        transaction.execute("INSERT INTO numbers VALUES (?1, ?2)", (n, n * n))?;
    }
    transaction.commit()?;
    let (count, sum, mean): (i64, i64, f64) = connection.query_row(
        "SELECT count(*), sum(square), avg(n) FROM numbers", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    drop(connection);
    std::fs::remove_file(path).expect("the database can be removed");
    println!("sqlite {}: {count} rows, sum {sum}, mean {mean}", rusqlite::version());
    Ok(())
}
